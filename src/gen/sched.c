/* sched.c - groups, slots, admission, steps. */
#include "gen/sched.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/ram.h"
#include "base/size.h"
#include "gen/sample.h"
#include "gen/stream.h"
#include "kern/ops.h"

enum {
    PREFILL_ROWS = 256, /* prompt tokens beside a full batch of decoding rows */
};

struct group {
    const struct pgr_prompt *prompt;
    const struct pgr_sampling *how;
    size_t index;
    size_t max_new;                  /* completion tokens at most */
    size_t n_root;                   /* positions of the root; 0 = samples compute the prompt themselves */
    size_t root_pages, sample_pages; /* to reserve */
    size_t root;                     /* sequence, while root_open */
    bool root_open;
    size_t n_started, n_forked, n_finished;
    struct group *next;
};

struct slot {
    struct group *g; /* NULL: free */
    size_t sample;
    size_t seq;
    bool has_seq;   /* false while it waits for the root */
    int32_t *token; /* [max_len] prompt and completion */
    float *logp;    /* [max_len] of the completion */
    size_t n_tok;   /* prompt and completion so far */
    size_t n_fed;   /* of them in the cache */
    size_t n_now;   /* fed by this step */
    struct pgr_stream text;
};

struct pgr_sched {
    struct pgr_model *m;
    const struct pgr_tok *tok;
    pgr_piece_fn piece;
    struct pgr_kv *kv;
    struct pgr_infer *inf;
    struct pgr_sampler *sampler;
    size_t max_batch, max_len, max_rows, logit_rows, n_page;
    size_t n_reserved;          /* pages */
    struct group *first, *last; /* in order; a group leaves when all its samples are done */
    struct slot *slot;          /* [max_batch] */
    size_t n_active, n_done;
    int32_t *token_block;
    float *logp_block;
    struct pgr_feed *feed; /* [2 max_batch] */
    struct slot **ready;   /* [max_batch] the slots that the first feeds belong to */
    struct pgr_draw *draw; /* [logit_rows] */
    struct pgr_gen_stats stats;
};

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory for the rollout tables"); }

static pgr_err choose_pages(struct pgr_sched *sc, size_t kv_bytes) {
    /* One page more per sequence: the partly filled last page of its root. */
    size_t full, per_seq = pgr_div_up(sc->max_len, PGR_ATTN_BLOCK) + 1;
    if (!pgr_mul(per_seq, sc->max_batch, &full) || full > UINT32_MAX)
        return pgr_fail(PGR_E_RANGE, "%zu sequences of %zu tokens are more than a cache can hold", sc->max_batch,
                        sc->max_len);
    size_t page = pgr_kv_bytes(&sc->m->cfg, sc->m->dtype, 1), fit = full;
    if (kv_bytes) {
        fit = kv_bytes / page;
        if (fit == 0)
            return pgr_fail(PGR_E_RANGE, "kv_bytes is %zu, a page of %d tokens takes %zu", kv_bytes,
                            (int)PGR_ATTN_BLOCK, page);
    } else if (pgr_ram_available() > 0) {
        /* What is left for other things is a guess; completions that find no page wait, so less costs only speed. */
        fit = pgr_max(per_seq, (size_t)(0.8 * pgr_ram_available() / (double)page));
    }
    sc->n_page = pgr_min(full, fit);
    return pgr_ram_check("rollouts", "the key/value cache", (double)sc->n_page * (double)page,
                         kv_bytes ? "; give it less" : "; ask for shorter completions");
}

