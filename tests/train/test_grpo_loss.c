/* test_grpo_loss.c - loss, gradient, metrics and advantages against TRL's own numbers
 * (tools/make_trl_golden.py), and the parts TRL lacks against central differences. */
#include "test.h"

#include <float.h>
#include <math.h>

#include "base/json.h"
#include "train/advantage.h"
#include "train/grpo_loss.h"

enum { MAX_SEQ = 64, MAX_TOK = 512 };

static json_t *load_cases(const char *path) {
    json_t *j, *cases;
    assert_ok(pgr_json_load(path, &j));
    assert_ok(pgr_json_array(j, path, "cases", &cases));
    json_incref(cases);
    json_decref(j);
    assert_true(json_array_size(cases) > 0);
    return cases;
}

static size_t floats(const json_t *c, const char *key, float *out, size_t max) {
    const json_t *a = json_object_get(c, key);
    assert_true(json_is_array(a) && json_array_size(a) <= max);
    for (size_t i = 0; i < json_array_size(a); i++) {
        const json_t *v = json_array_get(a, i);
        out[i] = json_is_null(v) ? NAN : (float)json_number_value(v);
    }
    return json_array_size(a);
}

static double real(const json_t *c, const char *key) {
    const json_t *v = json_object_get(c, key);
    assert_non_null(v);
    return json_is_null(v) ? NAN : json_number_value(v);
}

static size_t whole(const json_t *c, const char *key) { return (size_t)real(c, key); }

static int index_of(const char *name, const char *const *names) {
    for (int i = 0; names[i]; i++)
        if (strcmp(name, names[i]) == 0) return i;
    fail_msg("unknown name %s", name);
    return -1;
}

struct tensors {
    size_t n_seq, n_tok, start[MAX_SEQ + 1], length[MAX_SEQ];
    float logp[MAX_TOK], old[MAX_TOK], ref[MAX_TOK], adv[MAX_SEQ], weight[MAX_SEQ];
    float tok_adv[MAX_TOK], tok_weight[MAX_TOK];
};

static void spread(struct tensors *t) {
    for (size_t s = 0; s < t->n_seq; s++)
        for (size_t i = t->start[s]; i < t->start[s + 1]; i++)
            t->tok_adv[i] = t->adv[s], t->tok_weight[i] = t->weight[s];
}

static void metric(const json_t *c, const char *key, double got, size_t i) {
    const json_t *v = json_object_get(json_object_get(c, "metrics"), key);
    if (!v) return;
    double want = json_number_value(v);
    /* Counts over at most MAX_TOK tokens, one division: a few roundings of double. The KL is a sum of terms below e^3.
     */
    double tol = 1e-12 + (double)FLT_EPSILON * (strncmp(key, "clip", 4) == 0 ? fabs(want) : 0);
    if (!(fabs(got - want) <= tol)) fail_msg("case %zu %s: got %.17g, want %.17g", i, key, got, want);
}

