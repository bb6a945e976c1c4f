/* cmd_check.c - pgrpo check: judges completions that someone made for a benchmark. */
#include "cli/bench_arg.h"
#include "base/size.h"

static const char help[] =
    "Usage: pgrpo check --benchmark NAME[=PATH] [OPTION ...] COMPLETIONS.jsonl\n"
    "\n"
    "Judges completions as the benchmark's own harness does (docs/eval.md). A line of COMPLETIONS is\n"
    "{\"task_id\" (or \"id\", \"question_id\"), \"solution\": program} or \"completion\" (what follows the prompt) or\n"
    "\"response\" (a model's whole answer). Writes COMPLETIONS.jsonl_results.jsonl, and for EvalPlus\n"
    "COMPLETIONS_eval_results.json.\n"
    "\n"
    "  --benchmark NAME[=PATH]\n" PGR_BENCH_OPTS_HELP;

static pgr_err run(int argc, char **argv, int *exit_code) {
    struct pgr_bench_opts o = {.benchmark = NULL};
    struct pgr_opt opts[PGR_BENCH_N_OPTS + 1];
    struct pgr_str_list ops;
    struct pgr_bench_arg a = {.bench = NULL};
    pgr_bench_opts_list(&o, opts);
    opts[PGR_BENCH_N_OPTS] = (struct pgr_opt){"no-files", PGR_OPT_FLAG, &o.no_files, 0, 0};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &ops));
    pgr_catch_signals();
    pgr_err err = pgr_bench_arg_open(&o, &a);
    if (err == PGR_OK) err = pgr_bench_judge(&o, &a, ops.item[0], NULL, exit_code);
    pgr_bench_arg_close(&a);
    return err;
}

const struct pgr_command pgr_cmd_check = {"check", "judge completions of a benchmark", help, run};
