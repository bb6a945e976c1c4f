/* metrics.h - what is computed from verdicts: pass@k, means with their error, and the comparison of two models.
 *
 * Plain arithmetic on arrays; random resampling is keyed, so that the same data give the same interval. */
#ifndef PGR_EVAL_METRICS_H
#define PGR_EVAL_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The chance that at least one of k samples drawn without replacement from n, of which c pass, passes:
 * 1 - C(n-c, k) / C(n, k), as a product. 1 <= k <= n, c <= n.
 * Source: Chen et al., Evaluating Large Language Models Trained on Code, arXiv:2107.03374, sec. 2.1. */
double pgr_pass_at_k(size_t n, size_t c, size_t k);

struct pgr_mean {
    double mean;
    double se;     /* standard deviation (n - 1) / sqrt(n); 0 for n < 2 */
    double lo, hi; /* 95 % interval: percentiles of the means of 2,000 resamples of the n values */
};
/* Mean over problems. n = 0 gives zeros. */
void pgr_mean_of(const double *x, size_t n, struct pgr_mean *out);

struct pgr_paired {
    size_t n; /* problems in both */
    struct pgr_mean a, b;
    struct pgr_mean diff;  /* of a - b, problem by problem */
    size_t only_a, only_b; /* problems that one solves and the other does not, where both have one sample each */
    double mcnemar;        /* exact two-sided p: a fair coin for each of those problems */
};
/* Scores of the same n problems, each 0..1. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_paired_of(const double *a, const double *b, size_t n, struct pgr_paired *out);
/* The exact test alone: P(|X - m/2| >= |only_a - m/2|), X binomial(m, 1/2), m = only_a + only_b. 1 for m = 0. */
double pgr_mcnemar(size_t only_a, size_t only_b);

#endif
