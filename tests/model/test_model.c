/* test_model.c - a model's memory: what is drawn lies where the layout says, packed and unpacked, and nowhere else. */
#include "test.h"

#include <float.h>
#include <math.h>

#include "base/json.h"
#include "base/par.h"
#include "base/size.h"
#include "model/model.h"

static struct pgr_config small(enum pgr_arch arch) {
    struct pgr_config c = {.arch = arch,
                           .n_layer = 2,
                           .d_model = 48,
                           .d_ff = 40,
                           .n_head = 4,
                           .n_kv_head = 2,
                           .d_head = 16,
                           .n_vocab = 70,
                           .max_position = 64,
                           .norm_eps = 1e-6f,
                           .rope = {.theta = 1e4},
                           .bos_id = -1,
                           .pad_id = -1};
    c.qkv_bias = arch == PGR_ARCH_QWEN2;
    c.qk_norm = arch == PGR_ARCH_QWEN3;
    return c;
}

/* Row r of parameter p as the model computes with it. */
static void compute_row(const struct pgr_model *m, const struct pgr_param *p, size_t r, float *dst) {
    const struct pgr_config *c = &m->cfg;
    const struct pgr_layer_weights *l = p->layer == SIZE_MAX ? NULL : &m->layer[p->layer];
    size_t n_q = c->n_head * c->d_head, n_kv = c->n_kv_head * c->d_head;
    const float *v = NULL;
    struct pgr_wmat *w = NULL;
    switch (p->kind) {
    case PGR_P_EMBED: w = m->embed; break;
    case PGR_P_LM_HEAD: w = m->lm_head; break;
    case PGR_P_WQ: w = l->qkv; break;
    case PGR_P_WK: w = l->qkv, r += n_q; break;
    case PGR_P_WV: w = l->qkv, r += n_q + n_kv; break;
    case PGR_P_WO: w = l->o; break;
    case PGR_P_W_GATE: w = l->gate_up; break;
    case PGR_P_W_UP: w = l->gate_up, r += c->d_ff; break;
    case PGR_P_W_DOWN: w = l->down; break;
    case PGR_P_ATTN_NORM: v = l->attn_norm; break;
    case PGR_P_MLP_NORM: v = l->mlp_norm; break;
    case PGR_P_BQ: v = l->qkv_bias; break;
    case PGR_P_BK: v = l->qkv_bias + n_q; break;
    case PGR_P_BV: v = l->qkv_bias + n_q + n_kv; break;
    case PGR_P_Q_NORM: v = l->q_norm; break;
    case PGR_P_K_NORM: v = l->k_norm; break;
    case PGR_P_FINAL_NORM: v = m->final_norm; break;
    case PGR_P_SCORE: v = m->score; break;
    }
    if (w)
        pgr_wmat_get_row(w, r, dst);
    else
        memcpy(dst, v, p->cols * sizeof *dst);
}

static bool packed(const struct pgr_param *p) { return p->rows > 1; }

/* Every value the model computes with is the block's, rounded if it is a matrix and the dtype bfloat16. */
static void assert_computes_with(const struct pgr_model *m, const float *block) {
    float *row = malloc(4096 * sizeof *row);
    assert_non_null(row);
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        for (size_t r = 0; r < p->rows; r++) {
            compute_row(m, p, r, row);
            for (size_t k = 0; k < p->cols; k++) {
                float want = block[p->at + r * p->cols + k];
                if (m->dtype == PGR_BF16 && packed(p)) want = pgr_bf16_to_f32(pgr_f32_to_bf16(want));
                if (row[k] != want)
                    fail_msg("%s row %zu column %zu: got %g, want %g", p->name, r, k, (double)row[k], (double)want);
            }
        }
    }
    free(row);
}

