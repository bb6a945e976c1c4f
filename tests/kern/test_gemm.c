/* test_gemm.c - matrix products of every instruction-set level against sums in double.
 *
 * Bound: a float sum of n products in any order is off by at most n * eps * sum |a b| (Higham, Accuracy and Stability,
 * sec. 3.1), with the bias and the old value as two more terms; storing rounds once more. Products of bfloat16 values
 * are exact in float32. Tile products treat denormal numbers as zero: n * FLT_MIN covers that. */
#include "kern_test.h"

#include "base/par.h"
#include "kern/gemm.h"
#include "kern/ops.h"

struct shape {
    size_t m, n_in, n_out;
};

static const struct shape fixed[] = {{1, 1, 1},    {1, 32, 16},   {2, 33, 17},   {15, 31, 15},  {16, 64, 32},
                                     {17, 65, 33}, {31, 96, 48},  {33, 100, 70}, {48, 128, 96}, {65, 576, 192},
                                     {3, 7, 5},    {64, 160, 64}, {100, 40, 200}};
enum { N_FIXED = sizeof fixed / sizeof *fixed, N_RANDOM = 12, N_CASE = N_FIXED + N_RANDOM };

static struct shape shape_of(size_t i) {
    if (i < N_FIXED) return fixed[i];
    return (struct shape){1 + test_below(150), 1 + test_below(300), 1 + test_below(300)};
}

static void check(double got, double want, double mass, size_t n, enum pgr_dtype stored, const char *what,
                  struct shape s, size_t r, size_t c) {
    double bound = (double)(n + 2) * ((double)FLT_EPSILON * mass + (double)FLT_MIN);
    bound += test_store_error(fabs(want) + bound, stored);
    if (!(fabs(got - want) <= bound))
        fail_msg("%s %s m %zu n_in %zu n_out %zu at %zu,%zu: got %.9g want %.9g bound %.3g", pgr_isa_name(pgr_isa()),
                 what, s.m, s.n_in, s.n_out, r, c, got, want, bound);
}

/* W with its packed form. */
static struct pgr_wmat *weights(struct shape s, enum pgr_dtype t, void **plain) {
    struct pgr_wmat *w;
    assert_ok(pgr_wmat_new(s.n_out, s.n_in, t, PGR_WMAT_FORWARD | PGR_WMAT_BACKWARD, &w));
    void *src = test_matrix(s.n_out, s.n_in, s.n_in, t, 1.0f);
    if (t == PGR_F32)
        pgr_wmat_set(w, 0, s.n_out, src);
    else
        pgr_wmat_set_bf16(w, 0, s.n_out, src);
    *plain = src;
    return w;
}

static void packed_weights_read_back(void **state) {
    (void)state;
    for (size_t i = 0; i < N_CASE; i++)
        for (int t = 0; t < 2; t++) {
            struct shape s = shape_of(i);
            struct pgr_wmat *w;
            assert_ok(pgr_wmat_new(s.n_out, s.n_in, (enum pgr_dtype)t, PGR_WMAT_FORWARD, &w));
            assert_int_equal(pgr_wmat_n_out(w), s.n_out);
            assert_int_equal(pgr_wmat_n_in(w), s.n_in);
            assert_true(pgr_wmat_bytes(s.n_out, s.n_in, (enum pgr_dtype)t, 1) >= s.n_out * s.n_in * (t ? 2 : 4));
            float *src = test_matrix(s.n_out, s.n_in, s.n_in, PGR_F32, 1.0f);
            float *row = malloc(s.n_in * sizeof *row);
            assert_non_null(row);
            /* In two pieces that meet inside a panel; the second from bfloat16. */
            size_t cut = test_below(s.n_out + 1);
            pgr_bf16 *b = malloc((s.n_out - cut) * s.n_in * sizeof *b + 1);
            assert_non_null(b);
            for (size_t j = 0; j < (s.n_out - cut) * s.n_in; j++) b[j] = pgr_f32_to_bf16(src[cut * s.n_in + j]);
            pgr_wmat_set_bf16(w, cut, s.n_out - cut, b);
            pgr_wmat_set(w, 0, cut, src);
            for (size_t r = 0; r < s.n_out; r++) {
                pgr_wmat_get_row(w, r, row);
                for (size_t k = 0; k < s.n_in; k++) {
                    float v = src[r * s.n_in + k];
                    if (t == PGR_BF16 || r >= cut) v = pgr_bf16_to_f32(pgr_f32_to_bf16(v));
                    assert_memory_equal(&row[k], &v, sizeof v);
                }
            }
            free(src), free(row), free(b);
            pgr_wmat_free(w);
        }
}

