/* probe.c - a cell is believed in after it withstood a few attacks. */
#define _GNU_SOURCE
#include "sbx/probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "sbx/run.h"

/* Prints what succeeded though it must not. The supervisor's pid is given as the host sees it and as a namespace
 * would not. */
static const char attacks[] = "import os, socket\n"
                              "def held(f, *a):\n"
                              "    try:\n"
                              "        f(*a)\n"
                              "    except OSError:\n"
                              "        return True\n"
                              "    return False\n"
                              "def fork():\n"
                              "    if os.fork() == 0:\n"
                              "        os._exit(0)\n"
                              "def connect():\n"
                              "    socket.socket().connect(('127.0.0.1', 9))\n"
                              "for name, ok in (('read a file of the host', held(open, '/etc/passwd')),\n"
                              "                 ('list the root of the host', held(os.listdir, '/etc')),\n"
                              "                 ('open a socket', held(connect)),\n"
                              "                 ('start a process', held(fork)),\n"
                              "                 ('signal its parent', held(os.kill, os.getppid(), 0)),\n"
                              "                 ('write outside its scratch folder', held(open, '/sbx-probe', 'w'))):\n"
                              "    if not ok: print('a program can', name)\n"
                              "print('end')\n";

static void last_line(const struct pgr_cell *c, char *why, size_t n) {
    const char *text = pgr_buf_str(&c->log);
    size_t len = c->log.len;
    while (len > 0 && text[len - 1] == '\n') len--;
    size_t start = len;
    while (start > 0 && text[start - 1] != '\n') start--;
    if (len == start)
        snprintf(why, n, "the interpreter ended before it was ready");
    else
        snprintf(why, n, "%.*s", (int)(len - start), text + start);
}

static void read_log(struct pgr_cell *c) {
    char chunk[4096];
    ssize_t got;
    while (c->log.len < 1 << 16 && (got = read(c->log_fd, chunk, sizeof chunk)) > 0)
        pgr_buf_add(&c->log, chunk, (size_t)got);
}

enum pgr_probe pgr_probe_ready(struct pgr_cell *c, char *why, size_t n) {
    static const char *const steps[] = {
#define X(name, text) text,
        SBX_STEP_LIST(X)
#undef X
    };
    struct sbx_ctl_reply m;
    ssize_t got;
    read_log(c);
    while ((got = recv(c->ctl, &m, sizeof m, MSG_DONTWAIT)) < 0 && errno == EINTR) {
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return PGR_PROBE_WAIT;
    if (got == (ssize_t)sizeof m && m.magic == SBX_CTL_MAGIC && m.type == SBX_CTL_READY) {
        c->landlock_abi = m.landlock_abi;
        c->state = PGR_CELL_IDLE;
        return PGR_PROBE_READY;
    }
    if (got == (ssize_t)sizeof m && m.magic == SBX_CTL_MAGIC && m.type == SBX_CTL_FAILED) {
        size_t step = (size_t)m.step < sizeof steps / sizeof *steps ? (size_t)m.step : 0;
        snprintf(why, n, "%s: %s", steps[step], strerror(m.error));
    } else {
        /* Its log may be written after the socket closed: the process is gone, so all of it is there now. */
        pgr_cell_reap(c);
        read_log(c);
        last_line(c, why, n);
    }
    return PGR_PROBE_FAILED;
}

static bool wait_ready(struct pgr_cell *c, double end_s, char *why, size_t n) {
    enum pgr_probe p;
    while ((p = pgr_probe_ready(c, why, n)) == PGR_PROBE_WAIT) {
        struct pollfd fd = {c->ctl, POLLIN, 0};
        if (pgr_now_s() > end_s) {
            snprintf(why, n, "the interpreter did not get ready in time");
            return false;
        }
        poll(&fd, 1, 100);
    }
    return p == PGR_PROBE_READY;
}

bool pgr_probe_cell(struct pgr_cell *c, int tier, double limit_s, char *why, size_t n) {
    if (!wait_ready(c, pgr_now_s() + limit_s, why, n)) return false;
    c->ready_s = pgr_now_s();
    if (tier == 3) return true;
    if (tier == 2 && c->landlock_abi == 0) {
        snprintf(why, n, "the kernel has no Landlock");
        return false;
    }
    struct pgr_sbx_limits limits = pgr_sbx_default_limits;
    limits.cpu_s = limits.wall_s = limit_s;
    struct pgr_run r;
    struct pgr_run_req req = {.mode = "run", .blob = {{NULL, 0}, {attacks, sizeof attacks - 1}}, .limits = &limits};
    if (pgr_run_start(&r, c, &req) != PGR_OK) {
        snprintf(why, n, "%s", pgr_err_detail());
        return false;
    }
    while (!pgr_run_is_done(&r)) {
        struct pollfd p[PGR_RUN_MAX_POLL];
        size_t k = pgr_run_poll_set(&r, p);
        poll(p, (nfds_t)k, 100);
        pgr_run_step(&r, p, k);
    }
    bool held = r.end == PGR_END_NONE && r.status == 0 && strcmp(pgr_buf_str(&r.out), "end\n") == 0;
    if (!held && r.end == PGR_END_CELL_DIED)
        snprintf(why, n, "%s", r.failure);
    else if (!held)
        snprintf(why, n, "%.*s", (int)strcspn(pgr_buf_str(&r.out), "\n"), pgr_buf_str(&r.out));
    if (!held && !why[0]) snprintf(why, n, "a probe ended with status %d: %.200s", r.status, pgr_buf_str(&r.err));
    pgr_run_release(&r);
    return held;
}

static bool setting_is(const char *path, char value) {
    struct pgr_buf b = PGR_BUF_INIT;
    bool is = pgr_file_read(path, 16, &b) == PGR_OK && b.len > 0 && b.data[0] == value;
    pgr_buf_free(&b);
    return is;
}

void pgr_probe_advice(char *text, size_t n) {
    const char *advice = "";
    if (geteuid() != 0 && setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        advice = " - AppArmor keeps user namespaces from programs without a profile; install ours: `sudo cp "
                 "data/apparmor/pgrpo /etc/apparmor.d/pgrpo && sudo apparmor_parser -r /etc/apparmor.d/pgrpo`";
    else if (setting_is("/proc/sys/user/max_user_namespaces", '0'))
        advice = " - user namespaces are switched off (sysctl user.max_user_namespaces is 0)";
    else if (geteuid() != 0 && setting_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        advice = " - user namespaces are for root only (sysctl kernel.unprivileged_userns_clone is 0)";
    snprintf(text, n, "%s", advice);
}
