/* cmd_rm.c - reward models: train on pairs, score reasonings. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/cache.h"
#include "pref/rm_train.h"
#include "reward/scorer.h"
#include "text/think.h"

static const char help[] =
    "Usage: pgrpo rm train --model M --pairs PAIRS.jsonl --output DIR [OPTION ...]\n"
    "       pgrpo rm score --model DIR FILE.jsonl\n"
    "\n"
    "train: makes a reward model from a causal model by Bradley-Terry training on pairs, lines of\n"
    "  {\"prompt\", \"chosen\", \"rejected\"} with optional \"id\", \"margin\", \"split\" (train or validation).\n"
    "  Writes a Hugging Face sequence-classification folder (score.weight) with rm_metrics.jsonl in it.\n"
    "  --model M                    Hugging Face folder, GGUF file or short name; a reward model is trained further\n"
    "  --pairs F                    the pairs\n"
    "  --output DIR                 where the folder goes; replaced if it exists\n"
    "  --learning-rate X            5e-6, decays linearly to 0 after --warmup-ratio 0.1\n"
    "  --epochs N                   2\n"
    "  --batch-size N               pairs per update, 16\n"
    "  --max-length N               tokens of problem and one side; longer pairs are dropped and counted, 1024\n"
    "  --center-rewards-coefficient X   pulls scores towards 0: X (s_c + s_r)^2, 0.01\n"
    "  --validation-fraction X      held out by problem when the file marks no split, 0.1\n"
    "  --weight-decay X  --max-grad-norm X  --seed N\n"
    "  --dtype f32|bf16             of compute, bf16; the folder is written in it\n"
    "  --no-gradient-checkpointing  faster, more memory\n"
    "\n"
    "score: prints one JSON line per line of FILE: {\"score\": s, \"reward\": sigmoid(s)} for {\"prompt\", "
    "\"reasoning\"} or\n"
    "  {\"prompt\", \"completion\"} (the inside of its <think> block, else all of it); for {\"prompt\", \"chosen\", "
    "\"rejected\"} a line\n"
    "  {\"chosen\": s, \"rejected\": s, \"correct\": true|false}, with the accuracy on stderr.\n"
    "  --dtype f32|bf16             of compute, bf16\n";

static pgr_err parse_dtype(const char *name, enum pgr_dtype *out) {
    if (strcmp(name, "bf16") == 0)
        *out = PGR_BF16;
    else if (strcmp(name, "f32") == 0)
        *out = PGR_F32;
    else
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be f32 or bf16", name);
    return PGR_OK;
}

/* ---- train ------------------------------------------------------------------------------------------------------ */

struct progress {
    FILE *metrics;
    double started;
    struct pgr_rm_eval last;
};

static bool report(void *ctx, const struct pgr_rm_report *r) {
    struct progress *p = ctx;
    double seconds = pgr_now_s() - p->started;
    if (r->eval) {
        p->last = *r->eval;
        fprintf(p->metrics,
                "{\"epoch\":%zu,\"step\":%zu,\"eval_accuracy\":%.6g,\"eval_loss\":%.6g,\"eval_margin\":%.6g,"
                "\"eval_pairs\":%zu,\"eval_mean_reward\":%.6g,\"eval_std_reward\":%.6g,\"seconds\":%.1f}\n",
                r->epoch, r->step, r->eval->accuracy, r->eval->loss, r->eval->margin, r->eval->n, r->eval->mean_score,
                r->eval->std_score, seconds);
        if (r->eval->n)
            fprintf(
                stderr,
                "epoch %zu  held-out accuracy %.3f of %zu pairs  loss %.4f  margin %+.3f  score %.2f +- %.2f  %.0f s\n",
                r->epoch, r->eval->accuracy, r->eval->n, r->eval->loss, r->eval->margin, r->eval->mean_score,
                r->eval->std_score, seconds);
    } else {
        fprintf(p->metrics,
                "{\"epoch\":%zu,\"step\":%zu,\"loss\":%.6g,\"accuracy\":%.6g,\"grad_norm\":%.6g,\"learning_rate\":%.6g,"
                "\"tokens_per_second\":%.1f}\n",
                r->epoch, r->step, r->loss, r->accuracy, r->grad_norm, r->learning_rate, r->tokens_per_s);
        fprintf(stderr, "step %zu/%zu  loss %.4f  accuracy %.2f  grad %.2f  lr %.2e  %.0f tok/s\n", r->step, r->n_steps,
                r->loss, r->accuracy, r->grad_norm, r->learning_rate, r->tokens_per_s);
    }
    return !pgr_stop_asked();
}

