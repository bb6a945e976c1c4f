/* cmd_sandbox.c - pgrpo sandbox run | judge | check | bench. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/sandbox.h"
#include "task/answer.h"

static const char help[] =
    "Usage: pgrpo sandbox run   [--stdin FILE] [LIMITS] [POOL] [--json] FILE.py\n"
    "       pgrpo sandbox judge [LIMITS] [POOL] TASKS.jsonl SOLUTIONS.jsonl\n"
    "       pgrpo sandbox check [POOL] [--json]\n"
    "       pgrpo sandbox bench [--runs N] [POOL] [--json]\n"
    "\n"
    "Runs untrusted Python in isolation (docs/sandbox.md).\n"
    "  run    runs a program once; its output goes to stdout and stderr, the verdict to stderr (or, with --json, to "
    "the\n"
    "         last line of stdout). Exit code 0 when accepted, else 3.\n"
    "  judge  tests solutions; a verdict per line as JSON, in the order of SOLUTIONS (docs/formats.md). Progress on "
    "stderr.\n"
    "  check  builds a cell, attacks it, and prints what held and how that was found out. Exit code 3 if anything "
    "failed.\n"
    "  bench  measures start, latency and throughput.\n"
    "\n"
    "LIMITS (for each run; 0 = default)\n"
    "  --cpu S          CPU seconds (5)               --wall S        seconds (3 * cpu + 2)\n"
    "  --memory MIB     address space (1024)          --output BYTES  of stdout (4194304)\n"
    "  --threads N      (32)                          --files N       open descriptors (64)\n"
    "  --scratch MIB    files in /tmp (16)\n"
    "POOL\n"
    "  --cells N        (one for each CPU)            --python PATH   interpreter (newest /usr/bin/python3.N)\n"
    "  --site-packages DIR  shown read-only           --preload NAME  module imported once, before programs; may be "
    "repeated\n"
    "  --sandbox unsafe     run even where the host grants no isolation: only for programs that you trust\n";

pgr_err pgr_sandbox_opts_cfg(const struct pgr_sandbox_opts *o, struct pgr_sbx_cfg *cfg) {
    *cfg = (struct pgr_sbx_cfg){.n_cells = o->cells,
                                .python = o->python,
                                .site_packages = o->site_packages,
                                .preload = o->preload.n ? o->preload.item : NULL};
    if (o->sandbox) {
        if (strcmp(o->sandbox, "unsafe") != 0)
            return pgr_fail(PGR_E_USAGE, "--sandbox takes only \"unsafe\", got \"%s\"", o->sandbox);
        cfg->unsafe = true;
    }
    return PGR_OK;
}

static void set_limits(const struct pgr_sandbox_opts *o, struct pgr_sbx_limits *l) {
    if (o->cpu > 0) l->cpu_s = o->cpu;
    if (o->wall > 0) l->wall_s = o->wall;
    if (o->memory) l->memory_bytes = o->memory << 20;
    if (o->output) l->output_bytes = o->output;
    if (o->threads) l->n_threads = o->threads;
    if (o->files) l->n_files = o->files;
    if (o->scratch) l->scratch_bytes = o->scratch << 20;
}

static pgr_err parse(int argc, char **argv, struct pgr_sandbox_opts *o, size_t n_op, struct pgr_str_list *ops) {
    *o = (struct pgr_sandbox_opts){.runs = 2000};
    const struct pgr_opt opts[] = {{"stdin", PGR_OPT_STR, &o->input, 0, 0},
                                   {"cpu", PGR_OPT_REAL, &o->cpu, 0, 86400},
                                   {"wall", PGR_OPT_REAL, &o->wall, 0, 86400},
                                   {"memory", PGR_OPT_SIZE, &o->memory, 0, 1 << 20},
                                   {"output", PGR_OPT_SIZE, &o->output, 0, 1 << 28},
                                   {"threads", PGR_OPT_SIZE, &o->threads, 0, 4096},
                                   {"files", PGR_OPT_SIZE, &o->files, 0, 4096},
                                   {"scratch", PGR_OPT_SIZE, &o->scratch, 0, 4096},
                                   {"cells", PGR_OPT_SIZE, &o->cells, 0, 256},
                                   {"python", PGR_OPT_STR, &o->python, 0, 0},
                                   {"site-packages", PGR_OPT_STR, &o->site_packages, 0, 0},
                                   {"preload", PGR_OPT_LIST, &o->preload, 0, 0},
                                   {"sandbox", PGR_OPT_STR, &o->sandbox, 0, 0},
                                   {"runs", PGR_OPT_SIZE, &o->runs, 10, 10000000},
                                   {"json", PGR_OPT_FLAG, &o->json, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), n_op, n_op, ops));
    if (o->preload.n == PGR_COUNT(o->preload.item)) return pgr_fail(PGR_E_USAGE, "too many --preload");
    o->preload.item[o->preload.n] = NULL;
    return PGR_OK;
}

/* ---- run ---- */

