/* config_hf.c - config.json and generation_config.json of a Hugging Face folder.
 *
 * Rope scaling is understood in both spellings: rope_theta + rope_scaling (transformers 4) and rope_parameters
 * (transformers 5); it is written in the first, which both read. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "fmt/gguf.h"
#include "model/config.h"

static const struct arch_name {
    const char *model_type, *class_prefix;
} archs[] = {[PGR_ARCH_LLAMA] = {"llama", "Llama"},
             [PGR_ARCH_QWEN2] = {"qwen2", "Qwen2"},
             [PGR_ARCH_QWEN3] = {"qwen3", "Qwen3"}};

static const char causal[] = "ForCausalLM", classifier[] = "ForSequenceClassification";

/* ---- reading ----------------------------------------------------------------------------------------------- */

static pgr_err unsupported(const char *where, const char *key, const char *value, const char *known) {
    return pgr_fail(PGR_E_UNSUPPORTED, "%s: \"%s\" is %s; supported: %s", where, key, value, known);
}

static pgr_err read_arch(const json_t *j, const char *where, struct pgr_config *c) {
    const char *type = NULL;
    PGR_TRY(pgr_json_str(j, where, "model_type", &type));
    const struct arch_name *a = NULL;
    for (size_t i = 0; i < PGR_COUNT(archs); i++)
        if (strcmp(archs[i].model_type, type) == 0) a = &archs[i], c->arch = (enum pgr_arch)i;
    if (!a) return unsupported(where, "model_type", type, "llama, qwen2, qwen3");
    const json_t *list = json_object_get(j, "architectures");
    if (!list || json_is_null(list)) return PGR_OK;
    const char *name = json_string_value(json_array_get(list, 0));
    if (!name) return pgr_fail(PGR_E_FORMAT, "%s: \"architectures\" must be an array of strings", where);
    size_t n = strlen(a->class_prefix);
    bool known = strncmp(name, a->class_prefix, n) == 0;
    if (known && strcmp(name + n, classifier) == 0)
        c->has_score = true;
    else if (!known || strcmp(name + n, causal) != 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: \"architectures\" names %s; supported for %s: %s%s, %s%s", where, name,
                        type, a->class_prefix, causal, a->class_prefix, classifier);
    return PGR_OK;
}

static pgr_err must_be_off(const json_t *j, const char *where, const char *key) {
    bool on = false;
    PGR_TRY(pgr_json_bool_opt(j, where, key, &on));
    return on ? unsupported(where, key, "true", "false") : PGR_OK;
}

/* What would change the arithmetic and is not built. */
static pgr_err reject_options(const json_t *j, const char *where, const struct pgr_config *c) {
    const char *act = "silu";
    PGR_TRY(pgr_json_str_opt(j, where, "hidden_act", &act));
    if (strcmp(act, "silu") != 0) return unsupported(where, "hidden_act", act, "silu");
    PGR_TRY(must_be_off(j, where, "use_sliding_window"));
    PGR_TRY(must_be_off(j, where, "mlp_bias"));
    PGR_TRY(must_be_off(j, where, "attention_bias"));
    const json_t *layers = json_object_get(j, "layer_types");
    for (size_t i = 0; i < json_array_size(layers); i++) {
        const char *kind = json_string_value(json_array_get(layers, i));
        if (!kind || strcmp(kind, "full_attention") != 0)
            return unsupported(where, "layer_types", kind ? kind : "no string", "full_attention");
    }
    if (json_is_object(json_object_get(j, "quantization_config")))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: the folder holds quantised weights (\"quantization_config\")", where);
    double partial = 1.0;
    PGR_TRY(pgr_json_real_opt(j, where, "partial_rotary_factor", &partial));
    if (partial != 1.0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: \"partial_rotary_factor\" is %g; supported: 1", where, partial);
    if (!c->has_score) return PGR_OK;
    const json_t *labels = json_object_get(j, "id2label");
    size_t n = json_is_object(labels) ? json_object_size(labels) : 1;
    PGR_TRY(pgr_json_size_opt(j, where, "num_labels", 0, SIZE_MAX, &n));
    if (n != 1)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: a classifier of %zu labels; supported is one label, a score", where, n);
    return PGR_OK;
}

