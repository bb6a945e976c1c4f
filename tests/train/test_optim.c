/* test_optim.c - AdamW, clipping and schedules against torch and transformers (tools/make_optim_golden.py), and the
 * same bits for any number of threads. */
#include "test.h"

#include <float.h>
#include <math.h>

#include "base/json.h"
#include "base/par.h"
#include "base/rng.h"
#include "kern/optim.h"
#include "train/optim.h"

static json_t *golden;

static double real(const json_t *c, const char *key) {
    const json_t *v = json_object_get(c, key);
    assert_true(json_is_number(v));
    return json_number_value(v);
}

static double at(const json_t *c, const char *key, size_t i) {
    const json_t *v = json_array_get(json_object_get(c, key), i);
    assert_true(json_is_number(v));
    return json_number_value(v);
}

static int schedule_of(const json_t *c) {
    static const char *const names[] = {"linear", "cosine", "constant", "constant_with_warmup"};
    const char *name = json_string_value(json_object_get(c, "schedule"));
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0) return i;
    fail_msg("unknown schedule %s", name);
    return -1;
}

static int setup(void **state) {
    (void)state;
    return pgr_json_load("tests/golden/train/optim.json", &golden) == PGR_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    json_decref(golden);
    return 0;
}

static void schedules_equal_transformers(void **state) {
    (void)state;
    const json_t *list = json_object_get(golden, "schedules"), *c;
    assert_true(json_array_size(list) == 12);
    size_t i;
    json_array_foreach(list, i, c) {
        size_t n = json_array_size(json_object_get(c, "lr"));
        for (size_t s = 0; s < n; s++) {
            double got = pgr_lr_at((enum pgr_lr_schedule)schedule_of(c), 1.0, (size_t)real(c, "warmup"),
                                   (size_t)real(c, "total"), s);
            if (!(fabs(got - at(c, "lr", s)) <= 4 * DBL_EPSILON))
                fail_msg("schedule %zu step %zu: got %.17g, want %.17g", i, s, got, at(c, "lr", s));
        }
    }
}

static void adamw_and_clipping_equal_torch(void **state) {
    (void)state;
    const json_t *list = json_object_get(golden, "adamw"), *c;
    size_t i;
    json_array_foreach(list, i, c) {
        struct pgr_param param[4];
        struct pgr_layout l = {4, 0, param};
        for (size_t k = 0; k < 4; k++) {
            const char *kind = json_string_value(json_array_get(json_object_get(c, "kinds"), k));
            param[k] = (struct pgr_param){.kind = kind[0] == 'm'   ? PGR_P_WQ
                                                  : kind[0] == 'n' ? PGR_P_MLP_NORM
                                                                   : PGR_P_BK,
                                          .at = l.n_elem,
                                          .n = (size_t)at(c, "sizes", k)};
            l.n_elem += param[k].n;
        }
        float p[64], g[64], m[64] = {0}, v[64] = {0};
        double bound[64];
        assert_true(l.n_elem <= 64);
        for (size_t k = 0; k < l.n_elem; k++) p[k] = (float)at(c, "start", k), bound[k] = 0;
        struct pgr_optim_cfg cfg = {real(c, "beta1"), real(c, "beta2"), real(c, "epsilon"), real(c, "weight_decay")};
        const json_t *step;
        size_t t;
        json_array_foreach(json_object_get(c, "steps"), t, step) {
            for (size_t k = 0; k < l.n_elem; k++) g[k] = (float)at(step, "grad", k);
            double norm = pgr_grad_norm(l.n_elem, g);
            /* Squares are summed in float32: n roundings, halved by the root. */
            assert_true(fabs(norm - real(step, "norm")) <= 0.5 * (double)l.n_elem * (double)FLT_EPSILON * norm);
            double lr = pgr_lr_at((enum pgr_lr_schedule)schedule_of(c), real(c, "base_lr"), (size_t)real(c, "warmup"),
                                  (size_t)real(c, "total"), t);
            assert_true(fabs(lr - real(step, "lr")) <= 4 * DBL_EPSILON);
            pgr_optim_step(&cfg, &l, t + 1, lr, pgr_clip_scale(norm, real(c, "max_grad_norm")), p, g, m, v);
            for (size_t k = 0; k < l.n_elem; k++) {
                /* Three roundings of the parameter a step, and an update of at most 10 learning rates that about
                 * 12 float operations, moments included, have touched. */
                bound[k] += (double)FLT_EPSILON * (1.5 * fabs((double)p[k]) + 12 * 10 * lr);
                double want = at(step, "param", k);
                if (!(fabs((double)p[k] - want) <= bound[k]))
                    fail_msg("case %zu step %zu element %zu: got %.9g, want %.9g, bound %.2g", i, t, k, (double)p[k],
                             want, bound[k]);
            }
        }
    }
}

