/* cgroup.h - a control group for each cell, below a folder that the user names.
 *
 * Only where the environment variable PGR_SBX_CGROUP names a cgroup folder that this process may make groups in (v2:
 * with the memory and pids controllers enabled for its children, e.g. a scope with Delegate=yes; v1: of the memory or
 * pids hierarchy). No other group is read, made or changed. A group bounds what rlimits do not count: kernel memory,
 * the scratch folder and the program together; and it tells a death for lack of memory from other deaths. */
#ifndef PGR_SBX_CGROUP_H
#define PGR_SBX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Removes groups that dead supervisors left in the folder, if one is named. */
void pgr_cgroup_sweep(void);

/* Makes the group of cell `index` and moves `pid` (which still waits) into it. Fine without a named folder. PGR_E_SYS.
 */
PGR_MUST_CHECK pgr_err pgr_cgroup_enter(size_t index, pid_t pid);
/* Bounds for what is in the group from now on. */
void pgr_cgroup_limit(size_t index, uint64_t memory_bytes, uint64_t n_tasks);
/* How many processes the kernel killed in it for lack of memory, ever. */
uint64_t pgr_cgroup_oom_kills(size_t index);
void pgr_cgroup_remove(size_t index);

#endif
