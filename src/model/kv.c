/* kv.c - the paged key/value cache: page tables, reference counts, forks. */
#include "model/kv.h"

#include <assert.h>
#include <string.h>

#include "base/size.h"

static struct pgr_attn_shape shape_of(const struct pgr_config *cfg) {
    return (struct pgr_attn_shape){
        .n_head = cfg->n_head, .n_kv_head = cfg->n_kv_head, .d_head = cfg->d_head, .scale = 1.0f};
}

size_t pgr_kv_bytes(const struct pgr_config *cfg, enum pgr_dtype dtype, size_t n_page) {
    struct pgr_attn_shape sh = shape_of(cfg);
    size_t bytes;
    if (!pgr_mul(pgr_attn_page_elems(&sh), pgr_dtype_bytes(dtype), &bytes) || !pgr_mul(bytes, cfg->n_layer, &bytes) ||
        !pgr_mul(bytes, n_page, &bytes))
        return SIZE_MAX;
    return bytes;
}

pgr_err pgr_kv_new(const struct pgr_model *m, size_t n_page, size_t max_seq, size_t max_len, struct pgr_kv **out) {
    size_t max_pages = pgr_div_up(max_len, PGR_ATTN_BLOCK), table, bytes = pgr_kv_bytes(&m->cfg, m->dtype, n_page);
    if (n_page == 0 || n_page > UINT32_MAX || max_seq == 0 || max_len == 0 || !pgr_mul(max_seq, max_pages, &table) ||
        bytes == SIZE_MAX)
        return pgr_fail(PGR_E_RANGE, "key/value cache of %zu pages for %zu sequences of %zu tokens", n_page, max_seq,
                        max_len);
    struct pgr_kv *kv = pgr_alloc_zero(1, sizeof *kv);
    if (!kv) return pgr_fail(PGR_E_NOMEM, "out of memory for the key/value cache's tables");
    kv->shape = shape_of(&m->cfg);
    kv->dtype = m->dtype;
    kv->n_layer = m->cfg.n_layer;
    kv->n_page = n_page;
    kv->page_elems = pgr_attn_page_elems(&kv->shape);
    kv->max_seq = max_seq;
    kv->max_len = max_len;
    kv->max_pages = max_pages;
    kv->n_ref = pgr_alloc_zero(n_page, sizeof *kv->n_ref);
    kv->used = pgr_alloc_zero(n_page, sizeof *kv->used);
    kv->free = pgr_alloc_array(n_page, sizeof *kv->free);
    kv->seq = pgr_alloc_zero(max_seq, sizeof *kv->seq);
    kv->page_block = pgr_alloc_array(table, sizeof *kv->page_block);
    if (!kv->n_ref || !kv->used || !kv->free || !kv->seq || !kv->page_block) {
        pgr_kv_free(kv);
        return pgr_fail(PGR_E_NOMEM, "out of memory for the key/value cache's tables");
    }
    kv->pool = pgr_block_new(bytes);
    if (!kv->pool) {
        pgr_kv_free(kv);
        return pgr_fail(PGR_E_NOMEM, "out of memory: the key/value cache of %zu tokens takes %.2f GB",
                        n_page * PGR_ATTN_BLOCK, (double)bytes * 1e-9);
    }
    kv->pool_bytes = bytes;
    for (size_t i = 0; i < n_page; i++) kv->free[i] = (uint32_t)(n_page - 1 - i);
    kv->n_free = n_page;
    for (size_t i = 0; i < max_seq; i++) kv->seq[i].page = kv->page_block + i * max_pages;
    *out = kv;
    return PGR_OK;
}

void pgr_kv_free(struct pgr_kv *kv) {
    if (!kv) return;
    if (kv->pool) pgr_block_free(kv->pool, kv->pool_bytes);
    pgr_free(kv->n_ref);
    pgr_free(kv->used);
    pgr_free(kv->free);
    pgr_free(kv->seq);
    pgr_free(kv->page_block);
    pgr_free(kv);
}

size_t pgr_kv_pages_free(const struct pgr_kv *kv) { return kv->n_free; }

size_t pgr_kv_len(const struct pgr_kv *kv, size_t seq) {
    assert(seq < kv->max_seq && kv->seq[seq].open);
    return kv->seq[seq].len;
}

