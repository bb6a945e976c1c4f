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
    int32_t id;
};

struct scratch {                   /* of one thread */
    struct cand *cand;             /* [n_vocab] */
    struct cand *was;              /* [n_vocab] logits before the penalty */
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
        sc->was = pgr_alloc_array(n_vocab, sizeof *sc->was);
        sc->mark = pgr_alloc_zero(pgr_div_up(n_vocab, 64), sizeof *sc->mark);
        sc->state = pgr_alloc_array(sm->n_block, sizeof *sc->state);
        if (!sc->cand || !sc->was || !sc->mark || !sc->state) goto nomem;
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
        sc->was[n++] = (struct cand){row[id], (int32_t)id};
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
        row[sc->was[i].id] = sc->was[i].l;
        sc->mark[sc->was[i].id / 64] = 0;
    }
}

/* ---- a heap of candidates: the most probable first, the lower id of equals ---- */

static bool before(struct cand a, struct cand b) { return a.l > b.l || (a.l == b.l && a.id < b.id); }

static void sift_down(struct cand *c, size_t n, size_t i) {
    struct cand top = c[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(c[child + 1], c[child])) child++;
        if (!before(c[child], top)) break;
        c[i] = c[child];
    }
    c[i] = top;
}

static void heapify(struct cand *c, size_t n) {
    for (size_t i = n / 2; i-- > 0;) sift_down(c, n, i);
}

/* Moves the first of a heap of n behind it: popped candidates lie in falling order from the array's end downward. */
static struct cand pop(struct cand *c, size_t n) {
    struct cand top = c[0];
    c[0] = c[n - 1];
    sift_down(c, n - 1, 0);
    c[n - 1] = top;
    return top;
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

static double mass_of_cand(const struct cand *c, size_t n, float peak) {
    double z = 0;
    for (size_t i = 0; i < n; i++) z += rel(c[i].l, peak);
    return z;
}

static size_t collect(const struct pgr_sampler *sm, const float *row, float scale, const struct pgr_vocab_state *state,
                      float floor, struct cand *out) {
    size_t n = 0;
    for (size_t b = 0; b < sm->n_block; b++) {
        if (state[b].peak < floor) continue;
        size_t end = pgr_min((b + 1) * PGR_OPS_VOCAB, sm->n_vocab);
        for (size_t j = b * PGR_OPS_VOCAB; j < end; j++) {
            float l = scale * row[j];
            out[n] = (struct cand){l, (int32_t)j};
            n += l >= floor;
        }
    }
    return n;
}

/* The tokens that stay, in falling order: the return value r has *kept of them at r[-1], r[-2], ... */
static const struct cand *cut(const struct pgr_sampler *sm, const float *row, float scale,
                              const struct pgr_vocab_state *state, const struct pgr_sampling *how, struct cand *cand,
                              size_t *kept) {
    size_t top_k = how->top_k < sm->n_vocab ? how->top_k : 0;
    double top_p = (double)how->top_p, min_p = (double)how->min_p;
    bool by_mass = how->top_p < 1.0f;
    float peak = peak_of(state, sm->n_block);
    double mass = by_mass ? mass_of(state, sm->n_block, peak) : 0;

    /* Few tokens matter, and most blocks hold none of them: look near the peak first, further down when that was not
     * enough. The result does not depend on where the search stops. Nothing below the floor of min-p can stay, but
     * top-p after top-k needs the mass of all k. */
    static const float depth[] = {8.0f, 24.0f, INFINITY};
    float lowest = -INFINITY;
    if (min_p > 0 && !(top_k && by_mass)) lowest = peak + logf(how->min_p) - 1e-3f - 1e-6f * fabsf(peak);
    size_t n = 0;
    for (size_t i = 0; i < PGR_COUNT(depth); i++) {
        float floor = fmaxf(peak - depth[i], lowest);
        n = collect(sm, row, scale, state, floor, cand);
        if (floor <= lowest) break;
        if (top_k ? n >= top_k : by_mass && mass_of_cand(cand, n, peak) > top_p * mass * (1 + 1e-6)) break;
    }
    heapify(cand, n);
    const struct cand *end = cand + n;
    size_t n_pop = 0;
    if (top_k && top_k <= n) {
        mass = 0;
        for (float last = 0; n_pop < n && (n_pop < top_k || cand[0].l == last); n_pop++) {
            last = pop(cand, n - n_pop).l;
            mass += rel(last, peak);
        }
        n = n_pop; /* what is left */
    }
    double above = 0;
    size_t k = 0;
    for (; k < n; k++) {
        if (k > 0 && by_mass && above >= top_p * mass) break;
        if (k == n_pop) pop(cand, (size_t)(end - cand) - n_pop++);
        double e = rel(end[-1 - (ptrdiff_t)k].l, peak);
        if (k > 0 && e < min_p) break;
        above += e;
    }
    *kept = k;
    return end;
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

static int32_t draw_kept(const struct cand *end, size_t kept, double u) {
    float peak = end[-1].l;
    double mass = 0;
    for (size_t i = 0; i < kept; i++) mass += rel(end[-1 - (ptrdiff_t)i].l, peak);
    double left = u * mass;
    for (size_t i = 0; i < kept; i++) {
        left -= rel(end[-1 - (ptrdiff_t)i].l, peak);
        if (left < 0) return end[-1 - (ptrdiff_t)i].id;
    }
    return end[-(ptrdiff_t)kept].id;
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
            size_t kept;
            const struct cand *end = cut(sm, row, scale, state, how, sc->cand, &kept);
            d->token = draw_kept(end, kept, u);
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
    size_t n_was, kept;
    memset(p, 0, sm->n_vocab * sizeof *p);
    if (!prepare(sm, logits, draw, sm->state, sc, &lse, &state, &n_was)) return;
    if (draw->how->temperature <= 0.0f) {
        p[argmax(sm, logits, scale, state)] = 1;
    } else if (has_cut(draw->how, sm->n_vocab)) {
        const struct cand *end = cut(sm, logits, scale, state, draw->how, sc->cand, &kept);
        double mass = 0;
        for (size_t i = 1; i <= kept; i++) mass += rel(end[-(ptrdiff_t)i].l, end[-1].l);
        for (size_t i = 1; i <= kept; i++) p[end[-(ptrdiff_t)i].id] = rel(end[-(ptrdiff_t)i].l, end[-1].l) / mass;
    } else {
        float peak = peak_of(state, sm->n_block);
        double mass = mass_of(state, sm->n_block, peak);
        for (size_t j = 0; j < sm->n_vocab; j++) p[j] = rel(scale * logits[j], peak) / mass;
    }
    restore(logits, sc, n_was);
}
