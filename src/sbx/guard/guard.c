/* guard.c - loaded into a cell's Python (LD_PRELOAD): its fork() becomes a loop that makes guarded children.
 *
 * Python imports its modules, then calls os.fork() once. In the parent that call never returns: it takes a request with
 * descriptors, forks, reports, waits, reports, and prepares the next scratch folder. In each child it returns 0, and by
 * then the child holds only its own descriptors, no capability, small limits, a Landlock domain and a system-call
 * filter. So every privileged step is here and none in Python, and it happens before the first byte that a program
 * could have written is read.
 *
 * Built apart from the library: no sanitizers, no dependency but libc. */
#define _GNU_SOURCE
#include "sbx/guard/ctl.h"
#include "sbx/guard/huge.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* Rights of Landlock ABI 1 to 5, and its later fields; headers of the build machine may be older than the kernel. */
#define LL_EXECUTE (1ull << 0)
#define LL_WRITE_FILE (1ull << 1)
#define LL_READ_FILE (1ull << 2)
#define LL_READ_DIR (1ull << 3)
#define LL_MAKE_CHAR (1ull << 6)
#define LL_MAKE_SOCK (1ull << 9)
#define LL_MAKE_FIFO (1ull << 10)
#define LL_MAKE_BLOCK (1ull << 11)
#define LL_REFER (1ull << 13)
#define LL_TRUNCATE (1ull << 14)
#define LL_IOCTL_DEV (1ull << 15)

struct ll_ruleset { /* struct landlock_ruleset_attr as of ABI 6 */
    uint64_t fs, net, scoped;
};

static int ctl = -1;
static bool guarded; /* this process is a player */
static struct sbx_ctl_init init;
static uint64_t scratch_bytes; /* size of the tmpfs mounted now, 0 = none */
static int rules = -1;         /* Landlock rule set for the next player */
static uint32_t landlock_abi;
static int fail_step;

__attribute__((constructor)) static void enter(void) {
    struct stat st;
    if (!getenv("SBX_CELL") || fstat(SBX_CTL_FD, &st) != 0) return;
    unsetenv("LD_PRELOAD");
    unsetenv("LD_LIBRARY_PATH");
    unsetenv("LD_BIND_NOW");
    unsetenv("SBX_CELL");
    /* exec may have cleared both. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    /* Out of the way of a player's descriptors 0 to 5, which stay occupied so that received ones come higher. */
    ctl = fcntl(SBX_CTL_FD, F_DUPFD_CLOEXEC, 64);
    for (int fd = SBX_CTL_FD; fd < SBX_N_FDS; fd++) dup2(STDIN_FILENO, fd);
    sbx_huge_begin();
}

static bool set_failed(int step) {
    fail_step = step;
    return false;
}

/* ---- preparing a run (in the zygote) ---- */

static bool mount_scratch(uint64_t bytes) {
    char options[96];
    if (scratch_bytes && umount2("/tmp", MNT_DETACH) != 0) return set_failed(SBX_STEP_SCRATCH);
    scratch_bytes = 0;
    snprintf(options, sizeof options, "mode=0777,nr_inodes=256,size=%llu", (unsigned long long)bytes);
    if (mount("scratch", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0)
        return set_failed(SBX_STEP_SCRATCH);
    scratch_bytes = bytes;
    return true;
}

static bool allow_path(int set, const char *path, uint64_t rights) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || errno == EACCES; /* what cannot be seen need not be allowed */
    struct stat st;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rights &= LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_TRUNCATE | LL_IOCTL_DEV;
    struct landlock_path_beneath_attr a = {.allowed_access = rights, .parent_fd = fd};
    bool ok = syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &a, 0) == 0;
    close(fd);
    return ok;
}

