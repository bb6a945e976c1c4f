/* scorer.h - a reward model that reads reasonings and scores them.
 *
 * The model is a Hugging Face sequence-classification folder with one label (`score.weight`); the text is rm_text.h's.
 * R_t = sigmoid((score - offset) / temperature) with the folder's calibration (calibration.h). A score does not depend
 * on what else is scored beside it (kern/gemm.h). */
#ifndef PGR_REWARD_SCORER_H
#define PGR_REWARD_SCORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "model/config.h"
#include "reward/calibration.h"
#include "text/tok.h"

struct pgr_scorer;

struct pgr_scorer_opts {
    enum pgr_dtype dtype; /* of compute */
    size_t max_len;       /* longest text in tokens; 0 = the model's positions, at most 4096 */
    size_t max_tok;       /* tokens of one pass over the model; 0 = max(4096, max_len) */
    bool add_score;       /* a model without a score head gets a random one: what an untrained model scores */
    uint64_t seed;        /* of that head */
    bool uncalibrated;    /* R_t = sigmoid(score), whatever the folder says */
};

/* One reasoning to score. All borrowed. Items with the same `prompt` pointer that lie together share its computation.
 */
struct pgr_score_item {
    const char *prompt;    /* the task's statement */
    const char *reasoning; /* [n_bytes], any bytes */
    size_t n_bytes;
};

/* PGR_E_UNSUPPORTED if the model has no score head or no known chat template; the loader's errors. */
PGR_MUST_CHECK pgr_err pgr_scorer_open(const char *path, const struct pgr_scorer_opts *opts, struct pgr_scorer **out);
void pgr_scorer_close(struct pgr_scorer *s);
/* score[n]: the raw scores. PGR_E_FINITE if one is not finite. */
PGR_MUST_CHECK pgr_err pgr_scorer_score(struct pgr_scorer *s, size_t n, const struct pgr_score_item *item,
                                        float *score);
/* R_t of a raw score, in [0, 1]. */
float pgr_scorer_reward(const struct pgr_scorer *s, float score);
/* How this scorer makes R_t of scores. */
struct pgr_calibration pgr_scorer_calibration(const struct pgr_scorer *s);
const struct pgr_config *pgr_scorer_config(const struct pgr_scorer *s);

#endif
