/* rollout.c - see rollout.h. */
#include "train/rollout.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/size.h"
#include "model/model.h"
#include "task/answer.h"

struct running {
    const struct pgr_rollout *r;
    size_t n_samples, n; /* n: all samples */
    struct pgr_sample *sample;
    struct pgr_rollout_stats *stats;
    size_t n_judged;
    bool stopped;
    pgr_err err; /* of the tick, which cannot return one */
};

void pgr_samples_free(struct pgr_sample *s, size_t n) {
    for (size_t i = 0; s && i < n; i++) {
        pgr_completion_free(&s[i].c);
        pgr_free(s[i].detail);
        pgr_free(s[i].logp_old);
        pgr_free(s[i].logp_ref);
    }
    pgr_free(s);
}

static const struct pgr_task *task_of(const struct pgr_rollout *r, const struct pgr_sample *s) {
    return &r->prompts->tasks.task[r->prompts->prompt[s->prompt].task];
}

/* Sandbox limits: the task's own, else the configuration's. */
static void fill_limits(struct pgr_sbx_limits *l, const struct pgr_sbx_limits *d) {
    if (l->cpu_s == 0) l->cpu_s = d->cpu_s;
    if (l->wall_s == 0) l->wall_s = d->wall_s;
    if (l->memory_bytes == 0) l->memory_bytes = d->memory_bytes;
}

static pgr_err judge(struct running *g, struct pgr_sbx_result *res);

/* A math task needs no sandbox: the answer is compared here. */
static pgr_err judge_answer(struct running *g, struct pgr_sample *s) {
    struct pgr_sbx_result res;
    bool undecided;
    PGR_TRY(pgr_task_judge_answer(task_of(g->r, s), s->c.text, s->c.text_bytes, &res, &undecided));
    res.tag = (uint64_t)(s - g->sample);
    s->reward.ran = true;
    g->stats->n_undecided += undecided;
    pgr_err err = judge(g, &res);
    pgr_sbx_result_free(&res);
    return err;
}

static pgr_err submit(struct running *g, struct pgr_sample *s) {
    struct pgr_span code = pgr_answer_code(s->think.answer);
    if (!s->think.has_answer || code.n == 0) {
        g->stats->n_no_code++;
        return PGR_OK;
    }
    if (task_of(g->r, s)->kind == PGR_TASK_MATH) return judge_answer(g, s);
    struct pgr_sbx_job job;
    pgr_task_job(task_of(g->r, s), code.at, code.n, &job);
    fill_limits(&job.limits, &g->r->limits);
    s->reward.ran = true;
    return pgr_sbx_submit(g->r->sbx, &job, (uint64_t)(s - g->sample));
}

static pgr_err judge(struct running *g, struct pgr_sbx_result *res) {
    if (res->tag >= g->n || !g->sample[res->tag].reward.ran)
        return pgr_fail(PGR_E_INTERNAL, "the sandbox returned a result nobody asked for");
    struct pgr_sample *s = &g->sample[res->tag];
    s->reward.verdict = res->verdict;
    s->reward.left_out = res->verdict == PGR_V_INTERNAL_ERROR;
    s->reward.outcome = res->verdict == PGR_V_ACCEPTED ? 1 : 0;
    s->n_passed = res->n_passed;
    s->n_tests = res->n_tests;
    s->detail = res->detail;
    res->detail = NULL;
    g->stats->verdict[res->verdict]++;
    g->n_judged++;
    return PGR_OK;
}

static pgr_err collect(struct running *g, int timeout_ms) {
    struct pgr_sbx_result res[16];
    size_t n = PGR_COUNT(res);
    while (n == PGR_COUNT(res) && pgr_sbx_pending(g->r->sbx) > 0) {
        PGR_TRY(pgr_sbx_poll(g->r->sbx, res, PGR_COUNT(res), timeout_ms, &n));
        pgr_err err = PGR_OK;
        for (size_t i = 0; i < n; i++) {
            if (err == PGR_OK) err = judge(g, &res[i]);
            pgr_sbx_result_free(&res[i]);
        }
        PGR_TRY(err);
    }
    return PGR_OK;
}

static pgr_err on_completion(void *ctx, struct pgr_completion *c) {
    struct running *g = ctx;
    struct pgr_sample *s = &g->sample[c->prompt * g->n_samples + c->sample];
    s->c = *c;
    if (c->finish == PGR_FINISH_STOPPED_BY_CALLER) return PGR_OK;
    pgr_think_parse(s->c.text, s->c.text_bytes, &s->think);
    s->reward = (struct pgr_reward){.format = s->think.strict ? 1 : 0, .thinking = NAN};
    g->stats->n_tok += c->n_tok;
    g->stats->n_prompt_tok += g->r->prompts->prompt[s->prompt].n_tok;
    return submit(g, s);
}

