/* test_bench.c - what is taken from a model's answer, and how it is asked. */
#include "test.h"

#include "base/size.h"
#include "eval/bench.h"

static const struct pgr_bench *bench(const char *name) {
    const struct pgr_bench *b;
    assert_ok(pgr_bench_find(name, strlen(name), &b));
    return b;
}

static void code_is_taken_by_each_benchmarks_rule(void **state) {
    (void)state;
    static const struct {
        const char *bench, *answer, *code;
    } cases[] = {{"humaneval", "def f():\n    return 1\n```\nIt works.", "def f():\n    return 1\n"},
                 {"humaneval", "def f():\n    return 1\n", "def f():\n    return 1\n"},
                 {"humaneval", "```", ""},
                 {"livecodebench", "a\n```python\nx\ny\n```\nb", "x\ny"},
                 {"livecodebench", "```\n1\n```\n```py\n2\n```", "2"},
                 {"livecodebench", "a ```one\nx\n", ""},
                 {"livecodebench", "```\n```", ""},
                 {"livecodebench", "no fence", ""},
                 {"livecodebench", "```\nx\n```\ny\n```\n", "y"}, /* the last two lines with ```, whatever they are */
                 {"leetcode", "<think>\n```python\nno\n```\n</think><answer>```python\nyes\n```</answer>", "yes\n"},
                 {"leetcode", "Here:\n```python\nx = 1\n```\n", "x = 1\n"},
                 {"leetcode", "x = 1", "x = 1"},
                 {"gsm8k", "so 5", "so 5"}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        assert_ok(pgr_bench_take(bench(cases[i].bench), cases[i].answer, strlen(cases[i].answer), &b));
        if (strcmp(pgr_buf_str(&b), cases[i].code) != 0)
            fail_msg("%s: %s: got \"%s\"", cases[i].bench, cases[i].answer, pgr_buf_str(&b));
        pgr_buf_free(&b);
    }
}

static void questions_are_the_benchmarks_own(void **state) {
    (void)state;
    char prompt[] = "\ndef f():\n    \"\"\"One.\"\"\"\n", starter[] = "class Solution:";
    struct pgr_task t = {.prompt = prompt, .family = "humaneval"};
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_bench_ask(bench("humaneval"), NULL, &t, &b));
    assert_string_equal(pgr_buf_str(&b),
                        "Please provide a self-contained Python script that solves the following problem "
                        "in a markdown code block:\n```python\ndef f():\n    \"\"\"One.\"\"\"\n```\n");
    pgr_buf_clear(&b);
    t.starter_code = starter;
    assert_ok(pgr_bench_ask(bench("livecodebench"), NULL, &t, &b));
    assert_non_null(strstr(pgr_buf_str(&b), "```python\nclass Solution:\n```\n\n### Answer: (use"));
    pgr_buf_clear(&b);
    assert_ok(pgr_bench_ask(bench("tasks"), "[{prompt}|{entry_point}|{x}]", &t, &b));
    assert_string_equal(pgr_buf_str(&b), "[def f():\n    \"\"\"One.\"\"\"||{x}]");
    pgr_buf_free(&b);
}

static void unknown_names_are_refused(void **state) {
    (void)state;
    const struct pgr_bench *b;
    struct pgr_task t = {.family = "mbpp"};
    assert_fails_with(pgr_bench_find("humanevel", 9, &b), PGR_E_USAGE, "did you mean \"humaneval\"");
    assert_fails_with(pgr_bench_find("", 0, &b), PGR_E_USAGE, "unknown benchmark");
    assert_fails_with(pgr_bench_check_family(bench("humaneval"), "f:1", &t), PGR_E_FORMAT, "layout \"mbpp\"");
    assert_ok(pgr_bench_check_family(bench("mbpp+"), "f:1", &t));
    assert_ok(pgr_bench_check_family(bench("tasks"), "f:1", &t));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(code_is_taken_by_each_benchmarks_rule),
                                       cmocka_unit_test(questions_are_the_benchmarks_own),
                                       cmocka_unit_test(unknown_names_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
