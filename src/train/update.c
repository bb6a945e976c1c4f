/* update.c - one optimiser update: samples -> packed passes -> loss and gradients -> clip -> AdamW -> new weights. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/size.h"
#include "kern/optim.h"
#include "train/optim.h"
#include "train/pack.h"
#include "train/trainer.h"

/* Everything about the sequences that are computed; token arrays are in sequence order, starts in start[]. */
struct batch {
    size_t n, n_tok;
    struct pgr_sample **sample; /* [n] */
    struct pgr_seq *seq;        /* [n] */
    float *adv, *weight;        /* [n] */
    size_t *start;              /* [n + 1] */
    float *logp, *entropy;      /* [n_tok] */
    float *old, *ref;           /* [n_tok] */
    bool on_policy;
    struct pgr_grpo_cfg loss;
    struct pgr_passes passes;
};

/* Rows of one pass, gathered from the sequences. */
struct rows {
    const struct pgr_grpo_cfg *loss;
    const float *old, *ref; /* NULL as for pgr_grpo_grad */
    float *adv, *weight, *old_buf, *ref_buf, *logp, *entropy;
};

static void batch_free(struct batch *b) {
    pgr_free(b->sample);
    pgr_free(b->seq);
    pgr_free(b->adv);
    pgr_free(b->weight);
    pgr_free(b->start);
    pgr_free(b->logp);
    pgr_free(b->entropy);
    pgr_free(b->old);
    pgr_free(b->ref);
    pgr_passes_free(&b->passes);
}

static bool counts(const struct pgr_sample *s) { return !s->masked && !s->reward.left_out; }

static bool is_computed(const struct pgr_trainer *t, const struct pgr_sample *s) {
    bool flat = s->advantage == 0 && t->cfg.beta == 0 && t->cfg.skip_zero_advantages;
    return counts(s) && s->c.n_tok > 0 && !flat;
}

static struct pgr_grpo_cfg loss_cfg(const struct pgr_train_config *c) {
    return (struct pgr_grpo_cfg){.clip_low = c->epsilon,
                                 .clip_high = c->epsilon_high,
                                 .delta = c->delta,
                                 .beta = c->beta,
                                 .kl = (enum pgr_kl_estimator)c->kl_estimator,
                                 .kl_bias_correction = c->use_bias_correction_kl};
}

/* Weights of all n samples, from the tokens that count; *weight owned by the caller. */
static pgr_err weights_of(const struct pgr_trainer *t, const struct pgr_sample *s, size_t n, size_t round_tok,
                          float **weight) {
    const struct pgr_train_config *c = &t->cfg;
    const struct pgr_grpo_batch gb = {.type = (enum pgr_loss_type)c->loss_type,
                                      .n_seq = n,
                                      .micro_batch = c->per_device_train_batch_size,
                                      .max_completion = c->max_completion_length,
                                      .round_seq = c->generation_batch_size,
                                      .round_tok = round_tok};
    size_t *n_tok = pgr_alloc_array(n, sizeof *n_tok);
    float *w = pgr_alloc_array(n, sizeof *w);
    if (!n_tok || !w) {
        pgr_free(n_tok);
        pgr_free(w);
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu samples", n);
    }
    for (size_t i = 0; i < n; i++) n_tok[i] = counts(&s[i]) ? s[i].c.n_tok : 0;
    pgr_grpo_weights(&gb, n_tok, w);
    pgr_free(n_tok);
    *weight = w;
    return PGR_OK;
}

