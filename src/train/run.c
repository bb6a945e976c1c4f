/* run.c - a training run from its configuration: everything is checked, opened, trained, saved and closed here. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/size.h"
#include "train/checkpoint.h"
#include "train/plan.h"
#include "train/train.h"
#include "train/trainer.h"

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory"); }

bool pgr_trainer_stop_asked(const struct pgr_trainer *t) { return t->stop && t->stop(); }

double pgr_trainer_epoch(const struct pgr_trainer *t) {
    return (double)t->step / (double)(t->rounds_per_epoch * t->steps_per_round);
}

struct pgr_rollout pgr_trainer_rollout(struct pgr_trainer *t, const struct pgr_prompts *prompts, const char *what) {
    const struct pgr_train_config *c = &t->cfg;
    const struct pgr_config *m = &t->model->cfg;
    return (struct pgr_rollout){
        .model = t->model,
        .tok = t->tok,
        .sbx = t->sbx,
        .scorer = t->scorer,
        .prompts = prompts,
        .mode = (pgr_reward_mode)c->reward_mode,
        .score_all = c->score_all,
        .sampling = {.temperature = (float)c->temperature,
                     .top_k = c->top_k,
                     .top_p = (float)c->top_p,
                     .min_p = isnan(c->min_p) ? 0 : (float)c->min_p,
                     .repetition_penalty = (float)c->repetition_penalty,
                     .max_tokens = c->max_completion_length,
                     .stop_id = m->eos_id,
                     .n_stop_id = m->n_eos,
                     .seed = c->seed},
        .gen = {.max_batch = c->rollout_batch_size,
                .kv_bytes = c->kv_cache_mb << 20,
                .max_len = prompts->max_tok + c->max_completion_length},
        .limits = {.cpu_s = isnan(c->sandbox_cpu_s) ? 0 : c->sandbox_cpu_s,
                   .wall_s = isnan(c->sandbox_wall_s) ? 0 : c->sandbox_wall_s,
                   .memory_bytes = c->sandbox_memory_mb << 20},
        .stop = t->stop,
        .progress = &t->progress,
        .what = what,
    };
}

/* ---- sizes ---- */

pgr_err pgr_trainer_sizes(struct pgr_trainer *t, const struct pgr_config *model) {
    const struct pgr_train_config *c = &t->cfg;
    size_t prompt = pgr_max(t->train.max_tok, t->eval.max_tok);
    if (prompt + c->max_completion_length > model->max_position)
        return pgr_fail(PGR_E_RANGE,
                        "the longest prompt has %zu tokens and max_completion_length is %zu: together more than the "
                        "model's context of %zu",
                        prompt, c->max_completion_length, model->max_position);
    t->prompts_per_round = c->generation_batch_size / c->num_generations;
    if (t->train.n < t->prompts_per_round)
        return pgr_fail(PGR_E_RANGE,
                        "%s has %zu usable tasks, a round needs %zu (generation_batch_size %zu / num_generations %zu)",
                        c->train_file, t->train.n, t->prompts_per_round, c->generation_batch_size, c->num_generations);
    size_t update = pgr_train_update_batch(c);
    t->updates_per_round = c->generation_batch_size / update;
    t->steps_per_round = t->updates_per_round * c->num_iterations;
    t->rounds_per_epoch = t->train.n / t->prompts_per_round;
    double rounds = ceil(c->num_train_epochs * (double)t->rounds_per_epoch);
    t->total_steps = c->max_steps ? c->max_steps : (size_t)rounds * t->steps_per_round;
    t->warmup = c->warmup_steps > 0 ? c->warmup_steps : (size_t)ceil(c->warmup_ratio * (double)t->total_steps);
    size_t n = c->per_device_train_batch_size, prompts = pgr_div_up(n, c->num_generations), completions;
    if (!pgr_mul(n, c->max_completion_length, &completions) || completions > (size_t)1 << 24)
        return pgr_fail(PGR_E_RANGE,
                        "per_device_train_batch_size %zu completions of %zu tokens are more than the %zu tokens a pass "
                        "may hold",
                        n, c->max_completion_length, (size_t)1 << 24);
    t->max_tok = completions + prompts * t->train.max_tok;
    t->max_seg = pgr_min(t->max_tok, 2 * update);
    return PGR_OK;
}

