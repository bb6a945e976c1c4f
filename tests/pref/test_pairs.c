/* test_pairs.c - reading preference pairs and holding some out by problem. */
#define _GNU_SOURCE
#include "file_test.h"

#include "base/size.h"
#include "pref/pairs.h"

static void fields_are_read(void **state) {
    (void)state;
    put("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}\n"
        "{\"id\":\"x\",\"prompt\":\"q\",\"chosen\":\"d\",\"rejected\":\"s\",\"margin\":0.5,\"split\":\"validation\","
        "\"type\":\"t\","
        "\"more\":[1]}\n");
    struct pgr_pairs p;
    assert_ok(pgr_pairs_load(path, &p));
    assert_int_equal(p.n, 2);
    assert_string_equal(p.pair[0].id, "1");
    assert_false(p.pair[0].validation);
    assert_true(p.pair[0].margin == 0.0);
    assert_string_equal(p.pair[1].id, "x");
    assert_string_equal(p.pair[1].prompt, "q");
    assert_string_equal(p.pair[1].chosen, "d");
    assert_string_equal(p.pair[1].rejected, "s");
    assert_null(p.pair[0].type);
    assert_null(p.pair[1].dimension);
    assert_string_equal(p.pair[1].type, "t");
    assert_true(p.pair[1].validation && p.pair[1].margin == 0.5);
    pgr_pairs_split(&p, 1.0, 1); /* the file's own split stands */
    assert_false(p.pair[0].validation);
    pgr_pairs_free(&p);
}

static void bad_records_name_the_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "holds no pairs"},
        {"{\"prompt\":\"p\",\"chosen\":\"c\"}", ":1: missing key \"rejected\""},
        {"{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"c\"}", ":1: \"chosen\" and \"rejected\" are the same"},
        {"{\"prompt\":\"p\",\"chosen\":\"\",\"rejected\":\"c\"}", ":1: \"chosen\" and \"rejected\" must not be empty"},
        {"{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"split\":\"test\"}", ":1: key \"split\" is \"test\""},
        {"{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"margin\":\"1\"}",
         ":1: key \"margin\" must be a number"},
    };
    for (size_t i = 0; i < PGR_COUNT(bad); i++) {
        put(bad[i].text);
        struct pgr_pairs p;
        pgr_err err = pgr_pairs_load(path, &p);
        if (err == PGR_OK) fail_msg("accepted: %s", bad[i].text);
        if (!strstr(pgr_err_detail(), bad[i].says)) fail_msg("\"%s\" lacks \"%s\"", pgr_err_detail(), bad[i].says);
    }
}

static void pairs_of_one_problem_are_held_out_together(void **state) {
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 900; i++)
        fprintf(f, "{\"prompt\":\"problem %d\",\"chosen\":\"c%d\",\"rejected\":\"r\"}\n", i / 3, i);
    fclose(f);
    struct pgr_pairs p;
    assert_ok(pgr_pairs_load(path, &p));
    pgr_pairs_split(&p, 0.2, 7);
    size_t held = 0;
    for (size_t i = 0; i < p.n; i++) {
        assert_int_equal(p.pair[i].validation, p.pair[i - i % 3].validation);
        held += p.pair[i].validation;
    }
    /* 300 problems at 0.2: within five standard deviations (6.9 problems) of 60. */
    assert_in_range(held / 3, 25, 95);
    pgr_pairs_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(bad_records_name_the_place),
        cmocka_unit_test(pairs_of_one_problem_are_held_out_together),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
