/* config.h - the configuration of `pgrpo train`: keys named as in TRL (see docs/config.md). */
#ifndef PGR_TRAIN_CONFIG_H
#define PGR_TRAIN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "train/conf.h"

enum pgr_lr_schedule { PGR_LR_LINEAR, PGR_LR_COSINE, PGR_LR_CONSTANT, PGR_LR_CONSTANT_WITH_WARMUP };
enum pgr_loss_type { PGR_LOSS_GRPO, PGR_LOSS_BNPO, PGR_LOSS_DR_GRPO, PGR_LOSS_DAPO };
enum pgr_scale_rewards { PGR_SCALE_GROUP, PGR_SCALE_BATCH, PGR_SCALE_NONE };
enum pgr_kl_estimator { PGR_KL_K1, PGR_KL_K2, PGR_KL_K3 };

enum pgr_checkpointing { PGR_CHECKPOINTING_AUTO, PGR_CHECKPOINTING_ON, PGR_CHECKPOINTING_OFF };

/* Fields have the names of their keys. Strings are owned; see pgr_train_config_free. */
struct pgr_train_config {
    /* model and data */
    char *model_name_or_path, *output_dir, *train_file, *train_split, *eval_file, *eval_split;
    char *system_prompt, *prompt_template, *math_system_prompt, *math_prompt_template;
    bool tie_word_embeddings, bf16, drop_long_prompts;
    size_t max_prompt_length, max_completion_length;
    /* reward */
    int reward_mode; /* enum pgr_reward_mode */
    char *reward_model_name_or_path;
    bool reward_calibration, score_all;
    /* sampling */
    size_t num_generations, top_k, rollout_batch_size, kv_cache_mb;
    double temperature, top_p, min_p, repetition_penalty;
    /* batches and steps */
    size_t per_device_train_batch_size, gradient_accumulation_steps, generation_batch_size, max_steps, num_iterations;
    double num_train_epochs;
    /* loss */
    int loss_type, scale_rewards, kl_estimator;
    double epsilon, epsilon_high, delta, beta;
    bool use_bias_correction_kl, mask_truncated_completions, skip_zero_advantages;
    /* optimiser */
    double learning_rate, warmup_ratio, weight_decay, adam_beta1, adam_beta2, adam_epsilon, max_grad_norm;
    int lr_scheduler_type;
    size_t warmup_steps;
    int gradient_checkpointing; /* enum pgr_checkpointing */
    /* run */
    size_t seed, logging_steps, save_steps, save_total_limit, eval_steps, num_eval_samples, max_eval_tasks;
    double eval_temperature;
    bool eval_on_start, eval_greedy, log_completions;
    /* sandbox */
    size_t sandbox_cells, sandbox_memory_mb;
    double sandbox_cpu_s, sandbox_wall_s;
    char *sandbox_python, *sandbox_site_packages;
    bool sandbox_unsafe;
};

/* The table behind all of it, for documentation and tests. */
extern const struct pgr_conf_key pgr_train_keys[];
extern const size_t pgr_train_n_keys;

/* Defaults, then the file, then the overrides ("key=value"), then pgr_train_config_check. On failure *out holds
 * nothing that needs freeing. */
PGR_MUST_CHECK pgr_err pgr_train_config_load(const char *path, const char *const *set, size_t n_set,
                                             struct pgr_train_config *out);
/* What must hold between keys; fills in the values that follow from others (epsilon_high, generation_batch_size).
 * `path` names the file in messages. PGR_E_RANGE, PGR_E_FORMAT (a needed key is missing). */
PGR_MUST_CHECK pgr_err pgr_train_config_check(const char *path, struct pgr_train_config *c);
void pgr_train_config_free(struct pgr_train_config *c);

/* Completions of one optimiser update: per_device_train_batch_size * gradient_accumulation_steps. */
size_t pgr_train_update_batch(const struct pgr_train_config *c);

#endif
