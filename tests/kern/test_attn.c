/* test_attn.c - attention of every instruction-set level against double precision.
 *
 * Bounds. A score's error is e = (d + 2) eps scale sum|q k|. A probability's relative error is then at most
 * 2 e (its own score and the largest one in lse) + (n_key + 16) eps (exponentials and sums), and 2^-8 more where
 * probabilities are rounded to bfloat16 for the product with v. Errors of sums of products follow from those. */
#include "kern_test.h"

#include "base/par.h"
#include "kern/attn.h"

struct problem {
    struct pgr_attn_shape sh;
    struct pgr_segments seg;
    size_t start[9];
    int32_t parent[8];
    enum pgr_dtype type;
    size_t n_tok, ldqkv, ldout;
    void *qkv, *dout;
};

static void make_problem(struct problem *p, size_t n_head, size_t n_kv, size_t d, enum pgr_dtype type, size_t max_len) {
    *p = (struct problem){.sh = {n_head, n_kv, d, 1.0f / sqrtf((float)d)}, .type = type};
    size_t n = 1 + test_below(8);
    for (size_t s = 0; s < n; s++) {
        p->start[s + 1] = p->start[s] + (test_below(10) ? 1 + test_below(max_len) : 0);
        p->parent[s] = -1;
        if (s && test_below(3)) {
            size_t q = test_below(s);
            p->parent[s] = p->parent[q] < 0 ? (int32_t)q : p->parent[q];
        }
    }
    p->seg = (struct pgr_segments){n, p->start, p->parent};
    p->n_tok = p->start[n];
    p->ldqkv = (n_head + 2 * n_kv) * d + test_below(3);
    p->ldout = n_head * d + test_below(3);
    p->qkv = test_matrix(p->n_tok, (n_head + 2 * n_kv) * d, p->ldqkv, type, 2.0f);
    p->dout = test_matrix(p->n_tok, n_head * d, p->ldout, type, 1.0f);
}

static void free_problem(struct problem *p) { free(p->qkv), free(p->dout); }

static size_t elems(const struct problem *p, size_t ld, size_t cols) {
    return p->n_tok ? (p->n_tok - 1) * ld + cols : 0;
}

static double q_at(const struct problem *p, size_t t, size_t h, size_t i) {
    return test_get(p->qkv, t * p->ldqkv + h * p->sh.d_head + i, p->type);
}
static double k_at(const struct problem *p, size_t t, size_t h, size_t i) {
    size_t kv = h / (p->sh.n_head / p->sh.n_kv_head);
    return test_get(p->qkv, t * p->ldqkv + (p->sh.n_head + kv) * p->sh.d_head + i, p->type);
}
static double v_at(const struct problem *p, size_t t, size_t h, size_t i) {
    size_t kv = h / (p->sh.n_head / p->sh.n_kv_head);
    return test_get(p->qkv, t * p->ldqkv + (p->sh.n_head + p->sh.n_kv_head + kv) * p->sh.d_head + i, p->type);
}

/* Token rows that token t of segment s sees, in order. */
static size_t keys_of(const struct problem *p, size_t s, size_t t, size_t *key) {
    size_t n = 0;
    int32_t par = p->parent[s];
    if (par >= 0)
        for (size_t j = p->start[par]; j < p->start[par + 1]; j++) key[n++] = j;
    for (size_t j = p->start[s]; j <= t; j++) key[n++] = j;
    return n;
}

/* Softmax of one query in double; `score_error` is the bound e over its keys. */
static double softmax(const struct problem *p, size_t t, size_t h, size_t n, const size_t *key, double *prob,
                      double *score_error) {
    double top = -INFINITY, sum = 0;
    *score_error = 0;
    for (size_t j = 0; j < n; j++) {
        double s = 0, mass = 0;
        for (size_t i = 0; i < p->sh.d_head; i++) {
            double x = q_at(p, t, h, i) * k_at(p, key[j], h, i);
            s += x, mass += fabs(x);
        }
        prob[j] = s * (double)p->sh.scale;
        *score_error =
            fmax(*score_error, (double)(p->sh.d_head + 2) * (double)FLT_EPSILON * mass * (double)p->sh.scale);
        top = fmax(top, prob[j]);
    }
    for (size_t j = 0; j < n; j++) sum += prob[j] = exp(prob[j] - top);
    for (size_t j = 0; j < n; j++) prob[j] /= sum;
    return top + log(sum);
}