static pgr_err build(struct pgr_sched *sc, size_t kv_bytes) {
    size_t n;
    PGR_TRY(choose_pages(sc, kv_bytes));
    PGR_TRY(pgr_kv_new(sc->m, sc->n_page, 2 * sc->max_batch, sc->max_len, &sc->kv));
    PGR_TRY(pgr_infer_new(sc->m, sc->kv, sc->max_rows, &sc->inf));
    PGR_TRY(pgr_sampler_new(sc->m->cfg.n_vocab, sc->logit_rows, &sc->sampler));
    if (!pgr_mul(sc->max_batch, sc->max_len, &n)) return no_memory();
    sc->slot = pgr_alloc_zero(sc->max_batch, sizeof *sc->slot);
    sc->token_block = pgr_alloc_array(n, sizeof *sc->token_block);
    sc->logp_block = pgr_alloc_array(n, sizeof *sc->logp_block);
    sc->feed = pgr_alloc_array(2 * sc->max_batch, sizeof *sc->feed);
    sc->ready = pgr_alloc_array(sc->max_batch, sizeof *sc->ready);
    sc->draw = pgr_alloc_array(sc->logit_rows, sizeof *sc->draw);
    if (!sc->slot || !sc->token_block || !sc->logp_block || !sc->feed || !sc->ready || !sc->draw) return no_memory();
    for (size_t i = 0; i < sc->max_batch; i++) {
        sc->slot[i].token = sc->token_block + i * sc->max_len;
        sc->slot[i].logp = sc->logp_block + i * sc->max_len;
    }
    sc->stats.kv_bytes = pgr_kv_bytes(&sc->m->cfg, sc->m->dtype, sc->n_page);
    return PGR_OK;
}

pgr_err pgr_sched_new(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_gen_opts *o,
                      struct pgr_sched **out) {
    assert(o->max_batch > 0 && o->max_len > 0);
    if (o->max_batch > 1u << 20)
        return pgr_fail(PGR_E_RANGE, "max_batch is %zu, must be at most 1048576", o->max_batch);
    struct pgr_sched *sc = pgr_alloc_zero(1, sizeof *sc);
    if (!sc) return no_memory();
    sc->m = m;
    sc->tok = tok;
    sc->piece = o->piece;
    sc->max_batch = o->max_batch;
    sc->max_len = o->max_len;
    sc->max_rows = o->max_batch + PREFILL_ROWS;
    sc->logit_rows = pgr_min(o->max_batch, PGR_GEN_DRAW_ROWS);
    pgr_err err = build(sc, o->kv_bytes);
    if (err != PGR_OK) {
        pgr_sched_free(sc);
        return err;
    }
    *out = sc;
    return PGR_OK;
}

void pgr_sched_free(struct pgr_sched *sc) {
    if (!sc) return;
    while (sc->first) {
        struct group *g = sc->first;
        sc->first = g->next;
        pgr_free(g);
    }
    for (size_t i = 0; sc->slot && i < sc->max_batch; i++) pgr_buf_free(&sc->slot[i].text.text);
    pgr_sampler_free(sc->sampler);
    pgr_infer_free(sc->inf);
    pgr_kv_free(sc->kv);
    pgr_free(sc->slot);
    pgr_free(sc->token_block);
    pgr_free(sc->logp_block);
    pgr_free(sc->feed);
    pgr_free(sc->ready);
    pgr_free(sc->draw);
    pgr_free(sc);
}

bool pgr_sched_idle(const struct pgr_sched *sc) { return !sc->first; }
size_t pgr_sched_n_active(const struct pgr_sched *sc) { return sc->n_active; }
size_t pgr_sched_n_done(const struct pgr_sched *sc) { return sc->n_done; }
const struct pgr_gen_stats *pgr_sched_stats(const struct pgr_sched *sc) { return &sc->stats; }

/* ---- admission ---- */

pgr_err pgr_sched_add(struct pgr_sched *sc, const struct pgr_prompt *p, const struct pgr_sampling *how, size_t index) {
    PGR_TRY(pgr_sampling_check(how));
    if (how->n_stop && !sc->tok) return pgr_fail(PGR_E_RANGE, "stop strings need a tokenizer");
    if (p->n_samples == 0) return PGR_OK;
    if (p->n_tok == 0 || p->n_tok >= sc->max_len)
        return pgr_fail(PGR_E_RANGE,
                        "prompt %zu has %zu tokens; it needs at least 1 and room for a completion within %zu", index,
                        p->n_tok, sc->max_len);
    for (size_t i = 0; i < p->n_tok; i++)
        if (p->token[i] < 0 || (size_t)p->token[i] >= sc->m->cfg.n_vocab)
            return pgr_fail(PGR_E_RANGE, "prompt %zu: token %zu has id %ld, the model's vocabulary has %zu", index, i,
                            (long)p->token[i], sc->m->cfg.n_vocab);
    struct group *g = pgr_alloc_zero(1, sizeof *g);
    if (!g) return no_memory();
    g->prompt = p;
    g->how = how;
    g->index = index;
    g->max_new = pgr_min(how->max_tokens, sc->max_len - p->n_tok);
    g->n_root = p->n_samples > 1 ? p->n_tok - 1 : 0;
    g->root_pages = pgr_div_up(g->n_root, PGR_ATTN_BLOCK);
    /* The last token drawn is never fed. */
    g->sample_pages = pgr_div_up(p->n_tok + g->max_new - 1, PGR_ATTN_BLOCK) - g->n_root / PGR_ATTN_BLOCK;
    if (g->root_pages + g->sample_pages > sc->n_page) {
        pgr_err err =
            pgr_fail(PGR_E_RANGE,
                     "prompt %zu: %zu prompt and %zu completion tokens need %zu cache pages of %d tokens, the budget "
                     "holds %zu",
                     index, p->n_tok, g->max_new, g->root_pages + g->sample_pages, (int)PGR_ATTN_BLOCK, sc->n_page);
        pgr_free(g);
        return err;
    }
    if (sc->last)
        sc->last->next = g;
    else
        sc->first = g;
    sc->last = g;
    return PGR_OK;
}

