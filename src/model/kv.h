/* kv.h - inside of the paged cache, for infer.c only.
 *
 * One block holds the pages of all layers, layer after layer: page p of layer l starts at element
 * (l * n_page + p) * page_elems. A page number names the same PGR_ATTN_BLOCK positions of a sequence in every layer.
 * Each page counts the sequences that hold it; the free pages form a stack, so that the pages used last are used again
 * first and memory that was never needed is never touched. A page that is given out is all zeros: attention reads all of
 * a page (kern/attn.h), and the last owner may have left a NaN. */
#ifndef PGR_MODEL_KV_H
#define PGR_MODEL_KV_H

#include "model/infer.h"

struct pgr_kv_seq {
    uint32_t *page; /* [max_pages], the first ceil(len / PGR_ATTN_BLOCK) are valid */
    size_t len;     /* positions */
    bool open;
};

struct pgr_kv {
    struct pgr_attn_shape shape;
    enum pgr_dtype dtype;
    size_t n_layer, n_page, page_elems;
    size_t max_seq, max_len, max_pages; /* max_pages: of one sequence */
    void *pool;
    size_t pool_bytes;
    uint32_t *n_ref; /* [n_page] */
    bool *used;      /* [n_page] has been given out before */
    uint32_t *free;  /* [n_page], a stack; the first n_free are free */
    size_t n_free;
    struct pgr_kv_seq *seq; /* [max_seq] */
    uint32_t *page_block;   /* what seq[].page point into */
};

/* Pages that n more positions of a sequence take. A fork never leaves a shared page partly filled, so the last page of
 * a sequence is its own and appending never copies. */
size_t pgr_kv_append_needs(const struct pgr_kv *kv, size_t seq, size_t n);
/* Makes the sequence n positions longer; their keys and values are the caller's to write. The caller has checked that
 * the pages are there and that max_len holds. */
void pgr_kv_append(struct pgr_kv *kv, size_t seq, size_t n);
/* First element of page 0 of a layer. */
void *pgr_kv_layer(const struct pgr_kv *kv, size_t layer);

#endif
