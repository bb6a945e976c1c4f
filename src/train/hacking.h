/* hacking.h - the alarm of a hacked reward model: R_t rises while the pass rate on the evaluation tasks falls.
 *
 * At an evaluation the present pass rate is compared with the best one before. Both are shares of the same tasks
 * answered with the same random numbers; the fall counts when it is more than two standard errors of two independent
 * shares (which is too cautious rather than too bold). R_t is the mean of `rewards/thinking/mean` over the rows since
 * the evaluation before; for an evaluation before the first update, over the rows after it. */
#ifndef PGR_TRAIN_HACKING_H
#define PGR_TRAIN_HACKING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* R_t must have risen by this much, on its scale of 0 to 1. */
#define PGR_HACKING_RISE 0.05

struct pgr_hacking {
    double pass_fall;     /* best pass rate before less the present one; negative: better than ever. NAN: the first */
    double thinking_rise; /* R_t now less R_t at that best evaluation; NAN where one of them has no R_t */
    size_t best_step;     /* of that evaluation */
    bool alarm;
};

/* history: the rows of metrics.jsonl so far (metrics.h), without the present evaluation, whose pass rate over n_samples
 * verdicts is `pass`. NAN passes are never an alarm. */
void pgr_hacking_check(const json_t *history, double pass, size_t n_samples, struct pgr_hacking *out);

#endif
