/* attn_bwd_amx.c - attention backward in bfloat16 on AMX tiles, for dimensions that are multiples of 32.
 *
 * With p the probabilities, do the gradient of the output and D = sum over d of do * o:
 *     dv_j = sum_i p_ij do_i,   ds_ij = p_ij (do_i . v_j - D_i),   dq_i = scale sum_j ds_ij k_j,   dk_j = scale sum_i
 * ds_ij q_i Probabilities are recomputed from lse, once by the tasks that own keys and once by those that own queries:
 * every sum has one owner and one order, whatever the number of threads. p and ds are rounded to bfloat16 for the
 * products.
 *
 * Queries come in blocks of 32 tokens of one head, keys in blocks of up to 128. A block of scores is S = Q K^T and dP =
 * dO V^T with Q and dO as they lie in memory and K and V in pairs, made once a task or once for many query blocks. */
#include <assert.h>

#include "base/par.h"
#include "kern/attn_tile.inc"
#include "kern/scratch.h"

enum {
    QB = 32,  /* tokens of a query block */
    KB = 128, /* keys of a key block */
    KT = KB / 16,
    BATCH = 4,   /* query blocks whose products with a key block are summed at once */
    QUERIES = 8, /* query blocks that a query task owns at most */
    TILE = PGR_TILE_ELEMS,
    MAX_D = PGR_ATTN_MAX_D,
};

static_assert((KB * 2 * 4 + KB * 2 * 2 + BATCH * QB * 2 * 2 + 2 * QB * 2) * MAX_D + KT * BATCH * TILE * 2 * 2 <=
                  PGR_SCRATCH_BYTES,
              "a key task's work area");
static_assert((QUERIES * QB * 4 + 3 * KB * 2 + QUERIES * 2 * QB * 2) * MAX_D + QB * KB * 2 <= PGR_SCRATCH_BYTES,
              "a query task's work area");

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }
static size_t div_up(size_t a, size_t b) { return (a + b - 1) / b; }

static const float log2e = 1.44269504088896340736f;

/* ---- D --------------------------------------------------------------------------------------------------------- */

static __m512 load_bf16(const pgr_bf16 *p) {
    return _mm512_castsi512_ps(
        _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p)), 16));
}

enum { DOT_TOKENS = 32 };

static void row_dots(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct pgr_attn_bwd_call *c = ctx;
    size_t d = c->sh->d_head, n_tok = c->seg->start[c->seg->n_seg], end = min_size((i + 1) * DOT_TOKENS, n_tok);
    for (size_t t = i * DOT_TOKENS; t < end; t++)
        for (size_t h = 0; h < c->sh->n_head; h++) {
            const pgr_bf16 *o = (const pgr_bf16 *)c->out + t * c->ldout + h * d;
            const pgr_bf16 *g = (const pgr_bf16 *)c->dout + t * c->ldout + h * d;
            __m512 sum = _mm512_setzero_ps();
            for (size_t j = 0; j < d; j += 16) sum = _mm512_fmadd_ps(load_bf16(o + j), load_bf16(g + j), sum);
            c->scratch[h * n_tok + t] = _mm512_reduce_add_ps(sum);
        }
}

/* ---- a block of queries ---------------------------------------------------------------------------------------- */

struct query_block {
    const pgr_bf16 *q, *g; /* 32 rows of queries and of output gradients */
    size_t ldq, ldg;
    size_t n, pos;            /* tokens; position of the first, counted as keys are */
    float lse[QB], delta[QB]; /* lse in bits; infinite where there is no token, so that p is zero */
};

