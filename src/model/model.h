/* model.h - a model in memory: parameters in one block, compute weights, forward, loss heads, backward.
 *
 * Parameters. A layout (struct pgr_layout) lists every parameter with its Hugging Face name, shape and place in one
 * float32 block; gradients and optimiser states are blocks of the same shape. q, k, v of a layer lie one after another,
 * so do gate and up: each group is one matrix for the products. Compute weights (packed, bfloat16 or float32) are made
 * from the block by pgr_model_repack after every update.
 *
 * A step:  forward over a packed batch -> loss head (chunks of rows against the vocabulary, no full logits matrix)
 * -> backward, which adds to the gradient block. See MODEL.md for equations. */
#ifndef PGR_MODEL_MODEL_H
#define PGR_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "kern/attn.h"
#include "kern/gemm.h"
#include "model/config.h"

/* ---- parameters -------------------------------------------------------------------------------------------- */

enum pgr_param_kind {
    PGR_P_EMBED,
    PGR_P_ATTN_NORM,
    PGR_P_WQ,
    PGR_P_WK,
    PGR_P_WV,
    PGR_P_BQ,
    PGR_P_BK,
    PGR_P_BV,
    PGR_P_Q_NORM,
    PGR_P_K_NORM,
    PGR_P_WO,
    PGR_P_MLP_NORM,
    PGR_P_W_GATE,
    PGR_P_W_UP,
    PGR_P_W_DOWN,
    PGR_P_FINAL_NORM,
    PGR_P_LM_HEAD,
    PGR_P_SCORE
};

struct pgr_param {
    char name[96]; /* Hugging Face tensor name, "model.layers.3.self_attn.q_proj.weight" */
    enum pgr_param_kind kind;
    size_t layer;      /* SIZE_MAX outside the layers */
    size_t rows, cols; /* vectors: rows = 1 */
    size_t at, n;      /* elements [at, at + n) of the block */
};

struct pgr_layout {
    size_t n_param, n_elem;
    struct pgr_param *param; /* owned; in block order */
};

/* The layout is a function of the configuration alone. The result is owned by the caller (pgr_layout_free). */
PGR_MUST_CHECK pgr_err pgr_layout_make(const struct pgr_config *cfg, struct pgr_layout *out);
void pgr_layout_free(struct pgr_layout *l);
/* The parameter of that kind and layer (SIZE_MAX outside the layers); NULL only for a kind the configuration lacks. */
const struct pgr_param *pgr_layout_find(const struct pgr_layout *l, enum pgr_param_kind kind, size_t layer);

/* ---- models ------------------------------------------------------------------------------------------------ */

struct pgr_layer_weights {
    struct pgr_wmat *qkv, *o, *gate_up, *down;
    const float *attn_norm, *mlp_norm, *qkv_bias, *q_norm, *k_norm; /* float32; bias and q/k norms may be NULL */
};

struct pgr_model {
    struct pgr_config cfg;
    struct pgr_layout layout;
    enum pgr_dtype dtype; /* of compute */
    unsigned uses;        /* PGR_WMAT_FORWARD | PGR_WMAT_BACKWARD */
    float *master;        /* [layout.n_elem], NULL when loaded for inference only */
    float *vectors; /* norms, biases and score head, float32; the layers point here. NULL with a master: they point
                       into that, so an update of the block is seen by norms and biases at once */
    size_t n_vectors;
    struct pgr_layer_weights *layer; /* [n_layer] */
    struct pgr_wmat *embed;          /* look-up table and, when tied, output matrix */
    struct pgr_wmat *lm_head;        /* == embed when tied; NULL with a score head */
    const float *final_norm, *score;
    float *rope_freq; /* [d_head / 2] */
    char *generation; /* text of the source's generation_config.json, NULL when it has none: saving carries over what
                         is not ids (sampling defaults) */
};

struct pgr_model_opts {
    enum pgr_dtype dtype;
    bool train;     /* keep the float32 block and the packing for backward */
    bool tie;       /* tie the output matrix to the embedding although the file stores one of its own */
    bool add_score; /* a causal model becomes a reward model: score.weight drawn N(0, 1/(d_model+1)) from `seed`,
                       lm_head dropped */
    uint64_t seed;
    bool save_only; /* with train: the float32 block alone, for pgr_model_save; nothing can be computed (layers'
                       matrices, embed and lm_head are NULL) */
};

/* Loads a Hugging Face folder or a GGUF file. One-line errors name the file, tensor and numbers; PGR_E_RANGE when the
 * machine has not the memory (base/ram.h), before anything is read. */
