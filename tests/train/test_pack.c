/* test_pack.c - passes hold every sequence once, within the limit, with rows and parents that mean what they say. */
#include "test.h"

#include "base/rng.h"
#include "train/pack.h"

enum { MAX_SEQ = 200, MAX_LEN = 40 };

static int32_t prompts[MAX_SEQ][MAX_LEN], completions[MAX_SEQ][MAX_LEN];

static uint32_t draw(uint32_t a, uint32_t b, uint32_t n) {
    return (uint32_t)(pgr_rng_uniform(9, PGR_RNG_TEST, a, b, 0, 0) * n);
}

/* Random groups; tokens name their place: prompt of group g holds g * 100 + t, completion s holds 1e6 + s * 100 + t. */
static size_t make(uint32_t round, struct pgr_seq *seq) {
    size_t n = 0;
    for (size_t g = 0; g < 20; g++) {
        size_t n_prompt = 1 + draw(round, (uint32_t)(1000 + g), MAX_LEN), k = 1 + draw(round, (uint32_t)(2000 + g), 8);
        for (size_t t = 0; t < n_prompt; t++) prompts[g][t] = (int32_t)(g * 100 + t);
        for (size_t i = 0; i < k && n < MAX_SEQ; i++, n++) {
            size_t len = 1 + draw(round, (uint32_t)(3000 + n), MAX_LEN);
            if (draw(round, (uint32_t)(4000 + n), 5) == 0) len = 1;
            for (size_t t = 0; t < len; t++) completions[n][t] = (int32_t)(1000000 + n * 100 + t);
            seq[n] = (struct pgr_seq){g, prompts[g], n_prompt, completions[n], len};
        }
    }
    return n;
}

/* Segment that owns token i. */
static size_t segment_of(const struct pgr_segments *s, size_t i) {
    size_t k = 0;
    while (s->start[k + 1] <= i) k++;
    return k;
}

static void check_pass(const struct pgr_pass *p, const struct pgr_seq *seq, int *seen) {
    const struct pgr_segments *sg = &p->batch.seg;
    assert_int_equal(sg->start[0], 0);
    assert_int_equal(sg->start[sg->n_seg], p->batch.n_tok);
    for (size_t k = 0; k < sg->n_seg; k++) {
        assert_true(sg->start[k] < sg->start[k + 1]);
        if (sg->parent[k] >= 0) {
            assert_true((size_t)sg->parent[k] < k);
            assert_int_equal(sg->parent[sg->parent[k]], -1);
        }
    }
    assert_int_equal(p->row_start[0], 0);
    assert_int_equal(p->row_start[p->n_seq], p->n_row);
    for (size_t i = 0; i < p->n_seq; i++) {
        const struct pgr_seq *s = &seq[p->seq[i]];
        seen[p->seq[i]]++;
        assert_int_equal(p->row_start[i + 1] - p->row_start[i], s->n_completion);
        for (size_t t = 0; t < s->n_completion; t++) {
            size_t r = p->row_start[i] + t, at = p->row[r], k = segment_of(sg, at);
            assert_int_equal(p->target[r], s->completion[t]);
            /* The row's context, its parent's tokens and its own up to `at`, is the prompt and t completion tokens. */
            size_t parent = sg->parent[k] >= 0 ? (size_t)sg->parent[k] : k;
            assert_int_equal(sg->start[parent + 1] - sg->start[parent], s->n_prompt);
            assert_memory_equal(p->batch.token + sg->start[parent], s->prompt, s->n_prompt * sizeof(int32_t));
            if (t == 0) {
                assert_int_equal(at, sg->start[parent + 1] - 1);
                continue;
            }
            assert_true(parent != k);
            assert_int_equal(at - sg->start[k], t - 1);
            assert_memory_equal(p->batch.token + sg->start[k], s->completion, t * sizeof(int32_t));
        }
    }
}

static void every_sequence_is_in_one_pass_with_its_context(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 40; round++) {
        struct pgr_seq seq[MAX_SEQ];
        size_t n = make(round, seq), limit = 2 * MAX_LEN + 60 * round, total = 0;
        struct pgr_passes p;
        assert_ok(pgr_pack(seq, n, limit, &p));
        int seen[MAX_SEQ] = {0};
        for (size_t i = 0; i < p.n; i++) {
            assert_true(p.pass[i].batch.n_tok <= limit && p.pass[i].batch.n_tok <= p.max_tok);
            assert_true(p.pass[i].batch.seg.n_seg <= p.max_seg && p.pass[i].n_row <= p.max_row);
            check_pass(&p.pass[i], seq, seen);
            total += p.pass[i].batch.n_tok;
        }
        for (size_t i = 0; i < n; i++) assert_int_equal(seen[i], 1);
        /* First-fit: no two passes could be one, so more than half of the room is used. */
        if (p.n > 1) assert_true(2 * total > p.n * limit);
        pgr_passes_free(&p);
    }
}

static void a_group_that_fits_shares_one_prompt(void **state) {
    (void)state;
    struct pgr_seq seq[MAX_SEQ];
    size_t n = make(3, seq), want = 0;
    struct pgr_passes p;
    assert_ok(pgr_pack(seq, n, 1000000, &p));
    for (size_t i = 0; i < n; i++)
        want += seq[i].n_completion - 1 + (i == 0 || seq[i].group != seq[i - 1].group ? seq[i].n_prompt : 0);
    assert_int_equal(p.n, 1);
    assert_int_equal(p.pass[0].batch.n_tok, want);
    pgr_passes_free(&p);
}

static void what_cannot_fit_is_refused_with_the_numbers(void **state) {
    (void)state;
    int32_t t[10] = {0};
    struct pgr_seq seq = {0, t, 7, t, 5};
    struct pgr_passes p;
    assert_fails_with(pgr_pack(&seq, 1, 10, &p), PGR_E_SHAPE,
                      "prompt of 7 and a completion of 5 tokens do not fit a pass of 10");
    assert_ok(pgr_pack(&seq, 1, 11, &p));
    pgr_passes_free(&p);
    assert_ok(pgr_pack(&seq, 0, 11, &p));
    assert_int_equal(p.n, 0);
    pgr_passes_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_is_in_one_pass_with_its_context),
        cmocka_unit_test(a_group_that_fits_shares_one_prompt),
        cmocka_unit_test(what_cannot_fit_is_refused_with_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
