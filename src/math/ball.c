/* ball.c - trees as complex numbers in long double, each with a bound on its error.
 *
 * An operation's bound is the propagated error of its arguments (to first order times a margin, or exactly where the
 * derivative varies within the ball) plus a rounding of a few units for arithmetic and of 64 units for the functions of
 * libm, whose documented errors are smaller. */
#include <complex.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "math/eval.h"

typedef struct pgr_ball ball;

static const long double unit = 4 * LDBL_EPSILON, unit_fn = 64 * LDBL_EPSILON;
static const long double pi = 3.14159265358979323846264338327950288L, euler = 2.71828182845904523536028747135266250L;

static long double size(const ball *a) { return a->real ? fabsl(a->re) : hypotl(a->re, a->im); }

static bool make(ball *out, long double re, long double im, long double err, long double round, bool real) {
    *out = (ball){re, real ? 0 : im, 0, real};
    out->err = err + round * size(out);
    return isfinite(re) && isfinite(out->im) && isfinite(out->err);
}

static bool exact_int(ball *out, long double v) { return make(out, v, 0, 0, 0, true); }

static bool add(ball *out, const ball *a, const ball *b) {
    return make(out, a->re + b->re, a->im + b->im, a->err + b->err, unit, a->real && b->real);
}

static bool mul(ball *out, const ball *a, const ball *b) {
    long double sa = size(a), sb = size(b), err = sa * b->err + sb * a->err + a->err * b->err;
    if (a->real && b->real) return make(out, a->re * b->re, 0, err, unit, true);
    return make(out, a->re * b->re - a->im * b->im, a->re * b->im + a->im * b->re, err + unit * sa * sb, unit, false);
}

static bool divide(ball *out, const ball *a, const ball *b) {
    long double sb = size(b), room = sb - b->err;
    if (!(room > sb / 4)) return false; /* zero may be inside */
    long double q = size(a) / sb, err = (a->err + q * b->err) / room;
    if (a->real && b->real) return make(out, a->re / b->re, 0, err, unit, true);
    long double complex z = (a->re + a->im * I) / (b->re + b->im * I);
    return make(out, creall(z), cimagl(z), err, 2 * unit, false);
}

static bool exponential(ball *out, const ball *a) {
    if (a->err > 0.5L || a->re > 11000 || fabsl(a->im) > 1e15L) return false;
    long double complex z = cexpl(a->re + a->im * I);
    /* |e^(z+d) - e^z| <= |e^z| (e^|d| - 1) <= |e^z| 1.3 |d| for |d| <= 1/2 */
    return make(out, creall(z), cimagl(z), 1.3L * a->err * cabsl(z), unit_fn, a->real);
}

static bool logarithm(ball *out, const ball *a) {
    long double s = size(a), room = s - a->err;
    if (!(room > s / 4)) return false;
    long double err = a->err / room;
    if (a->real) {
        long double l = logl(fabsl(a->re));
        return make(out, l, a->re < 0 ? pi : 0, err + unit_fn, unit_fn, a->re > 0);
    }
    if (a->re < 0 && fabsl(a->im) <= 2 * a->err + unit * s) return false; /* the cut */
    return make(out, logl(s), atan2l(a->im, a->re), err + unit_fn, unit_fn, false);
}

/* out = a^(1/n) of a real number: the real root where there is one. */
static bool real_root(ball *out, const ball *a, int64_t n) {
    long double x = fabsl(a->re), k = (long double)n;
    if (x <= 2 * a->err) {
        if (a->err > 0 || x > 0) return make(out, 0, 0, powl(x + a->err, 1 / k), 0, true);
        return exact_int(out, 0);
    }
    long double r = n == 2 ? sqrtl(x) : n == 3 ? cbrtl(x) : powl(x, 1 / k);
    long double err = 2 * r * a->err / (k * x); /* x > 2 err: the slope at x - err is below twice that at x */
    if (a->re > 0) return make(out, r, 0, err, unit_fn, true);
    if (n % 2) return make(out, -r, 0, err, unit_fn, true);
    if (n == 2) return make(out, 0, r, err, unit_fn, false);
    return false;
}

static bool power_int(ball *out, ball a, int64_t e) {
    uint64_t k = e < 0 ? 0 - (uint64_t)e : (uint64_t)e;
    ball r;
    if (!exact_int(&r, 1)) return false;
    for (; k; k >>= 1) {
        if ((k & 1) && !mul(&r, &r, &a)) return false;
        if (k > 1 && !mul(&a, &a, &a)) return false;
    }
    if (e >= 0) {
        *out = r;
        return true;
    }
    ball one;
    return exact_int(&one, 1) && divide(out, &one, &r);
}

