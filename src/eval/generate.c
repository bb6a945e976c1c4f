/* generate.c - see generate.h. */
#include "eval/generate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "task/records.h"

enum { MAX_STOP = 32 };

/* Where a function that a base model continues has ended. */
static const char *const raw_stop[] = {"\ndef ", "\nclass ",      "\nimport ", "\nfrom ", "\nassert ",
                                       "\n@",    "\nif __name__", "\nprint(",  "\n```",   NULL};

struct problem {
    char *id;
    struct pgr_ids ids;
    bool math;
    size_t n_have; /* samples that the file holds */
};

struct run {
    struct pgr_eval_gen *g;
    const struct pgr_tok *tok;
    struct problem *problem;
    size_t n, cap;
    json_t *done; /* "id#sample", a set */
    struct pgr_prompt *prompt;
    size_t *of_prompt; /* problem of each prompt */
    FILE *f;
    struct pgr_buf line;
    pgr_err err;
    size_t n_tokens;
};

/* ---- the prompts ---- */

static pgr_err encode(struct run *r, const struct pgr_task *t, struct pgr_ids *out) {
    const struct pgr_bench *b = r->g->bench;
    struct pgr_buf ask = PGR_BUF_INIT;
    const char *system = r->g->system ? r->g->system : b->system;
    pgr_err err = PGR_OK;
    if (r->g->raw && !r->g->format)
        pgr_buf_adds(&ask, t->prefix ? t->prefix : t->prompt);
    else
        err = pgr_bench_ask(b, r->g->format, t, &ask);
    if (err == PGR_OK) err = pgr_buf_ok(&ask);
    if (err == PGR_OK && r->g->raw) {
        err = pgr_tok_encode(r->tok, pgr_buf_str(&ask), ask.len, true, out);
    } else if (err == PGR_OK) {
        const struct pgr_msg msg[2] = {{"system", system}, {"user", pgr_buf_str(&ask)}};
        size_t skip = system ? 0 : 1;
        err = pgr_chat_encode(r->tok, msg + skip, 2 - skip, true, out);
    }
    if (err == PGR_OK && b->prefill && !r->g->format && !r->g->raw)
        err = pgr_tok_encode(r->tok, b->prefill, strlen(b->prefill), false, out);
    pgr_buf_free(&ask);
    return err;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct run *r = ctx;
    if (!t) return err;
    if (r->g->limit && r->n == r->g->limit) {
        pgr_task_free(t);
        return PGR_OK;
    }
    err = pgr_bench_check_family(r->g->bench, where, t);
    if (err == PGR_OK && r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct problem *grown = pgr_realloc(r->problem, cap * sizeof *grown);
        if (!grown) err = pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
        if (grown) r->problem = grown, r->cap = cap;
    }
    if (err == PGR_OK) {
        struct problem *p = &r->problem[r->n++];
        *p = (struct problem){.id = t->id, .math = t->kind == PGR_TASK_MATH};
        t->id = NULL;
        err = encode(r, t, &p->ids);
        if (err != PGR_OK) err = pgr_fail_prefix(err, "%s", where);
    }
    pgr_task_free(t);
    return err;
}

/* ---- what is there already ---- */

static pgr_err take_done(void *ctx, const char *where, size_t index, const json_t *obj) {
    struct run *r = ctx;
    (void)index;
    const char *id;
    size_t sample, max_tokens;
    double temperature;
    char key[400];
    if (!obj) return PGR_E_FORMAT;
    PGR_TRY(pgr_json_str(obj, where, "task_id", &id));
    PGR_TRY(pgr_json_size(obj, where, "sample", 0, 1000000, &sample));
    PGR_TRY(pgr_json_size(obj, where, "max_tokens", 1, SIZE_MAX / 2, &max_tokens));
    PGR_TRY(pgr_json_real(obj, where, "temperature", &temperature));
    if (max_tokens != r->g->how.max_tokens || fabs(temperature - (double)r->g->how.temperature) > 1e-6)
        return pgr_fail(PGR_E_FORMAT, "%s: made with temperature %g and %zu tokens; name another file with --out",
                        where, temperature, max_tokens);
    snprintf(key, sizeof key, "%.300s#%zu", id, sample);
    return json_object_set_new(r->done, key, json_true()) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
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

static bool is_done(const struct run *r, size_t problem, size_t sample) {
    char key[400];
    snprintf(key, sizeof key, "%.300s#%zu", r->problem[problem].id, sample);
    return json_object_get(r->done, key) != NULL;
}

static pgr_err resume(struct run *r) {
    struct pgr_eval_gen *g = r->g;
    if (pgr_file_exists(g->out_path)) {
        PGR_TRY(mend(g->out_path));
        PGR_TRY(pgr_records_each(g->out_path, take_done, r));
    }
    g->n_total = r->n * g->n_samples;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < g->n_samples; k++) r->problem[i].n_have += is_done(r, i, k);
    for (size_t i = 0; i < r->n; i++) g->n_resumed += r->problem[i].n_have;
    g->n_done = g->n_resumed;
    return PGR_OK;
}

/* ---- writing ---- */

