/* attn.h - causal grouped-query attention: packed batches (training, scoring) and paged caches (rollouts).
 *
 * Packed batch: tokens of all segments one after another; segment s owns tokens [start[s], start[s+1]). A segment may
 * name a parent (a group's shared prompt): its tokens attend to all of the parent's tokens, then causally to their
 * own. A parent has no parent itself and lies before its children. Query head h uses key/value head h / (n_head /
 * n_kv_head).
 *
 * q, k, v lie in one row per token: qkv[n_tok, (n_head + 2 n_kv_head) * d_head], q first, then k, then v.
 * softmax(scale * q k^T) v, softmax and sums in float32.
 *
 * Batch invariance as in gemm.h: a token's output has the same bits whatever else is in the batch and whether its keys
 * come packed (parent + own) or from pages, because keys are walked in blocks of PGR_ATTN_BLOCK positions counted
 * from position 0 of the sequence (parent first), in both. */
#ifndef PGR_KERN_ATTN_H
#define PGR_KERN_ATTN_H

#include <stddef.h>
#include <stdint.h>

#include "base/num.h"

enum { PGR_ATTN_BLOCK = 32 /* key positions handled as one step; also the tokens of a cache page */ };

struct pgr_attn_shape {
    size_t n_head, n_kv_head, d_head; /* n_head % n_kv_head == 0; d_head a multiple of 16, at most 256 */
    float scale;                      /* usually 1/sqrt(d_head) */
};

struct pgr_segments {
    size_t n_seg;
    const size_t *start;   /* [n_seg + 1], start[0] == 0, non-decreasing */
    const int32_t *parent; /* [n_seg], -1 or an earlier segment without parent; NULL: no parents */
};

/* out[n_tok, n_head * d_head] of `dtype`; lse[n_head, n_tok] float32: log of the sum of exp(scaled scores), kept for
 * the backward pass, may be NULL. ld* = row strides in elements. Runs on the pool; never fails. */
void pgr_attn_forward(const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype,
                      const void *qkv, size_t ldqkv, void *out, size_t ldout, float *lse);

/* dqkv (= overwritten, all of q, k and v parts) from dout. `scratch` holds pgr_attn_backward_scratch floats.
 * A parent's dk, dv sum over its children in their order. */
size_t pgr_attn_backward_scratch(const struct pgr_attn_shape *sh, const struct pgr_segments *seg);
void pgr_attn_backward(const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype,
                       const void *qkv, size_t ldqkv, const void *out, const void *dout, size_t ldout, const float *lse,
                       void *dqkv, size_t lddqkv, float *scratch);

/* Paged cache of one layer. A page holds PGR_ATTN_BLOCK positions of all key/value heads; its inner layout is the
 * kernel's own business: pages are written with pgr_attn_page_write and read by pgr_attn_paged only. Slots that hold no
 * position yet are read too, with weight 0: they must be finite, as zeros are. */
size_t
pgr_attn_page_elems(const struct pgr_attn_shape *sh); /* elements of `dtype` per page (keys and values together) */

/* Puts k[n_kv_head * d_head] and v[...] of one position into slot `slot` (0..PGR_ATTN_BLOCK-1) of a page. Any thread.
 */
void pgr_attn_page_write(const struct pgr_attn_shape *sh, enum pgr_dtype dtype, void *page, size_t slot, const void *k,
                         const void *v);

/* One query row against the cached positions 0..n_key-1 of its sequence (its own position included). */
struct pgr_attn_row {
    const uint32_t *page; /* [ceil(n_key / PGR_ATTN_BLOCK)] page numbers in `pool`; borrowed */
    size_t n_key;         /* >= 1 */
};

/* out[n_row, n_head * d_head] from q[n_row, n_head * d_head]; pages of this layer are `pool` + number * page_stride
 * elements. Rows of one sequence (prefill) and of many (decoding) mix freely; rows that share page numbers share reads.
 */
void pgr_attn_paged(const struct pgr_attn_shape *sh, enum pgr_dtype dtype, size_t n_row,
                    const struct pgr_attn_row *rows, const void *pool, size_t page_stride, const void *q, size_t ldq,
                    void *out, size_t ldout);

#endif
