/* rm_train.c - Bradley-Terry training of a reward model. */
#include "pref/rm_train.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"
#include "kern/optim.h"
#include "reward/rm_text.h"
#include "train/optim.h"

const struct pgr_rm_cfg pgr_rm_defaults = {
    .learning_rate = 5e-6,
    .num_train_epochs = 2,
    .batch_size = 16,
    .max_length = 1024,
    .max_batch_tokens = 4096,
    .center_rewards_coefficient = 0.01,
    .warmup_ratio = 0.1,
    .weight_decay = 0.0,
    .max_grad_norm = 1.0,
    .gradient_checkpointing = true,
    .seed = 42,
};

/* log(1 + exp(-z)) and sigmoid(-z) without overflow. */
static double softplus_neg(double z) { return z > 0 ? log1p(exp(-z)) : -z + log1p(exp(z)); }
static double sigmoid_neg(double z) { return z > 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z)); }

double pgr_bt_loss(size_t n, size_t total, const float *chosen, const float *rejected, const double *margin,
                   double center, float *dchosen, float *drejected) {
    double loss = 0.0, scale = 1.0 / (double)total;
    for (size_t i = 0; i < n; i++) {
        double z = (double)chosen[i] - rejected[i] - (margin ? margin[i] : 0.0), sum = (double)chosen[i] + rejected[i];
        loss += softplus_neg(z) + center * sum * sum;
        double pull = sigmoid_neg(z), mid = 2.0 * center * sum;
        dchosen[i] = (float)((-pull + mid) * scale);
        drejected[i] = (float)((pull + mid) * scale);
    }
    return loss * scale;
}

double pgr_grade_loss(size_t n, size_t total, double level, const float *chosen, const float *rejected,
                      const double *chosen_target, const double *rejected_target, float *dchosen, float *drejected) {
    double loss = 0.0, scale = 1.0 / (double)total;
    for (size_t i = 0; i < n; i++) {
        double c = (double)chosen[i] - chosen_target[i] - level, r = (double)rejected[i] - rejected_target[i] - level;
        loss += 0.5 * (c * c + r * r);
        dchosen[i] = (float)(c * scale);
        drejected[i] = (float)(r * scale);
    }
    return loss * scale;
}

/* ---- tokenised pairs ------------------------------------------------------------------------------------------- */

struct item { /* one pair as ids of one array: prompt, chosen, rejected */
    size_t at, n_prompt, n_chosen, n_rejected;
    uint32_t pair;            /* its number among the pairs given */
    double margin, target[2]; /* targets of the scores, when grades are learnt */
    bool validation;
};

struct set {
    struct pgr_ids ids;
    struct item *item;
    size_t n, n_dropped;
    bool grades;
};

static void set_free(struct set *s) {
    pgr_ids_free(&s->ids);
    pgr_free(s->item);
}

static size_t item_tokens(const struct item *it) { return it->n_prompt + it->n_chosen + it->n_rejected; }

/* The longest common beginning of two texts that leaves each a token of its own: its prompt, computed once. */
static size_t shared_start(const int32_t *a, size_t n_a, const int32_t *b, size_t n_b) {
    size_t n = pgr_min(n_a, n_b) - 1, k = 0;
    while (k < n && a[k] == b[k]) k++;
    return k;
}

/* Appends prompt, chosen, rejected to ids. *fits = false, and ids as they were, when a side is longer than max_length.
 */
static pgr_err encode_pair(const struct pgr_tok *tok, const struct pgr_pair *p, size_t max_length, struct pgr_ids *ids,
                           struct item *it, bool *fits) {
    size_t at = ids->n;
    PGR_TRY(pgr_rm_encode(tok, p->prompt, p->chosen, strlen(p->chosen), SIZE_MAX, ids));
    size_t n_chosen = ids->n - at;
    PGR_TRY(pgr_rm_encode(tok, p->prompt, p->rejected, strlen(p->rejected), SIZE_MAX, ids));
    size_t n_rejected = ids->n - at - n_chosen;
    *fits = n_chosen <= max_length && n_rejected <= max_length;
    if (!*fits) {
        ids->n = at;
        return PGR_OK;
    }
    int32_t *rejected = ids->id + at + n_chosen;
    size_t shared = shared_start(ids->id + at, n_chosen, rejected, n_rejected);
    memmove(rejected, rejected + shared, (n_rejected - shared) * sizeof *rejected);
    ids->n -= shared;
    *it = (struct item){at, shared, n_chosen - shared, n_rejected - shared, 0, p->margin, {0, 0}, p->validation};
    return PGR_OK;
}

