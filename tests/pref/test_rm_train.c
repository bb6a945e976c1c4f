/* test_rm_train.c - a tiny reward model learns pairs, scores the same from its folder, and repeats to the bit. */
#define _GNU_SOURCE
#include "test.h"

#include <math.h>

#include "base/mem.h"
#include "base/size.h"
#include "pref/rm_train.h"
#include "reward/scorer.h"
#include "train/tiny.h"

static char dir[256], base[512], trained[512];

static int set_up(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(base, sizeof base, "%s/base", dir);
    snprintf(trained, sizeof trained, "%s/trained", dir);
    tiny_policy(base);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

/* Good reasoning says "so", bad reasoning says "or", in the middle of letters that mean nothing. */
enum { N_PAIRS = 48 };
static void make_pairs(struct pgr_pairs *p) {
    p->n = N_PAIRS;
    p->pair = pgr_alloc_zero(N_PAIRS, sizeof *p->pair);
    assert_non_null(p->pair);
    for (size_t i = 0; i < N_PAIRS; i++) {
        struct pgr_pair *q = &p->pair[i];
        char text[64];
        q->validation = i % 4 == 3;
        snprintf(text, sizeof text, "%zu", i);
        q->id = pgr_strdup(text);
        snprintf(text, sizeof text, "task %zu", i % 7);
        q->prompt = pgr_strdup(text);
        snprintf(text, sizeof text, "%c%c so %c", 'a' + (int)(i * 7 % 26), 'a' + (int)(i * 5 % 26),
                 'a' + (int)(i * 3 % 26));
        q->chosen = pgr_strdup(text);
        snprintf(text, sizeof text, "%c or %c%c", 'a' + (int)(i * 11 % 26), 'a' + (int)(i * 9 % 26),
                 'a' + (int)(i * 2 % 26));
        q->rejected = pgr_strdup(text);
        assert_true(q->id && q->prompt && q->chosen && q->rejected);
    }
}

struct heard {
    struct pgr_rm_eval first, last;
    size_t n_epochs, n_steps, n_evals, stop_at;
    double best;       /* lowest loss of an evaluation after the first update */
    size_t best_eval;  /* its number, from 1 */
    double loss, norm; /* of the last update */
    bool wrong;        /* an evaluation's scores or its `improved` did not fit the rest */
};

static bool hear(void *ctx, const struct pgr_rm_report *r) {
    struct heard *h = ctx;
    if (r->eval) {
        size_t right = 0;
        for (size_t i = 0; i < r->held->n; i++) {
            right += r->held->chosen[i] > r->held->rejected[i];
            h->wrong |= r->held->pair[i] % 4 != 3; /* which make_pairs held out */
        }
        h->wrong |= r->held->n != r->eval->n || (double)right / (double)r->held->n != r->eval->accuracy;
        bool better = r->step > 0 && (h->best_eval == 0 || r->eval->loss < h->best);
        h->wrong |= better != r->improved;
        if (r->step > 0) h->n_evals++;
        if (better) h->best = r->eval->loss, h->best_eval = h->n_evals;
        if (r->epoch == 0) h->first = *r->eval;
        h->last = *r->eval;
        h->n_epochs = r->epoch;
    } else {
        h->n_steps++;
        h->loss = r->loss;
        h->norm = r->grad_norm;
    }
    return h->stop_at == 0 || h->n_steps < h->stop_at;
}

static struct pgr_rm_cfg config(void) {
    struct pgr_rm_cfg c = pgr_rm_defaults;
    c.learning_rate = 3e-3;
    c.num_train_epochs = 10;
    c.batch_size = 12;
    c.max_batch_tokens = 600; /* several passes an update */
    c.seed = 5;
    return c;
}

static void load(struct pgr_model **m, struct pgr_tok **tok) {
    const struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .add_score = true, .seed = 5};
    assert_ok(pgr_model_load(base, &o, m));
    assert_ok(pgr_tok_open(base, tok));
}

