/* test_show.c - text for a terminal: nothing steers it, nothing is lost, no row is too wide. */
#include "test.h"

#include "base/rng.h"
#include "text/show.h"

static struct pgr_rows wrap(const char *text, size_t n, size_t width) {
    struct pgr_rows r = {.n = 0};
    assert_ok(pgr_rows_wrap(&r, text, n, NULL, width));
    assert_true(r.n > 0);
    return r;
}

static void expect_rows(const char *text, size_t width, const char *const *want) {
    struct pgr_rows r = wrap(text, strlen(text), width);
    for (size_t i = 0; i < r.n; i++) {
        if (!want[i]) fail_msg("\"%s\": more than %zu rows", text, i);
        if (strlen(want[i]) != r.row[i].n_bytes ||
            memcmp(want[i], r.text.data ? r.text.data + r.row[i].from : "", r.row[i].n_bytes) != 0)
            fail_msg("\"%s\": row %zu is \"%.*s\", want \"%s\"", text, i, (int)r.row[i].n_bytes,
                     r.text.data + r.row[i].from, want[i]);
    }
    if (want[r.n]) fail_msg("\"%s\": only %zu rows", text, r.n);
    pgr_rows_free(&r);
}
#define ROWS(text, width, ...) expect_rows(text, width, (const char *const[]){__VA_ARGS__, NULL})

static void lines_break_at_spaces(void **state) {
    (void)state;
    ROWS("", 5, "");
    ROWS("one two", 7, "one two");
    ROWS("one two", 6, "one", "two");
    ROWS("one two three", 7, "one two", "three");
    ROWS("one  two", 4, "one", "two");
    ROWS("abcdefgh", 3, "abc", "def", "gh");
    ROWS("a bcdefgh", 3, "a", "bcd", "efg", "h");
    ROWS("a\n\nb", 5, "a", "", "b");
    ROWS("a\n", 5, "a");
    ROWS("if x:\n    y()", 10, "if x:", "    y()");
    ROWS("\ta", 10, "    a");
    ROWS("ab\tc", 10, "ab  c");
    ROWS("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97", 4, "\xe4\xb8\xad\xe6\x96\x87", "\xe5\xad\x97"); /* two columns each */
    ROWS("e\xcc\x81"
         "e\xcc\x81",
         1, "e\xcc\x81", "e\xcc\x81"); /* marks stay with their letter */
}

static void what_steers_is_written_out(void **state) {
    (void)state;
#define R(s) "\033[7m" s "\033[0m"
    ROWS("\033[2J", 20, R("<1B>") "[2J");
    ROWS("\xc2\x9b", 20, R("<9B>"));
    ROWS("a\rb\x7f", 20, "a" R("<0D>") "b" R("<7F>"));
    ROWS("\xff", 20, R("<FF>"));
    ROWS("\xe2\x80\xae", 20, R("<U+202E>"));
    ROWS("\xf4\x8f\xbf\xbf", 20, R("<U+10FFFF>"));
    ROWS("\xef\xbb\xbf", 20, R("<U+FEFF>"));
    struct pgr_rows r = wrap("a\0b", 3, 20);
    assert_int_equal(r.row[0].width, 6);
    pgr_rows_free(&r);
    struct pgr_buf b = PGR_BUF_INIT;
    assert_int_equal(pgr_show_line(&b, "ab\033cd\n", 6, 7), 7);
    assert_string_equal(pgr_buf_str(&b), "ab" R("<1B>") "c");
    pgr_buf_free(&b);
}

static void marked_words_are_shown_and_styles_end_in_their_row(void **state) {
    (void)state;
    const char *a = "sort the list twice", *b = "sort a list";
    unsigned char mark_a[32], mark_b[32];
    assert_ok(pgr_mark_words(a, strlen(a), b, strlen(b), mark_a, mark_b));
    for (size_t i = 0; i < strlen(a); i++) assert_int_equal(mark_a[i], (i >= 5 && i < 8) || i >= 14);
    for (size_t i = 0; i < strlen(b); i++) assert_int_equal(mark_b[i], i == 5);
    struct pgr_rows r = {.n = 0};
    assert_ok(pgr_rows_wrap(&r, a, strlen(a), mark_a, 8));
    assert_int_equal(r.n, 3);
    assert_memory_equal(r.text.data + r.row[0].from, "sort \033[1;4mthe\033[0m", r.row[0].n_bytes);
    assert_int_equal(r.row[0].width, 8);
    assert_memory_equal(r.text.data + r.row[2].from, "\033[1;4mtwice\033[0m", r.row[2].n_bytes);
    pgr_rows_free(&r);
    assert_ok(pgr_mark_words("", 0, b, strlen(b), mark_a, mark_b));
    assert_int_equal(mark_b[0], 1);
}

/* Any bytes at any width: rows hold nothing but printable characters and our own three style codes, no row is too wide
 * unless it is one character, and what the rows hold is the text but for its white space. */
static void any_bytes_are_harmless(void **state) {
    (void)state;
    static const char pool[] = "ab  \n\t\x1b[2J\r\x07\x9b\xc2\x9b\xe2\x80\xae\xe4\xb8\xad\xcc\x81\xff\x7f";
    for (uint32_t round = 0; round < 3000; round++) {
        char text[80];
        size_t n = (size_t)(pgr_rng_uniform(1, PGR_RNG_TEST, round, 0, 0, 0) * sizeof text);
        size_t width = 1 + round % 30;
        for (uint32_t i = 0; i < n; i++) {
            double u = pgr_rng_uniform(1, PGR_RNG_TEST, round, 1, i, 0),
                   v = pgr_rng_uniform(1, PGR_RNG_TEST, round, 2, i, 0);
            text[i] = round % 2 ? pool[(size_t)(u * (sizeof pool - 1))] : (char)(int)(v * 256);
        }
        struct pgr_rows r = wrap(text, n, width);
        for (size_t k = 0; k < r.n; k++) {
            const char *s = r.text.data ? r.text.data + r.row[k].from : "", *end = s + r.row[k].n_bytes;
            if (r.row[k].width > width) assert_true(r.row[k].width <= 10);
            while (s < end) {
                if (*s == '\033') {
                    size_t len = strcspn(s, "m") + 1;
                    assert_true((len == 4 && (memcmp(s, "\033[7m", 4) == 0 || memcmp(s, "\033[0m", 4) == 0)));
                    s += len;
                } else {
                    assert_true((unsigned char)*s >= 0x20 && (unsigned char)*s != 0x7f);
                    assert_true(!((unsigned char)*s == 0xc2 && (unsigned char)s[1] < 0xa0));
                    s++;
                }
            }
        }
        pgr_rows_free(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_at_spaces),
        cmocka_unit_test(what_steers_is_written_out),
        cmocka_unit_test(marked_words_are_shown_and_styles_end_in_their_row),
        cmocka_unit_test(any_bytes_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
