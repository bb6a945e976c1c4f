/* test_extract.c - where the final answer of a completion stands. */
#include "test.h"

#include "math/math.h"

static void want(const char *text, pgr_math_how how, const char *answer) {
    size_t n = strlen(text), got_bytes = 0;
    char *copy = malloc(n + 1); /* not terminated: an over-read is seen */
    assert_non_null(copy);
    memcpy(copy, text, n);
    const char *at = NULL;
    pgr_math_how got = pgr_math_extract(copy, n, &at, &got_bytes);
    if (got != how || (answer && (got_bytes != strlen(answer) || memcmp(at, answer, got_bytes) != 0)))
        fail_msg("\"%s\": got %s \"%.*s\", want %s \"%s\"", text, pgr_math_how_name(got), (int)got_bytes, at ? at : "",
                 pgr_math_how_name(how), answer ? answer : "");
    free(copy);
}

static void the_last_box_counts(void **state) {
    (void)state;
    want("so \\boxed{3} no, \\boxed{\\frac{1}{2}}.", PGR_MATH_BOXED, "\\frac{1}{2}");
    want("\\boxed{\\text{a \\} b}} and 7", PGR_MATH_BOXED, "\\text{a \\} b}");
    want("\\boxed{5} then \\boxed{6", PGR_MATH_BOXED, "5");
    want("\\boxed 42 is it", PGR_MATH_BOXED, "42");
    want("\\fbox{1} $", PGR_MATH_BOXED, "1");
    want("\\boxed{$7$}", PGR_MATH_BOXED, "7");
    want("\\boxed{}", PGR_MATH_NONE, NULL);
}

static void phrases_and_hashes(void **state) {
    (void)state;
    want("Final Answer: The final answer is $\\frac{3}{4}$. I hope it is correct.", PGR_MATH_FINAL_ANSWER,
         "\\frac{3}{4}");
    want("The final answer is 1.5.", PGR_MATH_FINAL_ANSWER, "1.5");
    want("5 + 5 = 10\n#### 10", PGR_MATH_HASHES, "10");
    want("#### 1,200\n", PGR_MATH_HASHES, "1,200");
    want("The answer is: $5 and not more", PGR_MATH_ANSWER_IS, "$5 and not more");
    want("**Answer:** \\(x = 2\\)", PGR_MATH_ANSWER_IS, "x = 2");
}

static void the_last_number_is_the_fallback(void **state) {
    (void)state;
    want("We get 3 and then 1,234.50.", PGR_MATH_LAST_NUMBER, "1,234.50");
    want("that is -7", PGR_MATH_LAST_NUMBER, "-7");
    want("range 5-7", PGR_MATH_LAST_NUMBER, "7");
    want("about 3/4 of it", PGR_MATH_LAST_NUMBER, "3/4");
    want("12% more", PGR_MATH_LAST_NUMBER, "12%");
    want("no idea", PGR_MATH_NONE, NULL);
    want("", PGR_MATH_NONE, NULL);
}

static void blocks_bound_the_search(void **state) {
    (void)state;
    want("<think>\\boxed{1}</think><answer>\\boxed{2}</answer> 9", PGR_MATH_BOXED, "2");
    want("<think>\\boxed{1}</think><answer>x^2+1</answer>", PGR_MATH_WHOLE, "x^2+1");
    want("<think>\\boxed{1}</think> it is 5", PGR_MATH_LAST_NUMBER, "5");
    want("<think>\\boxed{1} and so on", PGR_MATH_NONE, NULL);
    want("<answer>3", PGR_MATH_WHOLE, "3");
}

static void judging_says_what_it_found(void **state) {
    (void)state;
    struct pgr_math_result r;
    pgr_math_how how;
    const char *text = "so \\boxed{0.5}";
    assert_ok(pgr_math_judge("\\frac{1}{2}", text, strlen(text), NULL, &how, &r));
    assert_int_equal(r.verdict, PGR_MATH_EQUAL);
    assert_int_equal(how, PGR_MATH_BOXED);
    assert_ok(pgr_math_judge("1", "none", 4, NULL, &how, &r));
    assert_int_equal(r.verdict, PGR_MATH_DIFFERENT);
    assert_int_equal(how, PGR_MATH_NONE);
}

/* Deep or endless nesting takes linear time: a quadratic search of 4 MB would not end within the test's limit. */
static void large_completions_end(void **state) {
    (void)state;
    static const char *const parts[] = {"\\boxed{", "{", "<answer>", "answer is", "1,", "\\", "$"};
    size_t n = 4000000;
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t k = strlen(parts[i]), got;
        for (size_t j = 0; j < n; j++) text[j] = parts[i][j % k];
        const char *at;
        (void)pgr_math_extract(text, n, &at, &got);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_box_counts),
        cmocka_unit_test(phrases_and_hashes),
        cmocka_unit_test(the_last_number_is_the_fallback),
        cmocka_unit_test(blocks_bound_the_search),
        cmocka_unit_test(judging_says_what_it_found),
        cmocka_unit_test(large_completions_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
