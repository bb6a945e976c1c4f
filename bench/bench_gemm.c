/* bench_gemm.c - matrix products at the shapes of Qwen2.5-0.5B.
 *
 *   bench_gemm [isa=NAME] [dtype=f32|bf16] [m=ROWS,...] [op=forward|dx|dw|layers] [reps=N]
 *
 * Prints a JSON line for each product: best of `reps` runs, TFLOP/s. Shapes k x n with weights that stay in the cache
 * where they fit; then "all_layers": every weight matrix of the model once, as a decoding step or a forward pass reads
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/par.h"
#include "kern/cpu.h"
#include "kern/gemm.h"
#include "shared.h"

static enum pgr_dtype dtype = PGR_BF16;
static size_t reps = 9;
static const char *only; /* one operation, or NULL for all */

static int wanted(const char *op) { return !only || strcmp(only, op) == 0; }

static void *random_rows(size_t n, size_t *bytes) {
    *bytes = n * pgr_dtype_bytes(dtype);
    void *p = bench_block(*bytes);
    bench_random(p, n, dtype);
    return p;
}

static struct pgr_wmat *random_weights(size_t n_out, size_t n_in) {
    struct pgr_wmat *w;
    bench_check(pgr_wmat_new(n_out, n_in, dtype, PGR_WMAT_FORWARD | PGR_WMAT_BACKWARD, &w));
    size_t bytes;
    void *rows = random_rows(64 * n_in, &bytes);
    for (size_t r = 0; r < n_out; r += 64) {
        size_t n = n_out - r < 64 ? n_out - r : 64;
        if (dtype == PGR_F32)
            pgr_wmat_set(w, r, n, rows);
        else
            pgr_wmat_set_bf16(w, r, n, rows);
    }
    pgr_block_free(rows, bytes);
    return w;
}

static void report(const char *what, size_t m, size_t k, size_t n, double best_s, double flop) {
    printf("{\"bench\":\"gemm\",\"op\":\"%s\",\"isa\":\"%s\",\"dtype\":\"%s\",\"threads\":%zu,\"m\":%zu,\"k\":%zu,"
           "\"n\":%zu,"
           "\"seconds\":%.3e,\"tflops\":%.3f}\n",
           what, pgr_isa_name(pgr_isa()), dtype == PGR_F32 ? "f32" : "bf16", pgr_par_threads(), m, k, n, best_s,
           flop / best_s * 1e-12);
    fflush(stdout);
}

static void one_shape(size_t m, size_t k, size_t n) {
    struct pgr_wmat *w = random_weights(n, k);
    size_t xb, yb, wb = n * k * sizeof(float);
    void *x = random_rows(m * k, &xb), *y = random_rows(m * n, &yb);
    float *dw = n * k < (size_t)32 << 20 ? bench_block(wb) : NULL;
    double flop = 2.0 * (double)m * (double)k * (double)n, best[3] = {1e9, 1e9, 1e9};
    static const char *const op[3] = {"forward", "dx", "dw"};
    for (int o = 0; o < 3; o++) {
        if (!wanted(op[o]) || (o == 2 && !dw)) continue;
        for (size_t r = 0; r < reps; r++) {
            double t0 = pgr_now_s();
            if (o == 0) pgr_gemm_forward(w, 0, n, m, x, k, NULL, false, y, n, dtype);
            if (o == 1) pgr_gemm_dx(w, 0, n, m, y, n, false, x, k, dtype);
            if (o == 2) pgr_gemm_dw(n, k, m, dtype, y, n, x, k, dw, NULL);
            double t = pgr_now_s() - t0;
            if (t < best[o]) best[o] = t;
        }
        report(op[o], m, k, n, best[o], flop);
    }
    pgr_wmat_free(w);
    pgr_block_free(x, xb);
    pgr_block_free(y, yb);
    pgr_block_free(dw, wb);
}

enum { LAYERS = 24 };
static const size_t shape[4][2] = {{896, 1152}, {896, 896}, {896, 9728}, {4864, 896}}; /* k, n */

static void all_layers(const size_t *ms, size_t n_ms) {
    struct pgr_wmat *w[LAYERS][4], *head = random_weights(151936, 896);
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t j = 0; j < 4; j++) w[l][j] = random_weights(shape[j][1], shape[j][0]);
    for (size_t i = 0; i < n_ms; i++) {
        size_t m = ms[i], xb, yb, head_rows = m < 64 ? m : 64;
        void *x = random_rows(m * 4864, &xb),
             *y = random_rows(m * 9728 > head_rows * 151936 ? m * 9728 : head_rows * 151936, &yb);
        double best = 1e9, best_head = 1e9, flop = 0;
        for (size_t j = 0; j < 4; j++) flop += 2.0 * (double)(m * shape[j][0]) * (double)(shape[j][1] * LAYERS);
        for (size_t r = 0; r < reps; r++) {
            double t0 = pgr_now_s();
            for (size_t l = 0; l < LAYERS; l++)
                for (size_t j = 0; j < 4; j++)
                    pgr_gemm_forward(w[l][j], 0, shape[j][1], m, x, shape[j][0], NULL, false, y, shape[j][1], dtype);
            double t1 = pgr_now_s();
            pgr_gemm_forward(head, 0, 151936, head_rows, x, 896, NULL, false, y, 151936, dtype);
            double t2 = pgr_now_s();
            if (t1 - t0 < best) best = t1 - t0;
            if (t2 - t1 < best_head) best_head = t2 - t1;
        }
        report("all_layers", m, 0, 0, best, flop);
        report("head_cold", head_rows, 896, 151936, best_head, 2.0 * (double)head_rows * 896 * 151936);
        pgr_block_free(x, xb);
        pgr_block_free(y, yb);
    }
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t j = 0; j < 4; j++) pgr_wmat_free(w[l][j]);
    pgr_wmat_free(head);
}

int main(int argc, char **argv) {
    size_t ms[16] = {1, 16, 64, 256, 2048}, n_ms = 5;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "isa=", 4) == 0) {
            enum pgr_isa isa = PGR_ISA_REF;
            while (isa < PGR_ISA_COUNT && strcmp(pgr_isa_name(isa), argv[i] + 4) != 0) isa++;
            bench_check(pgr_isa_set(isa));
        } else if (strcmp(argv[i], "dtype=f32") == 0) {
            dtype = PGR_F32;
        } else if (strncmp(argv[i], "reps=", 5) == 0) {
            reps = strtoul(argv[i] + 5, NULL, 10);
        } else if (strncmp(argv[i], "op=", 3) == 0) {
            only = argv[i] + 3;
        } else if (strncmp(argv[i], "m=", 2) == 0) {
            n_ms = 0;
            for (char *p = argv[i] + 2; *p && n_ms < 16; p += *p == ',') ms[n_ms++] = strtoul(p, &p, 10);
        }
    }
    for (size_t i = 0; i < n_ms && !(only && wanted("layers")); i++) {
        for (size_t j = 0; j < 4; j++) one_shape(ms[i], shape[j][0], shape[j][1]);
        if (ms[i] <= 512) one_shape(ms[i], 896, 151936);
    }
    if (dtype == PGR_BF16 && wanted("layers")) all_layers(ms, n_ms);
    return 0;
}