static pgr_err gather(struct pgr_trainer *t, struct pgr_sample *s, size_t n, const float *weight, struct batch *b) {
    b->sample = pgr_alloc_array(n, sizeof *b->sample);
    b->seq = pgr_alloc_array(n, sizeof *b->seq);
    b->adv = pgr_alloc_array(n, sizeof *b->adv);
    b->weight = pgr_alloc_array(n, sizeof *b->weight);
    b->start = pgr_alloc_zero(n + 1, sizeof *b->start);
    if (!b->sample || !b->seq || !b->adv || !b->weight || !b->start)
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu samples", n);
    for (size_t i = 0; i < n; i++) {
        if (!is_computed(t, &s[i])) continue;
        const struct pgr_task_prompt *p = &t->train.prompt[s[i].prompt];
        b->sample[b->n] = &s[i];
        b->seq[b->n] = (struct pgr_seq){i / t->cfg.num_generations, p->token, p->n_tok, s[i].c.token, s[i].c.n_tok};
        b->adv[b->n] = s[i].advantage;
        b->weight[b->n++] = weight[i];
        b->n_tok += s[i].c.n_tok;
        b->start[b->n] = b->n_tok;
    }
    b->logp = pgr_alloc_zero(pgr_max(b->n_tok, 1), sizeof *b->logp);
    b->entropy = pgr_alloc_zero(pgr_max(b->n_tok, 1), sizeof *b->entropy);
    b->old = pgr_alloc_zero(pgr_max(b->n_tok, 1), sizeof *b->old);
    b->ref = pgr_alloc_zero(pgr_max(b->n_tok, 1), sizeof *b->ref);
    if (!b->logp || !b->entropy || !b->old || !b->ref)
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu tokens", b->n_tok);
    for (size_t i = 0; i < b->n; i++) {
        const struct pgr_sample *x = b->sample[i];
        size_t n_bytes = x->c.n_tok * sizeof(float);
        memcpy(b->old + b->start[i], x->logp_old ? x->logp_old : x->c.logp, n_bytes);
        if (x->logp_ref) memcpy(b->ref + b->start[i], x->logp_ref, n_bytes);
    }
    return pgr_pack(b->seq, b->n, t->max_tok, &b->passes);
}

/* Between the arrays in sequence order and the rows of a pass. */
static void to_rows(const struct pgr_pass *p, const struct batch *b, const float *from, float *rows) {
    for (size_t i = 0; i < p->n_seq; i++)
        memcpy(rows + p->row_start[i], from + b->start[p->seq[i]],
               (p->row_start[i + 1] - p->row_start[i]) * sizeof *rows);
}

static void from_rows(const struct pgr_pass *p, const struct batch *b, const float *rows, float *to) {
    for (size_t i = 0; i < p->n_seq; i++)
        memcpy(to + b->start[p->seq[i]], rows + p->row_start[i],
               (p->row_start[i + 1] - p->row_start[i]) * sizeof *rows);
}

static void on_loss(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                    float *dentropy) {
    const struct rows *r = ctx;
    (void)entropy, (void)dentropy;
    pgr_grpo_grad(r->loss, n, logp, r->old ? r->old + i0 : NULL, r->ref ? r->ref + i0 : NULL, r->adv + i0,
                  r->weight + i0, dlogp);
}

static pgr_err run_pass(struct pgr_trainer *t, struct batch *b, const struct pgr_pass *p, struct rows *r) {
    float temperature = (float)t->cfg.temperature;
    PGR_TRY(pgr_forward(t->model, t->work, &p->batch));
    for (size_t i = 0; i < p->n_seq; i++)
        for (size_t k = p->row_start[i]; k < p->row_start[i + 1]; k++)
            r->adv[k] = b->adv[p->seq[i]], r->weight[k] = b->weight[p->seq[i]];
    to_rows(p, b, b->old, r->old_buf);
    to_rows(p, b, b->ref, r->ref_buf);
    r->old = b->on_policy ? NULL : r->old_buf;
    r->ref = t->cfg.beta != 0 ? r->ref_buf : NULL;
    PGR_TRY(pgr_head_logp(t->model, t->work, p->n_row, p->row, p->target, temperature, r->logp, r->entropy, on_loss, r,
                          t->grad));
    from_rows(p, b, r->logp, b->logp);
    from_rows(p, b, r->entropy, b->entropy);
    return pgr_backward(t->model, t->work, t->grad);
}

