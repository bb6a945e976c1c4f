/* test_lcbrb_math.c - pairs from problems with a final answer: which samples are on which side, how the model and the
 * judge are asked, and going on from the journal. */
#include "file_test.h"

#include "base/json.h"
#include "pref/lcbrb_build.h"

enum { N_SAMPLE = 8, N_ASK = 64 };

/* The answers to each problem; reasonings differ in words of like length. */
static const struct {
    const char *answer;
    enum pgr_lcbrb_state state;
} said[N_SAMPLE] = {
    {"0.75", PGR_LCBRB_PASSED},
    {"\\boxed{\\frac{2}{3}}", PGR_LCBRB_FAILED},
    {"x = \\frac{3}{4}", PGR_LCBRB_PASSED},
    {"\\sum_{k=1}^{n} k", PGR_LCBRB_UNDECIDED},
    {"three quarters of it,\nwhich is rather more than half", PGR_LCBRB_FORMLESS},
    {"", PGR_LCBRB_FORMLESS},
    {"0.7", PGR_LCBRB_FAILED},
    {"3/4", PGR_LCBRB_ECHO},
};

struct script {
    struct pgr_od_question open[N_ASK];
    size_t n, n_solved, n_voted, stop_after;
};

static struct pgr_lcbrb_prompts prompts;

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct script *s = ctx;
    *fits = true;
    if (q->round == 0) {
        assert_string_equal(q->system, prompts.math_system);
        assert_non_null(strstr(q->user, "What is 6/8 of the cake?"));
        assert_non_null(strstr(q->user, "the final answer alone"));
        assert_null(strstr(q->user, "Python"));
    } else {
        assert_string_equal(q->system, prompts.judge_system);
        assert_non_null(strstr(q->user, "This is a problem of mathematics"));
        assert_null(strstr(q->user, "program"));
    }
    for (size_t i = 0; i < q->n_samples; i++) {
        assert_true(s->n < N_ASK);
        s->open[s->n] = *q;
        s->open[s->n++].first_sample += i;
    }
    return PGR_OK;
}

static pgr_err wait_one(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct script *s = ctx;
    char text[1024];
    struct pgr_od_question q = s->open[--s->n];
    size_t i = q.first_sample;
    if (q.round == 0)
        snprintf(text, sizeof text,
                 "<think>\n%s word%zu a%zu b%zu c%zu d%zu e%zu f%zu g%zu h%zu i%zu j%zu\n</think>\n<answer>\n%s\n",
                 said[i].state == PGR_LCBRB_ECHO ? "The largest number that divides both 6 and 8 is 2." : "We", i, i, i,
                 i, i, i, i, i, i, i, i, said[i].answer);
    else
        snprintf(text, sizeof text, "Verdict: yes");
    s->n_solved += q.round == 0;
    s->n_voted += q.round != 0;
    const struct pgr_od_answer a = {.tag = q.tag, .sample = i, .text = text, .n_bytes = strlen(text), .n_tokens = 9};
    return fn(fn_ctx, &a);
}

static bool keep_on(void *ctx, const struct pgr_lcbrb_tally *t) {
    const struct script *s = ctx;
    (void)t;
    return s->stop_after == 0 || s->n_solved + s->n_voted < s->stop_after;
}

static char out[512], journal[600];

static int begin(void **state) {
    if (set_up(state) != 0) return -1;
    snprintf(out, sizeof out, "%s/pairs.jsonl", dir);
    snprintf(journal, sizeof journal, "%s.samples.jsonl", out);
    put("{\"id\":\"m/0\",\"problem\":\"What is 6/8 of the "
        "cake?\",\"answer\":\"\\\\frac{3}{4}\",\"topic\":\"fractions\"}\n");
    assert_ok(pgr_lcbrb_prompts_load(NULL, &prompts));
    return 0;
}

static int end(void **state) {
    pgr_lcbrb_prompts_free(&prompts);
    return tear_down(state);
}

static pgr_err build(struct script *s, size_t n_votes, struct pgr_lcbrb_tally *t) {
    const struct pgr_od_generator g = {s, "scripted", add, wait_one};
    const struct pgr_lcbrb_cfg cfg = {.tasks_path = path,
                                      .out_path = out,
                                      .prompts = &prompts,
                                      .n_samples = N_SAMPLE,
                                      .step = 4,
                                      .n_votes = n_votes,
                                      .n_tries = 4,
                                      .n_open = 12,
                                      .min_words = 10,
                                      .length_band = 1.4,
                                      .max_similarity = 0.95,
                                      .max_problem = 0.5,
                                      .seed = 1,
                                      .tick = keep_on,
                                      .ctx = s};
    return pgr_lcbrb_build(&cfg, &g, &g, NULL, t); /* no program runs, so there is no sandbox */
}

