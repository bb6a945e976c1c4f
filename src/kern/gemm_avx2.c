/* gemm_avx2.c - gemm_body.inc in its AVX2 form. */
#define PGR_VEC 8
#define PGR_GEMM_INIT pgr_gemm_init_avx2
#include "kern/gemm_body.inc"
