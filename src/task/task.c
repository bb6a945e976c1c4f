/* task.c - data files to tasks, and tasks to sandbox jobs. */
#include "task/task.h"

#include <string.h>

#include "base/mem.h"
#include "sbx/encode.h"
#include "task/family.h"
#include "task/records.h"

struct reader {
    const struct pgr_task_filter *filter;
    const struct pgr_family *last; /* of the record before */
    pgr_task_fn fn;
    void *ctx;
    json_t *ids; /* a set */
};

void pgr_task_free(struct pgr_task *t) {
    char *const texts[] = {t->id,     t->prompt, t->entry_point, t->setup, t->prefix,     t->starter_code, t->solution,
                           t->answer, t->split,  t->topic,       t->date,  t->difficulty, t->platform,     t->where};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) pgr_free(texts[i]);
    json_decref(t->tests);
    json_decref(t->base_input);
    json_decref(t->plus_input);
}

static bool differs(const char *want, const char *have) { return want && (!have || strcmp(want, have) != 0); }

static bool is_refused(const struct pgr_task_filter *f, const struct pgr_task *t) {
    return differs(f->split, t->split) || differs(f->difficulty, t->difficulty) || differs(f->platform, t->platform) ||
           (f->from && (!t->date || strncmp(t->date, f->from, strlen(f->from)) < 0)) ||
           (f->to && (!t->date || strncmp(t->date, f->to, strlen(f->to)) > 0)) ||
           (f->wants && !f->wants(f->ctx, t->id));
}

/* The sandbox's own check of the tests, with an empty program. */
static pgr_err check_tests(const struct pgr_task *t, const char *where) {
    if (t->kind != PGR_TASK_CODE) return PGR_OK;
    struct pgr_sbx_job job;
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_task_job(t, "", 0, &job);
    pgr_err err = pgr_job_encode(&job, 0, &b);
    pgr_buf_free(&b);
    return err == PGR_OK ? PGR_OK : pgr_fail_prefix(err, "%s", where);
}

static pgr_err read_record(struct reader *rd, const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    const struct pgr_family *f = pgr_family_of(r->obj);
    if (!f && r->filter->plain && pgr_is_plain(r->obj)) f = &pgr_family_plain;
    if (!f) f = rd->last ? rd->last : &pgr_family_tasks; /* it says what is missing */
    rd->last = f;
    t->family = f->name;
    PGR_TRY(f->read(r, t, wanted));
    *wanted = *wanted && !is_refused(r->filter, t);
    if (!*wanted) return PGR_OK;
    PGR_TRY(check_tests(t, r->where));
    if (json_object_get(rd->ids, t->id)) return pgr_fail(PGR_E_FORMAT, "%s: id \"%s\" stands twice", r->where, t->id);
    return json_object_set_new(rd->ids, t->id, json_true()) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err take_record(void *ctx, const char *where, size_t index, const json_t *obj) {
    struct reader *rd = ctx;
    if (!obj) return rd->fn(rd->ctx, where, NULL, PGR_E_FORMAT);
    struct pgr_record r = {where, index, obj, rd->filter};
    struct pgr_task t = {.kind = PGR_TASK_CODE};
    bool wanted = true;
    pgr_err err = read_record(rd, &r, &t, &wanted);
    if (err == PGR_OK && wanted) return rd->fn(rd->ctx, where, &t, PGR_OK);
    pgr_task_free(&t);
    return err == PGR_OK || err == PGR_E_NOMEM ? err : rd->fn(rd->ctx, where, NULL, err);
}

pgr_err pgr_tasks_each(const char *path, const struct pgr_task_filter *f, pgr_task_fn fn, void *ctx) {
    static const struct pgr_task_filter none = {.split = NULL};
    struct reader rd = {.filter = f ? f : &none, .fn = fn, .ctx = ctx, .ids = json_object()};
    if (!rd.ids) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = pgr_records_each(path, take_record, &rd);
    json_decref(rd.ids);
    return err;
}

/* ---- a whole file ---- */

struct loader {
    struct pgr_tasks tasks;
    size_t cap;
};

static pgr_err keep_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct loader *l = ctx;
    if (!t) return err;
    t->where = pgr_strdup(where);
    if (!t->where) {
        pgr_task_free(t);
        return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    }
    if (l->tasks.n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct pgr_task *grown = pgr_realloc(l->tasks.task, cap * sizeof *grown);
        if (!grown) {
            pgr_task_free(t);
            return pgr_fail(PGR_E_NOMEM, "out of memory for %zu tasks", cap);
        }
        l->tasks.task = grown;
        l->cap = cap;
    }
    l->tasks.task[l->tasks.n++] = *t;
    return PGR_OK;
}

pgr_err pgr_tasks_load(const char *path, const char *split, struct pgr_tasks *out) {
    struct loader l = {{NULL, 0}, 0};
    struct pgr_task_filter f = {.split = split};
    pgr_err err = pgr_tasks_each(path, &f, keep_task, &l);
    if (err == PGR_OK && l.tasks.n == 0)
        err = split ? pgr_fail(PGR_E_FORMAT, "%s: no task with split \"%s\"", path, split)
                    : pgr_fail(PGR_E_FORMAT, "%s: no task", path);
    if (err != PGR_OK) {
        pgr_tasks_free(&l.tasks);
        return err;
    }
    *out = l.tasks;
    return PGR_OK;
}

void pgr_tasks_free(struct pgr_tasks *t) {
    for (size_t i = 0; i < t->n; i++) pgr_task_free(&t->task[i]);
    pgr_free(t->task);
    *t = (struct pgr_tasks){NULL, 0};
}

void pgr_task_job(const struct pgr_task *t, const char *code, size_t code_bytes, struct pgr_sbx_job *job) {
    *job = (struct pgr_sbx_job){.kind = t->test_kind,
                                .program = code,
                                .program_bytes = code_bytes,
                                .setup = t->setup,
                                .entry_point = t->entry_point,
                                .tests = t->tests,
                                .exact_output = t->exact_output,
                                .line_output = t->line_output,
                                .same_process = t->same_process,
                                .atol = t->atol,
                                .rtol = t->rtol,
                                .limits = t->limits};
}
