/* test_task.c - reading task files. */
#include "test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/size.h"
#include "task/task.h"

static char dir[256], path[300];

static const char *write_lines(const char *text) {
    test_tmpdir(dir);
    snprintf(path, sizeof path, "%s/tasks.jsonl", dir);
    assert_ok(pgr_file_write_atomic(path, text, strlen(text)));
    return path;
}

static void done(void) { assert_ok(pgr_remove_tree(dir)); }

static void every_form_of_test_is_read(void **state) {
    (void)state;
    write_lines(
        "{\"id\":\"a\",\"prompt\":\"p\",\"entry_point\":\"f\",\"calls\":[{\"args\":[1],\"expected\":2}],\"atol\":0.5,"
        "\"limits\":{\"cpu_s\":2,\"memory_bytes\":1000000},\"split\":\"train\",\"topic\":\"t\"}\n"
        "{\"id\":\"b\",\"prompt\":\"p\",\"tests\":{\"stdin\":[\"1\",\"2\"],\"stdout\":[\"x\",\"y\"]},\"exact_output\":"
        "true}\n"
        "{\"id\":\"c\",\"prompt\":\"p\",\"tests\":[{\"stdin\":\"\",\"stdout\":\"z\"}]}\n"
        "{\"id\":\"d\",\"prompt\":\"p\",\"setup\":\"import math\",\"entry_point\":null,\"tests\":[\"assert g() == 1\"],"
        "\"canonical_solution\":\"def g(): return 1\",\"split\":\"test\",\"same_process\":true}\n"
        "\n{\"id\":\"e\",\"problem\":\"1+1?\",\"answer\":\"2\",\"solution\":\"two\"}\n");
    struct pgr_tasks t;
    assert_ok(pgr_tasks_load(path, NULL, &t));
    assert_int_equal(t.n, 5);
    const struct pgr_task *a = &t.task[0];
    assert_int_equal(a->kind, PGR_TASK_CODE);
    assert_int_equal(a->test_kind, PGR_SBX_CALLS);
    assert_string_equal(a->entry_point, "f");
    assert_string_equal(a->split, "train");
    assert_string_equal(a->topic, "t");
    assert_true(a->atol == 0.5 && a->limits.cpu_s == 2 && a->limits.memory_bytes == 1000000);
    assert_int_equal(t.task[1].test_kind, PGR_SBX_STDIO);
    assert_true(t.task[1].exact_output);
    assert_string_equal(json_string_value(json_object_get(json_array_get(t.task[1].tests, 1), "stdout")), "y");
    assert_int_equal(t.task[2].test_kind, PGR_SBX_STDIO);
    assert_int_equal(t.task[3].test_kind, PGR_SBX_ASSERTS);
    assert_string_equal(t.task[3].solution, "def g(): return 1");
    assert_null(t.task[3].entry_point);
    assert_int_equal(t.task[4].kind, PGR_TASK_MATH);
    assert_string_equal(t.task[4].prompt, "1+1?");
    assert_string_equal(t.task[4].answer, "2");
    struct pgr_sbx_job job;
    pgr_task_job(&t.task[3], "code", 4, &job);
    assert_int_equal(job.kind, PGR_SBX_ASSERTS);
    assert_string_equal(job.setup, "import math");
    assert_true(job.same_process && job.program_bytes == 4);
    pgr_tasks_free(&t);
    assert_ok(pgr_tasks_load(path, "test", &t));
    assert_int_equal(t.n, 1);
    assert_string_equal(t.task[0].id, "d");
    pgr_tasks_free(&t);
    assert_fails_with(pgr_tasks_load(path, "dev", &t), PGR_E_FORMAT, "no task with split \"dev\"");
    done();
}

