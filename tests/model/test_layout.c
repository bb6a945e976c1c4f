/* test_layout.c - order, names and sizes of the parameter block. */
#include "test.h"

#include "base/size.h"
#include "model/model.h"

static struct pgr_config small(enum pgr_arch arch) {
    struct pgr_config c = {.arch = arch,
                           .n_layer = 3,
                           .d_model = 40,
                           .d_ff = 56,
                           .n_head = 4,
                           .n_kv_head = 2,
                           .d_head = 16,
                           .n_vocab = 101,
                           .max_position = 64,
                           .norm_eps = 1e-6f,
                           .qkv_bias = arch == PGR_ARCH_QWEN2,
                           .qk_norm = arch == PGR_ARCH_QWEN3,
                           .tie_embeddings = true,
                           .rope = {.theta = 1e4},
                           .bos_id = -1,
                           .pad_id = -1};
    return c;
}

static size_t n_elem_by_hand(const struct pgr_config *c) {
    size_t q = c->n_head * c->d_head, kv = c->n_kv_head * c->d_head, d = c->d_model;
    size_t layer = 2 * d + (q + 2 * kv) * d + d * q + 3 * d * c->d_ff;
    if (c->qkv_bias) layer += q + 2 * kv;
    if (c->qk_norm) layer += 2 * c->d_head;
    return c->n_vocab * d * (c->tie_embeddings || c->has_score ? 1 : 2) + c->n_layer * layer + d +
           (c->has_score ? d : 0);
}

static void check(const struct pgr_config *c) {
    struct pgr_layout l;
    assert_ok(pgr_layout_make(c, &l));
    assert_int_equal(l.n_elem, n_elem_by_hand(c));
    size_t at = 0;
    for (size_t i = 0; i < l.n_param; i++) {
        const struct pgr_param *p = &l.param[i];
        assert_int_equal(p->at, at);
        assert_int_equal(p->n, p->rows * p->cols);
        assert_ptr_equal(pgr_layout_find(&l, p->kind, p->layer), p);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(p->name, l.param[k].name);
        at += p->n;
    }
    assert_int_equal(at, l.n_elem);
    for (size_t i = 0; i < c->n_layer; i++) {
        const struct pgr_param *q = pgr_layout_find(&l, PGR_P_WQ, i);
        assert_int_equal(q[1].kind, PGR_P_WK);
        assert_int_equal(q[2].kind, PGR_P_WV);
        const struct pgr_param *gate = pgr_layout_find(&l, PGR_P_W_GATE, i);
        assert_int_equal(gate[1].kind, PGR_P_W_UP);
        const struct pgr_param *b = pgr_layout_find(&l, PGR_P_BQ, i);
        assert_true((b != NULL) == c->qkv_bias);
        if (b) {
            assert_int_equal(b[1].kind, PGR_P_BK);
            assert_int_equal(b[2].kind, PGR_P_BV);
        }
        assert_true((pgr_layout_find(&l, PGR_P_Q_NORM, i) != NULL) == c->qk_norm);
    }
    assert_true((pgr_layout_find(&l, PGR_P_SCORE, SIZE_MAX) != NULL) == c->has_score);
    assert_true((pgr_layout_find(&l, PGR_P_LM_HEAD, SIZE_MAX) != NULL) == (!c->has_score && !c->tie_embeddings));
    pgr_layout_free(&l);
}

static void block_is_dense_and_groups_lie_together(void **state) {
    (void)state;
    static const enum pgr_arch archs[] = {PGR_ARCH_LLAMA, PGR_ARCH_QWEN2, PGR_ARCH_QWEN3};
    for (size_t a = 0; a < PGR_COUNT(archs); a++)
        for (int variant = 0; variant < 4; variant++) {
            struct pgr_config c = small(archs[a]);
            c.tie_embeddings = variant & 1;
            c.has_score = variant & 2;
            check(&c);
        }
}

static void names_are_those_of_hugging_face(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_QWEN2);
    c.tie_embeddings = false;
    struct pgr_layout l;
    assert_ok(pgr_layout_make(&c, &l));
    assert_string_equal(l.param[0].name, "model.embed_tokens.weight");
    assert_string_equal(pgr_layout_find(&l, PGR_P_BK, 2)->name, "model.layers.2.self_attn.k_proj.bias");
    assert_string_equal(pgr_layout_find(&l, PGR_P_MLP_NORM, 1)->name, "model.layers.1.post_attention_layernorm.weight");
    assert_string_equal(pgr_layout_find(&l, PGR_P_LM_HEAD, SIZE_MAX)->name, "lm_head.weight");
    pgr_layout_free(&l);
}

static void counts_that_do_not_fit_are_refused(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_LLAMA);
    struct pgr_layout l;
    c.n_vocab = SIZE_MAX / 2;
    assert_fails_with(pgr_layout_make(&c, &l), PGR_E_SHAPE, "does not fit");
    c = small(PGR_ARCH_LLAMA);
    c.n_layer = SIZE_MAX / 4;
    assert_fails_with(pgr_layout_make(&c, &l), PGR_E_SHAPE, "too large");
}

static void bad_configurations_are_refused(void **state) {
    (void)state;
    struct pgr_config c = small(PGR_ARCH_LLAMA);
    assert_ok(pgr_config_check(&c, "x"));
    c.n_kv_head = 3;
    assert_fails_with(pgr_config_check(&c, "x"), PGR_E_RANGE, "4 attention heads cannot share 3");
    c = small(PGR_ARCH_LLAMA), c.d_head = 24;
    assert_fails_with(pgr_config_check(&c, "x"), PGR_E_UNSUPPORTED, "head size 24");
    c = small(PGR_ARCH_LLAMA), c.n_layer = 0;
    assert_fails_with(pgr_config_check(&c, "x"), PGR_E_RANGE, "number of layers is 0");
    c = small(PGR_ARCH_LLAMA), c.pad_id = 101;
    assert_fails_with(pgr_config_check(&c, "x"), PGR_E_RANGE, "pad_token_id is 101");
    c = small(PGR_ARCH_LLAMA), c.rope.kind = PGR_ROPE_LLAMA3, c.rope.factor = 8.0;
    assert_fails_with(pgr_config_check(&c, "x"), PGR_E_RANGE, "low_freq_factor");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_is_dense_and_groups_lie_together),
        cmocka_unit_test(names_are_those_of_hugging_face),
        cmocka_unit_test(counts_that_do_not_fit_are_refused),
        cmocka_unit_test(bad_configurations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
