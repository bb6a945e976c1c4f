/* test_families.c - files in the layouts of public data sets (tests/golden/data, made by tools/make_data_golden.py). */
#include "test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/size.h"
#include "task/program.h"
#include "task/task.h"

static char path[1100];

static const char *golden(const char *name) {
    const char *root = getenv("PGR_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/tests/golden/data/%s", root ? root : ".", name);
    return path;
}

static void load(const char *name, const char *family, size_t n, struct pgr_tasks *t) {
    assert_ok(pgr_tasks_load(golden(name), NULL, t));
    assert_int_equal(t->n, n);
    for (size_t i = 0; i < n; i++) assert_string_equal(t->task[i].family, family);
}

static const char *snippet(const struct pgr_task *t, size_t i) {
    const char *s = json_string_value(json_array_get(t->tests, i));
    assert_non_null(s);
    return s;
}

static void humaneval_in_gzip(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("humaneval.jsonl.gz", "humaneval", 2, &t);
    assert_string_equal(t.task[0].id, "HumanEval/0");
    assert_string_equal(t.task[0].prefix, t.task[0].prompt);
    assert_string_equal(t.task[0].solution,
                        "def add(a: int, b: int) -> int:\n    \"\"\"Sum of two numbers.\"\"\"\n    return a + b\n");
    assert_null(t.task[0].setup);
    assert_non_null(strstr(t.task[1].setup, "def half"));
    assert_true(t.task[0].limits.cpu_s == 3);
    struct pgr_buf b = PGR_BUF_INIT;
    const char *setup;
    assert_ok(pgr_task_program(&t.task[0], "    return 1", 12, true, &b, &setup));
    assert_non_null(strstr(pgr_buf_str(&b), "numbers.\"\"\"\n    return 1\n"));
    pgr_buf_clear(&b);
    assert_ok(pgr_task_program(&t.task[0], "x = 1", 5, false, &b, &setup));
    assert_string_equal(pgr_buf_str(&b), "x = 1\n");
    pgr_buf_free(&b);
    pgr_tasks_free(&t);
}

static void evalplus_keeps_big_numbers_and_infinities(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("evalplus_humaneval.jsonl", "evalplus", 2, &t);
    assert_int_equal(t.task[0].n_base, 1);
    assert_int_equal(json_array_size(t.task[0].tests), 2);
    const json_t *big = json_array_get(json_array_get(t.task[0].plus_input, 0), 0);
    assert_string_equal(json_string_value(json_object_get(big, "__int__")), "1000000000000000000000000000000");
    const json_t *inf = json_array_get(json_array_get(t.task[1].plus_input, 1), 0);
    assert_string_equal(json_string_value(json_object_get(inf, "__float__")), "-inf");
    assert_non_null(strstr(snippet(&t.task[1], 1), "9.9999999999999995e-07)"));
    pgr_tasks_free(&t);
}

static void mbpp_plus_inputs_are_repaired(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("evalplus_mbpp.jsonl", "evalplus", 2, &t);
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_json_dump(t.task[0].base_input, &b));
    assert_string_equal(pgr_buf_str(&b), "[[{\"__tuple__\":[3,4]},{\"__tuple__\":[4,5]}]]");
    pgr_buf_clear(&b);
    assert_ok(pgr_json_dump(t.task[1].base_input, &b));
    assert_string_equal(pgr_buf_str(&b), "[[{\"__float__\":\"1.5\"},{\"__complex__\":[2.0,1.0]}],"
                                         "[{\"__float__\":\"0\"},{\"__complex__\":[0.0,1.0]}]]");
    pgr_buf_free(&b);
    assert_int_equal(json_array_size(t.task[1].tests), 1); /* the plus suite is empty */
    pgr_tasks_free(&t);
}