static pgr_err encode_all(const struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_pairs *pairs,
                          size_t max_length, struct set *out) {
    struct set s = {.item = pgr_alloc_zero(pairs->n, sizeof *s.item)};
    pgr_err err = s.item ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu pairs", pairs->n);
    size_t limit = pgr_min(max_length, m->cfg.max_position);
    for (size_t i = 0; err == PGR_OK && i < pairs->n; i++) {
        bool fits = false;
        err = encode_pair(tok, &pairs->pair[i], limit, &s.ids, &s.item[s.n], &fits);
        if (fits)
            s.item[s.n++].pair = (uint32_t)i;
        else
            s.n_dropped++;
    }
    for (size_t k = 0; err == PGR_OK && k < s.ids.n; k++)
        if (s.ids.id[k] < 0 || (size_t)s.ids.id[k] >= m->cfg.n_vocab)
            err = pgr_fail(PGR_E_SHAPE, "the tokenizer's id %d is beyond the model's vocabulary of %zu", s.ids.id[k],
                           m->cfg.n_vocab);
    if (err != PGR_OK) {
        set_free(&s);
        return err;
    }
    *out = s;
    return PGR_OK;
}

/* The targets of s, from the grades of its pairs. */
static pgr_err set_targets(struct set *s, const struct pgr_pairs *pairs) {
    double n = 0, sum = 0, sum2 = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double *g = pairs->pair[s->item[i].pair].grade;
        if (!s->item[i].validation) n += 2, sum += g[0] + g[1], sum2 += g[0] * g[0] + g[1] * g[1];
    }
    double mean = sum / n, var = sum2 / n - mean * mean;
    if (!(var > 1e-12 * sum2 / n)) return pgr_fail(PGR_E_RANGE, "all grades are %g: there is nothing to learn", mean);
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < 2; k++)
            s->item[i].target[k] = (pairs->pair[s->item[i].pair].grade[k] - mean) / sqrt(var);
    s->grades = true;
    return PGR_OK;
}

/* ---- a forward pass over some pairs ---------------------------------------------------------------------------- */

struct pass {
    struct pgr_work *work;
    size_t max_tok, max_pairs;
    int32_t *token, *parent;
    size_t *start;
    uint32_t *row; /* [2 max_pairs] last tokens: chosen of all pairs, then rejected */
    float *score, *dscore;
    double *margin, *target; /* target[2 max_pairs], as the scores */
};

static void pass_free(struct pass *p) {
    pgr_work_free(p->work);
    pgr_free(p->token);
    pgr_free(p->parent);
    pgr_free(p->start);
    pgr_free(p->row);
    pgr_free(p->score);
    pgr_free(p->dscore);
    pgr_free(p->margin);
    pgr_free(p->target);
}

