/* attn.c - attention: tasks, key pages and the choice of kernels.
 *
 * Packed and paged attention differ only in where a step's pages come from: the packed form builds them on the stack
 * from the rows of parent and segment, the paged form points into the cache. */
#include "kern/attn.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/par.h"
#include "kern/attn_kern.h"

enum { BLOCK = PGR_ATTN_BLOCK, COLS = PGR_ATTN_COLS, GROUP = PGR_ATTN_GROUP, TASK_COLS = PGR_ATTN_TILES * COLS };

static const float log2e = 1.44269504088896340736f;
static const double ln2 = 0.693147180559945309417;

static struct pgr_attn_table tables[PGR_ISA_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void init(void) {
    struct pgr_attn_table t;
    pgr_attn_init_ref(&t);
    tables[PGR_ISA_REF] = t;
#if defined(PGR_HAVE_X86_KERNELS)
    pgr_attn_init_avx2(&t);
    tables[PGR_ISA_AVX2] = t;
    pgr_attn_init_avx512(&t);
    tables[PGR_ISA_AVX512] = tables[PGR_ISA_AVX512BF16] = t;
    pgr_attn_init_amx(&t);
    tables[PGR_ISA_AMX] = t;
#endif
}

static const struct pgr_attn_kern *kern(enum pgr_dtype dtype) {
    pthread_once(&once, init);
    return &tables[pgr_isa()].of[dtype];
}

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }
static size_t div_up(size_t a, size_t b) { return (a + b - 1) / b; }

static const void *at(const void *p, size_t i, enum pgr_dtype t) { return (const char *)p + i * pgr_dtype_bytes(t); }
static void *at_mut(void *p, size_t i, enum pgr_dtype t) { return (char *)p + i * pgr_dtype_bytes(t); }

static void check_shape(const struct pgr_attn_shape *sh) {
    assert(sh->n_kv_head > 0 && sh->n_head % sh->n_kv_head == 0);
    assert(sh->d_head > 0 && sh->d_head % 16 == 0 && sh->d_head <= PGR_ATTN_MAX_D);
    (void)sh;
}

/* ---- tiles --------------------------------------------------------------------------------------------------- */

struct column {
    const void *q;
    void *out;
    float *lse;
    size_t n_key;
};

static void open_tile(const struct pgr_attn_kern *k, size_t d, const struct column *col, size_t n,
                      struct pgr_attn_tile *t) {
    const void *q[COLS] = {0};
    t->max_key = 1;
    for (size_t c = 0; c < COLS; c++) {
        t->n_key[c] = 1;
        t->m[c] = -INFINITY;
        t->l[c] = 0.0f;
        if (c >= n) continue;
        q[c] = col[c].q;
        t->n_key[c] = (int32_t)col[c].n_key;
        if (t->n_key[c] > t->max_key) t->max_key = t->n_key[c];
    }
    memset(t->o, 0, d * COLS * sizeof *t->o);
    k->load_q(d, q, t);
}

static void close_tile(const struct pgr_attn_kern *k, size_t d, const struct column *col, size_t n,
                       const struct pgr_attn_tile *t) {
    void *out[COLS] = {0};
    for (size_t c = 0; c < n; c++) {
        out[c] = col[c].out;
        if (col[c].lse) *col[c].lse = (float)(((double)t->m[c] + log2((double)t->l[c])) * ln2);
    }
    k->finish(d, t, out);
}

/* ---- packed -------------------------------------------------------------------------------------------------- */

struct packed {
    const struct pgr_attn_shape *sh;
    const struct pgr_segments *seg;
    enum pgr_dtype dtype;
    const void *qkv;
    size_t ldqkv;
    void *out;
    size_t ldout;
    float *lse;
};

static size_t seg_len(const struct pgr_segments *g, size_t s) { return g->start[s + 1] - g->start[s]; }

/* Tasks of a segment for one key/value head. */
static size_t seg_blocks(const struct packed *p, size_t s) {
    return div_up(seg_len(p->seg, s) * (p->sh->n_head / p->sh->n_kv_head), TASK_COLS);
}

