/* bpe.c - byte-pair encoding.
 *
 * Short pieces are merged in place with a scan for the lowest rank; long ones (text without spaces, hostile input) with
 * a heap, in n log n. Results of short pieces are kept in a table with one place per hash, where the newest wins. */
#include "text/bpe.h"

#include <string.h>

#include "base/mem.h"
#include "base/size.h"

enum {
    N_CACHE = 1 << 15, /* 64 bytes each */
    CACHE_IDS = 8,     /* most tokens kept */
    MAX_SCANNED = 48   /* bytes of a piece merged by scanning */
};
static const uint32_t NO_RANK = UINT32_MAX;

struct entry {
    int32_t id[CACHE_IDS];
    uint64_t hash;
    unsigned char n_id, n; /* n = 0: free */
    char piece[22];
};
_Static_assert(sizeof(struct entry) == 64, "one cache line an entry");

pgr_err pgr_ids_reserve(struct pgr_ids *ids, size_t n) {
    if (ids->cap - ids->n >= n) return PGR_OK;
    size_t want;
    if (!pgr_add(ids->n, n, &want) || want > SIZE_MAX / 2 / sizeof *ids->id)
        return pgr_fail(PGR_E_NOMEM, "no memory for %zu token ids", n);
    size_t cap = pgr_max(pgr_max(want, ids->cap * 2), 64);
    int32_t *id = pgr_realloc(ids->id, cap * sizeof *id);
    if (!id) return pgr_fail(PGR_E_NOMEM, "no memory for %zu token ids", cap);
    ids->id = id;
    ids->cap = cap;
    return PGR_OK;
}

pgr_err pgr_ids_add(struct pgr_ids *ids, int32_t id) {
    PGR_TRY(pgr_ids_reserve(ids, 1));
    ids->id[ids->n++] = id;
    return PGR_OK;
}

void pgr_ids_free(struct pgr_ids *ids) {
    pgr_free(ids->id);
    memset(ids, 0, sizeof *ids);
}

pgr_err pgr_bpe_init(struct pgr_bpe *b, const struct pgr_vocab *vocab, size_t n) {
    *b = (struct pgr_bpe){.vocab = vocab, .n = n, .unk = -1};
    size_t n_slot = 64;
    while (n_slot < 2 * n) n_slot *= 2;
    b->merge = pgr_alloc_array(n_slot, sizeof *b->merge);
    if (!b->merge) return pgr_fail(PGR_E_NOMEM, "no memory for %zu merges", n);
    memset(b->merge, 0xff, n_slot * sizeof *b->merge);
    b->mask = n_slot - 1;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        b->byte_id[c] = pgr_vocab_find(vocab, &byte, 1);
    }
    return PGR_OK;
}

void pgr_bpe_free(struct pgr_bpe *b) {
    pgr_free(b->merge);
    b->merge = NULL;
}

static size_t merge_slot(const struct pgr_bpe *b, uint64_t pair) {
    uint64_t h = pair * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h ^ h >> 32) & b->mask;
    while (b->merge[i].pair != UINT64_MAX && b->merge[i].pair != pair) i = (i + 1) & b->mask;
    return i;
}

static uint64_t make_pair(int32_t left, int32_t right) { return (uint64_t)(uint32_t)left << 32 | (uint32_t)right; }

/* The rank of a pair and the token it makes; NO_RANK if there is none. */
static inline uint32_t find_merge(const struct pgr_bpe *b, int32_t left, int32_t right, int32_t *id) {
    const struct pgr_merge *m = &b->merge[merge_slot(b, make_pair(left, right))];
    *id = m->id;
    return m->rank; /* all bits set in a free slot */
}

