/* lcbrb_build.c - see lcbrb_build.h. */
#include "pref/lcbrb_build.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "pref/lcbrb_state.h"

enum { MAX_RUNNING = 64 };       /* programs in the sandbox before the generator waits for them */
static const double STOP_S = 10; /* how long a run that is stopped waits for programs that run */

const char *pgr_lcbrb_state_name(enum pgr_lcbrb_state s) {
    static const char *const names[PGR_LCBRB_N_STATE] = {
#define X(symbol, name) name,
        PGR_LCBRB_STATE_LIST(X)
#undef X
    };
    return names[s];
}

const char *pgr_lcbrb_end_name(enum pgr_lcbrb_end e) {
    static const char *const names[PGR_LCBRB_N_END] = {
#define X(symbol, name) name,
        PGR_LCBRB_END_LIST(X)
#undef X
    };
    return names[e];
}

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory"); }

/* The first 12 hexadecimal digits of a SHA-256. */
static void digest(const char *text, size_t n, char hex[13]) {
    struct pgr_sha256 sha;
    char all[65];
    pgr_sha256_init(&sha);
    pgr_sha256_add(&sha, text, n);
    pgr_sha256_hex(&sha, all);
    memcpy(hex, all, 12);
    hex[12] = '\0';
}

/* ---- the journal ---- */

static json_t *head_of(const struct pgr_lcbrb_cfg *cfg, const struct pgr_od_generator *g) {
    return json_pack("{s:i, s:s, s:s, s:I, s:I, s:f, s:f, s:I, s:O?}", "lcbrb", 1, "generator", g->name, "prompts",
                     cfg->prompts->version, "seed", (json_int_t)cfg->seed, "min_words", (json_int_t)cfg->min_words,
                     "max_problem", cfg->max_problem, "cpu_s", cfg->cpu_s, "memory_bytes",
                     (json_int_t)cfg->memory_bytes, "settings", cfg->settings);
}

/* Keeps a line until its problem is begun. */
static pgr_err read_line(void *ctx, const char *where, json_t *obj) {
    struct pgr_lcbrb *s = ctx;
    const char *task;
    PGR_TRY(pgr_json_str(obj, where, "task", &task));
    json_t *lines = json_object_get(s->known, task);
    if (!lines) {
        lines = json_array();
        if (json_object_set_new(s->known, task, lines) != 0) return no_memory();
    }
    if (json_object_set_new(obj, "where", json_string(where)) != 0 || json_array_append(lines, obj) != 0)
        return no_memory();
    return PGR_OK;
}

static pgr_err open_journal(struct pgr_lcbrb *s) {
    struct pgr_buf path = PGR_BUF_INIT, judge = PGR_BUF_INIT;
    json_t *head = head_of(s->cfg, s->gen);
    pgr_buf_addf(&path, "%s.samples.jsonl", s->cfg->out_path);
    pgr_buf_adds(&judge, s->cfg->n_votes ? s->judge->name : "");
    pgr_err err = head ? pgr_buf_ok(&path) : no_memory();
    if (err == PGR_OK && s->cfg->judge_settings) err = pgr_json_dump(s->cfg->judge_settings, &judge);
    if (err == PGR_OK) err = pgr_buf_ok(&judge);
    if (err == PGR_OK) {
        digest(judge.data ? judge.data : "", judge.len, s->judge_id);
        err = pgr_od_journal_open(pgr_buf_str(&path), head, read_line, s, &s->journal);
    }
    json_decref(head);
    pgr_buf_free(&path);
    pgr_buf_free(&judge);
    return err;
}

/* ---- at work ---- */

static pgr_err take(void *ctx, const struct pgr_od_answer *a) {
    return a->tag % 2 ? pgr_lcbrb_take_vote(ctx, a) : pgr_lcbrb_take_answer(ctx, a);
}

static pgr_err collect(struct pgr_lcbrb *s, int timeout_ms) {
    struct pgr_sbx_result r[16];
    size_t n = PGR_COUNT(r);
    while (n == PGR_COUNT(r) && s->n_run > 0) {
        PGR_TRY(pgr_sbx_poll(s->sbx, r, PGR_COUNT(r), timeout_ms, &n));
        pgr_err err = PGR_OK;
        for (size_t i = 0; i < n; i++) {
            if (err == PGR_OK) err = pgr_lcbrb_take_verdict(s, &r[i]);
            pgr_sbx_result_free(&r[i]);
        }
        PGR_TRY(err);
    }
    return PGR_OK;
}

/* Models are quick when they write many texts at once, so the judge waits until it has many questions, or nothing else
 * is to be done. */
static pgr_err work(struct pgr_lcbrb *s) {
    bool gen = s->n_gen_open > 0 && s->n_run < MAX_RUNNING && s->n_judge_open < s->cfg->n_open;
    bool judge = !gen && s->n_judge_open > 0 && (s->n_gen_open == 0 || s->n_judge_open >= s->cfg->n_open);
    if (gen)
        PGR_TRY(s->gen->wait(s->gen->ctx, take, s));
    else if (judge)
        PGR_TRY(s->judge->wait(s->judge->ctx, take, s));
    if (s->n_run) PGR_TRY(collect(s, gen || judge ? 0 : 100));
    if (s->cfg->tick && !s->cfg->tick(s->cfg->ctx, s->tally))
        return pgr_fail(PGR_E_INTERRUPTED, "interrupted; %s holds %zu samples, and the same command goes on from there",
                        s->journal.path, s->tally->n_sample);
    return PGR_OK;
}

