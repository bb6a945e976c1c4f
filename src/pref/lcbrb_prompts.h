/* lcbrb_prompts.h - the texts that `lcbrb build` asks with: built in (data/prompts/lcbrb), or a folder's
 * (prompt_set.h). */
#ifndef PGR_PREF_LCBRB_PROMPTS_H
#define PGR_PREF_LCBRB_PROMPTS_H

#include "pref/prompt_set.h"
#include "task/task.h"

/* What the judge is asked of a sample. */
enum pgr_lcbrb_check {
    PGR_LCBRB_AGREE, /* the solution does what the reasoning says */
    PGR_LCBRB_SOUND, /* the reasoning is right */
    PGR_LCBRB_N_CHECK
};
const char *pgr_lcbrb_check_name(enum pgr_lcbrb_check c); /* "agree", "sound" */

struct pgr_lcbrb_prompts {
    char *version; /* owned, as the rest */
    char *system, *solve, *form_starter, *form_stdin;
    char *judge_system, *check[PGR_LCBRB_N_CHECK];
    char *math_system, *math_solve, *math_check[PGR_LCBRB_N_CHECK]; /* of problems with a final answer */
};

PGR_MUST_CHECK pgr_err pgr_lcbrb_prompts_load(const char *dir, struct pgr_lcbrb_prompts *out);
void pgr_lcbrb_prompts_free(struct pgr_lcbrb_prompts *p);

/* The system's turn that goes with pgr_lcbrb_render_solve; borrowed. */
const char *pgr_lcbrb_solve_system(const struct pgr_lcbrb_prompts *p, const struct pgr_task *t);
/* Appends the user's turn that asks for reasoning and solution. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_render_solve(const struct pgr_lcbrb_prompts *p, const struct pgr_task *t,
                                              struct pgr_buf *out);
/* Appends the user's turn for the judge. */
void pgr_lcbrb_render_check(const struct pgr_lcbrb_prompts *p, enum pgr_lcbrb_check c, const struct pgr_task *t,
                            const char *reasoning, const char *solution, struct pgr_buf *out);

/* What a judge's answer says: 'y', 'n', or '?' when neither. Taken is the word behind the last "verdict" (any case,
 * signs between are skipped); without one, a yes or no that is the whole answer. */
char pgr_lcbrb_vote(const char *text, size_t n);

#endif