static double prob_error(const struct problem *p, double e, size_t n) {
    return 2 * e + (double)(n + 16) * (double)FLT_EPSILON * 2 + (p->type == PGR_BF16 ? 0x1p-8 : 0);
}

static void forward_matches_double(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    static const size_t heads[][3] = {{14, 2, 64}, {4, 4, 16},  {9, 3, 64}, {8, 2, 128}, {2, 1, 48},
                                      {3, 1, 256}, {40, 1, 32}, {1, 1, 80}, {2, 1, 32}};
    for (size_t c = 0; c < 2 * sizeof heads / sizeof *heads; c++)
        for (int type = 0; type < 2; type++) {
            const size_t *h = heads[c / 2];
            struct problem p;
            make_problem(&p, h[0], h[1], h[2], (enum pgr_dtype)type,
                         h[0] == 2 && h[2] == 32 ? 400
                         : c % 2                 ? 20
                                                 : 70); /* the last: many steps of keys */
            size_t d = h[2], *key = malloc((2 * p.n_tok + 1) * sizeof *key);
            double *prob = malloc((2 * p.n_tok + 1) * sizeof *prob);
            void *out = test_matrix(p.n_tok, h[0] * d, p.ldout, p.type, 1.0f);
            float *lse = malloc((h[0] * p.n_tok + 1) * sizeof *lse);
            assert_true(key && prob && lse);
            pgr_attn_forward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.ldout, test_below(4) ? lse : NULL);
            pgr_attn_forward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.ldout, lse);
            for (size_t s = 0; s < p.seg.n_seg; s++)
                for (size_t t = p.start[s]; t < p.start[s + 1]; t++)
                    for (size_t hh = 0; hh < h[0]; hh++) {
                        size_t n = keys_of(&p, s, t, key);
                        double e, want_lse = softmax(&p, t, hh, n, key, prob, &e);
                        double lse_bound =
                            e + (double)(n + 16) * (double)FLT_EPSILON + 4 * (double)FLT_EPSILON * fabs(want_lse);
                        if (!(fabs((double)lse[hh * p.n_tok + t] - want_lse) <= lse_bound))
                            fail_msg("lse %g want %g bound %g", (double)lse[hh * p.n_tok + t], want_lse, lse_bound);
                        for (size_t i = 0; i < d; i++) {
                            double want = 0, mass = 0;
                            for (size_t j = 0; j < n; j++) {
                                double x = prob[j] * v_at(&p, key[j], hh, i);
                                want += x, mass += fabs(x);
                            }
                            double bound = mass * prob_error(&p, e, n) + (double)FLT_MIN * (double)n;
                            bound += test_store_error(fabs(want) + bound, p.type);
                            double got = test_get(out, t * p.ldout + hh * d + i, p.type);
                            if (!(fabs(got - want) <= bound))
                                fail_msg("%s heads %zu/%zu d %zu token %zu head %zu at %zu: got %g want %g bound %g",
                                         pgr_isa_name(pgr_isa()), h[0], h[1], d, t, hh, i, got, want, bound);
                        }
                    }
            free(key), free(prob), free(out), free(lse);
            free_problem(&p);
        }
}