static pgr_err pass_new(struct pgr_model *m, size_t max_tok, size_t max_pairs, bool train, bool checkpoint,
                        struct pass *out) {
    struct pass p = {.max_tok = max_tok, .max_pairs = max_pairs};
    p.token = pgr_alloc_array(max_tok, sizeof *p.token);
    p.parent = pgr_alloc_array(3 * max_pairs, sizeof *p.parent);
    p.start = pgr_alloc_array(3 * max_pairs + 1, sizeof *p.start);
    p.row = pgr_alloc_array(2 * max_pairs, sizeof *p.row);
    p.score = pgr_alloc_array(2 * max_pairs, sizeof *p.score);
    p.dscore = pgr_alloc_array(2 * max_pairs, sizeof *p.dscore);
    p.margin = pgr_alloc_array(max_pairs, sizeof *p.margin);
    p.target = pgr_alloc_array(2 * max_pairs, sizeof *p.target);
    pgr_err err = PGR_OK;
    if (!p.token || !p.parent || !p.start || !p.row || !p.score || !p.dscore || !p.margin || !p.target)
        err = pgr_fail(PGR_E_NOMEM, "out of memory for a batch of %zu tokens", max_tok);
    const struct pgr_work_opts o = {
        .max_tok = max_tok, .max_seg = 3 * max_pairs, .train = train, .checkpoint = checkpoint};
    if (err == PGR_OK) err = pgr_work_new(m, &o, &p.work);
    if (err != PGR_OK) {
        pass_free(&p);
        return err;
    }
    *out = p;
    return PGR_OK;
}

/* How many of item[0..n) fit one pass, at least 1. */
static size_t pairs_that_fit(const struct pass *p, const struct set *s, const uint32_t *item, size_t n) {
    size_t tokens = 0, k = 0;
    while (k < n && k < p->max_pairs && tokens + item_tokens(&s->item[item[k]]) <= p->max_tok)
        tokens += item_tokens(&s->item[item[k++]]);
    return pgr_max(k, 1);
}

/* Scores of item[0..n): score[0..n) chosen, score[n..2n) rejected. */
static pgr_err score_pairs(struct pgr_model *m, struct pass *p, const struct set *s, const uint32_t *item, size_t n) {
    size_t tok = 0;
    for (size_t i = 0; i < n; i++) {
        const struct item *it = &s->item[item[i]];
        int32_t prompt = (int32_t)(3 * i);
        p->start[3 * i] = tok;
        p->start[3 * i + 1] = tok + it->n_prompt;
        p->start[3 * i + 2] = tok + it->n_prompt + it->n_chosen;
        p->parent[3 * i] = -1;
        p->parent[3 * i + 1] = p->parent[3 * i + 2] = it->n_prompt ? prompt : -1;
        memcpy(p->token + tok, s->ids.id + it->at, item_tokens(it) * sizeof *p->token);
        tok += item_tokens(it);
        p->row[i] = (uint32_t)(p->start[3 * i + 2] - 1);
        p->row[n + i] = (uint32_t)(tok - 1);
        p->margin[i] = it->margin;
        p->target[i] = it->target[0];
        p->target[n + i] = it->target[1];
    }
    p->start[3 * n] = tok;
    const struct pgr_batch batch = {.n_tok = tok, .token = p->token, .seg = {3 * n, p->start, p->parent}};
    PGR_TRY(pgr_forward(m, p->work, &batch));
    return pgr_head_score(m, p->work, 2 * n, p->row, p->score);
}

/* Loss and gradient of the n pairs of a pass. */
static double pass_loss(struct pass *p, const struct set *s, size_t n, size_t total, double center, double level) {
    float *chosen = p->score, *rejected = chosen + n, *dchosen = p->dscore, *drejected = dchosen + n;
    if (s->grades)
        return pgr_grade_loss(n, total, level, chosen, rejected, p->target, p->target + n, dchosen, drejected);
    return pgr_bt_loss(n, total, chosen, rejected, p->margin, center, dchosen, drejected);
}

/* The sum of what the scores of item[0..n) exceed their targets by; score[2 n] as score_pairs has them. */
static double excess(const struct set *s, const uint32_t *item, size_t n, const float *score) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *target = s->item[item[i]].target;
        sum += (double)score[i] - target[0] + ((double)score[n + i] - target[1]);
    }
    return sum;
}

