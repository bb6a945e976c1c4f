/* backward.c - back through the layers.
 *
 * dres is d loss / d residual stream, float32, and `low` the same rounded to the model's type, which the products take.
 * For each layer, from the last:
 *
 *     dact = low W_down;  (gate_up, dact) -> (dgate_up, act);  dW_down += low^T act
 *     dnorm = dgate_up W_gate_up;  dres += norm'(x_mid) dnorm, norm again;  dW_gate_up += dgate_up^T norm
 *     dattn = low W_o;  dW_o += low^T attn;  dqkv = attention' dattn, rotation' and head norm'
 *     dnorm = dqkv W_qkv;  dres += norm'(x_in) dnorm, norm again;  dW_qkv += dqkv^T norm
 *
 * With checkpoints the layer's rows are made again first, with the functions that made them, so the bits are the same.
 */
#include <assert.h>
#include <stdint.h>

#include "model/work.h"

static float *grad_of(const struct pgr_model *m, float *grad, enum pgr_param_kind kind, size_t layer) {
    const struct pgr_param *p = pgr_layout_find(&m->layout, kind, layer);
    assert(p);
    return grad + p->at;
}

static void recompute(const struct pgr_model *m, struct pgr_work *w, size_t layer, struct pgr_rows *r) {
    struct pgr_attn_shape sh = pgr_layer_attn_shape(&m->cfg);
    pgr_layer_before(m, layer, r, r->x_in, false);
    pgr_attn_forward(&sh, &w->batch->seg, m->dtype, r->qkv, w->qkv_width, r->attn, m->cfg.n_head * m->cfg.d_head,
                     w->keep[layer].lse);
    pgr_layer_after_gate_up(m, layer, r);
}

static void mlp_backward(const struct pgr_model *m, struct pgr_work *w, size_t layer, const struct pgr_rows *r,
                         float *grad) {
    const struct pgr_layer_weights *l = &m->layer[layer];
    size_t n = r->n, d = w->d_model, f = w->d_ff;
    pgr_gemm_dx(l->down, 0, d, n, w->low, d, false, w->act, f, m->dtype);
    pgr_ops_swiglu_backward(n, f, m->dtype, r->gate_up, w->act);
    pgr_gemm_dw(d, f, n, m->dtype, w->low, d, w->act, f, grad_of(m, grad, PGR_P_W_DOWN, layer), NULL);
    pgr_gemm_dx(l->gate_up, 0, 2 * f, n, r->gate_up, 2 * f, false, w->dnorm, d, m->dtype);
    pgr_ops_norm_backward(n, d, r->x_mid, NULL, l->mlp_norm, r->rstd_mid, m->dtype, w->dnorm, true, w->dres, m->dtype,
                          w->low, w->norm, grad_of(m, grad, PGR_P_MLP_NORM, layer), w->ops_scratch);
    pgr_gemm_dw(2 * f, d, n, m->dtype, r->gate_up, 2 * f, w->norm, d, grad_of(m, grad, PGR_P_W_GATE, layer), NULL);
}

static void attn_backward(const struct pgr_model *m, struct pgr_work *w, size_t layer, const struct pgr_rows *r,
                          float *grad) {
    const struct pgr_layer_weights *l = &m->layer[layer];
    const struct pgr_config *c = &m->cfg;
    struct pgr_attn_shape sh = pgr_layer_attn_shape(c);
    struct pgr_qk qk = pgr_layer_qk(m, layer);
    size_t n = r->n, d = w->d_model, n_attn = c->n_head * c->d_head, width = w->qkv_width;
    pgr_gemm_dx(l->o, 0, d, n, w->low, d, false, w->dattn, n_attn, m->dtype);
    pgr_gemm_dw(d, n_attn, n, m->dtype, w->low, d, r->attn, n_attn, grad_of(m, grad, PGR_P_WO, layer), NULL);
    pgr_attn_backward(&sh, &w->batch->seg, m->dtype, r->qkv, width, r->attn, w->dattn, n_attn, w->keep[layer].lse,
                      w->dqkv, width, w->attn_scratch);
    pgr_ops_qk_backward(&qk, n, w->table, m->dtype, r->qkv_raw, w->dqkv,
                        c->qk_norm ? grad_of(m, grad, PGR_P_Q_NORM, layer) : NULL,
                        c->qk_norm ? grad_of(m, grad, PGR_P_K_NORM, layer) : NULL, w->ops_scratch);
    pgr_gemm_dx(l->qkv, 0, width, n, w->dqkv, width, false, w->dnorm, d, m->dtype);
    pgr_ops_norm_backward(n, d, r->x_in, NULL, l->attn_norm, r->rstd_in, m->dtype, w->dnorm, true, w->dres, m->dtype,
                          w->low, w->norm, grad_of(m, grad, PGR_P_ATTN_NORM, layer), w->ops_scratch);
    pgr_gemm_dw(width, d, n, m->dtype, w->dqkv, width, w->norm, d, grad_of(m, grad, PGR_P_WQ, layer),
                c->qkv_bias ? grad_of(m, grad, PGR_P_BQ, layer) : NULL);
}

pgr_err pgr_backward(struct pgr_model *m, struct pgr_work *w, float *grad) {
    PGR_TRY(pgr_work_fits(w, m));
    if (!w->batch || !w->opts.train) return pgr_fail(PGR_E_INTERNAL, "backward without a forward pass kept for it");
    size_t n = w->batch->n_tok;
    pgr_ops_convert(n * w->d_model, PGR_F32, w->dres, m->dtype, w->low);
    for (size_t i = w->n_layer; i-- > 0;) {
        struct pgr_rows r = pgr_work_rows(w, i);
        if (w->opts.checkpoint) recompute(m, w, i, &r);
        mlp_backward(m, w, i, &r, grad);
        attn_backward(m, w, i, &r, grad);
    }
    /* Tokens are checked non-negative, so they serve as the unsigned row numbers they are. */
    pgr_ops_scatter_add(n, w->d_model, (const uint32_t *)w->batch->token, w->dres,
                        grad_of(m, grad, PGR_P_EMBED, SIZE_MAX));
    w->batch = NULL; /* the kept rows have become gradients */
    return PGR_OK;
}