PGR_MUST_CHECK pgr_err pgr_model_load(const char *path, const struct pgr_model_opts *opts, struct pgr_model **out);
/* Everything pgr_model_load would refuse, without loading any weights (a value that is not finite stays unseen). */
PGR_MUST_CHECK pgr_err pgr_model_check(const char *path, const struct pgr_model_opts *opts);
/* A model of this configuration with parameters drawn from a seed (tests, tiny models). */
PGR_MUST_CHECK pgr_err pgr_model_random(const struct pgr_config *cfg, const struct pgr_model_opts *opts,
                                        struct pgr_model **out);
void pgr_model_free(struct pgr_model *m);
/* Bytes such a model takes: the float32 block or vectors, and the packed weights. cfg has passed pgr_config_check. */
size_t pgr_model_bytes(const struct pgr_config *cfg, const struct pgr_model_opts *opts);
/* Compute weights from `master` (after an update). Runs on the pool. */
void pgr_model_repack(struct pgr_model *m);
/* Writes config.json, generation_config.json and model*.safetensors (bf16 or f32, shards of at most max_shard_bytes)
 * into an existing folder. Tokenizer files are text/'s (pgr_tok_save). Needs `master`. */
PGR_MUST_CHECK pgr_err pgr_model_save(const struct pgr_model *m, const char *dir, enum pgr_dtype dtype,
                                      size_t max_shard_bytes);

/* ---- forward, heads, backward ------------------------------------------------------------------------------- */

struct pgr_batch {
    size_t n_tok;
    const int32_t *token;    /* [n_tok], each < n_vocab (checked by the caller) */
    struct pgr_segments seg; /* positions follow from it: a child starts at its parent's length */
};

/* Work space of forward and backward: activations, scratch; sized for max_tok tokens and max_rows head rows. */
struct pgr_work;
struct pgr_work_opts {
    size_t max_tok, max_seg;
    bool train;      /* keep what backward needs */
    bool checkpoint; /* keep only each layer's input and recompute the rest in backward */
};
PGR_MUST_CHECK pgr_err pgr_work_new(const struct pgr_model *m, const struct pgr_work_opts *o, struct pgr_work **out);
void pgr_work_free(struct pgr_work *w);
size_t pgr_work_bytes(const struct pgr_config *cfg, enum pgr_dtype dtype, const struct pgr_work_opts *o);

/* Runs the layers; the last residual stream stays in `w`. The batch's arrays are borrowed until backward. */
PGR_MUST_CHECK pgr_err pgr_forward(struct pgr_model *m, struct pgr_work *w, const struct pgr_batch *b);

/* Language head: log p(target[i] | row[i]) for i < n, where row[i] is the token index whose hidden state predicts
 * target[i] (a prompt's last token may occur many times). Logits are divided by temperature first.
 * Works in chunks; after a chunk's logp (nats) and, if wanted, entropy (nats) are known, calls
 * fn(ctx, i0, n, logp + i0, entropy + i0 or NULL, dlogp, dentropy): fn writes d loss / d logp (and / d entropy) of
 * these n rows into dlogp[n] (dentropy[n], zero on entry), and the gradient goes into grad and into the work space for
 * pgr_backward. fn == NULL or grad == NULL: no gradient. logp [n] out; entropy [n] out or NULL. */
typedef void (*pgr_loss_fn)(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                            float *dentropy);
PGR_MUST_CHECK pgr_err pgr_head_logp(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                     const int32_t *target, float temperature, float *logp, float *entropy,
                                     pgr_loss_fn fn, void *ctx, float *grad);

/* Full logits [n, n_vocab] float32 of some rows (tests, inspection). */
PGR_MUST_CHECK pgr_err pgr_head_logits(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                       float *logits);

/* Score head: score[i] = score.weight . norm(h[row[i]]). Backward with dscore[n] (d loss / d score). */
PGR_MUST_CHECK pgr_err pgr_head_score(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                      float *score);
PGR_MUST_CHECK pgr_err pgr_head_score_backward(struct pgr_model *m, struct pgr_work *w, size_t n, const uint32_t *row,
                                               const float *dscore, float *grad);

/* Back through the layers and the embedding. grad[layout.n_elem] += ; call once after the head(s) of a forward pass. */
PGR_MUST_CHECK pgr_err pgr_backward(struct pgr_model *m, struct pgr_work *w, float *grad);

/* FLOPs of a forward pass / a training step over n_tok tokens of mean context `ctx`, head on n_rows rows; for plans. */
double pgr_forward_flops(const struct pgr_config *cfg, double n_tok, double ctx, double n_rows);

#endif
