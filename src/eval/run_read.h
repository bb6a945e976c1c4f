/* run_read.h - what a training run left: the rows of its metrics and some of its completions. */
#ifndef PGR_EVAL_RUN_READ_H
#define PGR_EVAL_RUN_READ_H

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

/* Longest text of a completion that is kept, in bytes; the rest is replaced by a note. */
enum { PGR_RUN_TEXT_BYTES = 32768 };

struct pgr_run {
    const char *dir; /* borrowed */
    json_t *rows;    /* owned: of metrics.jsonl or rm_metrics.jsonl; accuracies of "eval_types" and "eval_dimensions"
                        become members "eval_types/NAME" */
    json_t *completions; /* owned: {id, step, sample, prompt, think, answer, completion (unless think and answer say it
                            all), reward, format, outcome, thinking, thinking_seen, verdict, ...} */
    bool all;            /* every completion there is was kept */
};

/* Reads a folder of `pgrpo train` or `pgrpo rm train`, and at most max_completions completions, spread evenly over the
 * steps and within each. PGR_E_NOTFOUND for a folder without metrics; PGR_E_FORMAT names file and line. On success and
 * on failure *out is to be freed. */
PGR_MUST_CHECK pgr_err pgr_run_read(const char *dir, size_t max_completions, struct pgr_run *out);
void pgr_run_free(struct pgr_run *r); /* takes a zero *r */

#endif
