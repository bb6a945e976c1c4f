/* test_metrics.c - pass@k, intervals, the exact test. */
#include "test.h"

#include <math.h>

#include "eval/metrics.h"

static double choose(size_t n, size_t k) {
    double v = 1;
    for (size_t i = 0; i < k; i++) v = v * (double)(n - i) / (double)(i + 1);
    return v;
}

static void pass_at_k_is_the_ratio_of_binomials(void **state) {
    (void)state;
    for (size_t n = 1; n <= 20; n++)
        for (size_t c = 0; c <= n; c++)
            for (size_t k = 1; k <= n; k++) {
                double want = 1 - (n - c >= k ? choose(n - c, k) / choose(n, k) : 0);
                /* k products and quotients of numbers below 1 */
                assert_true(fabs(pgr_pass_at_k(n, c, k) - want) < 1e-13);
            }
}

static void mean_error_and_interval(void **state) {
    (void)state;
    double x[100];
    struct pgr_mean m;
    for (size_t i = 0; i < 100; i++) x[i] = i < 30;
    pgr_mean_of(x, 100, &m);
    double se = sqrt(0.3 * 0.7 * 100 / 99 / 100);
    assert_true(fabs(m.mean - 0.3) < 1e-15);
    assert_true(fabs(m.se - se) < 1e-15);
    /* The resampled mean is binomial(100, 0.3) / 100: its percentiles 2.5 and 97.5 are 0.21 and 0.39. */
    assert_true(m.lo >= 0.20 && m.lo <= 0.22);
    assert_true(m.hi >= 0.38 && m.hi <= 0.40);
    pgr_mean_of(x, 1, &m);
    assert_true(m.mean == 1 && m.se == 0 && m.lo == 1 && m.hi == 1);
    pgr_mean_of(x, 0, &m);
    assert_true(m.mean == 0 && m.se == 0);
}

static void mcnemar_is_exact(void **state) {
    (void)state;
    /* P(X <= 1 or X >= 9), X binomial(10, 1/2): 2 * 11 / 1024 */
    assert_true(fabs(pgr_mcnemar(9, 1) - 22.0 / 1024) < 1e-12);
    assert_true(fabs(pgr_mcnemar(1, 9) - 22.0 / 1024) < 1e-12);
    assert_true(pgr_mcnemar(5, 5) == 1);
    assert_true(pgr_mcnemar(0, 0) == 1);
    assert_true(fabs(pgr_mcnemar(0, 5) - 2.0 / 32) < 1e-12);
}

static void paired_difference(void **state) {
    (void)state;
    double a[4] = {1, 1, 0, 0.5}, b[4] = {1, 0, 0, 1};
    struct pgr_paired p;
    assert_ok(pgr_paired_of(a, b, 4, &p));
    assert_true(p.n == 4 && p.only_a == 1 && p.only_b == 0);
    assert_true(fabs(p.diff.mean - 0.125) < 1e-15);
    assert_true(p.mcnemar == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pass_at_k_is_the_ratio_of_binomials),
                                       cmocka_unit_test(mean_error_and_interval), cmocka_unit_test(mcnemar_is_exact),
                                       cmocka_unit_test(paired_difference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