/* ---- opening ---- */

static pgr_err load_prompts(struct pgr_trainer *t, const struct pgr_config *model) {
    const struct pgr_train_config *c = &t->cfg;
    struct pgr_prompts_opts o = {.split = c->train_split,
                                 .system = c->system_prompt,
                                 .template = c->prompt_template,
                                 .math_system = c->math_system_prompt,
                                 .math_template = c->math_prompt_template,
                                 .max_tok = c->max_prompt_length,
                                 .n_vocab = model->n_vocab,
                                 .drop_long = c->drop_long_prompts};
    PGR_TRY(pgr_prompts_load(c->train_file, t->tok, &o, &t->train));
    if (t->train.n_dropped > 0)
        pgr_log(PGR_LOG_WARN, "train", "dropped", "file=%s tasks=%zu why=\"prompt longer than %zu tokens\"",
                c->train_file, t->train.n_dropped, c->max_prompt_length);
    if (!c->eval_file || (c->eval_steps == 0 && !c->eval_on_start)) return PGR_OK;
    o.split = c->eval_split;
    o.max_tasks = c->max_eval_tasks;
    return pgr_prompts_load(c->eval_file, t->tok, &o, &t->eval);
}

static bool needs_scorer(const struct pgr_train_config *c) { return c->reward_mode != PGR_REWARD_GRPO || c->score_all; }

static pgr_err resolve(const struct pgr_train_opts *o, const char *name, char **path) {
    if (o->resolve) return o->resolve(name, path);
    *path = pgr_strdup(name);
    return *path ? PGR_OK : no_memory();
}

static pgr_err check_reward_model(struct pgr_trainer *t, const struct pgr_train_opts *o, struct pgr_config *reward) {
    if (!needs_scorer(&t->cfg)) return PGR_OK;
    PGR_TRY(resolve(o, t->cfg.reward_model_name_or_path, &t->reward_path));
    PGR_TRY(pgr_config_load(t->reward_path, reward));
    if (!reward->has_score)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: not a reward model: it has no score.weight (pgrpo rm train makes one)",
                        t->reward_path);
    const struct pgr_model_opts mo = {.dtype = PGR_BF16};
    return pgr_model_check(t->reward_path, &mo);
}

/* What can be known before anything large is opened; *reward is set if a reward model is needed. */
static pgr_err check_inputs(struct pgr_trainer *t, const struct pgr_train_opts *o, struct pgr_config *model,
                            struct pgr_config *reward) {
    PGR_TRY(resolve(o, t->cfg.model_name_or_path, &t->model_path));
    PGR_TRY(pgr_config_load(t->model_path, model));
    const struct pgr_model_opts mo = {.dtype = PGR_BF16, .train = true, .tie = t->cfg.tie_word_embeddings};
    PGR_TRY(pgr_model_check(t->model_path, &mo));
    if (t->cfg.tie_word_embeddings) model->tie_embeddings = true;
    if (model->has_score)
        return pgr_fail(PGR_E_UNSUPPORTED,
                        "%s: a reward model cannot write; model_name_or_path must be a language model", t->model_path);
    PGR_TRY(pgr_tok_open(t->model_path, &t->tok));
    if (!pgr_chat_family(t->tok))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: no chat template of a known family; train an instruct model",
                        t->model_path);
    if (model->n_eos == 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: no end-of-sequence token in config.json or generation_config.json",
                        t->model_path);
    PGR_TRY(load_prompts(t, model));
    PGR_TRY(pgr_trainer_sizes(t, model));
    return check_reward_model(t, o, reward);
}

