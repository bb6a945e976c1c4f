/* test_od_build.c - pairs from a scripted generator: which are made, what is asked anew, and going on after a stop. */
#include "test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "pref/od_build.h"
#include "pref/pairs.h"

enum { N_TASK = 6, N_ASK = 256, N_OPEN = 3 };

/* Answers come in an order of their own. An answer depends on key and round alone, as od_gen.h asks for. */
struct script {
    struct pgr_od_question q[N_ASK];
    size_t n, n_asked, n_told, stop_after; /* stop_after: answers after which the run ends; 0: never */
    bool newest_first, too_long;
    uint32_t bad_round; /* answered by a refusal, always */
    const char *tail;   /* put behind each answer */
};

static pgr_err add(void *ctx, const struct pgr_od_question *q, bool *fits) {
    struct script *s = ctx;
    assert_true(s->n < N_ASK);
    assert_true(*q->user != '\0');
    *fits = !(s->too_long && q->round % PGR_OD_MAX_ATTEMPTS == 0 && q->round / PGR_OD_MAX_ATTEMPTS == 3);
    for (size_t i = 0; *fits && i < q->n_samples; i++) {
        assert_true(s->n < N_ASK);
        s->q[s->n] = *q;
        s->q[s->n++].first_sample += i;
    }
    s->n_asked += *fits ? q->n_samples : 0;
    return PGR_OK;
}

/* Forty words drawn by key and round; every fifth first attempt is a refusal. */
static void write_answer(const struct script *s, const struct pgr_od_question *q, char *out, size_t cap) {
    size_t n = 0;
    bool first = q->round % PGR_OD_MAX_ATTEMPTS == 0;
    if ((first && (q->key + q->round / PGR_OD_MAX_ATTEMPTS) % 5 == 0) || q->round / PGR_OD_MAX_ATTEMPTS == s->bad_round)
        n += (size_t)snprintf(out, cap, "I'm sorry, but no. ");
    for (uint32_t i = 0; i < 40; i++) {
        double u = pgr_rng_uniform(3, PGR_RNG_TEST, q->key, q->round, i, 0);
        n += (size_t)snprintf(out + n, cap - n, "w%03d ", (int)(u * 1000));
    }
    snprintf(out + n, cap - n, "%s", s->tail ? s->tail : "");
}

/* Of two solutions, both pass from optimised texts and from the degraded one of the second dimension, one from the
 * base, none from the others. */
static void write_solution(const struct pgr_od_question *q, char *out, size_t cap) {
    size_t slot = q->round - PGR_OD_N_SLOT * PGR_OD_MAX_ATTEMPTS, n_good = slot == 0               ? 1
                                                                           : slot % 2 || slot == 4 ? 2
                                                                                                   : 0;
    snprintf(out, cap, "```python\ndef f():\n    return %d\n```\n", q->first_sample < n_good ? 1 : 2);
}

static pgr_err wait_one(void *ctx, pgr_od_answer_fn fn, void *fn_ctx) {
    struct script *s = ctx;
    assert_true(s->n > 0);
    size_t at = s->newest_first ? s->n - 1 : 0;
    struct pgr_od_question q = s->q[at];
    memmove(s->q + at, s->q + at + 1, (--s->n - at) * sizeof *s->q);
    char text[1024];
    if (q.round < PGR_OD_N_SLOT * PGR_OD_MAX_ATTEMPTS)
        write_answer(s, &q, text, sizeof text);
    else
        write_solution(&q, text, sizeof text);
    s->n_told++;
    return fn(fn_ctx,
              &(struct pgr_od_answer){
                  .tag = q.tag, .sample = q.first_sample, .text = text, .n_bytes = strlen(text), .n_tokens = 40});
}

static bool keep_on(void *ctx, const struct pgr_od_tally *t) {
    const struct script *s = ctx;
    (void)t;
    return s->stop_after == 0 || s->n_told < s->stop_after;
}

struct fixture {
    char dir[256], tasks[300], out[300], journal[320];
    struct pgr_od_prompts prompts;
    size_t n_verify;
    struct pgr_sbx *pool; /* borrowed */
};

