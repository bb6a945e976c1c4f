/* ops_ref.c - ops_body.inc in its portable form. */
#define PGR_VEC 1
#define PGR_OPS_TABLE pgr_ops_table_ref
#include "kern/ops_body.inc"
