/* report.h - what a round and an update look like in numbers and on the console. */
#ifndef PGR_TRAIN_REPORT_H
#define PGR_TRAIN_REPORT_H

#include "base/buf.h"
#include "train/advantage.h"
#include "train/trainer.h"

/* Sampling and reward metrics of a round of n samples in groups of `group`, with their kinds [n / group]. */
PGR_MUST_CHECK pgr_err pgr_report_round(struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t group,
                                        const enum pgr_group_kind *kind, const struct pgr_rollout_stats *stats);
/* The part of it that a scorer needs (report_thinking.c). */
PGR_MUST_CHECK pgr_err pgr_report_thinking(struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t group);
/* Metrics of one update, and its console line. step_s: seconds it took, sampling included for the first of a round. */
PGR_MUST_CHECK pgr_err pgr_report_update(struct pgr_trainer *t, const struct pgr_update_result *u, double step_s);

/* Appends why no group teaches anything; appends nothing if one does. "all 8 groups have equal rewards: 6 fail every
 * time (2 of them never in the format), 2 pass every time". */
void pgr_report_flat(const struct pgr_sample *s, size_t n, size_t group, const enum pgr_group_kind *kind,
                     struct pgr_buf *out);

/* Mean of a metric in the present window; NAN if it has none. */
double pgr_report_peek(const struct pgr_trainer *t, const char *name);

#endif
