/* test_golden.c - tiny models of every architecture against transformers in float32: logits, log-probabilities,
 * entropy, loss and the gradient of every parameter. Made by tools/make_model_golden.py. */
#include "model_test.h"

#include "base/size.h"

/* Longest sum in these models: 128 inputs of qwen3's output product. Stages: 6 a layer (norm, q/k/v, scores, weighted
 * values, output or gate/up, down), 2 layers, embedding, norm, logits, softmax. Backward passes as many again. */
static const double tol_forward = 16 * 11.32 /* sqrt(128) */ * (double)FLT_EPSILON;
static const double tol_backward = 2 * 16 * 11.32 * (double)FLT_EPSILON;
/* Roundings to bfloat16: weights, norm, q/k/v, rotation, softmax weights, attention, output, norm, gate/up, act, down =
 * 11 a layer, 2 layers, head norm and weights. */
static const double tol_forward_bf16 = 24 / 512.0;
static const double tol_backward_bf16 = 2 * 24 / 512.0;

struct golden {
    struct pgr_st *st;
    size_t n_tok, n_seg, n_row;
    int32_t *token, *target, *row32, *start32;
    size_t *start;
    uint32_t *row;
    float *dlogp, *dentropy, temperature;
    struct pgr_batch batch;
};

static void golden_open(const char *name, struct golden *g) {
    char path[512], file[600];
    snprintf(file, sizeof file, "%s/golden.safetensors", test_golden(path, name));
    assert_ok(pgr_st_open(file, &g->st));
    size_t n;
    g->token = test_ints(g->st, "token", &g->n_tok);
    g->start32 = test_ints(g->st, "start", &n);
    g->n_seg = n - 1;
    g->start = malloc(n * sizeof *g->start);
    for (size_t i = 0; i < n; i++) g->start[i] = (size_t)g->start32[i];
    if (pgr_st_tensor_find(g->st, "row")) {
        g->row32 = test_ints(g->st, "row", &g->n_row);
        g->target = test_ints(g->st, "target", NULL);
        g->dlogp = test_tensor(g->st, "dlogp", NULL);
        g->dentropy = test_tensor(g->st, "dentropy", NULL);
        g->row = malloc(g->n_row * sizeof *g->row);
        for (size_t i = 0; i < g->n_row; i++) g->row[i] = (uint32_t)g->row32[i];
        float *t = test_tensor(g->st, "temperature", NULL);
        g->temperature = *t;
        free(t);
    }
    g->batch = (struct pgr_batch){g->n_tok, g->token, {g->n_seg, g->start, NULL}};
}
static void golden_close(struct golden *g) {
    pgr_st_close(g->st);
    free(g->token), free(g->target), free(g->row32), free(g->start32), free(g->start), free(g->row);
    free(g->dlogp), free(g->dentropy);
}

static void loss_fn(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                    float *dentropy) {
    const struct golden *g = ctx;
    (void)logp;
    (void)entropy;
    for (size_t i = 0; i < n; i++) {
        assert_true(dlogp[i] == 0.0f && dentropy[i] == 0.0f);
        dlogp[i] = g->dlogp[i0 + i];
        dentropy[i] = g->dentropy[i0 + i];
    }
}

static void load(const char *name, enum pgr_dtype dtype, struct pgr_model **m) {
    char path[512];
    struct pgr_model_opts o = {.dtype = dtype, .train = true};
    assert_ok(pgr_model_load(test_golden(path, name), &o, m));
}

static struct pgr_work *work(const struct pgr_model *m, const struct golden *g, bool checkpoint) {
    struct pgr_work_opts o = {.max_tok = g->n_tok, .max_seg = g->n_seg, .train = true, .checkpoint = checkpoint};
    struct pgr_work *w;
    assert_ok(pgr_work_new(m, &o, &w));
    return w;
}

/* Forward, head, backward. grad is freshly zeroed and owned by the caller. */
static float *run(struct pgr_model *m, struct golden *g, bool checkpoint, float *logp, float *entropy, float *logits) {
    struct pgr_work *w = work(m, g, checkpoint);
    float *grad = calloc(m->layout.n_elem, sizeof *grad);
    assert_non_null(grad);
    assert_ok(pgr_forward(m, w, &g->batch));
    if (logits) {
        uint32_t *all = malloc(g->n_tok * sizeof *all);
        for (size_t i = 0; i < g->n_tok; i++) all[i] = (uint32_t)i;
        assert_ok(pgr_head_logits(m, w, g->n_tok, all, logits));
        free(all);
    }
    assert_ok(pgr_head_logp(m, w, g->n_row, g->row, g->target, g->temperature, logp, entropy, loss_fn, g, grad));
    assert_ok(pgr_backward(m, w, grad));
    pgr_work_free(w);
    return grad;
}

static void compare_gradients(const struct pgr_model *m, const struct pgr_st *st, const float *grad, double tol,
                              void (*close)(const char *, size_t, const float *, const float *, double)) {
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        char name[128];
        snprintf(name, sizeof name, "grad.%s", p->name);
        size_t n;
        float *want = test_tensor(st, name, &n);
        assert_int_equal(n, p->n);
        close(name, n, grad + p->at, want, tol);
        free(want);
    }
}