/* The reference model's log-probabilities, once a round. Same work space: the two models have one shape. */
static pgr_err run_reference(struct pgr_trainer *t, struct batch *b, struct rows *r) {
    for (size_t i = 0; i < b->passes.n; i++) {
        const struct pgr_pass *p = &b->passes.pass[i];
        PGR_TRY(pgr_forward(t->ref, t->work, &p->batch));
        PGR_TRY(pgr_head_logp(t->ref, t->work, p->n_row, p->row, p->target, (float)t->cfg.temperature, r->logp, NULL,
                              NULL, NULL, NULL));
        from_rows(p, b, r->logp, b->ref);
    }
    for (size_t i = 0; i < b->n; i++) {
        struct pgr_sample *s = b->sample[i];
        if (!(s->logp_ref = pgr_alloc_array(s->c.n_tok, sizeof *s->logp_ref)))
            return pgr_fail(PGR_E_NOMEM, "out of memory for reference log-probabilities");
        memcpy(s->logp_ref, b->ref + b->start[i], s->c.n_tok * sizeof *s->logp_ref);
    }
    return PGR_OK;
}

/* The first pass's log-probabilities are the "old" ones of later passes. */
static pgr_err keep_old(struct batch *b) {
    for (size_t i = 0; i < b->n; i++) {
        struct pgr_sample *s = b->sample[i];
        if (!s->logp_old && !(s->logp_old = pgr_alloc_array(s->c.n_tok, sizeof *s->logp_old)))
            return pgr_fail(PGR_E_NOMEM, "out of memory for old log-probabilities");
        memcpy(s->logp_old, b->logp + b->start[i], s->c.n_tok * sizeof *s->logp_old);
    }
    return PGR_OK;
}

static pgr_err run_passes(struct pgr_trainer *t, struct batch *b, bool may_stop, struct pgr_update_result *out) {
    size_t n = pgr_max(b->passes.max_row, 1);
    struct rows r = {.loss = &b->loss,
                     .adv = pgr_alloc_array(n, sizeof(float)),
                     .weight = pgr_alloc_array(n, sizeof(float)),
                     .old_buf = pgr_alloc_array(n, sizeof(float)),
                     .ref_buf = pgr_alloc_array(n, sizeof(float)),
                     .logp = pgr_alloc_array(n, sizeof(float)),
                     .entropy = pgr_alloc_array(n, sizeof(float))};
    double t0 = pgr_now_s();
    pgr_err err = r.adv && r.weight && r.old_buf && r.ref_buf && r.logp && r.entropy
                      ? PGR_OK
                      : pgr_fail(PGR_E_NOMEM, "out of memory for %zu rows", n);
    if (err == PGR_OK && t->ref && b->n > 0 && !b->sample[0]->logp_ref) err = run_reference(t, b, &r);
    double t1 = pgr_now_s();
    for (size_t i = 0; i < b->passes.n && err == PGR_OK; i++) {
        pgr_progress_show(&t->progress, (double)i, (double)b->passes.n, "step %zu/%zu update, pass %zu of %zu",
                          t->step + 1, t->total_steps, i + 1, b->passes.n);
        if (may_stop && pgr_trainer_stop_asked(t))
            err = pgr_fail(PGR_E_INTERRUPTED, "interrupted");
        else
            err = run_pass(t, b, &b->passes.pass[i], &r);
        out->n_tok += b->passes.pass[i].batch.n_tok;
    }
    out->ref_s = t1 - t0;
    out->train_s = pgr_now_s() - t1;
    pgr_free(r.adv);
    pgr_free(r.weight);
    pgr_free(r.old_buf);
    pgr_free(r.ref_buf);
    pgr_free(r.logp);
    pgr_free(r.entropy);
    return err;
}