static pgr_err read_sizes(const json_t *j, const char *where, struct pgr_config *c) {
    enum { MAX = 1 << 30 }; /* pgr_config_check has the real bounds */
    PGR_TRY(pgr_json_size(j, where, "num_hidden_layers", 1, MAX, &c->n_layer));
    PGR_TRY(pgr_json_size(j, where, "hidden_size", 1, MAX, &c->d_model));
    PGR_TRY(pgr_json_size(j, where, "intermediate_size", 1, MAX, &c->d_ff));
    PGR_TRY(pgr_json_size(j, where, "num_attention_heads", 1, MAX, &c->n_head));
    PGR_TRY(pgr_json_size(j, where, "vocab_size", 1, MAX, &c->n_vocab));
    PGR_TRY(pgr_json_size(j, where, "max_position_embeddings", 1, MAX, &c->max_position));
    c->n_kv_head = c->n_head;
    if (c->arch == PGR_ARCH_LLAMA)
        PGR_TRY(pgr_json_size_opt(j, where, "num_key_value_heads", 1, MAX, &c->n_kv_head));
    else
        PGR_TRY(pgr_json_size(j, where, "num_key_value_heads", 1, MAX, &c->n_kv_head));
    c->d_head = 0;
    PGR_TRY(pgr_json_size_opt(j, where, "head_dim", 1, MAX, &c->d_head));
    if (c->d_head == 0 && c->arch == PGR_ARCH_QWEN3) c->d_head = 128;
    if (c->d_head == 0) {
        if (c->d_model % c->n_head != 0)
            return pgr_fail(PGR_E_SHAPE,
                            "%s: hidden_size %zu is no multiple of num_attention_heads %zu and head_dim is "
                            "not given",
                            where, c->d_model, c->n_head);
        c->d_head = c->d_model / c->n_head;
    }
    double eps = 1e-6;
    PGR_TRY(pgr_json_real_opt(j, where, "rms_norm_eps", &eps));
    c->norm_eps = (float)eps;
    c->qkv_bias = c->arch == PGR_ARCH_QWEN2;
    c->qk_norm = c->arch == PGR_ARCH_QWEN3;
    c->tie_embeddings = false;
    return pgr_json_bool_opt(j, where, "tie_word_embeddings", &c->tie_embeddings);
}

static pgr_err read_rope(const json_t *j, const char *where, struct pgr_config *c) {
    c->rope.theta = 1e4;
    PGR_TRY(pgr_json_real_opt(j, where, "rope_theta", &c->rope.theta));
    json_t *s = json_object_get(j, "rope_parameters");
    if (!json_is_object(s)) s = json_object_get(j, "rope_scaling");
    if (!s || json_is_null(s)) return PGR_OK;
    if (!json_is_object(s)) return pgr_fail(PGR_E_FORMAT, "%s: \"rope_scaling\" must be an object or null", where);
    const char *type = "default";
    PGR_TRY(pgr_json_str_opt(s, where, "type", &type)); /* the older name */
    PGR_TRY(pgr_json_str_opt(s, where, "rope_type", &type));
    PGR_TRY(pgr_json_real_opt(s, where, "rope_theta", &c->rope.theta));
    double partial = 1.0;
    PGR_TRY(pgr_json_real_opt(s, where, "partial_rotary_factor", &partial));
    if (partial != 1.0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: \"partial_rotary_factor\" is %g; supported: 1", where, partial);
    if (strcmp(type, "default") == 0) return PGR_OK;
    if (strcmp(type, "linear") != 0 && strcmp(type, "llama3") != 0)
        return unsupported(where, "rope_type", type, "default, linear, llama3");
    PGR_TRY(pgr_json_real(s, where, "factor", &c->rope.factor));
    c->rope.kind = PGR_ROPE_LINEAR;
    if (strcmp(type, "linear") == 0) return PGR_OK;
    c->rope.kind = PGR_ROPE_LLAMA3;
    PGR_TRY(pgr_json_real(s, where, "low_freq_factor", &c->rope.low_freq_factor));
    PGR_TRY(pgr_json_real(s, where, "high_freq_factor", &c->rope.high_freq_factor));
    return pgr_json_real(s, where, "original_max_position_embeddings", &c->rope.original_max_position);
}

