/* test_wire.c - the wire form, the typed JSON of task files, and the comparer. */
#include "test.h"

#include <math.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "sbx/typed.h"
#include "sbx/verdict.h"
#include "sbx/wire.h"

static const unsigned char *bytes(const char *s) { return (const unsigned char *)s; }

/* JSON text to wire; the caller frees. */
static struct pgr_buf wire_of(const char *json) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *j = NULL;
    assert_ok(pgr_json_parse("test", json, strlen(json), &j));
    assert_ok(pgr_typed_encode(j, "test", &b));
    json_decref(j);
    return b;
}

static bool equal_wire(const char *got, const char *want, double atol, double rtol) {
    struct pgr_wire_value g, w;
    bool same = false;
    assert_ok(pgr_wire_parse(bytes(got), strlen(got), &g));
    assert_ok(pgr_wire_parse(bytes(want), strlen(want), &w));
    assert_ok(pgr_wire_equal(&g, &w, atol, rtol, &same));
    pgr_wire_free(&g);
    pgr_wire_free(&w);
    return same;
}

static bool equal_json(const char *got, const char *want) {
    struct pgr_buf g = wire_of(got), w = wire_of(want);
    bool same = equal_wire(g.data, w.data, 0, 0);
    pgr_buf_free(&g);
    pgr_buf_free(&w);
    return same;
}

static void typed_json_becomes_the_documented_wire_form(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"null", "N"},
        {"true", "T"},
        {"-12", "i-12;"},
        {"9223372036854775807", "i9223372036854775807;"},
        {"1.5", "r3ff8000000000000"},
        {"1.0", "r3ff0000000000000"},
        {"\"h\\u00e9\"", "s3:h\xc3\xa9"},
        {"[1,[],{}]", "l3:i1;l0:d0:"},
        {"{\"a\":1,\"b\":null}", "d2:s1:ai1;s1:bN"},
        {"{\"__tuple__\":[1]}", "t1:i1;"},
        {"{\"__set__\":[2]}", "u1:i2;"},
        {"{\"__frozenset__\":[]}", "z0:"},
        {"{\"__dict__\":[[1,2]]}", "d1:i1;i2;"},
        {"{\"__dict__\":[[\"__tuple__\",2]]}", "d1:s9:__tuple__i2;"},
        {"{\"__bytes__\":\"00ff\"}", "b2:"},
        {"{\"__float__\":\"inf\"}", "r7ff0000000000000"},
        {"{\"__float__\":\"-inf\"}", "rfff0000000000000"},
        {"{\"__float__\":\"0x1p-1\"}", "r3fe0000000000000"},
        {"{\"__complex__\":[1,-2.0]}", "c3ff0000000000000c000000000000000"},
        {"{\"__int__\":\"9223372036854775808\"}", "x8000000000000000;"},
        {"{\"__int__\":\"-9223372036854775808\"}", "i-9223372036854775808;"},
        {"{\"__int__\":\"-9223372036854775809\"}", "x-8000000000000001;"},
        /* 10^30 */
        {"{\"__int__\":\"1000000000000000000000000000000\"}", "xc9f2c9cd04674edea40000000;"},
    };
    for (size_t i = 0; i < PGR_COUNT(pairs); i++) {
        struct pgr_buf b = wire_of(pairs[i][0]);
        size_t n = strlen(pairs[i][1]);
        if (b.len < n || memcmp(b.data, pairs[i][1], n) != 0) fail_msg("%s: %s", pairs[i][0], b.data);
        struct pgr_wire_scan s;
        const char *bad = pgr_wire_scan(bytes(b.data), b.len, 0, &s);
        if (bad) fail_msg("%s: %s", pairs[i][0], bad);
        assert_int_equal(s.n_bytes, b.len);
        pgr_buf_free(&b);
    }
}