static bool power(ball *out, const ball *a, const ball *b) {
    if (a->real && a->re == 0 && a->err == 0) {
        if (!b->real || !(b->re > b->err)) return false;
        return exact_int(out, 0);
    }
    ball l;
    return logarithm(&l, a) && mul(&l, &l, b) && exponential(out, &l);
}

/* sin or cos: the derivative is below cosh of the imaginary part. */
static bool wave(ball *out, const ball *a, bool cosine) {
    if (size(a) > 1e15L || a->err > 1) return false;
    long double slope = a->real ? 1 : coshl(fabsl(a->im) + a->err);
    if (a->real) return make(out, cosine ? cosl(a->re) : sinl(a->re), 0, a->err * slope + unit_fn, unit_fn, true);
    long double complex z = a->re + a->im * I, w = cosine ? ccosl(z) : csinl(z);
    return make(out, creall(w), cimagl(w), (a->err + unit_fn) * slope, unit_fn, false);
}

static bool hyperbolic(ball *out, const ball *a, int f) {
    ball up, down, neg = *a, top, bottom, two;
    neg.re = -neg.re;
    neg.im = -neg.im;
    if (!exponential(&up, a) || !exponential(&down, &neg) || !exact_int(&two, 2)) return false;
    if (!add(&bottom, &up, &down)) return false;
    down.re = -down.re;
    down.im = -down.im;
    if (!add(&top, &up, &down)) return false;
    if (f == PGR_F_TANH) return divide(out, &top, &bottom);
    return divide(out, f == PGR_F_SINH ? &top : &bottom, &two);
}

static bool arc(ball *out, const ball *a, int f) {
    if (!a->real) return false;
    if (f == PGR_F_ATAN) return make(out, atanl(a->re), 0, a->err, unit_fn, true);
    long double room = 1 - fabsl(a->re), err;
    if (room < 0 && -room > a->err) return false;
    if (a->err == 0)
        err = 0;
    else if (room > 2 * a->err) /* the slope is 1/sqrt(1 - x^2) <= 1/sqrt(room/2) inside the ball */
        err = a->err / sqrtl(room / 2);
    else
        err = 4 * sqrtl(a->err);
    long double x = fminl(1, fmaxl(-1, a->re));
    return make(out, f == PGR_F_ASIN ? asinl(x) : acosl(x), 0, err + unit_fn, unit_fn, true);
}

static bool from_rat(ball *out, const struct pgr_rat *r) {
    long double v[2];
    int shift[2];
    const struct pgr_big *part[2] = {&r->num, &r->den};
    for (int k = 0; k < 2; k++) {
        uint32_t n = part[k]->n, from = n > 4 ? n - 4 : 0;
        v[k] = 0;
        for (uint32_t i = n; i-- > from;) v[k] = v[k] * 4294967296.0L + part[k]->d[i];
        shift[k] = (int)(from * 32);
    }
    if (r->num.n == 0) return exact_int(out, 0);
    long double q = ldexpl(v[0] / v[1], shift[0] - shift[1]);
    bool exact = r->den.n == 1 && r->den.d[0] == 1 && r->num.n <= 2;
    return make(out, r->neg ? -q : q, 0, 0, exact ? 0 : 2 * unit, true);
}

static bool number(const struct pgr_node *n, ball *out) {
    long double v = 0;
    for (uint32_t i = 0; i < n->n_digits; i++) {
        char c = n->digits[i];
        int d = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        v = v * (long double)n->base + (long double)d;
    }
    if (n->exp10 > 5000 || n->exp10 < -5000 || n->n_digits > 4900) return false;
    long double scale = powl(10, (long double)(n->exp10 < 0 ? -n->exp10 : n->exp10));
    v = n->exp10 < 0 ? v / scale : v * scale;
    return make(out, v, 0, 0, (long double)(n->n_digits + 64) * unit, true);
}

static bool trig(ball *out, const ball *a, int f) {
    ball s, c, one;
    if (!wave(&s, a, false) || !wave(&c, a, true) || !exact_int(&one, 1)) return false;
    switch (f) {
    case PGR_F_SIN: *out = s; return true;
    case PGR_F_COS: *out = c; return true;
    case PGR_F_TAN: return divide(out, &s, &c);
    case PGR_F_COT: return divide(out, &c, &s);
    case PGR_F_SEC: return divide(out, &one, &c);
    default: return divide(out, &one, &s);
    }
}

