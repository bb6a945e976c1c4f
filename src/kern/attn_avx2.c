/* attn_avx2.c - attn_body.inc in its AVX2 form. */
#define PGR_VEC 8
#define PGR_ATTN_INIT pgr_attn_init_avx2
#include "kern/attn_body.inc"
