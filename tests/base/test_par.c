/* test_par.c - the thread pool runs each index once, for any number of threads, nested and concurrent. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/par.h"

enum { N = 1000 };

struct job {
    atomic_int hits[N];
    atomic_size_t max_thread;
};

static void touch(void *ctx, size_t i, size_t thread) {
    struct job *j = ctx;
    atomic_fetch_add(&j->hits[i], 1);
    size_t seen = atomic_load(&j->max_thread);
    while (thread > seen && !atomic_compare_exchange_weak(&j->max_thread, &seen, thread)) {
    }
}

static void every_index_runs_once(void **state) {
    (void)state;
    for (size_t threads = 1; threads <= 5; threads++) {
        pgr_par_set_threads(threads);
        for (int round = 0; round < 300; round++) {
            static struct job j;
            memset(&j, 0, sizeof j);
            size_t n = (size_t)round % N;
            pgr_par(n, touch, &j);
            for (size_t i = 0; i < N; i++) assert_int_equal(atomic_load(&j.hits[i]), i < n);
            assert_true(atomic_load(&j.max_thread) < threads);
        }
    }
    pgr_par_set_threads(2);
}

static void count(void *ctx, size_t i, size_t thread) {
    (void)i, (void)thread;
    atomic_fetch_add((atomic_int *)ctx, 1);
}

struct nest {
    atomic_int n, busy[5]; /* busy: how many run with each number now */
    atomic_int wrong;      /* numbers that changed or were shared; threads other than the test's may not assert */
};

struct level {
    struct nest *nest;
    size_t outer;
};

static void inner(void *ctx, size_t i, size_t thread) {
    const struct level *l = ctx;
    (void)i;
    if (thread != l->outer) atomic_fetch_add(&l->nest->wrong, 1);
    atomic_fetch_add(&l->nest->n, 1);
}

static void outer(void *ctx, size_t i, size_t thread) {
    struct nest *n = ctx;
    (void)i;
    if (atomic_fetch_add(&n->busy[thread], 1) != 0) atomic_fetch_add(&n->wrong, 1);
    pgr_par(10, inner, &(struct level){n, thread});
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL); /* time for the other threads to take part */
    atomic_fetch_sub(&n->busy[thread], 1);
}

static void nested_regions_run_serially_under_the_number_of_their_thread(void **state) {
    (void)state;
    for (size_t threads = 1; threads <= 5; threads++) {
        static struct nest n;
        memset(&n, 0, sizeof n);
        pgr_par_set_threads(threads);
        for (int round = 0; round < 5; round++) pgr_par(20, outer, &n);
        assert_int_equal(atomic_load(&n.n), 5 * 200);
        assert_int_equal(atomic_load(&n.wrong), 0);
    }
    pgr_par_set_threads(2);
}

static void *from_thread(void *arg) {
    for (int i = 0; i < 200; i++) pgr_par(10, count, arg);
    return NULL;
}

static void concurrent_regions_all_complete(void **state) {
    (void)state;
    atomic_int n = 0;
    pthread_t t[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&t[i], NULL, from_thread, &n), 0);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    assert_int_equal(atomic_load(&n), 4 * 200 * 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_runs_once),
        cmocka_unit_test(nested_regions_run_serially_under_the_number_of_their_thread),
        cmocka_unit_test(concurrent_regions_all_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
