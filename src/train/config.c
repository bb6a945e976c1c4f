/* config.c - the table of keys and what must hold between them. */
#include "train/config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"

/* The example is worth its tokens: with it a 0.5B model keeps to the form in most of its first answers, and writes
 * less. */
#define SYSTEM_PROMPT                                                                                                  \
    "You are a careful Python programmer. You first think, then write code. Answer in exactly this form and write "    \
    "nothing outside of it:\n"                                                                                         \
    "<think>\nyour reasoning about the task, in a few sentences\n</think>\n"                                           \
    "<answer>\nthe complete Python code\n</answer>\n\n"                                                                \
    "For example, asked for a function `is_even(n: int) -> bool` that tells whether n is even, you answer:\n"          \
    "<think>\nA number is even when it leaves no remainder on division by 2. That holds for zero and for negative "    \
    "numbers too, so one comparison is enough.\n</think>\n"                                                            \
    "<answer>\ndef is_even(n: int) -> bool:\n    return n % 2 == 0\n</answer>"
#define PROMPT_TEMPLATE                                                                                                \
    "{prompt}\nThink in a few sentences inside <think> </think>, then write the complete Python code inside "          \
    "<answer> </answer>."

#define MATH_SYSTEM_PROMPT                                                                                             \
    "You are a careful mathematician. You first think, then answer. Answer in exactly this form and write nothing "    \
    "outside of it:\n"                                                                                                 \
    "<think>\nyour reasoning, step by step\n</think>\n"                                                                \
    "<answer>\n\\boxed{the final answer alone}\n</answer>"
#define MATH_PROMPT_TEMPLATE                                                                                           \
    "{prompt}\nThink step by step inside <think> </think>, then write the final answer as \\boxed{} inside "           \
    "<answer> </answer>."

static const char *const schedules[] = {"linear", "cosine", "constant", "constant_with_warmup", NULL};
static const char *const losses[] = {"grpo", "bnpo", "dr_grpo", "dapo", NULL};
static const char *const scales[] = {"group", "batch", "none", NULL};
static const char *const estimators[] = {"k1", "k2", "k3", NULL};
static const char *const recompute[] = {"auto", "true", "false", NULL};
static const char *const modes[] = {"p-grpo", "grpo", "ungated", NULL};

