/* attn_ref.c - attention in plain C, both data types.
 *
 * Backward, with p the probabilities, do the gradient of the output and D = sum over d of do * o:
 *     dv_j = sum_i p_ij do_i,   ds_ij = p_ij (do_i . v_j - D_i) scale,   dq_i = sum_j ds_ij k_j,   dk_j = sum_i ds_ij
 * q_i Probabilities are recomputed from lse, once by the tasks that own keys and once by those that own queries: every
 * sum has one owner and one order, without locks or copies. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "kern/attn_kern.h"

enum { BLOCK = PGR_ATTN_BLOCK, COLS = PGR_ATTN_COLS, MAX_D = PGR_ATTN_MAX_D };

static float load(const void *p, size_t i, enum pgr_dtype t) {
    return t == PGR_F32 ? ((const float *)p)[i] : pgr_bf16_to_f32(((const pgr_bf16 *)p)[i]);
}

static void load_row(size_t n, const void *p, size_t i, enum pgr_dtype t, float *dst) {
    if (t == PGR_F32)
        memcpy(dst, (const float *)p + i, n * sizeof *dst);
    else
        for (size_t j = 0; j < n; j++) dst[j] = pgr_bf16_to_f32(((const pgr_bf16 *)p)[i + j]);
}

static void store_row(size_t n, const float *src, void *p, size_t i, enum pgr_dtype t) {
    if (t == PGR_F32)
        memcpy((float *)p + i, src, n * sizeof *src);
    else
        for (size_t j = 0; j < n; j++) ((pgr_bf16 *)p)[i + j] = pgr_f32_to_bf16(src[j]);
}

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }
static size_t div_up(size_t a, size_t b) { return (a + b - 1) / b; }

/* ---- forward ------------------------------------------------------------------------------------------------- */

static void load_q(size_t d, enum pgr_dtype t, const void *const q[COLS], struct pgr_attn_tile *tile) {
    for (size_t c = 0; c < COLS; c++)
        for (size_t i = 0; i < d; i++) tile->q[i * COLS + c] = q[c] ? load(q[c], i, t) : 0.0f;
}

static void fill(size_t d, size_t bytes, void *part, size_t slot, size_t n, const void *k, const void *v, size_t ld) {
    char *dst = part, *vt = dst + BLOCK * d * bytes;
    for (size_t r = 0; r < n; r++) {
        memcpy(dst + (slot + r) * d * bytes, (const char *)k + r * ld * bytes, d * bytes);
        const char *src = (const char *)v + r * ld * bytes;
        for (size_t i = 0; i < d; i++) memcpy(vt + (i * BLOCK + slot + r) * bytes, src + i * bytes, bytes);
    }
}

static void step(size_t d, float scale_log2, enum pgr_dtype type, struct pgr_attn_tile *t, size_t pos0, size_t n_page,
                 const void *const *part) {
    float s[PGR_ATTN_GROUP * BLOCK][COLS], top[COLS], factor[COLS];
    size_t n_key = n_page * BLOCK;
    memcpy(top, t->m, sizeof top);
    for (size_t j = 0; j < n_key; j++) {
        float sum[COLS] = {0};
        for (size_t i = 0; i < d; i++) {
            float k = load(part[j / BLOCK], j % BLOCK * d + i, type);
            for (size_t c = 0; c < COLS; c++) sum[c] += k * t->q[i * COLS + c];
        }
        for (size_t c = 0; c < COLS; c++) {
            s[j][c] = pos0 + j < (size_t)t->n_key[c] ? sum[c] * scale_log2 : -INFINITY;
            if (s[j][c] > top[c]) top[c] = s[j][c];
        }
    }
    for (size_t c = 0; c < COLS; c++) {
        factor[c] = exp2f(t->m[c] - top[c]);
        t->m[c] = top[c];
        t->l[c] *= factor[c];
    }
    for (size_t j = 0; j < n_key; j++)
        for (size_t c = 0; c < COLS; c++) {
            s[j][c] = exp2f(s[j][c] - top[c]);
            t->l[c] += s[j][c];
        }
    for (size_t i = 0; i < d; i++) {
        float sum[COLS];
        for (size_t c = 0; c < COLS; c++) sum[c] = t->o[i * COLS + c] * factor[c];
        for (size_t j = 0; j < n_key; j++) {
            float v = load(part[j / BLOCK], BLOCK * d + i * BLOCK + j % BLOCK, type);
            for (size_t c = 0; c < COLS; c++) sum[c] += v * s[j][c];
        }
        for (size_t c = 0; c < COLS; c++) t->o[i * COLS + c] = sum[c];
    }
}

