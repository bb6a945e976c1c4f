/* cmd_eval.c - pgrpo eval: a model on a benchmark; and the comparison of two results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/bench_arg.h"
#include "cli/model_arg.h"
#include "eval/generate.h"
#include "eval/metrics.h"
#include "model/model.h"

static const char help[] =
    "Usage: pgrpo eval --model M --benchmark NAME[=PATH] [OPTION ...]\n"
    "       pgrpo eval --endpoint URL --model NAME --benchmark NAME[=PATH] [OPTION ...]\n"
    "       pgrpo eval --compare [--json] A B\n"
    "\n"
    "Asks a model every problem of a benchmark, judges the answers (docs/eval.md), prints the result. A run that was\n"
    "stopped goes on where it stopped when it is given again.\n"
    "  --out FILE       the answers (NAME_samples.jsonl); result files are written beside it\n"
    "  --samples N      answers to each problem (1)\n"
    "  --temperature T  0 = the most probable token (0)\n"
    "  --top-p P  --seed N  --batch N\n"
    "  --max-tokens N   of an answer (the benchmark's own)\n"
    "  --limit N        the first N problems only\n"
    "  --system TEXT  --template TEXT    the question, in place of the benchmark's; {prompt}, {tests}, {entry_point}\n"
    "  --raw            no chat: the model continues the prompt, as base models do\n"
    "  --stop TEXT      end before this text; may be given often\n"
    "  --dtype bf16|f32 (bf16)\n"
    "  --endpoint URL   ask an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; --model is the name it "
    "knows\n"
    "  --token-key KEY  how the limit of tokens is sent: max_tokens (so without it) or max_completion_tokens\n"
    "  --key-env NAME   the environment variable that holds its key (OPENAI_API_KEY)\n"
    "  --in-flight N  --tries N  --timeout S    requests at a time (16), tries of each (6), seconds for an answer "
    "(600)\n" PGR_BENCH_OPTS_HELP "\n"
    "--compare takes two reports (--report), _results.jsonl or _eval_results.json of the same problems and prints the "
    "paired\n"
    "difference with its interval, and McNemar's exact test where a problem has one answer each.\n";

struct args {
    struct pgr_bench_opts bench;
    const char *model, *out, *system, *format, *dtype, *endpoint, *key_env, *token_key;
    size_t samples, max_tokens, seed, batch, limit, in_flight, tries;
    double temperature, top_p, timeout_s;
    struct pgr_str_list stop;
    bool compare, raw;
};

/* ---- comparing ---- */

static pgr_err compare(const char *path_a, const char *path_b, bool json) {
    json_t *a = NULL, *b = NULL, *v, *o = NULL;
    double *x = NULL, *y = NULL;
    struct pgr_paired p;
    const char *id;
    size_t n = 0, only = 0;
    pgr_err err;
    PGR_TRY_GOTO(pgr_report_rates(path_a, &a));
    PGR_TRY_GOTO(pgr_report_rates(path_b, &b));
    x = pgr_alloc_array(json_object_size(a), sizeof *x);
    y = pgr_alloc_array(json_object_size(a), sizeof *y);
    if (!x || !y) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    json_object_foreach(a, id, v) {
        const json_t *w = json_object_get(b, id);
        if (!w) {
            only++;
            continue;
        }
        x[n] = json_number_value(v);
        y[n++] = json_number_value(w);
    }
    if (n == 0) {
        err = pgr_fail(PGR_E_FORMAT, "%s and %s have no problem in common", path_a, path_b);
        goto out;
    }
    PGR_TRY_GOTO(pgr_paired_of(x, y, n, &p));
    only += json_object_size(b) - n;
    if (only) fprintf(stderr, "note: %zu problems are in one of the files only and are left out\n", only);
    printf("%-12s %zu\n", "problems", n);
    printf("%-12s %.1f %%  %s\n%-12s %.1f %%  %s\n", "A", 100 * p.a.mean, path_a, "B", 100 * p.b.mean, path_b);
    printf("%-12s %+.1f points, standard error %.1f, 95 %% interval %+.1f to %+.1f\n", "A - B", 100 * p.diff.mean,
           100 * p.diff.se, 100 * p.diff.lo, 100 * p.diff.hi);
    printf("%-12s %zu only by A, %zu only by B, p = %.4g\n", "McNemar", p.only_a, p.only_b, p.mcnemar);
    if (json) {
        o = json_pack("{s:I,s:f,s:f,s:f,s:f,s:[f,f],s:I,s:I,s:f}", "problems", (json_int_t)n, "a", p.a.mean, "b",
                      p.b.mean, "difference", p.diff.mean, "se", p.diff.se, "ci95", p.diff.lo, p.diff.hi, "only_a",
                      (json_int_t)p.only_a, "only_b", (json_int_t)p.only_b, "mcnemar_p", p.mcnemar);
        char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
        if (text) puts(text);
        if (!text) err = pgr_fail(PGR_E_NOMEM, "out of memory");
        free(text);
    }
out:
    json_decref(o);
    json_decref(a);
    json_decref(b);
    pgr_free(x);
    pgr_free(y);
    return err;
}

