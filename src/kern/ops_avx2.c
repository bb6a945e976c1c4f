/* ops_avx2.c - ops_body.inc in its avx2 form (-mavx2 -mfma, only where the CPU has them). */
#define PGR_VEC 8
#define PGR_OPS_TABLE pgr_ops_table_avx2
#include "kern/ops_body.inc"
