/* lcbrb_build.c - pgrpo lcbrb build. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/size.h"
#include "cli/balance.h"
#include "cli/bench_arg.h"
#include "cli/lcbrb.h"
#include "cli/writer.h"
#include "pref/lcbrb_build.h"
#include "pref/od_check.h"

struct args {
    const char *judge, *judge_endpoint, *tasks, *output, *split, *from, *to, *difficulty, *platform, *prompts;
    size_t limit, samples, enough, step, votes, candidates, min_words, judge_max_tokens, seed;
    double judge_temperature, length_band, max_similarity, max_problem, warn_words;
    struct pgr_writer_opts writer;
    struct pgr_bench_opts sandbox; /* the part of it that is the sandbox's */
    bool json;
};

static pgr_err parse(int argc, char **argv, struct args *a) {
    *a = (struct args){.samples = 50,
                       .step = 8,
                       .votes = 3,
                       .candidates = 4,
                       .min_words = 10,
                       .judge_max_tokens = 200,
                       .writer = {.max_tokens = 800, .temperature = 0.8, .top_p = 0.95, .thoughts = true},
                       .judge_temperature = 0.7,
                       .length_band = pgr_od_default_bounds.length_band,
                       .max_similarity = pgr_od_default_bounds.max_similarity,
                       .max_problem = pgr_od_default_bounds.max_problem,
                       .warn_words = 0.65};
    struct pgr_opt opts[PGR_WRITER_N_OPTS + 39] = {
        {"model", PGR_OPT_STR, &a->writer.model, 0, 0},
        {"judge", PGR_OPT_STR, &a->judge, 0, 0},
        {"judge-endpoint", PGR_OPT_STR, &a->judge_endpoint, 0, 0},
        {"tasks", PGR_OPT_STR, &a->tasks, 0, 0},
        {"output", PGR_OPT_STR, &a->output, 0, 0},
        {"split", PGR_OPT_STR, &a->split, 0, 0},
        {"from", PGR_OPT_STR, &a->from, 0, 0},
        {"to", PGR_OPT_STR, &a->to, 0, 0},
        {"difficulty", PGR_OPT_STR, &a->difficulty, 0, 0},
        {"platform", PGR_OPT_STR, &a->platform, 0, 0},
        {"limit", PGR_OPT_SIZE, &a->limit, 0, 0},
        {"samples", PGR_OPT_SIZE, &a->samples, 1, PGR_LCBRB_MAX_SAMPLES},
        {"enough", PGR_OPT_SIZE, &a->enough, 0, PGR_LCBRB_MAX_SAMPLES},
        {"step", PGR_OPT_SIZE, &a->step, 1, PGR_LCBRB_MAX_SAMPLES},
        {"votes", PGR_OPT_SIZE, &a->votes, 0, PGR_LCBRB_MAX_VOTES},
        {"candidates", PGR_OPT_SIZE, &a->candidates, 1, PGR_LCBRB_MAX_SAMPLES},
        {"min-words", PGR_OPT_SIZE, &a->min_words, 1, 1e6},
        {"length-band", PGR_OPT_REAL, &a->length_band, 1, 1e6},
        {"max-problem", PGR_OPT_REAL, &a->max_problem, 0, 1},
        {"max-similarity", PGR_OPT_REAL, &a->max_similarity, 0, 1},
        {"warn-words", PGR_OPT_REAL, &a->warn_words, 0, 1},
        {"prompts", PGR_OPT_STR, &a->prompts, 0, 0},
        {"temperature", PGR_OPT_REAL, &a->writer.temperature, 0.01, 100},
        {"judge-temperature", PGR_OPT_REAL, &a->judge_temperature, 0.01, 100},
        {"top-p", PGR_OPT_REAL, &a->writer.top_p, 0.01, 1},
        {"max-tokens", PGR_OPT_SIZE, &a->writer.max_tokens, 1, 1 << 20},
        {"judge-max-tokens", PGR_OPT_SIZE, &a->judge_max_tokens, 1, 1 << 20},
        {"max-length", PGR_OPT_SIZE, &a->writer.max_length, 2, 1 << 20},
        {"batch", PGR_OPT_SIZE, &a->writer.batch, 1, 4096},
        {"seed", PGR_OPT_SIZE, &a->seed, 0, 0},
        {"dtype", PGR_OPT_STR, &a->writer.dtype, 0, 0},
        {"python", PGR_OPT_STR, &a->sandbox.python, 0, 0},
        {"site-packages", PGR_OPT_STR, &a->sandbox.site_packages, 0, 0},
        {"sandbox", PGR_OPT_STR, &a->sandbox.sandbox, 0, 0},
        {"preload", PGR_OPT_LIST, &a->sandbox.preload, 0, 0},
        {"cells", PGR_OPT_SIZE, &a->sandbox.cells, 0, 256},
        {"memory", PGR_OPT_SIZE, &a->sandbox.memory, 0, 1 << 20},
        {"cpu", PGR_OPT_REAL, &a->sandbox.cpu, 0, 86400},
        {"json", PGR_OPT_FLAG, &a->json, 0, 0},
    };
    pgr_writer_opts_list(&a->writer, opts + PGR_COUNT(opts) - PGR_WRITER_N_OPTS);
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!a->writer.model || !a->tasks || !a->output)
        return pgr_fail(PGR_E_USAGE, "build needs --model, --tasks and --output");
    PGR_TRY(pgr_writer_opts_check(&a->writer));
    a->writer.seed = a->seed;
    if (a->judge_endpoint && !a->judge)
        return pgr_fail(PGR_E_USAGE, "--judge-endpoint needs --judge: the name by which it knows the model");
    if (a->judge && a->votes == 0) return pgr_fail(PGR_E_USAGE, "--judge needs --votes above 0");
    return PGR_OK;
}

