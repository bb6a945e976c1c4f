/* attn_amx.c - attention forward in bfloat16 on AMX tiles, packed and paged; dimensions that are multiples of 32,
 * others go to the level below.
 *
 * Scores come out transposed, S^T[keys, columns] = K Q^T, with K as it lies in the page and Q in pairs; so maxima,
 * exponentials and sums run over vectors of 16 columns. Probabilities are rounded to bfloat16 and laid in pairs of keys
 * for O^T[d, columns] += V^T P^T, with V^T as it lies in the page. Sums of probabilities use the values before
 * rounding. */
#include "kern/attn_tile.inc"

enum { BLOCK = PGR_ATTN_BLOCK, COLS = PGR_ATTN_COLS, GROUP = PGR_ATTN_GROUP };

static struct pgr_attn_kern below;

static void load_q(size_t d, const void *const q[COLS], struct pgr_attn_tile *t) {
    if (d % 32 != 0)
        below.load_q(d, q, t);
    else
        attn_rows_to_pairs(d, q, (pgr_bf16 *)(void *)t->q);
}

static void fill(size_t d, void *part, size_t slot, size_t n, const void *k, const void *v, size_t ld) {
    if (n != BLOCK) {
        below.fill(d, part, slot, n, k, v, ld);
        return;
    }
    pgr_bf16 *dst = part, *vt = dst + BLOCK * d;
    for (size_t r = 0; r < BLOCK; r++) memcpy(dst + r * d, (const pgr_bf16 *)k + r * ld, d * sizeof *dst);
    for (size_t i = 0; i < d; i += 8) pgr_turn_columns((const pgr_bf16 *)v + i, ld, vt + i * BLOCK);
}

/* Pages that will be read soon. Memory gives a line every dozen cycles and few requests can wait at a time, so they are
 * spread over all of a step's work. */
struct ahead {
    const void *const *part;
    size_t n_part, part_bytes; /* n_part: still to be asked for */
    size_t at;                 /* bytes of part[0] that have been */
    size_t times;              /* pages to ask for to a page of this step */
};

static inline void ask(struct ahead *a, size_t lines) {
    for (lines *= a->times; lines > 0 && a->n_part > 0; lines--) {
        _mm_prefetch((const char *)a->part[0] + a->at, _MM_HINT_T0);
        a->at += 64;
        if (a->at < a->part_bytes) continue;
        a->at = 0;
        a->part++;
        a->n_part--;
    }
}

/* s[32][16] of one page. With at most four tiles of Q they stay in tiles 4 to 7. */
static void page_scores(size_t d, const pgr_bf16 *q, const pgr_bf16 *k, float *s, struct ahead *ahead) {
    _tile_zero(0);
    _tile_zero(1);
    for (size_t i = 0; i < d / 32; i++) {
        _tile_loadd(2, k + i * 32, d * sizeof *k);
        _tile_loadd(3, k + 16 * d + i * 32, d * sizeof *k);
        if (d > 128) _tile_loadd(4, q + i * PGR_TILE_ELEMS, 64);
        if (d > 128 || i == 0) {
            _tile_dpbf16ps(0, 2, 4);
            _tile_dpbf16ps(1, 3, 4);
        } else if (i == 1) {
            _tile_dpbf16ps(0, 2, 5);
            _tile_dpbf16ps(1, 3, 5);
        } else if (i == 2) {
            _tile_dpbf16ps(0, 2, 6);
            _tile_dpbf16ps(1, 3, 6);
        } else {
            _tile_dpbf16ps(0, 2, 7);
            _tile_dpbf16ps(1, 3, 7);
        }
        ask(ahead, 16);
    }
    _tile_stored(0, s, 64);
    _tile_stored(1, s + 16 * COLS, 64);
}

/* Scores of unseen keys become -inf. */
static void mask_page(const struct pgr_attn_tile *t, size_t pos0, float *s) {
    __m512i n_key = _mm512_load_si512(t->n_key);
    for (size_t j = 0; j < BLOCK; j++) {
        __mmask16 unseen = _mm512_cmple_epi32_mask(n_key, _mm512_set1_epi32((int)(pos0 + j)));
        _mm512_mask_storeu_ps(s + j * COLS, unseen, _mm512_set1_ps(-INFINITY));
    }
}

