/* test_config.c - config.json and GGUF metadata: what is read, what is refused, and that a saved folder reads the same.
 */
#include "test.h"

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "fmt/gguf.h"
#include "model/config.h"

#define SIZES                                                                                                          \
    "\"hidden_size\":64,\"intermediate_size\":96,\"num_hidden_layers\":2,\"num_attention_heads\":4,"                   \
    "\"num_key_value_heads\":2,\"vocab_size\":300,\"max_position_embeddings\":512"

static pgr_err parse(const char *text, struct pgr_config *c) {
    return pgr_config_parse_hf("c.json", text, strlen(text), c);
}

static void the_three_families_are_read(void **state) {
    (void)state;
    struct pgr_config c;
    assert_ok(
        parse("{\"model_type\":\"qwen2\",\"architectures\":[\"Qwen2ForCausalLM\"]," SIZES
              ",\"rms_norm_eps\":1e-6,\"rope_theta\":1000000.0,\"tie_word_embeddings\":true,\"hidden_act\":\"silu\","
              "\"use_sliding_window\":false,\"sliding_window\":32768,\"max_window_layers\":21,"
              "\"bos_token_id\":7,\"eos_token_id\":8}",
              &c));
    assert_int_equal(c.arch, PGR_ARCH_QWEN2);
    assert_true(c.qkv_bias && !c.qk_norm && c.tie_embeddings && !c.has_score);
    assert_int_equal(c.d_head, 16);
    assert_true(c.norm_eps == 1e-6f && c.rope.theta == 1e6 && c.rope.kind == PGR_ROPE_PLAIN);
    assert_int_equal(c.bos_id, 7);
    assert_int_equal(c.pad_id, -1);
    assert_int_equal(c.n_eos, 1);
    assert_int_equal(c.eos_id[0], 8);

    assert_ok(parse("{\"model_type\":\"qwen3\",\"architectures\":[\"Qwen3ForSequenceClassification\"]," SIZES
                    ",\"head_dim\":32,\"id2label\":{\"0\":\"LABEL_0\"},\"pad_token_id\":3,\"attention_bias\":false,"
                    "\"layer_types\":[\"full_attention\",\"full_attention\"],"
                    "\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":5000}}",
                    &c));
    assert_int_equal(c.arch, PGR_ARCH_QWEN3);
    assert_true(!c.qkv_bias && c.qk_norm && !c.tie_embeddings && c.has_score);
    assert_int_equal(c.d_head, 32);
    assert_true(c.rope.theta == 5000);

    assert_ok(
        parse("{\"model_type\":\"llama\"," SIZES ",\"rope_theta\":500000,\"eos_token_id\":[1,2,1],"
              "\"pad_token_id\":-1,\"rope_scaling\":{\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
              "\"original_max_position_embeddings\":8192,\"rope_type\":\"llama3\"}}",
              &c));
    assert_int_equal(c.arch, PGR_ARCH_LLAMA);
    assert_true(c.rope.kind == PGR_ROPE_LLAMA3 && c.rope.factor == 8 && c.rope.original_max_position == 8192);
    assert_int_equal(c.n_eos, 2);

    assert_ok(parse("{\"model_type\":\"llama\"," SIZES ",\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.0}}", &c));
    assert_true(c.rope.kind == PGR_ROPE_LINEAR && c.rope.factor == 2);
}

