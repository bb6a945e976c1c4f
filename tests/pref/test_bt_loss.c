/* test_bt_loss.c - the Bradley-Terry loss: known values, central differences, no overflow. */
#include "test.h"

#include <math.h>

#include "pref/rm_train.h"

enum { N = 5 };
static const float chosen[N] = {0.5f, -1.25f, 3.0f, 0.0f, -2.0f};
static const float rejected[N] = {0.25f, 1.5f, -3.0f, 0.0f, -2.5f};
static const double margin[N] = {0.0, 0.5, 1.0, 0.25, 0.0};

/* Written from the formula, in double. */
static double loss_at(const double *c, const double *r, const double *m, double center, size_t total) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        double z = c[i] - r[i] - m[i];
        sum += -log(1 / (1 + exp(-z))) + center * (c[i] + r[i]) * (c[i] + r[i]);
    }
    return sum / (double)total;
}

static void loss_and_gradient_match_the_formula(void **state) {
    (void)state;
    for (size_t total = N; total <= 12; total += 7) {
        const double center = 0.03;
        float dc[N], dr[N];
        double c[N], r[N];
        for (size_t i = 0; i < N; i++) c[i] = chosen[i], r[i] = rejected[i];
        double got = pgr_bt_loss(N, total, chosen, rejected, margin, center, dc, dr);
        double want = loss_at(c, r, margin, center, total);
        if (!(fabs(got - want) <= 1e-14 * N)) fail_msg("loss %.17g, want %.17g", got, want);
        for (size_t i = 0; i < N; i++)
            for (int side = 0; side < 2; side++) {
                /* Central difference: error h^2/6 |f'''| + eps/h, both below 1e-9 at h = 1e-5; the result is a float.
                 */
                double *x = side ? &r[i] : &c[i], x0 = *x, h = 1e-5;
                *x = x0 + h;
                double up = loss_at(c, r, margin, center, total);
                *x = x0 - h;
                double down = loss_at(c, r, margin, center, total);
                *x = x0;
                double slope = (up - down) / (2 * h), grad = side ? (double)dr[i] : (double)dc[i];
                if (!(fabs(grad - slope) <= 1e-9 + 6e-8 * fabs(slope)))
                    fail_msg("side %d item %zu: %.12g, want %.12g", side, i, grad, slope);
            }
    }
}

static void equal_scores_cost_log_two(void **state) {
    (void)state;
    const float zero = 0.0f;
    float dc, dr;
    double loss = pgr_bt_loss(1, 1, &zero, &zero, NULL, 0.0, &dc, &dr);
    assert_true(fabs(loss - log(2.0)) < 1e-15);
    assert_true(dc == -0.5f && dr == 0.5f);
}

/* 0.5 ((1 - 3)^2 + (2 - 0.5)^2 + (0 + 1)^2 + (-4 + 4)^2) / 4, all exact in binary */
static void grades_cost_half_their_squared_distance(void **state) {
    (void)state;
    const float c[2] = {1.0f, 0.0f}, r[2] = {2.0f, -4.0f};
    const double want_c[2] = {3.0, -1.0}, want_r[2] = {0.5, -4.0};
    float dc[2], dr[2];
    assert_true(pgr_grade_loss(2, 4, 0, c, r, want_c, want_r, dc, dr) == 0.5 * (4 + 2.25 + 1) / 4);
    assert_true(dc[0] == -0.5f && dc[1] == 0.25f && dr[0] == 0.375f && dr[1] == 0.0f);
}

/* The squared distances from targets, in double, at the level that makes them least. */
static double least_grade_loss(const double *score, const double *target, size_t n, size_t total) {
    double level = 0, sum = 0;
    for (size_t i = 0; i < n; i++) level += (score[i] - target[i]) / (double)n;
    for (size_t i = 0; i < n; i++) sum += 0.5 * (score[i] - target[i] - level) * (score[i] - target[i] - level);
    return sum / (double)total;
}

/* That level depends on the scores, too: the gradient must be that of the whole. Scores far from the targets, all by
 * the same, change nothing: they are powers of two and short fractions, so that the sums are exact. */
static void the_level_of_grades_is_free(void **state) {
    (void)state;
    const double target[2 * N] = {1.0, -0.5, 0.25, 2.0, -1.5, -1.0, 0.75, -2.0, 0.5, 0.5};
    for (double shift = 0; shift <= 1024; shift += 512) {
        float score[2 * N], grad[2 * N];
        double x[2 * N], level = 0;
        for (size_t i = 0; i < N; i++) score[i] = chosen[i], score[N + i] = rejected[i];
        for (size_t i = 0; i < 2 * N; i++) score[i] += (float)shift, x[i] = score[i];
        for (size_t i = 0; i < 2 * N; i++) level += (x[i] - target[i]) / (2 * N);
        double got = pgr_grade_loss(N, N, level, score, score + N, target, target + N, grad, grad + N);
        double want = least_grade_loss(x, target, 2 * N, N), sum = 0;
        if (!(fabs(got - want) <= 1e-12 * want)) fail_msg("shift %g: loss %.17g, want %.17g", shift, got, want);
        for (size_t i = 0; i < 2 * N; i++) {
            /* A quadratic: no error of the step; eps * 1024 / h below 1e-9 at h = 1/1024, the result is a float. */
            double x0 = x[i], h = 1.0 / 1024;
            x[i] = x0 + h;
            double up = least_grade_loss(x, target, 2 * N, N);
            x[i] = x0 - h;
            double down = least_grade_loss(x, target, 2 * N, N);
            x[i] = x0;
            double slope = (up - down) / (2 * h);
            sum += (double)grad[i];
            if (!(fabs((double)grad[i] - slope) <= 1e-9 + 6e-8 * fabs(slope)))
                fail_msg("shift %g score %zu: %.12g, want %.12g", shift, i, (double)grad[i], slope);
        }
        if (!(fabs(sum) <= 1e-6)) fail_msg("shift %g: the gradients sum to %g", shift, sum);
    }
}

static void far_apart_scores_do_not_overflow(void **state) {
    (void)state;
    const float big = 3e4f, small = -3e4f;
    float dc, dr;
    assert_true(pgr_bt_loss(1, 1, &big, &small, NULL, 0.0, &dc, &dr) == 0.0);
    assert_true(dc == 0.0f && dr == 0.0f);
    assert_true(pgr_bt_loss(1, 1, &small, &big, NULL, 0.0, &dc, &dr) == 6e4);
    assert_true(dc == -1.0f && dr == 1.0f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_gradient_match_the_formula),     cmocka_unit_test(equal_scores_cost_log_two),
        cmocka_unit_test(grades_cost_half_their_squared_distance), cmocka_unit_test(the_level_of_grades_is_free),
        cmocka_unit_test(far_apart_scores_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
