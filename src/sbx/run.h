/* run.h - one program in one cell, from start to its last byte. */
#ifndef PGR_SBX_RUN_H
#define PGR_SBX_RUN_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "sbx/cell.h"
#include "sbx/proto.h"
#include "sbx/sbx.h"

enum {
    PGR_RUN_ANSWERS = 8, /* all answers of a run have at most this many times the bytes of one */
    PGR_RUN_STDERR_KEPT = 64 << 10,
    PGR_RUN_MAX_POLL = 5
};

enum pgr_run_end {
    PGR_END_NONE,     /* ended by itself */
    PGR_END_CALL,     /* killed at limits.call_cpu_s */
    PGR_END_CPU,      /* killed at the CPU limit */
    PGR_END_WALL,     /* killed at the wall limit */
    PGR_END_OUTPUT,   /* killed for too much output */
    PGR_END_FRAMES,   /* killed for too much, or too long, an answer */
    PGR_END_STOPPED,  /* killed by the job: the verdict is known */
    PGR_END_CELL_DIED /* the cell failed: no verdict */
};

/* What the player gets. All borrowed during pgr_run_start. */
struct pgr_run_req {
    const char *mode;        /* a word that player.py knows */
    struct pgr_span blob[4]; /* for player.py, by mode */
    struct pgr_span input;   /* stdin */
    bool requests;           /* open the pipe by which more requests can be sent (pgr_run_send) */
    const struct pgr_sbx_limits *limits;
};

struct pgr_run {
    struct pgr_cell *cell; /* NULL = not running */
    struct pgr_sbx_limits limits;
    int out_fd, err_fd, frames_fd, requests_fd, pidfd;
    pid_t host_pid; /* 0 until asked for */
    struct pgr_buf out, err, frames, requests;
    size_t frames_done;  /* bytes of `frames` that were taken */
    size_t frames_total; /* bytes of frames seen */
    size_t requests_done;
    double start_s, wall_end_s, check_s, end_s;
    double call_from_s; /* CPU time used when the current request was sent; negative before the first */
    enum pgr_run_end end;
    bool lazy;     /* pipes are looked at now and then, and at the end: nothing waits for what comes by them */
    double look_s; /* when next */
    bool stop_asked, exited;
    int status;
    uint64_t oom_kills; /* of the cell's control group before the run */
    bool no_memory;     /* the kernel killed it for lack of memory */
    double cpu_s;
    uint64_t peak_bytes;
    char failure[200]; /* with PGR_END_CELL_DIED */
};

/* Starts it in an idle cell, which is BUSY until pgr_run_is_done. On error nothing runs and the cell is to be killed.
 */
PGR_MUST_CHECK pgr_err pgr_run_start(struct pgr_run *r, struct pgr_cell *cell, const struct pgr_run_req *req);

/* Descriptors to wait for: at most PGR_RUN_MAX_POLL entries; returns how many. */
size_t pgr_run_poll_set(const struct pgr_run *r, struct pollfd *p);
/* When it must be looked at again, by pgr_now_s. */
double pgr_run_deadline(const struct pgr_run *r);
/* Reads and writes what is ready, checks limits. */
void pgr_run_step(struct pgr_run *r, const struct pollfd *p, size_t n);
bool pgr_run_is_done(const struct pgr_run *r);

/* The next whole frame: its letter and payload (valid until the next step); false if none (yet). A frame that breaks
 * the rules ends the run with PGR_END_FRAMES. */
bool pgr_run_frame(struct pgr_run *r, char *letter, struct pgr_span *payload);
/* Queues bytes for the player's request pipe. */
void pgr_run_send(struct pgr_run *r, const void *bytes, size_t n);
/* A request of the tests goes out now: limits.call_cpu_s counts from here. */
void pgr_run_mark_call(struct pgr_run *r);
void pgr_run_close_requests(struct pgr_run *r);
/* Kills the program because the job knows its verdict; idempotent. */
void pgr_run_stop(struct pgr_run *r, enum pgr_run_end why);
/* Releases buffers and descriptors after the end; the cell is IDLE again, or dead (state unchanged) after CELL_DIED. */
void pgr_run_release(struct pgr_run *r);

#endif