static pgr_err to_id(const json_t *v, const char *where, const char *key, int32_t *id) {
    if (!json_is_integer(v)) return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be an integer", where, key);
    json_int_t x = json_integer_value(v);
    if (x < 0 || x > INT32_MAX)
        return pgr_fail(PGR_E_RANGE, "%s: key \"%s\" is %lld, must be 0 to %d", where, key, (long long)x, INT32_MAX);
    *id = (int32_t)x;
    return PGR_OK;
}

static pgr_err read_id_opt(const json_t *j, const char *where, const char *key, int32_t *id) {
    const json_t *v = json_object_get(j, key);
    if (!v || json_is_null(v) || *id != -1) return PGR_OK;
    if (json_is_integer(v) && json_integer_value(v) == -1) return PGR_OK; /* an older way to say none */
    return to_id(v, where, key, id);
}

static pgr_err add_eos(struct pgr_config *c, const char *where, int32_t id) {
    for (size_t i = 0; i < c->n_eos; i++)
        if (c->eos_id[i] == id) return PGR_OK;
    if (c->n_eos == PGR_COUNT(c->eos_id))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: more than %zu end tokens", where, PGR_COUNT(c->eos_id));
    c->eos_id[c->n_eos++] = id;
    return PGR_OK;
}

static pgr_err read_ids(const json_t *j, const char *where, struct pgr_config *c) {
    PGR_TRY(read_id_opt(j, where, "bos_token_id", &c->bos_id));
    PGR_TRY(read_id_opt(j, where, "pad_token_id", &c->pad_id));
    const json_t *eos = json_object_get(j, "eos_token_id");
    if (!eos || json_is_null(eos)) return PGR_OK;
    int32_t id;
    if (!json_is_array(eos)) {
        PGR_TRY(to_id(eos, where, "eos_token_id", &id));
        return add_eos(c, where, id);
    }
    for (size_t i = 0; i < json_array_size(eos); i++) {
        PGR_TRY(to_id(json_array_get(eos, i), where, "eos_token_id", &id));
        PGR_TRY(add_eos(c, where, id));
    }
    return PGR_OK;
}

static pgr_err read_all(const json_t *j, const char *where, struct pgr_config *c) {
    if (!json_is_object(j)) return pgr_fail(PGR_E_FORMAT, "%s: must be a JSON object", where);
    PGR_TRY(read_arch(j, where, c));
    PGR_TRY(reject_options(j, where, c));
    PGR_TRY(read_sizes(j, where, c));
    PGR_TRY(read_rope(j, where, c));
    PGR_TRY(read_ids(j, where, c));
    return pgr_config_check(c, where);
}

pgr_err pgr_config_parse_hf(const char *where, const char *text, size_t n_bytes, struct pgr_config *out) {
    struct pgr_config c = {.bos_id = -1, .pad_id = -1};
    json_t *j = NULL;
    PGR_TRY(pgr_json_parse(where, text, n_bytes, &j));
    pgr_err err = read_all(j, where, &c);
    json_decref(j);
    if (err == PGR_OK) *out = c;
    return err;
}

