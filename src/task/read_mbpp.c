/* read_mbpp.c - MBPP (mbpp.jsonl: "text"; sanitized-mbpp.json and the Hub's sanitized: "prompt", "test_imports") and
 * MBPP+ as EvalPlus publishes it on the Hub ("test" holds the whole suite as a program).
 *
 * Splits are those of the authors, by number: 1-10 prompt, 11-510 test, 511-600 validation, 601-974 train. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"

static bool is_mbpp(const json_t *o) {
    return pgr_has(o, "task_id") && pgr_has_text(o, "code") && pgr_has(o, "test_list") &&
           (pgr_has_text(o, "text") || pgr_has_text(o, "prompt"));
}

static const char *split_of(json_int_t number) {
    return number <= 10 ? "prompt" : number <= 510 ? "test" : number <= 600 ? "validation" : "train";
}

/* The function that the first assert calls and the reference defines. */
static pgr_err find_entry(struct pgr_task *t) {
    const char *assertion = json_string_value(json_array_get(t->tests, 0));
    for (const char *def = t->solution; (def = strstr(def, "def ")); def += 4) {
        const char *name = def + 4;
        size_t n = strcspn(name, "( \t:\n");
        if ((def != t->solution && def[-1] != '\n') || n == 0) continue;
        for (const char *at = assertion; at && (at = strstr(at, "(")); at++) {
            const char *from = at;
            while (from > assertion && from[-1] == ' ') from--;
            if ((size_t)(from - assertion) < n || memcmp(from - n, name, n) != 0) continue;
            char c = from - n > assertion ? from[-1 - (long)n] : ' ';
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') continue;
            t->entry_point = pgr_strndup(name, n);
            return t->entry_point ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
        }
    }
    return PGR_OK;
}

static pgr_err add_lines(const struct pgr_record *r, const char *key, struct pgr_buf *b) {
    const json_t *v = json_object_get(r->obj, key);
    if (json_is_string(v)) {
        pgr_buf_adds(b, json_string_value(v));
        if (json_string_length(v)) pgr_buf_addc(b, '\n');
        return PGR_OK;
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *line = json_string_value(json_array_get(v, i));
        if (!line) return pgr_fail(PGR_E_FORMAT, "%s: \"%s\" must hold text", r->where, key);
        pgr_buf_adds(b, line);
        pgr_buf_addc(b, '\n');
    }
    return PGR_OK;
}

/* What the tests need first stands before the first of them: some of it uses the solution's own names. */
static pgr_err prepend_setup(const struct pgr_record *r, struct pgr_task *t) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = add_lines(r, "test_setup_code", &b);
    if (err == PGR_OK) err = add_lines(r, "test_imports", &b);
    const char *first = json_string_value(json_array_get(t->tests, 0));
    if (err == PGR_OK && b.len && first) {
        pgr_buf_adds(&b, first);
        err = pgr_buf_ok(&b);
        if (err == PGR_OK && json_array_set_new(t->tests, 0, json_string(b.data)) != 0)
            err = pgr_fail(PGR_E_FORMAT, "%s: \"test_setup_code\" is not UTF-8 text", r->where);
    }
    pgr_buf_free(&b);
    return err;
}

static pgr_err add_plus(const struct pgr_record *r, struct pgr_task *t) {
    const char *test = NULL;
    PGR_TRY(pgr_json_str_opt(r->obj, r->where, "test", &test));
    if (!test) return PGR_OK;
    t->n_base = json_array_size(t->tests);
    char *text = NULL;
    PGR_TRY(pgr_without_numpy(test, &text));
    int rc = json_array_append_new(t->tests, json_string(text));
    pgr_free(text);
    t->limits.cpu_s = 60;
    t->limits.call_cpu_s = 4;
    return rc == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
}

static pgr_err read_mbpp(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const json_t *number = json_object_get(r->obj, "task_id");
    json_t *list;
    PGR_TRY(pgr_take_numbered(r, "task_id", pgr_has(r->obj, "test") ? "Mbpp" : "MBPP", &t->id));
    PGR_TRY(pgr_take_opt(r, "text", &t->prompt));
    if (!t->prompt) PGR_TRY(pgr_take(r, "prompt", &t->prompt));
    PGR_TRY(pgr_take(r, "code", &t->solution));
    PGR_TRY(pgr_json_array(r->obj, r->where, "test_list", &list));
    if (json_is_integer(number)) PGR_TRY(pgr_take_text(split_of(json_integer_value(number)), &t->split));
    t->tests = json_copy(list);
    if (!t->tests) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
    t->test_kind = PGR_SBX_ASSERTS;
    PGR_TRY(find_entry(t));
    PGR_TRY(prepend_setup(r, t));
    t->limits.cpu_s = 3;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 64u << 20;
    return add_plus(r, t);
}

const struct pgr_family pgr_family_mbpp = {"mbpp", "MBPP, its sanitized part, or MBPP+ with its tests as a program",
                                           is_mbpp, read_mbpp};
