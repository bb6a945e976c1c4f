/* sample.c - penalties, cut-offs and the keyed draw. */
#include "gen/sample.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "kern/ops.h"

struct cand {
    float l; /* logit / temperature */
    float e; /* exp(l - peak of the row) */
    int32_t id;
};

struct was { /* a logit before the penalty */
    float x;
    int32_t id;
};

struct scratch {                   /* of one thread */
    struct cand *cand, *part;      /* [n_vocab] */
    struct was *was;               /* [n_vocab] */
    uint64_t *mark;                /* [n_vocab / 64] tokens already penalised; all zero between rows */
    struct pgr_vocab_state *state; /* [n_block] after the penalty */
};

struct pgr_sampler {
    size_t n_vocab, n_block, max_rows, n_thread;
    struct pgr_vocab_state *state; /* [max_rows, n_block] before the penalty */
    struct scratch *scratch;       /* [n_thread] */
};

pgr_err pgr_sampling_check(const struct pgr_sampling *s) {
    if (!(s->temperature >= 0.0f) || isinf(s->temperature))
        return pgr_fail(PGR_E_RANGE, "temperature is %g, must be 0 (greedy) or more", (double)s->temperature);
    /* Below this the reciprocal overflows; it is greedy in all but name. */
    if (s->temperature > 0.0f && s->temperature < 1e-6f)
        return pgr_fail(PGR_E_RANGE, "temperature is %g, must be 0 (greedy) or at least 1e-6", (double)s->temperature);
    if (!(s->top_p >= 0.0f && s->top_p <= 1.0f))
        return pgr_fail(PGR_E_RANGE, "top_p is %g, must be between 0 and 1 (1 = off)", (double)s->top_p);
    if (!(s->min_p >= 0.0f && s->min_p <= 1.0f))
        return pgr_fail(PGR_E_RANGE, "min_p is %g, must be between 0 and 1 (0 = off)", (double)s->min_p);
    if (!(s->repetition_penalty > 0.0f) || isinf(s->repetition_penalty))
        return pgr_fail(PGR_E_RANGE, "repetition_penalty is %g, must be greater than 0 (1 = off)",
                        (double)s->repetition_penalty);
    if (s->max_tokens == 0) return pgr_fail(PGR_E_RANGE, "max_tokens is 0, must be at least 1");
    for (size_t i = 0; i < s->n_stop; i++)
        if (s->stop[i][0] == '\0') return pgr_fail(PGR_E_RANGE, "stop string %zu is empty", i);
    return PGR_OK;
}

pgr_err pgr_sampler_new(size_t n_vocab, size_t max_rows, struct pgr_sampler **out) {
    assert(n_vocab > 0 && max_rows > 0);
    struct pgr_sampler *sm = pgr_alloc_zero(1, sizeof *sm);
    if (!sm) goto nomem;
    sm->n_vocab = n_vocab;
    sm->n_block = pgr_div_up(n_vocab, PGR_OPS_VOCAB);
    sm->max_rows = max_rows;
    sm->n_thread = pgr_par_threads();
    size_t n_state;
    if (!pgr_mul(max_rows, sm->n_block, &n_state)) goto nomem;
    sm->state = pgr_alloc_array(n_state, sizeof *sm->state);
    sm->scratch = pgr_alloc_zero(sm->n_thread, sizeof *sm->scratch);
    if (!sm->state || !sm->scratch) goto nomem;
    for (size_t i = 0; i < sm->n_thread; i++) {
        struct scratch *sc = &sm->scratch[i];
        sc->cand = pgr_alloc_array(n_vocab, sizeof *sc->cand);
        sc->part = pgr_alloc_array(n_vocab, sizeof *sc->part);
        sc->was = pgr_alloc_array(n_vocab, sizeof *sc->was);
        sc->mark = pgr_alloc_zero(pgr_div_up(n_vocab, 64), sizeof *sc->mark);
        sc->state = pgr_alloc_array(sm->n_block, sizeof *sc->state);
        if (!sc->cand || !sc->part || !sc->was || !sc->mark || !sc->state) goto nomem;
    }
    *out = sm;
    return PGR_OK;
nomem:
    pgr_sampler_free(sm);
    return pgr_fail(PGR_E_NOMEM, "out of memory for sampling %zu rows of %zu logits", max_rows, n_vocab);
}