/* How far the trainer's log-probabilities are from those the sampler recorded. */
static void compare(const struct batch *b, struct pgr_update_result *out) {
    double sum = 0, ratio_sum = 0;
    out->logp_diff_max = 0;
    out->is_ratio_min = INFINITY;
    out->is_ratio_max = 0;
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->sample[i]->c.n_tok; k++) {
            double d = (double)b->logp[b->start[i] + k] - (double)b->sample[i]->c.logp[k], ratio = exp(d);
            sum += fabs(d);
            ratio_sum += ratio;
            out->logp_diff_max = fmax(out->logp_diff_max, fabs(d));
            out->is_ratio_min = fmin(out->is_ratio_min, ratio);
            out->is_ratio_max = fmax(out->is_ratio_max, ratio);
        }
    out->logp_diff_mean = sum / (double)b->n_tok;
    out->is_ratio_mean = ratio_sum / (double)b->n_tok;
}

static pgr_err step_optimizer(struct pgr_trainer *t, struct pgr_update_result *out) {
    const struct pgr_train_config *c = &t->cfg;
    const struct pgr_optim_cfg oc = {c->adam_beta1, c->adam_beta2, c->adam_epsilon, c->weight_decay};
    double t0 = pgr_now_s();
    out->grad_norm = pgr_grad_norm(t->model->layout.n_elem, t->grad);
    if (!isfinite(out->grad_norm))
        return pgr_fail(PGR_E_FINITE, "step %zu: the gradient's norm is %g", t->step + 1, out->grad_norm);
    out->learning_rate =
        pgr_lr_at((enum pgr_lr_schedule)c->lr_scheduler_type, c->learning_rate, t->warmup, t->total_steps, t->step);
    pgr_optim_step(&oc, &t->model->layout, t->step + 1, out->learning_rate,
                   pgr_clip_scale(out->grad_norm, c->max_grad_norm), t->model->master, t->grad, t->exp_avg,
                   t->exp_avg_sq);
    pgr_model_repack(t->model);
    t->step++;
    out->optim_s = pgr_now_s() - t0;
    return PGR_OK;
}

static pgr_err update(struct pgr_trainer *t, struct batch *b, bool may_stop, struct pgr_update_result *out) {
    PGR_TRY(run_passes(t, b, may_stop, out));
    pgr_err err = pgr_grpo_measure(&b->loss, b->n, b->start, b->logp, b->on_policy ? NULL : b->old,
                                   t->cfg.beta != 0 ? b->ref : NULL, b->adv, b->weight, &out->loss);
    if (err != PGR_OK) return pgr_fail_prefix(err, "step %zu", t->step + 1);
    if (b->n_tok > 0) {
        double sum = 0;
        for (size_t i = 0; i < b->n_tok; i++) sum += (double)b->entropy[i];
        out->entropy = sum / (double)b->n_tok;
        if (b->on_policy) compare(b, out);
    }
    if (b->on_policy && t->steps_per_round > 1) PGR_TRY(keep_old(b));
    return step_optimizer(t, out);
}

pgr_err pgr_trainer_update(struct pgr_trainer *t, struct pgr_sample *samples, size_t n, size_t round_tok,
                           bool on_policy, bool may_stop, struct pgr_update_result *out) {
    struct batch b = {.on_policy = on_policy, .loss = loss_cfg(&t->cfg)};
    struct pgr_update_result r = {.entropy = NAN,
                                  .logp_diff_mean = NAN,
                                  .logp_diff_max = NAN,
                                  .is_ratio_min = NAN,
                                  .is_ratio_mean = NAN,
                                  .is_ratio_max = NAN};
    float *weight = NULL;
    pgr_err err = weights_of(t, samples, n, round_tok, &weight);
    if (err == PGR_OK) err = gather(t, samples, n, weight, &b);
    r.n_seq = b.n;
    r.n_pass = b.passes.n;
    if (err == PGR_OK) err = update(t, &b, may_stop, &r);
    pgr_free(weight);
    batch_free(&b);
    if (err == PGR_OK) *out = r;
    return err;
}
