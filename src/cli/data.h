/* data.h - the parts of pgrpo data. */
#ifndef PGR_CLI_DATA_H
#define PGR_CLI_DATA_H

#include "base/err.h"

/* argv[0] is "contamination". */
PGR_MUST_CHECK pgr_err pgr_data_contamination(int argc, char **argv, int *exit_code);

#endif
