/* pairs.h - preference pairs: two reasonings about one problem, the first better than the second. */
#ifndef PGR_PREF_PAIRS_H
#define PGR_PREF_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_pair {
    char *id, *prompt, *chosen, *rejected; /* owned, never NULL; NUL-terminated UTF-8 */
    char *dimension, *type;                /* owned; NULL unless given */
    double margin;                         /* 0 unless given */
    double grade[2];                       /* of chosen and rejected; 0 without pgr_pairs_grade */
    bool validation;                       /* held out */
};

struct pgr_pairs {
    struct pgr_pair *pair; /* owned */
    size_t n;
};

/* Reads JSONL records {"prompt", "chosen", "rejected"} with optional "id", "margin", "dimension", "type",
 * "split" ("train" or "validation").
 * Errors name file, line and key; equal sides and a file without pairs are errors. */
PGR_MUST_CHECK pgr_err pgr_pairs_load(const char *path, struct pgr_pairs *out);
void pgr_pairs_free(struct pgr_pairs *p);

/* Takes the grades of both texts from JSONL records {"id", "chosen": [g], "rejected": [g]}, as `pgrpo rm eval --judge M
 * --judge-mode grade --scores` writes them, by id. A grade of 0 is none. Pairs without two grades are removed;
 * *n_left_out says how many. PGR_E_FORMAT when none is left, for two records of one id, and as pgr_pairs_load. */
PGR_MUST_CHECK pgr_err pgr_pairs_grade(struct pgr_pairs *p, const char *path, size_t *n_left_out);

/* Marks about `fraction` of the problems (never single pairs: all pairs of one prompt go together) as held out, a
 * function of the prompt's text and the seed. Does nothing when some pair is marked already. */
void pgr_pairs_split(struct pgr_pairs *p, double fraction, uint64_t seed);

#endif
