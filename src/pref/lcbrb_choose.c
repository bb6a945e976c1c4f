/* lcbrb_choose.c - which samples of a problem make its pair. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"
#include "pref/lcbrb_state.h"
#include "pref/od_check.h"

/* ---- candidates ---- */

static uint32_t draw(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t place) {
    uint32_t out[4];
    const uint32_t c[4] = {p->key, (uint32_t)place, 0, 0};
    pgr_rng_bits(s->cfg->seed, PGR_RNG_PAIRS, c, out);
    return out[0];
}

static double log_length(const struct pgr_lcbrb_problem *p, size_t i) {
    return log((double)strlen(p->sample[i].reasoning));
}

/* Whether two samples can be the sides of a pair. */
static pgr_err fits(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t a, size_t b, bool *out) {
    const char *x = p->sample[a].reasoning, *y = p->sample[b].reasoning;
    double alike;
    *out = pgr_od_length_fits(s->cfg->length_band, x, y);
    if (!*out) return PGR_OK;
    PGR_TRY(pgr_od_similarity(x, y, &alike));
    *out = alike <= s->cfg->max_similarity;
    return PGR_OK;
}

static bool on_wanted_side(const struct pgr_lcbrb_problem *p, size_t superior, size_t inferior) {
    size_t x = strlen(p->sample[superior].reasoning), y = strlen(p->sample[inferior].reasoning);
    return p->longer ? y >= x : y <= x;
}

struct rank {
    size_t sample;
    bool other_side;
    double place;
};

static int by_rank(const void *a, const void *b) {
    const struct rank *x = a, *y = b;
    if (x->other_side != y->other_side) return x->other_side ? 1 : -1;
    if (x->place < y->place || x->place > y->place) return x->place < y->place ? -1 : 1;
    return x->sample < y->sample ? -1 : 1;
}

static pgr_err sorted(struct rank *r, size_t n, size_t **out) {
    size_t *list = pgr_alloc_array(pgr_max(n, 1), sizeof *list);
    if (!list) return pgr_fail(PGR_E_NOMEM, "out of memory");
    qsort(r, n, sizeof *r, by_rank);
    for (size_t i = 0; i < n; i++) list[i] = r[i].sample;
    *out = list;
    return PGR_OK;
}

/* The partners of a superior sample: those on the wanted side first, the nearest in length first. */
static pgr_err partners(const struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t superior, struct rank *r,
                        size_t *n) {
    *n = 0;
    for (size_t i = 0; i < p->n_asked; i++) {
        bool ok = p->sample[i].state == PGR_LCBRB_FAILED;
        if (ok) PGR_TRY(fits(s, p, superior, i, &ok));
        if (ok)
            r[(*n)++] =
                (struct rank){i, !on_wanted_side(p, superior, i), fabs(log_length(p, i) - log_length(p, superior))};
    }
    return PGR_OK;
}

/* Superior samples that have a partner: those with one on the wanted side first, else by lot. */
static pgr_err list_superior(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, struct rank *r, struct rank *other) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_asked; i++) {
        size_t n_partner, n_wanted = 0;
        if (p->sample[i].state != PGR_LCBRB_PASSED) continue;
        PGR_TRY(partners(s, p, i, other, &n_partner));
        for (size_t k = 0; k < n_partner; k++) n_wanted += !other[k].other_side;
        if (n_partner) r[n++] = (struct rank){i, n_wanted == 0, draw(s, p, i)};
    }
    p->n_superior = n;
    return sorted(r, n, &p->superior);
}

static pgr_err with_room(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, bool superior) {
    struct rank *r = pgr_alloc_array(2 * pgr_max(p->n_asked, 1), sizeof *r);
    if (!r) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err;
    if (superior) {
        err = list_superior(s, p, r, r + p->n_asked);
    } else {
        err = partners(s, p, p->superior[p->at_superior], r, &p->n_inferior);
        if (err == PGR_OK) err = sorted(r, p->n_inferior, &p->inferior);
    }
    pgr_free(r);
    return err;
}

/* The same words again are no further candidate. */
static void drop_repeated(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    for (size_t i = 0; i < p->n_asked; i++) {
        struct pgr_lcbrb_sample *x = &p->sample[i];
        for (size_t k = 0; k < i && (x->state == PGR_LCBRB_PASSED || x->state == PGR_LCBRB_FAILED); k++) {
            if (p->sample[k].state != x->state || strcmp(p->sample[k].reasoning, x->reasoning) != 0) continue;
            s->tally->state[x->state]--;
            s->tally->state[x->state = PGR_LCBRB_REPEATED]++;
        }
    }
}

