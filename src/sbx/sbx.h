/* sbx.h - running untrusted Python against tests (see docs/sandbox.md).
 *
 * A pool is a supervisor process with cells. It must be opened before the first parallel region and before any model is
 * mapped (it forks). Jobs are submitted and polled asynchronously from one thread. The tested process never holds
 * expected values and decides nothing. */
#ifndef PGR_SBX_SBX_H
#define PGR_SBX_SBX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PGR_VERDICT_LIST(X)                                                                                            \
    X(ACCEPTED, "accepted")                                                                                            \
    X(WRONG_ANSWER, "wrong_answer")                                                                                    \
    X(RUNTIME_ERROR, "runtime_error")                                                                                  \
    X(COMPILE_ERROR, "compile_error")                                                                                  \
    X(TIME_LIMIT, "time_limit")                                                                                        \
    X(MEMORY_LIMIT, "memory_limit")                                                                                    \
    X(OUTPUT_LIMIT, "output_limit") X(VIOLATION, "violation") X(INTERNAL_ERROR, "internal_error")
typedef enum pgr_verdict {
#define X(name, text) PGR_V_##name,
    PGR_VERDICT_LIST(X)
#undef X
} pgr_verdict;
const char *pgr_verdict_name(pgr_verdict v);

struct pgr_sbx_limits {
    double cpu_s, wall_s; /* per run; wall 0 = 3 * cpu + 2 */
    double call_cpu_s;    /* ASSERTS: CPU time between a request of the tests and the next; 0 = no such limit */
    size_t memory_bytes;  /* address space */
    size_t output_bytes;  /* stdout; stderr is cut, not judged */
    size_t answer_bytes;  /* one result in a call; all results of a run: 8 times as many */
    size_t n_threads, n_files;
    size_t scratch_bytes;
};
extern const struct pgr_sbx_limits pgr_sbx_default_limits;

enum pgr_sbx_kind {
    PGR_SBX_RUN,    /* run the program once with `stdin`; accepted = exit status 0; stdout comes back */
    PGR_SBX_STDIO,  /* tests: stdin -> expected stdout, one run each, stop at the first failure */
    PGR_SBX_CALLS,  /* calls of entry_point with typed arguments, expected results compared outside */
    PGR_SBX_ASSERTS /* the data set's own Python test code, run in a judge process over the wire */
};

struct pgr_sbx_cfg {
    size_t n_cells;             /* 0 = one per CPU */
    const char *python;         /* absolute path; NULL = found */
    const char *site_packages;  /* NULL = none; visible read-only */
    const char *const *preload; /* extra modules imported before the fork, NULL-terminated; may be NULL */
    bool unsafe;                /* allow running without isolation (tier 3) */
};

/* All pointers are borrowed until submit returns. */
struct pgr_sbx_job {
    enum pgr_sbx_kind kind;
    const char *program; /* the candidate's source, any bytes */
    size_t program_bytes;
    const char *setup;       /* source run before the program in the same module, or NULL */
    const char *entry_point; /* CALLS, ASSERTS; may be NULL for ASSERTS whose tests name functions themselves */
    /* STDIO: array of {"stdin": s, "stdout": s};  CALLS: array of {"args": [...], "kwargs": {...}, "expected": v}
     * (typed JSON, see docs/sandbox.md);  ASSERTS: array of strings, each a snippet of Python;  RUN: {"stdin": s} or
     * NULL. Borrowed. */
    const json_t *tests;
    bool exact_output; /* STDIO: compare bytes instead of whitespace-separated tokens */
    bool line_output;  /* STDIO: LiveCodeBench's comparison, line by line (verdict.h) */
    bool same_process; /* ASSERTS: allow the weaker same-process mode where the tests need it (marked in the result) */
    double atol, rtol; /* CALLS: tolerance where the expected value is a float; 0 = exact */
    struct pgr_sbx_limits limits; /* zero fields = defaults */
};

struct pgr_sbx_result {
    uint64_t tag;
    pgr_verdict verdict;
    bool same_process; /* judged inside the tested process: weaker */
    double cpu_s, wall_s;
    size_t peak_bytes;
    size_t n_passed, n_tests;
    size_t failed_test;           /* index of the first failing test; SIZE_MAX if none */
    char *input, *expected, *got; /* of that test, shortened; NULL if none */
    char *detail;                 /* one line: exception, limit, ... ; NULL if none */
    char *out, *err;              /* ends of stdout and stderr (RUN: all of stdout up to the limit); never NULL */
    size_t out_bytes, err_bytes;
};
void pgr_sbx_result_free(struct pgr_sbx_result *r);

struct pgr_sbx;
/* PGR_E_UNSUPPORTED when the host grants no isolation and !cfg->unsafe: the message says what is missing. */
PGR_MUST_CHECK pgr_err pgr_sbx_open(const struct pgr_sbx_cfg *cfg, struct pgr_sbx **out);
/* Queues a job (copied). PGR_E_FORMAT for tests that are not of the documented form or empty. */
PGR_MUST_CHECK pgr_err pgr_sbx_submit(struct pgr_sbx *s, const struct pgr_sbx_job *job, uint64_t tag);
/* Waits up to timeout_ms (-1 = for ever, 0 = not at all) for at least one result while jobs are pending; *n of at most
 * max. Results are owned by the caller. Survives the death of cells and of the supervisor (restart, re-run, counted).
 */
PGR_MUST_CHECK pgr_err pgr_sbx_poll(struct pgr_sbx *s, struct pgr_sbx_result *results, size_t max, int timeout_ms,
                                    size_t *n);
size_t pgr_sbx_pending(const struct pgr_sbx *s);
int pgr_sbx_tier(const struct pgr_sbx *s); /* 1, 2, 3 */
void pgr_sbx_close(struct pgr_sbx *s);

struct pgr_sbx_info { /* borrowed from the pool */
    int tier;
    unsigned landlock_abi;    /* 0 = none */
    const char *python;       /* the interpreter */
    const char *weaker_since; /* why the tier is not 1; "" when it is */
    size_t n_cells, n_restarts;
    double cell_start_s; /* what it took to build the first cell */
};
void pgr_sbx_info(const struct pgr_sbx *s, struct pgr_sbx_info *out);

#endif
