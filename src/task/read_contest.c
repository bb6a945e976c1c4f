/* read_contest.c - APPS and TACO ("question", "input_output"), and rows of DeepCoder's training set ("problem",
 * "tests"). Functions are called as LiveCodeBench and APPS call them; outputs compare line by line. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"
#include "task/lcb.h"
#include "task/wide.h"

static bool is_apps(const json_t *o) { return pgr_has_text(o, "question") && pgr_has(o, "input_output"); }

static bool is_deepcoder(const json_t *o) {
    return pgr_has_text(o, "problem") && pgr_has(o, "tests") && !pgr_has(o, "id");
}

/* "solutions" is a list of programs, or JSON of one in a text; the first is the reference. */
static pgr_err take_solution(const struct pgr_record *r, struct pgr_task *t) {
    const json_t *v = json_object_get(r->obj, "solutions");
    json_t *list = NULL;
    if (json_is_string(v)) {
        if (json_string_length(v) == 0) return PGR_OK;
        PGR_TRY(pgr_take_packed(r, "solutions", &list));
    }
    const char *first = json_string_value(json_array_get(list ? list : v, 0));
    pgr_err err = pgr_take_text(first, &t->solution);
    json_decref(list);
    return err;
}

static void set_limits(struct pgr_task *t) {
    size_t n = json_array_size(t->tests);
    bool calls = t->test_kind == PGR_SBX_ASSERTS;
    t->limits.cpu_s = calls ? 7.0 * (double)(n < 1000 ? n : 1000) + 5 : 6;
    t->limits.call_cpu_s = calls ? 6 : 0;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 64u << 20;
}

static pgr_err finish(const struct pgr_record *r, struct pgr_task *t, json_t *tests, const char *function) {
    const char *name = json_string_value(json_object_get(tests, "fn_name"));
    if (!name) name = function;
    pgr_err err = pgr_take_contest_tests(r, tests, function, t);
    if (err == PGR_OK && name && t->test_kind == PGR_SBX_ASSERTS) {
        struct pgr_buf b = PGR_BUF_INIT;
        bool method = t->starter_code && strstr(t->starter_code, "class Solution");
        pgr_buf_addf(&b, "%s%s", method ? "Solution()." : "", name);
        err = pgr_take_buf(&b, &t->entry_point);
    }
    if (err == PGR_OK) err = pgr_take_text(pgr_lcb_imports, &t->setup);
    if (err == PGR_OK) set_limits(t);
    return err;
}

static pgr_err read_apps(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const char *key = pgr_has(r->obj, "problem_id") ? "problem_id" : pgr_has(r->obj, "id") ? "id" : NULL;
    char text[64];
    snprintf(text, sizeof text, "apps/%zu", r->index);
    PGR_TRY(key ? pgr_take_numbered(r, key, "apps", &t->id) : pgr_take_text(text, &t->id));
    PGR_TRY(pgr_take(r, "question", &t->prompt));
    PGR_TRY(pgr_take_opt(r, "starter_code", &t->starter_code));
    PGR_TRY(pgr_take_opt(r, "difficulty", &t->difficulty));
    PGR_TRY(pgr_take_opt(r, "source", &t->platform));
    PGR_TRY(take_solution(r, t));
    json_t *tests = NULL;
    PGR_TRY(pgr_take_packed(r, "input_output", &tests));
    pgr_err err = finish(r, t, tests, NULL);
    json_decref(tests);
    return err;
}

static pgr_err read_deepcoder(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    char text[64];
    snprintf(text, sizeof text, "deepcoder/%zu", r->index);
    PGR_TRY(pgr_take_text(text, &t->id));
    PGR_TRY(pgr_take(r, "problem", &t->prompt));
    PGR_TRY(pgr_take_opt(r, "starter_code", &t->starter_code));
    PGR_TRY(take_solution(r, t));
    json_t *tests = NULL, *meta = NULL;
    PGR_TRY(pgr_take_packed(r, "tests", &tests));
    const json_t *m = json_object_get(r->obj, "metadata");
    pgr_err err = PGR_OK;
    if (json_is_object(m) || (json_is_string(m) && json_string_length(m))) err = pgr_take_packed(r, "metadata", &meta);
    const char *function = json_string_value(json_object_get(meta, "func_name"));
    if (err == PGR_OK) err = finish(r, t, tests, function);
    json_decref(tests);
    json_decref(meta);
    return err;
}

const struct pgr_family pgr_family_apps = {"apps", "APPS or TACO, with input_output", is_apps, read_apps};
const struct pgr_family pgr_family_deepcoder = {"deepcoder", "rows of DeepCoder's data", is_deepcoder, read_deepcoder};
