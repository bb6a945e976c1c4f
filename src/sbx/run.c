/* run.c - one program in one cell. */
#define _GNU_SOURCE
#include "sbx/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/size.h"
#include "sbx/cgroup.h"

enum { STACK_BYTES = 64 << 20, GROUP_EXTRA_BYTES = 128 << 20, READ_CHUNK = 65536, READS_PER_STEP = 8 };
static const double drain_s = 2.0; /* from a program's end to that of its pipes */
static const double recheck_s = 0.02;
/* Between two looks at the pipes of a program that answers nobody: most end before the first, and the supervisor wakes
 * up once instead of for each line. A program that fills its pipes is read as it writes. */
static const double look_every_s = 0.002;
enum { BUSY_BYTES = 16 << 10 };
static const double wall_stretch = 10.0; /* a starved program gets at most this many times its wall limit */

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* ---- start ---- */

static pgr_err job_memfd(const struct pgr_run_req *req, int *fd) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, "%s %zu", req->mode, req->limits->answer_bytes);
    for (size_t i = 0; i < PGR_COUNT(req->blob); i++)
        if (req->blob[i].data)
            pgr_buf_addf(&b, " %zu", req->blob[i].n);
        else
            pgr_buf_adds(&b, " -");
    pgr_buf_addc(&b, '\n');
    for (size_t i = 0; i < PGR_COUNT(req->blob); i++)
        if (req->blob[i].data) pgr_buf_add(&b, req->blob[i].data, req->blob[i].n);
    pgr_err err = pgr_buf_ok(&b);
    if (err == PGR_OK) *fd = pgr_sealed_memfd("job", b.data, b.len);
    if (err == PGR_OK && *fd < 0) err = pgr_fail(PGR_E_SYS, "memfd_create: %s", strerror(errno));
    pgr_buf_free(&b);
    return err;
}