/* Adding zero makes a -0 that a masked key may have left into 0. */
static void finish(size_t d, enum pgr_dtype type, const struct pgr_attn_tile *t, void *const out[COLS]) {
    float row[MAX_D];
    for (size_t c = 0; c < COLS; c++) {
        if (!out[c]) continue;
        for (size_t i = 0; i < d; i++) row[i] = t->o[i * COLS + c] / t->l[c] + 0.0f;
        store_row(d, row, out[c], 0, type);
    }
}

/* ---- backward ------------------------------------------------------------------------------------------------ */

struct backward {
    const struct pgr_attn_bwd_call *c;
    enum pgr_dtype type;
};

static float dot(size_t n, const float *a, const float *b) {
    float s[4] = {0}; /* n is a multiple of 16 */
    for (size_t i = 0; i < n; i += 4)
        for (size_t j = 0; j < 4; j++) s[j] += a[i + j] * b[i + j];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* D of one token, all heads. */
static void row_dots(void *ctx, size_t t, size_t thread) {
    (void)thread;
    const struct backward *b = ctx;
    const struct pgr_attn_bwd_call *c = b->c;
    size_t d = c->sh->d_head, n_tok = c->seg->start[c->seg->n_seg];
    for (size_t h = 0; h < c->sh->n_head; h++) {
        float o[MAX_D], g[MAX_D];
        load_row(d, c->out, t * c->ldout + h * d, b->type, o);
        load_row(d, c->dout, t * c->ldout + h * d, b->type, g);
        c->scratch[h * n_tok + t] = dot(d, o, g);
    }
}

struct query {
    float q[MAX_D], g[MAX_D], lse, delta;
};

static void load_query(const struct backward *b, size_t t, size_t h, struct query *q) {
    const struct pgr_attn_bwd_call *c = b->c;
    size_t d = c->sh->d_head, n_tok = c->seg->start[c->seg->n_seg];
    load_row(d, c->qkv, t * c->ldqkv + h * d, b->type, q->q);
    load_row(d, c->dout, t * c->ldout + h * d, b->type, q->g);
    q->lse = c->lse[h * n_tok + t];
    q->delta = c->scratch[h * n_tok + t];
}

static void load_key(const struct backward *b, size_t t, size_t kv, float *k, float *v) {
    const struct pgr_attn_bwd_call *c = b->c;
    size_t d = c->sh->d_head, k_at = t * c->ldqkv + (c->sh->n_head + kv) * d;
    load_row(d, c->qkv, k_at, b->type, k);
    load_row(d, c->qkv, k_at + c->sh->n_kv_head * d, b->type, v);
}

/* The probability and ds of one query and key. */
static float pair(const struct pgr_attn_shape *sh, const struct query *q, const float *k, const float *v, float *p) {
    *p = expf(dot(sh->d_head, q->q, k) * sh->scale - q->lse);
    return *p * (dot(sh->d_head, q->g, v) - q->delta) * sh->scale;
}

/* Segment and block of task i, blocks of 32 tokens. */
static size_t find_block(const struct pgr_segments *seg, size_t i, size_t *block) {
    size_t s = 0;
    for (;; s++) {
        size_t n = div_up(seg->start[s + 1] - seg->start[s], BLOCK);
        if (i < n) break;
        i -= n;
    }
    *block = i;
    return s;
}

struct keys {
    size_t first, n; /* tokens */
    float k[BLOCK][MAX_D], v[BLOCK][MAX_D], dk[BLOCK][MAX_D], dv[BLOCK][MAX_D];
};

/* Adds what the queries of tokens [t0, t1) do to these keys; causal: a query sees keys up to itself. */
static void add_queries(const struct backward *b, size_t kv, size_t t0, size_t t1, bool causal, struct keys *ks) {
    const struct pgr_attn_shape *sh = b->c->sh;
    size_t per_kv = sh->n_head / sh->n_kv_head, d = sh->d_head;
    for (size_t t = t0; t < t1; t++)
        for (size_t h = kv * per_kv; h < (kv + 1) * per_kv; h++) {
            struct query q;
            load_query(b, t, h, &q);
            size_t n = causal ? min_size(ks->n, t - ks->first + 1) : ks->n;
            for (size_t j = 0; j < n; j++) {
                float p, ds = pair(sh, &q, ks->k[j], ks->v[j], &p);
                for (size_t i = 0; i < d; i++) ks->dk[j][i] += ds * q.q[i];
                for (size_t i = 0; i < d; i++) ks->dv[j][i] += p * q.g[i];
            }
        }
}

static void key_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct backward *b = ctx;
    const struct pgr_attn_bwd_call *c = b->c;
    const struct pgr_segments *seg = c->seg;
    size_t block, kv = i % c->sh->n_kv_head, s = find_block(seg, i / c->sh->n_kv_head, &block), d = c->sh->d_head;
    struct keys ks;
    ks.first = seg->start[s] + block * BLOCK;
    ks.n = min_size(BLOCK, seg->start[s + 1] - ks.first);
    memset(ks.dk, 0, sizeof ks.dk);
    memset(ks.dv, 0, sizeof ks.dv);
    for (size_t j = 0; j < ks.n; j++) load_key(b, ks.first + j, kv, ks.k[j], ks.v[j]);
    add_queries(b, kv, ks.first, seg->start[s + 1], true, &ks);
    for (size_t child = s + 1; seg->parent && child < seg->n_seg; child++)
        if (seg->parent[child] == (int32_t)s) add_queries(b, kv, seg->start[child], seg->start[child + 1], false, &ks);
    for (size_t j = 0; j < ks.n; j++) {
        size_t at = (ks.first + j) * c->lddqkv + (c->sh->n_head + kv) * d;
        store_row(d, ks.dk[j], c->dqkv, at, b->type);
        store_row(d, ks.dv[j], c->dqkv, at + c->sh->n_kv_head * d, b->type);
    }
}

