/* rm_judge.c - pgrpo rm eval --judge: a generative model in the place of the reward model. */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/rm.h"

static bool show(void *ctx, size_t n_done, size_t n_all) {
    double *told = ctx, now = pgr_now_s();
    if (now - *told > 10) {
        fprintf(stderr, "%zu of %zu answers\n", n_done, n_all);
        *told = now;
    }
    return !pgr_stop_asked();
}

pgr_err pgr_rm_judge(const struct pgr_rm_judge_opts *o, const struct pgr_contests *c, float **score, json_t **about) {
    struct pgr_judge_prompts prompts;
    struct pgr_judge_tally t = {0};
    struct pgr_writer writer = {.model = NULL};
    double told = pgr_now_s();
    PGR_TRY(pgr_judge_prompts_load(o->prompts, &prompts));
    *score = pgr_alloc_zero(pgr_contests_texts(c), sizeof **score);
    pgr_err err = *score ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for the scores");
    if (err == PGR_OK) err = pgr_writer_open(&o->writer, NULL, &writer);
    pgr_catch_signals();
    const struct pgr_judge_cfg cfg = {o->mode, &prompts, 2 * pgr_writer_width(&o->writer), show, &told};
    if (err == PGR_OK) err = pgr_judge(&cfg, &writer.gen, c, *score, &t);
    if (err == PGR_OK) {
        *about = json_pack(
            "{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "mode", o->mode == PGR_JUDGE_COMPARE ? "compare" : "grade",
            "prompts", prompts.version, "questions", (json_int_t)t.n_asked, "unread", (json_int_t)t.n_unread,
            "too_long", (json_int_t)t.n_too_long, "pairs", (json_int_t)t.n_pair, "same_place", (json_int_t)t.n_place);
        if (!*about) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    if (err == PGR_OK)
        printf("%zu questions; %zu answers say nothing, %zu questions were too long\n", t.n_asked, t.n_unread,
               t.n_too_long);
    if (err == PGR_OK && o->mode == PGR_JUDGE_COMPARE)
        printf("%zu of %zu pairs: both answers name the same place, a tie\n", t.n_place, t.n_pair);
    pgr_writer_close(&writer);
    pgr_judge_prompts_free(&prompts);
    return err;
}
