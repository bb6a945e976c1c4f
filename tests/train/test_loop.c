/* test_loop.c - whole runs of `pgrpo train` on a tiny model: it learns, it resumes with the same bits, it refuses.
 *
 * The program is run as a process of its own, so that it can be killed. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "train/tiny.h"

static char dir[256], exe[512];

enum { MAX_SET = 24 };

/* A run: the configuration's lines are `base`, output goes to dir/NAME, overrides by --set. */
struct job {
    const char *name;
    const char *set[MAX_SET]; /* NULL-terminated */
    const char *flag[4];
    long max_file_bytes;   /* > 0: no file may grow larger */
    int signal;            /* != 0: sent ... */
    const char *kill_when; /* ... when this stands in stderr (NULL: at once) ... */
    int kill_after_ms;     /* ... and so long after */
};

struct outcome {
    int exit_code; /* -1: ended by a signal */
    char err[20000], out[4000];
};

static void path_of(char out[600], const char *a, const char *b) { snprintf(out, 600, "%s/%s%s", dir, a, b); }

static void slurp(const char *name, char *text, size_t max) {
    char path[600];
    path_of(path, name, "");
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 24, &b));
    snprintf(text, max, "%s", pgr_buf_str(&b));
    pgr_buf_free(&b);
}

static void child(const struct job *j, char *const argv[]) {
    char path[600];
    int fd[2];
    for (int i = 0; i < 2; i++) {
        path_of(path, i ? "stderr" : "stdout", "");
        fd[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        dup2(fd[i], i + 1);
    }
    if (j->max_file_bytes > 0) {
        struct rlimit l = {(rlim_t)j->max_file_bytes, (rlim_t)j->max_file_bytes};
        signal(SIGXFSZ, SIG_IGN); /* as on a full disk: an error, not a signal */
        setrlimit(RLIMIT_FSIZE, &l);
    }
    execv(exe, argv);
    _exit(99);
}

static void pause_ms(int ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static bool ended; /* the process is gone and has been waited for */

/* Until `text` stands in stderr; false if the process ends first. */
static bool wait_for(pid_t pid, const char *text, int *status) {
    static char err[20000];
    while (text) {
        slurp("stderr", err, sizeof err);
        if (strstr(err, text)) return true;
        if (waitpid(pid, status, WNOHANG) == pid) {
            ended = true;
            return false;
        }
        pause_ms(1);
    }
    return true;
}

static struct outcome *run(const struct job *j) {
    static struct outcome o;
    char config[600], output[700];
    const char *argv[64];
    int n = 0;
    path_of(config, "base.yaml", "");
    snprintf(output, sizeof output, "output_dir=%s/%s", dir, j->name);
    argv[n++] = exe;
    argv[n++] = "train";
    argv[n++] = config;
    argv[n++] = "--set";
    argv[n++] = output;
    for (int i = 0; j->set[i]; i++) argv[n++] = "--set", argv[n++] = j->set[i];
    for (int i = 0; i < 4 && j->flag[i]; i++) argv[n++] = j->flag[i];
    argv[n] = NULL;
    ended = false;
    path_of(config, "stderr", "");
    assert_ok(pgr_file_write_atomic(config, "", 0));
    path_of(config, "base.yaml", "");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) child(j, (char *const *)(uintptr_t)argv);
    int status = 0;
    if (j->signal && wait_for(pid, j->kill_when, &status)) {
        pause_ms(j->kill_after_ms);
        kill(pid, j->signal);
    }
    while (!ended && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    o.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    slurp("stderr", o.err, sizeof o.err);
    slurp("stdout", o.out, sizeof o.out);
    return &o;
}

static void expect(const struct outcome *o, int exit_code, const char *says) {
    if (o->exit_code != exit_code || !strstr(o->err, says))
        fail_msg("exit code %d, want %d saying \"%s\"; stderr:\n%s", o->exit_code, exit_code, says, o->err);
}

/* ---- comparing runs ---------------------------------------------------------------------------------------------- */

static void assert_same_file(const char *a, const char *b, const char *name) {
    char pa[600], pb[600], na[300], nb[300];
    snprintf(na, sizeof na, "%s/%s", a, name);
    snprintf(nb, sizeof nb, "%s/%s", b, name);
    path_of(pa, na, "");
    path_of(pb, nb, "");
    struct pgr_buf x = PGR_BUF_INIT, y = PGR_BUF_INIT;
    assert_ok(pgr_file_read(pa, 1 << 26, &x));
    assert_ok(pgr_file_read(pb, 1 << 26, &y));
    if (x.len != y.len || memcmp(x.data, y.data, x.len) != 0) fail_msg("%s and %s differ", na, nb);
    pgr_buf_free(&x);
    pgr_buf_free(&y);
}

static bool is_timing(const char *key) {
    return strncmp(key, "time/", 5) == 0 || strstr(key, "per_second") || strstr(key, "runtime") ||
           strcmp(key, "step_time") == 0 || strncmp(key, "memory/", 7) == 0;
}

static pgr_err collect_row(void *ctx, const char *where, json_t *row) {
    (void)where;
    const char *key;
    void *next;
    json_t *value;
    json_object_foreach_safe(row, next, key, value) {
        if (is_timing(key)) json_object_del(row, key);
    }
    return json_array_append(ctx, row) == 0 ? PGR_OK : PGR_E_NOMEM;
}

/* Rows of metrics.jsonl without what the clock decides. */
static json_t *rows_of(const char *name) {
    char path[600];
    path_of(path, name, "/metrics.jsonl");
    json_t *rows = json_array();
    assert_ok(pgr_jsonl_each(path, collect_row, rows));
    return rows;
}

static double value(const json_t *rows, size_t i, const char *key) {
    const json_t *v = json_object_get(json_array_get(rows, i), key);
    if (!v) fail_msg("row %zu has no %s", i, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static void assert_same_run(const char *a, const char *b, size_t step) {
    char name[100];
    assert_same_file(a, b, "model.safetensors");
    snprintf(name, sizeof name, "checkpoint-%zu/training_state.safetensors", step);
    assert_same_file(a, b, name);
    json_t *x = rows_of(a), *y = rows_of(b);
    assert_true(json_array_size(x) > 0);
    if (!json_equal(x, y)) fail_msg("metrics of %s and %s differ", a, b);
    json_decref(x);
    json_decref(y);
    for (size_t s = 1; s <= step; s++) {
        char path[600];
        snprintf(name, sizeof name, "completions/step-%05zu.jsonl", s);
        path_of(path, a, "/");
        strncat(path, name, sizeof path - strlen(path) - 1);
        if (pgr_file_exists(path)) assert_same_file(a, b, name);
    }
}

static bool has(const char *name, const char *file) {
    char path[600], both[300];
    snprintf(both, sizeof both, "%s/%s", name, file);
    path_of(path, both, "");
    return pgr_file_exists(path);
}

/* ---- fixture -------------------------------------------------------------------------------------------------------
 */

static void write_config(void) {
    char path[600];
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, "model_name_or_path: %s/policy\noutput_dir: none\ntrain_file: %s/tasks.jsonl\n", dir, dir);
    pgr_buf_addf(&b, "reward_model_name_or_path: %s/rm\neval_file: %s/tasks.jsonl\n", dir, dir);
    pgr_buf_adds(&b, "train_split: train\neval_split: validation\nsystem_prompt: null\nprompt_template: \"{prompt}\"\n"
                     "bf16: false\nmax_completion_length: 4\nnum_generations: 8\nper_device_train_batch_size: 8\n"
                     "gradient_accumulation_steps: 4\nmax_steps: 6\nlearning_rate: 0.01\nlr_scheduler_type: constant\n"
                     "save_steps: 2\nnum_eval_samples: 2\nsandbox_unsafe: true\nsandbox_cells: 2\n"
                     "gradient_checkpointing: false\nmask_truncated_completions: false\n");
    path_of(path, "base.yaml", "");
    assert_ok(pgr_file_write_atomic(path, b.data, b.len));
    pgr_buf_free(&b);
}

static int setup(void **state) {
    (void)state;
    char path[600];
    const char *bin = getenv("PGR_BINARY_DIR");
    snprintf(exe, sizeof exe, "%s/pgrpo", bin ? bin : "build/dev");
    test_tmpdir(dir);
    path_of(path, "policy", "");
    tiny_policy(path);
    path_of(path, "rm", "");
    tiny_reward_model(path);
    path_of(path, "tasks.jsonl", "");
    tiny_tasks(path, 16);
    write_config();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return getenv("PGR_KEEP") || pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

/* ---- tests
 * ----------------------------------------------------------------------------------------------------------- */

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

static void a_killed_run_resumes_with_the_same_bits(void **state) {
    (void)state;
    struct job whole = {.name = "whole", .set = {"eval_steps=3"}};
    expect(run(&whole), 0, "");
    struct job broken = {.name = "broken", .set = {"eval_steps=3"}, .flag = {"--resume"}};
    int kills = 0;
    for (int i = 0; i < 40; i++) {
        /* Moments spread over starting, sampling, updating, saving and evaluating. */
        static const char *const moment[] = {NULL,       "step=1/", "step=2/", "saved",  "resume",  "step=3/",
                                             "eval ste", "step=4/", "saved",   "resume", "step=5/", "step=6/"};
        size_t n = sizeof moment / sizeof *moment;
        broken.signal = (size_t)i < 2 * n ? SIGKILL : 0;
        broken.kill_when = moment[(size_t)i % n];
        broken.kill_after_ms = i * 7 % 19;
        struct outcome *o = run(&broken);
        if (o->exit_code == 0) break;
        if (o->exit_code > 0) fail_msg("the resumed run failed:\n%s", o->err);
        kills++;
    }
    assert_true(kills >= 6);
    assert_same_run("whole", "broken", 6);
}

static void an_interrupted_run_saves_and_exits_130(void **state) {
    (void)state;
    struct job whole = {.name = "quiet", .set = {"save_steps=0"}};
    expect(run(&whole), 0, "");
    struct job j = {.name = "ctrlc", .set = {"save_steps=0"}, .flag = {"--resume"}, .signal = SIGINT};
    static const char *const moment[] = {"step=2/", "step=3/", "step=5/"};
    for (size_t i = 0; i < 3; i++) {
        j.kill_when = moment[i];
        j.kill_after_ms = (int)i;
        struct outcome *o = run(&j);
        if (i == 0) expect(o, 130, "--resume goes on from");
        if (o->exit_code != 0) expect(o, 130, "interrupted");
    }
    j.signal = 0;
    expect(run(&j), 0, "");
    assert_same_file("quiet", "ctrlc", "model.safetensors");
    json_t *x = rows_of("quiet"), *y = rows_of("ctrlc");
    assert_true(json_equal(x, y));
    json_decref(x);
    json_decref(y);
}

static void every_kind_of_round_resumes_alike(void **state) {
    (void)state;
    /* Two updates a round gone through twice, a KL term, a bfloat16 model, recomputation, a window of three steps. */
    const char *set[] = {"generation_batch_size=64",
                         "num_iterations=2",
                         "beta=0.02",
                         "bf16=true",
                         "gradient_checkpointing=true",
                         "logging_steps=3",
                         "max_steps=12",
                         "save_steps=3",
                         "loss_type=bnpo",
                         "weight_decay=0.1",
                         "warmup_steps=2",
                         "lr_scheduler_type=cosine",
                         "scale_rewards=batch",
                         "save_total_limit=0"};
    struct job a = {.name = "rounds"}, b = {.name = "rounds2"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) a.set[i] = b.set[i] = set[i];
    expect(run(&a), 0, "");
    json_t *rows = rows_of("rounds");
    assert_true(value(rows, 1, "kl") > 0);
    assert_true(value(rows, 0, "learning_rate") > 0);
    json_decref(rows);
    /* Checkpoints wait for the end of the round: after 4, 8 and 12 updates. */
    assert_true(has("rounds", "checkpoint-4") && has("rounds", "checkpoint-8") && has("rounds", "checkpoint-12"));
    assert_false(has("rounds", "checkpoint-3"));
    b.flag[0] = "--resume";
    for (int i = 0; i < 5; i++) {
        static const char *const moment[] = {"step=3/", "step=6/", "step=8/", "step=11/"};
        b.signal = i < 4 ? SIGKILL : 0;
        b.kill_when = i < 4 ? moment[i] : NULL;
        struct outcome *o = run(&b);
        if (i == 4) expect(o, 0, "");
    }
    assert_same_run("rounds", "rounds2", 12);
}

static void a_full_disk_stops_the_run_and_spares_the_last_checkpoint(void **state) {
    (void)state;
    struct job whole = {.name = "roomy"}, j = {.name = "full", .set = {"max_steps=2"}};
    expect(run(&whole), 0, "");
    expect(run(&j), 0, "");
    assert_true(has("full", "checkpoint-2/training_state.safetensors"));
    struct job more = {.name = "full", .flag = {"--resume"}, .max_file_bytes = 100000};
    expect(run(&more), 2, "cannot write");
    assert_true(has("full", "checkpoint-2/training_state.safetensors"));
    assert_false(has("full", "checkpoint-4"));
    more.max_file_bytes = 0;
    expect(run(&more), 0, "");
    assert_same_run("roomy", "full", 6);
}

static void old_checkpoints_go_and_a_folder_is_not_overwritten(void **state) {
    (void)state;
    struct job j = {.name = "prune", .set = {"save_steps=1", "save_total_limit=2", "max_steps=4"}};
    expect(run(&j), 0, "");
    assert_false(has("prune", "checkpoint-1") || has("prune", "checkpoint-2"));
    assert_true(has("prune", "checkpoint-3") && has("prune", "checkpoint-4"));
    expect(run(&j), 2, "holds checkpoint-4: --resume goes on from it");
    /* A finished run resumes to the same end. */
    j.flag[0] = "--resume";
    expect(run(&j), 0, "steps_left=0");
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
        cmocka_unit_test(a_killed_run_resumes_with_the_same_bits),
        cmocka_unit_test(an_interrupted_run_saves_and_exits_130),
        cmocka_unit_test(every_kind_of_round_resumes_alike),
        cmocka_unit_test(a_full_disk_stops_the_run_and_spares_the_last_checkpoint),
        cmocka_unit_test(old_checkpoints_go_and_a_folder_is_not_overwritten),
        cmocka_unit_test(a_checkpoint_is_a_folder_that_trains_on),
        cmocka_unit_test(a_flat_step_says_why),
        cmocka_unit_test(a_dry_run_prints_the_plan_and_writes_nothing),
        cmocka_unit_test(bad_input_is_one_line_and_exit_code_2),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
