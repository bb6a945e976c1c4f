/* work.h - inside of the work space of a forward and backward pass (forward.c, backward.c, head.c).
 *
 * One arena, taken once: per-layer rows that backward reads, rows that one layer hands to the next, and head chunks.
 * With `checkpoint` only each layer's x_in is per layer and the rest of a layer is shared; without `train`
 * everything is shared, and x_in, x_mid and x_out are one array. */
#ifndef PGR_MODEL_WORK_H
#define PGR_MODEL_WORK_H

#include "model/layer.h"
#include "model/model.h"

enum { PGR_HEAD_ROWS = 1024 /* rows of hidden states that meet the vocabulary at once, at most */ };

struct pgr_layer_keep {
    float *x_in, *x_mid, *rstd_in, *rstd_mid, *lse;
    void *qkv_raw, *qkv, *attn, *gate_up;
};

struct pgr_head_space {
    size_t n_row;                  /* rows of a chunk */
    void *norm;                    /* [n_row, d_model] of the model's dtype */
    float *score_norm;             /* [n_row, d_model], with a score head */
    float *rstd;                   /* [n_row] */
    float *logits;                 /* [n_block_buffer][block_rows, PGR_OPS_VOCAB] */
    size_t n_block_buffer, block_rows;
    struct pgr_vocab_state *state; /* [n_row, blocks] */
    void *e;                       /* [n_row, n_vocab] exponentials, then the gradient of the logits; train only */
    float *dnorm, *dx;             /* [n_row, d_model]; train only */
    float *norm_scratch;           /* train only */
    float *lse, *entropy, *dlogp, *dentropy; /* [n_row] */
};

struct pgr_work {
    struct pgr_work_opts opts;
    enum pgr_dtype dtype;
    size_t n_layer, d_model, d_ff, n_vocab, qkv_width; /* of the model it was made for */
    struct pgr_arena arena;

    struct pgr_layer_keep *keep; /* [n_layer], owned */
    float *x_out;                /* [max_tok, d_model] the last residual stream */
    int32_t *pos;
    float *table;
    void *add, *norm, *act;
    struct pgr_head_space head;

    /* train only */
    float *dres;                /* [max_tok, d_model] d loss / d residual stream */
    void *low;                  /* the same in the model's dtype */
    void *dattn, *dqkv, *dnorm; /* of the model's dtype */
    float *ops_scratch;
    float *attn_scratch; /* owned, grown by need */
    size_t attn_scratch_n;

    struct pgr_batch last;         /* of the last forward pass; its arrays are the caller's */
    const struct pgr_batch *batch; /* &last, NULL before a forward pass and after a backward one */
};

/* Row buffers of a layer over the batch's n tokens. */
struct pgr_rows pgr_work_rows(const struct pgr_work *w, size_t layer);
/* PGR_E_INTERNAL unless w was made for a model of m's shape. */
PGR_MUST_CHECK pgr_err pgr_work_fits(const struct pgr_work *w, const struct pgr_model *m);

#endif
