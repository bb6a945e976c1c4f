/* test_linear_slopes.c - gradients of the operations that hold most weights, embedding and matrix product, against
 * central differences in double of a plain forward pass, at every instruction-set level. test_gemm.c compares the same
 * functions with sums on many shapes; here nobody has derived the gradient by hand. */
#include "ops_test.h"

#include "kern/gemm.h"

/* loss = sum over r, c of seed[r,c] y[r,c] + y[r,c]^2 / 2: not linear in y, so that d loss / d y = seed + y differs
 * from row to row and depends on the forward pass. */
struct chain {
    size_t m, n_in, n_out;
    const int32_t *token; /* rows of x are rows of `table`, or x itself when NULL */
    double *x, *w, *bias, *seed;
};

static double output(const struct chain *c, size_t r, size_t o) {
    double y = c->bias[o];
    const double *x = c->x + (c->token ? (size_t)c->token[r] : r) * c->n_in;
    for (size_t k = 0; k < c->n_in; k++) y += x[k] * c->w[o * c->n_in + k];
    return y;
}

static double loss(void *ctx) {
    const struct chain *c = ctx;
    double s = 0;
    for (size_t r = 0; r < c->m; r++)
        for (size_t o = 0; o < c->n_out; o++) {
            double y = output(c, r, o);
            s += (c->seed[r * c->n_out + o] + y / 2) * y;
        }
    return s;
}

/* The gradient of y that the kernels are given: rounded to the type, and its rounding error is the larger part of every
 * bound below. */
static void *gradient_of_output(const struct chain *c, enum pgr_dtype t, double *abs_dy) {
    float *dy = malloc(c->m * c->n_out * sizeof *dy);
    assert_non_null(dy);
    for (size_t r = 0; r < c->m; r++)
        for (size_t o = 0; o < c->n_out; o++) {
            double v = c->seed[r * c->n_out + o] + output(c, r, o);
            dy[r * c->n_out + o] = (float)v;
            abs_dy[r * c->n_out + o] = fabs(v);
        }
    void *out = test_typed(c->m * c->n_out, t, dy);
    free(dy);
    return out;
}

/* Rounding dy costs half a unit in the last place of each term of `mass`, the float sum of n terms n eps of it. */
static void close_to(const char *what, size_t i, double got, double want, enum pgr_dtype t, size_t n, double mass) {
    double bound = mass * ((t == PGR_BF16 ? 0x1p-8 : 0x1p-23) + (double)(n + 2) * (double)FLT_EPSILON) + 1e-9;
    if (!(fabs(got - want) <= bound))
        fail_msg("%s, %s, %s %zu: got %.9g, slope %.9g, bound %.3g", pgr_isa_name(pgr_isa()),
                 t == PGR_F32 ? "f32" : "bf16", what, i, got, want, bound);
}

static void check_product(size_t m, size_t n_in, size_t n_out, enum pgr_dtype t) {
    float *x = test_floats(m * n_in, t, 0.1, 1), *w = test_floats(n_out * n_in, t, 0, 0.5);
    float *bias = test_floats(n_out, PGR_F32, 0, 1), *seed = test_floats(m * n_out, PGR_F32, 0.2, 1);
    struct chain c = {m,
                      n_in,
                      n_out,
                      NULL,
                      test_doubles(m * n_in, x),
                      test_doubles(n_out * n_in, w),
                      test_doubles(n_out, bias),
                      test_doubles(m * n_out, seed)};
    double *dy_mass = malloc(m * n_out * sizeof *dy_mass);
    assert_non_null(dy_mass);
    void *dy = gradient_of_output(&c, t, dy_mass), *xt = test_typed(m * n_in, t, x);
    struct pgr_wmat *packed;
    assert_ok(pgr_wmat_new(n_out, n_in, t, PGR_WMAT_FORWARD | PGR_WMAT_BACKWARD, &packed));
    pgr_wmat_set(packed, 0, n_out, w);
    float *dx = test_floats(m * n_in, PGR_F32, 0, 1), *dw = calloc(n_out * n_in, sizeof *dw),
          *db = calloc(n_out, sizeof *db);
    assert_non_null(dw);
    assert_non_null(db);
    pgr_gemm_dx(packed, 0, n_out, m, dy, n_out, false, dx, n_in, PGR_F32);
    pgr_gemm_dw(n_out, n_in, m, t, dy, n_out, xt, n_in, dw, db);
    for (size_t r = 0; r < m; r++)
        for (size_t k = 0; k < n_in; k++) {
            double mass = 0;
            for (size_t o = 0; o < n_out; o++) mass += dy_mass[r * n_out + o] * fabs(c.w[o * n_in + k]);
            close_to("dx", r * n_in + k, (double)dx[r * n_in + k], test_slope(loss, &c, &c.x[r * n_in + k]), t, n_out,
                     mass);
        }
    for (size_t o = 0; o < n_out; o++) {
        double bias_mass = 0;
        for (size_t r = 0; r < m; r++) bias_mass += dy_mass[r * n_out + o];
        close_to("dbias", o, (double)db[o], test_slope(loss, &c, &c.bias[o]), t, m, bias_mass);
        for (size_t k = 0; k < n_in; k++) {
            double mass = 0;
            for (size_t r = 0; r < m; r++) mass += dy_mass[r * n_out + o] * fabs(c.x[r * n_in + k]);
            close_to("dw", o * n_in + k, (double)dw[o * n_in + k], test_slope(loss, &c, &c.w[o * n_in + k]), t, m,
                     mass);
        }
    }
    pgr_wmat_free(packed);
    free(x), free(w), free(bias), free(seed), free(c.x), free(c.w), free(c.bias), free(c.seed);
    free(dy_mass), free(dy), free(xt), free(dx), free(dw), free(db);
}