/* ---- votes ---- */

enum answer { REFUSED, ACCEPTED, PENDING };

static size_t count(const struct pgr_lcbrb *s, const struct pgr_lcbrb_sample *x, enum pgr_lcbrb_check c, char v) {
    size_t n = 0;
    for (size_t i = 0; i < s->cfg->n_votes; i++) n += x->vote[c][i] == v;
    return n;
}

static pgr_err ask_votes(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t sample, enum pgr_lcbrb_check c) {
    struct pgr_lcbrb_sample *x = &p->sample[sample];
    struct pgr_buf user = PGR_BUF_INIT;
    bool room = true;
    pgr_lcbrb_render_check(s->cfg->prompts, c, &p->task, x->reasoning, x->code, &user);
    pgr_err err = pgr_buf_ok(&user);
    for (size_t i = 0, n; err == PGR_OK && room && i < s->cfg->n_votes; i += n) {
        for (n = 0; i + n < s->cfg->n_votes && !x->vote[c][i + n]; n++) continue;
        if (!n) {
            n = 1;
            continue;
        }
        const struct pgr_od_question q = {
            .tag = 1 + 2 * ((p->number * PGR_LCBRB_MAX_SAMPLES + sample) * PGR_LCBRB_N_CHECK + (size_t)c),
            .system = s->cfg->prompts->judge_system,
            .user = pgr_buf_str(&user),
            .key = p->key,
            .round = (uint32_t)(1 + sample * PGR_LCBRB_N_CHECK + (size_t)c),
            .n_samples = n,
            .first_sample = i};
        err = s->judge->add(s->judge->ctx, &q, &room);
        if (err == PGR_OK && room) {
            x->n_open[c] += n;
            s->n_judge_open += n;
        }
    }
    pgr_buf_free(&user);
    if (!room) memset(x->vote[c], '?', s->cfg->n_votes);
    return err;
}

/* What the judge says of a sample; asks it when it has not been asked. */
static pgr_err judged(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t sample, enum pgr_lcbrb_check c,
                      enum answer *out) {
    const struct pgr_lcbrb_sample *x = &p->sample[sample];
    *out = ACCEPTED;
    if (s->cfg->n_votes == 0) return PGR_OK;
    if (x->n_open[c] == 0 && count(s, x, c, 0) > 0) PGR_TRY(ask_votes(s, p, sample, c));
    if (x->n_open[c] > 0)
        *out = PENDING;
    else
        *out = 2 * count(s, x, c, 'y') > s->cfg->n_votes ? ACCEPTED : REFUSED;
    return PGR_OK;
}

pgr_err pgr_lcbrb_take_vote(struct pgr_lcbrb *s, const struct pgr_od_answer *a) {
    size_t at = a->tag / 2;
    enum pgr_lcbrb_check c = (enum pgr_lcbrb_check)(at % PGR_LCBRB_N_CHECK);
    at /= PGR_LCBRB_N_CHECK;
    struct pgr_lcbrb_problem *p = s->problem[at / PGR_LCBRB_MAX_SAMPLES];
    size_t sample = at % PGR_LCBRB_MAX_SAMPLES;
    struct pgr_lcbrb_sample *x = &p->sample[sample];
    char said = pgr_lcbrb_vote(a->text, a->n_bytes);
    s->n_judge_open--;
    s->tally->n_token += a->n_tokens;
    s->tally->n_vote++;
    x->n_open[c]--;
    x->vote[c][a->sample] = said;
    if (!a->refused)
        PGR_TRY(pgr_od_journal_add(
            &s->journal, pgr_lcbrb_vote_line(s, p, sample, c, a->sample, said, pgr_json_bytes(a->text, a->n_bytes))));
    return x->n_open[c] == 0 ? pgr_lcbrb_choose(s, p) : PGR_OK;
}

/* ---- the choice ---- */

static void count_votes(const struct pgr_lcbrb *s, const struct pgr_lcbrb_sample *x, enum pgr_lcbrb_check c,
                        struct pgr_lcbrb_votes *v) {
    size_t yes = count(s, x, c, 'y');
    if (s->cfg->n_votes == 0 || count(s, x, c, 0) > 0) return;
    v->n_yes += yes;
    v->n_no += count(s, x, c, 'n');
    v->n_none += count(s, x, c, '?');
    v->n_asked++;
    v->n_accepted += 2 * yes > s->cfg->n_votes;
}

