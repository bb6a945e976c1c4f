/* rm_score.c - pgrpo rm score. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/rm.h"
#include "reward/scorer.h"
#include "text/think.h"

enum { BATCH = 64 }; /* records scored at once */

struct record {
    char *prompt, *text[2]; /* text[1]: the rejected side of a pair, NULL otherwise */
    struct pgr_span reasoning[2];
};

struct scoring {
    struct pgr_scorer *scorer;
    struct record record[BATCH];
    size_t n, n_pairs, n_right;
};

static pgr_err flush(struct scoring *g) {
    struct pgr_score_item item[2 * BATCH];
    float score[2 * BATCH];
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < 2 && g->record[i].text[k]; k++)
            item[n++] =
                (struct pgr_score_item){g->record[i].prompt, g->record[i].reasoning[k].at, g->record[i].reasoning[k].n};
    pgr_err err = pgr_scorer_score(g->scorer, n, item, score);
    n = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct record *r = &g->record[i];
        if (err == PGR_OK && r->text[1]) {
            printf("{\"chosen\":%.9g,\"rejected\":%.9g,\"correct\":%s}\n", (double)score[n], (double)score[n + 1],
                   score[n] > score[n + 1] ? "true" : "false");
            g->n_pairs++;
            g->n_right += score[n] > score[n + 1];
            n += 2;
        } else if (err == PGR_OK) {
            printf("{\"score\":%.9g,\"reward\":%.9g}\n", (double)score[n],
                   (double)pgr_scorer_reward(g->scorer, score[n]));
            n++;
        }
        pgr_free(r->prompt);
        pgr_free(r->text[0]);
        pgr_free(r->text[1]);
        *r = (struct record){0};
    }
    g->n = 0;
    return err;
}

static pgr_err add_text(struct record *r, size_t side, const char *text, bool is_completion) {
    r->text[side] = pgr_strdup(text);
    if (!r->text[side]) return pgr_fail(PGR_E_NOMEM, "out of memory");
    r->reasoning[side] = (struct pgr_span){r->text[side], strlen(text)};
    struct pgr_think t;
    if (!is_completion) return PGR_OK;
    pgr_think_parse(r->text[side], strlen(text), &t);
    if (t.has_think) r->reasoning[side] = t.think;
    return PGR_OK;
}

static pgr_err add_record(void *ctx, const char *where, json_t *obj) {
    struct scoring *g = ctx;
    const char *prompt, *a = NULL, *b = NULL;
    bool is_completion = false;
    PGR_TRY(pgr_json_str(obj, where, "prompt", &prompt));
    PGR_TRY(pgr_json_str_opt(obj, where, "reasoning", &a));
    if (!a) {
        PGR_TRY(pgr_json_str_opt(obj, where, "completion", &a));
        is_completion = a != NULL;
    }
    if (!a && json_object_get(obj, "chosen")) {
        PGR_TRY(pgr_json_str(obj, where, "chosen", &a));
        PGR_TRY(pgr_json_str(obj, where, "rejected", &b));
    }
    if (!a)
        return pgr_fail(PGR_E_FORMAT, "%s: needs \"reasoning\", \"completion\", or \"chosen\" and \"rejected\"", where);
    struct record *r = &g->record[g->n++];
    r->prompt = pgr_strdup(prompt);
    if (!r->prompt) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    PGR_TRY(add_text(r, 0, a, is_completion));
    if (b) PGR_TRY(add_text(r, 1, b, false));
    return g->n == BATCH ? flush(g) : PGR_OK;
}

pgr_err pgr_rm_run_score(int argc, char **argv) {
    const char *model = NULL, *dtype_name = "bf16";
    struct pgr_scorer_opts so = {0};
    const struct pgr_opt opts[] = {{"model", PGR_OPT_STR, &model, 0, 0},
                                   {"dtype", PGR_OPT_STR, &dtype_name, 0, 0},
                                   {"no-calibration", PGR_OPT_FLAG, &so.uncalibrated, 0, 0}};
    struct pgr_str_list files;
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &files));
    if (!model) return pgr_fail(PGR_E_USAGE, "score needs --model");
    PGR_TRY(pgr_rm_parse_dtype(dtype_name, &so.dtype));
    char *path;
    PGR_TRY(pgr_model_path_resolve(model, &path));
    struct scoring g = {0};
    pgr_err err = pgr_scorer_open(path, &so, &g.scorer);
    if (err == PGR_OK) err = pgr_jsonl_each(files.item[0], add_record, &g);
    if (err == PGR_OK) err = flush(&g);
    if (err == PGR_OK && g.n_pairs)
        fprintf(stderr, "accuracy %.4f (%zu of %zu pairs)\n", (double)g.n_right / (double)g.n_pairs, g.n_right,
                g.n_pairs);
    for (size_t i = 0; i < g.n; i++) { /* left over after an error */
        pgr_free(g.record[i].prompt);
        pgr_free(g.record[i].text[0]);
        pgr_free(g.record[i].text[1]);
    }
    pgr_scorer_close(g.scorer);
    pgr_free(path);
    return err;
}
