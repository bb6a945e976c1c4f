/* test_batch.c - what a batch may not change: shared prompts, neighbours, threads, temperature, chunks; and refusals.
 */
#include "model_test.h"

#include "base/par.h"
#include "base/size.h"

static struct pgr_config small(enum pgr_arch arch) {
    return (struct pgr_config){.arch = arch,
                               .n_layer = 2,
                               .d_model = 64,
                               .d_ff = 96,
                               .n_head = 4,
                               .n_kv_head = 2,
                               .d_head = 16,
                               .n_vocab = 1100, /* two blocks of the vocabulary */
                               .max_position = 512,
                               .norm_eps = 1e-6f,
                               .qkv_bias = arch == PGR_ARCH_QWEN2,
                               .qk_norm = arch == PGR_ARCH_QWEN3,
                               .tie_embeddings = arch != PGR_ARCH_LLAMA,
                               .rope = {.theta = 1e4},
                               .bos_id = -1,
                               .pad_id = -1};
}

static struct pgr_model *model(enum pgr_arch arch, enum pgr_dtype dtype) {
    struct pgr_config c = small(arch);
    struct pgr_model_opts o = {.dtype = dtype, .train = true, .seed = 11};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    /* Larger weights than a fresh model's, so that attention is not uniform. */
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        float f = p->rows > 1 ? 6.0f : 1.0f;
        for (size_t k = 0; k < p->n; k++) m->master[p->at + k] *= f;
    }
    pgr_model_repack(m);
    return m;
}

/* A batch made of sequences with what their tokens are to learn. */
enum { MAX_TOK = 700, MAX_SEG = 16 };
struct made {
    int32_t token[MAX_TOK], target[MAX_TOK], parent[MAX_SEG];
    size_t start[MAX_SEG + 1], n_row;
    uint32_t row[MAX_TOK];
    float weight[MAX_TOK]; /* d loss / d logp */
    struct pgr_batch b;
};
static int32_t token_at(size_t seq, size_t i) { return (int32_t)((seq * 7919 + i * 104729 + 13) % 1100); }
static float weight_at(size_t seq, size_t i) {
    return (float)pgr_rng_normal(3, PGR_RNG_TEST, (uint32_t)seq, (uint32_t)i, 1, 0);
}
static void made_init(struct made *x) {
    memset(x, 0, sizeof *x);
    x->b = (struct pgr_batch){0, x->token, {0, x->start, x->parent}};
}
static size_t add_segment(struct made *x, int32_t parent, size_t seq, size_t n) {
    size_t s = x->b.seg.n_seg++;
    x->parent[s] = parent;
    for (size_t i = 0; i < n; i++) x->token[x->b.n_tok++] = token_at(seq, i);
    x->start[s + 1] = x->b.n_tok;
    return s;
}
static void learn(struct made *x, size_t row, int32_t target, float weight) {
    x->row[x->n_row] = (uint32_t)row;
    x->target[x->n_row] = target;
    x->weight[x->n_row++] = weight;
}
/* Prompt `prompt` of n_p tokens and completions of n_c tokens: shared (one parent) or each with its own prompt. */
static void add_group(struct made *x, bool shared, size_t prompt, size_t n_p, size_t n_child, const size_t *n_c) {
    size_t parent = shared ? add_segment(x, -1, prompt, n_p) : 0;
    for (size_t c = 0; c < n_child; c++) {
        size_t seq = 100 + 10 * prompt + c, last, s;
        if (shared) {
            s = add_segment(x, (int32_t)parent, seq, n_c[c]);
            last = x->start[parent + 1] - 1;
        } else {
            s = add_segment(x, -1, prompt, n_p);
            for (size_t i = 0; i < n_c[c]; i++) x->token[x->b.n_tok++] = token_at(seq, i);
            x->start[s + 1] = x->b.n_tok;
            last = x->start[s] + n_p - 1;
        }
        size_t first = x->start[s + 1] - n_c[c];
        for (size_t i = 0; i < n_c[c]; i++)
            learn(x, i == 0 ? last : first + i - 1, token_at(seq, i), weight_at(seq, i));
    }
}

