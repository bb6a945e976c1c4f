/* eval.h - the value of a tree in three ways: as a rational number, in a prime field, and as a complex number with a
 * bound on its error. `sign` (1 or -1) is what plus-or-minus stands for. All return false for a tree that has no such
 * value, or when the work is used up. */
#ifndef PGR_MATH_EVAL_H
#define PGR_MATH_EVAL_H

#include "math/big.h"
#include "math/expr.h"

bool pgr_eval_exact(struct pgr_math *m, const struct pgr_node *n, int sign, struct pgr_rat *out);

/* Field: names have random values, pi and e too; i is a square root of -1. A function, a root or a power that is not a
 * whole number is a random function of its arguments' values (`opaque` is set): then equal values still prove equality,
 * different ones prove nothing. */
struct pgr_field {
    unsigned prime; /* 0 or 1 */
    unsigned point;
    bool opaque;   /* set, never cleared */
    bool override; /* the name `sym` has `value` instead */
    pgr_sym sym;
    uint64_t value;
};
extern const uint64_t pgr_field_prime[2];
uint64_t pgr_field_mul(const struct pgr_field *f, uint64_t a, uint64_t b);
uint64_t pgr_field_add(const struct pgr_field *f, uint64_t a, uint64_t b);
uint64_t pgr_field_neg(const struct pgr_field *f, uint64_t a);
uint64_t pgr_field_inv(const struct pgr_field *f, uint64_t a); /* a != 0 */
bool pgr_eval_field(struct pgr_math *m, const struct pgr_node *n, int sign, struct pgr_field *f, uint64_t *out);

/* The true value lies within err of re + i im; `real`: it is real, and im is 0. */
struct pgr_ball {
    long double re, im, err;
    bool real;
};
/* point: names are positive in even points, of either sign in odd ones. False too where a function is not defined,
 * or cannot be told from such a place, or overflows. */
bool pgr_eval_ball(struct pgr_math *m, const struct pgr_node *n, int sign, unsigned point, struct pgr_ball *out);

/* A number of 64 random bits for a name at a point: from the name alone, so the same in every answer. */
uint64_t pgr_eval_random(const struct pgr_math *m, pgr_sym s, unsigned point);

#endif
