/* test_sample.c - penalties and cut-offs against transformers' logits processors, the draw against its distribution.
 *
 * Bound for a probability: theirs comes from float32 logits (relative rounding of l = x / temperature, twice 2^-24 |l|
 * in the exponent) and float32 sums of n terms (n * 2^-24); ours sums the blocks in float32 too. */
#include "test.h"

#include <float.h>
#include <math.h>

#include "base/json.h"
#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/sample.h"
#include "kern/ops.h"

static const struct pgr_sampling plain = {
    .temperature = 1.0f, .top_p = 1.0f, .repetition_penalty = 1.0f, .max_tokens = 1, .seed = 11};

static float real_of(const json_t *o, const char *key, float absent) {
    const json_t *v = json_object_get(o, key);
    return v ? (float)json_number_value(v) : absent;
}

static void cuts_match_transformers(void **state) {
    (void)state;
    json_t *doc = NULL;
    assert_ok(pgr_json_load("tests/golden/sampling.json", &doc));
    size_t n_vocab = (size_t)json_integer_value(json_object_get(doc, "n_vocab"));
    double unit = json_number_value(json_object_get(doc, "unit"));
    struct pgr_sampler *sm;
    assert_ok(pgr_sampler_new(n_vocab, 1, &sm));
    float *row = pgr_alloc_array(n_vocab, sizeof *row), *copy = pgr_alloc_array(n_vocab, sizeof *copy);
    double *p = pgr_alloc_array(n_vocab, sizeof *p);
    int32_t seen[64];
    size_t i, n_cases = 0;
    const json_t *c;
    json_array_foreach(json_object_get(doc, "cases"), i, c) {
        const json_t *logits =
            json_array_get(json_object_get(doc, "rows"), (size_t)json_integer_value(json_object_get(c, "row")));
        float biggest = 0;
        for (size_t j = 0; j < n_vocab; j++) {
            row[j] = (float)(json_number_value(json_array_get(logits, j)) / unit);
            biggest = fmaxf(biggest, fabsf(row[j]));
        }
        memcpy(copy, row, n_vocab * sizeof *row);
        struct pgr_sampling how = plain;
        how.temperature = real_of(c, "temperature", 1.0f);
        how.top_k = (size_t)real_of(c, "top_k", 0.0f);
        how.top_p = real_of(c, "top_p", 1.0f);
        how.min_p = real_of(c, "min_p", 0.0f);
        how.repetition_penalty = real_of(c, "repetition_penalty", 1.0f);
        size_t n_seen = json_array_size(json_object_get(c, "seen"));
        assert_true(n_seen <= PGR_COUNT(seen));
        for (size_t j = 0; j < n_seen; j++)
            seen[j] = (int32_t)json_integer_value(json_array_get(json_object_get(c, "seen"), j));
        struct pgr_draw d = {.how = &how, .seen = seen, .n_seen = n_seen};
        pgr_sampler_dist(sm, row, &d, p);
        assert_memory_equal(row, copy, n_vocab * sizeof *row);

        size_t n_kept = 0, j;
        for (size_t k = 0; k < n_vocab; k++) n_kept += p[k] > 0;
        size_t want_kept = (size_t)json_integer_value(json_object_get(c, "n_kept"));
        if (n_kept != want_kept) fail_msg("case %zu: %zu tokens stay, %zu wanted", i, n_kept, want_kept);
        double tol = ((double)n_vocab + 4.0 * (double)biggest * 1.5 / (double)how.temperature) * FLT_EPSILON + 1e-7;
        const json_t *id;
        json_array_foreach(json_object_get(c, "kept"), j, id) {
            double want = json_number_value(json_array_get(json_object_get(c, "p"), j));
            double got = p[json_integer_value(id)];
            if (!(fabs(got - want) <= tol * want))
                fail_msg("case %zu, token %d: p is %.9g, want %.9g", i, (int)json_integer_value(id), got, want);
        }
        n_cases++;
    }
    assert_true(n_cases > 20);
    pgr_free(row);
    pgr_free(copy);
    pgr_free(p);
    pgr_sampler_free(sm);
    json_decref(doc);
}

enum { N_VOCAB = 2500 };

static void fill(float *row, size_t n, uint32_t stream, double scale) {
    for (size_t j = 0; j < n; j++) row[j] = (float)(scale * pgr_rng_normal(5, PGR_RNG_TEST, stream, (uint32_t)j, 0, 0));
}

/* Every token's frequency over many keys lies within 5.5 standard deviations of n p (2500 tokens, 4 settings: a chance
 * below 1e-3 for a correct sampler, and the keys are fixed). */
