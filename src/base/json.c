/* json.c - jansson with messages that name the place. */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static const size_t LOAD_FLAGS = JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES;
enum { MAX_FILE_BYTES = 256 << 20, MAX_LINE_BYTES = 256 << 20 };

static const char *type_name(const json_t *j) {
    switch (json_typeof(j)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a real number";
    case JSON_TRUE:
    case JSON_FALSE: return "a boolean";
    case JSON_NULL: return "null";
    }
    return "unknown";
}

/* Whole numbers beyond 64 bits occur (tokenizer files write "no limit" as 10^30), and jansson refuses them: this copy
 * makes reals of all numbers of more than 18 digits. Digits in strings are left alone. */
static pgr_err load_with_long_numbers(const char *text, size_t n_bytes, json_error_t *e, json_t **out) {
    struct pgr_buf b = PGR_BUF_INIT;
    bool in_string = false;
    for (size_t i = 0; i < n_bytes;) {
        size_t n = 0;
        while (!in_string && i + n < n_bytes && text[i + n] >= '0' && text[i + n] <= '9') n++;
        if (n > 0) {
            pgr_buf_add(&b, text + i, n);
            i += n;
            bool real = i < n_bytes && strchr(".eE", text[i]) && text[i];
            if (n > 18 && !real) pgr_buf_adds(&b, "e0");
            continue;
        }
        if (text[i] == '"') in_string = !in_string;
        if (in_string && text[i] == '\\' && i + 1 < n_bytes) pgr_buf_addc(&b, text[i++]);
        pgr_buf_addc(&b, text[i++]);
    }
    pgr_err err = pgr_buf_ok(&b);
    if (err == PGR_OK) *out = json_loadb(b.data, b.len, LOAD_FLAGS, e);
    pgr_buf_free(&b);
    return err;
}

pgr_err pgr_json_parse(const char *where, const char *text, size_t n_bytes, json_t **out) {
    json_error_t e;
    json_t *j = json_loadb(text, n_bytes, LOAD_FLAGS, &e);
    if (!j && json_error_code(&e) == json_error_numeric_overflow)
        PGR_TRY(load_with_long_numbers(text, n_bytes, &e, &j));
    if (!j && json_error_code(&e) == json_error_out_of_memory) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    if (!j)
        return pgr_fail(PGR_E_FORMAT, "%s: not valid JSON at line %d column %d: %s", where, e.line, e.column, e.text);
    *out = j;
    return PGR_OK;
}

pgr_err pgr_json_load(const char *path, json_t **out) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_file_read(path, MAX_FILE_BYTES, &b);
    if (err == PGR_OK) err = pgr_json_parse(path, pgr_buf_str(&b), b.len, out);
    pgr_buf_free(&b);
    return err;
}

static int dump_chunk(const char *bytes, size_t n, void *ctx) {
    struct pgr_buf *b = ctx;
    pgr_buf_add(b, bytes, n);
    return b->failed ? -1 : 0;
}

static pgr_err dump(const json_t *j, size_t flags, struct pgr_buf *out) {
    if (json_dump_callback(j, dump_chunk, out, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) != 0) {
        PGR_TRY(pgr_buf_ok(out));
        return pgr_fail(PGR_E_FORMAT, "value cannot be written as JSON");
    }
    return PGR_OK;
}

pgr_err pgr_json_dump(const json_t *j, struct pgr_buf *out) { return dump(j, JSON_COMPACT, out); }

pgr_err pgr_json_save(const char *path, const json_t *j) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = dump(j, JSON_INDENT(2), &b);
    pgr_buf_addc(&b, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    if (err == PGR_OK) err = pgr_file_write_atomic(path, b.data, b.len);
    pgr_buf_free(&b);
    return err;
}

/* Length of the well-formed UTF-8 sequence at s, 0 if there is none (Unicode 15, table 3-7). */
static size_t utf8_len(const unsigned char *s, size_t n) {
    if (s[0] < 0x80) return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
    size_t len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (n < len) return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0;
    if (s[0] == 0xed && s[1] > 0x9f) return 0;
    if (s[0] == 0xf0 && s[1] < 0x90) return 0;
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0;
    return len;
}

json_t *pgr_json_bytes(const char *bytes, size_t n) {
    struct pgr_buf b = PGR_BUF_INIT;
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t i = 0; i < n;) {
        size_t len = utf8_len(s + i, n - i);
        if (len)
            pgr_buf_add(&b, s + i, len);
        else
            pgr_buf_adds(&b, "\xef\xbf\xbd");
        i += len ? len : 1;
    }
    json_t *j = b.failed ? NULL : json_stringn_nocheck(pgr_buf_str(&b), b.len);
    pgr_buf_free(&b);
    return j;
}

