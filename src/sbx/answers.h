/* answers.h - jobs whose tests only compare results of calls with literals (plan.h): one process, no judge. */
#ifndef PGR_SBX_ANSWERS_H
#define PGR_SBX_ANSWERS_H

#include "sbx/job.h"

/* For pgr_job_start and pgr_job_step of a job that has a plan. NEXT: the plan is given up, a judge runs the tests. */
PGR_MUST_CHECK pgr_err pgr_answers_start(struct pgr_job *j, struct pgr_cell *cell);
enum pgr_job_state pgr_answers_step(struct pgr_job *j);

#endif
