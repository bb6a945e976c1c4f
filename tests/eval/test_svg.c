/* test_svg.c - charts: what is drawn stays inside the frame whatever the numbers are, and text cannot become markup. */
#include "test.h"

#include <float.h>
#include <math.h>

#include "eval/svg.h"

static void escaping_leaves_no_markup_and_no_bad_bytes(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    const char text[] = "a<b>&\"'\x1b\x00\x7f\xff\xc3\n\xc3\xa4";
    pgr_html_escape(&b, text, sizeof text - 1);
    assert_ok(pgr_buf_ok(&b));
    const char *bad = "\xef\xbf\xbd";
    char want[256];
    snprintf(want, sizeof want, "a&lt;b&gt;&amp;&quot;&#39;%s%s%s%s%s\n\xc3\xa4", bad, bad, bad, bad, bad);
    assert_string_equal(pgr_buf_str(&b), want);
    pgr_buf_free(&b);
}

/* The numbers after "d=" of every line: each pair must lie within the drawing. Returns how many there are. */
static size_t points_inside(const char *svg) {
    size_t n = 0;
    for (const char *p = strstr(svg, "class=\"l\" d=\""); p; p = strstr(p + 1, "class=\"l\" d=\"")) {
        p += strlen("class=\"l\" d=\"");
        while (*p == 'M' || *p == 'L') {
            char *end;
            double x = strtod(p + 1, &end), y = strtod(end, &end);
            if (!(x >= 55.9 && x <= 410.1 && y >= 9.9 && y <= 176.1)) fail_msg("point %g %g is outside", x, y);
            p = end;
            n++;
        }
        if (*p != '"') fail_msg("a line goes on with \"%.20s\"", p);
    }
    return n;
}

static void any_numbers_are_drawn_inside_the_frame(void **state) {
    (void)state;
    static const struct {
        double y[3];
        size_t points; /* 0: nothing to draw */
    } cases[] = {
        {{1, 2, 3}, 3},
        {{0, 0, 0}, 3},
        {{5, 5, 5}, 3},
        {{-DBL_MAX, 0, DBL_MAX}, 0}, /* no double holds the range */
        {{DBL_MAX, DBL_MAX, DBL_MAX}, 0},
        {{5e-324, 0, 5e-324}, 3},
        {{1, 1 + DBL_EPSILON, 1}, 3},
        {{1e300, 2e300, -1e300}, 3},
        {{NAN, 1, INFINITY}, 1},
        {{NAN, NAN, NAN}, 0},
    };
    static const double x[3] = {0, 1, 2};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        struct pgr_series s = {"s", 9, x, cases[i].y, 3};
        pgr_svg_figure(&b, "t", &s, 1);
        assert_ok(pgr_buf_ok(&b));
        if (points_inside(pgr_buf_str(&b)) != cases[i].points) fail_msg("case %zu: %s", i, pgr_buf_str(&b));
        assert_int_equal(pgr_svg_drawable(&s, 1), cases[i].points > 0);
        if (strstr(pgr_buf_str(&b), "nan") || strstr(pgr_buf_str(&b), "inf")) fail_msg("case %zu: %s", i, b.data);
        assert_int_equal(strstr(pgr_buf_str(&b), "<circle") != NULL, cases[i].points == 1);
        pgr_buf_free(&b);
    }
}

static void long_series_become_means(void **state) {
    (void)state;
    enum { N = 10007 };
    static double x[N], y[N];
    for (size_t i = 0; i < N; i++) x[i] = (double)i, y[i] = (double)(i % 2);
    struct pgr_buf b = PGR_BUF_INIT;
    struct pgr_series s = {"s", 0, x, y, N};
    pgr_svg_figure(&b, "t", &s, 1);
    size_t n = points_inside(pgr_buf_str(&b));
    assert_in_range(n, 300, PGR_SVG_POINTS);
    pgr_buf_free(&b);
}

static void a_document_names_its_series(void **state) {
    (void)state;
    static const double x[2] = {1, 2}, y[2] = {3, 4};
    struct pgr_buf b = PGR_BUF_INIT;
    struct pgr_series s[3] = {{"one<", 0, x, y, 2}, {"none", 1, x, y, 0}, {"two", 2, x, y, 2}};
    pgr_svg_document(&b, "a & b", s, 3);
    assert_ok(pgr_buf_ok(&b));
    assert_non_null(strstr(b.data, ">a &amp; b</text>"));
    assert_non_null(strstr(b.data, ">one&lt;</text>"));
    assert_non_null(strstr(b.data, ">two</text>"));
    assert_null(strstr(b.data, ">none</text>")); /* it has no point */
    assert_int_equal(points_inside(b.data), 4);
    pgr_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaping_leaves_no_markup_and_no_bad_bytes),
        cmocka_unit_test(any_numbers_are_drawn_inside_the_frame),
        cmocka_unit_test(long_series_become_means),
        cmocka_unit_test(a_document_names_its_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
