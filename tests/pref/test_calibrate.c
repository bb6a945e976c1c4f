/* test_calibrate.c - the sigmoid of a reward model: spread over [0, 1], or the chance of being the better text. */
#include "test.h"

#include <math.h>

#include "base/rng.h"
#include "pref/calibrate.h"

enum { N = 500 };
static float chosen[N], rejected[N];

/* Quantiles of a logistic distribution of scale 3 around 7, all of them, half on each side. */
static void spread_makes_logistic_scores_uniform(void **state) {
    (void)state;
    for (int i = 0; i < 2 * N; i++) {
        double u = (i + 0.5) / (2 * N);
        float s = (float)(7 + 3 * log(u / (1 - u)));
        *(i % 2 ? &chosen[i / 2] : &rejected[i / 2]) = s;
    }
    struct pgr_calibration c;
    assert_ok(pgr_calibrate_fit(PGR_CALIBRATE_SPREAD, N, chosen, rejected, &c));
    assert_true(fabs(c.offset - 7) < 1e-5);
    for (int i = 0; i < 2 * N; i++) {
        double u = (i + 0.5) / (2 * N), r = (double)pgr_calibrated(&c, i % 2 ? chosen[i / 2] : rejected[i / 2]);
        /* The quantiles cut off at 1 / 4N miss some of the variance pi^2/3: less than the square of the outermost
         * quantile times that share, 2 (8.3^2) / 2000 of 3.29, so the scale is off by at most 1.1 %. */
        if (fabs(r - u) > 0.011 * fabs(log(u / (1 - u))) / 4 + 1e-6) fail_msg("%d: %g, not %g", i, r, u);
    }
}

static void probability_solves_the_likelihood_equations(void **state) {
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        chosen[i] = (float)(2 + 0.5 * pgr_rng_normal(1, PGR_RNG_TEST, i, 0, 0, 0));
        rejected[i] = (float)(1.5 + 0.5 * pgr_rng_normal(1, PGR_RNG_TEST, i, 1, 0, 0));
    }
    struct pgr_calibration c;
    assert_ok(pgr_calibrate_fit(PGR_CALIBRATE_PROBABILITY, N, chosen, rejected, &c));
    double hit = (N + 1.0) / (N + 2.0), g = 0, gs = 0;
    for (int i = 0; i < N; i++) {
        double p = 1 / (1 + exp(-(chosen[i] - c.offset) / c.temperature)) - hit;
        double q = 1 / (1 + exp(-(rejected[i] - c.offset) / c.temperature)) - (1 - hit);
        g += p + q;
        gs += p * chosen[i] + q * rejected[i];
    }
    assert_true(fabs(g) < 1e-6 && fabs(gs) < 1e-6);
    /* Two normal classes of deviation 0.5 at 2 and 1.5: the posterior is a sigmoid of temperature 0.5 around 1.75. The
     * slope's standard error is below 1 / sqrt(2 N / 4 0.25) = 0.09 of 2; five of them. */
    assert_true(fabs(1 / c.temperature - 2) < 0.45 && fabs(c.offset - 1.75) < 0.2);
}

static void separated_scores_stay_finite(void **state) {
    (void)state;
    for (int i = 0; i < N; i++) chosen[i] = 1, rejected[i] = -1;
    struct pgr_calibration c;
    assert_ok(pgr_calibrate_fit(PGR_CALIBRATE_PROBABILITY, N, chosen, rejected, &c));
    assert_true(fabs((double)pgr_calibrated(&c, 1) - (N + 1.0) / (N + 2.0)) < 1e-6);
    assert_true(fabs(c.offset) < 1e-6);
}

static void what_cannot_be_fitted_is_said(void **state) {
    (void)state;
    struct pgr_calibration c;
    for (int i = 0; i < N; i++) chosen[i] = rejected[i] = 2;
    assert_fails_with(pgr_calibrate_fit(PGR_CALIBRATE_SPREAD, N, chosen, rejected, &c), PGR_E_RANGE, "all equal");
    assert_fails_with(pgr_calibrate_fit(PGR_CALIBRATE_SPREAD, 9, chosen, rejected, &c), PGR_E_RANGE, "too few");
    for (int i = 0; i < N; i++) chosen[i] = (float)(i % 7), rejected[i] = (float)(i % 7 + 1);
    assert_fails_with(pgr_calibrate_fit(PGR_CALIBRATE_PROBABILITY, N, chosen, rejected, &c), PGR_E_RANGE,
                      "no lower than the better");
    pgr_calibrate_method m;
    assert_ok(pgr_calibrate_parse("probability", &m));
    assert_int_equal(m, PGR_CALIBRATE_PROBABILITY);
    assert_fails_with(pgr_calibrate_parse("platt", &m), PGR_E_RANGE, "spread, probability or none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_makes_logistic_scores_uniform),
        cmocka_unit_test(probability_solves_the_likelihood_equations),
        cmocka_unit_test(separated_scores_stay_finite),
        cmocka_unit_test(what_cannot_be_fitted_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