/* The rules name inodes, so a fresh scratch folder needs a fresh set. */
static bool build_rules(void) {
    if (!init.landlock || landlock_abi == 0) return true;
    if (rules >= 0) close(rules);
    uint64_t all = (1ull << 13) - 1;
    if (landlock_abi >= 2) all |= LL_REFER;
    if (landlock_abi >= 3) all |= LL_TRUNCATE;
    if (landlock_abi >= 5) all |= LL_IOCTL_DEV;
    struct ll_ruleset a = {all, landlock_abi >= 4 ? 3 : 0, landlock_abi >= 6 ? 3 : 0};
    size_t size = landlock_abi >= 6 ? 24 : landlock_abi >= 4 ? 16 : 8;
    rules = (int)syscall(SYS_landlock_create_ruleset, &a, size, 0);
    if (rules < 0) return set_failed(SBX_STEP_LANDLOCK);
    uint64_t read = LL_READ_FILE | LL_READ_DIR;
    uint64_t scratch = all & ~(LL_EXECUTE | LL_MAKE_CHAR | LL_MAKE_BLOCK | LL_MAKE_SOCK | LL_MAKE_FIFO | LL_IOCTL_DEV);
    bool ok = true;
    if (init.read_roots == 0) ok = allow_path(rules, "/", read);
    const char *p = init.paths;
    for (uint32_t i = 0; ok && i < init.read_roots; i++, p += strlen(p) + 1) ok = allow_path(rules, p, read);
    if (ok && init.scratch) ok = allow_path(rules, "/tmp", scratch);
    if (ok) ok = allow_path(rules, "/dev/null", LL_READ_FILE | LL_WRITE_FILE);
    return ok || set_failed(SBX_STEP_LANDLOCK);
}

static bool prepare(uint64_t bytes) { return (!init.scratch || mount_scratch(bytes)) && build_rules(); }

/* ---- in the child ---- */

static bool limit(int what, uint64_t soft, uint64_t hard) {
    struct rlimit r = {(rlim_t)soft, (rlim_t)hard};
    return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

static bool set_limits(const struct sbx_ctl_run *r) {
    return limit(RLIMIT_CPU, r->cpu_s, r->cpu_s + 1) && limit(RLIMIT_AS, r->memory_bytes, r->memory_bytes) &&
           limit(RLIMIT_NOFILE, r->n_files, r->n_files) &&
           (!init.count_tasks || limit(RLIMIT_NPROC, r->n_procs, r->n_procs)) &&
           limit(RLIMIT_FSIZE, r->scratch_bytes, r->scratch_bytes) && limit(RLIMIT_CORE, 0, 0) &&
           limit(RLIMIT_MEMLOCK, 0, 0) && limit(RLIMIT_MSGQUEUE, 0, 0) && limit(RLIMIT_SIGPENDING, 64, 64) &&
           /* The hard limit stays open: the stack is address space, and programs like to raise it. */
           limit(RLIMIT_STACK, r->stack_bytes, (uint64_t)RLIM_INFINITY);
}

static bool load_filter(void) {
    static struct sock_filter code[SBX_MAX_FILTER];
    uint32_t self = (uint32_t)getpid();
    for (uint32_t i = 0; i < init.n_filter; i++) {
        struct sbx_ctl_insn in = init.filter[i];
        code[i] = (struct sock_filter){in.code, in.jt, in.jf, in.k == SBX_PID_MARK ? self : in.k};
    }
    struct sock_fprog prog = {(unsigned short)init.n_filter, code};
    return init.n_filter == 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0;
}

static int guard_child(const struct sbx_ctl_run *r, const int fds[SBX_N_FDS], int n_fds) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (int i = 0; i < SBX_N_FDS; i++) {
        if (i >= n_fds)
            close(i);
        else if (dup2(fds[i], i) < 0)
            return SBX_STEP_FDS;
    }
    if (init.scratch && chdir("/tmp") != 0) return SBX_STEP_SCRATCH;
    if (!set_limits(r)) return SBX_STEP_RLIMIT;
    if (rules >= 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0) return SBX_STEP_RESTRICT;
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &head, none) != 0) return SBX_STEP_CAPS;
    /* Last of what can fail, because it takes away most system calls; the descriptors go after it, since a failure is
     * reported on one of them. */
    if (!load_filter()) return SBX_STEP_SECCOMP;
    syscall(SYS_close_range, (unsigned)SBX_N_FDS, ~0u, 0);
    return SBX_STEP_NONE;
}

/* ---- messages ---- */

