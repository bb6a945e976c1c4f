/* calibrate.c - see calibrate.h. */
#include "pref/calibrate.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"

static const char *const names[] = {"spread", "probability", "none"};

pgr_err pgr_calibrate_parse(const char *name, pgr_calibrate_method *out) {
    for (size_t i = 0; i < PGR_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (pgr_calibrate_method)i;
            return PGR_OK;
        }
    return pgr_fail(PGR_E_RANGE, "calibration \"%s\" is not known, must be spread, probability or none", name);
}

const char *pgr_calibrate_name(pgr_calibrate_method m) { return names[m]; }

struct spread {
    double mean, std;
};

static struct spread spread_of(size_t n, const float *chosen, const float *rejected) {
    double sum = 0.0, sum2 = 0.0, count = 2.0 * (double)n;
    for (size_t i = 0; i < n; i++) sum += (double)chosen[i] + (double)rejected[i];
    double mean = sum / count;
    for (size_t i = 0; i < n; i++) {
        double a = chosen[i] - mean, b = rejected[i] - mean;
        sum2 += a * a + b * b;
    }
    return (struct spread){mean, sqrt(sum2 / count)};
}

/* Sum of the losses at logit a z + c with z = (score - mean) / std, and with g, h its gradient and second derivatives
 * (aa, ac, cc). */
static double platt(size_t n, const float *chosen, const float *rejected, const struct spread *s, double a, double c,
                    double g[2], double h[3]) {
    double hit = ((double)n + 1) / ((double)n + 2), loss = 0.0;
    memset(g, 0, 2 * sizeof *g);
    memset(h, 0, 3 * sizeof *h);
    for (size_t i = 0; i < 2 * n; i++) {
        double z = ((double)(i < n ? chosen[i] : rejected[i - n]) - s->mean) / s->std, target = i < n ? hit : 1 - hit;
        double x = a * z + c, p = 1 / (1 + exp(-x)), w = p * (1 - p);
        loss += (x > 0 ? log1p(exp(-x)) + x : log1p(exp(x))) - target * x;
        g[0] += (p - target) * z, g[1] += p - target;
        h[0] += w * z * z, h[1] += w * z, h[2] += w;
    }
    return loss;
}

/* Newton's method with halved steps; the loss is convex and the smoothed targets keep its minimum finite. */
static void fit_platt(size_t n, const float *chosen, const float *rejected, const struct spread *s, double *a,
                      double *c) {
    double g[2], h[3], loss = platt(n, chosen, rejected, s, *a, *c, g, h);
    for (int pass = 0; pass < 100; pass++) {
        double ridge = 1e-12 * (h[0] + h[2]), aa = h[0] + ridge, cc = h[2] + ridge, det = aa * cc - h[1] * h[1];
        double da = -(cc * g[0] - h[1] * g[1]) / det, dc = -(aa * g[1] - h[1] * g[0]) / det, step = 1.0, next;
        if (!(det > 0) || fabs(da) + fabs(dc) < 1e-10) return;
        do {
            next = platt(n, chosen, rejected, s, *a + step * da, *c + step * dc, g, h);
            step /= 2;
        } while (next > loss && step > 1e-9);
        if (next > loss) return;
        *a += 2 * step * da, *c += 2 * step * dc;
        loss = next;
    }
}

pgr_err pgr_calibrate_fit(pgr_calibrate_method m, size_t n, const float *chosen, const float *rejected,
                          struct pgr_calibration *out) {
    if (n < PGR_CALIBRATE_MIN_PAIRS)
        return pgr_fail(PGR_E_RANGE, "%zu held-out pairs are too few to calibrate on, %d are needed", n,
                        PGR_CALIBRATE_MIN_PAIRS);
    struct spread s = spread_of(n, chosen, rejected);
    if (!(s.std > 1e-6) || !isfinite(s.mean) || !isfinite(s.std))
        return pgr_fail(PGR_E_RANGE, "the held-out scores are all equal (deviation %g): nothing to calibrate", s.std);
    if (m == PGR_CALIBRATE_SPREAD) {
        *out = (struct pgr_calibration){s.std * sqrt(3.0) / 3.14159265358979323846, s.mean};
        return PGR_OK;
    }
    double a = 0.0, c = 0.0;
    fit_platt(n, chosen, rejected, &s, &a, &c);
    if (!(a > 1e-6))
        return pgr_fail(PGR_E_RANGE, "the worse texts of the held-out pairs score no lower than the better ones: no "
                                     "sigmoid of the score is a probability");
    *out = (struct pgr_calibration){s.std / a, s.mean - c * s.std / a};
    return PGR_OK;
}

pgr_err pgr_calibration_save(const char *dir, pgr_calibrate_method m, size_t n_pairs, const struct pgr_calibration *c) {
    char *path = pgr_path_join_dup(dir, "reward_calibration.json");
    json_t *j = json_pack("{s:s, s:f, s:f, s:I}", "method", names[m], "temperature", c->temperature, "offset",
                          c->offset, "pairs", (json_int_t)n_pairs);
    pgr_err err = path && j ? pgr_json_save(path, j) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(j);
    pgr_free(path);
    return err;
}

pgr_err pgr_calibration_remove(const char *dir) {
    char *path = pgr_path_join_dup(dir, "reward_calibration.json");
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_OK;
    if (remove(path) != 0 && errno != ENOENT) err = pgr_fail(PGR_E_IO, "%s: cannot remove: %s", path, strerror(errno));
    pgr_free(path);
    return err;
}
