/* family.c - the list of layouts, and what their readers share. */
#include "task/family.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/wide.h"

const struct pgr_family *const pgr_families[] = {
#define X(name) &pgr_family_##name,
    PGR_FAMILY_LIST(X)
#undef X
        NULL};

const struct pgr_family *pgr_family_of(const json_t *obj) {
    for (size_t i = 0; pgr_families[i]; i++)
        if (pgr_families[i]->is(obj)) return pgr_families[i];
    return NULL;
}

pgr_err pgr_take_text(const char *s, char **dst) {
    if (!s) return PGR_OK;
    char *copy = pgr_strdup(s);
    if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_free(*dst);
    *dst = copy;
    return PGR_OK;
}

pgr_err pgr_take(const struct pgr_record *r, const char *key, char **dst) {
    const char *s;
    PGR_TRY(pgr_json_str(r->obj, r->where, key, &s));
    return pgr_take_text(s, dst);
}

pgr_err pgr_take_opt(const struct pgr_record *r, const char *key, char **dst) {
    const char *s = NULL;
    PGR_TRY(pgr_json_str_opt(r->obj, r->where, key, &s));
    return pgr_take_text(s && s[0] ? s : NULL, dst);
}

pgr_err pgr_take_numbered(const struct pgr_record *r, const char *key, const char *name, char **dst) {
    char text[300];
    const json_t *v = json_object_get(r->obj, key);
    if (json_is_integer(v))
        snprintf(text, sizeof text, "%s/%lld", name, (long long)json_integer_value(v));
    else if (json_is_string(v) && strlen(json_string_value(v)) < 200)
        snprintf(text, sizeof text, "%s%s%s", strchr(json_string_value(v), '/') ? "" : name,
                 strchr(json_string_value(v), '/') ? "" : "/", json_string_value(v));
    else
        return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be a number or a short text", r->where, key);
    return pgr_take_text(text, dst);
}

pgr_err pgr_take_packed(const struct pgr_record *r, const char *key, json_t **out) {
    json_t *v = json_object_get(r->obj, key);
    if (!v || json_is_null(v)) return pgr_fail(PGR_E_FORMAT, "%s: missing key \"%s\"", r->where, key);
    if (!json_is_string(v)) {
        *out = json_incref(v);
        return PGR_OK;
    }
    char where[1200];
    snprintf(where, sizeof where, "%s: key \"%s\"", r->where, key);
    return pgr_json_parse_wide(where, json_string_value(v), json_string_length(v), out);
}

pgr_err pgr_take_buf(struct pgr_buf *b, char **dst) {
    PGR_TRY(pgr_buf_ok(b));
    pgr_err err = pgr_take_text(pgr_buf_str(b), dst);
    pgr_buf_free(b);
    return err;
}

void pgr_put_literal(struct pgr_buf *b, const char *s, size_t n) {
    static const char hex[] = "0123456789abcdef";
    pgr_buf_addc(b, '"');
    for (size_t i = 0; i < n;) {
        size_t to = i;
        while (to < n && s[to] != '"' && s[to] != '\\' && (unsigned char)s[to] >= 0x20) to++;
        pgr_buf_add(b, s + i, to - i);
        if (to < n) {
            unsigned char c = (unsigned char)s[to++];
            if (c == '"' || c == '\\') {
                pgr_buf_addc(b, '\\');
                pgr_buf_addc(b, (char)c);
            } else if (c == '\n') {
                pgr_buf_adds(b, "\\n");
            } else {
                pgr_buf_adds(b, "\\x");
                pgr_buf_addc(b, hex[c >> 4]);
                pgr_buf_addc(b, hex[c & 15]);
            }
        }
        i = to;
    }
    pgr_buf_addc(b, '"');
}

bool pgr_last_boxed(const char *s, const char **from, size_t *n) {
    const char *at = NULL;
    for (const char *p = s; (p = strstr(p, "\\boxed")); p++) at = p;
    const char *f = NULL;
    for (const char *p = s; (p = strstr(p, "\\fbox")); p++) f = p;
    if (!at || (f && f > at)) at = f ? f : at;
    if (!at) return false;
    at += strncmp(at, "\\boxed", 6) == 0 ? 6 : 5;
    if (*at == ' ') { /* "\boxed 5" */
        at++;
        *from = at;
        *n = strcspn(at, "$ \n");
        return *n > 0;
    }
    if (*at != '{') return false;
    size_t depth = 0;
    for (const char *p = at; *p; p++) {
        if (*p == '\\' && p[1]) {
            p++;
            continue;
        }
        depth += *p == '{';
        depth -= *p == '}';
        if (depth == 0) {
            *from = at + 1;
            *n = (size_t)(p - at - 1);
            return true;
        }
    }
    return false;
}