static pgr_err train_into(const struct pgr_outdir *dir, const char *model_path, const struct pgr_pairs *pairs,
                          const struct pgr_rm_cfg *cfg, enum pgr_dtype dtype, struct pgr_rm_eval *result) {
    struct pgr_tok *tok = NULL;
    struct pgr_model *m = NULL;
    struct progress p = {.started = pgr_now_s()};
    char *metrics = pgr_path_join_dup(dir->temp_path, "rm_metrics.jsonl");
    const struct pgr_model_opts o = {.dtype = dtype, .train = true, .tie = true, .add_score = true, .seed = cfg->seed};
    pgr_err err = PGR_OK;
    if (!metrics) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && !(p.metrics = fopen(metrics, "we"))) err = pgr_fail(PGR_E_IO, "%s: cannot create", metrics);
    if (err == PGR_OK) err = pgr_tok_open(model_path, &tok);
    if (err == PGR_OK) err = pgr_model_load(model_path, &o, &m);
    if (err == PGR_OK) err = pgr_rm_train(m, tok, pairs, cfg, report, &p);
    if (err == PGR_OK) err = pgr_model_save(m, dir->temp_path, dtype, (size_t)5 << 30);
    if (err == PGR_OK) err = pgr_tok_save(tok, dir->temp_path);
    if (p.metrics && fclose(p.metrics) != 0 && err == PGR_OK) err = pgr_fail(PGR_E_IO, "%s: cannot write", metrics);
    *result = p.last;
    pgr_model_free(m);
    pgr_tok_close(tok);
    pgr_free(metrics);
    return err;
}

static pgr_err print_result(const char *output, const struct pgr_rm_eval *e) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *j = json_pack("{s:o, s:f, s:I}", "output", pgr_json_bytes(output, strlen(output)), "eval_accuracy",
                          e->accuracy, "eval_pairs", (json_int_t)e->n);
    pgr_err err = j ? pgr_json_dump(j, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    json_decref(j);
    return err;
}

static pgr_err run_train(int argc, char **argv) {
    const char *model = NULL, *pairs_path = NULL, *output = NULL, *dtype_name = "bf16";
    struct pgr_rm_cfg cfg = pgr_rm_defaults;
    double fraction = 0.1;
    size_t seed = cfg.seed;
    bool no_checkpointing = false;
    const struct pgr_opt opts[] = {
        {"model", PGR_OPT_STR, &model, 0, 0},
        {"pairs", PGR_OPT_STR, &pairs_path, 0, 0},
        {"output", PGR_OPT_STR, &output, 0, 0},
        {"dtype", PGR_OPT_STR, &dtype_name, 0, 0},
        {"learning-rate", PGR_OPT_REAL, &cfg.learning_rate, 0, 1},
        {"epochs", PGR_OPT_SIZE, &cfg.num_train_epochs, 1, 1000},
        {"batch-size", PGR_OPT_SIZE, &cfg.batch_size, 1, 4096},
        {"max-length", PGR_OPT_SIZE, &cfg.max_length, 8, 1 << 20},
        {"center-rewards-coefficient", PGR_OPT_REAL, &cfg.center_rewards_coefficient, 0, 100},
        {"warmup-ratio", PGR_OPT_REAL, &cfg.warmup_ratio, 0, 1},
        {"weight-decay", PGR_OPT_REAL, &cfg.weight_decay, 0, 1},
        {"max-grad-norm", PGR_OPT_REAL, &cfg.max_grad_norm, 0, 0},
        {"validation-fraction", PGR_OPT_REAL, &fraction, 0, 0.9},
        {"seed", PGR_OPT_SIZE, &seed, 0, 0},
        {"no-gradient-checkpointing", PGR_OPT_FLAG, &no_checkpointing, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!model || !pairs_path || !output) return pgr_fail(PGR_E_USAGE, "train needs --model, --pairs and --output");
    enum pgr_dtype dtype = PGR_BF16;
    PGR_TRY(parse_dtype(dtype_name, &dtype));
    cfg.seed = seed;
    cfg.gradient_checkpointing = !no_checkpointing;

    struct pgr_pairs pairs;
    struct pgr_outdir dir;
    char *path = NULL;
    PGR_TRY(pgr_pairs_load(pairs_path, &pairs));
    pgr_pairs_split(&pairs, fraction, cfg.seed);
    pgr_err err = pgr_model_path_resolve(model, &path);
    if (err == PGR_OK) err = pgr_outdir_open(output, &dir);
    if (err == PGR_OK) {
        struct pgr_rm_eval result;
        pgr_catch_signals();
        err = train_into(&dir, path, &pairs, &cfg, dtype, &result);
        if (err == PGR_OK)
            err = pgr_outdir_commit(&dir);
        else
            pgr_outdir_abandon(&dir);
        if (err == PGR_OK) err = print_result(output, &result);
    }
    pgr_free(path);
    pgr_pairs_free(&pairs);
    return err;
}

/* ---- score ------------------------------------------------------------------------------------------------------ */

enum { BATCH = 64 }; /* records scored at once */

struct record {
    char *prompt, *text[2]; /* text[1]: the rejected side of a pair, NULL otherwise */
    struct pgr_span reasoning[2];
};

struct scoring {
    struct pgr_scorer *scorer;
    struct record record[BATCH];
    size_t n, n_pairs, n_right;
};

static pgr_err flush(struct scoring *g) {
    struct pgr_score_item item[2 * BATCH];
    float score[2 * BATCH];
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < 2 && g->record[i].text[k]; k++)
            item[n++] =
                (struct pgr_score_item){g->record[i].prompt, g->record[i].reasoning[k].at, g->record[i].reasoning[k].n};
    pgr_err err = pgr_scorer_score(g->scorer, n, item, score);
    n = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct record *r = &g->record[i];
        if (err == PGR_OK && r->text[1]) {
            printf("{\"chosen\":%.9g,\"rejected\":%.9g,\"correct\":%s}\n", (double)score[n], (double)score[n + 1],
                   score[n] > score[n + 1] ? "true" : "false");
            g->n_pairs++;
            g->n_right += score[n] > score[n + 1];
            n += 2;
        } else if (err == PGR_OK) {
            printf("{\"score\":%.9g,\"reward\":%.9g}\n", (double)score[n], (double)pgr_score_bound(score[n]));
            n++;
        }
        pgr_free(r->prompt);
        pgr_free(r->text[0]);
        pgr_free(r->text[1]);
        *r = (struct record){0};
    }
    g->n = 0;
    return err;
}

