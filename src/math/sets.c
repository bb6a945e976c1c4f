/* sets.c - sets of real numbers as sorted, merged intervals. A single number is an interval that is closed at both
 * ends. */
#include <math.h>
#include <stdlib.h>

#include "math/compare.h"

enum { MAX_PIECES = 64 };

struct piece {
    struct pgr_val lo, hi; /* lo.n NULL: minus infinity; hi.n NULL: plus infinity */
    bool lo_closed, hi_closed;
    long double lo_value, hi_value, err;
};

struct pieces {
    struct pgr_compare *c;
    struct piece at[MAX_PIECES];
    size_t n;
};

bool pgr_is_real_set(struct pgr_val v) {
    switch (v.n->kind) {
    case PGR_N_UNION:
    case PGR_N_WITHOUT:
    case PGR_N_REALS:
    case PGR_N_IN:
    case PGR_N_INTERSECT: return true;
    case PGR_N_REL: {
        const struct pgr_node *a = v.n->kid, *b = a->next;
        if (v.n->op == PGR_R_EQ) return false;
        if (b->next) return b->kind == PGR_N_SYM;
        return (a->kind == PGR_N_SYM && !pgr_val_has(b, PGR_N_SYM)) ||
               (b->kind == PGR_N_SYM && !pgr_val_has(a, PGR_N_SYM));
    }
    case PGR_N_LIST: /* "x < 2 or x > 5" */
        for (const struct pgr_node *k = v.n->kid; k; k = k->next)
            if (k->kind != PGR_N_REL || !pgr_is_real_set((struct pgr_val){k, v.sign})) return false;
        return true;
    default: return false;
    }
}

static bool value(struct pieces *p, struct pgr_val v, int infinite, long double *out, long double *err) {
    struct pgr_ball b;
    if (!v.n) {
        *out = infinite < 0 ? -(long double)INFINITY : (long double)INFINITY;
        return true;
    }
    if (pgr_val_has(v.n, PGR_N_SYM) || !pgr_eval_ball(p->c->m, v.n, v.sign, 0, &b) || !b.real) return false;
    *out = b.re;
    if (b.err > *err) *err = b.err;
    return true;
}

static bool push(struct pieces *p, struct pgr_val lo, struct pgr_val hi, bool lo_closed, bool hi_closed) {
    if (p->n == MAX_PIECES) return false;
    struct piece x = {lo, hi, lo_closed, hi_closed, 0, 0, 0};
    if (lo.n && pgr_val_infinite(lo)) {
        if (pgr_val_infinite(lo) > 0) return false;
        x.lo.n = NULL;
    }
    if (hi.n && pgr_val_infinite(hi)) {
        if (pgr_val_infinite(hi) < 0) return false;
        x.hi.n = NULL;
    }
    if (!value(p, x.lo, -1, &x.lo_value, &x.err) || !value(p, x.hi, 1, &x.hi_value, &x.err)) return false;
    if (x.hi_value + 2 * x.err < x.lo_value) return true; /* empty */
    if (x.lo.n && x.hi.n && fabsl(x.hi_value - x.lo_value) <= 2 * x.err && !(lo_closed && hi_closed)) return true;
    p->at[p->n++] = x;
    return true;
}

static const struct pgr_val none = {NULL, 1};

static bool relation(struct pieces *p, struct pgr_val v) {
    const struct pgr_node *a = v.n->kid, *b = a->next, *c = b->next;
    struct pgr_val va = {a, v.sign}, vb = {b, v.sign}, vc = {c, v.sign};
    int op = v.n->op, op2 = v.n->op2;
    if (c) {
        bool up = (op == PGR_R_LT || op == PGR_R_LE) && (op2 == PGR_R_LT || op2 == PGR_R_LE);
        bool down = (op == PGR_R_GT || op == PGR_R_GE) && (op2 == PGR_R_GT || op2 == PGR_R_GE);
        bool closed = op == PGR_R_LE || op == PGR_R_GE, closed2 = op2 == PGR_R_LE || op2 == PGR_R_GE;
        if (b->kind != PGR_N_SYM || (!up && !down)) return false;
        return up ? push(p, va, vc, closed, closed2) : push(p, vc, va, closed2, closed);
    }
    bool left = a->kind == PGR_N_SYM;
    struct pgr_val bound = left ? vb : va;
    bool closed = op == PGR_R_LE || op == PGR_R_GE;
    switch (op) {
    case PGR_R_EQ: return push(p, bound, bound, true, true);
    case PGR_R_NE: return push(p, none, bound, false, false) && push(p, bound, none, false, false);
    default: {
        bool above = (op == PGR_R_GT || op == PGR_R_GE) == left;
        return above ? push(p, bound, none, closed, false) : push(p, none, bound, false, closed);
    }
    }
}

static bool collect(struct pieces *p, struct pgr_val v);

