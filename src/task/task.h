/* task.h - tasks with tests (or a final answer), and how a completion's code becomes a sandbox job. */
#ifndef PGR_TASK_TASK_H
#define PGR_TASK_TASK_H

#include <jansson.h>

#include "base/err.h"
#include "sbx/sbx.h"

enum pgr_task_kind { PGR_TASK_CODE, PGR_TASK_MATH };

struct pgr_task {
    enum pgr_task_kind kind;
    char *id, *prompt;   /* owned */
    char *entry_point;   /* NULL if none */
    char *setup;         /* NULL if none */
    char *solution;      /* reference, NULL if none */
    char *answer;        /* math: the expected final answer */
    char *split, *topic; /* NULL if none */
    enum pgr_sbx_kind test_kind;
    json_t *tests;                   /* owned; as pgr_sbx_job.tests */
    bool exact_output, same_process; /* as in pgr_sbx_job */
    double atol, rtol;
    struct pgr_sbx_limits limits; /* zero = defaults */
};

struct pgr_tasks {
    struct pgr_task *task; /* owned */
    size_t n;
};

/* Reads JSONL (plain or compressed) in the documented form (docs/formats.md). split: NULL = all, else only records
 * whose "split" equals it. Errors name file, line and key; a duplicate id and an empty test list are errors. */
PGR_MUST_CHECK pgr_err pgr_tasks_load(const char *path, const char *split, struct pgr_tasks *out);
void pgr_tasks_free(struct pgr_tasks *t);

/* Fills a job that tests `code` against the task; borrows from both. */
void pgr_task_job(const struct pgr_task *t, const char *code, size_t code_bytes, struct pgr_sbx_job *job);

#endif
