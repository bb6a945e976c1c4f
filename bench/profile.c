/* profile.c - see profile.h. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/size.h"
#include "kern/ops.h"
#include "kern/optim.h"

enum { MAX = 32 };
static struct {
    const char *name;
    double s;
} item[MAX];
static size_t n_item;

bool bench_cpu_clock;

double bench_now_s(void) {
    if (!bench_cpu_clock) return pgr_now_s();
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void add(const char *name, double since) {
    double s = bench_now_s() - since;
    for (size_t i = 0; i < n_item; i++)
        if (strcmp(item[i].name, name) == 0) {
            item[i].s += s;
            return;
        }
    if (n_item < MAX) {
        item[n_item].name = name;
        item[n_item++].s = s;
    }
}

void profile_reset(void) { n_item = 0; }

void profile_print(FILE *f, double total_s) {
    fputs("\"profile_s\": {", f);
    for (size_t k = 0; k < n_item; k++) {
        size_t top = k;
        for (size_t i = k; i < n_item; i++)
            if (item[i].s > item[top].s) top = i;
        const char *name = item[top].name;
        double s = item[top].s;
        item[top] = item[k];
        item[k].name = name, item[k].s = s;
        fprintf(f, "\"%s\": %.4f, ", name, s);
        total_s -= s;
    }
    fprintf(f, "\"other\": %.4f}", total_s);
}

/* WRAP(kind, function, parameters, arguments) */
#define WRAP(kind, fn, params, args)                                                                                   \
    void __real_##fn params;                                                                                           \
    void __wrap_##fn params;                                                                                           \
    void __wrap_##fn params {                                                                                          \
        double t = bench_now_s();                                                                                      \
        __real_##fn args;                                                                                              \
        add(kind, t);                                                                                                  \
    }

/* Products with the vocabulary are told apart from the layers' by their shape. */
static bool wide(const struct pgr_wmat *w) { return pgr_wmat_n_out(w) > 32 * pgr_wmat_n_in(w); }

WRAP(wide(w) ? "head forward" : "gemm forward", pgr_gemm_forward,
     (const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *x, size_t ldx, const float *bias,
      bool accumulate, void *y, size_t ldy, enum pgr_dtype y_type),
     (w, out0, out1, m, x, ldx, bias, accumulate, y, ldy, y_type))
WRAP(wide(w) ? "head dx" : "gemm dx", pgr_gemm_dx,
     (const struct pgr_wmat *w, size_t out0, size_t out1, size_t m, const void *dy, size_t lddy, bool accumulate,
      void *dx, size_t lddx, enum pgr_dtype dx_type),
     (w, out0, out1, m, dy, lddy, accumulate, dx, lddx, dx_type))
WRAP(n_out > 32 * n_in ? "head dw" : "gemm dw", pgr_gemm_dw,
     (size_t n_out, size_t n_in, size_t m, enum pgr_dtype dtype, const void *dy, size_t lddy, const void *x, size_t ldx,
      float *dw, float *dbias),
     (n_out, n_in, m, dtype, dy, lddy, x, ldx, dw, dbias))
WRAP("attention forward", pgr_attn_forward,
     (const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype, const void *qkv,
      size_t ldqkv, void *out, size_t ldout, float *lse),
     (sh, seg, dtype, qkv, ldqkv, out, ldout, lse))
WRAP("attention backward", pgr_attn_backward,
     (const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype, const void *qkv,
      size_t ldqkv, const void *out, const void *dout, size_t ldout, const float *lse, void *dqkv, size_t lddqkv,
      float *scratch),
     (sh, seg, dtype, qkv, ldqkv, out, dout, ldout, lse, dqkv, lddqkv, scratch))
WRAP("norm forward", pgr_ops_add_norm,
     (size_t n, size_t d, const float *x, const void *add_, const float *w, float eps, enum pgr_dtype type, float *xo,
      void *y, float *rstd),
     (n, d, x, add_, w, eps, type, xo, y, rstd))
