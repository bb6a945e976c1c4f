/* cpu.c - detection of instruction sets. */
#define _GNU_SOURCE
#include "kern/cpu.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(PGR_HAVE_X86_KERNELS)
#include <cpuid.h>
#endif

static const char *const names[PGR_ISA_COUNT] = {"ref", "avx2", "avx512", "avx512bf16", "amx"};
static enum pgr_isa best;
static atomic_int chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(PGR_HAVE_X86_KERNELS)
enum { XCR0_AVX = 0x6, XCR0_AVX512 = 0xe6, XCR0_AMX = 0x60000 };
enum { ARCH_REQ_XCOMP_PERM_CALL = 0x1023, XFEATURE_TILE_DATA = 18 };

static unsigned long long xcr0(void) {
    unsigned lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (unsigned long long)hi << 32 | lo;
}

/* Threads made later inherit the permission; it is asked for before the first kernel runs. */
static bool tiles_granted(void) { return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM_CALL, XFEATURE_TILE_DATA) == 0; }

static enum pgr_isa cpu_best(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return PGR_ISA_REF;
    bool osxsave = c >> 27 & 1, fma = c >> 12 & 1, f16c = c >> 29 & 1;
    if (!osxsave || !fma || !f16c) return PGR_ISA_REF;
    unsigned long long os = xcr0();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return PGR_ISA_REF;
    bool avx2 = b >> 5 & 1;
    bool avx512 = (b >> 16 & 1) && (b >> 17 & 1) && (b >> 30 & 1) && (b >> 31 & 1); /* F DQ BW VL */
    bool amx = (d >> 22 & 1) && (d >> 24 & 1);                                      /* BF16 TILE */
    if (!avx2 || (os & XCR0_AVX) != XCR0_AVX) return PGR_ISA_REF;
    if (!avx512 || (os & XCR0_AVX512) != XCR0_AVX512) return PGR_ISA_AVX2;
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a >> 5 & 1)) return PGR_ISA_AVX512;
    if (!amx || (os & XCR0_AMX) != XCR0_AMX || !tiles_granted()) return PGR_ISA_AVX512BF16;
    return PGR_ISA_AMX;
}
#else
static enum pgr_isa cpu_best(void) { return PGR_ISA_REF; }
#endif

static void detect(void) {
    best = cpu_best();
    enum pgr_isa use = best;
    const char *want = getenv("PGR_ISA");
    for (int i = 0; want && i <= (int)best; i++)
        if (strcmp(want, names[i]) == 0) use = (enum pgr_isa)i;
    atomic_store(&chosen, (int)use);
}

enum pgr_isa pgr_isa(void) {
    pthread_once(&once, detect);
    return (enum pgr_isa)atomic_load_explicit(&chosen, memory_order_relaxed);
}

enum pgr_isa pgr_isa_best(void) {
    pthread_once(&once, detect);
    return best;
}

const char *pgr_isa_name(enum pgr_isa isa) { return isa < PGR_ISA_COUNT ? names[isa] : "unknown"; }

pgr_err pgr_isa_set(enum pgr_isa isa) {
    if (isa > pgr_isa_best())
        return pgr_fail(PGR_E_UNSUPPORTED, "instruction set %s: this machine's best is %s", pgr_isa_name(isa),
                        pgr_isa_name(best));
    atomic_store(&chosen, (int)isa);
    return PGR_OK;
}
