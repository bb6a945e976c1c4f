/* test_real.c - real models from the cache (pgrpo fetch) against logits that transformers computes in float32 from the
 * same GGUF file. Made by tools/make_model_golden.py. Skipped when the model is not in the cache. */
#include "model_test.h"

#include "base/size.h"

struct real {
    struct pgr_st *golden;
    char path[600];
};

static bool find(const char *name, struct real *r) {
    const char *cache = getenv("PGRPO_CACHE"), *home = getenv("HOME");
    if (cache)
        snprintf(r->path, sizeof r->path, "%s/models/%s.gguf", cache, name);
    else
        snprintf(r->path, sizeof r->path, "%s/.cache/pgrpo/models/%s.gguf", home ? home : "", name);
    if (!pgr_file_exists(r->path)) {
        print_message("%s: not there (pgrpo fetch %s)\n", r->path, name);
        return false;
    }
    char golden[512];
    snprintf(golden, sizeof golden, "tests/golden/models/real/%s.safetensors", name);
    assert_ok(pgr_st_open(golden, &r->golden));
    return true;
}

static void check(const char *name, enum pgr_dtype dtype) {
    struct real r;
    if (!find(name, &r)) skip();
    struct pgr_model_opts mo = {.dtype = dtype};
    struct pgr_model *m;
    assert_ok(pgr_model_load(r.path, &mo, &m));
    size_t n_tok, n_row, n_column, n_top, v = m->cfg.n_vocab;
    int32_t *token = test_ints(r.golden, "token", &n_tok), *row32 = test_ints(r.golden, "row", &n_row);
    int32_t *column = test_ints(r.golden, "column", &n_column), *top = test_ints(r.golden, "top", &n_top);
    float *logit = test_tensor(r.golden, "logit", NULL), *top_logit = test_tensor(r.golden, "top_logit", NULL);
    float *want_logp = test_tensor(r.golden, "logp", NULL), *want_h = test_tensor(r.golden, "entropy", NULL);
    struct pgr_work_opts wo = {.max_tok = n_tok, .max_seg = 1};
    struct pgr_work *w;
    assert_ok(pgr_work_new(m, &wo, &w));
    size_t start[] = {0, n_tok};
    struct pgr_batch b = {n_tok, token, {1, start, NULL}};
    uint32_t row[64], next[128];
    assert_true(n_row <= 64 && n_tok <= 128);
    for (size_t i = 0; i < n_row; i++) row[i] = (uint32_t)row32[i];
    for (size_t i = 0; i < n_tok; i++) next[i] = (uint32_t)i;
    float *all = malloc(n_row * v * sizeof *all), logp[128], h[128];
    float *got = calloc(n_row * n_column, sizeof *got), *got_top = calloc(n_top, sizeof *got_top);
    assert_ok(pgr_forward(m, w, &b));
    assert_ok(pgr_head_logits(m, w, n_row, row, all));
    assert_ok(pgr_head_logp(m, w, n_tok - 1, next, token + 1, 1.0f, logp, h, NULL, NULL, NULL));
    for (size_t i = 0; i < n_row; i++) {
        for (size_t j = 0; j < n_column; j++) got[i * n_column + j] = all[i * v + (size_t)column[j]];
        for (size_t j = 0; j < n_top / n_row; j++)
            got_top[i * (n_top / n_row) + j] = all[i * v + (size_t)top[i * (n_top / n_row) + j]];
    }
    double layers = (double)m->cfg.n_layer;
    if (dtype == PGR_F32) {
        /* six stages a layer, the longest sum d_ff; see model_test.h */
        double tol = (6 * layers + 3) * sqrt((double)m->cfg.d_ff) * (double)FLT_EPSILON;
        assert_close_max("logits", n_row * n_column, got, logit, tol);
        assert_close_max("top logits", n_top, got_top, top_logit, tol);
        assert_close_max("logp", n_tok - 1, logp, want_logp, tol);
        assert_close_max("entropy", n_tok - 1, h, want_h, tol);
        for (size_t i = 0; i < n_row; i++) { /* the most likely token */
            size_t best = 0;
            for (size_t j = 1; j < v; j++)
                if (all[i * v + j] > all[i * v + best]) best = j;
            assert_int_equal(best, top[i * (n_top / n_row)]);
        }
    } else {
        /* 11 roundings of 2^-9 within a layer; the layers' sums into the residual stream are independent */
        double tol = 11 * sqrt(layers) / 512;
        assert_close_rms("logits", n_row * n_column, got, logit, tol);
        assert_close_rms("top logits", n_top, got_top, top_logit, tol);
        assert_close_rms("logp", n_tok - 1, logp, want_logp, tol);
    }
    free(token), free(row32), free(column), free(top), free(logit), free(top_logit), free(want_logp), free(want_h);
    free(all), free(got), free(got_top);
    pgr_work_free(w);
    pgr_model_free(m);
    pgr_st_close(r.golden);
}

static void smollm2_in_float32(void **state) {
    (void)state;
    check("smollm2-135m-instruct", PGR_F32);
}
static void smollm2_in_bfloat16(void **state) {
    (void)state;
    check("smollm2-135m-instruct", PGR_BF16);
}
/* Under a sanitizer these would take minutes and run no code that the smaller model does not. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOW_BUILD = 1 };
#else
enum { SLOW_BUILD = 0 };
#endif

static void qwen_in_float32(void **state) {
    (void)state;
    if (SLOW_BUILD) skip();
    check("qwen2.5-coder-0.5b-instruct", PGR_F32);
}
static void qwen_in_bfloat16(void **state) {
    (void)state;
    if (SLOW_BUILD) skip();
    check("qwen2.5-coder-0.5b-instruct", PGR_BF16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smollm2_in_float32),
        cmocka_unit_test(smollm2_in_bfloat16),
        cmocka_unit_test(qwen_in_float32),
        cmocka_unit_test(qwen_in_bfloat16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