static pgr_err open_sandbox(struct pgr_trainer *t) {
    const struct pgr_train_config *c = &t->cfg;
    const struct pgr_sbx_cfg sc = {.n_cells = c->sandbox_cells,
                                   .python = c->sandbox_python,
                                   .site_packages = c->sandbox_site_packages,
                                   .unsafe = c->sandbox_unsafe};
    return pgr_sbx_open(&sc, &t->sbx);
}

static pgr_err new_block(struct pgr_trainer *t, float **block) {
    *block = pgr_block_new(t->model->layout.n_elem * sizeof(float));
    return *block ? PGR_OK
                  : pgr_fail(PGR_E_NOMEM, "out of memory for a block of %zu parameters", t->model->layout.n_elem);
}

static pgr_err load_models(struct pgr_trainer *t) {
    const struct pgr_train_config *c = &t->cfg;
    enum pgr_dtype dtype = c->bf16 ? PGR_BF16 : PGR_F32;
    const struct pgr_model_opts mo = {.dtype = dtype, .train = true, .tie = c->tie_word_embeddings};
    PGR_TRY(pgr_model_load(t->model_path, &mo, &t->model));
    if (c->beta != 0) {
        const struct pgr_model_opts ro = {.dtype = dtype, .tie = c->tie_word_embeddings};
        PGR_TRY(pgr_model_load(t->model_path, &ro, &t->ref));
    }
    if (needs_scorer(c)) {
        const struct pgr_scorer_opts so = {.dtype = dtype, .uncalibrated = !c->reward_calibration};
        PGR_TRY(pgr_scorer_open(t->reward_path, &so, &t->scorer));
    }
    PGR_TRY(new_block(t, &t->grad));
    PGR_TRY(new_block(t, &t->exp_avg));
    PGR_TRY(new_block(t, &t->exp_avg_sq));
    const struct pgr_work_opts wo = {
        .max_tok = t->max_tok, .max_seg = t->max_seg, .train = true, .checkpoint = t->checkpoint};
    return pgr_work_new(t->model, &wo, &t->work);
}

static void free_block(const struct pgr_trainer *t, float *block) {
    if (block) pgr_block_free(block, t->model->layout.n_elem * sizeof(float));
}

static void close_all(struct pgr_trainer *t) {
    pgr_sbx_close(t->sbx);
    pgr_work_free(t->work);
    free_block(t, t->grad);
    free_block(t, t->exp_avg);
    free_block(t, t->exp_avg_sq);
    pgr_scorer_close(t->scorer);
    pgr_model_free(t->ref);
    pgr_model_free(t->model);
    pgr_prompts_free(&t->train);
    pgr_prompts_free(&t->eval);
    pgr_tok_close(t->tok);
    pgr_metrics_free(&t->metrics);
    pgr_free(t->config_text);
    pgr_free(t->completions_dir);
    pgr_free(t->model_path);
    pgr_free(t->reward_path);
    if (t->lock_fd >= 0) close(t->lock_fd);
    pgr_train_config_free(&t->cfg);
}

/* ---- output folder, checkpoints ---- */

static pgr_err join(const char *dir, const char *name, char **out) {
    *out = pgr_path_join_dup(dir, name);
    return *out ? PGR_OK : no_memory();
}

/* One run at a time writes into a folder. The lock goes with the process, however it ends. */
static pgr_err lock_output(struct pgr_trainer *t) {
    char *path;
    PGR_TRY(join(t->cfg.output_dir, ".pgrpo.lock", &path));
    t->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    pgr_err err = PGR_OK;
    if (t->lock_fd < 0)
        err = pgr_fail(PGR_E_IO, "%s: cannot create: %s", path, strerror(errno));
    else if (flock(t->lock_fd, LOCK_EX | LOCK_NB) != 0)
        err = pgr_fail(PGR_E_IO, "%s: another pgrpo train is writing there", t->cfg.output_dir);
    pgr_free(path);
    return err;
}

