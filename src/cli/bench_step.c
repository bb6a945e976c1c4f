/* bench_step.c - `pgrpo bench step`: a short training run in a folder of its own, which goes afterwards. */
#define _GNU_SOURCE /* mkdtemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/bench.h"
#include "cli/cache.h"
#include "train/train.h"

/* Prompts that ask for long answers, so that most completions run to the limit. */
static const char *const topics[] = {"a hash table with open addressing",     "quicksort and its worst case",
                                     "the borrow rules of a lending library", "parsing arithmetic expressions",
                                     "a scheduler of trains on one track",    "compressing text with prefix codes",
                                     "shortest paths in a road network",      "checking a chess position"};

/* The whole step is computed, as TRL does by default: also completions cut at the limit, also where all rewards of a
 * group are equal. */
static const char config[] = "reward_mode: grpo\n"
                             "train_split: null\n"
                             "tie_word_embeddings: true\n"
                             "skip_zero_advantages: false\n"
                             "mask_truncated_completions: false\n"
                             "num_generations: 8\n"
                             "rollout_batch_size: 64\n"
                             "per_device_train_batch_size: 8\n"
                             "gradient_accumulation_steps: 8\n"
                             "max_completion_length: 256\n"
                             "learning_rate: 1.0e-6\n"
                             "save_steps: 0\n"
                             "log_completions: false\n"
                             "seed: 1\n";

static pgr_err write_text(const char *dir, const char *name, const struct pgr_buf *text, char **path) {
    PGR_TRY(pgr_buf_ok(text));
    if (!(*path = pgr_path_join_dup(dir, name))) return pgr_fail(PGR_E_NOMEM, "out of memory");
    return pgr_file_write_atomic(*path, text->data, text->len);
}

static pgr_err write_tasks(const char *dir, char **path) {
    struct pgr_buf b = PGR_BUF_INIT;
    for (size_t i = 0; i < PGR_COUNT(topics); i++) {
        char line[512];
        snprintf(line, sizeof line,
                 "{\"id\":\"t%zu\",\"prompt\":\"Explain %s at length: the idea, the data structures, each step of the "
                 "code, the edge cases, and what it costs. Then write it as a Python function `solve(x)`.\","
                 "\"entry_point\":\"solve\",\"calls\":[{\"args\":[1],\"expected\":1}]}\n",
                 i, topics[i]);
        pgr_buf_adds(&b, line);
    }
    pgr_err err = write_text(dir, "tasks.jsonl", &b, path);
    pgr_buf_free(&b);
    return err;
}

static void add_key(struct pgr_buf *b, const char *key, const char *value) {
    pgr_buf_adds(b, key);
    pgr_buf_adds(b, ": \"");
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\') pgr_buf_addc(b, '\\');
        pgr_buf_addc(b, *p);
    }
    pgr_buf_adds(b, "\"\n");
}

struct rows {
    double *rate;
    size_t n, max;
    double step_s, rollout_s, train_s, optim_s, length, tokens;
};

static pgr_err take_row(void *ctx, const char *where, json_t *row) {
    struct rows *r = ctx;
    if (!json_object_get(row, "step_time") || r->n == r->max) return PGR_OK;
    const struct {
        const char *key;
        double *sum;
    } part[] = {{"time/rollout", &r->rollout_s},
                {"time/train", &r->train_s},
                {"time/optimizer", &r->optim_s},
                {"completions/mean_length", &r->length}};
    double step_s, value, length = 0;
    PGR_TRY(pgr_json_real(row, where, "step_time", &step_s));
    for (size_t i = 0; i < PGR_COUNT(part); i++) {
        PGR_TRY(pgr_json_real(row, where, part[i].key, &value));
        *part[i].sum += value;
        length = value;
    }
    r->step_s += step_s;
    r->rate[r->n++] = 64 * length / step_s;
    return PGR_OK;
}

static pgr_err run_in(const char *dir, const struct pgr_bench_opts *o, struct rows *r) {
    char *tasks = NULL, *conf = NULL, *out = pgr_path_join_dup(dir, "out"), *metrics = NULL, steps[64];
    struct pgr_buf text = PGR_BUF_INIT, report = PGR_BUF_INIT;
    json_t *result = NULL;
    pgr_err err = out ? write_tasks(dir, &tasks) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err != PGR_OK) goto out;
    pgr_buf_adds(&text, config);
    add_key(&text, "model_name_or_path", o->model);
    add_key(&text, "train_file", tasks);
    add_key(&text, "output_dir", out);
    snprintf(steps, sizeof steps, "max_steps: %zu\n", o->runs);
    pgr_buf_adds(&text, steps);
    PGR_TRY_GOTO(write_text(dir, "config.yaml", &text, &conf));
    struct pgr_train_opts to = {.stop = pgr_stop_asked, .resolve = pgr_model_path_resolve};
    PGR_TRY_GOTO(pgr_train(conf, o->set.item, o->set.n, &to, &report, &result));
    if (!(metrics = pgr_path_join_dup(out, "metrics.jsonl"))) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    err = pgr_jsonl_each(metrics, take_row, r);
out:
    pgr_buf_free(&text);
    pgr_buf_free(&report);
    json_decref(result);
    pgr_free(tasks);
    pgr_free(conf);
    pgr_free(out);
    pgr_free(metrics);
    return err;
}

pgr_err pgr_bench_step(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    const char *tmp = getenv("TMPDIR");
    char *dir = pgr_path_join_dup(tmp && *tmp ? tmp : "/tmp", "pgrpo-bench-XXXXXX");
    if (!dir) return pgr_fail(PGR_E_NOMEM, "out of memory");
    struct rows r = {.rate = rate, .max = o->runs};
    pgr_err err = PGR_OK;
    if (!mkdtemp(dir)) {
        err = pgr_fail(PGR_E_IO, "%s: cannot make a folder there", dir);
    } else {
        pgr_catch_signals();
        err = run_in(dir, o, &r);
        pgr_err gone = pgr_remove_tree(dir);
        if (err == PGR_OK) err = gone;
    }
    pgr_free(dir);
    if (err != PGR_OK) return err;
    if (r.n != o->runs) return pgr_fail(PGR_E_INTERNAL, "%zu steps were asked for, %zu measured", o->runs, r.n);
    double n = (double)r.n;
    PGR_TRY(pgr_bench_add(more, "step_s", r.step_s / n));
    PGR_TRY(pgr_bench_add(more, "rollout_s", r.rollout_s / n));
    PGR_TRY(pgr_bench_add(more, "train_s", r.train_s / n));
    PGR_TRY(pgr_bench_add(more, "optimizer_s", r.optim_s / n));
    return pgr_bench_add(more, "mean_length", r.length / n);
}
