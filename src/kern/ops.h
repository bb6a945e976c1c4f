/* ops.h - the row-wise parts of a transformer around the matrix products, forward and backward.
 *
 * A row is a token. The residual stream and its gradient are float32; what goes into a matrix product or comes out of
 * one is of `type` (bfloat16, or float32 for parity tests). Inside every function numbers are float32 and are rounded
 * once when stored.
 *
 * A row's result does not depend on the other rows, and no result depends on the number of threads: sums over
 * rows (gradients of norm weights) run over blocks of PGR_OPS_BLOCK rows, each in order, then over the blocks in order.
 * Gradients of parameters accumulate (+=); gradients of activations are overwritten unless said.
 *
 * All functions run on the pool, never fail (preconditions are asserts) and take n == 0. Pointers need no alignment.
 * Arrays must not overlap unless said. */
#ifndef PGR_KERN_OPS_H
#define PGR_KERN_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "kern/gemm.h"

enum { PGR_OPS_BLOCK = 32 };

/* ---- embedding ---- */

/* x[n, d] = rows token[i] of w [n_vocab, d]; each token in range. */
void pgr_ops_embed(const struct pgr_wmat *w, size_t n, const int32_t *token, float *x);

/* dst[index[i]] += src[i] for i < n in order; rows of d floats. Serves the embedding's gradient and gathered rows. */
void pgr_ops_scatter_add(size_t n, size_t d, const uint32_t *index, const float *src, float *dst);

/* ---- residual and RMS norm ----
 * y = x r w with r = 1 / sqrt(mean(x^2) + eps). */

/* xo = x + add; y = norm(xo). x, xo [n, d] float32 (xo may be x; NULL only without add), add [n, d] of type or NULL,
 * w [d], y [n, d] of type or NULL, rstd [n] = r, or NULL. */
void pgr_ops_add_norm(size_t n, size_t d, const float *x, const void *add, const float *w, float eps,
                      enum pgr_dtype type, float *xo, void *y, float *rstd);

/* y[i] = norm(x[row[i]]); y [n, d] of type, rstd [n] or NULL. */
void pgr_ops_norm_rows(size_t n, size_t d, const float *x, const uint32_t *row, const float *w, float eps,
                       enum pgr_dtype type, void *y, float *rstd);

/* Backward of y = norm(x): dy [n, d] of dy_type, rstd [n] of the forward pass.
 *     dx_i = r (w_i dy_i - x_i r mean_j(w_j dy_j x_j r)),   dw_i += sum over rows of dy_i x_i r
 * dx is added to dres [n, d] float32 (add_to_res) or overwrites it. row: NULL, or x's row of each i (dres is not
 * gathered). low [n, d] of type, or NULL: the new dres rounded, what the next matrix product takes. y [n, d] of type,
 * or NULL: the forward result again. scratch: pgr_ops_norm_scratch(n, d) floats. low may be dy if the types agree. */
size_t pgr_ops_norm_scratch(size_t n, size_t d);
void pgr_ops_norm_backward(size_t n, size_t d, const float *x, const uint32_t *row, const float *w, const float *rstd,
                           enum pgr_dtype dy_type, const void *dy, bool add_to_res, float *dres, enum pgr_dtype type,
                           void *low, void *y, float *dw, float *scratch);

/* ---- queries and keys: per-head norm (Qwen3) and rotary embedding ---- */

struct pgr_qk {
    size_t n_head, n_kv_head, d_head; /* d_head even */
    const float *q_norm, *k_norm;     /* [d_head] each, or NULL: no norm */
    float eps;
};

/* table[n, d_head]: cosines of pos[i] * freq[j], j < d_head/2, then the sines. The angle is a float32 product, as in
 * the reference implementations. */
void pgr_ops_rope_table(size_t n, const int32_t *pos, size_t d_head, const float *freq, float *table);

