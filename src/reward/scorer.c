/* scorer.c - see scorer.h. Texts of one prompt become child segments of their common beginning. */
#include "reward/scorer.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "model/model.h"
#include "reward/rm_text.h"

struct pgr_scorer {
    struct pgr_model *model;
    struct pgr_tok *tok;
    struct pgr_work *work;
    size_t max_len, max_tok, max_seg;
    struct pgr_calibration calibration;
};

float pgr_scorer_reward(const struct pgr_scorer *s, float score) { return pgr_calibrated(&s->calibration, score); }

struct pgr_calibration pgr_scorer_calibration(const struct pgr_scorer *s) {
    return s->calibration;
}

const struct pgr_config *pgr_scorer_config(const struct pgr_scorer *s) { return &s->model->cfg; }

void pgr_scorer_close(struct pgr_scorer *s) {
    if (!s) return;
    pgr_work_free(s->work);
    pgr_model_free(s->model);
    pgr_tok_close(s->tok);
    pgr_free(s);
}

static pgr_err open_parts(struct pgr_scorer *s, const char *path, const struct pgr_scorer_opts *o) {
    const struct pgr_calibration none = PGR_CALIBRATION_NONE;
    s->calibration = none;
    if (!o->uncalibrated) PGR_TRY(pgr_calibration_load(path, &s->calibration));
    PGR_TRY(pgr_tok_open(path, &s->tok));
    if (!pgr_chat_family(s->tok))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: a reward model needs a chat template of a known family", path);
    const struct pgr_model_opts mo = {.dtype = o->dtype, .add_score = o->add_score, .seed = o->seed};
    PGR_TRY(pgr_model_load(path, &mo, &s->model));
    const struct pgr_config *c = &s->model->cfg;
    if (!c->has_score)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: not a reward model: it has no score.weight (pgrpo rm train makes one)",
                        path);
    s->max_len = o->max_len ? o->max_len : pgr_min(c->max_position, 4096);
    if (s->max_len > c->max_position)
        return pgr_fail(PGR_E_RANGE, "%s: texts of %zu tokens asked for, the model has %zu positions", path, s->max_len,
                        c->max_position);
    s->max_tok = pgr_max(o->max_tok ? o->max_tok : 4096, s->max_len);
    s->max_seg = s->max_tok;
    const struct pgr_work_opts wo = {.max_tok = s->max_tok, .max_seg = s->max_seg};
    return pgr_work_new(s->model, &wo, &s->work);
}

pgr_err pgr_scorer_open(const char *path, const struct pgr_scorer_opts *opts, struct pgr_scorer **out) {
    struct pgr_scorer *s = pgr_alloc_zero(1, sizeof *s);
    if (!s) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = open_parts(s, path, opts);
    if (err != PGR_OK) {
        pgr_scorer_close(s);
        return err;
    }
    *out = s;
    return PGR_OK;
}

/* All texts, and one pass under construction. */
struct scoring {
    struct pgr_scorer *s;
    struct pgr_ids ids;   /* of all texts, one after another */
    size_t *at;           /* [n + 1] */
    int32_t *token;       /* [max_tok] */
    size_t *start;        /* [max_tok + 1] */
    int32_t *parent;      /* [max_tok] */
    uint32_t *row;        /* [max_tok] last token of each text in the pass */
    size_t n_tok, n_seg;  /* of the pass */
    size_t first, n_text; /* texts in the pass: [first, first + n_text) */
    float *score;
};

static void add_segment(struct scoring *g, size_t from, size_t n, int32_t parent) {
    memcpy(g->token + g->n_tok, g->ids.id + from, n * sizeof *g->token);
    g->n_tok += n;
    g->parent[g->n_seg++] = parent;
    g->start[g->n_seg] = g->n_tok;
}

static pgr_err run_pass(struct scoring *g) {
    if (g->n_text == 0) return PGR_OK;
    const struct pgr_batch b = {g->n_tok, g->token, {g->n_seg, g->start, g->parent}};
    PGR_TRY(pgr_forward(g->s->model, g->s->work, &b));
    PGR_TRY(pgr_head_score(g->s->model, g->s->work, g->n_text, g->row, g->score + g->first));
    g->first += g->n_text;
    g->n_tok = g->n_seg = g->n_text = 0;
    return PGR_OK;
}