static void warn_disk(const struct pgr_trainer *t, const struct pgr_config *model) {
    struct statvfs fs;
    if (t->cfg.save_steps == 0 || statvfs(t->cfg.output_dir, &fs) != 0) return;
    double free_bytes = (double)fs.f_bavail * (double)fs.f_frsize, one = 14 * (double)pgr_param_count(model);
    /* A new checkpoint is written before the oldest goes. */
    double need = one * (double)(t->cfg.save_total_limit + 1);
    if (free_bytes < need)
        pgr_log(PGR_LOG_WARN, "train", "disk", "free_gb=%.2f needed_gb=%.2f checkpoints=%zu folder=%s",
                free_bytes / 1e9, need / 1e9, t->cfg.save_total_limit + 1, t->cfg.output_dir);
}

static pgr_err prepare_output(struct pgr_trainer *t, bool resume, const struct pgr_config *model) {
    const char *dir = t->cfg.output_dir;
    PGR_TRY(pgr_mkdirs(dir));
    PGR_TRY(lock_output(t));
    char *latest;
    size_t step;
    PGR_TRY(pgr_checkpoint_latest_dup(dir, &latest, &step));
    bool exists = latest != NULL;
    pgr_free(latest);
    if (exists && !resume)
        return pgr_fail(PGR_E_USAGE, "%s holds checkpoint-%zu: --resume goes on from it; or choose another output_dir",
                        dir, step);
    PGR_TRY(pgr_checkpoint_clean(dir));
    PGR_TRY(join(dir, "completions", &t->completions_dir));
    if (t->cfg.log_completions) PGR_TRY(pgr_mkdirs(t->completions_dir));
    warn_disk(t, model);
    struct pgr_buf text = PGR_BUF_INIT;
    pgr_conf_dump(pgr_train_keys, pgr_train_n_keys, &t->cfg, &text);
    if (!(t->config_text = pgr_buf_steal(&text))) return no_memory();
    char *path;
    PGR_TRY(join(dir, "train_config.yaml", &path));
    pgr_err err = pgr_file_write_atomic(path, t->config_text, strlen(t->config_text));
    pgr_free(path);
    return err;
}

static struct pgr_checkpoint checkpoint_of(const struct pgr_trainer *t) {
    return (struct pgr_checkpoint){t->model, t->tok, t->exp_avg, t->exp_avg_sq};
}

pgr_err pgr_trainer_save(struct pgr_trainer *t) {
    const struct pgr_checkpoint c = checkpoint_of(t);
    json_t *state = pgr_metrics_state(&t->metrics);
    int bad = state == NULL;
    bad |= json_object_set_new(state, "global_step", json_integer((json_int_t)t->step));
    bad |= json_object_set_new(state, "round", json_integer((json_int_t)t->round));
    bad |= json_object_set_new(state, "max_steps", json_integer((json_int_t)t->total_steps));
    bad |= json_object_set_new(state, "epoch", json_real(pgr_trainer_epoch(t)));
    bad |= json_object_set_new(state, "num_tokens", json_real(t->num_tokens));
    bad |= json_object_set_new(state, "eval_due", json_boolean(t->eval_due));
    pgr_progress_clear(&t->progress);
    double t0 = pgr_now_s();
    pgr_err err = bad ? no_memory() : pgr_checkpoint_save(&c, t->cfg.output_dir, t->step, state, t->config_text);
    json_decref(state);
    if (err != PGR_OK) return err;
    t->saved_step = t->step;
    pgr_log(PGR_LOG_INFO, "train", "saved", "checkpoint=%s/checkpoint-%zu seconds=%.1f", t->cfg.output_dir, t->step,
            pgr_now_s() - t0);
    return pgr_checkpoint_prune(t->cfg.output_dir, t->cfg.save_total_limit, t->step);
}