static pgr_err take(void *ctx, const char *where, json_t *o) {
    (void)where;
    return json_array_append(ctx, o) == 0 ? PGR_OK : PGR_E_NOMEM;
}

static json_t *lines_of(const char *file) {
    json_t *all = json_array();
    assert_ok(pgr_jsonl_each(file, take, all));
    return all;
}

static const char *text_of(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    if (!s) fail_msg("no \"%s\"", key);
    return s;
}

static void answers_are_compared_and_what_is_undecided_is_on_no_side(void **state) {
    (void)state;
    struct script s = {.n = 0};
    struct pgr_lcbrb_tally t;
    assert_ok(build(&s, 3, &t));
    assert_int_equal(t.n_sample, N_SAMPLE);
    assert_int_equal(t.state[PGR_LCBRB_PASSED], 2);
    assert_int_equal(t.state[PGR_LCBRB_FAILED], 2);
    assert_int_equal(t.state[PGR_LCBRB_UNDECIDED], 1);
    assert_int_equal(t.state[PGR_LCBRB_FORMLESS], 2); /* blank, and words without a final answer */
    assert_int_equal(t.state[PGR_LCBRB_ECHO], 1);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], 1);
    assert_int_equal(t.n_vote, 9);

    json_t *pairs = lines_of(out);
    const json_t *p = json_array_get(pairs, 0);
    assert_int_equal(json_array_size(pairs), 1);
    assert_string_equal(text_of(p, "prompt"), "What is 6/8 of the cake?");
    assert_string_equal(text_of(p, "answer"), "\\frac{3}{4}");
    assert_string_equal(text_of(p, "topic"), "fractions");
    assert_string_equal(text_of(p, "chosen_verdict"), "accepted");
    assert_string_equal(text_of(p, "rejected_verdict"), "wrong_answer");
    size_t c = (size_t)json_integer_value(json_object_get(p, "chosen_sample"));
    size_t r = (size_t)json_integer_value(json_object_get(p, "rejected_sample"));
    assert_true(c < N_SAMPLE && said[c].state == PGR_LCBRB_PASSED);
    assert_true(r < N_SAMPLE && said[r].state == PGR_LCBRB_FAILED);
    assert_string_equal(text_of(p, "chosen_solution"), said[c].answer);
    assert_string_equal(text_of(p, "rejected_solution"), said[r].answer);
    assert_null(json_object_get(p, "chosen_tests"));
    assert_int_equal(json_integer_value(json_object_get(p, "samples_passed")), 2);
    assert_int_equal(json_integer_value(json_object_get(p, "samples_failed")), 2);
    json_decref(pairs);

    json_t *lines = lines_of(journal);
    size_t n_undecided = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *l = json_array_get(lines, i);
        const char *is = json_string_value(json_object_get(l, "state"));
        if (!is || strcmp(is, "undecided") != 0) continue;
        n_undecided++;
        assert_non_null(strstr(text_of(l, "detail"), "undecided"));
    }
    assert_int_equal(n_undecided, 1);
    json_decref(lines);
}

static void a_stopped_run_ends_with_the_same_pair(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script whole = {.n = 0};
    assert_ok(build(&whole, 3, &t));
    json_t *want = lines_of(out);
    assert_int_equal(remove(journal), 0);
    pgr_err err = PGR_E_INTERRUPTED;
    size_t n_run = 0;
    for (; err == PGR_E_INTERRUPTED && n_run < 50; n_run++) {
        struct script s = {.stop_after = 3};
        err = build(&s, 3, &t);
    }
    assert_ok(err);
    assert_true(n_run > 3);
    assert_int_equal(t.state[PGR_LCBRB_UNDECIDED], 1);
    json_t *got = lines_of(out);
    assert_true(json_equal(got, want));
    json_decref(got);
    json_decref(want);
    struct script again = {.n = 0};
    assert_ok(build(&again, 3, &t));
    assert_int_equal(again.n_solved + again.n_voted, 0);
    assert_int_equal(t.n_resumed, N_SAMPLE);
}

static void another_answer_of_the_problem_is_refused(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script s = {.n = 0};
    assert_ok(build(&s, 0, &t));
    assert_int_equal(s.n_voted, 0);
    put("{\"id\":\"m/0\",\"problem\":\"What is 6/8 of the cake?\",\"answer\":\"0.7\",\"topic\":\"fractions\"}\n");
    assert_fails_with(build(&s, 0, &t), PGR_E_FORMAT, "the tests or the answer of task m/0 have changed");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(answers_are_compared_and_what_is_undecided_is_on_no_side),
        T(a_stopped_run_ends_with_the_same_pair),
        T(another_answer_of_the_problem_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
