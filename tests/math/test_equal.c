/* test_equal.c - pairs of answers and their verdicts. Equal ones are equal by algebra, different ones differ by it;
 * what cannot be decided says so. */
#include "test.h"

#include "math/math.h"

struct pair {
    const char *gold, *given;
    pgr_math_verdict want;
};
#define E PGR_MATH_EQUAL
#define D PGR_MATH_DIFFERENT
#define U PGR_MATH_UNDECIDED

static void check(const struct pair *p, size_t n, const struct pgr_math_rules *rules) {
    for (size_t i = 0; i < n; i++) {
        struct pgr_math_result r;
        assert_ok(pgr_math_equal(p[i].gold, strlen(p[i].gold), p[i].given, strlen(p[i].given), rules, &r));
        if (r.verdict != p[i].want)
            fail_msg("\"%s\" and \"%s\": got %s (%s), want %s", p[i].gold, p[i].given, pgr_math_verdict_name(r.verdict),
                     r.reason, pgr_math_verdict_name(p[i].want));
        assert_true(r.reason[0] != 0);
    }
}
#define CHECK(list) check(list, sizeof(list) / sizeof *(list), NULL)

static void numbers_compare_exactly(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"\\frac{14}{3}", "4\\frac{2}{3}", E},
        {"\\frac{14}{3}", "14/3", E},
        {"1\\frac{4}{5}", "9/5", E},
        {"137 \\frac{1}{2}", "137.5", E},
        {"1 4/5", "1.8", E},
        {"\\frac43", "1.\\overline{3}", E},
        {"0.1\\overline{6}", "1/6", E},
        {"-1./3", "-\\frac13", E},
        {"-\\frac{3}{8}", "\\frac{-3}{8}", E},
        {"0.5", ".5", E},
        {".35625", "0.35625", E},
        {"4.5e33", "4.5 \\times 10^{33}", E},
        {"10^{-5}", "1e-5", E},
        {"\\frac{1}{2}", "2", D},
        {"3", "-3", D},
        {"123456", "123457", D},
        {"340282366920938463463374607431768211457", "340282366920938463463374607431768211456", D},
        {"2^{128}", "340282366920938463463374607431768211456", E},
        {"2\\cdot 3!", "12", E},
        {"\\binom{10}{3}", "120", E},
        {"\\frac{(2^{64}+1)(2^{64}-1)}{2^{128}-1}", "1", E},
        {"12", "twelve", E},
        {"3:1", "6:2", E},
        {"3:1", "1:3", D},
        {"8.24", "\\approx 8.24", E},
        {"5", "= 5", E},
        {"\\lfloor 7/2 \\rfloor", "3", E},
        {"\\lceil -7/2 \\rceil", "-3", E},
        {"\\gcd(12,18)", "6", E},
    };
    CHECK(list);
}

static void decimals_have_a_tolerance(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"\\frac{14}{3}", "4.6667", E}, {"\\frac{14}{3}", "4.66", D}, {"70 \\sqrt{2}", "98.99494936611666", E},
        {"3.83e35", "3.8301e35", E},    {"3.83e35", "3.9e35", D},     {"0", "0.00001", D},
        {"1.77e-6", "1.78e-6", D},
    };
    CHECK(list);
}

static void thousands_money_percent_and_units(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"10,\\!080", "10080", E},
        {"10,\\!080", "10,080", E},
        {"58,500", "58500", E},
        {"10{,}080", "10080", E},
        {"11,\\! 111,\\! 111,\\! 100", "11111111100", E},
        {"\\$32,\\!348", "32348", E},
        {"\\$18.90", "18.9", E},
        {"18.90", "\\$18.90", E},
        {"50%", "0.5", E},
        {"50", "50\\%", E},
        {"0.5", "50\\%", E},
        {"5", "500", D},
        {"90^\\circ", "90", E},
        {"90^\\circ", "\\frac{\\pi}{2}", E},
        {"90^\\circ", "90 degrees", E},
        {"\\frac{270}7\\text{ degrees}", "\\frac{270}{7}", E},
        {"90^\\circ", "91^\\circ", D},
        {"864 \\mbox{ inches}^2", "864", E},
        {"864 \\mbox{ inches}^2", "864\\text{ square inches}", E},
        {"5.4 \\text{ cents}", "5.4", E},
        {"9.6", "9.6 \\mathrm{~m}", E},
        {"9.6", "9.6 m", E},
        {"9.6", "9.6 m/s^2", E},
        {"9.6", "9.6\\text{ m/s}^2", E},
        {"5 \\text{ m}", "500 cm", E},
        {"5 \\text{ m}", "5 cm", D},
        {"5 \\text{ apples}", "5 \\text{ pears}", U},
        {"10 \\text{ minutes}", "10 min", E},
        {"3.83e35", "3.83\\times 10^{35} \\text{ erg/s}", E},
        {"7", "8\\text{ cm}", D},
    };
    CHECK(list);
}

