/* judge.h - judging completions against a benchmark's file.
 *
 * The file is read twice: once for the ids, so that a completion of an unknown task is found before anything runs, and
 * once task by task, so that a file of any size can be judged. Programs run in the sandbox, EvalPlus' two suites as two
 * jobs; final answers of math are compared here. */
#ifndef PGR_EVAL_JUDGE_H
#define PGR_EVAL_JUDGE_H

#include "eval/bench.h"
#include "eval/samples.h"

struct pgr_problem {
    char *id;                            /* owned, as the rest; NULL where the task has none */
    char *difficulty, *platform, *month; /* month: YYYY-MM */
    json_t *base_input, *plus_input;     /* EvalPlus: the inputs, in the form of docs/sandbox.md */
    size_t n, n_passed, n_base_passed;   /* completions */
};

struct pgr_judged {
    struct pgr_problem *problem; /* owned: those with completions, in the order of the file */
    size_t n, cap;
    size_t n_missing;  /* problems of the file (within the filter) without a completion */
    size_t n_outside;  /* completions of problems that the filter leaves out; not judged */
    size_t n_internal; /* completions that the host could not judge */
    size_t n_undecided;
    bool has_plus;
};

struct pgr_judge_opts {
    const struct pgr_bench *bench;
    const char *path;              /* the benchmark's file */
    const char *samples_path;      /* for messages */
    struct pgr_task_filter filter; /* wants and ctx are the judge's own */
    struct pgr_sbx *sbx;           /* NULL: math only */
    double cpu_s;                  /* above 0: takes the place of the tasks' CPU limits */
    size_t memory_bytes;           /* above 0: the same for memory */
    bool sanitize;                 /* programs are cleaned as EvalPlus does (sanitize.h) before they are judged */
    bool qwen_math;                /* math compares as Qwen2.5-Math's grader (math/math.h) */
    /* Called now and then; false stops with PGR_E_INTERRUPTED. May be NULL. */
    bool (*tick)(void *ctx, size_t n_done, size_t n_total, size_t n_passed);
    void *ctx;
};

/* Fills the samples' verdicts. PGR_E_FORMAT for a completion of an unknown task, a task of another benchmark, a damaged
 * file; PGR_E_USAGE for tests without a sandbox. */
PGR_MUST_CHECK pgr_err pgr_judge_run(const struct pgr_judge_opts *o, struct pgr_eval_samples *s,
                                     struct pgr_judged *out);
void pgr_judged_free(struct pgr_judged *j);

#endif
