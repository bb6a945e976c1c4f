/* cell.h - a cell: one Python zygote behind every wall the host grants.
 *
 * Tier 1: user, mount, pid, network, ipc, uts and cgroup namespaces; a tmpfs root with read-only binds of the
 * interpreter's files and nothing else (no /proc); as root, a host uid of its own, so that process limits hold.
 * Tier 2: no namespaces; Landlock keeps the file system to the interpreter's files; no scratch folder.
 * In both, players are confined further by guard.so. The zygote is pid 1 of its pid namespace: its death ends all. */
#ifndef PGR_SBX_CELL_H
#define PGR_SBX_CELL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "sbx/guard/ctl.h"
#include "sbx/interp.h"

enum pgr_cell_state { PGR_CELL_NONE, PGR_CELL_STARTING, PGR_CELL_IDLE, PGR_CELL_BUSY };

/* What all cells of a supervisor share. */
struct pgr_cell_cfg {
    int tier; /* 1, 2 or 3 */
    const struct pgr_interp *interp;
    const char *preload; /* extra modules, separated by spaces */
    struct sbx_ctl_init init;
    int guard_fd, player_fd; /* sealed memfds with guard.so and player.py */
};

struct pgr_cell {
    enum pgr_cell_state state;
    size_t index;
    pid_t pid;
    int ctl;    /* non-blocking seqpacket socket */
    int log_fd; /* what the zygote writes to stderr before READY */
    struct pgr_buf log;
    double born_s, ready_s; /* ready_s: the first cell only */
    size_t n_runs;
    uint32_t landlock_abi;
};

/* Starts building a cell; PGR_CELL_STARTING until its READY arrives on ctl. On failure the cell is NONE. */
PGR_MUST_CHECK pgr_err pgr_cell_start(struct pgr_cell *c, const struct pgr_cell_cfg *cfg);
/* Kills and reaps it and all in it; NONE afterwards. Takes a NONE cell. */
void pgr_cell_kill(struct pgr_cell *c);

/* Waits for the end of a cell that has closed its socket (killing it makes sure). */
void pgr_cell_reap(struct pgr_cell *c);

/* Descriptors for the files of all cells. */
PGR_MUST_CHECK pgr_err pgr_cell_cfg_init(struct pgr_cell_cfg *cfg, int tier, const struct pgr_interp *interp,
                                         const char *preload);
void pgr_cell_cfg_free(struct pgr_cell_cfg *cfg);

/* A sealed memfd with these bytes, close-on-exec; -1 on failure (errno set). */
int pgr_sealed_memfd(const char *name, const void *bytes, size_t n);

#endif