static void absurd_sizes_are_refused(void **state) {
    (void)state;
    struct pgr_wmat *w;
    assert_fails_with(pgr_wmat_new(0, 5, PGR_F32, 1, &w), PGR_E_SHAPE, "0 x 5");
    assert_fails_with(pgr_wmat_new(5, 0, PGR_F32, 1, &w), PGR_E_SHAPE, "5 x 0");
    assert_fails_with(pgr_wmat_new(SIZE_MAX, 5, PGR_BF16, 1, &w), PGR_E_SHAPE, "x 5");
    assert_fails_with(pgr_wmat_new(SIZE_MAX / 64, SIZE_MAX / 64, PGR_BF16, 1, &w), PGR_E_SHAPE, "x");
}

static void forward_case(struct shape s, enum pgr_dtype t) {
    void *wp;
    struct pgr_wmat *w = weights(s, t, &wp);
    size_t out0 = test_below(2) ? 0 : test_below(s.n_out),
           out1 = test_below(2) ? s.n_out : out0 + 1 + test_below(s.n_out - out0);
    size_t n = out1 - out0, ldx = s.n_in + test_below(5), ldy = n + test_below(5);
    enum pgr_dtype yt = test_below(2) ? PGR_F32 : PGR_BF16;
    bool acc = test_below(2);
    void *x = test_matrix(s.m, s.n_in, ldx, t, 1.0f), *y = test_matrix(s.m, n, ldy, yt, 1.0f);
    float *bias = test_below(2) ? test_matrix(1, n, n, PGR_F32, 1.0f) : NULL;
    void *old = malloc(((s.m - 1) * ldy + n) * pgr_dtype_bytes(yt));
    assert_non_null(old);
    memcpy(old, y, ((s.m - 1) * ldy + n) * pgr_dtype_bytes(yt));
    pgr_gemm_forward(w, out0, out1, s.m, x, ldx, bias, acc, y, ldy, yt);
    for (size_t r = 0; r < s.m; r++) {
        for (size_t c = 0; c < n; c++) {
            double want = 0, mass = 0;
            for (size_t k = 0; k < s.n_in; k++) {
                double p = test_get(x, r * ldx + k, t) * test_get(wp, (out0 + c) * s.n_in + k, t);
                want += p, mass += fabs(p);
            }
            if (bias) want += (double)bias[c], mass += fabs((double)bias[c]);
            if (acc) want += test_get(old, r * ldy + c, yt), mass += fabs(test_get(old, r * ldy + c, yt));
            check(test_get(y, r * ldy + c, yt), want, mass, s.n_in, yt, "forward", s, r, c);
        }
        for (size_t c = n; c < ldy && r + 1 < s.m; c++) assert_true(isnan(test_get(y, r * ldy + c, yt)));
    }
    free(wp), free(x), free(y), free(old), free(bias);
    pgr_wmat_free(w);
}

static void forward_matches_double_sums(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    for (size_t i = 0; i < N_CASE; i++)
        for (int rep = 0; rep < 3; rep++) forward_case(shape_of(i), PGR_F32), forward_case(shape_of(i), PGR_BF16);
    forward_case((struct shape){70, 1100, 530}, PGR_BF16); /* several blocks of every kind */
    forward_case((struct shape){300, 1100, 70}, PGR_BF16);
    forward_case((struct shape){70, 1100, 530}, PGR_F32);
}

