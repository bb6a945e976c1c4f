/* vec.h - one vector of floats, so that a loop is written once and compiled for each instruction set.
 *
 * The including file defines PGR_VEC as 1 (portable), 8 (AVX2 + FMA) or 16 (AVX-512 F, BW, DQ, VL, and BF16 where the
 * file is compiled for it). A vector has VF_N floats. `_part` forms touch only the first n < VF_N elements (the rest
 * reads as zero). Nothing needs alignment. bfloat16 stores round to nearest even with the same bits at every level,
 * save that the AVX512-BF16 instruction takes numbers below 2^-126 as zero; vf_exp and the sums round differently
 * between levels, never between calls. */
#ifndef PGR_KERN_VEC_H
#define PGR_KERN_VEC_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"

#ifndef PGR_VEC
#define PGR_VEC 1
#endif

#define VF_INLINE static inline __attribute__((always_inline, unused))

#if PGR_VEC == 16
#include <immintrin.h>

enum { VF_N = 16 };
typedef __m512 vf;
VF_INLINE vf vf_set(float a) { return _mm512_set1_ps(a); }
VF_INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
VF_INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
VF_INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
VF_INLINE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
VF_INLINE vf vf_sqrt(vf a) { return _mm512_sqrt_ps(a); }
VF_INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
VF_INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
VF_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }   /* a b + c */
VF_INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); } /* c - a b */
VF_INLINE float vf_sum(vf a) { return _mm512_reduce_add_ps(a); }
VF_INLINE float vf_peak(vf a) { return _mm512_reduce_max_ps(a); }
VF_INLINE __mmask16 vf_mask(size_t n) { return (__mmask16)((1u << n) - 1u); }
VF_INLINE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
VF_INLINE void vf_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
VF_INLINE vf vf_load_part(const float *p, size_t n) { return _mm512_maskz_loadu_ps(vf_mask(n), p); }
VF_INLINE void vf_store_part(float *p, vf a, size_t n) { _mm512_mask_storeu_ps(p, vf_mask(n), a); }
VF_INLINE vf vf_widen(__m256i h) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16)); }
#if defined(__AVX512BF16__)
VF_INLINE __m256i vf_narrow(vf a) { return (__m256i)_mm512_cvtneps_pbh(a); }
#else
VF_INLINE __m256i vf_narrow(vf a) {
    __m512i bits = _mm512_castps_si512(a);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i r = _mm512_srli_epi32(_mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd), 16);
    __mmask16 nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
    r = _mm512_mask_or_epi32(r, nan, _mm512_srli_epi32(bits, 16), _mm512_set1_epi32(0x40));
    return _mm512_cvtepi32_epi16(r);
}
#endif
VF_INLINE vf vf_load_h(const pgr_bf16 *p) { return vf_widen(_mm256_loadu_si256((const __m256i *)(const void *)p)); }
VF_INLINE void vf_store_h(pgr_bf16 *p, vf a) { _mm256_storeu_si256((__m256i *)(void *)p, vf_narrow(a)); }
VF_INLINE vf vf_load_h_part(const pgr_bf16 *p, size_t n) { return vf_widen(_mm256_maskz_loadu_epi16(vf_mask(n), p)); }
VF_INLINE void vf_store_h_part(pgr_bf16 *p, vf a, size_t n) { _mm256_mask_storeu_epi16(p, vf_mask(n), vf_narrow(a)); }
/* a = m * 2^k with m in [sqrt(1/2), sqrt(2)), for a positive normal number. 0x3f3504f3 is sqrt(1/2). */
VF_INLINE vf vf_split2(vf a, vf *k) {
    __m512i bits = _mm512_castps_si512(a);
    __m512i e = _mm512_srai_epi32(_mm512_sub_epi32(bits, _mm512_set1_epi32(0x3f3504f3)), 23);
    *k = _mm512_cvtepi32_ps(e);
    return _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(e, 23)));
}
/* b where a < limit, else c. */
VF_INLINE vf vf_if_less(vf a, vf limit, vf b, vf c) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, limit, _CMP_LT_OQ), c, b);
}

#elif PGR_VEC == 8
#include <immintrin.h>