static void what_is_not_computed_is_refused_by_name(void **state) {
    (void)state;
#define L(extra) "{\"model_type\":\"llama\"," SIZES extra "}"
    static const struct {
        const char *text;
        pgr_err code;
        const char *want;
    } cases[] = {
        {"[]", PGR_E_FORMAT, "c.json: must be a JSON object"},
        {"{}", PGR_E_FORMAT, "missing key \"model_type\""},
        {"{\"model_type\":\"mistral\"}", PGR_E_UNSUPPORTED,
         "\"model_type\" is mistral; supported: llama, qwen2, qwen3"},
        {L(",\"architectures\":[\"LlamaForQuestionAnswering\"]"), PGR_E_UNSUPPORTED, "LlamaForQuestionAnswering"},
        {L(",\"architectures\":[\"Qwen2ForCausalLM\"]"), PGR_E_UNSUPPORTED, "names Qwen2ForCausalLM"},
        {L(",\"architectures\":\"x\""), PGR_E_FORMAT, "must be an array of strings"},
        {L(",\"hidden_act\":\"gelu\""), PGR_E_UNSUPPORTED, "\"hidden_act\" is gelu; supported: silu"},
        {L(",\"attention_bias\":true"), PGR_E_UNSUPPORTED, "attention_bias"},
        {L(",\"mlp_bias\":true"), PGR_E_UNSUPPORTED, "mlp_bias"},
        {L(",\"use_sliding_window\":true"), PGR_E_UNSUPPORTED, "use_sliding_window"},
        {L(",\"layer_types\":[\"full_attention\",\"sliding_attention\"]"), PGR_E_UNSUPPORTED, "sliding_attention"},
        {L(",\"quantization_config\":{\"bits\":4}"), PGR_E_UNSUPPORTED, "quantised"},
        {L(",\"partial_rotary_factor\":0.5"), PGR_E_UNSUPPORTED, "partial_rotary_factor"},
        {L(",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4}"), PGR_E_UNSUPPORTED, "\"rope_type\" is yarn"},
        {L(",\"rope_scaling\":7"), PGR_E_FORMAT, "must be an object or null"},
        {L(",\"rope_scaling\":{\"rope_type\":\"linear\"}"), PGR_E_FORMAT, "missing key \"factor\""},
        {L(",\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":0}"), PGR_E_RANGE, "factor is 0"},
        {L(",\"rope_theta\":-1"), PGR_E_RANGE, "rope theta is -1"},
        {L(",\"rms_norm_eps\":0"), PGR_E_RANGE, "rms_norm_eps is 0"},
        {L(",\"head_dim\":24"), PGR_E_UNSUPPORTED, "head size 24"},
        {L(",\"eos_token_id\":300"), PGR_E_RANGE, "eos_token_id is 300, the vocabulary has 300"},
        {L(",\"eos_token_id\":[1,\"2\"]"), PGR_E_FORMAT, "\"eos_token_id\" must be an integer"},
        {L(",\"eos_token_id\":[1,2,3,4,5,6,7,8,9]"), PGR_E_UNSUPPORTED, "more than 8 end tokens"},
        {L(",\"pad_token_id\":-2"), PGR_E_RANGE, "pad_token_id\" is -2"},
        {L(",\"tie_word_embeddings\":1"), PGR_E_FORMAT, "must be true or false"},
        {"{\"model_type\":\"llama\",\"hidden_size\":0}", PGR_E_FORMAT, "num_hidden_layers"},
        {"{\"model_type\":\"llama\",\"num_hidden_layers\":2,\"hidden_size\":-5}", PGR_E_RANGE, "hidden_size\" is -5"},
        {"{\"model_type\":\"llama\",\"architectures\":[\"LlamaForSequenceClassification\"]," SIZES
         ",\"id2label\":{\"0\":\"a\",\"1\":\"b\"}}",
         PGR_E_UNSUPPORTED, "a classifier of 2 labels"},
    };
#undef L
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_config c;
        assert_fails_with(parse(cases[i].text, &c), cases[i].code, cases[i].want);
    }
}

static void assert_same(const struct pgr_config *a, const struct pgr_config *b) {
    assert_int_equal(a->arch, b->arch);
    assert_int_equal(a->n_layer, b->n_layer);
    assert_int_equal(a->d_model, b->d_model);
    assert_int_equal(a->d_ff, b->d_ff);
    assert_int_equal(a->n_head, b->n_head);
    assert_int_equal(a->n_kv_head, b->n_kv_head);
    assert_int_equal(a->d_head, b->d_head);
    assert_int_equal(a->n_vocab, b->n_vocab);
    assert_int_equal(a->max_position, b->max_position);
    assert_true(a->norm_eps == b->norm_eps);
    assert_true(a->qkv_bias == b->qkv_bias && a->qk_norm == b->qk_norm && a->tie_embeddings == b->tie_embeddings);
    assert_true(a->has_score == b->has_score);
    assert_int_equal(a->rope.kind, b->rope.kind);
    assert_true(a->rope.theta == b->rope.theta && a->rope.factor == b->rope.factor);
    assert_true(a->rope.low_freq_factor == b->rope.low_freq_factor &&
                a->rope.high_freq_factor == b->rope.high_freq_factor);
    assert_true(a->rope.original_max_position == b->rope.original_max_position);
    assert_int_equal(a->bos_id, b->bos_id);
    assert_int_equal(a->pad_id, b->pad_id);
    assert_int_equal(a->n_eos, b->n_eos);
    for (size_t i = 0; i < a->n_eos; i++) assert_int_equal(a->eos_id[i], b->eos_id[i]);
}

