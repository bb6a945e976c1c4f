/* test_gen.c - rollouts of tiny random models: the same tokens whatever the batch and the cache budget, the trainer's
 * log-probabilities, stopping, order, refusals. */
#include "test.h"

#include <math.h>

#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/gen.h"
#include "gen/tiny.h"

enum { N_PROMPT = 6, MAX_PROMPT = 90, N_STOP = 40 };

struct task {
    struct pgr_prompt prompt[N_PROMPT];
    int32_t token[N_PROMPT][MAX_PROMPT];
    int32_t stop[N_STOP];
    struct pgr_sampling how;
    size_t n_total;
};

/* Prompts of very different lengths and sample counts; stop ids make up a share of a near flat distribution, so that
 * completions end at different places. */
static void make_task(struct task *t, size_t n_vocab) {
    static const size_t len[N_PROMPT] = {5, 1, 90, 33, 32, 64}, samples[N_PROMPT] = {4, 3, 2, 1, 5, 8};
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < N_PROMPT; i++) {
        for (size_t k = 0; k < len[i]; k++)
            t->token[i][k] =
                (int32_t)(pgr_rng_uniform(1, PGR_RNG_TEST, (uint32_t)i, (uint32_t)k, 0, 0) * (double)n_vocab);
        t->prompt[i] = (struct pgr_prompt){t->token[i], len[i], samples[i], 100 + (uint32_t)i};
        t->n_total += samples[i];
    }
    for (size_t i = 0; i < N_STOP; i++) t->stop[i] = (int32_t)(i * n_vocab / N_STOP);
    t->how = (struct pgr_sampling){.temperature = 1.0f,
                                   .top_p = 1.0f,
                                   .repetition_penalty = 1.0f,
                                   .max_tokens = 40,
                                   .stop_id = t->stop,
                                   .n_stop_id = N_STOP,
                                   .seed = 42,
                                   .step = 7};
}

enum { MAX_DONE = 64 };

struct result {
    struct pgr_completion done[MAX_DONE]; /* in order of prompt and sample */
    size_t order[MAX_DONE];               /* prompt * 100 + sample, as they finished */
    size_t n;
    size_t stop_after; /* tokens; 0 = never */
    size_t max_active;
};

static pgr_err keep(void *ctx, struct pgr_completion *c) {
    struct result *r = ctx;
    if (r->n == MAX_DONE) return pgr_fail(PGR_E_INTERNAL, "more completions than asked for");
    r->order[r->n] = c->prompt * 100 + c->sample;
    size_t at = r->n++;
    while (at > 0 && (r->done[at - 1].prompt > c->prompt ||
                      (r->done[at - 1].prompt == c->prompt && r->done[at - 1].sample > c->sample))) {
        r->done[at] = r->done[at - 1];
        at--;
    }
    r->done[at] = *c;
    return PGR_OK;
}

static bool count(void *ctx, size_t n_active, size_t n_done, size_t n_tokens) {
    struct result *r = ctx;
    assert_int_equal(n_done, r->n);
    r->max_active = pgr_max(r->max_active, n_active);
    return r->stop_after == 0 || n_tokens < r->stop_after;
}

static void clear(struct result *r) {
    for (size_t i = 0; i < r->n; i++) pgr_completion_free(&r->done[i]);
    memset(r, 0, sizeof *r);
}

static void assert_same(const struct result *a, const struct result *b, const char *what) {
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct pgr_completion *x = &a->done[i], *y = &b->done[i];
        if (x->prompt != y->prompt || x->sample != y->sample || x->n_tok != y->n_tok || x->finish != y->finish ||
            memcmp(x->token, y->token, x->n_tok * sizeof *x->token) != 0)
            fail_msg("%s: prompt %zu sample %zu has other tokens", what, x->prompt, x->sample);
        if (memcmp(x->logp, y->logp, x->n_tok * sizeof *x->logp) != 0)
            fail_msg("%s: prompt %zu sample %zu has other log-probabilities", what, x->prompt, x->sample);
    }
}

