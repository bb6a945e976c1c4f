/* test_json.c - what jansson alone would refuse or hide. */
#include "test.h"

#include "base/json.h"

static json_t *parse(const char *text) {
    json_t *j;
    assert_ok(pgr_json_parse("here", text, strlen(text), &j));
    return j;
}

static void whole_numbers_beyond_64_bits_become_reals(void **state) {
    (void)state;
    json_t *j =
        parse("{\"a\": 1000000000000000019884624838656, \"b\": \"12345678901234567890123 \\\"1\", \"c\": 7, "
              "\"d\": -99999999999999999999, \"e\": 0.12345678901234567890123, \"f\": 123456789012345678901.5e-3}");
    assert_true(json_real_value(json_object_get(j, "a")) == 1e30);
    assert_string_equal(json_string_value(json_object_get(j, "b")), "12345678901234567890123 \"1");
    assert_int_equal(json_integer_value(json_object_get(j, "c")), 7);
    assert_true(json_real_value(json_object_get(j, "d")) == -99999999999999999999.0);
    assert_true(json_real_value(json_object_get(j, "e")) == 0.12345678901234567890123);
    assert_true(json_real_value(json_object_get(j, "f")) == 123456789012345678901.5e-3);
    json_decref(j);
}

static void errors_name_the_place(void **state) {
    (void)state;
    json_t *j;
    assert_fails_with(pgr_json_parse("x.json", "{\"a\": 1e999}", 12, &j), PGR_E_FORMAT,
                      "x.json: not valid JSON at line 1");
    assert_fails_with(pgr_json_parse("x.json", "[1000000000000000000000,\n]", 25, &j), PGR_E_FORMAT, "line 2");
    assert_fails_with(pgr_json_parse("x.json", "{\"a\": 1, \"a\": 2}", 16, &j), PGR_E_FORMAT, "duplicate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_beyond_64_bits_become_reals),
        cmocka_unit_test(errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
