/* test_unpack.c - hidden tests of LiveCodeBench: base64, zlib, pickle; numbers that JSON proper lacks. */
#include "test.h"

#include <zlib.h>

#include "base/json.h"
#include "task/unpack.h"
#include "task/wide.h"

/* pickle.dumps("[1, 2]", protocol) of Python 3.11 */
static const char p0[] = "V[1, 2]\np0\n.";
static const char p2[] = "\x80\x02X\x06\x00\x00\x00[1, 2]q\x00.";
static const char p4[] = "\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x8c\x06[1, 2]\x94.";

static void a_pickled_text_is_read(void **state) {
    (void)state;
    const char *text;
    size_t n;
    assert_ok(pgr_pickled_text(p2, sizeof p2 - 1, &text, &n));
    assert_int_equal(n, 6);
    assert_memory_equal(text, "[1, 2]", 6);
    assert_ok(pgr_pickled_text(p4, sizeof p4 - 1, &text, &n));
    assert_memory_equal(text, "[1, 2]", 6);
}

static void anything_else_in_a_pickle_is_refused(void **state) {
    (void)state;
    const char *text;
    size_t n;
    assert_fails_with(pgr_pickled_text(p0, sizeof p0 - 1, &text, &n), PGR_E_FORMAT, "opcode 0x56");
    /* os.system: GLOBAL */
    assert_fails_with(pgr_pickled_text("cos\nsystem\n(S'x'\ntR.", 20, &text, &n), PGR_E_FORMAT, "opcode 0x63");
    assert_fails_with(pgr_pickled_text("X\xff\xff\xff\xff"
                                       "a.",
                                       7, &text, &n),
                      PGR_E_FORMAT, "cut short");
    assert_fails_with(pgr_pickled_text("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                                       "a.",
                                       11, &text, &n),
                      PGR_E_FORMAT, "cut short");
    assert_fails_with(pgr_pickled_text(".", 1, &text, &n), PGR_E_FORMAT, "no text");
    assert_fails_with(pgr_pickled_text("\x8c\x01"
                                       "a\x8c\x01"
                                       "b.",
                                       7, &text, &n),
                      PGR_E_FORMAT, "more than one");
    for (size_t cut = 0; cut < sizeof p4 - 1; cut++) assert_int_not_equal(pgr_pickled_text(p4, cut, &text, &n), PGR_OK);
}

static void base64_with_every_length_of_its_end(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9v\nYg==", "foob"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        assert_ok(pgr_base64_decode(cases[i][0], strlen(cases[i][0]), &b));
        assert_string_equal(pgr_buf_str(&b), cases[i][1]);
        pgr_buf_free(&b);
    }
    static const char *const bad[] = {"Zg", "Zg=", "Zg===", "Z", "Zg==x", "Z-9v"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        assert_int_equal(pgr_base64_decode(bad[i], strlen(bad[i]), &b), PGR_E_FORMAT);
        pgr_buf_free(&b);
    }
}

static void a_zlib_bomb_stops_at_the_limit(void **state) {
    (void)state;
    enum { N = 10 << 20 };
    unsigned char *zeros = calloc(N, 1), *packed = malloc(N);
    uLongf n = N;
    assert_non_null(zeros);
    assert_non_null(packed);
    assert_int_equal(compress(packed, &n, zeros, N), Z_OK);
    assert_true(n < N / 500);
    struct pgr_buf b = PGR_BUF_INIT;
    assert_fails_with(pgr_inflate((const char *)packed, n, 1 << 20, &b), PGR_E_RANGE, "more than 1048576 bytes");
    assert_true(b.len <= 1 << 20);
    pgr_buf_clear(&b);
    assert_ok(pgr_inflate((const char *)packed, n, N, &b));
    assert_int_equal(b.len, N);
    pgr_buf_clear(&b);
    assert_fails_with(pgr_inflate((const char *)packed, n - 5, N, &b), PGR_E_FORMAT, "cut short");
    pgr_buf_free(&b);
    free(zeros);
    free(packed);
}

static void json_of_python(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"[1, 2.5]", "[1,2.5]"},
        {"[NaN, Infinity, -Infinity]", "[{\"__float__\":\"nan\"},{\"__float__\":\"inf\"},{\"__float__\":\"-inf\"}]"},
        {"{\"NaN\": 123456789012345678901}", "{\"NaN\":{\"__int__\":\"123456789012345678901\"}}"},
        {"[-123456789012345678901, \"99999999999999999999\"]",
         "[{\"__int__\":\"-123456789012345678901\"},\"99999999999999999999\"]"},
        {"[1e999, -1e999, 5]", "[{\"__float__\":\"inf\"},{\"__float__\":\"-inf\"},5]"},
        {"[\"\\\"NaN\", NaN]", "[\"\\\"NaN\",{\"__float__\":\"nan\"}]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *j;
        struct pgr_buf b = PGR_BUF_INIT;
        assert_ok(pgr_json_parse_wide("x", cases[i][0], strlen(cases[i][0]), &j));
        assert_ok(pgr_json_dump(j, &b));
        assert_string_equal(pgr_buf_str(&b), cases[i][1]);
        pgr_buf_free(&b);
        json_decref(j);
    }
    static const char *const bad[] = {"", "[", "[N]", "[Nan]", "[1e]", "[-]", "\"", "[\"\\", "[012345678901234567890]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *j;
        assert_fails_with(pgr_json_parse_wide("x", bad[i], strlen(bad[i]), &j), PGR_E_FORMAT, "x: not valid JSON");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pickled_text_is_read), cmocka_unit_test(anything_else_in_a_pickle_is_refused),
        cmocka_unit_test(base64_with_every_length_of_its_end), cmocka_unit_test(a_zlib_bomb_stops_at_the_limit),
        cmocka_unit_test(json_of_python)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