/* Tokens [t0, t0 + n) of head h. `spare` [2][32][d] takes a short block, zero-padded. */
static void open_queries(const struct pgr_attn_bwd_call *c, size_t t0, size_t n, size_t h, size_t pos, pgr_bf16 *spare,
                         struct query_block *b) {
    size_t d = c->sh->d_head, n_tok = c->seg->start[c->seg->n_seg];
    b->q = (const pgr_bf16 *)c->qkv + t0 * c->ldqkv + h * d;
    b->g = (const pgr_bf16 *)c->dout + t0 * c->ldout + h * d;
    b->ldq = c->ldqkv;
    b->ldg = c->ldout;
    b->n = n;
    b->pos = pos;
    for (size_t i = 0; i < QB; i++) {
        b->lse[i] = i < n ? c->lse[h * n_tok + t0 + i] * log2e : INFINITY;
        b->delta[i] = i < n ? c->scratch[h * n_tok + t0 + i] : 0.0f;
    }
    if (n == QB) return;
    pgr_bf16 *q = spare, *g = spare + QB * d;
    memset(spare, 0, 2 * QB * d * sizeof *spare);
    for (size_t i = 0; i < n; i++) {
        memcpy(q + i * d, b->q + i * b->ldq, d * sizeof *q);
        memcpy(g + i * d, b->g + i * b->ldg, d * sizeof *g);
    }
    b->q = q, b->g = g, b->ldq = b->ldg = d;
}

/* 16 keys: K and V in pairs, tiles [d / 32]. */
struct key_tile {
    const pgr_bf16 *k, *v;
    size_t n, pos; /* keys that exist, position of the first */
};

/* p and ds [32][16] in float32 of a query block and 16 keys. */
static void scores(size_t d, float scale_log2, const struct query_block *b, const struct key_tile *t, bool causal,
                   float *p, float *ds) {
    alignas(64) float s[QB * 16], dp[QB * 16];
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t i = 0; i < d / 32; i++) {
        _tile_loadd(6, t->k + i * TILE, 64);
        _tile_loadd(4, b->q + i * 32, b->ldq * sizeof *b->q);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(5, b->q + 16 * b->ldq + i * 32, b->ldq * sizeof *b->q);
        _tile_dpbf16ps(1, 5, 6);
        _tile_loadd(7, t->v + i * TILE, 64);
        _tile_loadd(4, b->g + i * 32, b->ldg * sizeof *b->g);
        _tile_dpbf16ps(2, 4, 7);
        _tile_loadd(5, b->g + 16 * b->ldg + i * 32, b->ldg * sizeof *b->g);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, s, 64);
    _tile_stored(1, s + 256, 64);
    _tile_stored(2, dp, 64);
    _tile_stored(3, dp + 256, 64);
    const __m512 scale = _mm512_set1_ps(scale_log2);
    for (size_t r = 0; r < QB; r++) {
        size_t seen = t->n;
        if (causal) seen = b->pos + r < t->pos ? 0 : min_size(seen, b->pos + r - t->pos + 1);
        __m512 x = _mm512_fmsub_ps(_mm512_load_ps(s + r * 16), scale, _mm512_set1_ps(b->lse[r]));
        __m512 e = _mm512_maskz_mov_ps((__mmask16)((1u << seen) - 1), pgr_turn_exp2(x));
        _mm512_store_ps(p + r * 16, e);
        _mm512_store_ps(ds + r * 16,
                        _mm512_mul_ps(e, _mm512_sub_ps(_mm512_load_ps(dp + r * 16), _mm512_set1_ps(b->delta[r]))));
    }
}

/* ---- key tasks: dk and dv -------------------------------------------------------------------------------------- */

struct key_work {
    pgr_bf16 *k, *v;   /* in pairs: [KT][d / 32][tile] */
    pgr_bf16 *qt, *gt; /* queries and gradients turned: [BATCH][d / 16][tile]: 16 dimensions x 32 tokens */
    pgr_bf16 *p, *ds;  /* in pairs of tokens: [KT][BATCH][tile] */
    float *dk, *dv;    /* turned: [KT][d / 16][16 dimensions][16 keys] */
    pgr_bf16 *spare;   /* [2][32][d] */
    size_t first, n;   /* token of the first key; keys */
    size_t n_batch;    /* query blocks waiting in qt, gt, p, ds */
};

static struct key_work carve_keys(void *scratch, size_t d) {
    struct key_work w = {0};
    w.dk = scratch;
    w.dv = w.dk + KB * d;
    w.k = (pgr_bf16 *)(void *)(w.dv + KB * d);
    w.v = w.k + KB * d;
    w.qt = w.v + KB * d;
    w.gt = w.qt + BATCH * QB * d;
    w.p = w.gt + BATCH * QB * d;
    w.ds = w.p + KT * BATCH * TILE;
    w.spare = w.ds + KT * BATCH * TILE;
    return w;
}