static void faults_name_line_and_key(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{\"prompt\":\"p\",\"tests\":[\"x\"]}", "missing key \"id\""},
        {"{\"id\":1,\"prompt\":\"p\",\"tests\":[\"x\"]}", "\"id\" must be"},
        {"{\"id\":\"a\",\"tests\":[\"x\"]}", "missing key \"prompt\""},
        {"{\"id\":\"a\",\"prompt\":\"p\"}", "needs \"tests\" or \"calls\""},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[]}", "at least one"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":{\"stdin\":[],\"stdout\":[]}}", "at least one"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":{\"stdin\":[\"1\"],\"stdout\":[]}}", "equal length"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\",1]}", "test 1"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\"],\"calls\":[]}", "both"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"calls\":[{\"expected\":1}]}", "entry point"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"entry_point\":\"f\",\"calls\":[{\"args\":[{\"__int__\":\"z\"}],\"expected\":"
         "1}]}",
         "call 0"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\"],\"limits\":3}", "\"limits\""},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\"],\"limits\":{\"cpu_s\":-1}}", "limits"},
        {"{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\"]}\n{\"id\":\"a\",\"prompt\":\"p\",\"tests\":[\"x\"]}",
         "tasks.jsonl:2: id \"a\" stands twice"},
        {"", "no task"}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_tasks t;
        write_lines(cases[i][0]);
        pgr_err err = pgr_tasks_load(path, NULL, &t);
        if (err == PGR_OK || !strstr(pgr_err_detail(), cases[i][1]) || !strstr(pgr_err_detail(), "tasks.jsonl"))
            fail_msg("%s: %s", cases[i][0], err == PGR_OK ? "accepted" : pgr_err_detail());
        done();
    }
}

static void helpers_in_a_prompt_of_source_become_the_setup(void **state) {
    (void)state;
    write_lines("{\"id\":\"a\",\"prompt\":\"import math\\n\\n\\ndef poly(x):\\n    return x\\n\\n\\ndef f(x):\\n    "
                "...\\n\",\"entry_point\":\"f\",\"setup\":\"\",\"tests\":[\"x\"]}\n"
                "{\"id\":\"b\",\"prompt\":\"import math\\n\\ndef f(x):\\n    "
                "...\\n\",\"entry_point\":\"f\",\"tests\":[\"x\"]}\n"
                "{\"id\":\"c\",\"prompt\":\"Write f. A start:\\ndef g(): pass\\ndef f(x):\\n    "
                "...\\n\",\"entry_point\":\"f\",\"tests\":[\"x\"]}\n"
                "{\"id\":\"d\",\"prompt\":\"def g(): pass\\ndef f(x):\\n    "
                "...\\n\",\"entry_point\":\"f\",\"setup\":\"y = 1\",\"tests\":[\"x\"]}\n"
                "{\"id\":\"e\",\"prompt\":\"def g(): pass\\n\",\"entry_point\":\"f\",\"tests\":[\"x\"]}\n");
    struct pgr_tasks t;
    assert_ok(pgr_tasks_load(path, NULL, &t));
    assert_string_equal(t.task[0].setup, "import math\n\n\ndef poly(x):\n    return x\n\n\n");
    assert_null(t.task[1].setup);
    assert_string_equal(t.task[1].prefix, t.task[1].prompt);
    assert_null(t.task[2].prefix);
    assert_null(t.task[2].setup); /* prose */
    assert_string_equal(t.task[3].setup, "y = 1");
    assert_null(t.task[4].setup);
    pgr_tasks_free(&t);
    done();
}

static void built_in_tasks_load(void **state) {
    (void)state;
    const char *root = getenv("PGR_SOURCE_DIR");
    char file[1024];
    snprintf(file, sizeof file, "%s/data/tasks.jsonl", root ? root : ".");
    struct pgr_tasks t;
    assert_ok(pgr_tasks_load(file, NULL, &t));
    assert_true(t.n >= 100);
    pgr_tasks_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_test_is_read), cmocka_unit_test(faults_name_line_and_key),
        cmocka_unit_test(helpers_in_a_prompt_of_source_become_the_setup), cmocka_unit_test(built_in_tasks_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
