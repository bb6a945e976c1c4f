/* big.c - rational numbers of bounded size. Schoolbook product and Knuth's algorithm D (The Art of Computer
 * Programming, volume 2, 4.3.1); Euclid's greatest common divisor. */
#include "math/big.h"

#include <string.h>

static bool pay(size_t *work, size_t cost) {
    if (*work < cost) {
        *work = 0;
        return false;
    }
    *work -= cost;
    return true;
}

static void trim(struct pgr_big *a) {
    while (a->n && a->d[a->n - 1] == 0) a->n--;
}

static void copy(struct pgr_big *to, const struct pgr_big *from) {
    if (to == from) return;
    to->n = from->n;
    if (from->n) memcpy(to->d, from->d, from->n * sizeof from->d[0]);
}

static void set_u64(struct pgr_big *a, uint64_t v) {
    a->d[0] = (uint32_t)v;
    a->d[1] = (uint32_t)(v >> 32);
    a->n = 2;
    trim(a);
}

static bool is_one(const struct pgr_big *a) { return a->n == 1 && a->d[0] == 1; }

static int cmp(const struct pgr_big *a, const struct pgr_big *b) {
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i]) return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static bool add(struct pgr_big *r, const struct pgr_big *a, const struct pgr_big *b) {
    if (a->n < b->n) {
        const struct pgr_big *t = a;
        a = b, b = t;
    }
    uint32_t n = a->n, n_b = b->n;
    uint64_t carry = 0;
    for (uint32_t i = 0; i < n; i++) {
        carry += (uint64_t)a->d[i] + (i < n_b ? b->d[i] : 0);
        r->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    r->n = n;
    if (!carry) return true;
    if (n == PGR_BIG_LIMBS) return false;
    r->d[r->n++] = (uint32_t)carry;
    return true;
}

/* a >= b */
static void sub(struct pgr_big *r, const struct pgr_big *a, const struct pgr_big *b) {
    uint32_t n = a->n, n_b = b->n;
    int64_t borrow = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t t = (int64_t)a->d[i] - (i < n_b ? (int64_t)b->d[i] : 0) + borrow;
        r->d[i] = (uint32_t)t;
        borrow = t < 0 ? -1 : 0;
    }
    r->n = n;
    trim(r);
}