static void step(size_t d, float scale_log2, struct pgr_attn_tile *t, size_t pos0, size_t n_page,
                 const void *const *part, size_t n_next, const void *const *next) {
    if (d % 32 != 0) {
        below.step(d, scale_log2, t, pos0, n_page, part, n_next, next);
        return;
    }
    alignas(64) float s[GROUP * BLOCK * COLS];
    alignas(64) pgr_bf16 p[GROUP * PGR_TILE_ELEMS];
    const pgr_bf16 *q = (const pgr_bf16 *)(const void *)t->q;
    struct ahead ahead = {next, n_next, 2 * BLOCK * d * sizeof(pgr_bf16), 0, (n_next + n_page - 1) / n_page};
    if (d <= 128) {
        _tile_loadd(4, q, 64);
        if (d > 32) _tile_loadd(5, q + PGR_TILE_ELEMS, 64);
        if (d > 64) _tile_loadd(6, q + 2 * PGR_TILE_ELEMS, 64);
        if (d > 96) _tile_loadd(7, q + 3 * PGR_TILE_ELEMS, 64);
    }
    for (size_t g = 0; g < n_page; g++) page_scores(d, q, part[g], s + g * BLOCK * COLS, &ahead);
    __m512i n_key = _mm512_load_si512(t->n_key);
    for (size_t g = 0; g < n_page; g++) {
        size_t end = pos0 + (g + 1) * BLOCK;
        if (_mm512_cmplt_epi32_mask(n_key, _mm512_set1_epi32((int)end)))
            mask_page(t, pos0 + g * BLOCK, s + g * BLOCK * COLS);
    }
    const __m512 scale = _mm512_set1_ps(scale_log2), old = _mm512_load_ps(t->m);
    size_t n = n_page * BLOCK;
    __m512 top[4] = {old, old, old, old};
    for (size_t j = 0; j < n; j += 4) {
        for (size_t i = 0; i < 4; i++)
            top[i] = _mm512_max_ps(top[i], _mm512_mul_ps(_mm512_load_ps(s + (j + i) * COLS), scale));
        ask(&ahead, 2);
    }
    __m512 m = _mm512_max_ps(_mm512_max_ps(top[0], top[1]), _mm512_max_ps(top[2], top[3]));
    __m512 factor = pgr_turn_exp2(_mm512_sub_ps(old, m)), mass = _mm512_mul_ps(_mm512_load_ps(t->l), factor);
    for (size_t j = 0; j < n; j += 2) {
        __m512 a = pgr_turn_exp2(_mm512_sub_ps(_mm512_mul_ps(_mm512_load_ps(s + j * COLS), scale), m));
        __m512 b = pgr_turn_exp2(_mm512_sub_ps(_mm512_mul_ps(_mm512_load_ps(s + (j + 1) * COLS), scale), m));
        mass = _mm512_add_ps(mass, a);
        mass = _mm512_add_ps(mass, b);
        _mm512_store_si512(p + j / 2 * 32, pgr_turn_pair(a, b));
        ask(&ahead, 3);
    }
    _mm512_store_ps(t->m, m);
    _mm512_store_ps(t->l, mass);
    /* A factor of 1 changes nothing, bit for bit. */
    if (_mm512_cmp_ps_mask(factor, _mm512_set1_ps(1.0f), _CMP_NEQ_UQ))
        for (size_t i = 0; i < d; i++)
            _mm512_store_ps(t->o + i * COLS, _mm512_mul_ps(_mm512_load_ps(t->o + i * COLS), factor));
    _tile_loadd(4, p, 64);
    if (n_page > 1) _tile_loadd(5, p + PGR_TILE_ELEMS, 64);
    if (n_page > 2) _tile_loadd(6, p + 2 * PGR_TILE_ELEMS, 64);
    if (n_page > 3) _tile_loadd(7, p + 3 * PGR_TILE_ELEMS, 64);
    for (size_t i = 0; i < d; i += 32) {
        float *o = t->o + i * COLS;
        size_t at = BLOCK * d + i * BLOCK;
        _tile_loadd(0, o, 64);
        _tile_loadd(1, o + 16 * COLS, 64);
        for (size_t g = 0; g < n_page; g++) {
            const pgr_bf16 *vt = (const pgr_bf16 *)part[g] + at;
            _tile_loadd(2, vt, 64);
            _tile_loadd(3, vt + 16 * BLOCK, 64);
            if (g == 0) {
                _tile_dpbf16ps(0, 2, 4);
                _tile_dpbf16ps(1, 3, 4);
            } else if (g == 1) {
                _tile_dpbf16ps(0, 2, 5);
                _tile_dpbf16ps(1, 3, 5);
            } else if (g == 2) {
                _tile_dpbf16ps(0, 2, 6);
                _tile_dpbf16ps(1, 3, 6);
            } else {
                _tile_dpbf16ps(0, 2, 7);
                _tile_dpbf16ps(1, 3, 7);
            }
            ask(&ahead, 16);
        }
        _tile_stored(0, o, 64);
        _tile_stored(1, o + 16 * COLS, 64);
    }
}

/* Adding zero makes a -0 that a masked key may have left into 0. */
static void finish(size_t d, const struct pgr_attn_tile *t, void *const out[COLS]) {
    if (d % 32 != 0) {
        below.finish(d, t, out);
        return;
    }
    __m512 inv = _mm512_div_ps(_mm512_set1_ps(1.0f), _mm512_load_ps(t->l));
    for (size_t i = 0; i < d; i += 16) {
        __m512i r[16];
        for (size_t j = 0; j < 16; j++)
            r[j] =
                _mm512_castps_si512(_mm512_fmadd_ps(_mm512_load_ps(t->o + (i + j) * COLS), inv, _mm512_setzero_ps()));
        pgr_turn_words(r);
        for (size_t c = 0; c < COLS; c++)
            if (out[c])
                _mm256_storeu_si256((__m256i *)(void *)((pgr_bf16 *)out[c] + i),
                                    (__m256i)_mm512_cvtneps_pbh(_mm512_castsi512_ps(r[c])));
    }
}

static void backward(const struct pgr_attn_bwd_call *c) {
    if (c->sh->d_head % 32 != 0)
        below.backward(c);
    else
        pgr_attn_backward_amx(c);
}

static void begin(void) { attn_tiles_begin(); }
static void end(void) { _tile_release(); }

void pgr_attn_init_amx(struct pgr_attn_table *t) {
    below = t->of[PGR_BF16];
    t->of[PGR_BF16] = (struct pgr_attn_kern){load_q, fill, step, finish, backward, begin, end};
}
