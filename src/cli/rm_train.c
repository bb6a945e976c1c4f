/* rm_train.c - pgrpo rm train. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/rm.h"
#include "pref/rm_train.h"

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

pgr_err pgr_rm_run_train(int argc, char **argv) {
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
    PGR_TRY(pgr_rm_parse_dtype(dtype_name, &dtype));
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
