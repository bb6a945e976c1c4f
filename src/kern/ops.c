/* ops.c - ops.h on the pool: rows are dealt out in blocks, each block goes through the table of this machine. */
#include "kern/ops.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/size.h"
#include "kern/ops_table.h"

static const void *offset(enum pgr_dtype t, const void *p, size_t i) {
    return p ? (const unsigned char *)p + i * pgr_dtype_bytes(t) : NULL;
}
static void *offset_mut(enum pgr_dtype t, void *p, size_t i) {
    return p ? (unsigned char *)p + i * pgr_dtype_bytes(t) : NULL;
}

/* Rows [first, first + count) of block b when n rows are cut into blocks of `step`. */
static size_t rows_of(size_t n, size_t step, size_t b, size_t *first) {
    *first = b * step;
    return pgr_min(step, n - *first);
}

/* Rows a task gets where the result does not depend on the cut: some 64 KiB of work, so that few rows (decoding) are
 * spread too. */
static size_t row_step(size_t row_elems) {
    size_t step = 16384 / pgr_max(row_elems, 1);
    return pgr_min(pgr_max(step, 1), 64);
}

/* ---- embedding ---- */

struct embed_job {
    const struct pgr_wmat *w;
    const int32_t *token;
    float *x;
    size_t n, d, step;
};

static void embed_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct embed_job *j = ctx;
    size_t first, n = rows_of(j->n, j->step, b, &first);
    for (size_t i = first; i < first + n; i++) pgr_wmat_get_row(j->w, (size_t)j->token[i], j->x + i * j->d);
}

void pgr_ops_embed(const struct pgr_wmat *w, size_t n, const int32_t *token, float *x) {
    size_t d = pgr_wmat_n_in(w);
    struct embed_job j = {w, token, x, n, d, row_step(d)};
    pgr_par(pgr_div_up(n, j.step), embed_task, &j);
}

/* Columns are dealt out, so that the order of the additions into a row is that of i. */
struct scatter_job {
    size_t n, d;
    const uint32_t *index;
    const float *src;
    float *dst;
};

enum { SCATTER_COLUMNS = 64 };

static void scatter_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct scatter_job *j = ctx;
    size_t first, n = rows_of(j->d, SCATTER_COLUMNS, b, &first);
    const struct pgr_ops_table *t = pgr_ops_table();
    for (size_t i = 0; i < j->n; i++) t->add(n, j->src + i * j->d + first, j->dst + (size_t)j->index[i] * j->d + first);
}

void pgr_ops_scatter_add(size_t n, size_t d, const uint32_t *index, const float *src, float *dst) {
    struct scatter_job j = {n, d, index, src, dst};
    pgr_par(n ? pgr_div_up(d, SCATTER_COLUMNS) : 0, scatter_task, &j);
}

/* ---- norm ---- */

struct norm_job {
    size_t n, d, step;
    const float *x, *w;
    const uint32_t *row;
    const void *add;
    float eps;
    enum pgr_dtype type;
    float *xo;
    void *y;
    float *rstd;
};

static void norm_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct norm_job *j = ctx;
    size_t first, n = rows_of(j->n, j->step, b, &first), e = first * j->d;
    pgr_ops_table()->add_norm(n, j->d, j->row ? j->x : j->x + e, j->row ? j->row + first : NULL,
                              offset(j->type, j->add, e), j->w, j->eps, j->type, j->xo ? j->xo + e : NULL,
                              offset_mut(j->type, j->y, e), j->rstd ? j->rstd + first : NULL);
}

void pgr_ops_add_norm(size_t n, size_t d, const float *x, const void *add, const float *w, float eps,
                      enum pgr_dtype type, float *xo, void *y, float *rstd) {
    assert(!add || xo);
    struct norm_job j = {n, d, row_step(d), x, w, NULL, add, eps, type, xo, y, rstd};
    pgr_par(pgr_div_up(n, j.step), norm_task, &j);
}

void pgr_ops_norm_rows(size_t n, size_t d, const float *x, const uint32_t *row, const float *w, float eps,
                       enum pgr_dtype type, void *y, float *rstd) {
    struct norm_job j = {n, d, row_step(d), x, w, row, NULL, eps, type, NULL, y, rstd};
    pgr_par(pgr_div_up(n, j.step), norm_task, &j);
}

