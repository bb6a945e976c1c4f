/* sample.c - penalties and the keyed draw. */
#include "gen/sample.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/cut.h"

struct was { /* a logit before the penalty */
    float x;
    int32_t id;
};

struct pick { /* what a block would give if the row drew the block */
    int32_t token;
    float x; /* its logit */
};

struct scratch {                  /* of one thread */
    struct pgr_cand *cand, *part; /* [n_vocab] */
    struct was *was;              /* [n_vocab] */
    uint64_t *mark;               /* [n_vocab / 64] tokens already penalised; all zero between rows */
};

struct row {
    float scale;
    double u_block, u_token;
    float *whole; /* [n_vocab] copy of the logits, or NULL: picks are enough */
};

struct pgr_sampler {
    size_t n_vocab, n_block, max_rows, n_thread;
    struct pgr_vocab_state *state; /* [max_rows, n_block] */
    struct pick *pick;             /* [max_rows, n_block] */
    struct row *row;               /* [max_rows] */
    float *whole;                  /* [max_rows, n_vocab] */
    size_t whole_bytes;
    struct scratch *scratch; /* [n_thread] */
    size_t n;                /* rows between begin and end */
    struct pgr_draw *draw;
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
    size_t n_state, bytes;
    if (!pgr_mul(max_rows, sm->n_block, &n_state) || !pgr_mul(n_vocab, max_rows, &bytes) ||
        !pgr_mul(bytes, sizeof *sm->whole, &bytes))
        goto nomem;
    sm->state = pgr_alloc_array(n_state, sizeof *sm->state);
    sm->pick = pgr_alloc_array(n_state, sizeof *sm->pick);
    sm->row = pgr_alloc_array(max_rows, sizeof *sm->row);
    sm->scratch = pgr_alloc_zero(sm->n_thread, sizeof *sm->scratch);
    sm->whole = pgr_block_new(bytes);
    if (sm->whole) sm->whole_bytes = bytes;
    if (!sm->state || !sm->pick || !sm->row || !sm->scratch || !sm->whole) goto nomem;
    for (size_t i = 0; i < sm->n_thread; i++) {
        struct scratch *sc = &sm->scratch[i];
        sc->cand = pgr_alloc_array(n_vocab, sizeof *sc->cand);
        sc->part = pgr_alloc_array(n_vocab, sizeof *sc->part);
        sc->was = pgr_alloc_array(n_vocab, sizeof *sc->was);
        sc->mark = pgr_alloc_zero(pgr_div_up(n_vocab, 64), sizeof *sc->mark);
        if (!sc->cand || !sc->part || !sc->was || !sc->mark) goto nomem;
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
    }
    pgr_block_free(sm->whole, sm->whole_bytes);
    pgr_free(sm->scratch);
    pgr_free(sm->state);
    pgr_free(sm->pick);
    pgr_free(sm->row);
    pgr_free(sm);
}

/* ---- blocks as they come ---- */

static bool has_cut(const struct pgr_sampling *how, size_t n_vocab) {
    return (how->top_k > 0 && how->top_k < n_vocab) || how->top_p < 1.0f || how->min_p > 0.0f;
}

static bool needs_whole_row(const struct pgr_sampling *how, size_t n_vocab) {
    return how->repetition_penalty != 1.0f || (how->temperature > 0.0f && has_cut(how, n_vocab));
}

static double unit(uint32_t hi, uint32_t lo) { return (double)(((uint64_t)hi << 32 | lo) >> 11) * 0x1p-53; }