static void dx_case(struct shape s, enum pgr_dtype t) {
    void *wp;
    struct pgr_wmat *w = weights(s, t, &wp);
    size_t out0 = test_below(2) ? 0 : test_below(s.n_out),
           out1 = test_below(2) ? s.n_out : out0 + 1 + test_below(s.n_out - out0);
    if (test_below(4) == 0) out0 = out0 / 32 * 32;
    size_t n = out1 - out0, lddy = n + test_below(5), lddx = s.n_in + test_below(5);
    enum pgr_dtype xt = test_below(2) ? PGR_F32 : PGR_BF16;
    bool acc = test_below(2);
    void *dy = test_matrix(s.m, n, lddy, t, 1.0f), *dx = test_matrix(s.m, s.n_in, lddx, xt, 1.0f);
    void *old = malloc(((s.m - 1) * lddx + s.n_in) * pgr_dtype_bytes(xt));
    assert_non_null(old);
    memcpy(old, dx, ((s.m - 1) * lddx + s.n_in) * pgr_dtype_bytes(xt));
    pgr_gemm_dx(w, out0, out1, s.m, dy, lddy, acc, dx, lddx, xt);
    for (size_t r = 0; r < s.m; r++) {
        for (size_t k = 0; k < s.n_in; k++) {
            double want = 0, mass = 0;
            for (size_t c = 0; c < n; c++) {
                double p = test_get(dy, r * lddy + c, t) * test_get(wp, (out0 + c) * s.n_in + k, t);
                want += p, mass += fabs(p);
            }
            if (acc) want += test_get(old, r * lddx + k, xt), mass += fabs(test_get(old, r * lddx + k, xt));
            check(test_get(dx, r * lddx + k, xt), want, mass, n, xt, "dx", s, r, k);
        }
        for (size_t k = s.n_in; k < lddx && r + 1 < s.m; k++) assert_true(isnan(test_get(dx, r * lddx + k, xt)));
    }
    free(wp), free(dy), free(dx), free(old);
    pgr_wmat_free(w);
}

static void dx_matches_double_sums(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    for (size_t i = 0; i < N_CASE; i++)
        for (int rep = 0; rep < 3; rep++) dx_case(shape_of(i), PGR_F32), dx_case(shape_of(i), PGR_BF16);
    dx_case((struct shape){70, 530, 1100}, PGR_BF16);
    dx_case((struct shape){300, 70, 1300}, PGR_BF16);
    dx_case((struct shape){70, 530, 1100}, PGR_F32);
}

static void dw_case(struct shape s, enum pgr_dtype t) {
    size_t lddy = s.n_out + test_below(5), ldx = s.n_in + test_below(5);
    void *dy = test_matrix(s.m, s.n_out, lddy, t, 1.0f), *x = test_matrix(s.m, s.n_in, ldx, t, 1.0f);
    float *dw = test_matrix(s.n_out, s.n_in, s.n_in, PGR_F32, 1.0f), *old = malloc(s.n_out * s.n_in * sizeof *old);
    float *db = test_below(2) ? test_matrix(1, s.n_out, s.n_out, PGR_F32, 1.0f) : NULL,
          *old_db = malloc(s.n_out * sizeof *old_db);
    assert_non_null(old);
    assert_non_null(old_db);
    memcpy(old, dw, s.n_out * s.n_in * sizeof *old);
    if (db) memcpy(old_db, db, s.n_out * sizeof *db);
    pgr_gemm_dw(s.n_out, s.n_in, s.m, t, dy, lddy, x, ldx, dw, db);
    for (size_t o = 0; o < s.n_out; o++) {
        for (size_t k = 0; k < s.n_in; k++) {
            double want = (double)old[o * s.n_in + k], mass = fabs(want);
            for (size_t r = 0; r < s.m; r++) {
                double p = test_get(dy, r * lddy + o, t) * test_get(x, r * ldx + k, t);
                want += p, mass += fabs(p);
            }
            check((double)dw[o * s.n_in + k], want, mass, s.m, PGR_F32, "dw", s, o, k);
        }
        double want = db ? (double)old_db[o] : 0, mass = fabs(want);
        for (size_t r = 0; db && r < s.m; r++)
            want += test_get(dy, r * lddy + o, t), mass += fabs(test_get(dy, r * lddy + o, t));
        if (db) check((double)db[o], want, mass, s.m, PGR_F32, "dbias", s, o, 0);
    }
    free(dy), free(x), free(dw), free(old), free(db), free(old_db);
}

