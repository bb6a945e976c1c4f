/* exact.c - trees as rational numbers. */
#include <string.h>

#include "math/eval.h"

static bool number(struct pgr_math *m, const struct pgr_node *n, struct pgr_rat *out) {
    if (n->exp10 > 1300 || n->exp10 < -1300) return false;
    if (!pgr_rat_digits(out, n->digits, n->n_digits, n->base, &m->work)) return false;
    if (n->exp10 == 0) return true;
    struct pgr_rat ten, scale;
    pgr_rat_int(&ten, 10);
    return pgr_rat_pow(&scale, &ten, n->exp10, &m->work) && pgr_rat_mul(out, out, &scale, &m->work);
}

static bool factorial(struct pgr_math *m, const struct pgr_rat *x, struct pgr_rat *out) {
    int64_t k;
    if (!pgr_rat_to_int(x, &k) || k < 0 || k > 500) return false;
    pgr_rat_int(out, 1);
    for (int64_t i = 2; i <= k; i++) {
        struct pgr_rat f;
        pgr_rat_int(&f, i);
        if (!pgr_rat_mul(out, out, &f, &m->work)) return false;
    }
    return true;
}

static bool binomial(struct pgr_math *m, const struct pgr_rat *top, const struct pgr_rat *bottom, struct pgr_rat *out) {
    int64_t n, k;
    if (!pgr_rat_to_int(top, &n) || !pgr_rat_to_int(bottom, &k) || n < 0 || k < 0 || n > 100000) return false;
    if (k > n) {
        pgr_rat_int(out, 0);
        return true;
    }
    if (k > n - k) k = n - k;
    if (k > 2000) return false;
    pgr_rat_int(out, 1);
    for (int64_t i = 1; i <= k; i++) {
        struct pgr_rat f, by;
        pgr_rat_int(&f, n - k + i);
        pgr_rat_int(&by, i);
        if (!pgr_rat_mul(out, out, &f, &m->work) || !pgr_rat_div(out, out, &by, &m->work)) return false;
    }
    return true;
}

static bool common(struct pgr_math *m, int f, const struct pgr_rat *a, const struct pgr_rat *b, struct pgr_rat *out) {
    int64_t x, y;
    int order;
    if (f == PGR_F_MIN || f == PGR_F_MAX) {
        if (!pgr_rat_cmp(&order, a, b, &m->work)) return false;
        struct pgr_rat keep = (order < 0) == (f == PGR_F_MIN) ? *a : *b;
        *out = keep;
        return true;
    }
    if (!pgr_rat_to_int(a, &x) || !pgr_rat_to_int(b, &y)) return false;
    x = x < 0 ? -x : x;
    y = y < 0 ? -y : y;
    int64_t g = x, h = y;
    while (h) {
        int64_t t = g % h;
        g = h;
        h = t;
    }
    if (f == PGR_F_GCD) {
        pgr_rat_int(out, g);
        return true;
    }
    if (g == 0) return false;
    struct pgr_rat p, q;
    pgr_rat_int(&p, x / g);
    pgr_rat_int(&q, y);
    return pgr_rat_mul(out, &p, &q, &m->work);
}

static bool function(struct pgr_math *m, const struct pgr_node *n, int sign, struct pgr_rat *out) {
    struct pgr_rat b;
    const struct pgr_node *k = n->kid;
    switch (n->op) {
    case PGR_F_ABS:
    case PGR_F_FLOOR:
    case PGR_F_CEIL:
    case PGR_F_FACT:
    case PGR_F_BINOM:
    case PGR_F_MIN:
    case PGR_F_MAX:
    case PGR_F_GCD:
    case PGR_F_LCM: break;
    default: return false;
    }
    if (!pgr_eval_exact(m, k, sign, out)) return false;
    switch (n->op) {
    case PGR_F_ABS: out->neg = false; return true;
    case PGR_F_FLOOR: return pgr_rat_floor(out, out, &m->work);
    case PGR_F_CEIL:
        out->neg = out->num.n && !out->neg;
        if (!pgr_rat_floor(out, out, &m->work)) return false;
        out->neg = out->num.n && !out->neg;
        return true;
    case PGR_F_FACT: b = *out; return factorial(m, &b, out);
    case PGR_F_BINOM: {
        struct pgr_rat a = *out;
        return pgr_eval_exact(m, k->next, sign, &b) && binomial(m, &a, &b, out);
    }
    default:
        for (k = k->next; k; k = k->next)
            if (!pgr_eval_exact(m, k, sign, &b) || !common(m, n->op, out, &b, out)) return false;
        return true;
    }
}

bool pgr_eval_exact(struct pgr_math *m, const struct pgr_node *n, int sign, struct pgr_rat *out) {
    struct pgr_rat b;
    int64_t e;
    if (m->work < 10) {
        m->work = 0;
        return false;
    }
    m->work -= 10;
    switch (n->kind) {
    case PGR_N_NUM: return number(m, n, out);
    case PGR_N_ADD:
    case PGR_N_MUL:
        if (!pgr_eval_exact(m, n->kid, sign, out)) return false;
        for (const struct pgr_node *k = n->kid->next; k; k = k->next) {
            if (!pgr_eval_exact(m, k, sign, &b)) return false;
            if (!(n->kind == PGR_N_ADD ? pgr_rat_add : pgr_rat_mul)(out, out, &b, &m->work)) return false;
        }
        return true;
    case PGR_N_NEG:
    case PGR_N_PM:
        if (!pgr_eval_exact(m, n->kid, sign, out)) return false;
        if (out->num.n && (n->kind == PGR_N_NEG || sign * n->op < 0)) out->neg = !out->neg;
        return true;
    case PGR_N_DIV:
        if (!n->kid->next) {
            pgr_rat_int(out, 1);
            return pgr_eval_exact(m, n->kid, sign, &b) && pgr_rat_div(out, out, &b, &m->work);
        }
        return pgr_eval_exact(m, n->kid, sign, out) && pgr_eval_exact(m, n->kid->next, sign, &b) &&
               pgr_rat_div(out, out, &b, &m->work);
    case PGR_N_POW:
        if (!pgr_eval_exact(m, n->kid->next, sign, &b) || !pgr_rat_to_int(&b, &e)) return false;
        return pgr_eval_exact(m, n->kid, sign, out) && pgr_rat_pow(out, out, e, &m->work);
    case PGR_N_ROOT:
        if (!pgr_eval_exact(m, n->kid->next, sign, &b) || !pgr_rat_to_int(&b, &e) || e < 2 || e > 1000) return false;
        return pgr_eval_exact(m, n->kid, sign, out) && pgr_rat_root(out, out, (uint32_t)e, &m->work);
    case PGR_N_UNIT: {
        const char *u = pgr_sym_name(m, n->sym);
        if (strcmp(u, "degree") == 0) return false; /* a multiple of pi */
        if (!pgr_eval_exact(m, n->kid, sign, out)) return false;
        if (strcmp(u, "percent") != 0) return true;
        pgr_rat_int(&b, 100);
        return pgr_rat_div(out, out, &b, &m->work);
    }
    case PGR_N_FUNC: return function(m, n, sign, out);
    default: return false;
    }
}
