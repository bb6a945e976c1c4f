/* test_scorer.c - the reward model's text and scores: as if each text were read alone. */
#include "test.h"

#include <math.h>

#include "reward/rm_text.h"
#include "reward/scorer.h"
#include "train/tiny.h"

static char dir[256], path[300];

static int setup(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(path, sizeof path, "%s/rm", dir);
    tiny_reward_model(path);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static void the_text_is_the_chat_rendering_of_prompt_and_reasoning(void **state) {
    (void)state;
    struct pgr_tok *tok;
    assert_ok(pgr_tok_open(path, &tok));
    struct pgr_ids got = {NULL, 0, 0}, want = {NULL, 0, 0};
    assert_ok(pgr_rm_encode(tok, "Add one.", "n plus \0 one, cut", 12, 4096, &got));
    const char *text = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging "
                       "Face<|im_end|>\n<|im_start|>user\nAdd one.<|im_end|>\n<|im_start|>assistant\nn plus   one"
                       "<|im_end|>\n";
    assert_ok(pgr_tok_encode(tok, text, strlen(text), true, &want));
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.id, want.id, want.n * sizeof *want.id);
    /* Too long: the first tokens go. */
    size_t before = got.n;
    assert_ok(pgr_rm_encode(tok, "Add one.", "n plus   one", 12, 10, &got));
    assert_int_equal(got.n, before + 10);
    assert_memory_equal(got.id + before, want.id + want.n - 10, 10 * sizeof *want.id);
    pgr_ids_free(&got);
    pgr_ids_free(&want);
    pgr_tok_close(tok);
}

/* The score of one text by a forward pass of its own. */
static float alone(const struct pgr_score_item *item) {
    struct pgr_tok *tok;
    struct pgr_model *m;
    struct pgr_work *w;
    struct pgr_ids ids = {NULL, 0, 0};
    const struct pgr_model_opts mo = {.dtype = PGR_F32};
    assert_ok(pgr_tok_open(path, &tok));
    assert_ok(pgr_model_load(path, &mo, &m));
    assert_ok(pgr_rm_encode(tok, item->prompt, item->reasoning, item->n_bytes, 400, &ids));
    const struct pgr_work_opts wo = {.max_tok = ids.n, .max_seg = 1};
    assert_ok(pgr_work_new(m, &wo, &w));
    const size_t start[2] = {0, ids.n};
    const struct pgr_batch b = {ids.n, ids.id, {1, start, NULL}};
    uint32_t last = (uint32_t)ids.n - 1;
    float score;
    assert_ok(pgr_forward(m, w, &b));
    assert_ok(pgr_head_score(m, w, 1, &last, &score));
    pgr_work_free(w);
    pgr_model_free(m);
    pgr_ids_free(&ids);
    pgr_tok_close(tok);
    return score;
}

static void scores_do_not_depend_on_the_company(void **state) {
    (void)state;
    static const char p1[] = "Add one.", p2[] = "Reverse a list, please, in place, and return nothing at all.";
    const struct pgr_score_item items[] = {
        {p1, "n plus one", 10},
        {p1, "", 0},
        {p1, "n plus one is the answer, clearly", 33},
        {p1, "n plus one", 10},
        {p2, "n plus one", 10},
        {p2, "swap ends, move inwards", 23},
        {p1, "\xff\xfe", 2},
    };
    enum { N = sizeof items / sizeof *items };
    /* Passes of every size, down to one text each. */
    static const size_t max_tok[] = {1, 300, 500, 0};
    for (size_t k = 0; k < 4; k++) {
        const struct pgr_scorer_opts o = {.dtype = PGR_F32, .max_len = 400, .max_tok = max_tok[k]};
        struct pgr_scorer *s;
        float score[N];
        assert_ok(pgr_scorer_open(path, &o, &s));
        for (int again = 0; again < 2; again++) {
            assert_ok(pgr_scorer_score(s, N, items, score));
            for (size_t i = 0; i < N; i++) {
                float want = alone(&items[i]);
                if (score[i] != want) fail_msg("text %zu: %.9g, alone %.9g", i, (double)score[i], (double)want);
            }
        }
        assert_true(score[0] == score[3] && score[0] != score[2] && score[0] != score[4]);
        assert_ok(pgr_scorer_score(s, 0, NULL, NULL));
        pgr_scorer_close(s);
    }
}

static void scores_are_bounded_by_a_sigmoid(void **state) {
    (void)state;
    const struct pgr_calibration plain = PGR_CALIBRATION_NONE, other = {2, 3};
    assert_true(pgr_calibrated(&plain, 0) == 0.5f);
    assert_true(pgr_calibrated(&plain, -2000) >= 0 && pgr_calibrated(&plain, 2000) == 1);
    assert_true(fabs((double)pgr_calibrated(&plain, 1) - 1 / (1 + exp(-1.0))) < 1e-7);
    assert_true(fabs((double)pgr_calibrated(&other, 4) - 1 / (1 + exp(-0.5))) < 1e-7);
}

