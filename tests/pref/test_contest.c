/* test_contest.c - the forms of evaluation files and the benchmarks' own numbers. */
#define _GNU_SOURCE
#include "file_test.h"

#include <math.h>

#include "base/json.h"
#include "base/size.h"
#include "pref/contest.h"

static double number(const json_t *j, const char *a, const char *b, const char *c) {
    if (a) j = json_object_get(j, a);
    if (b) j = json_object_get(j, b);
    j = json_object_get(j, c);
    if (!json_is_number(j)) fail_msg("no number %s.%s.%s", a ? a : "", b ? b : "", c);
    return json_number_value(j);
}

static json_t *result(const float *score) {
    struct pgr_contests c;
    json_t *r;
    assert_ok(pgr_contests_load(path, NULL, &c));
    assert_ok(pgr_contests_result(&c, score, 1, &r));
    pgr_contests_free(&c);
    return r;
}

static void pairs_are_counted_by_group_and_ties_are_wrong(void **state) {
    (void)state;
    put("{\"prompt\":\"p\",\"chosen\":\"long "
        "one\",\"rejected\":\"r\",\"subset\":\"a\",\"type\":\"t\",\"source\":\"x\"}\n"
        "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"long one\",\"subset\":\"a\",\"dimension\":\"d\",\"id\":7}\n"
        "{\"prompt\":\"q\",\"chosen\":\"c\",\"rejected\":\"\xc3\xa4\",\"source\":\"b\"}\n");
    const float score[6] = {2, 1, 0.5f, 0.5f, 1, 2};
    json_t *r = result(score);
    assert_true(number(r, NULL, NULL, "n") == 3 && number(r, NULL, NULL, "problems") == 2);
    assert_true(fabs(number(r, NULL, NULL, "accuracy") - 1.0 / 3) < 1e-15);
    assert_true(number(r, NULL, NULL, "ties") == 1);
    assert_true(number(r, "subsets", "a", "accuracy") == 0.5 && number(r, "subsets", "b", "accuracy") == 0);
    assert_true(number(r, "types", "t", "accuracy") == 1 && number(r, "dimensions", "d", "accuracy") == 0);
    /* The last pair is one character on both sides: neither rule of length is right. */
    assert_true(fabs(number(r, "baselines", "longer", "accuracy") - 1.0 / 3) < 1e-15);
    assert_true(fabs(number(r, "baselines", "shorter", "accuracy") - 1.0 / 3) < 1e-15);
    assert_true(number(r, NULL, "length_controlled", "accuracy") == 0.5);
    assert_true(json_is_null(json_object_get(r, "rewardbench")) && json_is_null(json_object_get(r, "rmbench")));
    json_decref(r);
    r = result(NULL);
    assert_null(json_object_get(r, "accuracy"));
    assert_true(fabs(number(r, "baselines", "longer", "accuracy") - 1.0 / 3) < 1e-15);
    json_decref(r);
}

static void rewardbench_weights_its_subsets(void **state) {
    (void)state;
    put("{\"prompt\":\"1\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"math-prm\"}\n"
        "{\"prompt\":\"2\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"math-prm\"}\n"
        "{\"prompt\":\"3\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"hep-python\"}\n"
        "{\"prompt\":\"4\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"hep-go\"}\n"
        "{\"prompt\":\"5\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"mt-bench-easy\"}\n"
        "{\"prompt\":\"6\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"alpacaeval-easy\"}\n"
        "{\"prompt\":\"7\",\"chosen\":\"a\",\"rejected\":\"b\",\"subset\":\"other\"}\n");
    const float score[14] = {1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1};
    json_t *r = result(score);
    /* math-prm 1/2 of weight 984, python 1 and go 0 of weight 164 each. */
    assert_true(fabs(number(r, NULL, "rewardbench", "Reasoning") - (492 + 164) / (984.0 + 328)) < 1e-12);
    assert_true(fabs(number(r, NULL, "rewardbench", "Chat") - 100.0 / 128) < 1e-12);
    assert_true(number(r, NULL, "rewardbench", "code") == 0.5 && number(r, NULL, "rewardbench", "math") == 0.5);
    assert_null(json_object_get(json_object_get(r, "rewardbench"), "Safety"));
    json_decref(r);
}

