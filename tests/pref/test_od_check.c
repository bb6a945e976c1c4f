/* test_od_check.c - what may stand in a pair, and what gives itself away. */
#include "test.h"

#include "base/file.h"
#include "pref/od_check.h"
#include "pref/od_prompts.h"

static const char problem[] =
    "Return the largest value of a list of numbers, or None for an empty list. Rewrite nothing.";
static const char original[] =
    "I need the largest number of the list, and the empty list must give None. I check for the empty list first, then "
    "walk "
    "through the numbers once and keep the largest one seen so far. This takes linear time and constant space.";
static const char good[] =
    "The task asks for the greatest element, and None when there is no element. After the check for emptiness a single "
    "pass "
    "is enough, because the best value so far can only be replaced by a greater one. Time is linear.";

static enum pgr_od_reason check_full(const char *text, size_t n, bool cut, const char *against, bool is_rewrite) {
    enum pgr_od_reason r = PGR_OD_N_REASON;
    assert_ok(pgr_od_check(&pgr_od_default_bounds, text, n, cut, problem, against,
                           "Everything it states must be true. Compare each statement with the problem.", is_rewrite,
                           &r, NULL));
    return r;
}

static void expect(const char *text, enum pgr_od_reason want) {
    enum pgr_od_reason got = check_full(text, strlen(text), false, original, true);
    if (got != want) fail_msg("\"%.60s\": %s, want %s", text, pgr_od_reason_name(got), pgr_od_reason_name(want));
}

/* The good text behind, or before, another one. */
static void expect_with(const char *before, const char *after, enum pgr_od_reason want) {
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s", before, good, after);
    expect(text, want);
}

static void a_rewrite_in_other_words_is_good(void **state) {
    (void)state;
    expect(good, PGR_OD_NONE);
    assert_int_equal(check_full(good, strlen(good), false, problem, false), PGR_OD_NONE);
}

static void a_text_that_was_cut_is_refused(void **state) {
    (void)state;
    assert_int_equal(check_full(good, strlen(good), true, original, true), PGR_OD_CUT);
}

static void few_words_are_refused(void **state) {
    (void)state;
    expect("", PGR_OD_SHORT);
    expect("a b c d e f g h i j k l m n o p q r s", PGR_OD_SHORT);
    assert_int_equal(pgr_od_count_words("  one\ttwo\n three "), 3);
    assert_int_equal(pgr_od_count_words(""), 0);
}

static void six_words_of_the_directions_are_an_echo(void **state) {
    (void)state;
    expect_with("**Everything it  states must be** true here. ", "", PGR_OD_INSTRUCTION);
    expect_with("", " I compare each statement with the problem.", PGR_OD_INSTRUCTION);
    expect_with("Everything it states must end. ", "", PGR_OD_NONE);
}

static void lists_need_lists_in_the_original(void **state) {
    (void)state;
    expect_with("", "\n\n1. Walk through the list.\n2. Return the largest.", PGR_OD_FORM);
    expect_with("", "\n# Steps\n", PGR_OD_FORM);
    expect_with("", "\n  - walk\n", PGR_OD_FORM);
    expect_with("", " That costs 2.5 steps - at most - for 1. 3 numbers.", PGR_OD_NONE);
    assert_true(pgr_od_has_lists("12) x"));
    assert_false(pgr_od_has_lists("12)x\n*bold*\n-5 is negative\n3.5 too"));
    char a[1024], b[1024];
    snprintf(a, sizeof a, "%s\n- walk", good);
    snprintf(b, sizeof b, "%s\n- walk", original);
    assert_int_equal(check_full(a, strlen(a), false, b, true), PGR_OD_NONE);
    assert_int_equal(check_full(good, strlen(good), false, b, true), PGR_OD_FORM);
}

