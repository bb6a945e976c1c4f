/* judge.c - see judge.h. */
#include "eval/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "eval/sanitize.h"
#include "math/math.h"
#include "task/program.h"

enum { WINDOW = 64 };                               /* jobs in the sandbox at a time */
static const uint64_t CLEANING = (uint64_t)1 << 63; /* in tags, beside the sample's number */

struct judge {
    const struct pgr_judge_opts *o;
    struct pgr_eval_samples *s;
    struct pgr_judged *out;
    json_t *known; /* ids of the file, a set */
    json_t *first; /* id -> index of its first sample */
    size_t *next;  /* [n] the next sample of the same task; SIZE_MAX at the end */
    char *prefix;  /* of the file's ids: "HumanEval/" */
    size_t n_done, n_passed, n_running, n_cleaning;
    size_t n_seen; /* problems within the filter */
};

void pgr_judged_free(struct pgr_judged *j) {
    for (size_t i = 0; i < j->n; i++) {
        pgr_free(j->problem[i].id);
        pgr_free(j->problem[i].difficulty);
        pgr_free(j->problem[i].platform);
        pgr_free(j->problem[i].month);
        json_decref(j->problem[i].base_input);
        json_decref(j->problem[i].plus_input);
    }
    pgr_free(j->problem);
    *j = (struct pgr_judged){.problem = NULL};
}

/* ---- which samples belong to which task ---- */

static bool note_id(void *ctx, const char *id) {
    struct judge *j = ctx;
    json_object_set_new(j->known, id, json_true());
    const char *slash = strrchr(id, '/');
    if (!j->prefix && slash) j->prefix = pgr_strndup(id, (size_t)(slash - id) + 1);
    return false;
}

static pgr_err no_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    (void)ctx, (void)where;
    if (t) pgr_task_free(t);
    return err;
}

static bool is_number(const char *s) { return *s && strspn(s, "0123456789") == strlen(s); }

static pgr_err link_samples(struct judge *j) {
    struct pgr_task_filter ids = {.wants = note_id, .ctx = j};
    PGR_TRY(pgr_tasks_each(j->o->path, &ids, no_task, NULL));
    if (json_object_size(j->known) == 0) return pgr_fail(PGR_E_FORMAT, "%s: no task", j->o->path);
    for (size_t i = j->s->n; i-- > 0;) {
        struct pgr_eval_sample *x = &j->s->sample[i];
        if (!json_object_get(j->known, x->id) && j->prefix && is_number(x->id)) {
            char full[300];
            snprintf(full, sizeof full, "%s%.100s", j->prefix, x->id);
            char *copy = pgr_strdup(full);
            if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
            pgr_free(x->id);
            x->id = copy;
        }
        json_t *later = json_object_get(j->first, x->id);
        j->next[i] = later ? (size_t)json_integer_value(later) : SIZE_MAX;
        if (json_object_set_new(j->first, x->id, json_integer((json_int_t)i)) != 0)
            return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < j->s->n; i++) {
        const struct pgr_eval_sample *x = &j->s->sample[i];
        if (!json_object_get(j->known, x->id))
            return pgr_fail(PGR_E_FORMAT, "%s: record %zu: no task has the id \"%s\" in %s", j->o->samples_path,
                            x->line, x->id, j->o->path);
    }
    return PGR_OK;
}

/* ---- results ---- */

static pgr_err tick(struct judge *j) {
    if (j->o->tick && !j->o->tick(j->o->ctx, j->n_done, j->s->n, j->n_passed))
        return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    return PGR_OK;
}

static void finish(struct judge *j, struct pgr_eval_sample *x) {
    struct pgr_problem *p = &j->out->problem[x->task];
    x->judged = true;
    j->n_done++;
    p->n++;
    p->n_passed += x->passed;
    p->n_base_passed += x->base_passed;
    j->n_passed += x->passed;
    j->out->n_undecided += x->undecided;
    if (x->base.verdict == PGR_V_INTERNAL_ERROR || (x->plus.have && x->plus.verdict == PGR_V_INTERNAL_ERROR))
        j->out->n_internal++;
}