static void batch_and_budget_do_not_change_a_token(void **state) {
    (void)state;
    static const enum pgr_dtype types[] = {PGR_F32, PGR_BF16};
    for (size_t k = 0; k < PGR_COUNT(types); k++) {
        struct pgr_model *m = tiny_model(PGR_ARCH_QWEN2, types[k]);
        struct task t;
        make_task(&t, m->cfg.n_vocab);
        struct result first = {.n = 0}, r = {.n = 0};
        struct pgr_gen_stats st;
        struct pgr_gen_opts o = {.max_batch = 64, .stats = &st};
        assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &first));
        assert_int_equal(first.n, t.n_total);
        assert_true(first.max_active > t.n_total / 2); /* some end in their first step */
        size_t n_tok = 0, n_stopped = 0;
        for (size_t i = 0; i < first.n; i++) {
            n_tok += first.done[i].n_tok;
            n_stopped += first.done[i].finish == PGR_FINISH_STOP;
        }
        assert_int_equal(st.n_decode_tok, n_tok);
        assert_true(n_stopped > 3 && n_stopped < first.n); /* both ways of ending occur */
        /* Each shared prompt once, and its last token for each sample. */
        assert_int_equal(st.n_prompt_tok, (4 + 4) + 3 + (89 + 2) + 33 + (31 + 5) + (63 + 8));

        size_t page = pgr_kv_bytes(&m->cfg, m->dtype, 1);
        static const size_t batches[] = {1, 3, 64, 64, 3}, pages[] = {0, 0, 12, 6, 7};
        for (size_t i = 0; i < PGR_COUNT(batches); i++) {
            o = (struct pgr_gen_opts){.max_batch = batches[i], .kv_bytes = pages[i] * page, .stats = &st};
            assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &r));
            assert_same(&first, &r, "other batch or budget");
            assert_true(r.max_active <= batches[i]);
            if (pages[i]) assert_true(st.peak_pages <= pages[i]);
            clear(&r);
        }
        for (size_t threads = 1; threads <= 3; threads += 2) {
            pgr_par_set_threads(threads);
            o = (struct pgr_gen_opts){.max_batch = 5};
            assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &r));
            assert_same(&first, &r, "other number of threads");
            clear(&r);
        }
        pgr_par_set_threads(2);
        clear(&first);
        pgr_model_free(m);
    }
}

static void the_key_names_the_draw(void **state) {
    (void)state;
    struct pgr_model *m = tiny_model(PGR_ARCH_LLAMA, PGR_BF16);
    struct task t;
    make_task(&t, m->cfg.n_vocab);
    struct pgr_gen_opts o = {.max_batch = 8};
    struct result first = {.n = 0}, r = {.n = 0};
    struct pgr_prompt p[2] = {t.prompt[5], t.prompt[5]};
    assert_ok(pgr_generate(m, NULL, &o, &t.how, p, 2, keep, NULL, &first));
    /* The same prompt under the same key: the same samples. The samples of a prompt differ. */
    for (size_t s = 0; s < 8; s++) {
        assert_int_equal(first.done[s].n_tok, first.done[8 + s].n_tok);
        assert_memory_equal(first.done[s].token, first.done[8 + s].token, first.done[s].n_tok * sizeof(int32_t));
        for (size_t q = 0; q < s; q++)
            assert_false(first.done[q].n_tok == first.done[s].n_tok &&
                         memcmp(first.done[q].token, first.done[s].token, first.done[s].n_tok * sizeof(int32_t)) == 0);
    }
    /* Another seed, step or key: other samples. */
    for (size_t k = 0; k < 3; k++) {
        struct pgr_sampling how = t.how;
        struct pgr_prompt q = t.prompt[5];
        if (k == 0) how.seed++;
        if (k == 1) how.step++;
        if (k == 2) q.key++;
        assert_ok(pgr_generate(m, NULL, &o, &how, &q, 1, keep, NULL, &r));
        size_t n_same = 0;
        for (size_t s = 0; s < 8; s++)
            n_same += first.done[s].n_tok == r.done[s].n_tok &&
                      memcmp(first.done[s].token, r.done[s].token, r.done[s].n_tok * sizeof(int32_t)) == 0;
        assert_int_equal(n_same, 0);
        clear(&r);
    }
    clear(&first);
    pgr_model_free(m);
}

