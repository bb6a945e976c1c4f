/* lcbrb.h - the parts of pgrpo lcbrb. */
#ifndef PGR_CLI_LCBRB_H
#define PGR_CLI_LCBRB_H

#include "base/err.h"

PGR_MUST_CHECK pgr_err pgr_lcbrb_run_build(int argc, char **argv, int *exit_code);
PGR_MUST_CHECK pgr_err pgr_lcbrb_run_review(int argc, char **argv, int *exit_code);
PGR_MUST_CHECK pgr_err pgr_lcbrb_run_agreement(int argc, char **argv, int *exit_code);
PGR_MUST_CHECK pgr_err pgr_lcbrb_run_export(int argc, char **argv, int *exit_code);

#endif
