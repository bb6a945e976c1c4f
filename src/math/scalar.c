/* scalar.c - whether two values, or two equations, are the same. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "math/compare.h"

enum { FIELD_POINTS = 3, BALL_POINTS = 32, ENOUGH_POINTS = 8, MAX_DEGREE = 12 };

pgr_math_verdict pgr_cmp_say(struct pgr_compare *c, pgr_math_verdict v, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->out->reason, sizeof c->out->reason, fmt, args);
    va_end(args);
    c->out->verdict = v;
    return v;
}

int pgr_val_infinite(struct pgr_val v) {
    const struct pgr_node *n = v.n;
    if (n->kind == PGR_N_INF) return 1;
    if (n->kind == PGR_N_NEG && n->kid->kind == PGR_N_INF) return -1;
    if (n->kind == PGR_N_PM && n->kid->kind == PGR_N_INF) return v.sign * n->op;
    return 0;
}

bool pgr_val_has(const struct pgr_node *n, int kind) {
    if (n->kind == kind) return true;
    for (const struct pgr_node *k = n->kid; k; k = k->next)
        if (pgr_val_has(k, kind)) return true;
    return false;
}

bool pgr_val_decimal(const struct pgr_node *n) {
    if (n->kind == PGR_N_NUM && n->decimal) return true;
    for (const struct pgr_node *k = n->kid; k; k = k->next)
        if (pgr_val_decimal(k)) return true;
    return false;
}

static bool close_enough(long double a, long double b, double rel) {
    return fabsl(a - b) <= (long double)rel * fmaxl(fabsl(a), fabsl(b));
}

/* Whether the tolerance for decimals speaks for these two. */
static bool tolerant(const struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    return c->rules.rel_tol > 0 && (c->rules.qwen || pgr_val_decimal(a.n) || pgr_val_decimal(b.n));
}

/* Both sides in the field at all points: 1 equal, 0 different for sure, -1 neither. */
static int same_in_field(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, bool *opaque) {
    *opaque = false;
    for (unsigned prime = 0; prime < 2; prime++)
        for (unsigned point = 0; point < FIELD_POINTS; point++) {
            struct pgr_field f = {.prime = prime, .point = point};
            uint64_t x, y;
            if (!pgr_eval_field(c->m, a.n, a.sign, &f, &x) || !pgr_eval_field(c->m, b.n, b.sign, &f, &y)) return -1;
            *opaque = f.opaque;
            if (x != y) return f.opaque ? -1 : 0;
        }
    return 1;
}

static long double distance(const struct pgr_ball *x, const struct pgr_ball *y) {
    return hypotl(x->re - y->re, x->im - y->im);
}

static long double magnitude(const struct pgr_ball *x) { return hypotl(x->re, x->im); }

struct agreement {
    unsigned defined, differ_positive, differ_signed, vague;
    bool within; /* the tolerance, at every point */
};

static void agree(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, double factor, bool constant,
                  struct agreement *g) {
    *g = (struct agreement){.within = true};
    for (unsigned point = 0; point < (constant ? 1 : BALL_POINTS) && g->defined < ENOUGH_POINTS; point++) {
        struct pgr_ball x, y;
        if (!pgr_eval_ball(c->m, a.n, a.sign, point, &x) || !pgr_eval_ball(c->m, b.n, b.sign, point, &y)) continue;
        long double k = (long double)factor;
        y.re *= k, y.im *= k;
        y.err = y.err * k + 1e-15L * (factor != 1) * magnitude(&y);
        long double bound = x.err + y.err, d = distance(&x, &y), scale = fmaxl(magnitude(&x), magnitude(&y));
        g->defined++;
        if (!(d <= (long double)c->rules.rel_tol * scale)) g->within = false;
        if (d > bound) {
            if (point % 2 == 0)
                g->differ_positive++;
            else
                g->differ_signed++;
        } else if (bound > 1e-12L * scale && bound > 1e-16L) {
            g->vague++;
        }
    }
}

static pgr_math_verdict exhausted(struct pgr_compare *c) {
    return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the comparison takes too long");
}

static pgr_math_verdict by_ball(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, double factor, bool constant,
                                bool proved_different) {
    struct agreement g;
    agree(c, a, b, factor, constant, &g);
    if (c->m->work == 0) return exhausted(c);
    bool close = g.within && g.defined > 0 && tolerant(c, a, b);
    if (constant) {
        if (!g.defined)
            return proved_different ? pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different numbers")
                                    : pgr_cmp_say(c, PGR_MATH_UNDECIDED, "a value cannot be computed");
        if (close) return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal within a relative %g", c->rules.rel_tol);
        if (g.differ_positive || proved_different) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different numbers");
        if (g.vague) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the numbers are too close to tell");
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "same number to 12 digits or more");
    }
    if (close && (g.differ_positive || proved_different))
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "expressions that differ by less than a relative %g",
                           c->rules.rel_tol);
    if (g.differ_positive || proved_different) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different expressions");
    if (g.defined < 2 || g.vague) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the expressions cannot be evaluated");
    if (g.differ_signed) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "equal only where all names are positive");
    return pgr_cmp_say(c, PGR_MATH_EQUAL, "same value at %u random points", g.defined);
}

