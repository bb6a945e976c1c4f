/* lcbrb_sample.c - asking for answers, running their code or comparing their final answers, and the samples of a
 * journal. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "pref/lcbrb_state.h"
#include "pref/od_check.h"
#include "pref/run_code.h"
#include "task/answer.h"
#include "text/think.h"

/* Random numbers: round 0 is the solutions', lcbrb_choose.c has the others. */
enum { SOLVE_ROUND = 0 };
static const char answer_end[] = "</answer>";

static bool is_blank(struct pgr_span x) {
    for (size_t i = 0; i < x.n; i++)
        if (!strchr(" \t\n\v\f\r", x.at[i]) || !x.at[i]) return false;
    return true;
}

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory"); }

static void forget_texts(struct pgr_lcbrb_sample *x) {
    pgr_free(x->reasoning);
    pgr_free(x->code);
    x->reasoning = x->code = NULL;
}

void pgr_lcbrb_free_samples(struct pgr_lcbrb_problem *p, size_t n) {
    for (size_t i = 0; p->sample && i < n; i++) {
        forget_texts(&p->sample[i]);
        json_decref(p->sample[i].text);
        pgr_free(p->sample[i].detail);
    }
    pgr_free(p->sample);
    pgr_free(p->superior);
    pgr_free(p->inferior);
    p->sample = NULL;
    p->superior = p->inferior = NULL;
}

/* Whether the name of n bytes at s, within code, is being defined there. */
static bool is_definition(const char *code, const char *s, size_t n) {
    size_t before = (size_t)(s - code), blank = strspn(s + n, " \t");
    while (before > 0 && (code[before - 1] == ' ' || code[before - 1] == '\t')) before--;
    return (before >= 3 && memcmp(code + before - 3, "def", 3) == 0) ||
           (before >= 5 && memcmp(code + before - 5, "class", 5) == 0) ||
           (s[n + blank] == '=' && s[n + blank + 1] != '=');
}

/* Whether a source defines the first name of "Solution().f" or "f", as far as its text tells. */
static bool defines(const char *code, const char *entry_point) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t n = strspn(entry_point, letters), len;
    for (const char *s = code; n > 0 && *s; s += len ? len : 1) {
        len = strspn(s, letters);
        if (len == n && memcmp(s, entry_point, n) == 0 && is_definition(code, s, n)) return true;
    }
    return n == 0;
}

/* Whether a reasoning says something of its own: it may repeat neither what it was asked with, the example of the
 * directions for instance, nor mostly the problem. UNFIT: it does. */
static pgr_err judge_words(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, const char *text,
                           enum pgr_lcbrb_state *out) {
    const struct pgr_lcbrb_prompts *d = s->cfg->prompts;
    const char *const code[] = {d->system, d->solve, d->form_starter, d->form_stdin, NULL};
    const char *const math[] = {d->math_system, d->math_solve, NULL};
    double said = 0, share, own;
    for (const char *const *at = p->task.kind == PGR_TASK_MATH ? math : code; *at; at++) {
        PGR_TRY(pgr_od_share_of(text, *at, &share));
        said += share;
    }
    PGR_TRY(pgr_od_share_of(text, p->task.prompt, &own));
    *out = said > own ? PGR_LCBRB_ECHO : own > s->cfg->max_problem ? PGR_LCBRB_RESTATED : PGR_LCBRB_UNFIT;
    return PGR_OK;
}

/* Compares a final answer with the task's. */
static pgr_err judge_final(const struct pgr_lcbrb_problem *p, struct pgr_lcbrb_sample *x) {
    struct pgr_buf b = PGR_BUF_INIT;
    struct pgr_sbx_result r;
    bool undecided = false;
    pgr_buf_addf(&b, "<answer>%s</answer>", x->code);
    pgr_err err = pgr_buf_ok(&b);
    if (err == PGR_OK) err = pgr_task_judge_answer(&p->task, b.data, b.len, &r, &undecided);
    pgr_buf_free(&b);
    PGR_TRY(err);
    x->verdict = r.verdict;
    x->state = r.verdict == PGR_V_ACCEPTED ? PGR_LCBRB_PASSED
               : undecided                 ? PGR_LCBRB_UNDECIDED
               : r.got                     ? PGR_LCBRB_FAILED
                                           : PGR_LCBRB_FORMLESS;
    x->detail = r.detail;
    r.detail = NULL;
    pgr_sbx_result_free(&r);
    return PGR_OK;
}

