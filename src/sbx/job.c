/* job.c - jobs. */
#include "sbx/job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "sbx/answers.h"
#include "sbx/bridge.h"
#include "sbx/verdict.h"
#include "sbx/wire.h"

enum { SHOWN = 400, STDOUT_KEPT = 4096 };

pgr_err pgr_job_new(struct pgr_reader *message, struct pgr_job **out) {
    struct pgr_job *j = pgr_alloc_zero(1, sizeof *j);
    size_t n = (size_t)(message->end - message->p);
    char *copy = j ? pgr_alloc(n + 1) : NULL;
    if (!copy) {
        pgr_free(j);
        return pgr_fail(PGR_E_NOMEM, "out of memory for a job of %zu bytes", n);
    }
    memcpy(copy, message->p, n);
    j->message = copy;
    struct pgr_reader r = {copy, copy + n, false};
    j->id = pgr_get_u64(&r);
    j->kind = (enum pgr_sbx_kind)pgr_get_u32(&r);
    uint32_t flags = pgr_get_u32(&r);
    j->exact_output = flags & 1;
    j->same_process = flags & 2;
    j->line_output = flags & 4;
    j->atol = pgr_get_f64(&r);
    j->rtol = pgr_get_f64(&r);
    j->limits.cpu_s = pgr_get_f64(&r);
    j->limits.wall_s = pgr_get_f64(&r);
    j->limits.call_cpu_s = pgr_get_f64(&r);
    j->limits.memory_bytes = pgr_get_u64(&r);
    j->limits.output_bytes = pgr_get_u64(&r);
    j->limits.answer_bytes = pgr_get_u64(&r);
    j->limits.n_threads = pgr_get_u64(&r);
    j->limits.n_files = pgr_get_u64(&r);
    j->limits.scratch_bytes = pgr_get_u64(&r);
    j->program = pgr_get_blob(&r);
    j->setup = pgr_get_blob(&r);
    j->entry_point = pgr_get_blob(&r);
    j->n_tests = pgr_get_u32(&r);
    /* Each test has two length fields. */
    if (!r.bad && j->n_tests <= (size_t)(r.end - r.p) / 8) j->test = pgr_alloc_array(j->n_tests + 1, sizeof *j->test);
    for (size_t i = 0; j->test && i < j->n_tests; i++) {
        j->test[i].input = pgr_get_blob(&r);
        j->test[i].expected = pgr_get_blob(&r);
    }
    if (!j->test || r.bad || !j->program.data) {
        pgr_job_free(j);
        return pgr_fail(PGR_E_FORMAT, "malformed job message");
    }
    /* The time of single calls is watched by a judge's requests. */
    if (j->kind == PGR_SBX_ASSERTS && j->n_tests > 0 && j->limits.call_cpu_s <= 0)
        j->plan = pgr_plan_new(&j->test[0].input, sizeof *j->test, j->n_tests, j->entry_point, j->setup);
    j->result.n_tests = j->n_tests;
    j->result.failed_test = SIZE_MAX;
    *out = j;
    return PGR_OK;
}

void pgr_job_free(struct pgr_job *j) {
    if (!j) return;
    pgr_sbx_result_free(&j->result);
    pgr_plan_free(j->plan);
    pgr_free(j->test);
    pgr_free(j->message);
    pgr_free(j);
}

/* ---- running ---- */

static void put_calls(const struct pgr_job *j, struct pgr_buf *b) {
    for (size_t i = 0; i < j->n_tests; i++) pgr_buf_add(b, j->test[i].input.data, j->test[i].input.n);
}

bool pgr_job_needs_judge(const struct pgr_job *j) {
    return j->kind == PGR_SBX_ASSERTS && !j->in_one_process && !j->plan;
}

