/* od_state.h - what a run of od_build.h holds; internal. */
#ifndef PGR_PREF_OD_STATE_H
#define PGR_PREF_OD_STATE_H

#include "pref/od_build.h"
#include "pref/od_journal.h"

struct pgr_od_slot {
    char *text;     /* owned; NULL until one was accepted */
    size_t n_tried; /* answers so far; the accepted one is number n_tried - 1 */
    bool open;      /* asked for and not yet answered */
};

struct pgr_od_problem {
    char *id, *prompt, *split; /* owned; split NULL unless "train" or "validation" */
    struct pgr_od_slot slot[PGR_OD_N_SLOT];
    size_t n_open;
};

struct pgr_od_state {
    const struct pgr_od_cfg *cfg;
    const struct pgr_od_generator *gen;
    struct pgr_od_tally *tally;
    struct pgr_od_problem *problem;
    size_t n, cap;
    json_t *index; /* id -> number of the problem */
    struct pgr_od_journal journal;
    size_t n_working; /* problems begun and not finished */
};

/* Writes the pairs whose texts are there, in the order of the problems, and counts them. */
PGR_MUST_CHECK pgr_err pgr_od_write_pairs(struct pgr_od_state *s);

#endif
