/* literal.c - literals in Python source, read without Python.
 *
 * Strict on purpose: what is not surely understood is refused, and the tests are then run by Python itself. */
#include "sbx/literal.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "sbx/wire.h"

enum { MAX_DEPTH = 40, MAX_KEYS = 200, MAX_NUMBER = 60 };
static const int64_t exact_in_double = (int64_t)1 << 53;

/* ---- characters ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) || (unsigned char)c >= 0x80;
}

static char at(const struct pgr_source *s, size_t i) { return (size_t)(s->end - s->p) > i ? s->p[i] : '\0'; }

void pgr_source_space(struct pgr_source *s) {
    for (;; s->p++) {
        char c = at(s, 0);
        if (s->open && c == '#')
            while (s->p < s->end && *s->p != '\n') s->p++;
        c = at(s, 0);
        if (c != ' ' && c != '\t' && !(c == '\n' && s->open)) return;
    }
}

bool pgr_source_take(struct pgr_source *s, const char *text) {
    size_t n = strlen(text);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0) return false;
    s->p += n;
    pgr_source_space(s);
    return true;
}

size_t pgr_source_name(struct pgr_source *s, const char **name) {
    size_t n = 0;
    if (is_digit(at(s, 0))) return 0;
    while (is_word(at(s, n)) && (unsigned char)at(s, n) < 0x80) n++;
    if (is_word(at(s, n))) return 0;
    *name = s->p;
    s->p += n;
    pgr_source_space(s);
    return n;
}

bool pgr_source_word(struct pgr_source *s, const char *word) {
    return !is_word(at(s, strlen(word))) && pgr_source_take(s, word);
}

static bool open_bracket(struct pgr_source *s, const char *bracket) {
    s->open++;
    if (pgr_source_take(s, bracket)) return true;
    s->open--;
    return false;
}

static bool close_bracket(struct pgr_source *s, const char *bracket) {
    s->open--;
    if (pgr_source_take(s, bracket)) return true;
    s->open++;
    return false;
}

/* ---- texts ---- */

static void put_utf8(struct pgr_buf *b, uint32_t c) {
    if (c < 0x80) {
        pgr_buf_addc(b, (char)c);
    } else if (c < 0x800) {
        pgr_buf_addc(b, (char)(0xc0 | c >> 6));
        pgr_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    } else {
        pgr_buf_addc(b, (char)(0xe0 | c >> 12));
        pgr_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        pgr_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    }
}

static int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* n digits of a base, or as many as there are of at most n where `few`. */
static bool code(struct pgr_source *s, size_t n, int base, bool few, struct pgr_buf *out) {
    uint32_t v = 0;
    size_t i = 0;
    for (; i < n && digit_value(at(s, 0)) < base; i++, s->p++) v = v * (uint32_t)base + (uint32_t)digit_value(*s->p);
    if (i == 0 || (!few && i < n)) return false;
    if (v >= 0xd800 && v < 0xe000) return false; /* half of a pair */
    put_utf8(out, v);
    return true;
}

static bool escape(struct pgr_source *s, struct pgr_buf *out) {
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    char c = at(s, 0);
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        pgr_buf_addc(out, to[known - from]);
        s->p++;
        return true;
    }
    if (c >= '0' && c <= '7') return code(s, 3, 8, true, out);
    if (s->p == s->end) return false;
    s->p++;
    if (c == 'x') return code(s, 2, 16, false, out);
    if (c == 'u') return code(s, 4, 16, false, out);
    return c == '\n'; /* not there at all */
}

static bool one_text(struct pgr_source *s, struct pgr_buf *out) {
    char quote = at(s, 0);
    if (quote != '"' && quote != '\'') return false;
    size_t n_quotes = at(s, 1) == quote && at(s, 2) == quote ? 3 : 1;
    s->p += n_quotes;
    while (s->p < s->end) {
        if (*s->p == quote && (n_quotes == 1 || (at(s, 1) == quote && at(s, 2) == quote))) {
            s->p += n_quotes;
            pgr_source_space(s);
            return true;
        }
        char c = *s->p++;
        if (c == '\n' && n_quotes == 1) return false;
        if (c == '\\') {
            if (!escape(s, out)) return false;
        } else {
            pgr_buf_addc(out, c);
        }
    }
    return false;
}

