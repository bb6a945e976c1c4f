/* test_ops.c - norm, rotation, gated unit, scatter: forward against double, backward against central differences in
 * double, at every instruction-set level. */
#include "ops_test.h"

/* ---- norm ---- */

struct norm_case {
    size_t d;
    double *x, *w, *dy, eps;
};

static double norm_r(const struct norm_case *c) {
    double s = 0;
    for (size_t i = 0; i < c->d; i++) s += c->x[i] * c->x[i];
    return 1 / sqrt(s / (double)c->d + c->eps);
}
static double norm_loss(void *ctx) { /* sum dy y */
    const struct norm_case *c = ctx;
    double r = norm_r(c), s = 0;
    for (size_t i = 0; i < c->d; i++) s += c->dy[i] * c->x[i] * r * c->w[i];
    return s;
}

static void check_norm(enum pgr_dtype t, size_t n, size_t d) {
    const double eps = 1e-6;
    float *x = test_floats(n * d, PGR_F32, 0.1, 1.5), *w = test_floats(d, PGR_F32, 1, 0.3);
    float *add_f = test_floats(n * d, t, 0, 1), *dy_f = test_floats(n * d, t, 0, 1);
    void *add = test_typed(n * d, t, add_f), *dy = test_typed(n * d, t, dy_f);
    void *y = test_typed(n * d, t, NULL), *y2 = test_typed(n * d, t, NULL), *low = test_typed(n * d, t, NULL);
    float *xo = test_floats(n * d, PGR_F32, 0, 1), *rstd = test_floats(n, PGR_F32, 0, 1);
    float *dres = test_floats(n * d, PGR_F32, 0, 1), *dres0 = test_floats(n * d, PGR_F32, 0, 0);
    memcpy(dres0, dres, n * d * sizeof *dres);
    float *dw = test_floats(d, PGR_F32, 0, 1), *dw0 = malloc(d * sizeof *dw0);
    float *scratch = malloc((pgr_ops_norm_scratch(n, d) + 1) * sizeof *scratch);
    assert_non_null(dw0);
    assert_non_null(scratch);
    memcpy(dw0, dw, d * sizeof *dw);
    pgr_ops_add_norm(n, d, x, add, w, (float)eps, t, xo, y, rstd);
    pgr_ops_norm_backward(n, d, xo, NULL, w, rstd, t, dy, true, dres, t, low, y2, dw, scratch);
    assert_memory_equal(y, y2, n * d * pgr_dtype_bytes(t));
    double *w_d = test_doubles(d, w), *dw_want = calloc(d, sizeof(double)), *dw_mass = calloc(d, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        double *xi = test_doubles(d, xo + i * d), *gi = test_doubles(d, dy_f + i * d);
        struct norm_case c = {d, xi, w_d, gi, (double)(float)eps};
        double r = norm_r(&c), dot_mass = 0;
        assert_near("rstd", i, (double)rstd[i], r, PGR_F32, d + 4, r);
        for (size_t j = 0; j < d; j++) dot_mass += fabs(c.w[j] * gi[j] * xi[j]);
        for (size_t j = 0; j < d; j++) {
            double sum = (double)x[i * d + j] + (double)add_f[i * d + j];
            assert_near("x + add", i * d + j, xi[j], sum, PGR_F32, 1, fabs(sum));
            double want = xi[j] * r * c.w[j];
            assert_near("norm", i * d + j, test_value(t, y, i * d + j), want, t, d + 8, fabs(want));
            double dx = test_slope(norm_loss, &c, &xi[j]) + (double)dres0[i * d + j];
            double mass = fabs(r * c.w[j] * gi[j]) + fabs(xi[j]) * r * r * r / (double)d * dot_mass +
                          fabs((double)dres0[i * d + j]);
            assert_near("norm backward", i * d + j, (double)dres[i * d + j], dx, PGR_F32, 4 * d + 12, mass);
            assert_near("low", i * d + j, test_value(t, low, i * d + j), (double)dres[i * d + j], t, 0, 0.0);
            dw_want[j] += gi[j] * xi[j] * r;
            dw_mass[j] += fabs(gi[j] * xi[j] * r);
        }
        free(xi);
        free(gi);
    }
    for (size_t j = 0; j < d; j++)
        assert_near("norm weight gradient", j, (double)dw[j], dw_want[j] + (double)dw0[j], PGR_F32, n + d + 8,
                    dw_mass[j] + fabs((double)dw0[j]));
    free(x), free(w), free(add_f), free(dy_f), free(add), free(dy), free(y), free(y2), free(low), free(xo), free(rstd);
    free(dres), free(dres0), free(dw), free(dw0), free(scratch), free(w_d), free(dw_want), free(dw_mass);
}

