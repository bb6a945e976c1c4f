/* measure.c - passes as update.c and the reference model make them, without the rest of a run. */
#include "train/measure.h"

#include <math.h>

#include "base/clock.h"
#include "base/size.h"
#include "kern/optim.h"

struct run {
    struct pgr_model *m;
    const struct pgr_pass_setup *s;
    struct pgr_work *w;
    size_t n_elem, n_step;
    float *grad, *exp_avg, *exp_avg_sq; /* blocks of n_elem, when training */
    int32_t *token, *target;
    uint32_t *row;
    float *logp;
    size_t *start;
};

static double now(const struct run *r) { return r->s->now_s ? r->s->now_s() : pgr_now_s(); }

static void run_close(struct run *r) {
    size_t bytes = r->n_elem * sizeof(float);
    pgr_block_free(r->grad, bytes);
    pgr_block_free(r->exp_avg, bytes);
    pgr_block_free(r->exp_avg_sq, bytes);
    pgr_work_free(r->w);
    pgr_free(r->token);
    pgr_free(r->target);
    pgr_free(r->row);
    pgr_free(r->logp);
    pgr_free(r->start);
}

static pgr_err run_open(struct run *r) {
    const struct pgr_pass_setup *s = r->s;
    size_t n_seq = s->micro / s->length, n_vocab = r->m->cfg.n_vocab, bytes = r->n_elem * sizeof(float);
    struct pgr_work_opts o = {
        .max_tok = s->micro, .max_seg = n_seq, .train = s->train, .checkpoint = s->train && s->checkpoint};
    PGR_TRY(pgr_work_new(r->m, &o, &r->w));
    if (s->train) {
        r->grad = pgr_block_new(bytes);
        r->exp_avg = pgr_block_new(bytes);
        r->exp_avg_sq = pgr_block_new(bytes);
        if (!r->grad || !r->exp_avg || !r->exp_avg_sq)
            return pgr_fail(PGR_E_NOMEM, "out of memory for gradients and moments of %zu parameters", r->n_elem);
    }
    r->token = pgr_alloc_array(s->n_tok, sizeof *r->token);
    r->target = pgr_alloc_array(s->micro, sizeof *r->target);
    r->row = pgr_alloc_array(s->micro, sizeof *r->row);
    r->logp = pgr_alloc_array(s->micro, sizeof *r->logp);
    r->start = pgr_alloc_array(n_seq + 1, sizeof *r->start);
    if (!r->token || !r->target || !r->row || !r->logp || !r->start)
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu tokens", s->n_tok);
    for (size_t i = 0; i < s->n_tok; i++)
        r->token[i] = (int32_t)(i % s->length == 0 ? i * 31 % n_vocab : ((size_t)r->token[i - 1] * 5 + 7) % n_vocab);
    for (size_t i = 0; i <= n_seq; i++) r->start[i] = i * s->length;
    return PGR_OK;
}

struct loss {
    double sum, weight;
};

static void on_loss(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                    float *dentropy) {
    struct loss *l = ctx;
    (void)i0, (void)entropy, (void)dentropy;
    for (size_t i = 0; i < n; i++) {
        l->sum -= (double)logp[i] * l->weight;
        dlogp[i] = (float)-l->weight;
    }
}

static void step_optimizer(struct run *r) {
    double norm = pgr_grad_norm(r->n_elem, r->grad);
    struct pgr_adamw o = {1e-6, 0.9, 0.999, 1e-8, 0.0, fmin(1.0, 1.0 / norm), ++r->n_step, true};
    pgr_adamw(&o, r->n_elem, r->m->master, r->grad, r->exp_avg, r->exp_avg_sq);
    pgr_model_repack(r->m);
}

static pgr_err run_once(struct run *r, struct pgr_pass_time *out) {
    const struct pgr_pass_setup *s = r->s;
    size_t n_seq = s->micro / s->length;
    struct loss loss = {0, 1.0 / (double)(s->n_tok / s->length * (s->length - 1))};
    double start = now(r), layers_s = 0;
    for (size_t first = 0; first < s->n_tok; first += s->micro) {
        const int32_t *token = r->token + first;
        struct pgr_batch b = {s->micro, token, {n_seq, r->start, NULL}};
        size_t n = 0;
        for (size_t i = 0; i < s->micro; i++)
            if ((i + 1) % s->length) r->row[n] = (uint32_t)i, r->target[n++] = token[i + 1];
        double t = now(r);
        PGR_TRY(pgr_forward(r->m, r->w, &b));
        layers_s += now(r) - t;
        PGR_TRY(pgr_head_logp(r->m, r->w, n, r->row, r->target, 1.0f, r->logp, NULL, s->train ? on_loss : NULL, &loss,
                              r->grad));
        if (s->train) PGR_TRY(pgr_backward(r->m, r->w, r->grad));
    }
    if (s->train) step_optimizer(r);
    *out = (struct pgr_pass_time){now(r) - start, layers_s, loss.sum};
    return PGR_OK;
}

pgr_err pgr_pass_measure(struct pgr_model *m, const struct pgr_pass_setup *s, size_t n_run,
                         struct pgr_pass_time *out_warm, struct pgr_pass_time *out) {
    if (s->length < 2 || s->micro == 0 || s->micro % s->length || s->n_tok == 0 || s->n_tok % s->micro)
        return pgr_fail(PGR_E_RANGE,
                        "%zu tokens in passes of %zu and sequences of %zu: each must divide the one before", s->n_tok,
                        s->micro, s->length);
    if (s->length > m->cfg.max_position)
        return pgr_fail(PGR_E_RANGE, "%zu tokens are beyond the model's %zu positions", s->length, m->cfg.max_position);
    struct run r = {.m = m, .s = s, .n_elem = m->layout.n_elem};
    struct pgr_pass_time warm;
    pgr_err err = run_open(&r);
    if (err == PGR_OK) err = run_once(&r, &warm);
    if (err == PGR_OK && out_warm) *out_warm = warm;
    if (err == PGR_OK && s->warm) s->warm();
    for (size_t i = 0; i < n_run && err == PGR_OK; i++) err = run_once(&r, &out[i]);
    run_close(&r);
    return err;
}
