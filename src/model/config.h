/* config.h - the shape of a model, read from config.json or GGUF metadata and checked. */
#ifndef PGR_MODEL_CONFIG_H
#define PGR_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"

enum pgr_arch { PGR_ARCH_LLAMA, PGR_ARCH_QWEN2, PGR_ARCH_QWEN3 };

enum pgr_rope_kind { PGR_ROPE_PLAIN, PGR_ROPE_LINEAR, PGR_ROPE_LLAMA3 };

struct pgr_config {
    enum pgr_arch arch;
    size_t n_layer, d_model, d_ff, n_head, n_kv_head, d_head, n_vocab;
    size_t max_position;
    float norm_eps;
    bool qkv_bias;       /* Qwen2 */
    bool qk_norm;        /* Qwen3: RMS norm of each head of q and k before rotation */
    bool tie_embeddings; /* the output matrix is the embedding */
    struct {
        double theta;
        enum pgr_rope_kind kind;
        double factor, low_freq_factor, high_freq_factor, original_max_position;
    } rope;
    int32_t bos_id, pad_id; /* -1: none */
    int32_t eos_id[8];      /* union of config.json and generation_config.json */
    size_t n_eos;
    bool has_score; /* sequence classification: `score.weight` [1, d_model] */
};

/* "llama", "qwen2", "qwen3": model_type in config.json, general.architecture in GGUF. */
const char *pgr_arch_name(enum pgr_arch arch);

/* The configuration of a model that can be loaded: a Hugging Face folder (config.json, generation_config.json) or a
 * GGUF file; anything else is PGR_E_NOTFOUND or PGR_E_FORMAT. The result has passed pgr_config_check. PGR_E_UNSUPPORTED
 * names what this program does not compute: another architecture or activation, sliding windows, biases that the
 * architecture has only by option, other rope scalings, quantised folders. */
PGR_MUST_CHECK pgr_err pgr_config_load(const char *path, struct pgr_config *out);
/* The two halves of it. GGUF: a model without output matrix is tied; the end ids are the file's own
 * and every control token that ends a turn or text in a known family. */
PGR_MUST_CHECK pgr_err pgr_config_load_hf(const char *dir, struct pgr_config *out);
/* The text of a config.json alone; `where` begins each message. */
PGR_MUST_CHECK pgr_err pgr_config_parse_hf(const char *where, const char *text, size_t n_bytes, struct pgr_config *out);
struct pgr_gguf;
PGR_MUST_CHECK pgr_err pgr_config_from_gguf(const struct pgr_gguf *g, struct pgr_config *out);
/* Writes config.json and generation_config.json, as transformers and its readers expect them for weights of `dtype`.
 * `generation`: the text of a generation_config.json whose other keys are kept, or NULL. */
PGR_MUST_CHECK pgr_err pgr_config_save(const struct pgr_config *c, const char *generation, const char *dir,
                                       enum pgr_dtype dtype);
/* The text of generation_config.json in a folder, for pgr_config_save (free with pgr_free); NULL when `path` is no
 * folder or has none. */
PGR_MUST_CHECK pgr_err pgr_config_read_generation(const char *path, char **text);

/* Every size within its bounds and fitting the others; `where` begins the message. PGR_E_RANGE names the value and its
 * bounds; PGR_E_UNSUPPORTED a shape that the kernels do not handle. */
PGR_MUST_CHECK pgr_err pgr_config_check(const struct pgr_config *c, const char *where);

#endif
