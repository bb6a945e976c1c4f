/* ctl.h - what the supervisor and the code inside a cell say to each other, over one seqpacket socket.
 *
 *   supervisor -> zygote   INIT once, then RUN (with descriptors) for each program
 *   zygote -> supervisor   READY once; for each RUN: STARTED (with a pidfd) then EXITED, or FAILED
 *
 * A cell is one Python process (the zygote) that has imported what programs use, and one forked child (the player) at a
 * time. Shared by the supervisor and guard.so; plain integers, same machine, same build. */
#ifndef PGR_SBX_GUARD_CTL_H
#define PGR_SBX_GUARD_CTL_H

#include <stdint.h>

#define SBX_CTL_MAGIC 0x73627831u /* "sbx1" */
/* Stands for the player's own pid in the filter's rules on kill(); replaced in each child. */
#define SBX_PID_MARK 0x5eed5eedu

enum {
    SBX_CTL_FD = 3, /* the socket, at the time of exec */
    SBX_MAX_FILTER = 1024
};

/* Descriptors of a player, in the order in which RUN carries them. */
enum { SBX_FD_STDIN, SBX_FD_STDOUT, SBX_FD_STDERR, SBX_FD_FRAMES, SBX_FD_JOB, SBX_FD_REQUESTS, SBX_N_FDS };

enum sbx_ctl_type { SBX_CTL_INIT = 1, SBX_CTL_RUN, SBX_CTL_READY, SBX_CTL_STARTED, SBX_CTL_EXITED, SBX_CTL_FAILED };

struct sbx_ctl_insn { /* struct sock_filter */
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

struct sbx_ctl_init {
    uint32_t magic, type;
    uint32_t scratch;     /* mount a fresh tmpfs on /tmp for each run (needs namespaces) */
    uint32_t count_tasks; /* limit threads by RLIMIT_NPROC: only where nothing else runs as the same user */
    uint32_t landlock;    /* confine the file system with Landlock */
    uint32_t read_roots;  /* tier 2: how many paths follow in `paths`, readable; 0 = all of the cell's root */
    uint32_t n_filter;
    struct sbx_ctl_insn filter[SBX_MAX_FILTER];
    char paths[4096]; /* NUL-terminated, one after another */
};

struct sbx_ctl_run {
    uint32_t magic, type;
    uint64_t cpu_s; /* whole seconds, a backstop: the supervisor reads the clock */
    uint64_t memory_bytes, n_files, n_procs, scratch_bytes, stack_bytes;
};

/* Where a step of the guard failed; the message names it. */
#define SBX_STEP_LIST(X)                                                                                               \
    X(NONE, "none")                                                                                                    \
    X(MESSAGE, "reading a control message")                                                                            \
    X(SCRATCH, "mounting the scratch folder")                                                                          \
    X(LANDLOCK, "building the Landlock rules")                                                                         \
    X(FORK, "fork")                                                                                                    \
    X(PIDFD, "pidfd_open")                                                                                             \
    X(FDS, "placing descriptors")                                                                                      \
    X(RLIMIT, "setting limits")                                                                                        \
    X(RESTRICT, "entering Landlock")                                                                                   \
    X(CAPS, "dropping capabilities")                                                                                   \
    X(SECCOMP, "loading the system-call filter")
enum sbx_step {
#define X(name, text) SBX_STEP_##name,
    SBX_STEP_LIST(X)
#undef X
};

struct sbx_ctl_reply {
    uint32_t magic, type;
    int32_t status; /* EXITED: wait status */
    int32_t step, error;
    uint32_t landlock_abi; /* READY */
    uint64_t cpu_us, peak_bytes;
};

#endif
