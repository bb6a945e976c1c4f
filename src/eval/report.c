/* report.c - numbers and tables; official.c has the harnesses' files. */
#include "eval/report.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "eval/metrics.h"
#include "text/think.h"

static const size_t ks[] = {1, 5, 10, 100};

static size_t passed_of(const struct pgr_problem *p, bool base) { return base ? p->n_base_passed : p->n_passed; }

static size_t fewest(const struct pgr_judged *j) {
    size_t n = j->n ? SIZE_MAX : 0;
    for (size_t i = 0; i < j->n; i++) n = pgr_min(n, j->problem[i].n);
    return n;
}

/* Adds passed, pass_at_k and the error of pass_at_1. x[n] is scratch. */
static void add_rates(json_t *o, const struct pgr_judged *j, bool base, double *x) {
    size_t n_passed = 0;
    for (size_t i = 0; i < j->n; i++) n_passed += passed_of(&j->problem[i], base);
    json_object_set_new(o, "passed", json_integer((json_int_t)n_passed));
    for (size_t k = 0; k < PGR_COUNT(ks) && ks[k] <= fewest(j); k++) {
        char key[32];
        struct pgr_mean m;
        for (size_t i = 0; i < j->n; i++) x[i] = pgr_pass_at_k(j->problem[i].n, passed_of(&j->problem[i], base), ks[k]);
        pgr_mean_of(x, j->n, &m);
        snprintf(key, sizeof key, "pass_at_%zu", ks[k]);
        json_object_set_new(o, key, json_real(m.mean));
        if (ks[k] != 1) continue;
        json_object_set_new(o, "pass_at_1_se", json_real(m.se));
        json_object_set_new(o, "pass_at_1_ci95", json_pack("[f,f]", m.lo, m.hi));
    }
}

static json_t *group_by(const struct pgr_judged *j, size_t offset) {
    json_t *groups = json_object();
    for (size_t i = 0; i < j->n; i++) {
        const struct pgr_problem *p = &j->problem[i];
        const char *name;
        memcpy(&name, (const char *)p + offset, sizeof name);
        if (!name || p->n == 0) continue;
        json_t *g = json_object_get(groups, name);
        double n = (double)json_integer_value(json_object_get(g, "problems"));
        double mean = json_number_value(json_object_get(g, "pass_at_1"));
        double rate = (double)p->n_passed / (double)p->n;
        json_object_set_new(
            groups, name,
            json_pack("{s:I,s:f}", "problems", (json_int_t)n + 1, "pass_at_1", mean + (rate - mean) / (n + 1)));
    }
    return groups;
}

static json_t *count_verdicts(const struct pgr_eval_samples *s) {
    json_t *o = json_object();
    for (size_t i = 0; i < s->n; i++) {
        const struct pgr_eval_sample *x = &s->sample[i];
        if (!x->judged) continue;
        pgr_verdict v = x->base_passed && x->plus.have ? x->plus.verdict : x->base.verdict;
        const char *name = x->undecided ? "undecided" : pgr_verdict_name(v);
        json_object_set_new(o, name, json_integer(json_integer_value(json_object_get(o, name)) + 1));
    }
    return o;
}

/* What the completions' own records say: tokens, how they ended, whether whole answers keep the think/answer form. */
static void add_answers(json_t *o, const struct pgr_eval_samples *s) {
    size_t n_tok = 0, n_counted = 0, n_cut = 0, n_finish = 0, n_form = 0, n_whole = 0;
    double sum_bytes = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct pgr_eval_sample *x = &s->sample[i];
        if (!x->judged) continue;
        const json_t *tokens = json_object_get(x->obj, "tokens"), *finish = json_object_get(x->obj, "finish");
        const json_t *whole = json_object_get(x->obj, "response");
        if (json_is_integer(tokens) && json_integer_value(tokens) >= 0) {
            n_counted++;
            n_tok += (size_t)json_integer_value(tokens);
        }
        if (json_is_string(finish)) {
            n_finish++;
            n_cut += strcmp(json_string_value(finish), "length") == 0;
        }
        if (json_is_string(whole)) {
            struct pgr_think think;
            pgr_think_parse(json_string_value(whole), json_string_length(whole), &think);
            n_whole++;
            n_form += think.strict;
            sum_bytes += (double)json_string_length(whole);
        }
    }
    if (n_counted) json_object_set_new(o, "mean_tokens", json_real((double)n_tok / (double)n_counted));
    if (n_finish) json_object_set_new(o, "cut_rate", json_real((double)n_cut / (double)n_finish));
    if (n_whole) json_object_set_new(o, "mean_bytes", json_real(sum_bytes / (double)n_whole));
    if (n_whole) json_object_set_new(o, "format_rate", json_real((double)n_form / (double)n_whole));
}

