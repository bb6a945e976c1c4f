/* test_lcbrb_build.c - pairs from scripted answers that run in the real sandbox: which samples are paired, how the
 * judge is asked, and going on after a stop. */
#include "test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "pref/lcbrb_build.h"
#include "pref/pairs.h"

/* Tasks 0 to 3 have passed and failed samples, 4 only failed ones, 5 only passed ones. */
enum { N_TASK = 6, N_BOTH = 4, N_SAMPLE = 10, N_ASK = 512, N_VOTE = 3 };

static struct pgr_sbx *pool;

static int open_pool(void **state) {
    (void)state;
    const struct pgr_sbx_cfg cfg = {.n_cells = 2};
    pgr_err err = pgr_sbx_open(&cfg, &pool);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        exit(77);
    }
    return err;
}

static int close_pool(void **state) {
    (void)state;
    pgr_sbx_close(pool);
    return 0;
}

/* ---- a model that says what the test wants; its answers depend on key, round and sample alone (od_gen.h) ---- */

struct open {
    struct pgr_od_question q; /* of one answer; user is not kept */
    size_t task;
    bool refused; /* the judge's question holds `refuse` */
};

struct script {
    struct open open[N_ASK];
    size_t n, n_solved, n_voted, stop_after; /* stop_after: answers after which the run ends; 0: never */
    bool newest_first, too_long, judge_too_long;
    const char *judge_says; /* NULL: yes, now and then no or nothing clear */
    const char *refuse;     /* the judge says no to questions with this text */
    const char *before;     /* put before each reasoning; NULL none */
    const char *whole;      /* the code of all solutions; NULL: by task and sample */
    const char *function;   /* the name that solutions define; NULL: the one asked for */
    size_t words_passed;    /* of the reasonings of passed samples; 0: as the others */
};

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct script *s = ctx;
    const char *at = strstr(q->user, "to n: task ");
    assert_non_null(at);
    *fits = !(q->round == 0 ? s->too_long : s->judge_too_long);
    assert_true(q->n_samples >= 1);
    for (size_t i = 0; *fits && i < q->n_samples; i++) {
        assert_true(s->n < N_ASK);
        struct open *o = &s->open[s->n++];
        *o = (struct open){.q = *q, .task = (size_t)atoi(at + 11), .refused = s->refuse && strstr(q->user, s->refuse)};
        o->q.first_sample += i;
    }
    return PGR_OK;
}

enum kind { PASSES, FAILS, FORMLESS, CRASHES, BROKEN };

static enum kind kind_of(size_t task, size_t sample) {
    static const enum kind kinds[] = {PASSES, FAILS, CRASHES, FORMLESS, BROKEN};
    enum kind k = kinds[(task + sample) % 5];
    if (task == 4 && k == PASSES) return FAILS;
    return task == 5 && (k == FAILS || k == CRASHES) ? PASSES : k;
}

static size_t write_solution(const struct script *s, const struct open *o, char *out, size_t cap) {
    static const char *const bodies[] = {"return n + TASK", "return n - 1000", "", "return 1 // 0", "return ("};
    enum kind k = kind_of(o->task, o->q.first_sample);
    size_t n = 0, n_word = 24 + (o->q.first_sample * 7 + o->task) % 12;
    if (k == PASSES && s->words_passed) n_word = s->words_passed;
    if (s->whole) return (size_t)snprintf(out, cap, "<think>a b c d e f g h i j k l</think><answer>\n%s\n", s->whole);
    if (k == FORMLESS) return (size_t)snprintf(out, cap, "I would add them.");
    n += (size_t)snprintf(out, cap, "<think>\n%s", s->before ? s->before : "");
    for (uint32_t i = 0; i < n_word; i++) {
        double u = pgr_rng_uniform(3, PGR_RNG_TEST, o->q.key, (uint32_t)o->q.first_sample, i, 0);
        n += (size_t)snprintf(out + n, cap - n, "w%03d ", (int)(u * 1000));
    }
    n += (size_t)snprintf(out + n, cap - n, "\n</think>\n<answer>\n```python\nTASK = %zu\ndef %s(n):\n    %s\n```\n",
                          o->task, s->function ? s->function : "f", bodies[k]);
    return n;
}