/* ---- what is said ---- */

struct progress {
    double t0, told_s;
};

static bool show(void *ctx, const struct pgr_lcbrb_tally *t) {
    struct progress *p = ctx;
    double now = pgr_now_s();
    if (now > p->told_s + 10) {
        fprintf(stderr,
                "%zu of %zu begun problems done, %zu samples (%zu passed, %zu failed), %zu votes, %zu pairs, %.0f "
                "tokens/s\n",
                t->n_finished, t->n_problem, t->n_sample, t->state[PGR_LCBRB_PASSED], t->state[PGR_LCBRB_FAILED],
                t->n_vote, t->end[PGR_LCBRB_END_PAIR], (double)t->n_token / (now - p->t0));
        p->told_s = now;
    }
    return !pgr_stop_asked();
}

static void print_votes(const char *what, const struct pgr_lcbrb_votes *v) {
    if (v->n_asked)
        printf("  %-42s %5zu of %zu accepted; votes: %zu yes, %zu no, %zu neither\n", what, v->n_accepted, v->n_asked,
               v->n_yes, v->n_no, v->n_none);
}

static void print_result(const struct args *a, const struct pgr_lcbrb_tally *t, const json_t *balance) {
    static const char *const kinds[] = {"subsets", NULL};
    printf("%zu problems, %zu samples (%zu from an earlier run):", t->n_problem, t->n_sample, t->n_resumed);
    for (int i = 0; i < PGR_LCBRB_N_STATE; i++)
        printf(" %zu %s%s", t->state[i], pgr_lcbrb_state_name((enum pgr_lcbrb_state)i),
               i + 1 < PGR_LCBRB_N_STATE ? "," : "\n");
    printf("%zu problems have passed and failed samples, %zu of them of like length\n", t->n_both, t->n_matched);
    print_votes("superior, reasoning and solution agree", &t->superior[PGR_LCBRB_AGREE]);
    print_votes("superior, the reasoning is right", &t->superior[PGR_LCBRB_SOUND]);
    print_votes("inferior, reasoning and solution agree", &t->inferior);
    printf("%zu pairs in %s; without a pair:", t->end[PGR_LCBRB_END_PAIR], a->output);
    for (int i = 1; i < PGR_LCBRB_N_END; i++)
        printf(" %zu %s%s", t->end[i], pgr_lcbrb_end_name((enum pgr_lcbrb_end)i), i + 1 < PGR_LCBRB_N_END ? "," : "\n");
    pgr_balance_print(balance, kinds);
}

static json_t *votes_json(const struct pgr_lcbrb_votes *v) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "asked", (json_int_t)v->n_asked, "accepted",
                     (json_int_t)v->n_accepted, "yes", (json_int_t)v->n_yes, "no", (json_int_t)v->n_no, "none",
                     (json_int_t)v->n_none);
}

static json_t *result_json(const struct args *a, const struct pgr_lcbrb_tally *t, const char *version,
                           const json_t *balance) {
    json_t *states = json_object(), *ends = json_object();
    int bad = 0;
    for (int i = 0; i < PGR_LCBRB_N_STATE; i++)
        bad |= json_object_set_new(states, pgr_lcbrb_state_name((enum pgr_lcbrb_state)i),
                                   json_integer((json_int_t)t->state[i]));
    for (int i = 0; i < PGR_LCBRB_N_END; i++)
        bad |=
            json_object_set_new(ends, pgr_lcbrb_end_name((enum pgr_lcbrb_end)i), json_integer((json_int_t)t->end[i]));
    json_t *o = json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:{s:o, s:o, s:o}, s:O?}", "output",
        pgr_json_bytes(a->output, strlen(a->output)), "prompts", version, "problems", (json_int_t)t->n_problem,
        "samples", (json_int_t)t->n_sample, "resumed", (json_int_t)t->n_resumed, "lost", (json_int_t)t->n_lost,
        "states", states, "both", (json_int_t)t->n_both, "matched", (json_int_t)t->n_matched, "pairs",
        (json_int_t)t->end[PGR_LCBRB_END_PAIR], "ends", ends, "votes", "superior_agree",
        votes_json(&t->superior[PGR_LCBRB_AGREE]), "superior_sound", votes_json(&t->superior[PGR_LCBRB_SOUND]),
        "inferior_agree", votes_json(&t->inferior), "balance", balance);
    if (!bad) return o;
    json_decref(o);
    return NULL;
}