static bool send_with_fds(int socket, const void *message, size_t n, const int *fds, size_t n_fds) {
    struct iovec iov = {(void *)(uintptr_t)message, n};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int) * SBX_N_FDS)];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = CMSG_SPACE(sizeof(int) * n_fds)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
    ssize_t sent;
    while ((sent = sendmsg(socket, &msg, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
    }
    return sent == (ssize_t)n;
}

/* Pipes: ours is non-blocking. dir 0: the player writes; dir 1: the player reads. */
static bool open_pipe(int *ours, int *theirs, int dir) {
    int p[2];
    if (pipe2(p, O_CLOEXEC) != 0) return false;
    *ours = p[dir];
    *theirs = p[1 - dir];
    return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

static pgr_err hand_over(struct pgr_run *r, const struct pgr_run_req *req, int fds[SBX_N_FDS]) {
    const char *input = req->input.data ? req->input.data : "";
    fds[SBX_FD_STDIN] = pgr_sealed_memfd("stdin", input, req->input.n);
    if (fds[SBX_FD_STDIN] < 0) return pgr_fail(PGR_E_SYS, "memfd_create: %s", strerror(errno));
    PGR_TRY(job_memfd(req, &fds[SBX_FD_JOB]));
    if (!open_pipe(&r->out_fd, &fds[SBX_FD_STDOUT], 0) || !open_pipe(&r->err_fd, &fds[SBX_FD_STDERR], 0) ||
        !open_pipe(&r->frames_fd, &fds[SBX_FD_FRAMES], 0) ||
        (req->requests && !open_pipe(&r->requests_fd, &fds[SBX_FD_REQUESTS], 1)))
        return pgr_fail(PGR_E_SYS, "pipe: %s", strerror(errno));
    const struct pgr_sbx_limits *l = &r->limits;
    struct sbx_ctl_run m = {.magic = SBX_CTL_MAGIC,
                            .type = SBX_CTL_RUN,
                            .cpu_s = (uint64_t)ceil(l->cpu_s) + 1,
                            .memory_bytes = l->memory_bytes,
                            .n_files = l->n_files,
                            .n_procs = l->n_threads + 2, /* the zygote, and the program itself */
                            .scratch_bytes = l->scratch_bytes,
                            .stack_bytes = STACK_BYTES};
    if (!send_with_fds(r->cell->ctl, &m, sizeof m, fds, req->requests ? SBX_N_FDS : SBX_FD_JOB + 1))
        return pgr_fail(PGR_E_SYS, "sending a program to its cell: %s", strerror(errno));
    return PGR_OK;
}

pgr_err pgr_run_start(struct pgr_run *r, struct pgr_cell *cell, const struct pgr_run_req *req) {
    memset(r, 0, sizeof *r);
    r->cell = cell;
    r->limits = *req->limits;
    r->out_fd = r->err_fd = r->frames_fd = r->requests_fd = r->pidfd = -1;
    int fds[SBX_N_FDS];
    for (size_t i = 0; i < SBX_N_FDS; i++) fds[i] = -1;
    /* The zygote and what the kernel keeps for it are in the group too. */
    pgr_cgroup_limit(cell->index, r->limits.memory_bytes + r->limits.scratch_bytes + GROUP_EXTRA_BYTES,
                     r->limits.n_threads + 2);
    r->oom_kills = pgr_cgroup_oom_kills(cell->index);
    pgr_err err = hand_over(r, req, fds);
    for (size_t i = 0; i < SBX_N_FDS; i++) close_fd(&fds[i]);
    r->start_s = pgr_now_s();
    r->wall_end_s = r->start_s + r->limits.wall_s;
    r->check_s = r->start_s + r->limits.cpu_s;
    r->call_from_s = -1;
    r->lazy = !req->requests;
    r->look_s = r->start_s + look_every_s;
    cell->state = PGR_CELL_BUSY;
    cell->n_runs++;
    if (err != PGR_OK) {
        pgr_run_release(r);
        r->cell = NULL;
    }
    return err;
}

/* ---- limits ---- */

static void kill_program(struct pgr_run *r) {
    if (r->pidfd >= 0 && !r->exited) syscall(SYS_pidfd_send_signal, r->pidfd, SIGKILL, NULL, 0);
}

void pgr_run_stop(struct pgr_run *r, enum pgr_run_end why) {
    if (r->end == PGR_END_NONE && !r->exited) r->end = why;
    r->stop_asked = true; /* before STARTED there is no pidfd yet */
    kill_program(r);
}

static void cell_died(struct pgr_run *r, const char *why) {
    if (r->end == PGR_END_CELL_DIED) return;
    r->end = PGR_END_CELL_DIED;
    r->exited = true;
    snprintf(r->failure, sizeof r->failure, "%s", why);
    close_fd(&r->out_fd);
    close_fd(&r->err_fd);
    close_fd(&r->frames_fd);
}

/* The pid as the supervisor's namespace knows it. */
static pid_t host_pid(struct pgr_run *r) {
    if (r->host_pid != 0 || r->pidfd < 0) return r->host_pid;
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", r->pidfd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    close_fd(&fd);
    if (n <= 0) return 0;
    text[n] = '\0';
    const char *at = strstr(text, "\nPid:");
    r->host_pid = at ? (pid_t)strtol(at + 5, NULL, 10) : 0;
    return r->host_pid;
}

static double cpu_used_s(struct pgr_run *r) {
    clockid_t clock;
    struct timespec t;
    pid_t pid = host_pid(r);
    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One small file below an open folder; "" if it cannot be read. */
static const char *read_small(int dir, const char *tid, const char *name, char *text, size_t n) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", tid, name);
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, n - 1) : -1;
    close_fd(&fd);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

/* Seconds that the program's threads were ready to run but had no CPU, and whether one is ready (or running) now, since
 * the kernel counts a wait when it is over. A program can only wait for a CPU in this sense while its threads use one,
 * so this cannot be drawn out beyond what the CPU limit allows. */
static double starved_s(struct pgr_run *r, bool *ready_now) {
    char path[64], text[512];
    pid_t pid = host_pid(r);
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = pid > 0 ? opendir(path) : NULL;
    double sum = 0;
    struct dirent *e;
    *ready_now = false;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.') continue;
        unsigned long long run_ns, wait_ns;
        if (sscanf(read_small(dirfd(d), e->d_name, "schedstat", text, sizeof text), "%llu %llu", &run_ns, &wait_ns) ==
            2)
            sum += 1e-9 * (double)wait_ns;
        /* "pid (name) S ...": the name may hold anything, so look from its end. */
        const char *close_paren = strrchr(read_small(dirfd(d), e->d_name, "stat", text, sizeof text), ')');
        if (close_paren && close_paren[1] == ' ' && close_paren[2] == 'R') *ready_now = true;
    }
    if (d) closedir(d);
    return sum;
}

static void check_limits(struct pgr_run *r) {
    double now = pgr_now_s();
    if (r->exited) {
        if (now >= r->end_s + drain_s) { /* cannot be: the program held the only other ends */
            close_fd(&r->out_fd);
            close_fd(&r->err_fd);
            close_fd(&r->frames_fd);
        }
        return;
    }
    if (r->stop_asked) {
        /* Killed, but the zygote has not said so: it hangs. */
        if (now >= r->wall_end_s + drain_s * 5) cell_died(r, "the cell does not answer");
        return;
    }
    if (now >= r->check_s) {
        double used = cpu_used_s(r), left = r->limits.cpu_s - used;
        bool call =
            r->limits.call_cpu_s > 0 && r->call_from_s >= 0 && r->call_from_s + r->limits.call_cpu_s - used < left;
        if (call) left = r->call_from_s + r->limits.call_cpu_s - used;
        if (left <= 0) {
            r->wall_end_s = now;
            pgr_run_stop(r, call ? PGR_END_CALL : PGR_END_CPU);
            return;
        }
        size_t threads = r->limits.n_threads < 64 ? r->limits.n_threads + 1 : 64;
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);
        if (cpus > 0 && (size_t)cpus < threads) threads = (size_t)cpus;
        left /= (double)threads;
        r->check_s = now + (left > 0.001 ? left : 0.001);
    }
    if (now >= r->wall_end_s) {
        /* Time without a CPU is the host's, not the program's. */
        bool ready_now;
        double used = now - r->start_s - starved_s(r, &ready_now);
        double left = r->limits.wall_s - used;
        if (ready_now && left < recheck_s) left = recheck_s;
        if (left > 0.001 && now < r->start_s + wall_stretch * r->limits.wall_s) {
            r->wall_end_s = now + left;
        } else {
            r->wall_end_s = now;
            pgr_run_stop(r, PGR_END_WALL);
        }
    }
}

