/* test_ops_vocab.c - log-softmax over blocks of the vocabulary, its entropy and gradient, against double. */
#include "ops_test.h"

#include "base/size.h"

struct vocab_case {
    size_t n_vocab, target;
    double *logit, scale, dlogp, dentropy;
};

static void softmax(const struct vocab_case *c, double *lse, double *entropy) {
    double peak = -INFINITY, sum = 0, h = 0;
    for (size_t j = 0; j < c->n_vocab; j++) peak = fmax(peak, c->logit[j] * c->scale);
    for (size_t j = 0; j < c->n_vocab; j++) sum += exp(c->logit[j] * c->scale - peak);
    *lse = peak + log(sum);
    for (size_t j = 0; j < c->n_vocab; j++) {
        double logp = c->logit[j] * c->scale - *lse;
        h -= exp(logp) * logp;
    }
    *entropy = h;
}
static double vocab_loss(void *ctx) {
    const struct vocab_case *c = ctx;
    double lse, h;
    softmax(c, &lse, &h);
    return c->dlogp * (c->logit[c->target] * c->scale - lse) + c->dentropy * h;
}

static void check_vocab(enum pgr_dtype t, size_t n, size_t n_vocab, double spread, bool with_entropy) {
    const float scale = 0.8f;
    size_t n_block = pgr_div_up(n_vocab, PGR_OPS_VOCAB), ld = n_vocab + 3;
    float *logit = test_floats(n * ld, PGR_F32, 5, spread);
    void *e = malloc(n * ld * pgr_dtype_bytes(t));
    struct pgr_vocab_state *state = malloc(n * n_block * sizeof *state);
    float *lse = malloc(n * sizeof *lse), *h = malloc(n * sizeof *h);
    float *dlogp = test_floats(n, PGR_F32, 0, 1), *dh = test_floats(n, PGR_F32, 0, 1);
    int32_t *target = malloc(n * sizeof *target);
    for (size_t i = 0; i < n; i++) target[i] = (int32_t)(i * 997 % n_vocab);
    target[n - 1] = (int32_t)n_vocab - 1;
    for (size_t b = 0; b < n_block; b++) {
        size_t c0 = b * PGR_OPS_VOCAB, nc = pgr_min(PGR_OPS_VOCAB, n_vocab - c0);
        pgr_ops_vocab_block(n, nc, logit + c0, ld, scale, n_block, b, state, t, (char *)e + c0 * pgr_dtype_bytes(t), ld,
                            NULL);
    }
    pgr_ops_vocab_finish(n, n_block, state, lse, h);
    pgr_ops_vocab_grad(n, n_vocab, state, lse, with_entropy ? h : NULL, target, dlogp, with_entropy ? dh : NULL, scale,
                       t, e, ld);
    for (size_t i = 0; i < n; i++) {
        double *l = test_doubles(n_vocab, logit + i * ld), want_lse, want_h, top = 0;
        struct vocab_case c = {n_vocab,       (size_t)target[i], l,
                               (double)scale, (double)dlogp[i],  with_entropy ? (double)dh[i] : 0};
        softmax(&c, &want_lse, &want_h);
        for (size_t j = 0; j < n_vocab; j++) top = fmax(top, fabs(l[j] * c.scale));
        /* A scaled logit is off by half a rounding of its size; exp carries that into every share. */
        double n_eps = 16 + 2 * top;
        assert_near("lse", i, (double)lse[i], want_lse, PGR_F32, n_eps, 1.0);
        assert_near("entropy", i, (double)h[i], want_h, PGR_F32, n_eps + PGR_OPS_VOCAB, want_h + 1);
        double share_rounding = t == PGR_BF16 ? 1.0 / 256 : 0; /* of the stored exponentials */
        for (size_t j = 0; j<n_vocab; j += n_vocab> 2000 ? 1 + j % 61 : 1) {
            double logp = l[j] * c.scale - want_lse, p = exp(logp), hit = j == c.target ? 1 : 0;
            double slope = c.scale * (c.dlogp * (hit - p) - c.dentropy * p * (logp + want_h));
            double mass = c.scale * (fabs(c.dlogp) * (hit + p) + fabs(c.dentropy) * p * (fabs(logp) + want_h + 1));
            double got = test_value(t, e, i * ld + j);
            double bound = mass * (n_eps + PGR_OPS_VOCAB) * FLT_EPSILON + mass * 2 * share_rounding + 1e-37;
            if (!(fabs(got - slope) <= bound))
                fail_msg("%s: gradient of logit %zu: got %.9g, want %.9g, bound %.3g", pgr_isa_name(pgr_isa()), j, got,
                         slope, bound);
        }
        if (n_vocab <= 40) /* the formula above against differences */
            for (size_t j = 0; j < n_vocab; j++) {
                double logp = l[j] * c.scale - want_lse, p = exp(logp), hit = j == c.target ? 1 : 0;
                double slope = c.scale * (c.dlogp * (hit - p) - c.dentropy * p * (logp + want_h));
                assert_true(fabs(slope - test_slope(vocab_loss, &c, &l[j])) < 1e-8);
            }
        free(l);
    }
    free(logit), free(e), free(state), free(lse), free(h), free(dlogp), free(dh), free(target);
}

