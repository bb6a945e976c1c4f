/* attn_ref.c - attn_body.inc in its portable form. */
#define PGR_VEC 1
#define PGR_ATTN_INIT pgr_attn_init_ref
#include "kern/attn_body.inc"
