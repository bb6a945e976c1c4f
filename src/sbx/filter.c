/* filter.c - the system calls a tested program may make.
 *
 * Allowed: what CPython and its standard library need for computing, for files in the scratch folder, for threads and
 * for pipes within the process. Refused with EPERM, which a program sees as PermissionError: everything else, so
 * there are no new processes, no sockets, no shared memory. Killed (verdict `violation`): what no honest program
 * tries. Three answers are chosen for the sake of honest programs:
 *   - file locks report success and do nothing: a run is alone in its scratch folder, and real locks on shared inodes
 *     would be a channel between cells (sqlite3, shelve and tempfile take locks);
 *   - extended attributes report ENOTSUP, which shutil expects;
 *   - clone3 and calls newer than this list report ENOSYS, so that libc falls back to what can be checked. */
#define _GNU_SOURCE
#include "sbx/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/size.h"

static const char *const allowed[] = {
    /* bytes */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek",
    "sendfile", "copy_file_range", "ftruncate", "fallocate", "fsync", "fdatasync",
    /* names and descriptors */
    "open", "openat", "close", "close_range", "stat", "fstat", "lstat", "newfstatat", "statx", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getcwd", "chdir", "fchdir", "getdents", "getdents64", "mkdir", "mkdirat",
    "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "umask",
    "statfs", "fstatfs", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd", "eventfd2", "poll", "ppoll", "select",
    "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "creat",
    /* a pair of connected sockets (asyncio wakes itself through one) */
    "sendto", "recvfrom", "sendmsg", "recvmsg", "shutdown", "getsockopt", "getsockname", "getpeername",
    /* memory */
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "msync",
    /* signals within the process */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend",
    "sigaltstack", "pause", "alarm", "setitimer", "getitimer", "restart_syscall",
    /* time */
    "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrusage",
    "timerfd_create", "timerfd_settime", "timerfd_gettime",
    /* who and where */
    "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
    "getpgrp", "getpgid", "getsid", "uname", "sysinfo", "getcpu", "getrandom", "getpriority", "getrlimit", "setrlimit",
    /* threads and scheduling of its own */
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "membarrier",
    "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "sched_rr_get_interval", "wait4", "waitid", "exit", "exit_group"};

/* Only in a root of its own. */
static const char *const on_inodes[] = {"truncate", "chmod",  "fchmod",    "fchmodat", "fchmodat2",
                                        "utime",    "utimes", "utimensat", "futimesat"};

static const char *const killing[] = {"ptrace",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "process_madvise",
                                      "bpf",
                                      "perf_event_open",
                                      "userfaultfd",
                                      "mount",
                                      "umount2",
                                      "umount",
                                      "pivot_root",
                                      "fsopen",
                                      "fsmount",
                                      "move_mount",
                                      "open_tree",
                                      "mount_setattr",
                                      "chroot",
                                      "unshare",
                                      "setns",
                                      "keyctl",
                                      "add_key",
                                      "request_key",
                                      "io_uring_setup",
                                      "io_uring_enter",
                                      "io_uring_register",
                                      "pidfd_getfd",
                                      "open_by_handle_at",
                                      "kexec_load",
                                      "kexec_file_load",
                                      "init_module",
                                      "finit_module",
                                      "delete_module",
                                      "reboot",
                                      "swapon",
                                      "swapoff",
                                      "acct",
                                      "quotactl",
                                      "iopl",
                                      "ioperm",
                                      "modify_ldt",
                                      "lookup_dcookie"};

static const char *const unsupported[] = {"getxattr",   "lgetxattr",   "fgetxattr",    "listxattr",
                                          "llistxattr", "flistxattr",  "setxattr",     "lsetxattr",
                                          "fsetxattr",  "removexattr", "lremovexattr", "fremovexattr"};

static const char *const locking[] = {"flock"};

/* Calls beyond the reach of this list: the first number and one past the last that answer ENOSYS. */
enum { NEWER_FIRST = 453, NEWER_END = 480 };

struct rule {
    const char *call;
    unsigned arg;
    enum scmp_compare op;
    uint64_t a, b;           /* op MASKED_EQ: (arg & a) == b */
    uint64_t next_a, next_b; /* unless 0: and (the argument after it & next_a) == next_b */
};

static const struct rule checked[] = {
    /* A thread, never a process. */
    {"clone", 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM | CLONE_NEWUSER, CLONE_THREAD | CLONE_VM, 0, 0},
    {"kill", 0, SCMP_CMP_EQ, SBX_PID_MARK, 0, 0, 0},
    {"tgkill", 0, SCMP_CMP_EQ, SBX_PID_MARK, 0, 0, 0},
    /* Streams only: an end of a datagram pair can send to any address. */
    {"socketpair", 0, SCMP_CMP_EQ, AF_UNIX, 0, 0xf, SOCK_STREAM},
    {"prctl", 0, SCMP_CMP_EQ, PR_SET_NAME, 0, 0, 0},
    {"prctl", 0, SCMP_CMP_EQ, PR_GET_NAME, 0, 0, 0},
    {"prlimit64", 0, SCMP_CMP_EQ, 0, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x5401 /* TCGETS */, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x5413 /* TIOCGWINSZ */, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x5421 /* FIONBIO */, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x541b /* FIONREAD */, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x5450 /* FIONCLEX */, 0, 0, 0},
    {"ioctl", 1, SCMP_CMP_EQ, 0x5451 /* FIOCLEX */, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_DUPFD, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_GETFD, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_SETFD, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_GETFL, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_SETFL, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, F_GETLK, 0, 0, 0},
    {"fcntl", 1, SCMP_CMP_EQ, 1032 /* F_GETPIPE_SZ */, 0, 0, 0}};

static const struct rule lock_rules[] = {{"fcntl", 1, SCMP_CMP_EQ, F_SETLK, 0, 0, 0},
                                         {"fcntl", 1, SCMP_CMP_EQ, F_SETLKW, 0, 0, 0},
                                         {"fcntl", 1, SCMP_CMP_EQ, 37 /* F_OFD_SETLK */, 0, 0, 0},
                                         {"fcntl", 1, SCMP_CMP_EQ, 38 /* F_OFD_SETLKW */, 0, 0, 0}};

/* A name this machine or this libseccomp does not know is left to the default. */
static int number(const char *call) {
    int nr = seccomp_syscall_resolve_name(call);
    return nr < 0 ? -1 : nr;
}

static int add_names(scmp_filter_ctx f, uint32_t action, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int nr = number(names[i]);
        int rc = nr < 0 ? 0 : seccomp_rule_add(f, action, nr, 0);
        if (rc != 0 && rc != -EEXIST) return rc;
    }
    return 0;
}

