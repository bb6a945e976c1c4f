/* test_load.c - models from Hugging Face folders and GGUF files, and saved again.
 *
 * tests/golden/load (tools/make_load_golden.py): folders written by transformers and GGUF files of the same weights;
 * NAME.f32 holds the first and last row of each tensor as torch has them, in the order of names. All values are
 * bfloat16, so every comparison is exact. */
#include "test.h"

#include <dirent.h>
#include <math.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "fmt/safetensors.h"
#include "model/model.h"

#define GOLDEN "tests/golden/load/"
static const char *const archs[] = {"llama", "qwen2", "qwen3"};

static char *golden(const char *arch, const char *suffix) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, GOLDEN "%s%s", arch, suffix);
    char *s = pgr_buf_steal(&b);
    assert_non_null(s);
    return s;
}

static struct pgr_model *load(const char *path, struct pgr_model_opts o) {
    struct pgr_model *m = NULL;
    assert_ok(pgr_model_load(path, &o, &m));
    return m;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const struct pgr_param *const *)a)->name, (*(const struct pgr_param *const *)b)->name);
}

static void assert_golden_rows(const struct pgr_model *m, const char *arch) {
    struct pgr_buf b = PGR_BUF_INIT;
    char *path = golden(arch, ".f32");
    assert_ok(pgr_file_read(path, 1 << 20, &b));
    const struct pgr_param *sorted[64];
    size_t n = m->layout.n_param, at = 0;
    assert_true(n <= PGR_COUNT(sorted));
    for (size_t i = 0; i < n; i++) sorted[i] = &m->layout.param[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 0; i < n; i++) {
        const struct pgr_param *p = sorted[i];
        size_t row_bytes = p->cols * sizeof(float);
        assert_true(at + 2 * row_bytes <= b.len);
        if (memcmp(m->master + p->at, b.data + at, row_bytes) != 0) fail_msg("%s %s: first row differs", arch, p->name);
        if (memcmp(m->master + p->at + p->n - p->cols, b.data + at + row_bytes, row_bytes) != 0)
            fail_msg("%s %s: last row differs", arch, p->name);
        at += 2 * row_bytes;
    }
    assert_int_equal(at, b.len);
    pgr_free(path);
    pgr_buf_free(&b);
}

static void folders_and_gguf_files_hold_what_torch_holds(void **state) {
    (void)state;
    for (size_t a = 0; a < PGR_COUNT(archs); a++) {
        char *folder = golden(archs[a], ""), *file = golden(archs[a], ".gguf");
        struct pgr_model_opts o = {.dtype = PGR_F32, .train = true};
        struct pgr_model *hf = load(folder, o), *gg = load(file, o);
        assert_golden_rows(hf, archs[a]);
        assert_int_equal(hf->layout.n_elem, gg->layout.n_elem);
        assert_memory_equal(hf->master, gg->master, hf->layout.n_elem * sizeof(float));
        assert_memory_equal(hf->rope_freq, gg->rope_freq, hf->cfg.d_head / 2 * sizeof(float));
        assert_int_equal(hf->cfg.rope.kind, gg->cfg.rope.kind);
        assert_true(hf->cfg.norm_eps == gg->cfg.norm_eps && hf->cfg.rope.theta == gg->cfg.rope.theta);
        assert_int_equal(hf->cfg.max_position, gg->cfg.max_position);
        assert_int_equal(gg->cfg.n_eos, 2); /* the declared one and <|im_end|> */
        assert_int_equal(gg->cfg.eos_id[0], 2);
        assert_int_equal(gg->cfg.eos_id[1], 63);

        /* Without a master the same values arrive in the packed weights. */
        struct pgr_model *packed = load(file, (struct pgr_model_opts){.dtype = PGR_BF16});
        assert_null(packed->master);
        float row[64];
        const struct pgr_param *up = pgr_layout_find(&hf->layout, PGR_P_W_UP, 1);
        pgr_wmat_get_row(packed->layer[1].gate_up, up->rows + 5, row);
        assert_memory_equal(row, hf->master + up->at + 5 * up->cols, up->cols * sizeof(float));
        assert_memory_equal(packed->final_norm, hf->final_norm, hf->cfg.d_model * sizeof(float));
        pgr_model_free(packed);
        pgr_model_free(hf);
        pgr_model_free(gg);
        pgr_free(folder);
        pgr_free(file);
    }
}

