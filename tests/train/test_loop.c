/* test_loop.c - whole training runs on a tiny model: it learns, it reports, it refuses. */
#define _GNU_SOURCE
#include "test.h"

#include "train/run.h"

static void training_raises_the_reward(void **state) {
    (void)state;
    struct job j = {
        .name = "learn",
        .set = {"max_steps=12", "save_steps=0", "eval_steps=12", "eval_on_start=true", "learning_rate=0.004"}};
    expect(run(&j), 0, "");
    json_t *rows = rows_of("learn");
    assert_int_equal(json_array_size(rows), 14); /* an evaluation, 12 steps, an evaluation */
    double before = value(rows, 1, "reward"), after = (value(rows, 11, "reward") + value(rows, 12, "reward")) / 2;
    double pass_before = value(rows, 0, "eval_pass@1"), pass_after = value(rows, 13, "eval_pass@1");
    if (!(after > 2 && after > before + 0.5)) /* the format, the outcome, and some of the thinking */
        fail_msg("reward %.3f -> %.3f", before, after);
    if (!(pass_after > 0.9 && pass_after > pass_before)) fail_msg("pass@1 %.3f -> %.3f", pass_before, pass_after);
    for (size_t i = 1; i <= 12; i++) {
        /* In float32 the sampler and the trainer add up in one order: the same bits. */
        double d = value(rows, i, "sampling/sampling_logp_difference/max");
        assert_true(isnan(d) || d == 0);
    }
    assert_true(has("learn", "config.json") && has("learn", "tokenizer.json"));
    assert_true(has("learn", "completions/step-00001.jsonl") && has("learn", "completions/step-00012.jsonl"));
    json_decref(rows);
}

static void completions_carry_their_reward_parts(void **state) {
    (void)state;
    struct job j = {.name = "parts", .set = {"max_steps=1"}};
    expect(run(&j), 0, "");
    char path[600];
    path_of(path, "parts", "/completions/step-00001.jsonl");
    json_t *rows = json_array();
    assert_ok(pgr_jsonl_each(path, collect_row, rows));
    assert_int_equal(json_array_size(rows), 32);
    size_t scored = 0;
    for (size_t i = 0; i < 32; i++) {
        const json_t *parts = json_object_get(json_array_get(rows, i), "rewards");
        double f = json_number_value(json_object_get(parts, "format"));
        double out = json_number_value(json_object_get(parts, "outcome"));
        const json_t *t = json_object_get(parts, "thinking");
        assert_int_equal(json_is_number(t), out == 1); /* only what passed is scored */
        scored += json_is_number(t);
        double want = f + out + out * (json_is_number(t) ? json_number_value(t) : 0);
        assert_true(fabs(value(rows, i, "reward") - want) < 1e-6);
        assert_true(value(rows, i, "length") >= 1);
    }
    json_decref(rows);
    rows = rows_of("parts");
    assert_true(value(rows, 0, "scored") <= (double)scored); /* an empty reasoning is not read */
    double groups = value(rows, 0, "frac_groups_all_fail") + value(rows, 0, "frac_groups_mixed") +
                    value(rows, 0, "frac_groups_all_pass");
    assert_true(fabs(groups - 1) < 1e-12);
    json_decref(rows);
}

/* One update with these settings; its row of metrics. */
static json_t *one_update(const char *name, const char *a, const char *b, const char *c) {
    struct job j = {.name = name, .set = {"max_steps=1", a, b, c}};
    expect(run(&j), 0, "");
    return rows_of(name);
}