enum { VF_N = 8 };
typedef __m256 vf;
VF_INLINE vf vf_set(float a) { return _mm256_set1_ps(a); }
VF_INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
VF_INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
VF_INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
VF_INLINE vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
VF_INLINE vf vf_sqrt(vf a) { return _mm256_sqrt_ps(a); }
VF_INLINE vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
VF_INLINE vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
VF_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
VF_INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
VF_INLINE float vf_sum(vf a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
VF_INLINE float vf_peak(vf a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}
VF_INLINE __m256i vf_mask(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
VF_INLINE vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
VF_INLINE void vf_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
VF_INLINE vf vf_load_part(const float *p, size_t n) { return _mm256_maskload_ps(p, vf_mask(n)); }
VF_INLINE void vf_store_part(float *p, vf a, size_t n) { _mm256_maskstore_ps(p, vf_mask(n), a); }
VF_INLINE vf vf_widen(__m128i h) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16)); }
VF_INLINE __m128i vf_narrow(vf a) {
    __m256i bits = _mm256_castps_si256(a);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i r = _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd), 16);
    __m256i quiet = _mm256_or_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(0x40));
    r = _mm256_blendv_epi8(r, quiet, _mm256_castps_si256(_mm256_cmp_ps(a, a, _CMP_UNORD_Q)));
    return _mm_packus_epi32(_mm256_castsi256_si128(r), _mm256_extracti128_si256(r, 1));
}
VF_INLINE vf vf_load_h(const pgr_bf16 *p) { return vf_widen(_mm_loadu_si128((const __m128i *)(const void *)p)); }
VF_INLINE void vf_store_h(pgr_bf16 *p, vf a) { _mm_storeu_si128((__m128i *)(void *)p, vf_narrow(a)); }
VF_INLINE vf vf_load_h_part(const pgr_bf16 *p, size_t n) {
    pgr_bf16 t[8] = {0};
    memcpy(t, p, n * sizeof *p);
    return vf_load_h(t);
}
VF_INLINE void vf_store_h_part(pgr_bf16 *p, vf a, size_t n) {
    pgr_bf16 t[8];
    vf_store_h(t, a);
    memcpy(p, t, n * sizeof *p);
}
/* a * 2^k for whole k in [-126, 127]. */
VF_INLINE vf vf_scale2(vf a, vf k) {
    __m256i e = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(k), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(a, _mm256_castsi256_ps(e));
}
VF_INLINE vf vf_split2(vf a, vf *k) {
    __m256i bits = _mm256_castps_si256(a);
    __m256i e = _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(0x3f3504f3)), 23);
    *k = _mm256_cvtepi32_ps(e);
    return _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(e, 23)));
}
VF_INLINE vf vf_if_less(vf a, vf limit, vf b, vf c) {
    return _mm256_blendv_ps(c, b, _mm256_cmp_ps(a, limit, _CMP_LT_OQ));
}

#else

enum { VF_N = 1 };
typedef float vf;
VF_INLINE vf vf_set(float a) { return a; }
VF_INLINE vf vf_add(vf a, vf b) { return a + b; }
VF_INLINE vf vf_sub(vf a, vf b) { return a - b; }
VF_INLINE vf vf_mul(vf a, vf b) { return a * b; }
VF_INLINE vf vf_div(vf a, vf b) { return a / b; }
VF_INLINE vf vf_sqrt(vf a) { return sqrtf(a); }
VF_INLINE vf vf_max(vf a, vf b) { return a > b ? a : b; }
VF_INLINE vf vf_min(vf a, vf b) { return a < b ? a : b; }
VF_INLINE vf vf_fma(vf a, vf b, vf c) { return a * b + c; }
VF_INLINE vf vf_fnma(vf a, vf b, vf c) { return c - a * b; }
VF_INLINE float vf_sum(vf a) { return a; }
VF_INLINE float vf_peak(vf a) { return a; }
VF_INLINE vf vf_load(const float *p) { return *p; }
VF_INLINE void vf_store(float *p, vf a) { *p = a; }
VF_INLINE vf vf_load_part(const float *p, size_t n) { return n ? *p : 0.0f; }
VF_INLINE void vf_store_part(float *p, vf a, size_t n) {
    if (n) *p = a;
}
VF_INLINE vf vf_load_h(const pgr_bf16 *p) { return pgr_bf16_to_f32(*p); }
VF_INLINE void vf_store_h(pgr_bf16 *p, vf a) { *p = pgr_f32_to_bf16(a); }
VF_INLINE vf vf_load_h_part(const pgr_bf16 *p, size_t n) { return n ? vf_load_h(p) : 0.0f; }
VF_INLINE void vf_store_h_part(pgr_bf16 *p, vf a, size_t n) {
    if (n) vf_store_h(p, a);
}
VF_INLINE vf vf_scale2(vf a, vf k) {
    uint32_t bits = (uint32_t)((k == k ? (int)k : 0) + 127) << 23;
    float s;
    memcpy(&s, &bits, sizeof s);
    return a * s;
}
VF_INLINE vf vf_split2(vf a, vf *k) {
    int e;
    float m = frexpf(a, &e); /* in [1/2, 1) */
    if (m < 0.70710677f) m *= 2, e--;
    *k = (float)e;
    return m;
}
VF_INLINE vf vf_if_less(vf a, vf limit, vf b, vf c) { return a < limit ? b : c; }
#endif

/* exp(x): x = k ln2 + r with |r| <= ln2 / 2, e^r by a polynomial 1 + r + r^2 q(r) of degree 6 fitted to the smallest
 * relative error (3e-9), times 2^k. Off by at most 2 units in the last place for x in [-87, 88]; below that range 0,
 * above it exp(88). NaN stays NaN. */
