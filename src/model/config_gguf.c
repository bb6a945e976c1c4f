/* config_gguf.c - a configuration from GGUF metadata.
 *
 * Llama 3's rope scaling is not in the metadata but in a tensor rope_freqs.weight [d_head / 2] of divisors. The
 * parameters are found back from it: the divisor of the lowest frequency is `factor`; low_freq_factor 1,
 * high_freq_factor 4 and 8192 positions are those of every published model, and are taken only if they reproduce all
 * divisors. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "fmt/gguf.h"
#include "model/config.h"

enum { KEY_BYTES = 64, CONTROL_TOKEN = 3 };

/* "ARCH.name" */
static const char *key(char buf[KEY_BYTES], const struct pgr_config *c, const char *name) {
    snprintf(buf, KEY_BYTES, "%s.%s", pgr_arch_name(c->arch), name);
    return buf;
}

static pgr_err read_arch(const struct pgr_gguf *g, struct pgr_config *c) {
    const char *s;
    size_t n;
    PGR_TRY(pgr_gguf_str(g, "general.architecture", &s, &n));
    for (int a = PGR_ARCH_LLAMA; a <= PGR_ARCH_QWEN3; a++) {
        const char *name = pgr_arch_name((enum pgr_arch)a);
        if (strlen(name) == n && memcmp(name, s, n) == 0) {
            c->arch = (enum pgr_arch)a;
            return PGR_OK;
        }
    }
    return pgr_fail(PGR_E_UNSUPPORTED, "%s: architecture %.*s; supported are llama, qwen2, qwen3", pgr_gguf_path(g),
                    (int)pgr_min(n, 64), s);
}

static pgr_err must_be_zero(const struct pgr_gguf *g, const struct pgr_config *c, const char *name) {
    char buf[KEY_BYTES];
    size_t v = 0;
    PGR_TRY(pgr_gguf_size_opt(g, key(buf, c, name), 0, SIZE_MAX, &v));
    if (v != 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: %s is %zu; supported is only a model without it", pgr_gguf_path(g), buf,
                        v);
    return PGR_OK;
}

static pgr_err read_sizes(const struct pgr_gguf *g, struct pgr_config *c) {
    enum { MAX = 1 << 30 }; /* pgr_config_check has the real bounds */
    char buf[KEY_BYTES];
    PGR_TRY(pgr_gguf_size(g, key(buf, c, "block_count"), 1, MAX, &c->n_layer));
    PGR_TRY(pgr_gguf_size(g, key(buf, c, "embedding_length"), 1, MAX, &c->d_model));
    PGR_TRY(pgr_gguf_size(g, key(buf, c, "feed_forward_length"), 1, MAX, &c->d_ff));
    PGR_TRY(pgr_gguf_size(g, key(buf, c, "attention.head_count"), 1, MAX, &c->n_head));
    PGR_TRY(pgr_gguf_size(g, key(buf, c, "context_length"), 1, MAX, &c->max_position));
    c->n_kv_head = c->n_head;
    PGR_TRY(pgr_gguf_size_opt(g, key(buf, c, "attention.head_count_kv"), 1, MAX, &c->n_kv_head));
    c->d_head = c->d_model / c->n_head;
    PGR_TRY(pgr_gguf_size_opt(g, key(buf, c, "attention.key_length"), 1, MAX, &c->d_head));
    size_t value = c->d_head, rotated = c->d_head;
    PGR_TRY(pgr_gguf_size_opt(g, key(buf, c, "attention.value_length"), 1, MAX, &value));
    PGR_TRY(pgr_gguf_size_opt(g, key(buf, c, "rope.dimension_count"), 1, MAX, &rotated));
    if (value != c->d_head || rotated != c->d_head)
        return pgr_fail(PGR_E_UNSUPPORTED,
                        "%s: key, value and rotated head sizes are %zu, %zu and %zu; supported are "
                        "equal ones",
                        pgr_gguf_path(g), c->d_head, value, rotated);
    double eps;
    PGR_TRY(pgr_gguf_real(g, key(buf, c, "attention.layer_norm_rms_epsilon"), &eps));
    c->norm_eps = (float)eps;
    c->qkv_bias = c->arch == PGR_ARCH_QWEN2;
    c->qk_norm = c->arch == PGR_ARCH_QWEN3;
    PGR_TRY(must_be_zero(g, c, "expert_count"));
    PGR_TRY(must_be_zero(g, c, "attention.sliding_window"));
    const struct pgr_gguf_tensor *embed = pgr_gguf_tensor_find(g, "token_embd.weight");
    if (!embed) return pgr_fail(PGR_E_FORMAT, "%s: no tensor token_embd.weight", pgr_gguf_path(g));
    c->n_vocab = embed->n_row;
    c->tie_embeddings = !pgr_gguf_tensor_find(g, "output.weight");
    return PGR_OK;
}

/* Divisor of frequency i under Llama 3 scaling. */
static double llama3_divisor(const struct pgr_config *c, size_t i) {
    double wavelength = 6.283185307179586477 * pow(c->rope.theta, 2.0 * (double)i / (double)c->d_head);
    double ratio = c->rope.original_max_position / wavelength;
    if (ratio < c->rope.low_freq_factor) return c->rope.factor;
    if (ratio > c->rope.high_freq_factor) return 1.0;
    double smooth = (ratio - c->rope.low_freq_factor) / (c->rope.high_freq_factor - c->rope.low_freq_factor);
    return 1.0 / ((1.0 - smooth) / c->rope.factor + smooth);
}

