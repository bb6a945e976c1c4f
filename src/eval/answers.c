/* answers.c - see answers.h. */
#include "eval/answers.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "task/records.h"

/* Where a function that a base model continues has ended. */
static const char *const raw_stop[] = {"\ndef ", "\nclass ",      "\nimport ", "\nfrom ", "\nassert ",
                                       "\n@",    "\nif __name__", "\nprint(",  "\n```",   NULL};

size_t pgr_answers_stops(const struct pgr_answers *a, const char *out[PGR_EVAL_MAX_STOP]) {
    const struct pgr_eval_gen *g = a->g;
    const char *const *own = g->raw ? raw_stop : a->bench.stop;
    size_t n = 0;
    for (size_t i = 0; own && !g->format && own[i] && n < PGR_EVAL_MAX_STOP; i++) out[n++] = own[i];
    for (size_t i = 0; i < g->n_stop && n < PGR_EVAL_MAX_STOP; i++) out[n++] = g->stop[i];
    return n;
}

/* ---- the problems ---- */

static void add_text(struct pgr_sha256 *s, const char *text) {
    pgr_sha256_add(s, text ? "+" : "-", 1);
    if (text) pgr_sha256_add(s, text, strlen(text) + 1); /* with its NUL: texts cannot run together */
}

static void note_asked(const struct pgr_answers *a, const char *text, char out[17]) {
    struct pgr_sha256 s;
    const char *stop[PGR_EVAL_MAX_STOP];
    char hex[65];
    size_t n = pgr_answers_stops(a, stop);
    pgr_sha256_init(&s);
    add_text(&s, a->g->raw ? NULL : a->g->system ? a->g->system : a->bench.system);
    add_text(&s, a->g->raw ? NULL : a->bench.prefill);
    add_text(&s, text);
    for (size_t i = 0; i < n; i++) add_text(&s, stop[i]);
    pgr_sha256_hex(&s, hex);
    memcpy(out, hex, 16);
    out[16] = 0;
}

static pgr_err write_ask(const struct pgr_answers *a, const struct pgr_task *t, struct pgr_ask *p) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    if (a->g->raw && !a->g->format)
        pgr_buf_adds(&b, t->prefix ? t->prefix : t->prompt);
    else
        err = pgr_bench_ask(&a->bench, a->g->format, t, &b);
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK) note_asked(a, pgr_buf_str(&b), p->asked);
    if (err == PGR_OK && !(p->text = pgr_strdup(pgr_buf_str(&b)))) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_buf_free(&b);
    return err;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct pgr_answers *a = ctx;
    if (!t) return err;
    if (a->g->limit && a->n == a->g->limit) {
        pgr_task_free(t);
        return PGR_OK;
    }
    err = pgr_bench_check_family(&a->bench, where, t);
    if (err == PGR_OK && a->n == a->cap) {
        size_t cap = a->cap ? 2 * a->cap : 64;
        struct pgr_ask *grown = pgr_realloc(a->ask, cap * sizeof *grown);
        if (!grown) err = pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
        if (grown) a->ask = grown, a->cap = cap;
    }
    if (err == PGR_OK) {
        struct pgr_ask *p = &a->ask[a->n++];
        *p = (struct pgr_ask){.id = t->id, .math = t->kind == PGR_TASK_MATH};
        t->id = NULL;
        err = write_ask(a, t, p);
        if (err != PGR_OK) err = pgr_fail_prefix(err, "%s", where);
    }
    pgr_task_free(t);
    return err;
}

/* ---- what is there already ---- */

static pgr_err take_done(void *ctx, const char *where, size_t index, const json_t *obj) {
    struct pgr_answers *a = ctx;
    (void)index;
    const struct pgr_sampling *how = &a->g->how;
    const char *id, *asked, *model = NULL, *want = a->g->model;
    size_t sample, max_tokens, seed;
    double temperature, top_p;
    char key[400];
    if (!obj) return PGR_E_FORMAT;
    PGR_TRY(pgr_json_str(obj, where, "task_id", &id));
    PGR_TRY(pgr_json_size(obj, where, "sample", 0, 1000000, &sample));
    PGR_TRY(pgr_json_size(obj, where, "max_tokens", 1, SIZE_MAX / 2, &max_tokens));
    PGR_TRY(pgr_json_real(obj, where, "temperature", &temperature));
    PGR_TRY(pgr_json_real(obj, where, "top_p", &top_p));
    PGR_TRY(pgr_json_size(obj, where, "seed", 0, SIZE_MAX / 2, &seed));
    PGR_TRY(pgr_json_str(obj, where, "asked", &asked));
    PGR_TRY(pgr_json_str_opt(obj, where, "model", &model));
    if (max_tokens != how->max_tokens || fabs(temperature - (double)how->temperature) > 1e-6)
        return pgr_fail(PGR_E_FORMAT, "%s: made with temperature %g and %zu tokens; name another file with --out",
                        where, temperature, max_tokens);
    if (seed != how->seed || fabs(top_p - (double)how->top_p) > 1e-6)
        return pgr_fail(PGR_E_FORMAT, "%s: made with seed %zu and top-p %g; name another file with --out", where, seed,
                        top_p);
    if (!model != !want || (model && strcmp(model, want) != 0))
        return pgr_fail(PGR_E_FORMAT, "%s: made by %s%s%s; name another file with --out", where,
                        model ? "the endpoint's model \"" : "a model in memory", model ? model : "", model ? "\"" : "");
    snprintf(key, sizeof key, "%.300s#%zu", id, sample);
    return json_object_set_new(a->done, key, json_string(asked)) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

/* Whether the file's answers were asked for with today's texts. */
static pgr_err check_asked(const struct pgr_answers *a, size_t ask, size_t sample) {
    char key[400];
    snprintf(key, sizeof key, "%.300s#%zu", a->ask[ask].id, sample);
    const char *asked = json_string_value(json_object_get(a->done, key));
    if (!asked || strcmp(asked, a->ask[ask].asked) == 0) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT,
                    "%s: sample %zu of %s answers another system text, question or stop text; name another file with "
                    "--out",
                    a->g->out_path, sample, a->ask[ask].id);
}

