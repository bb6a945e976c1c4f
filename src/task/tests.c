/* tests.c - how the tests of public data sets become snippets of Python and pairs of input and output. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"
#include "task/wide.h"

static pgr_err append(struct pgr_task *t, enum pgr_sbx_kind kind, json_t *test) {
    if (!t->tests) t->tests = json_array();
    t->test_kind = kind;
    if (!t->tests || json_array_append_new(t->tests, test) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory");
    return PGR_OK;
}

static pgr_err append_snippet(struct pgr_task *t, struct pgr_buf *b) {
    pgr_err err = pgr_buf_ok(b);
    if (err == PGR_OK) {
        json_t *s = json_stringn(pgr_buf_str(b), b->len);
        err = s ? append(t, PGR_SBX_ASSERTS, s) : pgr_fail(PGR_E_FORMAT, "test code is not UTF-8");
    }
    pgr_buf_free(b);
    return err;
}

/* ---- calls ---- */

pgr_err pgr_add_call_test(struct pgr_task *t, const char *function, const char *args, const char *expected,
                          bool unwrap) {
    struct pgr_buf b = PGR_BUF_INIT;
    if (!t->tests) {
        pgr_buf_add(&b, pgr_py_typed, pgr_py_typed_bytes);
        pgr_buf_add(&b, pgr_py_calls, pgr_py_calls_bytes);
        pgr_buf_adds(&b, "\n\n_pgr_f = _pgr_callable(");
        pgr_put_literal(&b, function, strlen(function));
        pgr_buf_addf(&b, ", lambda: Solution())\nif _pgr_f is None:\n    _pgr_f = %s\n", function);
    }
    pgr_buf_adds(&b, "_pgr_call(_pgr_f, ");
    pgr_put_literal(&b, args, strlen(args));
    pgr_buf_adds(&b, ", ");
    pgr_put_literal(&b, expected, strlen(expected));
    pgr_buf_adds(&b, unwrap ? ", True)\n" : ", False)\n");
    return append_snippet(t, &b);
}

static bool is_identifier(const char *s) {
    if (!s || !*s || (*s >= '0' && *s <= '9')) return false;
    for (; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_'))
            return false;
    return true;
}

/* A value as JSON text; a text that holds lines of JSON (LiveCodeBench) as a list of them. */
static pgr_err json_text(const char *where, const json_t *v, bool lines, struct pgr_buf *b) {
    if (!json_is_string(v)) return pgr_json_dump(v, b);
    const char *s = json_string_value(v), *end = s + json_string_length(v);
    json_t *parsed = NULL;
    if (!lines) {
        PGR_TRY(pgr_json_parse_wide(where, s, (size_t)(end - s), &parsed));
        json_decref(parsed);
        pgr_buf_add(b, s, (size_t)(end - s));
        return pgr_buf_ok(b);
    }
    while (end > s && (end[-1] == '\n' || end[-1] == '\r')) end--;
    pgr_buf_addc(b, '[');
    for (const char *line = s; line <= end && end > s;) {
        const char *nl = memchr(line, '\n', (size_t)(end - line));
        size_t n = nl ? (size_t)(nl - line) : (size_t)(end - line);
        PGR_TRY(pgr_json_parse_wide(where, line, n, &parsed));
        json_decref(parsed);
        if (line > s) pgr_buf_addc(b, ',');
        pgr_buf_add(b, line, n);
        line += n + 1;
    }
    pgr_buf_addc(b, ']');
    return pgr_buf_ok(b);
}

static pgr_err add_call(struct pgr_task *t, const char *where, const char *function, const json_t *in,
                        const json_t *out, bool apps) {
    struct pgr_buf args = PGR_BUF_INIT, want = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    if (!is_identifier(function))
        err = pgr_fail(PGR_E_FORMAT, "%s: tests of a function need its name", where);
    else if (!json_is_string(in) && !json_is_array(in))
        err = pgr_fail(PGR_E_FORMAT, "%s: the input of a call must be a list of arguments", where);
    if (err == PGR_OK) err = json_text(where, in, true, &args);
    if (err == PGR_OK)
        err = apps && json_is_string(out) ? pgr_json_dump(out, &want) : json_text(where, out, false, &want);
    if (err == PGR_OK) err = pgr_add_call_test(t, function, pgr_buf_str(&args), pgr_buf_str(&want), apps);
    pgr_buf_free(&args);
    pgr_buf_free(&want);
    return err;
}

/* ---- stdin and stdout ---- */

/* A text, or a list of lines. New reference. */
static pgr_err join_lines(const char *where, const json_t *v, json_t **out) {
    if (json_is_string(v)) {
        *out = json_incref((json_t *)(uintptr_t)v);
        return PGR_OK;
    }
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = json_is_array(v) ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: must be text or a list of lines", where);
    for (size_t i = 0; i < json_array_size(v) && err == PGR_OK; i++) {
        const json_t *line = json_array_get(v, i);
        if (i) pgr_buf_addc(&b, '\n');
        if (json_is_string(line))
            pgr_buf_add(&b, json_string_value(line), json_string_length(line));
        else
            err = pgr_json_dump(line, &b);
    }
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK) {
        *out = json_stringn(pgr_buf_str(&b), b.len);
        if (!*out) err = pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    }
    pgr_buf_free(&b);
    return err;
}

static pgr_err add_stdio(struct pgr_task *t, const char *where, const json_t *in, const json_t *out) {
    json_t *i = NULL, *o = NULL, *pair;
    pgr_err err = join_lines(where, in, &i);
    if (err == PGR_OK) err = join_lines(where, out, &o);
    if (err != PGR_OK) {
        json_decref(i);
        return err;
    }
    pair = json_pack("{s:o,s:o}", "stdin", i, "stdout", o);
    if (!pair) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    return append(t, PGR_SBX_STDIO, pair);
}

