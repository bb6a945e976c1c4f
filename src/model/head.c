/* head.c - what stands on the last residual stream: the vocabulary in chunks of rows and blocks of columns, and the
 * score of reward models. */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "model/work.h"

static pgr_err check_rows(const struct pgr_model *m, const struct pgr_work *w, size_t n, const uint32_t *row) {
    PGR_TRY(pgr_work_fits(w, m));
    if (!w->batch) return pgr_fail(PGR_E_INTERNAL, "a head needs a forward pass before it");
    for (size_t i = 0; i < n; i++)
        if (row[i] >= w->batch->n_tok)
            return pgr_fail(PGR_E_SHAPE, "head row %zu names token %u of %zu", i, row[i], w->batch->n_tok);
    return PGR_OK;
}

static pgr_err check_lm(const struct pgr_model *m, const struct pgr_work *w, size_t n, const uint32_t *row) {
    if (!m->lm_head) return pgr_fail(PGR_E_UNSUPPORTED, "this is a reward model: it has no output matrix for tokens");
    return check_rows(m, w, n, row);
}

static void norm_rows(const struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row) {
    pgr_ops_norm_rows(n, w->d_model, w->x_out, row, m->final_norm, m->cfg.norm_eps, m->dtype, w->head.norm,
                      w->head.rstd);
}

static float *grad_of(const struct pgr_model *m, float *grad, enum pgr_param_kind kind) {
    return grad + pgr_layout_find(&m->layout, kind, SIZE_MAX)->at;
}

/* From head.dnorm (d loss / d normed row): the final norm's gradient, and dres += at the rows. */
static void norm_rows_backward(const struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                               float *grad) {
    struct pgr_head_space *h = &w->head;
    pgr_ops_norm_backward(n, w->d_model, w->x_out, row, m->final_norm, h->rstd, PGR_F32, h->dnorm, false, h->dx,
                          PGR_F32, NULL, NULL, grad_of(m, grad, PGR_P_FINAL_NORM), h->norm_scratch);
    pgr_ops_scatter_add(n, w->d_model, row, h->dx, w->dres);
}

/* ---- vocabulary ---- */

struct logp_job {
    struct pgr_head_space *h;
    const int32_t *target;
    float scale, *logp;
    size_t n_block, lde;
    enum pgr_dtype dtype;
    bool keep;
};

static void use_logits(void *ctx, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *logits) {
    const struct logp_job *j = ctx;
    struct pgr_head_space *h = j->h;
    void *e = j->keep ? (unsigned char *)h->e + (row0 * j->lde + col0) * pgr_dtype_bytes(j->dtype) : NULL;
    pgr_ops_vocab_block(n_row, n_col, logits, PGR_OPS_VOCAB, j->scale, j->n_block, col0 / PGR_OPS_VOCAB,
                        h->state + row0 * j->n_block, j->dtype, e, j->lde, NULL);
    for (size_t i = 0; i < n_row; i++) {
        size_t target = (size_t)j->target[row0 + i];
        if (target >= col0 && target - col0 < n_col) j->logp[row0 + i] = logits[i * PGR_OPS_VOCAB + target - col0];
    }
}

/* One chunk: logp[n], head.entropy[n]; with `keep` also the exponentials in head.e. */
static void logp_chunk(const struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                       const int32_t *target, float scale, bool keep, float *logp) {
    struct pgr_head_space *h = &w->head;
    size_t n_vocab = w->n_vocab, n_block = pgr_div_up(n_vocab, PGR_OPS_VOCAB);
    struct logp_job j = {h, target, scale, logp, n_block, n_vocab, m->dtype, keep};
    norm_rows(m, w, n, row);
    pgr_gemm_blocks(m->lm_head, n, h->norm, w->d_model, h->block_rows, PGR_OPS_VOCAB, h->n_block_buffer, h->logits,
                    use_logits, &j);
    pgr_ops_vocab_finish(n, n_block, h->state, h->lse, h->entropy);
    for (size_t i = 0; i < n; i++) logp[i] = pgr_ops_vocab_logp(logp[i], scale, h->lse[i]);
}

static void logp_chunk_backward(const struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                const int32_t *target, float scale, float *grad) {
    struct pgr_head_space *h = &w->head;
    size_t n_vocab = w->n_vocab, d = w->d_model;
    bool any = false, any_entropy = false;
    for (size_t i = 0; i < n; i++) {
        any_entropy = any_entropy || h->dentropy[i] != 0.0f;
        any = any || h->dlogp[i] != 0.0f;
    }
    if (!any && !any_entropy) return;
    pgr_ops_vocab_grad(n, n_vocab, h->state, h->lse, any_entropy ? h->entropy : NULL, target, h->dlogp,
                       any_entropy ? h->dentropy : NULL, scale, m->dtype, h->e, n_vocab);
    pgr_gemm_dx(m->lm_head, 0, n_vocab, n, h->e, n_vocab, false, h->dnorm, d, PGR_F32);
    bool tied = m->lm_head == m->embed;
    pgr_gemm_dw(n_vocab, d, n, m->dtype, h->e, n_vocab, h->norm, d,
                grad_of(m, grad, tied ? PGR_P_EMBED : PGR_P_LM_HEAD), NULL);
    norm_rows_backward(m, w, n, row, grad);
}