/* Takes an answer apart. UNFIT, with reasoning and code, is one that can run; a final answer is judged at once. */
static pgr_err read_answer(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, struct pgr_lcbrb_sample *x,
                           const char *text, size_t n) {
    struct pgr_think t;
    enum pgr_lcbrb_state words;
    pgr_think_parse(text, n, &t);
    bool math = p->task.kind == PGR_TASK_MATH;
    struct pgr_span code = !t.has_answer ? (struct pgr_span){"", 0} : math ? t.answer : pgr_answer_code(t.answer);
    x->state = x->cut ? PGR_LCBRB_CUT : PGR_LCBRB_FORMLESS;
    if (x->cut || !t.has_think || is_blank(t.think) || is_blank(code) || memchr(t.think.at, '\0', t.think.n) ||
        memchr(code.at, '\0', code.n))
        return PGR_OK;
    x->reasoning = pgr_strndup(t.think.at, t.think.n);
    x->code = pgr_strndup(code.at, code.n);
    if (!x->reasoning || !x->code) return no_memory();
    PGR_TRY(judge_words(s, p, x->reasoning, &words));
    if (p->task.entry_point && !defines(x->code, p->task.entry_point))
        x->state = PGR_LCBRB_FORMLESS;
    else if (pgr_od_count_words(x->reasoning) < s->cfg->min_words)
        x->state = PGR_LCBRB_SHORT;
    else
        x->state = words;
    if (x->state == PGR_LCBRB_UNFIT && math) {
        PGR_TRY(judge_final(p, x));
        if (x->state != PGR_LCBRB_FORMLESS) return PGR_OK;
    }
    if (x->state != PGR_LCBRB_UNFIT) forget_texts(x);
    return PGR_OK;
}

/* A sample is complete. */
static void settle(struct pgr_lcbrb *s, struct pgr_lcbrb_sample *x) {
    json_decref(x->text);
    x->text = NULL;
    x->have = true;
    s->tally->n_sample++;
    s->tally->state[x->state]++;
}

static pgr_err settle_new(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t sample) {
    struct pgr_lcbrb_sample *x = &p->sample[sample];
    if (x->lost)
        s->tally->n_lost++;
    else
        PGR_TRY(pgr_od_journal_add(&s->journal, pgr_lcbrb_sample_line(p, sample)));
    settle(s, x);
    return --p->n_open == 0 ? pgr_lcbrb_sample_more(s, p) : PGR_OK;
}

/* ---- asking ---- */

static bool has_enough(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p) {
    size_t n[PGR_LCBRB_N_STATE] = {0};
    for (size_t i = 0; i < p->n_asked; i++) n[p->sample[i].state]++;
    return n[PGR_LCBRB_PASSED] >= s->cfg->enough && n[PGR_LCBRB_FAILED] >= s->cfg->enough;
}

static pgr_err ask(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, const char *user, size_t from, size_t n,
                   bool *fits) {
    const struct pgr_od_question q = {.tag = 2 * p->number,
                                      .system = pgr_lcbrb_solve_system(s->cfg->prompts, &p->task),
                                      .user = user,
                                      .key = p->key,
                                      .round = SOLVE_ROUND,
                                      .n_samples = n,
                                      .first_sample = from,
                                      .stop = answer_end};
    PGR_TRY(s->gen->add(s->gen->ctx, &q, fits));
    if (*fits) {
        s->n_gen_open += n;
        p->n_open += n;
    }
    return PGR_OK;
}

