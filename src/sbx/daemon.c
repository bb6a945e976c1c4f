/* daemon.c - the supervisor: one loop over the client, the cells and the programs that run in them.
 *
 * Started by pgr_sbx_open as a process of its own: small, single-threaded, without a model, so that starting cells is
 * cheap and a fault here cannot hurt the trainer. When the client's socket closes, for whatever reason, all cells
 * are killed and the process ends. */
#define _GNU_SOURCE
#include "sbx/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/size.h"
#include "sbx/cell.h"
#include "sbx/cgroup.h"
#include "sbx/job.h"
#include "sbx/probe.h"

enum { MAX_CELLS = 256, CELL_RUNS = 1000, MAX_START_FAULTS = 5 };
static const double cell_age_s = 600, start_limit_s = 30, start_pause_s = 0.2;

struct slot {
    struct pgr_cell cell, judge; /* the judge's cell is started when a job needs one */
    struct pgr_job *job;
    bool waits;           /* the job has not started: its judge's cell is not ready */
    double start_after_s; /* a cell that failed to start is tried again after this */
    size_t n_poll;        /* entries in the poll set of this round */
};

struct daemon {
    struct pgr_link client;
    struct pgr_interp interp;
    struct pgr_cell_cfg cfg, judge_cfg;
    char *preload, *judge_preload;
    struct slot *slot;
    size_t n_slots, n_busy;
    struct pgr_job *first, **last; /* queue */
    unsigned start_faults;         /* in a row */
    char start_error[600];
};

/* ---- results ---- */

static void put_result(struct daemon *d, struct pgr_job *j) {
    pgr_job_put_result(j, &d->client.out);
    pgr_job_free(j);
}

static void enqueue(struct daemon *d, struct pgr_job *j, bool front) {
    if (front) {
        j->next = d->first;
        d->first = j;
        if (!j->next) d->last = &j->next;
    } else {
        j->next = NULL;
        *d->last = j;
        d->last = &j->next;
    }
}

static struct pgr_job *dequeue(struct daemon *d) {
    struct pgr_job *j = d->first;
    d->first = j->next;
    if (!d->first) d->last = &d->first;
    return j;
}

/* ---- cells ---- */

static void cell_failed(struct daemon *d, struct slot *s, struct pgr_cell *c, const char *why) {
    pgr_log(PGR_LOG_WARN, "sandbox", "cell_start_failed", "cell=%zu why=\"%s\"", c->index, why);
    snprintf(d->start_error, sizeof d->start_error, "%s", why);
    pgr_cell_kill(c);
    s->start_after_s = pgr_now_s() + start_pause_s;
    if (s->waits) {
        s->waits = false;
        d->n_busy--;
        enqueue(d, s->job, true);
        s->job = NULL;
    }
    if (++d->start_faults < MAX_START_FAULTS) return;
    while (d->first) {
        struct pgr_job *j = dequeue(d);
        char text[700];
        snprintf(text, sizeof text, "no cell could be started: %s", d->start_error);
        pgr_job_give_up(j, text);
        put_result(d, j);
    }
}

static void start_cells(struct daemon *d) {
    for (size_t i = 0; i < d->n_slots; i++) {
        struct slot *s = &d->slot[i];
        if (s->cell.state != PGR_CELL_NONE || s->job || pgr_now_s() < s->start_after_s) continue;
        if (pgr_cell_start(&s->cell, &d->cfg) != PGR_OK) cell_failed(d, s, &s->cell, pgr_err_detail());
    }
}

static void watch_start(struct daemon *d, struct slot *s, struct pgr_cell *c) {
    char why[600];
    enum pgr_probe p = pgr_probe_ready(c, why, sizeof why);
    if (p == PGR_PROBE_READY)
        d->start_faults = 0;
    else if (p == PGR_PROBE_FAILED)
        cell_failed(d, s, c, why);
    else if (pgr_now_s() > c->born_s + start_limit_s)
        cell_failed(d, s, c, "the interpreter did not get ready in time");
}

/* ---- jobs ---- */