static void loss_fn(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                    float *dentropy) {
    const struct made *x = ctx;
    (void)logp;
    assert_non_null(entropy);
    for (size_t i = 0; i < n; i++) {
        dlogp[i] = x->weight[i0 + i];
        dentropy[i] = 0.1f * x->weight[i0 + i];
    }
}

static float *run(struct pgr_model *m, struct made *x, bool train, float *logp, float *entropy) {
    struct pgr_work_opts o = {.max_tok = x->b.n_tok + 5, .max_seg = x->b.seg.n_seg, .train = train};
    struct pgr_work *w;
    float *grad = train ? calloc(m->layout.n_elem, sizeof *grad) : NULL;
    assert_ok(pgr_work_new(m, &o, &w));
    assert_ok(pgr_forward(m, w, &x->b));
    assert_ok(pgr_head_logp(m, w, x->n_row, x->row, x->target, 0.9f, logp, entropy, train ? loss_fn : NULL, x, grad));
    if (train) assert_ok(pgr_backward(m, w, grad));
    pgr_work_free(w);
    return grad;
}

static void check_shared(enum pgr_arch arch, enum pgr_dtype dtype) {
    static const size_t n_c[] = {5, 40, 1, 33};
    struct pgr_model *m = model(arch, dtype);
    static struct made shared, apart;
    made_init(&shared);
    made_init(&apart);
    add_group(&shared, true, 0, 37, 4, n_c);
    add_group(&shared, true, 1, 1, 2, n_c);
    add_group(&apart, false, 0, 37, 4, n_c);
    add_group(&apart, false, 1, 1, 2, n_c);
    assert_int_equal(shared.n_row, apart.n_row);
    float logp1[MAX_TOK], logp2[MAX_TOK], h1[MAX_TOK], h2[MAX_TOK];
    float *g1 = run(m, &shared, true, logp1, h1), *g2 = run(m, &apart, true, logp2, h2);
    assert_memory_equal(logp1, logp2, shared.n_row * sizeof *logp1);
    assert_memory_equal(h1, h2, shared.n_row * sizeof *h1);
    /* The same terms in another order; in bfloat16 a prompt's gradients are rounded once for all completions instead of
     * once for each, at some 11 places a layer. */
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        if (dtype == PGR_F32)
            assert_close_max(p->name, p->n, g1 + p->at, g2 + p->at, 32 * 10 /* sqrt(96) */ * (double)FLT_EPSILON);
        else
            assert_close_rms(p->name, p->n, g1 + p->at, g2 + p->at, 22 / 512.0);
    }
    free(g1), free(g2);
    pgr_model_free(m);
}
static void a_shared_prompt_changes_nothing(void **state) {
    (void)state;
    check_shared(PGR_ARCH_LLAMA, PGR_F32);
    check_shared(PGR_ARCH_QWEN2, PGR_F32);
    check_shared(PGR_ARCH_QWEN3, PGR_F32);
    check_shared(PGR_ARCH_QWEN2, PGR_BF16);
    check_shared(PGR_ARCH_QWEN3, PGR_BF16);
}

static void check_neighbours(enum pgr_dtype dtype) {
    static const size_t n_c[] = {30, 3};
    struct pgr_model *m = model(PGR_ARCH_QWEN2, dtype);
    static struct made alone, among;
    float logp1[MAX_TOK], logp2[MAX_TOK], h1[MAX_TOK], h2[MAX_TOK];
    made_init(&alone);
    made_init(&among);
    add_group(&alone, true, 3, 20, 1, n_c);
    add_group(&among, true, 5, 17, 2, n_c); /* others before it, so that it lies elsewhere in the batch */
    size_t first = among.n_row;
    add_group(&among, false, 3, 20, 1, n_c);
    add_group(&among, true, 8, 300, 2, n_c);
    run(m, &alone, false, logp1, h1);
    free(run(m, &among, true, logp2, h2));
    assert_memory_equal(logp1, logp2 + first, alone.n_row * sizeof *logp1);
    assert_memory_equal(h1, h2 + first, alone.n_row * sizeof *h1);
    pgr_model_free(m);
}
static void a_token_has_the_same_bits_in_any_batch(void **state) {
    (void)state;
    check_neighbours(PGR_F32);
    check_neighbours(PGR_BF16);
}