static struct slot *free_slot(struct pgr_sched *sc) {
    for (size_t i = 0; sc->n_active < sc->max_batch && i < sc->max_batch; i++)
        if (!sc->slot[i].g) return &sc->slot[i];
    return NULL;
}

static pgr_err start(struct pgr_sched *sc, struct group *g, struct slot *s) {
    if (g->n_root && g->n_started == 0) {
        PGR_TRY(pgr_kv_open(sc->kv, &g->root));
        g->root_open = true;
        sc->n_reserved += g->root_pages;
    }
    s->has_seq = g->n_root == 0;
    if (s->has_seq) PGR_TRY(pgr_kv_open(sc->kv, &s->seq));
    sc->n_reserved += g->sample_pages;
    s->g = g;
    s->sample = g->n_started++;
    memcpy(s->token, g->prompt->token, g->prompt->n_tok * sizeof *s->token);
    s->n_tok = g->prompt->n_tok;
    s->n_fed = 0;
    pgr_stream_reset(&s->text, g->how->stop, g->how->n_stop);
    sc->n_active++;
    return PGR_OK;
}

static pgr_err admit(struct pgr_sched *sc) {
    struct slot *s;
    for (struct group *g = sc->first; g; g = g->next)
        while (g->n_started < g->prompt->n_samples) {
            size_t need = g->sample_pages + (g->n_started == 0 ? g->root_pages : 0);
            if (sc->n_reserved + need > sc->n_page || !(s = free_slot(sc))) return PGR_OK;
            PGR_TRY(start(sc, g, s));
        }
    return PGR_OK;
}

/* Gives sequences to the samples whose root is complete. The last one takes the root itself. */
static pgr_err fork_roots(struct pgr_sched *sc) {
    for (size_t i = 0; i < sc->max_batch; i++) {
        struct slot *s = &sc->slot[i];
        struct group *g = s->g;
        if (!g || s->has_seq || pgr_kv_len(sc->kv, g->root) < g->n_root) continue;
        if (g->n_forked + 1 == g->prompt->n_samples) {
            s->seq = g->root;
            g->root_open = false;
        } else {
            PGR_TRY(pgr_kv_fork(sc->kv, g->root, &s->seq));
        }
        g->n_forked++;
        s->has_seq = true;
        s->n_fed = g->n_root;
    }
    return PGR_OK;
}

/* ---- one step ---- */

struct plan {
    size_t n_feed, n_ready, n_row;
};

static void add_feed(struct pgr_sched *sc, struct plan *p, size_t seq, const int32_t *token, size_t n) {
    sc->feed[p->n_feed++] = (struct pgr_feed){.seq = seq, .token = token, .n_tok = n};
    p->n_row += n;
}

