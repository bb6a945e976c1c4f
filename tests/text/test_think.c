/* test_think.c - the think/answer structure and code fences, friendly and hostile. */
#include "test.h"

#include "base/size.h"
#include "text/think.h"

static void assert_span(struct pgr_span s, const char *want) {
    if (s.n != strlen(want) || memcmp(s.at, want, s.n) != 0)
        fail_msg("got \"%.*s\", want \"%s\"", (int)s.n, s.n ? s.at : "", want);
}

static struct pgr_think parse(const char *text) {
    struct pgr_think t;
    pgr_think_parse(text, strlen(text), &t);
    return t;
}

static void exact_structure_is_strict(void **state) {
    (void)state;
    static const char *const good[] = {
        "<think>r</think><answer>a</answer>",
        "<think> r </think> <answer> a </answer>",
        "\n<think>\nr\n</think>\n\n<answer>\na\n</answer>\n",
        "\t\v\f\r <think>r</think>\r\n<answer>a</answer> \t",
    };
    for (size_t i = 0; i < PGR_COUNT(good); i++) {
        struct pgr_think t = parse(good[i]);
        assert_true(t.strict);
        assert_null(t.why);
        assert_true(t.has_think && t.has_answer);
        assert_span(t.think, "r");
        assert_span(t.answer, "a");
    }
}

static void refusals_say_why(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "no <think>"},
        {"hello", "no <think>"},
        {"<Think>r</Think><answer>a</answer>", "no <think>"},
        {"<think >r</think><answer>a</answer>", "no <think>"},
        {"<think>r<answer>a</answer>", "no </think>"},
        {"r</think><answer>a</answer>", "no <think>"},
        {"<think>r</think>a", "no <answer>"},
        {"<think>r</think><answer>a", "no </answer>"},
        {"<think>r</think><answer>a</answer", "no </answer>"},
        {"<think>r<think>s</think><answer>a</answer>", "a second <think>"},
        {"<think>r</think></think><answer>a</answer>", "a second </think>"},
        {"<think>r</think><answer>a<answer>b</answer>", "a second <answer>"},
        {"<think>r</think><answer>a</answer><answer>b</answer>", "a second <answer>"},
        {"<think>r</think><answer>a</answer></answer>", "a second </answer>"},
        {"<answer>a</answer><think>r</think>", "tags in the wrong order"},
        {"<think>r<answer>a</answer></think>", "tags in the wrong order"},
        {"</think>r<think><answer>a</answer>", "tags in the wrong order"},
        {"<think>r</think></answer>a<answer>", "tags in the wrong order"},
        {"Sure! <think>r</think><answer>a</answer>", "text before <think>"},
        {"<think>r</think> so <answer>a</answer>", "text between </think> and <answer>"},
        {"<think>r</think><answer>a</answer> done", "text after </answer>"},
        {"<think>r</think><answer>a</answer><|im_end|>", "text after </answer>"},
        {"<think>r</think>\xc2\xa0<answer>a</answer>", "text between </think> and <answer>"},
        {"<think> \n</think><answer>a</answer>", "nothing inside <think>"},
        {"<think>r</think><answer>\t</answer>", "nothing inside <answer>"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_think t = parse(cases[i].text);
        assert_false(t.strict);
        if (!t.why || strcmp(t.why, cases[i].why) != 0)
            fail_msg("\"%s\": got \"%s\", want \"%s\"", cases[i].text, t.why ? t.why : "(none)", cases[i].why);
    }
}

static void nul_bytes_are_text(void **state) {
    (void)state;
    static const char text[] = "<think>a\0b</think><answer>c\0</answer>\0";
    struct pgr_think t;
    pgr_think_parse(text, sizeof text - 2, &t);
    assert_true(t.strict);
    assert_int_equal(t.think.n, 3);
    assert_int_equal(t.answer.n, 2);
    pgr_think_parse(text, sizeof text - 1, &t);
    assert_string_equal(t.why, "text after </answer>");
}

