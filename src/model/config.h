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

/* Every size within its bounds and fitting the others; `where` begins the message. PGR_E_RANGE names the value and its
 * bounds; PGR_E_UNSUPPORTED a shape that the kernels do not handle. */
PGR_MUST_CHECK pgr_err pgr_config_check(const struct pgr_config *c, const char *where);

#endif
