/* asserts.h - cases of solutions and tests that are Python code, judged in every way there is. */
#ifndef PGR_TESTS_SBX_ASSERTS_H
#define PGR_TESTS_SBX_ASSERTS_H

#include "test.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/size.h"
#include "sbx/sbx.h"

/* A class whose objects equal, exceed and contain everything. */
#define EQ                                                                                                             \
    "class E:\n def __eq__(s, o): return True\n def __ne__(s, o): return False\n __hash__ = None\n __lt__ = __le__ = " \
    "__gt__ = __ge__ = __contains__ = __eq__\n"                                                                        \
    " def __sub__(s, o): return 0.0\n __rsub__ = __add__ = __radd__ = __mul__ = __sub__\n def __abs__(s): return "     \
    "0.0\n def __len__(s): return 1\n"

static struct pgr_sbx *pool;

static int open_pool(void **state) {
    (void)state;
    struct pgr_sbx_cfg cfg = {.n_cells = 1};
    pgr_err err = pgr_sbx_open(&cfg, &pool);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        exit(77);
    }
    return err;
}

static int close_pool(void **state) {
    (void)state;
    pgr_sbx_close(pool);
    return 0;
}

struct one {
    const char *setup, *program, *entry, *tests[4];
    pgr_verdict verdict;
    const char *detail;
    bool same;
};

/* by_judge: a last test is added that is always true and that only Python can tell (plan.h). */
static struct pgr_sbx_result run_one(const struct one *c, bool same_process, bool by_judge) {
    struct pgr_sbx_result r;
    json_t *t = json_array();
    for (size_t i = 0; i < PGR_COUNT(c->tests) && c->tests[i]; i++) json_array_append_new(t, json_string(c->tests[i]));
    if (by_judge) json_array_append_new(t, json_string("assert 1 < 2"));
    struct pgr_sbx_job job = {.kind = PGR_SBX_ASSERTS,
                              .program = c->program,
                              .program_bytes = strlen(c->program),
                              .setup = c->setup,
                              .entry_point = c->entry,
                              .tests = t,
                              .same_process = same_process,
                              .limits = {.cpu_s = 1, .wall_s = 3}};
    assert_ok(pgr_sbx_submit(pool, &job, 1));
    json_decref(t);
    size_t n = 0;
    double end = pgr_now_s() + 60;
    while (n == 0 && pgr_now_s() < end) assert_ok(pgr_sbx_poll(pool, &r, 1, 1000, &n));
    assert_int_equal(n, 1);
    return r;
}

static struct pgr_sbx_result judge(const struct one *c, bool same_process) { return run_one(c, same_process, false); }

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* What exactly is wrong with a malformed answer depends on who reads it. */
static bool same_detail(const char *a, const char *b) {
    static const char malformed[] = "malformed answer";
    size_t n = sizeof malformed - 1;
    return same_text(a, b) || (a && b && strncmp(a, malformed, n) == 0 && strncmp(b, malformed, n) == 0);
}

/* With and without a judge: the same verdict in the same words. */
static void check_ways_agree(const struct one *c, const struct pgr_sbx_result *r, bool same_process) {
    struct pgr_sbx_result j = run_one(c, same_process, true);
    bool all = r->verdict == PGR_V_ACCEPTED;
    if (j.verdict != r->verdict || !same_detail(j.detail, r->detail) || j.n_passed != r->n_passed + all ||
        (!all && (j.failed_test != r->failed_test || !same_text(j.input, r->input))))
        fail_msg("%s\n%s\n-> %s (%s), %zu passed, but by a judge %s (%s), %zu passed", c->program, c->tests[0],
                 pgr_verdict_name(r->verdict), r->detail ? r->detail : "-", r->n_passed, pgr_verdict_name(j.verdict),
                 j.detail ? j.detail : "-", j.n_passed);
    pgr_sbx_result_free(&j);
}

static void check(const struct one *c, size_t n, bool same_process) {
    for (size_t i = 0; i < n; i++) {
        struct pgr_sbx_result r = judge(&c[i], same_process);
        if (r.verdict != c[i].verdict || (c[i].detail && (!r.detail || !strstr(r.detail, c[i].detail))) ||
            r.same_process != c[i].same)
            fail_msg("case %zu: %s\n%s\n-> %s (%s)%s, %zu of %zu passed, want %s (%s)%s\n%s%s", i, c[i].program,
                     c[i].tests[0], pgr_verdict_name(r.verdict), r.detail ? r.detail : "-",
                     r.same_process ? " same process" : "", r.n_passed, r.n_tests, pgr_verdict_name(c[i].verdict),
                     c[i].detail ? c[i].detail : "-", c[i].same ? " same process" : "", r.out, r.err);
        if (!same_process && c[i].tests[0]) check_ways_agree(&c[i], &r, same_process);
        pgr_sbx_result_free(&r);
    }
}

#endif
