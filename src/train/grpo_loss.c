/* grpo_loss.c - see grpo_loss.h. One token at a time in double; the arrays are float. */
#include "train/grpo_loss.h"

#include <math.h>

void pgr_grpo_weights(const struct pgr_grpo_batch *b, const size_t *n_tok, float *weight) {
    double n_seq = (double)b->n_seq;
    size_t in_micro = 0;
    for (size_t s = 0; s < b->n_seq; s++) {
        double w = 0;
        switch (b->type) {
        case PGR_LOSS_GRPO: w = 1.0 / (n_seq * (double)(n_tok[s] ? n_tok[s] : 1)); break;
        case PGR_LOSS_BNPO:
            if (s % b->micro_batch == 0) {
                in_micro = 0;
                for (size_t i = s; i < s + b->micro_batch && i < b->n_seq; i++) in_micro += n_tok[i];
            }
            w = (double)b->micro_batch / (n_seq * (double)(in_micro ? in_micro : 1));
            break;
        case PGR_LOSS_DR_GRPO: w = 1.0 / (n_seq * (double)b->max_completion); break;
        case PGR_LOSS_DAPO: w = (double)b->round_seq / (n_seq * (double)(b->round_tok ? b->round_tok : 1)); break;
        }
        weight[s] = (float)w;
    }
}

struct token {
    double ratio;
    double loss, dloss; /* policy term and its derivative by logp */
    double kl, dkl;
    bool low, high; /* clipped with a negative / positive advantage */
};

static void kl_term(const struct pgr_grpo_cfg *cfg, double x, double ratio, struct token *t) {
    switch (cfg->kl) {
    case PGR_KL_K1: t->kl = x, t->dkl = 1; break;
    case PGR_KL_K2: t->kl = 0.5 * x * x, t->dkl = x; break;
    case PGR_KL_K3:
        t->kl = expm1(-x) + x; /* expm1: no cancellation near 0 */
        t->dkl = -expm1(-x);
        break;
    }
    if (cfg->kl_bias_correction) {
        t->dkl = ratio * (t->dkl + t->kl); /* d ratio / d logp = ratio */
        t->kl *= ratio;
    }
}

static struct token token_of(const struct pgr_grpo_cfg *cfg, double logp, double logp_old, double logp_ref,
                             double adv) {
    struct token t = {.ratio = exp(logp - logp_old)};
    double lo = 1 - cfg->clip_low, hi = 1 + cfg->clip_high;
    bool inside = t.ratio >= lo && t.ratio <= hi, capped = t.ratio > cfg->delta; /* false for NAN */
    double clipped = t.ratio < lo ? lo : t.ratio > hi ? hi : t.ratio;
    double free_ratio = capped ? cfg->delta : t.ratio;
    double a = free_ratio * adv, b = clipped * adv;
    double da = capped ? 0 : t.ratio * adv, db = inside ? t.ratio * adv : 0;
    t.loss = -(a < b ? a : b);
    /* Where the two terms are equal each passes half of the gradient, as a minimum of tensors does. */
    t.dloss = a < b ? -da : a > b ? -db : -0.5 * (da + db);
    t.low = free_ratio < lo && adv < 0;
    t.high = free_ratio > hi && adv > 0;
    if (cfg->beta != 0) kl_term(cfg, logp - logp_ref, t.ratio, &t);
    return t;
}

void pgr_grpo_grad(const struct pgr_grpo_cfg *cfg, size_t n, const float *logp, const float *logp_old,
                   const float *logp_ref, const float *adv, const float *weight, float *dlogp) {
    for (size_t i = 0; i < n; i++) {
        double lp = (double)logp[i];
        struct token t =
            token_of(cfg, lp, logp_old ? (double)logp_old[i] : lp, logp_ref ? (double)logp_ref[i] : lp, (double)adv[i]);
        dlogp[i] = (float)((double)weight[i] * (t.dloss + cfg->beta * t.dkl));
    }
}

pgr_err pgr_grpo_measure(const struct pgr_grpo_cfg *cfg, size_t n_seq, const size_t *start, const float *logp,
                         const float *logp_old, const float *logp_ref, const float *adv, const float *weight,
                         struct pgr_grpo_stats *out) {
    struct pgr_grpo_stats st = {.clip_low_min = INFINITY, .ratio_min = INFINITY};
    size_t n_low = 0, n_high = 0;
    for (size_t s = 0; s < n_seq; s++) {
        double loss = 0;
        size_t low = 0, high = 0, n = start[s + 1] - start[s];
        if (n == 0) continue;
        for (size_t i = start[s]; i < start[s + 1]; i++) {
            double lp = (double)logp[i];
            struct token t = token_of(cfg, lp, logp_old ? (double)logp_old[i] : lp, logp_ref ? (double)logp_ref[i] : lp,
                                      (double)adv[s]);
            loss += t.loss + cfg->beta * t.kl;
            st.kl += t.kl;
            low += t.low, high += t.high;
            st.ratio_mean += t.ratio;
            st.ratio_min = fmin(st.ratio_min, t.ratio);
            st.ratio_max = fmax(st.ratio_max, t.ratio);
        }
        st.loss += (double)weight[s] * loss;
        n_low += low, n_high += high, st.n_tok += n;
        st.clip_low_min = fmin(st.clip_low_min, (double)low / (double)n);
        st.clip_high_max = fmax(st.clip_high_max, (double)high / (double)n);
    }
    if (!isfinite(st.loss)) return pgr_fail(PGR_E_FINITE, "the loss is %g", st.loss);
    if (st.n_tok == 0) {
        *out = (struct pgr_grpo_stats){0};
        return PGR_OK;
    }
    double n = (double)st.n_tok;
    st.kl /= n;
    st.ratio_mean /= n;
    st.clip_low = (double)n_low / n;
    st.clip_high = (double)n_high / n;
    st.clip_region = (double)(n_low + n_high) / n;
    *out = st;
    return PGR_OK;
}
