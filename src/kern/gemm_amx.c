/* gemm_amx.c - bfloat16 matrix products on AMX tiles.
 *
 * All three products are one: C = A B with A packed into tiles of 16 rows x 32 (A[row tile][k tile][16][32]) and B into
 * tiles of 16 pairs x 16 columns (B[column tile][k tile][16][16][2]). An inner block is 32 x 32 results in four tiles;
 * the sum runs over the k tiles in order, so a result does not depend on the rows and columns beside it.
 *
 *   forward  A = x,      B = the packed weights as they lie
 *   dx       A = dy,     B = the weights brought into the other orientation for this call
 *   dw       A = dy^T,   B = x; the result adds to dw
 *
 * The weights of one step are larger than the caches, so a task takes a block of rows of A that fits half of the
 * second-level cache and walks the column tiles. */
#include <assert.h>
#include <immintrin.h>
#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/size.h"
#include "kern/gemm_kern.h"

enum { ROWS = 16, KT = PGR_STEP, TILE = PGR_TILE, L2_BYTES = 1 << 20 };

static void configure_tiles(void) {
    static _Thread_local bool done;
    if (done) return;
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t cols_bytes[16];
        uint8_t rows[16];
    } cfg;
    memset(&cfg, 0, sizeof cfg);
    cfg.palette = 1;
    for (int i = 0; i < 8; i++) cfg.cols_bytes[i] = 64, cfg.rows[i] = 16;
    /* gcc 12 believes that the instruction reads 8 bytes only. */
    __asm__ volatile("" ::"m"(cfg) : "memory");
    _tile_loadconfig(&cfg);
    done = true;
}

/* Scratch that grows and stays; one caller at a time (gemm.h). */
struct scratch {
    pgr_bf16 *p;
    size_t bytes;
};
static struct scratch scratch_a, scratch_b;

/* NULL when memory runs out: the caller then falls back to the level below. */
static pgr_bf16 *take(struct scratch *s, size_t n_tile) {
    size_t bytes = n_tile * TILE * sizeof(pgr_bf16);
    if (bytes > s->bytes) {
        pgr_block_free(s->p, s->bytes);
        s->p = pgr_block_new(bytes);
        s->bytes = s->p ? bytes : 0;
    }
    return s->p;
}

/* ---- packing ---------------------------------------------------------------------------------------------------- */

/* 16 x 16 words of 32 bits, transposed. */
static inline void transpose16(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

/* Up to 32 values of a row, zero behind. */
static inline __m512i load_row(const pgr_bf16 *p, size_t n) {
    return n >= 32 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi16((__mmask32)((1u << n) - 1), p);
}

/* Rows [r0, r0+16) of x[m, n_k] into n_kt tiles. */
static void pack_rows(const pgr_bf16 *x, size_t ldx, size_t m, size_t r0, size_t n_k, pgr_bf16 *out) {
    size_t n_kt = pgr_gemm_div_up(n_k, KT);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t t = 0; t < n_kt; t++) {
            __m512i v = _mm512_setzero_si512();
            if (r0 + r < m) v = load_row(x + (r0 + r) * ldx + t * KT, n_k - t * KT);
            _mm512_store_si512(out + t * TILE + r * KT, v);
        }
}

/* Two rows of 16 values side by side: a0 b0 a1 b1 ... */
static inline __m512i interleave16(const pgr_bf16 *a, const pgr_bf16 *b, __mmask16 mask) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                                           21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    __m256i lo = a ? _mm256_maskz_loadu_epi16(mask, a) : _mm256_setzero_si256();
    __m256i hi = b ? _mm256_maskz_loadu_epi16(mask, b) : _mm256_setzero_si256();
    return _mm512_permutexvar_epi16(order, _mm512_inserti64x4(_mm512_castsi256_si512(lo), hi, 1));
}

/* 32 rows of x from row k0, columns [c0, c0+16): a B tile (pairs of rows side by side). */
static inline void pairs_tile(const pgr_bf16 *x, size_t ldx, size_t m, size_t k0, size_t c0, size_t n_col,
                              __m512i r[16]) {
    size_t n = pgr_gemm_min(16, n_col - c0);
    __mmask16 mask = (__mmask16)((1u << n) - 1);
    for (size_t p = 0; p < 16; p++) {
        size_t k = k0 + 2 * p;
        r[p] = interleave16(k < m ? x + k * ldx + c0 : NULL, k + 1 < m ? x + (k + 1) * ldx + c0 : NULL, mask);
    }
}