void pgr_run_mark_call(struct pgr_run *r) {
    if (r->limits.call_cpu_s <= 0) return;
    r->call_from_s = cpu_used_s(r);
    r->check_s = fmin(r->check_s, pgr_now_s() + r->limits.call_cpu_s);
}

double pgr_run_deadline(const struct pgr_run *r) {
    if (pgr_run_is_done(r)) return INFINITY;
    if (r->exited) return r->end_s + drain_s;
    if (r->stop_asked) return r->wall_end_s + drain_s * 5;
    return fmin(fmin(r->wall_end_s, r->check_s), r->lazy ? r->look_s : INFINITY);
}

/* ---- what the zygote says ---- */

static void take_reply(struct pgr_run *r, const struct sbx_ctl_reply *m, int fd) {
    static const char *const step_names[] = {
#define X(name, text) text,
        SBX_STEP_LIST(X)
#undef X
    };
    if (m->type == SBX_CTL_STARTED && fd >= 0) {
        r->pidfd = fd;
        if (r->stop_asked) kill_program(r);
        return;
    }
    close_fd(&fd);
    if (m->type == SBX_CTL_EXITED) {
        r->exited = true;
        r->status = m->status;
        r->cpu_s = 1e-6 * (double)m->cpu_us;
        r->peak_bytes = m->peak_bytes;
        r->end_s = pgr_now_s();
        if (WIFSIGNALED(m->status) && WTERMSIG(m->status) == SIGKILL)
            r->no_memory = pgr_cgroup_oom_kills(r->cell->index) > r->oom_kills;
    } else if (m->type == SBX_CTL_FAILED) {
        char why[200];
        size_t step = (size_t)m->step < PGR_COUNT(step_names) ? (size_t)m->step : 0;
        snprintf(why, sizeof why, "%s: %s", step_names[step], strerror(m->error));
        cell_died(r, why);
    } else {
        cell_died(r, "the cell sent an unknown message");
    }
}