/* ---- generating ---- */

struct progress {
    double t0, told_s;
};

static bool show(void *ctx, size_t n_done, size_t n_total, size_t n_tokens) {
    struct progress *p = ctx;
    double now = pgr_now_s();
    if (now > p->told_s + 10) {
        fprintf(stderr, "%zu of %zu answers, %.0f tokens/s\n", n_done, n_total, (double)n_tokens / (now - p->t0));
        p->told_s = now;
    }
    return !pgr_stop_asked();
}

static struct pgr_eval_gen what_to_ask(const struct args *a, const struct pgr_bench_arg *bench, const char *out_path) {
    const struct pgr_bench_opts *b = &a->bench;
    return (struct pgr_eval_gen){.bench = bench->bench,
                                 .path = bench->path,
                                 .filter = {.split = b->split ? b->split : bench->bench->split,
                                            .from = b->from,
                                            .to = b->to,
                                            .difficulty = b->difficulty,
                                            .platform = b->platform},
                                 .out_path = out_path,
                                 .system = a->system,
                                 .format = a->format,
                                 .raw = a->raw,
                                 .n_samples = a->samples,
                                 .limit = a->limit,
                                 .how = {.temperature = (float)a->temperature,
                                         .top_p = (float)a->top_p,
                                         .repetition_penalty = 1,
                                         .max_tokens = a->max_tokens,
                                         .seed = a->seed},
                                 .stop = a->stop.item,
                                 .n_stop = a->stop.n,
                                 .tick = show};
}

static void tell(const struct pgr_eval_gen *g, const struct progress *p) {
    if (g->n_resumed) fprintf(stderr, "%zu answers were there already\n", g->n_resumed);
    fprintf(stderr, "%zu of %zu answers in %s, %.1f s\n", g->n_done, g->n_total, g->out_path, pgr_now_s() - p->t0);
}

static pgr_err generate(const struct args *a, const struct pgr_bench_arg *bench, const char *out_path) {
    struct pgr_model_arg in = {0};
    struct pgr_model *m = NULL;
    struct progress p = {pgr_now_s(), pgr_now_s()};
    pgr_err err;
    PGR_TRY_GOTO(pgr_model_arg_open(a->model, &in));
    struct pgr_model_opts mo = {.dtype = strcmp(a->dtype, "f32") == 0 ? PGR_F32 : PGR_BF16};
    PGR_TRY_GOTO(pgr_model_load(in.path, &mo, &m));
    struct pgr_eval_gen g = what_to_ask(a, bench, out_path);
    g.max_batch = a->batch;
    g.how.stop_id = m->cfg.eos_id;
    g.how.n_stop_id = m->cfg.n_eos;
    g.ctx = &p;
    err = pgr_eval_generate(&g, m, in.tok);
    tell(&g, &p);
out:
    pgr_model_free(m);
    pgr_model_arg_close(&in);
    return err;
}

static pgr_err ask_endpoint(const struct args *a, const struct pgr_bench_arg *bench, const char *out_path) {
    struct pgr_net *net = NULL;
    struct progress p = {pgr_now_s(), pgr_now_s()};
    const struct pgr_net_opts o = {.url = a->endpoint,
                                   .key_env = a->key_env,
                                   .max_in_flight = a->in_flight,
                                   .max_tries = a->tries,
                                   .total_s = a->timeout_s};
    PGR_TRY(pgr_net_open(&o, &net));
    struct pgr_eval_gen g = what_to_ask(a, bench, out_path);
    g.max_batch = a->in_flight;
    g.model = a->model;
    g.token_key = a->token_key;
    g.ctx = &p;
    pgr_err err = pgr_eval_ask(&g, net);
    tell(&g, &p);
    pgr_net_close(net);
    return err;
}

/* ---- the command ---- */

