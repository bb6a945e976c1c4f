/* bench_arg.h - what `check` and `eval` share: the benchmark and its file, filters, the sandbox, progress. */
#ifndef PGR_CLI_BENCH_ARG_H
#define PGR_CLI_BENCH_ARG_H

#include "cli/cli.h"
#include "eval/judge.h"
#include "eval/report.h"

struct pgr_bench_opts {
    const char *benchmark, *split, *from, *to, *difficulty, *platform, *python, *site_packages, *sandbox, *math,
        *report;
    struct pgr_str_list preload;
    size_t cells, memory;
    double cpu;
    bool json, no_files, sanitize;
};
enum { PGR_BENCH_N_OPTS = 17 };
/* Fills opts[PGR_BENCH_N_OPTS] with the options above. */
void pgr_bench_opts_list(struct pgr_bench_opts *o, struct pgr_opt *opts);
/* Lines for --help. */
#define PGR_BENCH_OPTS_HELP                                                                                            \
    "  --split NAME  --from DATE  --to DATE  --difficulty D  --platform P    only these problems; dates include both " \
    "ends\n"                                                                                                           \
    "  --json           the last line of stdout is the report as one JSON object\n"                                    \
    "  --report FILE    the report as a JSON file\n"                                                                   \
    "  --no-files       no result files beside the completions\n"                                                      \
    "  --sanitize       keep of a program the imports and what the tested function needs, as EvalPlus does\n"          \
    "  --math default|qwen    how answers of math compare (docs/math.md)\n"                                            \
    "  --cpu S  --memory MIB  limits of a program, in place of the benchmark's own\n"                                  \
    "  --cells N  --python PATH  --site-packages DIR  --preload NAME  --sandbox unsafe    as in pgrpo sandbox\n"       \
    "\n"                                                                                                               \
    "NAME is humaneval, humaneval+, mbpp, mbpp_sanitized, mbpp+, livecodebench, bigcodebench, leetcode, apps, "        \
    "gsm8k,\n"                                                                                                         \
    "math, math500, minerva, aime24 or tasks. PATH is the official file, a folder of several, or one in our form\n"    \
    "(docs/data.md), or the name of a fetched data set; without it, what `pgrpo fetch NAME` has put into the cache.\n"

struct pgr_bench_arg {
    const struct pgr_bench *bench;
    char *path; /* owned */
    struct pgr_sbx *sbx;
    double told_s;
    size_t told_done;
};
/* --benchmark NAME[=PATH]: without a path the file of that name in the cache. Opens the sandbox unless the benchmark is
 * one of math. */
PGR_MUST_CHECK pgr_err pgr_bench_arg_open(struct pgr_bench_opts *o, struct pgr_bench_arg *out);
void pgr_bench_arg_close(struct pgr_bench_arg *a);
/* The sandbox alone, by cells, python, site_packages, preload and sandbox. Before any model is mapped. */
PGR_MUST_CHECK pgr_err pgr_bench_open_sandbox(struct pgr_bench_opts *o, struct pgr_sbx **out);

/* Judges the completions of a file, prints the report, writes the files. More than max_lost completions that the host
 * could not judge set *exit_code to 1. */
PGR_MUST_CHECK pgr_err pgr_bench_judge(const struct pgr_bench_opts *o, struct pgr_bench_arg *a,
                                       const char *samples_path, json_t *extra, int *exit_code);

#endif
