/* tiny.h - small random models for the tests of gen/ and of paged inference. */
#ifndef PGR_TESTS_GEN_TINY_H
#define PGR_TESTS_GEN_TINY_H

#include "model/model.h"

/* Odd sizes on purpose: three query heads a key/value head, widths that are no multiple of a tile, a vocabulary of
 * more than one block of the sampler with a partial last one. */
PGR_UNUSED static inline struct pgr_config tiny_config(enum pgr_arch arch) {
    struct pgr_config c = {.arch = arch,
                           .n_layer = 2,
                           .d_model = 48,
                           .d_ff = 56,
                           .n_head = 6,
                           .n_kv_head = 2,
                           .d_head = 16,
                           .n_vocab = 1100,
                           .max_position = 512,
                           .norm_eps = 1e-6f,
                           .qkv_bias = arch == PGR_ARCH_QWEN2,
                           .qk_norm = arch == PGR_ARCH_QWEN3,
                           .tie_embeddings = arch != PGR_ARCH_LLAMA,
                           .bos_id = -1,
                           .pad_id = -1};
    c.rope.theta = 10000.0;
    c.rope.kind = PGR_ROPE_PLAIN;
    c.rope.factor = 1.0;
    return c;
}

PGR_UNUSED static inline struct pgr_model *tiny_model(enum pgr_arch arch, enum pgr_dtype dtype) {
    struct pgr_config c = tiny_config(arch);
    struct pgr_model_opts o = {.dtype = dtype, .train = true, .seed = 17};
    struct pgr_model *m = NULL;
    assert_ok(pgr_model_random(&c, &o, &m));
    return m;
}

#endif