static size_t length(const struct scoring *g, size_t i) { return g->at[i + 1] - g->at[i]; }

/* Tokens that texts [i, end) have in common at their beginning, leaving each at least one of its own. */
static size_t common(const struct scoring *g, size_t i, size_t end) {
    size_t n = length(g, i) - 1;
    for (size_t k = i + 1; k < end; k++) {
        n = pgr_min(n, length(g, k) - 1);
        size_t same = 0;
        while (same < n && g->ids.id[g->at[i] + same] == g->ids.id[g->at[k] + same]) same++;
        n = same;
    }
    return end - i > 1 ? n : 0;
}

/* Texts [i, end) of one prompt. */
static pgr_err add_run(struct scoring *g, size_t i, size_t end) {
    size_t shared = common(g, i, end);
    int32_t parent = -1;
    for (size_t k = i; k < end; k++) {
        size_t own = length(g, k) - shared;
        bool fresh = g->n_text == 0 || k == i;
        if (g->n_tok + own + (fresh ? shared : 0) > g->s->max_tok) {
            PGR_TRY(run_pass(g));
            fresh = true;
        }
        if (fresh && shared > 0) {
            parent = (int32_t)g->n_seg;
            add_segment(g, g->at[k], shared, -1);
        }
        add_segment(g, g->at[k] + shared, own, parent);
        g->row[g->n_text++] = (uint32_t)(g->n_tok - 1);
    }
    return PGR_OK;
}

static pgr_err score_all(struct scoring *g, size_t n, const struct pgr_score_item *item) {
    for (size_t i = 0; i < n; i++) {
        g->at[i] = g->ids.n;
        PGR_TRY(pgr_rm_encode(g->s->tok, item[i].prompt, item[i].reasoning, item[i].n_bytes, g->s->max_len, &g->ids));
        if (g->ids.n == g->at[i]) return pgr_fail(PGR_E_INTERNAL, "a chat rendering without tokens");
    }
    g->at[n] = g->ids.n;
    for (size_t i = 0; i < g->ids.n; i++)
        if (g->ids.id[i] < 0 || (size_t)g->ids.id[i] >= g->s->model->cfg.n_vocab)
            return pgr_fail(PGR_E_RANGE, "the reward model's tokenizer gives id %d, its model has %zu", g->ids.id[i],
                            g->s->model->cfg.n_vocab);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && item[end].prompt == item[i].prompt;) end++;
        PGR_TRY(add_run(g, i, end));
    }
    PGR_TRY(run_pass(g));
    for (size_t i = 0; i < n; i++)
        if (!isfinite(g->score[i]))
            return pgr_fail(PGR_E_FINITE, "the reward model gave a score of %g", (double)g->score[i]);
    return PGR_OK;
}

pgr_err pgr_scorer_score(struct pgr_scorer *s, size_t n, const struct pgr_score_item *item, float *score) {
    if (n == 0) return PGR_OK;
    struct scoring g = {.s = s,
                        .at = pgr_alloc_array(n + 1, sizeof *g.at),
                        .token = pgr_alloc_array(s->max_tok, sizeof *g.token),
                        .start = pgr_alloc_zero(s->max_seg + 1, sizeof *g.start),
                        .parent = pgr_alloc_array(s->max_seg, sizeof *g.parent),
                        .row = pgr_alloc_array(s->max_seg, sizeof *g.row),
                        .score = score};
    pgr_err err = g.at && g.token && g.start && g.parent && g.row
                      ? score_all(&g, n, item)
                      : pgr_fail(PGR_E_NOMEM, "out of memory for %zu texts to score", n);
    pgr_ids_free(&g.ids);
    pgr_free(g.at);
    pgr_free(g.token);
    pgr_free(g.start);
    pgr_free(g.parent);
    pgr_free(g.row);
    return err;
}