void *pgr_kv_layer(const struct pgr_kv *kv, size_t layer) {
    return (unsigned char *)kv->pool + layer * kv->n_page * kv->page_elems * pgr_dtype_bytes(kv->dtype);
}

static unsigned char *page_at(const struct pgr_kv *kv, size_t layer, uint32_t page) {
    return (unsigned char *)pgr_kv_layer(kv, layer) + page * kv->page_elems * pgr_dtype_bytes(kv->dtype);
}

static uint32_t take_page(struct pgr_kv *kv) {
    uint32_t p = kv->free[--kv->n_free];
    kv->n_ref[p] = 1;
    for (size_t l = 0; kv->used[p] && l < kv->n_layer; l++)
        memset(page_at(kv, l, p), 0, kv->page_elems * pgr_dtype_bytes(kv->dtype));
    kv->used[p] = true;
    return p;
}

pgr_err pgr_kv_open(struct pgr_kv *kv, size_t *seq) {
    for (size_t i = 0; i < kv->max_seq; i++)
        if (!kv->seq[i].open) {
            kv->seq[i].open = true;
            kv->seq[i].len = 0;
            *seq = i;
            return PGR_OK;
        }
    return pgr_fail(PGR_E_NOMEM, "key/value cache: all %zu sequences are in use", kv->max_seq);
}

static void copy_page(struct pgr_kv *kv, uint32_t from, uint32_t to) {
    for (size_t l = 0; l < kv->n_layer; l++)
        memcpy(page_at(kv, l, to), page_at(kv, l, from), kv->page_elems * pgr_dtype_bytes(kv->dtype));
}

pgr_err pgr_kv_fork(struct pgr_kv *kv, size_t seq, size_t *copy) {
    assert(seq < kv->max_seq && kv->seq[seq].open);
    const struct pgr_kv_seq *from = &kv->seq[seq];
    size_t n_full = from->len / PGR_ATTN_BLOCK;
    bool partial = from->len % PGR_ATTN_BLOCK != 0;
    if (partial && kv->n_free == 0)
        return pgr_fail(PGR_E_NOMEM, "key/value cache: no page is free for a copy (%zu pages)", kv->n_page);
    size_t id = 0;
    PGR_TRY(pgr_kv_open(kv, &id));
    struct pgr_kv_seq *to = &kv->seq[id];
    to->len = from->len;
    for (size_t i = 0; i < n_full; i++) {
        to->page[i] = from->page[i];
        kv->n_ref[from->page[i]]++;
    }
    if (partial) {
        to->page[n_full] = take_page(kv);
        copy_page(kv, from->page[n_full], to->page[n_full]);
    }
    *copy = id;
    return PGR_OK;
}

void pgr_kv_close(struct pgr_kv *kv, size_t seq) {
    assert(seq < kv->max_seq && kv->seq[seq].open);
    struct pgr_kv_seq *s = &kv->seq[seq];
    for (size_t i = pgr_div_up(s->len, PGR_ATTN_BLOCK); i-- > 0;) {
        uint32_t p = s->page[i];
        assert(kv->n_ref[p] > 0);
        if (--kv->n_ref[p] == 0) kv->free[kv->n_free++] = p;
    }
    s->open = false;
    s->len = 0;
}

size_t pgr_kv_append_needs(const struct pgr_kv *kv, size_t seq, size_t n) {
    assert(seq < kv->max_seq && kv->seq[seq].open);
    size_t len = kv->seq[seq].len;
    return pgr_div_up(len + n, PGR_ATTN_BLOCK) - pgr_div_up(len, PGR_ATTN_BLOCK);
}

void pgr_kv_append(struct pgr_kv *kv, size_t seq, size_t n) {
    size_t need = pgr_kv_append_needs(kv, seq, n);
    struct pgr_kv_seq *s = &kv->seq[seq];
    assert(s->len + n <= kv->max_len && need <= kv->n_free);
    size_t at = pgr_div_up(s->len, PGR_ATTN_BLOCK);
    for (size_t i = 0; i < need; i++) s->page[at + i] = take_page(kv);
    s->len += n;
}
