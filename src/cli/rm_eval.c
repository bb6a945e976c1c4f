/* rm_eval.c - pgrpo rm eval: a reward model beside what length and words alone reach. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/rm.h"
#include "pref/contest.h"
#include "reward/scorer.h"

enum { AT_ONCE = 32 }; /* records handed to the model together */

static pgr_err score_all(struct pgr_scorer *s, const struct pgr_contests *c, float *score) {
    double started = pgr_now_s(), told = started;
    for (size_t at = 0, text = 0; at < c->n;) {
        struct pgr_score_item item[AT_ONCE * 2 * PGR_CONTEST_STYLES];
        size_t n = 0, end = pgr_min(at + AT_ONCE, c->n);
        for (; at < end; at++)
            for (size_t side = 0; side < 2; side++)
                for (size_t k = 0; k < c->item[at].n_style; k++) {
                    const char *t = c->item[at].side[side][k];
                    item[n++] = (struct pgr_score_item){c->item[at].prompt, t, strlen(t)};
                }
        PGR_TRY(pgr_scorer_score(s, n, item, score + text));
        text += n;
        double now = pgr_now_s();
        if (now - told > 10) {
            fprintf(stderr, "%zu of %zu records, %.0f s\n", at, c->n, now - started);
            told = now;
        }
        if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    }
    return PGR_OK;
}

static pgr_err write_scores(const char *path, const struct pgr_contests *c, const float *score) {
    struct pgr_outfile f;
    PGR_TRY(pgr_outfile_open(path, &f));
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < c->n; i++) {
        const struct pgr_contest *q = &c->item[i];
        struct pgr_buf b = PGR_BUF_INIT;
        json_t *id = pgr_json_bytes(q->id, strlen(q->id));
        err = id ? pgr_json_dump(id, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
        if (err == PGR_OK) fprintf(f.f, "{\"id\":%s", pgr_buf_str(&b));
        for (size_t side = 0; err == PGR_OK && side < 2; side++) {
            fprintf(f.f, ",\"%s\":[", side ? "rejected" : "chosen");
            for (size_t k = 0; k < q->n_style; k++) fprintf(f.f, "%s%.9g", k ? "," : "", (double)*score++);
            fputc(']', f.f);
        }
        fputs("}\n", f.f);
        pgr_buf_free(&b);
        json_decref(id);
    }
    if (err == PGR_OK) return pgr_outfile_commit(&f);
    pgr_outfile_abandon(&f);
    return err;
}

/* ---- table ------------------------------------------------------------------------------------------------------ */

static void print_share(const json_t *rate, const char *key) {
    const json_t *a = json_object_get(rate, key);
    if (json_is_number(a))
        printf("  %7.3f", json_number_value(a));
    else
        printf("  %7s", "-");
}

static void print_row(const char *name, const json_t *g) {
    const json_t *base = json_object_get(g, "baselines");
    printf("%-28.28s %6lld", name, (long long)json_integer_value(json_object_get(g, "n")));
    print_share(g, "accuracy");
    if (json_object_get(g, "accuracy"))
        printf("  [%.3f, %.3f]", json_number_value(json_object_get(g, "low")),
               json_number_value(json_object_get(g, "high")));
    else
        printf("  %14s", "");
    print_share(json_object_get(g, "length_controlled"), "accuracy");
    print_share(json_object_get(base, "longer"), "accuracy");
    print_share(json_object_get(base, "shorter"), "accuracy");
    print_share(json_object_get(base, "bag_of_words"), "accuracy");
    putchar('\n');
}

static void print_groups(json_t *result, const char *key) {
    const char *name;
    json_t *g, *groups = json_object_get(result, key);
    if (json_object_size(groups) < 1) return;
    printf("%s\n", key);
    json_object_foreach(groups, name, g) print_row(name, g);
}

static void print_table(json_t *result) {
    printf("%-28s %6s  %7s  %14s  %7s  %7s  %7s  %7s\n", "", "pairs", "right", "95 %", "length-", "longer", "shorter",
           "bag of");
    printf("%-28s %6s  %7s  %14s  %7s  %7s  %7s  %7s\n", "", "", "", "", "contr.", "wins", "wins", "words");
    print_row("all", result);
    print_groups(result, "subsets");
    print_groups(result, "dimensions");
    print_groups(result, "types");
    long long ties = json_integer_value(json_object_get(result, "ties"));
    if (ties) printf("ties (counted as wrong): %lld\n", ties);
    const char *name;
    json_t *v, *sections = json_object_get(result, "rewardbench"), *m = json_object_get(result, "rmbench");
    if (json_is_object(sections)) {
        printf("RewardBench:");
        json_object_foreach(sections, name, v) printf("  %s %.3f", name, json_number_value(v));
        putchar('\n');
    }
    if (json_is_object(m)) {
        printf("RM-Bench: easy %.3f  normal %.3f  hard %.3f; rows: better style 1 to 3, columns: worse style 1 to 3\n",
               json_number_value(json_object_get(m, "easy")), json_number_value(json_object_get(m, "normal")),
               json_number_value(json_object_get(m, "hard")));
        const json_t *rows = json_object_get(m, "matrix");
        for (size_t i = 0; i < json_array_size(rows); i++) {
            for (size_t j = 0; j < json_array_size(json_array_get(rows, i)); j++)
                printf("  %.3f", json_number_value(json_array_get(json_array_get(rows, i), j)));
            putchar('\n');
        }
    }
}