/* The trainer computes a group as packed segments: the prompt, then the completions as its children. */
static void recorded_logp_has_the_bits_of_the_trainer(void **state) {
    (void)state;
    static const struct {
        enum pgr_arch arch;
        enum pgr_dtype dtype;
        float temperature, top_p;
    } kinds[] = {{PGR_ARCH_QWEN2, PGR_F32, 1.0f, 1.0f},
                 {PGR_ARCH_QWEN2, PGR_BF16, 1.0f, 1.0f},
                 {PGR_ARCH_QWEN3, PGR_BF16, 0.7f, 0.9f},
                 {PGR_ARCH_LLAMA, PGR_F32, 1.3f, 0.95f},
                 {PGR_ARCH_LLAMA, PGR_BF16, 0.0f, 1.0f}};
    for (size_t k = 0; k < PGR_COUNT(kinds); k++) {
        struct pgr_model *m = tiny_model(kinds[k].arch, kinds[k].dtype);
        struct task t;
        make_task(&t, m->cfg.n_vocab);
        t.how.temperature = kinds[k].temperature;
        t.how.top_p = kinds[k].top_p;
        t.how.repetition_penalty = k == 2 ? 1.2f : 1.0f;
        struct pgr_gen_opts o = {.max_batch = 9};
        struct result r = {.n = 0};
        assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, NULL, &r));

        enum { MAX_TOK = 4000 };
        static int32_t token[MAX_TOK], target[MAX_TOK], parent[MAX_DONE];
        static uint32_t row[MAX_TOK];
        static float logp[MAX_TOK];
        static size_t start[MAX_DONE + 1];
        size_t n_tok = 0, n_seg = 0, n_row = 0;
        for (size_t p = 0, c = 0; p < N_PROMPT; p++) {
            size_t root = n_seg, prompt_end = n_tok + t.prompt[p].n_tok;
            memcpy(token + n_tok, t.prompt[p].token, t.prompt[p].n_tok * sizeof *token);
            parent[n_seg] = -1;
            start[n_seg++] = n_tok;
            n_tok = prompt_end;
            for (; c < r.n && r.done[c].prompt == p; c++) {
                parent[n_seg] = (int32_t)root;
                start[n_seg++] = n_tok;
                for (size_t i = 0; i < r.done[c].n_tok; i++) {
                    assert_true(n_tok < MAX_TOK);
                    row[n_row] = (uint32_t)(i == 0 ? prompt_end - 1 : n_tok - 1);
                    target[n_row++] = r.done[c].token[i];
                    token[n_tok++] = r.done[c].token[i];
                }
            }
        }
        start[n_seg] = n_tok;
        struct pgr_work_opts wo = {.max_tok = n_tok, .max_seg = n_seg};
        struct pgr_batch b = {n_tok, token, {n_seg, start, parent}};
        struct pgr_work *w;
        assert_ok(pgr_work_new(m, &wo, &w));
        assert_ok(pgr_forward(m, w, &b));
        float temperature = kinds[k].temperature > 0.0f ? kinds[k].temperature : 1.0f;
        assert_ok(pgr_head_logp(m, w, n_row, row, target, temperature, logp, NULL, NULL, NULL, NULL));
        size_t at = 0, n_differ = 0;
        double worst = 0;
        for (size_t c = 0; c < r.n; c++)
            for (size_t i = 0; i < r.done[c].n_tok; i++, at++) {
                n_differ += memcmp(&logp[at], &r.done[c].logp[i], sizeof *logp) != 0;
                worst = fmax(worst, fabs((double)logp[at] - (double)r.done[c].logp[i]));
            }
        assert_int_equal(at, n_row);
        if (n_differ) fail_msg("kind %zu: %zu of %zu tokens differ, by up to %.3g", k, n_differ, n_row, worst);
        pgr_work_free(w);
        clear(&r);
        pgr_model_free(m);
    }
}