static void norm_both_ways(enum pgr_dtype t) {
    check_norm(t, 1, 16);
    check_norm(t, 3, 37);
    check_norm(t, 70, 64);
    check_norm(t, 2, 896);
}
static void norm_matches_double_and_differences(void **state) {
    (void)state;
    test_each_level(norm_both_ways);
}

static void norm_gather(enum pgr_dtype t) {
    enum { N = 5, D = 24, N_X = 3 };
    static const uint32_t row[N] = {2, 0, 0, 1, 2};
    float *x = test_floats(N_X * D, PGR_F32, 0, 1), *w = test_floats(D, PGR_F32, 1, 0.1), rstd[N], rstd_all[N_X];
    void *y = test_typed(N * D, t, NULL), *y_all = test_typed(N_X * D, t, NULL);
    pgr_ops_norm_rows(N, D, x, row, w, 1e-5f, t, y, rstd);
    pgr_ops_add_norm(N_X, D, x, NULL, w, 1e-5f, t, NULL, y_all, rstd_all);
    size_t bytes = D * pgr_dtype_bytes(t);
    for (size_t i = 0; i < N; i++) {
        assert_memory_equal((char *)y + i * bytes, (char *)y_all + row[i] * bytes, bytes);
        assert_memory_equal(&rstd[i], &rstd_all[row[i]], sizeof *rstd);
    }
    float dres[N * D], dw[D] = {0}, dw_all[D] = {0}, *scratch = malloc(pgr_ops_norm_scratch(N, D) * sizeof *scratch);
    float *xg = malloc(N * D * sizeof *xg), dres_all[N * D];
    assert_non_null(scratch);
    assert_non_null(xg);
    float *dy = test_floats(N * D, PGR_F32, 0, 1);
    for (size_t i = 0; i < N; i++) memcpy(xg + i * D, x + row[i] * D, D * sizeof *x);
    pgr_ops_norm_backward(N, D, x, row, w, rstd, PGR_F32, dy, false, dres, t, NULL, NULL, dw, scratch);
    pgr_ops_norm_backward(N, D, xg, NULL, w, rstd, PGR_F32, dy, false, dres_all, t, NULL, NULL, dw_all, scratch);
    assert_memory_equal(dres, dres_all, sizeof dres);
    assert_memory_equal(dw, dw_all, sizeof dw);
    free(x), free(w), free(y), free(y_all), free(scratch), free(xg), free(dy);
}
static void norm_of_gathered_rows_equals_the_rows_own(void **state) {
    (void)state;
    test_each_level(norm_gather);
}

/* ---- queries and keys ---- */

struct head_case {
    size_t d;
    double *x, *w, *dy, *cosine, *sine, eps; /* w NULL: no norm */
};

static void head_forward(const struct head_case *c, double *y) {
    size_t h = c->d / 2;
    double r = 1, s = 0;
    for (size_t i = 0; i < c->d; i++) s += c->x[i] * c->x[i];
    if (c->w) r = 1 / sqrt(s / (double)c->d + c->eps);
    for (size_t j = 0; j < h; j++) {
        double a = c->x[j] * (c->w ? r * c->w[j] : 1), b = c->x[h + j] * (c->w ? r * c->w[h + j] : 1);
        y[j] = a * c->cosine[j] - b * c->sine[j];
        y[h + j] = b * c->cosine[j] + a * c->sine[j];
    }
}
static double head_loss(void *ctx) {
    const struct head_case *c = ctx;
    double y[256], s = 0;
    head_forward(c, y);
    for (size_t i = 0; i < c->d; i++) s += c->dy[i] * y[i];
    return s;
}