/* Sum of the losses of item[0..n), one by one: it must not depend on how the pairs were packed. */
static double losses(const struct set *s, const uint32_t *item, size_t n, const float *score) {
    double sum = 0.0, level = s->grades && n ? excess(s, item, n, score) / (2.0 * (double)n) : 0.0;
    for (size_t i = 0; i < n; i++) {
        const struct item *it = &s->item[item[i]];
        float unused[2];
        sum += s->grades ? pgr_grade_loss(1, 1, level, score + i, score + n + i, it->target, it->target + 1, unused,
                                          unused + 1)
                         : pgr_bt_loss(1, 1, score + i, score + n + i, &it->margin, 0.0, unused, unused + 1);
    }
    return sum;
}

struct tally {
    size_t n;
    double right, loss, margin, sum, sum2;
};

static void count(struct tally *t, size_t n, const float *score, double loss) {
    t->n += n;
    t->loss += loss;
    for (size_t i = 0; i < n; i++) {
        double c = score[i], r = score[n + i];
        t->right += c > r;
        t->margin += c - r;
        t->sum += c + r;
        t->sum2 += c * c + r * r;
    }
}

static struct pgr_rm_eval tally_result(const struct tally *t) {
    struct pgr_rm_eval e = {.n = t->n};
    if (t->n == 0) return e;
    double n = (double)t->n, mean = t->sum / (2 * n);
    e.accuracy = t->right / n;
    e.loss = t->loss / n;
    e.margin = t->margin / n;
    e.mean_score = mean;
    e.std_score = sqrt(fmax(0.0, t->sum2 / (2 * n) - mean * mean));
    return e;
}

/* Forward only, over item[0..n); score[2 n]: of the chosen texts, then of the rejected ones. */
static pgr_err evaluate(struct pgr_model *m, struct pass *p, const struct set *s, const uint32_t *item, size_t n,
                        float *score, struct pgr_rm_eval *out) {
    struct tally t = {0};
    for (size_t i = 0; i < n;) {
        size_t k = pairs_that_fit(p, s, item + i, n - i);
        PGR_TRY(score_pairs(m, p, s, item + i, k));
        memcpy(score + i, p->score, k * sizeof *score);
        memcpy(score + n + i, p->score + k, k * sizeof *score);
        count(&t, k, p->score, 0.0);
        i += k;
    }
    t.loss = losses(s, item, n, score);
    *out = tally_result(&t);
    return PGR_OK;
}

static size_t longest(const struct set *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n = pgr_max(n, item_tokens(&s->item[i]));
    return n;
}

pgr_err pgr_rm_evaluate(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_pairs *pairs,
                        bool validation_only, size_t max_length, struct pgr_rm_eval *out) {
    struct set s;
    PGR_TRY(encode_all(m, tok, pairs, max_length, &s));
    struct pass p = {0};
    uint32_t *order = pgr_alloc_array(s.n, sizeof *order);
    float *score = pgr_alloc_array(2 * s.n, sizeof *score);
    size_t n = 0;
    pgr_err err = order && score ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; err == PGR_OK && i < s.n; i++)
        if (!validation_only || s.item[i].validation) order[n++] = (uint32_t)i;
    if (err == PGR_OK && n == 0) err = pgr_fail(PGR_E_RANGE, "no pair to evaluate fits %zu tokens", max_length);
    if (err == PGR_OK)
        err = pass_new(m, pgr_max(longest(&s), pgr_rm_defaults.max_batch_tokens), pgr_rm_defaults.batch_size, false,
                       false, &p);
    if (err == PGR_OK) err = evaluate(m, &p, &s, order, n, score, out);
    pass_free(&p);
    pgr_free(score);
    pgr_free(order);
    set_free(&s);
    return err;
}

/* ---- training --------------------------------------------------------------------------------------------------- */

struct trainer {
    struct pgr_model *m;
    const struct pgr_rm_cfg *cfg;
    struct set set;
    struct pass pass;
    uint32_t *train, *held, *order; /* item numbers; order: this epoch's permutation of train */
    uint32_t *held_pair;            /* [n_held] numbers of the held-out pairs */
    float *held_score;              /* [2 n_held] of the last evaluation */
    size_t n_train, n_held;
    double best_loss;                /* lowest held-out loss after the first update */
    size_t n_no_better;              /* evaluations since */
    float *grad, *moment1, *moment2; /* no moments when adapters are trained */
    struct pgr_lora *lora;           /* NULL: all weights are trained */
    size_t step, n_steps, warmup;
};