json_t *pgr_sandbox_result_json(const char *id, const struct pgr_sbx_result *r, bool with_outputs) {
    json_t *o = json_object();
    if (id) json_object_set_new(o, "id", json_string(id));
    json_object_set_new(o, "verdict", json_string(pgr_verdict_name(r->verdict)));
    json_object_set_new(o, "passed", json_integer((json_int_t)r->n_passed));
    json_object_set_new(o, "tests", json_integer((json_int_t)r->n_tests));
    json_object_set_new(o, "cpu_s", json_real(r->cpu_s));
    json_object_set_new(o, "wall_s", json_real(r->wall_s));
    json_object_set_new(o, "peak_bytes", json_integer((json_int_t)r->peak_bytes));
    if (r->same_process) json_object_set_new(o, "same_process", json_true());
    if (r->failed_test != SIZE_MAX) json_object_set_new(o, "failed_test", json_integer((json_int_t)r->failed_test));
    const char *const texts[][2] = {
        {"detail", r->detail}, {"input", r->input}, {"expected", r->expected}, {"got", r->got}};
    for (size_t i = 0; i < PGR_COUNT(texts); i++)
        if (texts[i][1]) json_object_set_new(o, texts[i][0], pgr_json_bytes(texts[i][1], strlen(texts[i][1])));
    if (with_outputs) {
        json_object_set_new(o, "stdout", pgr_json_bytes(r->out, r->out_bytes));
        json_object_set_new(o, "stderr", pgr_json_bytes(r->err, r->err_bytes));
    }
    return o;
}

pgr_err pgr_sandbox_print_json(json_t *o) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    json_decref(o);
    return err;
}