struct queries {
    size_t first, n;
    struct query q[BLOCK];
    float dq[BLOCK][MAX_D];
};

static void add_keys(const struct backward *b, size_t kv, size_t t0, size_t t1, bool causal, struct queries *qs) {
    const struct pgr_attn_shape *sh = b->c->sh;
    size_t d = sh->d_head;
    for (size_t t = t0; t < t1; t++) {
        float k[MAX_D], v[MAX_D];
        load_key(b, t, kv, k, v);
        for (size_t r = causal && t > qs->first ? t - qs->first : 0; r < qs->n; r++) {
            float p, ds = pair(sh, &qs->q[r], k, v, &p);
            for (size_t i = 0; i < d; i++) qs->dq[r][i] += ds * k[i];
        }
    }
}

static void query_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct backward *b = ctx;
    const struct pgr_attn_bwd_call *c = b->c;
    const struct pgr_segments *seg = c->seg;
    size_t block, h = i % c->sh->n_head, kv = h / (c->sh->n_head / c->sh->n_kv_head), d = c->sh->d_head;
    size_t s = find_block(seg, i / c->sh->n_head, &block);
    int32_t parent = seg->parent ? seg->parent[s] : -1;
    struct queries qs;
    qs.first = seg->start[s] + block * BLOCK;
    qs.n = min_size(BLOCK, seg->start[s + 1] - qs.first);
    memset(qs.dq, 0, sizeof qs.dq);
    for (size_t r = 0; r < qs.n; r++) load_query(b, qs.first + r, h, &qs.q[r]);
    if (parent >= 0) add_keys(b, kv, seg->start[parent], seg->start[parent + 1], false, &qs);
    add_keys(b, kv, seg->start[s], qs.first + qs.n, true, &qs);
    for (size_t r = 0; r < qs.n; r++) store_row(d, qs.dq[r], c->dqkv, (qs.first + r) * c->lddqkv + h * d, b->type);
}

static void backward(const struct pgr_attn_bwd_call *c, enum pgr_dtype type) {
    struct backward b = {c, type};
    size_t n_block = 0;
    for (size_t s = 0; s < c->seg->n_seg; s++) n_block += div_up(c->seg->start[s + 1] - c->seg->start[s], BLOCK);
    pgr_par(c->seg->start[c->seg->n_seg], row_dots, &b);
    pgr_par(n_block * c->sh->n_kv_head, key_task, &b);
    pgr_par(n_block * c->sh->n_head, query_task, &b);
}

/* ---- table --------------------------------------------------------------------------------------------------- */

#define FOR_TYPE(name, T)                                                                                              \
    static void load_q_##name(size_t d, const void *const q[COLS], struct pgr_attn_tile *t) { load_q(d, T, q, t); }    \
    static void fill_##name(size_t d, void *part, size_t slot, size_t n, const void *k, const void *v, size_t ld) {    \
        fill(d, pgr_dtype_bytes(T), part, slot, n, k, v, ld);                                                          \
    }                                                                                                                  \
    static void step_##name(size_t d, float scale, struct pgr_attn_tile *t, size_t pos0, size_t n,                     \
                            const void *const *part) {                                                                 \
        step(d, scale, T, t, pos0, n, part);                                                                           \
    }                                                                                                                  \
    static void finish_##name(size_t d, const struct pgr_attn_tile *t, void *const out[COLS]) {                        \
        finish(d, T, t, out);                                                                                          \
    }                                                                                                                  \
    static void backward_##name(const struct pgr_attn_bwd_call *c) { backward(c, T); }

FOR_TYPE(f32, PGR_F32)
FOR_TYPE(bf16, PGR_BF16)

void pgr_attn_init_ref(struct pgr_attn_table *t) {
    t->of[PGR_F32] = (struct pgr_attn_kern){load_q_f32, fill_f32, step_f32, finish_f32, backward_f32};
    t->of[PGR_BF16] = (struct pgr_attn_kern){load_q_bf16, fill_bf16, step_bf16, finish_bf16, backward_bf16};
}
