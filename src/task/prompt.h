/* prompt.h - from a task to the tokens that a model is asked with. */
#ifndef PGR_TASK_PROMPT_H
#define PGR_TASK_PROMPT_H

#include "base/buf.h"
#include "task/task.h"
#include "text/tok.h"

/* Appends `template` with {prompt} and {entry_point} replaced by the task's text and function name ("" if it has none).
 * Other braces stay as they are; what is put in is not looked at again. */
void pgr_prompt_render(const char *template, const struct pgr_task *t, struct pgr_buf *out);

/* Appends the ids of the chat rendering of [system (unless NULL), user = pgr_prompt_render], ready for an answer. */
PGR_MUST_CHECK pgr_err pgr_prompt_encode(const struct pgr_tok *tok, const char *system, const char *template,
                                         const struct pgr_task *t, struct pgr_ids *out);

#endif