/* Adds the blocks' parts[n_block, d] to dst[d] in the order of the blocks. */
static void sum_blocks(size_t n_block, size_t d, size_t stride, const float *parts, float *dst) {
    const struct pgr_ops_table *t = pgr_ops_table();
    for (size_t b = 0; b < n_block; b++) t->add(d, parts + b * stride, dst);
}

size_t pgr_ops_norm_scratch(size_t n, size_t d) { return pgr_div_up(n, PGR_OPS_BLOCK) * d; }

struct norm_back_job {
    size_t n, d;
    const float *x, *w, *rstd;
    const uint32_t *row;
    enum pgr_dtype dy_type, type;
    const void *dy;
    bool add_to_res;
    float *dres;
    void *low, *y;
    float *parts;
};

static void norm_back_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct norm_back_job *j = ctx;
    size_t first, n = rows_of(j->n, PGR_OPS_BLOCK, b, &first), e = first * j->d;
    float *part = j->parts + b * j->d;
    memset(part, 0, j->d * sizeof *part);
    pgr_ops_table()->norm_backward(n, j->d, j->row ? j->x : j->x + e, j->row ? j->row + first : NULL, j->w,
                                   j->rstd + first, j->dy_type, offset(j->dy_type, j->dy, e), j->add_to_res,
                                   j->dres + e, j->type, offset_mut(j->type, j->low, e), offset_mut(j->type, j->y, e),
                                   part);
}

void pgr_ops_norm_backward(size_t n, size_t d, const float *x, const uint32_t *row, const float *w, const float *rstd,
                           enum pgr_dtype dy_type, const void *dy, bool add_to_res, float *dres, enum pgr_dtype type,
                           void *low, void *y, float *dw, float *scratch) {
    struct norm_back_job j = {n, d, x, w, rstd, row, dy_type, type, dy, add_to_res, dres, low, y, scratch};
    size_t n_block = pgr_div_up(n, PGR_OPS_BLOCK);
    pgr_par(n_block, norm_back_task, &j);
    sum_blocks(n_block, d, d, scratch, dw);
}

/* ---- queries and keys ---- */

struct rope_job {
    size_t n, d, step;
    const int32_t *pos;
    const float *freq;
    float *table;
};

static void rope_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct rope_job *j = ctx;
    size_t first, n = rows_of(j->n, j->step, b, &first), h = j->d / 2;
    for (size_t i = first; i < first + n; i++)
        for (size_t k = 0; k < h; k++) {
            float angle = (float)j->pos[i] * j->freq[k];
            j->table[i * j->d + k] = (float)cos((double)angle);
            j->table[i * j->d + h + k] = (float)sin((double)angle);
        }
}

void pgr_ops_rope_table(size_t n, const int32_t *pos, size_t d_head, const float *freq, float *table) {
    struct rope_job j = {n, d_head, 16, pos, freq, table};
    pgr_par(pgr_div_up(n, j.step), rope_task, &j);
}

struct qk_job {
    const struct pgr_qk *s;
    size_t n, step, width;
    const float *table;
    enum pgr_dtype type;
    const void *in;
    void *out;
    float *parts; /* [n_block, 2, d_head] */
};

static size_t qk_width(const struct pgr_qk *s) { return (s->n_head + 2 * s->n_kv_head) * s->d_head; }

static void qk_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct qk_job *j = ctx;
    size_t first, n = rows_of(j->n, j->step, b, &first), e = first * j->width;
    pgr_ops_table()->qk(j->s, n, j->table + first * j->s->d_head, j->type, offset(j->type, j->in, e),
                        offset_mut(j->type, j->out, e));
}

void pgr_ops_qk(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in, void *out) {
    struct qk_job j = {s, n, row_step(qk_width(s)), qk_width(s), table, type, in, out, NULL};
    pgr_par(pgr_div_up(n, j.step), qk_task, &j);
}

size_t pgr_ops_qk_scratch(size_t d_head, size_t n) { return pgr_div_up(n, PGR_OPS_BLOCK) * 2 * d_head; }

static void qk_back_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct qk_job *j = ctx;
    size_t d = j->s->d_head, first, n = rows_of(j->n, PGR_OPS_BLOCK, b, &first), e = first * j->width;
    float *part = j->parts ? j->parts + b * 2 * d : NULL;
    if (part) memset(part, 0, 2 * d * sizeof *part);
    pgr_ops_table()->qk_backward(j->s, n, j->table + first * d, j->type, offset(j->type, j->in, e),
                                 offset_mut(j->type, j->out, e), part, part ? part + d : NULL);
}

