/* test_lora.c - low-rank changes and their gradients against sums in double.
 *
 * Bound: a float sum of n products is off by at most n eps sum |a b| (Higham, sec. 3.1); two more factors and the old
 * value are two more roundings each. */
#include "kern_test.h"

#include "base/par.h"
#include "kern/lora.h"

static void check(double got, double want, double mass, size_t n, const char *what) {
    double bound = (double)(n + 4) * (double)FLT_EPSILON * mass;
    if (!(fabs(got - want) <= bound)) fail_msg("%s: got %.9g want %.9g bound %.3g", what, got, want, bound);
}

static void one_case(size_t out, size_t in, size_t rank) {
    struct pgr_lora_dim d = {out, in, rank, 1.75f};
    float *w0 = test_matrix(out, in, in, PGR_F32, 1.0f), *a = test_matrix(rank, in, in, PGR_F32, 1.0f);
    float *b = test_matrix(out, rank, rank, PGR_F32, 1.0f), *dw = test_matrix(out, in, in, PGR_F32, 1.0f);
    float *da = test_matrix(rank, in, in, PGR_F32, 1.0f), *db = test_matrix(out, rank, rank, PGR_F32, 1.0f);
    float *w = malloc(out * in * sizeof *w), *da0 = malloc(rank * in * sizeof *da0),
          *db0 = malloc(out * rank * sizeof *db0);
    assert_true(w && da0 && db0);
    memcpy(da0, da, rank * in * sizeof *da);
    memcpy(db0, db, out * rank * sizeof *db);
    pgr_lora_merge(&d, w0, a, b, w);
    pgr_lora_backward(&d, dw, a, b, da, db);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++) {
            double sum = (double)w0[o * in + i], mass = fabs(sum);
            for (size_t k = 0; k < rank; k++) {
                double p = 1.75 * (double)b[o * rank + k] * (double)a[k * in + i];
                sum += p, mass += fabs(p);
            }
            check((double)w[o * in + i], sum, mass, rank, "merge");
        }
    for (size_t k = 0; k < rank; k++)
        for (size_t i = 0; i < in; i++) {
            double sum = (double)da0[k * in + i], mass = fabs(sum);
            for (size_t o = 0; o < out; o++) {
                double p = 1.75 * (double)b[o * rank + k] * (double)dw[o * in + i];
                sum += p, mass += fabs(p);
            }
            check((double)da[k * in + i], sum, mass, out, "da");
        }
    for (size_t o = 0; o < out; o++)
        for (size_t k = 0; k < rank; k++) {
            double sum = (double)db0[o * rank + k], mass = fabs(sum);
            for (size_t i = 0; i < in; i++) {
                double p = 1.75 * (double)dw[o * in + i] * (double)a[k * in + i];
                sum += p, mass += fabs(p);
            }
            check((double)db[o * rank + k], sum, mass, in, "db");
        }
    pgr_lora_merge(&d, w0, a, b, w0); /* in place */
    assert_memory_equal(w0, w, out * in * sizeof *w);
    free(w0), free(a), free(b), free(dw), free(da), free(db), free(w), free(da0), free(db0);
}

static void sums_in_double(void **state) {
    (void)state;
    one_case(1, 1, 1);
    one_case(33, 257, 4);
    one_case(70, 40, 16);
    one_case(20, 600, 3);
}

static void threads_do_not_change_bits(void **state) {
    (void)state;
    enum { OUT = 130, IN = 700, RANK = 5 };
    struct pgr_lora_dim d = {OUT, IN, RANK, 0.5f};
    float *dw = test_matrix(OUT, IN, IN, PGR_F32, 1.0f), *a = test_matrix(RANK, IN, IN, PGR_F32, 1.0f);
    float *b = test_matrix(OUT, RANK, RANK, PGR_F32, 1.0f), *da[2], *db[2], *w[2];
    size_t before = pgr_par_threads();
    for (int i = 0; i < 2; i++) {
        pgr_par_set_threads(i ? 3 : 1);
        da[i] = calloc(RANK * IN, sizeof(float)), db[i] = calloc(OUT * RANK, sizeof(float));
        w[i] = calloc(OUT * IN, sizeof(float));
        assert_true(da[i] && db[i] && w[i]);
        pgr_lora_backward(&d, dw, a, b, da[i], db[i]);
        pgr_lora_merge(&d, dw, a, b, w[i]);
    }
    pgr_par_set_threads(before);
    assert_memory_equal(da[0], da[1], RANK * IN * sizeof(float));
    assert_memory_equal(db[0], db[1], OUT * RANK * sizeof(float));
    assert_memory_equal(w[0], w[1], OUT * IN * sizeof(float));
    for (int i = 0; i < 2; i++) free(da[i]), free(db[i]), free(w[i]);
    free(dw), free(a), free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_in_double),
        cmocka_unit_test(threads_do_not_change_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
