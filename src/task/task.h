/* task.h - tasks with tests (or a final answer), and how a completion's code becomes a sandbox job. */
#ifndef PGR_TASK_TASK_H
#define PGR_TASK_TASK_H

#include <jansson.h>

#include "base/err.h"
#include "sbx/sbx.h"

enum pgr_task_kind {
    PGR_TASK_CODE,
    PGR_TASK_MATH,
    PGR_TASK_PLAIN /* a problem alone, without tests or answer; only where the filter lets it through */
};

/* One record, whatever file it came from (docs/data.md has the layouts). */
struct pgr_task {
    enum pgr_task_kind kind;
    const char *family;  /* the layout it was read from (family.h), static */
    char *id, *prompt;   /* owned */
    char *where;         /* "path:line" it was read from, owned; NULL unless pgr_tasks_load read it */
    char *entry_point;   /* NULL if none */
    char *setup;         /* NULL if none */
    char *prefix;        /* source that a completion of the prompt continues (HumanEval's prompt); NULL if none */
    char *starter_code;  /* NULL if none */
    char *solution;      /* reference, NULL if none; complete source */
    char *answer;        /* math: the expected final answer */
    char *split, *topic; /* NULL if none */
    char *difficulty, *platform, *date; /* NULL if none; date is YYYY-MM-DD... as text */
    enum pgr_sbx_kind test_kind;
    json_t *tests;                                /* owned; as pgr_sbx_job.tests */
    json_t *base_input, *plus_input;              /* owned; EvalPlus: the inputs of the two suites, else NULL */
    size_t n_base;                                /* tests[0, n_base) are the base suite, the rest the plus suite;
                                                     0 = one suite */
    bool exact_output, line_output, same_process; /* as in pgr_sbx_job */
    double atol, rtol;
    struct pgr_sbx_limits limits; /* zero = defaults */
};

struct pgr_tasks {
    struct pgr_task *task; /* owned */
    size_t n;
};

/* Reads a data file: JSON lines (plain or compressed) or a JSON array, in the documented form (docs/formats.md) or in
 * the layout of a public data set (docs/data.md). split: NULL = all, else only records whose "split" equals it. Errors
 * name file, line and key; a duplicate id and an empty test list are errors. */
PGR_MUST_CHECK pgr_err pgr_tasks_load(const char *path, const char *split, struct pgr_tasks *out);
void pgr_tasks_free(struct pgr_tasks *t);
/* Frees what it points to, not *t. */
void pgr_task_free(struct pgr_task *t);

/* Which records of a file are wanted; strings NULL = any. Dates compare as text: from <= date <= to. */
struct pgr_task_filter {
    const char *split, *from, *to, *difficulty, *platform;
    bool plain; /* records {"id", "prompt"} without tests or answer are tasks, too: PGR_TASK_PLAIN */
    /* Whether the task of this id is wanted; asked before tests are unpacked. NULL = yes. */
    bool (*wants)(void *ctx, const char *id);
    void *ctx;
};
/* Called with each task as it is read, and with each record that is faulty (t NULL, err and the thread's last error say
 * why; PGR_OK goes on with the next). Takes *t over (pgr_task_free). */
typedef pgr_err (*pgr_task_fn)(void *ctx, const char *where, struct pgr_task *t, pgr_err err);
/* As pgr_tasks_load, without holding the whole file. A record that the filter refuses is checked no further than needed
 * to know. */
PGR_MUST_CHECK pgr_err pgr_tasks_each(const char *path, const struct pgr_task_filter *f, pgr_task_fn fn, void *ctx);

/* Fills a job that tests `code` against the task; borrows from both. */
void pgr_task_job(const struct pgr_task *t, const char *code, size_t code_bytes, struct pgr_sbx_job *job);

#endif
