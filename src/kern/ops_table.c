/* ops_table.c - which table is in use. */
#include "kern/ops_table.h"

#include "kern/cpu.h"

const struct pgr_ops_table *pgr_ops_table(void) {
#if defined(PGR_HAVE_X86_KERNELS)
    enum pgr_isa isa = pgr_isa();
    if (isa >= PGR_ISA_AVX512BF16) return &pgr_ops_table_avx512bf16;
    if (isa >= PGR_ISA_AVX512) return &pgr_ops_table_avx512;
    if (isa >= PGR_ISA_AVX2) return &pgr_ops_table_avx2;
#endif
    return &pgr_ops_table_ref;
}