static void dw_matches_double_sums(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    for (size_t i = 0; i < N_CASE; i++)
        for (int rep = 0; rep < 2; rep++) dw_case(shape_of(i), PGR_F32), dw_case(shape_of(i), PGR_BF16);
    dw_case((struct shape){1100, 100, 90}, PGR_BF16);
    dw_case((struct shape){70, 530, 300}, PGR_BF16);
    dw_case((struct shape){1030, 16500, 3}, PGR_BF16); /* more than the shared area holds */
}

/* Rows of one large product against the same rows computed in pieces of every small size. */
static void rows_do_not_depend_on_their_neighbours(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    static const size_t pieces[] = {1, 2, 5, 16, 17, 32, 33, 64, 100};
    for (int t = 0; t < 2; t++)
        for (int back = 0; back < 2; back++)
            for (size_t i = 0; i < 3; i++) {
                enum pgr_dtype type = (enum pgr_dtype)t;
                struct shape s = i == 0   ? (struct shape){200, 130, 75}
                                 : i == 1 ? (struct shape){200, 1200, 96}
                                          : (struct shape){133, 96, 1300};
                void *wp;
                struct pgr_wmat *w = weights(s, type, &wp);
                size_t nx = back ? s.n_out : s.n_in, ny = back ? s.n_in : s.n_out;
                char *x = test_matrix(s.m, nx, nx, type, 1.0f);
                float *y = malloc(s.m * ny * sizeof *y), *piece = malloc(s.m * ny * sizeof *piece);
                assert_non_null(y);
                assert_non_null(piece);
                if (back)
                    pgr_gemm_dx(w, 0, s.n_out, s.m, x, nx, false, y, ny, PGR_F32);
                else
                    pgr_gemm_forward(w, 0, s.n_out, s.m, x, nx, NULL, false, y, ny, PGR_F32);
                for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
                    for (size_t r = test_below(20); r + pieces[p] <= s.m; r += 1 + pieces[p] + test_below(40)) {
                        const void *xr = x + r * nx * pgr_dtype_bytes(type);
                        if (back)
                            pgr_gemm_dx(w, 0, s.n_out, pieces[p], xr, nx, false, piece, ny, PGR_F32);
                        else
                            pgr_gemm_forward(w, 0, s.n_out, pieces[p], xr, nx, NULL, false, piece, ny, PGR_F32);
                        assert_memory_equal(piece, y + r * ny, pieces[p] * ny * sizeof *y);
                    }
                }
                free(wp), free(x), free(y), free(piece);
                pgr_wmat_free(w);
            }
}

