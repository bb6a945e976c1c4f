/* bpe.h - byte-pair encoding of one piece of text.
 *
 * A piece starts as one token a byte; then, as long as two neighbours have a merge, the pair with the lowest rank (the
 * leftmost of equals) becomes one token. Source: Sennrich et al., arXiv:1508.07909; ranks and ties as in `tokenizers`.
 */
#ifndef PGR_TEXT_BPE_H
#define PGR_TEXT_BPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "text/tok.h"
#include "text/vocab.h"

struct pgr_merge {
    uint64_t pair; /* left << 32 | right; UINT64_MAX = free slot */
    uint32_t rank;
    int32_t id;
};

struct pgr_bpe {
    const struct pgr_vocab *vocab; /* borrowed */
    struct pgr_merge *merge;       /* [mask + 1] hash table */
    size_t mask, n;
    int32_t byte_id[256]; /* -1: the vocabulary lacks this byte */
    int32_t unk;          /* stands for a byte without token; -1: such bytes are left out, as `tokenizers` does */
    bool fuse_unk;        /* one for several in a row */
    bool ignore_merges;   /* a piece that is a token as a whole is not looked into */
};

/* Starts an empty table for n merges over an indexed vocabulary. */
PGR_MUST_CHECK pgr_err pgr_bpe_init(struct pgr_bpe *b, const struct pgr_vocab *vocab, size_t n);
void pgr_bpe_free(struct pgr_bpe *b);
/* The next merge in order of rank, by the tokens' bytes; `rank` < the n of init. A pair given twice has the later rank.
 * PGR_E_FORMAT when left, right or both together are no token. */
PGR_MUST_CHECK pgr_err pgr_bpe_add(struct pgr_bpe *b, uint32_t rank, const char *left, size_t n_left, const char *right,
                                   size_t n_right);

struct pgr_bpe_scratch { /* one a thread; a zero one is ready */
    void *cache;
    void *work;
    size_t work_bytes;
};
void pgr_bpe_scratch_free(struct pgr_bpe_scratch *x);

/* Appends the tokens of piece[n], any bytes, n < 2^31. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_bpe_encode(const struct pgr_bpe *b, struct pgr_bpe_scratch *x, const char *piece, size_t n,
                                      struct pgr_ids *out);

/* Room for n more ids. */
PGR_MUST_CHECK pgr_err pgr_ids_reserve(struct pgr_ids *ids, size_t n);

#endif