static size_t write_vote(const struct script *s, const struct open *o, char *out, size_t cap) {
    double u = pgr_rng_uniform(5, PGR_RNG_TEST, o->q.key, o->q.round, (uint32_t)o->q.first_sample, 0);
    const char *said = u < 0.65 ? "They agree.\nVerdict: yes" : u < 0.9 ? "**Verdict:** No." : "Hard to say.";
    if (s->judge_says) said = s->judge_says;
    if (o->refused) said = "Verdict: no";
    return (size_t)snprintf(out, cap, "%s", said);
}

static pgr_err wait_one(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct script *s = ctx;
    char text[2048];
    assert_true(s->n > 0);
    size_t at = s->newest_first ? s->n - 1 : 0;
    struct open o = s->open[at];
    memmove(s->open + at, s->open + at + 1, (--s->n - at) * sizeof *s->open);
    bool solve = o.q.round == 0;
    size_t n = solve ? write_solution(s, &o, text, sizeof text) : write_vote(s, &o, text, sizeof text);
    s->n_solved += solve;
    s->n_voted += !solve;
    const struct pgr_od_answer a = {
        .tag = o.q.tag, .sample = o.q.first_sample, .text = text, .n_bytes = n, .n_tokens = 9};
    return fn(fn_ctx, &a);
}

static bool keep_on(void *ctx, const struct pgr_lcbrb_tally *t) {
    const struct script *s = ctx;
    (void)t;
    return s->stop_after == 0 || s->n_solved + s->n_voted < s->stop_after;
}

/* ---- the run ---- */

static char dir[256], tasks[300], out[300], journal[330];
static struct pgr_lcbrb_prompts prompts;

static int begin(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(tasks, sizeof tasks, "%s/tasks.jsonl", dir);
    snprintf(out, sizeof out, "%s/pairs.jsonl", dir);
    snprintf(journal, sizeof journal, "%s.samples.jsonl", out);
    FILE *f = fopen(tasks, "w");
    assert_non_null(f);
    for (int i = 0; i < N_TASK; i++)
        fprintf(f,
                "{\"id\":\"t/%d\",\"prompt\":\"Add %d to n: task %d\",\"entry_point\":\"f\",\"difficulty\":\"%s\","
                "\"date\":\"2024-0%d-01\",\"calls\":[{\"args\":[1],\"expected\":%d},{\"args\":[5],\"expected\":%d}]}\n",
                i, i, i, i % 2 ? "hard" : "easy", i + 1, i + 1, i + 5);
    fclose(f);
    assert_ok(pgr_lcbrb_prompts_load(NULL, &prompts));
    return 0;
}

static int end(void **state) {
    (void)state;
    pgr_lcbrb_prompts_free(&prompts);
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static struct pgr_lcbrb_cfg settings(struct script *s) {
    return (struct pgr_lcbrb_cfg){.tasks_path = tasks,
                                  .out_path = out,
                                  .prompts = &prompts,
                                  .n_samples = N_SAMPLE,
                                  .step = 4,
                                  .n_votes = N_VOTE,
                                  .n_tries = 4,
                                  .n_open = 12,
                                  .min_words = 10,
                                  .length_band = 1.4,
                                  .max_similarity = 0.95,
                                  .max_problem = 0.5,
                                  .seed = 1,
                                  .tick = keep_on,
                                  .ctx = s};
}

static pgr_err build(const struct pgr_lcbrb_cfg *cfg, struct script *s, struct pgr_lcbrb_tally *t) {
    const struct pgr_od_generator g = {s, "scripted", add, wait_one};
    while (pgr_sbx_pending(pool) > 0) { /* of a run that was stopped */
        struct pgr_sbx_result r[16];
        size_t n;
        assert_ok(pgr_sbx_poll(pool, r, 16, 1000, &n));
        for (size_t i = 0; i < n; i++) pgr_sbx_result_free(&r[i]);
    }
    return pgr_lcbrb_build(cfg, &g, &g, pool, t);
}

static char *content(const char *path) {
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 24, &b));
    pgr_buf_addc(&b, '\0');
    return pgr_buf_steal(&b);
}