/* A range of outputs gives the bits that the whole product gives: vocabularies are walked in chunks. */
static void output_ranges_do_not_change_bits(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    for (int t = 0; t < 2; t++) {
        struct shape s = {70, 200, 333};
        void *wp;
        struct pgr_wmat *w = weights(s, (enum pgr_dtype)t, &wp);
        void *x = test_matrix(s.m, s.n_in, s.n_in, (enum pgr_dtype)t, 1.0f);
        float *y = malloc(s.m * s.n_out * sizeof *y), *part = malloc(s.m * s.n_out * sizeof *part);
        assert_non_null(y);
        assert_non_null(part);
        pgr_gemm_forward(w, 0, s.n_out, s.m, x, s.n_in, NULL, false, y, s.n_out, PGR_F32);
        for (int rep = 0; rep < 20; rep++) {
            size_t o0 = test_below(s.n_out), o1 = o0 + 1 + test_below(s.n_out - o0);
            pgr_gemm_forward(w, o0, o1, s.m, x, s.n_in, NULL, false, part, s.n_out, PGR_F32);
            for (size_t r = 0; r < s.m; r++)
                assert_memory_equal(part + r * s.n_out, y + r * s.n_out + o0, (o1 - o0) * sizeof *y);
        }
        free(wp), free(x), free(y), free(part);
        pgr_wmat_free(w);
    }
}

static void threads_do_not_change_bits(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    size_t before = pgr_par_threads();
    for (int t = 0; t < 2; t++) {
        enum pgr_dtype type = (enum pgr_dtype)t;
        struct shape s = {700, 150, 170};
        void *dy = test_matrix(s.m, s.n_out, s.n_out, type, 1.0f), *x = test_matrix(s.m, s.n_in, s.n_in, type, 1.0f),
             *wp;
        struct pgr_wmat *w = weights(s, type, &wp);
        float *dw[2], *db[2], *y[2], *dx[2];
        for (int i = 0; i < 2; i++) {
            pgr_par_set_threads(i ? 3 : 1);
            dw[i] = calloc(s.n_out * s.n_in, sizeof(float)), db[i] = calloc(s.n_out, sizeof(float));
            y[i] = calloc(s.m * s.n_out, sizeof(float)), dx[i] = calloc(s.m * s.n_in, sizeof(float));
            assert_true(dw[i] && db[i] && y[i] && dx[i]);
            pgr_gemm_dw(s.n_out, s.n_in, s.m, type, dy, s.n_out, x, s.n_in, dw[i], db[i]);
            pgr_gemm_forward(w, 0, s.n_out, s.m, x, s.n_in, NULL, false, y[i], s.n_out, PGR_F32);
            pgr_gemm_dx(w, 0, s.n_out, s.m, dy, s.n_out, false, dx[i], s.n_in, PGR_F32);
        }
        assert_memory_equal(dw[0], dw[1], s.n_out * s.n_in * sizeof(float));
        assert_memory_equal(db[0], db[1], s.n_out * sizeof(float));
        assert_memory_equal(y[0], y[1], s.m * s.n_out * sizeof(float));
        assert_memory_equal(dx[0], dx[1], s.m * s.n_in * sizeof(float));
        for (int i = 0; i < 2; i++) free(dw[i]), free(db[i]), free(y[i]), free(dx[i]);
        free(dy), free(x), free(wp);
        pgr_wmat_free(w);
    }
    pgr_par_set_threads(before);
}

static void swiglu_case(struct shape s, enum pgr_dtype t) {
    size_t f = s.n_out / 2, elem = pgr_dtype_bytes(t), ldx = s.n_in + 3;
    void *wp, *x = test_matrix(s.m, s.n_in, ldx, t, 1.0f);
    struct pgr_wmat *w = weights(s, t, &wp);
    char *want_gu = calloc(s.m * s.n_out, elem), *want = calloc(s.m * f, elem);
    char *gu = calloc(s.m * s.n_out, elem), *act = calloc(s.m * f, elem);
    assert_true(want_gu && want && gu && act);
    pgr_gemm_forward(w, 0, s.n_out, s.m, x, ldx, NULL, false, want_gu, s.n_out, t);
    pgr_ops_swiglu(s.m, f, t, want_gu, want);
    for (int keep = 0; keep < 2; keep++) {
        memset(act, 1, s.m * f * elem);
        pgr_gemm_swiglu(w, s.m, x, ldx, gu, keep, act);
        assert_memory_equal(act, want, s.m * f * elem);
    }
    assert_memory_equal(gu, want_gu, s.m * s.n_out * elem);
    free(wp), free(x), free(want_gu), free(want), free(gu), free(act);
    pgr_wmat_free(w);
}