static void how_work_is_cut_does_not_change_the_update(void **state) {
    (void)state;
    json_t *base = one_update("cut0", "seed=1", NULL, NULL);
    /* The width of decoding decides nothing: the same bits. */
    json_t *narrow = one_update("cut1", "seed=1", "rollout_batch_size=3", NULL);
    assert_same_file("cut0", "cut1", "model.safetensors");
    assert_true(json_equal(base, narrow));
    assert_same_file("cut0", "cut1", "completions/step-00001.jsonl");
    /* Other passes add up in another order: the same numbers but for rounding. 32 sequences of a few tokens: sums of
     * some hundred terms in float32, so a relative error of 1e-5 is generous and a wrong weight is far outside. */
    json_t *single = one_update("cut2", "seed=1", "per_device_train_batch_size=1", "gradient_accumulation_steps=32");
    json_t *whole = one_update("cut3", "seed=1", "skip_zero_advantages=false", NULL);
    static const char *const keys[] = {"reward", "loss", "grad_norm"};
    for (size_t k = 0; k < 3; k++)
        for (int other = 0; other < 2; other++) {
            double x = value(base, 0, keys[k]), y = value(other ? whole : single, 0, keys[k]);
            if (!(fabs(x - y) <= 1e-5 * fmax(fabs(x), 0.1))) fail_msg("%s: %.9g and %.9g", keys[k], x, y);
        }
    assert_true(value(base, 0, "grad_norm") > 0);
    json_decref(base);
    json_decref(narrow);
    json_decref(single);
    json_decref(whole);
}

static void reading_every_reasoning_changes_numbers_and_nothing_else(void **state) {
    (void)state;
    json_t *some = one_update("seen0", "seed=1", NULL, NULL),
           *all = one_update("seen1", "seed=1", "score_all=true", NULL);
    assert_same_file("seen0", "seen1", "model.safetensors");
    assert_true(value(some, 0, "reward") == value(all, 0, "reward"));
    assert_true(value(some, 0, "rewards/thinking/mean") == value(all, 0, "rewards/thinking/mean"));
    assert_true(isnan(value(some, 0, "thinking/outcome_corr")) && isnan(value(some, 0, "thinking/failed_mean")));
    double r = value(all, 0, "thinking/outcome_corr");
    assert_true(r >= -1 && r <= 1); /* NAN would fail: there are both outcomes */
    double low = value(all, 0, "thinking/p10"), mid = value(all, 0, "thinking/p50"),
           high = value(all, 0, "thinking/p90");
    assert_true(0 <= low && low <= mid && mid <= high && high <= 1);
    assert_true(value(all, 0, "scored") > value(some, 0, "scored"));
    /* The same from the completions. */
    char path[600];
    path_of(path, "seen1", "/completions/step-00001.jsonl");
    json_t *rows = json_array();
    assert_ok(pgr_jsonl_each(path, collect_row, rows));
    double failed = 0, n_failed = 0, alone = 0;
    for (size_t g = 0; g < 4; g++) {
        bool same = true, differs = false;
        for (size_t i = 8 * g; i < 8 * g + 8; i++) {
            const json_t *row = json_array_get(rows, i), *parts = json_object_get(row, "rewards");
            const json_t *first = json_object_get(json_array_get(rows, 8 * g), "rewards");
            const json_t *seen = json_object_get(row, "thinking_seen");
            if (seen) failed += json_number_value(seen), n_failed++;
            assert_true(!seen || json_number_value(json_object_get(parts, "outcome")) == 0);
            same &= json_equal(json_object_get(parts, "outcome"), json_object_get(first, "outcome")) &&
                    json_equal(json_object_get(parts, "format"), json_object_get(first, "format"));
            differs |= value(rows, i, "reward") != value(rows, 8 * g, "reward");
        }
        alone += same && differs;
    }
    assert_true(n_failed > 0 && fabs(failed / n_failed - value(all, 0, "thinking/failed_mean")) < 1e-6);
    assert_true(value(all, 0, "frac_groups_only_thinking") == alone / 4);
    json_decref(rows);
    json_decref(some);
    json_decref(all);
    json_t *plain = one_update("seen2", "seed=1", "score_all=true", "reward_mode=grpo");
    assert_true(isnan(value(plain, 0, "rewards/thinking/mean")) && value(plain, 0, "thinking/p50") > 0);
    json_decref(plain);
}

static void a_checkpoint_is_a_folder_that_trains_on(void **state) {
    (void)state;
    char model[700];
    struct job j = {.name = "base", .set = {"max_steps=2"}};
    expect(run(&j), 0, "");
    snprintf(model, sizeof model, "model_name_or_path=%s/base/checkpoint-2", dir);
    struct job next = {.name = "next", .set = {model, "max_steps=1", "loss_type=dr_grpo", "reward_mode=ungated"}};
    expect(run(&next), 0, "");
    snprintf(model, sizeof model, "model_name_or_path=%s/base", dir);
    struct job last = {.name = "last", .set = {model, "max_steps=1", "loss_type=grpo", "reward_mode=grpo"}};
    expect(run(&last), 0, "");
}