/* Takes the numbers of a set out of all pieces. */
static bool remove_points(struct pieces *p, struct pgr_val set) {
    if (set.n->kind != PGR_N_SET) return false;
    for (const struct pgr_node *k = set.n->kid; k; k = k->next) {
        struct pgr_val x = {k, set.sign};
        long double at, err = 0;
        if (!value(p, x, 0, &at, &err)) return false;
        size_t n = p->n;
        for (size_t i = 0; i < n; i++) {
            struct piece *q = &p->at[i];
            long double near = 2 * (err + q->err);
            if (fabsl(at - q->lo_value) <= near) {
                q->lo_closed = false;
            } else if (fabsl(at - q->hi_value) <= near) {
                q->hi_closed = false;
            } else if (at > q->lo_value && at < q->hi_value) {
                if (p->n == MAX_PIECES) return false;
                struct piece right = *q;
                right.lo = x, right.lo_value = at, right.lo_closed = false;
                right.err = fmaxl(right.err, err);
                q->hi = x, q->hi_value = at, q->hi_closed = false;
                q->err = right.err;
                p->at[p->n++] = right;
            }
        }
    }
    return true;
}

static bool collect(struct pieces *p, struct pgr_val v) {
    const struct pgr_node *n = v.n, *k = n->kid;
    switch (n->kind) {
    case PGR_N_REALS: return push(p, none, none, false, false);
    case PGR_N_TUPLE:
        if (!k || !k->next || k->next->next) return false;
        return push(p, (struct pgr_val){k, v.sign}, (struct pgr_val){k->next, v.sign}, n->open == '[', n->close == ']');
    case PGR_N_SET:
    case PGR_N_LIST:
        for (; k; k = k->next) {
            struct pgr_val x = {k, v.sign};
            if (!(k->kind == PGR_N_REL ? relation(p, x) : push(p, x, x, true, true))) return false;
        }
        return true;
    case PGR_N_UNION:
        for (; k; k = k->next)
            if (!collect(p, (struct pgr_val){k, v.sign})) return false;
        return true;
    case PGR_N_WITHOUT: {
        size_t before = p->n;
        if (before) return false; /* only at the outside */
        return collect(p, (struct pgr_val){k, v.sign}) && remove_points(p, (struct pgr_val){k->next, v.sign});
    }
    case PGR_N_IN: return collect(p, (struct pgr_val){k->next, v.sign});
    case PGR_N_REL: return relation(p, v);
    default: return push(p, v, v, true, true);
    }
}

static int by_start(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->lo_value < y->lo_value) return -1;
    if (x->lo_value > y->lo_value) return 1;
    return (int)y->lo_closed - (int)x->lo_closed;
}

/* Sorted, with pieces that overlap or touch as one. False when it cannot be told whether they do. */
static bool merge(struct pieces *p, bool *overlap) {
    qsort(p->at, p->n, sizeof p->at[0], by_start);
    size_t n = 0;
    *overlap = false;
    for (size_t i = 0; i < p->n; i++) {
        struct piece *x = &p->at[i], *last = n ? &p->at[n - 1] : NULL;
        if (!last) {
            n = 1;
            continue;
        }
        long double gap = x->lo_value - last->hi_value, near = 2 * (x->err + last->err);
        bool same = fabsl(gap) <= near && isfinite(gap);
        if (gap > near || (same && !x->lo_closed && !last->hi_closed)) {
            p->at[n++] = *x;
            continue;
        }
        if (!same) *overlap = true;
        if (x->hi_value > last->hi_value + near || !x->hi.n) {
            last->hi = x->hi, last->hi_value = x->hi_value, last->hi_closed = x->hi_closed;
        } else if (fabsl(x->hi_value - last->hi_value) <= near) {
            last->hi_closed |= x->hi_closed;
        }
        last->err = fmaxl(last->err, x->err);
    }
    p->n = n;
    return true;
}

static pgr_math_verdict ends(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    if (!a.n || !b.n) return !a.n && !b.n ? PGR_MATH_EQUAL : PGR_MATH_DIFFERENT;
    return pgr_cmp_scalar(c, a, b, 1);
}

pgr_math_verdict pgr_cmp_real_sets(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    struct pieces x = {.c = c}, y = {.c = c};
    bool over_a, over_b;
    if (!collect(&x, a) || !collect(&y, b) || !merge(&x, &over_a) || !merge(&y, &over_b))
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "a set is not understood");
    /* "x > 2, x < 5": a comma between overlapping inequalities means "and", which is not read here. */
    if ((over_a && a.n->kind == PGR_N_LIST) || (over_b && b.n->kind == PGR_N_LIST))
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "a list of inequalities is not understood");
    if (x.n != y.n) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "sets of %zu and %zu pieces", x.n, y.n);
    pgr_math_verdict worst = PGR_MATH_EQUAL;
    for (size_t i = 0; i < x.n; i++) {
        struct piece *p = &x.at[i], *q = &y.at[i];
        pgr_math_verdict lo = ends(c, p->lo, q->lo), hi = ends(c, p->hi, q->hi);
        if (lo == PGR_MATH_DIFFERENT || hi == PGR_MATH_DIFFERENT || (p->lo.n && p->lo_closed != q->lo_closed) ||
            (p->hi.n && p->hi_closed != q->hi_closed))
            return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "piece %zu of the sets differs", i + 1);
        if (lo == PGR_MATH_UNDECIDED || hi == PGR_MATH_UNDECIDED) worst = PGR_MATH_UNDECIDED;
    }
    if (worst == PGR_MATH_UNDECIDED) return pgr_cmp_say(c, worst, "the ends of an interval are too close to tell");
    return pgr_cmp_say(c, worst, "same set of real numbers");
}
