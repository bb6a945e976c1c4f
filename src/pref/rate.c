/* rate.c - see rate.h. */
#include "pref/rate.h"

#include <math.h>

#include "base/mem.h"

void pgr_wilson(double p, double n_eff, double *low, double *high) {
    const double z = 1.959963984540054; /* normal quantile of 0.975 */
    double z2n = z * z / n_eff, mid = (p + z2n / 2) / (1 + z2n);
    double half = z / (1 + z2n) * sqrt(p * (1 - p) / n_eff + z2n / (4 * n_eff));
    *low = fmax(0.0, mid - half);
    *high = fmin(1.0, mid + half);
}

/* The rate of some outcomes under weights by `longer`: weight[1 + longer], their sum over the outcomes is 1; mean[]
 * likewise the rate that an outcome's deviation is taken from. sum[n_problem] is scratch. */
static struct pgr_rate weighted(size_t n, const struct pgr_outcome *o, size_t n_problem, const double weight[3],
                                const double mean[3], double *sum, bool *seen) {
    struct pgr_rate r = {0};
    double p = 0.0, w2 = 0.0, v = 0.0, clusters = 0.0;
    for (size_t c = 0; c < n_problem; c++) sum[c] = 0.0, seen[c] = false;
    for (size_t i = 0; i < n; i++) {
        double w = weight[1 + o[i].longer];
        if (w <= 0.0) continue;
        r.n++;
        p += w * o[i].right;
        w2 += w * w;
        sum[o[i].problem] += w * (o[i].right - mean[1 + o[i].longer]);
        seen[o[i].problem] = true;
    }
    if (r.n == 0) return r;
    for (size_t c = 0; c < n_problem; c++) clusters += seen[c], v += sum[c] * sum[c];
    r.rate = fmin(1.0, p);
    double n_eff = 1.0 / w2, spread = r.rate * (1 - r.rate);
    if (spread < 1e-12)
        n_eff = fmin(n_eff, clusters);
    else if (clusters > 1 && v > 0)
        n_eff = fmin(n_eff, spread / v);
    else if (clusters <= 1)
        n_eff = 1.0;
    pgr_wilson(r.rate, n_eff, &r.low, &r.high);
    return r;
}

struct scratch {
    double *sum;
    bool *seen;
};

static pgr_err scratch_new(size_t n_problem, struct scratch *s) {
    *s = (struct scratch){pgr_alloc_array(n_problem + 1, sizeof *s->sum),
                          pgr_alloc_array(n_problem + 1, sizeof *s->seen)};
    if (s->sum && s->seen) return PGR_OK;
    pgr_free(s->sum);
    pgr_free(s->seen);
    return pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", n_problem);
}

static void scratch_free(struct scratch *s) {
    pgr_free(s->sum);
    pgr_free(s->seen);
}

/* The plain rate of the outcomes whose `longer` is in take. */
static struct pgr_rate plain(size_t n, const struct pgr_outcome *o, size_t n_problem, const bool take[3],
                             struct scratch *s) {
    double count = 0.0, right = 0.0;
    for (size_t i = 0; i < n; i++)
        if (take[1 + o[i].longer]) count++, right += o[i].right;
    if (count == 0) return (struct pgr_rate){0};
    double p = right / count, weight[3], mean[3] = {p, p, p};
    for (int k = 0; k < 3; k++) weight[k] = take[k] ? 1 / count : 0.0;
    struct pgr_rate r = weighted(n, o, n_problem, weight, mean, s->sum, s->seen);
    r.rate = p; /* the same without the rounding of n additions */
    return r;
}

pgr_err pgr_rate_of(size_t n, const struct pgr_outcome *o, size_t n_problem, struct pgr_rate *out) {
    struct scratch s;
    PGR_TRY(scratch_new(n_problem, &s));
    *out = plain(n, o, n_problem, (const bool[3]){true, true, true}, &s);
    scratch_free(&s);
    return PGR_OK;
}

pgr_err pgr_rate_length_controlled(size_t n, const struct pgr_outcome *o, size_t n_problem, struct pgr_rate *out,
                                   struct pgr_rate halves[2]) {
    struct scratch s;
    PGR_TRY(scratch_new(n_problem, &s));
    struct pgr_rate longer = plain(n, o, n_problem, (const bool[3]){false, false, true}, &s);
    struct pgr_rate shorter = plain(n, o, n_problem, (const bool[3]){true, false, false}, &s);
    *out = (struct pgr_rate){0};
    if (longer.n && shorter.n) {
        const double weight[3] = {0.5 / (double)shorter.n, 0.0, 0.5 / (double)longer.n};
        const double mean[3] = {shorter.rate, 0.0, longer.rate};
        *out = weighted(n, o, n_problem, weight, mean, s.sum, s.seen);
        out->rate = 0.5 * (longer.rate + shorter.rate);
    }
    if (halves) halves[0] = longer, halves[1] = shorter;
    scratch_free(&s);
    return PGR_OK;
}