static void check_qk(enum pgr_dtype t, size_t n, size_t n_head, size_t n_kv, size_t d, bool norm) {
    const double eps = 1e-6;
    size_t width = (n_head + 2 * n_kv) * d, h = d / 2;
    float *x_f = test_floats(n * width, t, 0, 1), *dy_f = test_floats(n * width, t, 0, 1);
    float *wq = test_floats(d, PGR_F32, 1, 0.2), *wk = test_floats(d, PGR_F32, 1, 0.2);
    void *x = test_typed(n * width, t, x_f), *dx = test_typed(n * width, t, dy_f), *y = test_typed(n * width, t, NULL);
    void *in_place = test_typed(n * width, t, x_f);
    float freq[128], *table = malloc(n * d * sizeof *table);
    int32_t *pos = malloc(n * sizeof *pos);
    float *dwq = calloc(d, sizeof *dwq), *dwk = calloc(d, sizeof *dwk);
    struct pgr_qk s = {n_head, n_kv, d, norm ? wq : NULL, norm ? wk : NULL, (float)eps};
    float *scratch = malloc((pgr_ops_qk_scratch(d, n) + 1) * sizeof *scratch);
    for (size_t j = 0; j < h; j++) freq[j] = powf(10000.0f, -(float)j / (float)h);
    for (size_t i = 0; i < n; i++) pos[i] = (int32_t)(i * 37 % 1000);
    pgr_ops_rope_table(n, pos, d, freq, table);
    pgr_ops_qk(&s, n, table, t, x, y);
    pgr_ops_qk(&s, n, table, t, in_place, in_place);
    assert_memory_equal(y, in_place, n * width * pgr_dtype_bytes(t));
    pgr_ops_qk_backward(&s, n, table, t, x, dx, dwq, dwk, scratch);
    double *wq_d = test_doubles(d, wq), *wk_d = test_doubles(d, wk);
    double *dwq_want = calloc(d, sizeof(double)), *dwk_want = calloc(d, sizeof(double)), mass_w = 0;
    for (size_t i = 0; i < n; i++) {
        double c_d[128], s_d[128];
        for (size_t j = 0; j < h; j++) {
            double angle = (double)((float)pos[i] * freq[j]); /* the documented float32 product */
            c_d[j] = cos(angle), s_d[j] = sin(angle);
        }
        for (size_t head = 0; head < n_head + 2 * n_kv; head++) {
            size_t at = i * width + head * d;
            double *xi = test_doubles(d, x_f + at), *gi = test_doubles(d, dy_f + at), want[256], mass = 0;
            struct head_case c = {d, xi, norm ? (head < n_head ? wq_d : wk_d) : NULL, gi, c_d, s_d, eps};
            if (head < n_head + n_kv) {
                head_forward(&c, want);
                for (size_t j = 0; j < d; j++) mass += fabs(gi[j]) * 4; /* |x r|, |w|, |cos| are all below 4 together */
                for (size_t j = 0; j < d; j++) {
                    double pair = fabs(want[j]) + fabs(want[j < h ? j + h : j - h]);
                    assert_near("rotation", at + j, test_value(t, y, at + j), want[j], t, norm ? d + 12 : 4, pair);
                    double slope = test_slope(head_loss, &c, &xi[j]);
                    double m =
                        norm ? (fabs(xi[j]) / (double)d + 4) * mass : fabs(gi[j]) + fabs(gi[j < h ? j + h : j - h]);
                    assert_near("rotation backward", at + j, test_value(t, dx, at + j), slope, t, norm ? 4 * d : 4, m);
                    if (norm) {
                        double *acc = head < n_head ? dwq_want : dwk_want;
                        acc[j] += test_slope(head_loss, &c, &c.w[j]);
                    }
                }
                mass_w += mass;
            } else {
                for (size_t j = 0; j < d; j++) {
                    assert_true(test_value(t, y, at + j) == xi[j]);
                    assert_true(test_value(t, dx, at + j) == gi[j]);
                }
            }
            free(xi), free(gi);
        }
    }
    for (size_t j = 0; j < d && norm; j++) {
        assert_near("q norm gradient", j, (double)dwq[j], dwq_want[j], PGR_F32, n * n_head + d, mass_w);
        assert_near("k norm gradient", j, (double)dwk[j], dwk_want[j], PGR_F32, n * n_kv + d, mass_w);
    }
    free(x_f), free(dy_f), free(wq), free(wk), free(x), free(dx), free(y), free(in_place), free(table), free(pos);
    free(dwq), free(dwk), free(scratch), free(wq_d), free(wk_d), free(dwq_want), free(dwk_want);
}

