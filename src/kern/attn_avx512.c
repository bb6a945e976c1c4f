/* attn_avx512.c - attn_body.inc in its AVX-512 form. */
#define PGR_VEC 16
#define PGR_ATTN_INIT pgr_attn_init_avx512
#include "kern/attn_body.inc"