/* ---- problems ---- */

/* What samples and verdicts of a problem depend on. */
static pgr_err digest_problem(const struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_lcbrb_render_solve(s->cfg->prompts, &p->task, &b);
    if (err == PGR_OK && p->task.kind == PGR_TASK_MATH)
        pgr_buf_addf(&b, "\nanswer %s", p->task.answer);
    else if (err == PGR_OK)
        err = pgr_json_dump(p->task.tests, &b);
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK) digest(b.data, b.len, p->digest);
    pgr_buf_free(&b);
    return err;
}

static uint32_t key_of(const char *id) {
    char hex[13];
    unsigned key = 0;
    digest(id, strlen(id), hex);
    hex[8] = '\0';
    (void)sscanf(hex, "%x", &key);
    return key;
}

static pgr_err begin(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    p->key = key_of(p->task.id);
    p->sample = pgr_alloc_zero(s->cfg->n_samples, sizeof *p->sample);
    if (!p->sample) return no_memory();
    PGR_TRY(digest_problem(s, p));
    const json_t *lines = json_object_get(s->known, p->task.id);
    for (size_t i = 0; i < json_array_size(lines); i++) PGR_TRY(pgr_lcbrb_replay(s, p, json_array_get(lines, i)));
    (void)json_object_del(s->known, p->task.id);
    return pgr_lcbrb_sample_more(s, p);
}

static pgr_err add_problem(struct pgr_lcbrb *s, struct pgr_task *t) {
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 64;
        struct pgr_lcbrb_problem **grown = pgr_realloc(s->problem, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
        s->problem = grown;
        s->cap = cap;
    }
    struct pgr_lcbrb_problem *p = pgr_alloc_zero(1, sizeof *p);
    if (!p) return no_memory();
    p->task = *t;
    *t = (struct pgr_task){.kind = PGR_TASK_CODE};
    p->number = s->n;
    s->problem[s->n++] = p;
    s->tally->n_problem++;
    return begin(s, p);
}

static bool below_limit(void *ctx, const char *id) {
    const struct pgr_lcbrb *s = ctx;
    (void)id;
    return s->cfg->limit == 0 || s->n < s->cfg->limit;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct pgr_lcbrb *s = ctx;
    if (!t) return err;
    (void)where;
    err = add_problem(s, t);
    pgr_task_free(t);
    while (err == PGR_OK && s->n_gen_open >= s->cfg->n_open) err = work(s);
    return err;
}

static pgr_err build(struct pgr_lcbrb *s) {
    struct pgr_task_filter f = s->cfg->filter;
    f.wants = below_limit;
    f.ctx = s;
    PGR_TRY(open_journal(s));
    PGR_TRY(pgr_tasks_each(s->cfg->tasks_path, &f, take_task, s));
    if (s->n == 0) return pgr_fail(PGR_E_FORMAT, "%s: holds no task that the filters let through", s->cfg->tasks_path);
    while (s->n_gen_open || s->n_judge_open || s->n_run) PGR_TRY(work(s));
    return PGR_OK;
}

/* Their answers would be lost else. Leaves the message of the stop. */
static pgr_err wait_for_programs(struct pgr_lcbrb *s) {
    double end_s = pgr_now_s() + STOP_S;
    while (s->n_run > 0 && pgr_now_s() < end_s) PGR_TRY(collect(s, 100));
    return PGR_OK;
}

static void free_problem(const struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    pgr_lcbrb_free_samples(p, s->cfg->n_samples);
    pgr_task_free(&p->task);
    json_decref(p->pair);
    pgr_free(p);
}

pgr_err pgr_lcbrb_build(const struct pgr_lcbrb_cfg *cfg, const struct pgr_od_generator *gen,
                        const struct pgr_od_generator *judge, struct pgr_sbx *sbx, struct pgr_lcbrb_tally *tally) {
    struct pgr_lcbrb s = {.cfg = cfg,
                          .gen = gen,
                          .judge = judge,
                          .sbx = sbx,
                          .tally = tally,
                          .known = json_object(),
                          .journal = {.fd = -1}};
    *tally = (struct pgr_lcbrb_tally){0};
    pgr_err err = s.known ? build(&s) : no_memory();
    if (err == PGR_OK) {
        err = pgr_lcbrb_write(&s);
    } else if (err == PGR_E_INTERRUPTED) {
        pgr_err written = wait_for_programs(&s);
        if (written == PGR_OK) written = pgr_lcbrb_write(&s);
        if (written != PGR_OK) err = written;
    }
    pgr_od_journal_close(&s.journal);
    for (size_t i = 0; i < s.n; i++) free_problem(&s, s.problem[i]);
    pgr_free(s.problem);
    json_decref(s.known);
    return err;
}