static pgr_err read_rope_freqs(const struct pgr_gguf *g, struct pgr_config *c) {
    const struct pgr_gguf_tensor *t = pgr_gguf_tensor_find(g, "rope_freqs.weight");
    if (!t) return PGR_OK;
    float divisor[128];
    if (t->n_dim != 1 || t->n_elem != c->d_head / 2 || t->n_elem > PGR_COUNT(divisor))
        return pgr_fail(PGR_E_SHAPE, "%s: tensor rope_freqs.weight has %zu elements, must have %zu (half a head)",
                        pgr_gguf_path(g), t->n_elem, c->d_head / 2);
    pgr_gguf_rows(t, 0, 1, divisor);
    bool plain = true;
    for (size_t i = 0; i < t->n_elem; i++) plain = plain && divisor[i] == 1.0f;
    if (plain) return PGR_OK;
    c->rope.kind = PGR_ROPE_LLAMA3;
    c->rope.factor = divisor[t->n_elem - 1];
    c->rope.low_freq_factor = 1.0;
    c->rope.high_freq_factor = 4.0;
    c->rope.original_max_position = 8192.0;
    for (size_t i = 0; i < t->n_elem; i++) {
        double want = llama3_divisor(c, i);
        /* The file's maker computed in float32: a few roundings, magnified where the blend divides a difference. */
        if (!(fabs(divisor[i] - want) <= 1e-4 * want))
            return pgr_fail(PGR_E_UNSUPPORTED,
                            "%s: tensor rope_freqs.weight is not Llama 3 scaling of 8192 positions "
                            "(element %zu is %g, would be %g)",
                            pgr_gguf_path(g), i, (double)divisor[i], want);
    }
    return PGR_OK;
}

static pgr_err read_rope(const struct pgr_gguf *g, struct pgr_config *c) {
    char buf[KEY_BYTES];
    const char *type = "none";
    size_t n = 4;
    c->rope.theta = 1e4;
    PGR_TRY(pgr_gguf_real_opt(g, key(buf, c, "rope.freq_base"), &c->rope.theta));
    PGR_TRY(pgr_gguf_str_opt(g, key(buf, c, "rope.scaling.type"), &type, &n));
    if (n == 6 && memcmp(type, "linear", 6) == 0) {
        c->rope.kind = PGR_ROPE_LINEAR;
        PGR_TRY(pgr_gguf_real(g, key(buf, c, "rope.scaling.factor"), &c->rope.factor));
    } else if (n != 4 || memcmp(type, "none", 4) != 0) {
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: rope scaling %.*s; supported are none, linear and Llama 3's",
                        pgr_gguf_path(g), (int)pgr_min(n, 64), type);
    }
    struct pgr_config scaled = *c;
    PGR_TRY(read_rope_freqs(g, &scaled));
    if (c->rope.kind != PGR_ROPE_PLAIN && scaled.rope.kind == PGR_ROPE_LLAMA3)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: two rope scalings at once", pgr_gguf_path(g));
    *c = scaled;
    return PGR_OK;
}

static pgr_err read_id_opt(const struct pgr_gguf *g, const char *name, int32_t *id) {
    size_t v = SIZE_MAX;
    PGR_TRY(pgr_gguf_size_opt(g, name, 0, INT32_MAX, &v));
    if (v != SIZE_MAX) *id = (int32_t)v;
    return PGR_OK;
}

static void add_eos(struct pgr_config *c, int32_t id) {
    if (id == -1) return;
    for (size_t i = 0; i < c->n_eos; i++)
        if (c->eos_id[i] == id) return;
    if (c->n_eos < PGR_COUNT(c->eos_id)) c->eos_id[c->n_eos++] = id;
}

static pgr_err read_ids(const struct pgr_gguf *g, struct pgr_config *c) {
    int32_t eos = -1, eot = -1;
    PGR_TRY(read_id_opt(g, "tokenizer.ggml.bos_token_id", &c->bos_id));
    PGR_TRY(read_id_opt(g, "tokenizer.ggml.padding_token_id", &c->pad_id));
    PGR_TRY(read_id_opt(g, "tokenizer.ggml.eos_token_id", &eos));
    PGR_TRY(read_id_opt(g, "tokenizer.ggml.eot_token_id", &eot));
    add_eos(c, eos);
    add_eos(c, eot);
    static const char *const ends[] = {"<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|eom_id|>"};
    struct pgr_gguf_array token, type;
    PGR_TRY(pgr_gguf_array_opt(g, "tokenizer.ggml.tokens", PGR_GGUF_STR, &token));
    PGR_TRY(pgr_gguf_array_opt(g, "tokenizer.ggml.token_type", PGR_GGUF_INT, &type));
    for (size_t i = 0; i < pgr_min(pgr_min(token.n, type.n), c->n_vocab); i++) {
        if (pgr_gguf_item_int(&type, i) != CONTROL_TOKEN) continue;
        size_t n;
        const char *s = pgr_gguf_item_str(&token, i, &n);
        for (size_t k = 0; k < PGR_COUNT(ends); k++)
            if (strlen(ends[k]) == n && memcmp(ends[k], s, n) == 0) add_eos(c, (int32_t)i);
    }
    return PGR_OK;
}

pgr_err pgr_config_from_gguf(const struct pgr_gguf *g, struct pgr_config *out) {
    struct pgr_config c = {.bos_id = -1, .pad_id = -1};
    PGR_TRY(read_arch(g, &c));
    PGR_TRY(read_sizes(g, &c));
    PGR_TRY(read_rope(g, &c));
    PGR_TRY(read_ids(g, &c));
    PGR_TRY(pgr_config_check(&c, pgr_gguf_path(g)));
    *out = c;
    return PGR_OK;
}