static pgr_err read_counters(struct pgr_trainer *t, const char *path, const json_t *state) {
    PGR_TRY(pgr_json_size(state, path, "global_step", 0, (size_t)1 << 40, &t->step));
    PGR_TRY(pgr_json_size(state, path, "round", 0, UINT32_MAX, &t->round));
    PGR_TRY(pgr_json_real(state, path, "num_tokens", &t->num_tokens));
    return pgr_json_bool_opt(state, path, "eval_due", &t->eval_due);
}

/* A run that goes on under another configuration is allowed, but it is not the unbroken run: say so. */
static void warn_changed_config(const struct pgr_trainer *t, const char *checkpoint) {
    char *path = pgr_path_join_dup(checkpoint, "train_config.yaml");
    struct pgr_buf old = PGR_BUF_INIT;
    if (path && pgr_file_read(path, 1 << 20, &old) == PGR_OK && strcmp(pgr_buf_str(&old), t->config_text) != 0)
        pgr_log(PGR_LOG_WARN, "train", "config",
                "the configuration differs from %s: the run will not be the one that an unbroken run gives", path);
    pgr_buf_free(&old);
    pgr_free(path);
}

static pgr_err restore(struct pgr_trainer *t, const char *metrics_path) {
    char *path;
    size_t step;
    PGR_TRY(pgr_checkpoint_latest_dup(t->cfg.output_dir, &path, &step));
    if (!path) {
        pgr_log(PGR_LOG_WARN, "train", "resume", "%s holds no checkpoint: starting from the beginning",
                t->cfg.output_dir);
        return pgr_metrics_init(&t->metrics, metrics_path, NULL);
    }
    const struct pgr_checkpoint c = checkpoint_of(t);
    json_t *state = NULL;
    pgr_err err = pgr_checkpoint_load(path, &c, &state);
    if (err == PGR_OK) err = read_counters(t, path, state);
    if (err == PGR_OK && t->step != step)
        err = pgr_fail(PGR_E_FORMAT, "%s: trainer_state.json is of step %zu", path, t->step);
    if (err == PGR_OK) err = pgr_metrics_init(&t->metrics, metrics_path, state);
    if (err == PGR_OK) {
        t->saved_step = step;
        warn_changed_config(t, path);
        pgr_log(PGR_LOG_INFO, "train", "resume", "from=%s steps_left=%zu", path,
                t->total_steps > step ? t->total_steps - step : 0);
    }
    json_decref(state);
    pgr_free(path);
    return err;
}

static pgr_err start_state(struct pgr_trainer *t, bool resume) {
    char *path;
    PGR_TRY(join(t->cfg.output_dir, "metrics.jsonl", &path));
    pgr_err err = resume ? restore(t, path) : pgr_metrics_init(&t->metrics, path, NULL);
    pgr_free(path);
    return err;
}

/* ---- the run ---- */

static void describe(const struct pgr_trainer *t, const struct pgr_config *model, struct pgr_buf *out) {
    const struct pgr_train_config *c = &t->cfg;
    pgr_buf_addf(out, "model: %s, %s, %.1fM parameters, context %zu, compute in %s\n", c->model_name_or_path,
                 pgr_arch_name(model->arch), (double)pgr_param_count(model) / 1e6, model->max_position,
                 c->bf16 ? "bfloat16" : "float32");
    pgr_buf_addf(out, "tasks: %zu to train on, %zu to evaluate on, longest prompt %zu tokens\n", t->train.n, t->eval.n,
                 pgr_max(t->train.max_tok, t->eval.max_tok));
    pgr_buf_addf(out, "round: %zu prompts x %zu completions of at most %zu tokens, %zu update(s)\n",
                 t->prompts_per_round, c->num_generations, c->max_completion_length, t->steps_per_round);
    pgr_buf_addf(out, "run: %zu updates, %.2f epochs, checkpoints of %.2f GB\n", t->total_steps,
                 (double)t->total_steps / (double)(t->rounds_per_epoch * t->steps_per_round),
                 14 * (double)pgr_param_count(model) / 1e9);
}

