/* lcbrb_build.h - from problems with tests to pairs of reasonings, told apart by whether the program written after them
 * passed, or the final answer was right.
 *
 * For each problem a model writes n answers of reasoning and solution. The solutions run in the sandbox. A reasoning
 * whose solution passes all tests is a superior candidate, one whose solution is wrong, crashes or exceeds a limit an
 * inferior one. Answers that say nothing about the reasoning are neither: cut off, without reasoning or code, code that
 * does not compile, breaks the sandbox's rules or could not be judged. Tasks with a final answer in place of tests take
 * part in the same way: the answer is compared (math/math.h), and what cannot be decided is on neither side.
 *
 * A judge model (maybe the same) is asked by vote whether the solution does what the reasoning says, and for superior
 * ones whether the reasoning is right. From each problem comes at most one pair, so each counts once. So that length
 * does not tell the sides apart, the inferior one is within the length band of the superior one, and the seed says for
 * each problem which of them is to be the longer one, where the samples allow it.
 *
 * Answers with their verdicts and votes go into a journal as they come; pairs are made from it. A run that was ended in
 * any way and is begun again with the same settings writes the same pairs as an unbroken one. Votes belong to a judge
 * and its settings, so the samples of a journal can be judged again by another judge.
 *
 * Source: Fan, Zhang, Chen, Liu, Posterior-GRPO, arXiv:2508.05170, LCB-RB. Prompts, votes, the choice of partners and
 * the length band are this program's own. */
#ifndef PGR_PREF_LCBRB_BUILD_H
#define PGR_PREF_LCBRB_BUILD_H

#include <jansson.h>

#include "pref/lcbrb_prompts.h"
#include "pref/od_gen.h"
#include "sbx/sbx.h"
#include "task/task.h"

enum { PGR_LCBRB_MAX_VOTES = 15, PGR_LCBRB_MAX_SAMPLES = 4096 };

/* What became of a sample: the verdicts of sbx.h, and these. */
#define PGR_LCBRB_STATE_LIST(X)                                                                                        \
    X(PASSED, "passed")                                                                                                \
    X(FAILED, "failed")     /* wrong answer, runtime error, a limit */                                                 \
    X(UNFIT, "unfit")       /* ran, and tells nothing: does not compile, violation, internal error */                  \
    X(CUT, "cut")           /* ended by the token limit */                                                             \
    X(FORMLESS, "formless") /* no reasoning, no code, or code without the function asked for */                        \
    X(ECHO, "echo")         /* reasoning with a run of eight words of the directions that the problem does not have */ \
    X(RESTATED, "restated") /* reasoning that is mostly words of the problem */                                        \
    X(SHORT, "short")       /* reasoning of too few words */                                                           \
    X(REPEATED, "repeated") /* the reasoning of an earlier sample, word for word */                                    \
    X(UNDECIDED, "undecided") /* math: whether the answer is the right one could not be told */
enum pgr_lcbrb_state {
#define X(symbol, name) PGR_LCBRB_##symbol,
    PGR_LCBRB_STATE_LIST(X)
#undef X
        PGR_LCBRB_N_STATE
};
const char *pgr_lcbrb_state_name(enum pgr_lcbrb_state s);

/* Why a problem has no pair. */
#define PGR_LCBRB_END_LIST(X)                                                                                          \
    X(PAIR, "pair")                                                                                                    \
    X(NONE_PASSED, "none passed")                                                                                      \
    X(NONE_FAILED, "none failed")                                                                                      \
    X(UNEVEN, "no partner of like length")                                                                             \
    X(SUPERIOR_REFUSED, "no superior reasoning accepted by the judge")                                                 \
    X(INFERIOR_REFUSED, "no inferior reasoning accepted by the judge")                                                 \
    X(TOO_LONG, "question too long for the model")
enum pgr_lcbrb_end {
#define X(symbol, name) PGR_LCBRB_END_##symbol,
    PGR_LCBRB_END_LIST(X)
#undef X
        PGR_LCBRB_N_END
};
const char *pgr_lcbrb_end_name(enum pgr_lcbrb_end e);

struct pgr_lcbrb_votes {
    size_t n_yes, n_no, n_none; /* votes; none: an answer that says neither */
    size_t n_accepted, n_asked; /* samples */
};

struct pgr_lcbrb_tally {
    size_t n_problem, n_finished; /* begun; of which nothing is left to do */
    size_t n_sample, n_resumed;   /* samples; of which from an earlier run */
    size_t n_token;               /* written by this run, votes included */
    size_t state[PGR_LCBRB_N_STATE];
    size_t n_both;               /* problems with passed and failed samples */
    size_t n_matched;            /* of which some have like length: pairs before the judge */
    size_t end[PGR_LCBRB_N_END]; /* of the finished problems */
    struct pgr_lcbrb_votes superior[PGR_LCBRB_N_CHECK], inferior;
    size_t n_vote, n_vote_resumed;
    size_t n_lost; /* answers that the generator refused to give, programs that the host could not judge: not in the
                      journal, so a further run tries again */
};

struct pgr_lcbrb_cfg {
    const char *tasks_path;
    struct pgr_task_filter filter; /* wants and ctx are not used */
    size_t limit;                  /* the first problems only; 0: all */
    const char *out_path;          /* the pairs; the journal is out_path + ".samples.jsonl" */
    const struct pgr_lcbrb_prompts *prompts;
    size_t n_samples; /* 1..PGR_LCBRB_MAX_SAMPLES */
    size_t enough;    /* above 0: a problem is sampled `step` at a time until it has so many of both kinds */
    size_t step;      /* >= 1 */
    size_t n_votes;   /* of each question to the judge, 0..PGR_LCBRB_MAX_VOTES; 0: no judge */
    size_t n_tries;   /* candidates of each side that the judge is asked about at most, >= 1 */
    size_t n_open;    /* answers open at once, >= 1 */
    size_t min_words; /* of a reasoning */
    double length_band, max_similarity, max_problem; /* as in od_check.h */
    double cpu_s;                                    /* above 0: in place of the tasks' CPU limits */
    size_t memory_bytes;                             /* above 0: the same for memory */
    uint64_t seed;
    /* Settings of the generator and of the judge, told in the journal; objects, borrowed. Other settings of the
     * generator are refused, votes of another judge are left alone. */
    const json_t *settings, *judge_settings;
    bool (*tick)(void *ctx, const struct pgr_lcbrb_tally *t); /* false stops; may be NULL */
    void *ctx;
};

/* PGR_E_INTERRUPTED after a stop: the pairs that are finished are written then, too. PGR_E_FORMAT for a journal of
 * other settings, a faulty record. judge may be the generator; not used with n_votes 0.
 * *tally is filled in any case. After an error programs may still be in the sandbox: close it, or take their results
 * out, before it is used again. */
PGR_MUST_CHECK pgr_err pgr_lcbrb_build(const struct pgr_lcbrb_cfg *cfg, const struct pgr_od_generator *gen,
                                       const struct pgr_od_generator *judge, struct pgr_sbx *sbx,
                                       struct pgr_lcbrb_tally *tally);

#endif