/* ---- what is paired ---- */

static const char *text(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    if (!s) fail_msg("pair without \"%s\"", key);
    return s;
}

static pgr_err check_pair(void *ctx, const char *where, json_t *o) {
    size_t *n = ctx;
    (void)where;
    json_int_t c = json_integer_value(json_object_get(o, "chosen_sample"));
    json_int_t r = json_integer_value(json_object_get(o, "rejected_sample"));
    assert_int_equal(kind_of(*n, (size_t)c), PASSES);
    assert_true(kind_of(*n, (size_t)r) == FAILS || kind_of(*n, (size_t)r) == CRASHES);
    assert_non_null(strstr(text(o, "chosen_solution"), "return n + TASK"));
    assert_null(strstr(text(o, "rejected_solution"), "return n + TASK"));
    assert_string_equal(text(o, "chosen_verdict"), "accepted");
    assert_string_not_equal(text(o, "rejected_verdict"), "accepted");
    assert_string_equal(text(o, "subset"), *n % 2 ? "hard" : "easy");
    assert_non_null(strstr(text(o, "prompts"), "lcbrb-2:"));
    assert_int_equal(json_integer_value(json_object_get(o, "samples_passed")), 2);
    assert_int_equal(json_integer_value(json_object_get(o, "samples_failed")), 6); /* broken ones have code, too */
    size_t a = strlen(text(o, "chosen")), b = strlen(text(o, "rejected"));
    assert_true((double)a <= 1.4 * (double)b && (double)b <= 1.4 * (double)a);
    assert_true(2 * json_integer_value(json_array_get(json_object_get(o, "chosen_agree"), 0)) > N_VOTE);
    assert_true(2 * json_integer_value(json_array_get(json_object_get(o, "chosen_sound"), 0)) > N_VOTE);
    assert_true(2 * json_integer_value(json_array_get(json_object_get(o, "rejected_agree"), 0)) > N_VOTE);
    assert_null(json_object_get(o, "rejected_sound"));
    ++*n;
    return PGR_OK;
}

static void one_pair_of_each_problem_with_both_verdicts(void **state) {
    (void)state;
    struct script s = {.judge_says = "Verdict: yes"};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    struct pgr_lcbrb_tally t;
    struct pgr_pairs pairs;
    size_t n = 0;
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.n_problem, N_TASK);
    assert_int_equal(t.n_finished, N_TASK);
    assert_int_equal(t.n_sample, N_TASK * N_SAMPLE);
    assert_int_equal(s.n_solved, N_TASK * N_SAMPLE);
    assert_int_equal(t.n_both, N_BOTH);
    assert_int_equal(t.n_matched, N_BOTH);
    assert_int_equal(t.state[PGR_LCBRB_PASSED], 2 * N_BOTH + 6);
    assert_int_equal(t.state[PGR_LCBRB_FAILED], 4 * N_BOTH + 6);
    assert_int_equal(t.state[PGR_LCBRB_UNFIT], 2 * N_TASK);
    assert_int_equal(t.state[PGR_LCBRB_FORMLESS], 2 * N_TASK);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], N_BOTH);
    assert_int_equal(t.end[PGR_LCBRB_END_NONE_PASSED], 1);
    assert_int_equal(t.end[PGR_LCBRB_END_NONE_FAILED], 1);
    assert_int_equal(t.n_vote, N_BOTH * 3 * N_VOTE);
    assert_int_equal(s.n_voted, t.n_vote);
    assert_ok(pgr_jsonl_each(out, check_pair, &n));
    assert_int_equal(n, N_BOTH);
    assert_ok(pgr_pairs_load(out, &pairs));
    assert_int_equal(pairs.n, N_BOTH);
    pgr_pairs_free(&pairs);
}

