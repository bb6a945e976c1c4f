/* od_local.c - a model in memory as the generator of od_gen.h. */
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "gen/sched.h"
#include "pref/od_gen.h"

struct item { /* an open question */
    struct pgr_ids ids;
    struct pgr_prompt prompt;
    struct pgr_sampling how;
    size_t tag, first_sample, n_open;
    const char *stop;
};

struct local {
    struct pgr_od_local_cfg cfg;
    struct pgr_model *model;
    const struct pgr_tok *tok;
    struct pgr_sched *sched;
    struct item **item; /* [n]; NULL: free */
    size_t n, cap;
    struct pgr_completion *done; /* [n_done] of this step */
    size_t n_done, cap_done;
};

static void free_item(struct item *it) {
    if (it) pgr_ids_free(&it->ids);
    pgr_free(it);
}

/* An entry of item[] that is free. */
static pgr_err place(struct local *l, size_t *at) {
    for (size_t i = 0; i < l->n; i++)
        if (!l->item[i]) {
            *at = i;
            return PGR_OK;
        }
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        struct item **grown = pgr_realloc(l->item, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu questions", cap);
        l->item = grown;
        l->cap = cap;
    }
    l->item[l->n] = NULL;
    *at = l->n++;
    return PGR_OK;
}

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct local *l = ctx;
    const struct pgr_msg msg[2] = {{"system", q->system}, {"user", q->user}};
    size_t at, skip = q->system && *q->system ? 0 : 1;
    PGR_TRY(place(l, &at));
    struct item *it = pgr_alloc_zero(1, sizeof *it);
    if (!it) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = pgr_chat_encode(l->tok, msg + skip, 2 - skip, true, &it->ids);
    *fits = it->ids.n + l->cfg.max_tokens <= l->cfg.max_len;
    if (err == PGR_OK && *fits) {
        it->tag = q->tag;
        it->first_sample = q->first_sample;
        it->n_open = q->n_samples;
        it->stop = q->stop;
        it->prompt = (struct pgr_prompt){it->ids.id, it->ids.n, q->n_samples, q->key};
        it->how = (struct pgr_sampling){.temperature = (float)l->cfg.temperature,
                                        .top_p = (float)l->cfg.top_p,
                                        .repetition_penalty = 1,
                                        .max_tokens = l->cfg.max_tokens,
                                        .stop_id = l->model->cfg.eos_id,
                                        .n_stop_id = l->model->cfg.n_eos,
                                        .stop = &it->stop,
                                        .n_stop = q->stop ? 1 : 0,
                                        .seed = l->cfg.seed,
                                        .step = q->round,
                                        .first_sample = (uint32_t)q->first_sample};
        err = pgr_sched_add(l->sched, &it->prompt, &it->how, at);
    }
    if (err != PGR_OK || !*fits)
        free_item(it);
    else
        l->item[at] = it;
    return err;
}

static pgr_err collect(void *ctx, struct pgr_completion *c) {
    struct local *l = ctx;
    if (l->n_done == l->cap_done) {
        size_t cap = l->cap_done ? 2 * l->cap_done : 16;
        struct pgr_completion *grown = pgr_realloc(l->done, cap * sizeof *grown);
        if (!grown) {
            pgr_completion_free(c);
            return pgr_fail(PGR_E_NOMEM, "out of memory");
        }
        l->done = grown;
        l->cap_done = cap;
    }
    l->done[l->n_done++] = *c;
    return PGR_OK;
}

/* The scheduler is left before answers are handed over, because they may bring new questions. */
static pgr_err wait_some(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct local *l = ctx;
    pgr_err err = pgr_sched_step(l->sched, collect, l);
    for (size_t i = 0; i < l->n_done; i++) {
        struct pgr_completion *c = &l->done[i];
        struct item *it = l->item[c->prompt];
        const struct pgr_od_answer a = {.tag = it->tag,
                                        .sample = it->first_sample + c->sample,
                                        .text = c->text,
                                        .n_bytes = c->text_bytes,
                                        .cut = c->finish == PGR_FINISH_LENGTH,
                                        .n_tokens = c->n_tok};
        if (--it->n_open == 0) {
            l->item[c->prompt] = NULL;
            free_item(it);
        }
        if (err == PGR_OK) err = fn(fn_ctx, &a);
        pgr_completion_free(c);
    }
    l->n_done = 0;
    return err;
}

static void free_local(struct local *l) {
    if (!l) return;
    pgr_sched_free(l->sched);
    for (size_t i = 0; i < l->n; i++) free_item(l->item[i]);
    pgr_free(l->item);
    pgr_free(l->done);
    pgr_free(l);
}

pgr_err pgr_od_local_new(const struct pgr_od_local_cfg *cfg, const char *name, struct pgr_model *m,
                         const struct pgr_tok *tok, struct pgr_od_generator *out) {
    struct local *l = pgr_alloc_zero(1, sizeof *l);
    if (!l) return pgr_fail(PGR_E_NOMEM, "out of memory");
    l->cfg = *cfg;
    l->cfg.max_len = pgr_min(cfg->max_len, m->cfg.max_position);
    l->model = m;
    l->tok = tok;
    const struct pgr_gen_opts o = {.max_batch = cfg->max_batch, .max_len = l->cfg.max_len};
    pgr_err err = l->cfg.max_len > cfg->max_tokens
                      ? pgr_sched_new(m, tok, &o, &l->sched)
                      : pgr_fail(PGR_E_RANGE, "%zu tokens of answer leave no room for a question within %zu",
                                 cfg->max_tokens, l->cfg.max_len);
    if (err != PGR_OK) {
        free_local(l);
        return err;
    }
    *out = (struct pgr_od_generator){.ctx = l, .name = name, .add = add, .wait = wait_some};
    return PGR_OK;
}

void pgr_od_local_free(struct pgr_od_generator *g) {
    free_local(g->ctx);
    *g = (struct pgr_od_generator){0};
}
