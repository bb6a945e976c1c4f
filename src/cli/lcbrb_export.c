/* lcbrb_export.c - pgrpo lcbrb export: the pairs that reviewers accept. */
#include <stdio.h>

#include "base/size.h"
#include "cli/cli.h"
#include "cli/lcbrb.h"
#include "pref/review.h"

pgr_err pgr_lcbrb_run_export(int argc, char **argv, int *exit_code) {
    const char *pairs = NULL, *output = NULL;
    struct pgr_str_list files;
    struct pgr_review_counts c;
    bool json = false;
    (void)exit_code;
    const struct pgr_opt opts[] = {{"pairs", PGR_OPT_STR, &pairs, 0, 0},
                                   {"output", PGR_OPT_STR, &output, 0, 0},
                                   {"json", PGR_OPT_FLAG, &json, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, PGR_COUNT(files.item), &files));
    if (!pairs || !output) return pgr_fail(PGR_E_USAGE, "export needs --pairs and --output");
    PGR_TRY(pgr_review_export(pairs, files.n, files.item, output, &c));
    printf("%zu of %zu pairs in %s; %zu rejected, %zu undecided\n", c.n_accepted, c.n_pair, output, c.n_rejected,
           c.n_undecided);
    if (json)
        printf("{\"pairs\":%zu,\"accepted\":%zu,\"rejected\":%zu,\"undecided\":%zu,\"reviews\":%zu}\n", c.n_pair,
               c.n_accepted, c.n_rejected, c.n_undecided, files.n);
    return PGR_OK;
}