static pgr_err finish(struct pgr_trainer *t, struct pgr_buf *report, json_t **result) {
    PGR_TRY(pgr_save_hf_folder(t->model, t->tok, t->cfg.output_dir));
    pgr_buf_addf(report, "trained %zu updates; the model is in %s\n", t->step, t->cfg.output_dir);
    const json_t *history = t->metrics.history;
    json_t *last = json_array_get(history, json_array_size(history) ? json_array_size(history) - 1 : 0);
    *result = json_pack("{s:I, s:s, s:f, s:O?}", "steps", (json_int_t)t->step, "output_dir", t->cfg.output_dir,
                        "num_tokens", t->num_tokens, "last_row", last);
    return *result ? pgr_buf_ok(report) : no_memory();
}

static pgr_err train(struct pgr_trainer *t, struct pgr_buf *report, json_t **result) {
    pgr_err err = pgr_trainer_loop(t);
    if (err == PGR_OK) return finish(t, report, result);
    if (err != PGR_E_INTERRUPTED) return err;
    if (t->step > 0 && t->saved_step != t->step) PGR_TRY(pgr_trainer_save(t));
    if (t->saved_step == SIZE_MAX) return pgr_fail(PGR_E_INTERRUPTED, "interrupted before the first update");
    return pgr_fail(PGR_E_INTERRUPTED, "interrupted after step %zu; --resume goes on from %s/checkpoint-%zu", t->step,
                    t->cfg.output_dir, t->saved_step);
}

/* The plan; gradient checkpointing where it is asked for, or, left to itself, where memory is short without it. What is
 * free now must also hold the rest of the program, hence a fifth in reserve. */
static void plan_memory(struct pgr_trainer *t, const struct pgr_config *model, const struct pgr_config *reward,
                        struct pgr_train_plan *plan) {
    t->checkpoint = t->cfg.gradient_checkpointing == PGR_CHECKPOINTING_ON;
    pgr_train_plan_make(t, model, reward, plan);
    if (t->cfg.gradient_checkpointing != PGR_CHECKPOINTING_AUTO || plan->total_bytes <= 0.8 * plan->available_bytes)
        return;
    t->checkpoint = true;
    pgr_train_plan_make(t, model, reward, plan);
}

static pgr_err run(struct pgr_trainer *t, const struct pgr_train_opts *o, struct pgr_buf *report, json_t **result) {
    struct pgr_config model, reward;
    PGR_TRY(check_inputs(t, o, &model, &reward));
    struct pgr_train_plan plan;
    plan_memory(t, &model, needs_scorer(&t->cfg) ? &reward : NULL, &plan);
    PGR_TRY(pgr_train_plan_check(&plan));
    if (!o->dry_run) PGR_TRY(prepare_output(t, o->resume, &model));
    PGR_TRY(open_sandbox(t));
    PGR_TRY(load_models(t));
    if (o->dry_run) {
        describe(t, &model, report);
        pgr_train_plan_print(&plan, report);
        return pgr_train_trial(t, report, result);
    }
    PGR_TRY(start_state(t, o->resume));
    return train(t, report, result);
}

pgr_err pgr_train(const char *config_path, const char *const *set, size_t n_set, const struct pgr_train_opts *opts,
                  struct pgr_buf *report, json_t **result) {
    struct pgr_trainer *t = pgr_alloc_zero(1, sizeof *t);
    if (!t) return no_memory();
    t->lock_fd = -1;
    t->saved_step = SIZE_MAX;
    t->stop = opts->stop;
    pgr_err err = pgr_train_config_load(config_path, set, n_set, &t->cfg);
    if (err == PGR_OK) {
        pgr_progress_init(&t->progress);
        err = run(t, opts, report, result);
        close_all(t);
    }
    pgr_free(t);
    return err;
}