static pgr_err wrong_type(const char *where, const char *key, const char *want, const json_t *got) {
    return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be %s, is %s", where, key, want, type_name(got));
}

/* The member, or NULL when absent or null. */
static json_t *member(const json_t *obj, const char *key) {
    json_t *j = json_object_get(obj, key);
    return json_is_null(j) ? NULL : j;
}

static pgr_err missing(const char *where, const char *key) {
    return pgr_fail(PGR_E_FORMAT, "%s: missing key \"%s\"", where, key);
}

pgr_err pgr_json_str_opt(const json_t *obj, const char *where, const char *key, const char **out) {
    const json_t *j = member(obj, key);
    if (!j) return PGR_OK;
    if (!json_is_string(j)) return wrong_type(where, key, "a string", j);
    *out = json_string_value(j);
    return PGR_OK;
}

pgr_err pgr_json_str(const json_t *obj, const char *where, const char *key, const char **out) {
    return member(obj, key) ? pgr_json_str_opt(obj, where, key, out) : missing(where, key);
}

pgr_err pgr_json_size_opt(const json_t *obj, const char *where, const char *key, size_t min, size_t max, size_t *out) {
    const json_t *j = member(obj, key);
    if (!j) return PGR_OK;
    if (!json_is_integer(j)) return wrong_type(where, key, "an integer", j);
    json_int_t v = json_integer_value(j);
    if (v < 0 || (uint64_t)v < min || (uint64_t)v > max)
        return pgr_fail(PGR_E_RANGE, "%s: key \"%s\" is %lld, must be %zu to %zu", where, key, (long long)v, min, max);
    *out = (size_t)v;
    return PGR_OK;
}

pgr_err pgr_json_size(const json_t *obj, const char *where, const char *key, size_t min, size_t max, size_t *out) {
    return member(obj, key) ? pgr_json_size_opt(obj, where, key, min, max, out) : missing(where, key);
}

pgr_err pgr_json_real_opt(const json_t *obj, const char *where, const char *key, double *out) {
    const json_t *j = member(obj, key);
    if (!j) return PGR_OK;
    if (!json_is_number(j)) return wrong_type(where, key, "a number", j);
    *out = json_number_value(j);
    return PGR_OK;
}

pgr_err pgr_json_real(const json_t *obj, const char *where, const char *key, double *out) {
    return member(obj, key) ? pgr_json_real_opt(obj, where, key, out) : missing(where, key);
}

pgr_err pgr_json_bool_opt(const json_t *obj, const char *where, const char *key, bool *out) {
    const json_t *j = member(obj, key);
    if (!j) return PGR_OK;
    if (!json_is_boolean(j)) return wrong_type(where, key, "true or false", j);
    *out = json_is_true(j);
    return PGR_OK;
}

pgr_err pgr_json_array(const json_t *obj, const char *where, const char *key, json_t **out) {
    json_t *j = member(obj, key);
    if (!j) return missing(where, key);
    if (!json_is_array(j)) return wrong_type(where, key, "an array", j);
    *out = j;
    return PGR_OK;
}

pgr_err pgr_json_object(const json_t *obj, const char *where, const char *key, json_t **out) {
    json_t *j = member(obj, key);
    if (!j) return missing(where, key);
    if (!json_is_object(j)) return wrong_type(where, key, "an object", j);
    *out = j;
    return PGR_OK;
}

pgr_err pgr_jsonl_each(const char *path, pgr_jsonl_fn fn, void *ctx) {
    struct pgr_lines *lines;
    PGR_TRY(pgr_lines_open(path, MAX_LINE_BYTES, &lines));
    pgr_err err;
    for (;;) {
        const char *line;
        size_t n, number;
        err = pgr_lines_next(lines, &line, &n, &number);
        if (err != PGR_OK || !line) break;
        if (strspn(line, " \t") == n) continue;
        char where[1024];
        snprintf(where, sizeof where, "%s:%zu", path, number);
        json_t *obj;
        json_error_t e;
        obj = json_loadb(line, n, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
        if (!obj) {
            err = pgr_fail(PGR_E_FORMAT, "%s: not valid JSON at column %d: %s", where, e.column, e.text);
            break;
        }
        err = json_is_object(obj)
                  ? fn(ctx, where, obj)
                  : pgr_fail(PGR_E_FORMAT, "%s: each line must be a JSON object, this is %s", where, type_name(obj));
        json_decref(obj);
        if (err != PGR_OK) break;
    }
    pgr_lines_close(lines);
    return err;
}
