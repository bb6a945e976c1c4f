/* cli.h - the commands: one file each, one line each in the table of main.c. */
#ifndef PGR_CLI_CLI_H
#define PGR_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/near.h"

/* A command gets its own arguments (argv[0] is its name). Results go to stdout, everything else to stderr. On error
 * it returns the code; main prints the message and picks the exit code. A command that has more to say by its
 * exit code sets *exit_code. --help is handled by main with `help`. */
struct pgr_command {
    const char *name;    /* "train"; for a command with sub-commands "sandbox" */
    const char *summary; /* one line for `pgrpo --help` */
    const char *help;    /* what `pgrpo NAME --help` prints */
    pgr_err (*run)(int argc, char **argv, int *exit_code);
};

/* Option parsing shared by all commands: `--name VALUE`, `--name=VALUE`, `--flag`, then operands; "--" ends options.
 * An unknown option is PGR_E_USAGE and suggests the nearest known one. */
struct pgr_opt {
    const char *name; /* "model" for --model */
    enum { PGR_OPT_STR, PGR_OPT_FLAG, PGR_OPT_SIZE, PGR_OPT_REAL, PGR_OPT_LIST } kind;
    void *out;       /* const char ** | bool * | size_t * | double * | struct pgr_str_list * */
    double min, max; /* for SIZE and REAL; max 0 = unbounded */
};
struct pgr_str_list {
    const char *item[64];
    size_t n;
};
/* Operands (what is no option) go to *operands in order; PGR_E_USAGE unless their number is within [min_op, max_op]. */
PGR_MUST_CHECK pgr_err pgr_opts_parse(int argc, char **argv, const struct pgr_opt *opts, size_t n_opts, size_t min_op,
                                      size_t max_op, struct pgr_str_list *operands);

/* SIGINT and SIGTERM ask for an orderly end: long commands poll this and return PGR_E_INTERRUPTED. A second
 * signal ends the process at once. */
void pgr_catch_signals(void);
bool pgr_stop_asked(void);

void pgr_print_version(void);

#endif