/* Rational numbers that are not the same. */
static pgr_math_verdict rationals(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, double factor) {
    struct pgr_ball x, y;
    if (tolerant(c, a, b) && pgr_eval_ball(c->m, a.n, a.sign, 0, &x) && pgr_eval_ball(c->m, b.n, b.sign, 0, &y) &&
        close_enough(x.re, y.re * (long double)factor, c->rules.rel_tol))
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal within a relative %g", c->rules.rel_tol);
    return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different numbers");
}

pgr_math_verdict pgr_cmp_scalar(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, double factor) {
    int inf_a = pgr_val_infinite(a), inf_b = pgr_val_infinite(b);
    if (inf_a || inf_b) {
        bool same = inf_a == inf_b;
        return pgr_cmp_say(c, same ? PGR_MATH_EQUAL : PGR_MATH_DIFFERENT, "%s",
                           same ? "both infinite" : "one is infinite");
    }
    struct pgr_rat x, y;
    bool exact_a = pgr_eval_exact(c->m, a.n, a.sign, &x), exact_b = pgr_eval_exact(c->m, b.n, b.sign, &y);
    if (exact_a && exact_b) {
        if (factor == 1)
            return pgr_rat_same(&x, &y) ? pgr_cmp_say(c, PGR_MATH_EQUAL, "same rational number")
                                        : rationals(c, a, b, 1);
        struct pgr_ball p, q;
        if (pgr_eval_ball(c->m, a.n, a.sign, 0, &p) && pgr_eval_ball(c->m, b.n, b.sign, 0, &q) &&
            fabsl(p.re - q.re * (long double)factor) <= 1e-13L * fabsl(p.re))
            return pgr_cmp_say(c, PGR_MATH_EQUAL, "same number in another unit");
        return rationals(c, a, b, factor);
    }
    bool constant = !pgr_val_has(a.n, PGR_N_SYM) && !pgr_val_has(b.n, PGR_N_SYM);
    int field = -1;
    bool opaque = false;
    if (factor == 1) field = same_in_field(c, a, b, &opaque);
    if (c->m->work == 0) return exhausted(c);
    if (field == 1)
        return pgr_cmp_say(c, PGR_MATH_EQUAL,
                           opaque     ? "same expression"
                           : constant ? "same number"
                                      : "same rational function");
    return by_ball(c, a, b, factor, constant, field == 0);
}

/* left - right of a relation, in the field. */
static bool field_side(struct pgr_compare *c, struct pgr_val r, struct pgr_field *f, uint64_t *out) {
    uint64_t x, y;
    if (!pgr_eval_field(c->m, r.n->kid, r.sign, f, &x) || !pgr_eval_field(c->m, r.n->kid->next, r.sign, f, &y))
        return false;
    *out = pgr_field_add(f, x, pgr_field_neg(f, y));
    return true;
}

/* Is a's difference of sides a constant times b's? 1 yes, 0 no, -1 cannot be told. */
static int proportional(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    bool opaque = false;
    int same = 1;
    for (unsigned prime = 0; prime < 2; prime++) {
        uint64_t x[2], y[2];
        for (unsigned k = 0; k < FIELD_POINTS; k++) {
            struct pgr_field f = {.prime = prime, .point = k};
            unsigned i = k > 0;
            if (!field_side(c, a, &f, &x[i]) || !field_side(c, b, &f, &y[i])) return -1;
            opaque |= f.opaque;
            if ((x[i] == 0) != (y[i] == 0)) return opaque ? -1 : 0;
            if (k && pgr_field_mul(&f, x[0], y[1]) != pgr_field_mul(&f, x[1], y[0])) same = 0;
        }
    }
    return same ? 1 : opaque ? -1 : 0;
}

/* Where a holds, does b? For each name in which a is linear, a is solved for it. 1: yes for each (at least one), 0: no
 * for one, -1: no name can be solved for. */
static int implies(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    int result = -1;
    for (size_t s = 0; s < c->m->n_sym && s < 32; s++) {
        uint64_t g[4], zero;
        struct pgr_field f = {.prime = 1, .point = 5, .override = true, .sym = (pgr_sym)s};
        for (unsigned v = 0; v < 4; v++) {
            f.value = v + 7;
            if (!field_side(c, a, &f, &g[v])) return -1;
        }
        if (f.opaque) return -1;
        uint64_t slope = pgr_field_add(&f, g[1], pgr_field_neg(&f, g[0]));
        bool linear = true;
        for (unsigned v = 2; v < 4; v++) linear &= g[v] == pgr_field_add(&f, g[v - 1], slope);
        if (!linear || slope == 0) continue;
        f.value = pgr_field_add(&f, 7, pgr_field_neg(&f, pgr_field_mul(&f, g[0], pgr_field_inv(&f, slope))));
        if (!field_side(c, b, &f, &zero) || f.opaque) return -1;
        if (zero != 0) return 0;
        result = 1;
    }
    return result;
}