static void mbpp_as_lines_and_as_an_array(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("mbpp.jsonl", "mbpp", 2, &t);
    assert_string_equal(t.task[0].id, "MBPP/11");
    assert_string_equal(t.task[0].entry_point, "double");
    assert_string_equal(t.task[0].split, "test");
    assert_string_equal(t.task[1].split, "train");
    assert_string_equal(t.task[1].entry_point, "value");
    assert_null(t.task[1].setup);
    assert_non_null(strstr(snippet(&t.task[1], 0), "        self.v = v\n\nassert value(Node(3)) == 3"));
    pgr_tasks_free(&t);
    load("sanitized-mbpp.json", "mbpp", 1, &t);
    assert_string_equal(snippet(&t.task[0], 0), "import math\nassert low(2.5) == math.floor(2.9)");
    assert_string_equal(t.task[0].entry_point, "low");
    pgr_tasks_free(&t);
}

static void livecodebench_with_packed_and_plain_hidden_tests(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("livecodebench.jsonl", "livecodebench", 3, &t);
    assert_int_equal(t.task[0].test_kind, PGR_SBX_STDIO);
    assert_int_equal(json_array_size(t.task[0].tests), 3);
    assert_true(t.task[0].line_output);
    assert_string_equal(json_string_value(json_object_get(json_array_get(t.task[0].tests, 2), "stdout")), "10.0");
    assert_int_equal(t.task[1].test_kind, PGR_SBX_ASSERTS);
    assert_string_equal(t.task[1].entry_point, "Solution().scale");
    assert_non_null(strstr(snippet(&t.task[1], 0), "_pgr_call(_pgr_f, \"[[1, 2, 3],2]\", \"[2, 4, 6]\", False)"));
    assert_string_equal(snippet(&t.task[1], 1), "_pgr_call(_pgr_f, \"[[],7]\", \"[]\", False)\n");
    assert_string_equal(t.task[2].date, "2025-01-02T00:00:00");
    pgr_tasks_free(&t);
}

static pgr_err count(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    size_t *n = ctx;
    (void)where;
    assert_int_equal(err, PGR_OK);
    (*n)++;
    pgr_task_free(t);
    return PGR_OK;
}

static void dates_include_both_ends(void **state) {
    (void)state;
    static const struct {
        struct pgr_task_filter f;
        size_t n;
    } cases[] = {{{.from = "2024-05-06"}, 2},
                 {{.to = "2024-05-06"}, 2},
                 {{.from = "2024-05-07", .to = "2025-01-01"}, 0},
                 {{.difficulty = "easy"}, 1},
                 {{.platform = "leetcode"}, 2}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        size_t n = 0;
        assert_ok(pgr_tasks_each(golden("livecodebench.jsonl"), &cases[i].f, count, &n));
        assert_int_equal(n, cases[i].n);
    }
}

static void contests_by_stdin_and_by_calls(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("apps.jsonl", "apps", 2, &t);
    assert_string_equal(json_string_value(json_object_get(json_array_get(t.task[0].tests, 1), "stdin")), "3\n4");
    assert_string_equal(t.task[1].entry_point, "add");
    assert_string_equal(snippet(&t.task[1], 1), "_pgr_call(_pgr_f, \"[3,4]\", \"7\", True)\n");
    pgr_tasks_free(&t);
    load("deepcoder.jsonl", "deepcoder", 2, &t);
    assert_string_equal(t.task[0].id, "deepcoder/0");
    assert_string_equal(t.task[1].entry_point, "Solution().add");
    pgr_tasks_free(&t);
}

static void programs_as_tests(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("bigcodebench.jsonl", "bigcodebench", 1, &t);
    struct pgr_buf b = PGR_BUF_INIT;
    const char *setup;
    assert_ok(pgr_task_program(&t.task[0], "y", 1, false, &b, &setup));
    assert_string_equal(pgr_buf_str(&b), "import itertools\ndef task_func(n):\n    pass\n\ny");
    assert_true(t.task[0].same_process);
    pgr_buf_free(&b);
    pgr_tasks_free(&t);
    load("leetcode.jsonl", "leetcode", 1, &t);
    assert_string_equal(t.task[0].setup, "from typing import *\n");
    assert_string_equal(t.task[0].date, "2015-08-07");
    pgr_tasks_free(&t);
}

