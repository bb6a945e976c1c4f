/* balance.h - what length and words alone tell of a file of pairs; for od build and lcbrb build. */
#ifndef PGR_CLI_BALANCE_H
#define PGR_CLI_BALANCE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Measures the pairs of a file and warns on stderr, as part `what` of the program: above warn_words for a bag of words,
 * and when length tells more than 60 %. *out is a new reference to the result (pref/contest.h); NULL for no pairs
 * (n_pair 0). */
PGR_MUST_CHECK pgr_err pgr_balance_measure(const char *what, const char *path, size_t n_pair, uint64_t seed,
                                           double warn_words, json_t **out);
/* A line for all pairs, and one for each group of the kinds named (NULL-terminated: "subsets", "dimensions",
 * "types"). Takes NULL. */
void pgr_balance_print(const json_t *balance, const char *const *kinds);

#endif
