/* bridge.c - jobs whose tests are Python code. */
#include "sbx/bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/size.h"
#include "sbx/verdict.h"
#include "sbx/wire.h"

/* A judge gets more time than a solution, so that a slow solution is told apart from slow tests. */
static const double judge_extra_s = 2;

static void put_tests(const struct pgr_job *j, struct pgr_buf *b) {
    size_t has_token = j->token[0] != '\0';
    pgr_wire_put_head(b, 'l', j->n_tests + has_token);
    if (has_token) pgr_wire_put_text(b, 's', j->token, strlen(j->token));
    for (size_t i = 0; i < j->n_tests; i++) pgr_wire_put_text(b, 's', j->test[i].input.data, j->test[i].input.n);
}

static pgr_err start_judge(struct pgr_job *j, struct pgr_cell *cell) {
    struct pgr_buf tests = PGR_BUF_INIT;
    struct pgr_sbx_limits limits = j->limits;
    limits.cpu_s += judge_extra_s;
    limits.wall_s += 2 * judge_extra_s;
    put_tests(j, &tests);
    struct pgr_run_req req = {
        .mode = "judge",
        .blob = {j->setup, {j->same_process ? "s" : "-", 1}, j->entry_point, {pgr_buf_str(&tests), tests.len}},
        .requests = true,
        .limits = &limits};
    pgr_err err = pgr_buf_ok(&tests);
    if (err == PGR_OK) err = pgr_run_start(&j->judge, cell, &req);
    pgr_buf_free(&tests);
    return err;
}

pgr_err pgr_bridge_start(struct pgr_job *j, struct pgr_cell *cell, struct pgr_cell *judge) {
    struct pgr_run_req req = {.mode = j->in_one_process ? "same" : "serve",
                              .blob = {j->setup, j->program},
                              .requests = true,
                              .limits = &j->limits};
    if (j->in_one_process) req.blob[2] = j->entry_point;
    j->claim.have = false;
    j->judge_has_turn = false;
    j->token[0] = '\0';
    j->result.n_passed = 0;
    j->result.same_process = j->in_one_process;
    PGR_TRY(pgr_run_start(&j->run, cell, &req));
    pgr_err err = j->in_one_process ? PGR_OK : start_judge(j, judge);
    if (err != PGR_OK) pgr_run_release(&j->run);
    return err;
}

/* ---- verdicts ---- */

static void stop_both(struct pgr_job *j) {
    if (j->run.cell) pgr_run_stop(&j->run, PGR_END_STOPPED);
    if (j->judge.cell) pgr_run_stop(&j->judge, PGR_END_STOPPED);
}

static void decide(struct pgr_job *j, pgr_verdict v, const char *detail) {
    pgr_job_decide_tests(j, v, detail);
    stop_both(j);
}

/* (passed, kind, text, token) */
static void take_verdict(struct pgr_job *j, struct pgr_span payload) {
    struct pgr_wire_value v;
    const unsigned char *p = (const unsigned char *)payload.data;
    if (pgr_wire_parse(p, payload.n, &v) != PGR_OK) {
        decide(j, PGR_V_RUNTIME_ERROR, "the tests ended without a verdict");
        return;
    }
    char text[600] = "";
    const struct pgr_wire_node *n = v.node;
    bool ok = v.n_nodes == 5 && n[0].kind == 't' && n[1].kind == 'i' && n[2].kind == 's' && n[3].kind == 's' &&
              n[4].kind == 's' && n[4].n == strlen(j->token) && memcmp(n[4].at, j->token, n[4].n) == 0;
    size_t passed = ok ? (size_t)strtoul((const char *)n[1].at + 1, NULL, 10) : 0;
    if (ok) snprintf(text, sizeof text, "%.*s", (int)n[3].n, (const char *)n[3].at);
    bool pass = ok && n[2].n == 4 && memcmp(n[2].at, "pass", 4) == 0 && passed == j->n_tests;
    bool wrong = ok && n[2].n == 12 && memcmp(n[2].at, "wrong_answer", 12) == 0;
    j->result.n_passed = pgr_min(passed, j->n_tests);
    pgr_wire_free(&v);
    decide(j,
           pass    ? PGR_V_ACCEPTED
           : wrong ? PGR_V_WRONG_ANSWER
                   : PGR_V_RUNTIME_ERROR,
           pass      ? NULL
           : text[0] ? text
           : wrong   ? "AssertionError"
                     : "the tests ended without a verdict");
}

/* A message for the other side: one value of the form that both ends know, whole. */
static bool forward(struct pgr_run *to, char letter, struct pgr_span payload) {
    struct pgr_wire_scan s;
    char head[32];
    if (pgr_wire_scan((const unsigned char *)payload.data, payload.n, PGR_WIRE_OBJECTS, &s) || s.n_bytes != payload.n)
        return false;
    int n = snprintf(head, sizeof head, "%c%zu:", letter, payload.n);
    pgr_run_send(to, head, (size_t)n);
    pgr_run_send(to, payload.data, payload.n);
    return true;
}

