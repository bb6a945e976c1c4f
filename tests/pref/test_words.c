/* test_words.c - the bag-of-words baseline finds what words give away, and only that. */
#include "test.h"

#include "base/rng.h"
#include "pref/words.h"

enum { N = 200 };
static char text[2][N][64];
static struct pgr_words_pair pair[N];
static bool right[N];

static uint32_t draw(uint32_t i, uint32_t k) { return (uint32_t)(pgr_rng_uniform(9, PGR_RNG_TEST, i, k, 0, 0) * 1000); }

/* Texts of random words; where `tell`, the worse one has one more that gives it away. */
static void make(size_t n_problem, bool tell) {
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t s = 0; s < 2; s++)
            snprintf(text[s][i], sizeof text[s][i], "w%u w%u %s w%u", draw(i, 4 * s), draw(i, 4 * s + 1),
                     tell && s ? "Wrongly" : "or so", draw(i, 4 * s + 2));
        pair[i] = (struct pgr_words_pair){text[0][i], text[1][i], i % (uint32_t)n_problem};
    }
}

static size_t n_right(size_t n_problem, uint64_t seed) {
    size_t n = 0;
    bool done;
    assert_ok(pgr_words_cross_validate(N, pair, n_problem, seed, right, &done));
    assert_true(done);
    for (size_t i = 0; i < N; i++) n += right[i];
    return n;
}

static void a_telling_word_is_found(void **state) {
    (void)state;
    make(50, true);
    assert_int_equal(n_right(50, 1), N);
}

static void random_words_tell_nothing(void **state) {
    (void)state;
    make(50, false);
    size_t n = n_right(50, 1);
    /* 200 fair coins: 5 standard deviations of 7.07 around 100. */
    if (n < 65 || n > 135) fail_msg("%zu of %d", n, N);
}

/* What is true within a problem only must not help: the pairs of a problem are held out together. */
static void problems_are_held_out_whole(void **state) {
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        /* Two problems in turn; word "aa" is the better one's in the one, the worse one's in the other. */
        const char *a = i % 2 ? "aa aa" : "bb bb", *b = i % 2 ? "bb bb" : "aa aa";
        snprintf(text[0][i], sizeof text[0][i], "%s", a);
        snprintf(text[1][i], sizeof text[1][i], "%s", b);
        pair[i] = (struct pgr_words_pair){text[0][i], text[1][i], i % 2};
    }
    assert_int_equal(n_right(2, 1), 0); /* learnt from the other problem, so always wrong */
}

static void length_is_a_feature_and_the_seed_decides_all(void **state) {
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        snprintf(text[0][i], sizeof text[0][i], "w%u w%u w%u w%u", draw(i, 0), draw(i, 1), draw(i, 2), draw(i, 3));
        snprintf(text[1][i], sizeof text[1][i], "w%u", draw(i, 4));
        pair[i] = (struct pgr_words_pair){text[0][i], text[1][i], i % 50};
    }
    size_t n = n_right(50, 3);
    if (n < N * 95 / 100) fail_msg("%zu of %d", n, N);
    bool before[N], done;
    memcpy(before, right, sizeof before);
    assert_int_equal(n_right(50, 3), n);
    assert_memory_equal(before, right, sizeof before);
    assert_ok(pgr_words_cross_validate(N, pair, 1, 3, right, &done));
    assert_false(done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_telling_word_is_found),
        cmocka_unit_test(random_words_tell_nothing),
        cmocka_unit_test(problems_are_held_out_whole),
        cmocka_unit_test(length_is_a_feature_and_the_seed_decides_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
