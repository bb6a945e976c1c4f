/* answers.c - jobs whose tests only compare results of calls with literals.
 *
 * The verdict and its text are those that a judge would give (bridge.c, cell/judge.py). */
#include "sbx/answers.h"

#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "sbx/verdict.h"
#include "sbx/wire.h"

pgr_err pgr_answers_start(struct pgr_job *j, struct pgr_cell *cell) {
    struct pgr_run_req req = {.mode = "answer",
                              .blob = {j->setup,
                                       j->program,
                                       {pgr_buf_str(&j->plan->callee), j->plan->callee.len},
                                       {pgr_buf_str(&j->plan->calls), j->plan->calls.len}},
                              .limits = &j->limits};
    j->claim.have = false;
    j->n_answers = 0;
    j->needs_judge = false;
    j->result.n_passed = 0;
    return pgr_run_start(&j->run, cell, &req);
}

static void decide(struct pgr_job *j, pgr_verdict v, const char *detail) {
    pgr_job_decide_tests(j, v, detail);
    pgr_run_stop(&j->run, PGR_END_STOPPED);
}

static void give_up_plan(struct pgr_job *j) {
    j->needs_judge = true;
    pgr_run_stop(&j->run, PGR_END_STOPPED);
}

static void passed(struct pgr_job *j) {
    const struct pgr_plan *p = j->plan;
    j->n_answers++;
    j->result.n_passed = j->n_answers < p->n_checks ? p->check[j->n_answers].test : j->n_tests;
    if (j->n_answers == p->n_checks) decide(j, PGR_V_ACCEPTED, NULL);
}

static void failed(struct pgr_job *j, const struct pgr_plan_check *c) {
    char text[600];
    snprintf(text, sizeof text, "%.*s", (int)c->n_message, pgr_buf_str(&j->plan->values) + c->message);
    if (c->computed_message)
        give_up_plan(j);
    else
        decide(j, PGR_V_WRONG_ANSWER, text[0] ? text : "AssertionError");
}

/* index;value - the next index, one well-formed value, and nothing after it. */
static void take_answer(struct pgr_job *j, struct pgr_span frame) {
    struct pgr_span value;
    size_t index;
    struct pgr_wire_scan s;
    if (!pgr_job_read_answer(frame, &index, &value) || index != j->n_answers ||
        pgr_wire_scan((const unsigned char *)value.data, value.n, PGR_WIRE_OPAQUE, &s) || s.n_bytes != value.n) {
        decide(j, PGR_V_RUNTIME_ERROR, "malformed answer");
        return;
    }
    const struct pgr_plan_check *c = j->plan->check + index;
    switch (pgr_plan_holds(j->plan, c, value)) {
    case PGR_SAME: passed(j); break;
    case PGR_DIFFERENT: failed(j, c); break;
    case PGR_UNSURE: give_up_plan(j); break;
    }
}

/* What came out of a call as an exception: one text. */
static void take_exception(struct pgr_job *j, struct pgr_span frame) {
    struct pgr_wire_value v;
    char text[600] = "malformed answer";
    if (frame.n > 0 && frame.data[0] == 's' &&
        pgr_wire_parse((const unsigned char *)frame.data, frame.n, &v) == PGR_OK) {
        snprintf(text, sizeof text, "%.*s", (int)pgr_min(v.node->n, sizeof text), (const char *)v.node->at);
        pgr_wire_free(&v);
    }
    decide(j, PGR_V_RUNTIME_ERROR, text);
}

static void take_frames(struct pgr_job *j) {
    char letter;
    struct pgr_span payload;
    while (pgr_run_frame(&j->run, &letter, &payload)) {
        if (letter == 'x')
            pgr_claim_read(payload, &j->claim);
        else if (j->decided || j->needs_judge)
            continue;
        else if (letter == 'a')
            take_answer(j, payload);
        else if (letter == 'w')
            take_exception(j, payload);
        else if (letter == 'u')
            give_up_plan(j);
        else
            decide(j, PGR_V_RUNTIME_ERROR, "malformed answer");
    }
}

static void conclude(struct pgr_job *j) {
    char detail[700] = "";
    pgr_verdict v = pgr_verdict_of_run(&j->run, &j->claim, detail, sizeof detail);
    if (v == PGR_V_ACCEPTED) {
        v = PGR_V_RUNTIME_ERROR;
        snprintf(detail, sizeof detail, "ended before its tests did");
    }
    /* A setup that fails, fails in the judge as well, which says so. */
    if (j->claim.have && strcmp(j->claim.where, "setup") == 0)
        j->needs_judge = true;
    else
        decide(j, v, detail);
}

enum pgr_job_state pgr_answers_step(struct pgr_job *j) {
    enum pgr_job_state state = PGR_JOB_DONE;
    if (j->run.end != PGR_END_CELL_DIED) take_frames(j);
    if (!pgr_run_is_done(&j->run)) return PGR_JOB_RUNS;
    if (j->run.end == PGR_END_CELL_DIED) {
        state = PGR_JOB_HOST_FAULT;
    } else {
        if (!j->decided && !j->needs_judge) conclude(j);
        if (j->decided) {
            pgr_job_account(j);
        } else {
            pgr_plan_free(j->plan);
            j->plan = NULL;
            state = PGR_JOB_NEXT;
        }
    }
    pgr_run_release(&j->run);
    return state;
}