pgr_err pgr_job_start(struct pgr_job *j, struct pgr_cell *cell, struct pgr_cell *judge) {
    if (j->plan) return pgr_answers_start(j, cell);
    if (j->kind == PGR_SBX_ASSERTS) return pgr_bridge_start(j, cell, judge);
    struct pgr_run_req req = {.mode = "run", .blob = {j->setup, j->program}, .limits = &j->limits};
    struct pgr_buf calls = PGR_BUF_INIT;
    j->claim.have = false;
    if (j->kind == PGR_SBX_CALLS) {
        put_calls(j, &calls);
        pgr_err built = pgr_buf_ok(&calls);
        if (built != PGR_OK) {
            pgr_buf_free(&calls);
            return built;
        }
        req.mode = "calls";
        req.blob[2] = j->entry_point;
        req.blob[3] = (struct pgr_span){pgr_buf_str(&calls), calls.len};
        j->result.n_passed = 0; /* again from the first, should this be a repetition */
    } else {
        req.input = j->test[j->current].input;
    }
    pgr_err err = pgr_run_start(&j->run, cell, &req);
    pgr_buf_free(&calls);
    return err;
}

/* ---- the verdict ---- */

static void set_text(char **to, const char *s, size_t n) {
    pgr_free(*to);
    *to = pgr_strndup(s, n);
}

void pgr_job_set_shown(char **to, struct pgr_span s) {
    size_t n = pgr_min(s.n, SHOWN);
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_add(&b, s.data, n);
    if (n < s.n) pgr_buf_adds(&b, "...");
    set_text(to, pgr_buf_str(&b), b.len);
    pgr_buf_free(&b);
}

static void set_value(char **to, struct pgr_span s) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_wire_show((const unsigned char *)s.data, s.n, SHOWN, &b);
    set_text(to, pgr_buf_str(&b), b.len);
    pgr_buf_free(&b);
}

void pgr_job_decide(struct pgr_job *j, pgr_verdict v, const char *detail) {
    if (j->decided) return;
    j->decided = true;
    j->result.verdict = v;
    if (detail && detail[0]) set_text(&j->result.detail, detail, strlen(detail));
}

void pgr_job_decide_tests(struct pgr_job *j, pgr_verdict v, const char *detail) {
    if (!j->decided && v != PGR_V_ACCEPTED) {
        j->result.failed_test = pgr_min(j->result.n_passed, j->n_tests - 1);
        pgr_job_set_shown(&j->result.input, j->test[j->result.failed_test].input);
    }
    pgr_job_decide(j, v, detail);
}

/* entry(1, 'a', k=2) of a call's args and kwargs. */
static void show_call(struct pgr_job *j, size_t index) {
    const unsigned char *p = (const unsigned char *)j->test[index].input.data;
    struct pgr_wire_scan args;
    struct pgr_buf b = PGR_BUF_INIT;
    if (pgr_wire_scan(p, j->test[index].input.n, 0, &args)) return;
    pgr_buf_add(&b, j->entry_point.data, j->entry_point.n);
    pgr_wire_show(p, args.n_bytes, SHOWN, &b);
    const unsigned char *kwargs = p + args.n_bytes;
    if (kwargs[1] != '0') {
        pgr_buf_adds(&b, " with ");
        pgr_wire_show(kwargs, j->test[index].input.n - args.n_bytes, SHOWN, &b);
    }
    set_text(&j->result.input, pgr_buf_str(&b), b.len);
    pgr_buf_free(&b);
}

static void failed_call(struct pgr_job *j, size_t index) {
    j->result.failed_test = index;
    show_call(j, index);
    set_value(&j->result.expected, j->test[index].expected);
}

static bool same_value(const struct pgr_job *j, struct pgr_span got, struct pgr_span want, bool *same) {
    struct pgr_wire_value g = {NULL, 0}, w = {NULL, 0};
    pgr_err err = pgr_wire_parse((const unsigned char *)want.data, want.n, &w);
    if (err == PGR_OK) err = pgr_wire_parse((const unsigned char *)got.data, got.n, &g);
    if (err == PGR_OK) err = pgr_wire_equal(&g, &w, j->atol, j->rtol, same);
    pgr_wire_free(&g);
    pgr_wire_free(&w);
    return err == PGR_OK;
}

