/* prompts.h - the tasks of a file as token prompts, checked once, and the order in which a run takes them. */
#ifndef PGR_TRAIN_PROMPTS_H
#define PGR_TRAIN_PROMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "task/task.h"
#include "text/tok.h"

struct pgr_task_prompt {
    size_t task; /* index into tasks */
    int32_t *token;
    size_t n_tok;
};

struct pgr_prompts {
    struct pgr_tasks tasks;
    struct pgr_task_prompt *prompt; /* [n] */
    size_t n;
    size_t max_tok;   /* longest */
    size_t n_dropped; /* tasks left out because their prompt is too long */
};

struct pgr_prompts_opts {
    const char *split; /* NULL: all */
    const char *system, *template;
    const char *math_system, *math_template; /* of tasks with an answer instead of tests */
    size_t max_tok;                          /* longest prompt allowed */
    size_t n_vocab;                          /* of the model, to check the ids */
    size_t max_tasks;                        /* only the first so many; 0: all */
    bool drop_long;                          /* leave long ones out instead of failing */
};

/* PGR_E_RANGE: a prompt is longer than max_tok (names the task and the lengths), or none is left; errors of
 * pgr_tasks_load and the template. */
PGR_MUST_CHECK pgr_err pgr_prompts_load(const char *path, const struct pgr_tok *tok, const struct pgr_prompts_opts *o,
                                        struct pgr_prompts *out);
void pgr_prompts_free(struct pgr_prompts *p);

/* The prompts of round `round`, `n` of them, into index[n]: each epoch is a permutation of all n_prompt by (seed,
 * epoch), cut into rounds of n; what is left at its end is dropped. 1 <= n <= n_prompt. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_round_prompts(uint64_t seed, size_t n_prompt, size_t round, size_t n, size_t *index);

#endif