pgr_err pgr_report_json(const struct pgr_judge_opts *o, const struct pgr_eval_samples *s, const struct pgr_judged *j,
                        json_t **out) {
    double *x = pgr_alloc_array(pgr_max(j->n, 1), sizeof *x);
    size_t n_judged = 0;
    for (size_t i = 0; i < s->n; i++) n_judged += s->sample[i].judged;
    json_t *r = json_pack("{s:s,s:s,s:I,s:I,s:I}", "benchmark", o->bench->name, "file", o->path, "problems",
                          (json_int_t)j->n, "missing", (json_int_t)j->n_missing, "completions", (json_int_t)n_judged);
    json_t *per = json_object(), *by = json_object();
    if (!x || !r || !per || !by) {
        pgr_free(x);
        json_decref(r);
        json_decref(per);
        json_decref(by);
        return pgr_fail(PGR_E_NOMEM, "out of memory for a report");
    }
    add_rates(r, j, false, x);
    if (j->has_plus) {
        json_t *base = json_object();
        add_rates(base, j, true, x);
        json_object_set_new(r, "base", base);
    }
    pgr_free(x);
    json_object_set_new(r, "verdicts", count_verdicts(s));
    add_answers(r, s);
    if (j->n_undecided) json_object_set_new(r, "undecided", json_integer((json_int_t)j->n_undecided));
    if (j->n_outside) json_object_set_new(r, "outside_filter", json_integer((json_int_t)j->n_outside));
    if (j->n_internal) json_object_set_new(r, "internal_errors", json_integer((json_int_t)j->n_internal));
    static const struct {
        const char *name;
        size_t offset;
    } groups[] = {{"difficulty", offsetof(struct pgr_problem, difficulty)},
                  {"platform", offsetof(struct pgr_problem, platform)},
                  {"month", offsetof(struct pgr_problem, month)}};
    for (size_t i = 0; i < PGR_COUNT(groups); i++) {
        json_t *g = group_by(j, groups[i].offset);
        if (json_object_size(g))
            json_object_set_new(by, groups[i].name, g);
        else
            json_decref(g);
    }
    if (json_object_size(by))
        json_object_set_new(r, "by", by);
    else
        json_decref(by);
    for (size_t i = 0; i < j->n; i++) {
        const struct pgr_problem *p = &j->problem[i];
        json_object_set_new(per, p->id, json_pack("[I,I]", (json_int_t)p->n, (json_int_t)p->n_passed));
    }
    json_object_set_new(r, "per_problem", per);
    *out = r;
    return PGR_OK;
}

static void print_rates(const char *title, const json_t *o) {
    printf("%-14s %lld passed", title, (long long)json_integer_value(json_object_get(o, "passed")));
    for (size_t k = 0; k < PGR_COUNT(ks); k++) {
        char key[32];
        snprintf(key, sizeof key, "pass_at_%zu", ks[k]);
        const json_t *v = json_object_get(o, key), *ci = json_object_get(o, "pass_at_1_ci95");
        if (!v) continue;
        printf(", pass@%zu %.1f %%", ks[k], 100 * json_number_value(v));
        if (ks[k] == 1)
            printf(" (standard error %.1f, 95 %% interval %.1f to %.1f)",
                   100 * json_number_value(json_object_get(o, "pass_at_1_se")),
                   100 * json_number_value(json_array_get(ci, 0)), 100 * json_number_value(json_array_get(ci, 1)));
    }
    putchar('\n');
}

static void print_answers(const json_t *r) {
    const json_t *tokens = json_object_get(r, "mean_tokens"), *bytes = json_object_get(r, "mean_bytes");
    const json_t *cut = json_object_get(r, "cut_rate"), *form = json_object_get(r, "format_rate");
    if (!tokens && !bytes && !cut) return;
    printf("%-14s", "answers");
    if (tokens) printf(" %.1f tokens on average ", json_number_value(tokens));
    if (bytes) printf(" %.1f bytes on average ", json_number_value(bytes));
    if (cut) printf(" %.1f %% cut at the limit ", 100 * json_number_value(cut));
    if (form) printf(" %.1f %% in think/answer form", 100 * json_number_value(form));
    putchar('\n');
}

void pgr_report_print(const json_t *r) {
    const char *name, *group;
    json_t *v, *g;
    printf("%-14s %s (%s)\n", "benchmark", json_string_value(json_object_get(r, "benchmark")),
           json_string_value(json_object_get(r, "file")));
    printf("%-14s %lld, %lld more without a completion\n", "problems",
           (long long)json_integer_value(json_object_get(r, "problems")),
           (long long)json_integer_value(json_object_get(r, "missing")));
    printf("%-14s %lld\n", "completions", (long long)json_integer_value(json_object_get(r, "completions")));
    if (json_object_get(r, "base")) print_rates("base tests", json_object_get(r, "base"));
    print_rates(json_object_get(r, "base") ? "base and plus" : "result", r);
    printf("%-14s", "verdicts");
    json_object_foreach(json_object_get(r, "verdicts"), name, v)
        printf(" %s %lld ", name, (long long)json_integer_value(v));
    putchar('\n');
    print_answers(r);
    json_object_foreach(json_object_get(r, "by"), group, g) {
        json_object_foreach(g, name, v)
            printf("%-14s %s: %.1f %% of %lld\n", group, name, 100 * json_number_value(json_object_get(v, "pass_at_1")),
                   (long long)json_integer_value(json_object_get(v, "problems")));
    }
}