static pgr_err write_line(struct run *r, const struct pgr_completion *c) {
    const struct problem *p = &r->problem[r->of_prompt[c->prompt]];
    struct pgr_buf code = PGR_BUF_INIT;
    json_t *o = json_pack("{s:s,s:I}", "task_id", p->id, "sample", (json_int_t)c->sample);
    pgr_err err = o ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (r->g->raw && !p->math) {
        json_object_set_new(o, "completion", pgr_json_bytes(c->text, c->text_bytes));
    } else if (err == PGR_OK && !p->math && r->g->bench->take != PGR_TAKE_ANSWER) {
        err = pgr_bench_take(r->g->bench, c->text, c->text_bytes, &code);
        json_object_set_new(o, "solution", pgr_json_bytes(pgr_buf_str(&code), code.len));
    }
    json_object_set_new(o, "response", pgr_json_bytes(c->text, c->text_bytes));
    json_object_set_new(o, "finish", json_string(c->finish == PGR_FINISH_STOP ? "stop" : "length"));
    json_object_set_new(o, "tokens", json_integer((json_int_t)c->n_tok));
    json_object_set_new(o, "temperature", json_real((double)r->g->how.temperature));
    json_object_set_new(o, "max_tokens", json_integer((json_int_t)r->g->how.max_tokens));
    pgr_buf_clear(&r->line);
    if (err == PGR_OK) err = pgr_json_dump(o, &r->line);
    pgr_buf_addc(&r->line, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&r->line);
    if (err == PGR_OK && (fwrite(r->line.data, 1, r->line.len, r->f) != r->line.len || fflush(r->f) != 0))
        err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", r->g->out_path, strerror(errno));
    json_decref(o);
    pgr_buf_free(&code);
    return err;
}

static pgr_err take(void *ctx, struct pgr_completion *c) {
    struct run *r = ctx;
    pgr_err err = PGR_OK;
    if (c->finish != PGR_FINISH_STOPPED_BY_CALLER && !is_done(r, r->of_prompt[c->prompt], c->sample)) {
        err = write_line(r, c);
        r->g->n_done++;
    }
    pgr_completion_free(c);
    return err;
}

static bool tick(void *ctx, size_t n_active, size_t n_done, size_t n_tokens) {
    struct run *r = ctx;
    (void)n_active, (void)n_done;
    r->n_tokens = n_tokens;
    if (r->g->tick && !r->g->tick(r->g->ctx, r->g->n_done, r->g->n_total, n_tokens)) r->err = PGR_E_INTERRUPTED;
    return r->err == PGR_OK;
}

static pgr_err generate(struct run *r, struct pgr_model *m) {
    struct pgr_eval_gen *g = r->g;
    const char *stop[MAX_STOP];
    struct pgr_sampling how = g->how;
    struct pgr_gen_opts opts = {.max_batch = g->max_batch};
    size_t n = 0;
    how.n_stop = 0;
    how.stop = stop;
    const char *const *own = g->raw ? raw_stop : g->bench->stop;
    for (size_t i = 0; own && !g->format && own[i] && how.n_stop < MAX_STOP; i++) stop[how.n_stop++] = own[i];
    for (size_t i = 0; i < g->n_stop && how.n_stop < MAX_STOP; i++) stop[how.n_stop++] = g->stop[i];
    r->prompt = pgr_alloc_array(pgr_max(r->n, 1), sizeof *r->prompt);
    r->of_prompt = pgr_alloc_array(pgr_max(r->n, 1), sizeof *r->of_prompt);
    if (!r->prompt || !r->of_prompt) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu prompts", r->n);
    for (size_t i = 0; i < r->n; i++) {
        const struct problem *p = &r->problem[i];
        if (p->n_have == g->n_samples) continue;
        if (p->ids.n + how.max_tokens > m->cfg.max_position)
            return pgr_fail(PGR_E_RANGE, "problem %s: %zu tokens of prompt and %zu of answer, the model takes %zu",
                            p->id, p->ids.n, how.max_tokens, m->cfg.max_position);
        r->of_prompt[n] = i;
        r->prompt[n++] = (struct pgr_prompt){p->ids.id, p->ids.n, g->n_samples, (uint32_t)i};
    }
    if (n == 0) return PGR_OK;
    PGR_TRY(pgr_generate(m, r->tok, &opts, &how, r->prompt, n, take, tick, r));
    return r->err == PGR_OK
               ? PGR_OK
               : pgr_fail(r->err, "interrupted; %s holds %zu of %zu completions", g->out_path, g->n_done, g->n_total);
}

pgr_err pgr_eval_generate(struct pgr_eval_gen *g, struct pgr_model *m, const struct pgr_tok *tok) {
    struct run r = {.g = g, .tok = tok, .done = json_object(), .line = PGR_BUF_INIT};
    if (g->how.max_tokens == 0) g->how.max_tokens = g->bench->max_tokens;
    g->n_total = g->n_done = g->n_resumed = 0;
    pgr_err err = r.done ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_tasks_each(g->path, &g->filter, take_task, &r);
    if (err == PGR_OK && r.n == 0) err = pgr_fail(PGR_E_FORMAT, "%s: no problem to ask", g->path);
    if (err == PGR_OK) err = resume(&r);
    if (err == PGR_OK) {
        r.f = fopen(g->out_path, "ae");
        if (!r.f) err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", g->out_path, strerror(errno));
    }
    if (err == PGR_OK) err = generate(&r, m);
    if (r.f && fclose(r.f) != 0 && err == PGR_OK) err = pgr_fail(PGR_E_IO, "%s: cannot write", g->out_path);
    for (size_t i = 0; i < r.n; i++) {
        pgr_free(r.problem[i].id);
        pgr_ids_free(&r.problem[i].ids);
    }
    pgr_free(r.problem);
    pgr_free(r.prompt);
    pgr_free(r.of_prompt);
    pgr_buf_free(&r.line);
    json_decref(r.done);
    return err;
}
