/* test_stream.c - stop strings over any split of the bytes, and pieces that are whole characters. */
#include "test.h"

#include "base/size.h"
#include "gen/stream.h"

/* Feeds text in pieces of `step` bytes; returns the final text, and checks that the shown pieces make it up. */
static void run(const char *text, size_t n, size_t step, const char *const *stop, size_t n_stop, const char *want,
                bool want_stop) {
    struct pgr_stream s = {.text = PGR_BUF_INIT};
    struct pgr_buf shown = PGR_BUF_INIT;
    pgr_stream_reset(&s, stop, n_stop);
    bool stopped = false;
    size_t k;
    const char *p;
    for (size_t i = 0; i < n && !stopped; i += step) {
        pgr_buf_add(&s.text, text + i, pgr_min(step, n - i));
        stopped = pgr_stream_check(&s);
        p = pgr_stream_piece(&s, stopped, &k);
        pgr_buf_add(&shown, p, k);
    }
    p = pgr_stream_piece(&s, true, &k);
    pgr_buf_add(&shown, p, k);
    assert_int_equal(stopped, want_stop);
    assert_string_equal(pgr_buf_str(&s.text), want);
    assert_string_equal(pgr_buf_str(&shown), want);
    pgr_buf_free(&s.text);
    pgr_buf_free(&shown);
}

static void stop_strings_are_found_across_tokens(void **state) {
    (void)state;
    static const char *const stop[] = {"</answer>", "\n\nQ", "aab"};
    static const struct {
        const char *text, *want;
        bool stopped;
    } cases[] = {
        {"x = 1</answer> rest", "x = 1", true},
        {"x = 1</answer", "x = 1</answer", false},
        {"</answe</answer></answer>", "</answe", true},
        {"aaaaaab", "aaaa", true}, /* a false start within a match */
        {"aaab</answer>", "a", true},
        {"line\n\nP\n\nQ", "line\n\nP", true},
        {"</answer>", "", true},
        {"nothing here", "nothing here", false},
        {"", "", false},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++)
        /* Steps that reach over a whole stop string would see two of them at once: covered by the next test. */
        for (size_t step = 1; step <= 3; step++)
            run(cases[i].text, strlen(cases[i].text), step, stop, 3, cases[i].want, cases[i].stopped);
}

static void the_first_of_two_in_one_token_wins(void **state) {
    (void)state;
    static const char *const stop[] = {"END", "STOP"};
    run("a STOP b END c", 14, 14, stop, 2, "a ", true);
    run("a END b STOP c", 14, 14, stop, 2, "a ", true);
}

static void pieces_hold_whole_characters(void **state) {
    (void)state;
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    struct pgr_stream s = {.text = PGR_BUF_INIT};
    pgr_stream_reset(&s, NULL, 0);
    static const size_t want[] = {1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 1};
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        size_t k;
        pgr_buf_add(&s.text, text + i, 1);
        assert_false(pgr_stream_check(&s));
        pgr_stream_piece(&s, false, &k);
        assert_int_equal(k, want[i]);
    }
    pgr_buf_free(&s.text);
}

static void bytes_that_are_no_character_do_not_wait(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t held; /* of the end */
    } cases[] = {{"\x80", 0},         {"\xff", 0},         {"\xc3(", 0},       {"a\x80\x80\x80\x80", 0},
                 {"\xc0", 0},         {"\xf5\x80", 0},     {"\xf0\x9f", 2},    {"\xe2", 1},
                 {"\xf0\x9f\x98", 3}, {"\xe2\x82\xac", 0}, {"\xc3\xa9\xa9", 0}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_stream s = {.text = PGR_BUF_INIT};
        pgr_stream_reset(&s, NULL, 0);
        pgr_buf_adds(&s.text, cases[i].text);
        size_t k, rest;
        pgr_stream_piece(&s, false, &k);
        if (k != strlen(cases[i].text) - cases[i].held) fail_msg("case %zu: %zu bytes shown", i, k);
        pgr_stream_piece(&s, true, &rest);
        assert_int_equal(k + rest, strlen(cases[i].text));
        pgr_buf_free(&s.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_strings_are_found_across_tokens),
        cmocka_unit_test(the_first_of_two_in_one_token_wins),
        cmocka_unit_test(pieces_hold_whole_characters),
        cmocka_unit_test(bytes_that_are_no_character_do_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