/* As run(), the head called for at most `some` rows at a time. */
static float *run_in_parts(struct pgr_model *m, const struct made *x, size_t some, float *logp, float *entropy) {
    struct pgr_work_opts o = {.max_tok = x->b.n_tok, .max_seg = x->b.seg.n_seg, .train = true};
    struct pgr_work *w;
    float *grad = calloc(m->layout.n_elem, sizeof *grad);
    assert_ok(pgr_work_new(m, &o, &w));
    assert_ok(pgr_forward(m, w, &x->b));
    for (size_t i = 0; i < x->n_row; i += some) {
        struct made part = *x;
        part.n_row = pgr_min(some, x->n_row - i);
        memcpy(part.weight, x->weight + i, part.n_row * sizeof *part.weight);
        assert_ok(pgr_head_logp(m, w, part.n_row, x->row + i, x->target + i, 0.9f, logp + i, entropy + i, loss_fn,
                                &part, grad));
    }
    assert_ok(pgr_backward(m, w, grad));
    pgr_work_free(w);
    return grad;
}

/* More rows than one block of logits has, in two blocks of the vocabulary: beside calls for less than a block. */
static void check_head_parts(enum pgr_dtype dtype) {
    static const size_t n_c[] = {330, 270};
    struct pgr_model *m = model(PGR_ARCH_QWEN2, dtype);
    static struct made x;
    float logp1[MAX_TOK], logp2[MAX_TOK], h1[MAX_TOK], h2[MAX_TOK];
    made_init(&x);
    add_group(&x, true, 4, 20, 2, n_c);
    float *whole = run(m, &x, true, logp1, h1), *parts = run_in_parts(m, &x, 100, logp2, h2);
    assert_memory_equal(logp1, logp2, x.n_row * sizeof *logp1);
    assert_memory_equal(h1, h2, x.n_row * sizeof *h1);
    /* The same terms in other groups; in bfloat16 a last bit may then be rounded the other way at some 11 places a
     * layer. */
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        if (dtype == PGR_F32)
            assert_close_max(p->name, p->n, whole + p->at, parts + p->at,
                             32 * 25 /* sqrt(600) */ * (double)FLT_EPSILON);
        else
            assert_close_rms(p->name, p->n, whole + p->at, parts + p->at, 22 / 512.0);
    }
    free(whole), free(parts);
    pgr_model_free(m);
}
static void the_head_has_the_same_bits_in_parts(void **state) {
    (void)state;
    check_head_parts(PGR_F32);
    check_head_parts(PGR_BF16);
}

static void gradients_do_not_depend_on_threads(void **state) {
    (void)state;
    static const size_t n_c[] = {30, 3, 70};
    struct pgr_model *m = model(PGR_ARCH_QWEN3, PGR_BF16);
    static struct made x;
    float logp[MAX_TOK], h[MAX_TOK], *first = NULL;
    made_init(&x);
    add_group(&x, true, 3, 50, 3, n_c);
    size_t was = pgr_par_threads();
    for (size_t threads = 1; threads <= 3; threads++) {
        pgr_par_set_threads(threads);
        float *g = run(m, &x, true, logp, h);
        if (first) assert_memory_equal(first, g, m->layout.n_elem * sizeof *g);
        if (!first)
            first = g;
        else
            free(g);
    }
    pgr_par_set_threads(was);
    free(first);
    pgr_model_free(m);
}

/* d loss / d parameter of the whole chain along a random direction, against the loss itself: finds a gradient that is
 * missing or counted twice without any oracle. Float32 losses limit the step: with h = 1e-2 of unit directions the
 * difference is known to some eps |loss| / h, and the curvature adds h^2. */
