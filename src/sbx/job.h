/* job.h - a job within the supervisor: its tests, the run in progress, and the verdict. */
#ifndef PGR_SBX_JOB_H
#define PGR_SBX_JOB_H

#include "sbx/plan.h"
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
    bool exact_output, line_output, same_process;
    double atol, rtol;
    struct pgr_sbx_limits limits;
    struct pgr_span program, setup, entry_point;
    struct pgr_job_test *test;
    size_t n_tests;
    char *message; /* owns the bytes above */

    unsigned host_faults;  /* runs without a verdict so far */
    bool alone;            /* to be run while nothing else runs */
    size_t current;        /* STDIO: the test that runs */
    struct pgr_plan *plan; /* ASSERTS: the tests without Python, owned; NULL: a judge runs them */
    size_t n_answers;      /* to a plan, that passed */
    bool needs_judge;      /* the plan cannot decide */
    bool in_one_process;   /* ASSERTS: the tests need the solution's own process, and may have it */
    char token[33];        /* then: sent with the tests, and a verdict must repeat it; "" before */
    struct pgr_run run;    /* the solution */
    struct pgr_run judge;  /* ASSERTS: its tests, in a cell of their own */
    bool judge_has_turn;   /* the last message went to the judge */
    size_t n_poll;         /* entries of `run` in the poll set */
    struct pgr_claim claim;
    struct pgr_sbx_result result; /* strings owned */
    bool decided;                 /* result.verdict is final */
};

/* Takes a job message apart (copies it). PGR_E_FORMAT, PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_job_new(struct pgr_reader *message, struct pgr_job **out);
void pgr_job_free(struct pgr_job *j);

/* Whether the next run needs a judge's cell beside the solution's. */
bool pgr_job_needs_judge(const struct pgr_job *j);
/* Starts the next run in an idle cell (and an idle judge's cell; NULL unless needed). On error both cells are to be
 * killed and the job started again elsewhere. */
PGR_MUST_CHECK pgr_err pgr_job_start(struct pgr_job *j, struct pgr_cell *cell, struct pgr_cell *judge);

enum { PGR_JOB_MAX_POLL = 2 * PGR_RUN_MAX_POLL };
/* As pgr_run_poll_set and pgr_run_deadline, for all runs of the job. */
size_t pgr_job_poll_set(struct pgr_job *j, struct pollfd *p);
double pgr_job_deadline(const struct pgr_job *j);

enum pgr_job_state { PGR_JOB_RUNS, PGR_JOB_NEXT, PGR_JOB_DONE, PGR_JOB_HOST_FAULT };
/* Moves bytes, takes frames and, when the run has ended, draws the conclusion: NEXT = start it again (for its next
 * test), DONE = result is ready, HOST_FAULT = a cell failed. The runs are released in these three. */
enum pgr_job_state pgr_job_step(struct pgr_job *j, const struct pollfd *p, size_t n);
/* Why, after HOST_FAULT. */
const char *pgr_job_fault(const struct pgr_job *j);

/* For conclusions: the verdict, once; texts are copied. */
void pgr_job_decide(struct pgr_job *j, pgr_verdict v, const char *detail);
/* Python tests: the same, and a failure is that of the test after those that passed. */
void pgr_job_decide_tests(struct pgr_job *j, pgr_verdict v, const char *detail);
/* An answer's frame, index;value: false if it is none. */
bool pgr_job_read_answer(struct pgr_span frame, size_t *index, struct pgr_span *value);
void pgr_job_set_shown(char **to, struct pgr_span s);
/* Adds a finished run's use of CPU, time and memory, and keeps the ends of its outputs. */
void pgr_job_account(struct pgr_job *j);

/* The host is at fault. */
void pgr_job_give_up(struct pgr_job *j, const char *why);
/* Appends the RESULT message. */
void pgr_job_put_result(const struct pgr_job *j, struct pgr_buf *out);

#endif