static void models_with_and_without_master_compute_with_the_same_values(void **state) {
    (void)state;
    for (int variant = 0; variant < 12; variant++) {
        struct pgr_config c = small((enum pgr_arch)(variant % 3));
        c.tie_embeddings = variant & 1;
        c.has_score = variant & 2;
        struct pgr_model_opts o = {.dtype = variant < 6 ? PGR_F32 : PGR_BF16, .train = true, .seed = 5};
        struct pgr_model *trained, *inferred;
        assert_ok(pgr_model_random(&c, &o, &trained));
        assert_computes_with(trained, trained->master);
        assert_null(trained->vectors);
        o.train = false;
        assert_ok(pgr_model_random(&c, &o, &inferred));
        assert_null(inferred->master);
        assert_computes_with(inferred, trained->master);
        assert_true((inferred->lm_head == inferred->embed) == (c.tie_embeddings && !c.has_score));
        assert_true((inferred->lm_head == NULL) == c.has_score);
        pgr_model_free(trained);
        pgr_model_free(inferred);
    }
}

static size_t wmat_bytes(const struct pgr_wmat *w, unsigned uses) {
    return pgr_wmat_bytes(pgr_wmat_n_out(w), pgr_wmat_n_in(w), pgr_wmat_dtype(w), uses);
}

static void the_bytes_of_a_model_are_known_before(void **state) {
    (void)state;
    for (int variant = 0; variant < 16; variant++) {
        struct pgr_config c = small((enum pgr_arch)(variant % 3));
        c.tie_embeddings = variant & 1;
        struct pgr_model_opts o = {
            .dtype = variant & 2 ? PGR_F32 : PGR_BF16, .train = variant & 4, .add_score = variant & 8};
        struct pgr_model *m;
        assert_ok(pgr_model_random(&c, &o, &m));
        size_t bytes = (m->master ? m->layout.n_elem : m->n_vectors) * sizeof(float);
        bool tied = m->lm_head == m->embed;
        bytes += wmat_bytes(m->embed, tied ? m->uses : PGR_WMAT_FORWARD);
        if (m->lm_head && !tied) bytes += wmat_bytes(m->lm_head, m->uses);
        for (size_t i = 0; i < c.n_layer; i++) {
            const struct pgr_layer_weights *l = &m->layer[i];
            bytes += wmat_bytes(l->qkv, m->uses) + wmat_bytes(l->o, m->uses) + wmat_bytes(l->gate_up, m->uses) +
                     wmat_bytes(l->down, m->uses);
        }
        assert_int_equal(pgr_model_bytes(&c, &o), bytes);
        pgr_model_free(m);
    }
    struct pgr_config c = small(PGR_ARCH_QWEN2);
    struct pgr_model_opts o = {.dtype = PGR_BF16, .train = true, .save_only = true};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    assert_null(m->embed);
    assert_int_equal(pgr_model_bytes(&c, &o), m->layout.n_elem * sizeof(float));
    pgr_model_free(m);
    o.train = false;
    assert_fails_with(pgr_model_random(&c, &o, &m), PGR_E_RANGE, "needs its float32 block");
}

static void draws_depend_on_the_seed_alone(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_QWEN2);
    c.n_vocab = 900; /* more than one piece of work */
    struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .seed = 1};
    struct pgr_model *a, *b, *other;
    size_t threads = pgr_par_threads();
    pgr_par_set_threads(1);
    assert_ok(pgr_model_random(&c, &o, &a));
    pgr_par_set_threads(3);
    assert_ok(pgr_model_random(&c, &o, &b));
    o.seed = 2;
    assert_ok(pgr_model_random(&c, &o, &other));
    pgr_par_set_threads(threads);
    assert_memory_equal(a->master, b->master, a->layout.n_elem * sizeof(float));
    size_t same = 0, repeated = 0;
    double sum = 0, sum2 = 0;
    const struct pgr_param *e = &a->layout.param[0];
    for (size_t i = 0; i < e->n; i++) {
        same += a->master[i] == other->master[i];
        repeated += i > 0 && a->master[i] == a->master[i - 1];
        sum += a->master[i], sum2 += a->master[i] * a->master[i];
    }
    assert_true(same < 10 && repeated < 10);
    /* n draws N(0, 1/48): the mean is off by sd/sqrt(n), the variance by var sqrt(2/n); six of those. */
    double n = (double)e->n, var = 1.0 / 48.0;
    assert_true(fabs(sum / n) < 6 * sqrt(var / n));
    assert_true(fabs(sum2 / n - var) < 6 * var * sqrt(2 / n));
    pgr_model_free(a);
    pgr_model_free(b);
    pgr_model_free(other);
}

