/* show.c - wire values in Python's notation, for people. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbx/wire.h"

struct view {
    const unsigned char *p, *end;
    struct pgr_buf *out;
    size_t limit; /* length of *out at which to stop */
};

static bool full(const struct view *v) { return v->out->len >= v->limit; }

static size_t count(struct view *v) {
    size_t n = 0;
    while (v->p < v->end && isdigit(*v->p)) n = n * 10 + (size_t)(*v->p++ - '0');
    if (v->p < v->end) v->p++;
    size_t left = (size_t)(v->end - v->p);
    return n < left ? n : left;
}

static void show_bytes(struct view *v, size_t n, bool text) {
    pgr_buf_adds(v->out, text ? "'" : "b'");
    for (size_t i = 0; i < n && !full(v); i++) {
        unsigned char c = v->p[i];
        if (c == '\n')
            pgr_buf_adds(v->out, "\\n");
        else if (c == '\'' || c == '\\')
            pgr_buf_addf(v->out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f || (!text && c >= 0x80))
            pgr_buf_addf(v->out, "\\x%02x", c);
        else
            pgr_buf_addc(v->out, (char)c);
    }
    v->p += n;
    pgr_buf_addc(v->out, '\'');
}

static void show_real(struct view *v) {
    if (v->end - v->p < 16) return;
    double d = pgr_wire_real(v->p);
    char s[40];
    v->p += 16;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, d);
        if (strtod(s, NULL) == d) break;
    }
    pgr_buf_adds(v->out, s);
    if (isfinite(d) && !strpbrk(s, ".e")) pgr_buf_adds(v->out, ".0");
}

static void show_number(struct view *v, bool hex) {
    if (hex && v->p < v->end && *v->p == '-') {
        pgr_buf_addc(v->out, '-');
        v->p++;
    }
    if (hex) pgr_buf_adds(v->out, "0x");
    while (v->p < v->end && *v->p != ';') {
        if (!full(v)) pgr_buf_addc(v->out, (char)*v->p);
        v->p++;
    }
    if (v->p < v->end) v->p++;
}

static void show_value(struct view *v);

static void show_items(struct view *v, const char *open, const char *close, bool pairs) {
    size_t n = count(v);
    pgr_buf_adds(v->out, open);
    for (size_t i = 0; i < n && !full(v) && v->p < v->end; i++) {
        if (i) pgr_buf_adds(v->out, ", ");
        show_value(v);
        if (pairs) {
            pgr_buf_adds(v->out, ": ");
            show_value(v);
        }
    }
    pgr_buf_adds(v->out, close);
}

static void show_name(struct view *v, const char *form) {
    size_t n = count(v);
    pgr_buf_addf(v->out, form, (int)(n > PGR_WIRE_MAX_NAME ? PGR_WIRE_MAX_NAME : n), (const char *)v->p);
    v->p += n;
}

static void show_value(struct view *v) {
    if (v->p >= v->end || full(v)) return;
    unsigned char kind = *v->p++;
    switch (kind) {
    case 'N': pgr_buf_adds(v->out, "None"); break;
    case 'T': pgr_buf_adds(v->out, "True"); break;
    case 'F': pgr_buf_adds(v->out, "False"); break;
    case 'i': show_number(v, false); break;
    case 'x': show_number(v, true); break;
    case 'r': show_real(v); break;
    case 'c':
        pgr_buf_adds(v->out, "complex(");
        show_real(v);
        pgr_buf_adds(v->out, ", ");
        show_real(v);
        pgr_buf_addc(v->out, ')');
        break;
    case 's': show_bytes(v, count(v), true); break;
    case 'b': show_bytes(v, count(v), false); break;
    case 'l': show_items(v, "[", "]", false); break;
    case 't':
        if (v->end - v->p > 2 && v->p[0] == '1' && v->p[1] == ':')
            show_items(v, "(", ",)", false);
        else
            show_items(v, "(", ")", false);
        break;
    case 'u':
        if (v->p < v->end && *v->p == '0')
            show_items(v, "set(", ")", false);
        else
            show_items(v, "{", "}", false);
        break;
    case 'z': show_items(v, "frozenset({", "})", false); break;
    case 'd': show_items(v, "{", "}", true); break;
    case 'o': show_name(v, "<%.*s>"); break;
    case 'e':
        show_name(v, "%.*s(");
        show_value(v);
        pgr_buf_addc(v->out, ')');
        break;
    default: pgr_buf_adds(v->out, "<object>"); v->p = v->end;
    }
}

void pgr_wire_show(const unsigned char *p, size_t n, size_t max_bytes, struct pgr_buf *out) {
    struct view v = {p, p + n, out, out->len + max_bytes};
    show_value(&v);
    if (full(&v)) pgr_buf_adds(out, "...");
}