static pgr_err parse(int argc, char **argv, struct args *a, struct pgr_str_list *ops) {
    *a = (struct args){.samples = 1, .top_p = 1};
    struct pgr_opt opts[PGR_BENCH_N_OPTS + 22] = {
        {"model", PGR_OPT_STR, &a->model, 0, 0},
        {"out", PGR_OPT_STR, &a->out, 0, 0},
        {"system", PGR_OPT_STR, &a->system, 0, 0},
        {"template", PGR_OPT_STR, &a->format, 0, 0},
        {"dtype", PGR_OPT_STR, &a->dtype, 0, 0},
        {"samples", PGR_OPT_SIZE, &a->samples, 1, 1e6},
        {"max-tokens", PGR_OPT_SIZE, &a->max_tokens, 1, 1e9},
        {"seed", PGR_OPT_SIZE, &a->seed, 0, 0},
        {"batch", PGR_OPT_SIZE, &a->batch, 1, 65536},
        {"limit", PGR_OPT_SIZE, &a->limit, 0, 0},
        {"temperature", PGR_OPT_REAL, &a->temperature, 0, 1e6},
        {"top-p", PGR_OPT_REAL, &a->top_p, 0, 1},
        {"stop", PGR_OPT_LIST, &a->stop, 0, 0},
        {"compare", PGR_OPT_FLAG, &a->compare, 0, 0},
        {"raw", PGR_OPT_FLAG, &a->raw, 0, 0},
        {"no-files", PGR_OPT_FLAG, &a->bench.no_files, 0, 0},
        {"endpoint", PGR_OPT_STR, &a->endpoint, 0, 0},
        {"key-env", PGR_OPT_STR, &a->key_env, 0, 0},
        {"token-key", PGR_OPT_STR, &a->token_key, 0, 0},
        {"in-flight", PGR_OPT_SIZE, &a->in_flight, 1, 1024},
        {"tries", PGR_OPT_SIZE, &a->tries, 1, 1000},
        {"timeout", PGR_OPT_REAL, &a->timeout_s, 0, 1e6},
    };
    pgr_bench_opts_list(&a->bench, opts + 22);
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 2, ops));
    if (a->compare) return ops->n == 2 ? PGR_OK : pgr_fail(PGR_E_USAGE, "--compare takes two files of results");
    if (ops->n) return pgr_fail(PGR_E_USAGE, "\"%s\" is no option; pgrpo check judges files", ops->item[0]);
    if (!a->model)
        return a->endpoint
                   ? pgr_fail(PGR_E_USAGE, "--model is needed: the name by which the endpoint knows it")
                   : pgr_fail(PGR_E_USAGE, "--model is needed: a Hugging Face folder, a GGUF file or a fetched name");
    if (a->endpoint && (a->dtype || a->batch))
        return pgr_fail(PGR_E_USAGE, "--dtype and --batch are for a model in memory, not for an endpoint");
    if (!a->endpoint && (a->key_env || a->token_key || a->in_flight || a->tries || a->timeout_s > 0))
        return pgr_fail(PGR_E_USAGE,
                        "--key-env, --token-key, --in-flight, --tries and --timeout are for an --endpoint");
    if (a->token_key && strcmp(a->token_key, "max_tokens") != 0 && strcmp(a->token_key, "max_completion_tokens") != 0)
        return pgr_fail(PGR_E_USAGE, "--token-key is \"%s\", must be max_tokens or max_completion_tokens",
                        a->token_key);
    if (!a->dtype) a->dtype = "bf16";
    if (!a->batch) a->batch = 64;
    if (strcmp(a->dtype, "bf16") != 0 && strcmp(a->dtype, "f32") != 0)
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be bf16 or f32", a->dtype);
    return PGR_OK;
}

struct first {
    const struct pgr_bench *bench;
    bool found;
};

static pgr_err look_at(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct first *f = ctx;
    if (!t) return err;
    err = pgr_bench_check_family(f->bench, where, t);
    pgr_task_free(t);
    f->found = err == PGR_OK;
    return f->found ? PGR_E_INTERRUPTED : err; /* one is enough */
}

/* Notices before a model is loaded that a file is not the benchmark's, by its first record, or that nothing in it is
 * wanted. */
static pgr_err check_first(const struct args *a, const struct pgr_bench_arg *bench) {
    const struct pgr_eval_gen g = what_to_ask(a, bench, "");
    const struct pgr_task_filter *const filter[] = {NULL, &g.filter};
    for (size_t i = 0; i < PGR_COUNT(filter); i++) {
        struct first f = {bench->bench, false};
        pgr_err err = pgr_tasks_each(bench->path, filter[i], look_at, &f);
        if (f.found) continue;
        if (err != PGR_OK) return err;
        return pgr_fail(PGR_E_FORMAT, i == 0 ? "%s: no task" : "%s: no problem within the filter", bench->path);
    }
    return PGR_OK;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    struct args a;
    struct pgr_str_list ops;
    struct pgr_bench_arg bench = {.bench = NULL};
    struct pgr_buf out = PGR_BUF_INIT;
    PGR_TRY(parse(argc, argv, &a, &ops));
    if (a.compare) return compare(ops.item[0], ops.item[1], a.bench.json);
    pgr_catch_signals();
    pgr_err err = pgr_bench_arg_open(&a.bench, &bench);
    if (err == PGR_OK) err = check_first(&a, &bench);
    if (err == PGR_OK) {
        if (a.out)
            pgr_buf_adds(&out, a.out);
        else
            pgr_buf_addf(&out, "%s_samples.jsonl", bench.bench->name);
        err = pgr_buf_ok(&out);
    }
    if (err == PGR_OK)
        err = a.endpoint ? ask_endpoint(&a, &bench, pgr_buf_str(&out)) : generate(&a, &bench, pgr_buf_str(&out));
    json_t *extra =
        json_pack("{s:s,s:f,s:I}", "model", a.model, "temperature", a.temperature, "samples", (json_int_t)a.samples);
    if (err == PGR_OK) err = pgr_bench_judge(&a.bench, &bench, pgr_buf_str(&out), extra, exit_code);
    json_decref(extra);
    pgr_bench_arg_close(&bench);
    pgr_buf_free(&out);
    return err;
}

const struct pgr_command pgr_cmd_eval = {"eval", "a model on a benchmark, or two results compared", help, run};