static void reply(uint32_t type, int status, int step, int error, const struct rusage *u, int pass_fd) {
    struct sbx_ctl_reply m = {.magic = SBX_CTL_MAGIC, .type = type, .status = status, .step = step, .error = error};
    m.landlock_abi = init.landlock ? landlock_abi : 0;
    if (u) {
        m.cpu_us = (uint64_t)u->ru_utime.tv_sec * 1000000u + (uint64_t)u->ru_utime.tv_usec +
                   (uint64_t)u->ru_stime.tv_sec * 1000000u + (uint64_t)u->ru_stime.tv_usec;
        m.peak_bytes = (uint64_t)u->ru_maxrss * 1024u;
    }
    struct iovec iov = {&m, sizeof m};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (pass_fd >= 0) {
        memset(&control, 0, sizeof control);
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pass_fd, sizeof pass_fd);
    }
    while (sendmsg(ctl, &msg, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) _exit(0); /* the supervisor is gone */
}

/* False when the supervisor is gone or talks nonsense. */
static bool take_request(struct sbx_ctl_run *r, int fds[SBX_N_FDS], int *n_fds) {
    struct iovec iov = {r, sizeof *r};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int) * SBX_N_FDS)];
    } control;
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t n;
    while ((n = recvmsg(ctl, &msg, MSG_CMSG_CLOEXEC)) < 0)
        if (errno != EINTR) return false;
    if (n != (ssize_t)sizeof *r || r->magic != SBX_CTL_MAGIC || r->type != SBX_CTL_RUN) return false;
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) return false;
    *n_fds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(fds, CMSG_DATA(c), (size_t)*n_fds * sizeof(int));
    return *n_fds >= SBX_FD_JOB + 1;
}

static pid_t real_fork(void) {
    static pid_t (*next)(void);
    if (!next) {
        void *p = dlsym(RTLD_NEXT, "fork");
        memcpy(&next, &p, sizeof next);
    }
    return next();
}

static void start(void) {
    ssize_t n;
    while ((n = recv(ctl, &init, sizeof init, 0)) < 0)
        if (errno != EINTR) _exit(0);
    if (n != (ssize_t)sizeof init || init.magic != SBX_CTL_MAGIC || init.type != SBX_CTL_INIT ||
        init.n_filter > SBX_MAX_FILTER)
        _exit(n == 0 ? 0 : 3);
    sbx_huge_end();
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    landlock_abi = abi > 0 ? (uint32_t)abi : 0;
    if (!prepare(16u << 20)) {
        reply(SBX_CTL_FAILED, 0, fail_step, errno, NULL, -1);
        _exit(3);
    }
    reply(SBX_CTL_READY, 0, 0, 0, NULL, -1);
}

pid_t fork(void) {
    if (ctl < 0 || guarded) return real_fork();
    start();
    for (;;) {
        struct sbx_ctl_run r;
        int fds[SBX_N_FDS], n_fds = 0;
        if (!take_request(&r, fds, &n_fds)) _exit(0);
        if (init.scratch && r.scratch_bytes != scratch_bytes && !prepare(r.scratch_bytes)) {
            reply(SBX_CTL_FAILED, 0, fail_step, errno, NULL, -1);
            _exit(3);
        }
        pid_t pid = real_fork();
        if (pid == 0) {
            int step = guard_child(&r, fds, n_fds);
            if (step == SBX_STEP_NONE) {
                guarded = true;
                return 0;
            }
            reply(SBX_CTL_FAILED, 0, step, errno, NULL, -1);
            _exit(3);
        }
        int error = errno;
        for (int i = 0; i < n_fds; i++) close(fds[i]);
        if (pid < 0) {
            reply(SBX_CTL_FAILED, 0, SBX_STEP_FORK, error, NULL, -1);
            continue;
        }
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0) {
            reply(SBX_CTL_FAILED, 0, SBX_STEP_PIDFD, errno, NULL, -1);
            _exit(3); /* pid 1: takes the child with it */
        }
        reply(SBX_CTL_STARTED, 0, 0, 0, NULL, pidfd);
        close(pidfd);
        int status = 0;
        struct rusage u;
        memset(&u, 0, sizeof u);
        while (wait4(pid, &status, 0, &u) < 0)
            if (errno != EINTR) _exit(3);
        reply(SBX_CTL_EXITED, status, 0, 0, &u, -1);
        if (!prepare(scratch_bytes ? scratch_bytes : r.scratch_bytes)) {
            reply(SBX_CTL_FAILED, 0, fail_step, errno, NULL, -1);
            _exit(3);
        }
    }
}
