/* gemm.c - packed weights and the choice of kernels for matrix products. */
#include "kern/gemm.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/size.h"
#include "kern/gemm_kern.h"
#include "kern/scratch.h"
#include "kern/ops.h"

static struct pgr_gemm_table tables[PGR_ISA_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init(void) {
    struct pgr_gemm_table t;
    pgr_gemm_init_ref(&t);
    tables[PGR_ISA_REF] = t;
#if defined(PGR_HAVE_X86_KERNELS)
    pgr_gemm_init_avx2(&t);
    tables[PGR_ISA_AVX2] = t;
    pgr_gemm_init_avx512(&t);
    tables[PGR_ISA_AVX512] = t;
    pgr_gemm_init_avx512bf16(&t);
    tables[PGR_ISA_AVX512BF16] = t;
    pgr_gemm_init_amx(&t);
    tables[PGR_ISA_AMX] = t;
#endif
}

static const struct pgr_gemm_kern *kern(enum pgr_dtype dtype) {
    pthread_once(&once, init);
    return &tables[pgr_isa()].of[dtype];
}

/* False when a size is zero or the product does not fit. */
static bool layout(size_t n_out, size_t n_in, enum pgr_dtype dtype, size_t *panel_elems, size_t *bytes) {
    if (n_out == 0 || n_in == 0 || n_out > SIZE_MAX / 4 || n_in > SIZE_MAX / 4) return false;
    size_t k = dtype == PGR_BF16 ? pgr_gemm_div_up(n_in, PGR_STEP) * PGR_STEP : n_in;
    size_t total;
    if (!pgr_mul(k, PGR_PANEL, panel_elems) || !pgr_mul(*panel_elems, pgr_gemm_div_up(n_out, PGR_PANEL), &total))
        return false;
    return pgr_mul(total, pgr_dtype_bytes(dtype), bytes);
}

size_t pgr_wmat_bytes(size_t n_out, size_t n_in, enum pgr_dtype dtype, unsigned uses) {
    (void)uses; /* one packing serves both directions */
    size_t elems, bytes;
    return layout(n_out, n_in, dtype, &elems, &bytes) ? bytes + sizeof(struct pgr_wmat) : 0;
}

pgr_err pgr_wmat_new(size_t n_out, size_t n_in, enum pgr_dtype dtype, unsigned uses, struct pgr_wmat **out) {
    size_t panel_elems, bytes;
    if (!layout(n_out, n_in, dtype, &panel_elems, &bytes))
        return pgr_fail(PGR_E_SHAPE, "weight matrix of %zu x %zu", n_out, n_in);
    struct pgr_wmat *w = pgr_alloc(sizeof *w);
    void *data = w ? pgr_block_new(bytes) : NULL;
    if (!data) {
        pgr_free(w);
        return pgr_fail(PGR_E_NOMEM, "out of memory: a weight matrix of %zu x %zu takes %zu bytes", n_out, n_in, bytes);
    }
    *w = (struct pgr_wmat){n_out, n_in, pgr_gemm_div_up(n_out, PGR_PANEL), panel_elems, dtype, uses, bytes, data};
    *out = w;
    return PGR_OK;
}

void pgr_wmat_free(struct pgr_wmat *w) {
    if (!w) return;
    pgr_block_free(w->data, w->bytes);
    pgr_free(w);
}

size_t pgr_wmat_n_out(const struct pgr_wmat *w) { return w->n_out; }
size_t pgr_wmat_n_in(const struct pgr_wmat *w) { return w->n_in; }
enum pgr_dtype pgr_wmat_dtype(const struct pgr_wmat *w) { return w->dtype; }

struct set_call {
    struct pgr_wmat *w;
    size_t row, n;
    const float *f32;
    const pgr_bf16 *bf16;
};

/* Sets the rows of one panel that are in the range. */
static void set_panel(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct set_call *c = ctx;
    struct pgr_wmat *w = c->w;
    size_t panel = c->row / PGR_PANEL + i;
    size_t r0 = panel * PGR_PANEL, r1 = pgr_gemm_min(r0 + PGR_PANEL, c->row + c->n);
    if (r0 < c->row) r0 = c->row;
#if defined(PGR_HAVE_X86_KERNELS)
    if (r1 - r0 == PGR_PANEL && w->dtype == PGR_BF16 && c->f32 && pgr_isa() >= PGR_ISA_AVX512) {
        pgr_pack_panel_avx512(w->n_in, c->f32 + (r0 - c->row) * w->n_in, (pgr_bf16 *)w->data + panel * w->panel_elems);
        return;
    }
#endif
    for (size_t r = r0; r < r1; r++) {
        size_t col = r % PGR_PANEL, from = (r - c->row) * w->n_in;
        if (w->dtype == PGR_F32) {
            float *p = (float *)w->data + panel * w->panel_elems + col;
            for (size_t k = 0; k < w->n_in; k++)
                p[k * PGR_PANEL] = c->f32 ? c->f32[from + k] : pgr_bf16_to_f32(c->bf16[from + k]);
        } else {
            pgr_bf16 *p = (pgr_bf16 *)w->data + panel * w->panel_elems + 2 * col;
            for (size_t k = 0; k < w->n_in; k++)
                p[k / 2 * 2 * PGR_PANEL + k % 2] = c->f32 ? pgr_f32_to_bf16(c->f32[from + k]) : c->bf16[from + k];
        }
    }
}

static void set_rows(struct set_call *c) {
    assert(c->row <= c->w->n_out && c->n <= c->w->n_out - c->row);
    if (c->n == 0) return;
    size_t first = c->row / PGR_PANEL, last = (c->row + c->n - 1) / PGR_PANEL;
    pgr_par(last - first + 1, set_panel, c);
}

void pgr_wmat_set(struct pgr_wmat *w, size_t row, size_t n, const float *src) {
    set_rows(&(struct set_call){w, row, n, src, NULL});
}

void pgr_wmat_set_bf16(struct pgr_wmat *w, size_t row, size_t n, const pgr_bf16 *src) {
    set_rows(&(struct set_call){w, row, n, NULL, src});
}

void pgr_wmat_get_row(const struct pgr_wmat *w, size_t row, float *dst) {
    assert(row < w->n_out);
    size_t panel = row / PGR_PANEL, col = row % PGR_PANEL;
    if (w->dtype == PGR_F32) {
        const float *p = (const float *)w->data + panel * w->panel_elems + col;
        for (size_t k = 0; k < w->n_in; k++) dst[k] = p[k * PGR_PANEL];
    } else {
        const pgr_bf16 *p = (const pgr_bf16 *)w->data + panel * w->panel_elems + 2 * col;
        for (size_t k = 0; k < w->n_in; k++) dst[k] = pgr_bf16_to_f32(p[k / 2 * 2 * PGR_PANEL + k % 2]);
    }
}

void pgr_gemm_forward(const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *x, size_t ldx,
                      const float *bias, bool accumulate, void *y, size_t ldy, enum pgr_dtype y_type) {
    assert(out0 <= out1 && out1 <= w->n_out && (w->uses & PGR_WMAT_FORWARD));
    if (m == 0 || out0 == out1) return;
    struct pgr_gemm_call c = {w, out0, out1, m, x, ldx, bias, accumulate, y, ldy, y_type};
    kern(w->dtype)->forward(&c);
}

struct blocks {
    const struct pgr_wmat *w;
    size_t m;
    const void *x;
    size_t ldx, rows, cols;
    float *buffer;
    pgr_gemm_block_fn fn;
    void *ctx;
};

static void block_task(void *ctx, size_t i, size_t thread) {
    const struct blocks *b = ctx;
    size_t col0 = i * b->cols, n_col = pgr_gemm_min(b->cols, b->w->n_out - col0);
    float *y = b->buffer + thread * b->rows * b->cols;
    for (size_t row = 0; row < b->m; row += b->rows) {
        size_t n_row = pgr_gemm_min(b->rows, b->m - row);
        const char *x = (const char *)b->x + row * b->ldx * pgr_dtype_bytes(b->w->dtype);
        pgr_gemm_forward(b->w, col0, col0 + n_col, n_row, x, b->ldx, NULL, false, y, b->cols, PGR_F32);
        b->fn(b->ctx, row, n_row, col0, n_col, y);
    }
}

void pgr_gemm_blocks(const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, size_t rows, size_t cols,
                     size_t n_buffer, float *buffer, pgr_gemm_block_fn fn, void *ctx) {
    struct blocks b = {w, m, x, ldx, rows, cols, buffer, fn, ctx};
    size_t n = pgr_gemm_div_up(w->n_out, cols);
    if (n_buffer >= pgr_par_threads() && pgr_scratch_ready())
        pgr_par(n, block_task, &b);
    else
        for (size_t i = 0; i < n; i++) block_task(&b, i, 0);
}

void pgr_gemm_swiglu(const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, void *gate_up, bool keep,
                     void *act) {
    assert(w->n_out % 2 == 0 && (w->uses & PGR_WMAT_FORWARD));
    if (m == 0) return;
    struct pgr_gemm_swiglu_call c = {w, m, x, ldx, gate_up, keep, act};
    if (kern(w->dtype)->swiglu && kern(w->dtype)->swiglu(&c)) return;
    pgr_gemm_forward(w, 0, w->n_out, m, x, ldx, NULL, false, gate_up, w->n_out, w->dtype);
    pgr_ops_swiglu(m, w->n_out / 2, w->dtype, gate_up, act);
}

void pgr_gemm_dx(const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *dy, size_t lddy,
                 bool accumulate, void *dx, size_t lddx, enum pgr_dtype dx_type) {
    assert(out0 <= out1 && out1 <= w->n_out && (w->uses & PGR_WMAT_BACKWARD));
    if (m == 0) return;
    struct pgr_gemm_call c = {w, out0, out1, m, dy, lddy, NULL, accumulate, dx, lddx, dx_type};
    kern(w->dtype)->dx(&c);
}

struct bias_call {
    size_t n_out, m;
    enum pgr_dtype dtype;
    const void *dy;
    size_t lddy;
    float *dbias;
};

/* Column sums of 64 columns, token after token. */
static void bias_block(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct bias_call *c = ctx;
    float sum[64] = {0};
    size_t c0 = i * 64, n = pgr_gemm_min(64, c->n_out - c0);
    for (size_t r = 0; r < c->m; r++) {
        size_t at = r * c->lddy + c0;
        if (c->dtype == PGR_F32)
            for (size_t j = 0; j < n; j++) sum[j] += ((const float *)c->dy)[at + j];
        else
            for (size_t j = 0; j < n; j++) sum[j] += pgr_bf16_to_f32(((const pgr_bf16 *)c->dy)[at + j]);
    }
    for (size_t j = 0; j < n; j++) c->dbias[c0 + j] += sum[j];
}

void pgr_gemm_dw(size_t n_out, size_t n_in, size_t m, enum pgr_dtype dtype, const void *dy, size_t lddy, const void *x,
                 size_t ldx, float *dw, float *dbias) {
    if (m == 0 || n_out == 0) return;
    struct pgr_gemm_dw_call c = {n_out, n_in, m, dy, x, lddy, ldx, dw};
    if (n_in > 0) kern(dtype)->dw(&c);
    struct bias_call b = {n_out, m, dtype, dy, lddy, dbias};
    if (dbias) pgr_par(pgr_gemm_div_up(n_out, 64), bias_block, &b);
}
