/* measure.c - decoding without the scheduler: prefill, then steps of forward pass, logits and drawing. */
#include "gen/measure.h"

#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/sample.h"
#include "kern/ops.h"

enum { PREFILL_ROWS = 512 };

struct engine {
    const struct pgr_decode_setup *s;
    size_t n_vocab;
    struct pgr_kv *kv;
    struct pgr_infer *inf;
    struct pgr_sampler *sm;
    int32_t *token; /* [n_seq, n_prompt] prompts, then the last token of each */
    struct pgr_feed *feed;
    struct pgr_draw *draw;
};

static const struct pgr_sampling how = {
    .temperature = 1.0f, .top_p = 1.0f, .repetition_penalty = 1.0f, .max_tokens = 1, .seed = 1};

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void engine_close(struct engine *e) {
    pgr_free(e->token);
    pgr_free(e->feed);
    pgr_free(e->draw);
    pgr_sampler_free(e->sm);
    pgr_infer_free(e->inf);
    pgr_kv_free(e->kv);
}

static pgr_err engine_open(struct pgr_model *m, struct engine *e) {
    const struct pgr_decode_setup *s = e->s;
    size_t len = s->n_prompt + s->n_new;
    e->n_vocab = m->cfg.n_vocab;
    PGR_TRY(pgr_kv_new(m, s->n_seq * pgr_div_up(len, PGR_ATTN_BLOCK), s->n_seq, len, &e->kv));
    PGR_TRY(pgr_infer_new(m, e->kv, pgr_max(s->n_seq, pgr_max(PREFILL_ROWS, s->n_prompt)), &e->inf));
    PGR_TRY(pgr_sampler_new(e->n_vocab, s->n_seq, &e->sm));
    e->token = pgr_alloc_array(s->n_seq * s->n_prompt, sizeof *e->token);
    e->feed = pgr_alloc_zero(s->n_seq, sizeof *e->feed);
    e->draw = pgr_alloc_zero(s->n_seq, sizeof *e->draw);
    if (!e->token || !e->feed || !e->draw) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu sequences", s->n_seq);
    return PGR_OK;
}

static int32_t random_token(size_t n_vocab, size_t i, size_t k) {
    return (int32_t)(pgr_rng_uniform(1, PGR_RNG_TEST, (uint32_t)i, (uint32_t)k, 0, 0) * (double)n_vocab);
}

static void take_logits(void *ctx, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *logits) {
    pgr_sampler_add(ctx, row0, n_row, col0, n_col, logits, PGR_OPS_VOCAB);
}

static pgr_err prefill(struct engine *e) {
    const struct pgr_decode_setup *s = e->s;
    for (size_t i = 0; i < s->n_seq; i++) {
        PGR_TRY(pgr_kv_open(e->kv, &e->feed[i].seq));
        for (size_t k = 0; k < s->n_prompt; k++) e->token[i * s->n_prompt + k] = random_token(e->n_vocab, i, k);
        e->feed[i].token = e->token + i * s->n_prompt;
        e->feed[i].n_tok = s->n_prompt;
    }
    size_t group = pgr_max(1, PREFILL_ROWS / s->n_prompt);
    for (size_t i = 0; i < s->n_seq; i += group)
        PGR_TRY(pgr_infer_step(e->inf, pgr_min(group, s->n_seq - i), e->feed + i));
    for (size_t i = 0; i < s->n_seq; i++) e->feed[i].n_tok = 1;
    return PGR_OK;
}

static pgr_err decode_step(struct engine *e, size_t step, struct pgr_decode_time *t) {
    size_t n = e->s->n_seq;
    double a = pgr_now_s();
    PGR_TRY(pgr_infer_step(e->inf, n, e->feed));
    double b = pgr_now_s();
    for (size_t i = 0; i < n; i++)
        e->draw[i] = (struct pgr_draw){.how = &how, .key = (uint32_t)i, .position = (uint32_t)step};
    pgr_sampler_begin(e->sm, n, e->draw);
    pgr_infer_logits_each(e->inf, 0, n, take_logits, e->sm);
    double c = pgr_now_s();
    pgr_sampler_end(e->sm);
    double end = pgr_now_s();
    for (size_t i = 0; i < n; i++) {
        e->token[i * e->s->n_prompt] = e->draw[i].token;
        e->feed[i].token = &e->token[i * e->s->n_prompt];
    }
    t->layers_s += b - a;
    t->logits_s += c - b;
    t->draw_s += end - c;
    return PGR_OK;
}

static pgr_err run_once(struct engine *e, struct pgr_decode_time *t) {
    double start = pgr_now_s();
    PGR_TRY(prefill(e));
    *t = (struct pgr_decode_time){.prefill_s = pgr_now_s() - start};
    start = pgr_now_s();
    double start_cpu = cpu_s();
    for (size_t step = 0; step < e->s->n_new; step++) PGR_TRY(decode_step(e, step, t));
    t->total_s = pgr_now_s() - start;
    t->cpu_s = cpu_s() - start_cpu;
    for (size_t i = 0; i < e->s->n_seq; i++) pgr_kv_close(e->kv, e->feed[i].seq);
    return PGR_OK;
}

pgr_err pgr_decode_measure(struct pgr_model *m, const struct pgr_decode_setup *s, size_t n_run,
                           struct pgr_decode_time *out) {
    if (s->n_prompt + s->n_new > m->cfg.max_position)
        return pgr_fail(PGR_E_RANGE, "%zu + %zu tokens are beyond the model's %zu positions", s->n_prompt, s->n_new,
                        m->cfg.max_position);
    struct engine e = {.s = s};
    pgr_err err = engine_open(m, &e);
    for (size_t r = 0; r < n_run && err == PGR_OK; r++) err = run_once(&e, &out[r]);
    engine_close(&e);
    return err;
}