static void a_saved_configuration_reads_the_same(void **state) {
    (void)state;
    char dir[256];
    test_tmpdir(dir);
    for (int variant = 0; variant < 12; variant++) {
        struct pgr_config c = {.arch = (enum pgr_arch)(variant % 3),
                               .n_layer = 2,
                               .d_model = 80,
                               .d_ff = 33,
                               .n_head = 4,
                               .n_kv_head = 1,
                               .d_head = 32,
                               .n_vocab = 1000,
                               .max_position = 4096,
                               .norm_eps = 1e-5f,
                               .rope = {.theta = 123456.5},
                               .bos_id = -1,
                               .pad_id = 5};
        c.qkv_bias = c.arch == PGR_ARCH_QWEN2;
        c.qk_norm = c.arch == PGR_ARCH_QWEN3;
        c.tie_embeddings = variant & 1;
        c.has_score = variant % 4 == 2;
        c.n_eos = (size_t)variant % 4;
        for (size_t i = 0; i < c.n_eos; i++) c.eos_id[i] = (int32_t)(900 + i);
        if (variant >= 4) c.rope.kind = PGR_ROPE_LINEAR, c.rope.factor = 2.5;
        if (variant >= 8) {
            c.rope.kind = PGR_ROPE_LLAMA3, c.rope.factor = 32.0, c.bos_id = 0;
            c.rope.low_freq_factor = 1.0, c.rope.high_freq_factor = 4.0, c.rope.original_max_position = 8192.0;
        }
        struct pgr_config back;
        assert_ok(pgr_config_save(&c, NULL, dir, PGR_BF16));
        assert_ok(pgr_config_load(dir, &back));
        assert_same(&c, &back);
    }
    assert_ok(pgr_remove_tree(dir));
}

static void ids_of_generation_config_join(void **state) {
    (void)state;
    char dir[256];
    test_tmpdir(dir);
    char *config = pgr_path_join_dup(dir, "config.json"),
         *generation = pgr_path_join_dup(dir, "generation_config.json");
    struct pgr_config c;
    assert_fails_with(pgr_config_load(dir, &c), PGR_E_NOTFOUND, "config.json");
    static const char text[] = "{\"model_type\":\"llama\"," SIZES ",\"eos_token_id\":4}";
    static const char ids[] = "{\"eos_token_id\":[9,4],\"pad_token_id\":11}";
    assert_ok(pgr_file_write_atomic(config, text, sizeof text - 1));
    assert_ok(pgr_file_write_atomic(generation, ids, sizeof ids - 1));
    assert_ok(pgr_config_load(dir, &c));
    assert_int_equal(c.n_eos, 2);
    assert_int_equal(c.eos_id[0], 4);
    assert_int_equal(c.eos_id[1], 9);
    assert_int_equal(c.pad_id, 11);
    static const char high[] = "{\"eos_token_id\":[300]}";
    assert_ok(pgr_file_write_atomic(generation, high, sizeof high - 1));
    assert_fails_with(pgr_config_load(dir, &c), PGR_E_RANGE, "generation_config.json: eos_token_id is 300");
    pgr_free(config);
    pgr_free(generation);
    assert_ok(pgr_remove_tree(dir));
}

static void sampling_defaults_are_carried_over(void **state) {
    (void)state;
    char from[256], to[256];
    test_tmpdir(from);
    test_tmpdir(to);
    char *config = pgr_path_join_dup(from, "config.json"), *given = pgr_path_join_dup(from, "generation_config.json"),
         *kept = pgr_path_join_dup(to, "generation_config.json");
    static const char text[] = "{\"model_type\":\"llama\"," SIZES ",\"eos_token_id\":4,\"tie_word_embeddings\":true}";
    static const char sampling[] = "{\"eos_token_id\":9,\"top_k\":20,\"temperature\":0.7,\"do_sample\":true}";
    assert_ok(pgr_file_write_atomic(config, text, sizeof text - 1));
    assert_ok(pgr_file_write_atomic(given, sampling, sizeof sampling - 1));
    struct pgr_config c;
    char *generation;
    assert_ok(pgr_config_load(from, &c));
    assert_ok(pgr_config_read_generation(from, &generation));
    assert_ok(pgr_config_save(&c, generation, to, PGR_BF16));
    pgr_free(generation);
    json_t *j, *want = json_pack("{s:[i,i], s:i, s:f, s:b}", "eos_token_id", 4, 9, "top_k", 20, "temperature", 0.7,
                                 "do_sample", 1);
    assert_ok(pgr_json_load(kept, &j));
    assert_true(json_equal(j, want));
    json_decref(j);
    json_decref(want);
    assert_ok(pgr_config_read_generation(kept, &generation)); /* no folder */
    assert_null(generation);
    pgr_free(config);
    pgr_free(given);
    pgr_free(kept);
    assert_ok(pgr_remove_tree(from));
    assert_ok(pgr_remove_tree(to));
}

static void what_is_no_model_is_said(void **state) {
    (void)state;
    struct pgr_config c;
    assert_fails_with(pgr_config_load("no/such/model", &c), PGR_E_NOTFOUND, "no such model");
    assert_fails_with(pgr_config_load("CMakeLists.txt", &c), PGR_E_FORMAT, "neither a Hugging Face folder nor a GGUF");
    assert_fails_with(pgr_config_load("tests/golden/gguf/quants.gguf", &c), PGR_E_UNSUPPORTED, "architecture test");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_families_are_read),
        cmocka_unit_test(what_is_not_computed_is_refused_by_name),
        cmocka_unit_test(a_saved_configuration_reads_the_same),
        cmocka_unit_test(ids_of_generation_config_join),
        cmocka_unit_test(sampling_defaults_are_carried_over),
        cmocka_unit_test(what_is_no_model_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
