/* plan.h - tests in Python that only compare results of calls with literals.
 *
 * Most asserts of public data sets are `assert f(literals) == literal`. For these no interpreter has to run the tests:
 * the calls are sent to the solution's process, all at once, and what it answers is compared here, by Python's rules.
 * What cannot be decided here in the very way in which Python would (a result of an unusual type, a message that must
 * be computed) is *unsure*, and the tests are then run by a judge. */
#ifndef PGR_SBX_PLAN_H
#define PGR_SBX_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "sbx/proto.h"

enum pgr_same { PGR_DIFFERENT, PGR_SAME, PGR_UNSURE };

struct pgr_plan_check {
    enum { PGR_CHECK_TRUE, PGR_CHECK_FALSE, PGR_CHECK_EQUAL, PGR_CHECK_IS, PGR_CHECK_BELOW, PGR_CHECK_AT_MOST } how;
    size_t test;         /* the snippet it belongs to */
    size_t want, n_want; /* EQUAL, IS: the value in `values`; BELOW, AT_MOST: abs(result - that) < or <= limit */
    double limit;
    size_t message, n_message; /* of a failure, in `values` */
    bool computed_message;     /* it is more than a literal */
};

struct pgr_plan {
    struct pgr_buf callee; /* what is called in each check, such as f or Solution().f */
    struct pgr_buf calls;  /* for each check a tuple of arguments and a dict of named ones, in the wire form */
    struct pgr_buf values;
    struct pgr_plan_check *check;
    size_t n_checks, cap;
};

/* Reads snippets of tests of the function `entry` (or a method, as Class().name), which `setup` precedes. NULL if they
 * are of any other form, or memory runs out. Free with pgr_plan_free. */
struct pgr_plan *pgr_plan_new(const struct pgr_span *test, size_t stride, size_t n_tests, struct pgr_span entry,
                              struct pgr_span setup);
void pgr_plan_free(struct pgr_plan *p);

/* Whether a result (one value, scanned with PGR_WIRE_OPAQUE) passes a check. */
enum pgr_same pgr_plan_holds(const struct pgr_plan *p, const struct pgr_plan_check *c, struct pgr_span result);

#endif