static pgr_err take_clean(struct judge *j, const struct pgr_sbx_result *r) {
    j->n_running--;
    j->n_cleaning--;
    if (r->verdict != PGR_V_ACCEPTED) return PGR_OK;
    struct pgr_eval_sample *x = &j->s->sample[r->tag & ~CLEANING];
    x->clean = pgr_strndup(r->out, r->out_bytes);
    x->n_clean = r->out_bytes;
    return x->clean ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static void take_result(struct judge *j, struct pgr_sbx_result *r) {
    struct pgr_eval_sample *x = &j->s->sample[r->tag / 2];
    struct pgr_suite *suite = r->tag % 2 ? &x->plus : &x->base;
    suite->verdict = r->verdict;
    suite->detail = r->detail;
    r->detail = NULL;
    suite->n_passed = r->n_passed;
    suite->n_tests = r->n_tests;
    suite->cpu_s = r->cpu_s;
    suite->have = true;
    j->n_running--;
    /* `plus.n_tests` is set before when a second suite is to come. */
    if (!x->base.have || (!x->plus.have && x->plus.n_tests)) return;
    x->base_passed = x->base.verdict == PGR_V_ACCEPTED;
    x->passed = x->base_passed && (!x->plus.have || x->plus.verdict == PGR_V_ACCEPTED);
    finish(j, x);
}

/* Until at most max jobs run. */
static pgr_err collect(struct judge *j, size_t max) {
    while (j->n_running > max) {
        struct pgr_sbx_result r[16];
        size_t n;
        PGR_TRY(pgr_sbx_poll(j->o->sbx, r, PGR_COUNT(r), 500, &n));
        pgr_err err = PGR_OK;
        for (size_t i = 0; i < n; i++) {
            if (!(r[i].tag & CLEANING))
                take_result(j, &r[i]);
            else if (err == PGR_OK)
                err = take_clean(j, &r[i]);
            pgr_sbx_result_free(&r[i]);
        }
        PGR_TRY(err);
        PGR_TRY(tick(j));
    }
    return PGR_OK;
}

/* ---- one sample ---- */

static pgr_err submit(struct judge *j, const struct pgr_task *t, const json_t *tests, const struct pgr_buf *program,
                      const char *setup, uint64_t tag) {
    struct pgr_sbx_job job;
    PGR_TRY(collect(j, WINDOW - 1));
    pgr_task_job(t, pgr_buf_str(program), program->len, &job);
    job.tests = tests;
    job.setup = setup;
    static const struct pgr_sbx_limits none = {.cpu_s = 0};
    if (memcmp(&t->limits, &none, sizeof none) == 0) job.limits = j->o->bench->limits;
    if (strcmp(j->o->bench->name, "bigcodebench") == 0) job.same_process = true;
    if (j->o->cpu_s > 0) {
        job.limits.cpu_s = j->o->cpu_s;
        job.limits.wall_s = 0;
    }
    if (j->o->memory_bytes) job.limits.memory_bytes = j->o->memory_bytes;
    PGR_TRY(pgr_sbx_submit(j->o->sbx, &job, tag));
    j->n_running++;
    return PGR_OK;
}

/* Whether a program has a line that begins with these n_head bytes, the name of a function or class with what is before
 * it, and goes on behind the name. */
static bool has_definition(const char *text, size_t n, const char *head, size_t n_head) {
    for (const char *line = text, *end = text + n; line && line < end;) {
        size_t left = (size_t)(end - line);
        if (left > n_head && memcmp(line, head, n_head) == 0 && strchr("( :\t", line[n_head])) return true;
        line = memchr(line, '\n', left);
        if (line) line++;
    }
    return false;
}

/* Whether a program defines every function and class of a prompt's helpers, at the left margin. */
static bool defines_all(const char *text, size_t n, const char *setup) {
    for (const char *line = setup; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t word = strncmp(line, "def ", 4) == 0 ? 4 : strncmp(line, "class ", 6) == 0 ? 6 : 0;
        size_t n_head = word + strcspn(line + word, "(: \t\n");
        if (word && !has_definition(text, n, line, n_head)) return false;
    }
    return true;
}

/* The program of a sample, cleaned if it has been, and what runs before it. */
static pgr_err make_program(struct judge *j, const struct pgr_task *t, const struct pgr_eval_sample *x,
                            struct pgr_buf *program, const char **setup) {
    struct pgr_buf code = PGR_BUF_INIT;
    const char *text = x->text;
    size_t n = x->n_bytes;
    pgr_err err = PGR_OK;
    if (x->kind == PGR_SAMPLE_RESPONSE) {
        err = pgr_bench_take(j->o->bench, text, n, &code);
        text = pgr_buf_str(&code);
        n = code.len;
    }
    if (err == PGR_OK) err = pgr_task_program(t, text, n, x->kind == PGR_SAMPLE_COMPLETION, program, setup);
    if (err == PGR_OK && x->clean) {
        pgr_buf_clear(program);
        pgr_buf_add(program, x->clean, x->n_clean);
        err = pgr_buf_ok(program);
        text = x->clean;
        n = x->n_clean;
    }
    /* HumanEval's harness runs tests in the module of prompt and completion: a helper of the prompt that the solution
     * defines itself counts, so the tests get it from there. */
    if (err == PGR_OK && strcmp(j->o->bench->name, "humaneval") == 0 && *setup &&
        (x->kind == PGR_SAMPLE_COMPLETION || defines_all(text, n, *setup)))
        *setup = NULL;
    pgr_buf_free(&code);
    return err;
}

static pgr_err judge_program(struct judge *j, const struct pgr_task *t, json_t *const suite[2], size_t i) {
    struct pgr_eval_sample *x = &j->s->sample[i];
    struct pgr_buf program = PGR_BUF_INIT;
    const char *setup = NULL;
    pgr_err err = make_program(j, t, x, &program, &setup);
    x->plus.n_tests = suite[1] ? json_array_size(suite[1]) : 0;
    if (err == PGR_OK) err = submit(j, t, suite[0], &program, setup, 2 * (uint64_t)i);
    if (err == PGR_OK && suite[1]) err = submit(j, t, suite[1], &program, setup, 2 * (uint64_t)i + 1);
    pgr_buf_free(&program);
    return err;
}

/* Cleans the samples of a task, from the first on. */
static pgr_err clean_task(struct judge *j, const struct pgr_task *t, size_t first) {
    pgr_err err = PGR_OK;
    for (size_t i = first; i != SIZE_MAX && err == PGR_OK; i = j->next[i]) {
        struct pgr_buf program = PGR_BUF_INIT;
        const char *setup;
        bool queued = false;
        err = collect(j, WINDOW - 1);
        if (err == PGR_OK) err = make_program(j, t, &j->s->sample[i], &program, &setup);
        if (err == PGR_OK)
            err = pgr_sanitize_submit(j->o->sbx, t->entry_point, pgr_buf_str(&program), program.len, CLEANING | i,
                                      &queued);
        j->n_running += queued;
        j->n_cleaning += queued;
        pgr_buf_free(&program);
    }
    while (err == PGR_OK && j->n_cleaning > 0) err = collect(j, j->n_running - 1);
    return err;
}

static pgr_err judge_answer(struct judge *j, const struct pgr_task *t, struct pgr_eval_sample *x) {
    struct pgr_math_result r;
    PGR_TRY(pgr_math_judge(t->answer, x->text, x->n_bytes, j->o->qwen_math ? &pgr_math_rules_qwen : NULL, NULL, &r));
    x->base.have = true;
    x->base.verdict = r.verdict == PGR_MATH_EQUAL ? PGR_V_ACCEPTED : PGR_V_WRONG_ANSWER;
    x->base.detail = pgr_strdup(r.reason);
    x->undecided = r.verdict == PGR_MATH_UNDECIDED;
    x->passed = x->base_passed = r.verdict == PGR_MATH_EQUAL;
    finish(j, x);
    return tick(j);
}

/* ---- tasks ---- */

static bool has_samples(void *ctx, const char *id) {
    struct judge *j = ctx;
    if (json_is_true(json_object_get(j->known, id))) { /* asked twice for some layouts */
        json_object_set_new(j->known, id, json_false());
        j->n_seen++;
    }
    return json_object_get(j->first, id) != NULL;
}

static pgr_err dup(const char *s, size_t n, char **out) {
    if (!s) return PGR_OK;
    *out = pgr_strndup(s, pgr_min(n, strlen(s)));
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err add_problem(struct pgr_judged *out, const struct pgr_task *t) {
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 64;
        struct pgr_problem *grown = pgr_realloc(out->problem, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
        out->problem = grown;
        out->cap = cap;
    }
    struct pgr_problem *p = &out->problem[out->n++];
    *p = (struct pgr_problem){.base_input = json_incref(t->base_input), .plus_input = json_incref(t->plus_input)};
    PGR_TRY(dup(t->id, SIZE_MAX, &p->id));
    PGR_TRY(dup(t->difficulty, SIZE_MAX, &p->difficulty));
    PGR_TRY(dup(t->platform, SIZE_MAX, &p->platform));
    return dup(t->date, 7, &p->month);
}

/* tests[from, to) as a list of its own; NULL when memory runs out. */
static json_t *slice(const json_t *tests, size_t from, size_t to) {
    json_t *out = json_array();
    for (size_t i = from; out && i < to; i++) {
        if (json_array_append(out, json_array_get(tests, i)) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static pgr_err judge_task(struct judge *j, const struct pgr_task *t) {
    json_t *suite[2] = {NULL, NULL};
    size_t n = json_array_size(t->tests);
    bool two = t->n_base && t->n_base < n;
    pgr_err err = PGR_OK;
    if (t->kind == PGR_TASK_CODE) {
        if (!j->o->sbx) return pgr_fail(PGR_E_USAGE, "task \"%s\" has tests: they need the sandbox", t->id);
        suite[0] = two ? slice(t->tests, 0, t->n_base) : json_incref(t->tests);
        if (two) suite[1] = slice(t->tests, t->n_base, n);
        if (!suite[0] || (two && !suite[1])) err = pgr_fail(PGR_E_NOMEM, "out of memory");
        j->out->has_plus |= two;
    }
    if (err == PGR_OK) err = add_problem(j->out, t);
    size_t i = (size_t)json_integer_value(json_object_get(j->first, t->id));
    if (err == PGR_OK && j->o->sanitize && t->kind == PGR_TASK_CODE) err = clean_task(j, t, i);
    for (; i != SIZE_MAX && err == PGR_OK; i = j->next[i]) {
        j->s->sample[i].task = j->out->n - 1;
        err = t->kind == PGR_TASK_MATH ? judge_answer(j, t, &j->s->sample[i]) : judge_program(j, t, suite, i);
    }
    json_decref(suite[0]);
    json_decref(suite[1]);
    return err;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct judge *j = ctx;
    if (!t) return err;
    err = pgr_bench_check_family(j->o->bench, where, t);
    if (err == PGR_OK) err = judge_task(j, t);
    pgr_task_free(t);
    return err;
}

pgr_err pgr_judge_run(const struct pgr_judge_opts *o, struct pgr_eval_samples *s, struct pgr_judged *out) {
    *out = (struct pgr_judged){.problem = NULL};
    struct judge j = {.o = o, .s = s, .out = out, .known = json_object(), .first = json_object()};
    j.next = pgr_alloc_array(pgr_max(s->n, 1), sizeof *j.next);
    pgr_err err = j.known && j.first && j.next ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = link_samples(&j);
    struct pgr_task_filter f = o->filter;
    f.wants = has_samples;
    f.ctx = &j;
    if (err == PGR_OK) err = pgr_tasks_each(o->path, &f, take_task, &j);
    if (err == PGR_OK && o->sbx) err = collect(&j, 0);
    out->n_missing = j.n_seen > out->n ? j.n_seen - out->n : 0;
    for (size_t i = 0; i < s->n; i++) out->n_outside += !s->sample[i].judged;
    json_decref(j.known);
    json_decref(j.first);
    pgr_free(j.next);
    pgr_free(j.prefix);
    if (err != PGR_OK) pgr_judged_free(out);
    return err;
}
