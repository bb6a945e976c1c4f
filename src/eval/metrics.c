/* metrics.c - see metrics.h. */
#include "eval/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

enum { RESAMPLES = 2000 };

double pgr_pass_at_k(size_t n, size_t c, size_t k) {
    if (n - c < k) return 1;
    double none = 1;
    for (size_t i = n - c + 1; i <= n; i++) none *= 1 - (double)k / (double)i;
    return 1 - none;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Percentiles 2.5 and 97.5 of the resampled means. */
static void bootstrap(const double *x, size_t n, struct pgr_mean *out) {
    double means[RESAMPLES];
    for (uint32_t r = 0; r < RESAMPLES; r++) {
        double sum = 0;
        for (size_t i = 0; i < n; i += 4) {
            uint32_t c[4] = {r, (uint32_t)(i / 4), 0, 0}, bits[4];
            pgr_rng_bits(0, PGR_RNG_BOOTSTRAP, c, bits);
            for (size_t k = 0; k < 4 && i + k < n; k++) sum += x[(size_t)(((uint64_t)bits[k] * n) >> 32)];
        }
        means[r] = sum / (double)n;
    }
    qsort(means, RESAMPLES, sizeof *means, by_value);
    out->lo = means[RESAMPLES / 40];
    out->hi = means[RESAMPLES - 1 - RESAMPLES / 40];
}

void pgr_mean_of(const double *x, size_t n, struct pgr_mean *out) {
    *out = (struct pgr_mean){.mean = 0};
    if (n == 0) return;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    out->mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += (x[i] - out->mean) * (x[i] - out->mean);
    if (n > 1) out->se = sqrt(squares / (double)(n - 1) / (double)n);
    bootstrap(x, n, out);
}

double pgr_mcnemar(size_t only_a, size_t only_b) {
    size_t m = only_a + only_b, low = only_a < only_b ? only_a : only_b;
    double p = 0;
    for (size_t i = 0; i <= low && m > 0; i++)
        p += exp(lgamma((double)m + 1) - lgamma((double)i + 1) - lgamma((double)(m - i) + 1) - (double)m * log(2));
    return m == 0 ? 1 : fmin(1, 2 * p);
}

pgr_err pgr_paired_of(const double *a, const double *b, size_t n, struct pgr_paired *out) {
    *out = (struct pgr_paired){.n = n};
    pgr_mean_of(a, n, &out->a);
    pgr_mean_of(b, n, &out->b);
    double *diff = pgr_alloc_array(n ? n : 1, sizeof *diff);
    if (!diff) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", n);
    for (size_t i = 0; i < n; i++) {
        diff[i] = a[i] - b[i];
        out->only_a += a[i] >= 1 && b[i] <= 0;
        out->only_b += b[i] >= 1 && a[i] <= 0;
    }
    pgr_mean_of(diff, n, &out->diff);
    pgr_free(diff);
    out->mcnemar = pgr_mcnemar(out->only_a, out->only_b);
    return PGR_OK;
}
