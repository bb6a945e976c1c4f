/* test_infer.c - paged inference gives a row the same bits however its sequence was fed, forked, or accompanied, and
 * the bits of the trainer's forward pass. */
#include "test.h"

#include <math.h>

#include "base/rng.h"
#include "base/size.h"
#include "gen/tiny.h"
#include "model/infer.h"

enum { LEN = 71, MAX_ROWS = 200, N_PAGE = 64, MAX_SEQ = 16 };

struct fixture {
    struct pgr_model *m;
    struct pgr_kv *kv;
    struct pgr_infer *inf;
    int32_t token[LEN];
    float *want; /* [LEN, n_vocab] logits after each token, one token a step */
    size_t n_vocab;
};

static void fill_tokens(int32_t *token, size_t n, uint32_t stream, size_t n_vocab) {
    for (size_t i = 0; i < n; i++)
        token[i] = (int32_t)(pgr_rng_uniform(1, PGR_RNG_TEST, stream, (uint32_t)i, 0, 0) * (double)n_vocab);
}

static void setup(struct fixture *f, enum pgr_arch arch, enum pgr_dtype dtype) {
    f->m = tiny_model(arch, dtype);
    f->n_vocab = f->m->cfg.n_vocab;
    assert_ok(pgr_kv_new(f->m, N_PAGE, MAX_SEQ, 200, &f->kv));
    assert_ok(pgr_infer_new(f->m, f->kv, MAX_ROWS, &f->inf));
    fill_tokens(f->token, LEN, 1, f->n_vocab);
    f->want = pgr_alloc_array(LEN * f->n_vocab, sizeof *f->want);
    size_t s;
    assert_ok(pgr_kv_open(f->kv, &s));
    for (size_t i = 0; i < LEN; i++) {
        struct pgr_feed feed = {s, &f->token[i], 1};
        assert_ok(pgr_infer_step(f->inf, 1, &feed));
        pgr_infer_logits(f->inf, 0, 1, f->want + i * f->n_vocab);
    }
    pgr_kv_close(f->kv, s);
}

static void teardown(struct fixture *f) {
    pgr_free(f->want);
    pgr_infer_free(f->inf);
    pgr_kv_free(f->kv);
    pgr_model_free(f->m);
}

static const struct {
    enum pgr_arch arch;
    enum pgr_dtype dtype;
} kinds[] = {
    {PGR_ARCH_LLAMA, PGR_F32}, {PGR_ARCH_QWEN2, PGR_F32}, {PGR_ARCH_QWEN2, PGR_BF16}, {PGR_ARCH_QWEN3, PGR_BF16}};

static void expect(const struct fixture *f, size_t kind, size_t at, const float *got, const char *what) {
    const float *want = f->want + at * f->n_vocab;
    for (size_t j = 0; j < f->n_vocab; j++)
        if (memcmp(&got[j], &want[j], sizeof *got) != 0)
            fail_msg("kind %zu, %s: logit %zu after token %zu is %.9g, want %.9g", kind, what, j, at, (double)got[j],
                     (double)want[j]);
}

static void feeding_in_pieces_gives_the_same_bits(void **state) {
    (void)state;
    static const size_t pieces[] = {LEN, 1, 2, 31, 32, 33, 40};
    for (size_t k = 0; k < PGR_COUNT(kinds); k++) {
        struct fixture f;
        setup(&f, kinds[k].arch, kinds[k].dtype);
        float *got = pgr_alloc_array(f.n_vocab, sizeof *got);
        for (size_t p = 0; p < PGR_COUNT(pieces); p++) {
            size_t s, at = 0;
            assert_ok(pgr_kv_open(f.kv, &s));
            while (at < LEN) {
                struct pgr_feed feed = {s, f.token + at, pgr_min(pieces[p], LEN - at)};
                assert_ok(pgr_infer_step(f.inf, 1, &feed));
                at += feed.n_tok;
                assert_int_equal(pgr_kv_len(f.kv, s), at);
                pgr_infer_logits(f.inf, 0, 1, got);
                expect(&f, k, at - 1, got, "pieces");
            }
            pgr_kv_close(f.kv, s);
        }
        assert_int_equal(pgr_kv_pages_free(f.kv), N_PAGE);
        pgr_free(got);
        teardown(&f);
    }
}

