/* test_optim.c - AdamW and the gradient norm against double. */
#include "ops_test.h"

#include "kern/optim.h"

static void adamw(enum pgr_dtype t) {
    (void)t;
    enum { N = 70003, STEPS = 3 }; /* more than one block, with a tail */
    struct pgr_adamw o = {.lr = 1e-3,
                          .beta1 = 0.9,
                          .beta2 = 0.999,
                          .eps = 1e-8,
                          .weight_decay = 0.01,
                          .grad_scale = 0.3,
                          .zero_grad = true};
    float *p = test_floats(N, PGR_F32, 0, 1), *m = calloc(N, sizeof *m), *v = calloc(N, sizeof *v);
    double *p_d = test_doubles(N, p), *m_d = calloc(N, sizeof *m_d), *v_d = calloc(N, sizeof *v_d);
    for (o.step = 1; o.step <= STEPS; o.step++) {
        float *g = test_floats(N, PGR_F32, 0, 0.1);
        g[5] = 0.0f;
        double *g_d = test_doubles(N, g);
        pgr_adamw(&o, N, p, g, m, v);
        for (size_t i = 0; i < N; i++) {
            double gi = g_d[i] * o.grad_scale, s = (double)o.step;
            m_d[i] = o.beta1 * m_d[i] + (1 - o.beta1) * gi;
            v_d[i] = o.beta2 * v_d[i] + (1 - o.beta2) * gi * gi;
            double update = o.lr / (1 - pow(o.beta1, s)) * m_d[i] / (sqrt(v_d[i] / (1 - pow(o.beta2, s))) + o.eps);
            p_d[i] = p_d[i] - o.lr * o.weight_decay * p_d[i] - update;
            assert_true(g[i] == 0.0f);
            /* three steps of at most four roundings of p, and the update's own: lr times some of 1 */
            assert_near("p", i, (double)p[i], p_d[i], PGR_F32, 4 * STEPS, fabs(p_d[i]) + 20 * o.lr);
            assert_near("m", i, (double)m[i], m_d[i], PGR_F32, 6 * STEPS, 0.1);
            assert_near("v", i, (double)v[i], v_d[i], PGR_F32, 8 * STEPS, v_d[i]);
        }
        free(g), free(g_d);
    }
    free(p), free(m), free(v), free(p_d), free(m_d), free(v_d);
}
static void adamw_matches_double(void **state) {
    (void)state;
    test_each_level(adamw);
}

static void norm_of(enum pgr_dtype t) {
    (void)t;
    static const size_t n[] = {0, 1, 15, 33, 4097, 200001};
    for (size_t k = 0; k < sizeof n / sizeof *n; k++) {
        float *g = test_floats(n[k], PGR_F32, 0, 2);
        double s = 0;
        for (size_t i = 0; i < n[k]; i++) s += (double)g[i] * (double)g[i];
        /* sums of 4096 in two vectors of lanes; the root halves the error */
        assert_near("norm", k, pgr_grad_norm(n[k], g), sqrt(s), PGR_F32, 2048, sqrt(s));
        double first = pgr_grad_norm(n[k], g);
        size_t was = pgr_par_threads();
        for (size_t threads = 1; threads < 4; threads++) {
            pgr_par_set_threads(threads);
            assert_true(pgr_grad_norm(n[k], g) == first);
        }
        pgr_par_set_threads(was);
        pgr_zero(n[k], g);
        assert_true(pgr_grad_norm(n[k], g) == 0.0);
        free(g);
    }
}
static void gradient_norm_matches_double_for_any_number_of_threads(void **state) {
    (void)state;
    test_each_level(norm_of);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adamw_matches_double),
        cmocka_unit_test(gradient_norm_matches_double_for_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
