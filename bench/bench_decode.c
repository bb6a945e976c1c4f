/* bench_decode.c - decoding speed: sequences with a prompt each, all decoded together.
 *
 *   bench_decode [--model M] [--sequences N] [--prompt P] [--new T] [--repeat R] [--layers L] [--dtype bf16|f32]
 * [--rollout]
 *
 * Without a model: random weights of the shape of Qwen2.5-Coder-0.5B, output matrix tied (speed does not depend on
 * the values). Prefills N random prompts of P tokens, not timed with the rest, then times T steps of one token for each
 * sequence: forward pass, logits, drawing at temperature 1. Prints one JSON line: tokens per second of the fastest,
 * median and slowest repetition, and of the fastest the time a step in
 * the layers, the output matrix and the drawing, and the processor time of all threads.
 * --rollout measures pgr_generate instead, prefill and all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/gen.h"
#include "gen/measure.h"
#include "shared.h"

enum { MAX_REPEAT = 100 };

struct setup {
    const char *model, *dtype;
    size_t n_seq, n_prompt, n_new, repeat, n_layer;
    bool rollout;
};

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static pgr_err make_model(const struct setup *s, struct pgr_model **m) {
    struct pgr_model_opts o = {.dtype = strcmp(s->dtype, "f32") == 0 ? PGR_F32 : PGR_BF16};
    if (s->model) return pgr_model_load(s->model, &o, m);
    struct pgr_config c = bench_qwen;
    c.n_layer = s->n_layer;
    return pgr_model_random(&c, &o, m);
}

static int32_t random_token(size_t n_vocab, size_t i, size_t k) {
    return (int32_t)(pgr_rng_uniform(1, PGR_RNG_TEST, (uint32_t)i, (uint32_t)k, 0, 0) * (double)n_vocab);
}

static const struct pgr_sampling how = {
    .temperature = 1.0f, .top_p = 1.0f, .repetition_penalty = 1.0f, .max_tokens = 1, .seed = 1};

/* ---- with the scheduler ---- */

static pgr_err drop(void *ctx, struct pgr_completion *c) {
    *(size_t *)ctx += c->n_tok;
    pgr_completion_free(c);
    return PGR_OK;
}

static pgr_err rollout_once(struct pgr_model *m, const struct setup *s, struct pgr_decode_time *t) {
    int32_t *token = pgr_alloc_array(s->n_seq * s->n_prompt, sizeof *token);
    struct pgr_prompt *prompt = pgr_alloc_array(s->n_seq, sizeof *prompt);
    if (!token || !prompt) return pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < s->n_seq; i++) {
        for (size_t k = 0; k < s->n_prompt; k++) token[i * s->n_prompt + k] = random_token(m->cfg.n_vocab, i, k);
        prompt[i] = (struct pgr_prompt){token + i * s->n_prompt, s->n_prompt, 1, (uint32_t)i};
    }
    struct pgr_sampling sampling = how;
    sampling.max_tokens = s->n_new;
    struct pgr_gen_stats st;
    struct pgr_gen_opts o = {.max_batch = s->n_seq, .stats = &st};
    size_t n_tok = 0;
    double start_cpu = cpu_s();
    pgr_err err = pgr_generate(m, NULL, &o, &sampling, prompt, s->n_seq, drop, NULL, &n_tok);
    *t = (struct pgr_decode_time){
        .total_s = st.total_s, .logits_s = st.logits_s, .draw_s = st.draw_s, .prefill_s = st.prefill_s};
    t->layers_s = t->total_s - t->logits_s - t->draw_s;
    t->cpu_s = cpu_s() - start_cpu;
    pgr_free(token);
    pgr_free(prompt);
    return err;
}

/* ---- */

static int by_total(const void *a, const void *b) {
    const struct pgr_decode_time *x = a, *y = b;
    return x->total_s < y->total_s ? -1 : x->total_s > y->total_s;
}

static pgr_err parse(int argc, char **argv, struct setup *s) {
    const struct {
        const char *name;
        size_t *out, max;
    } number[] = {{"--sequences", &s->n_seq, 4096},
                  {"--prompt", &s->n_prompt, 8192},
                  {"--new", &s->n_new, 8192},
                  {"--repeat", &s->repeat, MAX_REPEAT},
                  {"--layers", &s->n_layer, 24}};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rollout") == 0) {
            s->rollout = true;
            continue;
        }
        const char *name = argv[i], *value = ++i < argc ? argv[i] : NULL;
        if (!value) return pgr_fail(PGR_E_USAGE, "%s needs a value", name);
        if (strcmp(name, "--model") == 0) {
            s->model = value;
            continue;
        }
        if (strcmp(name, "--dtype") == 0) {
            s->dtype = value;
            continue;
        }
        size_t k = 0;
        while (k < PGR_COUNT(number) && strcmp(number[k].name, name) != 0) k++;
        if (k == PGR_COUNT(number)) return pgr_fail(PGR_E_USAGE, "unknown option %s", name);
        *number[k].out = (size_t)strtoul(value, NULL, 10);
        if (*number[k].out == 0 || *number[k].out > number[k].max)
            return pgr_fail(PGR_E_USAGE, "%s is %s, must be 1 to %zu", name, value, number[k].max);
    }
    return PGR_OK;
}

static pgr_err run(int argc, char **argv) {
    struct setup s = {.dtype = "bf16", .n_seq = 64, .n_prompt = 128, .n_new = 128, .repeat = 3, .n_layer = 24};
    PGR_TRY(parse(argc, argv, &s));
    struct pgr_model *m;
    PGR_TRY(make_model(&s, &m));
    struct pgr_decode_time t[MAX_REPEAT];
    struct pgr_decode_setup d = {s.n_seq, s.n_prompt, s.n_new};
    if (!s.rollout) PGR_TRY(pgr_decode_measure(m, &d, s.repeat, t));
    for (size_t r = 0; r < s.repeat && s.rollout; r++) PGR_TRY(rollout_once(m, &s, &t[r]));
    qsort(t, s.repeat, sizeof *t, by_total);
    double n = (double)(s.n_seq * s.n_new), steps = (double)s.n_new;
    printf("{\"bench\":\"%s\",\"model\":\"%s\",\"dtype\":\"%s\",\"threads\":%zu,\"sequences\":%zu,\"prompt\":%zu,"
           "\"new\":%zu,"
           "\"tokens_per_second\":%.1f,\"median\":%.1f,\"slowest\":%.1f,\"step_ms\":%.2f,\"layers_ms\":%.2f,\"logits_"
           "ms\":%.2f,"
           "\"draw_ms\":%.2f,\"cpu_ms\":%.2f,\"prefill_s\":%.3f,\"peak_gb\":%.2f}\n",
           s.rollout ? "rollout" : "decode", s.model ? s.model : "random-0.5b", s.dtype, pgr_par_threads(), s.n_seq,
           s.n_prompt, s.n_new, n / t[0].total_s, n / t[s.repeat / 2].total_s, n / t[s.repeat - 1].total_s,
           1e3 * t[0].total_s / steps, 1e3 * t[0].layers_s / steps, 1e3 * t[0].logits_s / steps,
           1e3 * t[0].draw_s / steps, 1e3 * t[0].cpu_s / steps, t[0].prefill_s, pgr_peak_rss_bytes() * 1e-9);
    pgr_model_free(m);
    return PGR_OK;
}

int main(int argc, char **argv) {
    if (run(argc, argv) == PGR_OK) return 0;
    fprintf(stderr, "bench_decode: %s\n", pgr_err_detail());
    return 1;
}