static void begin(struct fixture *f) {
    *f = (struct fixture){.n_verify = 0};
    test_tmpdir(f->dir);
    snprintf(f->tasks, sizeof f->tasks, "%s/tasks.jsonl", f->dir);
    snprintf(f->out, sizeof f->out, "%s/pairs.jsonl", f->dir);
    snprintf(f->journal, sizeof f->journal, "%s.texts.jsonl", f->out);
    FILE *o = fopen(f->tasks, "w");
    assert_non_null(o);
    for (int i = 0; i < N_TASK; i++)
        fprintf(
            o,
            "{\"id\":\"t/%d\",\"prompt\":\"Problem %d\",\"entry_point\":\"f\",\"split\":\"%s\",\"calls\":[{\"args\":[],"
            "\"expected\":1}]}\n",
            i, i, i % 3 ? "train" : "validation");
    fclose(o);
    assert_ok(pgr_od_prompts_load(NULL, &f->prompts));
}

static void end(struct fixture *f) {
    pgr_od_prompts_free(&f->prompts);
    assert_ok(pgr_remove_tree(f->dir));
}

static pgr_err build(struct fixture *f, struct script *s, const char *out, uint64_t seed, struct pgr_od_tally *t) {
    const struct pgr_od_generator g = {s, "scripted", add, wait_one};
    const struct pgr_od_cfg cfg = {.tasks_path = f->tasks,
                                   .out_path = out ? out : f->out,
                                   .prompts = &f->prompts,
                                   .bounds = pgr_od_default_bounds,
                                   .n_attempts = 3,
                                   .n_open = N_OPEN,
                                   .n_verify = f->n_verify,
                                   .sbx = f->pool,
                                   .seed = seed,
                                   .tick = keep_on,
                                   .ctx = s};
    return pgr_od_build(&cfg, &g, t);
}

static char *content(const char *path) {
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 24, &b));
    return pgr_buf_steal(&b);
}

static void nine_pairs_a_problem_that_rm_train_reads(void **state) {
    (void)state;
    struct fixture f;
    struct script s = {.bad_round = UINT32_MAX};
    struct pgr_od_tally t;
    struct pgr_pairs pairs;
    begin(&f);
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_int_equal(t.n_problem, N_TASK);
    assert_int_equal(t.n_finished, N_TASK);
    assert_int_equal(t.n_good, 7 * N_TASK);
    assert_int_equal(t.n_pair, 9 * N_TASK);
    assert_int_equal(t.n_text, s.n_asked);
    assert_int_equal(t.n_text, t.n_good + t.refused[PGR_OD_REFUSAL]);
    assert_true(t.refused[PGR_OD_REFUSAL] > 0);
    assert_int_equal(t.n_given_up, 0);
    assert_ok(pgr_pairs_load(f.out, &pairs));
    assert_int_equal(pairs.n, 9 * N_TASK);
    for (size_t i = 0; i < pairs.n; i++) {
        const struct pgr_pair *p = &pairs.pair[i], *group = &pairs.pair[i - i % 3];
        assert_int_equal(p->validation, i / 9 % 3 == 0);
        assert_string_equal(p->dimension, pgr_od_dimension_name(i / 3 % 3));
        /* (r+, r-), (r+, r0), (r0, r-) of the same three texts */
        if (i % 3 == 1) assert_string_equal(p->chosen, group[0].chosen);
        if (i % 3 == 2) assert_string_equal(p->rejected, group[0].rejected);
        if (i % 3 == 2) assert_string_equal(p->chosen, group[1].rejected);
        assert_string_equal(group[1].rejected, pairs.pair[i - i % 9 + 1].rejected); /* one base for all dimensions */
    }
    assert_string_equal(pairs.pair[0].type, "optimized>degraded");
    assert_string_equal(pairs.pair[1].type, "optimized>base");
    assert_string_equal(pairs.pair[2].type, "base>degraded");
    pgr_pairs_free(&pairs);
    char *text = content(f.out);
    assert_non_null(strstr(text, "\"generator\":\"scripted\",\"prompts\":\"od-3:"));
    assert_non_null(strstr(text, "\"seed\":1,\"parent\":\"t/0/base#"));
    free(text);
    end(&f);
}

