/* gemm_amx.c - bfloat16 products with packed weights on AMX tiles: forward and dx.
 *
 * Both are C[m, n] = A[m, k] B[k, n] with A read in place and B in tiles: the packed weights themselves for forward,
 * for dx their transpose, made chunk by chunk in the thread's work area.
 *
 * Blocking. The third-level cache gives some 5 bytes a cycle where a pair of products wants 64, so a task keeps in the
 * second level what it uses again: either its rows (few rows: the weights pass once, at the speed of memory), or its
 * columns of B (many rows pass). Where k is long, it is cut in chunks and the sums wait in the work area, exactly, as
 * float32. */
#include "base/par.h"
#include "kern/gemm_tile.inc"
#include "kern/scratch.h"

enum {
    ROW_BYTES_MAX = 768 << 10,  /* all rows of A stay resident up to here */
    COL_BYTES_MAX = 1000 << 10, /* resident columns of B, k not cut */
    K_WHOLE = 1536,             /* longest k that is not cut when columns are resident */
    K_CHUNK = 640,              /* of a longer k, while the sums of CHUNK_ROWS x CHUNK_COLS wait */
    K_CHUNK_FEW = 1280,         /* where a chunk of few rows stays */
    ROW_APART = 128 << 10, /* bytes from row to row from which long pieces of few rows are better: each row needs pages
                              of its own */
    ROWS_APART = 512,
    COLS_APART = 320,
    K_CHUNK_APART = 1280,
    K_TURNED = 1280,   /* longest k that is not cut when the resident columns are turned weights */
    CHUNK_ROWS = 1024, /* block of waiting sums */
    CHUNK_COLS = 256,
    SUMS_BYTES = CHUNK_ROWS * CHUNK_COLS * 4,
    PLACES = 4,       /* for sums that do not wait: computed, stored, and for the gated unit two of each */
    ASK_BLOCKS = 6,   /* blocks of rows from which all of the next weights are asked for early */
    TASK_PAIRS = 128, /* at most, few rows */
    ASK_TILES = 4,    /* with fewer: tiles of each of the next panels that a block asks for */
};

struct product {
    const struct pgr_gemm_call *c;
    bool transposed;
    size_t m, k, n;
    size_t n_panel, skip; /* panels that the columns touch; columns before the first wanted one */
    /* A block takes two panels, neighbours, or for the gated unit one of each half. */
    size_t pair_step, second;                /* panels from pair to pair; from the first of a pair to the second */
    const struct pgr_gemm_swiglu_call *gate; /* NULL, or the gated unit: n_panel is that of a half */
    bool past; /* gate and up go past the caches: they are kept for the backward pass, and lines are aligned */
    bool rows_resident;
    size_t k_chunk, sums_bytes; /* sums_bytes: of a task's blocks */
    size_t block_m, block_pair; /* of a task */
    size_t n_block_m, n_block_pair;
};

/* ---- transposing weights for dx -------------------------------------------------------------------------------- */

/* A block of 8 x 8 quads (2 x 2 weights): quads and what is inside them change places. Rows of both are 64 bytes. */
PGR_INLINE void transpose_quads(const pgr_bf16 *src, pgr_bf16 *dst) {
    const __m512i inside = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
    for (int q = 0; q < 4; q++) { /* two columns of quads: 16 bytes of each row */
        const pgr_bf16 *s = src + q * 8;
        __m512i even = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)s));
        __m512i odd = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(s + 32)));
        even = _mm512_mask_broadcast_i64x2(even, 0x0c, _mm_loadu_si128((const __m128i *)(s + 2 * 32)));
        odd = _mm512_mask_broadcast_i64x2(odd, 0x0c, _mm_loadu_si128((const __m128i *)(s + 3 * 32)));
        even = _mm512_mask_broadcast_i64x2(even, 0x30, _mm_loadu_si128((const __m128i *)(s + 4 * 32)));
        odd = _mm512_mask_broadcast_i64x2(odd, 0x30, _mm_loadu_si128((const __m128i *)(s + 5 * 32)));
        even = _mm512_mask_broadcast_i64x2(even, 0xc0, _mm_loadu_si128((const __m128i *)(s + 6 * 32)));
        odd = _mm512_mask_broadcast_i64x2(odd, 0xc0, _mm_loadu_si128((const __m128i *)(s + 7 * 32)));
        _mm512_store_si512(dst + (2 * q) * 32, _mm512_shuffle_epi8(_mm512_unpacklo_epi64(even, odd), inside));
        _mm512_store_si512(dst + (2 * q + 1) * 32, _mm512_shuffle_epi8(_mm512_unpackhi_epi64(even, odd), inside));
    }
}

