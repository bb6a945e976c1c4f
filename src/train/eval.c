/* eval.c - pass@1 and format rate on the evaluation tasks: one greedy completion each, and the mean over samples. */
#include <math.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "train/hacking.h"
#include "train/trainer.h"

/* Evaluations draw from a stream of their own, the same at every step, so that what changes between two of them is the
 * model and not the luck. */
#define EVAL_ROUND 0x80000000u

struct score {
    double pass, format, length, cut; /* means over the samples that have a verdict (pass) or all */
    size_t n_left_out, n_judged;
};

static struct score summarise(const struct pgr_sample *s, size_t n) {
    struct score r = {0};
    size_t judged = 0;
    for (size_t i = 0; i < n; i++) {
        r.format += (double)s[i].reward.format;
        r.length += (double)s[i].c.n_tok;
        r.cut += s[i].c.finish == PGR_FINISH_LENGTH;
        if (s[i].reward.left_out) {
            r.n_left_out++;
            continue;
        }
        judged++;
        r.pass += (double)s[i].reward.outcome;
    }
    r.n_judged = judged;
    r.pass = judged ? r.pass / (double)judged : NAN;
    r.format /= (double)n;
    r.length /= (double)n;
    r.cut /= (double)n;
    return r;
}

static pgr_err run(struct pgr_trainer *t, double temperature, size_t n_samples, struct score *out) {
    size_t *index = pgr_alloc_array(t->eval.n, sizeof *index);
    if (!index) return pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < t->eval.n; i++) index[i] = i;
    struct pgr_rollout ro = pgr_trainer_rollout(t, &t->eval, temperature > 0 ? "evaluation" : "evaluation (greedy)");
    ro.mode = PGR_REWARD_GRPO; /* verdicts only: the reward model is not asked */
    ro.score_all = false;
    ro.sampling.temperature = (float)temperature;
    ro.sampling.top_k = 0;
    ro.sampling.top_p = 1;
    ro.sampling.min_p = 0;
    ro.sampling.repetition_penalty = 1;
    ro.sampling.step = EVAL_ROUND;
    struct pgr_sample *s = NULL;
    struct pgr_rollout_stats stats;
    pgr_err err = pgr_rollout_run(&ro, t->eval.n, index, n_samples, &s, &stats);
    pgr_free(index);
    if (err != PGR_OK) return err;
    *out = summarise(s, t->eval.n * n_samples);
    pgr_samples_free(s, t->eval.n * n_samples);
    return PGR_OK;
}

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* Adds the comparison with the best evaluation before, and warns. */
static int add_hacking(struct pgr_trainer *t, double pass, size_t n, json_t *row) {
    struct pgr_hacking h;
    if (!t->scorer) return 0;
    pgr_hacking_check(t->metrics.history, pass, n, &h);
    if (h.alarm) {
        pgr_progress_clear(&t->progress);
        pgr_log(PGR_LOG_WARN, "train", "hacking",
                "step=%zu the reward model may be hacked: since step %zu R_t rose by %.3f and the pass rate fell by "
                "%.3f",
                t->step, h.best_step, h.thinking_rise, h.pass_fall);
    }
    return json_object_set_new(row, "hacking/thinking_rise", number(h.thinking_rise)) |
           json_object_set_new(row, "hacking/pass_fall", number(h.pass_fall)) |
           json_object_set_new(row, "hacking/alarm", json_integer(h.alarm));
}

pgr_err pgr_trainer_eval(struct pgr_trainer *t) {
    const struct pgr_train_config *c = &t->cfg;
    double t0 = pgr_now_s();
    struct score greedy = {.pass = NAN, .format = NAN}, sampled = {.pass = NAN, .format = NAN};
    json_t *row = json_object();
    int bad = row == NULL;
    pgr_err err = PGR_OK;
    if (c->eval_greedy) {
        PGR_TRY_GOTO(run(t, 0, 1, &greedy));
        bad |= json_object_set_new(row, "eval_pass@1_greedy", number(greedy.pass));
        bad |= json_object_set_new(row, "eval_format_greedy", number(greedy.format));
    }
    if (c->num_eval_samples > 0) {
        PGR_TRY_GOTO(run(t, c->eval_temperature, c->num_eval_samples, &sampled));
        bad |= json_object_set_new(row, "eval_pass@1", number(sampled.pass));
        bad |= json_object_set_new(row, "eval_rewards/format/mean", number(sampled.format));
        bad |= json_object_set_new(row, "eval_completions/mean_length", number(sampled.length));
        bad |= json_object_set_new(row, "eval_completions/clipped_ratio", number(sampled.cut));
    }
    size_t lost = greedy.n_left_out + sampled.n_left_out;
    bad |= json_object_set_new(row, "eval_left_out", json_integer((json_int_t)lost));
    const struct score *of = c->num_eval_samples > 0 ? &sampled : &greedy;
    bad |= json_object_set_new(row, "eval_samples", json_integer((json_int_t)of->n_judged));
    bad |= add_hacking(t, of->pass, of->n_judged, row);
    bad |= json_object_set_new(row, "eval_runtime", number(pgr_now_s() - t0));
    if (bad) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    pgr_progress_clear(&t->progress);
    pgr_log(PGR_LOG_INFO, "train", "eval",
            "step=%zu tasks=%zu greedy_pass=%.3f greedy_format=%.3f pass=%.3f format=%.3f samples=%zu left_out=%zu "
            "seconds=%.1f",
            t->step, t->eval.n, greedy.pass, greedy.format, sampled.pass, sampled.format, c->num_eval_samples, lost,
            pgr_now_s() - t0);
    err = pgr_metrics_row(&t->metrics, t->step, pgr_trainer_epoch(t), row);
    row = NULL;
out:
    json_decref(row);
    return err;
}
