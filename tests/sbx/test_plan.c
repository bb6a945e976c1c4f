/* test_plan.c - tests in Python that are read without Python: which are, what they become, and Python's equality. */
#include "test.h"

#include "base/buf.h"
#include "base/size.h"
#include "sbx/literal.h"
#include "sbx/plan.h"
#include "sbx/wire.h"

static struct pgr_plan *plan_after(const char *setup, const char *test, const char *entry) {
    struct pgr_span t = {test, strlen(test)}, e = {entry, strlen(entry)};
    return pgr_plan_new(&t, sizeof t, 1, e, (struct pgr_span){setup, strlen(setup)});
}

static struct pgr_plan *plan_of(const char *test, const char *entry) { return plan_after("", test, entry); }

static void literals_become_the_values_that_python_makes_of_them(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"None", "N"},
        {"True", "T"},
        {"-5", "i-5;"},
        {"- -5", "i5;"},
        {"-2**2", "i-4;"},
        {"2**3**2", "i512;"},
        {"0**0", "i1;"},
        {"3 * 19 * 19", "i1083;"},
        {"7 // -2", "i-4;"},
        {"-7 % 3", "i2;"},
        {"1 + 2 - 3*4", "i-9;"},
        {"6.0 / 5.0", "r3ff3333333333333"},
        {"3 / 2", "r3ff8000000000000"},
        {"1e3", "r408f400000000000"},
        {".5", "r3fe0000000000000"},
        {"-0.0", "r8000000000000000"},
        {"12345678901234567890123", "x29d42b64e76714244cb;"},
        {"'a' 'b'", "s2:ab"},
        {"'a' + \"b\" + 'c'", "s3:abc"},
        {"'\\n\\x41\\u00e9\\101\\\\'", "s6:\nA\xc3\xa9"
                                       "A\\"},
        {"'''a\n'b''' ", "s4:a\n'b"},
        {"()", "t0:"},
        {"(1)", "i1;"},
        {"(1,)", "t1:i1;"},
        {"('a')", "s1:a"},
        {"(2 + 3) * 4", "i20;"},
        {"[1, [2.0,\n # comment\n 'x',], ]", "l2:i1;l2:r4000000000000000s1:x"},
        {"{}", "d0:"},
        {"{1, 2}", "u2:i1;i2;"},
        {"{'a': [1], 'b': None}", "d2:s1:al1:i1;s1:bN"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_source s = {.p = cases[i][0], .end = cases[i][0] + strlen(cases[i][0])};
        struct pgr_buf b = PGR_BUF_INIT;
        if (!pgr_literal(&s, &b) || s.p != s.end) fail_msg("%s is not read", cases[i][0]);
        assert_string_equal(pgr_buf_str(&b), cases[i][1]);
        pgr_buf_free(&b);
    }
}

static void literals_with_a_doubt_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "x",
        "1_000",
        "0x10",
        "012",
        "1j",
        "1.5.2",
        "1e",
        "b'a'",
        "r'a'",
        "f'a'",
        "'\\N{DOT}'",
        "'\\d'",
        "'\\ud800'",
        "'a",
        "'a\nb'",
        "'''a'",
        "[1",
        "[1 2]",
        "[1, , 2]",
        "[,]",
        "{1: }",
        "{1: 2, 3}",
        "{1, 2: 3}",
        "{1: 2, 1: 3}",
        "{1, 1}",
        "{1: 2, True: 3}",
        "{1.0: 2}",
        "{[1]: 2}",
        "[x for x in [1]]",
        "[*[1]]",
        "1 / 0",
        "1 // 0",
        "2**-1",
        "2**0.5",
        "2.0 // 1",
        "'a' * 2",
        "[1] + [2]",
        "1e999 - 1e999",
        "2**63",
        "-True",
        "1 +",
        "-12345678901234567890",
        "not 1",
        "lambda: 1",
        "'a' + 1",
        "1 + 'a'",
        "9007199254740993 / 3",
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_source s = {.p = cases[i], .end = cases[i] + strlen(cases[i])};
        struct pgr_buf b = PGR_BUF_INIT;
        if (pgr_literal(&s, &b) && s.p == s.end) fail_msg("%s became %s", cases[i], pgr_buf_str(&b));
        pgr_buf_free(&b);
    }
}

