/* ops_test.h - shared by the tests of ops.h and optim.h: random input, instruction-set levels, rounding bounds.
 *
 * Bounds. A float32 sum of n products in any order is off by at most n eps times the sum of the absolute products
 * (Higham, Accuracy and Stability of Numerical Algorithms, sec. 3.1); a few further roundings add a few eps of the
 * terms' absolute sum ("mass"). Storing as bfloat16 adds half a unit in the last place, 2^-8 of the value at most. */
#ifndef PGR_TESTS_OPS_TEST_H
#define PGR_TESTS_OPS_TEST_H

#include "test.h"

#include <float.h>
#include <math.h>

#include "base/num.h"
#include "base/par.h"
#include "base/rng.h"
#include "kern/cpu.h"
#include "kern/ops.h"

static uint32_t test_draws;
/* Standard normal; the sequence is the same in every run. */
PGR_UNUSED static double test_normal(void) { return pgr_rng_normal(7, PGR_RNG_TEST, test_draws++, 0, 0, 0); }

/* n random floats, exactly representable in `t`. */
PGR_UNUSED static float *test_floats(size_t n, enum pgr_dtype t, double mean, double std) {
    float *p = malloc((n ? n : 1) * sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        p[i] = (float)(mean + std * test_normal());
        if (t == PGR_BF16) p[i] = pgr_bf16_to_f32(pgr_f32_to_bf16(p[i]));
    }
    return p;
}

/* The same numbers as an array of `t`, exactly as long (so that ASan sees an over-read). */
PGR_UNUSED static void *test_typed(size_t n, enum pgr_dtype t, const float *from) {
    void *p = malloc((n ? n : 1) * pgr_dtype_bytes(t));
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        if (t == PGR_F32)
            ((float *)p)[i] = from ? from[i] : NAN;
        else
            ((pgr_bf16 *)p)[i] = pgr_f32_to_bf16(from ? from[i] : NAN);
    }
    return p;
}

PGR_UNUSED static double test_value(enum pgr_dtype t, const void *p, size_t i) {
    return t == PGR_F32 ? (double)((const float *)p)[i] : (double)pgr_bf16_to_f32(((const pgr_bf16 *)p)[i]);
}

/* got must be within n_eps roundings of mass, plus the rounding of the store. */
#define assert_near(what, index, got, want, t, n_eps, mass)                                                            \
    do {                                                                                                               \
        double bound_ = (double)(n_eps)*FLT_EPSILON * (mass);                                                          \
        if ((t) == PGR_BF16) bound_ += (fabs(want) + bound_) / 256 + 1.2e-38; /* below 2^-126 may be zero */           \
        if (!(fabs((got) - (want)) <= bound_ + 1e-37))                                                                 \
            fail_msg("%s, %s, %s, element %zu: got %.9g, want %.9g, bound %.3g", pgr_isa_name(pgr_isa()),              \
                     (t) == PGR_F32 ? "f32" : "bf16", what, (size_t)(index), (double)(got), (double)(want), bound_);   \
    } while (0)

/* The levels with own code in ops_*.c. */
static const enum pgr_isa test_isas[] = {PGR_ISA_REF, PGR_ISA_AVX2, PGR_ISA_AVX512, PGR_ISA_AVX512BF16};

/* Runs fn at each level this machine has, for both types. */
PGR_UNUSED static void test_each_level(void (*fn)(enum pgr_dtype t)) {
    enum pgr_isa was = pgr_isa();
    for (size_t i = 0; i < sizeof test_isas / sizeof *test_isas; i++) {
        if (test_isas[i] > pgr_isa_best()) {
            print_message("level %s: not on this machine\n", pgr_isa_name(test_isas[i]));
            continue;
        }
        assert_ok(pgr_isa_set(test_isas[i]));
        fn(PGR_F32);
        fn(PGR_BF16);
    }
    assert_ok(pgr_isa_set(was));
}

/* d f / d x by central differences in double. Its own error, h^2 f''' / 6 + eps f / h, is some 1e-10 of f's scale: far
 * below one float32 rounding of the terms that make up f. */
PGR_UNUSED static double test_slope(double (*f)(void *ctx), void *ctx, double *x) {
    const double h = 1e-5;
    double was = *x;
    *x = was + h;
    double up = f(ctx);
    *x = was - h;
    double down = f(ctx);
    *x = was;
    return (up - down) / (2 * h);
}

PGR_UNUSED static double *test_doubles(size_t n, const float *from) {
    double *p = malloc((n ? n : 1) * sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) p[i] = (double)from[i];
    return p;
}

#endif
