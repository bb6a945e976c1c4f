/* trainer.h - the parts of a training run, shared by grpo.c (the circle), update.c, eval.c, plan.c and run.c. */
#ifndef PGR_TRAIN_TRAINER_H
#define PGR_TRAIN_TRAINER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/model.h"
#include "reward/scorer.h"
#include "sbx/sbx.h"
#include "train/config.h"
#include "train/grpo_loss.h"
#include "train/metrics.h"
#include "train/progress.h"
#include "train/prompts.h"
#include "train/rollout.h"

struct pgr_trainer {
    struct pgr_train_config cfg;
    bool (*stop)(void); /* has someone asked to end? NULL: never */
    int lock_fd;        /* of the output folder, -1 */

    struct pgr_tok *tok;
    struct pgr_sbx *sbx;
    struct pgr_model *model, *ref;  /* ref: NULL with beta 0 */
    struct pgr_scorer *scorer;      /* NULL if the reward mode needs none */
    struct pgr_prompts train, eval; /* eval.n == 0: no evaluation */

    float *grad, *exp_avg, *exp_avg_sq; /* blocks of layout.n_elem; grad is zero between updates */
    struct pgr_work *work;
    size_t max_tok, max_seg; /* of one pass */
    bool checkpoint;         /* gradient checkpointing, as configured or as memory allows */

    struct pgr_metrics metrics;
    struct pgr_progress progress;
    char *config_text, *completions_dir; /* owned */
    char *model_path, *reward_path;      /* of the configuration's names, owned; reward_path NULL: none needed */

    /* what the configuration and the data amount to */
    size_t prompts_per_round, updates_per_round, steps_per_round, rounds_per_epoch, total_steps, warmup;

    /* where the run is */
    size_t step, round; /* updates and rounds done */
    double num_tokens;  /* prompt and completion tokens seen */
    bool eval_due;      /* an evaluation of the present state is still to be done */
    size_t saved_step;  /* step of the last checkpoint, SIZE_MAX: none */
};

/* ---- run.c: opening and closing ---- */

/* Sizes that follow from configuration and data; sets the fields of the block "what the configuration ... amount to"
 * and max_tok, max_seg. PGR_E_RANGE: fewer tasks than a round needs, prompt and completion longer than the model's
 * context. */
PGR_MUST_CHECK pgr_err pgr_trainer_sizes(struct pgr_trainer *t, const struct pgr_config *model);
/* Writes a checkpoint of the present state and removes old ones. */
PGR_MUST_CHECK pgr_err pgr_trainer_save(struct pgr_trainer *t);
bool pgr_trainer_stop_asked(const struct pgr_trainer *t);
/* Epochs done: step / (steps of an epoch). */
double pgr_trainer_epoch(const struct pgr_trainer *t);
/* A rollout with the run's model, sandbox and settings, of the training or the evaluation tasks. */
struct pgr_rollout pgr_trainer_rollout(struct pgr_trainer *t, const struct pgr_prompts *prompts, const char *what);

/* ---- update.c ---- */

struct pgr_update_result {
    struct pgr_grpo_stats loss;
    double entropy; /* mean over the tokens computed, nats; NAN if none was */
    double grad_norm, learning_rate;
    double logp_diff_mean, logp_diff_max;             /* |trainer - rollout| log-probability; NAN off-policy */
    double is_ratio_min, is_ratio_mean, is_ratio_max; /* exp of the signed difference; NAN off-policy */
    size_t n_seq, n_tok, n_pass;                      /* computed: sequences, tokens of the packed passes, passes */
    double ref_s, train_s, optim_s;
};

/* One optimiser update from samples[n] (whole groups) of a round with round_tok unmasked tokens. on_policy: these
 * samples come from the present parameters, so the ratio is 1. t->step counts up. PGR_E_INTERRUPTED (only if
 * may_stop), PGR_E_FINITE: nothing was changed then. */
PGR_MUST_CHECK pgr_err pgr_trainer_update(struct pgr_trainer *t, struct pgr_sample *samples, size_t n, size_t round_tok,
                                          bool on_policy, bool may_stop, struct pgr_update_result *out);

/* ---- eval.c ---- */

/* Evaluates on t->eval and adds a row of eval_* metrics. */
PGR_MUST_CHECK pgr_err pgr_trainer_eval(struct pgr_trainer *t);

/* ---- grpo.c ---- */

/* Rounds until total_steps, with evaluations and checkpoints. PGR_E_INTERRUPTED: stopped as asked, state saved. */
PGR_MUST_CHECK pgr_err pgr_trainer_loop(struct pgr_trainer *t);

#endif