void pgr_sampler_begin(struct pgr_sampler *sm, size_t n, struct pgr_draw *draw) {
    assert(n <= sm->max_rows && pgr_par_threads() <= sm->n_thread);
    sm->n = n;
    sm->draw = draw;
    for (size_t i = 0; i < n; i++) {
        const struct pgr_draw *d = &draw[i];
        const uint32_t c[4] = {d->how->step, d->key, d->sample, d->position};
        uint32_t bits[4];
        pgr_rng_bits(d->how->seed, PGR_RNG_SAMPLE, c, bits);
        sm->row[i] = (struct row){.scale = d->how->temperature > 0.0f ? 1.0f / d->how->temperature : 1.0f,
                                  .u_block = unit(bits[0], bits[1]),
                                  .u_token = unit(bits[2], bits[3])};
        if (needs_whole_row(d->how, sm->n_vocab)) sm->row[i].whole = sm->whole + i * sm->n_vocab;
    }
}

enum { LANES = PGR_OPS_LANES };

/* A token of a block with weights e[PGR_OPS_VOCAB] (zero behind its end), whose sums by lane are known, at the uniform
 * number u. The cumulative distribution runs over the columns of lane 0, then lane 1, ... */
static size_t draw_in_block(const float *e, const float lane[LANES], double u) {
    double part[4] = {0};
    for (size_t k = 0; k < LANES; k++) part[k % 4] += (double)lane[k];
    double left = ((part[0] + part[1]) + (part[2] + part[3])) * u;
    size_t k = 0, last = 0; /* last: of the lanes passed, the last with any weight */
    for (; k < LANES && left >= (double)lane[k]; k++) {
        if (lane[k] > 0.0f) last = k;
        left -= (double)lane[k];
    }
    if (k == LANES) k = last, left = INFINITY; /* rounding left a rest */
    size_t token = k;
    for (size_t j = k; j < PGR_OPS_VOCAB; j += LANES) {
        if (e[j] > 0.0f) token = j; /* the last possible one stands in for a rest */
        left -= (double)e[j];
        if (left < 0) break;
    }
    return token;
}

static size_t first_at(const float *x, size_t n, float scale, float peak) {
    for (size_t j = 0; j < n; j++)
        if (scale * x[j] == peak) return j;
    return 0;
}

static void take_block(const struct pgr_sampler *sm, size_t i, size_t b, const float *x) {
    const struct row *r = &sm->row[i];
    size_t n = pgr_min(PGR_OPS_VOCAB, sm->n_vocab - b * PGR_OPS_VOCAB);
    struct pgr_vocab_state *state = sm->state + i * sm->n_block;
    float e[PGR_OPS_VOCAB], lane[LANES];
    bool greedy = sm->draw[i].how->temperature <= 0.0f;
    pgr_ops_vocab_block(1, n, x, sm->n_vocab, r->scale, sm->n_block, b, state, PGR_F32, r->whole || greedy ? NULL : e,
                        PGR_OPS_VOCAB, lane);
    if (r->whole) {
        memcpy(r->whole + b * PGR_OPS_VOCAB, x, n * sizeof *x);
        return;
    }
    for (size_t j = n; j < PGR_OPS_VOCAB; j++) e[j] = 0.0f;
    size_t j = greedy ? first_at(x, n, r->scale, state[b].peak) : draw_in_block(e, lane, r->u_token);
    sm->pick[i * sm->n_block + b] = (struct pick){(int32_t)(b * PGR_OPS_VOCAB + j), x[j]};
}

void pgr_sampler_add(struct pgr_sampler *sm, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *logits,
                     size_t ld) {
    assert(col0 % PGR_OPS_VOCAB == 0 && col0 + n_col <= sm->n_vocab && row0 + n_row <= sm->n &&
           (n_col % PGR_OPS_VOCAB == 0 || col0 + n_col == sm->n_vocab));
    for (size_t i = 0; i < n_row; i++)
        for (size_t j = 0; j < n_col; j += PGR_OPS_VOCAB)
            take_block(sm, row0 + i, (col0 + j) / PGR_OPS_VOCAB, logits + i * ld + j);
}

/* ---- repetition penalty ---- */

