/* compare.c - equality of wire values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sbx/wire.h"

/* ---- taking apart ---- */

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t hash_bytes(uint64_t h, const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
    return mix(h, n);
}

struct builder {
    const unsigned char *p;
    struct pgr_wire_node *node;
    size_t n;
};

static size_t count(struct builder *b) {
    size_t v = 0;
    while (*b->p >= '0' && *b->p <= '9') v = v * 10 + (size_t)(*b->p++ - '0');
    b->p++;
    return v;
}

/* 0.0 and -0.0 are equal, and all NaNs are: one hash for each. */
static uint64_t hash_real(const unsigned char *p) {
    double d = pgr_wire_real(p);
    if (isnan(d)) return 0x7ff8;
    if (d == 0) return 0;
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

static void build(struct builder *b);

static void build_items(struct builder *b, struct pgr_wire_node *self, size_t n, bool pairs, bool ordered) {
    uint64_t h = mix(self->kind, n);
    self->n = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        struct pgr_wire_node *first = b->node + b->n;
        build(b);
        uint64_t item = first->hash;
        if (pairs) {
            struct pgr_wire_node *second = b->node + b->n;
            build(b);
            item = mix(item, second->hash);
        }
        h = ordered ? mix(h, item) : h + mix(item, 0x5bd1e995);
    }
    self->hash = mix(h, 1);
}

static void build(struct builder *b) {
    size_t index = b->n++;
    struct pgr_wire_node *self = b->node + index;
    const unsigned char *start = b->p;
    self->at = start;
    self->kind = *b->p++;
    size_t n;
    switch (self->kind) {
    case 'i':
    case 'x':
        b->p = (const unsigned char *)strchr((const char *)b->p, ';') + 1;
        self->n = (uint32_t)(b->p - start);
        self->hash = hash_bytes(self->kind, start, self->n);
        break;
    case 'r':
        b->p += 16;
        self->n = 17;
        self->hash = mix('r', hash_real(start + 1));
        break;
    case 'c':
        b->p += 32;
        self->n = 33;
        self->hash = mix(mix('c', hash_real(start + 1)), hash_real(start + 17));
        break;
    case 's':
    case 'b':
        n = count(b);
        self->at = b->p;
        self->n = (uint32_t)n;
        b->p += n;
        self->hash = hash_bytes(self->kind, self->at, n);
        break;
    case 'l':
    case 't': build_items(b, self, count(b), false, true); break;
    case 'u':
    case 'z': build_items(b, self, count(b), false, false); break;
    case 'd': build_items(b, self, count(b), true, false); break;
    case 'o':
        n = count(b);
        b->p += n;
        self->n = (uint32_t)(b->p - start);
        break;
    default: /* N T F */ self->n = 1; self->hash = mix(self->kind, 0);
    }
    self->n_nodes = (uint32_t)(b->n - index);
}

pgr_err pgr_wire_parse(const unsigned char *bytes, size_t n, struct pgr_wire_value *out) {
    struct pgr_wire_scan s;
    const char *bad = pgr_wire_scan(bytes, n, PGR_WIRE_OPAQUE, &s);
    if (bad || s.n_bytes != n) return pgr_fail(PGR_E_FORMAT, "wire value: %s", bad ? bad : "bytes after the value");
    struct pgr_wire_node *node = pgr_alloc_array(s.n_nodes, sizeof *node);
    if (!node) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu values", s.n_nodes);
    memset(node, 0, s.n_nodes * sizeof *node);
    struct builder b = {bytes, node, 0};
    build(&b);
    *out = (struct pgr_wire_value){node, s.n_nodes};
    return PGR_OK;
}

void pgr_wire_free(struct pgr_wire_value *v) {
    pgr_free(v->node);
    *v = (struct pgr_wire_value){NULL, 0};
}

/* ---- comparing ---- */

struct compare {
    double atol, rtol;
    bool no_memory;
};

static bool equal_real(const struct compare *c, const unsigned char *got, const unsigned char *want) {
    double g = pgr_wire_real(got), w = pgr_wire_real(want);
    if (g == w || (isnan(g) && isnan(w))) return true;
    if (!isfinite(g) || !isfinite(w)) return false;
    return fabs(g - w) <= c->atol + c->rtol * fabs(w);
}

static int by_hash(const void *a, const void *b) {
    uint64_t x = (*(const struct pgr_wire_node *const *)a)->hash, y = (*(const struct pgr_wire_node *const *)b)->hash;
    return x < y ? -1 : x > y;
}

static bool equal(struct compare *c, const struct pgr_wire_node *got, const struct pgr_wire_node *want);

/* Sets and dicts: both sides sorted by the hash of element or key, then compared pair by pair. Two different elements
 * with one hash may pair wrongly, which can only turn equal into different: nothing to gain for a program. */
static bool equal_unordered(struct compare *c, const struct pgr_wire_node *got, const struct pgr_wire_node *want,
                            bool pairs) {
    size_t n = want->n;
    const struct pgr_wire_node **list = pgr_alloc_array(n * 2, sizeof *list);
    if (!list) {
        c->no_memory = true;
        return false;
    }
    const struct pgr_wire_node *const tops[2] = {got, want};
    for (size_t side = 0; side < 2; side++) {
        const struct pgr_wire_node *at = tops[side] + 1;
        for (size_t i = 0; i < n; i++) {
            list[side * n + i] = at;
            at += at->n_nodes;
            if (pairs) at += at->n_nodes;
        }
        qsort(list + side * n, n, sizeof *list, by_hash);
    }
    struct compare exact = {0, 0, false};
    bool same = true;
    for (size_t i = 0; same && i < n; i++) {
        const struct pgr_wire_node *g = list[i], *w = list[n + i];
        same = g->hash == w->hash && equal(&exact, g, w);
        if (same && pairs) same = equal(c, g + g->n_nodes, w + w->n_nodes);
    }
    c->no_memory |= exact.no_memory;
    pgr_free(list);
    return same;
}

static bool equal(struct compare *c, const struct pgr_wire_node *got, const struct pgr_wire_node *want) {
    if (got->kind != want->kind || got->n_nodes != want->n_nodes) return false;
    switch (want->kind) {
    case 'N':
    case 'T':
    case 'F': return true;
    case 'r': return equal_real(c, got->at + 1, want->at + 1);
    case 'c': return equal_real(c, got->at + 1, want->at + 1) && equal_real(c, got->at + 17, want->at + 17);
    case 'i':
    case 'x':
    case 's':
    case 'b': return got->n == want->n && memcmp(got->at, want->at, want->n) == 0;
    case 'l':
    case 't': {
        if (got->n != want->n) return false;
        const struct pgr_wire_node *g = got + 1, *w = want + 1;
        for (uint32_t i = 0; i < want->n; i++, g += g->n_nodes, w += w->n_nodes)
            if (!equal(c, g, w)) return false;
        return true;
    }
    case 'u':
    case 'z': return got->n == want->n && (want->n == 0 || equal_unordered(c, got, want, false));
    case 'd': return got->n == want->n && (want->n == 0 || equal_unordered(c, got, want, true));
    default: return false;
    }
}

pgr_err pgr_wire_equal(const struct pgr_wire_value *got, const struct pgr_wire_value *expected, double atol,
                       double rtol, bool *out) {
    struct compare c = {atol, rtol, false};
    bool same = got->n_nodes == expected->n_nodes && equal(&c, got->node, expected->node);
    if (c.no_memory) return pgr_fail(PGR_E_NOMEM, "out of memory while comparing");
    *out = same;
    return PGR_OK;
}
