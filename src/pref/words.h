/* words.h - what the words alone give away: a bag-of-words classifier of pairs, cross-validated by problem.
 *
 * A text is the set of its words and of its pairs of neighbouring words (lower case; a word is a run of letters and
 * underscores, a run of digits, or one other sign). A pair of texts is the difference of two such sets, scaled to
 * length 1, and log(bytes of the better / bytes of the worse). A logistic regression without intercept learns on four
 * fifths of the problems to tell the better text from the worse, and is asked about the rest. It reads no problem and
 * understands nothing, so what it reaches is what artefacts reach; a reward model should do better.
 *
 * Solver: stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013, section 6.2), a function of the input and
 * the seed alone. */
#ifndef PGR_PREF_WORDS_H
#define PGR_PREF_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_words_pair {
    const char *chosen, *rejected; /* borrowed, NUL-terminated */
    uint32_t problem;              /* equal for pairs of one problem, below n_problem */
};

/* right[i]: the classifier that did not see the problem of pair i prefers its better text. With fewer than two problems
 * nothing can be held out: *done = false and right is untouched. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_words_cross_validate(size_t n, const struct pgr_words_pair *pair, size_t n_problem,
                                                uint64_t seed, bool *right, bool *done);

#endif