static void the_output_matrix_may_be_tied_or_replaced_by_a_score(void **state) {
    (void)state;
    struct pgr_model_opts o = {.dtype = PGR_BF16, .train = true};
    struct pgr_model *own = load(GOLDEN "llama.gguf", o);
    assert_ptr_not_equal(own->lm_head, own->embed);
    o.tie = true;
    for (int i = 0; i < 2; i++) {
        struct pgr_model *tied = load(i ? GOLDEN "llama" : GOLDEN "llama.gguf", o);
        assert_true(tied->cfg.tie_embeddings);
        assert_ptr_equal(tied->lm_head, tied->embed);
        assert_int_equal(tied->layout.n_elem, own->layout.n_elem - 64 * 32);
        pgr_model_free(tied);
    }
    o.tie = false, o.add_score = true, o.seed = 9;
    struct pgr_model *rm = load(GOLDEN "llama", o), *again = load(GOLDEN "llama.gguf", o);
    assert_true(rm->cfg.has_score);
    assert_memory_equal(rm->master, again->master, rm->layout.n_elem * sizeof(float));
    double sum2 = 0;
    for (size_t i = 0; i < 32; i++) sum2 += (double)rm->score[i] * rm->score[i];
    assert_true(sum2 > 0.2 && sum2 < 3.0); /* 32 draws of variance 1/33: mean 0.97, six deviations of 0.25 at most */
    o.seed = 10;
    struct pgr_model *other = load(GOLDEN "llama", o);
    assert_memory_not_equal(rm->score, other->score, 32 * sizeof(float));
    pgr_model_free(rm);
    pgr_model_free(again);
    pgr_model_free(other);
    pgr_model_free(own);
}

/* Files whose name begins with `prefix`. */
static size_t n_files(const char *dir, const char *prefix) {
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return n;
}

static void a_saved_model_loads_with_the_same_bits(void **state) {
    (void)state;
    for (size_t a = 0; a < 2 * PGR_COUNT(archs); a++) {
        char dir[256], *file = golden(archs[a / 2], ".gguf");
        test_tmpdir(dir);
        struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .add_score = a % 2};
        struct pgr_model *m = load(file, o);
        o.add_score = false;
        for (size_t i = 0; i < m->layout.n_elem; i++) m->master[i] += 1e-4f * sinf((float)i); /* no longer bfloat16 */
        for (int round = 0; round < 4; round++) {
            enum pgr_dtype dtype = round % 2 ? PGR_BF16 : PGR_F32;
            bool split = round / 2 == 0; /* shards first, so that the single file must win over them */
            size_t total = m->layout.n_elem * pgr_dtype_bytes(dtype);
            assert_ok(pgr_model_save(m, dir, dtype, split ? total / 3 + 64 * 32 * 4 : total));
            assert_int_equal(n_files(dir, "model.safetensors"), 1); /* the file or the index */
            assert_true(split ? n_files(dir, "model-0000") >= 2 : n_files(dir, "model-") == 0);
            struct pgr_model *back = load(dir, o);
            assert_int_equal(back->layout.n_elem, m->layout.n_elem);
            for (size_t i = 0; i < m->layout.n_elem; i++) {
                float want = dtype == PGR_F32 ? m->master[i] : pgr_bf16_to_f32(pgr_f32_to_bf16(m->master[i]));
                if (memcmp(&back->master[i], &want, sizeof want) != 0) fail_msg("element %zu differs", i);
            }
            pgr_model_free(back);
        }
        pgr_model_free(m);
        pgr_free(file);
        assert_ok(pgr_remove_tree(dir));
    }
    struct pgr_model *m = load(GOLDEN "qwen2", (struct pgr_model_opts){.dtype = PGR_BF16});
    assert_fails_with(pgr_model_save(m, "/nowhere", PGR_BF16, 0), PGR_E_RANGE, "for inference only");
    pgr_model_free(m);
    m = load(GOLDEN "qwen2", (struct pgr_model_opts){.dtype = PGR_BF16, .train = true});
    assert_fails_with(pgr_model_save(m, "/nowhere", PGR_BF16, 0), PGR_E_NOTFOUND, "/nowhere");
    pgr_model_free(m);
}

/* ---- bad folders ------------------------------------------------------------------------------------------- */

