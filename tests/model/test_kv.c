/* test_kv.c - page tables, sharing, copies and accounting of the paged cache. No kernel runs: pages hold marks. */
#include "test.h"

#include "base/rng.h"
#include "base/size.h"
#include "model/kv.h"

enum { N_PAGE = 40, MAX_SEQ = 12, MAX_LEN = 10 * PGR_ATTN_BLOCK, N_LAYER = 3 };

static struct pgr_kv *new_cache(void) {
    static struct pgr_model m;
    m.cfg = (struct pgr_config){.n_layer = N_LAYER, .n_head = 4, .n_kv_head = 2, .d_head = 16};
    m.dtype = PGR_BF16;
    struct pgr_kv *kv = NULL;
    assert_ok(pgr_kv_new(&m, N_PAGE, MAX_SEQ, MAX_LEN, &kv));
    assert_int_equal(pgr_kv_bytes(&m.cfg, PGR_BF16, N_PAGE), kv->pool_bytes);
    return kv;
}

/* A page's bytes in a layer. */
static unsigned char *page(struct pgr_kv *kv, size_t layer, uint32_t p) {
    return (unsigned char *)pgr_kv_layer(kv, layer) + p * kv->page_elems * sizeof(pgr_bf16);
}

static void append_takes_a_page_at_each_block(void **state) {
    (void)state;
    struct pgr_kv *kv = new_cache();
    size_t s;
    assert_ok(pgr_kv_open(kv, &s));
    assert_int_equal(pgr_kv_len(kv, s), 0);
    for (size_t n = 1; n <= 3 * PGR_ATTN_BLOCK; n++) {
        assert_int_equal(pgr_kv_append_needs(kv, s, 1), (n - 1) % PGR_ATTN_BLOCK == 0);
        pgr_kv_append(kv, s, 1);
        assert_int_equal(pgr_kv_len(kv, s), n);
        assert_int_equal(pgr_kv_pages_free(kv), N_PAGE - pgr_div_up(n, PGR_ATTN_BLOCK));
    }
    assert_int_equal(pgr_kv_append_needs(kv, s, 2 * PGR_ATTN_BLOCK + 1), 3);
    pgr_kv_close(kv, s);
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE);
    pgr_kv_free(kv);
}

static void a_fork_shares_full_pages_and_copies_the_last(void **state) {
    (void)state;
    struct pgr_kv *kv = new_cache();
    size_t a, b;
    assert_ok(pgr_kv_open(kv, &a));
    pgr_kv_append(kv, a, 2 * PGR_ATTN_BLOCK + 5);
    for (size_t l = 0; l < N_LAYER; l++)
        for (size_t i = 0; i < 3; i++)
            memset(page(kv, l, kv->seq[a].page[i]), (int)(1 + 10 * l + i), kv->page_elems * sizeof(pgr_bf16));
    assert_ok(pgr_kv_fork(kv, a, &b));
    assert_int_equal(pgr_kv_len(kv, b), 2 * PGR_ATTN_BLOCK + 5);
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE - 4);
    assert_int_equal(kv->seq[a].page[0], kv->seq[b].page[0]);
    assert_int_equal(kv->seq[a].page[1], kv->seq[b].page[1]);
    assert_int_not_equal(kv->seq[a].page[2], kv->seq[b].page[2]);
    for (size_t l = 0; l < N_LAYER; l++)
        assert_memory_equal(page(kv, l, kv->seq[a].page[2]), page(kv, l, kv->seq[b].page[2]),
                            kv->page_elems * sizeof(pgr_bf16));
    /* What either appends lands in a page of its own. */
    page(kv, 0, kv->seq[b].page[2])[0] = 99;
    assert_int_equal(page(kv, 0, kv->seq[a].page[2])[0], 3);
    /* Shared pages live as long as one of the two. */
    pgr_kv_close(kv, a);
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE - 3);
    assert_int_equal(page(kv, 2, kv->seq[b].page[1])[7], 22);
    pgr_kv_close(kv, b);
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE);
    pgr_kv_free(kv);
}

static void a_fork_at_a_page_boundary_copies_nothing(void **state) {
    (void)state;
    struct pgr_kv *kv = new_cache();
    size_t a, b;
    assert_ok(pgr_kv_open(kv, &a));
    pgr_kv_append(kv, a, 2 * PGR_ATTN_BLOCK);
    assert_ok(pgr_kv_fork(kv, a, &b));
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE - 2);
    pgr_kv_append(kv, a, 1);
    pgr_kv_append(kv, b, 1);
    assert_int_not_equal(kv->seq[a].page[2], kv->seq[b].page[2]);
    pgr_kv_free(kv);
}

