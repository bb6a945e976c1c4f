/* gemm_dw_amx.c - weight gradients in bfloat16 on AMX tiles: dw[n_out, n_in] += dy[m, n_out]^T x[m, n_in].
 *
 * The sum runs over tokens, which are rows of both operands, so both must be turned: dy becomes rows of 32 tokens, x
 * pairs of tokens side by side. For every CHUNK tokens x is turned once, for all threads; then a task owns a strip of
 * outputs, turns the strip's dy into its work area and goes along the inputs, 32 at a time. The sums are added to dw
 * while the next block is being computed. Chunks have one length, whatever the number of threads, so the order of sums
 * is fixed. */
#include "base/par.h"
#include "kern/gemm_tile.inc"
#include "kern/scratch.h"
#include "kern/turn.inc"

enum { CHUNK = 1024 /* tokens */, STRIP = 384 /* outputs, at most */ };

struct dw {
    const struct pgr_gemm_dw_call *c;
    size_t strip, n_strip; /* outputs of a task */
    size_t part;           /* inputs of a task */
    size_t t0, n_step;     /* the chunk: first token, steps of 32 tokens */
    size_t k0, k1;         /* the inputs of `pairs` */
    pgr_bf16 *pairs;       /* [input / 32][2][step][16][16][2] */
};

/* 32 tokens and up to 32 columns: in place, or a copy with zeros where there is nothing. */
struct patch {
    const pgr_bf16 *p;
    size_t ld;
    pgr_bf16 copy[32 * 32];
};

static void open_patch(const pgr_bf16 *p, size_t ld, size_t n_tok, size_t n_col, struct patch *t) {
    t->p = p;
    t->ld = ld;
    if (n_tok >= 32 && n_col >= 32) return;
    if (n_tok > 32) n_tok = 32;
    if (n_col > 32) n_col = 32;
    memset(t->copy, 0, sizeof t->copy);
    for (size_t i = 0; i < n_tok; i++) memcpy(t->copy + i * 32, p + i * ld, n_col * sizeof *p);
    t->p = t->copy;
    t->ld = 32;
}

/* Asks for 32 rows of 64 bytes: they lie too far apart for the machine to see what comes next. */
static void ask_patch(const pgr_bf16 *p, size_t ld, size_t n_tok) {
    for (size_t i = 0; i < pgr_gemm_min(32, n_tok); i++)
        _mm_prefetch((const char *)((uintptr_t)p + i * ld * sizeof *p), _MM_HINT_T0);
}

/* dy of tokens [t0, t0 + n) and `rows` outputs from r0 on into a[row block of 16][step][16][32]. */
static void turn_strip(const struct pgr_gemm_dw_call *c, size_t t0, size_t n, size_t r0, size_t rows, pgr_bf16 *a) {
    size_t n_step = pgr_gemm_div_up(n, PGR_STEP);
    for (size_t s = 0; s < n_step; s++)
        for (size_t r = 0; r < rows; r += 32) {
            struct patch t;
            const pgr_bf16 *src = (const pgr_bf16 *)c->dy + (t0 + s * PGR_STEP) * c->lddy + r0 + r;
            ask_patch(src + 64, c->lddy, n - s * PGR_STEP);
            open_patch(src, c->lddy, n - s * PGR_STEP, c->n_out - r0 - r, &t);
            for (size_t q = 0; q < 4 && r + q * 8 < rows; q++)
                pgr_turn_columns(t.p + q * 8, t.ld,
                                 a + ((r + q * 8) / 16 * n_step + s) * PGR_TILE + q % 2 * (PGR_TILE / 2));
        }
}

/* Step i of the chunk, 32 tokens, into pairs of tokens; columns mingled. */
static void pair_up(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct dw *p = ctx;
    const struct pgr_gemm_dw_call *c = p->c;
    size_t token = p->t0 + i * PGR_STEP, n_tok = c->m - token;
    pgr_bf16 *lo = p->pairs + i * PGR_TILE, *hi = lo + p->n_step * PGR_TILE;
    for (size_t k = p->k0; k < p->k1; k += 32, lo += 2 * p->n_step * PGR_TILE, hi += 2 * p->n_step * PGR_TILE) {
        struct patch t;
        const pgr_bf16 *src = (const pgr_bf16 *)c->x + token * c->ldx + k;
        ask_patch(src + 128, c->ldx, n_tok);
        open_patch(src, c->ldx, n_tok, c->n_in - k, &t);
        for (size_t j = 0; j < 16; j++) {
            __m512i even = _mm512_loadu_si512(t.p + 2 * j * t.ld), odd = _mm512_loadu_si512(t.p + (2 * j + 1) * t.ld);
            _mm512_store_si512(lo + j * 32, _mm512_unpacklo_epi16(even, odd));
            _mm512_store_si512(hi + j * 32, _mm512_unpackhi_epi16(even, odd));
        }
    }
}