/* The forward tile of 16 outputs and 32 inputs becomes half of two tiles: outputs in pairs down, 16 inputs across. */
static void transpose_tile(const pgr_bf16 *src, pgr_bf16 *left, pgr_bf16 *right) {
    transpose_quads(src, left);
    transpose_quads(src + PGR_TILE / 2, right);
}

static pgr_bf16 weight(const struct pgr_wmat *w, size_t row, size_t k) {
    return ((const pgr_bf16 *)
                w->data)[row / PGR_PANEL * w->panel_elems + (k / 2 * PGR_PANEL + row % PGR_PANEL) * 2 + k % 2];
}

/* Outputs [k0, k0 + kc) of the range against the inputs of panels [panel, panel + n) (an even number, or the last ones)
 * into dst[n][steps][tile]. */
static void transpose_chunk(const struct product *p, size_t k0, size_t kc, size_t panel, size_t n, pgr_bf16 *dst) {
    const struct pgr_wmat *w = p->c->w;
    size_t n_step = pgr_gemm_div_up(kc, PGR_STEP), row0 = p->c->out0 + k0, end = row0 + kc;
    alignas(64) pgr_bf16 spare[PGR_TILE];
    for (size_t s = 0; s < n_step; s++)
        for (size_t half = 0; half < 2; half++) { /* 16 outputs */
            size_t row = row0 + s * PGR_STEP + half * 16;
            if (row0 % PGR_PANEL == 0) {
                for (size_t i = 0; i < n; i += 2) {
                    pgr_bf16 *left = dst + (i * n_step + s) * PGR_TILE + half * (PGR_TILE / 2);
                    pgr_bf16 *right = i + 1 < n ? left + n_step * PGR_TILE : spare;
                    if (row < end) {
                        const pgr_bf16 *src =
                            (const pgr_bf16 *)w->data + row / PGR_PANEL * w->panel_elems + (panel + i) / 2 * PGR_TILE;
                        ask_tile(src + w->panel_elems); /* of the next 16 outputs, by the time they are due */
                        transpose_tile(src, left, right);
                    } else {
                        memset(left, 0, PGR_TILE);
                        memset(right, 0, PGR_TILE);
                    }
                }
            } else {
                for (size_t i = 0; i < n; i++)
                    for (size_t r = 0; r < 16; r++)
                        for (size_t j = 0; j < 16; j++)
                            dst[(i * n_step + s) * PGR_TILE + half * (PGR_TILE / 2) + (r / 2 * 16 + j) * 2 + r % 2] =
                                row + r < end && (panel + i) * 16 + j < w->n_in
                                    ? weight(w, row + r, (panel + i) * 16 + j)
                                    : 0;
            }
        }
}

/* ---- tasks ----------------------------------------------------------------------------------------------------- */

struct chunk {
    size_t k0, n_step; /* whole steps read in place */
    bool has_tail, first, last;
    const pgr_bf16 *b;  /* of the task's first panel */
    size_t panel_elems; /* from panel to panel of b */
};

struct work {
    const struct product *p;
    size_t m0, m1, panel0, panel1;
    float *sums;  /* waiting sums: [row pair][panel pair], or PLACES blocks */
    pgr_bf16 *bt; /* transposed weights */
    struct chunk ch;
    size_t r0, r1; /* rows the tiles are configured for */
    size_t n_sums; /* blocks of sums made, where they take turns in PLACES */
    struct pgr_tile_store leaving;
    const float *held; /* the gated unit: sums that leave with the next block's */
};

