/* rm.h - the sub-commands of `pgrpo rm`, one file each. */
#ifndef PGR_CLI_RM_H
#define PGR_CLI_RM_H

#include "base/err.h"
#include "base/num.h"

/* argv[0] is the sub-command's name. */
PGR_MUST_CHECK pgr_err pgr_rm_run_train(int argc, char **argv);
PGR_MUST_CHECK pgr_err pgr_rm_run_score(int argc, char **argv);
PGR_MUST_CHECK pgr_err pgr_rm_run_eval(int argc, char **argv);

/* "f32" or "bf16". PGR_E_USAGE. */
PGR_MUST_CHECK pgr_err pgr_rm_parse_dtype(const char *name, enum pgr_dtype *out);

#endif