bool pgr_literal_text(struct pgr_source *s, struct pgr_buf *out) {
    do {
        if (!one_text(s, out)) return false;
    } while (at(s, 0) == '"' || at(s, 0) == '\'');
    return true;
}

bool pgr_source_skip(struct pgr_source *s) {
    size_t open = 0;
    for (; s->p < s->end; s->p++) {
        char c = *s->p;
        if (c == '\n' && open == 0) return true;
        if (c == '#')
            while (s->p + 1 < s->end && s->p[1] != '\n') s->p++;
        if (c == ';' || c == '\\') return false;
        if (strchr("([{", c)) open++;
        if (strchr(")]}", c) && open-- == 0) return false;
        if (c != '"' && c != '\'') continue;
        size_t n = at(s, 1) == c && at(s, 2) == c ? 3 : 1;
        for (s->p += n; s->p < s->end; s->p++) {
            if (*s->p == '\n' && n == 1) return false;
            if (*s->p == '\\' && s->p + 1 < s->end)
                s->p++;
            else if (*s->p == c && (n == 1 || (at(s, 1) == c && at(s, 2) == c)))
                break;
        }
        if (s->p >= s->end) return false;
        s->p += n - 1;
    }
    return open == 0;
}

/* ---- numbers ---- */

struct value {
    enum { INT, REAL, OTHER } kind; /* OTHER is written already */
    int64_t i;
    double r;
    size_t from; /* where it starts in the output, if OTHER */
};

static bool number(struct pgr_source *s, struct value *v, struct pgr_buf *out) {
    char text[MAX_NUMBER + 1];
    size_t n = 0;
    bool real = false;
    for (; n < MAX_NUMBER; n++) {
        char c = at(s, n);
        bool sign = (c == '+' || c == '-') && n > 0 && (text[n - 1] == 'e' || text[n - 1] == 'E');
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && !sign) break;
        real |= !is_digit(c);
        text[n] = c;
    }
    text[n] = '\0';
    if (n == 0 || n == MAX_NUMBER || is_word(at(s, n)) ||
        (!is_digit(text[0]) && !(text[0] == '.' && is_digit(text[1]))))
        return false;
    s->p += n;
    pgr_source_space(s);
    if (real) {
        char *end;
        *v = (struct value){.kind = REAL, .r = strtod(text, &end)};
        return *end == '\0';
    }
    if (text[0] == '0' && n > 1) return false;
    if (n <= 18) {
        *v = (struct value){.kind = INT, .i = strtoll(text, NULL, 10)};
        return true;
    }
    *v = (struct value){.kind = OTHER, .from = out->len};
    return pgr_wire_put_decimal(out, text) == PGR_OK;
}

static bool as_real(const struct value *v, double *r) {
    if (v->kind == OTHER || (v->kind == INT && (v->i > exact_in_double || v->i < -exact_in_double))) return false;
    *r = v->kind == REAL ? v->r : (double)v->i;
    return true;
}

static bool power_of(struct value *a, const struct value *b) {
    if (a->kind != INT || b->kind != INT || b->i < 0 || b->i > 200) return false;
    int64_t v = 1;
    for (int64_t i = 0; i < b->i; i++)
        if (__builtin_mul_overflow(v, a->i, &v)) return false;
    a->i = v;
    return true;
}

static bool divide_ints(char op, struct value *a, int64_t b) {
    if (b == 0 || b == -1) return false;
    int64_t q = a->i / b, r = a->i % b;
    if (r != 0 && (r < 0) != (b < 0)) q--, r += b;
    a->i = op == '%' ? r : q;
    return true;
}

