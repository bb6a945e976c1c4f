/* review.h - what people say of pairs: a file of decisions and comments for each reviewer, how far two agree, and the
 * pairs that all accept.
 *
 * The file is a journal (od_journal.h): {"review": 1, "reviewer": NAME}, then {"id", "pair", "decision", "picked",
 * "revealed", "time"} and {"id", "pair", "comment", "time"} as they are made; the last one counts. "pair" is a digest
 * of the two texts: what was said of a pair that has changed since does not count. */
#ifndef PGR_PREF_REVIEW_H
#define PGR_PREF_REVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "pref/od_journal.h"

struct pgr_review_pair {
    json_t *record;                    /* owned */
    const char *id, *prompt, *side[2]; /* borrowed from it; side[0] is the chosen text */
    char digest[13];
    bool swapped;  /* by the digest: the chosen text stands on the right */
    bool revealed; /* the reviewer has seen which text is the chosen one; set by who shows it */
    char decision; /* 'a' accepted, 'r' rejected, 0 none */
    char *comment; /* owned; NULL none */
};

struct pgr_review {
    struct pgr_review_pair *pair; /* owned, [n] */
    size_t n, cap, n_decided;
    json_t *index;  /* digest -> number */
    char *reviewer; /* owned; NULL before pgr_review_read */
    struct pgr_od_journal journal;
};

/* Reads the pairs ({"id", "prompt", "chosen", "rejected"}) and the reviewer's file, or begins it. PGR_E_FORMAT for a
 * faulty record, for two equal pairs and for another reviewer's file. Call pgr_review_close also after an error, here
 * and below. */
PGR_MUST_CHECK pgr_err pgr_review_open(const char *pairs_path, const char *path, const char *reviewer,
                                       struct pgr_review *out);
/* The pairs alone, and then, as often as wanted, a reviewer's file in place of the one before: nothing is written.
 * PGR_E_FORMAT also for a file that is no file of reviews. */
PGR_MUST_CHECK pgr_err pgr_review_load(const char *pairs_path, struct pgr_review *out);
PGR_MUST_CHECK pgr_err pgr_review_read(struct pgr_review *r, const char *path);
void pgr_review_close(struct pgr_review *r);

/* Both are on the disk when they return. picked: which text was held the better, 0 the chosen, 1 the rejected, -1
 * neither was named. */
PGR_MUST_CHECK pgr_err pgr_review_decide(struct pgr_review *r, size_t pair, char decision, int picked);
PGR_MUST_CHECK pgr_err pgr_review_comment(struct pgr_review *r, size_t pair, const char *text, size_t n_bytes);

struct pgr_agreement {
    size_t n[2][2];         /* pairs by the decisions of the two: [0] accepted, [1] rejected */
    size_t n_both;          /* decided by both: the sum of n */
    size_t only_a, only_b;  /* decided by one only */
    double observed, kappa; /* kappa NAN where chance alone explains all: both say always the same */
};
/* From two files of reviews. Cohen's kappa: (p - e) / (1 - e), p the share of equal decisions, e what two who decide
 * independently and as often would reach. PGR_E_FORMAT when no pair was decided by both. */
PGR_MUST_CHECK pgr_err pgr_review_agreement(const char *path_a, const char *path_b, struct pgr_agreement *out);

/* What several reviewers leave of a file of pairs. */
struct pgr_review_counts {
    size_t n_pair, n_accepted; /* accepted by every reviewer: the pairs that are written */
    size_t n_rejected;         /* by some reviewer */
    size_t n_undecided;        /* rejected by none, not decided by some */
};
/* Writes to out_path, which is replaced as a whole, the pairs that every one of the n files of reviews accepts, in
 * their order, each with "reviews": [{"reviewer", "revealed", "comment" where there is one}] in the order of the files.
 * PGR_E_FORMAT for a faulty record, for two files of one reviewer, and when no pair is accepted: nothing is written
 * then. PGR_E_USAGE when out_path is the file of the pairs or one of the reviews. *out is set in any case. */
PGR_MUST_CHECK pgr_err pgr_review_export(const char *pairs_path, size_t n, const char *const *path,
                                         const char *out_path, struct pgr_review_counts *out);

#endif