static pgr_err print_result(json_t *result, const char *file, const char *model, bool as_json) {
    print_table(result);
    if (!as_json) return PGR_OK;
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *head = json_pack("{s:o, s:o}", "file", pgr_json_bytes(file, strlen(file)), "model",
                             model ? pgr_json_bytes(model, strlen(model)) : json_null());
    pgr_err err = head && json_object_update(head, result) == 0 ? pgr_json_dump(head, &b)
                                                                : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    json_decref(head);
    return err;
}

/* ---- command ---------------------------------------------------------------------------------------------------- */

static pgr_err score_with(const char *model, struct pgr_scorer_opts *so, size_t max_length,
                          const struct pgr_contests *c, float **score) {
    char *path;
    struct pgr_scorer *s = NULL;
    PGR_TRY(pgr_model_path_resolve(model, &path));
    so->max_len = max_length;
    so->max_tok = pgr_max(4096, max_length);
    *score = pgr_alloc_array(pgr_contests_texts(c), sizeof **score);
    pgr_err err = *score ? pgr_scorer_open(path, so, &s) : pgr_fail(PGR_E_NOMEM, "out of memory for the scores");
    pgr_catch_signals();
    if (err == PGR_OK) err = score_all(s, c, *score);
    pgr_scorer_close(s);
    pgr_free(path);
    return err;
}

/* What goes together; the judge's options are checked even without a judge. */
static pgr_err check_who(const char *model, bool untrained, const char *scores_path, const char *mode,
                         struct pgr_rm_judge_opts *judge) {
    PGR_TRY(pgr_judge_mode_parse(mode, &judge->mode));
    if (!judge->writer.model) {
        if (judge->writer.endpoint) return pgr_fail(PGR_E_USAGE, "--endpoint needs --judge: the name it knows");
        if (!model && (untrained || scores_path))
            return pgr_fail(PGR_E_USAGE, "%s needs --model%s", untrained ? "--untrained" : "--scores",
                            untrained ? "" : " or --judge");
        return PGR_OK;
    }
    if (model) return pgr_fail(PGR_E_USAGE, "--model and --judge: one of them");
    return pgr_writer_opts_check(&judge->writer);
}

pgr_err pgr_rm_run_eval(int argc, char **argv) {
    const char *model = NULL, *dtype_name = NULL, *split = NULL, *scores_path = NULL, *mode = "compare";
    size_t limit = 0, seed = 42, max_length = 0;
    bool as_json = false, untrained = false;
    struct pgr_rm_judge_opts judge = {.writer = {.max_tokens = 256, .top_p = 1}};
    struct pgr_opt opts[PGR_WRITER_N_OPTS + 15] = {
        {"model", PGR_OPT_STR, &model, 0, 0},
        {"untrained", PGR_OPT_FLAG, &untrained, 0, 0},
        {"dtype", PGR_OPT_STR, &dtype_name, 0, 0},
        {"max-length", PGR_OPT_SIZE, &max_length, 8, 1 << 20},
        {"split", PGR_OPT_STR, &split, 0, 0},
        {"limit", PGR_OPT_SIZE, &limit, 1, 0},
        {"seed", PGR_OPT_SIZE, &seed, 0, 0},
        {"scores", PGR_OPT_STR, &scores_path, 0, 0},
        {"json", PGR_OPT_FLAG, &as_json, 0, 0},
        {"judge", PGR_OPT_STR, &judge.writer.model, 0, 0},
        {"judge-mode", PGR_OPT_STR, &mode, 0, 0},
        {"prompts", PGR_OPT_STR, &judge.prompts, 0, 0},
        {"batch", PGR_OPT_SIZE, &judge.writer.batch, 1, 4096},
        {"max-tokens", PGR_OPT_SIZE, &judge.writer.max_tokens, 1, 1 << 20},
        {"temperature", PGR_OPT_REAL, &judge.writer.temperature, 0, 100},
    };
    pgr_writer_opts_list(&judge.writer, opts + PGR_COUNT(opts) - PGR_WRITER_N_OPTS);
    struct pgr_str_list files;
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &files));
    struct pgr_scorer_opts so = {.add_score = untrained, .seed = seed};
    PGR_TRY(pgr_rm_parse_dtype(dtype_name ? dtype_name : "bf16", &so.dtype));
    judge.writer.dtype = dtype_name;
    judge.writer.max_length = max_length;
    judge.writer.seed = seed;
    PGR_TRY(check_who(model, untrained, scores_path, mode, &judge));

    struct pgr_contests c;
    float *score = NULL;
    json_t *result = NULL, *about = NULL;
    PGR_TRY(pgr_contests_load(files.item[0], split, &c));
    pgr_err err = limit ? pgr_contests_sample(&c, limit, seed) : PGR_OK;
    if (err == PGR_OK && model) err = score_with(model, &so, max_length, &c, &score);
    if (err == PGR_OK && judge.writer.model) err = pgr_rm_judge(&judge, &c, &score, &about);
    if (err == PGR_OK && scores_path) err = write_scores(scores_path, &c, score);
    if (err == PGR_OK) err = pgr_contests_result(&c, score, seed, &result);
    if (err == PGR_OK && about && json_object_set(result, "judge", about) != 0)
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = print_result(result, files.item[0], model ? model : judge.writer.model, as_json);
    json_decref(about);
    json_decref(result);
    pgr_free(score);
    pgr_contests_free(&c);
    return err;
}
