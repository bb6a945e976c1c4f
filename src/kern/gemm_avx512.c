/* gemm_avx512.c - gemm_body.inc in its AVX-512 form. */
#define PGR_VEC 16
#define PGR_GEMM_INIT pgr_gemm_init_avx512
#include "kern/gemm_body.inc"
