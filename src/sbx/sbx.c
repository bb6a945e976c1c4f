/* sbx.c - the library's side of the sandbox: jobs, and a supervisor process that is replaced when it dies.
 *
 * The supervisor is this very binary, started again under another name (argv[0]); a constructor sees the name and
 * serves instead of going on to main. So any program that links the library has its supervisor with it, whether it is
 * pgrpo or a test, and the supervisor is a fresh process: no threads, no model, no descriptors of the trainer.
 * The environment variable PGR_SBXD names another binary for programs that load the library at run time. */
#define _GNU_SOURCE
#include "sbx/sbx.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/size.h"
#include "sbx/daemon.h"
#include "sbx/encode.h"
#include "sbx/proto.h"

extern char **environ;

enum { MAX_CELLS = 256, MAX_DEATHS = 5, MAX_ATTEMPTS = 2 };
static const double hello_s = 120, close_s = 10;

struct pending {
    struct pending *next;
    uint64_t id, tag;
    struct pgr_buf message;
    bool sent;
    unsigned deaths; /* supervisors that died while they had this job */
};

struct pgr_sbx {
    struct pgr_link link;
    pid_t pid;
    struct pgr_buf hello;
    size_t n_cells;
    int tier;
    unsigned landlock_abi;
    double cell_start_s;
    uint64_t next_id;
    struct pending *first, **last; /* in the order of submission */
    size_t n_pending, n_sent;
    unsigned deaths;       /* of supervisors, without a result in between */
    size_t n_restarts;     /* in all */
    struct pgr_buf note;   /* why not tier 1 */
    struct pgr_buf python; /* the interpreter's path */
};

__attribute__((constructor)) static void become_supervisor(int argc, char **argv) {
    if (argc > 0 && argv[0] && strcmp(argv[0], PGR_SBX_DAEMON_NAME) == 0) _exit(pgr_sbx_daemon_main());
}

void pgr_sbx_result_free(struct pgr_sbx_result *r) {
    pgr_free(r->input);
    pgr_free(r->expected);
    pgr_free(r->got);
    pgr_free(r->detail);
    pgr_free(r->out);
    pgr_free(r->err);
    r->input = r->expected = r->got = r->detail = r->out = r->err = NULL;
}

/* ---- starting a supervisor ---- */

static pgr_err spawn(struct pgr_sbx *s) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return pgr_fail(PGR_E_SYS, "socketpair: %s", strerror(errno));
    /* dup2 onto itself would keep close-on-exec. */
    int theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, PGR_SBX_CLIENT_FD + 1);
    close(pair[1]);
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, theirs, PGR_SBX_CLIENT_FD);
    const char *binary = getenv("PGR_SBXD");
    char name[] = PGR_SBX_DAEMON_NAME;
    char *argv[] = {name, NULL};
    int rc = theirs < 0 ? errno : posix_spawn(&s->pid, binary ? binary : "/proc/self/exe", &fa, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&attr);
    if (theirs >= 0) close(theirs);
    if (rc != 0) {
        close(pair[0]);
        s->pid = -1;
        return pgr_fail(PGR_E_SYS, "cannot start the sandbox supervisor: %s", strerror(rc));
    }
    pgr_link_init(&s->link, pair[0]);
    return PGR_OK;
}

static void reap(struct pgr_sbx *s) {
    pgr_link_close(&s->link);
    if (s->pid <= 0) return;
    /* It ends by itself when its socket closes; a hanging one is killed, and its cells die with it. */
    double end = pgr_now_s() + close_s;
    pid_t rc;
    while ((rc = waitpid(s->pid, NULL, WNOHANG)) == 0 || (rc < 0 && errno == EINTR)) {
        if (pgr_now_s() > end) {
            kill(s->pid, SIGKILL);
            while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR) {
            }
            break;
        }
        poll(NULL, 0, 1);
    }
    s->pid = -1;
}