static void read_control(struct pgr_run *r) {
    for (;;) {
        struct sbx_ctl_reply m;
        struct iovec iov = {&m, sizeof m};
        union {
            struct cmsghdr head;
            char bytes[CMSG_SPACE(sizeof(int))];
        } control;
        struct msghdr msg = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
        ssize_t n = recvmsg(r->cell->ctl, &msg, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n != (ssize_t)sizeof m || m.magic != SBX_CTL_MAGIC) {
            cell_died(r, n == 0 ? "the cell died" : "the cell sent a malformed message");
            return;
        }
        int fd = -1;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(c), sizeof fd);
        take_reply(r, &m, fd);
        if (r->exited) return;
    }
}

/* ---- pipes ---- */

/* Appends what is there. False at the end of the stream, which is near once the program has ended. */
static bool drain(int fd, bool ended, struct pgr_buf *b, size_t *n_read) {
    static char chunk[READ_CHUNK];
    for (int i = 0; i < READS_PER_STEP; i++) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
        if (n == 0) return false;
        pgr_buf_add(b, chunk, (size_t)n);
        *n_read += (size_t)n;
        if (n < READ_CHUNK / 16 && !ended) break; /* likely all: spare the call that says so */
    }
    return true;
}

static void read_stdout(struct pgr_run *r) {
    size_t n = 0;
    if (!drain(r->out_fd, r->exited, &r->out, &n)) close_fd(&r->out_fd);
    if (r->out.len > r->limits.output_bytes) {
        if (!r->exited) {
            r->wall_end_s = pgr_now_s();
            pgr_run_stop(r, PGR_END_OUTPUT);
        } else if (r->end == PGR_END_NONE) {
            r->end = PGR_END_OUTPUT;
        }
        r->out.len = r->limits.output_bytes;
        r->out.data[r->out.len] = '\0';
    }
}

static void read_stderr(struct pgr_run *r) {
    size_t n = 0;
    if (!drain(r->err_fd, r->exited, &r->err, &n)) close_fd(&r->err_fd);
    if (r->err.len > 4 * PGR_RUN_STDERR_KEPT) { /* keep the end */
        memmove(r->err.data, r->err.data + r->err.len - PGR_RUN_STDERR_KEPT, PGR_RUN_STDERR_KEPT);
        r->err.len = PGR_RUN_STDERR_KEPT;
    }
}

static void read_frames(struct pgr_run *r) {
    if (r->frames_done > 0) {
        memmove(r->frames.data, r->frames.data + r->frames_done, r->frames.len - r->frames_done);
        r->frames.len -= r->frames_done;
        r->frames_done = 0;
    }
    if (!drain(r->frames_fd, r->exited, &r->frames, &r->frames_total)) close_fd(&r->frames_fd);
    if (r->frames_total > PGR_RUN_ANSWERS * r->limits.answer_bytes) {
        r->wall_end_s = pgr_now_s();
        pgr_run_stop(r, PGR_END_FRAMES);
        r->frames.len = r->frames_done;
    }
}

static void write_requests(struct pgr_run *r) {
    while (r->requests_fd >= 0 && r->requests_done < r->requests.len) {
        ssize_t n = write(r->requests_fd, r->requests.data + r->requests_done, r->requests.len - r->requests_done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n < 0) { /* the reader is gone; its end is told elsewhere */
            close_fd(&r->requests_fd);
            return;
        }
        r->requests_done += (size_t)n;
    }
    pgr_buf_clear(&r->requests);
    r->requests_done = 0;
}

