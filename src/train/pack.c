/* pack.c - see pack.h. */
#include "train/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"

/* A prompt with some of its completions: sequences [first, first + n). */
struct piece {
    size_t first, n, n_tok;
    size_t pass;
};

static size_t fed(const struct pgr_seq *s) { return s->n_completion - 1; }

/* Cuts the groups into pieces of at most max_tok tokens; piece[n] is large enough. */
static pgr_err cut(const struct pgr_seq *seq, size_t n, size_t max_tok, struct piece *piece, size_t *n_piece) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        size_t alone = seq[i].n_prompt + fed(&seq[i]);
        if (alone > max_tok)
            return pgr_fail(PGR_E_SHAPE, "a prompt of %zu and a completion of %zu tokens do not fit a pass of %zu",
                            seq[i].n_prompt, seq[i].n_completion, max_tok);
        bool same = i > 0 && seq[i].group == seq[i - 1].group;
        if (same && piece[k - 1].n_tok + fed(&seq[i]) <= max_tok) {
            piece[k - 1].n++;
            piece[k - 1].n_tok += fed(&seq[i]);
        } else {
            piece[k++] = (struct piece){.first = i, .n = 1, .n_tok = alone};
        }
    }
    *n_piece = k;
    return PGR_OK;
}

static int larger_first(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->n_tok != y->n_tok) return x->n_tok < y->n_tok ? 1 : -1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_pass_then_order(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->pass != y->pass) return x->pass < y->pass ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* First-fit decreasing; load[n_piece] is scratch. Returns the number of passes. */
static size_t assign(struct piece *piece, size_t n_piece, size_t max_tok, size_t *load) {
    size_t n_pass = 0;
    qsort(piece, n_piece, sizeof *piece, larger_first);
    for (size_t i = 0; i < n_piece; i++) {
        size_t p = 0;
        while (p < n_pass && load[p] + piece[i].n_tok > max_tok) p++;
        if (p == n_pass) load[n_pass++] = 0;
        load[p] += piece[i].n_tok;
        piece[i].pass = p;
    }
    qsort(piece, n_piece, sizeof *piece, by_pass_then_order);
    return n_pass;
}

static void pass_free(struct pgr_pass *p) {
    pgr_free((void *)(uintptr_t)p->batch.token);
    pgr_free((void *)(uintptr_t)p->batch.seg.start);
    pgr_free((void *)(uintptr_t)p->batch.seg.parent);
    pgr_free(p->row);
    pgr_free(p->target);
    pgr_free(p->seq);
    pgr_free(p->row_start);
    *p = (struct pgr_pass){.n_row = 0};
}

struct fill {
    struct pgr_pass *p;
    int32_t *token, *parent;
    size_t *start;
};

static void add_segment(struct fill *f, const int32_t *token, size_t n, int32_t parent) {
    struct pgr_batch *b = &f->p->batch;
    memcpy(f->token + b->n_tok, token, n * sizeof *token);
    b->n_tok += n;
    f->parent[b->seg.n_seg++] = parent;
    f->start[b->seg.n_seg] = b->n_tok;
}

static void add_piece(struct fill *f, const struct pgr_seq *seq, const struct piece *piece) {
    struct pgr_pass *p = f->p;
    const struct pgr_seq *s = &seq[piece->first];
    int32_t prompt = (int32_t)p->batch.seg.n_seg;
    add_segment(f, s->prompt, s->n_prompt, -1);
    uint32_t last = (uint32_t)(p->batch.n_tok - 1);
    for (size_t i = 0; i < piece->n; i++, s++) {
        uint32_t at = (uint32_t)p->batch.n_tok;
        if (fed(s) > 0) add_segment(f, s->completion, fed(s), prompt);
        for (size_t t = 0; t < s->n_completion; t++) {
            p->row[p->n_row] = t == 0 ? last : at + (uint32_t)t - 1;
            p->target[p->n_row++] = s->completion[t];
        }
        p->seq[p->n_seq++] = piece->first + i;
        p->row_start[p->n_seq] = p->n_row;
    }
}

