/* layer.c - see layer.h; equations in MODEL.md section 2. */
#include "model/layer.h"

#include <assert.h>
#include <math.h>

struct pgr_qk pgr_layer_qk(const struct pgr_model *m, size_t layer) {
    const struct pgr_config *c = &m->cfg;
    const struct pgr_layer_weights *l = &m->layer[layer];
    return (struct pgr_qk){c->n_head, c->n_kv_head, c->d_head, l->q_norm, l->k_norm, c->norm_eps};
}

struct pgr_attn_shape pgr_layer_attn_shape(const struct pgr_config *c) {
    return (struct pgr_attn_shape){c->n_head, c->n_kv_head, c->d_head, 1.0f / sqrtf((float)c->d_head)};
}

void pgr_layer_before(const struct pgr_model *m, size_t layer, struct pgr_rows *r, const float *x, bool pending) {
    const struct pgr_layer_weights *l = &m->layer[layer];
    size_t d = m->cfg.d_model, width = pgr_qkv_width(&m->cfg);
    assert(pending || x == r->x_in);
    pgr_ops_add_norm(r->n, d, x, pending ? r->add : NULL, l->attn_norm, m->cfg.norm_eps, m->dtype,
                     pending ? r->x_in : NULL, r->norm, r->rstd_in);
    pgr_gemm_forward(l->qkv, 0, width, r->n, r->norm, d, l->qkv_bias, false, r->qkv_raw, width, m->dtype);
    struct pgr_qk qk = pgr_layer_qk(m, layer);
    pgr_ops_qk(&qk, r->n, r->table, m->dtype, r->qkv_raw, r->qkv);
}

static void after_attention(const struct pgr_model *m, size_t layer, struct pgr_rows *r) {
    const struct pgr_layer_weights *l = &m->layer[layer];
    size_t d = m->cfg.d_model, n_attn = m->cfg.n_head * m->cfg.d_head;
    pgr_gemm_forward(l->o, 0, d, r->n, r->attn, n_attn, NULL, false, r->add, d, m->dtype);
    pgr_ops_add_norm(r->n, d, r->x_in, r->add, l->mlp_norm, m->cfg.norm_eps, m->dtype, r->x_mid, r->norm, r->rstd_mid);
}

void pgr_layer_after_gate_up(const struct pgr_model *m, size_t layer, struct pgr_rows *r) {
    size_t n_gu = 2 * m->cfg.d_ff;
    after_attention(m, layer, r);
    pgr_gemm_forward(m->layer[layer].gate_up, 0, n_gu, r->n, r->norm, m->cfg.d_model, NULL, false, r->gate_up, n_gu,
                     m->dtype);
}

void pgr_layer_after(const struct pgr_model *m, size_t layer, struct pgr_rows *r, bool keep_gate_up) {
    const struct pgr_layer_weights *l = &m->layer[layer];
    size_t d = m->cfg.d_model, f = m->cfg.d_ff;
    after_attention(m, layer, r);
    pgr_gemm_swiglu(l->gate_up, r->n, r->norm, d, r->gate_up, keep_gate_up, r->act);
    pgr_gemm_forward(l->down, 0, d, r->n, r->act, f, NULL, false, r->add, d, m->dtype);
}

void pgr_layer_end(const struct pgr_model *m, struct pgr_rows *r, const float *x, float *x_out) {
    pgr_ops_add_norm(r->n, m->cfg.d_model, x, r->add, m->final_norm, m->cfg.norm_eps, m->dtype, x_out, NULL, NULL);
}