void pgr_run_send(struct pgr_run *r, const void *bytes, size_t n) {
    pgr_buf_add(&r->requests, bytes, n);
    write_requests(r);
}

void pgr_run_close_requests(struct pgr_run *r) { close_fd(&r->requests_fd); }

/* A frame: letter, decimal length, ':', payload. */
bool pgr_run_frame(struct pgr_run *r, char *letter, struct pgr_span *payload) {
    const char *p = r->frames.data + r->frames_done;
    size_t left = r->frames.len - r->frames_done, n = 0, i = 1;
    if (left < 2) return false;
    bool bad = p[0] < 'a' || p[0] > 'z';
    for (; !bad && i < left && p[i] >= '0' && p[i] <= '9'; i++) {
        n = n * 10 + (size_t)(p[i] - '0');
        bad = n > r->limits.answer_bytes || i > 9;
    }
    if (!bad && i < left && (p[i] != ':' || i == 1)) bad = true;
    if (bad) {
        pgr_run_stop(r, PGR_END_FRAMES);
        if (r->end == PGR_END_NONE) r->end = PGR_END_FRAMES;
        r->frames_done = r->frames.len;
        return false;
    }
    if (i == left || left - i - 1 < n) return false;
    *letter = p[0];
    *payload = (struct pgr_span){p + i + 1, n};
    r->frames_done += i + 1 + n;
    return true;
}

/* ---- the loop's view ---- */

size_t pgr_run_poll_set(const struct pgr_run *r, struct pollfd *p) {
    size_t n = 0;
    if (!r->exited) p[n++] = (struct pollfd){r->cell->ctl, POLLIN, 0};
    if (r->lazy) return n;
    if (r->out_fd >= 0) p[n++] = (struct pollfd){r->out_fd, POLLIN, 0};
    if (r->err_fd >= 0) p[n++] = (struct pollfd){r->err_fd, POLLIN, 0};
    if (r->frames_fd >= 0) p[n++] = (struct pollfd){r->frames_fd, POLLIN, 0};
    if (r->requests_fd >= 0 && r->requests_done < r->requests.len) p[n++] = (struct pollfd){r->requests_fd, POLLOUT, 0};
    return n;
}

static void look(struct pgr_run *r) {
    size_t before = r->out.len + r->err.len + r->frames.len;
    if (r->out_fd >= 0) read_stdout(r);
    if (r->err_fd >= 0) read_stderr(r);
    if (r->frames_fd >= 0) read_frames(r);
    r->look_s = pgr_now_s() + look_every_s;
    if (r->exited || r->stop_asked || r->out.len + r->err.len + r->frames.len > before + BUSY_BYTES) r->lazy = false;
}

void pgr_run_step(struct pgr_run *r, const struct pollfd *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!p[i].revents) continue;
        if (p[i].fd == r->out_fd)
            read_stdout(r);
        else if (p[i].fd == r->err_fd)
            read_stderr(r);
        else if (p[i].fd == r->frames_fd)
            read_frames(r);
        else if (p[i].fd == r->requests_fd)
            write_requests(r);
        else if (p[i].fd == r->cell->ctl && !r->exited)
            read_control(r);
    }
    if (r->lazy && (r->exited || r->stop_asked || pgr_now_s() >= r->look_s)) look(r);
    check_limits(r);
}

bool pgr_run_is_done(const struct pgr_run *r) {
    return r->exited && r->out_fd < 0 && r->err_fd < 0 && r->frames_fd < 0;
}

void pgr_run_release(struct pgr_run *r) {
    close_fd(&r->out_fd);
    close_fd(&r->err_fd);
    close_fd(&r->frames_fd);
    close_fd(&r->requests_fd);
    close_fd(&r->pidfd);
    pgr_buf_free(&r->out);
    pgr_buf_free(&r->err);
    pgr_buf_free(&r->frames);
    pgr_buf_free(&r->requests);
    if (r->cell && r->end != PGR_END_CELL_DIED && r->exited) r->cell->state = PGR_CELL_IDLE;
    r->cell = NULL;
}