/* Of the gated unit, two blocks that follow each other in a row leave together where rows pass: lines of 64 bytes. */
static void leave_gated(struct work *w, const float *sums, size_t row, size_t rows, size_t panel) {
    const struct pgr_gemm_swiglu_call *gate = w->p->gate;
    struct pgr_tile_store *t = &w->leaving;
    bool second = w->held != NULL;
    if (!second && !w->p->rows_resident && panel + 1 < w->panel1) {
        w->held = sums;
        return;
    }
    size_t f = w->p->n_panel * PGR_PANEL, at = row * f + (second ? panel - 1 : panel) * PGR_PANEL;
    t->sums = second ? w->held : sums;
    t->sums1 = second ? sums : NULL;
    w->held = NULL;
    t->row = 0;
    t->n_row = rows;
    t->swiglu = true;
    t->y = (char *)((pgr_bf16 *)gate->act + at);
    t->stride_bytes = f * sizeof(pgr_bf16);
    t->gate = NULL;
    if (!gate->keep) return;
    t->gate = (char *)((pgr_bf16 *)gate->gate_up + row * f + at);
    t->up_bytes = f * sizeof(pgr_bf16);
    t->gate_stride_bytes = 2 * f * sizeof(pgr_bf16);
    t->past = w->p->past;
}

/* Hands finished sums to be stored with the next block. */
static void leave(struct work *w, const float *sums, size_t row, size_t rows, size_t panel) {
    const struct product *p = w->p;
    const struct pgr_gemm_call *c = p->c;
    struct pgr_tile_store *t = &w->leaving;
    if (p->gate) {
        leave_gated(w, sums, row, rows, panel);
        return;
    }
    size_t col = panel * PGR_PANEL, end = p->skip + p->n; /* columns of the panels */
    t->mask = end - col >= 32 ? UINT32_MAX : (1u << (end - col)) - 1;
    if (col < p->skip) t->mask &= UINT32_MAX << (p->skip - col);
    t->sums = sums;
    t->row = 0;
    t->n_row = rows;
    t->f32 = c->y_type == PGR_F32;
    t->accumulate = c->accumulate;
    t->mingled = false;
    t->biased = c->bias != NULL;
    size_t y_bytes = pgr_dtype_bytes(c->y_type);
    t->stride_bytes = c->ldy * y_bytes;
    t->y = (char *)((uintptr_t)c->y + (row * c->ldy + col - p->skip) * y_bytes);
    if (t->biased) {
        uintptr_t b = (uintptr_t)c->bias + (col - p->skip) * sizeof(float);
        _mm512_store_ps(t->bias, _mm512_maskz_loadu_ps((__mmask16)t->mask, (const void *)b));
        _mm512_store_ps(t->bias + 16, _mm512_maskz_loadu_ps((__mmask16)(t->mask >> 16), (const void *)(b + 64)));
    }
}

static void configure(struct work *w, size_t rows) {
    size_t r0 = pgr_gemm_min(rows, 16), r1 = rows > 16 ? rows - 16 : 16;
    if (r0 == w->r0 && r1 == w->r1) return;
    w->r0 = r0, w->r1 = r1;
    pgr_tile_configure(r0, r1);
}

/* The inputs past the last whole step of up to 32 rows, zero-padded; NULL when there are none. */
static const pgr_bf16 *copy_tail(const struct work *w, size_t row, pgr_bf16 tail[32 * PGR_STEP]) {
    if (!w->ch.has_tail) return NULL;
    const struct pgr_gemm_call *c = w->p->c;
    size_t k0 = w->ch.k0 + w->ch.n_step * PGR_STEP, rows = pgr_gemm_min(32, w->m1 - row);
    memset(tail, 0, 32 * PGR_STEP * sizeof *tail);
    for (size_t r = 0; r < rows; r++)
        memcpy(tail + r * PGR_STEP, (const pgr_bf16 *)c->x + (row + r) * c->ldx + k0, (w->p->k - k0) * sizeof *tail);
    return tail;
}