/* Those of samples [from, to) that are missing; neighbours share a question. */
static pgr_err ask_missing(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t from, size_t to, bool *fits) {
    struct pgr_buf user = PGR_BUF_INIT;
    pgr_err err = pgr_lcbrb_render_solve(s->cfg->prompts, &p->task, &user);
    *fits = true;
    for (size_t i = from, n; err == PGR_OK && *fits && i < to; i += n) {
        for (n = 0; i + n < to && !p->sample[i + n].have; n++) continue;
        if (n)
            err = ask(s, p, pgr_buf_str(&user), i, n, fits);
        else
            n = 1;
    }
    pgr_buf_free(&user);
    return err;
}

pgr_err pgr_lcbrb_sample_more(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p) {
    const struct pgr_lcbrb_cfg *cfg = s->cfg;
    for (;;) {
        size_t from = p->n_asked, to = cfg->enough ? pgr_min(from + cfg->step, cfg->n_samples) : cfg->n_samples;
        bool fits;
        if (from == cfg->n_samples || (cfg->enough && from > 0 && has_enough(s, p))) return pgr_lcbrb_choose(s, p);
        PGR_TRY(ask_missing(s, p, from, to, &fits));
        p->n_asked = to;
        if (!fits) {
            p->too_long = true;
            return pgr_lcbrb_choose(s, p);
        }
        if (p->n_open > 0) return PGR_OK;
    }
}

/* ---- answers and verdicts ---- */

static pgr_err run(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, size_t sample) {
    PGR_TRY(pgr_run_code(s->sbx, &p->task, p->sample[sample].code, s->cfg->cpu_s, s->cfg->memory_bytes,
                         (uint64_t)p->number * PGR_LCBRB_MAX_SAMPLES + sample));
    s->n_run++;
    return PGR_OK;
}

pgr_err pgr_lcbrb_take_answer(struct pgr_lcbrb *s, const struct pgr_od_answer *a) {
    struct pgr_lcbrb_problem *p = s->problem[a->tag / 2];
    struct pgr_lcbrb_sample *x = &p->sample[a->sample];
    s->n_gen_open--;
    s->tally->n_token += a->n_tokens;
    /* What the journal can hold is what is read, so that a resumed run sees the same text. */
    x->text = pgr_json_bytes(a->text, a->n_bytes);
    if (!x->text) return no_memory();
    x->cut = a->cut;
    x->lost = a->refused;
    x->n_tokens = a->n_tokens;
    PGR_TRY(read_answer(s, p, x, json_string_value(x->text), json_string_length(x->text)));
    return x->state == PGR_LCBRB_UNFIT ? run(s, p, a->sample) : settle_new(s, p, a->sample);
}

static enum pgr_lcbrb_state state_of(pgr_verdict v) {
    switch (v) {
    case PGR_V_ACCEPTED: return PGR_LCBRB_PASSED;
    case PGR_V_COMPILE_ERROR:
    case PGR_V_VIOLATION:
    case PGR_V_INTERNAL_ERROR: return PGR_LCBRB_UNFIT;
    default: return PGR_LCBRB_FAILED;
    }
}

pgr_err pgr_lcbrb_take_verdict(struct pgr_lcbrb *s, struct pgr_sbx_result *r) {
    struct pgr_lcbrb_problem *p = s->problem[r->tag / PGR_LCBRB_MAX_SAMPLES];
    size_t sample = r->tag % PGR_LCBRB_MAX_SAMPLES;
    struct pgr_lcbrb_sample *x = &p->sample[sample];
    s->n_run--;
    x->verdict = r->verdict;
    x->state = state_of(r->verdict);
    x->lost = r->verdict == PGR_V_INTERNAL_ERROR;
    x->detail = r->detail;
    r->detail = NULL;
    x->n_passed = r->n_passed;
    x->n_tests = r->n_tests;
    return settle_new(s, p, sample);
}

/* ---- the journal ---- */

