/* cmd_data.c - pgrpo data: what a data file is, what is in it, and what is wrong with it (inspect); contamination. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/data.h"
#include "task/task.h"

static const char help[] =
    "Usage: pgrpo data inspect [--split NAME] [--from DATE] [--to DATE] [--errors N] [--json] FILE\n"
    "       pgrpo data contamination [--n WORDS] [--split NAME] [--from DATE] [--to DATE] [--show N] [--report FILE] "
    "[--json]\n"
    "                                TRAIN BENCHMARK\n"
    "\n"
    "inspect says which layout a data file has (docs/data.md), counts its tasks, and names every faulty record with "
    "its line.\n"
    "Exit code 0 when every record is sound, else 2.\n"
    "  --split NAME    only records of this split\n"
    "  --from, --to    only tasks of these dates (YYYY-MM-DD, both included)\n"
    "  --errors N      how many faults are printed (20)\n"
    "  --json          one JSON object instead of text\n"
    "\n"
    "contamination says which problems of BENCHMARK (any layout of docs/data.md) have word n-grams that stand in TRAIN "
    "(any\n"
    "JSON lines; every text in a record counts): docs/eval.md.\n"
    "  --n WORDS       length of the grams (13)\n"
    "  --show N        how many problems are printed (20)\n"
    "  --report FILE   all of them, as a JSON file\n"
    "  --json          the last line is the report as one JSON object\n";

struct inspection {
    json_t *families, *kinds, *splits, *difficulties, *platforms; /* name -> count */
    size_t n_tasks, n_tests, n_base, n_solutions, n_faults, max_faults;
    char first_date[32], last_date[32];
    bool json;
    json_t *faults;
};

static void count(json_t *table, const char *name) {
    if (!name) return;
    json_object_set_new(table, name, json_integer(json_integer_value(json_object_get(table, name)) + 1));
}

static const char *kind_of(const struct pgr_task *t) {
    if (t->kind == PGR_TASK_MATH) return "answer";
    return t->test_kind == PGR_SBX_STDIO ? "stdin/stdout" : t->test_kind == PGR_SBX_CALLS ? "calls" : "Python tests";
}

static pgr_err take(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct inspection *in = ctx;
    (void)where;
    if (!t) {
        if (err == PGR_E_NOMEM) return err;
        if (in->n_faults++ < in->max_faults) {
            if (in->json)
                json_array_append_new(in->faults, pgr_json_bytes(pgr_err_detail(), strlen(pgr_err_detail())));
            else
                printf("%s\n", pgr_err_detail());
        }
        return PGR_OK;
    }
    in->n_tasks++;
    count(in->families, t->family);
    count(in->kinds, kind_of(t));
    count(in->splits, t->split);
    count(in->difficulties, t->difficulty);
    count(in->platforms, t->platform);
    in->n_tests += json_array_size(t->tests);
    in->n_base += json_array_size(t->base_input) + json_array_size(t->plus_input);
    in->n_solutions += t->solution != NULL;
    if (t->date) {
        if (!in->first_date[0] || strncmp(t->date, in->first_date, 10) < 0)
            snprintf(in->first_date, sizeof in->first_date, "%.10s", t->date);
        if (strncmp(t->date, in->last_date, 10) > 0) snprintf(in->last_date, sizeof in->last_date, "%.10s", t->date);
    }
    pgr_task_free(t);
    return pgr_stop_asked() ? pgr_fail(PGR_E_INTERRUPTED, "interrupted") : PGR_OK;
}

static void print_table(const char *title, json_t *table) {
    const char *name;
    json_t *n;
    if (json_object_size(table) == 0) return;
    printf("%-12s", title);
    json_object_foreach(table, name, n) printf(" %s %lld ", name, (long long)json_integer_value(n));
    putchar('\n');
}

static pgr_err print_json(struct inspection *in, const char *path) {
    json_t *o = json_pack("{s:s, s:I, s:O, s:O, s:O, s:O, s:O, s:I, s:I, s:I, s:s, s:s, s:I, s:O}", "file", path,
                          "tasks", (json_int_t)in->n_tasks, "layouts", in->families, "kinds", in->kinds, "splits",
                          in->splits, "difficulties", in->difficulties, "platforms", in->platforms, "tests",
                          (json_int_t)in->n_tests, "evalplus_inputs", (json_int_t)in->n_base, "with_solution",
                          (json_int_t)in->n_solutions, "first_date", in->first_date, "last_date", in->last_date,
                          "faults", (json_int_t)in->n_faults, "fault_lines", in->faults);
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    json_decref(o);
    pgr_buf_free(&b);
    return err;
}

static void print_text(struct inspection *in, const char *path) {
    if (in->n_faults > in->max_faults) printf("... and %zu more\n", in->n_faults - in->max_faults);
    printf("%-12s %s\n", "file", path);
    print_table("layout", in->families);
    printf("%-12s %zu, %zu with a reference solution\n", "tasks", in->n_tasks, in->n_solutions);
    print_table("judged by", in->kinds);
    if (in->n_tests) printf("%-12s %zu\n", "tests", in->n_tests);
    if (in->n_base) printf("%-12s %zu\n", "inputs", in->n_base);
    print_table("split", in->splits);
    print_table("difficulty", in->difficulties);
    print_table("platform", in->platforms);
    if (in->first_date[0]) printf("%-12s %s to %s\n", "dates", in->first_date, in->last_date);
    printf("%-12s %zu\n", "faults", in->n_faults);
}

static pgr_err inspect(int argc, char **argv, int *exit_code) {
    struct pgr_task_filter f = {.split = NULL};
    struct pgr_str_list ops;
    struct inspection in = {.max_faults = 20};
    const struct pgr_opt opts[] = {
        {"split", PGR_OPT_STR, &f.split, 0, 0}, {"from", PGR_OPT_STR, &f.from, 0, 0},
        {"to", PGR_OPT_STR, &f.to, 0, 0},       {"errors", PGR_OPT_SIZE, &in.max_faults, 0, 1000000},
        {"json", PGR_OPT_FLAG, &in.json, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, sizeof opts / sizeof *opts, 1, 1, &ops));
    json_t **const tables[] = {&in.families, &in.kinds, &in.splits, &in.difficulties, &in.platforms};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) *tables[i] = json_object();
    in.faults = json_array();
    pgr_catch_signals();
    pgr_err err = pgr_tasks_each(ops.item[0], &f, take, &in);
    if (err == PGR_OK && in.n_tasks == 0 && in.n_faults == 0)
        err = pgr_fail(PGR_E_FORMAT, "%s: no task%s", ops.item[0], f.split || f.from || f.to ? " that fits" : "");
    if (err == PGR_OK && in.json) err = print_json(&in, ops.item[0]);
    if (err == PGR_OK && !in.json) print_text(&in, ops.item[0]);
    if (err == PGR_OK && in.n_faults) *exit_code = 2;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) json_decref(*tables[i]);
    json_decref(in.faults);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    if (argc >= 2 && strcmp(argv[1], "contamination") == 0)
        return pgr_data_contamination(argc - 1, argv + 1, exit_code);
    if (argc < 2 || strcmp(argv[1], "inspect") != 0)
        return pgr_fail(PGR_E_USAGE,
                        "pgrpo data inspect FILE or pgrpo data contamination TRAIN BENCHMARK; see pgrpo data "
                        "--help");
    return inspect(argc - 1, argv + 1, exit_code);
}

const struct pgr_command pgr_cmd_data = {"data", "what is in a data set's file, and what is wrong with it", help, run};