static void host_fault(struct daemon *d, struct slot *s, struct pgr_job *j, const char *why) {
    pgr_log(PGR_LOG_WARN, "sandbox", "run_failed", "cell=%zu why=\"%s\"", s->cell.index, why);
    pgr_cell_kill(&s->cell);
    pgr_cell_kill(&s->judge);
    if (++j->host_faults < 2) {
        j->alone = true;
        enqueue(d, j, true);
    } else {
        pgr_job_give_up(j, why);
        put_result(d, j);
    }
}

/* The job is the slot's already. It starts, or waits for its judge's cell, or goes back to the queue. */
static void run_job(struct daemon *d, struct slot *s) {
    struct pgr_job *j = s->job;
    bool judged = pgr_job_needs_judge(j);
    s->waits = judged && s->judge.state != PGR_CELL_IDLE;
    if (s->waits) {
        if (s->judge.state == PGR_CELL_NONE && pgr_cell_start(&s->judge, &d->judge_cfg) != PGR_OK)
            cell_failed(d, s, &s->judge, pgr_err_detail());
        return;
    }
    if (pgr_job_start(j, &s->cell, judged ? &s->judge : NULL) == PGR_OK) return;
    d->n_busy--;
    s->job = NULL;
    host_fault(d, s, j, pgr_err_detail());
}

static void schedule(struct daemon *d) {
    for (size_t i = 0; i < d->n_slots && d->first; i++) {
        struct slot *s = &d->slot[i];
        if (s->cell.state != PGR_CELL_IDLE || s->job || pgr_now_s() < s->start_after_s) continue;
        bool running_alone = false;
        for (size_t k = 0; k < d->n_slots; k++) running_alone |= d->slot[k].job && d->slot[k].job->alone;
        if (running_alone || (d->first->alone && d->n_busy > 0)) return;
        s->job = dequeue(d);
        d->n_busy++;
        run_job(d, s);
    }
}

static bool is_old(const struct pgr_cell *c) {
    return c->state == PGR_CELL_IDLE && (c->n_runs >= CELL_RUNS || pgr_now_s() > c->born_s + cell_age_s);
}

static void step_job(struct daemon *d, struct slot *s, const struct pollfd *p) {
    struct pgr_job *j = s->job;
    enum pgr_job_state state = pgr_job_step(j, p, s->n_poll);
    if (state == PGR_JOB_RUNS) return;
    if (state == PGR_JOB_NEXT && !is_old(&s->cell)) {
        run_job(d, s);
        return;
    }
    s->job = NULL;
    d->n_busy--;
    if (state == PGR_JOB_HOST_FAULT) {
        host_fault(d, s, j, pgr_job_fault(j));
        return;
    }
    if (is_old(&s->cell)) pgr_cell_kill(&s->cell);
    if (is_old(&s->judge)) pgr_cell_kill(&s->judge);
    if (state == PGR_JOB_NEXT)
        enqueue(d, j, true);
    else
        put_result(d, j);
}

static pgr_err take_messages(struct daemon *d) {
    uint32_t type;
    struct pgr_reader r;
    while (pgr_link_next(&d->client, &type, &r)) {
        if (type != PGR_MSG_JOB) return pgr_fail(PGR_E_FORMAT, "unknown message %u", type);
        struct pgr_job *j;
        PGR_TRY(pgr_job_new(&r, &j));
        enqueue(d, j, false);
    }
    return PGR_OK;
}

/* ---- start ---- */

/* Builds the first cell at each tier that may be tried, attacks it, and keeps the first that holds. */
static pgr_err settle_tier(struct daemon *d, int first_tier, bool unsafe, struct pgr_buf *notes) {
    char advice[400] = "";
    for (int tier = first_tier; tier <= (unsafe ? 3 : 2); tier++) {
        char why[600] = "";
        pgr_cell_cfg_free(&d->cfg);
        pgr_err err = pgr_cell_cfg_init(&d->cfg, tier, &d->interp, d->preload);
        if (err == PGR_OK) err = pgr_cell_start(&d->slot[0].cell, &d->cfg);
        if (err != PGR_OK)
            snprintf(why, sizeof why, "%s", pgr_err_detail());
        else if (pgr_probe_cell(&d->slot[0].cell, tier, start_limit_s, why, sizeof why))
            return PGR_OK;
        pgr_cell_kill(&d->slot[0].cell);
        /* What the zygote itself complains about is no matter of isolation. */
        if (strncmp(why, "cannot import", 13) == 0) return pgr_fail(PGR_E_NOTFOUND, "%s: %s", d->interp.exe, why);
        if (tier == 1) pgr_probe_advice(advice, sizeof advice);
        pgr_buf_addf(notes, "%stier %d: %s%s", notes->len ? "; " : "", tier, why, tier == 1 ? advice : "");
    }
    return pgr_fail(PGR_E_UNSUPPORTED, "this host grants no isolation: %s",
                    notes->len ? pgr_buf_str(notes) : "none was tried (PGR_SBX_TIER=3)");
}