pgr_err pgr_bpe_add(struct pgr_bpe *b, uint32_t rank, const char *left, size_t n_left, const char *right,
                    size_t n_right) {
    char joined[512], *bytes = joined;
    if (n_left + n_right > sizeof joined) {
        bytes = pgr_alloc(n_left + n_right);
        if (!bytes) return pgr_fail(PGR_E_NOMEM, "no memory for a merge");
    }
    memcpy(bytes, left, n_left);
    memcpy(bytes + n_left, right, n_right);
    int32_t l = pgr_vocab_find(b->vocab, left, n_left), r = pgr_vocab_find(b->vocab, right, n_right),
            both = pgr_vocab_find(b->vocab, bytes, n_left + n_right);
    if (bytes != joined) pgr_free(bytes);
    if (l < 0 || r < 0 || both < 0)
        return pgr_fail(PGR_E_FORMAT, "merge %u: %s is not in the vocabulary", (unsigned)rank,
                        l < 0   ? "its left part"
                        : r < 0 ? "its right part"
                                : "its result");
    b->merge[merge_slot(b, make_pair(l, r))] = (struct pgr_merge){make_pair(l, r), rank, both};
    return PGR_OK;
}

/* The tokens of single bytes into id[n]; returns their number. */
static size_t start_tokens(const struct pgr_bpe *b, const char *piece, size_t n, int32_t *id) {
    size_t k = 0;
    bool after_unk = false;
    for (size_t i = 0; i < n; i++) {
        int32_t t = b->byte_id[(unsigned char)piece[i]];
        if (t < 0) {
            if (b->unk >= 0 && !(after_unk && b->fuse_unk)) id[k++] = b->unk;
            after_unk = true;
        } else {
            id[k++] = t;
            after_unk = false;
        }
    }
    return k;
}

/* Merges id[n] in place; returns the new number. */
static size_t merge_by_scan(const struct pgr_bpe *b, int32_t *id, size_t n) {
    uint32_t rank[MAX_SCANNED]; /* of the pair (i, i + 1) */
    int32_t made[MAX_SCANNED];
    if (n < 2) return n;
    for (size_t i = 0; i + 1 < n; i++) rank[i] = find_merge(b, id[i], id[i + 1], &made[i]);
    while (n > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < n; i++)
            if (rank[i] < rank[best]) best = i;
        if (rank[best] == NO_RANK) break;
        id[best] = made[best];
        n--;
        for (size_t i = best + 1; i < n; i++) id[i] = id[i + 1];
        for (size_t i = best + 1; i + 1 < n; i++) rank[i] = rank[i + 1], made[i] = made[i + 1];
        if (best + 1 < n) rank[best] = find_merge(b, id[best], id[best + 1], &made[best]);
        if (best > 0) rank[best - 1] = find_merge(b, id[best - 1], id[best], &made[best - 1]);
    }
    return n;
}

/* A binary heap of rank << 32 | position: the lowest rank first, the leftmost of equals. */
struct heap {
    uint64_t *item;
    size_t n;
};

static void heap_push(struct heap *h, uint64_t v) {
    size_t i = h->n++;
    for (; i > 0 && h->item[(i - 1) / 2] > v; i = (i - 1) / 2) h->item[i] = h->item[(i - 1) / 2];
    h->item[i] = v;
}

static uint64_t heap_pop(struct heap *h) {
    uint64_t top = h->item[0], v = h->item[--h->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->n) break;
        if (child + 1 < h->n && h->item[child + 1] < h->item[child]) child++;
        if (h->item[child] >= v) break;
        h->item[i] = h->item[child];
        i = child;
    }
    h->item[i] = v;
    return top;
}

/* Per byte: the token, its neighbours, and at most three heap items (one at the start, two for each merge). */
enum { WORK_BYTES = sizeof(int32_t) + 2 * sizeof(uint32_t) + 3 * sizeof(uint64_t) };

static pgr_err get_work(struct pgr_bpe_scratch *x, size_t n) {
    if (x->work_bytes / WORK_BYTES >= n) return PGR_OK;
    size_t bytes;
    pgr_free(x->work);
    x->work = NULL;
    x->work_bytes = 0;
    if (!pgr_mul(n, WORK_BYTES, &bytes) || !(x->work = pgr_alloc(bytes)))
        return pgr_fail(PGR_E_NOMEM, "no memory to encode a word of %zu bytes", n);
    x->work_bytes = bytes;
    return PGR_OK;
}

