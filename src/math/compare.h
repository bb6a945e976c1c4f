/* compare.h - inside of the comparison: values, equations and sets of two trees in the same struct pgr_math. */
#ifndef PGR_MATH_COMPARE_H
#define PGR_MATH_COMPARE_H

#include "math/eval.h"
#include "math/expr.h"

/* A tree with the meaning of its plus-or-minus. */
struct pgr_val {
    const struct pgr_node *n;
    int sign;
};

struct pgr_compare {
    struct pgr_math *m;
    struct pgr_math_rules rules;
    struct pgr_math_result *out; /* the reason of the last verdict */
};

/* Puts the reason down and returns v. */
pgr_math_verdict pgr_cmp_say(struct pgr_compare *c, pgr_math_verdict v, const char *fmt, ...) PGR_PRINTF(3, 4);

/* 1, -1: plus or minus infinity; 0: none. */
int pgr_val_infinite(struct pgr_val v);
bool pgr_val_has(const struct pgr_node *n, int kind);
bool pgr_val_decimal(const struct pgr_node *n);

/* scalar.c. factor: b is taken times this number (a unit's worth, or 0.01 for percent). */
pgr_math_verdict pgr_cmp_scalar(struct pgr_compare *c, struct pgr_val a, struct pgr_val b, double factor);
/* Two relations; neither is an assignment that compare.c has resolved. */
pgr_math_verdict pgr_cmp_relation(struct pgr_compare *c, struct pgr_val a, struct pgr_val b);
/* sets.c: sets of real numbers: intervals, unions, inequalities in one name. pgr_is_real_set: can be one, and is not
 * just a tuple. */
bool pgr_is_real_set(struct pgr_val v);
pgr_math_verdict pgr_cmp_real_sets(struct pgr_compare *c, struct pgr_val a, struct pgr_val b);

#endif
