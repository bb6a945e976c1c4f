/* bench_ops.c - nanoseconds per element of the row operations on one thread, processor time, smallest of several runs.
 *
 *     bench_ops [--rows 256] [--isa ref|avx2|avx512]
 *
 * 256 rows of the 0.5B model's width stay in the second-level cache for the narrow operations and do not for the gated
 * unit, as in a layer. Prints one JSON line. */
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "kern/cpu.h"
#include "kern/ops.h"
#include "kern/optim.h"
#include "profile.h"

enum { D = 896, F = 4864, V = 1024, RUNS = 15 };

static double best;
static double started;
static void begin(void) { started = bench_now_s(); }
static void end(void) {
    double s = bench_now_s() - started;
    if (s < best) best = s;
}
#define MEASURE(name, elems, ...)                                                                                      \
    do {                                                                                                               \
        best = 1e9;                                                                                                    \
        for (int run_ = 0; run_ < RUNS; run_++) {                                                                      \
            begin();                                                                                                   \
            __VA_ARGS__;                                                                                               \
            end();                                                                                                     \
        }                                                                                                              \
        printf(", \"%s\": %.3f", name, best / (double)(elems)*1e9);                                                    \
    } while (0)

static float *floats(size_t n) {
    float *p = malloc(n * sizeof *p);
    if (!p) exit(1);
    for (size_t i = 0; i < n; i++) p[i] = (float)(i * 7919 % 2003) / 1000.0f - 1.0f;
    return p;
}

int main(int argc, char **argv) {
    size_t n = 256;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--rows") == 0) n = strtoul(argv[i + 1], NULL, 10);
        for (int k = 0; strcmp(argv[i], "--isa") == 0 && k < PGR_ISA_COUNT; k++)
            if (strcmp(argv[i + 1], pgr_isa_name((enum pgr_isa)k)) == 0) bench_check(pgr_isa_set((enum pgr_isa)k));
    }
    bench_cpu_clock = true;
    pgr_par_set_threads(1);
    float *x = floats(n * D), *w = floats(D), *dres = floats(n * D), *rstd = floats(n), *dw = floats(D);
    float *scratch = floats(pgr_ops_norm_scratch(n, D)), *logits = floats(n * V), *big = floats(n * F);
    pgr_bf16 *h = malloc(n * 2 * F * sizeof *h), *h2 = malloc(n * 2 * F * sizeof *h2);
    struct pgr_vocab_state *state = malloc(n * sizeof *state);
    float *lse = floats(n), *table = floats(n * 64), *m = floats(n * F), *v = floats(n * F), *g = floats(n * F);
    int32_t *target = calloc(n, sizeof *target);
    if (!h || !h2 || !state || !target) return 1;
    pgr_ops_convert(n * F, PGR_F32, big, PGR_BF16, h);
    pgr_ops_convert(n * F, PGR_F32, big, PGR_BF16, h + n * F);
    memcpy(h2, h, n * 2 * F * sizeof *h);
    for (size_t i = 0; i < n * F; i++) v[i] = 1.0f;
    printf("{\"bench\": \"ops\", \"isa\": \"%s\", \"rows\": %zu, \"unit\": \"ns per element\"", pgr_isa_name(pgr_isa()),
           n);
    MEASURE("norm", n * D, pgr_ops_add_norm(n, D, x, h, w, 1e-6f, PGR_BF16, x, h2, rstd));
    MEASURE(
        "norm backward", n * D,
        pgr_ops_norm_backward(n, D, x, NULL, w, rstd, PGR_BF16, h, true, dres, PGR_BF16, h2, h2 + n * D, dw, scratch));
    struct pgr_qk qk = {14, 2, 64, NULL, NULL, 0};
    MEASURE("rope", n * 1152, pgr_ops_qk(&qk, n, table, PGR_BF16, h, h2));
    MEASURE("swiglu", n * F, pgr_ops_swiglu(n, F, PGR_BF16, h, h2));
    MEASURE("swiglu backward", n * F, memcpy(h2, h, n * 2 * F * sizeof *h); begin();
            pgr_ops_swiglu_backward(n, F, PGR_BF16, h2, h));
    MEASURE("softmax", n * V, pgr_ops_vocab_block(n, V, logits, V, 1.0f, 1, 0, state, PGR_BF16, h, V, NULL));
    MEASURE("softmax alone", n * V, pgr_ops_vocab_block(n, V, logits, V, 1.0f, 1, 0, state, PGR_BF16, NULL, V, NULL));
    pgr_ops_vocab_finish(n, 1, state, lse, NULL);
    MEASURE("softmax gradient", n * V,
            pgr_ops_vocab_grad(n, V, state, lse, NULL, target, rstd, NULL, 1.0f, PGR_BF16, h, V));
    struct pgr_adamw o = {1e-6, 0.9, 0.999, 1e-8, 0.01, 1.0, 1, true};
    MEASURE("adamw", n * F, pgr_adamw(&o, n * F, big, g, m, v));
    MEASURE("gradient norm", n * F, lse[0] = (float)pgr_grad_norm(n * F, g));
    printf("}\n");
    free(x), free(w), free(dres), free(rstd), free(dw), free(scratch), free(logits), free(big), free(h), free(h2);
    free(state), free(lse), free(table), free(m), free(v), free(g), free(target);
    return 0;
}
