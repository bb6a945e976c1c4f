/* mem.h - allocation that can be made to fail in tests, and the arena.
 *
 * PGR_FAIL_ALLOC=n in the environment makes the n-th allocation of the process (counted from 1)
 * and every later one fail; error paths are tested that way. */
#ifndef PGR_BASE_MEM_H
#define PGR_BASE_MEM_H

#include <stddef.h>

#include "base/err.h"

/* As malloc/calloc/realloc/free. NULL when memory runs out (the caller reports PGR_E_NOMEM). */
void *pgr_alloc(size_t n_bytes);
void *pgr_alloc_zero(size_t n, size_t size_bytes); /* checks n * size */
void *pgr_alloc_array(size_t n, size_t size_bytes);
void *pgr_realloc(void *p, size_t n_bytes);
char *pgr_strdup(const char *s);
char *pgr_strndup(const char *s, size_t n);
void pgr_free(void *p); /* takes NULL */

/* Large blocks: zeroed, 64-byte aligned (2 MiB for blocks of 4 MiB and more, with huge pages asked for).
 * Freed with pgr_block_free and the same size. */
void *pgr_block_new(size_t n_bytes);
void pgr_block_free(void *p, size_t n_bytes);

/* Arena: one block handed out front to back, reset as a whole. Used for a step's activations and
 * scratch. Not thread-safe. */
struct pgr_arena {
    unsigned char *base;
    size_t cap_bytes, used_bytes, peak_bytes;
};

/* PGR_E_NOMEM. The arena owns its block until pgr_arena_free. */
PGR_MUST_CHECK pgr_err pgr_arena_init(struct pgr_arena *a, size_t cap_bytes);
void pgr_arena_free(struct pgr_arena *a);
/* 64-byte aligned, NOT zeroed after a reset; NULL when the arena is full (a sizing error of the caller). */
void *pgr_arena_take(struct pgr_arena *a, size_t n, size_t size_bytes);
void pgr_arena_reset(struct pgr_arena *a);
/* Position, for stack-like use: everything taken after `mark` is given back. */
size_t pgr_arena_mark(const struct pgr_arena *a);
void pgr_arena_release(struct pgr_arena *a, size_t mark);

#endif