/* Cuts off a last line without its end. */
static pgr_err mend(const char *path) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_file_read(path, (size_t)1 << 32, &b);
    size_t n = b.len;
    while (n && b.data[n - 1] != '\n') n--;
    if (err == PGR_OK && n < b.len && truncate(path, (off_t)n) != 0)
        err = pgr_fail(PGR_E_IO, "%s: cannot cut off its last line: %s", path, strerror(errno));
    pgr_buf_free(&b);
    return err;
}

bool pgr_answers_have(const struct pgr_answers *a, size_t ask, size_t sample) {
    char key[400];
    snprintf(key, sizeof key, "%.300s#%zu", a->ask[ask].id, sample);
    return json_object_get(a->done, key) != NULL;
}

pgr_err pgr_answers_open(struct pgr_eval_gen *g, bool has_prefill, struct pgr_answers *out) {
    struct pgr_answers *a = out;
    *a = (struct pgr_answers){.g = g, .bench = *g->bench, .done = json_object(), .line = PGR_BUF_INIT};
    if (!a->done) return pgr_fail(PGR_E_NOMEM, "out of memory");
    if (a->bench.prefill && (!has_prefill || g->format)) { /* the answer brings the code block itself */
        a->bench.prefill = NULL;
        a->bench.stop = NULL;
        a->bench.take = PGR_TAKE_CODE;
    }
    if (g->how.max_tokens == 0) g->how.max_tokens = g->bench->max_tokens;
    g->n_total = g->n_done = g->n_resumed = 0;
    PGR_TRY(pgr_tasks_each(g->path, &g->filter, take_task, a));
    if (a->n == 0) return pgr_fail(PGR_E_FORMAT, "%s: no problem to ask", g->path);
    if (pgr_file_exists(g->out_path)) {
        PGR_TRY(mend(g->out_path));
        PGR_TRY(pgr_records_each(g->out_path, take_done, a));
    }
    g->n_total = a->n * g->n_samples;
    for (size_t i = 0; i < a->n; i++) {
        for (size_t k = 0; k < g->n_samples; k++) {
            PGR_TRY(check_asked(a, i, k));
            a->ask[i].n_have += pgr_answers_have(a, i, k);
        }
        g->n_resumed += a->ask[i].n_have;
    }
    g->n_done = g->n_resumed;
    a->f = fopen(g->out_path, "ae");
    return a->f ? PGR_OK : pgr_fail(PGR_E_IO, "%s: cannot write: %s", g->out_path, strerror(errno));
}

/* ---- writing ---- */

pgr_err pgr_answers_add(struct pgr_answers *a, size_t ask, size_t sample, const char *text, size_t n_bytes,
                        const char *finish, size_t n_tok) {
    struct pgr_eval_gen *g = a->g;
    const struct pgr_ask *p = &a->ask[ask];
    struct pgr_buf code = PGR_BUF_INIT;
    json_t *o = json_pack("{s:s,s:I}", "task_id", p->id, "sample", (json_int_t)sample);
    pgr_err err = o ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (g->raw && !p->math) {
        json_object_set_new(o, "completion", pgr_json_bytes(text, n_bytes));
    } else if (err == PGR_OK && !p->math && a->bench.take != PGR_TAKE_ANSWER) {
        err = pgr_bench_take(&a->bench, text, n_bytes, &code);
        json_object_set_new(o, "solution", pgr_json_bytes(pgr_buf_str(&code), code.len));
    }
    json_object_set_new(o, "response", pgr_json_bytes(text, n_bytes));
    json_object_set_new(o, "finish", json_string(finish));
    if (n_tok != SIZE_MAX) json_object_set_new(o, "tokens", json_integer((json_int_t)n_tok));
    json_object_set_new(o, "temperature", json_real((double)g->how.temperature));
    json_object_set_new(o, "top_p", json_real((double)g->how.top_p));
    json_object_set_new(o, "seed", json_integer((json_int_t)g->how.seed));
    json_object_set_new(o, "max_tokens", json_integer((json_int_t)g->how.max_tokens));
    json_object_set_new(o, "asked", json_string(p->asked));
    if (g->model) json_object_set_new(o, "model", json_string(g->model));
    pgr_buf_clear(&a->line);
    if (err == PGR_OK) err = pgr_json_dump(o, &a->line);
    pgr_buf_addc(&a->line, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&a->line);
    if (err == PGR_OK && (fwrite(a->line.data, 1, a->line.len, a->f) != a->line.len || fflush(a->f) != 0))
        err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", g->out_path, strerror(errno));
    if (err == PGR_OK) g->n_done++;
    json_decref(o);
    pgr_buf_free(&code);
    return err;
}

pgr_err pgr_answers_close(struct pgr_answers *a) {
    pgr_err err = PGR_OK;
    if (a->f && fclose(a->f) != 0) err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", a->g->out_path, strerror(errno));
    for (size_t i = 0; i < a->n; i++) {
        pgr_free(a->ask[i].id);
        pgr_free(a->ask[i].text);
    }
    pgr_free(a->ask);
    pgr_buf_free(&a->line);
    json_decref(a->done);
    return err;
}
