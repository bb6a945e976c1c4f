/* records.h - the records of a data file, whatever its layout: JSON lines (plain, .gz, .zst), or one JSON array of
 * objects; or of a folder with several such files. */
#ifndef PGR_TASK_RECORDS_H
#define PGR_TASK_RECORDS_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* Called for each record: `where` is "path:line" or "path[index]", index counts from 0. obj is NULL when the line is
 * not a JSON object; the thread's last error says why. What it returns ends the reading unless PGR_OK. */
typedef pgr_err (*pgr_record_fn)(void *ctx, const char *where, size_t index, const json_t *obj);

/* Of a folder the files *.jsonl, *.jsonl.gz and *.jsonl.zst are read in the order of their names; index goes on from
 * one to the next. Numbers that JSON proper lacks come as in wide.h. Lines of at most 1 GiB, arrays of at most 256 MiB.
 */
PGR_MUST_CHECK pgr_err pgr_records_each(const char *path, pgr_record_fn fn, void *ctx);

#endif
