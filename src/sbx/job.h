/* job.h - a job within the supervisor: its tests, the run in progress, and the verdict. */
#ifndef PGR_SBX_JOB_H
#define PGR_SBX_JOB_H

#include "sbx/proto.h"
#include "sbx/run.h"

struct pgr_job_test {         /* borrowed from the message */
    struct pgr_span input;    /* STDIO: stdin; CALLS: args and kwargs; ASSERTS: a snippet */
    struct pgr_span expected; /* STDIO: stdout; CALLS: a value */
};

/* What the tested process says ended it: a claim, used for the kind of failure only. */
struct pgr_claim {
    bool have;
    char where[16], type[200], text[400];
};

struct pgr_job {
    struct pgr_job *next; /* in the queue */
    uint64_t id;
    enum pgr_sbx_kind kind;
    bool exact_output, same_process;
    double atol, rtol;
    struct pgr_sbx_limits limits;
    struct pgr_span program, setup, entry_point;
    struct pgr_job_test *test;
    size_t n_tests;
    char *message; /* owns the bytes above */

    unsigned host_faults; /* runs without a verdict so far */
    bool alone;           /* to be run while nothing else runs */
    size_t current;       /* STDIO: the test that runs */
    struct pgr_run run;
    struct pgr_claim claim;
    struct pgr_sbx_result result; /* strings owned */
    bool decided;                 /* result.verdict is final */
};

/* Takes a job message apart (copies it). PGR_E_FORMAT, PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_job_new(struct pgr_reader *message, struct pgr_job **out);
void pgr_job_free(struct pgr_job *j);

/* Starts the next run in an idle cell. On error the cell is to be killed and the job started again elsewhere. */
PGR_MUST_CHECK pgr_err pgr_job_start(struct pgr_job *j, struct pgr_cell *cell);

enum pgr_job_state { PGR_JOB_RUNS, PGR_JOB_NEXT, PGR_JOB_DONE, PGR_JOB_HOST_FAULT };
/* To be called after each pgr_run_step: takes frames and, when the run has ended, draws the conclusion: NEXT = start it
 * again for its next test, DONE = result is ready, HOST_FAULT = the cell failed. The run is released in these three. */
enum pgr_job_state pgr_job_step(struct pgr_job *j);

/* The host is at fault. */
void pgr_job_give_up(struct pgr_job *j, const char *why);
/* Appends the RESULT message. */
void pgr_job_put_result(const struct pgr_job *j, struct pgr_buf *out);

#endif