/* Changes the row and the states of its blocks; marks stay until `unmark`. */
static size_t penalise(const struct pgr_sampler *sm, float *x, float scale, const struct pgr_draw *d,
                       struct pgr_vocab_state *state, struct scratch *sc) {
    float r = d->how->repetition_penalty;
    size_t n = 0;
    for (size_t i = 0; i < d->n_seen; i++) {
        size_t id = (size_t)d->seen[i];
        if (id >= sm->n_vocab || (sc->mark[id / 64] >> id % 64 & 1)) continue;
        sc->mark[id / 64] |= (uint64_t)1 << id % 64;
        sc->was[n++] = (struct was){x[id], (int32_t)id};
        x[id] = x[id] < 0.0f ? x[id] * r : x[id] / r;
    }
    /* Only blocks that hold a marked token have changed. */
    enum { WORDS = PGR_OPS_VOCAB / 64 };
    size_t n_word = pgr_div_up(sm->n_vocab, 64);
    for (size_t b = 0; b < sm->n_block; b++) {
        uint64_t any = 0;
        for (size_t w = b * WORDS; w < pgr_min((b + 1) * WORDS, n_word); w++) any |= sc->mark[w];
        size_t at = b * PGR_OPS_VOCAB;
        if (any)
            pgr_ops_vocab_block(1, pgr_min(PGR_OPS_VOCAB, sm->n_vocab - at), x + at, sm->n_vocab, scale, sm->n_block, b,
                                state, PGR_F32, NULL, 0, NULL);
    }
    return n;
}

static float logit_before(const float *x, const struct scratch *sc, size_t n_was, int32_t token) {
    for (size_t i = 0; i < n_was; i++)
        if (sc->was[i].id == token) return sc->was[i].x;
    return x[token];
}

/* ---- the draw ---- */

/* The block that u falls into. *left: what remains of u within it, as a share of its mass. */
static size_t draw_block(const struct pgr_row *r, double u, double *left) {
    float peak = pgr_row_peak(r);
    double rest = u * pgr_row_mass(r, peak), mass = 1;
    size_t b = 0, last = 0; /* last: of the blocks passed, the last with any mass */
    for (; b < r->n_block; b++) {
        mass = (double)r->state[b].sum * exp((double)r->state[b].peak - (double)peak);
        if (mass > 0) last = b;
        if (rest < mass) break;
        rest -= mass;
    }
    if (b == r->n_block) { /* u so near 1 that rounding left a rest */
        *left = 1;
        return last;
    }
    *left = rest / mass;
    return b;
}

static size_t peak_block(const struct pgr_row *r) {
    float peak = pgr_row_peak(r);
    size_t b = 0;
    while (b + 1 < r->n_block && r->state[b].peak != peak) b++;
    return b;
}

/* A token of a whole row without cut-offs. */
static int32_t draw_whole(const struct pgr_row *r, double u) {
    double left;
    size_t b = draw_block(r, u, &left), at = b * PGR_OPS_VOCAB, end = pgr_min(at + PGR_OPS_VOCAB, r->n_vocab),
           token = at;
    left *= (double)r->state[b].sum;
    for (size_t j = at; j < end; j++) {
        float e = expf(r->scale * r->x[j] - r->state[b].peak);
        if (e > 0.0f) token = j;
        left -= (double)e;
        if (left < 0) break;
    }
    return (int32_t)token;
}

static int32_t draw_kept(const struct pgr_cand *c, size_t n, double u) {
    double left = u * pgr_cand_mass(c, n);
    for (size_t i = 0; i < n; i++) {
        left -= (double)c[i].e;
        if (left < 0) return c[i].id;
    }
    while (n > 1 && c[n - 1].e <= 0.0f) n--;
    return c[n - 1].id;
}

static struct pgr_row view(const struct pgr_sampler *sm, size_t i) {
    return (struct pgr_row){sm->n_vocab, sm->n_block, sm->row[i].whole, sm->row[i].scale, sm->state + i * sm->n_block};
}