static void the_judge_decides(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script no = {.judge_says = "Verdict: no"};
    struct pgr_lcbrb_cfg cfg = settings(&no);
    assert_ok(build(&cfg, &no, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_SUPERIOR_REFUSED], N_BOTH);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], 0);
    assert_int_equal(t.n_vote, N_BOTH * 2 * 2 * N_VOTE); /* two superior samples, two questions */
    assert_int_equal(t.superior[PGR_LCBRB_SOUND].n_no, N_BOTH * 2 * N_VOTE);
    assert_int_equal(t.inferior.n_asked, 0);

    struct script one = {.judge_says = "Verdict: no"};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&one);
    cfg.n_tries = 1;
    assert_ok(build(&cfg, &one, &t));
    assert_int_equal(t.n_vote, N_BOTH * 2 * N_VOTE);

    struct script unclear = {.judge_says = "It may or may not be."};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&unclear);
    assert_ok(build(&cfg, &unclear, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_SUPERIOR_REFUSED], N_BOTH);
    assert_int_equal(t.superior[PGR_LCBRB_AGREE].n_none, N_BOTH * 2 * N_VOTE);

    struct script inferior = {.judge_says = "Verdict: yes", .refuse = "return n - 1000"};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&inferior);
    assert_ok(build(&cfg, &inferior, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], N_BOTH); /* of those that crash */
    char *pairs = content(out);
    assert_null(strstr(pairs, "return n - 1000"));
    assert_non_null(strstr(pairs, "return 1 // 0"));
    free(pairs);

    struct script all = {.judge_says = "Verdict: yes", .refuse = "def f(n):\n    return 1 //"};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&all);
    cfg.n_tries = 2;
    assert_ok(build(&cfg, &all, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR] + t.end[PGR_LCBRB_END_INFERIOR_REFUSED], N_BOTH);

    struct script none = {0};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&none);
    cfg.n_votes = 0;
    assert_ok(build(&cfg, &none, &t));
    assert_int_equal(none.n_voted, 0);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], N_BOTH);
}

static void sides_of_unlike_length_are_no_pair(void **state) {
    (void)state;
    struct script s = {.judge_says = "Verdict: yes", .words_passed = 60};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    struct pgr_lcbrb_tally t;
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_UNEVEN], N_BOTH);
    assert_int_equal(t.n_both, N_BOTH);
    assert_int_equal(t.n_matched, 0);
    assert_int_equal(s.n_voted, 0);
    struct script few = {.judge_says = "Verdict: yes", .words_passed = 9};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&few);
    assert_ok(build(&cfg, &few, &t));
    assert_int_equal(t.state[PGR_LCBRB_SHORT], 2 * N_BOTH + 6);
    assert_int_equal(t.end[PGR_LCBRB_END_NONE_PASSED], N_TASK);
}

