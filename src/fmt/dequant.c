/* dequant.c - blocks of quantised numbers to float32. */
#include "fmt/dequant.h"

#include <string.h>

#include "base/num.h"
#include "base/size.h"

static uint16_t load16(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }
static float load_f16(const unsigned char *p) { return pgr_f16_to_f32(load16(p)); }

static void from_f32(const unsigned char *src, size_t n, float *dst) { memcpy(dst, src, n * sizeof *dst); }

static void from_f16(const unsigned char *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = load_f16(src + 2 * i);
}

static void from_bf16(const unsigned char *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = pgr_bf16_to_f32(load16(src + 2 * i));
}

static void from_q8_0(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 34, dst += 32) {
        float d = load_f16(src);
        for (size_t i = 0; i < 32; i++) dst[i] = d * (float)(int8_t)src[2 + i];
    }
}

static void from_q4_0(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 18, dst += 32) {
        float d = load_f16(src);
        for (size_t i = 0; i < 16; i++) {
            dst[i] = d * (float)((src[2 + i] & 15) - 8);
            dst[i + 16] = d * (float)((src[2 + i] >> 4) - 8);
        }
    }
}

static void from_q4_1(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 20, dst += 32) {
        float d = load_f16(src), m = load_f16(src + 2);
        for (size_t i = 0; i < 16; i++) {
            dst[i] = d * (float)(src[4 + i] & 15) + m;
            dst[i + 16] = d * (float)(src[4 + i] >> 4) + m;
        }
    }
}

/* The 32 five-bit numbers of Q5_0 and Q5_1: low four bits in qs[16] (element i, then i + 16), fifth bits in qh[4]. */
static void five_bits(const unsigned char *qh, const unsigned char *qs, int q[32]) {
    for (size_t i = 0; i < 16; i++) {
        q[i] = (qs[i] & 15) | (qh[i / 8] >> i % 8 & 1) << 4;
        q[i + 16] = qs[i] >> 4 | (qh[2 + i / 8] >> i % 8 & 1) << 4;
    }
}

static void from_q5_0(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 22, dst += 32) {
        int q[32];
        float d = load_f16(src);
        five_bits(src + 2, src + 6, q);
        for (size_t i = 0; i < 32; i++) dst[i] = d * (float)(q[i] - 16);
    }
}

static void from_q5_1(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 24, dst += 32) {
        int q[32];
        float d = load_f16(src), m = load_f16(src + 2);
        five_bits(src + 4, src + 8, q);
        for (size_t i = 0; i < 32; i++) dst[i] = d * (float)q[i] + m;
    }
}

/* Scale and minimum of sub-block j < 8 from their 12 bytes: the first four have six bits each in place, the others keep
 * their upper two bits above those. */
static void scale_min(const unsigned char *s, size_t j, float *scale, float *min) {
    if (j < 4) {
        *scale = (float)(s[j] & 63);
        *min = (float)(s[j + 4] & 63);
    } else {
        *scale = (float)((s[j + 4] & 15) | (s[j - 4] >> 6) << 4);
        *min = (float)(s[j + 4] >> 4 | (s[j] >> 6) << 4);
    }
}

static void from_q4_k(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 144, dst += 256) {
        float d = load_f16(src), dmin = load_f16(src + 2);
        for (size_t j = 0; j < 8; j++) {
            float scale, min;
            scale_min(src + 4, j, &scale, &min);
            scale *= d, min *= dmin;
            const unsigned char *q = src + 16 + j / 2 * 32;
            for (size_t i = 0; i < 32; i++) dst[32 * j + i] = scale * (float)(j % 2 ? q[i] >> 4 : q[i] & 15) - min;
        }
    }
}

static void from_q5_k(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 176, dst += 256) {
        float d = load_f16(src), dmin = load_f16(src + 2);
        const unsigned char *qh = src + 16;
        for (size_t j = 0; j < 8; j++) {
            float scale, min;
            scale_min(src + 4, j, &scale, &min);
            scale *= d, min *= dmin;
            const unsigned char *q = src + 48 + j / 2 * 32;
            for (size_t i = 0; i < 32; i++) {
                int v = (j % 2 ? q[i] >> 4 : q[i] & 15) | (qh[i] >> j & 1) << 4;
                dst[32 * j + i] = scale * (float)v - min;
            }
        }
    }
}

static void from_q6_k(const unsigned char *src, size_t n, float *dst) {
    for (; n--; src += 210, dst += 256) {
        const unsigned char *ql = src, *qh = src + 128, *s = src + 192;
        float d = load_f16(src + 208);
        /* Two halves of 128; in each, quarter k of 32 takes its upper two bits from bits 2k of qh. */
        for (size_t j = 0; j < 8; j++) {
            size_t half = j / 4, k = j % 4;
            const unsigned char *l = ql + 64 * half + 32 * (k % 2), *h = qh + 32 * half;
            for (size_t i = 0; i < 32; i++) {
                int v = (k < 2 ? l[i] & 15 : l[i] >> 4) | (h[i] >> 2 * k & 3) << 4;
                float scale = d * (float)(int8_t)s[2 * j + i / 16];
                dst[32 * j + i] = scale * (float)(v - 32);
            }
        }
    }
}

static const struct pgr_quant quants[] = {
    {0, "F32", 1, 4, from_f32},
    {1, "F16", 1, 2, from_f16},
    {2, "Q4_0", 32, 18, from_q4_0},
    {3, "Q4_1", 32, 20, from_q4_1},
    {6, "Q5_0", 32, 22, from_q5_0},
    {7, "Q5_1", 32, 24, from_q5_1},
    {8, "Q8_0", 32, 34, from_q8_0},
    {9, "Q8_1", 32, 36, NULL},
    {10, "Q2_K", 256, 84, NULL},
    {11, "Q3_K", 256, 110, NULL},
    {12, "Q4_K", 256, 144, from_q4_k},
    {13, "Q5_K", 256, 176, from_q5_k},
    {14, "Q6_K", 256, 210, from_q6_k},
    {15, "Q8_K", 256, 292, NULL},
    {16, "IQ2_XXS", 256, 66, NULL},
    {17, "IQ2_XS", 256, 74, NULL},
    {18, "IQ3_XXS", 256, 98, NULL},
    {19, "IQ1_S", 256, 50, NULL},
    {20, "IQ4_NL", 32, 18, NULL},
    {21, "IQ3_S", 256, 110, NULL},
    {22, "IQ2_S", 256, 82, NULL},
    {23, "IQ4_XS", 256, 136, NULL},
    {24, "I8", 1, 1, NULL},
    {25, "I16", 1, 2, NULL},
    {26, "I32", 1, 4, NULL},
    {27, "I64", 1, 8, NULL},
    {28, "F64", 1, 8, NULL},
    {29, "IQ1_M", 256, 56, NULL},
    {30, "BF16", 1, 2, from_bf16},
    {34, "TQ1_0", 256, 54, NULL},
    {35, "TQ2_0", 256, 66, NULL},
    {39, "MXFP4", 32, 17, NULL},
};

const struct pgr_quant *pgr_quant_find(uint32_t id) {
    for (size_t i = 0; i < PGR_COUNT(quants); i++)
        if (quants[i].id == id) return &quants[i];
    return NULL;
}