bool pgr_job_read_answer(struct pgr_span frame, size_t *index, struct pgr_span *value) {
    size_t i = 0;
    *index = 0;
    for (; i < frame.n && i < 9 && frame.data[i] >= '0' && frame.data[i] <= '9'; i++)
        *index = *index * 10 + (size_t)(frame.data[i] - '0');
    if (i == 0 || i >= frame.n || frame.data[i] != ';') return false;
    *value = (struct pgr_span){frame.data + i + 1, frame.n - i - 1};
    return true;
}

/* index;value - the next index, one well-formed value, and nothing after it. */
static void take_answer(struct pgr_job *j, struct pgr_span frame) {
    size_t next = j->result.n_passed, index;
    struct pgr_span value;
    bool ok = pgr_job_read_answer(frame, &index, &value) && index == next && next < j->n_tests;
    struct pgr_wire_scan got, want;
    if (ok) ok = !pgr_wire_scan((const unsigned char *)value.data, value.n, PGR_WIRE_OPAQUE, &got);
    if (!ok || got.n_bytes != value.n) {
        pgr_job_decide(j, PGR_V_RUNTIME_ERROR, "malformed answer");
        pgr_run_stop(&j->run, PGR_END_STOPPED);
        return;
    }
    struct pgr_span expected = j->test[index].expected;
    bool same = false;
    /* The counts first: it bounds the work by the size of what is expected, not of what a program sends. */
    if (!pgr_wire_scan((const unsigned char *)expected.data, expected.n, 0, &want) && want.n_nodes == got.n_nodes &&
        got.opaque == SIZE_MAX && !same_value(j, value, expected, &same)) {
        pgr_job_decide(j, PGR_V_INTERNAL_ERROR, "out of memory while comparing");
        pgr_run_stop(&j->run, PGR_END_STOPPED);
        return;
    }
    if (same) {
        j->result.n_passed++;
        return;
    }
    failed_call(j, index);
    set_value(&j->result.got, value);
    pgr_job_decide(j, PGR_V_WRONG_ANSWER, NULL);
    pgr_run_stop(&j->run, PGR_END_STOPPED);
}

static void take_frames(struct pgr_job *j) {
    char letter;
    struct pgr_span payload;
    while (pgr_run_frame(&j->run, &letter, &payload)) {
        if (letter == 'x')
            pgr_claim_read(payload, &j->claim);
        else if (j->decided)
            continue;
        else if (letter == 'a' && j->kind == PGR_SBX_CALLS)
            take_answer(j, payload);
        else
            pgr_run_stop(&j->run, PGR_END_FRAMES);
    }
}

void pgr_job_account(struct pgr_job *j) {
    struct pgr_run *r = &j->run;
    j->result.cpu_s += r->cpu_s;
    j->result.wall_s += r->end_s - r->start_s;
    j->result.peak_bytes = pgr_max(j->result.peak_bytes, (size_t)r->peak_bytes);
    size_t keep = j->kind == PGR_SBX_RUN ? r->out.len : pgr_min(r->out.len, STDOUT_KEPT);
    set_text(&j->result.out, pgr_buf_str(&r->out) + (r->out.len - keep), keep);
    j->result.out_bytes = keep;
    keep = pgr_min(r->err.len, PGR_RUN_STDERR_KEPT);
    set_text(&j->result.err, pgr_buf_str(&r->err) + (r->err.len - keep), keep);
    j->result.err_bytes = keep;
}

