/* ops_avx512bf16.c - ops_body.inc in its avx512 form with the conversion instruction of AVX512-BF16. */
#define PGR_VEC 16
#define PGR_OPS_TABLE pgr_ops_table_avx512bf16
#include "kern/ops_body.inc"
