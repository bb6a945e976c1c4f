/* gemm.h - matrix products with weights, the seam where instruction sets differ most.
 *
 * A weight matrix W [n_out, n_in] is packed once per update (struct pgr_wmat) and used by rollouts, scoring and
 * training alike. Activations are row-major, rows = tokens; x[m, n_in], y[m, n_out].
 *
 *     forward   y  = x W^T (+ bias) (+ y)
 *     dx        dx = dy W           (+ dx)
 *     dw        dW += dy^T x,  dbias += column sums of dy       (gradients accumulate)
 *
 * Numbers. dtype is what W and the activations are stored in. PGR_BF16: products of bfloat16 values, sums in float32,
 * one rounding when y is stored. PGR_F32: everything float32 (parity and gradient tests).
 *
 * Batch invariance (a promise, tested): a row of y (of dx) has the same bits whatever m is and whichever other rows
 * are beside it, for a given machine and instruction set: the sum over n_in runs in one fixed order. Rollouts (few
 * rows), scoring and training (many rows) therefore see the same log-probabilities, and a sample does not depend on
 * the width of its batch. dw sums over tokens in a fixed order too: same batch, same bits, any number of threads.
 *
 * All functions run on the thread pool of base/par.h, never fail (preconditions are asserts), and may be called from
 * one thread at a time. Pointers need no alignment; outputs must not overlap inputs. */
#ifndef PGR_KERN_GEMM_H
#define PGR_KERN_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/num.h"

struct pgr_wmat; /* opaque */

enum pgr_wmat_use {
    PGR_WMAT_FORWARD = 1,  /* pgr_gemm_forward will be called */
    PGR_WMAT_BACKWARD = 2, /* pgr_gemm_dx will be called */
};

/* Values start at zero. PGR_E_NOMEM; PGR_E_SHAPE for a zero or absurd size. */
PGR_MUST_CHECK pgr_err pgr_wmat_new(size_t n_out, size_t n_in, enum pgr_dtype dtype, unsigned uses,
                                    struct pgr_wmat **out);
void pgr_wmat_free(struct pgr_wmat *w);
size_t pgr_wmat_bytes(size_t n_out, size_t n_in, enum pgr_dtype dtype, unsigned uses); /* for memory plans */

/* Sets rows [row, row + n) from src[n, n_in] float32, rounding to dtype. Runs on the pool. */
void pgr_wmat_set(struct pgr_wmat *w, size_t row, size_t n, const float *src);
/* The same from bfloat16 values (exact when dtype is bfloat16). */
void pgr_wmat_set_bf16(struct pgr_wmat *w, size_t row, size_t n, const pgr_bf16 *src);
/* Row `row` as float32 into dst[n_in] (embedding look-up, saving). Needs PGR_WMAT_FORWARD. Any thread. */
void pgr_wmat_get_row(const struct pgr_wmat *w, size_t row, float *dst);

size_t pgr_wmat_n_out(const struct pgr_wmat *w);
size_t pgr_wmat_n_in(const struct pgr_wmat *w);
enum pgr_dtype pgr_wmat_dtype(const struct pgr_wmat *w);

/* y[m, out1-out0] (row stride ldy elements, of type y_type) = x[m, n_in] (stride ldx, dtype of w) times rows
 * [out0, out1) of W, transposed. bias: NULL or [out1-out0] float32. accumulate: y += (y_type is read, added in
 * float32, rounded once). */
void pgr_gemm_forward(const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *x, size_t ldx,
                      const float *bias, bool accumulate, void *y, size_t ldy, enum pgr_dtype y_type);

/* The product for what can be used up at once: float32 blocks of `cols` outputs (fewer at the end) and at most `rows`
 * rows, each handed to fn on the thread that computed it, in whose caches it lies: y[i * cols + j] is row row0 + i,
 * output col0 + j, valid until fn returns. fn runs on all threads of the pool, in no order; it must not call
 * pgr_gemm_dw. The bits are those of pgr_gemm_forward. buffer: [n_buffer][rows * cols] floats; with fewer than threads
 * of the pool, or without memory for the work areas of all threads, fn runs on the caller alone and each block's
 * product on the pool.
 */
typedef void (*pgr_gemm_block_fn)(void *ctx, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *y);
void pgr_gemm_blocks(const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, size_t rows, size_t cols,
                     size_t n_buffer, float *buffer, pgr_gemm_block_fn fn, void *ctx);

/* The gated unit of an MLP in one pass: act[m, f] = silu(gate) up with gate, up = the two halves of x W^T rounded to
 * the dtype of w, n_out = 2 f; act and gate_up are contiguous, of that dtype. gate_up[m, 2 f] is work space; with keep
 * it holds both halves afterwards. The bits are those of pgr_gemm_forward followed by pgr_ops_swiglu. */
void pgr_gemm_swiglu(const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, void *gate_up, bool keep,
                     void *act);

/* dx[m, n_in] = dy[m, out1-out0] times rows [out0, out1) of W (+ dx if accumulate). dy has the dtype of w;
 * dx_type may be float32. */
void pgr_gemm_dx(const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *dy, size_t lddy,
                 bool accumulate, void *dx, size_t lddx, enum pgr_dtype dx_type);

/* dw[n_out, n_in] (contiguous float32) += dy[m, n_out]^T x[m, n_in]; dbias [n_out] float32 += column sums of dy, or
 * NULL. dy and x are of `dtype`. */
void pgr_gemm_dw(size_t n_out, size_t n_in, size_t m, enum pgr_dtype dtype, const void *dy, size_t lddy, const void *x,
                 size_t ldx, float *dw, float *dbias);

#endif