static int add_rules(scmp_filter_ctx f, uint32_t action, const struct rule *r, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int nr = number(r[i].call);
        if (nr < 0) continue;
        /* A 32-bit argument may come with rubbish in the upper half only where the kernel ignores it; commands and
         * pids are compared whole, so rubbish is refused. */
        const struct scmp_arg_cmp c[] = {{r[i].arg, r[i].op, r[i].a, r[i].b},
                                         {r[i].arg + 1, SCMP_CMP_MASKED_EQ, r[i].next_a, r[i].next_b}};
        int rc = seccomp_rule_add_array(f, action, nr, r[i].next_a ? 2 : 1, c);
        if (rc != 0) return rc;
    }
    return 0;
}

static int add_all(scmp_filter_ctx f, bool own_root) {
    int rc;
    /* A binary tree instead of a list: the kernel walks the filter once for each call number when it is loaded. */
    if ((rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2)) != 0) return rc;
    if ((rc = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) != 0) return rc;
    if ((rc = add_names(f, SCMP_ACT_ALLOW, allowed, PGR_COUNT(allowed))) != 0) return rc;
    if (own_root && (rc = add_names(f, SCMP_ACT_ALLOW, on_inodes, PGR_COUNT(on_inodes))) != 0) return rc;
    if ((rc = add_names(f, SCMP_ACT_KILL_PROCESS, killing, PGR_COUNT(killing))) != 0) return rc;
    if ((rc = add_names(f, SCMP_ACT_ERRNO(EOPNOTSUPP), unsupported, PGR_COUNT(unsupported))) != 0) return rc;
    if ((rc = add_names(f, SCMP_ACT_ERRNO(0), locking, PGR_COUNT(locking))) != 0) return rc;
    if ((rc = add_rules(f, SCMP_ACT_ALLOW, checked, PGR_COUNT(checked))) != 0) return rc;
    if ((rc = add_rules(f, SCMP_ACT_ERRNO(0), lock_rules, PGR_COUNT(lock_rules))) != 0) return rc;
    static const char *const missing[] = {"clone3"};
    if ((rc = add_names(f, SCMP_ACT_ERRNO(ENOSYS), missing, PGR_COUNT(missing))) != 0) return rc;
    for (int nr = NEWER_FIRST; nr < NEWER_END; nr++) {
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
        if (rc != 0 && rc != -EEXIST) return rc;
    }
    return 0;
}

static pgr_err export(scmp_filter_ctx f, struct sbx_ctl_insn *out, size_t *n) {
    int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) return pgr_fail(PGR_E_SYS, "memfd_create: %s", strerror(errno));
    pgr_err err = PGR_OK;
    int rc = seccomp_export_bpf(f, fd);
    off_t size = lseek(fd, 0, SEEK_END);
    size_t room = SBX_MAX_FILTER * sizeof *out;
    if (rc != 0)
        err = pgr_fail(PGR_E_SYS, "seccomp_export_bpf: %s", strerror(-rc));
    else if (size <= 0 || (size_t)size > room)
        err = pgr_fail(PGR_E_INTERNAL, "system-call filter of %lld bytes, at most %zu expected", (long long)size, room);
    else if (pread(fd, out, (size_t)size, 0) != size)
        err = pgr_fail(PGR_E_SYS, "reading the filter: %s", strerror(errno));
    else
        *n = (size_t)size / sizeof *out;
    close(fd);
    return err;
}

pgr_err pgr_filter_build(bool own_root, struct sbx_ctl_insn out[SBX_MAX_FILTER], size_t *n) {
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!f) return pgr_fail(PGR_E_NOMEM, "out of memory for the system-call filter");
    int rc = add_all(f, own_root);
    pgr_err err = rc == 0 ? export(f, out, n) : pgr_fail(PGR_E_SYS, "building the filter: %s", strerror(-rc));
    seccomp_release(f);
    if (err == PGR_OK) {
        size_t marks = 0;
        for (size_t i = 0; i < *n; i++) marks += out[i].k == SBX_PID_MARK;
        /* kill and tgkill may share one comparison. */
        if (marks == 0) err = pgr_fail(PGR_E_INTERNAL, "the filter never compares the pid of kill()");
    }
    return err;
}
