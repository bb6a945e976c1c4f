/* verdict.h - from the end of a run to its verdict, and how outputs are compared. */
#ifndef PGR_SBX_VERDICT_H
#define PGR_SBX_VERDICT_H

#include "sbx/job.h"

/* Reads the payload of an 'x' frame: a wire tuple (where, type, text). A malformed one is no claim. */
void pgr_claim_read(struct pgr_span payload, struct pgr_claim *out);

/* PGR_V_ACCEPTED when the program ended by itself with status 0; else the verdict. `detail` gets one line. */
pgr_verdict pgr_verdict_of_run(const struct pgr_run *r, const struct pgr_claim *claim, char *detail, size_t n_detail);

/* Whether two outputs have the same tokens (runs of bytes other than ASCII white space), or the same bytes. */
bool pgr_output_equal(struct pgr_span got, struct pgr_span expected, bool exact);

/* LiveCodeBench's comparison: both texts stripped have the same number of lines, and each pair of lines, stripped, is
 * equal or holds equal numbers throughout (white space apart, exact decimal values: 1.50 is 1.5, and 1e1 is 10). */
bool pgr_output_equal_lines(struct pgr_span got, struct pgr_span expected);

#endif