/* op: + - * / and % for the remainder, | for the division to an int. */
static bool apply(char op, struct value *a, const struct value *b) {
    if (a->kind == INT && b->kind == INT && op != '/') {
        if (op == '+') return !__builtin_add_overflow(a->i, b->i, &a->i);
        if (op == '-') return !__builtin_sub_overflow(a->i, b->i, &a->i);
        if (op == '*') return !__builtin_mul_overflow(a->i, b->i, &a->i);
        return divide_ints(op, a, b->i);
    }
    double x, y;
    if (!as_real(a, &x) || !as_real(b, &y) || op == '%' || op == '|' || (op == '/' && y == 0)) return false;
    *a = (struct value){.kind = REAL, .r = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y};
    return true;
}

/* Two texts that stand one after the other in the output become one. */
static bool join_texts(struct pgr_buf *out, const struct value *a, const struct value *b) {
    if (!out->data || a->kind != OTHER || b->kind != OTHER || out->data[a->from] != 's' || out->data[b->from] != 's')
        return false;
    const char *first = strchr(out->data + a->from, ':') + 1, *second = strchr(out->data + b->from, ':') + 1;
    size_t n_first = (size_t)(out->data + b->from - first), n_second = (size_t)(out->data + out->len - second);
    struct pgr_buf joined = PGR_BUF_INIT;
    pgr_wire_put_head(&joined, 's', n_first + n_second);
    pgr_buf_add(&joined, first, n_first);
    pgr_buf_add(&joined, second, n_second);
    bool ok = pgr_buf_ok(&joined) == PGR_OK;
    out->len = a->from;
    if (ok) pgr_buf_add(out, joined.data, joined.len);
    pgr_buf_free(&joined);
    return ok;
}

/* ---- expressions ---- */

static bool sum(struct pgr_source *s, struct value *v, struct pgr_buf *out);

static bool put(const struct value *v, struct pgr_buf *out) {
    if (v->kind == REAL && isnan(v->r)) return false; /* equal to nothing in Python */
    if (v->kind == INT) pgr_wire_put_int(out, v->i);
    if (v->kind == REAL) pgr_wire_put_real(out, v->r);
    return true;
}

static void put_container(struct pgr_buf *out, size_t from, char kind, size_t n, struct pgr_buf *items) {
    out->len = from;
    pgr_wire_put_head(out, kind, n);
    pgr_buf_add(out, items->data ? items->data : "", items->len);
}

/* Whether keys are surely different from each other and can be hashed: ints, texts and None, by their bytes. */
static bool distinct(const struct pgr_buf *items, const size_t (*key)[2], size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!strchr("isN", items->data[key[i][0]])) return false;
        for (size_t k = 0; k < i; k++)
            if (key[i][1] == key[k][1] && memcmp(items->data + key[i][0], items->data + key[k][0], key[i][1]) == 0)
                return false;
    }
    return true;
}

/* Behind the opening bracket. kind: l, t (or a value in brackets), or u (or a dict). */
static bool items(struct pgr_source *s, char kind, const char *close, struct value *v, struct pgr_buf *out) {
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n = 0, key[MAX_KEYS][2];
    bool comma = false, ok = true;
    if (kind == 'u' && at(s, 0) == '}') kind = 'd';
    *v = (struct value){.kind = OTHER, .from = out->len};
    while (!close_bracket(s, close)) {
        struct value item;
        size_t from = b.len;
        ok = (n == 0 || comma) && sum(s, &item, &b) && put(&item, &b);
        if (ok && n == 0 && kind == 'u' && at(s, 0) == ':') kind = 'd';
        if (ok && (kind == 'd' || kind == 'u')) {
            ok = n < MAX_KEYS && b.data;
            if (ok) key[n][0] = from, key[n][1] = b.len - from;
        }
        if (ok && kind == 'd') ok = pgr_source_take(s, ":") && sum(s, &item, &b) && put(&item, &b);
        if (!ok) break;
        n++;
        comma = pgr_source_take(s, ",");
        if (kind == 't' && n == 1 && !comma) { /* no tuple */
            ok = close_bracket(s, close);
            if (ok && item.kind != OTHER) *v = item;
            if (ok && item.kind == OTHER) pgr_buf_add(out, b.data, b.len);
            pgr_buf_free(&b);
            return ok;
        }
    }
    ok = ok && pgr_buf_ok(&b) == PGR_OK && ((kind != 'd' && kind != 'u') || distinct(&b, key, n));
    if (ok) put_container(out, v->from, kind, n, &b);
    s->has_set |= kind == 'u';
    pgr_buf_free(&b);
    return ok;
}