static void running_out_is_an_error_that_changes_nothing(void **state) {
    (void)state;
    struct pgr_kv *kv = new_cache();
    size_t s[MAX_SEQ], extra;
    for (size_t i = 0; i < 4; i++) {
        assert_ok(pgr_kv_open(kv, &s[i]));
        pgr_kv_append(kv, s[i], MAX_LEN - 1);
    }
    assert_int_equal(pgr_kv_pages_free(kv), 0);
    assert_fails_with(pgr_kv_fork(kv, s[0], &extra), PGR_E_NOMEM, "no page is free");
    for (size_t i = 4; i < MAX_SEQ; i++) assert_ok(pgr_kv_open(kv, &s[i]));
    assert_fails_with(pgr_kv_open(kv, &extra), PGR_E_NOMEM, "all 12 sequences");
    for (size_t i = 0; i < MAX_SEQ; i++) pgr_kv_close(kv, s[i]);
    assert_int_equal(pgr_kv_pages_free(kv), N_PAGE);
    pgr_kv_free(kv);
}

/* A long random history of all operations against a plain model of it: every sequence's pages hold its own history
 * of marks, and the number of free pages is what the distinct pages leave. */
static void a_random_history_keeps_every_sequence_intact(void **state) {
    (void)state;
    struct pgr_kv *kv = new_cache();
    bool open[MAX_SEQ] = {false};
    static uint32_t mark[MAX_SEQ][MAX_LEN]; /* what position p of sequence s should hold */
    for (uint32_t step = 0; step < 4000; step++) {
        const uint32_t c[4] = {step, 0, 0, 0};
        uint32_t r[4];
        pgr_rng_bits(3, PGR_RNG_TEST, c, r);
        size_t s = r[0] % MAX_SEQ, id;
        if (!open[s]) {
            if (pgr_kv_open(kv, &id) != PGR_OK) continue;
            open[id] = true;
        } else if (r[1] % 8 == 0) {
            pgr_kv_close(kv, s);
            open[s] = false;
        } else if (r[1] % 8 == 1) {
            if (pgr_kv_fork(kv, s, &id) != PGR_OK) continue;
            assert_false(open[id]);
            open[id] = true;
            memcpy(mark[id], mark[s], sizeof mark[s]);
        } else {
            size_t n = pgr_min(1 + r[2] % 50, MAX_LEN - pgr_kv_len(kv, s)), at = pgr_kv_len(kv, s);
            if (pgr_kv_append_needs(kv, s, n) > pgr_kv_pages_free(kv)) continue;
            pgr_kv_append(kv, s, n);
            for (size_t p = at; p < at + n; p++) {
                mark[s][p] = r[3] + (uint32_t)p;
                for (size_t l = 0; l < N_LAYER; l++)
                    memcpy(page(kv, l, kv->seq[s].page[p / PGR_ATTN_BLOCK]) + 4 * (p % PGR_ATTN_BLOCK), &mark[s][p], 4);
            }
        }
        bool used[N_PAGE] = {false};
        size_t n_used = 0;
        for (size_t q = 0; q < MAX_SEQ; q++)
            for (size_t p = 0; open[q] && p < pgr_kv_len(kv, q); p++) {
                uint32_t at = kv->seq[q].page[p / PGR_ATTN_BLOCK];
                assert_true(at < N_PAGE);
                if (!used[at]) used[at] = true, n_used++;
                if (p + 1 == pgr_kv_len(kv, q)) /* behind the end nothing is left of earlier owners */
                    for (size_t i = 4 * (p % PGR_ATTN_BLOCK + 1); i < 4 * PGR_ATTN_BLOCK; i++)
                        assert_int_equal(page(kv, 0, at)[i] | page(kv, N_LAYER - 1, at)[i], 0);
                for (size_t l = 0; l < N_LAYER; l += 2)
                    assert_memory_equal(page(kv, l, at) + 4 * (p % PGR_ATTN_BLOCK), &mark[q][p], 4);
            }
        assert_int_equal(pgr_kv_pages_free(kv), N_PAGE - n_used);
    }
    pgr_kv_free(kv);
}

static void absurd_sizes_are_refused(void **state) {
    (void)state;
    struct pgr_model m = {.cfg = {.n_layer = N_LAYER, .n_head = 4, .n_kv_head = 2, .d_head = 16}, .dtype = PGR_BF16};
    struct pgr_kv *kv = NULL;
    assert_fails_with(pgr_kv_new(&m, 0, 1, 1, &kv), PGR_E_RANGE, "0 pages");
    assert_fails_with(pgr_kv_new(&m, SIZE_MAX / 2, 1, 1, &kv), PGR_E_RANGE, "pages");
    assert_fails_with(pgr_kv_new(&m, 1, SIZE_MAX / 2, SIZE_MAX / 2, &kv), PGR_E_RANGE, "sequences");
    assert_null(kv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_takes_a_page_at_each_block),
        cmocka_unit_test(a_fork_shares_full_pages_and_copies_the_last),
        cmocka_unit_test(a_fork_at_a_page_boundary_copies_nothing),
        cmocka_unit_test(running_out_is_an_error_that_changes_nothing),
        cmocka_unit_test(a_random_history_keeps_every_sequence_intact),
        cmocka_unit_test(absurd_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