static void repacking_follows_the_block(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_QWEN3);
    struct pgr_model_opts o = {.dtype = PGR_BF16, .train = true, .seed = 5};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    for (size_t i = 0; i < m->layout.n_elem; i++) m->master[i] = sinf((float)i);
    pgr_model_repack(m);
    assert_computes_with(m, m->master);
    pgr_model_free(m);
}

static void options_change_the_head(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_LLAMA);
    struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .tie = true, .seed = 5};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    assert_ptr_equal(m->lm_head, m->embed);
    pgr_model_free(m);
    o.add_score = true;
    assert_ok(pgr_model_random(&c, &o, &m));
    assert_true(m->cfg.has_score && m->score && !m->lm_head);
    pgr_model_free(m);
    c.d_head = 8;
    assert_fails_with(pgr_model_random(&c, &o, &m), PGR_E_UNSUPPORTED, "head size 8");
}

/* tests/golden/load/rope.json: what transformers computes (tools/make_load_golden.py). Both round each step to float32,
 * with a power that may differ in its last bits: 4 eps. Llama 3's blend takes the difference of two numbers near one
 * and divides by as little as 1/factor: 4 factor eps. */
static void rotary_frequencies_equal_transformers(void **state) {
    (void)state;
    json_t *cases, *k;
    size_t i;
    assert_ok(pgr_json_load("tests/golden/load/rope.json", &cases));
    assert_int_equal(json_array_size(cases), 5);
    json_array_foreach(cases, i, k) {
        struct pgr_config c = small(PGR_ARCH_LLAMA);
        const char *type = json_string_value(json_object_get(k, "rope_type"));
        c.rope.theta = json_number_value(json_object_get(k, "theta"));
        c.d_head = (size_t)json_integer_value(json_object_get(k, "d_head"));
        if (strcmp(type, "default") != 0) {
            c.rope.kind = strcmp(type, "linear") == 0 ? PGR_ROPE_LINEAR : PGR_ROPE_LLAMA3;
            c.rope.factor = json_number_value(json_object_get(k, "factor"));
            c.rope.low_freq_factor = json_number_value(json_object_get(k, "low_freq_factor"));
            c.rope.high_freq_factor = json_number_value(json_object_get(k, "high_freq_factor"));
            c.rope.original_max_position = json_number_value(json_object_get(k, "original_max_position_embeddings"));
        }
        struct pgr_model_opts o = {.dtype = PGR_F32};
        struct pgr_model *m;
        assert_ok(pgr_model_random(&c, &o, &m));
        const json_t *want = json_object_get(k, "inv_freq");
        assert_int_equal(json_array_size(want), c.d_head / 2);
        for (size_t f = 0; f < c.d_head / 2; f++) {
            double w = json_number_value(json_array_get(want, f)), got = m->rope_freq[f];
            double bound = (c.rope.kind == PGR_ROPE_LLAMA3 ? 4 * c.rope.factor : 4) * FLT_EPSILON * w;
            if (!(fabs(got - w) <= bound)) fail_msg("case %zu frequency %zu: got %.9g, want %.9g", i, f, got, w);
        }
        pgr_model_free(m);
    }
    json_decref(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_with_and_without_master_compute_with_the_same_values),
        cmocka_unit_test(the_bytes_of_a_model_are_known_before),
        cmocka_unit_test(draws_depend_on_the_seed_alone),
        cmocka_unit_test(repacking_follows_the_block),
        cmocka_unit_test(options_change_the_head),
        cmocka_unit_test(rotary_frequencies_equal_transformers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
