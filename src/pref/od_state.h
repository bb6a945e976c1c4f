/* od_state.h - what a run of od_build.h holds; internal. */
#ifndef PGR_PREF_OD_STATE_H
#define PGR_PREF_OD_STATE_H

#include "pref/od_build.h"
#include "pref/od_journal.h"

struct pgr_od_slot {
    char *text;                      /* owned; NULL until one was accepted */
    size_t n_tried;                  /* answers so far; the accepted one is number n_tried - 1 */
    bool open;                       /* asked for and not yet answered */
    char outcome[PGR_OD_MAX_VERIFY]; /* of solving from it: 'p' passed, 'f' failed, 0 not there */
    size_t n_solving;                /* solutions under way */
};

struct pgr_od_problem {
    struct pgr_task task; /* owned; without tests unless solutions run */
    uint32_t key;
    char digest[13]; /* of its text */
    struct pgr_od_slot slot[PGR_OD_N_SLOT];
    size_t n_open; /* answers and programs under way */
    bool is_finished;
};

struct pgr_od_running { /* a program in the sandbox; its tag is the number of the entry */
    size_t place;       /* (problem * PGR_OD_N_SLOT + slot) * PGR_OD_MAX_VERIFY + solution */
    json_t *text;       /* owned: the answer; NULL: the entry is free */
};

struct pgr_od_state {
    const struct pgr_od_cfg *cfg;
    const struct pgr_od_generator *gen;
    struct pgr_od_tally *tally;
    struct pgr_od_problem *problem;
    size_t n, cap;
    json_t *index; /* id -> number of the problem */
    struct pgr_od_journal journal;
    size_t n_working;               /* problems begun and not finished */
    size_t n_gen_open, n_run;       /* answers the generator owes, programs in the sandbox */
    struct pgr_od_running *running; /* owned, [n_running_cap] */
    size_t n_running_cap;
};

/* od_build.c: asks for what can be asked for now. */
PGR_MUST_CHECK pgr_err pgr_od_advance(struct pgr_od_state *s, size_t problem);

/* od_verify.c: solutions from a text that was accepted. Answers have odd tags, 2 * (problem * PGR_OD_N_SLOT + slot)
 * + 1. */
PGR_MUST_CHECK pgr_err pgr_od_ask_solutions(struct pgr_od_state *s, size_t problem, size_t slot);
PGR_MUST_CHECK pgr_err pgr_od_take_solution(struct pgr_od_state *s, const struct pgr_od_answer *a);
/* Verdicts that are there after at most timeout_ms. */
PGR_MUST_CHECK pgr_err pgr_od_collect(struct pgr_od_state *s, int timeout_ms);
PGR_MUST_CHECK pgr_err pgr_od_replay_solution(struct pgr_od_state *s, struct pgr_od_slot *x, const json_t *obj,
                                              const char *where);
bool pgr_od_is_verified(const struct pgr_od_state *s, const struct pgr_od_slot *x);
size_t pgr_od_n_passed(const struct pgr_od_state *s, const struct pgr_od_slot *x);

/* Writes the pairs whose texts are there, in the order of the problems, and counts them. */
PGR_MUST_CHECK pgr_err pgr_od_write_pairs(struct pgr_od_state *s);

#endif
