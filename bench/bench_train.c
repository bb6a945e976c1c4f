/* bench_train.c - one training step: forward, cross-entropy of every next token, backward, clipping, AdamW, repacking.
 *
 *     bench_train [--model PATH] [--tokens 4096] [--length 512] [--micro 1024] [--steps 3] [--checkpoint] [--cpu]
 *
 * --micro: tokens of one forward and backward pass, a multiple of the length; gradients of the passes add up. Without a
 * model: random weights in the shape of Qwen2.5-Coder-0.5B. A GGUF with an output matrix of its own is tied, as the
 * original model is. Prints one JSON line; the first step is a warm-up and not counted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "kern/cpu.h"
#include "kern/optim.h"
#include "profile.h"

struct args {
    const char *model;
    size_t tokens, length, micro, steps;
    bool checkpoint;
};

static struct args parse(int argc, char **argv) {
    struct args a = {NULL, 4096, 512, 1024, 3, false};
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
    if (a.length < 2 || a.micro % a.length || a.tokens % a.micro || a.steps < 1) {
        fprintf(stderr, "bench_train: tokens must be a multiple of micro, micro of length >= 2\n");
        exit(2);
    }
    return a;
}

struct loss {
    double sum, weight;
};
static void loss_fn(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                    float *dentropy) {
    struct loss *l = ctx;
    (void)i0, (void)entropy, (void)dentropy;
    for (size_t i = 0; i < n; i++) {
        l->sum -= (double)logp[i] * l->weight;
        dlogp[i] = (float)-l->weight;
    }
}

struct state {
    struct pgr_model *m;
    struct pgr_work *w;
    float *grad, *m1, *m2, *logp;
    int32_t *token, *target;
    uint32_t *row;
    size_t *start;
};

static double step(const struct args *a, struct state *s, size_t number) {
    size_t n_seq = a->micro / a->length, n_row = a->micro - n_seq, n = s->m->layout.n_elem;
    struct loss loss = {0, 1.0 / (double)(a->tokens / a->length * (a->length - 1))};
    for (size_t first = 0; first < a->tokens; first += a->micro) {
        const int32_t *token = s->token + first;
        struct pgr_batch b = {a->micro, token, {n_seq, s->start, NULL}};
        size_t r = 0;
        for (size_t i = 0; i < a->micro; i++)
            if ((i + 1) % a->length) s->row[r] = (uint32_t)i, s->target[r++] = token[i + 1];
        bench_check(pgr_forward(s->m, s->w, &b));
        bench_check(pgr_head_logp(s->m, s->w, n_row, s->row, s->target, 1.0f, s->logp, NULL, loss_fn, &loss, s->grad));
        bench_check(pgr_backward(s->m, s->w, s->grad));
    }
    double norm = pgr_grad_norm(n, s->grad);
    struct pgr_adamw o = {1e-6, 0.9, 0.999, 1e-8, 0.0, fmin(1.0, 1.0 / norm), number, true};
    pgr_adamw(&o, n, s->m->master, s->grad, s->m1, s->m2);
    pgr_model_repack(s->m);
    return loss.sum;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    struct args a = parse(argc, argv);
    struct state s = {.m = bench_model(a.model, true, true)};
    struct pgr_work_opts o = {
        .max_tok = a.micro, .max_seg = a.micro / a.length, .train = true, .checkpoint = a.checkpoint};
    size_t n = s.m->layout.n_elem, bytes = n * sizeof(float);
    bench_check(pgr_work_new(s.m, &o, &s.w));
    s.grad = pgr_block_new(bytes), s.m1 = pgr_block_new(bytes), s.m2 = pgr_block_new(bytes);
    s.token = malloc(a.tokens * sizeof *s.token), s.target = malloc(a.micro * sizeof *s.target);
    s.row = malloc(a.micro * sizeof *s.row), s.logp = malloc(a.micro * sizeof *s.logp);
    s.start = malloc((a.micro / a.length + 1) * sizeof *s.start);
    double *time = malloc(a.steps * sizeof *time);
    if (!s.grad || !s.m1 || !s.m2 || !s.token || !s.target || !s.row || !s.logp || !s.start || !time) return 1;
    /* A text with structure, so that the loss falls: the next token is a function of the last. */
    for (size_t i = 0; i < a.tokens; i++)
        s.token[i] = (int32_t)(i % a.length == 0 ? i * 31 % s.m->cfg.n_vocab
                                                 : ((size_t)s.token[i - 1] * 5 + 7) % s.m->cfg.n_vocab);
    for (size_t i = 0; i <= a.micro / a.length; i++) s.start[i] = i * a.length;
    double first = step(&a, &s, 1), last = first;
    profile_reset();
    double total = 0;
    for (size_t i = 0; i < a.steps; i++) {
        double t = bench_now_s();
        last = step(&a, &s, i + 2);
        time[i] = bench_now_s() - t;
        total += time[i];
    }
    qsort(time, a.steps, sizeof *time, by_value);
    double tok = (double)a.tokens, d = 3 * pgr_forward_flops(&s.m->cfg, tok, (double)a.length / 2, tok);
    printf(
        "{\"bench\": \"train\", \"isa\": \"%s\", \"threads\": %zu, \"tokens\": %zu, \"length\": %zu, \"micro\": %zu, "
        "\"checkpoint\": %s, \"steps\": %zu, \"tokens_per_second\": %.1f, \"min\": %.1f, \"max\": %.1f, "
        "\"tflop_s\": %.3f, \"peak_gb\": %.2f, \"loss_first\": %.4f, \"loss_last\": %.4f, \"total_s\": %.3f, ",
        pgr_isa_name(pgr_isa()), pgr_par_threads(), a.tokens, a.length, a.micro, a.checkpoint ? "true" : "false",
        a.steps, tok / time[a.steps / 2], tok / time[a.steps - 1], tok / time[0], d / time[a.steps / 2] * 1e-12,
        pgr_peak_rss_bytes() * 1e-9, first, last, total);
    profile_print(stdout, total);
    printf("}\n");
    pgr_work_free(s.w);
    pgr_model_free(s.m);
    pgr_block_free(s.grad, bytes), pgr_block_free(s.m1, bytes), pgr_block_free(s.m2, bytes);
    free(s.token), free(s.target), free(s.row), free(s.logp), free(s.start), free(time);
    return 0;
}
