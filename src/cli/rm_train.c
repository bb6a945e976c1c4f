/* rm_train.c - pgrpo rm train. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/ram.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/inspect.h"
#include "cli/rm.h"
#include "pref/calibrate.h"
#include "pref/rm_curve.h"
#include "pref/rm_train.h"

static const double LORA_LEARNING_RATE = 1e-4; /* what TRL uses for reward models */

struct run {
    const struct pgr_outdir *dir;
    const struct pgr_pairs *pairs;
    const struct pgr_rm_cfg *cfg;
    const char *model_name; /* as given */
    enum pgr_dtype dtype;
    pgr_calibrate_method method;
    bool keep_last;

    struct pgr_tok *tok;
    struct pgr_model *model;
    FILE *metrics;
    double started;
    struct pgr_rm_eval kept; /* of the model saved; n == 0: nothing was held out */
    size_t kept_step;
    bool saved, calibrated;
    struct pgr_calibration calibration;
    pgr_err err; /* of the report function */
};

static pgr_err save_adapter(const struct run *g, const struct pgr_lora *lora) {
    char *path = pgr_path_join_dup(g->dir->temp_path, "adapter");
    pgr_err err = path ? pgr_lora_save(lora, path, g->model_name) : pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_free(path);
    return err;
}

/* Writes the model as it is, and how its scores become rewards. */
static pgr_err save(struct run *g, const struct pgr_rm_report *r) {
    g->kept = *r->eval;
    g->kept_step = r->step;
    g->saved = true;
    PGR_TRY(pgr_calibration_remove(g->dir->temp_path)); /* of an earlier evaluation */
    g->calibrated = false;
    PGR_TRY(pgr_model_save(g->model, g->dir->temp_path, g->dtype, (size_t)5 << 30));
    if (r->lora) PGR_TRY(save_adapter(g, r->lora));
    if (g->method == PGR_CALIBRATE_OFF || r->held->n == 0) return PGR_OK;
    pgr_err err = pgr_calibrate_fit(g->method, r->held->n, r->held->chosen, r->held->rejected, &g->calibration);
    g->calibrated = err == PGR_OK;
    if (err == PGR_OK) return pgr_calibration_save(g->dir->temp_path, g->method, r->held->n, &g->calibration);
    if (err != PGR_E_RANGE) return err;
    pgr_log(PGR_LOG_WARN, "rm", "calibration", "left out, R_t is the sigmoid of the score: %s", pgr_err_detail());
    return PGR_OK;
}

static pgr_err write_row(struct run *g, const struct pgr_rm_report *r) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *row = pgr_rm_curve_row(r, g->pairs, pgr_now_s() - g->started);
    pgr_err err = row ? pgr_json_dump(row, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK && (fprintf(g->metrics, "%s\n", pgr_buf_str(&b)) < 0 || fflush(g->metrics) != 0))
        err = pgr_fail(PGR_E_IO, "%s/rm_metrics.jsonl: cannot write", g->dir->temp_path);
    pgr_buf_free(&b);
    json_decref(row);
    return err;
}

static void print_line(const struct run *g, const struct pgr_rm_report *r) {
    const struct pgr_rm_eval *e = r->eval;
    if (!e)
        fprintf(stderr, "step %zu/%zu  loss %.4f  accuracy %.2f  grad %.2f  lr %.2e  %.0f tok/s\n", r->step, r->n_steps,
                r->loss, r->accuracy, r->grad_norm, r->learning_rate, r->tokens_per_s);
    else if (e->n)
        fprintf(stderr,
                "epoch %zu step %zu  held-out accuracy %.3f of %zu pairs  loss %.4f%s  margin %+.3f  score %.2f +- %.2f"
                "  %.0f s\n",
                r->epoch, r->step, e->accuracy, e->n, e->loss, r->improved ? " (best)" : "", e->margin, e->mean_score,
                e->std_score, pgr_now_s() - g->started);
}

