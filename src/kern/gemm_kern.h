/* gemm_kern.h - what the instruction sets implement for gemm.h (internal to src/kern).
 *
 * Layout of packed weights, the same for all levels. Columns of the product (outputs, n_out) lie in panels of 16.
 *   float32:   panel[n_in][16]
 *   bfloat16:  panel[k_pair][16][2], k_pair < 16 * ceil(n_in / 32): two neighbouring inputs side by side, as the dot
 *              product instructions want them; 16 pairs make a tile of 1024 bytes. Unused places are zero. */
#ifndef PGR_KERN_GEMM_KERN_H
#define PGR_KERN_GEMM_KERN_H

#include "kern/cpu.h"
#include "kern/gemm.h"

enum { PGR_PANEL = 16 /* columns */, PGR_STEP = 32 /* inputs in a tile */, PGR_TILE = PGR_PANEL * PGR_STEP };

struct pgr_wmat {
    size_t n_out, n_in, n_panel;
    size_t panel_elems; /* from one panel to the next */
    enum pgr_dtype dtype;
    unsigned uses;
    size_t bytes;
    void *data; /* [n_panel * panel_elems] of dtype */
};

/* y = x W^T or, for dx, y = x W: everything is named from the product's point of view. */
struct pgr_gemm_call {
    const struct pgr_wmat *w;
    size_t out0, out1; /* rows of W that take part */
    size_t m;
    const void *x;
    size_t ldx;
    const float *bias;
    bool accumulate;
    void *y;
    size_t ldy;
    enum pgr_dtype y_type;
};

/* The gated unit: w is [2 f, n_in], the rows of gate before those of up. */
struct pgr_gemm_swiglu_call {
    const struct pgr_wmat *w;
    size_t m;
    const void *x;
    size_t ldx;
    void *gate_up; /* [m, 2 f] */
    bool keep;     /* gate_up is wanted */
    void *act;     /* [m, f] */
};

struct pgr_gemm_dw_call {
    size_t n_out, n_in, m;
    const void *dy, *x;
    size_t lddy, ldx;
    float *dw;
};

/* One product, spread over the pool. Rows of the result do not depend on one another. */
struct pgr_gemm_kern {
    void (*forward)(const struct pgr_gemm_call *c);
    void (*dx)(const struct pgr_gemm_call *c);
    void (*dw)(const struct pgr_gemm_dw_call *c);
    bool (*swiglu)(const struct pgr_gemm_swiglu_call *c); /* or NULL; false: not done, not of this shape */
};

/* [dtype]; each overwrites the entries that it improves. */
struct pgr_gemm_table {
    struct pgr_gemm_kern of[2];
};
void pgr_gemm_init_ref(struct pgr_gemm_table *t);
void pgr_gemm_init_avx2(struct pgr_gemm_table *t);
void pgr_gemm_init_avx512(struct pgr_gemm_table *t);
void pgr_gemm_init_avx512bf16(struct pgr_gemm_table *t);
void pgr_gemm_init_amx(struct pgr_gemm_table *t);

#if defined(PGR_HAVE_X86_KERNELS)
/* A full panel of bfloat16 weights from src[16, n_in]; the same bits as one by one. */
void pgr_pack_panel_avx512(size_t n_in, const float *src, pgr_bf16 *panel);
#endif

static inline size_t pgr_gemm_div_up(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t pgr_gemm_min(size_t a, size_t b) { return a < b ? a : b; }

#endif