static const char *text_of(const json_t *o, const char *key) { return json_string_value(json_object_get(o, key)); }

static pgr_err take_listed(const struct pgr_record *r, const json_t *list, const char *entry, struct pgr_task *t) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        char where[1200];
        snprintf(where, sizeof where, "%s: test %zu", r->where, i);
        const json_t *test = json_array_get(list, i), *in = json_object_get(test, "input"),
                     *out = json_object_get(test, "output");
        if (!in || !out) return pgr_fail(PGR_E_FORMAT, "%s: needs \"input\" and \"output\"", where);
        const char *type = text_of(test, "testtype"), *fn = text_of(test, "fn_name");
        if (!type) type = text_of(test, "type");
        if (!fn) fn = text_of(json_object_get(test, "metadata"), "func_name");
        if (!fn) fn = entry;
        bool call = type ? strcmp(type, "functional") == 0 || strcmp(type, "function_call") == 0 : fn != NULL;
        if (t->tests && (t->test_kind == PGR_SBX_ASSERTS) != call)
            return pgr_fail(PGR_E_FORMAT, "%s: tests by stdin and tests by calls in one task", where);
        PGR_TRY(call ? add_call(t, where, fn, in, out, false) : add_stdio(t, where, in, out));
    }
    return PGR_OK;
}

static pgr_err take_columns(const struct pgr_record *r, const json_t *o, const char *entry, struct pgr_task *t) {
    const json_t *in = json_object_get(o, "inputs"), *out = json_object_get(o, "outputs");
    if (!json_is_array(in) || !json_is_array(out) || json_array_size(in) != json_array_size(out))
        return pgr_fail(PGR_E_FORMAT, "%s: tests need \"inputs\" and \"outputs\", two lists of equal length", r->where);
    const char *fn = text_of(o, "fn_name");
    if (!fn) fn = entry;
    for (size_t i = 0; i < json_array_size(in); i++) {
        char where[1200];
        snprintf(where, sizeof where, "%s: test %zu", r->where, i);
        const json_t *a = json_array_get(in, i), *b = json_array_get(out, i);
        PGR_TRY(fn ? add_call(t, where, fn, a, b, true) : add_stdio(t, where, a, b));
    }
    return PGR_OK;
}

pgr_err pgr_take_contest_tests(const struct pgr_record *r, const json_t *tests, const char *entry, struct pgr_task *t) {
    PGR_TRY(json_is_array(tests)    ? take_listed(r, tests, entry, t)
            : json_is_object(tests) ? take_columns(r, tests, entry, t)
                                    : pgr_fail(PGR_E_FORMAT, "%s: tests must be a list or an object", r->where));
    if (!t->tests) return pgr_fail(PGR_E_FORMAT, "%s: the list of tests is empty", r->where);
    t->line_output = t->test_kind == PGR_SBX_STDIO;
    return PGR_OK;
}

/* ---- EvalPlus ---- */

static pgr_err add_suite(struct pgr_task *t, const char *name, const char *reference, const json_t *inputs,
                         double atol) {
    struct pgr_buf b = PGR_BUF_INIT, text = PGR_BUF_INIT;
    pgr_err err = pgr_json_dump(inputs, &text);
    const char *function = strchr(name, ':') + 1;
    pgr_buf_add(&b, pgr_py_typed, pgr_py_typed_bytes);
    pgr_buf_add(&b, pgr_py_evalplus, pgr_py_evalplus_bytes);
    pgr_buf_adds(&b, "\n\n_pgr_evalplus(");
    pgr_put_literal(&b, name, strlen(name));
    pgr_buf_addf(&b, ", %s, ", function);
    pgr_put_literal(&b, reference, strlen(reference));
    pgr_buf_adds(&b, ", ");
    pgr_put_literal(&b, pgr_buf_str(&text), text.len);
    pgr_buf_addf(&b, ", %.17g)\n", atol);
    pgr_buf_free(&text);
    if (err != PGR_OK) {
        pgr_buf_free(&b);
        return err;
    }
    return append_snippet(t, &b);
}

pgr_err pgr_set_evalplus_tests(struct pgr_task *t, const char *name, const char *reference, double atol) {
    if (!is_identifier(strchr(name, ':') + 1))
        return pgr_fail(PGR_E_FORMAT, "\"%s\" is no name of a function", strchr(name, ':') + 1);
    PGR_TRY(add_suite(t, name, reference, t->base_input, atol));
    t->n_base = 1;
    return json_array_size(t->plus_input) ? add_suite(t, name, reference, t->plus_input, atol) : PGR_OK;
}

pgr_err pgr_without_numpy(const char *test, char **out) {
    static const char import[] = "import numpy as np\n";
    const char *at = strstr(test, import);
    if (!at || !strstr(test, "def is_floats")) return pgr_take_text(test, out);
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_add(&b, test, (size_t)(at - test));
    pgr_buf_add(&b, pgr_py_typed, pgr_py_typed_bytes);
    pgr_buf_add(&b, pgr_py_evalplus, pgr_py_evalplus_bytes);
    pgr_buf_adds(&b, "\n\nclass np:\n    ndarray = ()\n    float32 = float64 = None\n\n    @staticmethod\n"
                     "    def allclose(a, b, rtol=1e-5, atol=1e-8):\n"
                     "        return _pgr_allclose(a, b, rtol, atol)\n\n\n");
    pgr_buf_adds(&b, at + strlen(import));
    return pgr_take_buf(&b, out);
}