/* Rows [row, row + 32) and the pair of panels that begins with `panel`. */
static void block(struct work *w, size_t row, size_t panel, const pgr_bf16 *tail, bool far_b,
                  const struct pgr_tile_ahead ahead[2]) {
    const struct product *p = w->p;
    size_t rows = pgr_gemm_min(32, w->m1 - row), n_pair = pgr_gemm_div_up(w->panel1 - w->panel0, p->pair_step);
    configure(w, rows);
    bool two_a = rows > 16, two_b = p->gate || panel + 1 < w->panel1, waiting = !(w->ch.first && w->ch.last);
    size_t at = waiting ? (row - w->m0) / 32 * n_pair + (panel - w->panel0) / p->pair_step : w->n_sums++ % PLACES;
    const pgr_bf16 *a = (const pgr_bf16 *)p->c->x + row * p->c->ldx + w->ch.k0;
    const pgr_bf16 *b = w->ch.b + (panel - w->panel0) * w->ch.panel_elems;
    struct pgr_tile_product t = {
        .n_step = w->ch.n_step,
        .a = {a, two_a ? a + 16 * p->c->ldx : a},
        .a_step = PGR_STEP,
        .a_stride_bytes = p->c->ldx * sizeof *a,
        .tail = tail,
        .b = {b, two_b ? b + p->second * w->ch.panel_elems : b},
        .first = w->ch.first,
        .pass_b = !p->rows_resident,
        .sums = w->sums + at * PGR_SUMS,
        .leaving = &w->leaving,
        .far_b = far_b,
        .b_skip = p->pair_step * w->ch.panel_elems - w->ch.n_step * PGR_TILE,
        .ahead = ahead,
    };
    pgr_tile_block(two_a, two_b, &t);
    if (w->ch.last) leave(w, t.sums, row, rows, panel);
}

/* Rows outside, columns inside: the columns' weights stay in the cache, the next rows are asked for, a few with each
 * block. */
static void rows_stream(struct work *w) {
    const struct pgr_gemm_call *c = w->p->c;
    size_t step = w->p->pair_step, n_pair = pgr_gemm_div_up(w->panel1 - w->panel0, step),
           lda = c->ldx * sizeof(pgr_bf16);
    for (size_t row = w->m0; row < w->m1; row += 32) {
        alignas(64) pgr_bf16 tail[32 * PGR_STEP];
        const pgr_bf16 *t = copy_tail(w, row, tail);
        size_t left = row + 32 < w->m1 ? pgr_gemm_min(32, w->m1 - row - 32) : 0, some = pgr_gemm_div_up(left, n_pair);
        const char *next = (const char *)((const pgr_bf16 *)c->x + row * c->ldx + w->ch.k0) + 32 * lda;
        for (size_t panel = w->panel0; panel < w->panel1; panel += step) {
            const struct pgr_tile_ahead ahead[2] = {{next, 64, lda, pgr_gemm_min(some, left)}, {NULL, 0, 0, 0}};
            block(w, row, panel, t, row == w->m0 && !w->bt, ahead);
            next += ahead[0].n * lda;
            left -= ahead[0].n;
        }
    }
}

/* Columns outside, rows inside: the rows stay in the cache, the weights pass once. With many rows each block of them
 * asks for its share of the next pair of panels. With few, memory is the limit: the first block asks for what it needs
 * itself, a few steps ahead, the others for a little of the next pair. More would only delay what is needed at once:
 * what is asked for takes the places in which the tiles wait for the second level. */
static void weights_stream(struct work *w) {
    size_t n_block = pgr_gemm_div_up(w->m1 - w->m0, 32), n_step = w->ch.n_step, step = w->p->pair_step;
    size_t panel_bytes = w->ch.panel_elems * sizeof(pgr_bf16);
    bool many = n_block >= ASK_BLOCKS;
    size_t want = many ? n_step * 16 / n_block : ASK_TILES * 16; /* lines of each panel */
    size_t lines = n_step ? pgr_gemm_div_up(want, n_step) : 0;
    for (size_t panel = w->panel0; panel < w->panel1; panel += step) {
        const char *next = (const char *)(w->ch.b + (panel - w->panel0 + step) * w->ch.panel_elems);
        if (!many) next += PGR_TILE_NEAR * PGR_TILE * sizeof(pgr_bf16);
        for (size_t row = w->m0; row < w->m1; row += 32) {
            alignas(64) pgr_bf16 tail[32 * PGR_STEP];
            bool far_b = row == w->m0 && !many;
            size_t n = far_b ? 0 : lines;
            const struct pgr_tile_ahead ahead[2] = {{next, lines * 64, 64, n},
                                                    {next + w->p->second * panel_bytes, lines * 64, 64, n}};
            block(w, row, panel, copy_tail(w, row, tail), far_b, ahead);
            if (!far_b) next += lines * 64 * n_step;
        }
    }
}