static void a_sampled_token_has_the_probability_it_says(void **state) {
    (void)state;
    /* Greedy decoding of a model: every token is the argmax of the full logits that inference gives for the prefix. */
    struct pgr_model *m = tiny_model(PGR_ARCH_QWEN2, PGR_BF16);
    struct task t;
    make_task(&t, m->cfg.n_vocab);
    t.how.temperature = 0.0f;
    t.how.n_stop_id = 0;
    t.how.max_tokens = 12;
    struct pgr_gen_opts o = {.max_batch = 2};
    struct result r = {.n = 0};
    assert_ok(pgr_generate(m, NULL, &o, &t.how, &t.prompt[3], 1, keep, NULL, &r));
    assert_int_equal(r.n, 1);
    assert_int_equal(r.done[0].n_tok, 12);
    assert_int_equal(r.done[0].finish, PGR_FINISH_LENGTH);
    assert_int_equal(r.done[0].text_bytes, 0);
    struct pgr_kv *kv;
    struct pgr_infer *inf;
    assert_ok(pgr_kv_new(m, 8, 1, 100, &kv));
    assert_ok(pgr_infer_new(m, kv, 100, &inf));
    float *logits = pgr_alloc_array(m->cfg.n_vocab, sizeof *logits);
    size_t s;
    assert_ok(pgr_kv_open(kv, &s));
    struct pgr_feed feed = {s, t.prompt[3].token, t.prompt[3].n_tok};
    for (size_t i = 0; i < 12; i++) {
        assert_ok(pgr_infer_step(inf, 1, &feed));
        pgr_infer_logits(inf, 0, 1, logits);
        size_t best = 0;
        double z = 0;
        for (size_t j = 1; j < m->cfg.n_vocab; j++)
            if (logits[j] > logits[best]) best = j;
        for (size_t j = 0; j < m->cfg.n_vocab; j++) z += exp((double)logits[j] - (double)logits[best]);
        assert_int_equal(r.done[0].token[i], best);
        assert_true(fabs((double)r.done[0].logp[i] + log(z)) < 1e-4);
        feed = (struct pgr_feed){s, &r.done[0].token[i], 1};
    }
    pgr_free(logits);
    pgr_infer_free(inf);
    pgr_kv_free(kv);
    clear(&r);
    pgr_model_free(m);
}

static void a_place_is_refilled_at_once(void **state) {
    (void)state;
    struct pgr_model *m = tiny_model(PGR_ARCH_LLAMA, PGR_BF16);
    struct task t;
    make_task(&t, m->cfg.n_vocab);
    struct pgr_prompt many[20];
    for (size_t i = 0; i < 20; i++) many[i] = (struct pgr_prompt){t.token[0], 5, 1, (uint32_t)i};
    struct result r = {.n = 0};
    struct pgr_gen_stats st;
    struct pgr_gen_opts o = {.max_batch = 4, .stats = &st};
    assert_ok(pgr_generate(m, NULL, &o, &t.how, many, 20, keep, count, &r));
    assert_int_equal(r.n, 20);
    /* With every place always taken, the steps are those of the fullest place when each next completion goes to the
     * place that comes free first. */
    size_t ends[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < 20; i++) {
        size_t soonest = 0;
        for (size_t q = 1; q < 4; q++)
            if (ends[q] < ends[soonest]) soonest = q;
        ends[soonest] += r.done[i].n_tok;
    }
    size_t longest = pgr_max(pgr_max(ends[0], ends[1]), pgr_max(ends[2], ends[3]));
    assert_int_equal(st.n_step, longest);
    clear(&r);
    pgr_model_free(m);
}

