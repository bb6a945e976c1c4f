/* gemm_ref.c - matrix products in plain C, both data types.
 *
 * A task is a block of rows times one panel of 16 columns. The weights of the panel are brought to float32 in chunks of
 * inputs; the sums of the block stay in a small array and run over the inputs in order, one after another. */
#include "base/par.h"
#include "kern/gemm_kern.h"

enum { ROWS = 64 /* of a block */, CHUNK = 128 /* inputs brought to float32 at a time */, PANEL = PGR_PANEL };

static float load(const void *p, size_t i, enum pgr_dtype t) {
    return t == PGR_F32 ? ((const float *)p)[i] : pgr_bf16_to_f32(((const pgr_bf16 *)p)[i]);
}

static void store(void *p, size_t i, enum pgr_dtype t, float v) {
    if (t == PGR_F32)
        ((float *)p)[i] = v;
    else
        ((pgr_bf16 *)p)[i] = pgr_f32_to_bf16(v);
}

/* W[row, k] for any row; rows past the end are zero in the padding of the last panel. */
static float weight(const struct pgr_wmat *w, size_t row, size_t k) {
    size_t at = row / PANEL * w->panel_elems, col = row % PANEL;
    if (w->dtype == PGR_F32) return ((const float *)w->data)[at + k * PANEL + col];
    return pgr_bf16_to_f32(((const pgr_bf16 *)w->data)[at + (k / 2 * PANEL + col) * 2 + k % 2]);
}

/* sum[r][j] += sum over k < n of a[r][k] * b[k][j] */
static void chunk_product(size_t m, size_t n, const float *a, const float *b, float (*sum)[PANEL]) {
    for (size_t r = 0; r < m; r++) {
        float s[PANEL];
        for (size_t j = 0; j < PANEL; j++) s[j] = sum[r][j];
        for (size_t k = 0; k < n; k++) {
            float v = a[r * CHUNK + k];
            for (size_t j = 0; j < PANEL; j++) s[j] += v * b[k * PANEL + j];
        }
        for (size_t j = 0; j < PANEL; j++) sum[r][j] = s[j];
    }
}

struct product {
    const struct pgr_gemm_call *c;
    bool transposed; /* dx: the sum runs over the rows of W */
    size_t n_in, n_col, n_panel;
};

static void block(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct product *p = ctx;
    const struct pgr_gemm_call *c = p->c;
    size_t r0 = i / p->n_panel * ROWS, m = pgr_gemm_min(ROWS, c->m - r0);
    size_t col0 = i % p->n_panel * PANEL, n = pgr_gemm_min(PANEL, p->n_col - col0);
    float sum[ROWS][PANEL] = {{0}}, a[ROWS * CHUNK], b[CHUNK * PANEL];
    for (size_t k0 = 0; k0 < p->n_in; k0 += CHUNK) {
        size_t kc = pgr_gemm_min(CHUNK, p->n_in - k0);
        for (size_t r = 0; r < m; r++)
            for (size_t k = 0; k < kc; k++) a[r * CHUNK + k] = load(c->x, (r0 + r) * c->ldx + k0 + k, c->w->dtype);
        for (size_t k = 0; k < kc; k++)
            for (size_t j = 0; j < PANEL; j++)
                b[k * PANEL + j] = j >= n          ? 0.0f
                                   : p->transposed ? weight(c->w, c->out0 + k0 + k, col0 + j)
                                                   : weight(c->w, c->out0 + col0 + j, k0 + k);
        chunk_product(m, kc, a, b, sum);
    }
    for (size_t r = 0; r < m; r++)
        for (size_t j = 0; j < n; j++) {
            size_t at = (r0 + r) * c->ldy + col0 + j;
            float v = sum[r][j];
            if (c->bias) v += c->bias[col0 + j];
            if (c->accumulate) v += load(c->y, at, c->y_type);
            store(c->y, at, c->y_type, v);
        }
}

static void product(const struct pgr_gemm_call *c, bool transposed) {
    size_t n_out = c->out1 - c->out0;
    struct product p = {c, transposed, transposed ? n_out : c->w->n_in, transposed ? c->w->n_in : n_out, 0};
    p.n_panel = pgr_gemm_div_up(p.n_col, PANEL);
    pgr_par(p.n_panel * pgr_gemm_div_up(c->m, ROWS), block, &p);
}

static void forward(const struct pgr_gemm_call *c) { product(c, false); }
static void dx(const struct pgr_gemm_call *c) { product(c, true); }

struct dw_call {
    const struct pgr_gemm_dw_call *c;
    enum pgr_dtype dtype;
    size_t n_col_block;
};

/* A block of 16 outputs and 64 inputs: dw stays in a small array while the tokens pass. */
static void dw_block(void *ctx, size_t i, size_t thread) {
    (void)thread;
    enum { OUTS = 16, INS = 64 };
    const struct dw_call *p = ctx;
    const struct pgr_gemm_dw_call *c = p->c;
    size_t o0 = i / p->n_col_block * OUTS, no = pgr_gemm_min(OUTS, c->n_out - o0);
    size_t k0 = i % p->n_col_block * INS, nk = pgr_gemm_min(INS, c->n_in - k0);
    float sum[OUTS][INS], x[INS] = {0};
    for (size_t o = 0; o < no; o++)
        for (size_t k = 0; k < INS; k++) sum[o][k] = k < nk ? c->dw[(o0 + o) * c->n_in + k0 + k] : 0.0f;
    for (size_t t = 0; t < c->m; t++) {
        for (size_t k = 0; k < nk; k++) x[k] = load(c->x, t * c->ldx + k0 + k, p->dtype);
        for (size_t o = 0; o < no; o++) {
            float d = load(c->dy, t * c->lddy + o0 + o, p->dtype);
            for (size_t k = 0; k < INS; k++) sum[o][k] += d * x[k];
        }
    }
    for (size_t o = 0; o < no; o++)
        for (size_t k = 0; k < nk; k++) c->dw[(o0 + o) * c->n_in + k0 + k] = sum[o][k];
}

static void dw(const struct pgr_gemm_dw_call *c, enum pgr_dtype dtype) {
    struct dw_call p = {c, dtype, pgr_gemm_div_up(c->n_in, 64)};
    pgr_par(p.n_col_block * pgr_gemm_div_up(c->n_out, 16), dw_block, &p);
}

static void dw_f32(const struct pgr_gemm_dw_call *c) { dw(c, PGR_F32); }
static void dw_bf16(const struct pgr_gemm_dw_call *c) { dw(c, PGR_BF16); }

void pgr_gemm_init_ref(struct pgr_gemm_table *t) {
    t->of[PGR_F32] = (struct pgr_gemm_kern){forward, dx, dw_f32, NULL};
    t->of[PGR_BF16] = (struct pgr_gemm_kern){forward, dx, dw_bf16, NULL};
}