static void check_causal(const char *name, enum pgr_dtype dtype) {
    struct golden g = {0};
    struct pgr_model *m;
    golden_open(name, &g);
    load(name, dtype, &m);
    bool f32 = dtype == PGR_F32;
    double tol = f32 ? tol_forward : tol_forward_bf16;
    void (*close)(const char *, size_t, const float *, const float *, double) =
        f32 ? assert_close_max : assert_close_rms;
    float *logp = malloc(g.n_row * sizeof *logp), *entropy = malloc(g.n_row * sizeof *entropy);
    float *logits = malloc(g.n_tok * m->cfg.n_vocab * sizeof *logits);
    float *grad = run(m, &g, false, logp, entropy, logits);
    size_t n;
    float *want = test_tensor(g.st, "logits", &n);
    assert_int_equal(n, g.n_tok * m->cfg.n_vocab);
    close("logits", n, logits, want, tol);
    free(want);
    want = test_tensor(g.st, "logp", &n);
    close("logp", n, logp, want, tol);
    free(want);
    want = test_tensor(g.st, "entropy", &n);
    close("entropy", n, entropy, want, tol);
    free(want);
    double loss = 0, mass = 0;
    for (size_t i = 0; i < g.n_row; i++) {
        loss += (double)g.dlogp[i] * (double)logp[i] + (double)g.dentropy[i] * (double)entropy[i];
        mass += fabs((double)g.dlogp[i] * (double)logp[i]) + fabs((double)g.dentropy[i] * (double)entropy[i]);
    }
    want = test_tensor(g.st, "loss", NULL);
    if (!(fabs(loss - (double)*want) <= tol * mass)) fail_msg("loss %.9g, want %.9g", loss, (double)*want);
    free(want);
    compare_gradients(m, g.st, grad, f32 ? tol_backward : tol_backward_bf16, close);
    /* Recomputation changes no bit. */
    float *again = run(m, &g, true, logp, entropy, NULL);
    assert_memory_equal(again, grad, m->layout.n_elem * sizeof *grad);
    free(again), free(grad), free(logp), free(entropy), free(logits);
    pgr_model_free(m);
    golden_close(&g);
}

static const char *const causal[] = {"llama", "llama3_tied", "llama_linear", "qwen2_tied", "qwen3"};

static void float32_equals_transformers(void **state) {
    (void)state;
    for (size_t i = 0; i < PGR_COUNT(causal); i++) check_causal(causal[i], PGR_F32);
}
static void bfloat16_is_within_its_roundings(void **state) {
    (void)state;
    for (size_t i = 0; i < PGR_COUNT(causal); i++) check_causal(causal[i], PGR_BF16);
}

static void check_score(enum pgr_dtype dtype) {
    struct golden g = {0};
    struct pgr_model *m;
    golden_open("qwen2_score", &g);
    load("qwen2_score", dtype, &m);
    bool f32 = dtype == PGR_F32;
    struct pgr_work *w = work(m, &g, false);
    uint32_t row[8];
    float score[8], dscore[8], *grad = calloc(m->layout.n_elem, sizeof *grad);
    for (size_t i = 0; i < g.n_seg; i++) row[i] = (uint32_t)(g.start[i + 1] - 1);
    assert_ok(pgr_forward(m, w, &g.batch));
    assert_ok(pgr_head_score(m, w, g.n_seg, row, score));
    float *want = test_tensor(g.st, "score", NULL);
    void (*close)(const char *, size_t, const float *, const float *, double) =
        f32 ? assert_close_max : assert_close_rms;
    close("score", g.n_seg, score, want, f32 ? tol_forward : tol_forward_bf16);
    double loss = 0, n_pair = (double)g.n_seg / 2;
    for (size_t i = 0; i < g.n_seg; i += 2) {
        double gap = (double)score[i] - (double)score[i + 1];
        loss += log1p(exp(-gap)) / n_pair;
        dscore[i] = (float)(-1 / (1 + exp(gap)) / n_pair);
        dscore[i + 1] = -dscore[i];
    }
    free(want);
    want = test_tensor(g.st, "loss", NULL);
    assert_true(fabs(loss - (double)*want) <= (f32 ? tol_forward : tol_forward_bf16) * 4);
    free(want);
    assert_ok(pgr_head_score_backward(m, w, g.n_seg, row, dscore, grad));
    assert_ok(pgr_backward(m, w, grad));
    compare_gradients(m, g.st, grad, f32 ? tol_backward : tol_backward_bf16, close);
    assert_fails_with(pgr_head_logits(m, w, 1, row, score), PGR_E_UNSUPPORTED, "reward model");
    free(grad);
    pgr_work_free(w);
    pgr_model_free(m);
    golden_close(&g);
}
static void score_head_and_pair_loss_equal_transformers(void **state) {
    (void)state;
    check_score(PGR_F32);
    check_score(PGR_BF16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float32_equals_transformers),
        cmocka_unit_test(bfloat16_is_within_its_roundings),
        cmocka_unit_test(score_head_and_pair_loss_equal_transformers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