static void refusals_are_refused(void **state) {
    (void)state;
    expect_with("I'm sorry, but this is wrong. ", "", PGR_OD_REFUSAL);
    expect_with("  **I\xe2\x80\x99m sorry**. ", "", PGR_OD_REFUSAL);
    expect_with("I cannot do that. ", "", PGR_OD_REFUSAL);
    expect_with("", " As an\nAI  I have no opinion.", PGR_OD_REFUSAL);
    /* The same words in the midst of a reasoning are none. */
    expect_with("", " I cannot sort in place.", PGR_OD_NONE);
    expect_with("", " The maid says so.", PGR_OD_NONE);
}

static void echoes_of_the_instruction_are_refused(void **state) {
    (void)state;
    expect_with("Here is the reasoning: ", "", PGR_OD_INSTRUCTION);
    expect_with("Here's the improved one. ", "", PGR_OD_INSTRUCTION);
    expect_with("Sure! ", "", PGR_OD_INSTRUCTION);
    expect_with("Reasoning: ", "", PGR_OD_INSTRUCTION);
    expect_with("", " This is the Degraded Version.", PGR_OD_INSTRUCTION);
    expect_with("", " The original\nreasoning is better.", PGR_OD_INSTRUCTION);
    expect_with("", " It has a subtle error.", PGR_OD_INSTRUCTION);
    /* "rewrite" is a word of the problem; "surely" is not "sure"; "there is" not "here is". */
    expect_with("", " I rewrite nothing.", PGR_OD_NONE);
    expect_with("Surely ", "", PGR_OD_NONE);
    expect_with("There is one thing. ", "", PGR_OD_NONE);
    expect_with("", " It is written and rewritten.", PGR_OD_INSTRUCTION);
}

static void markup_and_broken_bytes_are_refused(void **state) {
    (void)state;
    expect_with("<think>", "</think>", PGR_OD_MARKUP);
    expect_with("", "<|im_end|>", PGR_OD_MARKUP);
    expect_with("", " \xff", PGR_OD_MARKUP);
    expect_with("", " \x1b[2J", PGR_OD_MARKUP);
    expect_with("", " \xef\xbf\xbd", PGR_OD_MARKUP);
    expect_with("", " a < b and x > y, caf\xc3\xa9", PGR_OD_NONE);
    char nul[512];
    size_t n = (size_t)snprintf(nul, sizeof nul, "%s", good);
    memcpy(nul + n, "\0x", 3);
    assert_int_equal(check_full(nul, n + 2, false, original, true), PGR_OD_MARKUP);
}

static void code_beyond_the_originals_is_refused(void **state) {
    (void)state;
    expect_with("", "\n```python\nmax(x)\n```\n", PGR_OD_CODE);
    expect_with("", "\ndef largest(x):\n", PGR_OD_CODE);
    expect_with("", "\nimport math\n", PGR_OD_CODE);
    expect_with("", "\nfrom math import inf\n", PGR_OD_CODE);
    expect_with("", "\nfrom here I import nothing\n", PGR_OD_NONE);
    expect_with("", "\nimport taxes are not asked for\n", PGR_OD_NONE);
    char with_code[1024], rewrite[1024];
    snprintf(with_code, sizeof with_code, "%s\ndef f(x):\n", original);
    snprintf(rewrite, sizeof rewrite, "%s\ndef g(x):\n", good);
    assert_int_equal(check_full(rewrite, strlen(rewrite), false, with_code, true), PGR_OD_NONE);
    /* A base reasoning has none, whatever the problem shows. */
    assert_int_equal(check_full(rewrite, strlen(rewrite), false, with_code, false), PGR_OD_CODE);
}

