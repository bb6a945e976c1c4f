/* cmd_report.c - pgrpo report: runs as one HTML page. */
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"
#include "eval/run_report.h"

static const char help[] =
    "Usage: pgrpo report RUN... [--output FILE.html] [--completions N] [--svg DIR]\n\n"
    "Writes one HTML page about training runs: their curves over each other, and a browser of what the model wrote,\n"
    "with the reasoning, the verdict and the parts of the reward. RUN is the output_dir of pgrpo train, or a reward\n"
    "model's folder. The page needs no network and no server: open the file. See docs/report.md.\n\n"
    "  --output FILE      where it goes; RUN/report.html for a single run\n"
    "  --completions N    completions to include of each run, spread over its steps (400); 0: none\n"
    "  --svg DIR          the main curves as SVG files too\n";

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    const char *output = NULL;
    struct pgr_report_opts o = {.max_completions = 400};
    const struct pgr_opt opts[] = {
        {"output", PGR_OPT_STR, &output, 0, 0},
        {"completions", PGR_OPT_SIZE, &o.max_completions, 0, 100000},
        {"svg", PGR_OPT_STR, &o.svg_dir, 0, 0},
    };
    struct pgr_str_list runs;
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, PGR_REPORT_MAX_RUNS, &runs));
    if (!output && runs.n > 1) return pgr_fail(PGR_E_USAGE, "several runs need --output FILE.html");
    char *path = output ? pgr_strdup(output) : pgr_path_join_dup(runs.item[0], "report.html");
    pgr_err err = path ? pgr_run_report(runs.n, runs.item, &o, path) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(path);
    pgr_free(path);
    return err;
}

const struct pgr_command pgr_cmd_report = {"report", "curves and completions of runs as one HTML page", help, run};
