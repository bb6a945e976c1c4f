/* bench_prefill.c - scoring: one forward pass over a packed batch, then the log-probability of every next token (and,
 * for the reward model's case, the layers alone).
 *
 *     bench_prefill [--model PATH] [--tokens 4096] [--length 512] [--micro 4096] [--steps 5] [--cpu]
 *
 * Prints one JSON line: "tokens_per_second" with the vocabulary, "layers_tokens_per_second" without. Medians; the first
 * pass is a warm-up and not counted. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "kern/cpu.h"
#include "profile.h"
#include "train/measure.h"

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    const char *model = NULL;
    size_t tokens = 4096, length = 512, micro = 4096, steps = 5;
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--cpu") == 0) {
            bench_cpu_clock = true;
            pgr_par_set_threads(1);
            i--;
            continue;
        }
        if (i + 1 == argc) break;
        size_t v = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--model") == 0)
            model = argv[i + 1];
        else if (strcmp(argv[i], "--tokens") == 0)
            tokens = v;
        else if (strcmp(argv[i], "--length") == 0)
            length = v;
        else if (strcmp(argv[i], "--micro") == 0)
            micro = v;
        else if (strcmp(argv[i], "--steps") == 0)
            steps = v;
        else {
            fprintf(stderr, "bench_prefill: unknown argument %s\n", argv[i]);
            return 2;
        }
    }
    struct pgr_model *m = bench_model(model, false, true);
    struct pgr_pass_setup o = {tokens, length, micro, .warm = profile_reset, .now_s = bench_now_s};
    struct pgr_pass_time *t = calloc(steps, sizeof *t);
    double *layers = malloc(steps * sizeof *layers), *all = malloc(steps * sizeof *all), total = 0;
    if (!t || !layers || !all) return 1;
    bench_check(pgr_pass_measure(m, &o, steps, NULL, t));
    for (size_t k = 0; k < steps; k++) layers[k] = t[k].layers_s, all[k] = t[k].total_s, total += all[k];
    qsort(layers, steps, sizeof *layers, by_value);
    qsort(all, steps, sizeof *all, by_value);
    double tok = (double)tokens;
    printf(
        "{\"bench\": \"prefill\", \"isa\": \"%s\", \"threads\": %zu, \"tokens\": %zu, \"length\": %zu, \"micro\": %zu, "
        "\"steps\": %zu, \"tokens_per_second\": %.1f, \"min\": %.1f, \"max\": %.1f, \"layers_tokens_per_second\": "
        "%.1f, "
        "\"tflop_s\": %.3f, \"peak_gb\": %.2f, \"total_s\": %.3f, ",
        pgr_isa_name(pgr_isa()), pgr_par_threads(), tokens, length, micro, steps, tok / all[steps / 2],
        tok / all[steps - 1], tok / all[0], tok / layers[steps / 2],
        pgr_forward_flops(&m->cfg, tok, (double)length / 2, tok) / all[steps / 2] * 1e-12, pgr_peak_rss_bytes() * 1e-9,
        total);
    profile_print(stdout, total);
    printf("}\n");
    pgr_model_free(m);
    free(t), free(layers), free(all);
    return 0;
}