static bool on_tick(void *ctx, size_t n_active, size_t n_done, size_t n_tokens) {
    struct running *g = ctx;
    if (g->err == PGR_OK) g->err = collect(g, 0);
    if (g->r->stop && g->r->stop()) g->stopped = true;
    if (g->r->progress)
        pgr_progress_show(g->r->progress, (double)n_done, (double)g->n, "%s %zu/%zu done, %zu running, %zu tokens",
                          g->r->what, n_done, g->n, n_active, n_tokens);
    return g->err == PGR_OK && !g->stopped;
}

static pgr_err decode(struct running *g, const struct pgr_prompt *prompt, size_t n) {
    const struct pgr_rollout *r = g->r;
    double t0 = pgr_now_s();
    PGR_TRY(pgr_generate(r->model, r->tok, &r->gen, &r->sampling, prompt, n, on_completion, on_tick, g));
    PGR_TRY(g->err);
    double t1 = pgr_now_s();
    g->stats->rollout_s = t1 - t0;
    while (!g->stopped && pgr_sbx_pending(r->sbx) > 0) {
        PGR_TRY(collect(g, 100));
        if (r->stop && r->stop()) g->stopped = true;
        if (r->progress)
            pgr_progress_show(r->progress, (double)g->n_judged, (double)g->n, "%s: waiting for %zu verdicts", r->what,
                              pgr_sbx_pending(r->sbx));
    }
    g->stats->sandbox_s = pgr_now_s() - t1;
    return g->stopped ? pgr_fail(PGR_E_INTERRUPTED, "interrupted") : PGR_OK;
}

/* Someone wants a score and there is a reasoning to read; without one R_t is 0. */
static bool is_scored(const struct running *g, const struct pgr_sample *s) {
    return (g->r->score_all || pgr_reward_wants_thinking(g->r->mode, &s->reward)) && s->think.has_think &&
           s->think.think.n > 0;
}

/* Thinking scores of those samples that are to be scored, then all totals. */
static pgr_err reward_all(struct running *g) {
    struct pgr_score_item *item = pgr_alloc_array(g->n, sizeof *item);
    float *score = pgr_alloc_array(g->n, sizeof *score);
    size_t n = 0;
    double t0 = pgr_now_s();
    pgr_err err = item && score ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu rewards", g->n);
    for (size_t i = 0; i < g->n && err == PGR_OK; i++) {
        const struct pgr_sample *s = &g->sample[i];
        if (is_scored(g, s))
            item[n++] = (struct pgr_score_item){task_of(g->r, s)->prompt, s->think.think.at, s->think.think.n};
    }
    if (err == PGR_OK && n > 0)
        err = g->r->scorer ? pgr_scorer_score(g->r->scorer, n, item, score)
                           : pgr_fail(PGR_E_INTERNAL, "this reward mode needs a reward model");
    for (size_t i = 0, k = 0; i < g->n && err == PGR_OK; i++) {
        struct pgr_reward *w = &g->sample[i].reward;
        bool wanted = pgr_reward_wants_thinking(g->r->mode, w), read = is_scored(g, &g->sample[i]);
        float r = read ? pgr_scorer_reward(g->r->scorer, score[k++]) : 0;
        g->sample[i].thinking_seen = read || wanted ? r : NAN;
        if (wanted) w->thinking = r;
        pgr_reward_total(g->r->mode, w);
    }
    g->stats->n_scored = n;
    g->stats->score_s = pgr_now_s() - t0;
    pgr_free(item);
    pgr_free(score);
    return err;
}

pgr_err pgr_rollout_run(const struct pgr_rollout *r, size_t n, const size_t *index, size_t n_samples,
                        struct pgr_sample **out, struct pgr_rollout_stats *stats) {
    *stats = (struct pgr_rollout_stats){.n_scored = 0};
    struct running g = {.r = r, .n_samples = n_samples, .n = n * n_samples, .stats = stats};
    struct pgr_prompt *prompt = pgr_alloc_array(n, sizeof *prompt);
    g.sample = pgr_alloc_zero(g.n, sizeof *g.sample);
    pgr_err err = prompt && g.sample ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu samples", g.n);
    for (size_t i = 0; i < n && err == PGR_OK; i++) {
        const struct pgr_task_prompt *p = &r->prompts->prompt[index[i]];
        prompt[i] = (struct pgr_prompt){p->token, p->n_tok, n_samples, (uint32_t)index[i]};
        for (size_t k = 0; k < n_samples; k++) g.sample[i * n_samples + k].prompt = index[i];
    }
    if (err == PGR_OK) err = decode(&g, prompt, n);
    if (err == PGR_OK) err = reward_all(&g);
    pgr_free(prompt);
    if (err != PGR_OK) {
        pgr_samples_free(g.sample, g.n);
        return err;
    }
    *out = g.sample;
    return PGR_OK;
}
