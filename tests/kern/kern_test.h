/* kern_test.h - helpers of the kernel tests: random tensors of either type, instruction-set levels, bounds. */
#ifndef PGR_TESTS_KERN_TEST_H
#define PGR_TESTS_KERN_TEST_H

#include "test.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "base/num.h"
#include "kern/cpu.h"

static uint64_t test_rng = 0x9e3779b97f4a7c15u; /* fixed seed: a failure repeats */
PGR_UNUSED static uint64_t test_bits(void) {
    test_rng ^= test_rng << 13, test_rng ^= test_rng >> 7, test_rng ^= test_rng << 17;
    return test_rng;
}
PGR_UNUSED static float test_uniform(void) { return (float)((int64_t)test_bits() >> 39) / 16777216.0f; } /* [-1, 1) */
PGR_UNUSED static size_t test_below(size_t n) { return (size_t)(test_bits() >> 20) % n; }

/* Selects a level, or skips the test where the machine lacks it. */
#define use_isa(isa)                                                                                                   \
    do {                                                                                                               \
        if (pgr_isa_set(isa) != PGR_OK) {                                                                              \
            print_message("%s\n", pgr_err_detail());                                                                   \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

/* Elements of either type. */
PGR_UNUSED static double test_get(const void *p, size_t i, enum pgr_dtype t) {
    return t == PGR_F32 ? (double)((const float *)p)[i] : (double)pgr_bf16_to_f32(((const pgr_bf16 *)p)[i]);
}
PGR_UNUSED static void test_put(void *p, size_t i, enum pgr_dtype t, float v) {
    if (t == PGR_F32)
        ((float *)p)[i] = v;
    else
        ((pgr_bf16 *)p)[i] = pgr_f32_to_bf16(v);
}

/* [rows, cols] with row stride ld, exactly sized so that ASan sees reads past the end; gaps between rows hold NaN. */
PGR_UNUSED static void *test_matrix(size_t rows, size_t cols, size_t ld, enum pgr_dtype t, float amplitude) {
    size_t n = rows ? (rows - 1) * ld + cols : 0;
    void *p = malloc(n * pgr_dtype_bytes(t) + (n == 0));
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) test_put(p, i, t, i % ld < cols ? test_uniform() * amplitude : NAN);
    return p;
}

/* Error of rounding a value of this size to the type on storing: half a unit in the last place of an 8 or 24 bit
 * significand is at most 2^-8 (2^-24) of the value. */
PGR_UNUSED static double test_store_error(double v, enum pgr_dtype t) {
    return t == PGR_F32 ? 0x1p-24 * v : 0x1p-8 * v;
}

#define FOR_EACH_ISA(test)                                                                                             \
    {#test " [ref]", test, NULL, NULL, (void *)(intptr_t)PGR_ISA_REF},                                                 \
        {#test " [avx2]", test, NULL, NULL, (void *)(intptr_t)PGR_ISA_AVX2},                                           \
        {#test " [avx512]", test, NULL, NULL, (void *)(intptr_t)PGR_ISA_AVX512},                                       \
        {#test " [avx512bf16]", test, NULL, NULL, (void *)(intptr_t)PGR_ISA_AVX512BF16}, {                             \
#test " [amx]", test, NULL, NULL, (void *)(intptr_t)PGR_ISA_AMX                                                \
    }

#endif
