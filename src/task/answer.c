/* answer.c - see answer.h. */
#include "task/answer.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "math/math.h"

/* As much of an answer as results show. */
static char *shortened(const char *s, size_t n) { return pgr_strndup(s, n < 200 ? n : 200); }

static pgr_err explain(const struct pgr_task *t, const char *at, size_t n, const struct pgr_math_result *m,
                       struct pgr_sbx_result *out) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, "%s%s", m->verdict == PGR_MATH_UNDECIDED ? "undecided: " : "", m->reason);
    out->detail = pgr_buf_steal(&b);
    out->expected = shortened(t->answer, strlen(t->answer));
    if (at) out->got = shortened(at, n);
    return out->detail && out->expected && (out->got || !at) ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

pgr_err pgr_task_judge_answer(const struct pgr_task *t, const char *completion, size_t n, struct pgr_sbx_result *out,
                              bool *undecided) {
    const char *at = NULL;
    size_t n_answer = 0;
    struct pgr_math_result m = {PGR_MATH_DIFFERENT, "no answer found"};
    if (pgr_math_extract(completion, n, &at, &n_answer) != PGR_MATH_NONE)
        PGR_TRY(pgr_math_equal(t->answer, strlen(t->answer), at, n_answer, NULL, &m));
    bool right = m.verdict == PGR_MATH_EQUAL;
    struct pgr_sbx_result r = {.verdict = right ? PGR_V_ACCEPTED : PGR_V_WRONG_ANSWER,
                               .n_passed = right,
                               .n_tests = 1,
                               .failed_test = right ? SIZE_MAX : 0};
    pgr_err err = right ? PGR_OK : explain(t, at, n_answer, &m, &r);
    r.out = pgr_strdup("");
    r.err = pgr_strdup("");
    if (err == PGR_OK && (!r.out || !r.err)) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err != PGR_OK) {
        pgr_sbx_result_free(&r);
        return err;
    }
    *undecided = m.verdict == PGR_MATH_UNDECIDED;
    *out = r;
    return PGR_OK;
}