static void the_folder_says_how_scores_become_rewards(void **state) {
    (void)state;
    char file[400];
    const struct pgr_scorer_opts with = {.dtype = PGR_F32}, without = {.dtype = PGR_F32, .uncalibrated = true};
    struct pgr_scorer *s;
    snprintf(file, sizeof file, "%s/reward_calibration.json", path);
    const char *good = "{\"method\":\"spread\",\"temperature\":0.5,\"offset\":-1.5,\"pairs\":20}";
    assert_ok(pgr_file_write_atomic(file, good, strlen(good)));
    assert_ok(pgr_scorer_open(path, &with, &s));
    assert_true(pgr_scorer_calibration(s).temperature == 0.5 && pgr_scorer_calibration(s).offset == -1.5);
    assert_true(fabs((double)pgr_scorer_reward(s, -1) - 1 / (1 + exp(-1.0))) < 1e-7);
    pgr_scorer_close(s);
    assert_ok(pgr_scorer_open(path, &without, &s));
    assert_true(pgr_scorer_reward(s, 0) == 0.5f);
    pgr_scorer_close(s);
    static const struct {
        const char *text, *says;
    } bad[] = {{"{\"temperature\":0,\"offset\":0}", "\"temperature\" is 0"},
               {"{\"temperature\":-1,\"offset\":0}", "\"temperature\" is -1"},
               {"{\"temperature\":1,\"offset\":1e300}", "\"offset\" is 1e+300"},
               {"{\"temperature\":1}", "missing key \"offset\""},
               {"{\"temperature\":\"1\",\"offset\":0}", "\"temperature\" must be a number"},
               {"[]", "must hold an object"},
               {"{", "not valid JSON"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_ok(pgr_file_write_atomic(file, bad[i].text, strlen(bad[i].text)));
        pgr_err err = pgr_scorer_open(path, &with, &s);
        if (err == PGR_OK) fail_msg("accepted %s", bad[i].text);
        if (!strstr(pgr_err_detail(), bad[i].says)) fail_msg("\"%s\" lacks \"%s\"", pgr_err_detail(), bad[i].says);
    }
    assert_int_equal(remove(file), 0);
}

/* Bound of tests/model/model_test.h: each of the roundings to bfloat16 on the way to the last hidden state adds at most
 * 2^-9 of its magnitude by root mean square. On the way lie, for each of the two layers, two norms, the inputs and
 * results of seven products, of attention and of the activation (12 roundings), then the last norm. The score is a
 * product of that state with the head: by Cauchy and Schwarz it is off by at most n_round 2^-9 |h| |w|, where |h| is
 * sqrt(d_model) after a norm whose weights are 1. */
static void bfloat16_scores_agree_with_float32(void **state) {
    (void)state;
    static const char *const text[] = {"n plus one", "swap ends, move inwards", "",
                                       "loop, then add; careful with n = 0"};
    enum { N = sizeof text / sizeof *text };
    float score[2][N];
    struct pgr_model *m;
    const struct pgr_model_opts mo = {.dtype = PGR_F32, .train = true};
    assert_ok(pgr_model_load(path, &mo, &m));
    const struct pgr_param *w = pgr_layout_find(&m->layout, PGR_P_SCORE, SIZE_MAX);
    double w2 = 0;
    for (size_t i = 0; i < w->n; i++) w2 += (double)m->master[w->at + i] * m->master[w->at + i];
    double bound = (2 * 12 + 1) / 512.0 * sqrt((double)m->cfg.d_model) * sqrt(w2), largest = 0, spread = 0;
    pgr_model_free(m);
    for (int k = 0; k < 2; k++) {
        struct pgr_scorer *s;
        struct pgr_score_item item[N];
        const struct pgr_scorer_opts o = {.dtype = k ? PGR_BF16 : PGR_F32};
        for (size_t i = 0; i < N; i++) item[i] = (struct pgr_score_item){"Add one.", text[i], strlen(text[i])};
        assert_ok(pgr_scorer_open(path, &o, &s));
        assert_ok(pgr_scorer_score(s, N, item, score[k]));
        pgr_scorer_close(s);
    }
    for (size_t i = 0; i < N; i++) {
        largest = fmax(largest, fabs((double)score[1][i] - score[0][i]));
        spread = fmax(spread, fabs((double)score[0][i] - score[0][0]));
    }
    if (getenv("PGR_TEST_VERBOSE")) print_message("largest %.4g, bound %.4g, spread %.4g\n", largest, bound, spread);
    if (!(largest <= bound)) fail_msg("bf16 and f32 differ by %.4g, bound %.4g", largest, bound);
    assert_true(largest > 0);
}

static void a_model_without_a_score_head_is_refused(void **state) {
    (void)state;
    char lm[300];
    snprintf(lm, sizeof lm, "%s/lm", dir);
    tiny_policy(lm);
    const struct pgr_scorer_opts o = {.dtype = PGR_F32};
    struct pgr_scorer *s;
    assert_fails_with(pgr_scorer_open(lm, &o, &s), PGR_E_UNSUPPORTED, "no score.weight");
    assert_fails_with(pgr_scorer_open("/nonexistent", &o, &s), PGR_E_NOTFOUND, "/nonexistent");
    const struct pgr_scorer_opts too_long = {.dtype = PGR_F32, .max_len = 513};
    assert_fails_with(pgr_scorer_open(path, &too_long, &s), PGR_E_RANGE, "512 positions");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_chat_rendering_of_prompt_and_reasoning),
        cmocka_unit_test(scores_do_not_depend_on_the_company),
        cmocka_unit_test(scores_are_bounded_by_a_sigmoid),
        cmocka_unit_test(the_folder_says_how_scores_become_rewards),
        cmocka_unit_test(bfloat16_scores_agree_with_float32),
        cmocka_unit_test(a_model_without_a_score_head_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