static void typed_json_names_what_is_wrong(void **state) {
    (void)state;
    static const char *const bad[][2] = {{"{\"__tuple__\":1}", "needs an array"},
                                         {"{\"__dict__\":[[1]]}", "is not [key, value]"},
                                         {"{\"__bytes__\":\"0\"}", "pairs of hex digits"},
                                         {"{\"__bytes__\":\"0G\"}", "hex digits"},
                                         {"{\"__int__\":\"1e5\"}", "decimal"},
                                         {"{\"__int__\":\"007\"}", "decimal"},
                                         {"{\"__int__\":5}", "as text"},
                                         {"{\"__float__\":\"1.5x\"}", "needs nan, inf"},
                                         {"{\"__complex__\":[1]}", "[real, imaginary]"}};
    for (size_t i = 0; i < PGR_COUNT(bad); i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        json_t *j = NULL;
        assert_ok(pgr_json_parse("test", bad[i][0], strlen(bad[i][0]), &j));
        assert_fails_with(pgr_typed_encode(j, "line 3", &b), PGR_E_FORMAT, bad[i][1]);
        assert_non_null(strstr(pgr_err_detail(), "line 3"));
        json_decref(j);
        pgr_buf_free(&b);
    }
}

static void values_of_different_type_are_never_equal(void **state) {
    (void)state;
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "0",
                                         "1",
                                         "1.0",
                                         "0.0",
                                         "\"1\"",
                                         "\"\"",
                                         "[]",
                                         "[1]",
                                         "{}",
                                         "[null]",
                                         "[[1]]",
                                         "[1,1]",
                                         "[1.0]",
                                         "[true]",
                                         "{\"a\":1}",
                                         "{\"a\":1.0}",
                                         "{\"__tuple__\":[]}",
                                         "{\"__tuple__\":[1]}",
                                         "{\"__set__\":[]}",
                                         "{\"__set__\":[1]}",
                                         "{\"__set__\":[true]}",
                                         "{\"__frozenset__\":[1]}",
                                         "{\"__bytes__\":\"31\"}",
                                         "{\"__bytes__\":\"\"}",
                                         "{\"__complex__\":[1,0]}",
                                         "{\"__dict__\":[[1,1]]}",
                                         "{\"__dict__\":[[1.0,1]]}",
                                         "{\"__dict__\":[[true,1]]}",
                                         "{\"__int__\":\"18446744073709551617\"}"};
    for (size_t i = 0; i < PGR_COUNT(values); i++)
        for (size_t k = 0; k < PGR_COUNT(values); k++)
            if (equal_json(values[i], values[k]) != (i == k)) fail_msg("%s and %s", values[i], values[k]);
}

static void order_matters_in_lists_and_not_in_sets_and_dicts(void **state) {
    (void)state;
    assert_false(equal_json("[1,2]", "[2,1]"));
    assert_true(equal_json("{\"__set__\":[3,1,2,\"x\",{\"__tuple__\":[1,2]}]}",
                           "{\"__set__\":[{\"__tuple__\":[1,2]},1,\"x\",2,3]}"));
    assert_true(equal_json("{\"a\":{\"b\":1,\"c\":[2]},\"d\":null}", "{\"d\":null,\"a\":{\"c\":[2],\"b\":1}}"));
    assert_false(equal_json("{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"));
    /* Sets in sets, written in different orders. */
    assert_true(equal_json("{\"__set__\":[{\"__frozenset__\":[1,2]},{\"__frozenset__\":[3,4]}]}",
                           "{\"__set__\":[{\"__frozenset__\":[4,3]},{\"__frozenset__\":[2,1]}]}"));
    assert_false(equal_json("{\"__set__\":[{\"__frozenset__\":[1,2]},{\"__frozenset__\":[3,4]}]}",
                            "{\"__set__\":[{\"__frozenset__\":[1,3]},{\"__frozenset__\":[2,4]}]}"));
    /* An element sent twice is not the set without it. */
    assert_false(equal_wire("u2:i1;i1;", "u2:i1;i2;", 0, 0));
}