static void echoes_and_other_functions_are_no_candidates(void **state) {
    (void)state;
    struct script s = {.before = "A number is even when it leaves no remainder on division by 2. "};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    struct pgr_lcbrb_tally t;
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.state[PGR_LCBRB_ECHO], N_TASK * 8);
    assert_int_equal(t.state[PGR_LCBRB_FORMLESS], N_TASK * 2);
    static const char task[] =
        "{\"id\":\"t/0\",\"entry_point\":\"f\",\"calls\":[{\"args\":[1],\"expected\":1}],\"prompt\":\"Add 0 to n: "
        "task 0. a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg hh ii jj kk ll mm\"}\n";
    struct script restated = {.before =
                                  "a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg hh ii "
                                  "jj kk ll mm "};
    char all[300];
    snprintf(all, sizeof all, "%s/restated.jsonl", dir);
    assert_ok(pgr_file_write_atomic(all, task, strlen(task)));
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&restated);
    cfg.tasks_path = all;
    assert_ok(build(&cfg, &restated, &t));
    assert_int_equal(t.state[PGR_LCBRB_RESTATED], 8);
    /* What is asked for may be a method, and defined in other ways than by def. */
    static const struct {
        const char *entry_point, *code;
        bool defined;
    } cases[] = {{"Solution().f", "class Solution:\n    def f(self, n): return n", true},
                 {"Solution().f", "class  Solution(object):\n    def f(self, n): return n", true},
                 {"Solution().f", "def f(n): return n", false},
                 {"Solution().f", "print(Solution().f(1))", false},
                 {"Solution().f", "class Solutions:\n    pass", false},
                 {"f", "import math\nf = math.sqrt", true},
                 {"f", "async def f(n): return n", true},
                 {"f", "x = [f == 1]", false},
                 {"f", "def ff(n): return n\ndef g_f(n): return n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[400], file[300];
        struct script one = {.whole = cases[i].code};
        snprintf(file, sizeof file, "%s/case.jsonl", dir);
        snprintf(
            line, sizeof line,
            "{\"id\":\"t/0\",\"prompt\":\"Add 0 to n: task 0\",\"entry_point\":\"%s\",\"tests\":[\"assert True\"]}\n",
            cases[i].entry_point);
        assert_ok(pgr_file_write_atomic(file, line, strlen(line)));
        assert_int_equal(unlink(journal), 0);
        cfg = settings(&one);
        cfg.tasks_path = file;
        cfg.n_samples = 1;
        assert_ok(build(&cfg, &one, &t));
        if ((t.state[PGR_LCBRB_FORMLESS] == 0) != cases[i].defined)
            fail_msg("%s: %s", cases[i].entry_point, cases[i].code);
    }
    struct script other = {.function = "ff"};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&other);
    assert_ok(build(&cfg, &other, &t));
    assert_int_equal(t.state[PGR_LCBRB_FORMLESS], N_TASK * N_SAMPLE);
}

/* The longer side is as often the better as the worse one where the samples allow both: over many seeds, within four
 * standard deviations of a fair coin. */
static void length_does_not_tell(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    size_t n = 0, longer = 0, equal = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct script s = {.words_passed = 30};
        struct pgr_lcbrb_cfg cfg = settings(&s);
        struct pgr_pairs pairs;
        cfg.seed = seed;
        cfg.n_votes = 0;
        cfg.limit = N_BOTH;
        (void)unlink(journal);
        assert_ok(build(&cfg, &s, &t));
        assert_ok(pgr_pairs_load(out, &pairs));
        for (size_t i = 0; i < pairs.n; i++, n++) {
            size_t a = strlen(pairs.pair[i].chosen), b = strlen(pairs.pair[i].rejected);
            longer += a > b;
            equal += a == b;
        }
        pgr_pairs_free(&pairs);
    }
    assert_int_equal(n, 40 * N_BOTH);
    double share = ((double)longer + (double)equal / 2) / (double)n;
    if (share < 0.5 - 4 * 0.5 / 12.6 || share > 0.5 + 4 * 0.5 / 12.6) fail_msg("longer wins %.3f of %zu", share, n);
}

static void sampling_stops_when_there_is_enough(void **state) {
    (void)state;
    struct script s = {.judge_says = "Verdict: yes"};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    struct pgr_lcbrb_tally t;
    cfg.enough = 1;
    cfg.step = 5; /* each five hold one that passes */
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.n_sample, N_BOTH * 5 + 2 * N_SAMPLE);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], N_BOTH);
}