/* Column tile c of x[m, n_col] as B: n_kt tiles over the rows. */
static void pack_pairs(const pgr_bf16 *x, size_t ldx, size_t m, size_t c, size_t n_col, pgr_bf16 *out) {
    for (size_t t = 0; t < pgr_gemm_div_up(m, KT); t++) {
        __m512i r[16];
        pairs_tile(x, ldx, m, t * KT, c * 16, n_col, r);
        for (size_t p = 0; p < 16; p++) _mm512_store_si512(out + t * TILE + p * 32, r[p]);
    }
}

/* Columns [16 c, 16 c + 16) of dy[m, n_col] as rows of A: n_kt tiles over the tokens. */
static void pack_columns(const pgr_bf16 *dy, size_t ld, size_t m, size_t c, size_t n_col, pgr_bf16 *out) {
    for (size_t t = 0; t < pgr_gemm_div_up(m, KT); t++) {
        __m512i r[16];
        pairs_tile(dy, ld, m, t * KT, c * 16, n_col, r);
        transpose16(r);
        for (size_t p = 0; p < 16; p++) _mm512_store_si512(out + t * TILE + p * 32, r[p]);
    }
}

/* ---- the inner block -------------------------------------------------------------------------------------------- */

/* sum[32][32] = A tiles a0, a1 times B tiles b0, b1 over n_kt tiles. */
static inline void block32(size_t n_kt, const pgr_bf16 *a0, const pgr_bf16 *a1, const pgr_bf16 *b0, const pgr_bf16 *b1,
                           float *sum) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t t = 0; t < n_kt; t++) {
        size_t at = t * TILE;
        for (size_t q = 0; q < 16; q++) {
            _mm_prefetch((const char *)(b0 + at + 4 * TILE) + q * 64, _MM_HINT_T0);
            _mm_prefetch((const char *)(b1 + at + 4 * TILE) + q * 64, _MM_HINT_T0);
        }
        _tile_loadd(4, a0 + at, 64);
        _tile_loadd(6, b0 + at, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b1 + at, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, a1 + at, 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sum, 128);
    _tile_stored(1, sum + 16, 128);
    _tile_stored(2, sum + 16 * 32, 128);
    _tile_stored(3, sum + 16 * 32 + 16, 128);
}

struct product {
    const pgr_bf16 *a, *b;   /* packed */
    size_t n_rt, n_ct, n_kt; /* tiles */
    size_t b_stride;         /* elements from one column tile of B to the next */
    size_t skip;             /* columns of the first panel that lie before the result: y and bias point at them */
    size_t m, n_col;         /* results */
    const float *bias;
    bool accumulate;
    void *y;
    size_t ldy;
    enum pgr_dtype y_type;
    size_t rt_block, ct_block, n_rb, n_cb; /* tiles of a task; tasks */
    /* dw packs its rows of A inside the task: */
    const pgr_bf16 *dy;
    size_t lddy;
};

static inline void store_row(const struct product *p, const float *sum, size_t row, size_t col, size_t n) {
    for (size_t j = 0; j < n; j += 16) {
        __mmask16 mask = (__mmask16)(n - j >= 16 ? 0xffffu : (1u << (n - j)) - 1);
        if (col + j == 0) mask = (__mmask16)(mask & (0xffffu << p->skip));
        __m512 v = _mm512_load_ps(sum + j);
        if (p->bias) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, p->bias + col + j));
        size_t at = row * p->ldy + col + j;
        if (p->y_type == PGR_F32) {
            float *y = (float *)p->y + at;
            if (p->accumulate) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, y));
            _mm512_mask_storeu_ps(y, mask, v);
        } else {
            pgr_bf16 *y = (pgr_bf16 *)p->y + at;
            if (p->accumulate) {
                __m512i old = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, y));
                v = _mm512_add_ps(v, _mm512_castsi512_ps(_mm512_slli_epi32(old, 16)));
            }
            _mm256_mask_storeu_epi16(y, mask, (__m256i)_mm512_cvtneps_pbh(v));
        }
    }
}

static void rows_times_columns(const struct product *p, const pgr_bf16 *a, size_t rt0, size_t rt1, size_t ct0,
                               size_t ct1) {
    alignas(64) float sum[32 * 32];
    for (size_t ct = ct0; ct < ct1; ct += 2) {
        const pgr_bf16 *b0 = p->b + ct * p->b_stride, *b1 = ct + 1 < p->n_ct ? b0 + p->b_stride : b0;
        for (size_t rt = rt0; rt < rt1; rt += 2) {
            const pgr_bf16 *a0 = a + (rt - rt0) * p->n_kt * TILE, *a1 = rt + 1 < p->n_rt ? a0 + p->n_kt * TILE : a0;
            block32(p->n_kt, a0, a1, b0, b1, sum);
            size_t n = pgr_gemm_min(32, p->n_col - ct * 16), m = pgr_gemm_min(32, p->m - rt * ROWS);
            for (size_t r = 0; r < m; r++) store_row(p, sum + r * 32, rt * ROWS + r, ct * 16, n);
        }
    }
}