static void another_script_is_refused(void **state) {
    (void)state;
    expect(
        "Нужно найти наибольшее число списка, а для пустого списка вернуть ничего. Сначала проверка на пустоту, затем "
        "один проход по всем числам с лучшим значением так далее.",
        PGR_OD_LANGUAGE);
    assert_true(pgr_od_script_distance("abc", "где") == 1.0);
    assert_true(pgr_od_script_distance("ab \xe4\xb8\xad\xe6\x96\x87", "ab") == 0.5);
    assert_true(pgr_od_script_distance("na\xc3\xafve x", "plain") == 0.0);
    assert_true(pgr_od_script_distance("1 + 2 \xe2\x89\xa4 3", "abc") == 0.0); /* no letters */
}

static void another_length_is_refused(void **state) {
    (void)state;
    expect_with("",
                " And then a long tail of words that say nothing new at all but go on and on and on for ever and ever "
                "and once more.",
                PGR_OD_LENGTH);
    /* A base reasoning has no partner. */
    char text[1024];
    snprintf(text, sizeof text, "%s %s", original, good);
    assert_int_equal(check_full(text, strlen(text), false, problem, false), PGR_OD_NONE);
    assert_true(pgr_od_length_fits(1.5, "123456", "1234"));
    assert_true(pgr_od_length_fits(1.5, "1234", "123456"));
    assert_false(pgr_od_length_fits(1.49, "1234", "123456"));
}

static void copies_are_refused(void **state) {
    (void)state;
    expect(original, PGR_OD_COPY);
    char text[1024];
    snprintf(text, sizeof text, "%s", original);
    memcpy(text, "So", 1); /* "I" -> "S": one word of many */
    expect(text, PGR_OD_COPY);
}

static double alike(const char *a, const char *b) {
    double x = -1;
    assert_ok(pgr_od_similarity(a, b, &x));
    return x;
}

static void similarity_is_the_share_of_words_in_order(void **state) {
    (void)state;
    assert_true(alike("", "") == 1.0);
    assert_true(alike("a", "") == 0.0);
    assert_true(alike("The  cat\nsat", "the cat SAT") == 1.0);
    assert_true(alike("a b c d", "a c d e") == 0.75); /* a c d of 4 + 4 */
    assert_true(alike("a b", "b a") == 0.5);
    assert_true(alike("x_1+y", "x_1 + y") == 1.0);
    assert_true(alike("a b c d", "a c d") == alike("a c d", "a b c d"));
}

static void reasons_have_names(void **state) {
    (void)state;
    for (int i = 0; i < PGR_OD_N_REASON; i++) {
        enum pgr_od_reason r = PGR_OD_N_REASON;
        assert_true(pgr_od_reason_find(pgr_od_reason_name((enum pgr_od_reason)i), &r));
        assert_int_equal(r, i);
    }
    enum pgr_od_reason r;
    assert_false(pgr_od_reason_find("nothing", &r));
}

static void prompts_are_filled_and_versioned(void **state) {
    (void)state;
    struct pgr_od_prompts own, folder;
    struct pgr_buf b = PGR_BUF_INIT;
    char dir[256], path[300];
    assert_ok(pgr_od_prompts_load(NULL, &own));
    assert_ok(pgr_od_prompts_load("data/prompts/od", &folder));
    assert_string_equal(own.version, folder.version);
    assert_memory_equal(own.version, "od-", 3);
    pgr_od_prompts_render(&own, 0, "Say {reasoning}!", NULL, &b);
    assert_non_null(strstr(pgr_buf_str(&b), "Say {reasoning}!"));
    assert_null(strstr(pgr_buf_str(&b), "{problem}"));
    for (size_t k = 1; k < PGR_OD_N_SLOT; k++) {
        pgr_buf_clear(&b);
        pgr_od_prompts_render(&own, k, "P", "three small words", &b);
        assert_non_null(strstr(pgr_buf_str(&b), "three small words"));
        assert_non_null(strstr(pgr_buf_str(&b), "about 3 words"));
        assert_non_null(strstr(pgr_buf_str(&b), own.change[k - 1]));
        assert_null(strchr(pgr_buf_str(&b), '{'));
    }
    test_tmpdir(dir);
    assert_fails_with(pgr_od_prompts_load(dir, &folder), PGR_E_NOTFOUND, "version.txt");
    pgr_od_prompts_free(&folder);
    char command[600];
    snprintf(command, sizeof command, "cp data/prompts/od/* %s", dir);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/rewrite.txt", dir);
    assert_ok(pgr_file_write_atomic(path, "say it anew: {reasoning} {change}", 33));
    assert_ok(pgr_od_prompts_load(dir, &folder));
    assert_string_not_equal(own.version, folder.version);
    pgr_od_prompts_free(&folder);
    assert_ok(pgr_file_write_atomic(path, "say it anew: {change}", 21));
    assert_fails_with(pgr_od_prompts_load(dir, &folder), PGR_E_FORMAT, "has no {reasoning}");
    assert_ok(pgr_file_write_atomic(path, " \n", 2));
    assert_fails_with(pgr_od_prompts_load(dir, &folder), PGR_E_FORMAT, "is empty");
    assert_ok(pgr_remove_tree(dir));
    pgr_od_prompts_free(&own);
    pgr_buf_free(&b);
}