static void number_bases(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"52_8", "52_{8}", E}, {"52_8", "42", E}, {"52_8", "52", U},         {"52_8", "52_{10}", D},
        {"52_8", "53_8", D},   {"52_8", "51", D}, {"4210_{5}", "4210_5", E},
    };
    CHECK(list);
}

static void constants_compare_by_value(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"3\\sqrt{13}", "\\sqrt{117}", E},
        {"3\\sqrt{13}", "\\sqrt{118}", D},
        {"11\\sqrt2", "11\\sqrt{2}", E},
        {"\\sqrt{3+2\\sqrt{2}}", "1+\\sqrt{2}", E},
        {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}", E},
        {"\\sqrt{16}", "4", E},
        {"\\sqrt[3]{-8}", "-2", E},
        {"\\sin(30^\\circ)", "1/2", E},
        {"\\cos \\frac{\\pi}{3}", "0.5", E},
        {"\\log_2 8", "3", E},
        {"e^{\\ln 5}", "5", E},
        {"6 - 5i", "-5i+6", E},
        {"\\sqrt{-4}", "2i", E},
        {"e^{i\\pi}", "-1", E},
        {"\\ln 2 + i\\pi / 3", "\\frac{i \\pi}{3} + \\ln(2)", E},
        {"np.arcsin(10/13)", "\\arcsin(10/13)", E},
        {"\\sin^{-1}(10/13)", "\\arcsin(10/13)", E},
        {"\\pi", "22/7", D},
        {"\\pi", "355/113", D},
        {"\\pi", "3.14159", E},
        {"288 \\pi", "288π", E},
        {"\\tan\\frac{\\pi}{4}", "1", E},
        {"\\ln 2", "\\ln 3", D},
        {"2^{100000}", "2^{100001}", D},
        {"9^{9^{9^9}}", "9^{9^{9^9}}+1", U},
        {"\\log 100", "\\ln 100", U},
    };
    CHECK(list);
}

static void expressions_compare_as_functions(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"p - q", "-q+p", E},
        {"p - q", "q-p", D},
        {"x^5 - x^4 + x^3 - x^2 + x - 1", "(x-1)(x^4+x^2+1)", E},
        {"(a+5)(b+2)", "ab+2a+5b+10", E},
        {"x^3+3x-6", "x^3 + 3x - 5", D},
        {"\\frac{x+2}{7}", "\\frac{x}{7}+\\frac{2}{7}", E},
        {"\\frac{x^2-1}{x-1}", "x+1", E},
        {"\\cot x", "\\frac{\\cos x}{\\sin x}", E},
        {"\\cos^{2} x + \\sin^2 x", "1", E},
        {"|x-3|", "|3-x|", E},
        {"\\sqrt{x^2}", "x", U},
        {"100 p^{\\frac{1}{2}}", "100\\sqrt{p}", E},
        {"\\frac{e^{2 i t}}{(2+2 i)}", "\\frac{(1-i)e^{2it}}{4}", E},
        {"e^{-t}", "e^{t}", D},
        {"\\frac{1}{2a}(\\exp{a*t} - \\exp{-a*t})", "\\frac{\\sinh(at)}{a}", E},
        {"I(0)", "0", D},
        {"I(0) e^{-t}", "I(0) e^{t}", D},
        {"f(2)", "2f", U},
        {"1/2x", "\\frac{x}{2}", U},
        {"1/2 x", "\\frac{x}{2}", E},
        {"4/3\\pi r^3", "\\frac{4\\pi r^3}{3}", E},
        {"a/2\\sqrt{2}", "\\frac{a}{\\sqrt{2}}", U},
        {"a/bc", "a/bc+0", E},
        {"\\frac{1}{2x}", "1/2x", U},
        {"\\sqrt{4 \\pi G \\rho_{0} r_{0}^{2}}", "2 r_0\\sqrt{\\pi G \\rho_0}", U},
        {"\\lambda_{\\text {red}} / \\sqrt{2}", "\\frac{\\lambda_{red}}{\\sqrt2}", E},
        {"x_1", "x_2", D},
        {"x", "X", D},
    };
    CHECK(list);
}

