/* plan.h - what a run will take: memory before it starts, time after a trial. */
#ifndef PGR_TRAIN_PLAN_H
#define PGR_TRAIN_PLAN_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"
#include "train/trainer.h"

/* Parameters of such a model; 0 if they cannot be counted. */
size_t pgr_param_count(const struct pgr_config *cfg);

enum { PGR_TRAIN_PLAN_ITEMS = 12 };
struct pgr_train_plan {
    struct pgr_train_plan_item {
        const char *name; /* static */
        double bytes;
    } item[PGR_TRAIN_PLAN_ITEMS];
    size_t n;
    double total_bytes, available_bytes; /* available: memory free now, cgroup limits included; 0 unknown */
};

/* From configuration and sizes alone; reward: the reward model's configuration or NULL. */
void pgr_train_plan_make(const struct pgr_trainer *t, const struct pgr_config *model, const struct pgr_config *reward,
                         struct pgr_train_plan *out);
/* PGR_E_RANGE with the sizes unless the plan fits. */
PGR_MUST_CHECK pgr_err pgr_train_plan_check(const struct pgr_train_plan *p);
void pgr_train_plan_print(const struct pgr_train_plan *p, struct pgr_buf *out);

/* The fullest pass and a short decode with the loaded model, then tokens, FLOPs and expected seconds a round, appended
 * to `out`, and the same as an object (new reference). Weights are not changed. */
PGR_MUST_CHECK pgr_err pgr_train_trial(struct pgr_trainer *t, struct pgr_buf *out, json_t **result);

#endif