VF_INLINE vf vf_exp(vf x) {
    vf magic = vf_set(12582912.0f);  /* 1.5 * 2^23: adding it rounds to a whole number */
    vf c = vf_min(vf_set(88.0f), x); /* in this order a NaN in x passes */
#if PGR_VEC != 16
    c = vf_max(vf_set(-87.0f), c);
#endif
    vf k = vf_sub(vf_fma(c, vf_set(1.44269504f), magic), magic);
    /* ln2 in two parts; the first has few enough bits for an exact product with k. */
    vf r = vf_fnma(k, vf_set(-2.12194440e-4f), vf_fnma(k, vf_set(0.693359375f), c));
    vf p = vf_set(1.38145e-3f);
    p = vf_fma(p, r, vf_set(8.36875e-3f));
    p = vf_fma(p, r, vf_set(4.166839e-2f));
    p = vf_fma(p, r, vf_set(0.1666652f));
    p = vf_fma(p, r, vf_set(0.49999993f));
    p = vf_fma(p, r, vf_set(1.0f));
    p = vf_fma(p, r, vf_set(1.0f));
#if PGR_VEC == 16
    return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x, vf_set(-87.0f), _CMP_NLT_UQ), p, k);
#else
    return vf_if_less(x, vf_set(-87.0f), vf_set(0.0f), vf_scale2(p, k));
#endif
}

/* 1 / a within 2 units in the last place, for a in [2^-126, 2^126]; 0 for larger ones. Division is slow on wide
 * vectors: an estimate good to 14 bits and one Newton step take its place. */
VF_INLINE vf vf_recip(vf a) {
#if PGR_VEC == 16
    vf r = _mm512_rcp14_ps(a);
    return vf_mul(r, vf_fnma(a, r, vf_set(2.0f)));
#else
    return vf_div(vf_set(1.0f), a);
#endif
}

/* log(x) for positive normal x: with x = 2^k m and s = (m - 1) / (m + 1), log m = 2 atanh(s), |s| < 0.172.
 * Absolute error below 3 units in the last place of max(1, |log x|). */
VF_INLINE vf vf_log(vf x) {
    vf k, m = vf_split2(x, &k), one = vf_set(1.0f);
    vf s = vf_div(vf_sub(m, one), vf_add(m, one)), s2 = vf_mul(s, s);
    vf p = vf_set(1.0f / 9);
    p = vf_fma(p, s2, vf_set(1.0f / 7));
    p = vf_fma(p, s2, vf_set(1.0f / 5));
    p = vf_fma(p, s2, vf_set(1.0f / 3));
    p = vf_fma(p, s2, one);
    return vf_fma(k, vf_set(0.69314718f), vf_mul(vf_add(s, s), p));
}

/* Elements i .. i + n of a row of either type, n <= VF_N. With `t` and `n` constant at the call the branches vanish. */
VF_INLINE vf vf_get(enum pgr_dtype t, const void *row, size_t i, size_t n) {
    if (t == PGR_F32) {
        const float *p = (const float *)row + i;
        return n == VF_N ? vf_load(p) : vf_load_part(p, n);
    }
    const pgr_bf16 *p = (const pgr_bf16 *)row + i;
    return n == VF_N ? vf_load_h(p) : vf_load_h_part(p, n);
}
VF_INLINE void vf_put(enum pgr_dtype t, void *row, size_t i, size_t n, vf a) {
    if (t == PGR_F32) {
        float *p = (float *)row + i;
        if (n == VF_N)
            vf_store(p, a);
        else
            vf_store_part(p, a, n);
    } else {
        pgr_bf16 *p = (pgr_bf16 *)row + i;
        if (n == VF_N)
            vf_store_h(p, a);
        else
            vf_store_h_part(p, a, n);
    }
}

/* As vf_put of a whole vector; with `past` and wide bfloat16 vectors it goes past the caches: 32-byte aligned,
 * neighbours filled soon after, vf_fence before others read it. */
VF_INLINE void vf_put_past(enum pgr_dtype t, void *row, size_t i, vf a, bool past) {
#if PGR_VEC == 16
    if (past && t == PGR_BF16) {
        _mm256_stream_si256((__m256i *)(void *)((pgr_bf16 *)row + i), vf_narrow(a));
        return;
    }
#endif
    (void)past;
    vf_put(t, row, i, VF_N, a);
}
VF_INLINE void vf_fence(void) {
#if PGR_VEC == 16
    _mm_sfence();
#endif
}

/* Runs the statements for i = 0, VF_N, ... below count with n = VF_N, then once for the rest with n < VF_N. */
#define VF_LOOP(i, n, count, ...)                                                                                      \
    do {                                                                                                               \
        size_t i = 0;                                                                                                  \
        for (; i + VF_N <= (count); i += VF_N) {                                                                       \
            const size_t n = VF_N;                                                                                     \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        if (VF_N > 1 && i < (count)) {                                                                                 \
            const size_t n = (count)-i;                                                                                \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    } while (0)

/* 1 / (1 + e^-g) */
VF_INLINE vf vf_sigmoid(vf g) { return vf_recip(vf_add(vf_set(1.0f), vf_exp(vf_sub(vf_set(0.0f), g)))); }
/* g sigmoid(g) u: the gated unit, one rounding order for all who compute it. */
VF_INLINE vf vf_swiglu(vf g, vf u) { return vf_mul(vf_mul(g, vf_sigmoid(g)), u); }

#endif
