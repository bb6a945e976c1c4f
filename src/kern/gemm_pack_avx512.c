/* gemm_pack_avx512.c - packing bfloat16 weights: 16 rows of the matrix become one panel (layout in gemm_kern.h).
 *
 * A row's 32 inputs are rounded to 16 pairs, one vector; 16 such vectors are transposed as a square of 32-bit pairs.
 * Scattering single numbers instead takes ten times as long. */
#include <immintrin.h>
#include <string.h>

#include "kern/gemm_kern.h"
#define PGR_VEC 16
#include "kern/vec.h"

/* Rows become columns: four rounds of interleaving, of neighbours, of pairs and of quarters. */
static void transpose(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    /* r[4 g + c] holds, in its quarter q, column 4 q + c of rows 4 g .. 4 g + 3. */
    for (int c = 0; c < 4; c++) {
        __m512i a = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88), b = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
        __m512i e = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xdd), f = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xdd);
        t[c] = _mm512_shuffle_i32x4(a, b, 0x88);
        t[4 + c] = _mm512_shuffle_i32x4(e, f, 0x88);
        t[8 + c] = _mm512_shuffle_i32x4(a, b, 0xdd);
        t[12 + c] = _mm512_shuffle_i32x4(e, f, 0xdd);
    }
    memcpy(r, t, sizeof t);
}

static __m512i pairs(const float *src, size_t n) {
    __m256i lo = vf_narrow(vf_get(PGR_F32, src, 0, n < 16 ? n : 16));
    __m256i hi = n > 16 ? vf_narrow(vf_get(PGR_F32, src, 16, n - 16)) : _mm256_setzero_si256();
    return _mm512_inserti64x4(_mm512_castsi256_si512(lo), hi, 1);
}

void pgr_pack_panel_avx512(size_t n_in, const float *src, pgr_bf16 *panel) {
    for (size_t k = 0; k < n_in; k += PGR_STEP) {
        size_t n = pgr_gemm_min(PGR_STEP, n_in - k);
        __m512i r[16];
        for (size_t i = 0; i < 16; i++) r[i] = pairs(src + i * n_in + k, n);
        transpose(r);
        /* Past the caches: it is long until a panel is read. */
        for (size_t i = 0; i < 16; i++) _mm512_stream_si512((__m512i *)(void *)(panel + k / 2 * 32 + i * 32), r[i]);
    }
    _mm_sfence();
}
