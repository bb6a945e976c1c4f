/* rm_train.h - training a reward model on preference pairs (Bradley-Terry).
 *
 *     loss = mean over pairs of  -log sigmoid(s_c - s_r - margin) + center (s_c + s_r)^2
 *
 * s_c, s_r: scores of the chosen and the rejected reasoning (reward/rm_text.h). What the two texts have in common at
 * their beginning, the problem, is one parent segment and computed once. Source: TRL's RewardTrainer (names, defaults);
 * Bradley and Terry 1952. */
#ifndef PGR_PREF_RM_TRAIN_H
#define PGR_PREF_RM_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"
#include "pref/pairs.h"
#include "text/tok.h"
#include "train/lora.h"

/* Loss of n pairs and its gradient: dchosen[i] = d loss / d chosen[i], likewise drejected. total: the pairs the mean is
 * taken over (n, or more when these are one micro-batch of a larger batch). Returns the sum of losses / total. */
double pgr_bt_loss(size_t n, size_t total, const float *chosen, const float *rejected, const double *margin,
                   double center, float *dchosen, float *drejected);

/* Regression on grades: the sum over n pairs of half the squared distances of both scores, less level, from their
 * targets, / total, and its gradient. With the level at which the distances of a whole batch sum to 0, this is the loss
 * and the gradient of a regression with a free constant, which does not see by how much all scores are too high. */
double pgr_grade_loss(size_t n, size_t total, double level, const float *chosen, const float *rejected,
                      const double *chosen_target, const double *rejected_target, float *dchosen, float *drejected);

struct pgr_rm_cfg {
    bool grades; /* learns the pairs' grades (pgr_pairs_grade) instead of their order: targets are the grades less
                    their mean over their deviation in the training part. The level of all scores is free, in each
                    batch and in the held-out loss: that is 1 when all scores are equal and the grades spread alike */

    double learning_rate;              /* 5e-6 */
    size_t num_train_epochs;           /* 2 */
    size_t batch_size;                 /* pairs per update, 16 */
    size_t max_length;                 /* tokens of prompt and one side; longer pairs are dropped and counted, 1024 */
    size_t max_batch_tokens;           /* tokens per forward pass, 4096 */
    double center_rewards_coefficient; /* 0.01 */
    double warmup_ratio, weight_decay, max_grad_norm; /* 0.1, 0, 1; the rate decays linearly to 0 */
    bool gradient_checkpointing;
    size_t eval_steps;              /* updates between evaluations on the held-out pairs; 0 = after each epoch */
    size_t early_stopping_patience; /* stop after so many evaluations without a lower held-out loss; 0 = never */
    struct pgr_lora_cfg lora;       /* rank 0: all weights are trained; its seed is set from `seed` */
    uint64_t seed;
};
extern const struct pgr_rm_cfg pgr_rm_defaults;

struct pgr_rm_eval {
    size_t n;                      /* pairs; 0 when none were held out, then the rest is 0 */
    double accuracy, loss, margin; /* share with s_c > s_r; mean s_c - s_r */
    double mean_score, std_score;  /* over all scores of both sides */
};

/* Raw scores of the held-out pairs: pair[i] is an index into the pairs given. Valid during the call. */
struct pgr_rm_held {
    size_t n;
    const uint32_t *pair;
    const float *chosen, *rejected;
};

/* What the caller hears: after each update (eval == NULL), at each evaluation, and once before the first update as
 * step 0 (eval and held set). */
struct pgr_rm_report {
    size_t epoch, step, n_steps, n_dropped;
    double loss, accuracy, grad_norm, learning_rate, tokens_per_s;
    const struct pgr_rm_eval *eval;
    const struct pgr_rm_held *held;
    const struct pgr_lora *lora; /* NULL unless adapters are trained; the model holds them merged */
    bool improved; /* of an evaluation after step 0: the held-out loss is the lowest so far; a caller that keeps the
                      best model saves it now. With nothing held out: true at the last evaluation */
};
/* Returning false stops the training: PGR_E_INTERRUPTED. */
typedef bool (*pgr_rm_report_fn)(void *ctx, const struct pgr_rm_report *r);

/* Trains m (loaded with train and a score head) in place. PGR_E_RANGE if no pair fits max_length; PGR_E_FINITE if the
 * loss is not finite. Same seed, same machine: same bits. */
PGR_MUST_CHECK pgr_err pgr_rm_train(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_pairs *pairs,
                                    const struct pgr_rm_cfg *cfg, pgr_rm_report_fn report, void *ctx);

/* Accuracy on pairs (all of them, whatever their split). */
PGR_MUST_CHECK pgr_err pgr_rm_evaluate(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_pairs *pairs,
                                       bool validation_only, size_t max_length, struct pgr_rm_eval *out);

#endif
