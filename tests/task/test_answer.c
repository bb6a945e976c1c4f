/* test_answer.c - math completions as results of one test. */
#include "test.h"

#include "task/answer.h"

static void judge(const char *answer, const char *completion, struct pgr_sbx_result *r, bool *undecided) {
    char gold[64];
    snprintf(gold, sizeof gold, "%s", answer);
    struct pgr_task t = {.kind = PGR_TASK_MATH, .answer = gold};
    assert_ok(pgr_task_judge_answer(&t, completion, strlen(completion), r, undecided));
}

static void a_right_answer_passes_its_one_test(void **state) {
    (void)state;
    struct pgr_sbx_result r;
    bool undecided;
    judge("\\frac{1}{2}", "<think>2/4</think><answer>\\boxed{0.5}</answer>", &r, &undecided);
    assert_int_equal(r.verdict, PGR_V_ACCEPTED);
    assert_int_equal(r.n_passed, 1);
    assert_int_equal(r.n_tests, 1);
    assert_false(undecided);
    assert_null(r.got);
    pgr_sbx_result_free(&r);
}

static void a_wrong_answer_is_shown(void **state) {
    (void)state;
    struct pgr_sbx_result r;
    bool undecided;
    judge("12", "so it is \\boxed{13}", &r, &undecided);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_string_equal(r.expected, "12");
    assert_string_equal(r.got, "13");
    assert_string_equal(r.detail, "different numbers");
    assert_false(undecided);
    pgr_sbx_result_free(&r);
    judge("12", "I cannot say", &r, &undecided);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_null(r.got);
    assert_string_equal(r.detail, "no answer found");
    pgr_sbx_result_free(&r);
}

static void what_cannot_be_decided_says_so(void **state) {
    (void)state;
    struct pgr_sbx_result r;
    bool undecided;
    judge("12", "\\boxed{\\sum_{k=1}^{4} k + 2}", &r, &undecided);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_true(undecided);
    assert_non_null(strstr(r.detail, "undecided: "));
    pgr_sbx_result_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_answer_passes_its_one_test),
        cmocka_unit_test(a_wrong_answer_is_shown),
        cmocka_unit_test(what_cannot_be_decided_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
