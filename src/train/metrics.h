/* metrics.h - numbers of a run: means over a logging window, rows of metrics.jsonl, the log history.
 *
 * Names are TRL's where TRL has them. A value that is NAN is not counted; a name whose values were all NAN becomes
 * null. Rows keep the order in which names were first added. Everything that a resumed run needs to write the rows of
 * the unbroken one is in the state. */
#ifndef PGR_TRAIN_METRICS_H
#define PGR_TRAIN_METRICS_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct pgr_metrics {
    json_t *window;  /* name -> [sum, count] since the last row */
    json_t *history; /* rows written */
    char *path;      /* of metrics.jsonl; owned */
};

/* Starts a new history, or goes on with `state` (from pgr_metrics_state; borrowed; NULL = new): the file is rewritten
 * to hold exactly the history. */
PGR_MUST_CHECK pgr_err pgr_metrics_init(struct pgr_metrics *m, const char *path, const json_t *state);
void pgr_metrics_free(struct pgr_metrics *m);

PGR_MUST_CHECK pgr_err pgr_metrics_add(struct pgr_metrics *m, const char *name, double value);
/* Turns the window into a row {"step", "epoch", name: mean, ...}, appends it to file and history, empties the window. A
 * full disk is PGR_E_IO. */
PGR_MUST_CHECK pgr_err pgr_metrics_flush(struct pgr_metrics *m, size_t step, double epoch);
/* Appends a row of its own (evaluation): {"step", "epoch"} and the members of `row`, which it takes over. */
PGR_MUST_CHECK pgr_err pgr_metrics_row(struct pgr_metrics *m, size_t step, double epoch, json_t *row);
/* {"log_history": [...], "window": {...}}; new reference, NULL when out of memory. */
json_t *pgr_metrics_state(const struct pgr_metrics *m);

#endif
