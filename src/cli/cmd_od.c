/* cmd_od.c - pgrpo od build: optimised/degraded pairs from problems. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/size.h"
#include "cli/balance.h"
#include "cli/bench_arg.h"
#include "cli/cli.h"
#include "cli/writer.h"
#include "pref/od_build.h"

static const char help[] =
    "Usage: pgrpo od build --model M --tasks FILE --output PAIRS.jsonl [OPTION ...]\n\n"
    "Makes pairs of better and worse reasoning for rm train. The model writes a base reasoning for each\n"
    "problem, then an optimised and a degraded rewrite of it along factual accuracy, logical rigor and\n"
    "logical coherence. Texts that give the answer away (copies, refusals, echoes of the instruction,\n"
    "code, another language, another length) are refused and asked for anew. All answers go to\n"
    "PAIRS.jsonl.texts.jsonl as they come: after Ctrl-C or kill -9 the same command goes on from there and\n"
    "writes what an unbroken run would have written. docs/pairs.md has the details.\n"
    "\n"
    "  --model M             Hugging Face folder, GGUF file or fetched name\n" PGR_WRITER_OPTS_HELP
    "  --tasks FILE          tasks in any layout that pgrpo data inspect knows, or records {\"id\", \"prompt\"}\n"
    "  --output F            the pairs; replaced as a whole\n"
    "  --split NAME          only the tasks of this split\n"
    "  --limit N             the first N tasks only\n"
    "  --prompts DIR         a folder with files as in data/prompts/od, in place of the built-in prompts\n"
    "  --attempts N          answers asked for each text at most, 4\n"
    "  --length-band X       the longer of two texts has at most X times the bytes of the shorter, 1.4\n"
    "  --max-similarity X    share of words in common (in order) with the original, at most, 0.95\n"
    "  --min-words N         20\n"
    "  --max-problem X       share of words in runs of eight that are the problem's, at most, 0.5\n"
    "  --max-script X        difference of the mix of scripts from the original's, at most, 0.2\n"
    "  --warn-words X        warns when a bag of words tells more than this share of pairs apart, 0.65\n"
    "  --temperature X       0.8     --top-p X  0.95     --max-tokens N  of an answer, 400\n"
    "  --max-length N        question and answer in tokens, 4096\n"
    "  --batch N             texts written at once, 32\n"
    "  --verify K            solves each task K times from each text, and keeps the pairs whose better text leads to "
    "more\n"
    "                        solutions that pass; with --cpu S (of a solution) and --cells N, --python PATH,\n"
    "                        --site-packages DIR, --preload NAME, --sandbox unsafe as in pgrpo sandbox\n"
    "  --seed N              0       --dtype bf16|f32\n"
    "  --json                the last line is the result as one JSON object\n";

struct args {
    const char *tasks, *output, *split, *prompts;
    size_t limit, attempts, verify, seed;
    double warn_words;
    struct pgr_writer_opts writer;
    struct pgr_bench_opts sandbox; /* the part of it that is the sandbox's */
    struct pgr_od_bounds bounds;
    bool json;
};