/* sum[16][16] += A B over the waiting blocks, for two tiles of dimensions and two of keys. */
static void add_products(size_t n, const pgr_bf16 *a, size_t a_step, const pgr_bf16 *b0, const pgr_bf16 *b1,
                         size_t b_step, float *s00, float *s10, float *s01, float *s11) {
    _tile_loadd(0, s00, 64);
    _tile_loadd(1, s01, 64);
    _tile_loadd(2, s10, 64);
    _tile_loadd(3, s11, 64);
    for (size_t i = 0; i < n; i++) {
        _tile_loadd(4, a + i * a_step, 64);
        _tile_loadd(6, b0 + i * b_step, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b1 + i * b_step, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, a + TILE + i * a_step, 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, s00, 64);
    _tile_stored(1, s01, 64);
    _tile_stored(2, s10, 64);
    _tile_stored(3, s11, 64);
}

static void flush_keys(size_t d, struct key_work *w) {
    size_t n_d = d / 16;
    for (size_t j = 0; j < div_up(w->n, 16); j += 2)
        for (size_t i = 0; i < n_d; i += 2) {
            size_t s0 = (j * n_d + i) * 256, s1 = s0 + n_d * 256, b0 = j * BATCH * TILE, b1 = b0 + BATCH * TILE;
            add_products(w->n_batch, w->gt + i * TILE, n_d * TILE, w->p + b0, w->p + b1, TILE, w->dv + s0,
                         w->dv + s0 + 256, w->dv + s1, w->dv + s1 + 256);
            add_products(w->n_batch, w->qt + i * TILE, n_d * TILE, w->ds + b0, w->ds + b1, TILE, w->dk + s0,
                         w->dk + s0 + 256, w->dk + s1, w->dk + s1 + 256);
        }
    w->n_batch = 0;
}

static void to_pairs(const float *x, pgr_bf16 *tile) {
    for (size_t i = 0; i < 16; i++)
        _mm512_store_si512(tile + i * 32,
                           pgr_turn_pair(_mm512_load_ps(x + 2 * i * 16), _mm512_load_ps(x + (2 * i + 1) * 16)));
}

/* Adds what the queries of tokens [t0, t1) do; a causal query sees keys up to its own token. */
static void add_queries(const struct pgr_attn_bwd_call *c, size_t kv, size_t t0, size_t t1, bool causal,
                        struct key_work *w) {
    const struct pgr_attn_shape *sh = c->sh;
    size_t per_kv = sh->n_head / sh->n_kv_head, d = sh->d_head, n_d = d / 16;
    for (size_t t = t0; t < t1; t += QB)
        for (size_t h = kv * per_kv; h < (kv + 1) * per_kv; h++) {
            struct query_block b;
            open_queries(c, t, min_size(QB, t1 - t), h, t, w->spare, &b);
            size_t at = w->n_batch * n_d * TILE;
            for (size_t i = 0; i < d; i += 8) {
                pgr_turn_columns(b.q + i, b.ldq, w->qt + at + i * 32);
                pgr_turn_columns(b.g + i, b.ldg, w->gt + at + i * 32);
            }
            for (size_t j = 0; j < KT; j++) {
                struct key_tile k = {w->k + j * d / 32 * TILE, w->v + j * d / 32 * TILE, 0, w->first + j * 16};
                if (j * 16 < w->n) k.n = min_size(16, w->n - j * 16);
                pgr_bf16 *p = w->p + (j * BATCH + w->n_batch) * TILE, *ds = w->ds + (j * BATCH + w->n_batch) * TILE;
                if (k.n == 0 || (causal && k.pos >= t + b.n)) {
                    memset(p, 0, TILE * sizeof *p);
                    memset(ds, 0, TILE * sizeof *ds);
                    continue;
                }
                alignas(64) float pf[QB * 16], dsf[QB * 16];
                scores(d, sh->scale * log2e, &b, &k, causal, pf, dsf);
                to_pairs(pf, p);
                to_pairs(dsf, ds);
            }
            if (++w->n_batch == BATCH) flush_keys(d, w);
        }
}

/* Keys [i * 16, ...) of the block, 16 or fewer, in pairs. */
static void load_keys(const pgr_bf16 *rows, size_t ld, size_t n, size_t d, pgr_bf16 *tile) {
    const void *row[16] = {0};
    for (size_t i = 0; i < 16 && i < n; i++) row[i] = rows + i * ld;
    attn_rows_to_pairs(d, row, tile);
}

/* Turned sums [d / 16][16][16] of 16 keys to rows of dqkv. */
static void store_keys(const float *sum, size_t d, size_t n, float factor, pgr_bf16 *dst, size_t ld) {
    for (size_t i = 0; i < d / 16; i++) {
        __m512i r[16];
        for (size_t j = 0; j < 16; j++)
            r[j] = _mm512_castps_si512(_mm512_mul_ps(_mm512_load_ps(sum + i * 256 + j * 16), _mm512_set1_ps(factor)));
        pgr_turn_words(r);
        for (size_t j = 0; j < n; j++)
            _mm256_storeu_si256((__m256i *)(void *)(dst + j * ld + i * 16),
                                (__m256i)_mm512_cvtneps_pbh(_mm512_castsi512_ps(r[j])));
    }
}

/* Segment and block of task i, blocks of `size` tokens. */
static size_t find_block(const struct pgr_segments *seg, size_t size, size_t i, size_t *block) {
    size_t s = 0;
    for (;; s++) {
        size_t n = div_up(seg->start[s + 1] - seg->start[s], size);
        if (i < n) break;
        i -= n;
    }
    *block = i;
    return s;
}

static size_t count_blocks(const struct pgr_segments *seg, size_t size) {
    size_t n = 0;
    for (size_t s = 0; s < seg->n_seg; s++) n += div_up(seg->start[s + 1] - seg->start[s], size);
    return n;
}

static void key_task(void *ctx, size_t i, void *scratch) {
    const struct pgr_attn_bwd_call *c = ctx;
    const struct pgr_segments *seg = c->seg;
    size_t block, kv = i % c->sh->n_kv_head, s = find_block(seg, KB, i / c->sh->n_kv_head, &block), d = c->sh->d_head;
    size_t k_at = (c->sh->n_head + kv) * d, v_at = k_at + c->sh->n_kv_head * d;
    struct key_work w = carve_keys(scratch, d);
    w.first = seg->start[s] + block * KB;
    w.n = min_size(KB, seg->start[s + 1] - w.first);
    memset(w.dk, 0, 2 * KB * d * sizeof *w.dk);
    attn_tiles_begin();
    const pgr_bf16 *rows = (const pgr_bf16 *)c->qkv + w.first * c->ldqkv;
    for (size_t j = 0; j * 16 < w.n; j++) {
        load_keys(rows + j * 16 * c->ldqkv + k_at, c->ldqkv, w.n - j * 16, d, w.k + j * d / 32 * TILE);
        load_keys(rows + j * 16 * c->ldqkv + v_at, c->ldqkv, w.n - j * 16, d, w.v + j * d / 32 * TILE);
    }
    add_queries(c, kv, w.first, seg->start[s + 1], true, &w);
    for (size_t child = s + 1; seg->parent && child < seg->n_seg; child++)
        if (seg->parent[child] == (int32_t)s) add_queries(c, kv, seg->start[child], seg->start[child + 1], false, &w);
    flush_keys(d, &w);
    _tile_release();
    for (size_t j = 0; j * 16 < w.n; j++) {
        pgr_bf16 *dst = (pgr_bf16 *)c->dqkv + (w.first + j * 16) * c->lddqkv;
        size_t n = min_size(16, w.n - j * 16);
        store_keys(w.dk + j * 16 * d, d, n, c->sh->scale, dst + k_at, c->lddqkv);
        store_keys(w.dv + j * 16 * d, d, n, 1.0f, dst + v_at, c->lddqkv);
    }
}

/* ---- query tasks: dq ------------------------------------------------------------------------------------------- */

struct query_work {
    pgr_bf16 *k, *v; /* in pairs of dimensions: [KT][d / 32][tile] */
    pgr_bf16 *kp;    /* in pairs of keys: [KB / 32][d / 16][tile] */
    pgr_bf16 *ds;    /* [32][KB] */
    float *dq;       /* [QUERIES][2][d / 16][16][16] */
    pgr_bf16 *spare; /* [QUERIES][2][32][d] */
    struct query_block b[QUERIES];
    size_t n_block;
};

static struct query_work carve_queries(void *scratch, size_t d) {
    struct query_work w = {0};
    w.dq = scratch;
    w.k = (pgr_bf16 *)(void *)(w.dq + QUERIES * QB * d);
    w.v = w.k + KB * d;
    w.kp = w.v + KB * d;
    w.ds = w.kp + KB * d;
    w.spare = w.ds + QB * KB;
    return w;
}

/* 32 keys (n of them exist), 16 dimensions a tile: pairs of keys side by side. */
static void pair_keys(const pgr_bf16 *rows, size_t ld, size_t n, size_t d, pgr_bf16 *tile) {
    const __m512i lo = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                        5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i hi = _mm512_add_epi16(lo, _mm512_set1_epi16(16));
    for (size_t i = 0; i < d; i += 32)
        for (size_t j = 0; j < 16; j++) {
            __m512i a = 2 * j < n ? _mm512_loadu_si512(rows + 2 * j * ld + i) : _mm512_setzero_si512();
            __m512i b = 2 * j + 1 < n ? _mm512_loadu_si512(rows + (2 * j + 1) * ld + i) : _mm512_setzero_si512();
            _mm512_store_si512(tile + i / 16 * TILE + j * 32, _mm512_permutex2var_epi16(a, lo, b));
            _mm512_store_si512(tile + (i / 16 + 1) * TILE + j * 32, _mm512_permutex2var_epi16(a, hi, b));
        }
}

/* dq of a block += ds[32][n] K, two tiles of rows and two of dimensions at a time. */
static void add_to_dq(size_t d, size_t n_step, const struct query_work *w, float *dq) {
    size_t n_d = d / 16;
    for (size_t i = 0; i < n_d; i += 2) {
        float *s0 = dq + i * 256, *s1 = s0 + n_d * 256;
        _tile_loadd(0, s0, 64);
        _tile_loadd(1, s0 + 256, 64);
        _tile_loadd(2, s1, 64);
        _tile_loadd(3, s1 + 256, 64);
        for (size_t j = 0; j < n_step; j++) {
            const pgr_bf16 *kp = w->kp + (j * n_d + i) * TILE;
            _tile_loadd(4, w->ds + j * 32, KB * sizeof *w->ds);
            _tile_loadd(6, kp, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, kp + TILE, 64);
            _tile_dpbf16ps(1, 4, 7);
            _tile_loadd(5, w->ds + 16 * KB + j * 32, KB * sizeof *w->ds);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
        _tile_stored(0, s0, 64);
        _tile_stored(1, s0 + 256, 64);
        _tile_stored(2, s1, 64);
        _tile_stored(3, s1 + 256, 64);
    }
}

/* Adds what the keys of tokens [t0, t1) do to the task's queries. */
static void add_keys(const struct pgr_attn_bwd_call *c, size_t kv, size_t t0, size_t t1, bool causal,
                     struct query_work *w) {
    const struct pgr_attn_shape *sh = c->sh;
    size_t d = sh->d_head, k_at = (sh->n_head + kv) * d, v_at = k_at + sh->n_kv_head * d;
    for (size_t t = t0; t < t1; t += KB) {
        size_t n = min_size(KB, t1 - t), n_step = div_up(n, 32);
        const pgr_bf16 *rows = (const pgr_bf16 *)c->qkv + t * c->ldqkv;
        for (size_t j = 0; j < 2 * n_step; j++) {
            size_t left = n > j * 16 ? n - j * 16 : 0;
            load_keys(rows + j * 16 * c->ldqkv + k_at, c->ldqkv, left, d, w->k + j * d / 32 * TILE);
            load_keys(rows + j * 16 * c->ldqkv + v_at, c->ldqkv, left, d, w->v + j * d / 32 * TILE);
        }
        for (size_t j = 0; j < n_step; j++)
            pair_keys(rows + j * 32 * c->ldqkv + k_at, c->ldqkv, n - j * 32, d, w->kp + j * 32 * d);
        for (size_t q = 0; q < w->n_block; q++) {
            const struct query_block *b = &w->b[q];
            if (causal && t >= b->pos + b->n) continue;
            size_t steps = causal ? min_size(n_step, div_up(b->pos + b->n - t, 32)) : n_step;
            for (size_t j = 0; j < steps; j++) {
                alignas(64) float p[QB * 16], ds[2][QB * 16];
                for (size_t half = 0; half < 2; half++) {
                    size_t tile = 2 * j + half;
                    struct key_tile k = {w->k + tile * d / 32 * TILE, w->v + tile * d / 32 * TILE, 0, t + tile * 16};
                    if (tile * 16 < n) k.n = min_size(16, n - tile * 16);
                    scores(d, sh->scale * log2e, b, &k, causal, p, ds[half]);
                }
                for (size_t r = 0; r < QB; r++)
                    _mm512_store_si512(
                        w->ds + r * KB + j * 32,
                        (__m512i)_mm512_cvtne2ps_pbh(_mm512_load_ps(ds[1] + r * 16), _mm512_load_ps(ds[0] + r * 16)));
            }
            add_to_dq(d, steps, w, w->dq + q * QB * d);
        }
    }
}

/* A query task owns up to QUERIES blocks: heads of one key/value head, and several blocks of tokens where heads are
 * few. */
struct query_plan {
    const struct pgr_attn_bwd_call *c;
    size_t heads, head_groups; /* heads of a task; tasks of a key/value head */
    size_t tokens;             /* of a task */
};

static void query_task(void *ctx, size_t i, void *scratch) {
    const struct query_plan *plan = ctx;
    const struct pgr_attn_bwd_call *c = plan->c;
    const struct pgr_segments *seg = c->seg;
    size_t d = c->sh->d_head, per_kv = c->sh->n_head / c->sh->n_kv_head, groups = plan->head_groups * c->sh->n_kv_head;
    size_t block, s = find_block(seg, plan->tokens, i / groups, &block), kv = i % groups / plan->head_groups;
    size_t h0 = kv * per_kv + i % plan->head_groups * plan->heads, h1 = min_size(h0 + plan->heads, (kv + 1) * per_kv);
    size_t first = seg->start[s] + block * plan->tokens, end = min_size(first + plan->tokens, seg->start[s + 1]);
    struct query_work w = carve_queries(scratch, d);
    size_t head[QUERIES];
    for (size_t t = first; t < end; t += QB)
        for (size_t h = h0; h < h1; h++) {
            head[w.n_block] = h;
            open_queries(c, t, min_size(QB, end - t), h, t, w.spare + w.n_block * 2 * QB * d, &w.b[w.n_block]);
            w.n_block++;
        }
    memset(w.dq, 0, w.n_block * QB * d * sizeof *w.dq);
    attn_tiles_begin();
    int32_t parent = seg->parent ? seg->parent[s] : -1;
    if (parent >= 0) add_keys(c, kv, seg->start[parent], seg->start[parent + 1], false, &w);
    add_keys(c, kv, seg->start[s], end, true, &w);
    _tile_release();
    const __m512 scale = _mm512_set1_ps(c->sh->scale);
    for (size_t q = 0; q < w.n_block; q++)
        for (size_t r = 0; r < w.b[q].n; r++)
            for (size_t k = 0; k < d; k += 16) {
                const float *sum = w.dq + q * QB * d + r / 16 * 16 * d + k * 16 + r % 16 * 16;
                pgr_bf16 *dst = (pgr_bf16 *)c->dqkv + (w.b[q].pos + r) * c->lddqkv + head[q] * d + k;
                _mm256_storeu_si256((__m256i *)(void *)dst,
                                    (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(_mm512_load_ps(sum), scale)));
            }
}

void pgr_attn_backward_amx(const struct pgr_attn_bwd_call *c) {
    size_t per_kv = c->sh->n_head / c->sh->n_kv_head, n_tok = c->seg->start[c->seg->n_seg];
    pgr_par(div_up(n_tok, DOT_TOKENS), row_dots, (void *)(uintptr_t)c);
    pgr_par_scratch(count_blocks(c->seg, KB) * c->sh->n_kv_head, key_task, (void *)(uintptr_t)c);
    struct query_plan plan = {.c = c};
    plan.head_groups = div_up(per_kv, QUERIES);
    plan.heads = div_up(per_kv, plan.head_groups);
    plan.tokens = QUERIES / plan.heads * QB;
    pgr_par_scratch(count_blocks(c->seg, plan.tokens) * c->sh->n_kv_head * plan.head_groups, query_task, &plan);
}