/* dq, dk, dv in double from the inputs as stored, with the masses that bound their errors. */
static void backward_double(const struct problem *p, const void *out, double *want, double *bound) {
    size_t d = p->sh.d_head, cols = (p->sh.n_head + 2 * p->sh.n_kv_head) * d;
    size_t *key = malloc((2 * p->n_tok + 1) * sizeof *key);
    double *prob = malloc((2 * p->n_tok + 1) * sizeof *prob);
    assert_true(key && prob);
    memset(want, 0, p->n_tok * cols * sizeof *want);
    memset(bound, 0, p->n_tok * cols * sizeof *bound);
    double eps = (double)FLT_EPSILON, scale = (double)p->sh.scale, half = p->type == PGR_BF16 ? 0x1p-8 : 0;
    for (size_t s = 0; s < p->seg.n_seg; s++)
        for (size_t t = p->start[s]; t < p->start[s + 1]; t++)
            for (size_t h = 0; h < p->sh.n_head; h++) {
                size_t kv = h / (p->sh.n_head / p->sh.n_kv_head), n = keys_of(p, s, t, key);
                double e, lse = softmax(p, t, h, n, key, prob, &e), delta = 0, delta_mass = 0;
                for (size_t i = 0; i < d; i++) {
                    double x = test_get(out, t * p->ldout + h * d + i, p->type) *
                               test_get(p->dout, t * p->ldout + h * d + i, p->type);
                    delta += x, delta_mass += fabs(x);
                }
                double rel = prob_error(p, e, n) - half + 4 * eps * fabs(lse);
                for (size_t j = 0; j < n; j++) {
                    double dp = 0, dp_mass = 0;
                    for (size_t i = 0; i < d; i++) {
                        double x = test_get(p->dout, t * p->ldout + h * d + i, p->type) * v_at(p, key[j], h, i);
                        dp += x, dp_mass += fabs(x);
                    }
                    double ds = prob[j] * (dp - delta) * scale;
                    /* sums of d terms, then a difference, a product, and the rounding of ds to bfloat16 */
                    double ds_err = scale * prob[j] *
                                    ((double)(d + 4) * eps * (dp_mass + delta_mass) + (rel + half) * fabs(dp - delta));
                    double p_err = prob[j] * (rel + half);
                    size_t sum_len = p->n_tok * p->sh.n_head; /* longest sum that any element can be */
                    for (size_t i = 0; i < d; i++) {
                        size_t qi = t * cols + h * d + i, ki = key[j] * cols + (p->sh.n_head + kv) * d + i,
                               vi = ki + p->sh.n_kv_head * d;
                        double k = k_at(p, key[j], h, i), q = q_at(p, t, h, i),
                               g = test_get(p->dout, t * p->ldout + h * d + i, p->type);
                        want[qi] += ds * k,
                            bound[qi] += (ds_err + (double)n * eps * (fabs(ds) + ds_err)) * fabs(k) + (double)FLT_MIN;
                        want[ki] += ds * q,
                            bound[ki] +=
                            (ds_err + (double)sum_len * eps * (fabs(ds) + ds_err)) * fabs(q) + (double)FLT_MIN;
                        want[vi] += prob[j] * g,
                            bound[vi] +=
                            (p_err + (double)sum_len * eps * (prob[j] + p_err)) * fabs(g) + (double)FLT_MIN;
                    }
                }
            }
    free(key), free(prob);
}

static void backward_matches_double(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    static const size_t heads[][3] = {{14, 2, 64}, {4, 4, 16},  {9, 3, 64},  {8, 2, 128},
                                      {2, 1, 48},  {3, 1, 256}, {40, 1, 32}, {2, 1, 32}};
    for (size_t c = 0; c < 2 * sizeof heads / sizeof *heads; c++)
        for (int type = 0; type < 2; type++) {
            const size_t *h = heads[c / 2];
            struct problem p;
            make_problem(&p, h[0], h[1], h[2], (enum pgr_dtype)type, h[0] == 2 && h[2] == 32 ? 300 : c % 2 ? 12 : 36);
            size_t d = h[2], cols = (h[0] + 2 * h[1]) * d, lddqkv = cols + test_below(3);
            void *out = test_matrix(p.n_tok, h[0] * d, p.ldout, p.type, 1.0f),
                 *dqkv = test_matrix(p.n_tok, cols, lddqkv, p.type, 1.0f);
            float *lse = malloc((h[0] * p.n_tok + 1) * sizeof *lse);
            float *scratch = malloc((pgr_attn_backward_scratch(&p.sh, &p.seg) + 1) * sizeof *scratch);
            double *want = malloc((p.n_tok * cols + 1) * sizeof *want),
                   *bound = malloc((p.n_tok * cols + 1) * sizeof *bound);
            assert_true(lse && scratch && want && bound);
            pgr_attn_forward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.ldout, lse);
            pgr_attn_backward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.dout, p.ldout, lse, dqkv, lddqkv, scratch);
            backward_double(&p, out, want, bound);
            for (size_t t = 0; t < p.n_tok; t++)
                for (size_t i = 0; i < cols; i++) {
                    double w = want[t * cols + i], b = bound[t * cols + i],
                           got = test_get(dqkv, t * lddqkv + i, p.type);
                    b += test_store_error(fabs(w) + b, p.type);
                    if (!(fabs(got - w) <= b))
                        fail_msg("%s heads %zu/%zu d %zu token %zu column %zu: got %g want %g bound %g",
                                 pgr_isa_name(pgr_isa()), h[0], h[1], d, t, i, got, w, b);
                }
            free(out), free(dqkv), free(lse), free(scratch), free(want), free(bound);
            free_problem(&p);
        }
}

