/* grpo.c - the circle: tasks -> prompts -> completions -> verdicts and scores -> rewards -> advantages -> updates ->
 * better completions.
 *
 * A round samples num_generations completions for each of its prompts with the present weights, and makes one or
 * several updates from them. All state that lives on is the weights, the Adam moments and three counters, so a
 * checkpoint between two rounds is complete. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "train/advantage.h"
#include "train/report.h"
#include "train/samples_log.h"
#include "train/trainer.h"

struct round {
    struct pgr_sample *sample; /* [n] */
    size_t n;
    size_t n_tok;              /* unmasked completion tokens */
    enum pgr_group_kind *kind; /* [n / num_generations] */
    double begin_s;
};

static void round_free(struct round *r) {
    pgr_samples_free(r->sample, r->n);
    pgr_free(r->kind);
}

/* Advantages of all samples, which of them the loss leaves out, and the tokens that remain. */
static pgr_err judge(struct pgr_trainer *t, struct round *r) {
    float *reward = pgr_alloc_array(r->n, sizeof *reward), *adv = pgr_alloc_array(r->n, sizeof *adv);
    r->kind = pgr_alloc_array(t->prompts_per_round, sizeof *r->kind);
    pgr_err err = reward && adv && r->kind ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu rewards", r->n);
    if (err == PGR_OK) {
        for (size_t i = 0; i < r->n; i++) reward[i] = r->sample[i].reward.total; /* NAN: left out */
        pgr_advantages((enum pgr_scale_rewards)t->cfg.scale_rewards, t->prompts_per_round, t->cfg.num_generations,
                       reward, adv, r->kind);
        for (size_t i = 0; i < r->n; i++) {
            struct pgr_sample *s = &r->sample[i];
            s->advantage = adv[i];
            s->masked = t->cfg.mask_truncated_completions && s->c.finish == PGR_FINISH_LENGTH;
            if (!s->masked && !s->reward.left_out) r->n_tok += s->c.n_tok;
        }
    }
    pgr_free(reward);
    pgr_free(adv);
    return err;
}

static void explain_flat(struct pgr_trainer *t, const struct round *r) {
    struct pgr_buf why = PGR_BUF_INIT;
    pgr_report_flat(r->sample, r->n, t->cfg.num_generations, r->kind, &why);
    if (why.len > 0) {
        pgr_progress_clear(&t->progress);
        pgr_log(PGR_LOG_WARN, "train", "flat", "step=%zu nothing to learn, %s", t->step + 1, pgr_buf_str(&why));
    }
    pgr_buf_free(&why);
}

/* Tasks to rewarded samples with advantages. */
static pgr_err sample_round(struct pgr_trainer *t, struct round *r) {
    size_t *index = pgr_alloc_array(t->prompts_per_round, sizeof *index);
    if (!index) return pgr_fail(PGR_E_NOMEM, "out of memory");
    char what[64];
    snprintf(what, sizeof what, "step %zu/%zu rollout", t->step + 1, t->total_steps);
    struct pgr_rollout ro = pgr_trainer_rollout(t, &t->train, what);
    ro.sampling.step = (uint32_t)t->round;
    struct pgr_rollout_stats stats;
    r->begin_s = pgr_now_s();
    pgr_err err = pgr_round_prompts(t->cfg.seed, t->train.n, t->round, t->prompts_per_round, index);
    if (err == PGR_OK)
        err = pgr_rollout_run(&ro, t->prompts_per_round, index, t->cfg.num_generations, &r->sample, &stats);
    pgr_free(index);
    if (err != PGR_OK) return err;
    r->n = t->prompts_per_round * t->cfg.num_generations;
    PGR_TRY(judge(t, r));
    t->num_tokens += (double)(stats.n_tok + stats.n_prompt_tok);
    explain_flat(t, r);
    PGR_TRY(pgr_report_round(t, r->sample, r->n, t->cfg.num_generations, r->kind, &stats));
    if (!t->cfg.log_completions) return PGR_OK;
    return pgr_samples_log(t->completions_dir, t->step + 1, &t->train, r->sample, r->n);
}

static bool is_due(size_t step, size_t every) { return every > 0 && step % every == 0; }

/* What follows an update. A checkpoint or an evaluation that falls due within a round waits for its end. */
static pgr_err after_update(struct pgr_trainer *t, const struct pgr_update_result *u, double step_s, bool *save) {
    bool last = t->step == t->total_steps;
    PGR_TRY(pgr_report_update(t, u, step_s));
    if (last || is_due(t->step, t->cfg.logging_steps))
        PGR_TRY(pgr_metrics_flush(&t->metrics, t->step, pgr_trainer_epoch(t)));
    if (is_due(t->step, t->cfg.eval_steps) || (last && t->cfg.eval_steps > 0)) t->eval_due = true;
    if (is_due(t->step, t->cfg.save_steps) || (last && t->cfg.save_steps > 0)) *save = true;
    return PGR_OK;
}

/* num_iterations passes over the round, an update from each slice of whole groups. Once an update is made the round is
 * finished even when asked to stop: a checkpoint lies between rounds. */
static pgr_err learn(struct pgr_trainer *t, struct round *r, bool *save) {
    size_t per_update = pgr_train_update_batch(&t->cfg);
    double begin_s = r->begin_s;
    for (size_t it = 0; it < t->cfg.num_iterations; it++)
        for (size_t u = 0; u < t->updates_per_round && t->step < t->total_steps; u++) {
            bool first = it == 0 && u == 0;
            struct pgr_update_result result;
            PGR_TRY(pgr_trainer_update(t, r->sample + u * per_update, per_update, r->n_tok, first, first, &result));
            double now = pgr_now_s();
            PGR_TRY(after_update(t, &result, now - begin_s, save));
            begin_s = pgr_now_s();
        }
    return PGR_OK;
}

static pgr_err evaluate_if_due(struct pgr_trainer *t) {
    if (!t->eval_due) return PGR_OK;
    PGR_TRY(pgr_trainer_eval(t));
    t->eval_due = false;
    return PGR_OK;
}

static pgr_err run_round(struct pgr_trainer *t) {
    struct round r = {NULL, 0, 0, NULL, 0};
    bool save = false;
    size_t step = t->step;
    double num_tokens = t->num_tokens;
    json_t *window = json_deep_copy(t->metrics.window);
    pgr_err err = window ? sample_round(t, &r) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = learn(t, &r, &save);
    round_free(&r);
    if (err == PGR_E_INTERRUPTED && t->step == step) {
        /* The round did not happen: a resumed run does it again and counts it once. */
        t->num_tokens = num_tokens;
        json_decref(t->metrics.window);
        t->metrics.window = json_incref(window);
    }
    json_decref(window);
    if (err != PGR_OK) return err;
    t->round++;
    PGR_TRY(evaluate_if_due(t));
    return save ? pgr_trainer_save(t) : PGR_OK;
}

pgr_err pgr_trainer_loop(struct pgr_trainer *t) {
    if (t->step == 0 && t->cfg.eval_on_start) t->eval_due = true;
    pgr_err err = evaluate_if_due(t);
    while (err == PGR_OK && t->step < t->total_steps)
        err = pgr_trainer_stop_asked(t) ? pgr_fail(PGR_E_INTERRUPTED, "interrupted") : run_round(t);
    pgr_progress_clear(&t->progress);
    return err;
}