static void equations_and_inequalities(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"x=5", "5", E},
        {"5", "x = 5", E},
        {"y = 2x + 3", "2x+3", E},
        {"y = 2x + 3", "y - 2x = 3", E},
        {"y = 2x + 3", "3 + 2x = y", E},
        {"5x - 7y + 11z + 4 = 0", "10x-14y+22z+8=0", E},
        {"5x - 7y + 11z + 4 = 0", "5x-7y+11z-4=0", D},
        {"x^2+y^2=25", "x^2+y^2=24", D},
        {"MR=SRMC", "SRMC = MR", E},
        {"MR=SRMC", "MR=MC", D},
        {"\\frac{d x}{d t}=k x-a", "a = kx - \\frac{dx}{dt}", E},
        {"\\frac{d x}{d t}=k x-a", "\\frac{dx}{dt} = kx + a", D},
        {"y^{\\prime}+r y-r x(t)=0", "y' + ry - rx(t) = 0", E},
        {"y=-2x", "y=2x", D},
        {"x = \\frac{y}{z}", "xz = y", E},
        {"2x < 6y", "x < 3y", E},
        {"2x < 6y", "x > 3y", D},
    };
    CHECK(list);
}

static void lists_sets_tuples_and_matrices(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"1,-2", "-2, 1", E},
        {"1,-2", "\\{1,-2\\}", E},
        {"1,-2", "x=1 \\text{ or } x=-2", E},
        {"1,-2", "1,2", D},
        {"1,-2", "1", D},
        {"1 \\pm \\sqrt{19}", "1+\\sqrt{19}, 1-\\sqrt{19}", E},
        {"1 \\pm \\sqrt{19}", "1+\\sqrt{19}", D},
        {"\\{1\\pm\\sqrt{5},-2\\}", "-2, 1+\\sqrt5, 1-\\sqrt5", E},
        {"\\left( 3, \\frac{\\pi}{2} \\right)", "(3, \\pi/2)", E},
        {"(-2,1)", "(1,-2)", D},
        {"(-2,1)", "-2, 1", E},
        {"1,234", "1, 234", E},
        {"58,500", "500, 58", U},
        {"(1,234)", "1234", U},
        {"(1,234)", "(1, 234)", E},
        {"\\frac{3}{5}, \\frac{8}{3}", "0.6, 8/3", E},
        {"\\begin{pmatrix} -1/3 \\\\ 2/3 \\\\ 5/3 \\end{pmatrix}", "(-1/3, 2/3, 5/3)", E},
        {"\\begin{pmatrix} -1 & 0 \\\\ 0 & -1 \\end{pmatrix}", "\\begin{bmatrix}-1&0\\\\0&-1\\\\\\end{bmatrix}", E},
        {"\\begin{pmatrix} -1 & 0 \\\\ 0 & -1 \\end{pmatrix}", "\\begin{pmatrix}1&0\\\\0&-1\\end{pmatrix}", D},
        {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\begin{pmatrix} 1 & 2 \\end{pmatrix}", U},
        {"(1,2)", "\\{1,2\\}", U},
    };
    CHECK(list);
}

static void intervals_and_real_sets(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"(3,4]", "[3,4]", D},
        {"(3,4)", "[3,4]", U},
        {"(3,4]", "3 < x \\le 4", E},
        {"(2,\\infty)", "x>2", E},
        {"(2,\\infty)", "2 < x", E},
        {"(2,\\infty)", "x \\ge 2", D},
        {"(0,9) \\cup (9,36)", "(0,36) \\setminus \\{9\\}", E},
        {"(0,9) \\cup (9,36)", "(9,36)\\cup(0,9)", E},
        {"(-\\infty, 2) \\cup (3, \\infty)", "x < 2 or x > 3", E},
        {"(-\\infty, 2) \\cup (3, \\infty)", "x < 2 or x \\ge 3", D},
        {"x \\in [-2,7]", "[-2,7]", E},
        {"x \\in [-2,7]", "-2 \\leq x \\leq 7", E},
        {"(-\\infty,2)\\cup(2,\\infty)", "x \\ne 2", E},
        {"(-\\infty,2)\\cup(2,\\infty)", "\\mathbb{R} \\setminus \\{2\\}", E},
        {"(1,2] \\cup [2,3)", "(1,3)", E},
        {"\\emptyset", "\\varnothing", E},
    };
    CHECK(list);
}

