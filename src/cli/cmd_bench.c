/* cmd_bench.c - `pgrpo bench`: the speed of this machine along each path of a training step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/par.h"
#include "base/size.h"
#include "cli/bench.h"
#include "cli/cache.h"
#include "gen/measure.h"
#include "kern/cpu.h"
#include "sbx/measure.h"
#include "train/measure.h"

pgr_err pgr_bench_add(json_t *more, const char *key, double value) {
    return json_object_set_new(more, key, json_real(value)) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err load(const struct pgr_bench_opts *o, bool train, struct pgr_model **m) {
    struct pgr_model_opts mo = {.dtype = PGR_BF16, .train = train, .tie = true};
    char *path;
    PGR_TRY(pgr_model_path_resolve(o->model, &path));
    pgr_err err = pgr_model_load(path, &mo, m);
    pgr_free(path);
    return err;
}

/* ---- decoding ---- */

static pgr_err decode(const struct pgr_bench_opts *o, size_t n_seq, double *rate, json_t *more) {
    const struct pgr_decode_setup s = {n_seq, 128, 128};
    struct pgr_decode_time t[PGR_BENCH_MAX_RUNS];
    struct pgr_model *m;
    PGR_TRY(load(o, false, &m));
    pgr_err err = pgr_decode_measure(m, &s, o->runs, t);
    pgr_model_free(m);
    if (err != PGR_OK) return err;
    struct pgr_decode_time sum = {0};
    for (size_t i = 0; i < o->runs; i++) {
        rate[i] = (double)(s.n_seq * s.n_new) / t[i].total_s;
        sum.layers_s += t[i].layers_s, sum.logits_s += t[i].logits_s, sum.draw_s += t[i].draw_s;
        sum.prefill_s += t[i].prefill_s;
    }
    double n_step = (double)(s.n_new * o->runs);
    PGR_TRY(pgr_bench_add(more, "sequences", (double)n_seq));
    PGR_TRY(pgr_bench_add(more, "layers_ms", 1e3 * sum.layers_s / n_step));
    PGR_TRY(pgr_bench_add(more, "logits_ms", 1e3 * sum.logits_s / n_step));
    PGR_TRY(pgr_bench_add(more, "draw_ms", 1e3 * sum.draw_s / n_step));
    return pgr_bench_add(more, "prefill_s", sum.prefill_s / (double)o->runs);
}

static pgr_err decode64(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    return decode(o, 64, rate, more);
}
static pgr_err decode256(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    return decode(o, 256, rate, more);
}

/* ---- passes ---- */

static pgr_err passes(const struct pgr_bench_opts *o, bool train, double *rate, json_t *more) {
    const struct pgr_pass_setup s = {.n_tok = 8 * 512, .length = 512, .micro = train ? 2048 : 4096, .train = train};
    struct pgr_pass_time t[PGR_BENCH_MAX_RUNS];
    struct pgr_model *m;
    PGR_TRY(load(o, train, &m));
    double tok = (double)s.n_tok, flops = pgr_forward_flops(&m->cfg, tok, (double)s.length / 2, tok) * (train ? 3 : 1);
    pgr_err err = pgr_pass_measure(m, &s, o->runs, NULL, t);
    pgr_model_free(m);
    if (err != PGR_OK) return err;
    double layers_s = 0, total_s = 0;
    for (size_t i = 0; i < o->runs; i++) {
        rate[i] = tok / t[i].total_s;
        layers_s += t[i].layers_s, total_s += t[i].total_s;
    }
    double n = (double)o->runs;
    if (train) PGR_TRY(pgr_bench_add(more, "loss", t[o->runs - 1].loss));
    PGR_TRY(pgr_bench_add(more, "layers_tokens_per_second", tok * n / layers_s));
    return pgr_bench_add(more, "tflop_per_second", flops * n / total_s * 1e-12);
}

static pgr_err prefill(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    return passes(o, false, rate, more);
}
static pgr_err train(const struct pgr_bench_opts *o, double *rate, json_t *more) { return passes(o, true, rate, more); }

/* ---- sandbox ---- */

static pgr_err sandbox(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    enum { PROGRAMS = 400 };
    struct pgr_sbx_cfg cfg = {.n_cells = 2};
    struct pgr_sbx_speed v = {0};
    for (size_t i = 0; i < o->runs; i++) {
        PGR_TRY(pgr_sbx_measure(&cfg, PROGRAMS, &v));
        rate[i] = v.programs_per_second;
    }
    PGR_TRY(pgr_bench_add(more, "cells", (double)v.n_cells));
    PGR_TRY(pgr_bench_add(more, "median_ms", v.median_ms));
    return pgr_bench_add(more, "cpu_ms", v.cpu_ms);
}

/* ---- the command ---- */