/* A run that is stopped after any answer, in whatever order answers come, ends with the same pairs. */
static void stopped_runs_end_with_the_same_pairs(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script whole = {.bad_round = UINT32_MAX};
    assert_ok(build(&f, &whole, NULL, 1, &t));
    char *want = content(f.out);
    for (size_t step = 1; step < 20; step += 6) {
        char out[300];
        snprintf(out, sizeof out, "%s/stop%zu.jsonl", f.dir, step);
        pgr_err err = PGR_E_INTERRUPTED;
        size_t n_run = 0, told = 0;
        while (err == PGR_E_INTERRUPTED) {
            struct script s = {.stop_after = step, .newest_first = n_run % 2, .bad_round = UINT32_MAX};
            err = build(&f, &s, out, 1, &t);
            assert_int_equal(t.n_resumed, told);
            told += s.n_told;
            n_run++;
        }
        assert_ok(err);
        assert_true(n_run > 2);
        assert_int_equal(told, whole.n_told); /* nothing was asked twice */
        char *got = content(out);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    end(&f);
}

/* The journal as kill -9 may leave it: any prefix of its bytes. */
static void any_prefix_of_the_journal_goes_on(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script s = {.bad_round = UINT32_MAX};
    assert_ok(build(&f, &s, NULL, 1, &t));
    char *want = content(f.out), *journal = content(f.journal);
    size_t n = strlen(journal);
    for (size_t cut = 0; cut <= n; cut += cut < 400 ? 13 : 997) {
        assert_int_equal(truncate(f.journal, 0), 0);
        assert_ok(pgr_file_write_atomic(f.journal, journal, cut));
        assert_int_equal(unlink(f.out), 0);
        struct script again = {.bad_round = UINT32_MAX};
        assert_ok(build(&f, &again, NULL, 1, &t));
        char *got = content(f.out);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    free(journal);
    end(&f);
}

static void a_journal_of_other_settings_is_refused(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script s = {.bad_round = UINT32_MAX};
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_fails_with(build(&f, &s, NULL, 2, &t), PGR_E_FORMAT, "begun with \"seed\" 1, now it is 2");
    assert_ok(pgr_file_write_atomic(f.journal, "{\"no\":1}\n", 9));
    assert_fails_with(build(&f, &s, NULL, 1, &t), PGR_E_FORMAT, "begun with \"od\" absent");
    assert_ok(pgr_file_write_atomic(f.journal, "nothing\n", 8));
    assert_fails_with(build(&f, &s, NULL, 1, &t), PGR_E_FORMAT, "texts.jsonl:1");
    end(&f);
}

static void what_fails_always_is_given_up(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script s = {.bad_round = 2}; /* the degraded rewrite of the first dimension */
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_int_equal(t.n_given_up, N_TASK);
    assert_int_equal(t.n_pair, 7 * N_TASK); /* without (r+, r-) and (r0, r-) of one dimension */
    struct script base = {.bad_round = 0};
    snprintf(f.out, sizeof f.out, "%s/none.jsonl", f.dir);
    assert_ok(build(&f, &base, NULL, 1, &t));
    assert_int_equal(base.n_asked, 3 * N_TASK);
    assert_int_equal(t.refused[PGR_OD_REFUSAL], 3 * N_TASK);
    assert_int_equal(t.n_pair, 0);
    struct script too_long = {.bad_round = UINT32_MAX, .too_long = true};
    snprintf(f.out, sizeof f.out, "%s/long.jsonl", f.dir);
    assert_ok(build(&f, &too_long, NULL, 1, &t));
    assert_int_equal(t.n_too_long, N_TASK);
    assert_int_equal(t.n_pair, 7 * N_TASK);
    end(&f);
}

static void bytes_that_are_no_text_are_refused(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script s = {.bad_round = UINT32_MAX, .tail = "\xff\xfe"};
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_int_equal(t.refused[PGR_OD_MARKUP], 3 * N_TASK);
    assert_int_equal(t.n_pair, 0);
    end(&f);
}

static void problems_alone_are_enough(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    begin(&f);
    struct script s = {.bad_round = UINT32_MAX};
    static const char tasks[] =
        "{\"id\":\"a\",\"prompt\":\"One\"}\n{\"id\":\"b\",\"problem\":\"Two\",\"split\":\"validation\"}\n";
    assert_ok(pgr_file_write_atomic(f.tasks, tasks, strlen(tasks)));
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_int_equal(t.n_pair, 18);
    f.n_verify = 1;
    assert_fails_with(build(&f, &s, NULL, 1, &t), PGR_E_FORMAT, "task a has no tests of code, which --verify needs");
    assert_ok(pgr_file_write_atomic(f.tasks, "{\"id\":\"a\"}\n", 11));
    assert_fails_with(build(&f, &s, NULL, 1, &t), PGR_E_FORMAT, "missing key \"prompt\"");
    end(&f);
}

static void pairs_stay_whose_pass_rates_point_the_right_way(void **state) {
    (void)state;
    struct fixture f;
    struct pgr_od_tally t;
    struct pgr_pairs pairs;
    begin(&f);
    const struct pgr_sbx_cfg cfg = {.n_cells = 2};
    pgr_err err = pgr_sbx_open(&cfg, &f.pool);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        end(&f);
        skip();
    }
    assert_int_equal(err, PGR_OK);
    struct script s = {.bad_round = UINT32_MAX}, later = s;
    f.n_verify = 2;
    assert_ok(build(&f, &s, NULL, 1, &t));
    assert_int_equal(t.n_solution, 14 * N_TASK);
    assert_int_equal(t.n_solution_passed, (1 + 3 * 2 + 2) * N_TASK);
    assert_int_equal(t.n_pair, 7 * N_TASK);
    assert_int_equal(t.n_unproved, 2 * N_TASK); /* of the second dimension: (r+, r-) and (r0, r-) */
    assert_ok(pgr_pairs_load(f.out, &pairs));
    for (size_t i = 0; i < pairs.n; i++)
        if (strcmp(pairs.pair[i].dimension, pgr_od_dimension_name(1)) == 0)
            assert_string_equal(pairs.pair[i].type, "optimized>base");
    pgr_pairs_free(&pairs);
    char *want = content(f.out), *journal = content(f.journal);
    assert_non_null(strstr(want, "\"chosen_passed\":[2,2],\"rejected_passed\":[0,2]"));
    for (size_t cut = 0, n = strlen(journal); cut <= n; cut += 3011) {
        assert_ok(pgr_file_write_atomic(f.journal, journal, cut));
        struct script again = {.bad_round = UINT32_MAX, .newest_first = true};
        assert_ok(build(&f, &again, NULL, 1, &t));
        char *got = content(f.out);
        assert_string_equal(got, want);
        free(got);
    }
    /* Verified later: the texts are there, only solutions are asked for. */
    snprintf(f.out, sizeof f.out, "%s/later.jsonl", f.dir);
    f.n_verify = 0;
    assert_ok(build(&f, &later, NULL, 1, &t));
    assert_int_equal(t.n_pair, 9 * N_TASK);
    later.n_asked = 0;
    f.n_verify = 2;
    assert_ok(build(&f, &later, NULL, 1, &t));
    assert_int_equal(later.n_asked, 14 * N_TASK);
    char *got = content(f.out);
    assert_string_equal(got, want);
    free(got);
    free(want);
    free(journal);
    pgr_sbx_close(f.pool);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_pairs_a_problem_that_rm_train_reads),
        cmocka_unit_test(stopped_runs_end_with_the_same_pairs),
        cmocka_unit_test(any_prefix_of_the_journal_goes_on),
        cmocka_unit_test(a_journal_of_other_settings_is_refused),
        cmocka_unit_test(what_fails_always_is_given_up),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(problems_alone_are_enough),
        cmocka_unit_test(pairs_stay_whose_pass_rates_point_the_right_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
