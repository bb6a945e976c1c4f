/* read_rows.c - rows of other trainers: verl ({"data_source","prompt":[{role,content}],"reward_model":{"ground_truth"},
 * "extra_info"}) and TRL ({"prompt": text or messages, "answer" | "solution" | "ground_truth" or tests in columns}). */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"
#include "task/lcb.h"
#include "task/wide.h"

/* Text, or the contents of messages with blank lines between them. */
static pgr_err take_prompt(const struct pgr_record *r, struct pgr_task *t) {
    const json_t *v = json_object_get(r->obj, "prompt");
    if (!json_is_array(v)) return pgr_take(r, "prompt", &t->prompt);
    struct pgr_buf b = PGR_BUF_INIT;
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *text = json_string_value(json_object_get(json_array_get(v, i), "content"));
        const char *role = json_string_value(json_object_get(json_array_get(v, i), "role"));
        if (!text || !role) {
            pgr_buf_free(&b);
            return pgr_fail(PGR_E_FORMAT, "%s: message %zu of \"prompt\" needs \"role\" and \"content\"", r->where, i);
        }
        if (b.len) pgr_buf_adds(&b, "\n\n");
        pgr_buf_adds(&b, text);
    }
    if (b.len == 0) return pgr_fail(PGR_E_FORMAT, "%s: \"prompt\" is empty", r->where);
    return pgr_take_buf(&b, &t->prompt);
}

/* Tests in a value or in JSON within a text: {"inputs","outputs"}, a list of {"input","output"}, a list of snippets, or
 * {"functional": snippet}. Sets *is_tests; untouched when the value is an answer. */
static pgr_err try_tests(const struct pgr_record *r, const json_t *v, struct pgr_task *t, bool *is_tests) {
    json_t *parsed = NULL;
    *is_tests = false;
    if (json_is_string(v)) {
        const char *s = json_string_value(v);
        size_t blank = strspn(s, " \n\t");
        if (s[blank] != '{' && s[blank] != '[') return PGR_OK;
        if (pgr_json_parse_wide(r->where, s, json_string_length(v), &parsed) != PGR_OK) return PGR_OK;
    } else {
        parsed = json_incref((json_t *)(uintptr_t)v);
    }
    const json_t *functional = json_object_get(parsed, "functional"), *first = json_array_get(parsed, 0);
    pgr_err err = PGR_OK;
    if (json_is_string(functional) || json_is_string(first)) {
        *is_tests = true;
        t->test_kind = PGR_SBX_ASSERTS;
        t->tests = json_is_string(functional) ? json_pack("[O]", functional) : json_incref(parsed);
        if (!t->tests) err = pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
    } else if (json_object_get(parsed, "inputs") || json_object_get(first, "input")) {
        *is_tests = true;
        err = pgr_take_contest_tests(r, parsed, NULL, t);
        if (err == PGR_OK) err = pgr_take_text(pgr_lcb_imports, &t->setup);
    }
    json_decref(parsed);
    return err;
}

static pgr_err take_truth(const struct pgr_record *r, const json_t *v, bool code, struct pgr_task *t) {
    bool is_tests;
    PGR_TRY(try_tests(r, v, t, &is_tests));
    if (is_tests) return PGR_OK;
    if (code) return pgr_fail(PGR_E_FORMAT, "%s: a task of code whose ground truth is not a list of tests", r->where);
    t->kind = PGR_TASK_MATH;
    if (json_is_string(v)) return pgr_take_text(json_string_value(v), &t->answer);
    if (json_is_array(v) && json_is_string(json_array_get(v, 0)))
        return pgr_take_text(json_string_value(json_array_get(v, 0)), &t->answer);
    if (!json_is_number(v)) return pgr_fail(PGR_E_FORMAT, "%s: the answer must be text or a number", r->where);
    struct pgr_buf b = PGR_BUF_INIT;
    PGR_TRY(pgr_json_dump(v, &b));
    return pgr_take_buf(&b, &t->answer);
}

/* ---- verl ---- */

static bool is_verl(const json_t *o) {
    return pgr_has_text(o, "data_source") && pgr_has(o, "prompt") && json_is_object(json_object_get(o, "reward_model"));
}

static pgr_err read_verl(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const char *source, *split = NULL, *ability = NULL;
    PGR_TRY(pgr_json_str(r->obj, r->where, "data_source", &source));
    PGR_TRY(pgr_json_str_opt(r->obj, r->where, "ability", &ability));
    const json_t *info = json_object_get(r->obj, "extra_info"), *index = json_object_get(info, "index");
    if (json_is_object(info)) PGR_TRY(pgr_json_str_opt(info, r->where, "split", &split));
    PGR_TRY(pgr_take_text(split, &t->split));
    PGR_TRY(pgr_take_text(source, &t->topic));
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_adds(&b, source);
    if (split) pgr_buf_addf(&b, "/%s", split);
    if (json_is_string(index))
        pgr_buf_addf(&b, "/%s", json_string_value(index));
    else
        pgr_buf_addf(&b, "/%lld", json_is_integer(index) ? (long long)json_integer_value(index) : (long long)r->index);
    PGR_TRY(pgr_take_buf(&b, &t->id));
    PGR_TRY(take_prompt(r, t));
    const json_t *truth = json_object_get(json_object_get(r->obj, "reward_model"), "ground_truth");
    if (!truth) return pgr_fail(PGR_E_FORMAT, "%s: \"reward_model\" has no \"ground_truth\"", r->where);
    return take_truth(r, truth, ability && strcmp(ability, "code") == 0, t);
}

/* ---- TRL ---- */

static const char *truth_key(const json_t *o) {
    static const char *const keys[] = {"ground_truth", "answer", "verification_info", "solution"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (pgr_has(o, keys[i])) return keys[i];
    return NULL;
}

static bool is_rows(const json_t *o) {
    const json_t *prompt = json_object_get(o, "prompt");
    return !pgr_has(o, "id") && !pgr_has(o, "tests") && (json_is_array(prompt) || json_is_string(prompt)) &&
           truth_key(o);
}

static pgr_err read_rows(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    char text[64];
    const char *key = truth_key(r->obj);
    if (!key) return pgr_fail(PGR_E_FORMAT, "%s: needs \"answer\", \"solution\" or \"ground_truth\"", r->where);
    snprintf(text, sizeof text, "row/%zu", r->index);
    PGR_TRY(pgr_take_text(text, &t->id));
    PGR_TRY(take_prompt(r, t));
    const json_t *truth = json_object_get(r->obj, key);
    if (strcmp(key, "verification_info") == 0) {
        json_t *info = NULL;
        PGR_TRY(pgr_take_packed(r, key, &info));
        const json_t *cases = json_object_get(info, "test_cases");
        pgr_err err = cases ? take_truth(r, cases, true, t)
                            : pgr_fail(PGR_E_FORMAT, "%s: \"verification_info\" has no \"test_cases\"", r->where);
        json_decref(info);
        return err;
    }
    return take_truth(r, truth, false, t);
}

const struct pgr_family pgr_family_verl = {"verl", "rows of verl", is_verl, read_verl};
const struct pgr_family pgr_family_rows = {"trl", "rows of TRL: prompt and columns", is_rows, read_rows};
