/* report.c - see report.h. */
#include "train/report.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define ADD(name, value) PGR_TRY(pgr_metrics_add(&t->metrics, name, value))

double pgr_report_peek(const struct pgr_trainer *t, const char *name) {
    const json_t *pair = json_object_get(t->metrics.window, name);
    double n = json_real_value(json_array_get(pair, 1));
    return n > 0 ? json_real_value(json_array_get(pair, 0)) / n : NAN;
}

enum part { FORMAT, OUTCOME, THINKING, TOTAL, N_PART };

/* NAN where the sample has no such part. */
static float part_of(const struct pgr_sample *s, enum part p) {
    switch (p) {
    case FORMAT: return s->reward.format;
    case OUTCOME: return s->reward.left_out ? NAN : s->reward.outcome;
    case THINKING: return s->reward.thinking;
    default: return s->reward.total;
    }
}

static pgr_err add_rewards(struct pgr_trainer *t, const struct pgr_sample *s, size_t n) {
    static const char *const names[N_PART][2] = {{"rewards/format/mean", "rewards/format/std"},
                                                 {"rewards/outcome/mean", "rewards/outcome/std"},
                                                 {"rewards/thinking/mean", "rewards/thinking/std"},
                                                 {"reward", "reward_std"}};
    float *x = pgr_alloc_array(n, sizeof *x);
    if (!x) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu rewards", n);
    pgr_err err = PGR_OK;
    for (int p = 0; p < N_PART && err == PGR_OK; p++) {
        for (size_t i = 0; i < n; i++) x[i] = part_of(&s[i], (enum part)p);
        struct pgr_moments m = pgr_moments_of(x, n);
        err = pgr_metrics_add(&t->metrics, names[p][0], m.mean);
        if (err == PGR_OK) err = pgr_metrics_add(&t->metrics, names[p][1], m.std);
    }
    pgr_free(x);
    return err;
}

struct span {
    double sum, min, max;
    size_t n;
};

static void span_add(struct span *x, size_t v) {
    double d = (double)v;
    x->min = x->n == 0 || d < x->min ? d : x->min;
    x->max = x->n == 0 || d > x->max ? d : x->max;
    x->sum += d;
    x->n++;
}

static double span_mean(const struct span *x) { return x->n ? x->sum / (double)x->n : 0; }

static pgr_err add_lengths(struct pgr_trainer *t, const struct pgr_sample *s, size_t n) {
    struct span all = {0}, ended = {0};
    for (size_t i = 0; i < n; i++) {
        span_add(&all, s[i].c.n_tok);
        if (s[i].c.finish == PGR_FINISH_STOP) span_add(&ended, s[i].c.n_tok);
    }
    ADD("completions/mean_length", span_mean(&all));
    ADD("completions/min_length", all.min);
    ADD("completions/max_length", all.max);
    ADD("completions/clipped_ratio", (double)(n - ended.n) / (double)n);
    ADD("completions/mean_terminated_length", span_mean(&ended));
    ADD("completions/min_terminated_length", ended.min);
    ADD("completions/max_terminated_length", ended.max);
    return PGR_OK;
}

/* Outcomes of one group: all 0, all 1, or both; samples that were left out do not count. */
struct group_view {
    size_t n_pass, n_fail, n_format, n_cut;
};

static struct group_view view(const struct pgr_sample *s, size_t group) {
    struct group_view v = {0};
    for (size_t i = 0; i < group; i++) {
        v.n_format += s[i].reward.format > 0;
        v.n_cut += s[i].c.finish == PGR_FINISH_LENGTH;
        if (s[i].reward.left_out) continue;
        v.n_pass += s[i].reward.outcome > 0;
        v.n_fail += s[i].reward.outcome <= 0;
    }
    return v;
}

static pgr_err add_groups(struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t group,
                          const enum pgr_group_kind *kind) {
    size_t n_group = n / group, flat = 0, all_fail = 0, all_pass = 0, mixed = 0;
    for (size_t g = 0; g < n_group; g++) {
        struct group_view v = view(s + g * group, group);
        flat += kind[g] == PGR_GROUP_FLAT;
        all_fail += v.n_fail > 0 && v.n_pass == 0;
        all_pass += v.n_pass > 0 && v.n_fail == 0;
        mixed += v.n_pass > 0 && v.n_fail > 0;
    }
    double d = (double)n_group;
    ADD("frac_reward_zero_std", (double)flat / d);
    ADD("frac_groups_all_fail", (double)all_fail / d);
    ADD("frac_groups_mixed", (double)mixed / d);
    ADD("frac_groups_all_pass", (double)all_pass / d);
    return PGR_OK;
}

pgr_err pgr_report_round(struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t group,
                         const enum pgr_group_kind *kind, const struct pgr_rollout_stats *stats) {
    ADD("num_tokens", t->num_tokens);
    PGR_TRY(add_rewards(t, s, n));
    PGR_TRY(add_groups(t, s, n, group, kind));
    if (t->scorer) PGR_TRY(pgr_report_thinking(t, s, n, group));
    PGR_TRY(add_lengths(t, s, n));
    for (size_t v = 0; v < PGR_N_VERDICT; v++) {
        char name[64];
        snprintf(name, sizeof name, "sandbox/%s", pgr_verdict_name((pgr_verdict)v));
        ADD(name, (double)stats->verdict[v]);
    }
    ADD("sandbox/no_code", (double)stats->n_no_code);
    ADD("math/undecided", (double)stats->n_undecided);
    ADD("scored", (double)stats->n_scored);
    ADD("time/rollout", stats->rollout_s);
    ADD("time/sandbox", stats->sandbox_s);
    ADD("time/score", stats->score_s);
    ADD("rollout_tokens_per_second", stats->rollout_s > 0 ? (double)stats->n_tok / stats->rollout_s : NAN);
    return PGR_OK;
}

