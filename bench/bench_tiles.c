/* bench_tiles.c - what tile products can reach on this machine, whatever a product does around them.
 *
 *   bench_tiles [--threads N] [--steps N]
 *
 * Each thread multiplies 2 x 2 blocks of tiles as kern/gemm_tile.inc does, two left and two right tiles loaded for four
 * products. Prints a JSON line for each place the operands come from: kept in the tiles, or walked over in arrays of
 * the given size, again and again. */
#include <immintrin.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/size.h"
#include "kern/cpu.h"
#include "shared.h"

#define TILES __attribute__((target("amx-tile,amx-bf16")))

enum { STEP_BYTES = 2048 }; /* two tiles */

struct work {
    size_t left_bytes, right_bytes; /* 0: no loads */
    size_t n_step;
    double seconds;
};

TILES static void configure(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t bytes_per_row[16];
        uint8_t rows[16];
    } c = {.palette = 1};
    for (int i = 0; i < 8; i++) c.bytes_per_row[i] = 64, c.rows[i] = 16;
    __asm__ volatile("" ::"m"(c) : "memory"); /* gcc 12: see gemm_tile.inc */
    _tile_loadconfig(&c);
}

TILES static void load(const char *a, const char *b) {
    _tile_loadd(4, a, 64);
    _tile_loadd(5, a + 1024, 64);
    _tile_loadd(6, b, 64);
    _tile_loadd(7, b + 1024, 64);
}

TILES static void multiply(void) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
}

TILES static void *run(void *ctx) {
    struct work *w = ctx;
    size_t na = pgr_max(w->left_bytes, STEP_BYTES), nb = pgr_max(w->right_bytes, STEP_BYTES);
    char *a = bench_block(na), *b = bench_block(nb);
    bench_random(a, na / 2, PGR_BF16);
    bench_random(b, nb / 2, PGR_BF16);
    configure();
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    load(a, b);
    double start = pgr_now_s();
    for (size_t i = 0, at_a = 0, at_b = 0; i < w->n_step; i++) {
        if (w->left_bytes) {
            load(a + at_a, b + at_b);
            at_a = at_a + STEP_BYTES < na ? at_a + STEP_BYTES : 0;
            at_b = at_b + STEP_BYTES < nb ? at_b + STEP_BYTES : 0;
        }
        multiply();
    }
    w->seconds = pgr_now_s() - start;
    _tile_release();
    pgr_block_free(a, na);
    pgr_block_free(b, nb);
    return NULL;
}

int main(int argc, char **argv) {
    static const size_t kib[][2] = {{0, 0}, {16, 16}, {512, 16}, {512, 512}};
    size_t threads = 2, steps = 5000000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--threads") == 0) threads = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--steps") == 0) steps = strtoul(argv[i + 1], NULL, 10);
    }
    bench_check(pgr_isa_set(PGR_ISA_AMX));
    threads = pgr_min(pgr_max(threads, 1), 64);
    for (size_t c = 0; c < PGR_COUNT(kib); c++) {
        struct work w[64];
        pthread_t thread[64];
        double slowest = 0;
        size_t n = 0;
        for (; n < threads; n++) {
            w[n] = (struct work){kib[c][0] << 10, kib[c][1] << 10, steps, 0};
            if (pthread_create(&thread[n], NULL, run, &w[n]) != 0) break;
        }
        for (size_t i = 0; i < n; i++) {
            pthread_join(thread[i], NULL);
            slowest = w[i].seconds > slowest ? w[i].seconds : slowest;
        }
        printf("{\"bench\":\"tiles\",\"threads\":%zu,\"left_kib\":%zu,\"right_kib\":%zu,\"step_ns\":%.2f,\"tflops\":%."
               "3f}\n",
               n, kib[c][0], kib[c][1], slowest / (double)steps * 1e9,
               (double)(n * steps) * 4 * 2 * 16 * 16 * 32 / slowest * 1e-12);
        fflush(stdout);
    }
    return 0;
}
