/* ops_table.h - the functions behind ops.h and optim.h for one instruction set, each on a few rows and one thread.
 *
 * The bodies are written once in ops_body.inc over the vectors of vec.h; ops_ref.c, ops_avx2.c, ops_avx512.c and
 * ops_avx512bf16.c compile them. Arguments are those of ops.h. */
#ifndef PGR_KERN_OPS_TABLE_H
#define PGR_KERN_OPS_TABLE_H

#include "kern/ops.h"
#include "kern/optim.h"

struct pgr_adamw_step {                 /* the float32 constants of one update */
    float grad_scale, keep;             /* keep = 1 - lr weight_decay */
    float beta1, fresh1, beta2, fresh2; /* fresh = 1 - beta, rounded after the subtraction */
    float step_size, root_scale, eps;   /* lr / (1 - beta1^step), 1 / sqrt(1 - beta2^step) */
    bool zero_grad;
};

struct pgr_ops_table {
    void (*add_norm)(size_t n, size_t d, const float *x, const uint32_t *row, const void *add, const float *w,
                     float eps, enum pgr_dtype type, float *xo, void *y, float *rstd);
    void (*norm_backward)(size_t n, size_t d, const float *x, const uint32_t *row, const float *w, const float *rstd,
                          enum pgr_dtype dy_type, const void *dy, bool add_to_res, float *dres, enum pgr_dtype type,
                          void *low, void *y, float *dw);
    void (*qk)(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in, void *out);
    void (*qk_backward)(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in,
                        void *dqkv, float *dq_norm, float *dk_norm);
    void (*swiglu)(size_t n, size_t d_ff, enum pgr_dtype type, const void *gate_up, void *act);
    void (*swiglu_backward)(size_t n, size_t d_ff, enum pgr_dtype type, void *gate_up, void *dact);
    void (*vocab_block)(size_t nc, const float *logits, float scale, struct pgr_vocab_state *state, enum pgr_dtype type,
                        void *e, float *lanes);
    /* one block of one row; the target's column is left to the caller */
    void (*vocab_grad)(size_t nc, float log_share, float share, float entropy, float dlogp, float dentropy, float scale,
                       enum pgr_dtype type, void *e);
    void (*convert)(size_t n, enum pgr_dtype src_type, const void *src, enum pgr_dtype dst_type, void *dst);
    void (*add)(size_t n, const float *src, float *dst);
    double (*square_sum)(size_t n, const float *g);
    void (*adamw)(const struct pgr_adamw_step *o, size_t n, float *p, float *g, float *m, float *v);
};

extern const struct pgr_ops_table pgr_ops_table_ref;
#if defined(PGR_HAVE_X86_KERNELS)
extern const struct pgr_ops_table pgr_ops_table_avx2, pgr_ops_table_avx512, pgr_ops_table_avx512bf16;
#endif

/* The table in use: the best this CPU and operating system allow, within PGR_ISA. */
const struct pgr_ops_table *pgr_ops_table(void);

#endif
