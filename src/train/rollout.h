/* rollout.h - from prompts to rewarded samples: sample, run the code, score the reasoning.
 *
 * Code goes to the sandbox as soon as its completion ends, while the others are still being decoded. The reward model
 * reads afterwards, and only what the reward mode wants read. A sample whose verdict is the sandbox's own failure is
 * left out (reward NAN): it is never a zero. */
#ifndef PGR_TRAIN_ROLLOUT_H
#define PGR_TRAIN_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "gen/gen.h"
#include "reward/reward.h"
#include "reward/scorer.h"
#include "sbx/sbx.h"
#include "train/progress.h"
#include "train/prompts.h"

enum { PGR_N_VERDICT = PGR_V_INTERNAL_ERROR + 1 };

struct pgr_sample {
    size_t prompt;           /* index into the prompts */
    struct pgr_completion c; /* owned */
    struct pgr_think think;  /* spans in c.text */
    struct pgr_reward reward;
    float thinking_seen; /* R_t as read, also where the reward does not use it; NAN: not read */
    size_t n_passed, n_tests;
    char *detail; /* the sandbox's one line about a failure; owned, NULL if none */
    /* of the updates, filled by grpo.c and update.c */
    float advantage;
    bool masked;     /* does not enter the loss */
    float *logp_old; /* [c.n_tok] of the first pass, owned; NULL: c.logp */
    float *logp_ref; /* [c.n_tok] of the reference model, owned; NULL: not computed */
};
void pgr_samples_free(struct pgr_sample *s, size_t n); /* contents and the array */

struct pgr_rollout {
    struct pgr_model *model;
    const struct pgr_tok *tok;
    struct pgr_sbx *sbx;
    struct pgr_scorer *scorer; /* NULL: nothing is scored; the mode must not want it */
    const struct pgr_prompts *prompts;
    pgr_reward_mode mode;
    bool score_all; /* read also what the mode does not want, for thinking_seen */
    struct pgr_sampling sampling;
    struct pgr_gen_opts gen;
    struct pgr_sbx_limits limits;  /* where the task sets none; zero fields: the sandbox's */
    bool (*stop)(void);            /* asked between steps; NULL: never */
    struct pgr_progress *progress; /* NULL: none */
    const char *what;              /* for the progress line: "step 3/30 rollout" */
};

struct pgr_rollout_stats {
    double rollout_s; /* decoding, with the sandbox at work beside it */
    double sandbox_s; /* waiting for verdicts after the last completion */
    double score_s;   /* reward model */
    size_t n_scored;
    size_t verdict[PGR_N_VERDICT];
    size_t n_no_code;           /* samples without an answer to run */
    size_t n_undecided;         /* math: answers that could be neither proved nor refuted; counted as wrong */
    size_t n_tok, n_prompt_tok; /* completion tokens; prompt tokens counted once per completion */
};

/* n_samples completions for each of prompts->prompt[index[0..n)]; *out is an array of n * n_samples in the order of
 * index and sample, owned by the caller (pgr_samples_free). PGR_E_INTERRUPTED when `stop` said so. */
PGR_MUST_CHECK pgr_err pgr_rollout_run(const struct pgr_rollout *r, size_t n, const size_t *index, size_t n_samples,
                                       struct pgr_sample **out, struct pgr_rollout_stats *stats);

#endif