static void filters_and_questions_that_are_too_long(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script s = {.judge_says = "Verdict: yes"};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    cfg.filter.difficulty = "hard";
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.n_problem, 3);
    cfg.filter.difficulty = NULL;
    cfg.filter.from = "2024-02";
    cfg.filter.to = "2024-04-30";
    assert_ok(build(&cfg, &s, &t));
    assert_int_equal(t.n_problem, 3);
    assert_int_equal(t.n_resumed, 2 * N_SAMPLE);
    cfg.filter = (struct pgr_task_filter){.difficulty = "none"};
    assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, "holds no task that the filters let through");

    struct script longs = {.too_long = true};
    assert_int_equal(unlink(journal), 0);
    cfg = settings(&longs);
    assert_ok(build(&cfg, &longs, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_TOO_LONG], N_TASK);
    struct script judge = {.judge_too_long = true};
    cfg = settings(&judge);
    assert_ok(build(&cfg, &judge, &t));
    assert_int_equal(t.end[PGR_LCBRB_END_SUPERIOR_REFUSED], N_BOTH);
    assert_int_equal(t.n_vote, 0);
}

/* ---- going on ---- */

static void stopped_runs_end_with_the_same_pairs(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script whole = {0};
    struct pgr_lcbrb_cfg cfg = settings(&whole);
    assert_ok(build(&cfg, &whole, &t));
    assert_true(t.end[PGR_LCBRB_END_PAIR] > 0 && t.end[PGR_LCBRB_END_PAIR] < N_BOTH); /* the judge matters */
    char *want = content(out);
    for (size_t step = 3; step < 40; step += 12) {
        char part[300];
        pgr_err err = PGR_E_INTERRUPTED;
        size_t n_run = 0;
        snprintf(part, sizeof part, "%s/stop%zu.jsonl", dir, step);
        while (err == PGR_E_INTERRUPTED) {
            struct script s = {.stop_after = step, .newest_first = n_run++ % 2};
            cfg = settings(&s);
            cfg.out_path = part;
            err = build(&cfg, &s, &t);
            assert_true(n_run < 200);
        }
        assert_ok(err);
        assert_true(n_run > 2);
        char *got = content(part);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
}

/* The journal as kill -9 may leave it: any prefix of its bytes. */
static void any_prefix_of_the_journal_goes_on(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script s = {0};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    assert_ok(build(&cfg, &s, &t));
    char *want = content(out), *lines = content(journal);
    size_t n = strlen(lines), n_solved = s.n_solved, n_voted = s.n_voted;
    for (size_t cut = 0; cut <= n; cut += cut < 300 ? 37 : 1997) {
        assert_ok(pgr_file_write_atomic(journal, lines, cut));
        assert_int_equal(unlink(out), 0);
        struct script again = {.newest_first = cut % 2};
        cfg = settings(&again);
        assert_ok(build(&cfg, &again, &t));
        assert_int_equal(again.n_solved + t.n_resumed, n_solved);
        assert_int_equal(again.n_voted + t.n_vote_resumed, n_voted);
        char *got = content(out);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    free(lines);
}

static void another_judge_takes_the_same_samples(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script first = {0}, second = {.judge_says = "Verdict: yes"}, third = {0};
    json_t *other = json_pack("{s:f}", "temperature", 0.1);
    struct pgr_lcbrb_cfg cfg = settings(&first);
    assert_ok(build(&cfg, &first, &t));
    char *want = content(out);
    cfg = settings(&second);
    cfg.judge_settings = other;
    assert_ok(build(&cfg, &second, &t));
    assert_int_equal(second.n_solved, 0);
    assert_int_equal(t.n_vote_resumed, 0);
    assert_int_equal(t.end[PGR_LCBRB_END_PAIR], N_BOTH);
    cfg = settings(&third);
    assert_ok(build(&cfg, &third, &t));
    assert_int_equal(third.n_solved + third.n_voted, 0);
    char *got = content(out);
    assert_string_equal(got, want);
    json_decref(other);
    free(got);
    free(want);
}

static void put(const char *path, const char *s) { assert_ok(pgr_file_write_atomic(path, s, strlen(s))); }

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    struct pgr_lcbrb_tally t;
    struct script s = {.judge_says = "Verdict: yes"};
    struct pgr_lcbrb_cfg cfg = settings(&s);
    assert_ok(build(&cfg, &s, &t));
    cfg.seed = 2;
    assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, "begun with \"seed\" 1, now it is 2");
    cfg.seed = 1;
    put(tasks, "{\"id\":\"t/0\",\"prompt\":\"Add 0 to n: task 0\",\"entry_point\":\"f\",\"calls\":[{\"args\":[1],"
               "\"expected\":2}]}\n");
    assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, "the tests or the answer of task t/0 have changed");
    put(tasks, "{\"id\":\"t/0\",\"prompt\":\"Add 0 to n: task 0\"}\n");
    assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, "needs \"tests\" or \"calls\"");
    put(tasks, "{\"id\":\"t/0\",\"prompt\":\"What is 1 + 1?\",\"answer\":\"2\"}\n");
    assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, "the tests or the answer of task t/0 have changed");

    char *lines = content(journal), *head = lines;
    size_t n_head = strcspn(lines, "\n") + 1;
    static const char *const bad[][2] = {
        {"{\"task\":\"t/9\",\"sample\":0}\n", NULL}, /* of a problem that is left out */
        {"{\"task\":7}\n", "must be a string"},
        {"{\"task\":\"t/0\",\"problem\":\"0\",\"sample\":0}\n", "have changed"},
        {"nothing\n", "samples.jsonl:2"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pgr_buf b = PGR_BUF_INIT;
        pgr_buf_add(&b, head, n_head);
        pgr_buf_adds(&b, bad[i][0]);
        put(journal, pgr_buf_str(&b));
        pgr_buf_free(&b);
        put(tasks, "{\"id\":\"t/0\",\"prompt\":\"Add 0 to n: task 0\",\"entry_point\":\"f\",\"calls\":[{\"args\":[1],"
                   "\"expected\":1}]}\n");
        if (bad[i][1])
            assert_fails_with(build(&cfg, &s, &t), PGR_E_FORMAT, bad[i][1]);
        else
            assert_ok(build(&cfg, &s, &t));
    }
    free(lines);
}