static void simple_tests_have_a_plan(void **state) {
    (void)state;
    static const struct {
        const char *test, *entry, *callee, *calls;
    } cases[] = {
        {"assert f(1) == 2", "f", "f", "t1:i1;d0:"},
        {"assert f() is None, 'no'  # why", "f", "f", "t0:d0:"},
        {"assert f('a', k=[1]) == 2\nassert not f(1)\n", "f", "f", "t1:s1:ad1:s1:kl1:i1;t1:i1;d0:"},
        {"assert Solution().f(nums = [3],\n    k = 2) == 4", "Solution().f", "Solution().f",
         "t0:d2:s4:numsl1:i3;s1:ki2;"},
        {"METADATA = {'a': 1}\n\n\ndef check(candidate):\n    # text\n    assert candidate(1) == 2, \"m\" + "
         "str(candidate(1))\n"
         "    assert abs(candidate(2.0) - 0.5) < 1e-6\n\n    assert True\n",
         "f", "f", "t1:i1;d0:t1:r4000000000000000d0:"},
        {"\ndef check(candidate):\n    assert candidate(1)\n\ncheck(f)\n", "f", "f", "t1:i1;d0:"},
        {"def check(candidate):\n    print\n    assert (candidate(1)\n == 2), 'm'\n", "f", "f", "t1:i1;d0:"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_plan *p = plan_of(cases[i].test, cases[i].entry);
        if (!p) fail_msg("no plan: %s", cases[i].test);
        assert_string_equal(pgr_buf_str(&p->callee), cases[i].callee);
        assert_string_equal(pgr_buf_str(&p->calls), cases[i].calls);
        pgr_plan_free(p);
    }
}

static void a_setups_abs_matters_only_where_a_test_uses_one(void **state) {
    (void)state;
    struct pgr_plan *p = plan_after("def abs(x): return 0.0", "assert f(1) == 2", "f");
    assert_non_null(p);
    pgr_plan_free(p);
}

static void other_tests_have_none(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "assert True",
        "assert g(1) == 2",
        "assert f(1) == f(2)",
        "assert abs(f(1) - 1 - 2) < 1e-6",
        "assert abs(f(1) - 1 + 2) < 1e-6",
        "def check(abs):\n    assert abs(abs(1) - 5) < 1.0\ncheck(f)",
        "assert f(x) == 2",
        "assert f(1) != 2",
        "assert f(1) == 2 == 2",
        "assert f(1) == 2 and False",
        "assert f(1) == 2 if f else 3",
        "assert (f(1) == 2, 'always true')",
        "assert not f(1) == 2",
        "assert (f(1)) == 2",
        "assert ((f(1) == 2))",
        "assert (f(1) == 2) and f",
        "assert (f(1) == 2).x",
        "def check(candidate):\n    print('x')\n    assert candidate(1) == 2",
        "assert f(1) + 1 == 2",
        "assert f(1)[0] == 2",
        "assert f(1).x == 2",
        "assert f(*[1]) == 2",
        "assert f(k=1, k=2) == 2",
        "assert f(k=1, 2) == 2",
        "assert f({1, 2}) == 2",
        "assert f(1) == 2; f = None",
        "assert f._f(1) == 2",
        "assert f(1) == 2\nassert f.g(1) == 2",
        "assert f(1) == nan",
        "assert True == f(1)",
        "if 1:\n    assert f(1) == 2",
        "for i in [1]:\n    assert f(1) == 2",
        "import f\nassert f(1) == 2",
        "f = 1\nassert f(1) == 2",
        "def f(x):\n    return 2\nassert f(1) == 2",
        "def check(candidate):\n    pass\nassert f(1) == 2",
        "def check(candidate):\n    assert candidate(1) == 2\ncheck(lambda x: 2)",
        "def check(candidate):\n    assert candidate(1) == 2\ncheck(f)\ncheck(f)",
        "def check(candidate):\n    assert candidate(1) == 2\n        assert candidate(1) == 2",
        "def check(candidate):\n\tassert candidate(1) == 2",
        "def check(candidate):\n    return\n    assert candidate(1) == 2",
        "def check(candidate):\nassert f(1) == 2",
        "def check(candidate, n=1):\n    assert candidate(1) == 2",
        "def check(f2):\n    assert candidate(1) == 2",
        "def test_f():\n    assert f(1) == 2",
        "class T:\n    assert f(1) == 2",
        "assert f(1) == 2\r\nassert f(1) == 3",
        "  assert f(1) == 2",
        "assert f(1) == 2, ('m'",
        "assert f(1) == 2 \\\n",
        "assert f('\xff') == 2",
        "assert f(1) == '\xe2\x82'",
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_plan *p = plan_of(cases[i], "f");
        if (p) fail_msg("a plan: %s", cases[i]);
    }
    assert_null(plan_of("assert check(1) == 2", "check"));
    assert_null(plan_of("assert f(1) == 2", ""));
    assert_null(plan_of("assert f(1) == 2", "f[0]"));
    assert_null(plan_after("def abs(x): return 0.0", "assert abs(f(1) - 1) < 1e-6", "f"));
}

