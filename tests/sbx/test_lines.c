/* test_lines.c - LiveCodeBench's comparison of outputs. */
#include "test.h"

#include "base/size.h"
#include "sbx/verdict.h"

static void lines_and_numbers_compare_as_there(void **state) {
    (void)state;
    static const struct {
        const char *got, *want;
        bool same;
    } cases[] = {{"", "", true},
                 {"a\n", "a", true},
                 {"  a \nb", "a\n b ", true},
                 {"a\n\nb", "a\nb", false},
                 {"a b", "a  b", false}, /* not numbers */
                 {"1 2", "1  2", true},
                 {"1.0", "1", true},
                 {"1.50 2e1", "1.5 20", true},
                 {"0.1e1", "1.00", true},
                 {"100", "1E2", true},
                 {"-0", "0.0", true},
                 {"1", "-1", false},
                 {".5", "0.5", true},
                 {"5.", "5", true},
                 {"+3", "3", true},
                 {"1000000000000000000000000.1", "1000000000000000000000000.2", false},
                 {"1000000000000000000000000.10", "1000000000000000000000000.1", true},
                 {"0.30000000000000004", "0.3", false},
                 {"inf", "Infinity", true},
                 {"inf", "-inf", false},
                 {"nan 1", "nan  1", false},
                 {"YES", "yes", false},
                 {"1 a", "1.0 a", false},
                 {"1", "1 1", false},
                 {"", "0", false},
                 {"1e", "1e0", false},
                 {".", "0", false},
                 {"0x10", "16", false},
                 {"1e99999999999999999999", "1e99999999999999999999 ", true},
                 {"1e99999999999999999999 1", "1e99999999999999999999  1", false},
                 {"1_000", "1000", true},
                 {"1_0.5_0", "10.5", true},
                 {"1e1_0", "1e10", true},
                 {"1e_", "1e0", false},
                 {"_", "0", false},
                 {"\xc2\xa0"
                  "a\xe3\x80\x80",
                  "a", true}, /* white space beyond ASCII */
                 {"1\xe2\x80\x89"
                  "2",
                  "1 2", true},
                 {"a\xe2\x80\x8b", "a", false}, /* U+200B is none */
                 {"\xe9", "\xe9\x9a", false}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_span g = {cases[i].got, strlen(cases[i].got)}, w = {cases[i].want, strlen(cases[i].want)};
        if (pgr_output_equal_lines(g, w) != cases[i].same) fail_msg("\"%s\" and \"%s\"", cases[i].got, cases[i].want);
        if (pgr_output_equal_lines(w, g) != cases[i].same) fail_msg("\"%s\" and \"%s\"", cases[i].want, cases[i].got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_and_numbers_compare_as_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