static const struct pgr_bench benches[] = {
    {"decode64", "tokens", true, 5, decode64},   {"decode256", "tokens", true, 5, decode256},
    {"prefill", "tokens", true, 5, prefill},     {"train", "tokens", true, 5, train},
    {"step", "tokens", true, 2, pgr_bench_step}, {"tokenizer", "tokens", true, 5, pgr_bench_tokenizer},
    {"sandbox", "programs", false, 5, sandbox},
};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static pgr_err report(const struct pgr_bench *b, const struct pgr_bench_opts *o, double *rate, json_t *more,
                      bool json) {
    qsort(rate, o->runs, sizeof *rate, by_value);
    char key[64];
    snprintf(key, sizeof key, "%s_per_second", b->unit);
    double median = rate[o->runs / 2], low = rate[0], high = rate[o->runs - 1];
    json_t *j = json_pack("{ss, ss?, ss, si, si, sf, sf, sf, sf}", "bench", b->name, "model", o->model, "isa",
                          pgr_isa_name(pgr_isa()), "threads", (int)pgr_par_threads(), "runs", (int)o->runs, key, median,
                          "min", low, "max", high, "peak_gb", pgr_peak_rss_bytes() * 1e-9);
    struct pgr_buf text = PGR_BUF_INIT;
    pgr_err err = j && json_object_update(j, more) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_json_dump(j, &text);
    if (err == PGR_OK && !json)
        printf("%s: %.0f %s a second (%.0f to %.0f in %zu runs)\n", b->name, median, b->unit, low, high, o->runs);
    if (err == PGR_OK) printf("%s\n", pgr_buf_str(&text));
    pgr_buf_free(&text);
    json_decref(j);
    return err;
}

static const struct pgr_bench *find(const char *name) {
    for (size_t i = 0; i < PGR_COUNT(benches); i++)
        if (strcmp(benches[i].name, name) == 0) return &benches[i];
    return NULL;
}

static pgr_err unknown(const char *name) {
    const char *names[PGR_COUNT(benches)];
    for (size_t i = 0; i < PGR_COUNT(benches); i++) names[i] = benches[i].name;
    const char *near = pgr_nearest(name, names, PGR_COUNT(benches));
    if (near) return pgr_fail(PGR_E_USAGE, "unknown benchmark %s; did you mean %s?", name, near);
    return pgr_fail(PGR_E_USAGE, "unknown benchmark %s; see --help", name);
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    struct pgr_bench_opts o = {0};
    struct pgr_str_list operand;
    bool json = false;
    const struct pgr_opt opts[] = {{"model", PGR_OPT_STR, &o.model, 0, 0},
                                   {"runs", PGR_OPT_SIZE, &o.runs, 1, PGR_BENCH_MAX_RUNS},
                                   {"set", PGR_OPT_LIST, &o.set, 0, 0},
                                   {"json", PGR_OPT_FLAG, &json, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 64, &operand));
    const struct pgr_bench *b = find(operand.item[0]);
    if (!b) return unknown(operand.item[0]);
    if (b->needs_model && !o.model) return pgr_fail(PGR_E_USAGE, "--model is missing; see --help");
    bool takes_files = strcmp(b->name, "tokenizer") == 0;
    if (operand.n > 1 && !takes_files) return pgr_fail(PGR_E_USAGE, "bench %s takes no files", b->name);
    for (size_t i = 1; i < operand.n; i++) o.files.item[o.files.n++] = operand.item[i];
    if (o.set.n > 0 && strcmp(b->name, "step") != 0) return pgr_fail(PGR_E_USAGE, "--set goes with bench step only");
    if (o.runs == 0) o.runs = b->default_runs;
    double rate[PGR_BENCH_MAX_RUNS];
    json_t *more = json_object();
    pgr_err err = more ? b->run(&o, rate, more) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = report(b, &o, rate, more, json);
    json_decref(more);
    return err;
}

const struct pgr_command pgr_cmd_bench = {
    "bench", "the speed of this machine along each path of a training step",
    "Usage: pgrpo bench NAME --model MODEL [--runs N] [--json] [FILE...]\n\n"
    "Measures one path N times and prints the median, and a JSON line with minimum, median and maximum, the "
    "instruction\n"
    "set and the threads. Weights in bfloat16, output matrix tied to the embedding.\n\n"
    "  decode64   64 sequences decoded together: prompts of 128 tokens, 128 new tokens each\n"
    "  decode256  256 of them\n"
    "  prefill    log-probabilities of 8 sequences of 512 tokens\n"
    "  train      forward, backward and AdamW over 8 sequences of 512 tokens\n"
    "  step       whole P-GRPO steps: 8 prompts, 8 completions each of at most 256 tokens, sandbox, one update\n"
    "  tokenizer  encoding on one thread; FILEs, or a built-in Python source\n"
    "  sandbox    trivial programs, two at a time (no model)\n\n"
    "  --model MODEL    a Hugging Face folder, a GGUF file or a fetched name\n"
    "  --runs N         how often (step: updates); default 5, step 2\n"
    "  --set key=value  of step: a key of the training configuration (docs/config.md); may be given many times\n"
    "  --json           the JSON line alone\n\n"
    "PGR_THREADS sets the threads, PGR_ISA (ref, avx2, avx512, avx512bf16, amx) masks instruction sets.\n",
    run};