static enum pgr_same holds(const char *assertion, const char *result) {
    struct pgr_plan *p = plan_of(assertion, "f");
    assert_non_null(p);
    enum pgr_same s = pgr_plan_holds(p, &p->check[0], (struct pgr_span){result, strlen(result)});
    pgr_plan_free(p);
    return s;
}

static void results_are_compared_by_pythons_rules(void **state) {
    (void)state;
    static const struct {
        const char *assertion, *result;
        enum pgr_same same;
    } cases[] = {
        {"assert f() == 1", "i1;", PGR_SAME},
        {"assert f() == 1", "T", PGR_SAME},
        {"assert f() == 1", "r3ff0000000000000", PGR_SAME},
        {"assert f() == 1", "s1:1", PGR_DIFFERENT},
        {"assert f() == 0", "r8000000000000000", PGR_SAME},
        {"assert f() == 0.0", "F", PGR_SAME},
        {"assert f() == 0", "N", PGR_DIFFERENT},
        {"assert f() == 2.5", "i2;", PGR_DIFFERENT},
        {"assert f() == 1", "r7ff8000000000000", PGR_DIFFERENT},
        {"assert f() == 1", "r7ff0000000000000", PGR_DIFFERENT},
        {"assert f() == 9007199254740993", "r4340000000000000", PGR_DIFFERENT}, /* 2^53 */
        {"assert f() == 9007199254740992", "r4340000000000000", PGR_SAME},
        {"assert f() == 9007199254740994", "r4340000000000001", PGR_SAME},
        {"assert f() == 1", "c3ff00000000000000000000000000000", PGR_UNSURE},
        {"assert f() == 18446744073709551616", "x10000000000000000;", PGR_SAME},
        {"assert f() == 18446744073709551616", "r43f0000000000000", PGR_UNSURE},
        {"assert f() == 18446744073709551616", "i5;", PGR_DIFFERENT},
        {"assert f() == [1, 2]", "l2:i1;i2;", PGR_SAME},
        {"assert f() == [1, 2]", "l2:Tr4000000000000000", PGR_SAME},
        {"assert f() == [1, 2]", "t2:i1;i2;", PGR_DIFFERENT},
        {"assert f() == [1, 2]", "l1:i1;", PGR_DIFFERENT},
        {"assert f() == [1, 2]", "l2:i1;i3;", PGR_DIFFERENT},
        {"assert f() == [1, 2]", "l2:o3:xyzi2;", PGR_UNSURE},
        {"assert f() == [1, 2]", "l2:i0;o3:xyz", PGR_DIFFERENT},
        {"assert f() == [1, 2]", "o3:xyz", PGR_UNSURE},
        {"assert f() == None", "o3:xyz", PGR_UNSURE},
        {"assert f() == {1, 2}", "u2:i2;i1;", PGR_SAME},
        {"assert f() == {1, 2}", "z2:i2;i1;", PGR_UNSURE},
        {"assert f() == {1, 2}", "u2:i2;i3;", PGR_UNSURE},
        {"assert f() == {1, 2}", "u1:i2;", PGR_DIFFERENT},
        {"assert f() == {'a': 1, 'b': 2}", "d2:s1:bi2;s1:ai1;", PGR_SAME},
        {"assert f() == {'a': 1, 'b': 2}", "d2:s1:bi2;s1:aT", PGR_UNSURE},
        {"assert f() == {'a': 1}", "d0:", PGR_DIFFERENT},
        {"assert f() == {}", "l0:", PGR_DIFFERENT},
        {"assert f() is True", "T", PGR_SAME},
        {"assert f() is True", "i1;", PGR_DIFFERENT},
        {"assert f() is None", "o3:xyz", PGR_UNSURE},
        {"assert f()", "l0:", PGR_DIFFERENT},
        {"assert f()", "s1:0", PGR_SAME},
        {"assert f()", "i0;", PGR_DIFFERENT},
        {"assert f()", "r8000000000000000", PGR_DIFFERENT},
        {"assert f()", "o3:xyz", PGR_UNSURE},
        {"assert not f()", "N", PGR_SAME},
        {"assert not f()", "i7;", PGR_DIFFERENT},
        {"assert not f()", "o3:xyz", PGR_UNSURE},
        {"assert abs(f() - 0.5) < 1e-6", "r3fe0000000000000", PGR_SAME},
        {"assert abs(f() - 0.5) < 1e-6", "i1;", PGR_DIFFERENT},
        {"assert abs(f() - 0.5) < 1e-6", "r7ff8000000000000", PGR_DIFFERENT},
        {"assert abs(f() - 0.5) < 1e-6", "s1:0", PGR_UNSURE},
        {"assert abs(f() - 1) <= 0.5", "r3fe0000000000000", PGR_SAME},
        {"assert abs(f() - 1) < 0.5", "r3fe0000000000000", PGR_DIFFERENT},
        {"assert abs(f() - -1) < 0.5", "rbff0000000000000", PGR_SAME},
        {"assert abs(f() - 1e-3) < 0.5", "i0;", PGR_SAME},
        {"assert abs(f() - -1) <= 9007199254740992.0", "i9007199254740992;", PGR_UNSURE},
        {"assert f() == -9223372036854775808.0", "i-9223372036854775808;", PGR_SAME},
        {"assert f() == 9223372036854775808.0", "i9223372036854775807;", PGR_DIFFERENT},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++)
        if (holds(cases[i].assertion, cases[i].result) != cases[i].same)
            fail_msg("%s with %s", cases[i].assertion, cases[i].result);
}

