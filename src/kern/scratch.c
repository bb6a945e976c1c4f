/* scratch.c - work areas of the kernels. */
#include "kern/scratch.h"

#include <stdalign.h>

#include "base/mem.h"
#include "base/par.h"

static unsigned char *areas;
static size_t n_area;
static alignas(64) unsigned char last_resort[PGR_SCRATCH_BYTES];

struct call {
    pgr_scratch_fn fn;
    void *ctx;
};

static void task(void *ctx, size_t i, size_t thread) {
    const struct call *c = ctx;
    c->fn(c->ctx, i, areas + thread * PGR_SCRATCH_BYTES);
}

bool pgr_scratch_ready(void) {
    size_t n_thread = pgr_par_threads();
    if (n_area < n_thread) {
        pgr_block_free(areas, n_area * PGR_SCRATCH_BYTES);
        areas = pgr_block_new(n_thread * PGR_SCRATCH_BYTES);
        n_area = areas ? n_thread : 0;
    }
    return areas != NULL;
}

void pgr_par_scratch(size_t n, pgr_scratch_fn fn, void *ctx) {
    if (!pgr_scratch_ready()) {
        for (size_t i = 0; i < n; i++) fn(ctx, i, last_resort);
        return;
    }
    pgr_par(n, task, &(struct call){fn, ctx});
}

void *pgr_scratch_shared(size_t bytes, size_t *got) {
    static alignas(64) unsigned char least[PGR_SHARED_MIN];
    static unsigned char *shared;
    static size_t n_shared;
    if (bytes > PGR_SHARED_MAX) bytes = PGR_SHARED_MAX;
    if (bytes > n_shared && bytes > PGR_SHARED_MIN) {
        pgr_block_free(shared, n_shared);
        shared = pgr_block_new(bytes);
        n_shared = shared ? bytes : 0;
    }
    *got = shared ? n_shared : PGR_SHARED_MIN;
    return shared ? shared : least;
}