static void end_row(void *ctx, size_t i, size_t thread) {
    struct pgr_sampler *sm = ctx;
    struct pgr_draw *d = &sm->draw[i];
    const struct pgr_sampling *how = d->how;
    const struct row *row = &sm->row[i];
    struct scratch *sc = &sm->scratch[thread];
    struct pgr_row r = view(sm, i);
    bool greedy = how->temperature <= 0.0f;
    float lse, x;
    pgr_ops_vocab_finish(1, sm->n_block, r.state, &lse, NULL);
    d->token = 0;
    d->logp = NAN;
    if (!isfinite(lse)) return;
    if (!row->whole) {
        double left;
        size_t b = greedy ? peak_block(&r) : draw_block(&r, row->u_block, &left);
        const struct pick *p = &sm->pick[i * sm->n_block + b];
        d->token = p->token;
        x = p->x;
    } else {
        size_t n_was = 0;
        if (how->repetition_penalty != 1.0f)
            n_was = penalise(sm, row->whole, row->scale, d, sm->state + i * sm->n_block, sc);
        if (greedy) {
            size_t b = peak_block(&r), at = b * PGR_OPS_VOCAB;
            d->token =
                (int32_t)(at + first_at(r.x + at, pgr_min(PGR_OPS_VOCAB, sm->n_vocab - at), r.scale, r.state[b].peak));
        } else if (has_cut(how, sm->n_vocab)) {
            d->token = draw_kept(sc->cand, pgr_row_cut(&r, how, sc->cand, sc->part), row->u_block);
        } else {
            d->token = draw_whole(&r, row->u_block);
        }
        x = logit_before(r.x, sc, n_was, d->token);
        for (size_t k = 0; k < n_was; k++) sc->mark[sc->was[k].id / 64] = 0;
    }
    d->logp = row->scale * x - lse;
}

void pgr_sampler_end(struct pgr_sampler *sm) { pgr_par(sm->n, end_row, sm); }

struct whole_rows {
    struct pgr_sampler *sm;
    const float *logits;
    size_t ld;
};

static void add_row(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct whole_rows *w = ctx;
    pgr_sampler_add(w->sm, i, 1, 0, w->sm->n_vocab, w->logits + i * w->ld, w->ld);
}

void pgr_sampler_draw(struct pgr_sampler *sm, size_t n, const float *logits, size_t ld, struct pgr_draw *draw) {
    struct whole_rows w = {sm, logits, ld};
    pgr_sampler_begin(sm, n, draw);
    pgr_par(n, add_row, &w);
    pgr_sampler_end(sm);
}

void pgr_sampler_dist(struct pgr_sampler *sm, const float *logits, const struct pgr_draw *draw, double *p) {
    struct pgr_draw d = *draw;
    pgr_sampler_begin(sm, 1, &d);
    sm->row[0].whole = sm->whole;
    pgr_sampler_add(sm, 0, 1, 0, sm->n_vocab, logits, sm->n_vocab);
    pgr_sampler_end(sm); /* leaves the row with its penalty */
    memset(p, 0, sm->n_vocab * sizeof *p);
    struct pgr_row r = view(sm, 0);
    if (d.how->temperature <= 0.0f) {
        p[d.token] = 1;
    } else if (has_cut(d.how, sm->n_vocab)) {
        const struct pgr_cand *c = sm->scratch[0].cand;
        size_t n = pgr_row_cut(&r, d.how, sm->scratch[0].cand, sm->scratch[0].part);
        double mass = pgr_cand_mass(c, n);
        for (size_t i = 0; i < n; i++) p[c[i].id] = (double)c[i].e / mass;
    } else {
        float peak = pgr_row_peak(&r);
        double mass = pgr_row_mass(&r, peak);
        for (size_t j = 0; j < sm->n_vocab; j++) p[j] = exp((double)(r.scale * r.x[j]) - (double)peak) / mass;
    }
}