#define AT(f) offsetof(struct pgr_train_config, f)
#define STR(f, def, text)                                                                                              \
    { .name = #f, .kind = PGR_CONF_STR, .offset = AT(f), .initial = def, .nullable = true, .help = text }
#define SIZE(f, def, lo, hi, text)                                                                                     \
    { .name = #f, .kind = PGR_CONF_SIZE, .offset = AT(f), .initial = def, .min = lo, .max = hi, .help = text }
#define SIZE_NULL(f, def, lo, hi, text)                                                                                \
    {                                                                                                                  \
        .name = #f, .kind = PGR_CONF_SIZE, .offset = AT(f), .initial = def, .min = lo, .max = hi, .nullable = true,    \
        .help = text                                                                                                   \
    }
#define REAL(f, def, lo, lo_open, hi, hi_open, text)                                                                   \
    {                                                                                                                  \
        .name = #f, .kind = PGR_CONF_REAL, .offset = AT(f), .initial = def, .min = lo, .min_open = lo_open, .max = hi, \
        .max_open = hi_open, .help = text                                                                              \
    }
#define REAL_NULL(f, def, lo, lo_open, hi, text)                                                                       \
    {                                                                                                                  \
        .name = #f, .kind = PGR_CONF_REAL, .offset = AT(f), .initial = def, .min = lo, .min_open = lo_open, .max = hi, \
        .nullable = true, .help = text                                                                                 \
    }
#define BOOL(f, def, text)                                                                                             \
    { .name = #f, .kind = PGR_CONF_BOOL, .offset = AT(f), .initial = def, .help = text }
#define ENUM(f, def, list, text)                                                                                       \
    { .name = #f, .kind = PGR_CONF_ENUM, .offset = AT(f), .initial = def, .names = list, .help = text }

/* clang-format off */
const struct pgr_conf_key pgr_train_keys[] = {
    STR(model_name_or_path, "null", "The model to train: a Hugging Face folder or a GGUF file. Needed."),
    STR(output_dir, "null", "Where checkpoints, metrics, completions and the final model go. Needed."),
    STR(train_file, "null", "Tasks to train on (JSONL, see docs/formats.md). Needed."),
    STR(train_split, "null", "Use only the records whose `split` is this; null: all."),
    STR(eval_file, "null", "Tasks to evaluate on; null: no evaluation."),
    STR(eval_split, "null", "As train_split, for eval_file."),
    STR(system_prompt, SYSTEM_PROMPT, "The system message; null: none (the chat template may add its own)."),
    STR(prompt_template, PROMPT_TEMPLATE, "The user message; `{prompt}` and `{entry_point}` are replaced by the task's."),
    STR(math_system_prompt, MATH_SYSTEM_PROMPT, "As system_prompt, for tasks with an `answer` instead of tests."),
    STR(math_prompt_template, MATH_PROMPT_TEMPLATE, "As prompt_template, for tasks with an `answer` instead of tests."),
    BOOL(tie_word_embeddings, "false", "Tie the output matrix to the embedding although the file stores one of its own."),
    BOOL(bf16, "true", "Compute in bfloat16 (master weights stay float32); false: all in float32, for parity tests."),
    SIZE(max_prompt_length, "1024", 1, 1e6, "Longest prompt in tokens, template included."),
    SIZE(max_completion_length, "512", 1, 1e6, "Longest completion in tokens."),
    BOOL(drop_long_prompts, "false", "Leave out tasks whose prompt is longer than max_prompt_length instead of refusing to start."),
    ENUM(reward_mode, "p-grpo", modes, "Which reward: p-grpo = R_f + R_o + R_o R_t, grpo = R_f + R_o, ungated = R_f + R_o + R_t."),
    STR(reward_model_name_or_path, "null", "Sequence-classification folder that scores the reasoning. Needed for p-grpo and ungated."),
    BOOL(reward_calibration, "true", "R_t = sigmoid((score - offset) / temperature) with the numbers that the reward model's folder holds (docs/reward_models.md); false, or none there: sigmoid(score)."),
    BOOL(score_all, "false", "Let the reward model read every reasoning, also where the reward does not use its score: for the metrics (thinking/outcome_corr), and costs its time."),
    SIZE(num_generations, "8", 2, 4096, "Completions per prompt (the group)."),
    REAL(temperature, "1.0", 0, true, 10, false, "Sampling temperature; the loss uses the same."),
    REAL(top_p, "1.0", 0, true, 1, false, "Nucleus sampling; 1 = off."),
    SIZE_NULL(top_k, "0", 0, 1e6, "Sample among the k most likely tokens; 0 = off."),
    REAL_NULL(min_p, "null", 0, false, 1, "Drop tokens less likely than min_p times the most likely one; null = off."),
    REAL(repetition_penalty, "1.0", 0, true, 10, false, "Above 1: makes tokens that already occurred less likely."),
    SIZE(rollout_batch_size, "64", 1, 4096, "Sequences decoded at once. Does not change the samples."),
    SIZE_NULL(kv_cache_mb, "null", 1, 1e7, "Budget of the key/value cache in MiB; null: what rollout_batch_size full sequences need."),
    SIZE(per_device_train_batch_size, "8", 1, 65536, "Completions per micro-batch: sets how many tokens of full length are held at once."),
    SIZE(gradient_accumulation_steps, "8", 1, 65536, "Micro-batches per optimiser update."),
    SIZE_NULL(generation_batch_size, "null", 1, 1e6, "Completions sampled per round; null: those of one update."),
    SIZE(num_iterations, "1", 1, 100, "Passes over each round of completions."),
    SIZE_NULL(max_steps, "null", 1, 1e9, "Optimiser updates to do; null: what num_train_epochs gives."),
    REAL(num_train_epochs, "3", 0, true, 1e6, false, "Passes over train_file when max_steps is null."),
    ENUM(loss_type, "dapo", losses, "How token losses are averaged."),
    ENUM(scale_rewards, "group", scales, "Divide advantages by the standard deviation of the group, of the batch, or not."),
    REAL(epsilon, "0.2", 0, false, 1, true, "Lower clip: ratios below 1 - epsilon."),
    REAL_NULL(epsilon_high, "0.28", 0, false, 100, "Upper clip: ratios above 1 + epsilon_high; null: as epsilon."),
    REAL_NULL(delta, "null", 0, true, 1e6, "Cap on the ratio of the unclipped term; null = off."),
    REAL(beta, "0.0", 0, false, 100, false, "Weight of the KL term to the initial model; 0: no reference model is loaded."),
    ENUM(kl_estimator, "k3", estimators, "k1 = log-ratio, k2 = half its square, k3 = exp(-x) + x - 1 of it."),
    BOOL(use_bias_correction_kl, "true", "Multiply the KL term by the importance ratio."),
    BOOL(mask_truncated_completions, "true", "Completions cut at max_completion_length do not enter the loss (their rewards still enter the group's mean)."),
    BOOL(skip_zero_advantages, "true", "With beta 0, do not compute completions whose advantage is zero: their gradient is zero."),
    REAL(learning_rate, "1e-6", 0, false, 1, false, "Peak learning rate of AdamW."),
    ENUM(lr_scheduler_type, "linear", schedules, "Shape of the learning rate over the run."),
    SIZE(warmup_steps, "0", 0, 1e9, "Updates over which the learning rate rises from 0."),
    REAL(warmup_ratio, "0.0", 0, false, 1, false, "The same as a share of all updates; used when warmup_steps is 0."),
    REAL(weight_decay, "0.0", 0, false, 1, false, "Decoupled weight decay of matrices (not of norms and biases)."),
    REAL(adam_beta1, "0.9", 0, false, 1, true, "Decay of the first moment."),
    REAL(adam_beta2, "0.999", 0, false, 1, true, "Decay of the second moment."),
    REAL(adam_epsilon, "1e-8", 0, true, 1, false, "Added to the root of the second moment."),
    REAL(max_grad_norm, "1.0", 0, false, 1e9, false, "Gradients are scaled down to this global norm; 0 = off."),
    ENUM(gradient_checkpointing, "auto", recompute, "Keep only each layer's input and recompute the rest: less memory, a third more work, the same bits; auto: where keeping all would take more than four fifths of the free memory."),
    SIZE(seed, "42", 0, 9e15, "Seed of everything random."),
    SIZE(logging_steps, "1", 1, 1e6, "Updates per row of metrics.jsonl (a row holds means over them)."),
    SIZE_NULL(save_steps, "50", 0, 1e9, "Updates between checkpoints; 0: only when interrupted."),
    SIZE_NULL(save_total_limit, "2", 0, 1e6, "Checkpoints kept; 0: all."),
    SIZE_NULL(eval_steps, "null", 0, 1e9, "Updates between evaluations; 0: none."),
    SIZE(num_eval_samples, "8", 0, 4096, "Sampled completions per evaluation task."),
    REAL(eval_temperature, "1.0", 0, true, 10, false, "Temperature of those samples."),
    BOOL(eval_greedy, "true", "Evaluate one greedy completion per task too."),
    SIZE_NULL(max_eval_tasks, "null", 0, 1e9, "Evaluate on the first so many tasks only; 0: all."),
    BOOL(eval_on_start, "false", "Evaluate before the first update."),
    BOOL(log_completions, "true", "Write every completion with its reward parts to completions/step-NNNNN.jsonl."),
    SIZE_NULL(sandbox_cells, "0", 0, 1024, "Programs run at once; 0: one per CPU."),
    REAL_NULL(sandbox_cpu_s, "2.0", 0, true, 3600, "CPU seconds a program may use; null: the sandbox's own default."),
    REAL_NULL(sandbox_wall_s, "null", 0, true, 36000, "Wall-clock seconds; null: 3 * CPU + 2."),
    SIZE_NULL(sandbox_memory_mb, "null", 16, 1e6, "Memory of a program in MiB; null: the sandbox's own default."),
    STR(sandbox_python, "null", "The Python that runs programs; null: found on the path."),
    STR(sandbox_site_packages, "null", "A folder of packages that programs may import; null: none."),
    BOOL(sandbox_unsafe, "false", "Run programs even where the system grants no isolation."),
};
/* clang-format on */
const size_t pgr_train_n_keys = PGR_COUNT(pgr_train_keys);

void pgr_train_config_free(struct pgr_train_config *c) { pgr_conf_free(pgr_train_keys, pgr_train_n_keys, c); }

size_t pgr_train_update_batch(const struct pgr_train_config *c) {
    return c->per_device_train_batch_size * c->gradient_accumulation_steps;
}

static pgr_err need(const char *path, const char *key, const char *value, const char *what) {
    if (value && *value) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT, "%s: %s is missing: %s", path, key, what);
}

static pgr_err check_batches(const char *path, struct pgr_train_config *c) {
    size_t update;
    if (!pgr_mul(c->per_device_train_batch_size, c->gradient_accumulation_steps, &update) || update > 1000000)
        return pgr_fail(PGR_E_RANGE,
                        "%s: per_device_train_batch_size * gradient_accumulation_steps = %zu * %zu is more than the "
                        "1000000 completions an update may have",
                        path, c->per_device_train_batch_size, c->gradient_accumulation_steps);
    if (update % c->num_generations != 0)
        return pgr_fail(PGR_E_RANGE,
                        "%s: per_device_train_batch_size * gradient_accumulation_steps = %zu must be a multiple of "
                        "num_generations = %zu, so that an update holds whole groups",
                        path, update, c->num_generations);
    if (c->generation_batch_size == 0) c->generation_batch_size = update;
    if (c->generation_batch_size % update != 0)
        return pgr_fail(PGR_E_RANGE,
                        "%s: generation_batch_size is %zu, must be a multiple of the %zu completions of an update "
                        "(per_device_train_batch_size * gradient_accumulation_steps)",
                        path, c->generation_batch_size, update);
    /* Later updates of a round compare with the sampler's log-probabilities, which the penalty distorts. */
    if (c->repetition_penalty != 1.0 && c->generation_batch_size > update)
        return pgr_fail(PGR_E_RANGE,
                        "%s: repetition_penalty must be 1 when generation_batch_size (%zu) holds more than one "
                        "update (%zu)",
                        path, c->generation_batch_size, update);
    return PGR_OK;
}

pgr_err pgr_train_config_check(const char *path, struct pgr_train_config *c) {
    PGR_TRY(need(path, "model_name_or_path", c->model_name_or_path, "a Hugging Face folder or a GGUF file"));
    PGR_TRY(need(path, "output_dir", c->output_dir, "the folder for checkpoints and the final model"));
    PGR_TRY(need(path, "train_file", c->train_file, "a JSONL file of tasks"));
    PGR_TRY(need(path, "prompt_template", c->prompt_template, "the user message, with {prompt} in it"));
    if (!strstr(c->prompt_template, "{prompt}"))
        return pgr_fail(PGR_E_RANGE, "%s: prompt_template must contain {prompt}, where the task's text goes", path);
    if (c->score_all)
        PGR_TRY(need(path, "reward_model_name_or_path", c->reward_model_name_or_path,
                     "score_all needs a reward model (pgrpo rm train makes one)"));
    PGR_TRY(need(path, "math_prompt_template", c->math_prompt_template, "the user message, with {prompt} in it"));
    if (!strstr(c->math_prompt_template, "{prompt}"))
        return pgr_fail(PGR_E_RANGE, "%s: math_prompt_template must contain {prompt}, where the task's text goes",
                        path);
    if (c->reward_mode != 1) {
        char what[160];
        snprintf(what, sizeof what,
                 "reward_mode %s scores the reasoning with a reward model (pgrpo rm train makes one); or use "
                 "reward_mode: grpo",
                 modes[c->reward_mode]);
        PGR_TRY(need(path, "reward_model_name_or_path", c->reward_model_name_or_path, what));
    }
    if (c->warmup_steps > 0 && c->warmup_ratio > 0)
        return pgr_fail(PGR_E_RANGE, "%s: set warmup_steps or warmup_ratio, not both", path);
    if (isnan(c->epsilon_high)) c->epsilon_high = c->epsilon;
    if (c->eval_steps > 0 || c->eval_on_start) {
        PGR_TRY(need(path, "eval_file", c->eval_file, "eval_steps and eval_on_start need tasks to evaluate on"));
        if (c->num_eval_samples == 0 && !c->eval_greedy)
            return pgr_fail(PGR_E_RANGE, "%s: nothing to evaluate: num_eval_samples is 0 and eval_greedy is false",
                            path);
    }
    return check_batches(path, c);
}

pgr_err pgr_train_config_load(const char *path, const char *const *set, size_t n_set, struct pgr_train_config *out) {
    struct pgr_train_config c;
    PGR_TRY(pgr_conf_defaults(pgr_train_keys, pgr_train_n_keys, &c));
    pgr_err err = pgr_conf_load(path, pgr_train_keys, pgr_train_n_keys, &c);
    for (size_t i = 0; i < n_set && err == PGR_OK; i++)
        err = pgr_conf_set(set[i], pgr_train_keys, pgr_train_n_keys, &c);
    if (err == PGR_OK) err = pgr_train_config_check(path, &c);
    if (err != PGR_OK) {
        pgr_train_config_free(&c);
        return err;
    }
    *out = c;
    return PGR_OK;
}