/* Rows of (n_head + 2 n_kv_head) d_head elements of type: norm of each head of q and k, then rotation
 *     y_j = x_j cos_j - x_{j+h} sin_j,  y_{j+h} = x_{j+h} cos_j + x_j sin_j,  h = d_head / 2;
 * v is copied. `out` may be `in`. */
void pgr_ops_qk(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in, void *out);

/* In place: dqkv, d loss / d out on entry, becomes d loss / d in. `in` is only read when there are norms; then
 * dq_norm, dk_norm [d_head] += and scratch holds pgr_ops_qk_scratch floats. */
size_t pgr_ops_qk_scratch(size_t d_head, size_t n);
void pgr_ops_qk_backward(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in,
                         void *dqkv, float *dq_norm, float *dk_norm, float *scratch);

/* ---- gated unit ---- */

/* act[n, d_ff] = silu(gate) * up, silu(g) = g / (1 + exp(-g)); gate_up[n, 2 d_ff]: gate, then up. */
void pgr_ops_swiglu(size_t n, size_t d_ff, enum pgr_dtype type, const void *gate_up, void *act);

/* In place: gate_up becomes its gradient, dact (d loss / d act on entry) becomes act again. */
void pgr_ops_swiglu_backward(size_t n, size_t d_ff, enum pgr_dtype type, void *gate_up, void *dact);

/* ---- vocabulary ----
 * Logits come in blocks of at most PGR_OPS_VOCAB columns starting at multiples of it, so that they never exist as a
 * whole. l_j = scale * logit_j. Per row and block b the state is the block's peak m_b = max l_j, s_b = sum exp(l_j -
 * m_b), t_b = sum exp(l_j - m_b) (l_j - m_b); the log of the sum of all exp(l_j) and the entropy follow from them in
 * one fixed order. The sampler and the trainer both use these functions and so agree to the bit. */

enum { PGR_OPS_VOCAB = 1024, PGR_OPS_LANES = 32 };

struct pgr_vocab_state {
    float peak, sum, tilt; /* m_b, s_b, t_b */
};

/* One block: logits[n, nc] float32 with row stride ld; scale > 0. state[i * n_block + block] is written. e != NULL: also
 * exp(l - m_b) into e[i * lde + j] of type. lanes != NULL: also, into lanes[n, PGR_OPS_LANES], the sums of exp(l - m_b)
 * over the columns with the same j % PGR_OPS_LANES. */
void pgr_ops_vocab_block(size_t n, size_t nc, const float *logits, size_t ld, float scale, size_t n_block, size_t block,
                         struct pgr_vocab_state *state, enum pgr_dtype type, void *e, size_t lde, float *lanes);

/* lse[n] = log sum_j exp(l_j); entropy[n] = -sum_j p_j log p_j in nats, or NULL. */
void pgr_ops_vocab_finish(size_t n, size_t n_block, const struct pgr_vocab_state *state, float *lse, float *entropy);

/* log p of a token with this logit, nats. */
static inline float pgr_ops_vocab_logp(float logit, float scale, float lse) { return logit * scale - lse; }

/* In place on e (all n_vocab columns, as left by pgr_ops_vocab_block): the gradient of
 * sum_i dlogp_i logp_i + dentropy_i H_i with respect to the logits before scaling,
 *     scale ( dlogp (1[j = target] - p_j) - dentropy p_j (log p_j + H) ).
 * dentropy and entropy may both be NULL. */
void pgr_ops_vocab_grad(size_t n, size_t n_vocab, const struct pgr_vocab_state *state, const float *lse,
                        const float *entropy, const int32_t *target, const float *dlogp, const float *dentropy,
                        float scale, enum pgr_dtype type, void *e, size_t lde);

/* ---- conversion ---- */

/* dst[n] of dst_type = src[n] of src_type. */
void pgr_ops_convert(size_t n, enum pgr_dtype src_type, const void *src, enum pgr_dtype dst_type, void *dst);

#endif