static pgr_err parse(int argc, char **argv, struct args *a) {
    *a = (struct args){.attempts = 4,
                       .writer = {.max_tokens = 400, .temperature = 0.8, .top_p = 0.95},
                       .warn_words = 0.65,
                       .bounds = pgr_od_default_bounds};
    struct pgr_opt opts[PGR_WRITER_N_OPTS + 28] = {
        {"model", PGR_OPT_STR, &a->writer.model, 0, 0},
        {"tasks", PGR_OPT_STR, &a->tasks, 0, 0},
        {"output", PGR_OPT_STR, &a->output, 0, 0},
        {"split", PGR_OPT_STR, &a->split, 0, 0},
        {"limit", PGR_OPT_SIZE, &a->limit, 0, 0},
        {"prompts", PGR_OPT_STR, &a->prompts, 0, 0},
        {"attempts", PGR_OPT_SIZE, &a->attempts, 1, PGR_OD_MAX_ATTEMPTS},
        {"length-band", PGR_OPT_REAL, &a->bounds.length_band, 1, 1e6},
        {"max-similarity", PGR_OPT_REAL, &a->bounds.max_similarity, 0, 1},
        {"min-words", PGR_OPT_SIZE, &a->bounds.min_words, 1, 1e6},
        {"max-script", PGR_OPT_REAL, &a->bounds.max_script, 0, 1},
        {"warn-words", PGR_OPT_REAL, &a->warn_words, 0, 1},
        {"temperature", PGR_OPT_REAL, &a->writer.temperature, 0.01, 100},
        {"top-p", PGR_OPT_REAL, &a->writer.top_p, 0.01, 1},
        {"max-tokens", PGR_OPT_SIZE, &a->writer.max_tokens, 1, 1 << 20},
        {"max-length", PGR_OPT_SIZE, &a->writer.max_length, 2, 1 << 20},
        {"batch", PGR_OPT_SIZE, &a->writer.batch, 1, 4096},
        {"seed", PGR_OPT_SIZE, &a->seed, 0, 0},
        {"dtype", PGR_OPT_STR, &a->writer.dtype, 0, 0},
        {"max-problem", PGR_OPT_REAL, &a->bounds.max_problem, 0, 1},
        {"verify", PGR_OPT_SIZE, &a->verify, 0, PGR_OD_MAX_VERIFY},
        {"cpu", PGR_OPT_REAL, &a->sandbox.cpu, 0, 86400},
        {"cells", PGR_OPT_SIZE, &a->sandbox.cells, 0, 256},
        {"python", PGR_OPT_STR, &a->sandbox.python, 0, 0},
        {"site-packages", PGR_OPT_STR, &a->sandbox.site_packages, 0, 0},
        {"preload", PGR_OPT_LIST, &a->sandbox.preload, 0, 0},
        {"sandbox", PGR_OPT_STR, &a->sandbox.sandbox, 0, 0},
        {"json", PGR_OPT_FLAG, &a->json, 0, 0},
    };
    pgr_writer_opts_list(&a->writer, opts + PGR_COUNT(opts) - PGR_WRITER_N_OPTS);
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!a->writer.model || !a->tasks || !a->output)
        return pgr_fail(PGR_E_USAGE, "build needs --model, --tasks and --output");
    PGR_TRY(pgr_writer_opts_check(&a->writer));
    a->writer.seed = a->seed;
    if (!a->writer.endpoint && !a->writer.batch) a->writer.batch = 32;
    return PGR_OK;
}

/* ---- what is said ---- */

struct progress {
    double t0, told_s;
};

static bool show(void *ctx, const struct pgr_od_tally *t) {
    struct progress *p = ctx;
    double now = pgr_now_s();
    if (now > p->told_s + 10) {
        fprintf(stderr, "%zu of %zu problems, %zu texts, %zu of them good, %.0f tokens/s\n", t->n_finished,
                t->n_problem, t->n_text, t->n_good, (double)t->n_token / (now - p->t0));
        p->told_s = now;
    }
    return !pgr_stop_asked();
}

static json_t *refused_json(const struct pgr_od_tally *t) {
    json_t *o = json_object();
    for (int r = PGR_OD_NONE + 1; o && r < PGR_OD_N_REASON; r++)
        if (json_object_set_new(o, pgr_od_reason_name((enum pgr_od_reason)r), json_integer((json_int_t)t->refused[r])))
            return json_decref(o), NULL;
    return o;
}

static void print_result(const struct args *a, const struct pgr_od_tally *t, json_t *balance) {
    printf("%zu problems, %zu texts (%zu from an earlier run), %zu good, %zu given up, %zu too long or refused\n",
           t->n_problem, t->n_text, t->n_resumed, t->n_good, t->n_given_up, t->n_too_long);
    printf("refused:");
    for (int r = PGR_OD_NONE + 1; r < PGR_OD_N_REASON; r++)
        printf(" %s %zu%s", pgr_od_reason_name((enum pgr_od_reason)r), t->refused[r],
               r + 1 < PGR_OD_N_REASON ? "," : "\n");
    if (a->verify) printf("%zu solutions from accepted texts, %zu passed\n", t->n_solution, t->n_solution_passed);
    printf("%zu pairs in %s; left out: %zu for the length of their sides, %zu for their similarity, %zu for the pass "
           "rates "
           "of their sides\n",
           t->n_pair, a->output, t->n_uneven, t->n_alike, t->n_unproved);
    static const char *const kinds[] = {"dimensions", "types", NULL};
    pgr_balance_print(balance, kinds);
}