static void vocab(enum pgr_dtype t) {
    check_vocab(t, 3, 7, 2, true);
    check_vocab(t, 9, 40, 3, true);
    check_vocab(t, 9, 40, 3, false);
    check_vocab(t, 2, 3 * PGR_OPS_VOCAB, 4, true);
    check_vocab(t, 10, 2 * PGR_OPS_VOCAB + 453, 10, false);
    check_vocab(t, 3, 2 * PGR_OPS_VOCAB + 453, 10, true);
}
static void log_softmax_entropy_and_gradient_match_double(void **state) {
    (void)state;
    test_each_level(vocab);
}

/* A lane is the sum of its exponentials, which come out in float32: at most 32 additions, each off by half a rounding.
 */
static void lanes(enum pgr_dtype t) {
    (void)t;
    for (size_t nc = 1; nc <= PGR_OPS_VOCAB; nc = nc < 70 ? nc + 3 : nc + 477) {
        enum { N = 3 };
        float *logit = test_floats(N * nc, PGR_F32, 11, 4), *e = malloc(N * nc * sizeof *e);
        float lane[N][PGR_OPS_LANES];
        struct pgr_vocab_state state[N];
        assert_non_null(e);
        pgr_ops_vocab_block(N, nc, logit, nc, 1.0f, 1, 0, state, PGR_F32, e, nc, lane[0]);
        for (size_t i = 0; i < N; i++) {
            double all = 0;
            for (size_t k = 0; k < PGR_OPS_LANES; k++) {
                double want = 0;
                for (size_t j = k; j < nc; j += PGR_OPS_LANES) want += (double)e[i * nc + j];
                if (fabs((double)lane[i][k] - want) > 16 * (double)FLT_EPSILON * want)
                    fail_msg("%zu columns, row %zu, lane %zu: %g, not %g", nc, i, k, (double)lane[i][k], want);
                all += want;
            }
            assert_near("sum", i, (double)state[i].sum, all, PGR_F32, 16 + PGR_OPS_LANES, all);
        }
        free(logit), free(e);
    }
}
static void lanes_are_sums_of_the_exponentials(void **state) {
    (void)state;
    test_each_level(lanes);
}

static void extremes(enum pgr_dtype t) {
    /* One logit far above the rest: its probability rounds to 1, the others to 0, nothing is NaN. */
    enum { V = 100 };
    float logit[V] = {0}, lse, h, dlogp = 1, dh = 1;
    logit[50] = 3e4f;
    struct pgr_vocab_state state;
    int32_t target = 50;
    void *e = test_typed(V, t, NULL);
    pgr_ops_vocab_block(1, V, logit, V, 1.0f, 1, 0, &state, t, e, V, NULL);
    pgr_ops_vocab_finish(1, 1, &state, &lse, &h);
    assert_true(lse == 3e4f && h == 0.0f && pgr_ops_vocab_logp(logit[50], 1.0f, lse) == 0.0f);
    pgr_ops_vocab_grad(1, V, &state, &lse, &h, &target, &dlogp, &dh, 1.0f, t, e, V);
    for (size_t j = 0; j < V; j++) assert_true(test_value(t, e, j) == 0.0);
    free(e);
    /* A NaN among the logits reaches the result. */
    logit[3] = NAN;
    pgr_ops_vocab_block(1, V, logit, V, 1.0f, 1, 0, &state, t, NULL, 0, NULL);
    pgr_ops_vocab_finish(1, 1, &state, &lse, &h);
    assert_true(isnan(lse));
}
static void extreme_logits_stay_finite_and_nan_shows(void **state) {
    (void)state;
    test_each_level(extremes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_softmax_entropy_and_gradient_match_double),
        cmocka_unit_test(lanes_are_sums_of_the_exponentials),
        cmocka_unit_test(extreme_logits_stay_finite_and_nan_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