static bool mul(struct pgr_big *r, const struct pgr_big *a, const struct pgr_big *b, size_t *work) {
    if (!pay(work, (size_t)a->n * b->n + 1)) return false;
    if (a->n == 0 || b->n == 0) {
        r->n = 0;
        return true;
    }
    uint32_t p[2 * PGR_BIG_LIMBS] = {0};
    for (uint32_t i = 0; i < a->n; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b->n; j++) {
            carry += (uint64_t)a->d[i] * b->d[j] + p[i + j];
            p[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        p[i + b->n] = (uint32_t)carry;
    }
    uint32_t n = a->n + b->n;
    if (p[n - 1] == 0) n--;
    if (n > PGR_BIG_LIMBS) return false;
    memcpy(r->d, p, n * sizeof p[0]);
    r->n = n;
    return true;
}

/* q = a / b, r = a % b; q or r may be NULL; b is not 0. */
static bool divide(struct pgr_big *q, struct pgr_big *r, const struct pgr_big *a, const struct pgr_big *b,
                   size_t *work) {
    if (cmp(a, b) < 0) {
        if (!pay(work, 1)) return false;
        if (r) copy(r, a);
        if (q) q->n = 0;
        return true;
    }
    uint32_t n = b->n, m = a->n - n;
    if (!pay(work, ((size_t)m + 1) * n + 4)) return false;
    uint32_t quot[PGR_BIG_LIMBS + 1] = {0};
    if (n == 1) {
        uint64_t rest = 0, by = b->d[0];
        for (uint32_t i = a->n; i-- > 0;) {
            rest = rest << 32 | a->d[i];
            quot[i] = (uint32_t)(rest / by);
            rest %= by;
        }
        if (r) set_u64(r, rest);
    } else {
        uint32_t u[PGR_BIG_LIMBS + 1], v[PGR_BIG_LIMBS];
        unsigned shift = (unsigned)__builtin_clz(b->d[n - 1]);
        uint64_t carry = 0;
        for (uint32_t i = 0; i < n; i++) {
            carry |= (uint64_t)b->d[i] << shift;
            v[i] = (uint32_t)carry;
            carry >>= 32;
        }
        carry = 0;
        for (uint32_t i = 0; i < a->n; i++) {
            carry |= (uint64_t)a->d[i] << shift;
            u[i] = (uint32_t)carry;
            carry >>= 32;
        }
        u[a->n] = (uint32_t)carry;
        for (uint32_t j = m + 1; j-- > 0;) {
            uint64_t top = (uint64_t)u[j + n] << 32 | u[j + n - 1], guess = top / v[n - 1], rest = top % v[n - 1];
            while (guess >> 32 || guess * v[n - 2] > (rest << 32 | u[j + n - 2])) {
                guess--;
                rest += v[n - 1];
                if (rest >> 32) break;
            }
            int64_t borrow = 0;
            uint64_t up = 0;
            for (uint32_t i = 0; i < n; i++) {
                up += guess * v[i];
                int64_t t = (int64_t)u[i + j] - (int64_t)(uint32_t)up + borrow;
                u[i + j] = (uint32_t)t;
                borrow = t < 0 ? -1 : 0;
                up >>= 32;
            }
            int64_t t = (int64_t)u[j + n] - (int64_t)up + borrow;
            u[j + n] = (uint32_t)t;
            if (t < 0) { /* the guess was one too large */
                guess--;
                uint64_t c = 0;
                for (uint32_t i = 0; i < n; i++) {
                    c += (uint64_t)u[i + j] + v[i];
                    u[i + j] = (uint32_t)c;
                    c >>= 32;
                }
                u[j + n] += (uint32_t)c;
            }
            quot[j] = (uint32_t)guess;
        }
        if (r) {
            for (uint32_t i = 0; i < n; i++) r->d[i] = (uint32_t)(((uint64_t)u[i] | (uint64_t)u[i + 1] << 32) >> shift);
            r->n = n;
            trim(r);
        }
    }
    if (q) {
        q->n = m + 1;
        memcpy(q->d, quot, q->n * sizeof quot[0]);
        trim(q);
    }
    return true;
}

static bool gcd(struct pgr_big *r, const struct pgr_big *a, const struct pgr_big *b, size_t *work) {
    struct pgr_big x, y;
    copy(&x, a);
    copy(&y, b);
    while (y.n) {
        if (!divide(NULL, &x, &x, &y, work)) return false;
        struct pgr_big t;
        copy(&t, &x);
        copy(&x, &y);
        copy(&y, &t);
    }
    copy(r, &x);
    return true;
}

static bool reduce(struct pgr_rat *r, size_t *work) {
    if (r->den.n == 0) return false;
    if (r->num.n == 0) {
        pgr_rat_int(r, 0);
        return true;
    }
    if (is_one(&r->den)) return true;
    struct pgr_big g;
    if (!gcd(&g, &r->num, &r->den, work)) return false;
    if (is_one(&g)) return true;
    return divide(&r->num, NULL, &r->num, &g, work) && divide(&r->den, NULL, &r->den, &g, work);
}

void pgr_rat_int(struct pgr_rat *r, int64_t v) {
    r->neg = v < 0;
    set_u64(&r->num, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    set_u64(&r->den, 1);
}

bool pgr_rat_digits(struct pgr_rat *r, const char *digits, size_t n, uint32_t base, size_t *work) {
    pgr_rat_int(r, 0);
    for (size_t i = 0; i < n; i++) {
        char c = digits[i];
        uint32_t v = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') + 10
                     : c >= 'A' && c <= 'Z' ? (uint32_t)(c - 'A') + 10
                                            : 99;
        if (v >= base || !pay(work, r->num.n + 1)) return false;
        uint64_t carry = v;
        for (uint32_t k = 0; k < r->num.n; k++) {
            carry += (uint64_t)r->num.d[k] * base;
            r->num.d[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (!carry) continue;
        if (r->num.n == PGR_BIG_LIMBS) return false;
        r->num.d[r->num.n++] = (uint32_t)carry;
    }
    return true;
}

bool pgr_rat_add(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work) {
    struct pgr_big x, y;
    struct pgr_rat s;
    if (!mul(&x, &a->num, &b->den, work) || !mul(&y, &b->num, &a->den, work) || !mul(&s.den, &a->den, &b->den, work))
        return false;
    if (a->neg == b->neg) {
        if (!add(&s.num, &x, &y)) return false;
        s.neg = a->neg;
    } else if (cmp(&x, &y) >= 0) {
        sub(&s.num, &x, &y);
        s.neg = a->neg;
    } else {
        sub(&s.num, &y, &x);
        s.neg = b->neg;
    }
    if (!reduce(&s, work)) return false;
    *r = s;
    return true;
}

bool pgr_rat_mul(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work) {
    struct pgr_rat s;
    if (!mul(&s.num, &a->num, &b->num, work) || !mul(&s.den, &a->den, &b->den, work)) return false;
    s.neg = a->neg != b->neg;
    if (!reduce(&s, work)) return false;
    *r = s;
    return true;
}

bool pgr_rat_div(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work) {
    struct pgr_rat inv = {.neg = b->neg};
    if (b->num.n == 0) return false;
    copy(&inv.num, &b->den);
    copy(&inv.den, &b->num);
    return pgr_rat_mul(r, a, &inv, work);
}

bool pgr_rat_pow(struct pgr_rat *r, const struct pgr_rat *a, int64_t e, size_t *work) {
    uint64_t k = e < 0 ? 0 - (uint64_t)e : (uint64_t)e;
    if (a->num.n == 0 && e <= 0) return false;
    if (a->num.n == 0 || (is_one(&a->num) && is_one(&a->den))) {
        bool neg = a->neg && (k & 1);
        *r = *a;
        r->neg = neg;
        return true;
    }
    struct pgr_rat s, x = *a;
    pgr_rat_int(&s, 1);
    while (true) {
        if (k & 1) {
            if (!mul(&s.num, &s.num, &x.num, work) || !mul(&s.den, &s.den, &x.den, work)) return false;
        }
        k >>= 1;
        if (!k) break;
        if (!mul(&x.num, &x.num, &x.num, work) || !mul(&x.den, &x.den, &x.den, work)) return false;
    }
    s.neg = a->neg && (e & 1);
    if (e < 0) {
        struct pgr_big t = s.num;
        s.num = s.den;
        s.den = t;
    }
    *r = s;
    return true;
}

bool pgr_rat_floor(struct pgr_rat *r, const struct pgr_rat *a, size_t *work) {
    struct pgr_rat s = {.neg = a->neg};
    struct pgr_big rest, one;
    if (!divide(&s.num, &rest, &a->num, &a->den, work)) return false;
    set_u64(&one, 1);
    s.den = one;
    if (a->neg && rest.n && !add(&s.num, &s.num, &one)) return false;
    if (s.num.n == 0) s.neg = false;
    *r = s;
    return true;
}

static uint32_t bits(const struct pgr_big *a) { return a->n ? a->n * 32 - (uint32_t)__builtin_clz(a->d[a->n - 1]) : 0; }

/* The exact n-th root of a natural number, bit by bit from the top. */
static bool root(struct pgr_big *r, const struct pgr_big *a, uint32_t n, size_t *work) {
    struct pgr_big x = {.n = 0};
    if (a->n == 0 || is_one(a)) {
        copy(r, a);
        return true;
    }
    if (n >= bits(a)) return false; /* 1 < root < 2 */
    for (uint32_t bit = bits(a) / n + 1; bit-- > 0;) {
        struct pgr_big t = {.n = 0}, p;
        copy(&t, &x);
        while (t.n <= bit / 32) t.d[t.n++] = 0;
        t.d[bit / 32] |= (uint32_t)1 << bit % 32;
        set_u64(&p, 1);
        bool fits = true;
        for (uint32_t i = 0; i < n && fits; i++) {
            fits = mul(&p, &p, &t, work);
            if (!fits && *work == 0) return false;
        }
        int order = fits ? cmp(&p, a) : 1;
        if (order <= 0) copy(&x, &t);
        if (order == 0) {
            copy(r, &x);
            return true;
        }
    }
    return false;
}

bool pgr_rat_root(struct pgr_rat *r, const struct pgr_rat *a, uint32_t n, size_t *work) {
    struct pgr_rat s = {.neg = a->neg};
    if (n < 2 || (a->neg && n % 2 == 0)) return false;
    if (!root(&s.num, &a->num, n, work) || !root(&s.den, &a->den, n, work)) return false;
    *r = s;
    return true;
}

bool pgr_rat_cmp(int *sign, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work) {
    struct pgr_big x, y;
    if (a->neg != b->neg) {
        *sign = a->neg ? -1 : 1;
        return true;
    }
    /* Products of two denominators may not fit where the numbers do: then the caller has no order. */
    if (!mul(&x, &a->num, &b->den, work) || !mul(&y, &b->num, &a->den, work)) return false;
    *sign = a->neg ? cmp(&y, &x) : cmp(&x, &y);
    return true;
}

bool pgr_rat_same(const struct pgr_rat *a, const struct pgr_rat *b) {
    return a->neg == b->neg && cmp(&a->num, &b->num) == 0 && cmp(&a->den, &b->den) == 0;
}

bool pgr_rat_is_int(const struct pgr_rat *a) { return is_one(&a->den); }

bool pgr_rat_to_int(const struct pgr_rat *a, int64_t *out) {
    if (!is_one(&a->den) || bits(&a->num) > 62) return false;
    uint64_t v = 0;
    for (uint32_t i = a->num.n; i-- > 0;) v = v << 32 | a->num.d[i];
    *out = a->neg ? -(int64_t)v : (int64_t)v;
    return true;
}

uint64_t pgr_big_mod(const struct pgr_big *a, uint64_t m) {
    unsigned __int128 rest = 0;
    for (uint32_t i = a->n; i-- > 0;) rest = (rest << 32 | a->d[i]) % m;
    return (uint64_t)rest;
}