static void tolerance_holds_for_floats_only_and_never_for_infinities(void **state) {
    (void)state;
    char a[64], b[64];
    const double one = 1.0;
    struct {
        double got, want, atol, rtol;
        bool equal;
    } cases[] = {{1.0, 1.0, 0, 0, true},           {1.0 + 1e-9, 1.0, 0, 0, false},   {1.0 + 1e-9, 1.0, 1e-6, 0, true},
                 {1.0 + 1e-9, 1.0, 0, 1e-6, true}, {1.1, 1.0, 1e-6, 1e-6, false},    {INFINITY, 5, 1e300, 1e300, false},
                 {5, INFINITY, 1e300, 1, false},   {INFINITY, INFINITY, 0, 0, true}, {-INFINITY, INFINITY, 1, 1, false},
                 {NAN, NAN, 0, 0, true},           {NAN, 1, 1e300, 1, false},        {1, NAN, 1e300, 1, false},
                 {0.0, -0.0, 0, 0, true},          {1e308, -1e308, 1, 1, false}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_buf g = PGR_BUF_INIT, w = PGR_BUF_INIT;
        pgr_wire_put_real(&g, cases[i].got);
        pgr_wire_put_real(&w, cases[i].want);
        if (equal_wire(g.data, w.data, cases[i].atol, cases[i].rtol) != cases[i].equal) fail_msg("case %zu", i);
        pgr_buf_free(&g);
        pgr_buf_free(&w);
    }
    snprintf(a, sizeof a, "i1000001;");
    snprintf(b, sizeof b, "i1000000;");
    assert_false(equal_wire(a, b, one, one)); /* ints have no tolerance */
    /* Nor has a key of a dict. */
    assert_false(equal_wire("d1:r3ff0000000000001i1;", "d1:r3ff0000000000000i1;", 1, 1));
    assert_true(equal_wire("d1:i1;r3ff0000000000001", "d1:i1;r3ff0000000000000", 1, 1));
}

static void decoder_refuses_what_has_another_spelling_or_lies_about_its_size(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "Q",
                                      "i;",
                                      "i01;",
                                      "i-0;",
                                      "i1",
                                      "i9223372036854775808;",
                                      "i+1;",
                                      "x1;",
                                      "x0ffffffffffffffff0;",
                                      "x7fffffffffffffff;",
                                      "x-8000000000000000;",
                                      "xABCDEF0123456789AB;",
                                      "r3ff",
                                      "r3FF0000000000000",
                                      "s1:",
                                      "s01:a",
                                      "s-1:a",
                                      "s1:\xff",
                                      "s2:\xc0\x80",
                                      "s3:\xe0\x80\x80",
                                      "s4:\xf5\x80\x80\x80",
                                      "l1:",
                                      "l2:N",
                                      "l9999999999:N",
                                      "l99999999999:",
                                      "d1:N",
                                      "e1:xN",
                                      "h1;1:x",
                                      "o1:x",
                                      "p0;",
                                      "j0;",
                                      "l18446744073709551615:"};
    struct pgr_wire_scan s;
    for (size_t i = 0; i < PGR_COUNT(bad); i++)
        if (!pgr_wire_scan(bytes(bad[i]), strlen(bad[i]), 0, &s)) fail_msg("accepted: %s", bad[i]);
    assert_null(pgr_wire_scan(bytes("o1:x"), 4, PGR_WIRE_OPAQUE, &s));
    assert_null(pgr_wire_scan(bytes("s3:\xed\xa0\x80"), 6, 0, &s)); /* a lone surrogate, as Python has them */
    /* A truncation at every byte is an error and reads nothing past the end. */
    static const char whole[] = "d2:s1:al3:i1;r3ff0000000000000x8000000000000000;t1:b2:zzu1:z1:N";
    for (size_t n = 0; n <= sizeof whole - 1; n++) {
        unsigned char *exact = malloc(n ? n : 1);
        memcpy(exact, whole, n);
        const char *why = pgr_wire_scan(exact, n, 0, &s);
        if ((why == NULL) != (n == sizeof whole - 1)) fail_msg("cut at %zu: %s", n, why ? why : "accepted");
        free(exact);
    }
}

static void depth_is_bounded(void **state) {
    (void)state;
    struct pgr_wire_scan s;
    char deep[4 * 200] = "";
    for (int n = 99; n <= 101; n++) {
        deep[0] = '\0';
        for (int i = 0; i < n; i++) strcat(deep, "l1:");
        strcat(deep, "N");
        const char *bad = pgr_wire_scan(bytes(deep), strlen(deep), 0, &s);
        assert_int_equal(bad == NULL, n <= PGR_WIRE_MAX_DEPTH);
    }
}