pgr_err pgr_head_logp(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row, const int32_t *target,
                      float temperature, float *logp, float *entropy, pgr_loss_fn fn, void *ctx, float *grad) {
    PGR_TRY(check_lm(m, w, n, row));
    if (!(temperature > 0.0f) || !isfinite(temperature))
        return pgr_fail(PGR_E_RANGE, "temperature %g, must be above 0", (double)temperature);
    for (size_t i = 0; i < n; i++)
        if (target[i] < 0 || (size_t)target[i] >= w->n_vocab)
            return pgr_fail(PGR_E_RANGE, "target %zu is token %d, the vocabulary has %zu", i, (int)target[i],
                            w->n_vocab);
    bool backward = fn && grad;
    if (backward && !w->opts.train) return pgr_fail(PGR_E_INTERNAL, "gradient asked of a work space without `train`");
    struct pgr_head_space *h = &w->head;
    float scale = 1.0f / temperature;
    for (size_t i0 = 0; i0 < n; i0 += h->n_row) {
        size_t nr = pgr_min(h->n_row, n - i0);
        logp_chunk(m, w, nr, row + i0, target + i0, scale, backward, logp + i0);
        if (entropy) memcpy(entropy + i0, h->entropy, nr * sizeof *entropy);
        if (!backward) continue;
        memset(h->dlogp, 0, nr * sizeof *h->dlogp);
        memset(h->dentropy, 0, nr * sizeof *h->dentropy);
        fn(ctx, i0, nr, logp + i0, entropy ? entropy + i0 : NULL, h->dlogp, h->dentropy);
        logp_chunk_backward(m, w, nr, row + i0, target + i0, scale, grad);
    }
    return PGR_OK;
}

pgr_err pgr_head_logits(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row, float *logits) {
    PGR_TRY(check_lm(m, w, n, row));
    for (size_t i0 = 0; i0 < n; i0 += w->head.n_row) {
        size_t nr = pgr_min(w->head.n_row, n - i0);
        norm_rows(m, w, nr, row + i0);
        pgr_gemm_forward(m->lm_head, 0, w->n_vocab, nr, w->head.norm, w->d_model, NULL, false, logits + i0 * w->n_vocab,
                         w->n_vocab, PGR_F32);
    }
    return PGR_OK;
}

/* ---- score ---- */

static pgr_err check_score(const struct pgr_model *m, const struct pgr_work *w, size_t n, const uint32_t *row) {
    if (!m->score) return pgr_fail(PGR_E_UNSUPPORTED, "this model has no score head (score.weight)");
    return check_rows(m, w, n, row);
}

/* The normed rows in float32: the score is a difference of large sums and deserves them. */
static void score_norm(const struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row) {
    pgr_ops_norm_rows(n, w->d_model, w->x_out, row, m->final_norm, m->cfg.norm_eps, PGR_F32, w->head.score_norm,
                      w->head.rstd);
}

pgr_err pgr_head_score(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row, float *score) {
    PGR_TRY(check_score(m, w, n, row));
    size_t d = w->d_model;
    for (size_t i0 = 0; i0 < n; i0 += w->head.n_row) {
        size_t nr = pgr_min(w->head.n_row, n - i0);
        score_norm(m, w, nr, row + i0);
        for (size_t i = 0; i < nr; i++) {
            const float *x = w->head.score_norm + i * d;
            double s = 0.0;
            for (size_t j = 0; j < d; j++) s += (double)x[j] * (double)m->score[j];
            score[i0 + i] = (float)s;
        }
    }
    return PGR_OK;
}

pgr_err pgr_head_score_backward(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                const float *dscore, float *grad) {
    PGR_TRY(check_score(m, w, n, row));
    if (!w->opts.train) return pgr_fail(PGR_E_INTERNAL, "gradient asked of a work space without `train`");
    size_t d = w->d_model;
    float *dweight = grad_of(m, grad, PGR_P_SCORE);
    for (size_t i0 = 0; i0 < n; i0 += w->head.n_row) {
        size_t nr = pgr_min(w->head.n_row, n - i0);
        score_norm(m, w, nr, row + i0);
        for (size_t i = 0; i < nr; i++) {
            const float *x = w->head.score_norm + i * d;
            float g = dscore[i0 + i], *dx = w->head.dnorm + i * d;
            for (size_t j = 0; j < d; j++) {
                dweight[j] += g * x[j];
                dx[j] = g * m->score[j];
            }
        }
        norm_rows_backward(m, w, nr, row + i0, grad);
    }
    return PGR_OK;
}