/* Builds positions [pos, pos + 32) of a sequence whose first n_parent tokens lie at row parent0 and the others from
 * own0. */
static void build_part(const struct packed *p, size_t kv, size_t pos, size_t n_pos, size_t n_parent, size_t parent0,
                       size_t own0, void *part) {
    const struct pgr_attn_kern *kr = kern(p->dtype);
    size_t d = p->sh->d_head, end = min_size(pos + BLOCK, n_pos), done = pos;
    size_t k_at = (p->sh->n_head + kv) * d, v_at = k_at + p->sh->n_kv_head * d;
    if (end < pos + BLOCK) memset(part, 0, 2 * BLOCK * d * pgr_dtype_bytes(p->dtype));
    while (done < end) {
        bool parent = done < n_parent;
        size_t stop = parent ? min_size(end, n_parent) : end;
        size_t row = parent ? parent0 + done : own0 + done - n_parent;
        const void *k = at(p->qkv, row * p->ldqkv + k_at, p->dtype), *v = at(p->qkv, row * p->ldqkv + v_at, p->dtype);
        kr->fill(d, part, done - pos, stop - done, k, v, p->ldqkv);
        done = stop;
    }
}

static void packed_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct packed *p = ctx;
    const struct pgr_attn_shape *sh = p->sh;
    const struct pgr_attn_kern *kr = kern(p->dtype);
    size_t s = 0, d = sh->d_head, per_kv = sh->n_head / sh->n_kv_head, n_tok = p->seg->start[p->seg->n_seg];
    while (i >= seg_blocks(p, s) * sh->n_kv_head) i -= seg_blocks(p, s++) * sh->n_kv_head;
    /* Long query blocks see more keys: the last ones first leaves the small ones to even out the end. */
    size_t block = seg_blocks(p, s) - 1 - i / sh->n_kv_head, kv = i % sh->n_kv_head;

    int32_t parent = p->seg->parent ? p->seg->parent[s] : -1;
    size_t own0 = p->seg->start[s], parent0 = parent < 0 ? 0 : p->seg->start[parent];
    size_t n_parent = parent < 0 ? 0 : seg_len(p->seg, (size_t)parent);
    size_t c0 = block * TASK_COLS, n_col = min_size(TASK_COLS, seg_len(p->seg, s) * per_kv - c0),
           n_tile = div_up(n_col, COLS);

    struct column col[TASK_COLS];
    struct pgr_attn_tile tile[PGR_ATTN_TILES];
    for (size_t c = 0; c < n_col; c++) {
        size_t t = (c0 + c) / per_kv, h = kv * per_kv + (c0 + c) % per_kv, row = own0 + t;
        col[c] = (struct column){at(p->qkv, row * p->ldqkv + h * d, p->dtype),
                                 at_mut(p->out, row * p->ldout + h * d, p->dtype),
                                 p->lse ? p->lse + h * n_tok + row : NULL, n_parent + t + 1};
    }
    if (kr->begin) kr->begin();
    for (size_t j = 0; j < n_tile; j++) open_tile(kr, d, col + j * COLS, min_size(COLS, n_col - j * COLS), &tile[j]);

    alignas(64) float pages[GROUP * 2 * BLOCK * PGR_ATTN_MAX_D];
    size_t n_pos = col[n_col - 1].n_key, part_elems = 2 * BLOCK * d;
    for (size_t pos = 0; pos < n_pos; pos += GROUP * BLOCK) {
        const void *part[GROUP];
        size_t n_page = min_size(GROUP, div_up(n_pos - pos, BLOCK));
        for (size_t g = 0; g < n_page; g++) {
            void *dst = at_mut(pages, g * part_elems, p->dtype);
            build_part(p, kv, pos + g * BLOCK, n_pos, n_parent, parent0, own0, dst);
            part[g] = dst;
        }
        for (size_t j = 0; j < n_tile; j++) {
            if ((size_t)tile[j].max_key <= pos) continue;
            size_t n = min_size(n_page, div_up((size_t)tile[j].max_key - pos, BLOCK));
            kr->step(d, sh->scale * log2e, &tile[j], pos, n, part, 0, NULL);
        }
    }
    for (size_t j = 0; j < n_tile; j++) close_tile(kr, d, col + j * COLS, min_size(COLS, n_col - j * COLS), &tile[j]);
    if (kr->end) kr->end();
}