static void pairs_are_learnt_and_the_folder_scores_the_same(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    struct heard h = {0};
    make_pairs(&pairs);
    load(&m, &tok);
    const struct pgr_rm_cfg c = config();
    assert_ok(pgr_rm_train(m, tok, &pairs, &c, hear, &h));
    assert_int_equal(h.n_epochs, 10);
    assert_int_equal(h.n_evals, 10);
    assert_false(h.wrong);
    assert_int_equal(h.n_steps, 30); /* 36 training pairs, 12 an update */
    assert_int_equal(h.last.n, 12);
    if (!(h.last.accuracy >= 11.0 / 12 && h.last.loss < h.first.loss / 2))
        fail_msg("held-out accuracy %g, loss %g from %g", h.last.accuracy, h.last.loss, h.first.loss);

    struct pgr_rm_eval e;
    assert_ok(pgr_rm_evaluate(m, tok, &pairs, true, c.max_length, &e));
    assert_true(e.accuracy == h.last.accuracy && e.loss == h.last.loss);

    assert_ok(pgr_mkdirs(trained));
    assert_ok(pgr_model_save(m, trained, PGR_F32, (size_t)1 << 30));
    assert_ok(pgr_tok_save(tok, trained));
    struct pgr_scorer *s;
    const struct pgr_scorer_opts so = {.dtype = PGR_F32};
    assert_ok(pgr_scorer_open(trained, &so, &s));
    size_t right = 0, n = 0;
    for (size_t i = 0; i < pairs.n; i++) {
        const struct pgr_pair *p = &pairs.pair[i];
        if (!p->validation) continue;
        const struct pgr_score_item item[2] = {{p->prompt, p->chosen, strlen(p->chosen)},
                                               {p->prompt, p->rejected, strlen(p->rejected)}};
        float score[2], alone;
        assert_ok(pgr_scorer_score(s, 2, item, score));
        assert_ok(pgr_scorer_score(s, 1, item + 1, &alone));
        assert_true(alone == score[1]); /* whatever is scored beside it */
        right += score[0] > score[1];
        n++;
    }
    assert_true((double)right / (double)n == e.accuracy);
    pgr_scorer_close(s);
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

static void grades_are_learnt(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    struct heard h = {0};
    make_pairs(&pairs);
    struct pgr_rm_cfg c = config();
    c.grades = true;
    c.num_train_epochs = 30;
    load(&m, &tok);
    for (size_t i = 0; i < pairs.n; i++) pairs.pair[i].grade[0] = pairs.pair[i].grade[1] = 7;
    assert_int_equal(pgr_rm_train(m, tok, &pairs, &c, hear, &h), PGR_E_RANGE);
    for (size_t i = 0; i < pairs.n; i++) pairs.pair[i].grade[0] = 9, pairs.pair[i].grade[1] = 3;
    assert_ok(pgr_rm_train(m, tok, &pairs, &c, hear, &h));
    assert_false(h.wrong);
    /* Targets are 1 and -1: their mean 0, their deviation 1, and a score of 0 for all would have a loss of 1. */
    if (!(h.last.accuracy >= 11.0 / 12 && h.last.loss < 0.1 && h.last.std_score > 0.7 && h.last.std_score < 1.3))
        fail_msg("held-out accuracy %g, loss %g from %g, deviation %g", h.last.accuracy, h.last.loss, h.first.loss,
                 h.last.std_score);
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

/* The level of grades is that of the whole batch, whether it is scored in one pass or in several; with a level for each
 * pass the loss would be several percent lower. What packing may change is the order of the sums: that of at most 128
 * scores which the head is centred by, and of 24 in the gradient, in float, each addition within 2^-24 of its result,
 * and parts that cancel may be larger than the sum by a factor that is taken to be less than 100. */
static void grades_do_not_depend_on_the_packing(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    double loss[2], norm[2];
    make_pairs(&pairs);
    for (size_t i = 0; i < pairs.n; i++)
        pairs.pair[i].grade[0] = 3 + (double)(i % 7), pairs.pair[i].grade[1] = 1 + (double)(i % 5);
    for (int round = 0; round < 2; round++) {
        struct pgr_model *m;
        struct pgr_tok *tok;
        struct heard h = {.stop_at = 1};
        struct pgr_rm_cfg c = config();
        c.grades = true;
        c.max_batch_tokens = round ? 100000 : 100; /* 12 pairs of 60 tokens and more */
        load(&m, &tok);
        assert_int_equal(pgr_rm_train(m, tok, &pairs, &c, hear, &h), PGR_E_INTERRUPTED);
        loss[round] = h.loss;
        norm[round] = h.norm;
        pgr_tok_close(tok);
        pgr_model_free(m);
    }
    if (!(fabs(loss[0] - loss[1]) <= 128 * 6e-8 * loss[1])) fail_msg("loss %.17g, %.17g", loss[0], loss[1]);
    if (!(fabs(norm[0] - norm[1]) <= 24 * 100 * 6e-8 * norm[1])) fail_msg("norm %.9g, %.9g", norm[0], norm[1]);
    pgr_pairs_free(&pairs);
}

static bool adapted(enum pgr_param_kind k) {
    return k == PGR_P_WQ || k == PGR_P_WK || k == PGR_P_WV || k == PGR_P_WO || k == PGR_P_W_GATE || k == PGR_P_W_UP ||
           k == PGR_P_W_DOWN || k == PGR_P_SCORE;
}

/* Adapters learn the pairs too; what has none stays as it was, to the bit. */
static void adapters_learn_and_leave_the_rest(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    struct heard h = {0};
    make_pairs(&pairs);
    load(&m, &tok);
    float *before = malloc(m->layout.n_elem * sizeof *before);
    assert_non_null(before);
    memcpy(before, m->master, m->layout.n_elem * sizeof *before);
    struct pgr_rm_cfg c = config();
    c.lora.rank = 4;
    c.learning_rate = 1e-2;
    assert_ok(pgr_rm_train(m, tok, &pairs, &c, hear, &h));
    assert_false(h.wrong);
    if (!(h.last.accuracy >= 11.0 / 12 && h.last.loss < h.first.loss / 2))
        fail_msg("held-out accuracy %g, loss %g from %g", h.last.accuracy, h.last.loss, h.first.loss);
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        bool same = memcmp(before + p->at, m->master + p->at, p->n * sizeof *before) == 0;
        if (same == adapted(p->kind)) fail_msg("%s %s", p->name, same ? "did not change" : "changed");
    }
    free(before);
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

static void training_stops_when_nothing_gets_better(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    make_pairs(&pairs);
    for (size_t i = 0; i < pairs.n; i++) /* held out: the opposite of what is learnt, so it only gets worse */
        if (pairs.pair[i].validation) {
            char *c = pairs.pair[i].chosen;
            pairs.pair[i].chosen = pairs.pair[i].rejected;
            pairs.pair[i].rejected = c;
        }
    load(&m, &tok);
    struct heard h = {0};
    struct pgr_rm_cfg c = config();
    c.eval_steps = 2;
    c.early_stopping_patience = 3;
    assert_ok(pgr_rm_train(m, tok, &pairs, &c, hear, &h));
    assert_false(h.wrong);
    assert_int_equal(h.n_evals, h.best_eval + 3);
    assert_int_equal(h.n_steps, 2 * h.n_evals);
    assert_true(h.n_steps < 30);
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

static void same_seed_gives_the_same_bits(void **state) {
    (void)state;
    float *first = NULL;
    size_t n = 0;
    struct pgr_pairs pairs;
    make_pairs(&pairs);
    for (int round = 0; round < 2; round++) {
        struct pgr_model *m;
        struct pgr_tok *tok;
        load(&m, &tok);
        struct pgr_rm_cfg c = config();
        c.num_train_epochs = 1;
        c.gradient_checkpointing = round == 0; /* recomputation changes no bit either */
        assert_ok(pgr_rm_train(m, tok, &pairs, &c, NULL, NULL));
        n = m->layout.n_elem;
        if (round == 0) {
            first = malloc(n * sizeof *first);
            assert_non_null(first);
            memcpy(first, m->master, n * sizeof *first);
        } else {
            assert_memory_equal(first, m->master, n * sizeof *first);
        }
        pgr_tok_close(tok);
        pgr_model_free(m);
    }
    free(first);
    pgr_pairs_free(&pairs);
}

static void the_first_scores_lie_around_zero(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    struct heard h = {.stop_at = 1};
    make_pairs(&pairs);
    load(&m, &tok);
    const struct pgr_rm_cfg c = config();
    assert_int_equal(pgr_rm_train(m, tok, &pairs, &c, hear, &h), PGR_E_INTERRUPTED);
    assert_int_equal(h.n_steps, 1);
    if (!(fabs(h.first.mean_score) < h.first.std_score))
        fail_msg("mean %g, std %g", h.first.mean_score, h.first.std_score);
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

static void what_cannot_be_trained_is_refused(void **state) {
    (void)state;
    struct pgr_pairs pairs;
    struct pgr_model *m;
    struct pgr_tok *tok;
    make_pairs(&pairs);
    load(&m, &tok);
    struct pgr_rm_cfg c = config();
    c.max_length = 10;
    assert_fails_with(pgr_rm_train(m, tok, &pairs, &c, NULL, NULL), PGR_E_RANGE, "no training pair fits 10 tokens");
    pgr_model_free(m);
    const struct pgr_model_opts o = {.dtype = PGR_F32, .train = true};
    assert_ok(pgr_model_load(base, &o, &m));
    c = config();
    assert_fails_with(pgr_rm_train(m, tok, &pairs, &c, NULL, NULL), PGR_E_UNSUPPORTED, "score head");
    pgr_tok_close(tok);
    pgr_model_free(m);
    pgr_pairs_free(&pairs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_learnt_and_the_folder_scores_the_same),
        cmocka_unit_test(grades_are_learnt),
        cmocka_unit_test(grades_do_not_depend_on_the_packing),
        cmocka_unit_test(adapters_learn_and_leave_the_rest),
        cmocka_unit_test(training_stops_when_nothing_gets_better),
        cmocka_unit_test(same_seed_gives_the_same_bits),
        cmocka_unit_test(the_first_scores_lie_around_zero),
        cmocka_unit_test(what_cannot_be_trained_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