static void answers_are_found_leniently(void **state) {
    (void)state;
    static const struct {
        const char *text, *think, *answer; /* NULL: not found */
    } cases[] = {
        {"", NULL, NULL},
        {" \n ", NULL, NULL},
        {"just text ", NULL, "just text"},
        {"<think>still thinking", NULL, NULL},
        {"<think>a</think>plain", "a", "plain"},
        {"<think>a</think>", "a", NULL},
        {"a</think>plain", NULL, "plain"},
        {"<think>a</think><answer>b</answer>", "a", "b"},
        {"<answer>b</answer>", NULL, "b"},
        {"so <answer>b</answer> done", NULL, "b"},
        {"<think>a</think><answer>cut o", "a", "cut o"},
        {"<think>use <answer>x</answer> tags</think><answer>b</answer>", "use <answer>x</answer> tags", "b"},
        {"<answer>first</answer><answer>last</answer>", NULL, "last"},
        {"<answer>first</answer><answer>cut", NULL, "first"},
        {"<answer>a<answer>b</answer>", NULL, "b"},
        {"<answer></answer>x", NULL, NULL},
        {"<think>a</think><think>b</think><answer>c</answer>", "a", "c"},
        {"<think>a</think><answer>c</answer><think>b", "a", NULL},
        {"</answer>x", NULL, "</answer>x"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_think t = parse(cases[i].text);
        if (t.has_think != (cases[i].think != NULL) || t.has_answer != (cases[i].answer != NULL))
            fail_msg("\"%s\": think %d, answer %d", cases[i].text, t.has_think, t.has_answer);
        if (cases[i].think) assert_span(t.think, cases[i].think);
        if (cases[i].answer) assert_span(t.answer, cases[i].answer);
    }
}

static void code_comes_from_the_right_fence(void **state) {
    (void)state;
    static const struct {
        const char *answer, *code;
    } cases[] = {
        {"", ""},
        {"print(1)", "print(1)"},
        {"```python\nprint(1)\n```", "print(1)\n"},
        {"```\nprint(1)\n```", "print(1)\n"},
        {"text\n```py\na\n```\nmore", "a\n"},
        {"```Python3 title=x\na\n```", "a\n"},
        {"```pythonic\na\n```", "```pythonic\na\n```"},
        {"```cpp\na\n```", "```cpp\na\n```"},
        {"```python\na\n```\n```python\nb\n```", "b\n"},
        {"```python\na\n```\nprints\n```\n5\n```", "a\n"},
        {"```\na\n```\n```text\n5\n```", "a\n"},
        {"```python\na", "a"},
        {"```python", ""},
        {"```python\n```", ""},
        {"````python\n```\nx\n```\n````\n", "```\nx\n```\n"},
        {"   ```python\na\n   ```\n", "a\n"},
        {"    ```python\na\n```", ""},
        {"``` a ``` b", "``` a ``` b"},
        {"```python\r\na\r\n```\r\n", "a\r\n"},
        {"``\na\n``", "``\na\n``"},
        {"```python\ns = '''\n```x\n'''\n```", "s = '''\n```x\n'''\n"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_span a = {cases[i].answer, strlen(cases[i].answer)}, code = pgr_answer_code(a);
        if (code.n != strlen(cases[i].code) || memcmp(code.at, cases[i].code, code.n) != 0)
            fail_msg("\"%s\": got \"%.*s\", want \"%s\"", cases[i].answer, (int)code.n, code.at, cases[i].code);
    }
}

/* Every prefix of a good completion, in memory of its exact size so that a read past the end is seen. */
static void prefixes_are_safe_and_never_strict(void **state) {
    (void)state;
    static const char text[] = "<think>why\n</think>\n<answer>\n```python\nx = 1\n```\n</answer>";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *copy = malloc(n + 1);
        assert_non_null(copy);
        char *exact = realloc(copy, n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, text, n);
        struct pgr_think t;
        pgr_think_parse(exact, n, &t);
        assert_false(t.strict);
        if (t.has_answer) pgr_answer_code(t.answer);
        free(exact);
    }
}

static void many_tags_take_linear_time(void **state) {
    (void)state;
    enum { N = 400000 };
    char *text = malloc(9 * (size_t)N);
    assert_non_null(text);
    for (size_t i = 0; i < N; i++) memcpy(text + 9 * i, i % 2 ? "<answer>\n" : "```python", 9);
    struct pgr_think t;
    pgr_think_parse(text, 9 * (size_t)N, &t);
    assert_string_equal(t.why, "no <think>");
    pgr_answer_code(t.answer);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_structure_is_strict),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(nul_bytes_are_text),
        cmocka_unit_test(answers_are_found_leniently),
        cmocka_unit_test(code_comes_from_the_right_fence),
        cmocka_unit_test(prefixes_are_safe_and_never_strict),
        cmocka_unit_test(many_tags_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