/* x = rows of a table, y = x W^T + b: the table's gradient is dy W scattered to the rows that were looked up. */
static void check_embedding(size_t n_vocab, size_t m, size_t d, size_t n_out, enum pgr_dtype t) {
    float *table = test_floats(n_vocab * d, t, 0.1, 1), *w = test_floats(n_out * d, PGR_F32, 0, 0.5);
    float *bias = test_floats(n_out, PGR_F32, 0, 1), *seed = test_floats(m * n_out, PGR_F32, 0.2, 1);
    int32_t *token = malloc(m * sizeof *token);
    uint32_t *index = malloc(m * sizeof *index);
    assert_non_null(token);
    assert_non_null(index);
    for (size_t i = 0; i < m; i++) index[i] = (uint32_t)(i * i % n_vocab), token[i] = (int32_t)index[i];
    struct chain c = {m,
                      d,
                      n_out,
                      token,
                      test_doubles(n_vocab * d, table),
                      test_doubles(n_out * d, w),
                      test_doubles(n_out, bias),
                      test_doubles(m * n_out, seed)};
    struct pgr_wmat *packed;
    assert_ok(pgr_wmat_new(n_vocab, d, t, PGR_WMAT_FORWARD, &packed));
    pgr_wmat_set(packed, 0, n_vocab, table);
    float *x = test_floats(m * d, PGR_F32, 0, 1), *dx = malloc(m * d * sizeof *dx),
          *dtable = calloc(n_vocab * d, sizeof *dtable);
    double *mass = calloc(n_vocab * d, sizeof *mass);
    assert_non_null(dx);
    assert_non_null(dtable);
    assert_non_null(mass);
    pgr_ops_embed(packed, m, token, x);
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < d; k++) {
            assert_memory_equal(&x[i * d + k], &table[index[i] * d + k], sizeof *x);
            double s = 0;
            for (size_t o = 0; o < n_out; o++) {
                double term = (c.seed[i * n_out + o] + output(&c, i, o)) * c.w[o * d + k];
                s += term, mass[index[i] * d + k] += fabs(term);
            }
            dx[i * d + k] = (float)s;
        }
    pgr_ops_scatter_add(m, d, index, dx, dtable);
    for (size_t i = 0; i < n_vocab * d; i++)
        close_to("table", i, (double)dtable[i], test_slope(loss, &c, &c.x[i]), PGR_F32, m, mass[i]);
    pgr_wmat_free(packed);
    free(table), free(w), free(bias), free(seed), free(token), free(index), free(c.x), free(c.w), free(c.bias);
    free(c.seed), free(x), free(dx), free(dtable), free(mass);
}

static void at_level(void **state, void (*check)(enum pgr_dtype)) {
    enum pgr_isa was = pgr_isa(), isa = (enum pgr_isa)(intptr_t)*state;
    if (isa > pgr_isa_best()) {
        print_message("level %s: not on this machine\n", pgr_isa_name(isa));
        skip();
    }
    assert_ok(pgr_isa_set(isa));
    check(PGR_F32);
    check(PGR_BF16);
    assert_ok(pgr_isa_set(was));
}

static void products(enum pgr_dtype t) {
    check_product(1, 3, 2, t);
    check_product(5, 7, 6, t);
    check_product(33, 34, 17, t);
    check_product(40, 16, 35, t);
}
static void product_gradients_are_slopes(void **state) { at_level(state, products); }

static void embeddings(enum pgr_dtype t) {
    check_embedding(5, 12, 7, 3, t);
    check_embedding(40, 30, 33, 4, t); /* some rows never looked up: slope 0 */
}
static void embedding_gradients_are_slopes(void **state) { at_level(state, embeddings); }

#define LEVEL(test, isa)                                                                                               \
    { #test " " #isa, test, NULL, NULL, (void *)(intptr_t)PGR_ISA_##isa }
#define EACH_LEVEL(test)                                                                                               \
    LEVEL(test, REF), LEVEL(test, AVX2), LEVEL(test, AVX512), LEVEL(test, AVX512BF16), LEVEL(test, AMX)

int main(void) {
    const struct CMUnitTest tests[] = {EACH_LEVEL(product_gradients_are_slopes),
                                       EACH_LEVEL(embedding_gradients_are_slopes)};
    pgr_par_set_threads(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