void pgr_sampler_free(struct pgr_sampler *sm) {
    if (!sm) return;
    for (size_t i = 0; sm->scratch && i < sm->n_thread; i++) {
        pgr_free(sm->scratch[i].cand);
        pgr_free(sm->scratch[i].part);
        pgr_free(sm->scratch[i].was);
        pgr_free(sm->scratch[i].mark);
        pgr_free(sm->scratch[i].state);
    }
    pgr_free(sm->scratch);
    pgr_free(sm->state);
    pgr_free(sm);
}

static void block_state(const struct pgr_sampler *sm, const float *row, float scale, size_t b,
                        struct pgr_vocab_state *state) {
    size_t at = b * PGR_OPS_VOCAB;
    pgr_ops_vocab_block(1, pgr_min(PGR_OPS_VOCAB, sm->n_vocab - at), row + at, sm->n_vocab, scale, sm->n_block, b,
                        state, PGR_F32, NULL, 0);
}

/* ---- repetition penalty ---- */

static size_t penalise(const struct pgr_sampler *sm, float *row, float scale, const struct pgr_draw *d,
                       const struct pgr_vocab_state *before, struct scratch *sc) {
    float r = d->how->repetition_penalty;
    size_t n = 0;
    for (size_t i = 0; i < d->n_seen; i++) {
        size_t id = (size_t)d->seen[i];
        if (id >= sm->n_vocab || (sc->mark[id / 64] >> id % 64 & 1)) continue;
        sc->mark[id / 64] |= (uint64_t)1 << id % 64;
        sc->was[n++] = (struct was){row[id], (int32_t)id};
        row[id] = row[id] < 0.0f ? row[id] * r : row[id] / r;
    }
    memcpy(sc->state, before, sm->n_block * sizeof *before);
    /* Only blocks that hold a marked token have changed. */
    enum { WORDS = PGR_OPS_VOCAB / 64 };
    size_t n_word = pgr_div_up(sm->n_vocab, 64);
    for (size_t b = 0; b < sm->n_block; b++) {
        uint64_t any = 0;
        for (size_t w = b * WORDS; w < pgr_min((b + 1) * WORDS, n_word); w++) any |= sc->mark[w];
        if (any) block_state(sm, row, scale, b, sc->state);
    }
    return n;
}

static void restore(float *row, struct scratch *sc, size_t n) {
    for (size_t i = 0; i < n; i++) {
        row[sc->was[i].id] = sc->was[i].x;
        sc->mark[sc->was[i].id / 64] = 0;
    }
}

/* ---- cut-offs ---- */

static float peak_of(const struct pgr_vocab_state *state, size_t n_block) {
    float m = state[0].peak;
    for (size_t b = 1; b < n_block; b++) m = fmaxf(m, state[b].peak);
    return m;
}

static double rel(float l, float peak) { return exp((double)l - (double)peak); }

/* Sum of exp(l - peak) over the row. */
static double mass_of(const struct pgr_vocab_state *state, size_t n_block, float peak) {
    double z = 0;
    for (size_t b = 0; b < n_block; b++) z += (double)state[b].sum * rel(state[b].peak, peak);
    return z;
}

static double mass_of_cand(const struct cand *c, size_t n) {
    double z = 0;
    for (size_t i = 0; i < n; i++) z += (double)c[i].e;
    return z;
}