static void product_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct product *p = ctx;
    configure_tiles();
    size_t rt0 = i / p->n_cb * p->rt_block, ct0 = i % p->n_cb * p->ct_block;
    rows_times_columns(p, p->a + rt0 * p->n_kt * TILE, rt0, pgr_gemm_min(rt0 + p->rt_block, p->n_rt), ct0,
                       pgr_gemm_min(ct0 + p->ct_block, p->n_ct));
}

static void run(struct product *p) {
    /* Rows that fill L2_BYTES, at least 32; then columns so that each thread gets several tasks. */
    size_t fit = L2_BYTES / (p->n_kt * TILE * sizeof(pgr_bf16)) / 2 * 2;
    p->rt_block = pgr_gemm_min(pgr_max(fit, 2), (p->n_rt + 1) / 2 * 2);
    p->n_rb = pgr_gemm_div_up(p->n_rt, p->rt_block);
    size_t want = pgr_gemm_div_up(8 * pgr_par_threads(), p->n_rb);
    p->ct_block = pgr_max(pgr_gemm_div_up(p->n_ct, want) / 2 * 2, 2);
    p->n_cb = pgr_gemm_div_up(p->n_ct, p->ct_block);
    pgr_par(p->n_rb * p->n_cb, product_task, p);
}

/* ---- forward and dx --------------------------------------------------------------------------------------------- */

struct pack_call {
    const pgr_bf16 *x;
    size_t ldx, m, n_k, n_kt;
    pgr_bf16 *out;
};

static void pack_rows_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct pack_call *c = ctx;
    pack_rows(c->x, c->ldx, c->m, i * ROWS, c->n_k, c->out + i * c->n_kt * TILE);
}

static void pack_pairs_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct pack_call *c = ctx;
    pack_pairs(c->x, c->ldx, c->m, i, c->n_k, c->out + i * c->n_kt * TILE);
}

static struct pgr_gemm_kern below; /* for what does not fit the tiles */

static bool pack_left(const struct pgr_gemm_call *c, size_t n_k, struct product *p) {
    p->n_rt = pgr_gemm_div_up(c->m, ROWS);
    p->n_kt = pgr_gemm_div_up(n_k, KT);
    pgr_bf16 *a = take(&scratch_a, p->n_rt * p->n_kt);
    if (!a) return false;
    struct pack_call pc = {c->x, c->ldx, c->m, n_k, p->n_kt, a};
    pgr_par(p->n_rt, pack_rows_task, &pc);
    p->a = a;
    return true;
}

/* Moves a pointer back over columns that the masks of store_row leave out. */
static void *before(const void *p, size_t n_bytes) { return p ? (void *)((uintptr_t)p - n_bytes) : NULL; }

static void forward(const struct pgr_gemm_call *c) {
    const struct pgr_wmat *w = c->w;
    size_t skip = c->out0 % PGR_PANEL, n_col = c->out1 - c->out0 + skip;
    struct product p = {.n_ct = pgr_gemm_div_up(n_col, 16),
                        .b_stride = w->panel_elems,
                        .skip = skip,
                        .m = c->m,
                        .n_col = n_col,
                        .bias = before(c->bias, skip * sizeof(float)),
                        .accumulate = c->accumulate,
                        .y = before(c->y, skip * pgr_dtype_bytes(c->y_type)),
                        .ldy = c->ldy,
                        .y_type = c->y_type};
    if (!pack_left(c, w->n_in, &p)) {
        below.forward(c);
        return;
    }
    p.b = (const pgr_bf16 *)w->data + c->out0 / PGR_PANEL * w->panel_elems;
    run(&p);
}

struct turn_call {
    const struct pgr_wmat *w;
    size_t panel0, n_panel, n_kt; /* n_kt: tiles over the outputs */
    size_t n_valid;               /* outputs that take part */
    pgr_bf16 *out;
};