static void a_text_of_the_problems_own_words_is_refused(void **state) {
    (void)state;
    double share;
    const char *source = "a b c d e f g h i j";
    assert_ok(pgr_od_share_of("x a b c d e f g h y", source, &share)); /* one run of eight among ten */
    assert_true(share > 0.799 && share < 0.801);
    assert_ok(pgr_od_share_of("a b c d e f g h i j", source, &share)); /* overlapping runs count once */
    assert_true(share > 0.999);
    assert_ok(pgr_od_share_of("a b c d e f g x b c d e f g h y", source, &share)); /* seven and seven */
    assert_true(share < 0.001);
    assert_ok(pgr_od_share_of("A B, C D E F G H", "a b, c d e f g h", &share)); /* the comma is a word */
    assert_true(share > 0.999);
    assert_ok(pgr_od_share_of("", source, &share));
    assert_true(share < 0.001);
    const char *task = "Given a list of numbers and a number k, return how many of the numbers of the list are larger "
                       "than k. The list may hold the same number more than once, and each of them counts.";
    char text[600];
    enum pgr_od_reason r;
    snprintf(text, sizeof text, "I need to do this: %s I compare each one with k.", task);
    assert_ok(pgr_od_check(&pgr_od_default_bounds, text, strlen(text), false, task, task, "", false, &r, NULL));
    assert_int_equal(r, PGR_OD_RESTATED);
    snprintf(text, sizeof text,
             "I need to return how many of the numbers of the list are larger than k. I walk through it, "
             "compare each element with k and add one to a counter when it is greater; duplicates add one each time.");
    assert_ok(pgr_od_check(&pgr_od_default_bounds, text, strlen(text), false, task, task, "", false, &r, NULL));
    assert_int_equal(r, PGR_OD_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rewrite_in_other_words_is_good),
        cmocka_unit_test(a_text_that_was_cut_is_refused),
        cmocka_unit_test(few_words_are_refused),
        cmocka_unit_test(six_words_of_the_directions_are_an_echo),
        cmocka_unit_test(lists_need_lists_in_the_original),
        cmocka_unit_test(refusals_are_refused),
        cmocka_unit_test(echoes_of_the_instruction_are_refused),
        cmocka_unit_test(markup_and_broken_bytes_are_refused),
        cmocka_unit_test(code_beyond_the_originals_is_refused),
        cmocka_unit_test(another_script_is_refused),
        cmocka_unit_test(another_length_is_refused),
        cmocka_unit_test(copies_are_refused),
        cmocka_unit_test(similarity_is_the_share_of_words_in_order),
        cmocka_unit_test(reasons_have_names),
        cmocka_unit_test(prompts_are_filled_and_versioned),
        cmocka_unit_test(a_text_of_the_problems_own_words_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
