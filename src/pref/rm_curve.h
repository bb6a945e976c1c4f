/* rm_curve.h - the rows of rm_metrics.jsonl, the learning curve of a reward model. */
#ifndef PGR_PREF_RM_CURVE_H
#define PGR_PREF_RM_CURVE_H

#include <jansson.h>

#include "pref/rm_train.h"

/* A row of what was reported (docs/reward_models.md). New reference; NULL when out of memory. */
json_t *pgr_rm_curve_row(const struct pgr_rm_report *r, const struct pgr_pairs *pairs, double seconds);

#endif