static void a_flat_step_says_why(void **state) {
    (void)state;
    char path[600], file[700];
    path_of(path, "impossible.jsonl", "");
    struct pgr_buf b = PGR_BUF_INIT;
    for (int i = 0; i < 4; i++)
        pgr_buf_addf(
            &b, "{\"id\":\"t%d\",\"prompt\":\"no\",\"entry_point\":\"g\",\"calls\":[{\"args\":[1],\"expected\":5}]}\n",
            i);
    assert_ok(pgr_file_write_atomic(path, b.data, b.len));
    pgr_buf_free(&b);
    snprintf(file, sizeof file, "train_file=%s", path);
    /* One token: no completion can be in the format and end. */
    struct job j = {.name = "flat",
                    .set = {file, "train_split=null", "max_steps=1", "max_completion_length=1", "reward_mode=grpo",
                            "system_prompt=x", "temperature=0.05"}};
    struct outcome *o = run(&j);
    expect(o, 0, "nothing to learn, all 4 groups have equal rewards: 4 fail every time");
    json_t *rows = rows_of("flat");
    assert_true(value(rows, 0, "frac_reward_zero_std") == 1 && value(rows, 0, "grad_norm") == 0);
    json_decref(rows);
}

/* Tasks with an answer instead of tests: the model's right completion is an answer of the same text, its wrong ones
 * are others. */
static void math_tasks_are_rewarded_without_the_sandbox(void **state) {
    (void)state;
    char path[600], file[700];
    path_of(path, "math.jsonl", "");
    struct pgr_buf b = PGR_BUF_INIT;
    for (int i = 0; i < 4; i++)
        pgr_buf_addf(&b, "{\"id\":\"m%d\",\"problem\":\"no\",\"answer\":\"def f(n): return n + 1\"}\n", i);
    assert_ok(pgr_file_write_atomic(path, b.data, b.len));
    pgr_buf_free(&b);
    snprintf(file, sizeof file, "train_file=%s", path);
    struct job j = {.name = "math",
                    .set = {file, "train_split=null", "max_steps=1", "reward_mode=grpo", "math_system_prompt=null",
                            "math_prompt_template={prompt}", "eval_file=null"}};
    struct outcome *o = run(&j);
    expect(o, 0, "");
    json_t *rows = rows_of("math");
    double right = value(rows, 0, "sandbox/accepted"), wrong = value(rows, 0, "sandbox/wrong_answer"),
           undecided = value(rows, 0, "math/undecided");
    assert_true(right > 0 && wrong > 0 && undecided >= 0 && undecided <= wrong);
    assert_true(right + wrong + value(rows, 0, "sandbox/no_code") == 32);
    assert_true(fabs(value(rows, 0, "rewards/outcome/mean") - right / 32) < 1e-6);
    json_decref(rows);
}

static void a_dry_run_prints_the_plan_and_writes_nothing(void **state) {
    (void)state;
    struct job j = {.name = "dry", .set = {NULL}, .flag = {"--dry-run", "--json"}};
    struct outcome *o = run(&j);
    expect(o, 0, "");
    static const char *const says[] = {"model: ",    "memory: ", "Adam moments",          "fullest pass",
                                       "expected: ", "TFLOP",    "\"seconds_per_round\":"};
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (!strstr(o->out, says[i])) fail_msg("the plan lacks \"%s\":\n%s", says[i], o->out);
    assert_false(has("dry", ""));
}

/* auto keeps the activations of a tiny model, which fit any machine. */
static void checkpointing_is_as_asked_or_as_memory_allows(void **state) {
    (void)state;
    static const struct {
        const char *set;
        bool recomputed;
    } want[] = {{"gradient_checkpointing=auto", false},
                {"gradient_checkpointing=false", false},
                {"gradient_checkpointing=true", true}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct job j = {.name = "plan", .set = {want[i].set}, .flag = {"--dry-run"}};
        struct outcome *o = run(&j);
        expect(o, 0, "");
        assert_non_null(strstr(o->out, "activations"));
        if (want[i].recomputed != (strstr(o->out, "activations, recomputed") != NULL))
            fail_msg("%s:\n%s", want[i].set, o->out);
    }
}

