/* num.h - number formats: bfloat16 and IEEE half. */
#ifndef PGR_BASE_NUM_H
#define PGR_BASE_NUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint16_t pgr_bf16; /* the upper half of a float */

enum pgr_dtype { PGR_F32, PGR_BF16 };
static inline size_t pgr_dtype_bytes(enum pgr_dtype t) { return t == PGR_F32 ? 4 : 2; }

static inline float pgr_bf16_to_f32(pgr_bf16 h) {
    uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Rounds to nearest, ties to even; NaN stays NaN. */
static inline pgr_bf16 pgr_f32_to_bf16(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (pgr_bf16)(bits >> 16 | 0x40);
    return (pgr_bf16)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

static inline float pgr_f16_to_f32(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exp = h >> 10 & 0x1f, man = h & 0x3ff, bits;
    if (exp == 0x1f)
        bits = sign | 0x7f800000u | man << 13;
    else if (exp)
        bits = sign | (exp + 112) << 23 | man << 13;
    else {
        /* Zero and subnormals: man * 2^-24 is exact in a float. */
        float f = (float)man * 0x1p-24f;
        memcpy(&bits, &f, sizeof bits);
        bits |= sign;
    }
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

#endif
