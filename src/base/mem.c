/* mem.c - allocation wrappers and the arena. */
#define _GNU_SOURCE
#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/size.h"

#if defined(__SANITIZE_ADDRESS__)
#define PGR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PGR_ASAN 1
#endif
#endif
#ifdef PGR_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)0)
#endif

static atomic_ulong n_alloc;
static unsigned long fail_from; /* 0 = never */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_env(void) {
    const char *s = getenv("PGR_FAIL_ALLOC");
    if (s) fail_from = strtoul(s, NULL, 10);
}

static bool injected_failure(void) {
    pthread_once(&once, read_env);
    if (fail_from == 0) return false;
    return atomic_fetch_add(&n_alloc, 1) + 1 >= fail_from;
}

void *pgr_alloc(size_t n_bytes) {
    if (injected_failure()) return NULL;
    return malloc(n_bytes ? n_bytes : 1);
}

void *pgr_alloc_zero(size_t n, size_t size_bytes) {
    if (injected_failure()) return NULL;
    return calloc(n ? n : 1, size_bytes ? size_bytes : 1);
}

void *pgr_alloc_array(size_t n, size_t size_bytes) {
    size_t total;
    if (!pgr_mul(n, size_bytes, &total)) return NULL;
    return pgr_alloc(total);
}

void *pgr_realloc(void *p, size_t n_bytes) {
    if (injected_failure()) return NULL;
    return realloc(p, n_bytes ? n_bytes : 1);
}

char *pgr_strndup(const char *s, size_t n) {
    char *copy = pgr_alloc(n + 1);
    if (!copy) return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *pgr_strdup(const char *s) { return pgr_strndup(s, strlen(s)); }

void pgr_free(void *p) { free(p); }

enum { HUGE_BYTES = 2 << 20, BIG_BYTES = 4 << 20 };

/* Big blocks come from mmap so that they are zero for free and return to the system when freed;
 * malloc's heap would keep gigabytes. */
void *pgr_block_new(size_t n_bytes) {
    if (injected_failure()) return NULL;
    if (n_bytes >= BIG_BYTES) {
        size_t len;
        if (!pgr_add(n_bytes, 2 * (size_t)HUGE_BYTES, &len)) return NULL;
        len = (n_bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
        unsigned char *raw =
            mmap(NULL, len + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (raw == MAP_FAILED) return NULL;
        size_t skip = (HUGE_BYTES - (uintptr_t)raw % HUGE_BYTES) % HUGE_BYTES;
        if (skip) munmap(raw, skip);
        if (skip != HUGE_BYTES) munmap(raw + skip + len, HUGE_BYTES - skip);
        madvise(raw + skip, len, MADV_HUGEPAGE);
        return raw + skip;
    }
    size_t rounded = pgr_round_up(n_bytes ? n_bytes : 1, 64);
    void *p = aligned_alloc(64, rounded);
    if (p) memset(p, 0, rounded);
    return p;
}

void pgr_block_free(void *p, size_t n_bytes) {
    if (!p) return;
    if (n_bytes >= BIG_BYTES)
        munmap(p, (n_bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES);
    else
        free(p);
}

pgr_err pgr_arena_init(struct pgr_arena *a, size_t cap_bytes) {
    unsigned char *base = pgr_block_new(cap_bytes);
    if (!base) return pgr_fail(PGR_E_NOMEM, "arena of %zu bytes: out of memory", cap_bytes);
    ASAN_POISON_MEMORY_REGION(base, cap_bytes);
    *a = (struct pgr_arena){base, cap_bytes, 0, 0};
    return PGR_OK;
}

void pgr_arena_free(struct pgr_arena *a) {
    if (a->base) ASAN_UNPOISON_MEMORY_REGION(a->base, a->cap_bytes);
    pgr_block_free(a->base, a->cap_bytes);
    *a = (struct pgr_arena){0};
}

/* Under ASan 64 poisoned bytes stand between neighbours. */
#ifdef PGR_ASAN
enum { GAP = 64 };
#else
enum { GAP = 0 };
#endif

void *pgr_arena_take(struct pgr_arena *a, size_t n, size_t size_bytes) {
    size_t want, end;
    if (!pgr_mul(n, size_bytes, &want)) return NULL;
    size_t at = pgr_round_up(a->used_bytes, 64);
    if (!pgr_add(at, want, &end) || !pgr_add(end, GAP, &end) || end > a->cap_bytes) return NULL;
    a->used_bytes = end;
    if (end > a->peak_bytes) a->peak_bytes = end;
    ASAN_UNPOISON_MEMORY_REGION(a->base + at, want);
    return a->base + at;
}

void pgr_arena_reset(struct pgr_arena *a) { pgr_arena_release(a, 0); }

size_t pgr_arena_mark(const struct pgr_arena *a) { return a->used_bytes; }

void pgr_arena_release(struct pgr_arena *a, size_t mark) {
    assert(mark <= a->used_bytes);
    ASAN_POISON_MEMORY_REGION(a->base + mark, a->used_bytes - mark);
    a->used_bytes = mark;
}
