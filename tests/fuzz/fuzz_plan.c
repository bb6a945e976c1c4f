/* fuzz_plan.c - tests as data sets bring them, and results as programs send them: "test\0result".
 *
 * Beyond not crashing: a plan has well-formed calls and values, two for each check. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sbx/plan.h"
#include "sbx/wire.h"

#define CHECK(x)                                                                                                       \
    if (!(x)) abort()

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static const struct pgr_span entry = {"f", 1};
    const char *text = (const char *)data, *zero = n ? memchr(text, '\0', n) : NULL;
    struct pgr_span test = {text, zero ? (size_t)(zero - text) : n}, result = {"N", 1};
    struct pgr_wire_scan s;
    if (zero) result = (struct pgr_span){zero + 1, n - test.n - 1};
    struct pgr_plan *p = pgr_plan_new(&test, sizeof test, 1, entry, (struct pgr_span){NULL, 0});
    if (!p) return 0;
    size_t at = 0;
    for (size_t i = 0; i < 2 * p->n_checks; i++) {
        CHECK(!pgr_wire_scan((const unsigned char *)p->calls.data + at, p->calls.len - at, 0, &s));
        at += s.n_bytes;
    }
    CHECK(at == p->calls.len);
    bool ok =
        !pgr_wire_scan((const unsigned char *)result.data, result.n, PGR_WIRE_OPAQUE, &s) && s.n_bytes == result.n;
    for (size_t i = 0; i < p->n_checks; i++) {
        const struct pgr_plan_check *c = &p->check[i];
        CHECK(c->message + c->n_message <= p->values.len);
        if (c->n_want)
            CHECK(!pgr_wire_scan((const unsigned char *)p->values.data + c->want, c->n_want, 0, &s) &&
                  s.n_bytes == c->n_want);
        if (ok) pgr_plan_holds(p, c, result);
    }
    pgr_plan_free(p);
    return 0;
}