/* The end of a run that nothing has decided yet. */
static enum pgr_job_state conclude(struct pgr_job *j) {
    char detail[700] = "";
    pgr_verdict v = pgr_verdict_of_run(&j->run, &j->claim, detail, sizeof detail);
    struct pgr_job_test *t = j->test + j->current;
    struct pgr_span got = {pgr_buf_str(&j->run.out), j->run.out.len};
    if (j->kind == PGR_SBX_CALLS) {
        if (v == PGR_V_ACCEPTED && j->result.n_passed < j->n_tests) {
            v = PGR_V_RUNTIME_ERROR;
            snprintf(detail, sizeof detail, "ended after %zu of %zu answers", j->result.n_passed, j->n_tests);
        }
        if (v != PGR_V_ACCEPTED && j->result.n_passed < j->n_tests) failed_call(j, j->result.n_passed);
    } else if (j->kind == PGR_SBX_STDIO) {
        if (v == PGR_V_ACCEPTED && !(j->line_output ? pgr_output_equal_lines(got, t->expected)
                                                    : pgr_output_equal(got, t->expected, j->exact_output)))
            v = PGR_V_WRONG_ANSWER;
        if (v == PGR_V_ACCEPTED) {
            j->result.n_passed++;
            if (++j->current < j->n_tests) return PGR_JOB_NEXT;
        } else {
            j->result.failed_test = j->current;
            pgr_job_set_shown(&j->result.input, t->input);
            pgr_job_set_shown(&j->result.expected, t->expected);
            pgr_job_set_shown(&j->result.got, got);
        }
    } else {
        j->result.n_passed = v == PGR_V_ACCEPTED;
        if (v != PGR_V_ACCEPTED) j->result.failed_test = 0;
    }
    pgr_job_decide(j, v, detail);
    return PGR_JOB_DONE;
}

size_t pgr_job_poll_set(struct pgr_job *j, struct pollfd *p) {
    j->n_poll = pgr_run_poll_set(&j->run, p);
    return j->n_poll + (j->judge.cell ? pgr_run_poll_set(&j->judge, p + j->n_poll) : 0);
}

double pgr_job_deadline(const struct pgr_job *j) {
    double d = pgr_run_deadline(&j->run);
    return j->judge.cell ? fmin(d, pgr_run_deadline(&j->judge)) : d;
}

const char *pgr_job_fault(const struct pgr_job *j) { return j->run.failure[0] ? j->run.failure : j->judge.failure; }

enum pgr_job_state pgr_job_step(struct pgr_job *j, const struct pollfd *p, size_t n) {
    struct pgr_run *r = &j->run;
    pgr_run_step(r, p, j->n_poll);
    if (j->judge.cell) pgr_run_step(&j->judge, p + j->n_poll, n - j->n_poll);
    if (j->plan) return pgr_answers_step(j);
    if (j->kind == PGR_SBX_ASSERTS) return pgr_bridge_step(j);
    take_frames(j);
    if (!pgr_run_is_done(r)) return PGR_JOB_RUNS;
    enum pgr_job_state state = PGR_JOB_DONE;
    if (r->end == PGR_END_CELL_DIED) {
        state = PGR_JOB_HOST_FAULT;
    } else {
        pgr_job_account(j);
        if (!j->decided) state = conclude(j);
    }
    pgr_run_release(r);
    return state;
}

void pgr_job_give_up(struct pgr_job *j, const char *why) {
    j->decided = false;
    pgr_job_decide(j, PGR_V_INTERNAL_ERROR, why);
}

void pgr_job_put_result(const struct pgr_job *j, struct pgr_buf *b) {
    const struct pgr_sbx_result *r = &j->result;
    size_t at = pgr_msg_begin(b, PGR_MSG_RESULT);
    pgr_put_u64(b, j->id);
    pgr_put_u32(b, (uint32_t)r->verdict);
    pgr_put_u32(b, r->same_process);
    pgr_put_f64(b, r->cpu_s);
    pgr_put_f64(b, r->wall_s);
    pgr_put_u64(b, r->peak_bytes);
    pgr_put_u64(b, r->n_passed);
    pgr_put_u64(b, r->n_tests);
    pgr_put_u64(b, r->failed_test);
    pgr_put_str(b, r->input);
    pgr_put_str(b, r->expected);
    pgr_put_str(b, r->got);
    pgr_put_str(b, r->detail);
    pgr_put_blob(b, r->out ? r->out : "", r->out_bytes);
    pgr_put_blob(b, r->err ? r->err : "", r->err_bytes);
    pgr_msg_end(b, at);
}