/* loss = sum of out * dout in double; central differences of it against the double gradient that the other tests use.
 */
static double loss_double(const struct problem *p, const double *qkv_delta, size_t at) {
    size_t d = p->sh.d_head, cols = (p->sh.n_head + 2 * p->sh.n_kv_head) * d, per = p->sh.n_head / p->sh.n_kv_head;
    double loss = 0, *x = malloc(p->n_tok * cols * sizeof *x), *s = malloc((2 * p->n_tok + 1) * sizeof *s);
    size_t *key = malloc((2 * p->n_tok + 1) * sizeof *key);
    assert_true(x && s && key);
    for (size_t t = 0; t < p->n_tok; t++)
        for (size_t i = 0; i < cols; i++) x[t * cols + i] = test_get(p->qkv, t * p->ldqkv + i, p->type);
    x[at] += *qkv_delta;
    for (size_t seg = 0; seg < p->seg.n_seg; seg++)
        for (size_t t = p->start[seg]; t < p->start[seg + 1]; t++)
            for (size_t h = 0; h < p->sh.n_head; h++) {
                size_t n = keys_of(p, seg, t, key), ko = (p->sh.n_head + h / per) * d, vo = ko + p->sh.n_kv_head * d;
                double sum = 0;
                for (size_t j = 0; j < n; j++) {
                    s[j] = 0;
                    for (size_t i = 0; i < d; i++) s[j] += x[t * cols + h * d + i] * x[key[j] * cols + ko + i];
                    sum += s[j] = exp(s[j] * (double)p->sh.scale);
                }
                for (size_t j = 0; j < n; j++)
                    for (size_t i = 0; i < d; i++)
                        loss += s[j] / sum * x[key[j] * cols + vo + i] *
                                test_get(p->dout, t * p->ldout + h * d + i, p->type);
            }
    free(x), free(s), free(key);
    return loss;
}

static void double_gradient_matches_finite_differences(void **state) {
    (void)state;
    assert_ok(pgr_isa_set(PGR_ISA_REF));
    for (int rep = 0; rep < 6; rep++) {
        struct problem p;
        make_problem(&p, 4, 2, 16, PGR_F32, 6);
        size_t d = 16, cols = 8 * d;
        float *out = test_matrix(p.n_tok, 4 * d, p.ldout, PGR_F32, 1.0f);
        double *want = malloc((p.n_tok * cols + 1) * sizeof *want),
               *bound = malloc((p.n_tok * cols + 1) * sizeof *bound);
        assert_true(want && bound);
        pgr_attn_forward(&p.sh, &p.seg, PGR_F32, p.qkv, p.ldqkv, out, p.ldout, NULL);
        backward_double(&p, out, want, bound);
        for (int probe = 0; probe < 40 && p.n_tok; probe++) {
            size_t i = test_below(p.n_tok * cols);
            double h = 1e-5, minus = -h, fd = (loss_double(&p, &h, i) - loss_double(&p, &minus, i)) / (2 * h);
            /* third derivatives are of order one: h^2 truncation, rounding of the loss over h, and float32 `out` in
             * delta */
            if (!(fabs(fd - want[i]) <= 1e-8 + bound[i]))
                fail_msg("element %zu: difference %.9g, gradient %.9g", i, fd, want[i]);
        }
        free(out), free(want), free(bound);
        free_problem(&p);
    }
}

/* Packed against paged, in shuffled rows, alone and together, with stale numbers in unused slots and NaN in other
 * pages.
 */