static void qk_both_ways(enum pgr_dtype t) {
    check_qk(t, 3, 4, 2, 16, false);
    check_qk(t, 40, 2, 1, 64, false);
    check_qk(t, 2, 2, 2, 80, false);
    check_qk(t, 3, 4, 2, 16, true);
    check_qk(t, 37, 2, 1, 80, true);
    check_qk(t, 2, 2, 1, 128, true);
}
static void rotation_and_head_norm_match_double_and_differences(void **state) {
    (void)state;
    test_each_level(qk_both_ways);
}

/* ---- gated unit ---- */

struct gate_case {
    double g, u, da;
};
static double gate_loss(void *ctx) {
    const struct gate_case *c = ctx;
    return c->da * c->g / (1 + exp(-c->g)) * c->u;
}

static void swiglu_both_ways(enum pgr_dtype t) {
    static const size_t sizes[][2] = {{1, 16}, {3, 37}, {40, 100}, {2, 4864}};
    for (size_t k = 0; k < 4; k++) {
        size_t n = sizes[k][0], f = sizes[k][1];
        float *gu_f = test_floats(2 * n * f, t, 0, 3), *da_f = test_floats(n * f, t, 0, 1);
        gu_f[0] = -80.0f, gu_f[1] = 80.0f, gu_f[2] = 0.0f; /* the sigmoid's ends */
        void *gu = test_typed(2 * n * f, t, gu_f), *da = test_typed(n * f, t, da_f), *act = test_typed(n * f, t, NULL);
        pgr_ops_swiglu(n, f, t, gu, act);
        pgr_ops_swiglu_backward(n, f, t, gu, da);
        assert_memory_equal(da, act, n * f * pgr_dtype_bytes(t));
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < f; j++) {
                size_t g = 2 * i * f + j, u = g + f;
                struct gate_case c = {(double)gu_f[g], (double)gu_f[u], 1};
                double y = gate_loss(&c);
                assert_near("swiglu", i * f + j, test_value(t, act, i * f + j), y, t, 12, fabs(y));
                c.da = (double)da_f[i * f + j];
                double dg = test_slope(gate_loss, &c, &c.g), du = test_slope(gate_loss, &c, &c.u);
                double m = fabs(c.da) * (1 + fabs(c.g)) * (1 + fabs(c.u));
                assert_near("gate gradient", g, test_value(t, gu, g), dg, t, 16, m);
                assert_near("up gradient", u, test_value(t, gu, u), du, t, 16, m);
            }
        free(gu_f), free(da_f), free(gu), free(da), free(act);
    }
}
static void swiglu_matches_double_and_differences(void **state) {
    (void)state;
    test_each_level(swiglu_both_ways);
}

/* ---- conversion, scatter, threads ---- */

