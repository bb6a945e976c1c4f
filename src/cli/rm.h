/* rm.h - the sub-commands of `pgrpo rm`, one file each. */
#ifndef PGR_CLI_RM_H
#define PGR_CLI_RM_H

#include "base/err.h"
#include "base/num.h"
#include "cli/writer.h"
#include "pref/judge.h"

/* argv[0] is the sub-command's name. */
PGR_MUST_CHECK pgr_err pgr_rm_run_train(int argc, char **argv);
PGR_MUST_CHECK pgr_err pgr_rm_run_score(int argc, char **argv);
PGR_MUST_CHECK pgr_err pgr_rm_run_eval(int argc, char **argv);

/* "f32" or "bf16". PGR_E_USAGE. */
PGR_MUST_CHECK pgr_err pgr_rm_parse_dtype(const char *name, enum pgr_dtype *out);

/* pgrpo rm eval --judge */
struct pgr_rm_judge_opts {
    struct pgr_writer_opts writer;
    enum pgr_judge_mode mode;
    const char *prompts; /* NULL: the built-in ones */
};
/* *score as pgr_judge gives it and *about, what the result says of the judge, are the caller's, also after an error. */
PGR_MUST_CHECK pgr_err pgr_rm_judge(const struct pgr_rm_judge_opts *o, const struct pgr_contests *c, float **score,
                                    json_t **about);

#endif