void pgr_attn_forward(const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype,
                      const void *qkv, size_t ldqkv, void *out, size_t ldout, float *lse) {
    check_shape(sh);
    struct packed p = {sh, seg, dtype, qkv, ldqkv, out, ldout, lse};
    size_t n = 0;
    for (size_t s = 0; s < seg->n_seg; s++) {
        assert(!seg->parent || seg->parent[s] < (int32_t)s);
        n += seg_blocks(&p, s) * sh->n_kv_head;
    }
    pgr_par(n, packed_task, &p);
}

size_t pgr_attn_backward_scratch(const struct pgr_attn_shape *sh, const struct pgr_segments *seg) {
    return sh->n_head * seg->start[seg->n_seg];
}

void pgr_attn_backward(const struct pgr_attn_shape *sh, const struct pgr_segments *seg, enum pgr_dtype dtype,
                       const void *qkv, size_t ldqkv, const void *out, const void *dout, size_t ldout, const float *lse,
                       void *dqkv, size_t lddqkv, float *scratch) {
    check_shape(sh);
    struct pgr_attn_bwd_call c = {sh, seg, qkv, out, dout, lse, dqkv, ldqkv, ldout, lddqkv, scratch};
    kern(dtype)->backward(&c);
}

/* ---- paged --------------------------------------------------------------------------------------------------- */

size_t pgr_attn_page_elems(const struct pgr_attn_shape *sh) { return 2 * BLOCK * sh->n_kv_head * sh->d_head; }

void pgr_attn_page_write(const struct pgr_attn_shape *sh, enum pgr_dtype dtype, void *page, size_t slot, const void *k,
                         const void *v) {
    assert(slot < BLOCK);
    size_t d = sh->d_head;
    for (size_t kv = 0; kv < sh->n_kv_head; kv++)
        kern(dtype)->fill(d, at_mut(page, kv * 2 * BLOCK * d, dtype), slot, 1, at(k, kv * d, dtype),
                          at(v, kv * d, dtype), 0);
}

struct paged {
    const struct pgr_attn_shape *sh;
    enum pgr_dtype dtype;
    size_t n_row, rows_per_task;
    const struct pgr_attn_row *rows;
    const void *pool;
    size_t page_stride;
    const void *q;
    size_t ldq;
    void *out;
    size_t ldout;
};

/* Rows walk together when the shorter one's pages begin the longer one's. */
static bool same_pages(const struct pgr_attn_row *a, const struct pgr_attn_row *b) {
    size_t n = min_size(div_up(a->n_key, BLOCK), div_up(b->n_key, BLOCK));
    return a->page == b->page || memcmp(a->page, b->page, n * sizeof *a->page) == 0;
}

/* The parts of a row's step at pos; 0 when the row ends before. */
static size_t find_parts(const struct paged *p, size_t kv, const struct pgr_attn_row *row, size_t pos,
                         const void *part[GROUP]) {
    if (pos >= row->n_key) return 0;
    size_t n = min_size(GROUP, div_up(row->n_key - pos, BLOCK));
    for (size_t g = 0; g < n; g++)
        part[g] = at(p->pool, row->page[pos / BLOCK + g] * p->page_stride + kv * 2 * BLOCK * p->sh->d_head, p->dtype);
    return n;
}

/* Columns [c0, c0 + n_col) of the rows from r0 on, which all walk the pages of the longest of them. `after`: NULL, or
 * the row that comes next. */