static void conversion(enum pgr_dtype t) {
    enum { N = 70001 };
    float *f = test_floats(N, t, 0, 100), *back = test_floats(N, PGR_F32, 0, 0);
    static const uint32_t special[] = {0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0x7f7fffff,
                                       1,          0x80000000, 0x3f808000, 0x3f818000, 0x00808000};
    memcpy(f, special, sizeof special);
    pgr_bf16 *h = malloc(N * sizeof *h);
    assert_non_null(h);
    pgr_ops_convert(N, PGR_F32, f, PGR_BF16, h);
    pgr_ops_convert(N, PGR_BF16, h, PGR_F32, back);
    for (size_t i = 0; i < N; i++) {
        bool tiny = f[i] != 0.0f && fabsf(f[i]) < FLT_MIN && pgr_isa() >= PGR_ISA_AVX512BF16;
        assert_int_equal(h[i], pgr_f32_to_bf16(tiny ? copysignf(0.0f, f[i]) : f[i]));
        float want = pgr_bf16_to_f32(h[i]);
        assert_memory_equal(&back[i], &want, sizeof want);
    }
    free(f), free(back), free(h);
}
static void conversion_has_the_same_bits_at_every_level(void **state) {
    (void)state;
    test_each_level(conversion);
}

static void scatter(enum pgr_dtype t) {
    (void)t;
    enum { N = 50, D = 130, ROWS = 7 };
    uint32_t index[N];
    float *src = test_floats(N * D, PGR_F32, 0, 1), *dst = test_floats(ROWS * D, PGR_F32, 0, 1);
    float *want = malloc(ROWS * D * sizeof *want);
    assert_non_null(want);
    memcpy(want, dst, ROWS * D * sizeof *want);
    for (size_t i = 0; i < N; i++) {
        index[i] = (uint32_t)(i * i % ROWS);
        for (size_t j = 0; j < D; j++) want[index[i] * D + j] += src[i * D + j];
    }
    pgr_ops_scatter_add(N, D, index, src, dst);
    assert_memory_equal(dst, want, ROWS * D * sizeof *want); /* the order is that of i: the same bits */
    free(src), free(dst), free(want);
}
static void scatter_adds_in_order(void **state) {
    (void)state;
    test_each_level(scatter);
}

static void bits_do_not_depend_on_threads(void **state) {
    (void)state;
    enum { N = 300, D = 48 };
    size_t was = pgr_par_threads();
    float *x = test_floats(N * D, PGR_F32, 0, 1), *w = test_floats(D, PGR_F32, 1, 0.1);
    float *dy = test_floats(N * D, PGR_F32, 0, 1), rstd[N], first_dw[D], *first = NULL;
    float *scratch = malloc(pgr_ops_norm_scratch(N, D) * sizeof *scratch);
    assert_non_null(scratch);
    for (size_t threads = 1; threads <= 4; threads++) {
        pgr_par_set_threads(threads);
        float *dres = calloc(N * D, sizeof *dres), dw[D] = {0};
        pgr_ops_add_norm(N, D, x, NULL, w, 1e-5f, PGR_F32, NULL, NULL, rstd);
        pgr_ops_norm_backward(N, D, x, NULL, w, rstd, PGR_F32, dy, true, dres, PGR_F32, NULL, NULL, dw, scratch);
        if (!first) {
            first = dres;
            memcpy(first_dw, dw, sizeof dw);
            continue;
        }
        assert_memory_equal(first, dres, N * D * sizeof *dres);
        assert_memory_equal(first_dw, dw, sizeof dw);
        free(dres);
    }
    pgr_par_set_threads(was);
    free(x), free(w), free(dy), free(scratch), free(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norm_matches_double_and_differences),
        cmocka_unit_test(norm_of_gathered_rows_equals_the_rows_own),
        cmocka_unit_test(rotation_and_head_norm_match_double_and_differences),
        cmocka_unit_test(swiglu_matches_double_and_differences),
        cmocka_unit_test(conversion_has_the_same_bits_at_every_level),
        cmocka_unit_test(scatter_adds_in_order),
        cmocka_unit_test(bits_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