/* Tokens with l >= floor, ids rising. */
static size_t collect(const struct pgr_sampler *sm, const float *row, float scale, const struct pgr_vocab_state *state,
                      float peak, float floor, struct cand *out) {
    size_t n = 0;
    for (size_t b = 0; b < sm->n_block; b++) {
        if (state[b].peak < floor) continue;
        size_t end = pgr_min((b + 1) * PGR_OPS_VOCAB, sm->n_vocab);
        for (size_t j = b * PGR_OPS_VOCAB; j < end; j++) {
            float l = scale * row[j];
            if (l >= floor) out[n++] = (struct cand){l, expf(l - peak), (int32_t)j};
        }
    }
    return n;
}

/* Order of the cut-offs: the most probable first, the lower id of equals. */
static bool comes_before(const struct cand *a, const struct cand *b) {
    return a->l > b->l || (a->l == b->l && a->id < b->id);
}

static void sort_few(struct cand *c, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct cand x = c[i];
        size_t k = i;
        for (; k > 0 && comes_before(&x, &c[k - 1]); k--) c[k] = c[k - 1];
        c[k] = x;
    }
}

static double weight(const struct cand *c, bool count) { return count ? 1.0 : (double)c->e; }

/* In that order, the last of c[n] that stays when each stays whose predecessors weigh less than `target` together;
 * weight is the probability, or 1 each (count). Without sorting: bins over the range of l, then the same within the bin
 * where the target is reached, until few are left. part[n] is scratch. */
static struct cand last_within(const struct cand *c, size_t n, bool count, double target, struct cand *part) {
    enum { BINS = 256, FEW = 48 };
    double above = 0;
    const struct cand *in = c;
    for (;;) {
        float top = in[0].l, low = in[0].l;
        for (size_t i = 1; i < n; i++) top = fmaxf(top, in[i].l), low = fminf(low, in[i].l);
        float per_nat = (float)(BINS - 1) / (top - low);
        if (n <= FEW || !(top > low) || !isfinite(per_nat)) break;
        double sum[BINS] = {0};
        size_t held[BINS] = {0}, bin, last = 0, k = 0;
        for (size_t i = 0; i < n; i++) {
            bin = (size_t)((top - in[i].l) * per_nat);
            sum[bin] += weight(&in[i], count);
            held[bin]++;
        }
        for (bin = 0; bin < BINS; bin++) {
            if (!held[bin]) continue;
            last = bin;
            if (above + sum[bin] >= target) break;
            above += sum[bin];
        }
        if (bin == BINS) above -= sum[last]; /* all stay: the last one is in the last bin that holds any */
        for (size_t i = 0; i < n; i++)
            if ((size_t)((top - in[i].l) * per_nat) == last) part[k++] = in[i];
        in = part;
        n = k;
    }
    if (in == c) memcpy(part, c, n * sizeof *c);
    if (n <= FEW) sort_few(part, n); /* else all are equal, and in order of their ids */
    size_t k = 0;
    for (; k < n && (k == 0 || above < target); k++) above += weight(&part[k], count);
    return part[k - 1];
}

/* Keeps what does not come after `last`; returns the number. */
static size_t keep_until(struct cand *c, size_t n, struct cand last) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!comes_before(&last, &c[i])) c[k++] = c[i];
    return k;
}

/* The k-th highest of the blocks' peaks: at least k tokens lie at or above it. */
static float block_peak(const struct pgr_vocab_state *state, size_t n_block, size_t k, struct scratch *sc) {
    for (size_t b = 0; b < n_block; b++) sc->cand[b] = (struct cand){state[b].peak, 0, (int32_t)b};
    return last_within(sc->cand, n_block, true, (double)k, sc->part).l;
}