static void paged_equals_packed_bit_for_bit(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    static const size_t heads[][3] = {{14, 2, 64}, {8, 8, 128}, {9, 3, 64}, {2, 1, 48}, {24, 1, 16}};
    for (size_t c = 0; c < 2 * sizeof heads / sizeof *heads; c++)
        for (int type = 0; type < 2; type++) {
            const size_t *h = heads[c / 2];
            struct problem p;
            make_problem(&p, h[0], h[1], h[2], (enum pgr_dtype)type, c % 2 ? 30 : 120);
            size_t d = h[2], b = pgr_dtype_bytes(p.type);
            size_t n_page = 1, *key = malloc((2 * p.n_tok + 1) * sizeof *key), page_elems = pgr_attn_page_elems(&p.sh);
            for (size_t s = 0; s < p.seg.n_seg; s++) n_page += 2 * (p.n_tok / PGR_ATTN_BLOCK + 2);
            size_t stride = page_elems + 16 * test_below(3);
            void *pool = test_matrix(n_page, stride, stride, p.type, 0.0f);
            for (size_t i = 0; i < n_page * stride; i++) test_put(pool, i, p.type, NAN);
            void *stale = test_matrix(1, page_elems, page_elems, p.type, 1e4f);
            uint32_t *table = malloc(n_page * sizeof *table), next = 0;
            struct pgr_attn_row *rows = calloc(p.n_tok + 1, sizeof *rows);
            void *out = test_matrix(p.n_tok, h[0] * d, p.ldout, p.type, 1.0f),
                 *q = test_matrix(p.n_tok, h[0] * d, h[0] * d, p.type, 1.0f);
            char *got = test_matrix(p.n_tok, h[0] * d, h[0] * d, p.type, 1.0f);
            size_t *order = malloc((p.n_tok + 1) * sizeof *order);
            assert_true(key && table && rows && order);
            pgr_attn_forward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.ldout, NULL);
            struct pgr_attn_row *of = calloc(p.n_tok + 1, sizeof *of);
            uint32_t *list = table;
            assert_non_null(of);
            for (size_t s = 0; s < p.seg.n_seg; s++) {
                size_t len = p.start[s + 1] - p.start[s];
                if (len == 0) continue;
                size_t n = keys_of(&p, s, p.start[s + 1] - 1, key), n_block = (n + PGR_ATTN_BLOCK - 1) / PGR_ATTN_BLOCK;
                for (size_t j = 0; j < n_block; j++) {
                    list[j] = (uint32_t)(n_page - 1 - next++);
                    memcpy((char *)pool + list[j] * stride * b, stale, page_elems * b);
                }
                for (size_t j = 0; j < n; j++) {
                    char *page = (char *)pool + list[j / PGR_ATTN_BLOCK] * stride * b;
                    const char *k = (const char *)p.qkv + (key[j] * p.ldqkv + h[0] * d) * b;
                    pgr_attn_page_write(&p.sh, p.type, page, j % PGR_ATTN_BLOCK, k, k + h[1] * d * b);
                }
                for (size_t t = 0; t < len; t++) of[p.start[s] + t] = (struct pgr_attn_row){list, n - len + t + 1};
                list += n_block;
            }
            for (int pass = 0; pass < 3; pass++) {
                for (size_t t = 0; t < p.n_tok; t++) order[t] = t;
                for (size_t t = p.n_tok; pass && t > 1; t--) {
                    size_t j = test_below(t), tmp = order[j];
                    order[j] = order[t - 1], order[t - 1] = tmp;
                }
                size_t n_row = pass == 2 ? (p.n_tok + 2) / 3 : p.n_tok;
                for (size_t r = 0; r < n_row; r++) {
                    rows[r] = of[order[r]];
                    memcpy((char *)q + r * h[0] * d * b, (char *)p.qkv + order[r] * p.ldqkv * b, h[0] * d * b);
                }
                pgr_attn_paged(&p.sh, p.type, n_row, rows, pool, stride, q, h[0] * d, got, h[0] * d);
                for (size_t r = 0; r < n_row; r++)
                    if (memcmp(got + r * h[0] * d * b, (char *)out + order[r] * p.ldout * b, h[0] * d * b) != 0)
                        fail_msg("%s heads %zu/%zu d %zu pass %d: row %zu (token %zu) differs", pgr_isa_name(pgr_isa()),
                                 h[0], h[1], d, pass, r, order[r]);
            }
            free(key), free(pool), free(stale), free(table), free(rows), free(out), free(q), free(got), free(order),
                free(of);
            free_problem(&p);
        }
}