static pgr_err finish(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, enum pgr_lcbrb_end end) {
    for (size_t i = 0; i < p->n_asked; i++) {
        const struct pgr_lcbrb_sample *x = &p->sample[i];
        for (int c = 0; c < PGR_LCBRB_N_CHECK && x->state == PGR_LCBRB_PASSED; c++)
            count_votes(s, x, (enum pgr_lcbrb_check)c, &s->tally->superior[c]);
        if (x->state == PGR_LCBRB_FAILED) count_votes(s, x, PGR_LCBRB_AGREE, &s->tally->inferior);
    }
    pgr_lcbrb_free_samples(p, s->cfg->n_samples);
    p->finished = true;
    s->tally->n_finished++;
    s->tally->end[end]++;
    return PGR_OK;
}

static void next_superior(struct pgr_lcbrb_problem *p) {
    p->at_superior++;
    pgr_free(p->inferior);
    p->inferior = NULL;
    p->at_inferior = 0;
}

/* The lists of candidates; *end is set where there are none. */
static pgr_err begin(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, enum pgr_lcbrb_end *end) {
    size_t n[PGR_LCBRB_N_STATE] = {0};
    json_decref(p->task.tests);
    p->task.tests = NULL;
    drop_repeated(s, p);
    for (size_t i = 0; i < p->n_asked; i++) n[p->sample[i].state]++;
    p->longer = draw(s, p, UINT32_MAX) & 1;
    PGR_TRY(with_room(s, p, true));
    s->tally->n_both += n[PGR_LCBRB_PASSED] > 0 && n[PGR_LCBRB_FAILED] > 0;
    s->tally->n_matched += p->n_superior > 0;
    *end = p->n_superior > 0          ? PGR_LCBRB_END_PAIR
           : n[PGR_LCBRB_PASSED] == 0 ? PGR_LCBRB_END_NONE_PASSED
           : n[PGR_LCBRB_FAILED] == 0 ? PGR_LCBRB_END_NONE_FAILED
                                      : PGR_LCBRB_END_UNEVEN;
    return PGR_OK;
}

/* One candidate further; *end is set when the problem is decided, else it stays PGR_LCBRB_N_END. */
static pgr_err step(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, enum pgr_lcbrb_end *end, bool *pending) {
    enum answer agree, sound, partner;
    if (p->at_superior == pgr_min(p->n_superior, s->cfg->n_tries)) {
        *end = p->any_accepted ? PGR_LCBRB_END_INFERIOR_REFUSED : PGR_LCBRB_END_SUPERIOR_REFUSED;
        return PGR_OK;
    }
    size_t superior = p->superior[p->at_superior];
    PGR_TRY(judged(s, p, superior, PGR_LCBRB_AGREE, &agree));
    PGR_TRY(judged(s, p, superior, PGR_LCBRB_SOUND, &sound));
    *pending = agree == PENDING || sound == PENDING;
    if (*pending) return PGR_OK;
    if (agree == REFUSED || sound == REFUSED) {
        next_superior(p);
        return PGR_OK;
    }
    p->any_accepted = true;
    if (!p->inferior) PGR_TRY(with_room(s, p, false));
    if (p->at_inferior == pgr_min(p->n_inferior, s->cfg->n_tries)) {
        next_superior(p);
        return PGR_OK;
    }
    PGR_TRY(judged(s, p, p->inferior[p->at_inferior], PGR_LCBRB_AGREE, &partner));
    *pending = partner == PENDING;
    if (partner == REFUSED) p->at_inferior++;
    if (partner != ACCEPTED) return PGR_OK;
    p->pair = pgr_lcbrb_pair(s, p, superior, p->inferior[p->at_inferior]);
    if (!p->pair) return pgr_fail(PGR_E_NOMEM, "out of memory");
    *end = PGR_LCBRB_END_PAIR;
    return PGR_OK;
}

pgr_err pgr_lcbrb_choose(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    enum pgr_lcbrb_end end = PGR_LCBRB_N_END;
    bool pending = false;
    if (p->too_long) return finish(s, p, PGR_LCBRB_END_TOO_LONG);
    if (!p->superior) {
        PGR_TRY(begin(s, p, &end));
        if (end != PGR_LCBRB_END_PAIR) return finish(s, p, end);
        end = PGR_LCBRB_N_END;
    }
    while (end == PGR_LCBRB_N_END && !pending) PGR_TRY(step(s, p, &end, &pending));
    return pending ? PGR_OK : finish(s, p, end);
}
