/* sandbox.h - what the sub-commands of `pgrpo sandbox` share. */
#ifndef PGR_CLI_SANDBOX_H
#define PGR_CLI_SANDBOX_H

#include "cli/cli.h"
#include "sbx/sbx.h"
#include "task/task.h"

struct pgr_sandbox_opts {
    const char *input, *python, *site_packages, *sandbox;
    double cpu, wall;
    size_t memory, output, threads, files, scratch, cells, runs;
    struct pgr_str_list preload; /* NULL-terminated after parsing */
    bool json;
};

PGR_MUST_CHECK pgr_err pgr_sandbox_opts_cfg(const struct pgr_sandbox_opts *o, struct pgr_sbx_cfg *cfg);

/* New reference. id may be NULL. */
json_t *pgr_sandbox_result_json(const char *id, const struct pgr_sbx_result *r, bool with_outputs);
/* Prints one line and takes the reference. */
PGR_MUST_CHECK pgr_err pgr_sandbox_print_json(json_t *o);

PGR_MUST_CHECK pgr_err pgr_sandbox_check(const struct pgr_sandbox_opts *o, int *exit_code);
PGR_MUST_CHECK pgr_err pgr_sandbox_bench(const struct pgr_sandbox_opts *o);

#endif