/* Degree in all names together, along a line: the order at which differences vanish; -1 for no polynomial of at most
 * MAX_DEGREE. Every name is a multiple of one parameter, so only relations in one name are looked at. */
static int degree(struct pgr_compare *c, struct pgr_val r, pgr_sym s) {
    uint64_t d[MAX_DEGREE + 3];
    struct pgr_field f = {.prime = 1, .point = 6, .override = true, .sym = s};
    for (unsigned v = 0; v < MAX_DEGREE + 3; v++) {
        f.value = v + 3;
        if (!field_side(c, r, &f, &d[v]) || f.opaque) return -1;
    }
    for (int order = 0; order <= MAX_DEGREE; order++) {
        bool all = true;
        for (int v = 0; v + order + 1 < MAX_DEGREE + 3; v++) {
            d[v] = pgr_field_add(&f, d[v + 1], pgr_field_neg(&f, d[v]));
            all &= d[v] == 0;
        }
        if (all) return order;
    }
    return -1;
}

static pgr_math_verdict equations(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    int k = proportional(c, a, b);
    if (k == 1) return pgr_cmp_say(c, PGR_MATH_EQUAL, "same equation up to a factor");
    struct pgr_val la = {a.n->kid, a.sign}, ra = {a.n->kid->next, a.sign}, lb = {b.n->kid, b.sign},
                   rb = {b.n->kid->next, b.sign};
    if (pgr_cmp_scalar(c, la, lb, 1) == PGR_MATH_EQUAL && pgr_cmp_scalar(c, ra, rb, 1) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "same sides");
    if (pgr_cmp_scalar(c, la, rb, 1) == PGR_MATH_EQUAL && pgr_cmp_scalar(c, ra, lb, 1) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "same sides");
    if (c->m->work == 0) return exhausted(c);
    if (k == 0) {
        int there = implies(c, a, b), back = implies(c, b, a);
        if (there == 0 || back == 0) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different solutions");
        if (there == 1 && back == 1) return pgr_cmp_say(c, PGR_MATH_EQUAL, "same solutions in general");
        for (size_t s = 0; s < c->m->n_sym && s < 32; s++) {
            int da = degree(c, a, (pgr_sym)s), db = degree(c, b, (pgr_sym)s);
            if (da > 0 && da == db)
                return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "equations of the same degree that differ");
        }
    }
    return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the equations cannot be compared");
}

/* g > 0 as the sides of a relation: +1 when left - right, -1 when right - left; 0 for no inequality. */
static int direction(int op) {
    return op == PGR_R_GT || op == PGR_R_GE ? 1 : op == PGR_R_LT || op == PGR_R_LE ? -1 : 0;
}

pgr_math_verdict pgr_cmp_relation(struct pgr_compare *c, struct pgr_val a, struct pgr_val b) {
    int op_a = a.n->op, op_b = b.n->op;
    if (a.n->kid->next->next || b.n->kid->next->next)
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "chains of inequalities cannot be compared");
    if (op_a == PGR_R_EQ && op_b == PGR_R_EQ) return equations(c, a, b);
    int da = direction(op_a), db = direction(op_b);
    bool strict_a = op_a == PGR_R_GT || op_a == PGR_R_LT, strict_b = op_b == PGR_R_GT || op_b == PGR_R_LT;
    if ((da == 0) != (db == 0)) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different kinds of relation");
    int k = proportional(c, a, b);
    if (k == 1 && da == 0) return pgr_cmp_say(c, PGR_MATH_EQUAL, "same relation up to a factor");
    if (k == 1) {
        struct pgr_ball l, r, s, t;
        if (!pgr_eval_ball(c->m, a.n->kid, a.sign, 0, &l) || !pgr_eval_ball(c->m, a.n->kid->next, a.sign, 0, &r) ||
            !pgr_eval_ball(c->m, b.n->kid, b.sign, 0, &s) || !pgr_eval_ball(c->m, b.n->kid->next, b.sign, 0, &t) ||
            !l.real || !r.real || !s.real || !t.real || fabsl(l.re - r.re) <= l.err + r.err ||
            fabsl(s.re - t.re) <= s.err + t.err)
            return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the sign of a factor cannot be told");
        bool flipped = (l.re > r.re) != (s.re > t.re);
        if ((da == db) == flipped) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "opposite inequalities");
        if (strict_a != strict_b) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "one inequality is strict");
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "same inequality up to a factor");
    }
    return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the inequalities cannot be compared");
}
