/* od_prompts.h - the texts that a model is asked with when pairs are made: built in (data/prompts/od), or a folder's.
 *
 * Places in them: {problem} {reasoning} {change} {words}; other braces stay. prompt_set.h has files and version. */
#ifndef PGR_PREF_OD_PROMPTS_H
#define PGR_PREF_OD_PROMPTS_H

#include <stddef.h>

#include "base/buf.h"
#include "task/task.h"

#define PGR_OD_DIMENSION_LIST(X) X(factual_accuracy) X(logical_rigor) X(logical_coherence)

enum { PGR_OD_N_DIMENSION = 3, PGR_OD_N_SLOT = 1 + 2 * PGR_OD_N_DIMENSION };

/* The texts made for a problem: slot 0 is the base reasoning, 1 + 2 d the optimised and 2 + 2 d the degraded rewrite
 * along dimension d. */
const char *pgr_od_dimension_name(size_t d);
/* "base", "factual_accuracy/optimized", ... */
const char *pgr_od_slot_name(size_t slot);

struct pgr_od_prompts {
    char *version;                   /* owned, as the rest */
    char *system, *base, *rewrite;   /* NUL-terminated, without white space at their ends */
    char *change[PGR_OD_N_SLOT - 1]; /* of slot i + 1 */
    char *solve_system, *solve;
};

/* dir: a folder with files of the same names, of which all must be there; NULL: the built-in ones. PGR_E_NOTFOUND,
 * PGR_E_FORMAT for an empty file, for text with NUL bytes and for one that lacks a place it needs. */
PGR_MUST_CHECK pgr_err pgr_od_prompts_load(const char *dir, struct pgr_od_prompts *out);
void pgr_od_prompts_free(struct pgr_od_prompts *p);

/* Appends the user's turn for a slot; base: the reasoning to rewrite, NULL for slot 0. What is put in is not looked at
 * again. */
void pgr_od_prompts_render(const struct pgr_od_prompts *p, size_t slot, const char *problem, const char *base,
                           struct pgr_buf *out);
/* Appends the user's turn that asks for a solution as the reasoning says. */
void pgr_od_prompts_render_solve(const struct pgr_od_prompts *p, const struct pgr_task *t, const char *reasoning,
                                 struct pgr_buf *out);

#endif
