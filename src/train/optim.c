/* optim.c - see optim.h. Work is cut into pieces of fixed size, so that sums do not depend on the number of threads. */
#include "train/optim.h"

#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/size.h"

enum { PIECE = 1 << 16 };

struct adamw_job {
    const struct pgr_layout *layout;
    float one_minus_beta1, beta2, one_minus_beta2, decay, step_size, root_correction2, epsilon, grad_scale;
    float *param, *m, *v;
    const float *grad;
};

static bool decays(enum pgr_param_kind kind) {
    switch (kind) {
    case PGR_P_ATTN_NORM:
    case PGR_P_MLP_NORM:
    case PGR_P_FINAL_NORM:
    case PGR_P_Q_NORM:
    case PGR_P_K_NORM:
    case PGR_P_BQ:
    case PGR_P_BK:
    case PGR_P_BV: return false;
    default: return true;
    }
}

static void update(const struct adamw_job *j, size_t at, size_t end, bool decay) {
    const float keep = decay ? 1.0f - j->decay : 1.0f;
    float *restrict p = j->param, *restrict m = j->m, *restrict v = j->v;
    const float *restrict grad = j->grad;
    const float scale = j->grad_scale, b1 = j->one_minus_beta1, b2 = j->beta2, c2 = j->one_minus_beta2;
    const float root = j->root_correction2, eps = j->epsilon, step = j->step_size;
    for (size_t i = at; i < end; i++) {
        float g = grad[i] * scale;
        m[i] += (g - m[i]) * b1;
        v[i] = v[i] * b2 + g * g * c2;
        p[i] = p[i] * keep - step * (m[i] / (sqrtf(v[i]) / root + eps));
    }
}

/* Index of the parameter that holds element `at`. */
static size_t param_of(const struct pgr_layout *l, size_t at) {
    size_t lo = 0, hi = l->n_param;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->param[mid].at <= at)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static void adamw_piece(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct adamw_job *j = ctx;
    size_t at = i * PIECE, end = pgr_min(at + PIECE, j->layout->n_elem);
    for (size_t k = param_of(j->layout, at); at < end; k++) {
        const struct pgr_param *p = &j->layout->param[k];
        size_t stop = pgr_min(p->at + p->n, end);
        update(j, at, stop, decays(p->kind));
        at = stop;
    }
}

void pgr_optim_step(const struct pgr_optim_cfg *cfg, const struct pgr_layout *layout, size_t t, double lr,
                    double grad_scale, float *param, const float *grad, float *m, float *v) {
    struct adamw_job j = {
        .layout = layout,
        .one_minus_beta1 = (float)(1 - cfg->beta1),
        .beta2 = (float)cfg->beta2,
        .one_minus_beta2 = (float)(1 - cfg->beta2),
        .decay = (float)(lr * cfg->weight_decay),
        .step_size = (float)(lr / (1 - pow(cfg->beta1, (double)t))),
        .root_correction2 = (float)sqrt(1 - pow(cfg->beta2, (double)t)),
        .epsilon = (float)cfg->epsilon,
        .grad_scale = (float)grad_scale,
        .param = param,
        .grad = grad,
        .m = m,
        .v = v,
    };
    pgr_par(pgr_div_up(layout->n_elem, PIECE), adamw_piece, &j);
}

enum { NORM_GROUP = 1024 }; /* partial sums kept at once */

struct norm_job {
    const float *g;
    size_t n;
    double sum[NORM_GROUP];
};

static void norm_piece(void *ctx, size_t i, size_t thread) {
    (void)thread;
    struct norm_job *j = ctx;
    size_t at = i * PIECE, end = pgr_min(at + PIECE, j->n);
    double lane[8] = {0};
    for (; at + 8 <= end; at += 8)
        for (size_t k = 0; k < 8; k++) lane[k] += (double)j->g[at + k] * (double)j->g[at + k];
    for (; at < end; at++) lane[0] += (double)j->g[at] * (double)j->g[at];
    j->sum[i] = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

double pgr_optim_grad_norm(const float *g, size_t n) {
    struct norm_job j;
    double total = 0;
    for (size_t at = 0; at < n; at += (size_t)NORM_GROUP * PIECE) {
        j.g = g + at;
        j.n = pgr_min(n - at, (size_t)NORM_GROUP * PIECE);
        size_t n_piece = pgr_div_up(j.n, PIECE);
        pgr_par(n_piece, norm_piece, &j);
        for (size_t i = 0; i < n_piece; i++) total += j.sum[i];
    }
    return sqrt(total);
}

double pgr_clip_scale(double norm, double max_norm) {
    if (max_norm <= 0) return 1;
    double scale = max_norm / (norm + 1e-6);
    return scale < 1 ? scale : 1;
}

struct zero_job {
    float *x;
    size_t n;
};

static void zero_piece(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct zero_job *j = ctx;
    size_t at = i * PIECE;
    memset(j->x + at, 0, (pgr_min(at + PIECE, j->n) - at) * sizeof *j->x);
}

void pgr_optim_zero(float *x, size_t n) {
    struct zero_job j = {x, n};
    pgr_par(pgr_div_up(n, PIECE), zero_piece, &j);
}

double pgr_lr_at(enum pgr_lr_schedule kind, double base, size_t warmup, size_t total, size_t step) {
    double s = (double)step, w = (double)warmup, rest = (double)(total > warmup ? total - warmup : 1);
    if (kind != PGR_LR_CONSTANT && step < warmup) return base * (s / w);
    switch (kind) {
    case PGR_LR_LINEAR: return base * fmax(0, ((double)total - s) / rest);
    case PGR_LR_COSINE: return base * fmax(0, 0.5 * (1 + cos(3.14159265358979323846 * ((s - w) / rest))));
    case PGR_LR_CONSTANT:
    case PGR_LR_CONSTANT_WITH_WARMUP: return base;
    }
    return base;
}

size_t pgr_warmup_steps(const struct pgr_train_config *c, size_t total) {
    return c->warmup_steps > 0 ? c->warmup_steps : (size_t)ceil(c->warmup_ratio * (double)total);
}