static bool report(void *ctx, const struct pgr_rm_report *r) {
    struct run *g = ctx;
    if (r->step == 0 && r->n_dropped)
        fprintf(stderr, "%zu of %zu pairs are longer than --max-length %zu and left out\n", r->n_dropped, g->pairs->n,
                g->cfg->max_length);
    print_line(g, r);
    g->err = write_row(g, r);
    if (g->err == PGR_OK && r->eval && r->step > 0 && (r->improved || g->keep_last)) g->err = save(g, r);
    return g->err == PGR_OK && !pgr_stop_asked();
}

/* Said before the run, not by a failed allocation or the kernel in the midst of it. */
static pgr_err check_memory(const struct pgr_rm_cfg *cfg, const char *model_path) {
    const struct pgr_scale scale = {.sequences = 1, .length = cfg->max_length, .batch_tokens = cfg->max_batch_tokens};
    struct pgr_config config;
    struct pgr_plan plan;
    PGR_TRY(pgr_config_load(model_path, &config));
    PGR_TRY(pgr_plan_memory(&config, &scale, &plan));
    size_t need = (cfg->gradient_checkpointing ? plan.reward_training_checkpointed : plan.reward_training).total;
    if (cfg->lora.rank) need -= pgr_min(need, pgr_lora_saved_bytes(&config, cfg->lora.rank));
    return pgr_ram_check(model_path, "reward-model training", (double)need,
                         cfg->gradient_checkpointing ? "" : "; leave out --no-gradient-checkpointing");
}

static pgr_err train_into(struct run *g, const char *model_path) {
    char *metrics = pgr_path_join_dup(g->dir->temp_path, "rm_metrics.jsonl");
    const struct pgr_model_opts o = {
        .dtype = g->dtype, .train = true, .tie = true, .add_score = true, .seed = g->cfg->seed};
    pgr_err err = check_memory(g->cfg, model_path);
    g->started = pgr_now_s();
    if (err == PGR_OK && !metrics) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && !(g->metrics = fopen(metrics, "we"))) err = pgr_fail(PGR_E_IO, "%s: cannot create", metrics);
    if (err == PGR_OK) err = pgr_tok_open(model_path, &g->tok);
    if (err == PGR_OK) err = pgr_model_load(model_path, &o, &g->model);
    if (err == PGR_OK) err = pgr_rm_train(g->model, g->tok, g->pairs, g->cfg, report, g);
    if (err == PGR_E_INTERRUPTED && g->err != PGR_OK) err = g->err;
    if (err == PGR_OK && !g->saved) err = pgr_fail(PGR_E_FINITE, "no held-out loss was a number: nothing to keep");
    if (err == PGR_OK) err = pgr_tok_save(g->tok, g->dir->temp_path);
    if (g->metrics && fclose(g->metrics) != 0 && err == PGR_OK) err = pgr_fail(PGR_E_IO, "%s: cannot write", metrics);
    pgr_model_free(g->model);
    pgr_tok_close(g->tok);
    pgr_free(metrics);
    return err;
}

static pgr_err print_result(const char *output, const struct run *g) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *calibration = g->calibrated
                              ? json_pack("{s:s, s:f, s:f}", "method", pgr_calibrate_name(g->method), "temperature",
                                          g->calibration.temperature, "offset", g->calibration.offset)
                              : json_null();
    bool held = g->kept.n > 0; /* else nothing was measured */
    json_t *j = json_pack("{s:o, s:o, s:o, s:I, s:I, s:o}", "output", pgr_json_bytes(output, strlen(output)),
                          "eval_accuracy", held ? json_real(g->kept.accuracy) : json_null(), "eval_loss",
                          held ? json_real(g->kept.loss) : json_null(), "eval_pairs", (json_int_t)g->kept.n, "step",
                          (json_int_t)g->kept_step, "calibration", calibration);
    pgr_err err = j ? pgr_json_dump(j, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    json_decref(j);
    return err;
}

