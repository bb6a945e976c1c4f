/* optim.c - see optim.h. The passes over memory are kern/optim.h's. */
#include "train/optim.h"

#include <math.h>

#include "kern/optim.h"

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

void pgr_optim_step(const struct pgr_optim_cfg *cfg, const struct pgr_layout *layout, size_t t, double lr,
                    double grad_scale, float *param, float *grad, float *m, float *v) {
    struct pgr_adamw o = {.lr = lr,
                          .beta1 = cfg->beta1,
                          .beta2 = cfg->beta2,
                          .eps = cfg->epsilon,
                          .grad_scale = grad_scale,
                          .step = t,
                          .zero_grad = true};
    /* Neighbours of one kind go together; without decay everything does. */
    for (size_t i = 0, end; i < layout->n_param; i = end) {
        bool decay = cfg->weight_decay > 0 && decays(layout->param[i].kind);
        size_t at = layout->param[i].at, n = 0;
        for (end = i; end < layout->n_param; end++) {
            if ((cfg->weight_decay > 0 && decays(layout->param[end].kind)) != decay) break;
            n += layout->param[end].n;
        }
        o.weight_decay = decay ? cfg->weight_decay : 0;
        pgr_adamw(&o, n, param + at, grad + at, m + at, v + at);
    }
}

double pgr_clip_scale(double norm, double max_norm) {
    if (max_norm <= 0) return 1;
    double scale = max_norm / (norm + 1e-6);
    return scale < 1 ? scale : 1;
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