static void the_clip_scale_is_that_of_torch(void **state) {
    (void)state;
    assert_true(pgr_clip_scale(0.5, 1) == 1);
    assert_true(pgr_clip_scale(4, 1) == 1 / (4 + 1e-6));
    assert_true(pgr_clip_scale(1e9, 0) == 1);
}

static void results_do_not_depend_on_the_number_of_threads(void **state) {
    (void)state;
    enum { N = 300001 }; /* several pieces, none of them even */
    struct pgr_param param[3] = {{.kind = PGR_P_EMBED, .at = 0, .n = 70000},
                                 {.kind = PGR_P_ATTN_NORM, .at = 70000, .n = 1},
                                 {.kind = PGR_P_W_UP, .at = 70001, .n = N - 70001}};
    struct pgr_layout l = {3, N, param};
    struct pgr_optim_cfg cfg = {0.9, 0.99, 1e-8, 0.1};
    float *x[3];
    double norm[3];
    for (size_t r = 0; r < 3; r++) {
        pgr_par_set_threads(r + 1);
        x[r] = calloc(4 * N, sizeof(float));
        assert_non_null(x[r]);
        float *p = x[r], *g = p + N, *m = g + N, *v = m + N;
        for (uint32_t k = 0; k < N; k++) p[k] = (float)pgr_rng_normal(1, PGR_RNG_TEST, k, 0, 0, 0);
        for (size_t t = 1; t <= 2; t++) {
            for (uint32_t k = 0; k < N; k++) g[k] = (float)pgr_rng_normal(1, PGR_RNG_TEST, k, 1, 0, 0);
            norm[r] = pgr_grad_norm(N, g);
            pgr_optim_step(&cfg, &l, t, 0.01, pgr_clip_scale(norm[r], 1), p, g, m, v);
            for (size_t k = 0; k < N; k++) assert_true(g[k] == 0); /* left zeroed for the next step */
        }
        /* The norm vector alone does not decay. */
        if (r == 0) {
            float first = (float)pgr_rng_normal(1, PGR_RNG_TEST, 70000, 0, 0, 0);
            assert_true(fabsf(fabsf(p[70000] - first) - 0.02f) < 1e-4f);
        }
        assert_memory_equal(x[r], x[0], 4 * N * sizeof(float));
        assert_true(norm[r] == norm[0]);
        assert_true(p[N - 1] != 0 && m[0] != 0);
    }
    for (size_t r = 0; r < 3; r++) free(x[r]);
    pgr_par_set_threads(2);
}

static void warmup_is_given_in_steps_or_as_a_share(void **state) {
    (void)state;
    struct pgr_train_config c = {.warmup_steps = 3, .warmup_ratio = 0};
    assert_int_equal(pgr_warmup_steps(&c, 100), 3);
    c = (struct pgr_train_config){.warmup_ratio = 0.031};
    assert_int_equal(pgr_warmup_steps(&c, 100), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedules_equal_transformers),
        cmocka_unit_test(adamw_and_clipping_equal_torch),
        cmocka_unit_test(the_clip_scale_is_that_of_torch),
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(warmup_is_given_in_steps_or_as_a_share),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
