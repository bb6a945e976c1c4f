/* review.h - what people say of pairs: a file of decisions and comments for each reviewer, and how far two agree.
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
    json_t *index; /* digest -> number */
    struct pgr_od_journal journal;
};

/* Reads the pairs ({"id", "prompt", "chosen", "rejected"}) and the reviewer's file, or begins it. PGR_E_FORMAT for a
 * faulty record, for two equal pairs and for another reviewer's file. Call pgr_review_close also after an error. */
PGR_MUST_CHECK pgr_err pgr_review_open(const char *pairs_path, const char *path, const char *reviewer,
                                       struct pgr_review *out);
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

#endif
