/* scratch.h - work areas of the kernels, one per thread of the pool (internal to src/kern).
 *
 * Kernels never fail, so the area must not either: when memory for all threads runs out, the tasks run one after
 * another on the caller with a static area. */
#ifndef PGR_KERN_SCRATCH_H
#define PGR_KERN_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { PGR_SCRATCH_BYTES = 2 << 20 };

/* 64-byte aligned, PGR_SCRATCH_BYTES, contents undefined; this task's until it returns. */
typedef void (*pgr_scratch_fn)(void *ctx, size_t i, void *scratch);

/* pgr_par with a work area. From one thread at a time; within a task of pgr_par only after pgr_scratch_ready; never
 * within a task of its own, which would get the same area. */
void pgr_par_scratch(size_t n, pgr_scratch_fn fn, void *ctx);

/* False when there is no memory for the areas of all threads. */
bool pgr_scratch_ready(void);

/* One area for all threads of a product, 64-byte aligned, kept from call to call and valid until the next: `bytes` of
 * it if they are no more than PGR_SHARED_MAX and there is memory, else fewer, at least PGR_SHARED_MIN; *got says. */
enum { PGR_SHARED_MIN = 2 << 20, PGR_SHARED_MAX = 32 << 20 };
void *pgr_scratch_shared(size_t bytes, size_t *got);

#endif