void pgr_ops_qk_backward(const struct pgr_qk *s, size_t n, const float *table, enum pgr_dtype type, const void *in,
                         void *dqkv, float *dq_norm, float *dk_norm, float *scratch) {
    assert(!s->q_norm == !s->k_norm);
    struct qk_job j = {s, n, PGR_OPS_BLOCK, qk_width(s), table, type, in, dqkv, s->q_norm ? scratch : NULL};
    size_t n_block = pgr_div_up(n, PGR_OPS_BLOCK), d = s->d_head;
    pgr_par(n_block, qk_back_task, &j);
    if (!s->q_norm) return;
    sum_blocks(n_block, d, 2 * d, scratch, dq_norm);
    sum_blocks(n_block, d, 2 * d, scratch + d, dk_norm);
}

/* ---- gated unit ---- */

struct swiglu_job {
    size_t n, f, step;
    enum pgr_dtype type;
    const void *gate_up;
    void *grad, *act; /* grad: gate_up when going backward */
};

static void swiglu_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct swiglu_job *j = ctx;
    size_t first, n = rows_of(j->n, j->step, b, &first), e = first * j->f;
    if (j->grad)
        pgr_ops_table()->swiglu_backward(n, j->f, j->type, offset_mut(j->type, j->grad, 2 * e),
                                         offset_mut(j->type, j->act, e));
    else
        pgr_ops_table()->swiglu(n, j->f, j->type, offset(j->type, j->gate_up, 2 * e), offset_mut(j->type, j->act, e));
}

void pgr_ops_swiglu(size_t n, size_t d_ff, enum pgr_dtype type, const void *gate_up, void *act) {
    struct swiglu_job j = {n, d_ff, row_step(2 * d_ff), type, gate_up, NULL, act};
    pgr_par(pgr_div_up(n, j.step), swiglu_task, &j);
}

void pgr_ops_swiglu_backward(size_t n, size_t d_ff, enum pgr_dtype type, void *gate_up, void *dact) {
    struct swiglu_job j = {n, d_ff, row_step(2 * d_ff), type, gate_up, gate_up, dact};
    pgr_par(pgr_div_up(n, j.step), swiglu_task, &j);
}

/* ---- vocabulary ---- */

struct vocab_job {
    size_t n, nc, ld, n_block, block, lde, n_vocab;
    const float *logits;
    struct pgr_vocab_state *state;
    const struct pgr_vocab_state *done;
    const float *lse, *entropy, *dlogp, *dentropy;
    const int32_t *target;
    float scale;
    enum pgr_dtype type;
    void *e;
    float *lanes;
};

enum { VOCAB_ROWS = 8 };

static void vocab_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct vocab_job *j = ctx;
    size_t first, n = rows_of(j->n, VOCAB_ROWS, b, &first);
    for (size_t i = first; i < first + n; i++)
        pgr_ops_table()->vocab_block(j->nc, j->logits + i * j->ld, j->scale, &j->state[i * j->n_block + j->block],
                                     j->type, offset_mut(j->type, j->e, i * j->lde),
                                     j->lanes ? j->lanes + i * PGR_OPS_LANES : NULL);
}

void pgr_ops_vocab_block(size_t n, size_t nc, const float *logits, size_t ld, float scale, size_t n_block, size_t block,
                         struct pgr_vocab_state *state, enum pgr_dtype type, void *e, size_t lde, float *lanes) {
    assert(nc >= 1 && nc <= PGR_OPS_VOCAB && block < n_block);
    struct vocab_job j = {.n = n,
                          .nc = nc,
                          .ld = ld,
                          .n_block = n_block,
                          .block = block,
                          .lde = lde,
                          .logits = logits,
                          .state = state,
                          .scale = scale,
                          .type = type,
                          .e = e,
                          .lanes = lanes};
    pgr_par(pgr_div_up(n, VOCAB_ROWS), vocab_task, &j);
}

struct finish_job {
    size_t n, n_block;
    const struct pgr_vocab_state *state;
    float *lse, *entropy;
};