static void swiglu_has_the_bits_of_its_parts(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    static const struct shape shape[] = {{1, 64, 32},    {5, 70, 96},   {33, 96, 64},   {64, 100, 320}, {70, 64, 34},
                                         {200, 72, 128}, {600, 40, 96}, {70, 6000, 64}, {520, 1600, 32}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        for (int t = 0; t < 2; t++) swiglu_case(shape[i], (enum pgr_dtype)t);
}

struct collected {
    float *y; /* [m, n_out], ones bits where nothing came */
    size_t n_out;
};

static void collect(void *ctx, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *y) {
    const struct collected *c = ctx;
    for (size_t i = 0; i < n_row; i++) memcpy(c->y + (row0 + i) * c->n_out + col0, y + i * 64, n_col * sizeof *y);
}

static void blocks_have_the_bits_of_the_whole(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    size_t before = pgr_par_threads();
    static const struct shape shape[] = {{1, 64, 50}, {7, 100, 200}, {20, 96, 128}, {90, 70, 333}};
    pgr_par_set_threads(3);
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        for (int t = 0; t < 2; t++) {
            struct shape s = shape[i];
            enum { ROWS = 32, COLS = 64 };
            size_t n = s.m * s.n_out, ldx = s.n_in + 5;
            void *wp, *x = test_matrix(s.m, s.n_in, ldx, (enum pgr_dtype)t, 1.0f);
            struct pgr_wmat *w = weights(s, (enum pgr_dtype)t, &wp);
            float *whole = malloc(n * sizeof *whole), *y = malloc(n * sizeof *y),
                  *buffer = malloc(3 * ROWS * COLS * sizeof *buffer);
            assert_true(whole && y && buffer);
            pgr_gemm_forward(w, 0, s.n_out, s.m, x, ldx, NULL, false, whole, s.n_out, PGR_F32);
            for (size_t n_buffer = 1; n_buffer <= 3; n_buffer += 2) { /* fewer than threads, and enough */
                memset(y, 0xff, n * sizeof *y);
                pgr_gemm_blocks(w, s.m, x, ldx, ROWS, COLS, n_buffer, buffer, collect, &(struct collected){y, s.n_out});
                assert_memory_equal(y, whole, n * sizeof *y);
            }
            free(wp), free(x), free(whole), free(y), free(buffer);
            pgr_wmat_free(w);
        }
    pgr_par_set_threads(before);
}

static void environment_masks_levels(void **state) {
    (void)state;
    assert_true(pgr_isa_best() < PGR_ISA_COUNT);
    for (int i = 0; i < PGR_ISA_COUNT; i++) {
        pgr_err e = pgr_isa_set((enum pgr_isa)i);
        assert_int_equal(e == PGR_OK, i <= (int)pgr_isa_best());
        if (e == PGR_OK) assert_int_equal(pgr_isa(), i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_weights_read_back),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(environment_masks_levels),
        FOR_EACH_ISA(forward_matches_double_sums),
        FOR_EACH_ISA(dx_matches_double_sums),
        FOR_EACH_ISA(dw_matches_double_sums),
        FOR_EACH_ISA(rows_do_not_depend_on_their_neighbours),
        FOR_EACH_ISA(output_ranges_do_not_change_bits),
        FOR_EACH_ISA(threads_do_not_change_bits),
        FOR_EACH_ISA(swiglu_has_the_bits_of_its_parts),
        FOR_EACH_ISA(blocks_have_the_bits_of_the_whole),
    };
    pgr_par_set_threads(1); /* thousands of tiny calls; the tests about threads set their own number */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
