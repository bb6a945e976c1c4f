/* test_judge.c - what is read out of a judge's answers, and what two answers about a pair make of its scores. */
#include "test.h"

#include "base/size.h"
#include "pref/judge.h"

static int read_text(enum pgr_judge_mode m, const char *s) { return pgr_judge_read(m, s, strlen(s)); }

static void verdicts_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int compare, grade;
    } cases[] = {
        {"Verdict: A", 'A', 0},
        {"First wins.\n**Verdict:** B.", 'B', 0},
        {"verdict - a\nVerdict: B", 'B', 0},
        {"A is worse than B", 0, 0},
        {" B. ", 'B', 0},
        {"Verdict: AB", 0, 0},
        {"Verdict:", 0, 0},
        {"", 0, 0},
        {"Good.\nVerdict: 7", 0, 7},
        {"Verdict: 10/10", 0, 10},
        {"Verdict: 11", 0, 0},
        {"Verdict: 0", 0, 0},
        {"8", 0, 8},
        {"There are 3 mistakes", 0, 0},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        int a = read_text(PGR_JUDGE_COMPARE, cases[i].text), g = read_text(PGR_JUDGE_GRADE, cases[i].text);
        if (a != cases[i].compare || g != cases[i].grade)
            fail_msg("\"%s\": compared %d, graded %d", cases[i].text, a, g);
    }
}

/* A generator that answers from a list, the last question first. */
struct script {
    const char *const *answer;
    size_t open[16], n_open, n_refuse;
    char asked[16][256];
};

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct script *s = ctx;
    snprintf(s->asked[q->tag], sizeof s->asked[0], "%s", q->user);
    *fits = s->answer[q->tag] != NULL;
    if (*fits) s->open[s->n_open++] = q->tag;
    return PGR_OK;
}

static pgr_err wait_one(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct script *s = ctx;
    size_t tag = s->open[--s->n_open];
    const char *t = s->answer[tag];
    struct pgr_od_answer a = {.tag = tag, .text = t, .n_bytes = strlen(t), .refused = strcmp(t, "refused") == 0};
    return fn(fn_ctx, &a);
}

static struct pgr_judge_prompts prompts = {"v", "system", "{problem}|{first}|{second}", "{problem}|{reasoning}"};

static void two_answers_make_a_winner_or_a_tie(void **state) {
    (void)state;
    struct pgr_contest item[4] = {{0}};
    static char good[] = "good", bad[] = "bad", problem[] = "p";
    for (size_t i = 0; i < 4; i++)
        item[i] = (struct pgr_contest){
            .id = problem, .prompt = problem, .side = {{good}, {bad}}, .n_style = 1, .problem = (uint32_t)i};
    struct pgr_contests c = {.item = item, .n = 4, .n_problem = 4, .n_pair = 4};
    /* won; the first place twice; lost; one answer says nothing and the last question is too long */
    static const char *const answer[] = {"Verdict: A", "Verdict: B", "Verdict: A", "Verdict: A",
                                         "Verdict: B", "Verdict: A", "refused",    NULL};
    struct script s = {.answer = answer};
    struct pgr_od_generator g = {.ctx = &s, .name = "script", .add = add, .wait = wait_one};
    const struct pgr_judge_cfg cfg = {.mode = PGR_JUDGE_COMPARE, .prompts = &prompts, .n_open = 3};
    struct pgr_judge_tally t;
    float score[8];
    assert_ok(pgr_judge(&cfg, &g, &c, score, &t));
    static const float want[8] = {1, 0, 0, 0, 0, 1, 0, 0};
    for (size_t i = 0; i < 8; i++) assert_true(score[i] == want[i]);
    assert_string_equal(s.asked[0], "p|good|bad");
    assert_string_equal(s.asked[1], "p|bad|good");
    assert_int_equal(t.n_asked, 7);
    assert_int_equal(t.n_unread, 2);
    assert_int_equal(t.n_too_long, 1);
    assert_int_equal(t.n_pair, 4);
    assert_int_equal(t.n_place, 1);
}

static void grades_are_scores(void **state) {
    (void)state;
    static char a[] = "a", b[] = "b", x[] = "c", d[] = "d", e[] = "e", f[] = "f", problem[] = "p";
    struct pgr_contest item = {
        .id = problem, .prompt = problem, .side = {{a, b, x}, {d, e, f}}, .n_style = PGR_CONTEST_STYLES};
    struct pgr_contests c = {.item = &item, .n = 1, .n_problem = 1, .n_pair = 9};
    static const char *const answer[] = {"Verdict: 9", "Verdict: 10", "no idea", "Verdict: 1", "Verdict: 3", "4"};
    struct script s = {.answer = answer};
    struct pgr_od_generator g = {.ctx = &s, .name = "script", .add = add, .wait = wait_one};
    struct pgr_judge_cfg cfg = {.mode = PGR_JUDGE_GRADE, .prompts = &prompts, .n_open = 100};
    struct pgr_judge_tally t;
    float score[6];
    assert_ok(pgr_judge(&cfg, &g, &c, score, &t));
    static const float want[6] = {9, 10, 0, 1, 3, 4};
    for (size_t i = 0; i < 6; i++) assert_true(score[i] == want[i]);
    assert_string_equal(s.asked[4], "p|e");
    cfg.mode = PGR_JUDGE_COMPARE;
    assert_int_equal(pgr_judge(&cfg, &g, &c, score, &t), PGR_E_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_read),
        cmocka_unit_test(two_answers_make_a_winner_or_a_tie),
        cmocka_unit_test(grades_are_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
