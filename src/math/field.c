/* field.c - trees as elements of a prime field: polynomial and rational identities (Schwartz and Zippel). */
#include <string.h>

#include "math/eval.h"

__extension__ typedef unsigned __int128 wide;

/* Both are 1 modulo 4, so that -1 has a square root. */
const uint64_t pgr_field_prime[2] = {0x2000000001234589u, 0x4000000007654335u};
static const uint64_t root_of_minus_1[2] = {0x119c0e065abb1ddeu, 0x155727bb4523d22eu};

static uint64_t prime(const struct pgr_field *f) { return pgr_field_prime[f->prime]; }

uint64_t pgr_field_mul(const struct pgr_field *f, uint64_t a, uint64_t b) { return (uint64_t)((wide)a * b % prime(f)); }
uint64_t pgr_field_add(const struct pgr_field *f, uint64_t a, uint64_t b) {
    uint64_t s = a + b;
    return s >= prime(f) ? s - prime(f) : s;
}
uint64_t pgr_field_neg(const struct pgr_field *f, uint64_t a) { return a ? prime(f) - a : 0; }

static uint64_t power(const struct pgr_field *f, uint64_t a, uint64_t e) {
    uint64_t r = 1;
    for (; e; e >>= 1, a = pgr_field_mul(f, a, a))
        if (e & 1) r = pgr_field_mul(f, r, a);
    return r;
}

uint64_t pgr_field_inv(const struct pgr_field *f, uint64_t a) { return power(f, a, prime(f) - 2); }

static uint64_t mix(uint64_t x) { /* the finaliser of splitmix64 */
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint64_t random_name(const char *name, unsigned point) {
    uint64_t h = 0xcbf29ce484222325u + point * 0x9e3779b97f4a7c15u;
    for (; *name; name++) h = mix(h ^ (unsigned char)*name) + 0x9e3779b97f4a7c15u;
    return mix(h);
}

uint64_t pgr_eval_random(const struct pgr_math *m, pgr_sym s, unsigned point) {
    return random_name(pgr_sym_name(m, s), point);
}

static bool number(struct pgr_math *m, const struct pgr_node *n, const struct pgr_field *f, uint64_t *out) {
    struct pgr_rat one;
    size_t work = 10;
    uint64_t v = 0;
    for (uint32_t i = 0; i < n->n_digits; i++) {
        if (!pgr_rat_digits(&one, n->digits + i, 1, n->base, &work)) return false;
        work = 10;
        v = pgr_field_add(f, pgr_field_mul(f, v, n->base), one.num.n ? one.num.d[0] : 0);
    }
    uint64_t ten = power(f, 10, (uint64_t)(n->exp10 < 0 ? -n->exp10 : n->exp10));
    if (n->exp10 < 0) ten = pgr_field_inv(f, ten);
    *out = pgr_field_mul(f, v, ten);
    m->work -= m->work < n->n_digits ? m->work : n->n_digits;
    return true;
}

static uint64_t opaque(struct pgr_field *f, unsigned tag, uint64_t a, uint64_t b) {
    f->opaque = true;
    return mix(mix(mix(tag + 1) ^ a) + b) % prime(f);
}

static uint64_t from_rat(const struct pgr_field *f, const struct pgr_rat *r, bool *ok) {
    uint64_t den = pgr_big_mod(&r->den, prime(f)), num = pgr_big_mod(&r->num, prime(f));
    *ok = den != 0;
    if (!*ok) return 0;
    num = pgr_field_mul(f, num, pgr_field_inv(f, den));
    return r->neg ? pgr_field_neg(f, num) : num;
}

bool pgr_eval_field(struct pgr_math *m, const struct pgr_node *n, int sign, struct pgr_field *f, uint64_t *out) {
    uint64_t a, b;
    bool ok;
    struct pgr_rat r;
    if (m->work < 200) {
        m->work = 0;
        return false;
    }
    m->work -= 200;
    switch (n->kind) {
    case PGR_N_NUM: return number(m, n, f, out);
    case PGR_N_SYM:
        *out = f->override && f->sym == n->sym ? f->value : pgr_eval_random(m, n->sym, f->point) % prime(f);
        return true;
    case PGR_N_PI: *out = random_name("\\pi", f->point) % prime(f); return true;
    case PGR_N_E: *out = random_name("\\e", f->point) % prime(f); return true;
    case PGR_N_I: *out = root_of_minus_1[f->prime]; return true;
    case PGR_N_ADD:
    case PGR_N_MUL:
        if (!pgr_eval_field(m, n->kid, sign, f, &a)) return false;
        for (const struct pgr_node *k = n->kid->next; k; k = k->next) {
            if (!pgr_eval_field(m, k, sign, f, &b)) return false;
            a = n->kind == PGR_N_ADD ? pgr_field_add(f, a, b) : pgr_field_mul(f, a, b);
        }
        *out = a;
        return true;
    case PGR_N_NEG:
    case PGR_N_PM:
        if (!pgr_eval_field(m, n->kid, sign, f, &a)) return false;
        *out = n->kind == PGR_N_NEG || sign * n->op < 0 ? pgr_field_neg(f, a) : a;
        return true;
    case PGR_N_DIV:
        if (!pgr_eval_field(m, n->kid, sign, f, &a)) return false;
        b = a;
        if (!n->kid->next)
            a = 1;
        else if (!pgr_eval_field(m, n->kid->next, sign, f, &b))
            return false;
        if (b == 0) return false;
        *out = pgr_field_mul(f, a, pgr_field_inv(f, b));
        return true;
    case PGR_N_POW:
        if (!pgr_eval_field(m, n->kid, sign, f, &a)) return false;
        if (pgr_eval_exact(m, n->kid->next, sign, &r) && pgr_rat_is_int(&r)) {
            if (a == 0) {
                if (r.neg || r.num.n == 0) return false;
                *out = 0;
                return true;
            }
            b = power(f, a, pgr_big_mod(&r.num, prime(f) - 1));
            *out = r.neg ? pgr_field_inv(f, b) : b;
            return true;
        }
        if (!pgr_eval_field(m, n->kid->next, sign, f, &b)) return false;
        *out = opaque(f, 100, a, b);
        return true;
    case PGR_N_ROOT:
        if (pgr_eval_exact(m, n, sign, &r)) {
            *out = from_rat(f, &r, &ok);
            return ok;
        }
        if (!pgr_eval_field(m, n->kid, sign, f, &a) || !pgr_eval_field(m, n->kid->next, sign, f, &b)) return false;
        *out = opaque(f, 101, a, b);
        return true;
    case PGR_N_UNIT: {
        const char *u = pgr_sym_name(m, n->sym);
        if (!pgr_eval_field(m, n->kid, sign, f, &a)) return false;
        if (strcmp(u, "percent") == 0) a = pgr_field_mul(f, a, pgr_field_inv(f, 100));
        if (strcmp(u, "degree") == 0)
            a = pgr_field_mul(f, pgr_field_mul(f, a, pgr_field_inv(f, 180)), random_name("\\pi", f->point) % prime(f));
        *out = a;
        return true;
    }
    case PGR_N_FUNC:
        if (pgr_eval_exact(m, n, sign, &r)) {
            *out = from_rat(f, &r, &ok);
            return ok;
        }
        b = 0;
        for (const struct pgr_node *k = n->kid; k; k = k->next) {
            if (!pgr_eval_field(m, k, sign, f, &a)) return false;
            b = opaque(f, (unsigned)n->op, a, b);
        }
        *out = b;
        return true;
    default: return false;
    }
}