static void a_vote_is_the_word_behind_the_last_verdict(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char vote;
    } cases[] = {{"Verdict: yes", 'y'},
                 {"They differ. Verdict: no.", 'n'},
                 {"**VERDICT:** **Yes**", 'y'},
                 {"Verdict: no, because ... no. Verdict: yes", 'y'},
                 {"verdict is yes", '?'},
                 {"Verdict: nothing", '?'},
                 {"Verdict: not yes", '?'},
                 {"Verdict:", '?'},
                 {"yes", 'y'},
                 {" No. ", 'n'},
                 {"yes, they agree", '?'},
                 {"", '?'},
                 {"Verdict: \xc3\xa4yes", '?'}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (pgr_lcbrb_vote(cases[i].text, strlen(cases[i].text)) != cases[i].vote)
            fail_msg("\"%s\" is no %c", cases[i].text, cases[i].vote);
    assert_int_equal(pgr_lcbrb_vote("Verdict: y\0es", 13), '?');
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(one_pair_of_each_problem_with_both_verdicts),
        T(the_judge_decides),
        T(sides_of_unlike_length_are_no_pair),
        T(echoes_and_other_functions_are_no_candidates),
        T(length_does_not_tell),
        T(sampling_stops_when_there_is_enough),
        T(filters_and_questions_that_are_too_long),
        T(stopped_runs_end_with_the_same_pairs),
        T(any_prefix_of_the_journal_goes_on),
        T(another_judge_takes_the_same_samples),
        T(what_cannot_be_is_refused),
        T(a_vote_is_the_word_behind_the_last_verdict),
    };
    return cmocka_run_group_tests(tests, open_pool, close_pool);
}
