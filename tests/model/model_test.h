/* model_test.h - shared by the tests of whole models: golden files, batches, comparison.
 *
 * Bounds. A value of a model is reached through a chain of stages (products, norms, softmax), each a sum of at most
 * n_sum terms. Its roundings are independent, so they add some sqrt(n_sum) eps of the stage's magnitude (Higham and
 * Mary, A New Approach to Probabilistic Rounding Error Analysis, 2019), and a stage passes earlier errors on with a
 * factor of about one, as norms keep magnitudes. So a tensor is within n_stage sqrt(n_sum) eps of its largest value. In
 * bfloat16 each of the n_round roundings on the way adds at most 2^-9 of the magnitude; these are compared by root
 * mean square. */
#ifndef PGR_TESTS_MODEL_TEST_H
#define PGR_TESTS_MODEL_TEST_H

#include "test.h"

#include <float.h>
#include <math.h>

#include "base/file.h"
#include "base/rng.h"
#include "fmt/safetensors.h"
#include "model/model.h"

PGR_UNUSED static char *test_golden(char buf[512], const char *name) {
    snprintf(buf, 512, "tests/golden/models/%s", name);
    return buf;
}

/* The whole tensor as float32, owned; fails if it is not there. */
PGR_UNUSED static float *test_tensor(const struct pgr_st *s, const char *name, size_t *n) {
    const struct pgr_st_tensor *t = pgr_st_tensor_find(s, name);
    if (!t) fail_msg("golden file has no tensor %s", name);
    float *p = malloc(t->n_elem * sizeof *p);
    assert_non_null(p);
    pgr_st_read(t, 0, t->n_elem, p);
    if (n) *n = t->n_elem;
    return p;
}
PGR_UNUSED static int32_t *test_ints(const struct pgr_st *s, const char *name, size_t *n) {
    const struct pgr_st_tensor *t = pgr_st_tensor_find(s, name);
    if (!t) fail_msg("golden file has no tensor %s", name);
    assert_string_equal(t->dtype, "I32");
    int32_t *p = malloc(t->n_bytes);
    assert_non_null(p);
    memcpy(p, t->data, t->n_bytes);
    if (n) *n = t->n_elem;
    return p;
}

/* Largest |got - want| within tol times largest |want|. */
PGR_UNUSED static void assert_close_max(const char *what, size_t n, const float *got, const float *want, double tol) {
    double top = 0, worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(got[i])) fail_msg("%s[%zu] is %g", what, i, (double)got[i]);
        double e = fabs((double)got[i] - (double)want[i]);
        if (e > worst) worst = e, at = i;
        top = fmax(top, fabs((double)want[i]));
    }
    if (getenv("PGR_TEST_VERBOSE")) print_message("%-50s max error %.3g of %.3g\n", what, worst / top, tol);
    if (!(worst <= tol * top))
        fail_msg("%s[%zu of %zu]: got %.9g, want %.9g, largest %.3g, error %.3g above %.3g", what, at, n,
                 (double)got[at], (double)want[at], top, worst / top, tol);
}

/* Root mean square of got - want within tol times that of want. */
PGR_UNUSED static void assert_close_rms(const char *what, size_t n, const float *got, const float *want, double tol) {
    double e = 0, s = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(got[i])) fail_msg("%s[%zu] is %g", what, i, (double)got[i]);
        e += pow((double)got[i] - (double)want[i], 2);
        s += pow((double)want[i], 2);
    }
    if (getenv("PGR_TEST_VERBOSE")) print_message("%-50s rms error %.3g of %.3g\n", what, sqrt(e / s), tol);
    if (!(sqrt(e) <= tol * sqrt(s))) fail_msg("%s: rms error %.3g above %.3g", what, sqrt(e / s), tol);
}

#endif