static pgr_err wait_one(struct pgr_sbx *s, struct pgr_sbx_result *r) {
    size_t n = 0;
    while (n == 0) {
        PGR_TRY(pgr_sbx_poll(s, r, 1, -1, &n));
        if (n == 0 && pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    }
    return PGR_OK;
}

static pgr_err run(const struct pgr_sandbox_opts *o, const char *path, int *exit_code) {
    struct pgr_buf program = PGR_BUF_INIT, input = PGR_BUF_INIT;
    struct pgr_sbx_cfg cfg;
    struct pgr_sbx *s = NULL;
    struct pgr_sbx_result r;
    json_t *tests = NULL;
    pgr_err err = pgr_sandbox_opts_cfg(o, &cfg);
    cfg.n_cells = 1;
    if (err == PGR_OK) err = pgr_file_read(path, 16u << 20, &program);
    if (err == PGR_OK && o->input) {
        err = pgr_file_read(o->input, 256u << 20, &input);
        tests = json_pack("{s:s%}", "stdin", pgr_buf_str(&input), input.len);
        if (err == PGR_OK && !tests) err = pgr_fail(PGR_E_FORMAT, "%s: not UTF-8 text", o->input);
    }
    struct pgr_sbx_job job = {
        .kind = PGR_SBX_RUN, .program = pgr_buf_str(&program), .program_bytes = program.len, .tests = tests};
    set_limits(o, &job.limits);
    pgr_catch_signals();
    if (err == PGR_OK) err = pgr_sbx_open(&cfg, &s);
    if (err == PGR_OK) err = pgr_sbx_submit(s, &job, 0);
    if (err == PGR_OK) err = wait_one(s, &r);
    if (err == PGR_OK) {
        *exit_code = r.verdict == PGR_V_ACCEPTED ? 0 : 3;
        if (o->json) {
            err = pgr_sandbox_print_json(pgr_sandbox_result_json(NULL, &r, true));
        } else {
            fwrite(r.out, 1, r.out_bytes, stdout);
            fflush(stdout);
            fwrite(r.err, 1, r.err_bytes, stderr);
            fprintf(stderr, "%s: %s%s%s, %.3f s CPU, %.3f s, %.1f MiB\n", path, pgr_verdict_name(r.verdict),
                    r.detail ? ": " : "", r.detail ? r.detail : "", r.cpu_s, r.wall_s, (double)r.peak_bytes / 1048576);
        }
        pgr_sbx_result_free(&r);
    }
    pgr_sbx_close(s);
    json_decref(tests);
    pgr_buf_free(&program);
    pgr_buf_free(&input);
    return err;
}

/* ---- judge ---- */

enum { WINDOW = 512 };

struct judge {
    struct pgr_sbx *s;
    const struct pgr_tasks *tasks;
    const struct pgr_sandbox_opts *opts;
    json_t *index;         /* id -> place in tasks */
    json_t *ready[WINDOW]; /* results that wait for an earlier one; slot = number % WINDOW */
    char *id[WINDOW];
    uint64_t n_in, n_out, n_accepted;
    double told_s;
};

static void progress(struct judge *j, bool last) {
    if (!last && pgr_now_s() < j->told_s + 2) return;
    j->told_s = pgr_now_s();
    fprintf(stderr, "judged %llu, accepted %llu\n", (unsigned long long)j->n_out, (unsigned long long)j->n_accepted);
}

/* Takes results until at most `max` are outstanding (submitted or not yet printed). */
static pgr_err print_ready(struct judge *j) {
    while (j->n_out < j->n_in && j->ready[j->n_out % WINDOW]) {
        json_t *o = j->ready[j->n_out % WINDOW];
        j->ready[j->n_out++ % WINDOW] = NULL;
        PGR_TRY(pgr_sandbox_print_json(o));
    }
    return PGR_OK;
}

static pgr_err collect(struct judge *j, uint64_t max) {
    PGR_TRY(print_ready(j));
    while (j->n_in - j->n_out > max) {
        struct pgr_sbx_result r[16];
        size_t n;
        PGR_TRY(pgr_sbx_poll(j->s, r, PGR_COUNT(r), 1000, &n));
        if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
        for (size_t i = 0; i < n; i++) {
            size_t slot = r[i].tag % WINDOW;
            j->n_accepted += r[i].verdict == PGR_V_ACCEPTED;
            j->ready[slot] = pgr_sandbox_result_json(j->id[slot], &r[i], r[i].verdict != PGR_V_ACCEPTED);
            pgr_free(j->id[slot]);
            j->id[slot] = NULL;
            pgr_sbx_result_free(&r[i]);
        }
        PGR_TRY(print_ready(j));
        progress(j, false);
    }
    return PGR_OK;
}

/* A final answer is compared here, not run; its result takes its place among the others. */
static pgr_err judge_math(struct judge *j, const struct pgr_task *t, const char *solution, size_t n_bytes) {
    struct pgr_sbx_result r;
    bool undecided;
    PGR_TRY(pgr_task_judge_answer(t, solution, n_bytes, &r, &undecided));
    bool right = r.verdict == PGR_V_ACCEPTED;
    json_t *o = pgr_sandbox_result_json(t->id, &r, !right);
    pgr_sbx_result_free(&r);
    if (!o) return pgr_fail(PGR_E_NOMEM, "out of memory");
    j->n_accepted += right;
    j->ready[j->n_in++ % WINDOW] = o;
    return PGR_OK;
}

static pgr_err judge_line(void *ctx, const char *where, json_t *obj) {
    struct judge *j = ctx;
    const char *id, *solution;
    PGR_TRY(pgr_json_str(obj, where, "id", &id));
    PGR_TRY(pgr_json_str(obj, where, "solution", &solution));
    const json_t *place = json_object_get(j->index, id);
    if (!place) return pgr_fail(PGR_E_FORMAT, "%s: no task has the id \"%s\"", where, id);
    const struct pgr_task *t = &j->tasks->task[json_integer_value(place)];
    size_t n_bytes = json_string_length(json_object_get(obj, "solution"));
    PGR_TRY(collect(j, WINDOW - 1));
    if (t->kind == PGR_TASK_MATH) return judge_math(j, t, solution, n_bytes);
    struct pgr_sbx_job job;
    pgr_task_job(t, solution, n_bytes, &job);
    set_limits(j->opts, &job.limits);
    char *copy = pgr_strdup(id);
    if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = pgr_sbx_submit(j->s, &job, j->n_in);
    if (err != PGR_OK) {
        pgr_free(copy);
        return pgr_fail_prefix(err, "%s", where);
    }
    j->id[j->n_in++ % WINDOW] = copy;
    return PGR_OK;
}

static pgr_err judge(const struct pgr_sandbox_opts *o, const char *tasks_path, const char *solutions_path) {
    struct pgr_tasks tasks = {NULL, 0};
    struct judge *j = pgr_alloc_zero(1, sizeof *j);
    struct pgr_sbx_cfg cfg;
    pgr_err err = j ? pgr_sandbox_opts_cfg(o, &cfg) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_tasks_load(tasks_path, NULL, &tasks);
    if (err == PGR_OK) {
        *j = (struct judge){.tasks = &tasks, .opts = o, .index = json_object()};
        for (size_t i = 0; i < tasks.n; i++)
            json_object_set_new(j->index, tasks.task[i].id, json_integer((json_int_t)i));
        pgr_catch_signals();
        err = pgr_sbx_open(&cfg, &j->s);
    }
    if (err == PGR_OK) err = pgr_jsonl_each(solutions_path, judge_line, j);
    if (err == PGR_OK) err = collect(j, 0);
    if (err == PGR_OK) progress(j, true);
    if (j) {
        pgr_sbx_close(j->s);
        for (size_t i = 0; i < WINDOW; i++) {
            json_decref(j->ready[i]);
            pgr_free(j->id[i]);
        }
        json_decref(j->index);
    }
    pgr_free(j);
    pgr_tasks_free(&tasks);
    return err;
}

/* ---- dispatch ---- */

static pgr_err run_sandbox(int argc, char **argv, int *exit_code) {
    static const char *const subs[] = {"run", "judge", "check", "bench"};
    if (argc < 2) return pgr_fail(PGR_E_USAGE, "run, judge, check or bench? See pgrpo sandbox --help");
    struct pgr_sandbox_opts o;
    struct pgr_str_list ops = {.n = 0};
    const char *sub = argv[1];
    argc--, argv++;
    if (strcmp(sub, "run") == 0) {
        PGR_TRY(parse(argc, argv, &o, 1, &ops));
        return run(&o, ops.item[0], exit_code);
    }
    if (strcmp(sub, "judge") == 0) {
        PGR_TRY(parse(argc, argv, &o, 2, &ops));
        return judge(&o, ops.item[0], ops.item[1]);
    }
    if (strcmp(sub, "check") == 0) {
        PGR_TRY(parse(argc, argv, &o, 0, &ops));
        return pgr_sandbox_check(&o, exit_code);
    }
    if (strcmp(sub, "bench") == 0) {
        PGR_TRY(parse(argc, argv, &o, 0, &ops));
        return pgr_sandbox_bench(&o);
    }
    const char *near = pgr_nearest(sub, subs, PGR_COUNT(subs));
    return near ? pgr_fail(PGR_E_USAGE, "unknown sub-command \"%s\"; did you mean \"%s\"?", sub, near)
                : pgr_fail(PGR_E_USAGE, "unknown sub-command \"%s\"; see pgrpo sandbox --help", sub);
}

const struct pgr_command pgr_cmd_sandbox = {"sandbox", "run and judge untrusted Python in isolation", help,
                                            run_sandbox};