/* Feeds whose last token is the last one known come first: they get logits. */
static struct plan plan_step(struct pgr_sched *sc) {
    struct plan p = {0, 0, 0};
    size_t n_decode = 0;
    for (size_t i = 0; i < sc->max_batch; i++) {
        struct slot *s = &sc->slot[i];
        s->n_now = s->g && s->has_seq && s->n_tok - s->n_fed == 1;
        n_decode += s->n_now;
    }
    size_t room = sc->max_rows - n_decode;
    for (size_t i = 0; i < sc->max_batch; i++) {
        struct slot *s = &sc->slot[i];
        if (!s->g || !s->has_seq || s->n_now) continue;
        s->n_now = pgr_min(room, s->n_tok - s->n_fed);
        room -= s->n_now;
    }
    for (size_t i = 0; i < sc->max_batch; i++) {
        struct slot *s = &sc->slot[i];
        if (!s->n_now || s->n_fed + s->n_now < s->n_tok) continue;
        sc->ready[p.n_ready++] = s;
        add_feed(sc, &p, s->seq, s->token + s->n_fed, s->n_now);
    }
    for (size_t i = 0; i < sc->max_batch; i++) {
        struct slot *s = &sc->slot[i];
        if (s->n_now && s->n_fed + s->n_now < s->n_tok) add_feed(sc, &p, s->seq, s->token + s->n_fed, s->n_now);
    }
    for (struct group *g = sc->first; g && room > 0 && g->n_started > 0; g = g->next) {
        if (!g->root_open) continue;
        size_t len = pgr_kv_len(sc->kv, g->root), n = pgr_min(room, g->n_root - len);
        if (n) add_feed(sc, &p, g->root, g->prompt->token + len, n);
        room -= n;
    }
    return p;
}

static void drop_group(struct pgr_sched *sc, struct group *g) {
    if (g->root_open) pgr_kv_close(sc->kv, g->root);
    if (g->n_started) sc->n_reserved -= g->root_pages;
    struct group *prev = NULL;
    for (struct group *q = sc->first; q != g; q = q->next) prev = q;
    if (prev)
        prev->next = g->next;
    else
        sc->first = g->next;
    if (sc->last == g) sc->last = prev;
    pgr_free(g);
}

static void leave(struct pgr_sched *sc, struct slot *s) {
    struct group *g = s->g;
    if (s->has_seq) pgr_kv_close(sc->kv, s->seq);
    sc->n_reserved -= g->sample_pages;
    sc->n_active--;
    sc->n_done++;
    s->g = NULL;
    if (++g->n_finished == g->prompt->n_samples) drop_group(sc, g);
}

static pgr_err finish(struct pgr_sched *sc, struct slot *s, enum pgr_finish why, pgr_completion_fn fn, void *ctx) {
    const struct group *g = s->g;
    size_t n = s->n_tok - g->prompt->n_tok, n_piece;
    const char *piece = pgr_stream_piece(&s->text, true, &n_piece);
    if (sc->piece && n_piece) sc->piece(ctx, g->index, s->sample, piece, n_piece);
    struct pgr_completion c = {.prompt = g->index, .sample = s->sample, .n_tok = n, .finish = why};
    c.token = pgr_alloc_array(n, sizeof *c.token);
    c.logp = pgr_alloc_array(n, sizeof *c.logp);
    c.text_bytes = s->text.text.len;
    c.text = pgr_strndup(pgr_buf_str(&s->text.text), c.text_bytes);
    if (!c.token || !c.logp || !c.text) {
        pgr_completion_free(&c);
        return no_memory();
    }
    memcpy(c.token, s->token + g->prompt->n_tok, n * sizeof *c.token);
    memcpy(c.logp, s->logp, n * sizeof *c.logp);
    leave(sc, s);
    return fn(ctx, &c);
}

static bool is_stop(const struct pgr_sampling *how, int32_t token) {
    for (size_t i = 0; i < how->n_stop_id; i++)
        if (how->stop_id[i] == token) return true;
    return false;
}

static pgr_err add_text(struct pgr_sched *sc, struct slot *s, int32_t token) {
    /* A model's vocabulary may be padded beyond the tokenizer's: such ids have no text. */
    if (!sc->tok || (size_t)token >= pgr_tok_n_vocab(sc->tok)) return PGR_OK;
    pgr_err err = pgr_tok_decode(sc->tok, &token, 1, true, &s->text.text);
    if (err != PGR_OK && err != PGR_E_RANGE) return err;
    return pgr_buf_ok(&s->text.text);
}

