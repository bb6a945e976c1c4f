/* cpu.h - which instruction sets the kernels may use.
 *
 * Levels are ordered: each contains the ones before it. Every kernel family fills its table from the portable version
 * upward, so that no entry is ever missing. The best level is what CPU and operating system both have: the register
 * state must be enabled in XCR0, and Linux must grant the tiles of AMX to this process. PGR_ISA=ref|avx2|avx512|
 * avx512bf16|amx in the environment masks what is better than the named level; it never adds anything. */
#ifndef PGR_KERN_CPU_H
#define PGR_KERN_CPU_H

#include "base/err.h"

enum pgr_isa {
    PGR_ISA_REF,        /* plain C */
    PGR_ISA_AVX2,       /* AVX2, FMA, F16C */
    PGR_ISA_AVX512,     /* F, BW, DQ, VL */
    PGR_ISA_AVX512BF16, /* vdpbf16ps */
    PGR_ISA_AMX,        /* bfloat16 tiles */
    PGR_ISA_COUNT
};

/* The level in use. Thread-safe. */
enum pgr_isa pgr_isa(void);
/* What this machine has, whatever the environment says. */
enum pgr_isa pgr_isa_best(void);
const char *pgr_isa_name(enum pgr_isa isa);

/* Changes the level in use, for tests and benchmarks; not while kernels run. Packed weights and cache pages stay valid:
 * their layout does not depend on the level. PGR_E_UNSUPPORTED when this machine lacks it. */
PGR_MUST_CHECK pgr_err pgr_isa_set(enum pgr_isa isa);

#endif
