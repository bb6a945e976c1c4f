/* optim.h - AdamW, gradient clipping by global norm, learning-rate schedules.
 *
 *     g  = grad * grad_scale
 *     p -= lr * weight_decay * p                    (matrices only; norms and biases do not decay)
 *     m  = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
 *     p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 *
 * Loshchilov and Hutter, arXiv:1711.05101, in the order of torch.optim.AdamW; the schedules are those of
 * transformers (get_scheduler). All in float32, element by element: the same bits for any number of threads. */
#ifndef PGR_TRAIN_OPTIM_H
#define PGR_TRAIN_OPTIM_H

#include <stddef.h>

#include "model/model.h"
#include "train/config.h"

struct pgr_optim_cfg {
    double beta1, beta2, epsilon, weight_decay;
};

/* One update of param[layout->n_elem] in place; grad is left zeroed. m and v are the moments, zero before the first
 * update. t: number of this update, from 1. grad_scale: from pgr_clip_scale. Runs on the pool. */
void pgr_optim_step(const struct pgr_optim_cfg *cfg, const struct pgr_layout *layout, size_t t, double lr,
                    double grad_scale, float *param, float *grad, float *m, float *v);

/* Factor that brings `norm` down to max_norm: min(1, max_norm / (norm + 1e-6)); 1 if max_norm is 0. */
double pgr_clip_scale(double norm, double max_norm);

/* Learning rate of update number `step` (from 0): base times the schedule's factor, which is step / warmup during
 * warm-up. linear and cosine reach 0 at `total`. */
double pgr_lr_at(enum pgr_lr_schedule kind, double base, size_t warmup, size_t total, size_t step);
/* warmup_steps if set, else ceil(warmup_ratio * total). */
size_t pgr_warmup_steps(const struct pgr_train_config *c, size_t total);

#endif
