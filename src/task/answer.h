/* answer.h - what a completion of a math task is worth. */
#ifndef PGR_TASK_ANSWER_H
#define PGR_TASK_ANSWER_H

#include "task/task.h"

/* Finds the final answer in completion[n] and compares it with the task's (math/math.h, default rules), in the form of
 * a run of one test: ACCEPTED or WRONG_ANSWER, with `expected`, `got` and `detail` of a wrong one. What cannot be
 * decided is WRONG_ANSWER, and *undecided is set. t->kind is PGR_TASK_MATH. *out is the caller's
 * (pgr_sbx_result_free). PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_task_judge_answer(const struct pgr_task *t, const char *completion, size_t n,
                                             struct pgr_sbx_result *out, bool *undecided);

#endif