static pgr_err take_token(struct pgr_sched *sc, struct slot *s, const struct pgr_draw *d, pgr_completion_fn fn,
                          void *ctx) {
    const struct group *g = s->g;
    if (!isfinite(d->logp))
        return pgr_fail(PGR_E_FINITE, "prompt %zu, sample %zu: logits at token %zu of the completion are not finite",
                        g->index, s->sample, s->n_tok - g->prompt->n_tok);
    s->logp[s->n_tok - g->prompt->n_tok] = d->logp;
    s->token[s->n_tok++] = d->token;
    sc->stats.n_decode_tok++;
    if (is_stop(g->how, d->token)) return finish(sc, s, PGR_FINISH_STOP, fn, ctx);
    PGR_TRY(add_text(sc, s, d->token));
    if (pgr_stream_check(&s->text)) return finish(sc, s, PGR_FINISH_STOP, fn, ctx);
    if (s->n_tok - g->prompt->n_tok == g->max_new) return finish(sc, s, PGR_FINISH_LENGTH, fn, ctx);
    if (sc->piece) {
        size_t n;
        const char *piece = pgr_stream_piece(&s->text, false, &n);
        if (n) sc->piece(ctx, g->index, s->sample, piece, n);
    }
    return PGR_OK;
}

static void take_logits(void *ctx, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *logits) {
    pgr_sampler_add(ctx, row0, n_row, col0, n_col, logits, PGR_OPS_VOCAB);
}

static pgr_err draw_tokens(struct pgr_sched *sc, size_t i0, size_t n, pgr_completion_fn fn, void *ctx) {
    for (size_t i = 0; i < n; i++) {
        const struct slot *s = sc->ready[i0 + i];
        size_t position = s->n_tok - s->g->prompt->n_tok;
        sc->draw[i] = (struct pgr_draw){.how = s->g->how,
                                        .seen = s->token,
                                        .n_seen = s->n_tok,
                                        .key = s->g->prompt->key,
                                        .sample = s->g->how->first_sample + (uint32_t)s->sample,
                                        .position = (uint32_t)position};
    }
    double t0 = pgr_now_s();
    pgr_sampler_begin(sc->sampler, n, sc->draw);
    pgr_infer_logits_each(sc->inf, i0, n, take_logits, sc->sampler);
    double t1 = pgr_now_s();
    pgr_sampler_end(sc->sampler);
    sc->stats.logits_s += t1 - t0;
    sc->stats.draw_s += pgr_now_s() - t1;
    for (size_t i = 0; i < n; i++) PGR_TRY(take_token(sc, sc->ready[i0 + i], &sc->draw[i], fn, ctx));
    return PGR_OK;
}

pgr_err pgr_sched_step(struct pgr_sched *sc, pgr_completion_fn fn, void *ctx) {
    double t0 = pgr_now_s();
    PGR_TRY(admit(sc));
    PGR_TRY(fork_roots(sc));
    struct plan p = plan_step(sc);
    assert(p.n_feed > 0 || !sc->first); /* with nothing running the first group fits: pgr_sched_add saw to it */
    if (p.n_feed == 0) return PGR_OK;
    size_t n_new = 0;
    for (size_t i = 0; i < p.n_ready; i++) n_new += sc->ready[i]->n_tok > sc->ready[i]->g->prompt->n_tok;
    PGR_TRY(pgr_infer_step(sc->inf, p.n_feed, sc->feed));
    for (size_t i = 0; i < sc->max_batch; i++)
        if (sc->slot[i].g) sc->slot[i].n_fed += sc->slot[i].n_now;
    sc->stats.n_step++;
    sc->stats.n_prompt_tok += p.n_row - n_new;
    sc->stats.peak_pages = pgr_max(sc->stats.peak_pages, sc->n_page - pgr_kv_pages_free(sc->kv));
    if (n_new == 0) sc->stats.prefill_s += pgr_now_s() - t0;
    for (size_t i = 0; i < p.n_ready; i += sc->logit_rows)
        PGR_TRY(draw_tokens(sc, i, pgr_min(sc->logit_rows, p.n_ready - i), fn, ctx));
    return PGR_OK;
}

pgr_err pgr_sched_stop(struct pgr_sched *sc, pgr_completion_fn fn, void *ctx) {
    for (struct group *g = sc->first, *next; g; g = next) {
        next = g->next;
        /* Samples that have not started count as finished, so that the group goes with its last running one. */
        g->n_finished += g->prompt->n_samples - g->n_started;
        if (g->n_finished == g->prompt->n_samples) drop_group(sc, g);
    }
    for (size_t i = 0; i < sc->max_batch; i++)
        if (sc->slot[i].g) PGR_TRY(finish(sc, &sc->slot[i], PGR_FINISH_STOPPED_BY_CALLER, fn, ctx));
    return PGR_OK;
}