/* The ids of generation_config.json, if there is one, join those of config.json. */
static pgr_err add_generation_ids(const char *path, struct pgr_config *c) {
    if (!pgr_file_exists(path)) return PGR_OK;
    json_t *j = NULL;
    PGR_TRY(pgr_json_load(path, &j));
    pgr_err err = json_is_object(j) ? read_ids(j, path, c) : pgr_fail(PGR_E_FORMAT, "%s: must be a JSON object", path);
    json_decref(j);
    return err == PGR_OK ? pgr_config_check(c, path) : err;
}

enum { CONFIG_BYTES_MAX = 16 << 20 };

pgr_err pgr_config_read_generation(const char *path, char **text) {
    *text = NULL;
    if (!pgr_is_dir(path)) return PGR_OK;
    struct pgr_buf b = PGR_BUF_INIT;
    char *file = pgr_path_join_dup(path, "generation_config.json");
    pgr_err err = file ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && pgr_file_exists(file)) {
        err = pgr_file_read(file, CONFIG_BYTES_MAX, &b);
        if (err == PGR_OK && !(*text = pgr_buf_steal(&b))) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_buf_free(&b);
    pgr_free(file);
    return err;
}

pgr_err pgr_config_load_hf(const char *dir, struct pgr_config *out) {
    struct pgr_config c;
    struct pgr_buf text = PGR_BUF_INIT;
    char *path = pgr_path_join_dup(dir, "config.json"), *generation = pgr_path_join_dup(dir, "generation_config.json");
    pgr_err err = path && generation ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && !pgr_file_exists(path))
        err =
            pgr_fail(PGR_E_NOTFOUND, "%s: no config.json there; a model is a Hugging Face folder or a GGUF file", dir);
    if (err == PGR_OK) err = pgr_file_read(path, CONFIG_BYTES_MAX, &text);
    if (err == PGR_OK) err = pgr_config_parse_hf(path, pgr_buf_str(&text), text.len, &c);
    if (err == PGR_OK) err = add_generation_ids(generation, &c);
    if (err == PGR_OK) *out = c;
    pgr_buf_free(&text);
    pgr_free(path);
    pgr_free(generation);
    return err;
}

pgr_err pgr_config_load(const char *path, struct pgr_config *out) {
    if (pgr_is_dir(path)) return pgr_config_load_hf(path, out);
    if (!pgr_file_exists(path))
        return pgr_fail(PGR_E_NOTFOUND, "%s: no such model (a Hugging Face folder or a GGUF file)", path);
    if (!pgr_is_gguf(path)) return pgr_fail(PGR_E_FORMAT, "%s: neither a Hugging Face folder nor a GGUF file", path);
    struct pgr_gguf *g;
    PGR_TRY(pgr_gguf_open(path, &g));
    pgr_err err = pgr_config_from_gguf(g, out);
    pgr_gguf_close(g);
    return err;
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

static json_t *ids_json(const struct pgr_config *c) {
    if (c->n_eos == 1) return json_integer(c->eos_id[0]);
    json_t *a = json_array();
    for (size_t i = 0; i < c->n_eos; i++) json_array_append_new(a, json_integer(c->eos_id[i]));
    return a;
}

/* 0 if all went well; json_object_set_new takes NULL as a failure. */
static int set_ids(json_t *j, const struct pgr_config *c) {
    int bad = 0;
    if (c->bos_id != -1) bad |= json_object_set_new(j, "bos_token_id", json_integer(c->bos_id));
    if (c->n_eos) bad |= json_object_set_new(j, "eos_token_id", ids_json(c));
    if (c->pad_id != -1) bad |= json_object_set_new(j, "pad_token_id", json_integer(c->pad_id));
    return bad;
}

static json_t *rope_json(const struct pgr_config *c) {
    if (c->rope.kind == PGR_ROPE_LINEAR)
        return json_pack("{s:s, s:f}", "rope_type", "linear", "factor", c->rope.factor);
    if (c->rope.kind == PGR_ROPE_LLAMA3)
        return json_pack("{s:s, s:f, s:f, s:f, s:I}", "rope_type", "llama3", "factor", c->rope.factor,
                         "low_freq_factor", c->rope.low_freq_factor, "high_freq_factor", c->rope.high_freq_factor,
                         "original_max_position_embeddings", (json_int_t)c->rope.original_max_position);
    return json_null();
}

/* The decimal number a person would have written for this float. */
static double shortest(float f) {
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f) break;
    }
    return strtod(text, NULL);
}

