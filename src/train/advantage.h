/* advantage.h - group-relative advantages (Shao et al., DeepSeekMath, arXiv:2402.03300, sec. 4.1), as TRL computes
 * them.
 *
 * A group is the G completions of one prompt; groups lie one after another. A reward that is NAN (no verdict: the
 * sample is left out) enters no mean and no deviation, and its advantage is 0.
 *
 *     A_i = (R_i - mean of its group) / (std + 1e-4),   std = of its group | of all rewards | not divided
 *
 * std is the unbiased one (n - 1). A group (a batch) with fewer than two rewards has none: its advantages are 0. */
#ifndef PGR_TRAIN_ADVANTAGE_H
#define PGR_TRAIN_ADVANTAGE_H

#include <stddef.h>

#include "train/config.h"

/* Why a group teaches nothing, or that it does. */
enum pgr_group_kind {
    PGR_GROUP_MIXED,    /* rewards differ */
    PGR_GROUP_FLAT,     /* all rewards equal */
    PGR_GROUP_TOO_SMALL /* fewer than two rewards */
};

/* Arithmetic mean and unbiased deviation of the rewards that are not NAN; n of them. std is NAN for n < 2, both are for
 * n == 0. */
struct pgr_moments {
    double mean, std;
    size_t n;
};
struct pgr_moments pgr_moments_of(const float *x, size_t n);

/* reward [n_group * group], out adv [n_group * group], kind [n_group] or NULL. A deviation below 1e-8 counts as none
 * (TRL's isclose). Never fails; group >= 1. */
void pgr_advantages(enum pgr_scale_rewards scale, size_t n_group, size_t group, const float *reward, float *adv,
                    enum pgr_group_kind *kind);

#endif