/* A segment alone, at the end of a batch, and with its prompt as parent or as its own beginning: the same bits. */
static void batches_do_not_change_bits(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    for (int type = 0; type < 2; type++)
        for (int rep = 0; rep < 5; rep++) {
            enum pgr_dtype t = (enum pgr_dtype)type;
            struct pgr_attn_shape sh = {14, 2, 64, 0.125f};
            size_t cols = 18 * 64, ocols = 14 * 64, b = pgr_dtype_bytes(t);
            size_t prompt = 1 + test_below(90), own = 1 + test_below(90), other = test_below(100),
                   n = prompt + other + own;
            char *qkv = test_matrix(n, cols, cols, t, 2.0f), *joined = malloc((prompt + own) * cols * b);
            char *out = malloc(n * ocols * b), *ref = malloc((prompt + own) * ocols * b);
            assert_true(joined && out && ref);
            memcpy(joined, qkv, prompt * cols * b);
            memcpy(joined + prompt * cols * b, qkv + (prompt + other) * cols * b, own * cols * b);
            size_t start[] = {0, prompt, prompt + other, n}, whole[] = {0, prompt + own};
            int32_t parent[] = {-1, test_below(2) ? 0 : -1, 0};
            pgr_attn_forward(&sh, &(struct pgr_segments){3, start, parent}, t, qkv, cols, out, ocols, NULL);
            pgr_attn_forward(&sh, &(struct pgr_segments){1, whole, NULL}, t, joined, cols, ref, ocols, NULL);
            assert_memory_equal(out, ref, prompt * ocols * b);
            assert_memory_equal(out + (prompt + other) * ocols * b, ref + prompt * ocols * b, own * ocols * b);
            free(qkv), free(joined), free(out), free(ref);
        }
}

static void threads_do_not_change_gradients(void **state) {
    use_isa((enum pgr_isa)(intptr_t)*state);
    size_t before = pgr_par_threads();
    for (int type = 0; type < 2; type++) {
        struct problem p;
        do {
            make_problem(&p, 14, 2, 64, (enum pgr_dtype)type, 120);
            if (p.n_tok == 0) free_problem(&p);
        } while (p.n_tok == 0);
        size_t cols = 18 * 64, b = pgr_dtype_bytes(p.type);
        void *out = test_matrix(p.n_tok, 14 * 64, p.ldout, p.type, 1.0f), *dqkv[2];
        float *lse = malloc(14 * p.n_tok * sizeof *lse),
              *scratch = malloc(pgr_attn_backward_scratch(&p.sh, &p.seg) * sizeof *scratch);
        assert_true(lse && scratch);
        for (int i = 0; i < 2; i++) {
            pgr_par_set_threads(i ? 3 : 1);
            dqkv[i] = calloc(p.n_tok * cols, b);
            assert_non_null(dqkv[i]);
            pgr_attn_forward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.ldout, lse);
            pgr_attn_backward(&p.sh, &p.seg, p.type, p.qkv, p.ldqkv, out, p.dout, p.ldout, lse, dqkv[i], cols, scratch);
        }
        assert_memory_equal(dqkv[0], dqkv[1], elems(&p, cols, cols) * b);
        free(out), free(dqkv[0]), free(dqkv[1]), free(lse), free(scratch);
        free_problem(&p);
    }
    pgr_par_set_threads(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(double_gradient_matches_finite_differences),
        FOR_EACH_ISA(forward_matches_double),
        FOR_EACH_ISA(backward_matches_double),
        FOR_EACH_ISA(paged_equals_packed_bit_for_bit),
        FOR_EACH_ISA(batches_do_not_change_bits),
        FOR_EACH_ISA(threads_do_not_change_gradients),
    };
    pgr_par_set_threads(1); /* thousands of tiny calls; the tests about threads set their own number */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