static void run_rows(const struct paged *p, size_t kv, size_t c0, size_t n_col, size_t r0,
                     const struct pgr_attn_row *longest, const struct pgr_attn_row *after) {
    const struct pgr_attn_shape *sh = p->sh;
    const struct pgr_attn_kern *kr = kern(p->dtype);
    size_t d = sh->d_head, per_kv = sh->n_head / sh->n_kv_head, n_tile = div_up(n_col, COLS);
    struct column col[TASK_COLS];
    struct pgr_attn_tile tile[PGR_ATTN_TILES];
    for (size_t c = 0; c < n_col; c++) {
        size_t r = r0 + (c0 + c) / per_kv, h = kv * per_kv + (c0 + c) % per_kv;
        col[c] = (struct column){at(p->q, r * p->ldq + h * d, p->dtype), at_mut(p->out, r * p->ldout + h * d, p->dtype),
                                 NULL, p->rows[r].n_key};
    }
    for (size_t j = 0; j < n_tile; j++) open_tile(kr, d, col + j * COLS, min_size(COLS, n_col - j * COLS), &tile[j]);
    size_t n_pos = longest->n_key;
    for (size_t pos = 0; pos < n_pos; pos += GROUP * BLOCK) {
        const void *part[GROUP], *next[GROUP];
        size_t n_page = find_parts(p, kv, longest, pos, part);
        size_t n_next = find_parts(p, kv, longest, pos + GROUP * BLOCK, next);
        if (n_next == 0 && after) n_next = find_parts(p, kv, after, 0, next);
        for (size_t j = 0; j < n_tile; j++) {
            if ((size_t)tile[j].max_key <= pos) continue;
            size_t n = min_size(n_page, div_up((size_t)tile[j].max_key - pos, BLOCK));
            kr->step(d, sh->scale * log2e, &tile[j], pos, n, part, j == 0 ? n_next : 0, next);
        }
    }
    for (size_t j = 0; j < n_tile; j++) close_tile(kr, d, col + j * COLS, min_size(COLS, n_col - j * COLS), &tile[j]);
}

static void paged_task(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct paged *p = ctx;
    size_t per_kv = p->sh->n_head / p->sh->n_kv_head, kv = i % p->sh->n_kv_head;
    size_t r = i / p->sh->n_kv_head * p->rows_per_task, end = min_size(r + p->rows_per_task, p->n_row);
    const struct pgr_attn_kern *kr = kern(p->dtype);
    if (kr->begin) kr->begin();
    while (r < end) {
        size_t stop = r + 1;
        const struct pgr_attn_row *longest = &p->rows[r];
        for (; stop < end && same_pages(longest, &p->rows[stop]); stop++)
            if (p->rows[stop].n_key > longest->n_key) longest = &p->rows[stop];
        size_t n_col = (stop - r) * per_kv;
        const struct pgr_attn_row *after = stop < end ? &p->rows[stop] : NULL;
        for (size_t c = 0; c < n_col; c += TASK_COLS)
            run_rows(p, kv, c, min_size(TASK_COLS, n_col - c), r, longest, after);
        r = stop;
    }
    if (kr->end) kr->end();
}

void pgr_attn_paged(const struct pgr_attn_shape *sh, enum pgr_dtype dtype, size_t n_row,
                    const struct pgr_attn_row *rows, const void *pool, size_t page_stride, const void *q, size_t ldq,
                    void *out, size_t ldout) {
    check_shape(sh);
    if (n_row == 0) return;
    size_t per_kv = sh->n_head / sh->n_kv_head, most = TASK_COLS / per_kv ? TASK_COLS / per_kv : 1;
    size_t rows_per_task = div_up(n_row * sh->n_kv_head, 4 * pgr_par_threads());
    rows_per_task = min_size(rows_per_task, most);
    struct paged p = {sh, dtype, n_row, rows_per_task, rows, pool, page_stride, q, ldq, out, ldout};
    pgr_par(div_up(n_row, rows_per_task) * sh->n_kv_head, paged_task, &p);
}