WRAP("norm backward", pgr_ops_norm_backward,
     (size_t n, size_t d, const float *x, const uint32_t *row, const float *w, const float *rstd,
      enum pgr_dtype dy_type, const void *dy, bool add_to_res, float *dres, enum pgr_dtype type, void *low, void *y,
      float *dw, float *scratch),
     (n, d, x, row, w, rstd, dy_type, dy, add_to_res, dres, type, low, y, dw, scratch))
WRAP("rope", pgr_ops_qk,
     (const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in, void *out),
     (s, n, table, type, in, out))
WRAP("rope", pgr_ops_qk_backward,
     (const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in, void *dqkv,
      float *dq_norm, float *dk_norm, float *scratch),
     (s, n, table, type, in, dqkv, dq_norm, dk_norm, scratch))
WRAP("rope", pgr_ops_rope_table, (size_t n, const int32_t *pos, size_t d_head, const float *freq, float *table),
     (n, pos, d_head, freq, table))
WRAP("gemm forward", pgr_gemm_swiglu,
     (const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, void *gate_up, bool keep, void *act),
     (w, m, x, ldx, gate_up, keep, act))
WRAP("swiglu forward", pgr_ops_swiglu, (size_t n, size_t d_ff, enum pgr_dtype type, const void *gate_up, void *act),
     (n, d_ff, type, gate_up, act))
WRAP("swiglu backward", pgr_ops_swiglu_backward,
     (size_t n, size_t d_ff, enum pgr_dtype type, void *gate_up, void *dact), (n, d_ff, type, gate_up, dact))
/* Its blocks are used up on all threads, so what is done with them cannot be told apart. */
WRAP("head forward, softmax", pgr_gemm_blocks,
     (const struct pgr_wmat *w, size_t m, const void *x, size_t ldx, size_t rows, size_t cols, size_t n_buffer,
      float *buffer, pgr_gemm_block_fn fn, void *ctx),
     (w, m, x, ldx, rows, cols, n_buffer, buffer, fn, ctx))
WRAP("head forward, softmax", pgr_ops_vocab_finish,
     (size_t n, size_t n_block, const struct pgr_vocab_state *state, float *lse, float *entropy),
     (n, n_block, state, lse, entropy))
WRAP("softmax gradient", pgr_ops_vocab_grad,
     (size_t n, size_t n_vocab, const struct pgr_vocab_state *state, const float *lse, const float *entropy,
      const int32_t *target, const float *dlogp, const float *dentropy, float scale, enum pgr_dtype type, void *e,
      size_t lde),
     (n, n_vocab, state, lse, entropy, target, dlogp, dentropy, scale, type, e, lde))
WRAP("embedding", pgr_ops_embed, (const struct pgr_wmat *w, size_t n, const int32_t *token, float *x), (w, n, token, x))
WRAP("embedding", pgr_ops_scatter_add, (size_t n, size_t d, const uint32_t *index, const float *src, float *dst),
     (n, d, index, src, dst))
WRAP("adamw", pgr_adamw, (const struct pgr_adamw *o, size_t n, float *p, float *g, float *m, float *v),
     (o, n, p, g, m, v))
WRAP("repack", pgr_model_repack, (struct pgr_model * m), (m))

double __real_pgr_grad_norm(size_t n, const float *g);
double __wrap_pgr_grad_norm(size_t n, const float *g);
double __wrap_pgr_grad_norm(size_t n, const float *g) {
    double t = bench_now_s(), r = __real_pgr_grad_norm(n, g);
    add("gradient norm", t);
    return r;
}

struct pgr_model *bench_model(const char *path, bool train, bool tie) {
    struct pgr_model_opts o = {.dtype = PGR_BF16, .train = train, .tie = tie, .seed = 1};
    struct pgr_model *m;
    if (path) {
        bench_check(pgr_model_load(path, &o, &m));
        return m;
    }
    bench_check(pgr_model_random(&bench_qwen, &o, &m));
    return m;
}
