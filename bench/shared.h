/* shared.h - what several benchmark programs need. */
#ifndef PGR_BENCH_SHARED_H
#define PGR_BENCH_SHARED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "model/config.h"

/* The shape of Qwen2.5-Coder-0.5B. */
static const struct pgr_config bench_qwen = {.arch = PGR_ARCH_QWEN2,
                                             .n_layer = 24,
                                             .d_model = 896,
                                             .d_ff = 4864,
                                             .n_head = 14,
                                             .n_kv_head = 2,
                                             .d_head = 64,
                                             .n_vocab = 151936,
                                             .max_position = 32768,
                                             .norm_eps = 1e-6f,
                                             .qkv_bias = true,
                                             .tie_embeddings = true,
                                             .rope = {.theta = 1e6, .factor = 1},
                                             .bos_id = -1,
                                             .pad_id = -1};

/* Ends the program with the library's message unless e is PGR_OK. */
static inline void bench_check(pgr_err e) {
    if (e == PGR_OK) return;
    fprintf(stderr, "%s\n", pgr_err_detail());
    exit(pgr_err_exit_code(e));
}

/* A zeroed block that stays until the program ends. */
static inline void *bench_block(size_t n_bytes) {
    void *p = pgr_block_new(n_bytes);
    if (!p) bench_check(pgr_fail(PGR_E_NOMEM, "out of memory for %zu bytes", n_bytes));
    return p;
}

/* Numbers in [-1, 1), the same in every run. */
static inline void bench_random(void *p, size_t n, enum pgr_dtype dtype) {
    uint32_t s = 1;
    for (size_t i = 0; i < n; i++) {
        s = s * 1664525u + 1013904223u;
        float v = (float)(int32_t)s * 0x1p-31f;
        if (dtype == PGR_F32)
            ((float *)p)[i] = v;
        else
            ((pgr_bf16 *)p)[i] = pgr_f32_to_bf16(v);
    }
}

#endif
