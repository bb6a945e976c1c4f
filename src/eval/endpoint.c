/* endpoint.c - answers from an endpoint; see generate.h. */
#include <string.h>

#include "base/mem.h"
#include "eval/answers.h"
#include "net/answer.h"

/* What the public service takes; the others are looked for in the answer. */
enum { MAX_SENT_STOP = 4, WINDOW_MIN = 64 };
static const double POLL_S = 0.2;

struct run {
    struct pgr_answers answers;
    struct pgr_net *net;
    const char *stop[PGR_EVAL_MAX_STOP];
    size_t n_stop;
    size_t next_ask, next_sample;
    size_t n_tokens, n_answered, n_failed;
    char *why; /* owned: the first failure's reason; NULL */
    bool dead;
};

static pgr_err submit(struct run *r, size_t ask, size_t sample) {
    const struct pgr_answers *a = &r->answers;
    const struct pgr_eval_gen *g = a->g;
    const char *system = g->system ? g->system : a->bench.system, *text = a->ask[ask].text;
    const struct pgr_net_msg msg[2] = {{"system", system}, {"user", text}};
    size_t skip = system ? 0 : 1;
    struct pgr_net_request q = {.tag = (uint64_t)ask * g->n_samples + sample,
                                .model = g->model,
                                .msg = msg + skip,
                                .n_msg = g->raw ? 0 : 2 - skip,
                                .prompt = text,
                                .temperature = (double)g->how.temperature,
                                .top_p = g->how.top_p < 1 ? (double)g->how.top_p : 0,
                                .max_tokens = g->how.max_tokens,
                                .token_key = g->token_key,
                                .stop = r->stop,
                                .n_stop = r->n_stop < MAX_SENT_STOP ? r->n_stop : MAX_SENT_STOP,
                                .seed = g->how.seed ? (int64_t)((g->how.seed + sample) & INT32_MAX) : -1};
    pgr_err err = pgr_net_submit(r->net, &q);
    return err == PGR_OK ? err : pgr_fail_prefix(err, "%s: problem %s", g->path, a->ask[ask].id);
}

static pgr_err submit_more(struct run *r) {
    const struct pgr_answers *a = &r->answers;
    while (r->next_ask < a->n && pgr_net_pending(r->net) < WINDOW_MIN + 2 * a->g->max_batch) {
        if (!pgr_answers_have(a, r->next_ask, r->next_sample)) PGR_TRY(submit(r, r->next_ask, r->next_sample));
        if (++r->next_sample == a->g->n_samples) r->next_ask++, r->next_sample = 0;
    }
    return PGR_OK;
}

/* The answer as a model in memory would have given it: thoughts that came apart in front, the end at a stop text. */
static pgr_err save(struct run *r, const struct pgr_net_reply *reply) {
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n_samples = r->answers.g->n_samples;
    bool cut;
    pgr_err err = pgr_net_answer(reply, true, r->stop, r->n_stop, &b, &cut);
    const char *finish = cut || reply->finish == PGR_NET_FINISH_STOP ? "stop"
                         : reply->finish == PGR_NET_FINISH_LENGTH    ? "length"
                                                                     : "other";
    if (err == PGR_OK)
        err = pgr_answers_add(&r->answers, (size_t)reply->tag / n_samples, (size_t)reply->tag % n_samples,
                              pgr_buf_str(&b), b.len, finish, reply->has_usage ? reply->n_tok : SIZE_MAX);
    if (reply->has_usage) r->n_tokens += reply->n_tok;
    r->n_answered++;
    pgr_buf_free(&b);
    return err;
}

/* A request that the endpoint will not answer. One that it turned down says nothing about the others, once it has
 * answered some. */
static void take_failure(struct run *r, struct pgr_net_reply *reply) {
    if (reply->fault == PGR_NET_GIVEN_UP) return;
    r->n_failed++;
    if (!r->why) {
        struct pgr_buf b = PGR_BUF_INIT;
        pgr_buf_addf(&b, "problem %s: %s", r->answers.ask[reply->tag / r->answers.g->n_samples].id,
                     reply->why ? reply->why : pgr_net_fault_text(reply->fault));
        r->why = pgr_buf_steal(&b);
    }
    if (!r->dead && (!pgr_net_is_of_one(reply->fault) || r->n_answered == 0)) {
        r->dead = true;
        pgr_net_give_up(r->net);
    }
}

static pgr_err ask_all(struct run *r) {
    struct pgr_eval_gen *g = r->answers.g;
    r->n_stop = pgr_answers_stops(&r->answers, r->stop);
    for (;;) {
        struct pgr_net_reply reply;
        bool got;
        if (!r->dead) PGR_TRY(submit_more(r));
        if (pgr_net_pending(r->net) == 0) break;
        PGR_TRY(pgr_net_poll(r->net, POLL_S, &reply, &got));
        if (got) {
            pgr_err err = PGR_OK;
            if (reply.fault == PGR_NET_NONE)
                err = save(r, &reply);
            else
                take_failure(r, &reply);
            pgr_net_reply_free(&reply);
            PGR_TRY(err);
        }
        if (g->tick && !g->tick(g->ctx, g->n_done, g->n_total, r->n_tokens))
            return pgr_fail(PGR_E_INTERRUPTED, "interrupted; %s holds %zu of %zu answers", g->out_path, g->n_done,
                            g->n_total);
    }
    if (r->n_failed == 0) return PGR_OK;
    return pgr_fail(PGR_E_IO,
                    "%zu %s failed, first %s; %s holds %zu of %zu answers, the same command goes on from there",
                    r->n_failed, r->n_failed == 1 ? "request" : "requests", r->why ? r->why : "unknown", g->out_path,
                    g->n_done, g->n_total);
}

pgr_err pgr_eval_ask(struct pgr_eval_gen *g, struct pgr_net *net) {
    struct run r = {.net = net};
    pgr_err err = pgr_answers_open(g, false, &r.answers);
    if (err == PGR_OK) err = ask_all(&r);
    pgr_err closed = pgr_answers_close(&r.answers);
    pgr_free(r.why);
    return err == PGR_OK ? closed : err;
}