static void rows_of_other_trainers(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("verl.jsonl", "verl", 2, &t);
    assert_string_equal(t.task[0].id, "openai/gsm8k/test/7");
    assert_string_equal(t.task[0].answer, "2");
    assert_string_equal(t.task[1].prompt, "Think.\n\nEcho.");
    assert_int_equal(t.task[1].test_kind, PGR_SBX_STDIO);
    pgr_tasks_free(&t);
    load("trl.jsonl", "trl", 2, &t);
    assert_string_equal(t.task[0].answer, "$4$");
    assert_string_equal(t.task[1].answer, "6");
    pgr_tasks_free(&t);
}

static void answers_of_math(void **state) {
    (void)state;
    struct pgr_tasks t;
    load("gsm8k.jsonl", "gsm8k", 1, &t);
    assert_string_equal(t.task[0].answer, "1200");
    pgr_tasks_free(&t);
    load("math.jsonl", "math", 3, &t);
    assert_string_equal(t.task[0].answer, "\\frac{1}{2}");
    assert_string_equal(t.task[1].id, "test/algebra/1.json");
    assert_string_equal(t.task[1].difficulty, "Level 2");
    assert_string_equal(t.task[2].id, "minerva/3");
    pgr_tasks_free(&t);
    load("aime.jsonl", "aime", 2, &t);
    assert_string_equal(t.task[0].id, "aime/60");
    assert_string_equal(t.task[1].answer, "25");
    pgr_tasks_free(&t);
}

static void faults_say_what_is_wrong_and_where(void **state) {
    (void)state;
    static const char he[] = "\"task_id\":\"H/0\",\"prompt\":\"p\",\"entry_point\":\"f\"";
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{%s,\"canonical_solution\":\"x\",\"test\":\"t\"}\n{\"task_id\":\"H/1\",\"prompt\":\"p\"}", ":2: missing key"},
        {"{%s,\"canonical_solution\":\"x\",\"base_input\":[],\"plus_input\":[]}", "\"base_input\" is empty"},
        {"{%s,\"canonical_solution\":\"x\",\"base_input\":[1],\"plus_input\":[]}", "entry 0 of \"base_input\""},
        {"{%s,\"canonical_solution\":3,\"base_input\":[[1]],\"plus_input\":[]}", "\"canonical_solution\""},
        {"{\"task_id\":1,\"text\":\"t\",\"code\":\"c\",\"test_list\":[]}", "at least one"},
        {"{\"task_id\":1,\"text\":\"t\",\"code\":\"c\",\"test_list\":[2]}", "test 0"},
        {"{\"question_content\":\"q\",\"question_id\":\"1\",\"public_test_cases\":\"[]\"}", "empty"},
        {"{\"question_content\":\"q\",\"question_id\":\"1\",\"public_test_cases\":\"[\"}", "\"public_test_cases\""},
        {"{\"question_content\":\"q\",\"question_id\":\"1\",\"public_test_cases\":[],\"private_test_cases\":\"@@\"}",
         "\"private_test_cases\": byte 0 is not base64"},
        {"{\"question_content\":\"q\",\"question_id\":\"1\",\"public_test_cases\":[],\"private_test_cases\":\"eJw=\"}",
         "zlib stream"},
        {"{\"question_content\":\"q\",\"question_id\":\"1\",\"public_test_cases\":[{\"input\":\"1\",\"output\":\"1\","
         "\"testtype\":\"functional\"}]}",
         "name"},
        {"{\"question\":\"q\",\"input_output\":\"{\\\"inputs\\\":[1],\\\"outputs\\\":[]}\"}", "equal length"},
        {"{\"question\":\"q\",\"input_output\":\"{\\\"inputs\\\":[1],\\\"outputs\\\":[1]}\"}", "test 0"},
        {"{\"question\":\"q\",\"input_output\":{\"fn_name\":\"f;g\",\"inputs\":[[1]],\"outputs\":[1]}}", "name"},
        {"{\"question\":\"q\",\"answer\":\"####\"}\n{\"question\":\"q\"}", ":2: missing key \"answer\""},
        {"{\"problem\":\"p\",\"solution\":\"s\",\"level\":\"1\"}", "\\boxed"},
        {"[1]", "tasks.jsonl[0]: each record must be a JSON object"},
        {"[{}", "not valid JSON"},
        {"{\"a\":1}", "missing key \"id\""}};
    char dir[256], file[300], text[1000];
    test_tmpdir(dir);
    snprintf(file, sizeof file, "%s/tasks.jsonl", dir);
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_tasks t;
        const char *at = strstr(cases[i].text, "%s");
        if (at)
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - cases[i].text), cases[i].text, he, at + 2);
        else
            snprintf(text, sizeof text, "%s", cases[i].text);
        assert_ok(pgr_file_write_atomic(file, text, strlen(text)));
        pgr_err err = pgr_tasks_load(file, NULL, &t);
        if (err == PGR_OK || !strstr(pgr_err_detail(), cases[i].says) || !strstr(pgr_err_detail(), "tasks.jsonl"))
            fail_msg("%s: %s", text, err == PGR_OK ? "accepted" : pgr_err_detail());
    }
    assert_ok(pgr_remove_tree(dir));
}