static pgr_err set_up(struct daemon *d, struct pgr_reader *hello) {
    size_t n = pgr_get_u32(hello);
    char *python = pgr_span_dup(pgr_get_blob(hello)), *site = pgr_span_dup(pgr_get_blob(hello));
    d->preload = pgr_span_dup(pgr_get_blob(hello));
    struct pgr_buf judge_preload = PGR_BUF_INIT;
    pgr_buf_addf(&judge_preload, "%s unittest", d->preload ? d->preload : "");
    d->judge_preload = pgr_buf_steal(&judge_preload);
    bool unsafe = pgr_get_u32(hello) != 0;
    int first_tier = (int)pgr_get_u32(hello);
    struct pgr_buf notes = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    if (hello->bad || n == 0 || n > MAX_CELLS || first_tier < 1 || first_tier > 3)
        err = pgr_fail(PGR_E_FORMAT, "malformed hello");
    if (!d->judge_preload) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) {
        d->slot = pgr_alloc_zero(n, sizeof *d->slot);
        if (!d->slot) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        d->slot[i].cell.index = i;
        d->slot[i].judge.index = n + i;
    }
    if (err == PGR_OK) d->n_slots = n;
    if (err == PGR_OK) err = pgr_interp_find(python, site, &d->interp);
    if (err == PGR_OK) err = settle_tier(d, first_tier, unsafe, &notes);
    if (err == PGR_OK) {
        d->judge_cfg = d->cfg;
        d->judge_cfg.preload = d->judge_preload;
        size_t at = pgr_msg_begin(&d->client.out, PGR_MSG_READY);
        pgr_put_u32(&d->client.out, (uint32_t)d->cfg.tier);
        pgr_put_u32(&d->client.out, d->slot[0].cell.landlock_abi);
        pgr_put_f64(&d->client.out, d->slot[0].cell.ready_s - d->slot[0].cell.born_s);
        pgr_put_str(&d->client.out, d->interp.exe);
        pgr_put_str(&d->client.out, pgr_buf_str(&notes));
        pgr_msg_end(&d->client.out, at);
    }
    pgr_free(python);
    pgr_free(site);
    pgr_buf_free(&notes);
    return err;
}

/* Blocks until the client's first message is there. */
static pgr_err greet(struct daemon *d) {
    uint32_t type;
    struct pgr_reader r;
    while (!pgr_link_next(&d->client, &type, &r)) {
        struct pollfd p = {d->client.fd, POLLIN, 0};
        if (poll(&p, 1, -1) < 0 && errno != EINTR) return pgr_fail(PGR_E_SYS, "poll: %s", strerror(errno));
        PGR_TRY(pgr_link_read(&d->client));
    }
    pgr_err err = type == PGR_MSG_HELLO ? set_up(d, &r) : pgr_fail(PGR_E_FORMAT, "the first message is no hello");
    if (err != PGR_OK) {
        size_t at = pgr_msg_begin(&d->client.out, PGR_MSG_FAILED);
        pgr_put_u32(&d->client.out, (uint32_t)-err);
        pgr_put_str(&d->client.out, pgr_err_detail());
        pgr_msg_end(&d->client.out, at);
    }
    pgr_err sent = pgr_link_write(&d->client);
    return err != PGR_OK ? err : sent;
}

/* ---- the loop ---- */

/* A cell without a run: READY, or its death. */
static size_t add_cell(const struct pgr_cell *c, struct pollfd *p, double *wake_s) {
    if (c->state != PGR_CELL_STARTING && c->state != PGR_CELL_IDLE) return 0;
    *p = (struct pollfd){c->ctl, POLLIN, 0};
    if (c->state == PGR_CELL_STARTING) *wake_s = fmin(*wake_s, c->born_s + start_limit_s);
    return 1;
}

