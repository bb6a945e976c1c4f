/* ram.h - the memory that this process may still use, and the refusal of work that will not fit, said before it starts
 * rather than by a failed allocation or the kernel in the midst of it. */
#ifndef PGR_BASE_RAM_H
#define PGR_BASE_RAM_H

#include <stddef.h>

#include "base/err.h"

/* Bytes: MemAvailable, or the cgroup's limit where that is lower; PGR_MEMORY_GB in the environment (GB = 10^9 bytes)
 * lowers it further. 0 if unknown. */
double pgr_ram_available(void);

/* PGR_E_RANGE unless need_bytes are available: "WHERE: too little memory: WHAT needs 3.10 GB and 2.00 GB are
 * availableHINT". hint: "" or what would help, with its own "; " before it. Unknown memory is enough memory. */
PGR_MUST_CHECK pgr_err pgr_ram_check(const char *where, const char *what, double need_bytes, const char *hint);

#endif