static json_t *config_json(const struct pgr_config *c, enum pgr_dtype dtype) {
    char name[64];
    const struct arch_name *a = &archs[c->arch];
    snprintf(name, sizeof name, "%s%s", a->class_prefix, c->has_score ? classifier : causal);
    json_t *j = json_pack("{s:[s], s:s, s:s, s:b}", "architectures", name, "model_type", a->model_type, "torch_dtype",
                          dtype == PGR_F32 ? "float32" : "bfloat16", "tie_word_embeddings", c->tie_embeddings);
    int bad = !j;
    const struct {
        const char *key;
        size_t value;
    } sizes[] = {{"vocab_size", c->n_vocab},
                 {"hidden_size", c->d_model},
                 {"intermediate_size", c->d_ff},
                 {"num_hidden_layers", c->n_layer},
                 {"num_attention_heads", c->n_head},
                 {"num_key_value_heads", c->n_kv_head},
                 {"head_dim", c->d_head},
                 {"max_position_embeddings", c->max_position}};
    for (size_t i = 0; i < PGR_COUNT(sizes); i++)
        bad |= json_object_set_new(j, sizes[i].key, json_integer((json_int_t)sizes[i].value));
    bad |= json_object_set_new(j, "hidden_act", json_string("silu"));
    bad |= json_object_set_new(j, "rms_norm_eps", json_real(shortest(c->norm_eps)));
    bad |= json_object_set_new(j, "rope_theta", json_real(c->rope.theta));
    bad |= json_object_set_new(j, "rope_scaling", rope_json(c));
    bad |= json_object_set_new(j, "attention_dropout", json_real(0.0));
    bad |= json_object_set_new(j, "use_cache", json_true());
    if (c->arch == PGR_ARCH_QWEN2 || c->arch == PGR_ARCH_QWEN3)
        bad |= json_object_set_new(j, "use_sliding_window", json_false());
    if (c->arch == PGR_ARCH_LLAMA || c->arch == PGR_ARCH_QWEN3)
        bad |= json_object_set_new(j, "attention_bias", json_false());
    if (c->arch == PGR_ARCH_LLAMA) bad |= json_object_set_new(j, "mlp_bias", json_false());
    if (c->has_score) {
        bad |= json_object_set_new(j, "num_labels", json_integer(1));
        bad |= json_object_set_new(j, "id2label", json_pack("{s:s}", "0", "LABEL_0"));
        bad |= json_object_set_new(j, "label2id", json_pack("{s:i}", "LABEL_0", 0));
    }
    bad |= set_ids(j, c);
    if (!bad) return j;
    json_decref(j);
    return NULL;
}

static pgr_err save_json(const char *dir, const char *name, json_t *j) {
    char *path = pgr_path_join_dup(dir, name);
    pgr_err err = j && path ? pgr_json_save(path, j) : pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_free(path);
    json_decref(j);
    return err;
}

pgr_err pgr_config_save(const struct pgr_config *c, const char *generation, const char *dir, enum pgr_dtype dtype) {
    PGR_TRY(save_json(dir, "config.json", config_json(c, dtype)));
    json_t *g = NULL;
    if (generation)
        PGR_TRY(pgr_json_parse("generation_config.json", generation, strlen(generation), &g));
    else
        g = json_object();
    if (set_ids(g, c) != 0) {
        json_decref(g);
        g = NULL;
    }
    return save_json(dir, "generation_config.json", g);
}