static pgr_err tell(const struct args *a, const struct pgr_lcbrb_tally *t, const char *version, int *exit_code) {
    json_t *balance = NULL, *o = NULL;
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_balance_measure("lcbrb", a->output, t->end[PGR_LCBRB_END_PAIR], a->seed, a->warn_words, &balance);
    if (err == PGR_OK) print_result(a, t, balance);
    if (err == PGR_OK && a->json) {
        o = result_json(a, t, version, balance);
        err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
        if (err == PGR_OK) puts(pgr_buf_str(&b));
    }
    if (err == PGR_OK && t->n_lost) {
        fprintf(
            stderr,
            "%zu answers were refused by the model or could not be judged by this host; the same command tries them "
            "again\n",
            t->n_lost);
        *exit_code = 1;
    }
    pgr_buf_free(&b);
    json_decref(o);
    json_decref(balance);
    return err;
}

/* ---- the command ---- */

/* The judge is asked as the generator is, but for what its own options say. */
static struct pgr_writer_opts judge_opts(const struct args *a) {
    struct pgr_writer_opts o = a->writer;
    o.max_tokens = a->judge_max_tokens;
    o.temperature = a->judge_temperature;
    o.thoughts = false;
    if (a->judge) {
        o.model = a->judge;
        o.endpoint = a->judge_endpoint;
    }
    return o;
}

static pgr_err build_with(const struct args *a, const struct pgr_lcbrb_prompts *prompts, struct pgr_sbx *sbx,
                          struct pgr_lcbrb_tally *tally) {
    struct progress p = {pgr_now_s(), pgr_now_s()};
    struct pgr_writer gen = {.model = NULL}, judge = {.model = NULL};
    const struct pgr_writer_opts jo = judge_opts(a);
    json_t *settings = pgr_writer_settings(&a->writer), *judge_settings = pgr_writer_settings(&jo);
    pgr_err err = settings && judge_settings ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    PGR_TRY_GOTO(err);
    PGR_TRY_GOTO(pgr_writer_open(&a->writer, NULL, &gen));
    if (a->votes) PGR_TRY_GOTO(pgr_writer_open(&jo, a->judge ? NULL : &gen, &judge));
    const struct pgr_lcbrb_cfg cfg = {
        .tasks_path = a->tasks,
        .filter =
            {.split = a->split, .from = a->from, .to = a->to, .difficulty = a->difficulty, .platform = a->platform},
        .limit = a->limit,
        .out_path = a->output,
        .prompts = prompts,
        .n_samples = a->samples,
        .enough = a->enough,
        .step = a->step,
        .n_votes = a->votes,
        .n_tries = a->candidates,
        .n_open = 2 * pgr_writer_width(&a->writer), /* a problem's last answers do not hold up the others */
        .min_words = a->min_words,
        .length_band = a->length_band,
        .max_similarity = a->max_similarity,
        .max_problem = a->max_problem,
        .cpu_s = a->sandbox.cpu,
        .memory_bytes = a->sandbox.memory << 20,
        .seed = a->seed,
        .settings = settings,
        .judge_settings = judge_settings,
        .tick = show,
        .ctx = &p};
    err = pgr_lcbrb_build(&cfg, &gen.gen, &judge.gen, sbx, tally);
out:
    pgr_writer_close(&judge);
    pgr_writer_close(&gen);
    json_decref(settings);
    json_decref(judge_settings);
    return err;
}

pgr_err pgr_lcbrb_run_build(int argc, char **argv, int *exit_code) {
    struct args a;
    struct pgr_lcbrb_prompts prompts;
    struct pgr_lcbrb_tally tally = {0};
    struct pgr_sbx *sbx = NULL;
    PGR_TRY(parse(argc, argv, &a));
    PGR_TRY(pgr_lcbrb_prompts_load(a.prompts, &prompts));
    pgr_catch_signals();
    pgr_err err = pgr_bench_open_sandbox(&a.sandbox, &sbx); /* it forks, so before the model is there */
    if (err == PGR_OK) err = build_with(&a, &prompts, sbx, &tally);
    if (err == PGR_OK) err = tell(&a, &tally, prompts.version, exit_code);
    pgr_sbx_close(sbx);
    pgr_lcbrb_prompts_free(&prompts);
    return err;
}
