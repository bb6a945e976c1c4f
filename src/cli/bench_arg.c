/* bench_arg.c - see bench_arg.h. */
#include "cli/bench_arg.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"

void pgr_bench_opts_list(struct pgr_bench_opts *o, struct pgr_opt *opts) {
    const struct pgr_opt list[PGR_BENCH_N_OPTS] = {
        {"benchmark", PGR_OPT_STR, &o->benchmark, 0, 0},
        {"split", PGR_OPT_STR, &o->split, 0, 0},
        {"from", PGR_OPT_STR, &o->from, 0, 0},
        {"to", PGR_OPT_STR, &o->to, 0, 0},
        {"difficulty", PGR_OPT_STR, &o->difficulty, 0, 0},
        {"platform", PGR_OPT_STR, &o->platform, 0, 0},
        {"python", PGR_OPT_STR, &o->python, 0, 0},
        {"site-packages", PGR_OPT_STR, &o->site_packages, 0, 0},
        {"sandbox", PGR_OPT_STR, &o->sandbox, 0, 0},
        {"math", PGR_OPT_STR, &o->math, 0, 0},
        {"report", PGR_OPT_STR, &o->report, 0, 0},
        {"preload", PGR_OPT_LIST, &o->preload, 0, 0},
        {"cells", PGR_OPT_SIZE, &o->cells, 0, 256},
        {"memory", PGR_OPT_SIZE, &o->memory, 0, 1 << 20},
        {"cpu", PGR_OPT_REAL, &o->cpu, 0, 86400},
        {"json", PGR_OPT_FLAG, &o->json, 0, 0},
        {"sanitize", PGR_OPT_FLAG, &o->sanitize, 0, 0},
    };
    memcpy(opts, list, sizeof list);
}

pgr_err pgr_bench_open_sandbox(struct pgr_bench_opts *o, struct pgr_sbx **out) {
    if (o->preload.n == PGR_COUNT(o->preload.item)) return pgr_fail(PGR_E_USAGE, "too many --preload");
    o->preload.item[o->preload.n] = NULL;
    if (o->sandbox && strcmp(o->sandbox, "unsafe") != 0)
        return pgr_fail(PGR_E_USAGE, "--sandbox takes only \"unsafe\", got \"%s\"", o->sandbox);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    struct pgr_sbx_cfg cfg = {/* Tests and the program that they test wait for each other: two cells keep a CPU busy. */
                              .n_cells = o->cells ? o->cells : pgr_min(2 * (size_t)(cpus > 0 ? cpus : 1), 256),
                              .python = o->python,
                              .site_packages = o->site_packages,
                              .preload = o->preload.n ? o->preload.item : NULL,
                              .unsafe = o->sandbox != NULL};
    return pgr_sbx_open(&cfg, out);
}

pgr_err pgr_bench_arg_open(struct pgr_bench_opts *o, struct pgr_bench_arg *out) {
    *out = (struct pgr_bench_arg){.bench = NULL};
    if (!o->benchmark) return pgr_fail(PGR_E_USAGE, "--benchmark NAME[=PATH] is needed");
    if (o->math && strcmp(o->math, "qwen") != 0 && strcmp(o->math, "default") != 0)
        return pgr_fail(PGR_E_USAGE, "--math is \"%s\", must be default or qwen", o->math);
    const char *eq = strchr(o->benchmark, '=');
    PGR_TRY(pgr_bench_find(o->benchmark, eq ? (size_t)(eq - o->benchmark) : strlen(o->benchmark), &out->bench));
    const char *name = out->bench->name;
    if (o->sanitize && strncmp(name, "humaneval", 9) != 0 && strncmp(name, "mbpp", 4) != 0)
        return pgr_fail(PGR_E_USAGE, "--sanitize is EvalPlus': humaneval, humaneval+, mbpp and mbpp+ know it, not %s",
                        name);
    PGR_TRY(pgr_data_path_resolve(name, out->bench->file, eq ? eq + 1 : NULL, &out->path));
    return out->bench->take == PGR_TAKE_ANSWER ? PGR_OK : pgr_bench_open_sandbox(o, &out->sbx);
}

void pgr_bench_arg_close(struct pgr_bench_arg *a) {
    pgr_sbx_close(a->sbx);
    pgr_free(a->path);
    *a = (struct pgr_bench_arg){.bench = NULL};
}

static bool show(void *ctx, size_t n_done, size_t n_total, size_t n_passed) {
    struct pgr_bench_arg *a = ctx;
    double now = pgr_now_s();
    if (now > a->told_s + 2 && n_done > a->told_done) {
        fprintf(stderr, "judged %zu of %zu, %zu passed\n", n_done, n_total, n_passed);
        a->told_s = now;
        a->told_done = n_done;
    }
    return !pgr_stop_asked();
}

static pgr_err give_report(const struct pgr_bench_opts *o, json_t *report) {
    pgr_report_print(report);
    if (o->report) PGR_TRY(pgr_json_save(o->report, report));
    if (!o->json) return PGR_OK;
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_json_dump(report, &b);
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    return err;
}

pgr_err pgr_bench_judge(const struct pgr_bench_opts *o, struct pgr_bench_arg *a, const char *samples_path,
                        json_t *extra, int *exit_code) {
    struct pgr_eval_samples samples = {NULL, 0, 0};
    struct pgr_judged judged = {.problem = NULL};
    json_t *report = NULL;
    char *wrote = NULL;
    struct pgr_judge_opts jo = {.bench = a->bench,
                                .path = a->path,
                                .samples_path = samples_path,
                                .filter = {.split = o->split,
                                           .from = o->from,
                                           .to = o->to,
                                           .difficulty = o->difficulty,
                                           .platform = o->platform},
                                .sbx = a->sbx,
                                .cpu_s = o->cpu,
                                .memory_bytes = o->memory << 20,
                                .sanitize = o->sanitize,
                                .qwen_math = o->math && strcmp(o->math, "qwen") == 0,
                                .tick = show,
                                .ctx = a};
    pgr_err err;
    double t0 = pgr_now_s();
    a->told_s = t0;
    PGR_TRY_GOTO(pgr_eval_samples_read(samples_path, &samples));
    PGR_TRY_GOTO(pgr_judge_run(&jo, &samples, &judged));
    double seconds = pgr_now_s() - t0;
    if (judged.n == 0) {
        err = pgr_fail(PGR_E_FORMAT, "%s: no completion is of a problem within the filter", samples_path);
        goto out;
    }
    if (!o->no_files) PGR_TRY_GOTO(pgr_report_official(&jo, &samples, &judged, &wrote));
    PGR_TRY_GOTO(pgr_report_json(&jo, &samples, &judged, &report));
    json_object_set_new(report, "seconds", json_real(seconds));
    if (o->sanitize) json_object_set_new(report, "sanitized", json_true());
    if (extra) json_object_update(report, extra);
    PGR_TRY_GOTO(give_report(o, report));
    if (wrote) fprintf(stderr, "wrote %s\n", wrote);
    if (judged.n_missing)
        fprintf(stderr, "note: %zu problems have no completion; the figures are those of the others\n",
                judged.n_missing);
    if (judged.n_internal) {
        fprintf(stderr, "%zu completions could not be judged by this host: the figures are not valid\n",
                judged.n_internal);
        *exit_code = 1;
    }
out:
    json_decref(report);
    pgr_free(wrote);
    pgr_judged_free(&judged);
    pgr_eval_samples_free(&samples);
    return err;
}
