/* od_endpoint.c - a model behind an endpoint as the generator of od_gen.h. */
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"
#include "net/answer.h"
#include "pref/od_gen.h"

static const double POLL_S = 0.2;

struct asked { /* a request under way */
    size_t tag, sample;
    const char *stop;
    bool open;
};

struct remote {
    struct pgr_od_endpoint_cfg cfg;
    struct pgr_net *net;
    struct asked *asked; /* [n] */
    size_t n, cap, n_answered;
};

/* An entry of asked[] that is free. */
static pgr_err place(struct remote *r, size_t *at) {
    for (*at = 0; *at < r->n && r->asked[*at].open; ++*at) continue;
    if (*at < r->n) return PGR_OK;
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct asked *grown = pgr_realloc(r->asked, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu requests", cap);
        r->asked = grown;
        r->cap = cap;
    }
    r->asked[r->n++].open = false;
    return PGR_OK;
}

/* Each answer has a seed of its own, or an endpoint would give all answers to a question alike. */
static int64_t seed_of(const struct remote *r, const struct pgr_od_question *q, size_t sample) {
    const uint32_t c[4] = {q->round, q->key, (uint32_t)sample, 0};
    uint32_t out[4];
    pgr_rng_bits(r->cfg.seed, PGR_RNG_SAMPLE, c, out);
    return (int64_t)(out[0] & INT32_MAX);
}

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct remote *r = ctx;
    const struct pgr_net_msg msg[2] = {{"system", q->system}, {"user", q->user}};
    size_t skip = q->system && *q->system ? 0 : 1;
    *fits = true; /* what is too long the endpoint refuses */
    for (size_t i = 0; i < q->n_samples; i++) {
        size_t at;
        PGR_TRY(place(r, &at));
        const struct pgr_net_request x = {.tag = at,
                                          .model = r->cfg.model,
                                          .msg = msg + skip,
                                          .n_msg = 2 - skip,
                                          .temperature = r->cfg.temperature,
                                          .top_p = r->cfg.top_p < 1 ? r->cfg.top_p : 0,
                                          .max_tokens = r->cfg.max_tokens,
                                          .token_key = r->cfg.token_key,
                                          .stop = &q->stop,
                                          .n_stop = q->stop ? 1 : 0,
                                          .seed = seed_of(r, q, q->first_sample + i)};
        PGR_TRY(pgr_net_submit(r->net, &x));
        r->asked[at] = (struct asked){q->tag, q->first_sample + i, q->stop, true};
    }
    return PGR_OK;
}

static pgr_err hand_over(struct remote *r, const struct pgr_net_reply *reply, pgr_od_answer_fn fn, void *fn_ctx) {
    struct asked *q = &r->asked[reply->tag];
    struct pgr_od_answer a = {.tag = q->tag, .sample = q->sample, .text = "", .refused = true};
    struct pgr_buf text = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    q->open = false;
    if (reply->fault == PGR_NET_NONE) {
        bool stopped;
        err = pgr_net_answer(reply, r->cfg.thoughts, &q->stop, q->stop ? 1 : 0, &text, &stopped);
        r->n_answered++;
        a.refused = false;
        a.text = pgr_buf_str(&text);
        a.n_bytes = text.len;
        a.cut = !stopped && reply->finish == PGR_NET_FINISH_LENGTH;
        a.n_tokens = reply->has_usage ? reply->n_tok : 0;
    } else if (!pgr_net_is_of_one(reply->fault) || r->n_answered == 0) {
        err = pgr_fail(PGR_E_IO, "%s; the same command goes on from what was answered",
                       reply->why ? reply->why : pgr_net_fault_text(reply->fault));
    }
    if (err == PGR_OK) err = fn(fn_ctx, &a);
    pgr_buf_free(&text);
    return err;
}

static pgr_err wait_some(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct remote *r = ctx;
    bool got = true;
    for (double timeout_s = POLL_S; got && pgr_net_pending(r->net) > 0; timeout_s = 0) {
        struct pgr_net_reply reply;
        PGR_TRY(pgr_net_poll(r->net, timeout_s, &reply, &got));
        if (!got) break;
        pgr_err err = hand_over(r, &reply, fn, fn_ctx);
        pgr_net_reply_free(&reply);
        PGR_TRY(err);
    }
    return PGR_OK;
}

pgr_err pgr_od_endpoint_new(const struct pgr_od_endpoint_cfg *cfg, struct pgr_net *net, struct pgr_od_generator *out) {
    struct remote *r = pgr_alloc_zero(1, sizeof *r);
    if (!r) return pgr_fail(PGR_E_NOMEM, "out of memory");
    r->cfg = *cfg;
    r->net = net;
    *out = (struct pgr_od_generator){.ctx = r, .name = cfg->model, .add = add, .wait = wait_some};
    return PGR_OK;
}

void pgr_od_endpoint_free(struct pgr_od_generator *g) {
    struct remote *r = g->ctx;
    if (r) pgr_free(r->asked);
    pgr_free(r);
    *g = (struct pgr_od_generator){0};
}
