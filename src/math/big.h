/* big.h - rational numbers of bounded size: sign, numerator and denominator of up to 4096 bits, in place (no heap).
 *
 * Operations return false, and leave the result undefined, when it does not fit (or a divisor is zero). A result is
 * always in lowest terms with a positive denominator. Cost is charged to *work in steps of one limb product; an
 * operation that finds less than it needs fails too. */
#ifndef PGR_MATH_BIG_H
#define PGR_MATH_BIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PGR_BIG_LIMBS 128

struct pgr_big {
    uint32_t n; /* used limbs, no leading zero; 0 is the number 0 */
    uint32_t d[PGR_BIG_LIMBS];
};

struct pgr_rat {
    bool neg; /* never with zero */
    struct pgr_big num, den;
};

void pgr_rat_int(struct pgr_rat *r, int64_t v);
/* The integer of n digits in a base of 2..36 (digits 0-9, a-z in any case); false for another digit. */
bool pgr_rat_digits(struct pgr_rat *r, const char *digits, size_t n, uint32_t base, size_t *work);
bool pgr_rat_add(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work);
bool pgr_rat_mul(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work);
bool pgr_rat_div(struct pgr_rat *r, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work);
bool pgr_rat_pow(struct pgr_rat *r, const struct pgr_rat *a, int64_t e, size_t *work); /* 0^0 fails */
/* *r = the largest integer <= a. */
bool pgr_rat_floor(struct pgr_rat *r, const struct pgr_rat *a, size_t *work);
/* *r = the exact n-th root, false if it is not rational; n >= 2. A negative number has a root for odd n. */
bool pgr_rat_root(struct pgr_rat *r, const struct pgr_rat *a, uint32_t n, size_t *work);
/* -1, 0, 1; false when there was not enough work left. */
bool pgr_rat_cmp(int *sign, const struct pgr_rat *a, const struct pgr_rat *b, size_t *work);
bool pgr_rat_same(const struct pgr_rat *a, const struct pgr_rat *b);
bool pgr_rat_is_int(const struct pgr_rat *a);
/* The value where it is an integer of at most 62 bits. */
bool pgr_rat_to_int(const struct pgr_rat *a, int64_t *out);
/* |a|'s integer numerator modulo m (m < 2^63). */
uint64_t pgr_big_mod(const struct pgr_big *a, uint64_t m);

#endif