static void the_caller_can_stop(void **state) {
    (void)state;
    struct pgr_model *m = tiny_model(PGR_ARCH_LLAMA, PGR_BF16);
    struct task t;
    make_task(&t, m->cfg.n_vocab);
    struct result all = {.n = 0};
    struct pgr_gen_opts wide = {.max_batch = 64};
    assert_ok(pgr_generate(m, NULL, &wide, &t.how, t.prompt, N_PROMPT, keep, count, &all));
    for (size_t batch = 1; batch <= 5; batch += 4)
        for (size_t stop = 1; stop < 120; stop += 29) {
            struct result r = {.stop_after = stop};
            struct pgr_gen_opts o = {.max_batch = batch};
            assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &r));
            assert_true(r.n > 0 && r.n < t.n_total);
            size_t n_tok = 0;
            for (size_t i = 0; i < r.n; i++) {
                const struct pgr_completion *c = &r.done[i], *full = NULL;
                for (size_t q = 0; q < all.n; q++)
                    if (all.done[q].prompt == c->prompt && all.done[q].sample == c->sample) full = &all.done[q];
                assert_non_null(full);
                n_tok += c->n_tok;
                if (c->finish == PGR_FINISH_STOPPED_BY_CALLER)
                    assert_true(c->n_tok < full->n_tok);
                else
                    assert_int_equal(c->n_tok, full->n_tok);
                assert_memory_equal(c->token, full->token, c->n_tok * sizeof *c->token);
            }
            assert_true(n_tok >= stop && n_tok < stop + batch);
            clear(&r);
        }
    clear(&all);
    pgr_model_free(m);
}

static pgr_err refuse(void *ctx, struct pgr_completion *c) {
    (void)ctx;
    pgr_completion_free(c);
    return pgr_fail(PGR_E_IO, "the receiver is full");
}

static void bad_requests_are_refused(void **state) {
    (void)state;
    struct pgr_model *m = tiny_model(PGR_ARCH_LLAMA, PGR_BF16);
    struct task t;
    make_task(&t, m->cfg.n_vocab);
    struct result r = {.n = 0};
    struct pgr_gen_opts o = {.max_batch = 4, .max_len = 90};
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &r), PGR_E_RANGE,
                      "prompt 2 has 90 tokens");
    o.max_len = 0;
    int32_t bad[2] = {1, (int32_t)m->cfg.n_vocab};
    struct pgr_prompt p = {bad, 2, 1, 0};
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, &p, 1, keep, count, &r), PGR_E_RANGE,
                      "token 1 has id 1100, the model's vocabulary has 1100");
    bad[1] = -1;
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, &p, 1, keep, count, &r), PGR_E_RANGE, "id -1");
    o.kv_bytes = 4 * pgr_kv_bytes(&m->cfg, m->dtype, 1);
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, t.prompt, N_PROMPT, keep, count, &r), PGR_E_RANGE,
                      "need 6 cache pages of 32 tokens, the budget holds 4");
    o.kv_bytes = 10;
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, t.prompt, 1, keep, count, &r), PGR_E_RANGE, "kv_bytes is 10");
    o.kv_bytes = 0;
    static const char *const stop[] = {"x"};
    struct pgr_sampling how = t.how;
    how.stop = stop;
    how.n_stop = 1;
    assert_fails_with(pgr_generate(m, NULL, &o, &how, t.prompt, 1, keep, count, &r), PGR_E_RANGE, "tokenizer");
    assert_fails_with(pgr_generate(m, NULL, &o, &t.how, t.prompt, 1, refuse, NULL, NULL), PGR_E_IO, "receiver");
    assert_ok(pgr_generate(m, NULL, &o, &t.how, t.prompt, 0, keep, count, &r));
    assert_int_equal(r.n, 0);
    /* A completion that reaches max_len ends there. */
    o.max_len = 92;
    t.how.n_stop_id = 0;
    assert_ok(pgr_generate(m, NULL, &o, &t.how, &t.prompt[2], 1, keep, count, &r));
    assert_int_equal(r.n, 2);
    assert_int_equal(r.done[0].n_tok, 2);
    assert_int_equal(r.done[0].finish, PGR_FINISH_LENGTH);
    clear(&r);
    pgr_model_free(m);
}

int main(void) {
    pgr_par_set_threads(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_and_budget_do_not_change_a_token),
        cmocka_unit_test(the_key_names_the_draw),
        cmocka_unit_test(recorded_logp_has_the_bits_of_the_trainer),
        cmocka_unit_test(a_sampled_token_has_the_probability_it_says),
        cmocka_unit_test(a_place_is_refilled_at_once),
        cmocka_unit_test(the_caller_can_stop),
        cmocka_unit_test(bad_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