static void running_out_of_memory_anywhere_is_an_error(void **state) {
    (void)state;
    int failed = 0, last = 0;
    for (int n = 1;; n += 1 + n / 12) {
        struct job j = {.name = "nomem", .set = {"max_steps=2", "save_steps=1", "beta=0.1"}, .fail_alloc = n};
        char path[600];
        path_of(path, "nomem", "");
        assert_ok(pgr_remove_tree(path));
        struct outcome *o = run(&j);
        last = o->exit_code;
        if (last == 0) break;
        if (last != 1 || !strstr(o->err, "pgrpo train: ") || strstr(o->err, "Sanitizer"))
            fail_msg("allocation %d: exit code %d\n%s", n, last, o->err);
        failed++;
    }
    assert_true(failed > 20);
}

static void bad_input_is_one_line_and_exit_code_2(void **state) {
    (void)state;
    char path[600], broken[700], folder[700], rm[700], empty[700];
    path_of(path, "broken.jsonl", "");
    const char *text =
        "{\"id\":\"a\",\"prompt\":\"p\",\"entry_point\":\"f\",\"calls\":[{\"args\":[],\"expected\":1}]}\n{oops\n";
    assert_ok(pgr_file_write_atomic(path, text, strlen(text)));
    snprintf(broken, sizeof broken, "train_file=%s", path);
    snprintf(folder, sizeof folder, "model_name_or_path=%s/nothing", dir);
    snprintf(rm, sizeof rm, "reward_model_name_or_path=%s/policy", dir);
    snprintf(empty, sizeof empty, "model_name_or_path=%s/tasks.jsonl", dir);
    const struct {
        const char *set[4], *says;
    } bad[] = {
        {{"num_generations=1"}, "num_generations"},
        {{"lerning_rate=1"}, "did you mean \"learning_rate\"?"},
        {{broken, "train_split=null"}, "broken.jsonl:2"},
        {{"train_file=/nonexistent.jsonl"}, "/nonexistent.jsonl"},
        {{"train_split=tarin"}, "tarin"},
        {{folder}, "nothing"},
        {{empty}, "tasks.jsonl"},
        {{rm}, "not a reward model"},
        {{"max_prompt_length=5"}, "max_prompt_length is 5; raise it or set drop_long_prompts"},
        {{"max_prompt_length=5", "drop_long_prompts=true"}, "no task to use"},
        {{"max_completion_length=500"}, "more than the model's context of 512"},
        {{"gradient_accumulation_steps=400"}, "usable tasks, a round needs"},
        {{"kv_cache_mb=10000000"}, "too little memory: the run needs 10485"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct job j = {.name = "bad"};
        for (int k = 0; k < 4 && bad[i].set[k]; k++) j.set[k] = bad[i].set[k];
        struct outcome *o = run(&j);
        expect(o, 2, bad[i].says);
        const char *line = strstr(o->err, "pgrpo train: ");
        if (!line || strchr(line, '\n') != line + strlen(line) - 1) fail_msg("not one line: %s", o->err);
        assert_false(has("bad", "metrics.jsonl"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_raises_the_reward),
        cmocka_unit_test(completions_carry_their_reward_parts),
        cmocka_unit_test(how_work_is_cut_does_not_change_the_update),
        cmocka_unit_test(reading_every_reasoning_changes_numbers_and_nothing_else),
        cmocka_unit_test(a_checkpoint_is_a_folder_that_trains_on),
        cmocka_unit_test(a_flat_step_says_why),
        cmocka_unit_test(math_tasks_are_rewarded_without_the_sandbox),
        cmocka_unit_test(a_dry_run_prints_the_plan_and_writes_nothing),
        cmocka_unit_test(checkpointing_is_as_asked_or_as_memory_allows),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error),
        cmocka_unit_test(bad_input_is_one_line_and_exit_code_2),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