/* A folder that is replaced must be one that this command, or another of its kind, has made. */
static pgr_err check_output(const char *output) {
    DIR *d = opendir(output);
    if (!d) return PGR_OK; /* new, or an error that making it will tell */
    bool empty = true;
    for (struct dirent *e; empty && (e = readdir(d)) != NULL;)
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    closedir(d);
    if (empty) return PGR_OK;
    char *config = pgr_path_join_dup(output, "config.json");
    if (!config) return pgr_fail(PGR_E_NOMEM, "out of memory");
    bool model = pgr_file_exists(config);
    pgr_free(config);
    return model ? PGR_OK
                 : pgr_fail(PGR_E_USAGE,
                            "%s: holds files and is no model folder; only a model folder is replaced, "
                            "name another",
                            output);
}

pgr_err pgr_rm_run_train(int argc, char **argv) {
    const char *model = NULL, *pairs_path = NULL, *output = NULL, *dtype_name = "bf16";
    struct pgr_rm_cfg cfg = pgr_rm_defaults;
    cfg.learning_rate = -1; /* not given */
    double fraction = 0.1;
    size_t seed = cfg.seed;
    const char *method = "spread", *grades = NULL;
    bool no_checkpointing = false, keep_last = false;
    const struct pgr_opt opts[] = {
        {"model", PGR_OPT_STR, &model, 0, 0},
        {"pairs", PGR_OPT_STR, &pairs_path, 0, 0},
        {"grades", PGR_OPT_STR, &grades, 0, 0},
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
        {"eval-steps", PGR_OPT_SIZE, &cfg.eval_steps, 0, 0},
        {"early-stopping-patience", PGR_OPT_SIZE, &cfg.early_stopping_patience, 0, 0},
        {"keep-last", PGR_OPT_FLAG, &keep_last, 0, 0},
        {"calibration", PGR_OPT_STR, &method, 0, 0},
        {"lora-r", PGR_OPT_SIZE, &cfg.lora.rank, 0, 1024},
        {"lora-alpha", PGR_OPT_REAL, &cfg.lora.alpha, 0, 1e6},
        {"seed", PGR_OPT_SIZE, &seed, 0, 0},
        {"no-gradient-checkpointing", PGR_OPT_FLAG, &no_checkpointing, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!model || !pairs_path || !output) return pgr_fail(PGR_E_USAGE, "train needs --model, --pairs and --output");
    enum pgr_dtype dtype = PGR_BF16;
    PGR_TRY(pgr_rm_parse_dtype(dtype_name, &dtype));
    PGR_TRY(check_output(output));
    if (cfg.learning_rate < 0) cfg.learning_rate = cfg.lora.rank ? LORA_LEARNING_RATE : pgr_rm_defaults.learning_rate;
    if (cfg.lora.alpha > 0 && cfg.lora.rank == 0)
        return pgr_fail(PGR_E_USAGE, "--lora-alpha needs --lora-r, the rank of the adapters");
    cfg.seed = seed;
    cfg.grades = grades != NULL;
    cfg.gradient_checkpointing = !no_checkpointing;

    struct run g = {.cfg = &cfg, .model_name = model, .dtype = dtype, .keep_last = keep_last};
    PGR_TRY(pgr_calibrate_parse(method, &g.method));
    struct pgr_pairs pairs;
    struct pgr_outdir dir;
    char *path = NULL;
    PGR_TRY(pgr_pairs_load(pairs_path, &pairs));
    pgr_pairs_split(&pairs, fraction, cfg.seed);
    size_t n_all = pairs.n, ungraded = 0;
    pgr_err err = grades ? pgr_pairs_grade(&pairs, grades, &ungraded) : PGR_OK;
    if (err == PGR_OK && ungraded)
        fprintf(stderr, "%zu of %zu pairs have no two grades and are left out\n", ungraded, n_all);
    if (err == PGR_OK) err = pgr_model_path_resolve(model, &path);
    if (err == PGR_OK) err = pgr_outdir_open(output, &dir);
    if (err == PGR_OK) {
        g.dir = &dir;
        g.pairs = &pairs;
        pgr_catch_signals();
        err = train_into(&g, path);
        if (err == PGR_OK)
            err = pgr_outdir_commit(&dir);
        else
            pgr_outdir_abandon(&dir);
        if (err == PGR_OK) err = print_result(output, &g);
    }
    pgr_free(path);
    pgr_pairs_free(&pairs);
    return err;
}