static bool atom(struct pgr_source *s, struct value *v, struct pgr_buf *out) {
    static const char *const words[] = {"None", "True", "False"};
    char c = at(s, 0);
    *v = (struct value){.kind = OTHER, .from = out->len};
    if (c == '"' || c == '\'') {
        struct pgr_buf text = PGR_BUF_INIT;
        bool ok = pgr_literal_text(s, &text) && pgr_buf_ok(&text) == PGR_OK;
        if (ok) pgr_wire_put_text(out, 's', pgr_buf_str(&text), text.len);
        pgr_buf_free(&text);
        return ok;
    }
    for (size_t i = 0; i < PGR_COUNT(words); i++) {
        if (pgr_source_word(s, words[i])) {
            pgr_buf_addc(out, words[i][0]);
            return true;
        }
    }
    if (open_bracket(s, "[")) return items(s, 'l', "]", v, out);
    if (open_bracket(s, "(")) return items(s, 't', ")", v, out);
    if (open_bracket(s, "{")) return items(s, 'u', "}", v, out);
    return number(s, v, out);
}

static bool factor(struct pgr_source *s, struct value *v, struct pgr_buf *out) {
    if (s->depth >= MAX_DEPTH) return false;
    s->depth++;
    bool ok, minus = pgr_source_take(s, "-");
    if (minus || pgr_source_take(s, "+")) {
        ok = factor(s, v, out) && v->kind != OTHER && !(v->kind == INT && v->i == INT64_MIN);
        if (ok && minus && v->kind == INT) v->i = -v->i;
        if (ok && minus && v->kind == REAL) v->r = -v->r;
    } else {
        struct value exponent;
        ok = atom(s, v, out);
        if (ok && pgr_source_take(s, "**")) ok = factor(s, &exponent, out) && power_of(v, &exponent);
    }
    s->depth--;
    return ok;
}

static bool product(struct pgr_source *s, struct value *v, struct pgr_buf *out) {
    if (!factor(s, v, out)) return false;
    for (;;) {
        struct value w;
        char op = pgr_source_take(s, "//") ? '|' : at(s, 0);
        if (op != '|') {
            if (op == '\0' || !strchr("*/%", op)) return true;
            pgr_source_take(s, (char[2]){op, '\0'});
        }
        if (!factor(s, &w, out) || !apply(op, v, &w)) return false;
    }
}

static bool sum(struct pgr_source *s, struct value *v, struct pgr_buf *out) {
    if (!product(s, v, out)) return false;
    for (;;) {
        struct value w;
        char op = at(s, 0);
        if (op != '+' && op != '-') return true;
        pgr_source_take(s, (char[2]){op, '\0'});
        if (!product(s, &w, out)) return false;
        if (v->kind == OTHER || w.kind == OTHER) {
            if (op != '+' || !join_texts(out, v, &w)) return false;
        } else if (!apply(op, v, &w)) {
            return false;
        }
    }
}

bool pgr_literal(struct pgr_source *s, struct pgr_buf *out) {
    struct value v;
    return sum(s, &v, out) && put(&v, out) && pgr_buf_ok(out) == PGR_OK;
}
