/* test.h - what every cmocka test includes, in the order cmocka wants, and a few helpers. */
#ifndef PGR_TESTS_TEST_H
#define PGR_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* Fails with the library's own message. */
#define assert_ok(expr)                                                                                                \
    do {                                                                                                               \
        pgr_err assert_ok_e_ = (expr);                                                                                 \
        if (assert_ok_e_ != PGR_OK) fail_msg("%s: %s: %s", #expr, pgr_err_text(assert_ok_e_), pgr_err_detail());       \
    } while (0)

/* Fails unless the call fails with this code and its message contains this text. */
#define assert_fails_with(expr, code, text)                                                                            \
    do {                                                                                                               \
        pgr_err assert_e_ = (expr);                                                                                    \
        if (assert_e_ != (code))                                                                                       \
            fail_msg("%s: got \"%s\", want \"%s\"", #expr, pgr_err_text(assert_e_), pgr_err_text(code));               \
        if (!strstr(pgr_err_detail(), (text)))                                                                         \
            fail_msg("%s: message \"%s\" lacks \"%s\"", #expr, pgr_err_detail(), (text));                              \
    } while (0)

/* A fresh folder for this test, in the build tree or /tmp; the caller removes it (pgr_remove_tree). */
PGR_UNUSED static inline char *test_tmpdir(char buf[256]) {
    const char *t = getenv("TMPDIR");
    snprintf(buf, 256, "%s/pgr-test-XXXXXX", t ? t : "/tmp");
    char *p = mkdtemp(buf);
    assert_non_null(p);
    return p;
}

#endif