static void draws_follow_the_distribution(void **state) {
    (void)state;
    enum { DRAWS = 6000, ROWS = 50 };
    struct pgr_sampler *sm;
    assert_ok(pgr_sampler_new(N_VOCAB, ROWS, &sm));
    float *rows = pgr_alloc_array(ROWS * N_VOCAB, sizeof *rows);
    double *p = pgr_alloc_array(N_VOCAB, sizeof *p);
    struct pgr_draw *d = pgr_alloc_zero(ROWS, sizeof *d);
    size_t *hits = pgr_alloc_array(N_VOCAB, sizeof *hits);
    fill(rows, N_VOCAB, 1, 2.0);
    for (size_t i = 1; i < ROWS; i++) memcpy(rows + i * N_VOCAB, rows, N_VOCAB * sizeof *rows);
    struct pgr_sampling how[4] = {plain, plain, plain, plain};
    how[1].top_k = 100;
    how[2].top_p = 0.8f, how[2].temperature = 1.4f;
    how[3].min_p = 0.1f, how[3].temperature = 0.7f;
    for (size_t k = 0; k < PGR_COUNT(how); k++) {
        memset(hits, 0, N_VOCAB * sizeof *hits);
        for (uint32_t at = 0; at < DRAWS; at += ROWS) {
            for (uint32_t i = 0; i < ROWS; i++)
                d[i] = (struct pgr_draw){.how = &how[k], .key = 3, .sample = (at + i) % 7, .position = at + i};
            pgr_sampler_draw(sm, ROWS, rows, N_VOCAB, d);
            for (size_t i = 0; i < ROWS; i++) hits[d[i].token]++;
        }
        pgr_sampler_dist(sm, rows, d, p);
        for (size_t j = 0; j < N_VOCAB; j++) {
            double want = DRAWS * p[j], sd = sqrt(DRAWS * p[j] * (1 - p[j]));
            /* A Poisson tail for rare tokens: 9 more than expected has a chance below 1e-6 when less than 1 is. */
            if (fabs((double)hits[j] - want) > fmax(5.5 * sd, 9.0))
                fail_msg("setting %zu, token %zu: %zu of %d, want %.1f +- %.1f", k, j, hits[j], DRAWS, want, sd);
            if (p[j] <= 0 && hits[j]) fail_msg("setting %zu: token %zu was cut off and drawn", k, j);
        }
    }
    pgr_free(rows);
    pgr_free(p);
    pgr_free(d);
    pgr_free(hits);
    pgr_sampler_free(sm);
}

/* logp against float64: the error of a block's sum is within (1024 + 4) eps, of the exponent within eps (|l| + |m|). */
static void logp_is_of_the_plain_softmax(void **state) {
    (void)state;
    struct pgr_sampler *sm;
    assert_ok(pgr_sampler_new(N_VOCAB, 2, &sm));
    float *rows = pgr_alloc_array(2 * N_VOCAB, sizeof *rows);
    fill(rows, 2 * N_VOCAB, 2, 3.0);
    struct pgr_sampling how = plain, greedy = plain;
    how.temperature = 0.7f, how.top_k = 5, how.top_p = 0.7f, how.repetition_penalty = 1.4f;
    greedy.temperature = 0.0f;
    const int32_t seen[] = {1, 2, 3, 2400};
    struct pgr_draw d[2] = {{.how = &how, .seen = seen, .n_seen = 4}, {.how = &greedy}};
    pgr_sampler_draw(sm, 2, rows, N_VOCAB, d);
    for (size_t i = 0; i < 2; i++) {
        const float *row = rows + i * N_VOCAB;
        double t = i == 0 ? (double)how.temperature : 1.0, z = 0, top = -INFINITY;
        for (size_t j = 0; j < N_VOCAB; j++) top = fmax(top, (double)row[j] / t);
        for (size_t j = 0; j < N_VOCAB; j++) z += exp((double)row[j] / t - top);
        double want = (double)row[d[i].token] / t - top - log(z);
        double tol = FLT_EPSILON * (1028 + 4 * (fabs(top) + fabs(want) + 1));
        if (!(fabs((double)d[i].logp - want) <= tol))
            fail_msg("row %zu: logp %.9g, want %.9g", i, (double)d[i].logp, want);
    }
    for (size_t j = 0; j < N_VOCAB; j++) assert_true(rows[N_VOCAB + j] <= rows[N_VOCAB + (size_t)d[1].token]);
    pgr_free(rows);
    pgr_sampler_free(sm);
}

