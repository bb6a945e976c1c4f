/* gemm_avx512bf16.c - gemm_body.inc in its AVX512-BF16 form. */
#define PGR_VEC 16
#define PGR_GEMM_PAIRS 1
#define PGR_GEMM_INIT pgr_gemm_init_avx512bf16
#include "kern/gemm_body.inc"