static void trainer_free(struct trainer *t) {
    size_t bytes = t->m->layout.n_elem * sizeof(float);
    pgr_block_free(t->grad, bytes);
    pgr_block_free(t->moment1, bytes);
    pgr_block_free(t->moment2, bytes);
    pgr_lora_free(t->lora);
    pgr_free(t->train);
    pgr_free(t->held);
    pgr_free(t->order);
    pgr_free(t->held_pair);
    pgr_free(t->held_score);
    pass_free(&t->pass);
    set_free(&t->set);
}

static pgr_err trainer_init(struct trainer *t, const struct pgr_tok *tok, const struct pgr_pairs *pairs) {
    const struct pgr_rm_cfg *c = t->cfg;
    PGR_TRY(encode_all(t->m, tok, pairs, c->max_length, &t->set));
    size_t n = t->set.n, bytes = t->m->layout.n_elem * sizeof(float);
    t->train = pgr_alloc_array(n, sizeof *t->train);
    t->held = pgr_alloc_array(n, sizeof *t->held);
    t->order = pgr_alloc_array(n, sizeof *t->order);
    t->held_pair = pgr_alloc_array(n, sizeof *t->held_pair);
    t->held_score = pgr_alloc_array(2 * n, sizeof *t->held_score);
    if (!t->train || !t->held || !t->order || !t->held_pair || !t->held_score)
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu pairs", n);
    for (size_t i = 0; i < n; i++) {
        if (t->set.item[i].validation)
            t->held_pair[t->n_held] = t->set.item[i].pair, t->held[t->n_held++] = (uint32_t)i;
        else
            t->train[t->n_train++] = (uint32_t)i;
    }
    if (t->n_train == 0)
        return pgr_fail(
            PGR_E_RANGE,
            "no training pair fits %zu tokens, the smaller of max_length and the model's context (%zu of %zu pairs "
            "were longer)",
            pgr_min(c->max_length, t->m->cfg.max_position), t->set.n_dropped, pairs->n);
    if (c->grades) PGR_TRY(set_targets(&t->set, pairs));
    t->n_steps = c->num_train_epochs * pgr_div_up(t->n_train, c->batch_size);
    t->warmup = (size_t)ceil(c->warmup_ratio * (double)t->n_steps);
    t->grad = pgr_block_new(bytes);
    if (c->lora.rank == 0) {
        t->moment1 = pgr_block_new(bytes);
        t->moment2 = pgr_block_new(bytes);
    }
    if (!t->grad || (c->lora.rank == 0 && (!t->moment1 || !t->moment2)))
        return pgr_fail(PGR_E_NOMEM, "out of memory for gradients and Adam states, %d times %zu bytes",
                        c->lora.rank ? 1 : 3, bytes);
    return pass_new(t->m, pgr_max(longest(&t->set), c->max_batch_tokens), c->batch_size, true,
                    c->gradient_checkpointing, &t->pass);
}

/* One step of the optimiser on all weights, or on the adapters. */
static pgr_err step_weights(struct trainer *t, struct pgr_rm_report *r) {
    const struct pgr_rm_cfg *c = t->cfg;
    struct pgr_lora *l = t->lora;
    const struct pgr_layout *layout = l ? &l->layout : &t->m->layout;
    if (l) pgr_lora_collect(l, t->m, t->grad);
    float *grad = l ? l->grad : t->grad;
    r->grad_norm = pgr_grad_norm(layout->n_elem, grad);
    if (!isfinite(r->loss) || !isfinite(r->grad_norm))
        return pgr_fail(PGR_E_FINITE, "reward model: step %zu: loss %g, gradient norm %g", t->step + 1, r->loss,
                        r->grad_norm);
    r->learning_rate = pgr_lr_at(PGR_LR_LINEAR, c->learning_rate, t->warmup, t->n_steps, t->step);
    const struct pgr_optim_cfg oc = {0.9, 0.999, 1e-8, c->weight_decay};
    pgr_optim_step(&oc, layout, t->step + 1, r->learning_rate, pgr_clip_scale(r->grad_norm, c->max_grad_norm),
                   l ? l->param : t->m->master, grad, l ? l->moment1 : t->moment1, l ? l->moment2 : t->moment2);
    if (l)
        pgr_lora_apply(l, t->m);
    else
        pgr_model_repack(t->m);
    return PGR_OK;
}

