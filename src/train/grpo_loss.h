/* grpo_loss.h - the clipped policy loss, its KL term, and how token losses are averaged.
 *
 * Pure arithmetic on flat arrays: no model, no allocation. Tokens of all sequences lie one after another, sequence s
 * owning tokens [start[s], start[s+1]); a sequence is one completion.
 *
 *     loss    = sum over s of weight[s] * sum over t of (l_t + beta * kl_t)
 *     l_t     = -min(min(r_t, delta) A, clip(r_t, 1 - clip_low, 1 + clip_high) A),   r_t = exp(logp_t - logp_old_t)
 *     kl_t    = k(x) (* r_t),  x = logp_t - logp_ref_t,  k1 = x, k2 = x^2 / 2, k3 = exp(-x) + x - 1
 *
 * Every way of averaging ("loss type") is a choice of weight[s] (pgr_grpo_weights), so how sequences are packed into
 * passes over the model does not change the loss.
 *
 * Sources: Shao et al., arXiv:2402.03300; Yu et al., DAPO, arXiv:2503.14476 (two clip bounds, mean over tokens); Liu
 * et al., arXiv:2503.20783 (dr_grpo); Schulman, "Approximating KL divergence" (k1, k2, k3). Agrees with TRL 1.16. */
#ifndef PGR_TRAIN_GRPO_LOSS_H
#define PGR_TRAIN_GRPO_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "train/config.h"

struct pgr_grpo_cfg {
    double clip_low;  /* ratio floor is 1 - clip_low;    0 <= clip_low < 1 */
    double clip_high; /* ratio ceiling is 1 + clip_high; 0 <= clip_high */
    double delta;     /* cap on the ratio of the unclipped term; NAN = none */
    double beta;      /* weight of the KL term; 0 = none */
    enum pgr_kl_estimator kl;
    bool kl_bias_correction; /* multiply the KL term by the ratio */
};

/* One optimiser update's share of a round of samples. */
struct pgr_grpo_batch {
    enum pgr_loss_type type;
    size_t n_seq;          /* sequences of this update, masked ones included; >= 1 */
    size_t micro_batch;    /* sequences whose tokens bnpo averages over; divides n_seq */
    size_t max_completion; /* dr_grpo: the fixed length */
    size_t round_seq;      /* dapo: sequences of the whole round (a multiple of n_seq) */
    size_t round_tok;      /* dapo: unmasked tokens of the whole round */
};

/* weight[n_seq] of each sequence's tokens, from n_tok[n_seq] = its unmasked tokens (0 = masked):
 *     grpo     1 / (n_seq * max(1, n_tok[s]))
 *     bnpo     1 / (micro-batches * max(1, tokens of s's micro-batch)), micro-batch = the next `micro_batch` sequences
 *     dr_grpo  1 / (n_seq * max_completion)
 *     dapo     1 / (max(1, round_tok) * n_seq / round_seq) */
void pgr_grpo_weights(const struct pgr_grpo_batch *b, const size_t *n_tok, float *weight);

/* d loss / d logp of n tokens, any range of them. logp_old NULL: the ratio is 1 (on-policy, gradient included);
 * logp_ref may be NULL when beta is 0. adv, weight [n]: those of each token's sequence. dlogp [n] out. */
void pgr_grpo_grad(const struct pgr_grpo_cfg *cfg, size_t n, const float *logp, const float *logp_old,
                   const float *logp_ref, const float *adv, const float *weight, float *dlogp);

struct pgr_grpo_stats {
    double loss;
    double kl;                               /* mean over tokens (times the ratio if corrected); 0 if beta is 0 */
    double clip_low, clip_high, clip_region; /* share of tokens below (A < 0), above (A > 0), either */
    double clip_low_min, clip_high_max;      /* least and greatest share within one sequence */
    double ratio_min, ratio_mean, ratio_max; /* of r_t; 1 when on-policy */
    size_t n_tok;
};

/* The loss and its statistics over whole sequences, in token order. Sequences without tokens count nowhere; all shares
 * are 0 when there is no token. adv, weight [n_seq].
 * PGR_E_FINITE  the loss is inf or NaN. */
PGR_MUST_CHECK pgr_err pgr_grpo_measure(const struct pgr_grpo_cfg *cfg, size_t n_seq, const size_t *start,
                                        const float *logp, const float *logp_old, const float *logp_ref,
                                        const float *adv, const float *weight, struct pgr_grpo_stats *out);

#endif
