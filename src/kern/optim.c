/* optim.c - optim.h on the pool, in blocks of a fixed number of elements. */
#include "kern/optim.h"

#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/size.h"
#include "kern/ops_table.h"

enum { BLOCK = 65536, SUMS = 1024 };

struct norm_job {
    size_t n;
    const float *g;
    double *sum;
};

static void norm_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct norm_job *j = ctx;
    j->sum[b] = pgr_ops_table()->square_sum(pgr_min(BLOCK, j->n - b * BLOCK), j->g + b * BLOCK);
}

double pgr_grad_norm(size_t n, const float *g) {
    double sum[SUMS], total = 0.0;
    for (size_t first = 0; first < n; first += (size_t)BLOCK * SUMS) {
        struct norm_job j = {pgr_min((size_t)BLOCK * SUMS, n - first), g + first, sum};
        size_t n_block = pgr_div_up(j.n, BLOCK);
        pgr_par(n_block, norm_task, &j);
        for (size_t b = 0; b < n_block; b++) total += sum[b];
    }
    return sqrt(total);
}

struct adamw_job {
    struct pgr_adamw_step o;
    size_t n;
    float *p, *g, *m, *v;
};

static void adamw_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct adamw_job *j = ctx;
    size_t at = b * BLOCK;
    pgr_ops_table()->adamw(&j->o, pgr_min(BLOCK, j->n - at), j->p + at, j->g + at, j->m + at, j->v + at);
}

void pgr_adamw(const struct pgr_adamw *o, size_t n, float *p, float *g, float *m, float *v) {
    double step = (double)o->step;
    struct adamw_job j = {{.grad_scale = (float)o->grad_scale,
                           .keep = (float)(1.0 - o->lr * o->weight_decay),
                           .beta1 = (float)o->beta1,
                           .fresh1 = (float)(1.0 - o->beta1),
                           .beta2 = (float)o->beta2,
                           .fresh2 = (float)(1.0 - o->beta2),
                           .step_size = (float)(o->lr / (1.0 - pow(o->beta1, step))),
                           .root_scale = (float)(1.0 / sqrt(1.0 - pow(o->beta2, step))),
                           .eps = (float)o->eps,
                           .zero_grad = o->zero_grad},
                          n,
                          p,
                          g,
                          m,
                          v};
    pgr_par(pgr_div_up(n, BLOCK), adamw_task, &j);
}

struct zero_job {
    size_t n;
    float *g;
};

static void zero_task(void *ctx, size_t b, size_t thread) {
    (void)thread;
    const struct zero_job *j = ctx;
    memset(j->g + b * BLOCK, 0, pgr_min(BLOCK, j->n - b * BLOCK) * sizeof *j->g);
}

void pgr_zero(size_t n, float *g) {
    struct zero_job j = {n, g};
    pgr_par(pgr_div_up(n, BLOCK), zero_task, &j);
}
