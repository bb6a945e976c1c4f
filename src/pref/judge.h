/* judge.h - a generative model in the place of a reward model: it compares the two texts of a pair, or grades each.
 *
 * Comparing: every pair is shown twice, with the places changed. The better text has won when both answers name it; two
 * answers for one place, or one that names none, are a tie, which is never right. Grading: each text alone, 1 to 10; an
 * answer without a grade counts as 0. */
#ifndef PGR_PREF_JUDGE_H
#define PGR_PREF_JUDGE_H

#include "pref/contest.h"
#include "pref/od_gen.h"
#include "pref/prompt_set.h"

enum pgr_judge_mode { PGR_JUDGE_COMPARE, PGR_JUDGE_GRADE };
/* "compare", "grade"; PGR_E_USAGE. */
PGR_MUST_CHECK pgr_err pgr_judge_mode_parse(const char *name, enum pgr_judge_mode *out);

/* Built in (data/prompts/judge), or a folder's (prompt_set.h). */
struct pgr_judge_prompts {
    char *version, *system, *compare, *grade; /* owned */
};
PGR_MUST_CHECK pgr_err pgr_judge_prompts_load(const char *dir, struct pgr_judge_prompts *out);
void pgr_judge_prompts_free(struct pgr_judge_prompts *p);

struct pgr_judge_cfg {
    enum pgr_judge_mode mode;
    const struct pgr_judge_prompts *prompts;
    size_t n_open; /* questions at a time */
    /* Called now and then with the number of answers; false stops. May be NULL. */
    bool (*tick)(void *ctx, size_t n_done, size_t n_all);
    void *ctx;
};

struct pgr_judge_tally {
    size_t n_asked, n_unread; /* questions; answers that say nothing, the refused among them */
    size_t n_too_long;        /* questions that the model cannot hold: they count as unread too */
    size_t n_pair, n_place;   /* comparing: pairs; those in which both answers name the same place */
};

/* score[pgr_contests_texts(c)]: comparing, 1 for the winner and 0 else; grading, the grades. Comparing is for files
 * with one text a side (PGR_E_UNSUPPORTED). PGR_E_INTERRUPTED, and what the generator says. */
PGR_MUST_CHECK pgr_err pgr_judge(const struct pgr_judge_cfg *cfg, struct pgr_od_generator *gen,
                                 const struct pgr_contests *c, float *score, struct pgr_judge_tally *out);

/* What an answer of text[n] says: the word behind the last "verdict" (any case, signs between are skipped), or the
 * whole answer where it is but one word. Comparing: 'A', 'B' or 0; grading: 1 to 10 or 0. */
int pgr_judge_read(enum pgr_judge_mode mode, const char *text, size_t n);

#endif
