/* bridge.h - jobs whose tests are Python code.
 *
 * The tests run in a judge's process, in a cell where no solution ever runs; the solution answers from its own. The
 * supervisor carries their messages from one to the other, each checked for its form, and believes only the judge.
 * Tests that need the solution's own process may get it when the job allows that. */
#ifndef PGR_SBX_BRIDGE_H
#define PGR_SBX_BRIDGE_H

#include "sbx/job.h"

/* As pgr_job_start and pgr_job_step, after the bytes were moved. */
PGR_MUST_CHECK pgr_err pgr_bridge_start(struct pgr_job *j, struct pgr_cell *cell, struct pgr_cell *judge);
enum pgr_job_state pgr_bridge_step(struct pgr_job *j);

#endif
