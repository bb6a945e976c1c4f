/* words.c - see words.h. */
#include "pref/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"

enum { N_FOLDS = 5, N_PASSES = 30, LENGTH_FEATURE = 0 };
static const double C = 4.0; /* weight of the losses against half the squared length of the weights */

struct feature {
    uint32_t at; /* index of a weight; LENGTH_FEATURE is the length */
    float value;
};

/* Hashes of words and neighbours; 64 bits stand for the text itself. */
struct hashes {
    uint64_t *hash;
    size_t n, cap;
};

static pgr_err add_hash(struct hashes *h, uint64_t hash) {
    if (h->n == h->cap) {
        size_t cap = h->cap ? 2 * h->cap : 1024;
        uint64_t *grown = pgr_realloc(h->hash, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for the words of a text");
        h->hash = grown;
        h->cap = cap;
    }
    h->hash[h->n++] = hash;
    return PGR_OK;
}

static bool is_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}
static bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

static uint64_t fnv(uint64_t h, unsigned char c) { return (h ^ c) * 0x100000001b3u; }

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The set of words and neighbours of a text, in rising order. */
static pgr_err read_words(const char *text, struct hashes *out) {
    const unsigned char *s = (const unsigned char *)text;
    uint64_t before = 0;
    out->n = 0;
    while (*s) {
        if (*s == ' ' || (*s >= '\t' && *s <= '\r')) {
            s++;
            continue;
        }
        uint64_t h = 0xcbf29ce484222325u;
        bool letters = is_letter(*s), digits = is_digit(*s);
        do {
            h = fnv(h, *s >= 'A' && *s <= 'Z' ? (unsigned char)(*s + 32) : *s);
            s++;
        } while ((letters && is_letter(*s)) || (digits && is_digit(*s)));
        PGR_TRY(add_hash(out, h));
        if (before) {
            uint64_t both = before;
            for (int k = 0; k < 64; k += 8) both = fnv(both, (unsigned char)(h >> k));
            PGR_TRY(add_hash(out, both));
        }
        before = h;
    }
    if (out->n == 0) return PGR_OK;
    qsort(out->hash, out->n, sizeof *out->hash, by_value);
    size_t n = 1;
    for (size_t i = 1; i < out->n; i++)
        if (out->hash[i] != out->hash[n - 1]) out->hash[n++] = out->hash[i];
    out->n = n;
    return PGR_OK;
}

struct data {
    struct feature *feature; /* of all pairs, one after another */
    uint64_t *key;           /* the hash of each feature, until they are numbered */
    size_t n_feature, cap;
    size_t *at; /* [n + 1] */
    double *norm2;
    uint32_t n_weight;
};

static void data_free(struct data *d) {
    pgr_free(d->feature);
    pgr_free(d->key);
    pgr_free(d->at);
    pgr_free(d->norm2);
}

static pgr_err add_feature(struct data *d, uint64_t key, float value) {
    if (d->n_feature == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 4096;
        struct feature *f = pgr_realloc(d->feature, cap * sizeof *f);
        if (f) d->feature = f;
        uint64_t *k = f ? pgr_realloc(d->key, cap * sizeof *k) : NULL;
        if (!k) return pgr_fail(PGR_E_NOMEM, "out of memory for the words of pairs");
        d->key = k;
        d->cap = cap;
    }
    d->feature[d->n_feature] = (struct feature){0, value};
    d->key[d->n_feature++] = key;
    return PGR_OK;
}

/* What only one of the two texts has. */
static pgr_err add_difference(struct data *d, const struct hashes *c, const struct hashes *r) {
    for (size_t i = 0, k = 0; i < c->n || k < r->n;) {
        bool from_c = k == r->n || (i < c->n && c->hash[i] < r->hash[k]);
        bool from_r = i == c->n || (k < r->n && r->hash[k] < c->hash[i]);
        if (from_c)
            PGR_TRY(add_feature(d, c->hash[i++], 1.0f));
        else if (from_r)
            PGR_TRY(add_feature(d, r->hash[k++], -1.0f));
        else
            i++, k++;
    }
    return PGR_OK;
}

/* Numbers the features by their hashes; number 0 is the length. */
static pgr_err number_features(struct data *d) {
    uint64_t *sorted = pgr_alloc_array(d->n_feature + 1, sizeof *sorted);
    if (!sorted) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu words", d->n_feature);
    size_t n = 0;
    if (d->n_feature) {
        memcpy(sorted, d->key, d->n_feature * sizeof *sorted);
        qsort(sorted, d->n_feature, sizeof *sorted, by_value);
        for (size_t i = 0; i < d->n_feature; i++)
            if (n == 0 || sorted[i] != sorted[n - 1]) sorted[n++] = sorted[i];
    }
    for (size_t i = 0; i < d->n_feature; i++) {
        const uint64_t *found = bsearch(&d->key[i], sorted, n, sizeof *sorted, by_value);
        d->feature[i].at = (uint32_t)(found - sorted) + 1;
    }
    d->n_weight = (uint32_t)n + 1;
    pgr_free(sorted);
    return PGR_OK;
}

