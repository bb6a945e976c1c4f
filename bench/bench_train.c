/* bench_train.c - one training step: forward, cross-entropy of every next token, backward, clipping, AdamW, repacking.
 *
 *     bench_train [--model PATH] [--tokens 4096] [--length 512] [--micro 2048] [--steps 3] [--checkpoint] [--cpu]
 *
 * --micro: tokens of one forward and backward pass, a multiple of the length; gradients of the passes add up. Without a
 * model: random weights in the shape of Qwen2.5-Coder-0.5B. A GGUF with an output matrix of its own is tied, as the
 * original model is. Prints one JSON line; the first step is a warm-up and not counted. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "kern/cpu.h"
#include "profile.h"
#include "train/measure.h"

struct args {
    const char *model;
    size_t tokens, length, micro, steps;
    bool checkpoint;
};

static struct args parse(int argc, char **argv) {
    struct args a = {NULL, 4096, 512, 2048, 3, false};
    for (int i = 1; i < argc; i++) {
        const char *v = i + 1 < argc ? argv[i + 1] : "0";
        if (strcmp(argv[i], "--cpu") == 0) {
            bench_cpu_clock = true;
            pgr_par_set_threads(1);
            continue;
        }
        if (strcmp(argv[i], "--checkpoint") == 0) {
            a.checkpoint = true;
            continue;
        }
        if (strcmp(argv[i], "--model") == 0)
            a.model = v;
        else if (strcmp(argv[i], "--tokens") == 0)
            a.tokens = strtoul(v, NULL, 10);
        else if (strcmp(argv[i], "--length") == 0)
            a.length = strtoul(v, NULL, 10);
        else if (strcmp(argv[i], "--micro") == 0)
            a.micro = strtoul(v, NULL, 10);
        else if (strcmp(argv[i], "--steps") == 0)
            a.steps = strtoul(v, NULL, 10);
        else {
            fprintf(stderr, "bench_train: unknown argument %s\n", argv[i]);
            exit(2);
        }
        i++;
    }
    return a;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    struct args a = parse(argc, argv);
    struct pgr_model *m = bench_model(a.model, true, true);
    struct pgr_pass_setup o = {a.tokens, a.length, a.micro, true, a.checkpoint, profile_reset, bench_now_s};
    struct pgr_pass_time warm, *t = calloc(a.steps, sizeof *t);
    double *time = malloc(a.steps * sizeof *time), total = 0;
    if (!t || !time) return 1;
    bench_check(pgr_pass_measure(m, &o, a.steps, &warm, t));
    for (size_t i = 0; i < a.steps; i++) time[i] = t[i].total_s, total += time[i];
    double first = warm.loss, last = t[a.steps - 1].loss;
    qsort(time, a.steps, sizeof *time, by_value);
    double tok = (double)a.tokens, d = 3 * pgr_forward_flops(&m->cfg, tok, (double)a.length / 2, tok);
    printf(
        "{\"bench\": \"train\", \"isa\": \"%s\", \"threads\": %zu, \"tokens\": %zu, \"length\": %zu, \"micro\": %zu, "
        "\"checkpoint\": %s, \"steps\": %zu, \"tokens_per_second\": %.1f, \"min\": %.1f, \"max\": %.1f, "
        "\"tflop_s\": %.3f, \"peak_gb\": %.2f, \"loss_first\": %.4f, \"loss_last\": %.4f, \"total_s\": %.3f, ",
        pgr_isa_name(pgr_isa()), pgr_par_threads(), a.tokens, a.length, a.micro, a.checkpoint ? "true" : "false",
        a.steps, tok / time[a.steps / 2], tok / time[a.steps - 1], tok / time[0], d / time[a.steps / 2] * 1e-12,
        pgr_peak_rss_bytes() * 1e-9, first, last, total);
    profile_print(stdout, total);
    printf("}\n");
    pgr_model_free(m);
    free(t), free(time);
    return 0;
}
