/* run_code.h - a solution of a task to the sandbox, as `check` does it. */
#ifndef PGR_PREF_RUN_CODE_H
#define PGR_PREF_RUN_CODE_H

#include "task/task.h"

/* Queues the program that the task's benchmark runs for this source. cpu_s, memory_bytes: above 0, in place of the
 * task's limits. t->kind is PGR_TASK_CODE. */
PGR_MUST_CHECK pgr_err pgr_run_code(struct pgr_sbx *sbx, const struct pgr_task *t, const char *code, double cpu_s,
                                    size_t memory_bytes, uint64_t tag);

#endif
