/* od_build.h - optimised/degraded pairs: from problems to preference pairs of reasonings.
 *
 * For each problem the generator writes a base reasoning r0, then for each dimension an optimised rewrite r+ and a
 * degraded rewrite r- of it. Every text is checked (od_check.h) and asked for anew, a limited number of times, when it
 * is refused. Pairs, better first: (r+, r-), (r+, r0), (r0, r-), each within the length band and below the similarity
 * bound.
 *
 * With n_verify, the generator also solves each problem from each accepted text so many times, the programs run against
 * the task's tests, and a pair stays only where more solutions from its better text passed than from the worse one.
 *
 * All answers, refused ones too, go into a journal as they come; the file of pairs is made from the journal and put in
 * place as a whole. So a run that is ended and begun again with the same settings writes the same pairs as an unbroken
 * one.
 *
 * Source: Fan, Zhang, Chen, Liu, Posterior-GRPO, arXiv:2508.05170, the OD-based reward model. The prompts, the checks
 * and the retries are this program's own. */
#ifndef PGR_PREF_OD_BUILD_H
#define PGR_PREF_OD_BUILD_H

#include <jansson.h>

#include "pref/od_check.h"
#include "pref/od_gen.h"
#include "pref/od_prompts.h"
#include "sbx/sbx.h"

enum { PGR_OD_MAX_ATTEMPTS = 64, PGR_OD_MAX_VERIFY = 64 };

struct pgr_od_tally {
    size_t n_problem, n_finished;     /* problems; of which nothing is left to ask */
    size_t n_text, n_resumed, n_good; /* answers; of which from an earlier run; accepted */
    size_t n_token;                   /* written by this run */
    size_t refused[PGR_OD_N_REASON];  /* answers by the reason */
    size_t n_too_long;                /* texts not asked for, because the question does not fit the generator, or that
                                         it refused */
    size_t n_given_up;                /* texts of which all attempts were refused */
    size_t n_solution, n_solution_passed; /* programs from accepted texts, and those that passed */
    /* pairs written; left out for the length band, for their similarity, for the pass rates of their texts */
    size_t n_pair, n_uneven, n_alike, n_unproved;
};

struct pgr_od_cfg {
    const char *tasks_path, *split; /* any file of tasks (task/task.h); split NULL: all */
    size_t limit;                   /* the first problems only; 0: all */
    const char *out_path;           /* the pairs; the journal is out_path + ".texts.jsonl" */
    const struct pgr_od_prompts *prompts;
    struct pgr_od_bounds bounds;
    size_t n_attempts;   /* for each text, 1..PGR_OD_MAX_ATTEMPTS */
    size_t n_open;       /* problems worked on at once, >= 1 */
    size_t n_verify;     /* solutions from each text, 0..PGR_OD_MAX_VERIFY; 0: pairs are not checked so */
    struct pgr_sbx *sbx; /* for n_verify above 0 */
    double cpu_s;        /* of a solution; above 0: in place of the tasks' limits */
    uint64_t seed;       /* of the generator, for the provenance */
    /* The generator's settings, told in the journal's first line so that a run with others is refused; an object,
     * borrowed, may be NULL. */
    const json_t *settings;
    bool (*tick)(void *ctx, const struct pgr_od_tally *t); /* after each wait; false stops; may be NULL */
    void *ctx;
};

/* Tasks may be plain records {"id", "prompt"}, except with n_verify: PGR_E_FORMAT then for one without tests.
 * PGR_E_INTERRUPTED after a stop; the pairs that can be made so far are written then, too. PGR_E_FORMAT for a journal
 * of other settings. *tally is filled in any case. */
PGR_MUST_CHECK pgr_err pgr_od_build(const struct pgr_od_cfg *cfg, const struct pgr_od_generator *g,
                                    struct pgr_od_tally *tally);

#endif