/* Without its bound on nesting or with sorting inside of sorting this takes for ever. */
static void nested_sets_are_compared_in_time(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    for (int i = 0; i < 90; i++) pgr_buf_adds(&b, "z2:");
    pgr_buf_adds(&b, "i0;");
    for (int i = 0; i < 90; i++) pgr_buf_addf(&b, "i%d;", i + 1);
    assert_true(equal_wire(b.data, b.data, 0, 0));
    pgr_buf_free(&b);
}

static void values_are_shown_as_python_writes_them(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"[1,\"a'b\\n\",null,true,1.0,0.1,1e300]", "[1, 'a\\'b\\n', None, True, 1.0, 0.1, 1e+300]"},
        {"{\"__tuple__\":[1]}", "(1,)"},
        {"{\"__tuple__\":[]}", "()"},
        {"{\"__set__\":[]}", "set()"},
        {"{\"a\":{\"__set__\":[1]}}", "{'a': {1}}"},
        {"{\"__bytes__\":\"00ff41\"}", "b'\\x00\\xffA'"},
        {"{\"__float__\":\"nan\"}", "nan"},
        {"{\"__int__\":\"18446744073709551616\"}", "0x10000000000000000"}};
    for (size_t i = 0; i < PGR_COUNT(pairs); i++) {
        struct pgr_buf b = wire_of(pairs[i][0]), shown = PGR_BUF_INIT;
        pgr_wire_show(bytes(b.data), b.len, 200, &shown);
        assert_string_equal(pgr_buf_str(&shown), pairs[i][1]);
        pgr_buf_clear(&shown);
        pgr_wire_show(bytes(b.data), b.len, 4, &shown);
        assert_true(shown.len < 40);
        /* Bytes that were never checked do no harm either. */
        for (size_t n = 0; n < b.len; n++) {
            unsigned char *exact = malloc(n ? n : 1);
            memcpy(exact, b.data, n);
            pgr_buf_clear(&shown);
            pgr_wire_show(exact, n, 200, &shown);
            free(exact);
        }
        pgr_buf_free(&b);
        pgr_buf_free(&shown);
    }
}

static void outputs_are_compared_by_tokens_or_bytes(void **state) {
    (void)state;
    static const struct {
        const char *got, *want;
        bool tokens, exact;
    } cases[] = {{"1 2\n", "1 2\n", true, true},
                 {"1  2", "1 2\n", true, false},
                 {"1\n2\r\n", "1 2", true, false},
                 {"12", "1 2", false, false},
                 {"1 2 3", "1 2", false, false},
                 {"", "", true, true},
                 {" \n", "", true, false},
                 {"", "1", false, false},
                 {"1\xc2\xa0"
                  "2",
                  "1 2", false, false},
                 {"\xef\xbc\x95", "5", false, false},
                 {"5.0", "5", false, false}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_span g = {cases[i].got, strlen(cases[i].got)}, w = {cases[i].want, strlen(cases[i].want)};
        if (pgr_output_equal(g, w, false) != cases[i].tokens) fail_msg("tokens, case %zu", i);
        if (pgr_output_equal(g, w, true) != cases[i].exact) fail_msg("exact, case %zu", i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typed_json_becomes_the_documented_wire_form),
        cmocka_unit_test(typed_json_names_what_is_wrong),
        cmocka_unit_test(values_of_different_type_are_never_equal),
        cmocka_unit_test(order_matters_in_lists_and_not_in_sets_and_dicts),
        cmocka_unit_test(tolerance_holds_for_floats_only_and_never_for_infinities),
        cmocka_unit_test(decoder_refuses_what_has_another_spelling_or_lies_about_its_size),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(nested_sets_are_compared_in_time),
        cmocka_unit_test(values_are_shown_as_python_writes_them),
        cmocka_unit_test(outputs_are_compared_by_tokens_or_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