/* By how much the scores of a batch exceed their targets in the mean, when grades are learnt. All hidden states have a
 * large part in common, so the gradient of that mean is many times that of what tells texts apart, and a step along it
 * overshoots. Only differences are learnt, as with pairs; the level is left to the calibration. */
static pgr_err level_of(struct trainer *t, const uint32_t *item, size_t n, bool *scored, double *level) {
    struct pass *p = &t->pass;
    double sum = 0.0;
    *level = 0.0;
    *scored = false;
    if (!t->set.grades) return PGR_OK;
    for (size_t i = 0; i < n;) {
        size_t k = pairs_that_fit(p, &t->set, item + i, n - i);
        PGR_TRY(score_pairs(t->m, p, &t->set, item + i, k));
        sum += excess(&t->set, item + i, k, p->score);
        i += k;
        *scored = k == n; /* the pass still holds all of the batch */
    }
    *level = sum / (2.0 * (double)n);
    return PGR_OK;
}

static pgr_err update(struct trainer *t, const uint32_t *item, size_t n, struct pgr_rm_report *r) {
    const struct pgr_rm_cfg *c = t->cfg;
    double started = pgr_now_s();
    struct tally tally = {0};
    size_t tokens = 0;
    bool scored;
    double level;
    PGR_TRY(level_of(t, item, n, &scored, &level));
    for (size_t i = 0; i < n;) {
        struct pass *p = &t->pass;
        size_t k = pairs_that_fit(p, &t->set, item + i, n - i);
        if (!scored) PGR_TRY(score_pairs(t->m, p, &t->set, item + i, k));
        double loss = pass_loss(p, &t->set, k, n, c->center_rewards_coefficient, level);
        count(&tally, k, p->score, loss);
        PGR_TRY(pgr_head_score_backward(t->m, p->work, 2 * k, p->row, p->dscore, t->grad));
        PGR_TRY(pgr_backward(t->m, p->work, t->grad));
        tokens += p->start[3 * k];
        i += k;
    }
    r->loss = tally.loss;
    r->accuracy = tally.right / (double)n;
    PGR_TRY(step_weights(t, r));
    t->step++;
    r->step = t->step;
    r->tokens_per_s = (double)tokens / (pgr_now_s() - started);
    return PGR_OK;
}

/* Takes the mean of the training scores out of the score vector: w -= (w . h) / (h . h) h, with h the mean of the
 * hidden states. A random vector meets the large common part of all hidden states and starts far from 0, where the
 * sigmoid is flat and the centring term would have to bring it back first. The sum of the h is what the head's gradient
 * is when every d loss / d score is 1. */
static pgr_err centre_score(struct trainer *t) {
    const struct pgr_param *w = pgr_layout_find(&t->m->layout, PGR_P_SCORE, SIZE_MAX);
    size_t n = pgr_min(t->n_train, 64);
    for (size_t i = 0; i < n;) {
        struct pass *p = &t->pass;
        size_t k = pairs_that_fit(p, &t->set, t->train + i, n - i);
        PGR_TRY(score_pairs(t->m, p, &t->set, t->train + i, k));
        for (size_t r = 0; r < 2 * k; r++) p->dscore[r] = 1.0f;
        PGR_TRY(pgr_head_score_backward(t->m, p->work, 2 * k, p->row, p->dscore, t->grad));
        i += k;
    }
    float *score = t->m->master + w->at, *h = t->grad + w->at;
    double along = 0.0, norm = 0.0;
    for (size_t i = 0; i < w->n; i++) along += (double)score[i] * h[i], norm += (double)h[i] * h[i];
    for (size_t i = 0; i < w->n && norm > 0; i++) score[i] = (float)(score[i] - along / norm * h[i]);
    pgr_zero(t->m->layout.n_elem, t->grad);
    pgr_model_repack(t->m);
    return PGR_OK;
}

