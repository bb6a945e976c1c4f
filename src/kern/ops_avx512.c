/* ops_avx512.c - ops_body.inc in its avx512 form (AVX-512 F, BW, DQ, VL). */
#define PGR_VEC 16
#define PGR_OPS_TABLE pgr_ops_table_avx512
#include "kern/ops_body.inc"