/* One pass from its pieces. */
static pgr_err fill_pass(struct pgr_pass *p, const struct pgr_seq *seq, const struct piece *piece, size_t n_piece) {
    size_t n_tok = 0, n_seq = 0, n_row = 0;
    for (size_t i = 0; i < n_piece; i++) {
        n_tok += piece[i].n_tok;
        n_seq += piece[i].n;
        for (size_t k = 0; k < piece[i].n; k++) n_row += seq[piece[i].first + k].n_completion;
    }
    struct fill f = {.p = p,
                     .token = pgr_alloc_array(n_tok, sizeof *f.token),
                     .parent = pgr_alloc_array(n_seq + n_piece, sizeof *f.parent),
                     .start = pgr_alloc_array(n_seq + n_piece + 1, sizeof *f.start)};
    p->row = pgr_alloc_array(n_row, sizeof *p->row);
    p->target = pgr_alloc_array(n_row, sizeof *p->target);
    p->seq = pgr_alloc_array(n_seq, sizeof *p->seq);
    p->row_start = pgr_alloc_array(n_seq + 1, sizeof *p->row_start);
    p->batch = (struct pgr_batch){.token = f.token, .seg = {.start = f.start, .parent = f.parent}};
    if (!f.token || !f.parent || !f.start || !p->row || !p->target || !p->seq || !p->row_start)
        return pgr_fail(PGR_E_NOMEM, "out of memory for a pass of %zu tokens", n_tok);
    f.start[0] = 0;
    p->row_start[0] = 0;
    for (size_t i = 0; i < n_piece; i++) add_piece(&f, seq, &piece[i]);
    return PGR_OK;
}

static pgr_err pack_pieces(const struct pgr_seq *seq, struct piece *piece, size_t n_piece, size_t n_pass,
                           struct pgr_passes *out) {
    out->pass = pgr_alloc_zero(n_pass, sizeof *out->pass);
    if (!out->pass) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu passes", n_pass);
    out->n = n_pass;
    for (size_t i = 0, end; i < n_piece; i = end) {
        for (end = i + 1; end < n_piece && piece[end].pass == piece[i].pass;) end++;
        struct pgr_pass *p = &out->pass[piece[i].pass];
        PGR_TRY(fill_pass(p, seq, piece + i, end - i));
        out->max_tok = pgr_max(out->max_tok, p->batch.n_tok);
        out->max_seg = pgr_max(out->max_seg, p->batch.seg.n_seg);
        out->max_row = pgr_max(out->max_row, p->n_row);
    }
    return PGR_OK;
}

pgr_err pgr_pack(const struct pgr_seq *seq, size_t n, size_t max_tok, struct pgr_passes *out) {
    struct pgr_passes made = {NULL, 0, 0, 0, 0};
    if (n == 0) {
        *out = made;
        return PGR_OK;
    }
    struct piece *piece = pgr_alloc_array(n, sizeof *piece);
    size_t *load = pgr_alloc_array(n, sizeof *load), n_piece = 0;
    pgr_err err = piece && load ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu sequences", n);
    if (err == PGR_OK) err = cut(seq, n, max_tok, piece, &n_piece);
    if (err == PGR_OK) err = pack_pieces(seq, piece, n_piece, assign(piece, n_piece, max_tok, load), &made);
    pgr_free(piece);
    pgr_free(load);
    if (err != PGR_OK) {
        pgr_passes_free(&made);
        return err;
    }
    *out = made;
    return PGR_OK;
}

void pgr_passes_free(struct pgr_passes *p) {
    for (size_t i = 0; i < p->n; i++) pass_free(&p->pass[i]);
    pgr_free(p->pass);
    *p = (struct pgr_passes){NULL, 0, 0, 0, 0};
}