static void dw_task(void *ctx, size_t i, void *scratch) {
    const struct dw *p = ctx;
    const struct pgr_gemm_dw_call *c = p->c;
    size_t r0 = i % p->n_strip * p->strip, rows = pgr_gemm_min(p->strip, c->n_out - r0), n_step = p->n_step;
    size_t k0 = p->k0 + i / p->n_strip * p->part, k1 = pgr_gemm_min(k0 + p->part, p->k1);
    pgr_bf16 *a = scratch;
    float *sums = (float *)(void *)(a + STRIP * CHUNK);
    size_t n_block = 0;
    struct pgr_tile_store leaving = {
        .f32 = true, .accumulate = true, .mingled = true, .stride_bytes = c->n_in * sizeof(float)};
    pgr_tile_configure(16, 16);
    turn_strip(c, p->t0, pgr_gemm_min(CHUNK, c->m - p->t0), r0, rows, a);
    const size_t pair_elems = 2 * n_step * PGR_TILE;
    /* Lines of the next 32 inputs that a step asks for. */
    size_t n_ask = pgr_gemm_div_up(pair_elems / 32, n_step * pgr_gemm_div_up(rows, 32));
    for (size_t k = k0; k < k1; k += 32) {
        const pgr_bf16 *b = p->pairs + (k - p->k0) / 32 * pair_elems;
        const char *next = (const char *)(b + pair_elems);
        for (size_t r = 0; r < rows; r += 32) {
            char *dst = (char *)(c->dw + (r0 + r) * c->n_in + k);
            bool two_a = rows - r > 16;
            const pgr_bf16 *ar = a + r / 16 * n_step * PGR_TILE;
            const struct pgr_tile_ahead ahead[2] = {{dst, c->n_in * sizeof(float), 64, 2},
                                                    {next, n_ask * 64, 64, k + 32 < k1 ? n_ask : 0}};
            struct pgr_tile_product t = {
                .n_step = n_step,
                .a = {ar, two_a ? ar + n_step * PGR_TILE : ar},
                .a_step = PGR_TILE,
                .a_stride_bytes = 64,
                .b = {b, b + n_step * PGR_TILE},
                .first = true,
                .sums = sums + n_block++ % 2 * PGR_SUMS,
                .ahead = ahead,
                .leaving = &leaving,
            };
            next += n_step * n_ask * 64;
            pgr_tile_block(two_a, true, &t);
            leaving.sums = t.sums;
            leaving.row = 0;
            leaving.n_row = pgr_gemm_min(32, rows - r);
            leaving.mask = c->n_in - k >= 32 ? UINT32_MAX : (1u << (c->n_in - k)) - 1;
            leaving.y = dst;
        }
    }
    pgr_tile_store_rest(&leaving);
    _tile_release();
}

/* Strips of outputs, at most STRIP, a multiple of 32: the number that keeps the busiest thread shortest. */
static size_t strip_outputs(size_t n_out, size_t threads) {
    size_t least = pgr_gemm_div_up(n_out, STRIP), best = STRIP, best_busy = SIZE_MAX;
    for (size_t n = least; n < least + 2 * threads; n++) {
        size_t strip = pgr_gemm_div_up(pgr_gemm_div_up(n_out, n), 32) * 32;
        if (strip < 128) strip = 128;
        size_t busy = pgr_gemm_div_up(pgr_gemm_div_up(n_out, strip), threads) * strip;
        if (busy < best_busy) best = strip, best_busy = busy;
    }
    return best;
}

void pgr_gemm_dw_amx(const struct pgr_gemm_dw_call *c) {
    size_t threads = pgr_par_threads(), n_pair = pgr_gemm_div_up(c->n_in, 32), bytes;
    size_t chunk = pgr_gemm_min(CHUNK, pgr_gemm_div_up(c->m, PGR_STEP) * PGR_STEP);
    struct dw p = {.c = c, .strip = strip_outputs(c->n_out, threads)};
    p.n_strip = pgr_gemm_div_up(c->n_out, p.strip);
    p.pairs = pgr_scratch_shared(n_pair * 32 * chunk * sizeof *p.pairs, &bytes);
    size_t slice = bytes / (32 * chunk * sizeof *p.pairs) * 32; /* inputs turned at a time: all, if there is memory */
    /* More threads than strips: each strip's inputs are shared out as well. */
    size_t parts = pgr_gemm_div_up(threads, p.n_strip);
    for (p.t0 = 0; p.t0 < c->m; p.t0 += CHUNK)
        for (p.k0 = 0; p.k0 < c->n_in; p.k0 = p.k1) {
            p.n_step = pgr_gemm_div_up(pgr_gemm_min(CHUNK, c->m - p.t0), PGR_STEP);
            p.k1 = pgr_gemm_min(p.k0 + slice, c->n_in);
            p.part = pgr_gemm_div_up(pgr_gemm_div_up(p.k1 - p.k0, parts), 32) * 32;
            pgr_par(p.n_step, pair_up, &p);
            pgr_par_scratch(p.n_strip * pgr_gemm_div_up(p.k1 - p.k0, p.part), dw_task, &p);
        }
}