/* Inputs [32 i, 32 i + 32) of the weights as two column tiles of B, over all outputs. */
static void turn_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct turn_call *c = ctx;
    const __m512i lo = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                        5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i hi = _mm512_add_epi16(lo, _mm512_set1_epi16(16));
    for (size_t t = 0; t < c->n_kt; t++)
        for (size_t half = 0; half < 2; half++) {
            __m512i r[16];
            size_t panel = 2 * t + half;
            for (size_t q = 0; q < 16; q++)
                r[q] = panel < c->n_panel
                           ? _mm512_load_si512((const pgr_bf16 *)c->w->data + (c->panel0 + panel) * c->w->panel_elems +
                                               i * TILE + q * 32)
                           : _mm512_setzero_si512();
            transpose16(r); /* r[o]: 32 inputs of output o */
            for (size_t o = 0; o < 16; o++)
                if (panel * 16 + o >= c->n_valid) r[o] = _mm512_setzero_si512();
            pgr_bf16 *to = c->out + (2 * i * c->n_kt + t) * TILE + half * 8 * 32;
            for (size_t q = 0; q < 8; q++) {
                _mm512_store_si512(to + q * 32, _mm512_permutex2var_epi16(r[2 * q], lo, r[2 * q + 1]));
                _mm512_store_si512(to + c->n_kt * TILE + q * 32, _mm512_permutex2var_epi16(r[2 * q], hi, r[2 * q + 1]));
            }
        }
}

static void dx(const struct pgr_gemm_call *c) {
    const struct pgr_wmat *w = c->w;
    size_t n_out = c->out1 - c->out0, n_turn = pgr_gemm_div_up(w->n_in, KT);
    struct product p = {.n_ct = pgr_gemm_div_up(w->n_in, 16),
                        .m = c->m,
                        .n_col = w->n_in,
                        .accumulate = c->accumulate,
                        .y = c->y,
                        .ldy = c->ldy,
                        .y_type = c->y_type};
    if (c->out0 % PGR_PANEL != 0 || !pack_left(c, n_out, &p)) {
        below.dx(c);
        return;
    }
    pgr_bf16 *b = take(&scratch_b, 2 * n_turn * p.n_kt);
    if (!b) {
        below.dx(c);
        return;
    }
    struct turn_call tc = {w, c->out0 / PGR_PANEL, pgr_gemm_div_up(n_out, PGR_PANEL), p.n_kt, n_out, b};
    pgr_par(n_turn, turn_task, &tc);
    p.b = b;
    p.b_stride = p.n_kt * TILE;
    run(&p);
}

/* ---- dw --------------------------------------------------------------------------------------------------------- */

enum { DW_TOKENS = 4096 /* tokens summed in tiles before they are added to dw */, DW_RT = 8 };

static void dw_task(void *ctx, size_t i, size_t thread) {
    const struct product *p = ctx;
    configure_tiles();
    size_t rt0 = i * DW_RT, rt1 = pgr_gemm_min(rt0 + DW_RT, p->n_rt);
    pgr_bf16 *a = (pgr_bf16 *)(uintptr_t)p->a + thread * DW_RT * p->n_kt * TILE;
    for (size_t rt = rt0; rt < rt1; rt++)
        pack_columns(p->dy, p->lddy, p->rt_block, rt, p->m, a + (rt - rt0) * p->n_kt * TILE);
    rows_times_columns(p, a, rt0, rt1, 0, p->n_ct);
}

static void dw(const struct pgr_gemm_dw_call *c) {
    for (size_t t0 = 0; t0 < c->m; t0 += DW_TOKENS) {
        size_t n = pgr_gemm_min(DW_TOKENS, c->m - t0);
        const pgr_bf16 *dy = (const pgr_bf16 *)c->dy + t0 * c->lddy, *x = (const pgr_bf16 *)c->x + t0 * c->ldx;
        struct product p = {.n_rt = pgr_gemm_div_up(c->n_out, 16),
                            .n_ct = pgr_gemm_div_up(c->n_in, 16),
                            .n_kt = pgr_gemm_div_up(n, KT),
                            .m = c->n_out,
                            .n_col = c->n_in,
                            .accumulate = true,
                            .y = c->dw,
                            .ldy = c->n_in,
                            .y_type = PGR_F32,
                            .rt_block = n,
                            .dy = dy,
                            .lddy = c->lddy};
        p.a = take(&scratch_a, pgr_par_threads() * DW_RT * p.n_kt);
        pgr_bf16 *b = take(&scratch_b, p.n_ct * p.n_kt);
        if (!p.a || !b) {
            struct pgr_gemm_dw_call rest = *c;
            rest.m -= t0;
            rest.dy = dy;
            rest.x = x;
            below.dw(&rest);
            return;
        }
        struct pack_call pc = {x, c->ldx, n, c->n_in, p.n_kt, b};
        pgr_par(p.n_ct, pack_pairs_task, &pc);
        p.b = b;
        p.b_stride = p.n_kt * TILE;
        pgr_par(pgr_gemm_div_up(p.n_rt, DW_RT), dw_task, &p);
    }
}

void pgr_gemm_init_amx(struct pgr_gemm_table *t) {
    below = t->of[PGR_BF16];
    t->of[PGR_BF16] = (struct pgr_gemm_kern){forward, dx, dw};
}