static void folders_are_read_by_name(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
    } files[] = {
        {"test2.jsonl", "{\"question\": \"c\", \"answer\": \"#### 3\"}\n"},
        {"test.jsonl", "{\"question\": \"a\", \"answer\": \"#### 1\"}\n{\"question\": \"b\", \"answer\": \"#### 2\"}"},
        {"README.md", "no record\n"},
        {"test3.jsonl", "[{\"question\": \"d\", \"answer\": \"#### 4\"}]"}};
    char dir[256], file[600];
    struct pgr_tasks t;
    test_tmpdir(dir);
    assert_fails_with(pgr_tasks_load(dir, NULL, &t), PGR_E_FORMAT, "a folder without a .jsonl file");
    for (size_t i = 0; i < PGR_COUNT(files); i++) {
        snprintf(file, sizeof file, "%s/%s", dir, files[i].name);
        assert_ok(pgr_file_write_atomic(file, files[i].text, strlen(files[i].text)));
    }
    assert_ok(pgr_tasks_load(dir, NULL, &t));
    assert_int_equal(t.n, 4);
    for (size_t i = 0; i < 4; i++) { /* rows are numbered through */
        const char want[] = {'g', 's', 'm', '8', 'k', '/', (char)('0' + i), '\0'}, prompt[] = {(char)('a' + i), '\0'};
        assert_string_equal(t.task[i].id, want);
        assert_string_equal(t.task[i].prompt, prompt);
    }
    assert_non_null(strstr(t.task[2].where, "/test2.jsonl:1"));
    pgr_tasks_free(&t);
    assert_ok(pgr_remove_tree(dir));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(humaneval_in_gzip),
        cmocka_unit_test(evalplus_keeps_big_numbers_and_infinities),
        cmocka_unit_test(mbpp_plus_inputs_are_repaired),
        cmocka_unit_test(mbpp_as_lines_and_as_an_array),
        cmocka_unit_test(livecodebench_with_packed_and_plain_hidden_tests),
        cmocka_unit_test(dates_include_both_ends),
        cmocka_unit_test(contests_by_stdin_and_by_calls),
        cmocka_unit_test(programs_as_tests),
        cmocka_unit_test(rows_of_other_trainers),
        cmocka_unit_test(answers_of_math),
        cmocka_unit_test(folders_are_read_by_name),
        cmocka_unit_test(faults_say_what_is_wrong_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
