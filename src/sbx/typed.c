/* typed.c - JSON with a few escapes to wire values. */
#include "sbx/typed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "sbx/wire.h"

static pgr_err encode(const json_t *j, const char *where, int depth, struct pgr_buf *out);

static pgr_err encode_items(const json_t *array, const char *where, const char *key, char kind, int depth,
                            struct pgr_buf *out) {
    if (!json_is_array(array)) return pgr_fail(PGR_E_FORMAT, "%s: \"%s\" needs an array", where, key);
    pgr_wire_put_head(out, kind, json_array_size(array));
    for (size_t i = 0; i < json_array_size(array); i++)
        PGR_TRY(encode(json_array_get(array, i), where, depth + 1, out));
    return PGR_OK;
}

static pgr_err encode_pairs(const json_t *array, const char *where, int depth, struct pgr_buf *out) {
    if (!json_is_array(array)) return pgr_fail(PGR_E_FORMAT, "%s: \"__dict__\" needs an array of pairs", where);
    pgr_wire_put_head(out, 'd', json_array_size(array));
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *pair = json_array_get(array, i);
        if (!json_is_array(pair) || json_array_size(pair) != 2)
            return pgr_fail(PGR_E_FORMAT, "%s: entry %zu of \"__dict__\" is not [key, value]", where, i);
        PGR_TRY(encode(json_array_get(pair, 0), where, depth + 1, out));
        PGR_TRY(encode(json_array_get(pair, 1), where, depth + 1, out));
    }
    return PGR_OK;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static pgr_err encode_bytes(const json_t *s, const char *where, struct pgr_buf *out) {
    size_t n = json_string_length(s);
    const char *hex = json_string_value(s);
    if (!hex || n % 2 != 0) return pgr_fail(PGR_E_FORMAT, "%s: \"__bytes__\" needs pairs of hex digits", where);
    pgr_wire_put_head(out, 'b', n / 2);
    for (size_t i = 0; i < n; i += 2) {
        int hi = hex_digit(hex[i]), lo = hex_digit(hex[i + 1]);
        if (hi < 0 || lo < 0) return pgr_fail(PGR_E_FORMAT, "%s: \"__bytes__\" needs lower-case hex digits", where);
        pgr_buf_addc(out, (char)(hi << 4 | lo));
    }
    return PGR_OK;
}

/* A number, or a string as Python writes floats: "nan", "inf", "-inf", "0x1.8p+1" or decimal. */
static pgr_err real_of(const json_t *j, const char *where, double *v) {
    if (json_is_number(j)) {
        *v = json_number_value(j);
        return PGR_OK;
    }
    const char *s = json_string_value(j);
    char *end = NULL;
    if (s && *s && strspn(s, "+-.0123456789abcdefinpx") == strlen(s)) {
        *v = strtod(s, &end);
        if (*end == '\0') return PGR_OK;
    }
    return pgr_fail(PGR_E_FORMAT, "%s: \"__float__\" needs nan, inf, -inf or a number as text", where);
}

static pgr_err encode_escape(const char *key, const json_t *v, const char *where, int depth, struct pgr_buf *out) {
    if (strcmp(key, "__tuple__") == 0) return encode_items(v, where, key, 't', depth, out);
    if (strcmp(key, "__set__") == 0) return encode_items(v, where, key, 'u', depth, out);
    if (strcmp(key, "__frozenset__") == 0) return encode_items(v, where, key, 'z', depth, out);
    if (strcmp(key, "__dict__") == 0) return encode_pairs(v, where, depth, out);
    if (strcmp(key, "__bytes__") == 0) return encode_bytes(v, where, out);
    if (strcmp(key, "__int__") == 0) {
        if (!json_is_string(v)) return pgr_fail(PGR_E_FORMAT, "%s: \"__int__\" needs a decimal number as text", where);
        pgr_err err = pgr_wire_put_decimal(out, json_string_value(v));
        return err == PGR_OK ? err : pgr_fail_prefix(err, "%s", where);
    }
    double re, im;
    if (strcmp(key, "__float__") == 0) {
        PGR_TRY(real_of(v, where, &re));
        pgr_wire_put_real(out, re);
        return PGR_OK;
    }
    if (!json_is_array(v) || json_array_size(v) != 2)
        return pgr_fail(PGR_E_FORMAT, "%s: \"__complex__\" needs [real, imaginary]", where);
    PGR_TRY(real_of(json_array_get(v, 0), where, &re));
    PGR_TRY(real_of(json_array_get(v, 1), where, &im));
    pgr_wire_put_complex(out, re, im);
    return PGR_OK;
}

static bool is_escape(const char *key) {
    static const char *const escapes[] = {"__tuple__", "__set__", "__frozenset__", "__dict__",
                                          "__bytes__", "__int__", "__float__",     "__complex__"};
    for (size_t i = 0; i < PGR_COUNT(escapes); i++)
        if (strcmp(key, escapes[i]) == 0) return true;
    return false;
}

static pgr_err encode_object(const json_t *j, const char *where, int depth, struct pgr_buf *out) {
    json_t *object = (json_t *)(uintptr_t)j; /* jansson's iterators take no const */
    const char *key;
    json_t *v;
    if (json_object_size(j) == 1) {
        void *it = json_object_iter(object);
        key = json_object_iter_key(it);
        if (is_escape(key)) return encode_escape(key, json_object_iter_value(it), where, depth, out);
    }
    pgr_wire_put_head(out, 'd', json_object_size(j));
    json_object_foreach(object, key, v) {
        pgr_wire_put_text(out, 's', key, strlen(key));
        PGR_TRY(encode(v, where, depth + 1, out));
    }
    return PGR_OK;
}

static pgr_err encode(const json_t *j, const char *where, int depth, struct pgr_buf *out) {
    if (depth > PGR_WIRE_MAX_DEPTH)
        return pgr_fail(PGR_E_FORMAT, "%s: nested more than %d deep", where, PGR_WIRE_MAX_DEPTH);
    switch (json_typeof(j)) {
    case JSON_NULL: pgr_buf_addc(out, 'N'); return PGR_OK;
    case JSON_TRUE: pgr_buf_addc(out, 'T'); return PGR_OK;
    case JSON_FALSE: pgr_buf_addc(out, 'F'); return PGR_OK;
    case JSON_INTEGER: pgr_wire_put_int(out, json_integer_value(j)); return PGR_OK;
    case JSON_REAL: pgr_wire_put_real(out, json_real_value(j)); return PGR_OK;
    case JSON_STRING: pgr_wire_put_text(out, 's', json_string_value(j), json_string_length(j)); return PGR_OK;
    case JSON_ARRAY: return encode_items(j, where, "array", 'l', depth, out);
    case JSON_OBJECT: return encode_object(j, where, depth, out);
    }
    return pgr_fail(PGR_E_INTERNAL, "%s: unknown JSON type", where);
}

pgr_err pgr_typed_encode(const json_t *j, const char *where, struct pgr_buf *out) {
    PGR_TRY(encode(j, where, 0, out));
    return pgr_buf_ok(out);
}