static pgr_err encode_long(const struct pgr_bpe *b, struct pgr_bpe_scratch *x, const char *piece, size_t n,
                           struct pgr_ids *out) {
    PGR_TRY(get_work(x, n));
    struct heap h = {x->work, 0};
    uint32_t *prev = (uint32_t *)(h.item + 3 * n), *next = prev + n;
    int32_t *id = (int32_t *)(next + n), made;
    n = start_tokens(b, piece, n, id);
    if (n == 0) return PGR_OK;
    for (size_t i = 0; i < n; i++) {
        prev[i] = (uint32_t)i - 1; /* UINT32_MAX before the first */
        next[i] = (uint32_t)i + 1; /* n after the last */
        if (i + 1 == n) break;
        uint32_t rank = find_merge(b, id[i], id[i + 1], &made);
        if (rank != NO_RANK) heap_push(&h, (uint64_t)rank << 32 | i);
    }
    while (h.n > 0) {
        uint64_t top = heap_pop(&h);
        size_t i = (uint32_t)top, j = next[i];
        /* The item is stale when its token was swallowed (id -1) or one of the two has changed since. */
        if (id[i] < 0 || j >= n || find_merge(b, id[i], id[j], &made) != top >> 32) continue;
        id[i] = made;
        id[j] = -1;
        next[i] = next[j];
        if (next[i] < n) {
            prev[next[i]] = (uint32_t)i;
            uint32_t rank = find_merge(b, id[i], id[next[i]], &made);
            if (rank != NO_RANK) heap_push(&h, (uint64_t)rank << 32 | i);
        }
        if (prev[i] != UINT32_MAX) {
            uint32_t rank = find_merge(b, id[prev[i]], id[i], &made);
            if (rank != NO_RANK) heap_push(&h, (uint64_t)rank << 32 | prev[i]);
        }
    }
    PGR_TRY(pgr_ids_reserve(out, n));
    for (size_t i = 0; i < n; i = next[i]) out->id[out->n++] = id[i];
    return PGR_OK;
}

static pgr_err encode(const struct pgr_bpe *b, struct pgr_bpe_scratch *x, const char *piece, size_t n,
                      struct pgr_ids *out) {
    if (b->ignore_merges) {
        int32_t id = pgr_vocab_find(b->vocab, piece, n);
        if (id >= 0) return pgr_ids_add(out, id);
    }
    if (n > MAX_SCANNED) return encode_long(b, x, piece, n, out);
    PGR_TRY(pgr_ids_reserve(out, n));
    int32_t *id = out->id + out->n;
    out->n += merge_by_scan(b, id, start_tokens(b, piece, n, id));
    return PGR_OK;
}

void pgr_bpe_scratch_free(struct pgr_bpe_scratch *x) {
    pgr_free(x->cache);
    pgr_free(x->work);
    memset(x, 0, sizeof *x);
}

pgr_err pgr_bpe_encode(const struct pgr_bpe *b, struct pgr_bpe_scratch *x, const char *piece, size_t n,
                       struct pgr_ids *out) {
    enum { MAX_PIECE = sizeof((struct entry *)0)->piece };
    if (n == 0) return PGR_OK;
    if (n > MAX_PIECE) return encode(b, x, piece, n, out);
    if (!x->cache && !(x->cache = pgr_alloc_zero(N_CACHE, sizeof(struct entry))))
        return pgr_fail(PGR_E_NOMEM, "no memory for a cache of words");
    uint64_t hash = pgr_hash_bytes(piece, n);
    struct entry *e = (struct entry *)x->cache + (hash & (N_CACHE - 1));
    if (e->hash == hash && e->n == n && memcmp(e->piece, piece, n) == 0) {
        PGR_TRY(pgr_ids_reserve(out, CACHE_IDS));
        memcpy(out->id + out->n, e->id, sizeof e->id); /* all places: cheaper than asking how many */
        out->n += e->n_id;
        return PGR_OK;
    }
    size_t before = out->n;
    PGR_TRY(encode(b, x, piece, n, out));
    size_t n_id = out->n - before;
    if (n_id <= CACHE_IDS) {
        memcpy(e->id, out->id + before, n_id * sizeof *e->id);
        e->hash = hash;
        e->n_id = (unsigned char)n_id;
        e->n = (unsigned char)n;
        memcpy(e->piece, piece, n);
    }
    return PGR_OK;
}