static double loss_of(struct pgr_model *m, struct made *x) {
    float logp[MAX_TOK], h[MAX_TOK];
    pgr_model_repack(m);
    run(m, x, false, logp, h);
    double s = 0;
    for (size_t i = 0; i < x->n_row; i++) s += (double)x->weight[i] * ((double)logp[i] + (double)(0.1f * h[i]));
    return s;
}
static void gradient_predicts_the_loss(void **state) {
    (void)state;
    static const size_t n_c[] = {20, 9};
    struct pgr_model *m = model(PGR_ARCH_QWEN3, PGR_F32);
    static struct made x;
    made_init(&x);
    add_group(&x, true, 2, 30, 2, n_c);
    float logp[MAX_TOK], h[MAX_TOK];
    float *g = run(m, &x, true, logp, h);
    size_t n = m->layout.n_elem;
    float *was = malloc(n * sizeof *was);
    memcpy(was, m->master, n * sizeof *was);
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        double norm = 0, want = 0, step = 1e-2;
        for (size_t k = 0; k < p->n; k++) norm += (double)g[p->at + k] * (double)g[p->at + k];
        norm = sqrt(norm);
        /* along the gradient itself, where the slope is |g| */
        for (int sign = 1; sign >= -1; sign -= 2) {
            for (size_t k = 0; k < p->n; k++)
                m->master[p->at + k] = was[p->at + k] + (float)(sign * step / norm) * g[p->at + k];
            want += sign * loss_of(m, &x) / (2 * step);
        }
        memcpy(m->master + p->at, was + p->at, p->n * sizeof *was);
        if (!(fabs(want - norm) <= 0.01 * norm + 2e-3)) fail_msg("%s: slope %.6g, gradient %.6g", p->name, want, norm);
    }
    free(was), free(g);
    pgr_model_free(m);
}

static void wrong_batches_are_refused(void **state) {
    (void)state;
    struct pgr_model *m = model(PGR_ARCH_LLAMA, PGR_F32);
    struct pgr_work_opts o = {.max_tok = 10, .max_seg = 2};
    struct pgr_work *w;
    float logp[4];
    uint32_t row[] = {0, 9};
    int32_t target[] = {5, 1100};
    assert_ok(pgr_work_new(m, &o, &w));
    static struct made x;
    made_init(&x);
    assert_fails_with(pgr_forward(m, w, &x.b), PGR_E_SHAPE, "0 tokens");
    assert_fails_with(pgr_head_logp(m, w, 1, row, target, 1, logp, NULL, NULL, NULL, NULL), PGR_E_INTERNAL, "forward");
    add_segment(&x, -1, 0, 4);
    add_segment(&x, 0, 0, 4);
    assert_ok(pgr_forward(m, w, &x.b));
    assert_fails_with(pgr_head_logp(m, w, 2, row, target, 1, logp, NULL, NULL, NULL, NULL), PGR_E_SHAPE, "token 9");
    row[1] = 7;
    assert_fails_with(pgr_head_logp(m, w, 2, row, target, 1, logp, NULL, NULL, NULL, NULL), PGR_E_RANGE, "1100");
    target[1] = 1099;
    assert_fails_with(pgr_head_logp(m, w, 2, row, target, 0, logp, NULL, NULL, NULL, NULL), PGR_E_RANGE, "temperature");
    assert_ok(pgr_head_logp(m, w, 2, row, target, 1, logp, NULL, NULL, NULL, NULL));
    assert_fails_with(pgr_head_score(m, w, 1, row, logp), PGR_E_UNSUPPORTED, "score");
    assert_fails_with(pgr_backward(m, w, logp), PGR_E_INTERNAL, "backward");
    x.parent[0] = 1;
    assert_fails_with(pgr_forward(m, w, &x.b), PGR_E_SHAPE, "parent 1");
    x.parent[0] = -1, x.token[3] = 1100;
    assert_fails_with(pgr_forward(m, w, &x.b), PGR_E_RANGE, "token 1100 at 3");
    x.token[3] = -1;
    assert_fails_with(pgr_forward(m, w, &x.b), PGR_E_RANGE, "token -1 at 3");
    pgr_work_free(w);
    pgr_model_free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_prompt_changes_nothing),    cmocka_unit_test(a_token_has_the_same_bits_in_any_batch),
        cmocka_unit_test(gradients_do_not_depend_on_threads), cmocka_unit_test(gradient_predicts_the_loss),
        cmocka_unit_test(wrong_batches_are_refused),          cmocka_unit_test(the_head_has_the_same_bits_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
