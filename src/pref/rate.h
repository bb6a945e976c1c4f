/* rate.h - a share of right answers with its interval, when several answers belong to one problem.
 *
 * Pairs of one problem are not independent: ten pairs of one problem say less than one pair of ten problems. The
 * interval is Wilson's (1927) for 95 %, taken at an effective number of pairs n_eff = p (1 - p) / V with the variance
 *
 *     V = sum over problems of (sum over its pairs of w_i (x_i - p_i))^2
 *
 * (clusters: Liang and Zeger 1986), w_i the pair's weight in the rate, never more than 1 / sum w_i^2 (Kish), which is
 * the number of pairs when all weigh the same: with one pair a problem this is Wilson's interval itself. Where all
 * pairs are right, or all wrong, n_eff is at most the number of problems. */
#ifndef PGR_PREF_RATE_H
#define PGR_PREF_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_rate {
    size_t n;               /* pairs; 0: there is no rate, the rest is 0 */
    double rate, low, high; /* share of right pairs and its 95 % interval */
};

/* One pair as it is counted. */
struct pgr_outcome {
    uint32_t problem; /* equal for pairs of one problem, below n_problem */
    int longer;       /* 1: the better text is the longer one, -1: the shorter one, 0: same length */
    bool right;
};

/* Share of right outcomes. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_rate_of(size_t n, const struct pgr_outcome *o, size_t n_problem, struct pgr_rate *out);

/* The length-controlled share: the mean of the rate where the better text is the longer one and the rate where it is
 * the shorter one, so that a rule which looks at length alone gets 0.5. Pairs of equal length are left out; without
 * pairs of both kinds n = 0. halves[2], may be NULL: the two rates, longer first. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_rate_length_controlled(size_t n, const struct pgr_outcome *o, size_t n_problem,
                                                  struct pgr_rate *out, struct pgr_rate halves[2]);

/* Wilson's 95 % interval of a share p seen in n_eff > 0 draws. */
void pgr_wilson(double p, double n_eff, double *low, double *high);

#endif
