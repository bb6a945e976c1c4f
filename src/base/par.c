/* par.c - a fork-join thread pool.
 *
 * A region's indices are dealt out in runs, one for each thread, which takes them in order: what lies side by side in
 * memory is read by one thread. A thread whose run is done takes the last index of another's.
 *
 * A worker enters a region through its gate, which counts who is inside; the caller shuts the gate when no work is left
 * and waits for those inside only. A worker that the system has not let run in the meantime finds the gate shut and
 * costs nothing: on a busy machine a region is never slower than its caller alone.
 *
 * Workers spin for a short while for the next region (a transformer layer issues several within
 * a millisecond), then sleep on a futex. */
#define _GNU_SOURCE
#include "base/par.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_THREADS = 256, SPINS = 4000, OPEN = 1 << 16 };

static struct {
    pthread_mutex_t owner;  /* held by the thread whose region runs */
    size_t n_threads;       /* 0 = not decided yet */
    size_t n_started;       /* workers alive */
    atomic_uint generation; /* bumped for each region; workers wait on it */
    atomic_uint sleepers;   /* workers inside futex_wait */
    atomic_uint gate;       /* OPEN while a region takes workers, plus the number of workers inside */
    size_t width;           /* threads that take part in this region, the caller included */
    pgr_par_fn fn;
    void *ctx;
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER};

/* What is left of each thread's run: first index << 32 | end. */
static struct { alignas(64) _Atomic uint64_t left; } run[MAX_THREADS];

static _Thread_local bool inside;      /* this thread is running a region */
static _Thread_local size_t my_number; /* within the pool */

static void futex_wait(atomic_uint *word, unsigned seen) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void futex_wake_all(atomic_uint *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void deal(size_t n) {
    for (size_t t = 0; t < pool.width; t++)
        atomic_store_explicit(&run[t].left, n * t / pool.width << 32 | n * (t + 1) / pool.width, memory_order_relaxed);
}

static bool take(size_t owner, bool from_end, size_t *i) {
    uint64_t r = atomic_load_explicit(&run[owner].left, memory_order_relaxed);
    for (;;) {
        uint64_t first = r >> 32, end = r & UINT32_MAX;
        if (first == end) return false;
        *i = from_end ? end - 1 : first;
        uint64_t rest = from_end ? r - 1 : r + ((uint64_t)1 << 32);
        if (atomic_compare_exchange_weak_explicit(&run[owner].left, &r, rest, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    }
}

static void take_work(size_t thread) {
    size_t i;
    while (take(thread, false, &i)) pool.fn(pool.ctx, i, thread);
    for (size_t k = 1; k < pool.width; k++)
        while (take((thread + k) % pool.width, true, &i)) pool.fn(pool.ctx, i, thread);
}

static unsigned wait_for_change(unsigned seen) {
    for (;;) {
        for (int spin = 0; spin < SPINS; spin++) {
            unsigned g = atomic_load_explicit(&pool.generation, memory_order_acquire);
            if (g != seen) return g;
            relax();
        }
        atomic_fetch_add(&pool.sleepers, 1);
        if (atomic_load(&pool.generation) == seen) futex_wait(&pool.generation, seen);
        atomic_fetch_sub(&pool.sleepers, 1);
    }
}

/* False when the region is over; else the region's fields stand until the gate is left. */
static bool enter(void) {
    unsigned g = atomic_load_explicit(&pool.gate, memory_order_acquire);
    while (g & OPEN)
        if (atomic_compare_exchange_weak_explicit(&pool.gate, &g, g + 1, memory_order_acquire, memory_order_acquire))
            return true;
    return false;
}

struct start {
    size_t thread;
    unsigned seen; /* generation at creation, so that the first region is not missed */
};

static void *worker(void *arg) {
    struct start s = *(struct start *)arg;
    free(arg);
    unsigned seen = s.seen;
    inside = true;
    my_number = s.thread;
    for (;;) {
        seen = wait_for_change(seen);
        if (!enter()) continue;
        if (s.thread < pool.width) take_work(s.thread);
        atomic_fetch_sub_explicit(&pool.gate, 1, memory_order_release);
    }
    return NULL;
}

static void decide_threads(void) {
    const char *env = getenv("PGR_THREADS");
    long n = env ? strtol(env, NULL, 10) : 0;
    if (n < 1) {
        cpu_set_t set;
        n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    }
    pool.n_threads = n > MAX_THREADS ? MAX_THREADS : (size_t)n;
}

size_t pgr_par_threads(void) {
    if (inside) return pool.n_threads; /* the owner of the region holds the lock, and nobody changes the number */
    pthread_mutex_lock(&pool.owner);
    if (pool.n_threads == 0) decide_threads();
    size_t n = pool.n_threads;
    pthread_mutex_unlock(&pool.owner);
    return n;
}

void pgr_par_set_threads(size_t n) {
    pthread_mutex_lock(&pool.owner);
    pool.n_threads = n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
    pthread_mutex_unlock(&pool.owner);
}

/* Fewer workers than wished is no error: the caller does the rest itself. */
static void start_workers(void) {
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0) return;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    while (pool.n_started + 1 < pool.n_threads) {
        struct start *s = malloc(sizeof *s);
        pthread_t id;
        if (!s) break;
        *s = (struct start){pool.n_started + 1, atomic_load(&pool.generation)};
        if (pthread_create(&id, &attr, worker, s) != 0) {
            free(s);
            break;
        }
        pool.n_started++;
    }
    pthread_attr_destroy(&attr);
}

static void serial(size_t n, pgr_par_fn fn, void *ctx) {
    for (size_t i = 0; i < n; i++) fn(ctx, i, my_number);
}

void pgr_par(size_t n, pgr_par_fn fn, void *ctx) {
    if (n == 0) return;
    assert(n <= UINT32_MAX);
    if (inside || pthread_mutex_trylock(&pool.owner) != 0) {
        serial(n, fn, ctx);
        return;
    }
    if (pool.n_threads == 0) decide_threads();
    if (n > 1 && pool.n_started + 1 < pool.n_threads) start_workers();
    if (n == 1 || pool.n_threads == 1 || pool.n_started == 0) {
        inside = true;
        serial(n, fn, ctx);
        inside = false;
        pthread_mutex_unlock(&pool.owner);
        return;
    }
    pool.fn = fn;
    pool.ctx = ctx;
    pool.width = pool.n_threads;
    deal(n);
    atomic_store_explicit(&pool.gate, OPEN, memory_order_release);
    atomic_fetch_add(&pool.generation, 1);
    if (atomic_load(&pool.sleepers) > 0) futex_wake_all(&pool.generation);
    inside = true;
    take_work(0);
    inside = false;
    atomic_fetch_and_explicit(&pool.gate, ~(unsigned)OPEN, memory_order_relaxed);
    /* The fields must not change, nor the results be read, before the last worker is out. */
    for (unsigned spin = 0; atomic_load_explicit(&pool.gate, memory_order_acquire) != 0; spin++) {
        relax();
        if (spin % 1024 == 1023) sched_yield();
    }
    pthread_mutex_unlock(&pool.owner);
}