static void words(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"\\text{Evelyn}", "Evelyn", E}, {"\\text{Evelyn}", "Angela", D},
        {"\\text{(C)}", "C", E},         {"\\text{(C)}", "(C)", E},
        {"\\text{(C)}", "B", D},         {"\\text{east}", "East", E},
        {"\\text{even}", "odd", D},      {"\\text{even}", "even function", U},
        {"\\text{ellipse}", "5", D},     {"5", "\\text{none}", D},
    };
    CHECK(list);
}

static void what_cannot_be_read_is_undecided(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"5", "\\sum_{k=1}^{3} k", U},
        {"5", "(5", U},
        {"5", "5 +", U},
        {"5", "\\frac{5}", U},
        {"\\int_0^1 x dx", "1/2", U},
        {"\\sum_{k=1}^{3} k", "\\sum_{k=1}^{3}k", E},
    };
    CHECK(list);
}

static void qwen_rules_accept_more(void **state) {
    (void)state;
    static const struct pair list[] = {
        {"5", "500", E}, {"123456", "123457", E}, {"0.5", "50", E}, {"5", "50", D}, {"x", "100x", D},
    };
    check(list, sizeof list / sizeof *list, &pgr_math_rules_qwen);
    static const struct pair exact[] = {{"\\frac{14}{3}", "4.6667", D}, {"0.5", "1/2", E}};
    check(exact, sizeof exact / sizeof *exact, &(struct pgr_math_rules){0, false});
}

/* Each must come back, and not claim to be equal. */
static void hostile_answers_end(void **state) {
    (void)state;
    static const char *const parts[] = {
        "(",       "{",     "[",   "\\{",       "-",          "1+",     "2^",          "9^{",     "\\frac{",
        "\\sqrt{", "x!",    "!",   "a/b",       "\\pm",       "1,",     "|",           "\\left(", "\\begin{pmatrix}",
        "\\text{", "\\cup", "sin", "9",         "\\frac{1}{", "(1+x)^", "\\binom{9}{", "x_",      "'",
        "\\sin ",  "1/",    "x ",  "[1,2]\\cup"};
    char big[PGR_MATH_MAX_BYTES + 64];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = 0, k = strlen(parts[i]);
        for (; n + k <= PGR_MATH_MAX_BYTES; n += k) memcpy(big + n, parts[i], k);
        struct pgr_math_result r;
        assert_ok(pgr_math_equal("5", 1, big, n, NULL, &r));
        if (r.verdict == PGR_MATH_EQUAL) fail_msg("many \"%s\" are taken for 5", parts[i]);
        assert_ok(pgr_math_equal(big, n, "x", 1, NULL, &r));
        if (r.verdict == PGR_MATH_EQUAL) fail_msg("many \"%s\" are taken for x", parts[i]);
    }
}

static void a_cut_answer_is_never_equal_by_accident(void **state) {
    (void)state;
    static const char full[] =
        "\\left\\{\\frac{1}{2}+\\sqrt[3]{x_{1}^2}, \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}\\right\\}";
    for (size_t n = 0; n < sizeof full - 1; n++) {
        struct pgr_math_result r;
        char *cut = malloc(n + 1);
        assert_non_null(cut);
        char *end = cut + 1; /* the last n bytes: an over-read is seen */
        memcpy(end, full, n);
        assert_ok(pgr_math_equal(full, sizeof full - 1, end, n, NULL, &r));
        assert_int_not_equal(r.verdict, PGR_MATH_EQUAL);
        free(cut);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_compare_exactly),
        cmocka_unit_test(decimals_have_a_tolerance),
        cmocka_unit_test(thousands_money_percent_and_units),
        cmocka_unit_test(number_bases),
        cmocka_unit_test(constants_compare_by_value),
        cmocka_unit_test(expressions_compare_as_functions),
        cmocka_unit_test(equations_and_inequalities),
        cmocka_unit_test(lists_sets_tuples_and_matrices),
        cmocka_unit_test(intervals_and_real_sets),
        cmocka_unit_test(words),
        cmocka_unit_test(what_cannot_be_read_is_undecided),
        cmocka_unit_test(qwen_rules_accept_more),
        cmocka_unit_test(hostile_answers_end),
        cmocka_unit_test(a_cut_answer_is_never_equal_by_accident),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
