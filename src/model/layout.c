/* layout.c - where every parameter lies in the block, and what it is called. */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "model/model.h"

enum { LAYER_PARAMS_MAX = 14, OUTSIDE_MAX = 3 };

/* Appends one parameter; false when the element count does not fit. */
static bool add(struct pgr_layout *l, enum pgr_param_kind kind, size_t layer, const char *name, size_t rows,
                size_t cols) {
    struct pgr_param *p = &l->param[l->n_param];
    size_t n, end;
    if (!pgr_mul(rows, cols, &n) || !pgr_add(l->n_elem, n, &end)) return false;
    *p = (struct pgr_param){.kind = kind, .layer = layer, .rows = rows, .cols = cols, .at = l->n_elem, .n = n};
    if (layer == SIZE_MAX)
        snprintf(p->name, sizeof p->name, "%s", name);
    else
        snprintf(p->name, sizeof p->name, "model.layers.%zu.%s", layer, name);
    l->n_param++;
    l->n_elem = end;
    return true;
}

static bool add_layer(struct pgr_layout *l, const struct pgr_config *c, size_t i) {
    size_t n_q, n_kv;
    if (!pgr_mul(c->n_head, c->d_head, &n_q) || !pgr_mul(c->n_kv_head, c->d_head, &n_kv)) return false;
    bool ok = add(l, PGR_P_ATTN_NORM, i, "input_layernorm.weight", 1, c->d_model) &&
              add(l, PGR_P_WQ, i, "self_attn.q_proj.weight", n_q, c->d_model) &&
              add(l, PGR_P_WK, i, "self_attn.k_proj.weight", n_kv, c->d_model) &&
              add(l, PGR_P_WV, i, "self_attn.v_proj.weight", n_kv, c->d_model);
    if (c->qkv_bias)
        ok = ok && add(l, PGR_P_BQ, i, "self_attn.q_proj.bias", 1, n_q) &&
             add(l, PGR_P_BK, i, "self_attn.k_proj.bias", 1, n_kv) &&
             add(l, PGR_P_BV, i, "self_attn.v_proj.bias", 1, n_kv);
    if (c->qk_norm)
        ok = ok && add(l, PGR_P_Q_NORM, i, "self_attn.q_norm.weight", 1, c->d_head) &&
             add(l, PGR_P_K_NORM, i, "self_attn.k_norm.weight", 1, c->d_head);
    return ok && add(l, PGR_P_WO, i, "self_attn.o_proj.weight", c->d_model, n_q) &&
           add(l, PGR_P_MLP_NORM, i, "post_attention_layernorm.weight", 1, c->d_model) &&
           add(l, PGR_P_W_GATE, i, "mlp.gate_proj.weight", c->d_ff, c->d_model) &&
           add(l, PGR_P_W_UP, i, "mlp.up_proj.weight", c->d_ff, c->d_model) &&
           add(l, PGR_P_W_DOWN, i, "mlp.down_proj.weight", c->d_model, c->d_ff);
}

pgr_err pgr_layout_make(const struct pgr_config *cfg, struct pgr_layout *out) {
    size_t n;
    if (!pgr_mul(cfg->n_layer, LAYER_PARAMS_MAX, &n) || !pgr_add(n, OUTSIDE_MAX, &n))
        return pgr_fail(PGR_E_SHAPE, "a model of %zu layers is too large", cfg->n_layer);
    struct pgr_layout l = {.param = pgr_alloc_array(n, sizeof *l.param)};
    if (!l.param) return pgr_fail(PGR_E_NOMEM, "out of memory for the layout of %zu layers", cfg->n_layer);
    bool ok = add(&l, PGR_P_EMBED, SIZE_MAX, "model.embed_tokens.weight", cfg->n_vocab, cfg->d_model);
    for (size_t i = 0; ok && i < cfg->n_layer; i++) ok = add_layer(&l, cfg, i);
    ok = ok && add(&l, PGR_P_FINAL_NORM, SIZE_MAX, "model.norm.weight", 1, cfg->d_model);
    if (cfg->has_score)
        ok = ok && add(&l, PGR_P_SCORE, SIZE_MAX, "score.weight", 1, cfg->d_model);
    else if (!cfg->tie_embeddings)
        ok = ok && add(&l, PGR_P_LM_HEAD, SIZE_MAX, "lm_head.weight", cfg->n_vocab, cfg->d_model);
    if (!ok) {
        pgr_layout_free(&l);
        return pgr_fail(PGR_E_SHAPE, "the number of parameters does not fit (%zu layers, width %zu, vocabulary %zu)",
                        cfg->n_layer, cfg->d_model, cfg->n_vocab);
    }
    *out = l;
    return PGR_OK;
}

void pgr_layout_free(struct pgr_layout *l) {
    pgr_free(l->param);
    *l = (struct pgr_layout){0, 0, NULL};
}

static const struct pgr_param *find_outside(const struct pgr_layout *l, enum pgr_param_kind kind) {
    for (size_t i = l->n_param; i-- > 0 && l->param[i].layer == SIZE_MAX;)
        if (l->param[i].kind == kind) return &l->param[i];
    return kind == PGR_P_EMBED ? &l->param[0] : NULL;
}

const struct pgr_param *pgr_layout_find(const struct pgr_layout *l, enum pgr_param_kind kind, size_t layer) {
    if (layer == SIZE_MAX) return find_outside(l, kind);
    /* The embedding comes first, then equally many parameters per layer, so a layer's start needs no search. */
    size_t per_layer = 0;
    while (1 + per_layer < l->n_param && l->param[1 + per_layer].layer == 0) per_layer++;
    const struct pgr_param *p = l->param + 1 + layer * per_layer;
    for (size_t i = 0; i < per_layer; i++)
        if (p[i].kind == kind) return &p[i];
    return NULL;
}