static pgr_err add_text(struct record *r, size_t side, const char *text, bool is_completion) {
    r->text[side] = pgr_strdup(text);
    if (!r->text[side]) return pgr_fail(PGR_E_NOMEM, "out of memory");
    r->reasoning[side] = (struct pgr_span){r->text[side], strlen(text)};
    struct pgr_think t;
    if (!is_completion) return PGR_OK;
    pgr_think_parse(r->text[side], strlen(text), &t);
    if (t.has_think) r->reasoning[side] = t.think;
    return PGR_OK;
}

static pgr_err add_record(void *ctx, const char *where, json_t *obj) {
    struct scoring *g = ctx;
    const char *prompt, *a = NULL, *b = NULL;
    bool is_completion = false;
    PGR_TRY(pgr_json_str(obj, where, "prompt", &prompt));
    PGR_TRY(pgr_json_str_opt(obj, where, "reasoning", &a));
    if (!a) {
        PGR_TRY(pgr_json_str_opt(obj, where, "completion", &a));
        is_completion = a != NULL;
    }
    if (!a && json_object_get(obj, "chosen")) {
        PGR_TRY(pgr_json_str(obj, where, "chosen", &a));
        PGR_TRY(pgr_json_str(obj, where, "rejected", &b));
    }
    if (!a)
        return pgr_fail(PGR_E_FORMAT, "%s: needs \"reasoning\", \"completion\", or \"chosen\" and \"rejected\"", where);
    struct record *r = &g->record[g->n++];
    r->prompt = pgr_strdup(prompt);
    if (!r->prompt) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    PGR_TRY(add_text(r, 0, a, is_completion));
    if (b) PGR_TRY(add_text(r, 1, b, false));
    return g->n == BATCH ? flush(g) : PGR_OK;
}

static pgr_err run_score(int argc, char **argv) {
    const char *model = NULL, *dtype_name = "bf16";
    const struct pgr_opt opts[] = {{"model", PGR_OPT_STR, &model, 0, 0}, {"dtype", PGR_OPT_STR, &dtype_name, 0, 0}};
    struct pgr_str_list files;
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &files));
    if (!model) return pgr_fail(PGR_E_USAGE, "score needs --model");
    struct pgr_scorer_opts so = {0};
    PGR_TRY(parse_dtype(dtype_name, &so.dtype));
    char *path;
    PGR_TRY(pgr_model_path_resolve(model, &path));
    struct scoring g = {0};
    pgr_err err = pgr_scorer_open(path, &so, &g.scorer);
    if (err == PGR_OK) err = pgr_jsonl_each(files.item[0], add_record, &g);
    if (err == PGR_OK) err = flush(&g);
    if (err == PGR_OK && g.n_pairs)
        fprintf(stderr, "accuracy %.4f (%zu of %zu pairs)\n", (double)g.n_right / (double)g.n_pairs, g.n_right,
                g.n_pairs);
    for (size_t i = 0; i < g.n; i++) { /* left over after an error */
        pgr_free(g.record[i].prompt);
        pgr_free(g.record[i].text[0]);
        pgr_free(g.record[i].text[1]);
    }
    pgr_scorer_close(g.scorer);
    pgr_free(path);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    if (argc > 1 && strcmp(argv[1], "train") == 0) return run_train(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "score") == 0) return run_score(argc - 1, argv + 1);
    return pgr_fail(PGR_E_USAGE, "needs train or score; see pgrpo rm --help");
}

const struct pgr_command pgr_cmd_rm = {"rm", "reward models: train on pairs, score reasonings", help, run};