/* "none" for what there was nothing to average of (no sample passed, say). */
static const char *mean_text(double v, int digits, char text[24]) {
    if (isnan(v))
        snprintf(text, 24, "none");
    else
        snprintf(text, 24, "%.*f", digits, v);
    return text;
}

static const char *peek_text(const struct pgr_trainer *t, const char *name, int digits, char text[24]) {
    return mean_text(pgr_report_peek(t, name), digits, text);
}

static void console_line(struct pgr_trainer *t, const struct pgr_update_result *u, double step_s) {
    char text[7][24], diff[24];
    if (isnan(u->logp_diff_max))
        snprintf(diff, sizeof diff, "none");
    else
        snprintf(diff, sizeof diff, "%.2g", u->logp_diff_max);
    pgr_progress_clear(&t->progress);
    pgr_log(
        PGR_LOG_INFO, "train", "step",
        "step=%zu/%zu loss=%.4g reward=%s format=%s outcome=%s thinking=%s length=%s cut=%s flat=%.2f grad_norm=%.3g "
        "lr=%.3g entropy=%s logp_diff_max=%s seconds=%.1f rollout=%.1f train=%.1f",
        t->step, t->total_steps, u->loss.loss, peek_text(t, "reward", 3, text[0]),
        peek_text(t, "rewards/format/mean", 2, text[1]), peek_text(t, "rewards/outcome/mean", 2, text[2]),
        peek_text(t, "rewards/thinking/mean", 2, text[3]), peek_text(t, "completions/mean_length", 0, text[4]),
        peek_text(t, "completions/clipped_ratio", 2, text[5]), pgr_report_peek(t, "frac_reward_zero_std"), u->grad_norm,
        u->learning_rate, mean_text(u->entropy, 3, text[6]), diff, step_s, pgr_report_peek(t, "time/rollout"),
        u->train_s);
}

pgr_err pgr_report_update(struct pgr_trainer *t, const struct pgr_update_result *u, double step_s) {
    ADD("loss", u->loss.loss);
    ADD("grad_norm", u->grad_norm);
    ADD("learning_rate", u->learning_rate);
    ADD("entropy", u->entropy);
    if (t->cfg.beta != 0) ADD("kl", u->loss.kl);
    ADD("clip_ratio/low_mean", u->loss.clip_low);
    ADD("clip_ratio/low_min", u->loss.clip_low_min);
    ADD("clip_ratio/high_mean", u->loss.clip_high);
    ADD("clip_ratio/high_max", u->loss.clip_high_max);
    ADD("clip_ratio/region_mean", u->loss.clip_region);
    ADD("sampling/sampling_logp_difference/mean", u->logp_diff_mean);
    ADD("sampling/sampling_logp_difference/max", u->logp_diff_max);
    ADD("sampling/importance_sampling_ratio/min", u->is_ratio_min);
    ADD("sampling/importance_sampling_ratio/mean", u->is_ratio_mean);
    ADD("sampling/importance_sampling_ratio/max", u->is_ratio_max);
    ADD("trained_sequences", (double)u->n_seq);
    ADD("trained_tokens", (double)u->n_tok);
    if (t->ref) ADD("time/reference", u->ref_s);
    ADD("time/train", u->train_s);
    ADD("time/optimizer", u->optim_s);
    ADD("step_time", step_s);
    ADD("memory/peak_gb", pgr_peak_rss_bytes() / 1e9);
    console_line(t, u, step_s);
    return PGR_OK;
}

void pgr_report_flat(const struct pgr_sample *s, size_t n, size_t group, const enum pgr_group_kind *kind,
                     struct pgr_buf *out) {
    size_t n_group = n / group, fail = 0, no_format = 0, cut = 0, pass = 0, other = 0, small = 0;
    for (size_t g = 0; g < n_group; g++) {
        if (kind[g] == PGR_GROUP_MIXED) return;
        struct group_view v = view(s + g * group, group);
        if (kind[g] == PGR_GROUP_TOO_SMALL) {
            small++;
        } else if (v.n_pass == 0) {
            fail++;
            no_format += v.n_format == 0;
            cut += v.n_cut == group;
        } else if (v.n_fail == 0) {
            pass++;
        } else {
            other++;
        }
    }
    pgr_buf_addf(out, "all %zu groups have equal rewards:", n_group);
    const char *sep = " ";
    if (fail) {
        pgr_buf_addf(
            out, "%s%zu fail every time (%zu of them never in the asked format, %zu always cut at the length limit)",
            sep, fail, no_format, cut);
        sep = ", ";
    }
    if (pass) pgr_buf_addf(out, "%s%zu pass every time", sep, pass), sep = ", ";
    if (other) pgr_buf_addf(out, "%s%zu pass and fail with the same sum", sep, other), sep = ", ";
    if (small) pgr_buf_addf(out, "%s%zu lost their verdicts to sandbox failures", sep, small);
}