/* Waits for one message, at most until end_s. */
static pgr_err wait_message(struct pgr_sbx *s, double end_s, uint32_t *type, struct pgr_reader *r) {
    PGR_TRY(pgr_link_write(&s->link));
    while (!pgr_link_next(&s->link, type, r)) {
        struct pollfd p = {s->link.fd, (short)(POLLIN | (pgr_link_wants_write(&s->link) ? POLLOUT : 0)), 0};
        double left = end_s - pgr_now_s();
        if (left <= 0) return pgr_fail(PGR_E_SYS, "the sandbox supervisor does not answer");
        int rc = poll(&p, 1, (int)(left * 1000) + 1);
        if (rc < 0 && errno != EINTR) return pgr_fail(PGR_E_SYS, "poll: %s", strerror(errno));
        if (rc <= 0) continue;
        PGR_TRY(pgr_link_write(&s->link));
        PGR_TRY(pgr_link_read(&s->link));
    }
    return PGR_OK;
}

static pgr_err greet(struct pgr_sbx *s) {
    uint32_t type;
    struct pgr_reader r;
    pgr_buf_add(&s->link.out, s->hello.data, s->hello.len);
    PGR_TRY(wait_message(s, pgr_now_s() + hello_s, &type, &r));
    if (type == PGR_MSG_FAILED) {
        int code = -(int)pgr_get_u32(&r);
        struct pgr_span text = pgr_get_blob(&r);
        return pgr_fail((pgr_err)code, "sandbox: %.*s", (int)text.n, text.data ? text.data : "");
    }
    if (type != PGR_MSG_READY) return pgr_fail(PGR_E_INTERNAL, "the sandbox supervisor answered with message %u", type);
    s->tier = (int)pgr_get_u32(&r);
    s->landlock_abi = pgr_get_u32(&r);
    s->cell_start_s = pgr_get_f64(&r);
    struct pgr_span python = pgr_get_blob(&r), note = pgr_get_blob(&r);
    pgr_buf_clear(&s->python);
    pgr_buf_clear(&s->note);
    if (python.data) pgr_buf_add(&s->python, python.data, python.n);
    if (note.data) pgr_buf_add(&s->note, note.data, note.n);
    return PGR_OK;
}

static pgr_err start(struct pgr_sbx *s) {
    PGR_TRY(spawn(s));
    pgr_err err = greet(s);
    if (err != PGR_OK) reap(s);
    return err;
}

/* ---- opening and closing ---- */

static size_t cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (size_t)CPU_COUNT(&set);
    return 1;
}