static void loss_and_gradient_equal_trl(void **state) {
    (void)state;
    static const char *const losses[] = {"grpo", "bnpo", "dr_grpo", "dapo", NULL};
    json_t *cases = load_cases("tests/golden/train/grpo_loss.json");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        static struct tensors t;
        static float want[MAX_TOK], got[MAX_TOK], length[MAX_SEQ];
        t.n_seq = floats(c, "length", length, MAX_SEQ);
        t.start[0] = 0;
        for (size_t s = 0; s < t.n_seq; s++) {
            t.length[s] = (size_t)length[s];
            t.start[s + 1] = t.start[s] + t.length[s];
        }
        t.n_tok = t.start[t.n_seq];
        assert_int_equal(floats(c, "advantage", t.adv, MAX_SEQ), t.n_seq);
        assert_int_equal(floats(c, "logp", t.logp, MAX_TOK), t.n_tok);
        assert_int_equal(floats(c, "logp_old", t.old, MAX_TOK), t.n_tok);
        assert_int_equal(floats(c, "logp_ref", t.ref, MAX_TOK), t.n_tok);
        assert_int_equal(floats(c, "grad", want, MAX_TOK), t.n_tok);
        size_t gas = whole(c, "gradient_accumulation_steps");
        struct pgr_grpo_batch b = {
            .type = (enum pgr_loss_type)index_of(json_string_value(json_object_get(c, "loss_type")), losses),
            .n_seq = t.n_seq,
            .micro_batch = whole(c, "micro_batch"),
            .max_completion = whole(c, "max_completion"),
            .round_seq = t.n_seq / gas * whole(c, "steps_per_generation"),
            .round_tok = whole(c, "round_tok")};
        struct pgr_grpo_cfg cfg = {.clip_low = real(c, "epsilon"),
                                   .clip_high = real(c, "epsilon_high"),
                                   .delta = real(c, "delta"),
                                   .beta = real(c, "beta"),
                                   .kl = PGR_KL_K3,
                                   .kl_bias_correction = json_is_true(json_object_get(c, "use_bias_correction_kl"))};
        const float *old = json_is_true(json_object_get(c, "on_policy")) ? NULL : t.old;
        const float *ref = cfg.beta != 0 ? t.ref : NULL;
        pgr_grpo_weights(&b, t.length, t.weight);
        spread(&t);
        /* In two pieces, as the loss head asks for it. */
        size_t cut = t.n_tok / 3;
        pgr_grpo_grad(&cfg, cut, t.logp, old, ref, t.tok_adv, t.tok_weight, got);
        pgr_grpo_grad(&cfg, t.n_tok - cut, t.logp + cut, old ? old + cut : NULL, ref ? ref + cut : NULL,
                      t.tok_adv + cut, t.tok_weight + cut, got + cut);
        /* The weight, the result and the stored golden are each rounded once to float. */
        for (size_t k = 0; k < t.n_tok; k++)
            if (!(fabsf(got[k] - want[k]) <= 1.5f * FLT_EPSILON * fabsf(want[k]) + 1e-30f))
                fail_msg("case %zu token %zu: gradient %.9g, want %.9g", i, k, (double)got[k], (double)want[k]);
        struct pgr_grpo_stats st;
        assert_ok(pgr_grpo_measure(&cfg, t.n_seq, t.start, t.logp, old, ref, t.adv, t.weight, &st));
        double mass = 0; /* sum of |weight * token loss| bounds the effect of the float weights */
        for (size_t k = 0; k < t.n_tok; k++)
            mass += (double)t.tok_weight[k] * (fabs((double)t.tok_adv[k]) * 4 + cfg.beta * 30);
        if (!(fabs(st.loss - real(c, "loss")) <= (double)FLT_EPSILON * mass))
            fail_msg("case %zu: loss %.17g, want %.17g", i, st.loss, real(c, "loss"));
        metric(c, "kl", st.kl, i);
        metric(c, "clip_ratio/low_mean", st.clip_low, i);
        metric(c, "clip_ratio/high_mean", st.clip_high, i);
        metric(c, "clip_ratio/region_mean", st.clip_region, i);
        metric(c, "clip_ratio/low_min", st.clip_low_min, i);
        metric(c, "clip_ratio/high_max", st.clip_high_max, i);
        assert_int_equal(st.n_tok, t.n_tok);
        if (!old) assert_true(st.ratio_min == 1 && st.ratio_mean == 1 && st.ratio_max == 1);
    }
    json_decref(cases);
}

/* The loss of one token as a function of its log-probability, for the estimators TRL has no golden of. */
static double loss_at(const struct pgr_grpo_cfg *cfg, float logp, float old, float ref, float adv) {
    const size_t start[2] = {0, 1};
    const float weight = 1;
    struct pgr_grpo_stats st;
    assert_ok(pgr_grpo_measure(cfg, 1, start, &logp, &old, &ref, &adv, &weight, &st));
    return st.loss;
}