static size_t fill_poll_set(struct daemon *d, struct pollfd *p, double *wake_s) {
    size_t n = 0;
    p[n++] = (struct pollfd){d->client.fd, (short)(POLLIN | (pgr_link_wants_write(&d->client) ? POLLOUT : 0)), 0};
    *wake_s = pgr_now_s() + 10;
    for (size_t i = 0; i < d->n_slots; i++) {
        struct slot *s = &d->slot[i];
        if (s->job && !s->waits) {
            s->n_poll = pgr_job_poll_set(s->job, p + n);
            *wake_s = fmin(*wake_s, pgr_job_deadline(s->job));
        } else {
            s->n_poll = add_cell(&s->cell, p + n, wake_s);
            s->n_poll += add_cell(&s->judge, p + n + s->n_poll, wake_s);
            if (s->cell.state == PGR_CELL_NONE || (d->first && !s->job))
                *wake_s = fmin(*wake_s, fmax(s->start_after_s, pgr_now_s() + 0.001));
        }
        n += s->n_poll;
    }
    return n;
}

static void look_after_cell(struct daemon *d, struct slot *s, struct pgr_cell *c, const struct pollfd *p, size_t n) {
    if (c->state == PGR_CELL_STARTING) {
        watch_start(d, s, c);
        return;
    }
    for (size_t i = 0; i < n && c->state == PGR_CELL_IDLE; i++)
        if (p[i].fd == c->ctl && p[i].revents) cell_failed(d, s, c, "an idle cell died");
}

static pgr_err turn(struct daemon *d, struct pollfd *p) {
    double wake_s;
    size_t n = fill_poll_set(d, p, &wake_s);
    double wait_s = wake_s - pgr_now_s();
    int rc = poll(p, (nfds_t)n, wait_s <= 0 ? 0 : (int)(wait_s * 1000) + 1);
    if (rc < 0 && errno != EINTR) return pgr_fail(PGR_E_SYS, "poll: %s", strerror(errno));
    if (rc < 0) return PGR_OK;
    const struct pollfd *at = p + 1;
    for (size_t i = 0; i < d->n_slots; i++) {
        struct slot *s = &d->slot[i];
        const struct pollfd *mine = at;
        at += s->n_poll;
        if (s->job && !s->waits) {
            step_job(d, s, mine);
            continue;
        }
        look_after_cell(d, s, &s->cell, mine, s->n_poll);
        look_after_cell(d, s, &s->judge, mine, s->n_poll);
        if (s->waits && s->cell.state == PGR_CELL_IDLE && s->judge.state == PGR_CELL_IDLE) run_job(d, s);
    }
    if (p[0].revents & (POLLIN | POLLHUP | POLLERR)) {
        PGR_TRY(pgr_link_read(&d->client));
        PGR_TRY(take_messages(d));
    }
    start_cells(d);
    schedule(d);
    return pgr_link_write(&d->client);
}

static pgr_err serve(struct daemon *d) {
    struct pollfd *p = pgr_alloc_array(1 + d->n_slots * PGR_JOB_MAX_POLL, sizeof *p);
    if (!p) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = take_messages(d);
    start_cells(d);
    while (err == PGR_OK) err = turn(d, p);
    pgr_free(p);
    return err;
}

int pgr_sbx_daemon_main(void) {
    static struct daemon d;
    syscall(SYS_close_range, (unsigned)PGR_SBX_CLIENT_FD + 1, ~0u, 0);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files; /* some dozen descriptors for each cell */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    pgr_cgroup_sweep();
    setsid(); /* a Ctrl-C in the terminal is for the client to decide on */
    pgr_link_init(&d.client, PGR_SBX_CLIENT_FD);
    d.last = &d.first;
    pgr_err err = greet(&d); /* the client is told why it failed */
    if (err == PGR_OK) {
        err = serve(&d);
        if (err != PGR_E_IO) pgr_log(PGR_LOG_ERROR, "sandbox", "supervisor_ends", "why=\"%s\"", pgr_err_detail());
    }
    for (size_t i = 0; i < d.n_slots; i++) {
        pgr_cell_kill(&d.slot[i].cell);
        pgr_cell_kill(&d.slot[i].judge);
    }
    return err == PGR_E_IO ? 0 : 1;
}
