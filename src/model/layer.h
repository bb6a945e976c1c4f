/* layer.h - the row-wise parts of a transformer layer, shared by training, scoring (forward.c, backward.c) and paged
 * inference (infer.c), so that a token gets the same bits in all three. Internal to src/model.
 *
 * A layer is: pgr_layer_before, attention by the caller (packed or paged), pgr_layer_after. Between layers the state of
 * the rows is the residual stream plus a pending sum `add` (the last MLP's output), which the next norm adds on its
 * way:
 *
 *     pgr_ops_embed(..., r.x_in)
 *     for each layer: before: x_in += pending; norm, q/k/v product, q/k norm, rotation
 *                     attention: r.qkv -> r.attn
 *                     after:  output product, x_mid = x_in + it, norm, gate/up product, SwiGLU, down product -> r.add
 *     pgr_layer_end:  x_out = x_mid + pending
 *
 * For inference x_in, x_mid and x_out may be one array, and qkv_raw may be qkv. */
#ifndef PGR_MODEL_LAYER_H
#define PGR_MODEL_LAYER_H

#include "kern/ops.h"
#include "kern/optim.h"
#include "model/model.h"

/* Buffers of n rows; of the model's dtype unless said. All borrowed. */
struct pgr_rows {
    size_t n;
    const float *table;        /* [n, d_head] of pgr_ops_rope_table for the rows' positions */
    float *x_in;               /* [n, d_model] float32: what the layer adds its attention to */
    float *x_mid;              /* [n, d_model] float32: after attention */
    void *add;                 /* [n, d_model] */
    void *norm;                /* [n, d_model] scratch */
    void *qkv_raw;             /* [n, pgr_qkv_width] before norm and rotation; may be qkv */
    void *qkv;                 /* [n, pgr_qkv_width] */
    void *attn;                /* [n, n_head d_head] */
    void *gate_up;             /* [n, 2 d_ff] */
    void *act;                 /* [n, d_ff] */
    float *rstd_in, *rstd_mid; /* [n], or NULL */
};

static inline size_t pgr_qkv_width(const struct pgr_config *c) { return (c->n_head + 2 * c->n_kv_head) * c->d_head; }
struct pgr_qk pgr_layer_qk(const struct pgr_model *m, size_t layer);
struct pgr_attn_shape pgr_layer_attn_shape(const struct pgr_config *c);

/* x: the residual stream before the pending sum (the last layer's x_mid; for the first layer the embedding). pending:
 * r->add holds a sum to add, x_in = x + add; else x_in = x (x must then be r->x_in). Fills x_in, rstd_in, qkv. */
void pgr_layer_before(const struct pgr_model *m, size_t layer, struct pgr_rows *r, const float *x, bool pending);

/* From r->attn and r->x_in: fills x_mid, rstd_mid, and r->add with the pending sum. gate_up is filled if it is to be
 * kept, else undefined. */
void pgr_layer_after(const struct pgr_model *m, size_t layer, struct pgr_rows *r, bool keep_gate_up);
/* The first part of it, up to gate_up: what recomputation for the backward pass needs. */
void pgr_layer_after_gate_up(const struct pgr_model *m, size_t layer, struct pgr_rows *r);

/* x_out[n, d_model] = x + r->add; x_out may be x. */
void pgr_layer_end(const struct pgr_model *m, struct pgr_rows *r, const float *x, float *x_out);

#endif
