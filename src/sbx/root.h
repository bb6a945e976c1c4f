/* root.h - the file system of a cell. */
#ifndef PGR_SBX_ROOT_H
#define PGR_SBX_ROOT_H

#include "sbx/interp.h"

/* Called in the new process of a cell that has its own mount namespace and CAP_SYS_ADMIN in its user namespace: builds
 * the root from the interpreter's files plus /sbx/guard.so and /sbx/player.py (copied from the descriptors), moves
 * into it and lets go of the old one. Returns NULL, or what failed with errno set. */
const char *pgr_root_build(const struct pgr_interp *interp, int guard_fd, int player_fd);

#endif