static void write_text(const char *dir, const char *name, const char *text) {
    char *p = pgr_path_join_dup(dir, name);
    assert_ok(pgr_file_write_atomic(p, text, strlen(text)));
    pgr_free(p);
}

#define CONFIG(layers, ff, tie)                                                                                        \
    "{\"model_type\":\"llama\",\"hidden_size\":16,\"intermediate_size\":" ff ",\"num_hidden_layers\":" layers          \
    ",\"num_attention_heads\":1,\"vocab_size\":3,\"max_position_embeddings\":8,\"tie_word_embeddings\":" tie "}"

static void a_folder_that_does_not_fit_its_configuration_is_refused(void **state) {
    (void)state;
    char dir[256];
    test_tmpdir(dir);
    char *path = pgr_path_join_dup(dir, "model.safetensors");
    float *v = calloc(16 * 16 * 4, sizeof *v);
    assert_non_null(v);
    struct pgr_st_out t[] = {{"model.embed_tokens.weight", 2, {3, 16}, v},
                             {"model.norm.weight", 1, {16}, v},
                             {"model.layers.0.input_layernorm.weight", 1, {16}, v},
                             {"model.layers.0.self_attn.q_proj.weight", 2, {16, 16}, v},
                             {"model.layers.0.self_attn.k_proj.weight", 2, {16, 16}, v},
                             {"model.layers.0.self_attn.v_proj.weight", 2, {16, 16}, v},
                             {"model.layers.0.self_attn.o_proj.weight", 2, {16, 16}, v},
                             {"model.layers.0.post_attention_layernorm.weight", 1, {16}, v},
                             {"model.layers.0.mlp.gate_proj.weight", 2, {32, 16}, v},
                             {"model.layers.0.mlp.up_proj.weight", 2, {32, 16}, v},
                             {"model.layers.0.mlp.down_proj.weight", 2, {16, 32}, v},
                             {"model.layers.0.self_attn.rotary_emb.inv_freq", 1, {8}, v},
                             {"extra", 1, {1}, v}};
    size_t all = PGR_COUNT(t);
    struct pgr_model_opts o = {.dtype = PGR_F32, .train = true};
    struct pgr_model *m;
    assert_ok(pgr_st_write(path, PGR_F32, t, all - 1));
    write_text(dir, "config.json", CONFIG("1", "32", "true"));
    pgr_model_free(load(dir, o));
    write_text(dir, "config.json", CONFIG("1", "32", "false"));
    assert_fails_with(pgr_model_load(dir, &o, &m), PGR_E_FORMAT, "tensor lm_head.weight is missing (config.json says");
    write_text(dir, "config.json", CONFIG("2", "32", "true"));
    assert_fails_with(pgr_model_load(dir, &o, &m), PGR_E_FORMAT,
                      "tensor model.layers.1.input_layernorm.weight is missing");
    write_text(dir, "config.json", CONFIG("1", "33", "true"));
    assert_fails_with(
        pgr_model_load(dir, &o, &m), PGR_E_SHAPE,
        "tensor model.layers.0.mlp.gate_proj.weight has 2 dimensions [32, 16], config.json needs [33, 16]");
    write_text(dir, "config.json", CONFIG("1", "32", "true"));
    assert_ok(pgr_st_write(path, PGR_F32, t, all));
    assert_fails_with(pgr_model_load(dir, &o, &m), PGR_E_UNSUPPORTED,
                      "tensor extra is not part of a llama model of 1 layers");
    v[37] = NAN;
    assert_ok(pgr_st_write(path, PGR_BF16, t, all - 1));
    assert_fails_with(pgr_model_load(dir, &o, &m), PGR_E_FORMAT,
                      "tensor model.embed_tokens.weight holds nan at row 2, column 5");
    o.train = false;
    assert_fails_with(pgr_model_load(dir, &o, &m), PGR_E_FORMAT, "holds nan at row 2, column 5");
    free(v);
    pgr_free(path);
    assert_ok(pgr_remove_tree(dir));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_and_gguf_files_hold_what_torch_holds),
        cmocka_unit_test(the_output_matrix_may_be_tied_or_replaced_by_a_score),
        cmocka_unit_test(a_saved_model_loads_with_the_same_bits),
        cmocka_unit_test(a_folder_that_does_not_fit_its_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