static void every_kl_estimator_has_its_value_and_derivative(void **state) {
    (void)state;
    const float h = 0x1p-9f, points[][4] = {{-1.5f, -1.25f, -2.0f, 0.75f},
                                            {-0.5f, -0.5f, -0.5f, -1.0f},
                                            {-3.0f, -2.875f, -1.0f, 0.0f}};
    for (int kl = 0; kl < 3; kl++)
        for (int bias = 0; bias < 2; bias++)
            for (size_t p = 0; p < 3; p++) {
                struct pgr_grpo_cfg cfg = {0.2, 0.28, NAN, 0.5, (enum pgr_kl_estimator)kl, bias == 1};
                float lp = points[p][0], old = points[p][1], ref = points[p][2], adv = points[p][3], one = 1, d;
                pgr_grpo_grad(&cfg, 1, &lp, &old, &ref, &adv, &one, &d);
                double numeric =
                    (loss_at(&cfg, lp + h, old, ref, adv) - loss_at(&cfg, lp - h, old, ref, adv)) / (2 * (double)h);
                /* Central differences: h^2 / 6 times the third derivative, here below e^2 * 4. */
                double bound = (double)(h * h) / 6 * 32 + 1e-6;
                if (!(fabs((double)d - numeric) <= bound))
                    fail_msg("k%d bias %d point %zu: %.9g, numeric %.9g", kl + 1, bias, p, (double)d, numeric);
                double x = (double)lp - (double)ref, r = exp((double)lp - (double)old);
                double k = kl == 0 ? x : kl == 1 ? x * x / 2 : exp(-x) - 1 + x;
                struct pgr_grpo_cfg without = cfg;
                without.beta = 0;
                double got = (loss_at(&cfg, lp, old, ref, adv) - loss_at(&without, lp, old, ref, adv)) / 0.5;
                assert_true(fabs(got - (bias ? k * r : k)) < 1e-12);
            }
}

static void advantages_equal_trl(void **state) {
    (void)state;
    static const char *const scales[] = {"group", "batch", "none", NULL};
    json_t *cases = load_cases("tests/golden/train/advantages.json");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        float reward[64], want[64], got[64];
        enum pgr_group_kind kind[64];
        size_t n = floats(c, "reward", reward, 64), group = whole(c, "group");
        floats(c, "advantage", want, 64);
        int scale = index_of(json_string_value(json_object_get(c, "scale")), scales);
        pgr_advantages((enum pgr_scale_rewards)scale, n / group, group, reward, got, kind);
        for (size_t k = 0; k < n; k++) {
            if (!(fabsf(got[k] - want[k]) <= FLT_EPSILON * fabsf(want[k])))
                fail_msg("case %zu reward %zu: %.9g, want %.9g", i, k, (double)got[k], (double)want[k]);
            if (scale != PGR_SCALE_BATCH)
                assert_int_equal(kind[k / group] == PGR_GROUP_FLAT,
                                 json_is_true(json_array_get(json_object_get(c, "std_zero"), k)));
        }
    }
    json_decref(cases);
}

static void a_left_out_sample_changes_no_other_advantage(void **state) {
    (void)state;
    const float with[4] = {1, NAN, 2, 0}, without[3] = {1, 2, 0};
    float a[4], b[3];
    enum pgr_group_kind kind;
    pgr_advantages(PGR_SCALE_GROUP, 1, 4, with, a, &kind);
    pgr_advantages(PGR_SCALE_GROUP, 1, 3, without, b, NULL);
    assert_int_equal(kind, PGR_GROUP_MIXED);
    assert_true(a[0] == b[0] && a[1] == 0 && a[2] == b[1] && a[3] == b[2]);
    const float alone[4] = {NAN, NAN, 2, NAN};
    pgr_advantages(PGR_SCALE_GROUP, 1, 4, alone, a, &kind);
    assert_int_equal(kind, PGR_GROUP_TOO_SMALL);
    for (int i = 0; i < 4; i++) assert_true(a[i] == 0);
}

static void a_loss_that_is_not_finite_is_an_error(void **state) {
    (void)state;
    struct pgr_grpo_cfg cfg = {0.2, 0.28, NAN, 0, PGR_KL_K3, false};
    const size_t start[2] = {0, 1};
    float lp = NAN, adv = 1, w = 1;
    struct pgr_grpo_stats st = {.loss = 5};
    assert_fails_with(pgr_grpo_measure(&cfg, 1, start, &lp, NULL, NULL, &adv, &w, &st), PGR_E_FINITE, "loss");
    assert_true(st.loss == 5);
    const size_t none[2] = {0, 0};
    assert_ok(pgr_grpo_measure(&cfg, 1, none, &lp, NULL, NULL, &adv, &w, &st)); /* no token: no loss */
    assert_true(st.loss == 0 && st.n_tok == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_gradient_equal_trl),
        cmocka_unit_test(every_kl_estimator_has_its_value_and_derivative),
        cmocka_unit_test(advantages_equal_trl),
        cmocka_unit_test(a_left_out_sample_changes_no_other_advantage),
        cmocka_unit_test(a_loss_that_is_not_finite_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
