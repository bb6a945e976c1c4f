/* program.h - the program that a benchmark's harness runs for what a model wrote. */
#ifndef PGR_TASK_PROGRAM_H
#define PGR_TASK_PROGRAM_H

#include "base/buf.h"
#include "task/task.h"

/* Appends the program for a solution (complete source), or for a completion, which continues the task's prompt:
 *   HumanEval, EvalPlus   prompt + completion; a solution as it is
 *   BigCodeBench          an empty function of the prompt first, then the solution
 *   LiveCodeBench, APPS   by stdin: run inside a function, as its harness does
 * The rest as it is. Sets *setup to what must stand in the job as its setup (borrowed from t, may be NULL). */
PGR_MUST_CHECK pgr_err pgr_task_program(const struct pgr_task *t, const char *code, size_t n, bool is_completion,
                                        struct pgr_buf *out, const char **setup);

#endif
