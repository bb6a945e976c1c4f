/* encode.h - a job as a message, its tests checked and put into wire form. */
#ifndef PGR_SBX_ENCODE_H
#define PGR_SBX_ENCODE_H

#include "base/buf.h"
#include "sbx/sbx.h"

/* Appends the whole JOB message. PGR_E_FORMAT for tests that are not of the documented form or empty, PGR_E_RANGE for
 * limits that make no sense. */
PGR_MUST_CHECK pgr_err pgr_job_encode(const struct pgr_sbx_job *job, uint64_t id, struct pgr_buf *out);

#endif