static pgr_err read_pairs(size_t n, const struct pgr_words_pair *pair, struct data *d) {
    struct hashes c = {0}, r = {0};
    d->at = pgr_alloc_array(n + 1, sizeof *d->at);
    d->norm2 = pgr_alloc_array(n + 1, sizeof *d->norm2);
    pgr_err err = d->at && d->norm2 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu pairs", n);
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        d->at[i] = d->n_feature;
        err = read_words(pair[i].chosen, &c);
        if (err == PGR_OK) err = read_words(pair[i].rejected, &r);
        if (err == PGR_OK) err = add_difference(d, &c, &r);
        size_t words = d->n_feature - d->at[i];
        for (size_t k = d->at[i]; k < d->n_feature; k++) d->feature[k].value /= sqrtf((float)words);
        d->norm2[i] = words ? 1.0 : 0.0;
    }
    if (err == PGR_OK) d->at[n] = d->n_feature;
    if (err == PGR_OK) err = number_features(d);
    pgr_free(c.hash);
    pgr_free(r.hash);
    return err;
}

struct fit {
    const struct data *d;
    const double *length; /* [n] */
    double *w;            /* [n_weight] */
    double *alpha;        /* [n] */
    uint32_t *order, *train;
};

static double side(const struct fit *f, size_t i) {
    double z = f->w[LENGTH_FEATURE] * f->length[i];
    for (size_t k = f->d->at[i]; k < f->d->at[i + 1]; k++)
        z += f->w[f->d->feature[k].at] * (double)f->d->feature[k].value;
    return z;
}

static void add_to_weights(struct fit *f, size_t i, double step) {
    f->w[LENGTH_FEATURE] += step * f->length[i];
    for (size_t k = f->d->at[i]; k < f->d->at[i + 1]; k++)
        f->w[f->d->feature[k].at] += step * (double)f->d->feature[k].value;
}

/* Learns from the pairs train[0..n). */
static void learn(struct fit *f, size_t n, uint64_t seed) {
    memset(f->w, 0, f->d->n_weight * sizeof *f->w);
    for (size_t k = 0; k < n; k++) f->alpha[f->train[k]] = 0.0;
    for (uint32_t pass = 0; pass < N_PASSES; pass++) {
        pgr_rng_shuffle(seed, pass, n, f->order);
        for (size_t k = 0; k < n; k++) {
            uint32_t i = f->train[f->order[k]];
            double x2 = f->d->norm2[i] + f->length[i] * f->length[i];
            double step = (1 / (1 + exp(side(f, i))) - f->alpha[i]) / fmax(1.0, 0.25 + C * x2);
            f->alpha[i] += step;
            add_to_weights(f, i, C * step);
        }
    }
}

static pgr_err run_folds(struct fit *f, size_t n, const struct pgr_words_pair *pair, size_t n_problem, uint64_t seed,
                         bool *right) {
    uint32_t *fold = pgr_alloc_array(n_problem, sizeof *fold);
    if (!fold) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", n_problem);
    size_t n_folds = pgr_min(N_FOLDS, n_problem);
    pgr_rng_shuffle(seed, UINT32_MAX, n_problem, fold);
    for (size_t p = 0; p < n_problem; p++) fold[p] %= (uint32_t)n_folds;
    for (size_t k = 0; k < n_folds; k++) {
        size_t n_train = 0;
        for (size_t i = 0; i < n; i++)
            if (fold[pair[i].problem] != k) f->train[n_train++] = (uint32_t)i;
        learn(f, n_train, seed);
        for (size_t i = 0; i < n; i++)
            if (fold[pair[i].problem] == k) right[i] = side(f, i) > 0;
    }
    pgr_free(fold);
    return PGR_OK;
}

pgr_err pgr_words_cross_validate(size_t n, const struct pgr_words_pair *pair, size_t n_problem, uint64_t seed,
                                 bool *right, bool *done) {
    *done = false;
    if (n_problem < 2) return PGR_OK;
    struct data d = {0};
    pgr_err err = read_pairs(n, pair, &d);
    double *length = pgr_alloc_array(n + 1, sizeof *length);
    struct fit f = {.d = &d,
                    .length = length,
                    .w = pgr_alloc_array((size_t)d.n_weight + 1, sizeof *f.w),
                    .alpha = pgr_alloc_array(n + 1, sizeof *f.alpha),
                    .order = pgr_alloc_array(n + 1, sizeof *f.order),
                    .train = pgr_alloc_array(n + 1, sizeof *f.train)};
    if (err == PGR_OK && !(length && f.w && f.alpha && f.order && f.train))
        err = pgr_fail(PGR_E_NOMEM, "out of memory for %zu pairs", n);
    if (err == PGR_OK) {
        for (size_t i = 0; i < n; i++)
            length[i] = log((1.0 + (double)strlen(pair[i].chosen)) / (1.0 + (double)strlen(pair[i].rejected)));
        err = run_folds(&f, n, pair, n_problem, seed, right);
    }
    if (err == PGR_OK) *done = true;
    pgr_free(f.w);
    pgr_free(f.alpha);
    pgr_free(f.order);
    pgr_free(f.train);
    pgr_free(length);
    data_free(&d);
    return err;
}
