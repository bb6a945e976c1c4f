/* lora.c - see lora.h. Rank is small beside the other two, so each pass is bound by reading dw or w0. */
#include "kern/lora.h"

#include <string.h>

#include "base/par.h"
#include "base/size.h"

enum { ROWS = 32, COLS = 256, LANES = 16 };

struct job {
    const struct pgr_lora_dim *d;
    const float *w, *a, *b;
    float *to;
};

/* y[n] += s x[n] */
static void axpy(size_t n, float s, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] += s * x[i];
}

/* In lanes that the compiler may keep in vectors; their order is fixed. */
static float dot(size_t n, const float *x, const float *y) {
    float lane[LANES] = {0}, sum = 0.0f;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += x[i + k] * y[i + k];
    for (size_t k = 0; k < LANES; k++) sum += lane[k];
    for (; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static void merge_task(void *ctx, size_t block, size_t thread) {
    (void)thread;
    const struct job *j = ctx;
    const struct pgr_lora_dim *d = j->d;
    for (size_t o = block * ROWS; o < pgr_min((block + 1) * ROWS, d->out); o++) {
        float *w = j->to + o * d->in;
        if (w != j->w + o * d->in) memcpy(w, j->w + o * d->in, d->in * sizeof *w);
        for (size_t k = 0; k < d->rank; k++) axpy(d->in, d->scale * j->b[o * d->rank + k], j->a + k * d->in, w);
    }
}

void pgr_lora_merge(const struct pgr_lora_dim *d, const float *w0, const float *a, const float *b, float *w) {
    struct job j = {d, w0, a, b, w};
    pgr_par(pgr_div_up(d->out, ROWS), merge_task, &j);
}

static void db_task(void *ctx, size_t block, size_t thread) {
    (void)thread;
    const struct job *j = ctx;
    const struct pgr_lora_dim *d = j->d;
    for (size_t o = block * ROWS; o < pgr_min((block + 1) * ROWS, d->out); o++)
        for (size_t k = 0; k < d->rank; k++)
            j->to[o * d->rank + k] += d->scale * dot(d->in, j->w + o * d->in, j->a + k * d->in);
}

/* A block of columns of da: sums over the rows of dw, in order. */
static void da_task(void *ctx, size_t block, size_t thread) {
    (void)thread;
    const struct job *j = ctx;
    const struct pgr_lora_dim *d = j->d;
    size_t c = block * COLS, n = pgr_min(COLS, d->in - c);
    for (size_t o = 0; o < d->out; o++)
        for (size_t k = 0; k < d->rank; k++)
            axpy(n, d->scale * j->b[o * d->rank + k], j->w + o * d->in + c, j->to + k * d->in + c);
}

void pgr_lora_backward(const struct pgr_lora_dim *d, const float *dw, const float *a, const float *b, float *da,
                       float *db) {
    struct job to_b = {d, dw, a, b, db}, to_a = {d, dw, a, b, da};
    pgr_par(pgr_div_up(d->out, ROWS), db_task, &to_b);
    pgr_par(pgr_div_up(d->in, COLS), da_task, &to_a);
}