static pgr_err replay_sample(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, const json_t *o, const char *where) {
    size_t sample, i = 0;
    const char *text, *state, *verdict = NULL, *detail = NULL;
    PGR_TRY(pgr_json_size(o, where, "sample", 0, PGR_LCBRB_MAX_SAMPLES - 1, &sample));
    PGR_TRY(pgr_json_str(o, where, "text", &text));
    PGR_TRY(pgr_json_str(o, where, "state", &state));
    PGR_TRY(pgr_json_str_opt(o, where, "verdict", &verdict));
    PGR_TRY(pgr_json_str_opt(o, where, "detail", &detail));
    if (sample >= s->cfg->n_samples) return PGR_OK;
    struct pgr_lcbrb_sample *x = &p->sample[sample];
    if (x->have) return pgr_fail(PGR_E_FORMAT, "%s: sample %zu of task %.100s stands twice", where, sample, p->task.id);
    PGR_TRY(pgr_json_bool_opt(o, where, "cut", &x->cut));
    PGR_TRY(pgr_json_size_opt(o, where, "passed", 0, SIZE_MAX, &x->n_passed));
    PGR_TRY(pgr_json_size_opt(o, where, "tests", 0, SIZE_MAX, &x->n_tests));
    PGR_TRY(read_answer(s, p, x, text, json_string_length(json_object_get(o, "text"))));
    if (p->task.kind == PGR_TASK_MATH) { /* judged anew */
        settle(s, x);
        s->tally->n_resumed++;
        return PGR_OK;
    }
    if (verdict) {
        for (; i <= PGR_V_INTERNAL_ERROR && strcmp(verdict, pgr_verdict_name((pgr_verdict)i)) != 0; i++) continue;
        if (i > PGR_V_INTERNAL_ERROR || x->state != PGR_LCBRB_UNFIT)
            return pgr_fail(PGR_E_FORMAT, "%s: verdict \"%.100s\" does not fit the sample", where, verdict);
        x->verdict = (pgr_verdict)i;
        x->state = state_of(x->verdict);
        if (detail && !(x->detail = pgr_strdup(detail))) return no_memory();
    }
    if (strcmp(state, pgr_lcbrb_state_name(x->state)) != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: sample is \"%.100s\", must be \"%s\" by its text and verdict", where, state,
                        pgr_lcbrb_state_name(x->state));
    settle(s, x);
    s->tally->n_resumed++;
    return PGR_OK;
}

static pgr_err replay_vote(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, const json_t *o, const char *where) {
    size_t sample, vote, c = 0;
    const char *judge, *check, *said;
    PGR_TRY(pgr_json_str(o, where, "judge", &judge));
    PGR_TRY(pgr_json_str(o, where, "check", &check));
    PGR_TRY(pgr_json_str(o, where, "said", &said));
    PGR_TRY(pgr_json_size(o, where, "sample", 0, PGR_LCBRB_MAX_SAMPLES - 1, &sample));
    PGR_TRY(pgr_json_size(o, where, "vote", 0, PGR_LCBRB_MAX_VOTES - 1, &vote));
    while (c < PGR_LCBRB_N_CHECK && strcmp(check, pgr_lcbrb_check_name((enum pgr_lcbrb_check)c)) != 0) c++;
    char v = strcmp(said, "yes") == 0 ? 'y' : strcmp(said, "no") == 0 ? 'n' : strcmp(said, "none") == 0 ? '?' : 0;
    if (c == PGR_LCBRB_N_CHECK || !v) return pgr_fail(PGR_E_FORMAT, "%s: is no vote that this program wrote", where);
    if (strcmp(judge, s->judge_id) != 0 || sample >= s->cfg->n_samples || vote >= s->cfg->n_votes) return PGR_OK;
    p->sample[sample].vote[c][vote] = v;
    s->tally->n_vote++;
    s->tally->n_vote_resumed++;
    return PGR_OK;
}

pgr_err pgr_lcbrb_replay(struct pgr_lcbrb *s, struct pgr_lcbrb_problem *p, const json_t *line) {
    const char *where, *problem;
    PGR_TRY(pgr_json_str(line, s->journal.path, "where", &where));
    PGR_TRY(pgr_json_str(line, where, "problem", &problem));
    if (strcmp(problem, p->digest) != 0)
        return pgr_fail(PGR_E_FORMAT,
                        "%s: the problem, the tests or the answer of task %.100s have changed since; name another file "
                        "with --output",
                        where, p->task.id);
    return json_object_get(line, "check") ? replay_vote(s, p, line, where) : replay_sample(s, p, line, where);
}
