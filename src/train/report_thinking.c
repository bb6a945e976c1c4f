/* report_thinking.c - what the reward model says in a round: how R_t is spread, whether it goes with the outcome, and
 * how often it alone decides. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "train/report.h"

#define ADD(name, value) PGR_TRY(pgr_metrics_add(&t->metrics, name, value))

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* x[n] in rising order, n >= 1; linear between neighbours. */
static double quantile(const float *x, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? x[i] + (at - (double)i) * ((double)x[i + 1] - x[i]) : x[n - 1];
}

/* Pearson's correlation of R_t with the outcome over the samples that have both; NAN when one of them is constant. */
static double correlation(const struct pgr_sample *s, size_t n) {
    double count = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        double r = s[i].thinking_seen, o = s[i].reward.outcome;
        if (isnan(r) || s[i].reward.left_out) continue;
        count++, x += r, y += o, xx += r * r, yy += o * o, xy += r * o;
    }
    double vx = xx - x * x / count, vy = yy - y * y / count;
    return count > 1 && vx > 1e-9 && vy > 1e-9 ? (xy - x * y / count) / sqrt(vx * vy) : NAN;
}

static double mean_by_outcome(const struct pgr_sample *s, size_t n, bool passed) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(s[i].thinking_seen) || s[i].reward.left_out || (s[i].reward.outcome > 0) != passed) continue;
        sum += s[i].thinking_seen, count++;
    }
    return count > 0 ? sum / count : NAN;
}

/* Format and outcome agree in the whole group, and the totals still differ. */
static bool only_thinking_varies(const struct pgr_sample *s, size_t group) {
    const struct pgr_reward *first = NULL;
    bool varies = false;
    for (size_t i = 0; i < group; i++) {
        const struct pgr_reward *r = &s[i].reward;
        if (r->left_out) continue;
        if (!first) first = r;
        if (r->format != first->format || r->outcome != first->outcome) return false;
        varies |= fabs((double)r->total - first->total) > 1e-8;
    }
    return varies;
}

pgr_err pgr_report_thinking(struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t group) {
    float *x = pgr_alloc_array(n, sizeof *x);
    size_t n_seen = 0, alone = 0;
    if (!x) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu rewards", n);
    for (size_t i = 0; i < n; i++)
        if (!isnan(s[i].thinking_seen)) x[n_seen++] = s[i].thinking_seen;
    qsort(x, n_seen, sizeof *x, by_value);
    double low = n_seen ? quantile(x, n_seen, 0.1) : NAN, mid = n_seen ? quantile(x, n_seen, 0.5) : NAN;
    double high = n_seen ? quantile(x, n_seen, 0.9) : NAN;
    pgr_free(x);
    for (size_t g = 0; g < n / group; g++) alone += only_thinking_varies(s + g * group, group);
    ADD("thinking/p10", low);
    ADD("thinking/p50", mid);
    ADD("thinking/p90", high);
    ADD("thinking/passed_mean", mean_by_outcome(s, n, true));
    ADD("thinking/failed_mean", mean_by_outcome(s, n, false));
    ADD("thinking/outcome_corr", correlation(s, n));
    ADD("frac_groups_only_thinking", (double)alone / ((double)n / (double)group));
    return PGR_OK;
}
