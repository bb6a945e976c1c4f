/* attn_kern.h - what the instruction sets implement for attn.h (internal to src/kern).
 *
 * A page holds 32 positions; for each key/value head  K[32][d]  then  V transposed [d][32], the same for all levels.
 *
 * The forward pass works on tiles: 16 columns, each a query (token, head) of one key/value head, with a running
 * softmax. Scores are kept transposed, [key][column], so that maxima and sums over keys are element-wise operations on
 * vectors of 16 columns. Keys are walked in steps of PGR_ATTN_GROUP pages counted from position 0; a step sets
 *     m' = max(m, scores),  p = 2^(score - m'),  l = l 2^(m - m') + sum p,  o = o 2^(m - m') + V^T p
 * where scores carry the factor log2(e). Keys a column does not see have p = 0 and leave m, l and o as they are, bit
 * for bit: a column's result does not depend on the other columns of its tile. */
#ifndef PGR_KERN_ATTN_KERN_H
#define PGR_KERN_ATTN_KERN_H

#include <stdalign.h>
#include <stdbool.h>

#include "kern/attn.h"
#include "kern/cpu.h"

enum {
    PGR_ATTN_COLS = 16,  /* columns of a tile */
    PGR_ATTN_GROUP = 4,  /* pages of a step */
    PGR_ATTN_TILES = 14, /* tiles a task works on at most */
    PGR_ATTN_MAX_D = 256,
};

struct pgr_attn_tile {
    alignas(64) int32_t n_key[PGR_ATTN_COLS]; /* keys that a column sees, >= 1 (also where the column is unused) */
    alignas(64) float m[PGR_ATTN_COLS];       /* in bits: log2 units */
    alignas(64) float l[PGR_ATTN_COLS];
    int32_t max_key;                                     /* largest n_key */
    alignas(64) float o[PGR_ATTN_MAX_D * PGR_ATTN_COLS]; /* [d][16] */
    alignas(64) float q[PGR_ATTN_MAX_D * PGR_ATTN_COLS]; /* as load_q leaves it */
};

struct pgr_attn_bwd_call {
    const struct pgr_attn_shape *sh;
    const struct pgr_segments *seg;
    const void *qkv, *out, *dout;
    const float *lse;
    void *dqkv;
    size_t ldqkv, ldout, lddqkv;
    float *scratch;
};

struct pgr_attn_kern {
    /* Brings up to 16 query rows (NULL: unused, zeros) into t->q. */
    void (*load_q)(size_t d, const void *const q[PGR_ATTN_COLS], struct pgr_attn_tile *t);
    /* Rows [slot, slot + n) of one head's part of a page from k and v rows with stride ld. */
    void (*fill)(size_t d, void *part, size_t slot, size_t n, const void *k, const void *v, size_t ld);
    /* One step: n_page pages from position pos0 on; part[i] is the head's part of page i. next[n_next]: parts that
     * will be read soon after, a hint. */
    void (*step)(size_t d, float scale_log2, struct pgr_attn_tile *t, size_t pos0, size_t n_page,
                 const void *const *part, size_t n_next, const void *const *next);
    /* o / l into out rows (NULL: skip). */
    void (*finish)(size_t d, const struct pgr_attn_tile *t, void *const out[PGR_ATTN_COLS]);
    void (*backward)(const struct pgr_attn_bwd_call *c);
    /* Around the forward work of a task, or NULL. */
    void (*begin)(void);
    void (*end)(void);
};

struct pgr_attn_table {
    struct pgr_attn_kern of[2]; /* [dtype] */
};
void pgr_attn_init_ref(struct pgr_attn_table *t);
void pgr_attn_init_avx2(struct pgr_attn_table *t);
void pgr_attn_init_avx512(struct pgr_attn_table *t);
void pgr_attn_init_amx(struct pgr_attn_table *t);

#endif
