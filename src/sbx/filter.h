/* filter.h - the system calls a tested program may make. */
#ifndef PGR_SBX_FILTER_H
#define PGR_SBX_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "sbx/guard/ctl.h"

/* Writes the allow-list as a BPF program for this machine. own_root: the program sees a root of its own; without it,
 * calls that change a file's mode, times or length by its name are refused, since Landlock lets them pass on every file
 * of the user. SBX_PID_MARK stands where the player's own pid belongs. PGR_E_SYS when libseccomp refuses,
 * PGR_E_INTERNAL when the program has more than SBX_MAX_FILTER instructions. */
PGR_MUST_CHECK pgr_err pgr_filter_build(bool own_root, struct sbx_ctl_insn out[SBX_MAX_FILTER], size_t *n);

#endif