static pgr_err write_hello(struct pgr_sbx *s, const struct pgr_sbx_cfg *cfg) {
    struct pgr_buf names = PGR_BUF_INIT;
    for (size_t i = 0; cfg->preload && cfg->preload[i]; i++) {
        const char *m = cfg->preload[i];
        if (!m[0] || strspn(m, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != strlen(m)) {
            pgr_buf_free(&names);
            return pgr_fail(PGR_E_RANGE, "sandbox: \"%s\" is not the name of a Python module", m);
        }
        pgr_buf_addf(&names, "%s%s", i ? " " : "", m);
    }
    /* PGR_SBX_TIER: the first tier to try; lets tests and `sandbox check` see the weaker ones. */
    const char *tier = getenv("PGR_SBX_TIER");
    uint32_t first = tier && tier[0] >= '1' && tier[0] <= '3' && !tier[1] ? (uint32_t)(tier[0] - '0') : 1;
    size_t at = pgr_msg_begin(&s->hello, PGR_MSG_HELLO);
    pgr_put_u32(&s->hello, (uint32_t)s->n_cells);
    pgr_put_str(&s->hello, cfg->python);
    pgr_put_str(&s->hello, cfg->site_packages);
    pgr_put_str(&s->hello, pgr_buf_str(&names));
    pgr_put_u32(&s->hello, cfg->unsafe);
    pgr_put_u32(&s->hello, first);
    pgr_msg_end(&s->hello, at);
    pgr_err err = pgr_buf_ok(&names);
    pgr_buf_free(&names);
    return err == PGR_OK ? pgr_buf_ok(&s->hello) : err;
}

pgr_err pgr_sbx_open(const struct pgr_sbx_cfg *cfg, struct pgr_sbx **out) {
    struct pgr_sbx *s = pgr_alloc_zero(1, sizeof *s);
    if (!s) return pgr_fail(PGR_E_NOMEM, "out of memory");
    s->link.fd = -1;
    s->pid = -1;
    s->last = &s->first;
    s->n_cells = cfg->n_cells ? cfg->n_cells : pgr_min(cpus(), MAX_CELLS);
    pgr_err err = s->n_cells > MAX_CELLS
                      ? pgr_fail(PGR_E_RANGE, "sandbox: %zu cells asked for, at most %d", s->n_cells, MAX_CELLS)
                      : write_hello(s, cfg);
    if (err == PGR_OK) err = start(s);
    if (err != PGR_OK) {
        pgr_sbx_close(s);
        return err;
    }
    if (s->tier > 1)
        pgr_log(PGR_LOG_WARN, "sandbox", "weaker_isolation", "tier=%d why=\"%s\"", s->tier, pgr_buf_str(&s->note));
    *out = s;
    return PGR_OK;
}

static void drop(struct pgr_sbx *s, struct pending **at) {
    struct pending *p = *at;
    *at = p->next;
    if (s->last == &p->next) s->last = at;
    s->n_pending--;
    if (p->sent) s->n_sent--;
    pgr_buf_free(&p->message);
    pgr_free(p);
}

void pgr_sbx_close(struct pgr_sbx *s) {
    if (!s) return;
    reap(s);
    while (s->first) drop(s, &s->first);
    pgr_buf_free(&s->hello);
    pgr_buf_free(&s->note);
    pgr_buf_free(&s->python);
    pgr_free(s);
}

size_t pgr_sbx_pending(const struct pgr_sbx *s) { return s->n_pending; }
int pgr_sbx_tier(const struct pgr_sbx *s) { return s->tier; }

void pgr_sbx_info(const struct pgr_sbx *s, struct pgr_sbx_info *out) {
    *out = (struct pgr_sbx_info){s->tier,    s->landlock_abi, pgr_buf_str(&s->python), pgr_buf_str(&s->note),
                                 s->n_cells, s->n_restarts,   s->cell_start_s};
}

/* ---- jobs ---- */

pgr_err pgr_sbx_submit(struct pgr_sbx *s, const struct pgr_sbx_job *job, uint64_t tag) {
    struct pending *p = pgr_alloc_zero(1, sizeof *p);
    if (!p) return pgr_fail(PGR_E_NOMEM, "out of memory for a job");
    p->id = s->next_id;
    p->tag = tag;
    pgr_err err = pgr_job_encode(job, p->id, &p->message);
    if (err != PGR_OK) {
        pgr_buf_free(&p->message);
        pgr_free(p);
        return err;
    }
    s->next_id++;
    *s->last = p;
    s->last = &p->next;
    s->n_pending++;
    return PGR_OK;
}

/* Sends what the window allows. A job that was there when a supervisor died is sent only by itself, so that the next
 * death tells who it is. */
static void send_jobs(struct pgr_sbx *s) {
    size_t window = 2 * s->n_cells + 2;
    for (struct pending *p = s->first; p && s->n_sent < window; p = p->next) {
        if (p->sent) {
            if (p->deaths) return;
            continue;
        }
        if (p->deaths && s->n_sent > 0) return;
        pgr_buf_add(&s->link.out, p->message.data, p->message.len);
        p->sent = true;
        s->n_sent++;
        if (p->deaths) return;
    }
}

static bool take_result(struct pgr_sbx *s, struct pgr_reader *r, struct pgr_sbx_result *out) {
    memset(out, 0, sizeof *out);
    uint64_t id = pgr_get_u64(r);
    struct pending **at = &s->first;
    while (*at && !((*at)->sent && (*at)->id == id)) at = &(*at)->next;
    if (!*at) return false;
    out->tag = (*at)->tag;
    out->verdict = (pgr_verdict)pgr_get_u32(r);
    out->same_process = pgr_get_u32(r) != 0;
    out->cpu_s = pgr_get_f64(r);
    out->wall_s = pgr_get_f64(r);
    out->peak_bytes = pgr_get_u64(r);
    out->n_passed = pgr_get_u64(r);
    out->n_tests = pgr_get_u64(r);
    out->failed_test = pgr_get_u64(r);
    out->input = pgr_span_dup(pgr_get_blob(r));
    out->expected = pgr_span_dup(pgr_get_blob(r));
    out->got = pgr_span_dup(pgr_get_blob(r));
    out->detail = pgr_span_dup(pgr_get_blob(r));
    struct pgr_span text = pgr_get_blob(r), errors = pgr_get_blob(r);
    out->out = pgr_span_dup(text);
    out->err = pgr_span_dup(errors);
    out->out_bytes = text.n;
    out->err_bytes = errors.n;
    if (r->bad || !out->out || !out->err) {
        pgr_sbx_result_free(out);
        return false;
    }
    drop(s, at);
    s->deaths = 0;
    return true;
}

/* A job that has outlived too many supervisors gets a result of its own. */
static bool take_suspect(struct pgr_sbx *s, struct pgr_sbx_result *out) {
    for (struct pending **at = &s->first; *at; at = &(*at)->next) {
        if ((*at)->sent || (*at)->deaths < MAX_ATTEMPTS) continue;
        memset(out, 0, sizeof *out);
        out->tag = (*at)->tag;
        out->verdict = PGR_V_INTERNAL_ERROR;
        out->failed_test = SIZE_MAX;
        out->out = pgr_strdup("");
        out->err = pgr_strdup("");
        out->detail = pgr_strdup("the sandbox supervisor died twice while it had this job");
        drop(s, at);
        return true;
    }
    return false;
}

static pgr_err restart(struct pgr_sbx *s) {
    reap(s);
    for (struct pending *p = s->first; p; p = p->next) {
        if (p->sent) p->deaths++;
        p->sent = false;
    }
    s->n_sent = 0;
    s->n_restarts++;
    if (++s->deaths > MAX_DEATHS)
        return pgr_fail(PGR_E_INTERNAL, "the sandbox supervisor died %u times in a row", s->deaths);
    pgr_log(PGR_LOG_WARN, "sandbox", "supervisor_restarts", "restarts=%zu pending=%zu", s->n_restarts, s->n_pending);
    return start(s);
}

static pgr_err exchange(struct pgr_sbx *s, struct pgr_sbx_result *results, size_t max, size_t *n) {
    uint32_t type;
    struct pgr_reader r;
    while (*n < max && pgr_link_next(&s->link, &type, &r)) {
        if (type != PGR_MSG_RESULT || !take_result(s, &r, &results[*n]))
            return pgr_fail(PGR_E_IO, "the sandbox supervisor sent a malformed message");
        ++*n;
    }
    send_jobs(s);
    return pgr_link_write(&s->link);
}

pgr_err pgr_sbx_poll(struct pgr_sbx *s, struct pgr_sbx_result *results, size_t max, int timeout_ms, size_t *n) {
    double end_s = pgr_now_s() + 1e-3 * timeout_ms;
    *n = 0;
    if (max == 0) return pgr_fail(PGR_E_RANGE, "room for no result");
    for (;;) {
        while (*n < max && take_suspect(s, &results[*n])) ++*n;
        pgr_err err = exchange(s, results, max, n);
        if (err == PGR_OK && (*n > 0 || s->n_pending == 0)) return PGR_OK;
        if (err == PGR_OK) {
            double left_ms = timeout_ms < 0 ? 1000 : 1e3 * (end_s - pgr_now_s());
            struct pollfd p = {s->link.fd, (short)(POLLIN | (pgr_link_wants_write(&s->link) ? POLLOUT : 0)), 0};
            int rc = poll(&p, 1, left_ms > 0 ? (int)fmin(ceil(left_ms), 3600e3) : 0);
            if (rc < 0) return errno == EINTR ? PGR_OK : pgr_fail(PGR_E_SYS, "poll: %s", strerror(errno));
            if (rc > 0 && p.revents & (POLLIN | POLLHUP | POLLERR)) err = pgr_link_read(&s->link);
            if (rc == 0 && timeout_ms >= 0 && pgr_now_s() >= end_s) return PGR_OK;
        }
        if (err == PGR_E_IO) err = restart(s);
        if (err != PGR_OK) { /* results that came before the failure are nobody's */
            while (*n > 0) pgr_sbx_result_free(&results[--*n]);
            return err;
        }
    }
}