static bool function(struct pgr_math *m, const struct pgr_node *n, int sign, unsigned point, ball *out) {
    ball a, b;
    if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
    switch (n->op) {
    case PGR_F_SIN:
    case PGR_F_COS:
    case PGR_F_TAN:
    case PGR_F_COT:
    case PGR_F_SEC:
    case PGR_F_CSC: return trig(out, &a, n->op);
    case PGR_F_ASIN:
    case PGR_F_ACOS:
    case PGR_F_ATAN: return arc(out, &a, n->op);
    case PGR_F_SINH:
    case PGR_F_COSH:
    case PGR_F_TANH: return hyperbolic(out, &a, n->op);
    case PGR_F_EXP: return exponential(out, &a);
    case PGR_F_LN: return logarithm(out, &a);
    case PGR_F_LOG:
        return pgr_eval_ball(m, n->kid->next, sign, point, &b) && logarithm(&a, &a) && logarithm(&b, &b) &&
               divide(out, &a, &b);
    case PGR_F_ABS: return make(out, size(&a), 0, a.err, unit, true);
    case PGR_F_FLOOR:
    case PGR_F_CEIL: {
        if (!a.real) return false;
        bool up = n->op == PGR_F_CEIL;
        long double low = a.re - a.err, high = a.re + a.err, x = up ? ceill(low) : floorl(low);
        return x == (up ? ceill(high) : floorl(high)) && make(out, x, 0, 0, 0, true);
    }
    case PGR_F_MIN:
    case PGR_F_MAX:
        *out = a;
        for (const struct pgr_node *k = n->kid->next; k; k = k->next) {
            if (!a.real || !pgr_eval_ball(m, k, sign, point, &b) || !b.real) return false;
            long double err = fmaxl(out->err, b.err);
            if ((b.re < out->re) == (n->op == PGR_F_MIN)) *out = b;
            out->err = err;
        }
        return true;
    default: return false;
    }
}

bool pgr_eval_ball(struct pgr_math *m, const struct pgr_node *n, int sign, unsigned point, struct pgr_ball *out) {
    ball a, b;
    struct pgr_rat r;
    int64_t e;
    if (m->work < 100) {
        m->work = 0;
        return false;
    }
    m->work -= 100;
    switch (n->kind) {
    case PGR_N_NUM: return pgr_eval_exact(m, n, sign, &r) ? from_rat(out, &r) : number(n, out);
    case PGR_N_SYM: {
        uint64_t h = pgr_eval_random(m, n->sym, point);
        long double x = 0.25L + (long double)(h >> 40) / (1 << 23); /* 24 bits: exact; 0.25 to 2.25 */
        if (point / 2 % 2) x /= 8;                                  /* where an arc sine has a value */
        return make(out, point % 2 && (h & 1) ? -x : x, 0, 0, 0, true);
    }
    case PGR_N_PI: return make(out, pi, 0, 0, unit, true);
    case PGR_N_E: return make(out, euler, 0, 0, unit, true);
    case PGR_N_I: return make(out, 0, 1, 0, 0, false);
    case PGR_N_ADD:
    case PGR_N_MUL:
        if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
        for (const struct pgr_node *k = n->kid->next; k; k = k->next) {
            if (!pgr_eval_ball(m, k, sign, point, &b)) return false;
            if (!(n->kind == PGR_N_ADD ? add : mul)(&a, &a, &b)) return false;
        }
        *out = a;
        return true;
    case PGR_N_NEG:
    case PGR_N_PM:
        if (!pgr_eval_ball(m, n->kid, sign, point, out)) return false;
        if (n->kind == PGR_N_NEG || sign * n->op < 0) out->re = -out->re, out->im = -out->im;
        return true;
    case PGR_N_DIV:
        if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
        if (!n->kid->next) return exact_int(&b, 1) && divide(out, &b, &a);
        return pgr_eval_ball(m, n->kid->next, sign, point, &b) && divide(out, &a, &b);
    case PGR_N_POW:
        if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
        if (pgr_eval_exact(m, n->kid->next, sign, &r) && pgr_rat_to_int(&r, &e) && e > -1000000 && e < 1000000)
            return power_int(out, a, e);
        if (!pgr_eval_ball(m, n->kid->next, sign, point, &b)) return false;
        return n->kid->kind == PGR_N_E ? exponential(out, &b) : power(out, &a, &b);
    case PGR_N_ROOT: {
        if (!pgr_eval_exact(m, n->kid->next, sign, &r) || !pgr_rat_to_int(&r, &e) || e < 2 || e > 100000) return false;
        if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
        if (a.real) return real_root(out, &a, e);
        ball one, k;
        return exact_int(&one, 1) && exact_int(&k, (long double)e) && divide(&b, &one, &k) && power(out, &a, &b);
    }
    case PGR_N_UNIT: {
        const char *u = pgr_sym_name(m, n->sym);
        bool degree = strcmp(u, "degree") == 0;
        if (!pgr_eval_ball(m, n->kid, sign, point, &a)) return false;
        if (!degree && strcmp(u, "percent") != 0) {
            *out = a;
            return true;
        }
        return make(&b, degree ? pi / 180 : 0.01L, 0, 0, unit, true) && mul(out, &a, &b);
    }
    case PGR_N_FUNC:
        if (pgr_eval_exact(m, n, sign, &r)) return from_rat(out, &r);
        return function(m, n, sign, point, out);
    default: return false;
    }
}