static void finish_task(void *ctx, size_t task, size_t thread) {
    (void)thread;
    const struct finish_job *j = ctx;
    size_t first, n = rows_of(j->n, VOCAB_ROWS, task, &first), n_block = j->n_block;
    for (size_t i = first; i < first + n; i++) {
        const struct pgr_vocab_state *state = j->state + i * n_block;
        float peak = state[0].peak;
        for (size_t b = 1; b < n_block; b++)
            if (state[b].peak > peak) peak = state[b].peak;
        double sum = 0.0, moment = 0.0; /* of exp(l - peak), and of exp(l - peak) (l - peak) */
        for (size_t b = 0; b < n_block; b++) {
            double lift = (double)state[b].peak - (double)peak, share = exp(lift);
            sum += share * (double)state[b].sum;
            moment += share * ((double)state[b].tilt + lift * (double)state[b].sum);
        }
        j->lse[i] = (float)((double)peak + log(sum));
        if (j->entropy) j->entropy[i] = (float)(log(sum) - moment / sum);
    }
}

void pgr_ops_vocab_finish(size_t n, size_t n_block, const struct pgr_vocab_state *state, float *lse, float *entropy) {
    struct finish_job j = {n, n_block, state, lse, entropy};
    pgr_par(pgr_div_up(n, VOCAB_ROWS), finish_task, &j);
}

static void vocab_grad_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct vocab_job *j = ctx;
    const struct pgr_vocab_state *state = j->done + i * j->n_block;
    float dlogp = j->dlogp[i], dentropy = j->dentropy ? j->dentropy[i] : 0.0f, h = j->entropy ? j->entropy[i] : 0.0f;
    size_t target = (size_t)j->target[i];
    float at_target = 0.0f;
    for (size_t b = 0; b < j->n_block; b++) {
        size_t c0, nc = rows_of(j->n_vocab, PGR_OPS_VOCAB, b, &c0);
        void *e = offset_mut(j->type, j->e, i * j->lde + c0);
        float log_share = state[b].peak - j->lse[i];
        float share = expf(log_share);
        float before = 0.0f;
        bool here = target >= c0 && target - c0 < nc;
        if (here) pgr_ops_table()->convert(1, j->type, offset(j->type, e, target - c0), PGR_F32, &before);
        pgr_ops_table()->vocab_grad(nc, log_share, share, h, dlogp, dentropy, j->scale, j->type, e);
        if (!here) continue;
        /* The target's own term is added before rounding, as for the other columns. */
        float p = before * share;
        at_target = j->scale * (dlogp * (1.0f - p));
        if (dentropy != 0.0f && p > 0.0f) at_target -= j->scale * dentropy * p * (logf(before) + log_share + h);
        pgr_ops_table()->convert(1, PGR_F32, &at_target, j->type, offset_mut(j->type, e, target - c0));
    }
}

void pgr_ops_vocab_grad(size_t n, size_t n_vocab, const struct pgr_vocab_state *state, const float *lse,
                        const float *entropy, const int32_t *target, const float *dlogp, const float *dentropy,
                        float scale, enum pgr_dtype type, void *e, size_t lde) {
    assert(!dentropy || entropy);
    struct vocab_job j = {.n = n,
                          .n_block = pgr_div_up(n_vocab, PGR_OPS_VOCAB),
                          .lde = lde,
                          .n_vocab = n_vocab,
                          .done = state,
                          .lse = lse,
                          .entropy = entropy,
                          .dlogp = dlogp,
                          .dentropy = dentropy,
                          .target = target,
                          .scale = scale,
                          .type = type,
                          .e = e};
    pgr_par(n, vocab_grad_task, &j);
}

/* ---- conversion ---- */

struct convert_job {
    size_t n;
    enum pgr_dtype src_type, dst_type;
    const void *src;
    void *dst;
};

enum { CONVERT_ELEMS = 65536 };

static void convert_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct convert_job *j = ctx;
    size_t first, n = rows_of(j->n, CONVERT_ELEMS, b, &first);
    pgr_ops_table()->convert(n, j->src_type, offset(j->src_type, j->src, first), j->dst_type,
                             offset_mut(j->dst_type, j->dst, first));
}

void pgr_ops_convert(size_t n, enum pgr_dtype src_type, const void *src, enum pgr_dtype dst_type, void *dst) {
    struct convert_job j = {n, src_type, dst_type, src, dst};
    pgr_par(pgr_div_up(n, CONVERT_ELEMS), convert_task, &j);
}