/* Sequences at different lengths, forked and fed together, beside prompts of strangers. */
static void company_and_forks_do_not_change_the_bits(void **state) {
    (void)state;
    for (size_t k = 0; k < PGR_COUNT(kinds); k++) {
        struct fixture f;
        setup(&f, kinds[k].arch, kinds[k].dtype);
        enum { N = 5 };
        float *got = pgr_alloc_array((N + 2) * f.n_vocab, sizeof *got);
        int32_t other[60];
        fill_tokens(other, 60, 9, f.n_vocab);
        size_t s[N], stranger, root;
        assert_ok(pgr_kv_open(f.kv, &root));
        assert_ok(pgr_kv_open(f.kv, &stranger));
        static const size_t fork_at[N] = {1, 20, 32, 40, 64};
        for (size_t i = 0; i < N; i++) {
            size_t len = pgr_kv_len(f.kv, root);
            struct pgr_feed feed[2] = {{stranger, other + 10 * i, 10}, {root, f.token + len, fork_at[i] - len}};
            assert_ok(pgr_infer_step(f.inf, 2, feed));
            assert_ok(pgr_kv_fork(f.kv, root, &s[i]));
        }
        pgr_kv_close(f.kv, root);
        for (size_t step = 0; step < LEN - 64; step++) {
            struct pgr_feed feed[N + 1];
            for (size_t i = 0; i < N; i++) feed[i] = (struct pgr_feed){s[i], f.token + fork_at[i] + step, 1};
            feed[N] = (struct pgr_feed){stranger, other + step, 1 + step % 3};
            assert_ok(pgr_infer_step(f.inf, N + 1, feed));
            pgr_infer_logits(f.inf, 0, N, got);
            for (size_t i = 0; i < N; i++) expect(&f, k, fork_at[i] + step, got + i * f.n_vocab, "forks");
            pgr_infer_logits(f.inf, 2, 1, got);
            expect(&f, k, fork_at[2] + step, got, "one row of logits");
        }
        pgr_free(got);
        teardown(&f);
    }
}

static void too_little_room_is_an_error_that_changes_nothing(void **state) {
    (void)state;
    struct pgr_model *m = tiny_model(PGR_ARCH_QWEN2, PGR_BF16);
    struct pgr_kv *kv;
    struct pgr_infer *inf;
    assert_ok(pgr_kv_new(m, 2, 4, 3 * PGR_ATTN_BLOCK, &kv));
    assert_ok(pgr_infer_new(m, kv, MAX_ROWS, &inf));
    int32_t token[100];
    fill_tokens(token, 100, 2, m->cfg.n_vocab);
    size_t a, b;
    assert_ok(pgr_kv_open(kv, &a));
    assert_ok(pgr_kv_open(kv, &b));
    struct pgr_feed feed[2] = {{a, token, 40}, {b, token, 1}};
    assert_fails_with(pgr_infer_step(inf, 2, feed), PGR_E_NOMEM, "3 pages needed");
    assert_int_equal(pgr_kv_len(kv, a), 0);
    assert_int_equal(pgr_kv_pages_free(kv), 2);
    feed[0].n_tok = 3 * PGR_ATTN_BLOCK + 1;
    assert_fails_with(pgr_infer_step(inf, 1, feed), PGR_E_RANGE, "beyond the cache's 96");
    pgr_infer_free(inf);
    pgr_kv_free(kv);
    pgr_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeding_in_pieces_gives_the_same_bits),
        cmocka_unit_test(company_and_forks_do_not_change_the_bits),
        cmocka_unit_test(too_little_room_is_an_error_that_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
