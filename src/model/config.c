/* config.c - what a configuration may be. Reading and writing config.json is in config_hf.c. */
#include <math.h>

#include "base/size.h"
#include "model/config.h"

const char *pgr_arch_name(enum pgr_arch arch) {
    switch (arch) {
    case PGR_ARCH_LLAMA: return "llama";
    case PGR_ARCH_QWEN2: return "qwen2";
    case PGR_ARCH_QWEN3: return "qwen3";
    }
    return "unknown";
}

static pgr_err check_rope(const struct pgr_config *c, const char *where) {
    if (!isfinite(c->rope.theta) || c->rope.theta < 1.0 || c->rope.theta > 1e12)
        return pgr_fail(PGR_E_RANGE, "%s: rope theta is %g, must be 1 to 1e12", where, c->rope.theta);
    if (c->rope.kind == PGR_ROPE_PLAIN) return PGR_OK;
    if (!isfinite(c->rope.factor) || c->rope.factor < 1.0 || c->rope.factor > 1e6)
        return pgr_fail(PGR_E_RANGE, "%s: rope scaling factor is %g, must be 1 to 1e6", where, c->rope.factor);
    if (c->rope.kind == PGR_ROPE_LINEAR) return PGR_OK;
    double low = c->rope.low_freq_factor, high = c->rope.high_freq_factor;
    if (!isfinite(low) || !isfinite(high) || low <= 0.0 || high <= low || high > 1e6)
        return pgr_fail(PGR_E_RANGE, "%s: rope low_freq_factor %g and high_freq_factor %g must be 0 < low < high",
                        where, low, high);
    if (!isfinite(c->rope.original_max_position) || c->rope.original_max_position < 1.0 ||
        c->rope.original_max_position > 1e9)
        return pgr_fail(PGR_E_RANGE, "%s: rope original_max_position_embeddings is %g, must be 1 to 1e9", where,
                        c->rope.original_max_position);
    return PGR_OK;
}

static pgr_err check_id(const struct pgr_config *c, const char *where, const char *what, int32_t id) {
    if (id < 0 || (size_t)id >= c->n_vocab)
        return pgr_fail(PGR_E_RANGE, "%s: %s is %d, the vocabulary has %zu tokens", where, what, (int)id, c->n_vocab);
    return PGR_OK;
}

pgr_err pgr_config_check(const struct pgr_config *c, const char *where) {
    const struct {
        const char *name;
        size_t value, min, max;
    } sizes[] = {
        {"number of layers", c->n_layer, 1, 1024},
        {"hidden size", c->d_model, 1, 1 << 17},
        {"intermediate size", c->d_ff, 1, 1 << 19},
        {"number of attention heads", c->n_head, 1, 1024},
        {"number of key/value heads", c->n_kv_head, 1, 1024},
        {"head size", c->d_head, 1, 256},
        {"vocabulary size", c->n_vocab, 2, 1 << 24},
        {"maximum position", c->max_position, 1, 1 << 30},
    };
    for (size_t i = 0; i < PGR_COUNT(sizes); i++)
        if (sizes[i].value < sizes[i].min || sizes[i].value > sizes[i].max)
            return pgr_fail(PGR_E_RANGE, "%s: %s is %zu, must be %zu to %zu", where, sizes[i].name, sizes[i].value,
                            sizes[i].min, sizes[i].max);
    if (c->n_head % c->n_kv_head != 0)
        return pgr_fail(PGR_E_RANGE, "%s: %zu attention heads cannot share %zu key/value heads evenly", where,
                        c->n_head, c->n_kv_head);
    if (c->d_head % 16 != 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: head size %zu; only multiples of 16 up to 256 are supported", where,
                        c->d_head);
    if (!(c->norm_eps > 0.0f && c->norm_eps < 1.0f))
        return pgr_fail(PGR_E_RANGE, "%s: rms_norm_eps is %g, must be above 0 and below 1", where, (double)c->norm_eps);
    PGR_TRY(check_rope(c, where));
    if (c->bos_id != -1) PGR_TRY(check_id(c, where, "bos_token_id", c->bos_id));
    if (c->pad_id != -1) PGR_TRY(check_id(c, where, "pad_token_id", c->pad_id));
    if (c->n_eos > PGR_COUNT(c->eos_id))
        return pgr_fail(PGR_E_RANGE, "%s: %zu end tokens, at most %zu are supported", where, c->n_eos,
                        PGR_COUNT(c->eos_id));
    for (size_t i = 0; i < c->n_eos; i++) PGR_TRY(check_id(c, where, "eos_token_id", c->eos_id[i]));
    return PGR_OK;
}
