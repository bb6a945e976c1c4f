/* vocab.c - the table of tokens and the byte alphabet. */
#include "text/vocab.h"

#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "text/utf8.h"

void pgr_vocab_free(struct pgr_vocab *v) {
    pgr_free(v->token);
    pgr_free(v->bytes);
    pgr_free(v->slot);
    memset(v, 0, sizeof *v);
}

static uint64_t load64(const char *s) {
    uint64_t w;
    memcpy(&w, s, 8);
    return w;
}

static uint64_t load32(const char *s) {
    uint32_t w;
    memcpy(&w, s, 4);
    return w;
}

static uint64_t mix(uint64_t h, uint64_t w) {
    h = (h ^ w) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

uint64_t pgr_hash_bytes(const char *s, size_t n) {
    uint64_t h = n * 0xff51afd7ed558ccdu;
    if (n >= 8) {
        size_t i = 0;
        for (; i + 8 < n; i += 8) h = mix(h, load64(s + i));
        h = mix(h, load64(s + n - 8)); /* the last word overlaps the one before */
    } else if (n >= 4) {
        h = mix(h, load32(s) << 32 | load32(s + n - 4));
    } else if (n > 0) {
        h = mix(h, (uint64_t)(unsigned char)s[0] | (uint64_t)(unsigned char)s[n / 2] << 8 |
                       (uint64_t)(unsigned char)s[n - 1] << 16);
    }
    h *= 0xbf58476d1ce4e5b9u;
    return h ^ h >> 32;
}

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "no memory for a vocabulary"); }

static pgr_err grow_to(struct pgr_vocab *v, size_t n) {
    if (n > v->cap) {
        size_t cap = pgr_max(n, v->cap * 2);
        struct pgr_token *t = pgr_realloc(v->token, cap * sizeof *t);
        if (!t) return no_memory();
        v->token = t;
        v->cap = cap;
    }
    if (n > v->n) {
        memset(v->token + v->n, 0, (n - v->n) * sizeof *v->token);
        v->n = n;
    }
    return PGR_OK;
}

pgr_err pgr_vocab_put(struct pgr_vocab *v, int64_t id, const char *bytes, size_t n, uint32_t flags) {
    if (id < 0 || id >= PGR_VOCAB_MAX)
        return pgr_fail(PGR_E_RANGE, "token \"%.*s\" has id %lld, must be 0 to %d", (int)pgr_min(n, 64), bytes,
                        (long long)id, PGR_VOCAB_MAX - 1);
    if (n > UINT32_MAX) return pgr_fail(PGR_E_RANGE, "token %lld is too long", (long long)id);
    PGR_TRY(grow_to(v, (size_t)id + 1));
    struct pgr_token *t = &v->token[id];
    if (t->flags) {
        if (t->len != n || memcmp(v->bytes + t->at, bytes, n) != 0)
            return pgr_fail(PGR_E_FORMAT, "id %lld stands for both \"%.*s\" and \"%.*s\"", (long long)id,
                            (int)pgr_min(t->len, 64), v->bytes + t->at, (int)pgr_min(n, 64), bytes);
        t->flags |= flags;
        return PGR_OK;
    }
    if (v->cap_bytes - v->n_bytes < n || !v->bytes) {
        size_t cap = pgr_max(v->n_bytes + n + 1, v->cap_bytes * 2);
        char *b = pgr_realloc(v->bytes, cap);
        if (!b) return no_memory();
        v->bytes = b;
        v->cap_bytes = cap;
    }
    if (n > 0) memcpy(v->bytes + v->n_bytes, bytes, n);
    *t = (struct pgr_token){v->n_bytes, (uint32_t)n, flags | PGR_TOKEN_PRESENT};
    v->n_bytes += n;
    return PGR_OK;
}

/* The slot that holds these bytes, or the free one where they belong. */
static size_t find_slot(const struct pgr_vocab *v, const char *bytes, size_t n) {
    size_t i = (size_t)pgr_hash_bytes(bytes, n) & v->mask;
    for (; v->slot[i] != 0; i = (i + 1) & v->mask) {
        const struct pgr_token *t = &v->token[v->slot[i] - 1];
        if (t->len == n && memcmp(v->bytes + t->at, bytes, n) == 0) break;
    }
    return i;
}

pgr_err pgr_vocab_index(struct pgr_vocab *v) {
    size_t n_slot = 64;
    while (n_slot < 2 * v->n) n_slot *= 2;
    pgr_free(v->slot);
    v->slot = pgr_alloc_zero(n_slot, sizeof *v->slot);
    if (!v->slot) return no_memory();
    v->mask = n_slot - 1;
    for (size_t id = 0; id < v->n; id++) {
        const struct pgr_token *t = &v->token[id];
        if (!(t->flags & PGR_TOKEN_MODEL) || t->flags & PGR_TOKEN_RAW) continue;
        size_t i = find_slot(v, v->bytes + t->at, t->len);
        if (v->slot[i] != 0)
            return pgr_fail(PGR_E_FORMAT, "tokens %u and %zu are the same", (unsigned)(v->slot[i] - 1), id);
        v->slot[i] = (uint32_t)id + 1;
    }
    return PGR_OK;
}

int32_t pgr_vocab_find(const struct pgr_vocab *v, const char *bytes, size_t n) {
    return v->slot ? (int32_t)v->slot[find_slot(v, bytes, n)] - 1 : -1;
}

const struct pgr_token *pgr_vocab_get(const struct pgr_vocab *v, int64_t id) {
    return id >= 0 && (size_t)id < v->n && v->token[id].flags ? &v->token[id] : NULL;
}

static bool is_printable(uint32_t c) { return (c >= 0x21 && c <= 0x7e) || (c >= 0xa1 && c <= 0xff && c != 0xad); }

uint32_t pgr_byte_char(unsigned char byte) {
    if (is_printable(byte)) return byte;
    /* 0x00..0x20 come first, then 0x7f..0xa0, then 0xad. */
    return 0x100u + (byte <= 0x20 ? byte : byte <= 0xa0 ? byte - 0x7fu + 0x21u : 0x43u);
}

bool pgr_byte_chars_decode(const char *piece, size_t n, char *out, size_t *n_out) {
    size_t k = 0;
    for (size_t i = 0; i < n;) {
        size_t len;
        uint32_t c = pgr_utf8_decode(piece + i, &len);
        if (is_printable(c)) {
            out[k++] = (char)c;
        } else if (c >= 0x100 && c <= 0x143) {
            uint32_t j = c - 0x100;
            out[k++] = (char)(j <= 0x20 ? j : j <= 0x42 ? j - 0x21 + 0x7f : 0xad);
        } else {
            return false;
        }
        i += len;
    }
    *n_out = k;
    return true;
}
