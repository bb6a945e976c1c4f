/* bench.h - the benchmarks: their names, which files they are read from, how a model is asked, what is taken from its
 * answer, and which result file their own harness writes. */
#ifndef PGR_EVAL_BENCH_H
#define PGR_EVAL_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "task/task.h"

enum pgr_bench_take {
    PGR_TAKE_CODE,    /* the last block of Python (text/think.h) */
    PGR_TAKE_PREFILL, /* the prompt opens the block: what stands before the closing fence */
    PGR_TAKE_FENCES,  /* between the last two lines that hold ``` (LiveCodeBench) */
    PGR_TAKE_ANSWER   /* the final answer (math/math.h) */
};

enum pgr_bench_file { PGR_FILE_RESULTS, PGR_FILE_EVALPLUS };

struct pgr_bench {
    const char *name, *summary;
    const char *families[4]; /* layouts it is read from; "tasks" always counts */
    const char *file;        /* in the cache's data folder */
    const char *split;       /* `eval` asks these problems only; NULL = all */
    const char *system;      /* NULL: none of our own */
    const char *ask;         /* the user's turn: {prompt}, {tests}, {starter} */
    const char *prefill;     /* how the assistant's turn is begun; NULL */
    const char *const *stop; /* NULL-terminated */
    enum pgr_bench_take take;
    enum pgr_bench_file official;
    size_t max_tokens;
    struct pgr_sbx_limits limits; /* for tasks in our own form that bring none */
};

/* "humaneval", "humaneval+", ... PGR_E_USAGE with the nearest name for an unknown one. */
PGR_MUST_CHECK pgr_err pgr_bench_find(const char *name, size_t n, const struct pgr_bench **out);
extern const struct pgr_bench pgr_benches[];
extern const size_t pgr_n_benches;
/* PGR_E_FORMAT when a task of this layout does not belong to the benchmark. */
PGR_MUST_CHECK pgr_err pgr_bench_check_family(const struct pgr_bench *b, const char *where, const struct pgr_task *t);

/* Appends the user's turn for a task. format: NULL, or a template that takes the place of the benchmark's own. */
PGR_MUST_CHECK pgr_err pgr_bench_ask(const struct pgr_bench *b, const char *format, const struct pgr_task *t,
                                     struct pgr_buf *out);
/* Appends what counts of an answer's text (behind the prefill): code, or the text itself for math. */
PGR_MUST_CHECK pgr_err pgr_bench_take(const struct pgr_bench *b, const char *text, size_t n, struct pgr_buf *out);

#endif