/* Evaluates and reports; *enough: the patience is over. */
static pgr_err report_eval(struct trainer *t, struct pgr_rm_report *r, pgr_rm_report_fn fn, void *ctx, bool *enough) {
    struct pgr_rm_eval e;
    PGR_TRY(evaluate(t->m, &t->pass, &t->set, t->held, t->n_held, t->held_score, &e));
    const struct pgr_rm_held held = {t->n_held, t->held_pair, t->held_score, t->held_score + t->n_held};
    r->improved = t->step > 0 && (t->n_held ? e.loss < t->best_loss : t->step == t->n_steps);
    if (r->improved && t->n_held) t->best_loss = e.loss;
    t->n_no_better = r->improved || t->step == 0 ? 0 : t->n_no_better + 1;
    *enough = t->n_held > 0 && t->cfg->early_stopping_patience > 0 && t->n_no_better >= t->cfg->early_stopping_patience;
    r->eval = &e;
    r->held = &held;
    bool go_on = !fn || fn(ctx, r);
    r->eval = NULL;
    r->held = NULL;
    r->improved = false;
    return go_on ? PGR_OK : pgr_fail(PGR_E_INTERRUPTED, "interrupted");
}

static pgr_err run(struct trainer *t, pgr_rm_report_fn fn, void *ctx) {
    struct pgr_rm_report r = {.n_steps = t->n_steps, .n_dropped = t->set.n_dropped};
    bool enough = false;
    t->best_loss = INFINITY;
    PGR_TRY(centre_score(t));
    if (t->cfg->lora.rank > 0) {
        struct pgr_lora_cfg lora = t->cfg->lora;
        lora.seed = t->cfg->seed;
        PGR_TRY(pgr_lora_new(t->m, &lora, &t->lora));
    }
    r.lora = t->lora;
    PGR_TRY(report_eval(t, &r, fn, ctx, &enough));
    for (size_t epoch = 0; epoch < t->cfg->num_train_epochs; epoch++) {
        pgr_rng_shuffle(t->cfg->seed, (uint32_t)epoch, t->n_train, t->order);
        for (size_t i = 0; i < t->n_train; i++) t->order[i] = t->train[t->order[i]];
        r.epoch = epoch + 1;
        for (size_t i = 0; i < t->n_train; i += t->cfg->batch_size) {
            size_t every = t->cfg->eval_steps, end = pgr_min(i + t->cfg->batch_size, t->n_train);
            PGR_TRY(update(t, t->order + i, end - i, &r));
            if (fn && !fn(ctx, &r)) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
            bool due = every ? t->step % every == 0 || t->step == t->n_steps : end == t->n_train;
            if (due) PGR_TRY(report_eval(t, &r, fn, ctx, &enough));
            if (enough) return PGR_OK;
        }
    }
    return PGR_OK;
}

pgr_err pgr_rm_train(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_pairs *pairs,
                     const struct pgr_rm_cfg *cfg, pgr_rm_report_fn report, void *ctx) {
    if (!m->master || !m->score)
        return pgr_fail(PGR_E_UNSUPPORTED, "reward model: the model was not loaded for training with a score head");
    if (cfg->batch_size == 0 || cfg->num_train_epochs == 0)
        return pgr_fail(PGR_E_RANGE, "reward model: batch size and epochs must be at least 1");
    struct trainer t = {.m = m, .cfg = cfg};
    pgr_err err = trainer_init(&t, tok, pairs);
    if (err == PGR_OK) err = run(&t, report, ctx);
    trainer_free(&t);
    return err;
}
