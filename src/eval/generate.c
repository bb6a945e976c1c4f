/* generate.c - see generate.h: a model in memory. */
#include "eval/generate.h"

#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "eval/answers.h"

struct run {
    struct pgr_answers answers;
    struct pgr_ids *ids; /* [answers.n] */
    struct pgr_prompt *prompt;
    size_t *of_prompt; /* problem of each prompt */
    pgr_err err;
};

static pgr_err encode(const struct pgr_answers *a, const struct pgr_tok *tok, const char *text, struct pgr_ids *out) {
    const char *system = a->g->system ? a->g->system : a->bench.system;
    if (a->g->raw) return pgr_tok_encode(tok, text, strlen(text), true, out);
    const struct pgr_msg msg[2] = {{"system", system}, {"user", text}};
    size_t skip = system ? 0 : 1;
    PGR_TRY(pgr_chat_encode(tok, msg + skip, 2 - skip, true, out));
    return a->bench.prefill ? pgr_tok_encode(tok, a->bench.prefill, strlen(a->bench.prefill), false, out) : PGR_OK;
}

static pgr_err take(void *ctx, struct pgr_completion *c) {
    struct run *r = ctx;
    pgr_err err = PGR_OK;
    size_t ask = r->of_prompt[c->prompt];
    if (c->finish != PGR_FINISH_STOPPED_BY_CALLER && !pgr_answers_have(&r->answers, ask, c->sample))
        err = pgr_answers_add(&r->answers, ask, c->sample, c->text, c->text_bytes,
                              c->finish == PGR_FINISH_STOP ? "stop" : "length", c->n_tok);
    pgr_completion_free(c);
    return err;
}

static bool tick(void *ctx, size_t n_active, size_t n_done, size_t n_tokens) {
    struct run *r = ctx;
    const struct pgr_eval_gen *g = r->answers.g;
    (void)n_active, (void)n_done;
    if (g->tick && !g->tick(g->ctx, g->n_done, g->n_total, n_tokens)) r->err = PGR_E_INTERRUPTED;
    return r->err == PGR_OK;
}

static pgr_err generate(struct run *r, struct pgr_model *m, const struct pgr_tok *tok) {
    struct pgr_answers *a = &r->answers;
    struct pgr_eval_gen *g = a->g;
    const char *stop[PGR_EVAL_MAX_STOP];
    struct pgr_sampling how = g->how;
    struct pgr_gen_opts opts = {.max_batch = g->max_batch};
    size_t n = 0;
    how.n_stop = pgr_answers_stops(a, stop);
    how.stop = stop;
    r->ids = pgr_alloc_zero(a->n, sizeof *r->ids);
    r->prompt = pgr_alloc_array(a->n, sizeof *r->prompt);
    r->of_prompt = pgr_alloc_array(a->n, sizeof *r->of_prompt);
    if (!r->ids || !r->prompt || !r->of_prompt) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu prompts", a->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct pgr_ask *p = &a->ask[i];
        if (p->n_have == g->n_samples) continue;
        pgr_err err = encode(a, tok, p->text, &r->ids[i]);
        if (err != PGR_OK) return pgr_fail_prefix(err, "%s: problem %s", g->path, p->id);
        if (r->ids[i].n + how.max_tokens > m->cfg.max_position)
            return pgr_fail(PGR_E_RANGE, "problem %s: %zu tokens of prompt and %zu of answer, the model takes %zu",
                            p->id, r->ids[i].n, how.max_tokens, m->cfg.max_position);
        r->of_prompt[n] = i;
        r->prompt[n++] = (struct pgr_prompt){r->ids[i].id, r->ids[i].n, g->n_samples, (uint32_t)i};
    }
    if (n == 0) return PGR_OK;
    PGR_TRY(pgr_generate(m, tok, &opts, &how, r->prompt, n, take, tick, r));
    return r->err == PGR_OK
               ? PGR_OK
               : pgr_fail(r->err, "interrupted; %s holds %zu of %zu completions", g->out_path, g->n_done, g->n_total);
}

pgr_err pgr_eval_generate(struct pgr_eval_gen *g, struct pgr_model *m, const struct pgr_tok *tok) {
    struct run r = {.err = PGR_OK};
    pgr_err err = pgr_answers_open(g, true, &r.answers);
    if (err == PGR_OK) err = generate(&r, m, tok);
    for (size_t i = 0; r.ids && i < r.answers.n; i++) pgr_ids_free(&r.ids[i]);
    pgr_err closed = pgr_answers_close(&r.answers);
    pgr_free(r.ids);
    pgr_free(r.prompt);
    pgr_free(r.of_prompt);
    return err == PGR_OK ? closed : err;
}
