/* test_rate.c - shares and their intervals: Wilson's for single pairs, wider for pairs that go together. */
#include "test.h"

#include <math.h>

#include "pref/rate.h"

#define NEAR(a, b, tol) assert_true(fabs((a) - (b)) <= (tol))

static void wilson_gives_the_published_values(void **state) {
    (void)state;
    double low, high;
    pgr_wilson(0.5, 10, &low, &high); /* 0.5 -+ z / 2 / sqrt(n + z^2) by algebra */
    double half = 1.959963984540054 / 2 / sqrt(10 + 3.841458820694124);
    NEAR(low, 0.5 - half, 1e-12);
    NEAR(high, 0.5 + half, 1e-12);
    pgr_wilson(1.0, 10, &low, &high); /* n / (n + z^2) */
    NEAR(low, 10 / 13.841458820694124, 1e-12);
    NEAR(high, 1.0, 1e-12);
    pgr_wilson(81.0 / 263, 263, &low, &high); /* Newcombe 1998, table I, example a: 0.2553 to 0.3662 */
    NEAR(low, 0.2553, 5e-5);
    NEAR(high, 0.3662, 5e-5);
}

enum { N = 60 };

static void pairs_of_their_own_problem_count_fully(void **state) {
    (void)state;
    struct pgr_outcome o[N];
    for (uint32_t i = 0; i < N; i++) o[i] = (struct pgr_outcome){i, 0, i % 3 != 0};
    struct pgr_rate r;
    double low, high;
    assert_ok(pgr_rate_of(N, o, N, &r));
    pgr_wilson(2.0 / 3, N, &low, &high);
    assert_int_equal(r.n, N);
    NEAR(r.rate, 2.0 / 3, 1e-15);
    NEAR(r.low, low, 1e-9);
    NEAR(r.high, high, 1e-9);
}

static void repeating_a_pair_within_its_problem_adds_nothing(void **state) {
    (void)state;
    struct pgr_outcome o[N];
    for (uint32_t i = 0; i < N; i++) o[i] = (struct pgr_outcome){i / 3, 0, i / 3 % 4 != 0}; /* 20 problems, 15 right */
    struct pgr_rate r;
    double low, high;
    assert_ok(pgr_rate_of(N, o, 20, &r));
    pgr_wilson(0.75, 20, &low, &high);
    NEAR(r.low, low, 1e-9);
    NEAR(r.high, high, 1e-9);
    /* All right: as many draws as problems, no more. */
    for (uint32_t i = 0; i < N; i++) o[i].right = true;
    assert_ok(pgr_rate_of(N, o, 20, &r));
    pgr_wilson(1.0, 20, &low, &high);
    NEAR(r.low, low, 1e-9);
    assert_true(r.rate == 1.0);
    NEAR(r.high, 1.0, 1e-12);
}

static void a_rule_of_length_gets_one_half(void **state) {
    (void)state;
    struct pgr_outcome o[N];
    for (uint32_t i = 0; i < N; i++) {
        int longer = i < 6 ? 1 : i < 50 ? -1 : 0;
        o[i] = (struct pgr_outcome){i, longer, longer < 0}; /* "shorter wins": 44 of 60 */
    }
    struct pgr_rate r, half[2];
    assert_ok(pgr_rate_of(N, o, N, &r));
    NEAR(r.rate, 44.0 / 60, 1e-15);
    assert_ok(pgr_rate_length_controlled(N, o, N, &r, half));
    assert_int_equal(r.n, 50);
    assert_true(r.rate == 0.5 && half[0].rate == 0.0 && half[1].rate == 1.0);
    assert_int_equal(half[0].n, 6);
    assert_int_equal(half[1].n, 44);
}

static void the_smaller_half_decides_the_controlled_interval(void **state) {
    (void)state;
    struct pgr_outcome o[N];
    for (uint32_t i = 0; i < N; i++) o[i] = (struct pgr_outcome){i, i < 12 ? 1 : -1, i % 2 == 0};
    struct pgr_rate r;
    double low, high, n_eff = 4 / (1.0 / 12 + 1.0 / 48); /* variance of a mean of two means */
    assert_ok(pgr_rate_length_controlled(N, o, N, &r, NULL));
    pgr_wilson(0.5, n_eff, &low, &high);
    NEAR(r.rate, 0.5, 1e-15);
    NEAR(r.low, low, 1e-9);
    NEAR(r.high, high, 1e-9);
    for (uint32_t i = 0; i < N; i++) o[i].longer = -1;
    assert_ok(pgr_rate_length_controlled(N, o, N, &r, NULL));
    assert_int_equal(r.n, 0);
    assert_ok(pgr_rate_of(0, NULL, 0, &r));
    assert_int_equal(r.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_gives_the_published_values),
        cmocka_unit_test(pairs_of_their_own_problem_count_fully),
        cmocka_unit_test(repeating_a_pair_within_its_problem_adds_nothing),
        cmocka_unit_test(a_rule_of_length_gets_one_half),
        cmocka_unit_test(the_smaller_half_decides_the_controlled_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