static void messages_are_taken_as_a_judge_tells_them(void **state) {
    (void)state;
    static const struct {
        const char *test, *message;
        bool computed;
    } cases[] = {
        {"assert f() == 1", "", false},
        {"assert f() == 1, 'two\\n  words ' # and more", "two words", false},
        {"assert f() == 1, 'a' 'b'", "ab", false},
        {"assert f() == 1, str(f())", "", true},
        {"assert f() == 1, 'a' + str(f(')'))", "", true},
        {"assert f() == 1, 'a', 'b'", "", true},
        {"assert f() == 1, '\xc3\xa9'", "", true},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_plan *p = plan_of(cases[i].test, "f");
        if (!p) fail_msg("no plan: %s", cases[i].test);
        const struct pgr_plan_check *c = &p->check[0];
        assert_int_equal(c->computed_message, cases[i].computed);
        if (!c->computed_message) {
            assert_int_equal(c->n_message, strlen(cases[i].message));
            assert_memory_equal(p->values.data + c->message, cases[i].message, c->n_message);
        }
        pgr_plan_free(p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_become_the_values_that_python_makes_of_them),
        cmocka_unit_test(literals_with_a_doubt_are_refused),
        cmocka_unit_test(simple_tests_have_a_plan),
        cmocka_unit_test(a_setups_abs_matters_only_where_a_test_uses_one),
        cmocka_unit_test(other_tests_have_none),
        cmocka_unit_test(results_are_compared_by_pythons_rules),
        cmocka_unit_test(messages_are_taken_as_a_judge_tells_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