static void a_draw_depends_on_row_and_key_alone(void **state) {
    (void)state;
    enum { ROWS = 9 };
    struct pgr_sampler *sm;
    struct pgr_sampling how = plain;
    how.top_p = 0.95f;
    assert_ok(pgr_sampler_new(N_VOCAB, ROWS, &sm));
    float *rows = pgr_alloc_array(ROWS * N_VOCAB, sizeof *rows);
    fill(rows, ROWS * N_VOCAB, 3, 1.0);
    struct pgr_draw all[ROWS], one;
    for (uint32_t i = 0; i < ROWS; i++)
        all[i] = (struct pgr_draw){.how = i % 2 ? &how : &plain, .key = i / 3, .sample = i % 3, .position = 7 * i};
    pgr_sampler_draw(sm, ROWS, rows, N_VOCAB, all);
    size_t n_changed = 0;
    for (uint32_t i = ROWS; i-- > 0;) {
        one = (struct pgr_draw){.how = i % 2 ? &how : &plain, .key = i / 3, .sample = i % 3, .position = 7 * i};
        pgr_sampler_draw(sm, 1, rows + i * N_VOCAB, N_VOCAB, &one);
        assert_int_equal(one.token, all[i].token);
        assert_memory_equal(&one.logp, &all[i].logp, sizeof one.logp);
        one.position++;
        pgr_sampler_draw(sm, 1, rows + i * N_VOCAB, N_VOCAB, &one);
        n_changed += one.token != all[i].token;
    }
    assert_true(n_changed > ROWS / 2); /* the position matters */
    pgr_free(rows);
    pgr_sampler_free(sm);
}

static void greedy_takes_the_lowest_id_of_equals(void **state) {
    (void)state;
    struct pgr_sampler *sm;
    struct pgr_sampling how = plain;
    how.temperature = 0.0f;
    assert_ok(pgr_sampler_new(N_VOCAB, 1, &sm));
    float *row = pgr_alloc_array(N_VOCAB, sizeof *row);
    fill(row, N_VOCAB, 4, 1.0);
    row[1030] = row[1999] = row[2400] = 50.0f;
    struct pgr_draw d = {.how = &how};
    pgr_sampler_draw(sm, 1, row, N_VOCAB, &d);
    assert_int_equal(d.token, 1030);
    const int32_t seen[] = {1030, 1030};
    how.repetition_penalty = 2.0f;
    d = (struct pgr_draw){.how = &how, .seen = seen, .n_seen = 2};
    pgr_sampler_draw(sm, 1, row, N_VOCAB, &d);
    assert_int_equal(d.token, 1999);
    pgr_free(row);
    pgr_sampler_free(sm);
}

static void rows_that_are_not_finite_say_so(void **state) {
    (void)state;
    static const float bad[] = {NAN, INFINITY};
    struct pgr_sampler *sm;
    assert_ok(pgr_sampler_new(N_VOCAB, 1, &sm));
    float *row = pgr_alloc_array(N_VOCAB, sizeof *row);
    for (size_t k = 0; k < PGR_COUNT(bad); k++)
        for (size_t at = 0; at < N_VOCAB; at += 833) {
            fill(row, N_VOCAB, 4, 1.0);
            row[at] = bad[k];
            struct pgr_draw d = {.how = &plain};
            pgr_sampler_draw(sm, 1, row, N_VOCAB, &d);
            if (!isnan(d.logp)) fail_msg("value %g at %zu: logp is %g", (double)bad[k], at, (double)d.logp);
        }
    pgr_free(row);
    pgr_sampler_free(sm);
}

static void settings_out_of_range_are_refused(void **state) {
    (void)state;
    static const char *const empty[] = {""};
    struct pgr_sampling s = plain;
    assert_ok(pgr_sampling_check(&s));
    s = plain, s.temperature = -1.0f;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "temperature");
    s = plain, s.temperature = NAN;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "temperature");
    s = plain, s.top_p = 1.5f;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "top_p is 1.5");
    s = plain, s.min_p = -0.5f;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "min_p");
    s = plain, s.repetition_penalty = 0.0f;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "repetition_penalty");
    s = plain, s.max_tokens = 0;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "max_tokens");
    s = plain, s.stop = empty, s.n_stop = 1;
    assert_fails_with(pgr_sampling_check(&s), PGR_E_RANGE, "stop string");
}

int main(void) {
    pgr_par_set_threads(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_match_transformers),
        cmocka_unit_test(draws_follow_the_distribution),
        cmocka_unit_test(logp_is_of_the_plain_softmax),
        cmocka_unit_test(a_draw_depends_on_row_and_key_alone),
        cmocka_unit_test(greedy_takes_the_lowest_id_of_equals),
        cmocka_unit_test(rows_that_are_not_finite_say_so),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
