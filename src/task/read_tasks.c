/* read_tasks.c - the program's own form (docs/formats.md). */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "task/family.h"

/* {"stdin": [...], "stdout": [...]} to [{"stdin", "stdout"}, ...]. */
static pgr_err pair_up(const json_t *tests, const char *where, json_t **out) {
    json_t *in = json_object_get(tests, "stdin"), *want = json_object_get(tests, "stdout");
    size_t n = json_array_size(in);
    if (!json_is_array(in) || !json_is_array(want) || json_array_size(want) != n)
        return pgr_fail(PGR_E_FORMAT, "%s: \"tests\" needs \"stdin\" and \"stdout\", two lists of equal length", where);
    json_t *list = json_array();
    for (size_t i = 0; list && i < n; i++) {
        json_t *pair = json_object();
        if (json_object_set(pair, "stdin", json_array_get(in, i)) != 0 ||
            json_object_set(pair, "stdout", json_array_get(want, i)) != 0 || json_array_append_new(list, pair) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    if (!list) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    *out = list;
    return PGR_OK;
}

static pgr_err read_tests(const json_t *obj, const char *where, struct pgr_task *t) {
    json_t *tests = json_object_get(obj, "tests"), *calls = json_object_get(obj, "calls");
    if (json_is_null(tests)) tests = NULL;
    if (json_is_null(calls)) calls = NULL;
    if (tests && calls) return pgr_fail(PGR_E_FORMAT, "%s: has both \"tests\" and \"calls\"", where);
    if (calls) {
        t->test_kind = PGR_SBX_CALLS;
        t->tests = json_incref(calls);
    } else if (json_is_object(tests)) {
        t->test_kind = PGR_SBX_STDIO;
        PGR_TRY(pair_up(tests, where, &t->tests));
    } else if (json_is_array(tests)) {
        t->test_kind = json_is_object(json_array_get(tests, 0)) ? PGR_SBX_STDIO : PGR_SBX_ASSERTS;
        t->tests = json_incref(tests);
    } else {
        return pgr_fail(PGR_E_FORMAT, "%s: needs \"tests\" or \"calls\" (or \"answer\" for a math problem)", where);
    }
    return PGR_OK;
}

static pgr_err read_limits(const json_t *obj, const char *where, struct pgr_sbx_limits *l) {
    json_t *o = json_object_get(obj, "limits");
    if (!o || json_is_null(o)) return PGR_OK;
    if (!json_is_object(o)) return pgr_fail(PGR_E_FORMAT, "%s: \"limits\" must be an object", where);
    PGR_TRY(pgr_json_real_opt(o, where, "cpu_s", &l->cpu_s));
    PGR_TRY(pgr_json_real_opt(o, where, "wall_s", &l->wall_s));
    PGR_TRY(pgr_json_real_opt(o, where, "call_cpu_s", &l->call_cpu_s));
    PGR_TRY(pgr_json_size_opt(o, where, "memory_bytes", 1, (size_t)1 << 40, &l->memory_bytes));
    PGR_TRY(pgr_json_size_opt(o, where, "output_bytes", 1, (size_t)1 << 28, &l->output_bytes));
    PGR_TRY(pgr_json_size_opt(o, where, "answer_bytes", 1, (size_t)1 << 28, &l->answer_bytes));
    PGR_TRY(pgr_json_size_opt(o, where, "n_threads", 1, 4096, &l->n_threads));
    PGR_TRY(pgr_json_size_opt(o, where, "n_files", 8, 4096, &l->n_files));
    return pgr_json_size_opt(o, where, "scratch_bytes", 1, (size_t)1 << 32, &l->scratch_bytes);
}

static pgr_err read_code(const json_t *obj, const char *where, struct pgr_task *t) {
    const char *entry = NULL, *setup = NULL, *solution = NULL;
    PGR_TRY(pgr_json_str_opt(obj, where, "entry_point", &entry));
    PGR_TRY(pgr_json_str_opt(obj, where, "setup", &setup));
    PGR_TRY(pgr_json_str_opt(obj, where, "canonical_solution", &solution));
    PGR_TRY(pgr_json_str_opt(obj, where, "solution", &solution));
    PGR_TRY(pgr_take_text(entry, &t->entry_point));
    PGR_TRY(pgr_take_text(setup && setup[0] ? setup : NULL, &t->setup));
    if (!t->setup && t->entry_point) PGR_TRY(pgr_setup_of_prompt(t));
    PGR_TRY(pgr_take_text(solution, &t->solution));
    PGR_TRY(pgr_json_bool_opt(obj, where, "exact_output", &t->exact_output));
    PGR_TRY(pgr_json_bool_opt(obj, where, "same_process", &t->same_process));
    PGR_TRY(pgr_json_real_opt(obj, where, "atol", &t->atol));
    PGR_TRY(pgr_json_real_opt(obj, where, "rtol", &t->rtol));
    PGR_TRY(read_limits(obj, where, &t->limits));
    return read_tests(obj, where, t);
}

static bool is_task(const json_t *o) {
    return pgr_has_text(o, "id") && (pgr_has_text(o, "prompt") || pgr_has_text(o, "problem")) &&
           (pgr_has(o, "tests") || pgr_has(o, "calls") || pgr_has(o, "answer"));
}

/* Test programs of EvalPlus ask for numpy only to compare numbers. */
static pgr_err drop_numpy(struct pgr_task *t) {
    for (size_t i = 0; t->test_kind == PGR_SBX_ASSERTS && i < json_array_size(t->tests); i++) {
        const char *s = json_string_value(json_array_get(t->tests, i));
        if (!s || !strstr(s, "import numpy as np") || !strstr(s, "def is_floats")) continue;
        char *without = NULL;
        PGR_TRY(pgr_without_numpy(s, &without));
        json_t *copy = json_deep_copy(t->tests);
        int rc = copy ? json_array_set_new(copy, i, json_string(without)) : -1;
        pgr_free(without);
        if (rc != 0) {
            json_decref(copy);
            return pgr_fail(PGR_E_NOMEM, "out of memory");
        }
        json_decref(t->tests);
        t->tests = copy;
    }
    return PGR_OK;
}

bool pgr_is_plain(const json_t *o) {
    return pgr_has_text(o, "id") && (pgr_has_text(o, "prompt") || pgr_has_text(o, "problem")) && !is_task(o);
}

static pgr_err read_problem(const struct pgr_record *r, struct pgr_task *t) {
    const json_t *obj = r->obj;
    const char *prompt = NULL;
    PGR_TRY(pgr_take(r, "id", &t->id));
    PGR_TRY(pgr_json_str_opt(obj, r->where, "problem", &prompt));
    if (prompt)
        PGR_TRY(pgr_json_str_opt(obj, r->where, "prompt", &prompt));
    else
        PGR_TRY(pgr_json_str(obj, r->where, "prompt", &prompt));
    PGR_TRY(pgr_take_text(prompt, &t->prompt));
    PGR_TRY(pgr_take_opt(r, "split", &t->split));
    PGR_TRY(pgr_take_opt(r, "topic", &t->topic));
    PGR_TRY(pgr_take_opt(r, "difficulty", &t->difficulty));
    PGR_TRY(pgr_take_opt(r, "platform", &t->platform));
    PGR_TRY(pgr_take_opt(r, "date", &t->date));
    return pgr_take_opt(r, "starter_code", &t->starter_code);
}

static pgr_err read_plain(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    t->kind = PGR_TASK_PLAIN;
    return read_problem(r, t);
}

static pgr_err read_task(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const json_t *obj = r->obj;
    const char *answer = NULL;
    PGR_TRY(read_problem(r, t));
    PGR_TRY(pgr_json_str_opt(obj, r->where, "answer", &answer));
    PGR_TRY(pgr_take_text(answer, &t->answer));
    if (answer && !json_object_get(obj, "tests") && !json_object_get(obj, "calls")) {
        t->kind = PGR_TASK_MATH;
        return pgr_take_opt(r, "solution", &t->solution);
    }
    t->kind = PGR_TASK_CODE;
    PGR_TRY(read_code(obj, r->where, t));
    return drop_numpy(t);
}

const struct pgr_family pgr_family_tasks = {"tasks", "tasks in the form of docs/formats.md", is_task, read_task};
const struct pgr_family pgr_family_plain = {"plain", "problems alone", pgr_is_plain, read_plain};