/* The tokens that stay, ids rising, in sc->cand; returns their number. */
static size_t cut(const struct pgr_sampler *sm, const float *row, float scale, const struct pgr_vocab_state *state,
                  const struct pgr_sampling *how, struct scratch *sc) {
    size_t top_k = how->top_k < sm->n_vocab ? how->top_k : 0;
    double top_p = (double)how->top_p;
    bool by_mass = how->top_p < 1.0f;
    float peak = peak_of(state, sm->n_block);
    double mass = by_mass ? mass_of(state, sm->n_block, peak) : 0;
    struct cand *c = sc->cand;

    /* Few tokens matter, and most blocks hold none of them: look near the peak first, further down when that was not
     * enough. The result does not depend on where the search stops. Nothing below the floor of min-p can stay, but
     * top-p after top-k needs the mass of all k. */
    static const float depth[] = {8.0f, 24.0f, INFINITY};
    float lowest = -INFINITY;
    if (how->min_p > 0.0f && !(top_k && by_mass)) lowest = peak + logf(how->min_p) - 1e-3f - 1e-6f * fabsf(peak);
    size_t n = 0;
    float k_blocks = top_k && top_k <= sm->n_block ? block_peak(state, sm->n_block, top_k, sc) : -INFINITY;
    for (size_t i = 0; i < PGR_COUNT(depth); i++) {
        float floor = fmaxf(fmaxf(peak - depth[i], k_blocks), lowest);
        n = collect(sm, row, scale, state, peak, floor, c);
        if (floor <= lowest || floor <= k_blocks) break;
        if (top_k ? n >= top_k : by_mass && mass_of_cand(c, n) > top_p * mass * (1 + 1e-6)) break;
    }
    if (top_k && top_k < n) {
        struct cand last = last_within(c, n, true, (double)top_k, sc->part);
        last.id = INT32_MAX; /* equals of the k-th stay */
        n = keep_until(c, n, last);
    }
    if (by_mass) {
        if (top_k) mass = mass_of_cand(c, n);
        n = keep_until(c, n, last_within(c, n, false, top_p * mass, sc->part));
    }
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (c[i].e >= how->min_p) c[k++] = c[i];
    return k;
}

/* ---- the draw ---- */

static bool has_cut(const struct pgr_sampling *how, size_t n_vocab) {
    return (how->top_k > 0 && how->top_k < n_vocab) || how->top_p < 1.0f || how->min_p > 0.0f;
}

static int32_t argmax(const struct pgr_sampler *sm, const float *row, float scale,
                      const struct pgr_vocab_state *state) {
    float peak = peak_of(state, sm->n_block);
    for (size_t b = 0; b < sm->n_block; b++) {
        if (state[b].peak != peak) continue;
        size_t end = pgr_min((b + 1) * PGR_OPS_VOCAB, sm->n_vocab);
        for (size_t j = b * PGR_OPS_VOCAB; j < end; j++)
            if (scale * row[j] == peak) return (int32_t)j;
    }
    return 0;
}

/* The blocks' sums lead to the block, so that the row is not read again as a whole. */
static int32_t draw_all(const struct pgr_sampler *sm, const float *row, float scale,
                        const struct pgr_vocab_state *state, double u) {
    float peak = peak_of(state, sm->n_block);
    double left = u * mass_of(state, sm->n_block, peak);
    size_t b = 0, last = 0; /* last: of the blocks passed, the last with any probability */
    double scale_b = 1;
    for (; b < sm->n_block; b++) {
        scale_b = rel(state[b].peak, peak);
        double mass = (double)state[b].sum * scale_b;
        if (mass > 0) last = b;
        if (left < mass) break;
        left -= mass;
    }
    if (b == sm->n_block) { /* u so near 1 that rounding ate the rest */
        b = last;
        scale_b = rel(state[b].peak, peak);
        left = INFINITY;
    }
    size_t at = b * PGR_OPS_VOCAB, end = pgr_min(at + PGR_OPS_VOCAB, sm->n_vocab), token = at;
    left /= scale_b;
    for (size_t j = at; j < end; j++) {
        float e = expf(scale * row[j] - state[b].peak);
        if (e > 0.0f) token = j; /* the last possible one stands in when rounding leaves a rest */
        left -= (double)e;
        if (left < 0) break;
    }
    return (int32_t)token;
}

static int32_t draw_kept(const struct cand *c, size_t n, double u) {
    double left = u * mass_of_cand(c, n);
    for (size_t i = 0; i < n; i++) {
        left -= (double)c[i].e;
        if (left < 0) return c[i].id;
    }
    while (n > 1 && c[n - 1].e <= 0.0f) n--;
    return c[n - 1].id;
}

