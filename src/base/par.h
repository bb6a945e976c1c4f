/* par.h - the one place where work is spread over cores.
 *
 * A pool of threads that wait for the next region. pgr_par(n, fn, ctx) calls fn(ctx, i, thread) once for each
 * i < n (at most 2^32 - 1), on any thread, and returns when all are done. Neighbouring indices mostly go to one
 * thread, but any may go to any: results may depend on i but must never depend on the thread or on the order: then the
 * same input gives the same bits for any number of threads. (A pool of our own rather than OpenMP: thread
 * sanitizer understands it, and no kernel here needs more than this one loop.)
 *
 * Regions are started from one thread at a time (an inner or concurrent call runs serially on its
 * caller; an inner one keeps the number of its thread, a concurrent one has the number 0). Never fork after the first
 * region. */
#ifndef PGR_BASE_PAR_H
#define PGR_BASE_PAR_H

#include <stddef.h>

typedef void (*pgr_par_fn)(void *ctx, size_t i, size_t thread);

/* Threads used, the caller included. Default: the CPUs this process may run on, or PGR_THREADS. */
size_t pgr_par_threads(void);
/* Sets it (1..256); only before or between regions. */
void pgr_par_set_threads(size_t n);

/* thread < pgr_par_threads() identifies the running thread within this one region, for scratch space. */
void pgr_par(size_t n, pgr_par_fn fn, void *ctx);

#endif
