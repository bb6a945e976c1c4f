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
    if (length < 2 || micro % length || tokens % micro || steps < 1) {
        fprintf(stderr, "bench_prefill: tokens must be a multiple of micro, micro of length >= 2\n");
        return 2;
    }
    struct pgr_model *m = bench_model(model, false, true);
    struct pgr_work_opts o = {.max_tok = micro, .max_seg = micro / length};
    struct pgr_work *w;
    bench_check(pgr_work_new(m, &o, &w));
    size_t n_seq = micro / length, n_row = 0, start[1024];
    int32_t *token = malloc(micro * sizeof *token), *target = malloc(micro * sizeof *target);
    uint32_t *row = malloc(micro * sizeof *row);
    float *logp = malloc(micro * sizeof *logp);
    double *layers = malloc(steps * sizeof *layers), *all = malloc(steps * sizeof *all);
    if (!token || !target || !row || !logp || !layers || !all || n_seq >= 1024) return 1;
    for (size_t i = 0; i <= n_seq; i++) start[i] = i * length;
    for (size_t i = 0; i < micro; i++) token[i] = (int32_t)(i * 7919 % m->cfg.n_vocab);
    for (size_t i = 0; i < micro; i++)
        if ((i + 1) % length) row[n_row] = (uint32_t)i, target[n_row++] = token[i + 1];
    struct pgr_batch b = {micro, token, {n_seq, start, NULL}};
    double total = 0;
    for (size_t k = 0; k <= steps; k++) {
        if (k == 1) profile_reset();
        double t_layers = 0, t_all = 0;
        for (size_t i = 0; i < tokens; i += micro) {
            double t = bench_now_s();
            bench_check(pgr_forward(m, w, &b));
            t_layers += bench_now_s() - t;
            bench_check(pgr_head_logp(m, w, n_row, row, target, 1.0f, logp, NULL, NULL, NULL, NULL));
            t_all += bench_now_s() - t;
        }
        if (k == 0) continue;
        layers[k - 1] = t_layers, all[k - 1] = t_all;
        total += t_all;
    }
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
    pgr_work_free(w);
    pgr_model_free(m);
    free(token), free(target), free(row), free(logp), free(layers), free(all);
    return 0;
}
