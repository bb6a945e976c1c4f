/* run.h - whole runs of `pgrpo train` on a tiny model (tiny.h), as processes of their own, so that they can be killed.
 */
#ifndef PGR_TESTS_TRAIN_RUN_H
#define PGR_TESTS_TRAIN_RUN_H

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
    int fail_alloc;        /* > 0: this allocation and all later ones fail */
    int signal;            /* != 0: sent ... */
    const char *kill_when; /* ... when this stands in stderr (NULL: at once) ... */
    int kill_after_ms;     /* ... and so long after */
};

struct outcome {
    int exit_code; /* -1: ended by a signal */
    char err[20000], out[4000];
};

PGR_UNUSED static void path_of(char out[600], const char *a, const char *b) {
    snprintf(out, 600, "%s/%s%s", dir, a, b);
}

PGR_UNUSED static void slurp(const char *name, char *text, size_t max) {
    char path[600];
    path_of(path, name, "");
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 24, &b));
    snprintf(text, max, "%s", pgr_buf_str(&b));
    pgr_buf_free(&b);
}

PGR_UNUSED static void child(const struct job *j, char *const argv[]) {
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
    if (j->fail_alloc > 0) {
        char n[16];
        snprintf(n, sizeof n, "%d", j->fail_alloc);
        setenv("PGR_FAIL_ALLOC", n, 1);
    }
    execv(exe, argv);
    _exit(99);
}

PGR_UNUSED static void pause_ms(int ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static bool ended; /* the process is gone and has been waited for */

/* Until `text` stands in stderr; false if the process ends first. */
PGR_UNUSED static bool wait_for(pid_t pid, const char *text, int *status) {
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

PGR_UNUSED static struct outcome *run(const struct job *j) {
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

PGR_UNUSED static void expect(const struct outcome *o, int exit_code, const char *says) {
    if (o->exit_code != exit_code || !strstr(o->err, says))
        fail_msg("exit code %d, want %d saying \"%s\"; stderr:\n%s", o->exit_code, exit_code, says, o->err);
}

/* ---- comparing runs ---- */

PGR_UNUSED static void assert_same_file(const char *a, const char *b, const char *name) {
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

PGR_UNUSED static bool is_timing(const char *key) {
    return strncmp(key, "time/", 5) == 0 || strstr(key, "per_second") || strstr(key, "runtime") ||
           strcmp(key, "step_time") == 0 || strncmp(key, "memory/", 7) == 0;
}

PGR_UNUSED static pgr_err collect_row(void *ctx, const char *where, json_t *row) {
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
PGR_UNUSED static json_t *rows_of(const char *name) {
    char path[600];
    path_of(path, name, "/metrics.jsonl");
    json_t *rows = json_array();
    assert_ok(pgr_jsonl_each(path, collect_row, rows));
    return rows;
}

PGR_UNUSED static double value(const json_t *rows, size_t i, const char *key) {
    const json_t *v = json_object_get(json_array_get(rows, i), key);
    if (!v) fail_msg("row %zu has no %s", i, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

PGR_UNUSED static void assert_same_run(const char *a, const char *b, size_t step) {
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

PGR_UNUSED static bool has(const char *name, const char *file) {
    char path[600], both[300];
    snprintf(both, sizeof both, "%s/%s", name, file);
    path_of(path, both, "");
    return pgr_file_exists(path);
}

/* ---- fixture ---- */

PGR_UNUSED static void write_config(void) {
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

PGR_UNUSED static int setup(void **state) {
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

PGR_UNUSED static int teardown(void **state) {
    (void)state;
    return getenv("PGR_KEEP") || pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

#endif