static void task(void *ctx, size_t i, void *scratch) {
    const struct product *p = ctx;
    const struct pgr_wmat *wm = p->c->w;
    struct work w = {
        .p = p, .sums = scratch, .bt = p->transposed ? (pgr_bf16 *)((char *)scratch + p->sums_bytes) : NULL};
    w.m0 = i % p->n_block_m * p->block_m;
    w.m1 = pgr_gemm_min(w.m0 + p->block_m, p->m);
    w.panel0 = i / p->n_block_m * p->block_pair * p->pair_step;
    w.panel1 = pgr_gemm_min(w.panel0 + p->block_pair * p->pair_step, p->n_panel);
    for (size_t k0 = 0; k0 == 0 || k0 < p->k; k0 += p->k_chunk) {
        size_t kc = pgr_gemm_min(p->k_chunk, p->k - k0);
        w.ch = (struct chunk){k0, kc / PGR_STEP, kc % PGR_STEP != 0, k0 == 0, k0 + kc == p->k, NULL, 0};
        if (p->transposed) {
            transpose_chunk(p, k0, kc, w.panel0, w.panel1 - w.panel0, w.bt);
            w.ch.b = w.bt;
            w.ch.panel_elems = pgr_gemm_div_up(kc, PGR_STEP) * PGR_TILE;
        } else {
            w.ch.b = (const pgr_bf16 *)wm->data + (p->c->out0 / PGR_PANEL + w.panel0) * wm->panel_elems +
                     k0 / PGR_STEP * PGR_TILE;
            w.ch.panel_elems = wm->panel_elems;
        }
        if (p->rows_resident)
            weights_stream(&w);
        else
            rows_stream(&w);
    }
    pgr_tile_store_rest(&w.leaving);
    if (p->past) _mm_sfence();
    _tile_release();
}

/* ---- plan ------------------------------------------------------------------------------------------------------ */

static size_t round_up(size_t a, size_t b) { return pgr_gemm_div_up(a, b) * b; }

/* Cuts n into equal pieces of at most `most`, a multiple of `unit`; the number of pieces a multiple of `parts` where
 * they stay large enough. */
static size_t piece(size_t n, size_t most, size_t unit, size_t parts) {
    size_t pieces = pgr_gemm_div_up(n, most);
    if (parts > 1) pieces = round_up(pieces, parts);
    return round_up(pgr_gemm_div_up(n, pieces), unit);
}

/* Pairs of panels of a task where few rows are multiplied: a few tasks a thread even out the end, and of the larger
 * sizes the one that gives all threads the same. */
static size_t even_pairs(size_t n_pair, size_t threads) {
    size_t most = pgr_gemm_min(pgr_gemm_div_up(n_pair, threads * 4), TASK_PAIRS), best = most, best_busy = SIZE_MAX;
    for (size_t b = most; b > 0; b--) {
        size_t busy = pgr_gemm_div_up(pgr_gemm_div_up(n_pair, b), threads) * b;
        if (busy < best_busy - best_busy / 64) best = b, best_busy = busy;
    }
    return best;
}

