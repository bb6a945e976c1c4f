/* test_hacking.c - the alarm is raised when R_t rises while the pass rate falls, and only then. */
#include "test.h"

#include <math.h>

#include "train/hacking.h"

static void step(json_t *h, int n, double thinking) {
    json_array_append_new(h, json_pack("{s:i, s:o}", "step", n, "rewards/thinking/mean",
                                       isnan(thinking) ? json_null() : json_real(thinking)));
}

static void eval(json_t *h, int n, double pass, int samples) {
    json_array_append_new(h, json_pack("{s:i, s:f, s:i, s:f}", "step", n, "eval_pass@1", pass, "eval_samples", samples,
                                       "eval_runtime", 1.0));
}

static struct pgr_hacking check(const json_t *h, double pass, size_t n) {
    struct pgr_hacking r;
    pgr_hacking_check(h, pass, n, &r);
    return r;
}

static void a_rise_with_a_fall_is_an_alarm(void **state) {
    (void)state;
    json_t *h = json_array();
    assert_true(isnan(check(h, 0.5, 100).pass_fall));
    eval(h, 0, 0.3, 400);
    step(h, 1, 0.4);
    step(h, 2, 0.5);
    eval(h, 2, 0.5, 400); /* the best; R_t 0.45 */
    step(h, 3, 0.7);
    step(h, 4, NAN); /* nothing was scored */
    step(h, 5, 0.8);
    struct pgr_hacking r = check(h, 0.3, 400);
    assert_true(r.alarm && r.best_step == 2);
    assert_true(fabs(r.pass_fall - 0.2) < 1e-12 && fabs(r.thinking_rise - 0.3) < 1e-12);
    /* Two standard errors of two shares near 0.5 of 400: 0.071. */
    assert_true(check(h, 0.42, 400).alarm);
    assert_false(check(h, 0.44, 400).alarm);
    assert_false(check(h, 0.42, 40).alarm);
    assert_false(check(h, 0.6, 400).alarm);
    assert_false(check(h, NAN, 0).alarm);
    json_decref(h);
}

static void a_fall_without_a_rise_is_none(void **state) {
    (void)state;
    json_t *h = json_array();
    eval(h, 0, 0.5, 400);
    step(h, 1, 0.5);
    eval(h, 1, 0.4, 400);
    step(h, 2, 0.52);
    struct pgr_hacking r = check(h, 0.1, 400); /* the evaluation at step 0 has the R_t of the rows after it */
    assert_true(!r.alarm && fabs(r.thinking_rise - 0.02) < 1e-12 && r.best_step == 0);
    json_decref(h);
    h = json_array(); /* no reward model at all */
    eval(h, 0, 0.5, 400);
    r = check(h, 0.1, 400);
    assert_true(!r.alarm && isnan(r.thinking_rise));
    json_decref(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rise_with_a_fall_is_an_alarm),
        cmocka_unit_test(a_fall_without_a_rise_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