static pgr_err tell(const struct args *a, const struct pgr_od_tally *t, const char *version) {
    json_t *balance = NULL, *o = NULL;
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_balance_measure("od", a->output, t->n_pair, a->seed, a->warn_words, &balance);
    if (err == PGR_OK) print_result(a, t, balance);
    if (err == PGR_OK && a->json) {
        o = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:O?}", "output",
                      pgr_json_bytes(a->output, strlen(a->output)), "prompts", version, "problems",
                      (json_int_t)t->n_problem, "texts", (json_int_t)t->n_text, "resumed", (json_int_t)t->n_resumed,
                      "good", (json_int_t)t->n_good, "given_up", (json_int_t)t->n_given_up, "too_long",
                      (json_int_t)t->n_too_long, "pairs", (json_int_t)t->n_pair, "uneven", (json_int_t)t->n_uneven,
                      "alike", (json_int_t)t->n_alike, "unproved", (json_int_t)t->n_unproved, "solutions",
                      (json_int_t)t->n_solution, "solutions_passed", (json_int_t)t->n_solution_passed, "refused",
                      refused_json(t), "balance", balance);
        err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
        if (err == PGR_OK) puts(pgr_buf_str(&b));
    }
    pgr_buf_free(&b);
    json_decref(o);
    json_decref(balance);
    return err;
}

/* ---- the command ---- */

static pgr_err build_with(const struct args *a, const struct pgr_od_prompts *prompts, struct pgr_sbx *sbx,
                          struct pgr_od_tally *tally) {
    struct progress p = {pgr_now_s(), pgr_now_s()};
    struct pgr_writer w = {.model = NULL};
    json_t *settings = pgr_writer_settings(&a->writer);
    pgr_err err = settings ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    PGR_TRY_GOTO(err);
    PGR_TRY_GOTO(pgr_writer_open(&a->writer, NULL, &w));
    const struct pgr_od_cfg cfg = {
        .tasks_path = a->tasks,
        .split = a->split,
        .limit = a->limit,
        .out_path = a->output,
        .prompts = prompts,
        .bounds = a->bounds,
        .n_attempts = a->attempts,
        .n_open = pgr_writer_width(&a->writer), /* while one problem has six rewrites open, others begin */
        .n_verify = a->verify,
        .sbx = sbx,
        .cpu_s = a->sandbox.cpu,
        .seed = a->seed,
        .settings = settings,
        .tick = show,
        .ctx = &p};
    err = pgr_od_build(&cfg, &w.gen, tally);
out:
    pgr_writer_close(&w);
    json_decref(settings);
    return err;
}

static pgr_err run_build(int argc, char **argv) {
    struct args a;
    struct pgr_od_prompts prompts;
    struct pgr_od_tally tally = {0};
    PGR_TRY(parse(argc, argv, &a));
    PGR_TRY(pgr_od_prompts_load(a.prompts, &prompts));
    pgr_catch_signals();
    struct pgr_sbx *sbx = NULL; /* it forks, so before the model is there */
    pgr_err err = a.verify ? pgr_bench_open_sandbox(&a.sandbox, &sbx) : PGR_OK;
    if (err == PGR_OK) err = build_with(&a, &prompts, sbx, &tally);
    if (err == PGR_OK) err = tell(&a, &tally, prompts.version);
    pgr_sbx_close(sbx);
    pgr_od_prompts_free(&prompts);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    if (argc > 1 && strcmp(argv[1], "build") == 0) return run_build(argc - 1, argv + 1);
    return pgr_fail(PGR_E_USAGE, "needs build; see pgrpo od --help");
}

const struct pgr_command pgr_cmd_od = {"od", "pairs of better and worse reasoning from problems", help, run};