static void plan(struct product *p) {
    size_t threads = pgr_par_threads(), n_pair = pgr_gemm_div_up(p->n_panel, p->pair_step), cols = n_pair * 32;
    p->k_chunk = p->k ? round_up(p->k, PGR_STEP) : PGR_STEP;
    p->rows_resident = !p->transposed && p->m * p->k * sizeof(pgr_bf16) <= ROW_BYTES_MAX;
    if (p->rows_resident) {
        p->block_m = p->m;
        p->block_pair = even_pairs(n_pair, threads);
    } else if (p->k <= (p->transposed ? K_TURNED : K_WHOLE)) {
        size_t most = COL_BYTES_MAX / (p->k_chunk * sizeof(pgr_bf16)) / 32 * 32;
        p->block_pair = piece(cols, most, 32, threads) / 32;
        size_t n_col = pgr_gemm_div_up(n_pair, p->block_pair);
        p->block_m = n_col >= threads ? p->m : piece(p->m, 2048, 32, pgr_gemm_div_up(threads, n_col));
    } else {
        p->rows_resident = !p->transposed && p->m * pgr_gemm_min(p->k_chunk, K_CHUNK_FEW) * 2 <= ROW_BYTES_MAX;
        bool apart = p->c->ldx * sizeof(pgr_bf16) >= ROW_APART;
        size_t most = p->rows_resident ? K_CHUNK_FEW : apart ? K_CHUNK_APART : K_CHUNK;
        if (p->k > most) p->k_chunk = piece(p->k, most, PGR_STEP, 1);
        if (p->rows_resident) {
            /* A chunk of the rows stays, and every task reads all chunks: many rows are read by as few as possible. */
            size_t n_block = pgr_gemm_div_up(p->m, 32), room = SUMS_BYTES / (n_block * PGR_SUMS * sizeof(float));
            size_t pairs = n_block < ASK_BLOCKS ? even_pairs(n_pair, threads) : pgr_gemm_div_up(n_pair, threads);
            p->block_m = p->m;
            p->block_pair = pgr_gemm_min(pairs, room);
        } else {
            p->block_m = piece(p->m, apart ? ROWS_APART : CHUNK_ROWS, 32, 1);
            p->block_pair = piece(cols, apart ? COLS_APART : CHUNK_COLS, 32, p->m <= CHUNK_ROWS ? threads : 1) / 32;
        }
    }
    p->sums_bytes =
        (p->k_chunk < p->k ? pgr_gemm_div_up(p->block_m, 32) * p->block_pair : PLACES) * PGR_SUMS * sizeof(float);
    p->n_block_m = pgr_gemm_div_up(p->m, p->block_m);
    p->n_block_pair = pgr_gemm_div_up(n_pair, p->block_pair);
}

static void run(const struct pgr_gemm_call *c, bool transposed) {
    size_t n_out = c->out1 - c->out0;
    struct product p = {.c = c, .transposed = transposed, .m = c->m, .pair_step = 2, .second = 1};
    p.k = transposed ? n_out : c->w->n_in;
    p.n = transposed ? c->w->n_in : n_out;
    p.skip = transposed ? 0 : c->out0 % PGR_PANEL;
    p.n_panel = pgr_gemm_div_up(p.skip + p.n, PGR_PANEL);
    plan(&p);
    pgr_par_scratch(p.n_block_m * p.n_block_pair, task, &p);
}

static void forward(const struct pgr_gemm_call *c) { run(c, false); }
static void dx(const struct pgr_gemm_call *c) { run(c, true); }

/* Halves that are whole panels. */
static bool swiglu(const struct pgr_gemm_swiglu_call *g) {
    const struct pgr_wmat *w = g->w;
    if (w->n_out % (2 * PGR_PANEL) != 0) return false;
    struct pgr_gemm_call c = {.w = w, .out1 = w->n_out, .m = g->m, .x = g->x, .ldx = g->ldx};
    struct product p = {.c = &c, .m = g->m, .k = w->n_in, .n = w->n_out, .pair_step = 1, .gate = g};
    p.n_panel = p.second = w->n_out / 2 / PGR_PANEL;
    plan(&p);
    if (!p.rows_resident) {
        p.block_pair = round_up(p.block_pair, 2);
        p.n_block_pair = pgr_gemm_div_up(p.n_panel, p.block_pair);
    }
    p.past = !p.rows_resident && g->keep && p.n_panel % 2 == 0 && (uintptr_t)g->gate_up % 64 == 0;
    pgr_par_scratch(p.n_block_m * p.n_block_pair, task, &p);
    return true;
}

void pgr_gemm_init_amx(struct pgr_gemm_table *t) {
    t->of[PGR_BF16].forward = forward;
    t->of[PGR_BF16].dx = dx;
    t->of[PGR_BF16].dw = pgr_gemm_dw_amx;
    t->of[PGR_BF16].swiglu = swiglu;
}