static float scale_of(const struct pgr_sampling *how) {
    return how->temperature > 0.0f ? 1.0f / how->temperature : 1.0f;
}

/* One row up to the point where the distribution is known; *state and *n_was are for the rest. */
static bool prepare(const struct pgr_sampler *sm, float *row, const struct pgr_draw *d, struct pgr_vocab_state *raw,
                    struct scratch *sc, float *lse, const struct pgr_vocab_state **state, size_t *n_was) {
    float scale = scale_of(d->how);
    for (size_t b = 0; b < sm->n_block; b++) block_state(sm, row, scale, b, raw);
    pgr_ops_vocab_finish(1, sm->n_block, raw, lse, NULL);
    *state = raw;
    *n_was = 0;
    if (!isfinite(*lse)) return false;
    if (d->how->repetition_penalty != 1.0f) {
        *n_was = penalise(sm, row, scale, d, raw, sc);
        *state = sc->state;
    }
    return true;
}

struct job {
    struct pgr_sampler *sm;
    float *logits;
    size_t ld;
    struct pgr_draw *draw;
};

static void draw_row(void *ctx, size_t i, size_t thread) {
    struct job *j = ctx;
    const struct pgr_sampler *sm = j->sm;
    struct pgr_draw *d = &j->draw[i];
    const struct pgr_sampling *how = d->how;
    struct scratch *sc = &sm->scratch[thread];
    float *row = j->logits + i * j->ld, scale = scale_of(how), lse;
    const struct pgr_vocab_state *state;
    size_t n_was;
    if (!prepare(sm, row, d, sm->state + i * sm->n_block, sc, &lse, &state, &n_was)) {
        d->token = 0;
        d->logp = NAN;
        return;
    }
    if (how->temperature <= 0.0f) {
        d->token = argmax(sm, row, scale, state);
    } else {
        double u = pgr_rng_uniform(how->seed, PGR_RNG_SAMPLE, how->step, d->key, d->sample, d->position);
        if (has_cut(how, sm->n_vocab)) {
            size_t n = cut(sm, row, scale, state, how, sc);
            d->token = draw_kept(sc->cand, n, u);
        } else {
            d->token = draw_all(sm, row, scale, state, u);
        }
    }
    restore(row, sc, n_was);
    d->logp = scale * row[d->token] - lse;
}

void pgr_sampler_draw(struct pgr_sampler *sm, size_t n, float *logits, size_t ld, struct pgr_draw *draw) {
    assert(n <= sm->max_rows && pgr_par_threads() <= sm->n_thread);
    struct job j = {sm, logits, ld, draw};
    pgr_par(n, draw_row, &j);
}

void pgr_sampler_dist(struct pgr_sampler *sm, float *logits, const struct pgr_draw *draw, double *p) {
    float scale = scale_of(draw->how), lse;
    struct scratch *sc = &sm->scratch[0];
    const struct pgr_vocab_state *state;
    size_t n_was;
    memset(p, 0, sm->n_vocab * sizeof *p);
    if (!prepare(sm, logits, draw, sm->state, sc, &lse, &state, &n_was)) return;
    if (draw->how->temperature <= 0.0f) {
        p[argmax(sm, logits, scale, state)] = 1;
    } else if (has_cut(draw->how, sm->n_vocab)) {
        size_t n = cut(sm, logits, scale, state, draw->how, sc);
        double mass = mass_of_cand(sc->cand, n);
        for (size_t i = 0; i < n; i++) p[sc->cand[i].id] = (double)sc->cand[i].e / mass;
    } else {
        float peak = peak_of(state, sm->n_block);
        double mass = mass_of(state, sm->n_block, peak);
        for (size_t j = 0; j < sm->n_vocab; j++) p[j] = rel(scale * logits[j], peak) / mass;
    }
    restore(logits, sc, n_was);
}