/* In the solution's own process the token is no secret from who walks its frames, but a verdict cannot be sent blindly.
 */
static void send_tests(struct pgr_job *j) {
    struct pgr_buf tests = PGR_BUF_INIT;
    unsigned char random[16];
    char head[32];
    if (j->token[0] != '\0' || getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        decide(j, PGR_V_RUNTIME_ERROR, "malformed answer");
        return;
    }
    for (size_t i = 0; i < sizeof random; i++) snprintf(j->token + 2 * i, 3, "%02x", random[i]);
    put_tests(j, &tests);
    int n = snprintf(head, sizeof head, "t%zu:", tests.len);
    pgr_run_send(&j->run, head, (size_t)n);
    pgr_run_send(&j->run, pgr_buf_str(&tests), tests.len);
    pgr_buf_free(&tests);
}

static void read_player(struct pgr_job *j) {
    char letter;
    struct pgr_span payload;
    while (pgr_run_frame(&j->run, &letter, &payload)) {
        if (letter == 'x') {
            pgr_claim_read(payload, &j->claim);
        } else if (j->decided) {
            continue;
        } else if (j->in_one_process && letter == 'l') {
            send_tests(j);
        } else if (j->in_one_process && letter == 'v' && j->token[0] != '\0') {
            take_verdict(j, payload);
        } else if (j->in_one_process && letter == 'p') {
            j->result.n_passed = pgr_min(j->result.n_passed + 1, j->n_tests);
        } else if (j->in_one_process || (letter != 'q' && letter != 'r') || !forward(&j->judge, letter, payload)) {
            decide(j, PGR_V_RUNTIME_ERROR, "malformed answer");
        } else {
            j->judge_has_turn = true;
            if (letter == 'r') pgr_run_mark_call(&j->run); /* it may go on with the next of many calls */
        }
    }
}

static void read_judge(struct pgr_job *j) {
    char letter;
    struct pgr_span payload;
    while (pgr_run_frame(&j->judge, &letter, &payload)) {
        if (j->decided || j->in_one_process) continue;
        if (letter == 'v') {
            take_verdict(j, payload);
        } else if (letter == 'n' && j->same_process) {
            j->in_one_process = true; /* this run ends, and the next is of that kind */
            stop_both(j);
        } else if (letter == 'p') {
            j->result.n_passed = pgr_min(j->result.n_passed + 1, j->n_tests);
        } else if ((letter != 'q' && letter != 'r') || !forward(&j->run, letter, payload)) {
            decide(j, PGR_V_RUNTIME_ERROR, "the tests sent a malformed message");
        } else {
            j->judge_has_turn = false;
            if (letter == 'q') pgr_run_mark_call(&j->run);
        }
    }
}

static void conclude_player(struct pgr_job *j) {
    char detail[700] = "", text[760];
    pgr_verdict v = pgr_verdict_of_run(&j->run, &j->claim, detail, sizeof detail);
    if (v == PGR_V_ACCEPTED) {
        v = PGR_V_RUNTIME_ERROR;
        snprintf(detail, sizeof detail, "ended before its tests did");
    }
    /* Who let the time pass? */
    snprintf(text, sizeof text, "%s%s", j->run.end == PGR_END_WALL && j->judge_has_turn ? "in the tests: " : "",
             detail);
    decide(j, v, text);
}

static void conclude_judge(struct pgr_job *j) {
    char detail[700] = "", text[760];
    struct pgr_claim none = {.have = false};
    pgr_verdict v = pgr_verdict_of_run(&j->judge, &none, detail, sizeof detail);
    snprintf(text, sizeof text, "in the tests: %s", v == PGR_V_ACCEPTED ? "they ended without a verdict" : detail);
    decide(j, v == PGR_V_ACCEPTED ? PGR_V_RUNTIME_ERROR : v, text);
}

enum pgr_job_state pgr_bridge_step(struct pgr_job *j) {
    bool split = j->judge.cell != NULL;
    bool dead = j->run.end == PGR_END_CELL_DIED || (split && j->judge.end == PGR_END_CELL_DIED);
    if (!dead) {
        if (split) read_judge(j);
        read_player(j);
        bool switching = split && j->in_one_process;
        /* Whether the tests want the solution's process must not depend on who is faster. */
        bool open_mode = split && j->same_process && j->judge.frames_total == 0 && !pgr_run_is_done(&j->judge);
        if (!j->decided && !switching && !open_mode && pgr_run_is_done(&j->run)) conclude_player(j);
        if (!j->decided && !switching && split && pgr_run_is_done(&j->judge)) conclude_judge(j);
        if (!pgr_run_is_done(&j->run) || (split && !pgr_run_is_done(&j->judge))) return PGR_JOB_RUNS;
        pgr_job_account(j);
    }
    pgr_run_release(&j->run);
    if (split) pgr_run_release(&j->judge);
    if (dead) return PGR_JOB_HOST_FAULT;
    return j->decided ? PGR_JOB_DONE : PGR_JOB_NEXT;
}
