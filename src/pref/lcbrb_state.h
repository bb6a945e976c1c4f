/* lcbrb_state.h - what a run of lcbrb_build.h holds; internal. */
#ifndef PGR_PREF_LCBRB_STATE_H
#define PGR_PREF_LCBRB_STATE_H

#include "pref/lcbrb_build.h"
#include "pref/od_journal.h"

struct pgr_lcbrb_sample {
    bool have; /* judged by its tests */
    enum pgr_lcbrb_state state;
    char *reasoning, *code; /* owned; code or final answer; NULL unless PASSED, FAILED, UNFIT (before that: while it
                               runs), UNDECIDED */
    pgr_verdict verdict;
    char *detail; /* owned; NULL */
    size_t n_passed, n_tests;
    bool lost;    /* refused by the generator, or not judged by the host: a further run tries again */
    json_t *text; /* owned, while it runs: the answer as the journal will hold it */
    size_t n_tokens;
    bool cut;
    char vote[PGR_LCBRB_N_CHECK][PGR_LCBRB_MAX_VOTES]; /* 'y', 'n', '?'; 0: not there */
    size_t n_open[PGR_LCBRB_N_CHECK];                  /* votes asked for */
};

struct pgr_lcbrb_problem {
    struct pgr_task task;
    size_t number;
    uint32_t key;
    char digest[13];                 /* of question and tests */
    struct pgr_lcbrb_sample *sample; /* owned, [n_samples]; NULL when finished */
    size_t n_asked, n_open;          /* samples wanted so far; of which open */
    /* choosing: candidates in the order of asking */
    size_t *superior, n_superior, at_superior; /* owned */
    size_t *inferior, n_inferior, at_inferior; /* owned; for superior[at_superior] */
    bool any_accepted;                         /* some superior one was */
    bool longer;                               /* the inferior side is to be the longer one */
    bool too_long;                             /* the question does not fit the generator */
    bool finished;
    json_t *pair; /* owned; NULL: none */
};

struct pgr_lcbrb {
    const struct pgr_lcbrb_cfg *cfg;
    const struct pgr_od_generator *gen, *judge;
    struct pgr_sbx *sbx;
    struct pgr_lcbrb_tally *tally;
    struct pgr_lcbrb_problem **problem; /* owned, [n] */
    size_t n, cap;
    json_t *known;     /* id -> lines of the journal, until the problem is begun */
    char judge_id[13]; /* digest of the judge's name and settings */
    struct pgr_od_journal journal;
    size_t n_gen_open, n_judge_open, n_run; /* answers, votes, programs that are under way */
};

/* lcbrb_sample.c: asks for the samples that are missing; goes on to pgr_lcbrb_choose when there are enough. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_sample_more(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p);
/* An answer of the generator (tag: number of the problem) and a verdict of the sandbox. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_take_answer(struct pgr_lcbrb *s, const struct pgr_od_answer *a);
PGR_MUST_CHECK pgr_err pgr_lcbrb_take_verdict(struct pgr_lcbrb *s, struct pgr_sbx_result *r);
/* A line of the journal for problem p. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_replay(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, const json_t *line);
void pgr_lcbrb_free_samples(struct pgr_lcbrb_problem *p, size_t n);

/* lcbrb_choose.c: superior and inferior candidates, the judge's questions, the pair. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_choose(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p);
PGR_MUST_CHECK pgr_err pgr_lcbrb_take_vote(struct pgr_lcbrb *s, const struct pgr_od_answer *a);

/* lcbrb_pair.c: the record of a pair; NULL when memory runs out. Lines of the journal likewise. */
json_t *pgr_lcbrb_pair(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t chosen, size_t rejected);
json_t *pgr_lcbrb_sample_line(const struct pgr_lcbrb_problem *p, size_t sample);
json_t *pgr_lcbrb_vote_line(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t sample,
                            enum pgr_lcbrb_check c, size_t vote, char said, json_t *text);
/* Writes the pairs that are there, in the order of the problems. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_write(struct pgr_lcbrb *s);

#endif