static void rm_bench_fills_its_matrix(void **state) {
    (void)state;
    put("{\"id\":\"x\",\"prompt\":\"p\",\"chosen\":[\"a\",\"bb\",\"ccc\"],\"rejected\":[\"d\",\"ee\",\"fff\"],"
        "\"domain\":\"chat\"}");
    /* The fancier style wins, whatever is said: easy 1, normal 0 (ties), hard 0. */
    const float score[6] = {1, 2, 3, 1, 2, 3};
    json_t *r = result(score);
    assert_true(number(r, NULL, NULL, "n") == 9 && number(r, NULL, NULL, "ties") == 3);
    assert_true(fabs(number(r, NULL, "rmbench", "easy") - 1) < 1e-12);
    assert_true(number(r, NULL, "rmbench", "normal") == 0 && number(r, NULL, "rmbench", "hard") == 0);
    const json_t *m = json_object_get(json_object_get(r, "rmbench"), "matrix");
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(json_real_value(json_array_get(json_array_get(m, i), j)) == (i > j ? 1.0 : 0.0));
    assert_true(fabs(number(r, "subsets", "chat", "accuracy") - 1.0 / 3) < 1e-12);
    assert_true(number(r, NULL, "length_controlled", "accuracy") == 0.5);
    json_decref(r);
}

static void prmbench_joins_its_steps(void **state) {
    (void)state;
    put("{\"idx\":\"1\",\"original_question\":\"o\",\"question\":\"q\",\"original_process\":[\"s1\",\"s2\"],"
        "\"modified_process\":[\"s1\",\"x\",\"y\"],\"classification\":\"circular\"}");
    struct pgr_contests c;
    assert_ok(pgr_contests_load(path, NULL, &c));
    assert_string_equal(c.item[0].prompt, "q");
    assert_string_equal(c.item[0].side[0][0], "s1\ns2");
    assert_string_equal(c.item[0].side[1][0], "s1\nx\ny");
    assert_string_equal(c.item[0].group[0], "circular");
    assert_int_equal(pgr_contests_texts(&c), 2);
    pgr_contests_free(&c);
}

static void samples_keep_the_order_and_splits_select(void **state) {
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 100; i++)
        fprintf(f, "{\"id\":\"%03d\",\"prompt\":\"%d\",\"chosen\":\"c\",\"rejected\":\"r\",\"split\":\"%s\"}\n", i, i,
                i < 40 ? "train" : "validation");
    fclose(f);
    struct pgr_contests c;
    assert_ok(pgr_contests_load(path, "validation", &c));
    assert_int_equal(c.n, 60);
    assert_ok(pgr_contests_sample(&c, 20, 3));
    assert_int_equal(c.n, 20);
    assert_int_equal(c.n_problem, 20);
    assert_int_equal(c.n_pair, 20);
    for (size_t i = 1; i < c.n; i++) assert_true(strcmp(c.item[i - 1].id, c.item[i].id) < 0);
    assert_ok(pgr_contests_sample(&c, 1000, 3));
    assert_int_equal(c.n, 20);
    pgr_contests_free(&c);
    assert_fails_with(pgr_contests_load(path, "test", &c), PGR_E_FORMAT, "no pair with split \"test\"");
}

static void bad_records_name_the_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "holds no pairs"},
        {"{\"prompt\":\"p\",\"chosen\":\"c\"}", ":1: missing key \"rejected\""},
        {"{\"prompt\":\"p\",\"chosen\":[\"c\"],\"rejected\":[\"r\"]}", "two texts or two lists of 3"},
        {"{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":[\"r\"]}", "key \"rejected\" must be a string"},
        {"{\"prompt\":\"p\",\"chosen\":[\"a\",\"b\",\"c\"],\"rejected\":\"r\"}", "two texts or two lists of 3"},
        {"{\"prompt\":\"p\",\"chosen\":[\"a\",\"b\",1],\"rejected\":[\"a\",\"b\",\"c\"]}", "\"chosen\" must be a list"},
        {"{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"subset\":3}", "key \"subset\" must be a string"},
        {"{\"original_process\":[],\"modified_process\":[]}", "missing key \"question\""},
        {"{\"question\":\"q\",\"original_process\":[1],\"modified_process\":[]}", "must be a list of texts"},
        {"{\"question\":\"q\",\"original_process\":[]}", "missing key \"modified_process\""},
    };
    for (size_t i = 0; i < PGR_COUNT(bad); i++) {
        put(bad[i].text);
        struct pgr_contests c;
        pgr_err err = pgr_contests_load(path, NULL, &c);
        if (err == PGR_OK) fail_msg("accepted: %s", bad[i].text);
        if (!strstr(pgr_err_detail(), bad[i].says)) fail_msg("\"%s\" lacks \"%s\"", pgr_err_detail(), bad[i].says);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_counted_by_group_and_ties_are_wrong),
        cmocka_unit_test(rewardbench_weights_its_subsets),
        cmocka_unit_test(rm_bench_fills_its_matrix),
        cmocka_unit_test(prmbench_joins_its_steps),
        cmocka_unit_test(samples_keep_the_order_and_splits_select),
        cmocka_unit_test(bad_records_name_the_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
