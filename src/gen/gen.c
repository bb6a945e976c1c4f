/* gen.c - a fixed list of prompts through the scheduler. */
#include "gen/gen.h"

#include "base/clock.h"
#include "base/size.h"
#include "gen/sample.h"
#include "gen/sched.h"

void pgr_completion_free(struct pgr_completion *c) {
    pgr_free(c->token);
    pgr_free(c->logp);
    pgr_free(c->text);
    c->token = NULL;
    c->logp = NULL;
    c->text = NULL;
}

pgr_err pgr_generate(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_gen_opts *o,
                     const struct pgr_sampling *s, const struct pgr_prompt *prompt, size_t n_prompt,
                     pgr_completion_fn fn, pgr_tick_fn tick, void *ctx) {
    double t0 = pgr_now_s();
    struct pgr_gen_opts opts = *o;
    PGR_TRY(pgr_sampling_check(s));
    if (opts.max_batch == 0) opts.max_batch = 64;
    size_t longest = 1, n_total = 0;
    for (size_t i = 0; i < n_prompt; i++) {
        longest = pgr_max(longest, prompt[i].n_tok);
        if (!pgr_add(n_total, prompt[i].n_samples, &n_total)) n_total = SIZE_MAX;
    }
    if (opts.max_len == 0 && !pgr_add(longest, s->max_tokens, &opts.max_len)) opts.max_len = SIZE_MAX;
    opts.max_len = pgr_min(opts.max_len, m->cfg.max_position);
    opts.max_batch = pgr_max(1, pgr_min(opts.max_batch, n_total));

    struct pgr_sched *sc;
    PGR_TRY(pgr_sched_new(m, tok, &opts, &sc));
    pgr_err err = PGR_OK;
    for (size_t i = 0; i < n_prompt; i++) PGR_TRY_GOTO(pgr_sched_add(sc, &prompt[i], s, i));
    while (!pgr_sched_idle(sc)) {
        PGR_TRY_GOTO(pgr_sched_step(sc, fn, ctx));
        if (tick && !tick(ctx, pgr_sched_n_active(sc), pgr_sched_n_done(sc), pgr_sched_stats(sc)->n_decode_tok)) {
            PGR_TRY_GOTO(pgr_sched_stop(sc, fn, ctx));
            break;
        }
    }
out:
    if (opts.stats) {
        *opts.stats = *pgr_sched_stats(sc);
        opts.stats->total_s = pgr_now_s() - t0;
    }
    pgr_sched_free(sc);
    return err;
}
