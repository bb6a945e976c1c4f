/* holds.c - whether a result passes a check, by Python's own rules of equality. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sbx/plan.h"
#include "sbx/wire.h"

static const int64_t exact_in_double = (int64_t)1 << 53;

static bool is_number(unsigned char kind) { return kind && strchr("TFixrc", kind) != NULL; }
static bool is_small_int(unsigned char kind) { return kind == 'i' || kind == 'T' || kind == 'F'; }

static int64_t small_int(const struct pgr_wire_node *n) {
    return n->kind == 'i' ? strtoll((const char *)n->at + 1, NULL, 10) : n->kind == 'T';
}

static enum pgr_same sure(bool same) { return same ? PGR_SAME : PGR_DIFFERENT; }

/* True == 1 == 1.0 */
static enum pgr_same same_number(const struct pgr_wire_node *a, const struct pgr_wire_node *b) {
    if (is_small_int(a->kind) && is_small_int(b->kind)) return sure(small_int(a) == small_int(b));
    if (a->kind == 'x' && b->kind == 'x') return sure(a->n == b->n && memcmp(a->at, b->at, a->n) == 0);
    if ((a->kind == 'x' && is_small_int(b->kind)) || (b->kind == 'x' && is_small_int(a->kind))) return PGR_DIFFERENT;
    if (a->kind == 'r' && b->kind == 'r') return sure(pgr_wire_real(a->at + 1) == pgr_wire_real(b->at + 1));
    if (a->kind == 'r' && is_small_int(b->kind)) {
        const struct pgr_wire_node *swap = a;
        a = b;
        b = swap;
    }
    if (!is_small_int(a->kind) || b->kind != 'r') return PGR_UNSURE;
    int64_t i = small_int(a);
    double r = pgr_wire_real(b->at + 1);
    /* Beyond, a float is integral and the int is not exact as one. */
    if (i <= exact_in_double && i >= -exact_in_double) return sure((double)i == r);
    if (!(r >= -0x1p63 && r < 0x1p63)) return PGR_DIFFERENT;
    return sure(r == trunc(r) && (int64_t)r == i);
}

static enum pgr_same same(const struct pgr_wire_node *got, const struct pgr_wire_node *want) {
    if (got->kind == 'o') return PGR_UNSURE;
    if (is_number(got->kind) && is_number(want->kind)) return same_number(got, want);
    if (strchr("uz", got->kind) && strchr("uz", want->kind)) return got->n != want->n ? PGR_DIFFERENT : PGR_UNSURE;
    if (got->kind != want->kind) return PGR_DIFFERENT;
    switch (want->kind) {
    case 'N': return PGR_SAME;
    case 's':
    case 'b': return sure(got->n == want->n && memcmp(got->at, want->at, want->n) == 0);
    case 'd': return got->n != want->n ? PGR_DIFFERENT : PGR_UNSURE;
    case 'l':
    case 't': break;
    default: return PGR_UNSURE;
    }
    if (got->n != want->n) return PGR_DIFFERENT;
    /* The first difference ends Python's comparison, before it asks an item of an unusual type. */
    for (const struct pgr_wire_node *g = got + 1, *w = want + 1, *end = want + want->n_nodes; w < end;
         g += g->n_nodes, w += w->n_nodes) {
        enum pgr_same s = same(g, w);
        if (s != PGR_SAME) return s;
    }
    return PGR_SAME;
}

static enum pgr_same equal(struct pgr_span got, struct pgr_span want) {
    if (got.n == want.n && memcmp(got.data, want.data, want.n) == 0) return PGR_SAME;
    struct pgr_wire_value g = {NULL, 0}, w = {NULL, 0};
    enum pgr_same s = PGR_UNSURE;
    if (pgr_wire_parse((const unsigned char *)got.data, got.n, &g) == PGR_OK &&
        pgr_wire_parse((const unsigned char *)want.data, want.n, &w) == PGR_OK) {
        bool exact = false;
        s = same(g.node, w.node);
        /* Sets and dicts: equal in every type is equal; else Python is asked. */
        if (s == PGR_UNSURE && pgr_wire_equal(&g, &w, 0, 0, &exact) == PGR_OK && exact) s = PGR_SAME;
    }
    pgr_wire_free(&g);
    pgr_wire_free(&w);
    return s;
}

/* A number that is exact as a double. */
static bool exact_real(struct pgr_span v, double *out) {
    int64_t i;
    switch (v.data[0]) {
    case 'r': *out = pgr_wire_real((const unsigned char *)v.data + 1); return true;
    case 'i': i = strtoll(v.data + 1, NULL, 10); break;
    case 'T':
    case 'F': i = v.data[0] == 'T'; break;
    default: return false;
    }
    *out = (double)i;
    return i <= exact_in_double && i >= -exact_in_double;
}

static enum pgr_same truth(struct pgr_span v) {
    switch (v.data[0]) {
    case 'N':
    case 'F': return PGR_DIFFERENT;
    case 'T':
    case 'x': return PGR_SAME;
    case 'i': return sure(memcmp(v.data, "i0;", 3) != 0);
    case 'r': return sure(pgr_wire_real((const unsigned char *)v.data + 1) != 0);
    case 's':
    case 'b':
    case 'l':
    case 't':
    case 'u':
    case 'z':
    case 'd': return sure(memcmp(v.data + 1, "0:", 2) != 0);
    default: return PGR_UNSURE;
    }
}

enum pgr_same pgr_plan_holds(const struct pgr_plan *p, const struct pgr_plan_check *c, struct pgr_span result) {
    struct pgr_span want = {pgr_buf_str(&p->values) + c->want, c->n_want};
    double got, center;
    switch (c->how) {
    case PGR_CHECK_EQUAL: return equal(result, want);
    case PGR_CHECK_IS: return result.data[0] == 'o' ? PGR_UNSURE : sure(result.data[0] == want.data[0]);
    case PGR_CHECK_TRUE: return truth(result);
    case PGR_CHECK_FALSE: {
        enum pgr_same t = truth(result);
        return t == PGR_UNSURE ? t : sure(t == PGR_DIFFERENT);
    }
    case PGR_CHECK_BELOW:
    case PGR_CHECK_AT_MOST:
        if (!exact_real(result, &got) || !exact_real(want, &center)) return PGR_UNSURE;
        if (result.data[0] != 'r' && want.data[0] != 'r') return PGR_UNSURE; /* Python subtracts ints exactly */
        return sure(c->how == PGR_CHECK_BELOW ? fabs(got - center) < c->limit : fabs(got - center) <= c->limit);
    }
    return PGR_UNSURE;
}
