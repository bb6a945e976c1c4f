/* plan.c - reading tests. */
#define _GNU_SOURCE /* memmem */
#include "sbx/plan.h"

#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "sbx/literal.h"
#include "sbx/wire.h"

enum { MAX_CALLEE = 200, MAX_MESSAGE = 400 };

struct reader {
    struct pgr_plan *plan;
    struct pgr_source s;
    const char *name; /* the function or class under test */
    size_t n_name;
    size_t test, n_tests;
    bool own_abs;         /* the setup may have an abs() of its own */
    bool defined, called; /* check(): defined in this snippet, called after it */
    bool in_check;
    char parameter[64]; /* of check(), within it */
};

static bool is(const char *name, size_t n, const char *word) { return n == strlen(word) && memcmp(name, word, n) == 0; }

/* ---- calls ---- */

/* f, or Class().f: the function or class under test with attributes and empty calls, up to the last bracket. */
static bool read_callee(struct reader *r) {
    struct pgr_source *s = &r->s;
    struct pgr_buf text = PGR_BUF_INIT;
    const char *name;
    size_t n = pgr_source_name(s, &name);
    bool ok = n > 0;
    if (r->in_check && is(name, n, r->parameter))
        pgr_buf_add(&text, r->name, r->n_name);
    else if (ok && n == r->n_name && memcmp(name, r->name, n) == 0 && !is(name, n, r->parameter))
        pgr_buf_add(&text, name, n);
    else
        ok = false;
    for (size_t dots = 0; ok; dots++) {
        struct pgr_source before = *s;
        if (pgr_source_take(s, "(") && pgr_source_take(s, ")") && pgr_source_take(s, ".")) {
            pgr_buf_adds(&text, "()");
        } else {
            *s = before;
            if (!pgr_source_take(s, ".")) break;
        }
        n = pgr_source_name(s, &name);
        ok = n > 0 && name[0] != '_' && dots < 8;
        pgr_buf_addc(&text, '.');
        pgr_buf_add(&text, name, n);
    }
    struct pgr_plan *p = r->plan;
    ok = ok && pgr_buf_ok(&text) == PGR_OK && text.len < MAX_CALLEE;
    if (ok && p->callee.len == 0) pgr_buf_add(&p->callee, text.data, text.len);
    ok = ok && p->callee.len == text.len && memcmp(p->callee.data, text.data, text.len) == 0;
    pgr_buf_free(&text);
    return ok;
}

/* name = literal, as a pair of a dict that has n already; or a literal alone, which no named one precedes. */
static bool read_argument(struct reader *r, struct pgr_buf *args, size_t *n_args, struct pgr_buf *named,
                          size_t *n_named) {
    struct pgr_source *s = &r->s, before = *s;
    const char *name;
    size_t n = pgr_source_name(s, &name);
    if (n > 0 && pgr_source_take(s, "=") && s->p < s->end && *s->p != '=') {
        struct pgr_buf key = PGR_BUF_INIT;
        pgr_wire_put_text(&key, 's', name, n);
        bool twice = pgr_buf_ok(&key) != PGR_OK;
        for (size_t i = 0; !twice && i + key.len <= named->len; i++)
            twice = memcmp(named->data + i, key.data, key.len) == 0; /* or looks like it: refused as well */
        pgr_buf_add(named, pgr_buf_str(&key), key.len);
        pgr_buf_free(&key);
        ++*n_named;
        return !twice && pgr_literal(s, named);
    }
    *s = before;
    ++*n_args;
    return *n_named == 0 && pgr_literal(s, args);
}

static bool read_call(struct reader *r) {
    struct pgr_source *s = &r->s;
    struct pgr_buf args = PGR_BUF_INIT, named = PGR_BUF_INIT;
    size_t n_args = 0, n_named = 0;
    if (!read_callee(r)) return false;
    s->open++;
    bool ok = pgr_source_take(s, "("), comma = true, done = false;
    while (ok && !done) {
        if (s->p < s->end && *s->p == ')') {
            s->open--;
            done = pgr_source_take(s, ")");
        } else {
            ok = comma && read_argument(r, &args, &n_args, &named, &n_named);
            comma = ok && pgr_source_take(s, ",");
        }
    }
    ok = ok && !s->has_set && pgr_buf_ok(&args) == PGR_OK && pgr_buf_ok(&named) == PGR_OK;
    if (ok) {
        struct pgr_buf *calls = &r->plan->calls;
        pgr_wire_put_head(calls, 't', n_args);
        pgr_buf_add(calls, pgr_buf_str(&args), args.len);
        pgr_wire_put_head(calls, 'd', n_named);
        pgr_buf_add(calls, pgr_buf_str(&named), named.len);
    }
    pgr_buf_free(&args);
    pgr_buf_free(&named);
    return ok;
}

/* ---- asserts ---- */

static bool read_value(struct reader *r, size_t *from, size_t *n) {
    struct pgr_buf *values = &r->plan->values;
    *from = values->len;
    bool ok = pgr_literal(&r->s, values);
    *n = values->len - *from;
    r->s.has_set = false;
    return ok;
}

/* One term: of a sum, the first minus would take only what stands before the next sign. */
static bool is_term(const char *from, const char *to) {
    for (const char *p = from + 1; p < to; p++)
        if ((*p == '+' || *p == '-') && p[-1] != 'e' && p[-1] != 'E') return false;
    return true;
}

/* abs(call - literal) < literal */
static bool read_distance(struct reader *r, struct pgr_plan_check *c) {
    struct pgr_source *s = &r->s;
    if (r->own_abs || (r->in_check && strcmp(r->parameter, "abs") == 0)) return false;
    s->open++;
    bool ok = pgr_source_take(s, "(") && read_call(r) && pgr_source_take(s, "-");
    const char *term = s->p;
    ok = ok && read_value(r, &c->want, &c->n_want) && is_term(term, s->p);
    s->open--;
    if (!ok || !pgr_source_take(s, ")")) return false;
    c->how = pgr_source_take(s, "<=") ? PGR_CHECK_AT_MOST : PGR_CHECK_BELOW;
    if (c->how == PGR_CHECK_BELOW && !pgr_source_take(s, "<")) return false;
    size_t from, n;
    if (!read_value(r, &from, &n)) return false;
    const char *limit = r->plan->values.data + from, *want = r->plan->values.data + c->want;
    if (*limit != 'r' || (*want != 'r' && *want != 'i')) return false;
    c->limit = pgr_wire_real((const unsigned char *)limit + 1);
    return true;
}

static bool read_condition(struct reader *r, struct pgr_plan_check *c, bool *nothing, bool bracketed) {
    struct pgr_source *s = &r->s, before = *s;
    if (!bracketed && s->p < s->end && *s->p == '(') {
        s->open++;
        bool ok = pgr_source_take(s, "(") && read_condition(r, c, nothing, true);
        s->open--;
        return ok && pgr_source_take(s, ")");
    }
    *nothing = pgr_source_word(s, "True");
    if (*nothing) return true;
    if (pgr_source_word(s, "abs")) return read_distance(r, c);
    if (pgr_source_word(s, "not")) {
        c->how = PGR_CHECK_FALSE;
        return read_call(r);
    }
    *s = before;
    if (!read_call(r)) return false;
    if (pgr_source_take(s, "==")) {
        c->how = PGR_CHECK_EQUAL;
        return read_value(r, &c->want, &c->n_want);
    }
    if (pgr_source_word(s, "is")) {
        c->how = PGR_CHECK_IS;
        return read_value(r, &c->want, &c->n_want) && strchr("NTF", r->plan->values.data[c->want]);
    }
    c->how = PGR_CHECK_TRUE;
    return true;
}

/* As the judge tells a text: without line ends, and not long. */
static bool read_message(struct reader *r, struct pgr_plan_check *c) {
    struct pgr_source before = r->s;
    struct pgr_buf text = PGR_BUF_INIT, *values = &r->plan->values;
    bool plain =
        pgr_literal_text(&r->s, &text) && (r->s.p == r->s.end || strchr("\n#", *r->s.p)) && pgr_buf_ok(&text) == PGR_OK;
    c->message = values->len;
    for (size_t i = 0; plain && i < text.len; i++) {
        unsigned char ch = (unsigned char)text.data[i];
        plain = ch < 0x80 && (ch >= 0x20 || (ch >= '\t' && ch <= '\r')) && text.len <= MAX_MESSAGE;
        bool blank = ch <= ' ', behind_blank = values->len == c->message || values->data[values->len - 1] == ' ';
        if (!blank || !behind_blank) pgr_buf_addc(values, blank ? ' ' : (char)ch);
    }
    if (values->len > c->message && values->data[values->len - 1] == ' ') values->len--;
    c->n_message = values->len - c->message;
    pgr_buf_free(&text);
    if (plain) return true;
    c->computed_message = true;
    r->s = before;
    return pgr_source_skip(&r->s);
}

static bool read_assert(struct reader *r) {
    struct pgr_plan *p = r->plan;
    struct pgr_plan_check c = {.test = r->test};
    bool nothing;
    if (!read_condition(r, &c, &nothing, false)) return false;
    if (pgr_source_take(&r->s, ",") && !read_message(r, &c)) return false;
    if (nothing) return true;
    if (p->n_checks == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 16;
        struct pgr_plan_check *grown = pgr_realloc(p->check, cap * sizeof *grown);
        if (!grown) return false;
        p->check = grown;
        p->cap = cap;
    }
    p->check[p->n_checks++] = c;
    return true;
}

/* ---- statements ---- */

/* The rest of a line: nothing, or a comment. */
static bool end_of_line(struct pgr_source *s) {
    pgr_source_space(s);
    if (s->p < s->end && *s->p == '#')
        while (s->p < s->end && *s->p != '\n') s->p++;
    if (s->p < s->end && *s->p != '\n') return false;
    if (s->p < s->end) s->p++;
    return true;
}

static bool is_text(const struct pgr_source *s) { return s->p < s->end && (*s->p == '"' || *s->p == '\''); }

static bool skip_text(struct pgr_source *s) {
    struct pgr_buf text = PGR_BUF_INIT;
    bool ok = pgr_literal_text(s, &text);
    pgr_buf_free(&text);
    return ok;
}

/* def check(candidate): */
static bool read_definition(struct reader *r) {
    struct pgr_source *s = &r->s;
    const char *name;
    if (r->defined || r->n_tests != 1 || r->plan->n_checks > 0 || !pgr_source_word(s, "check") ||
        !pgr_source_take(s, "("))
        return false;
    size_t n = pgr_source_name(s, &name);
    if (n == 0 || n >= sizeof r->parameter || !pgr_source_take(s, ")") || !pgr_source_take(s, ":")) return false;
    memcpy(r->parameter, name, n);
    r->parameter[n] = '\0';
    r->defined = r->in_check = true;
    return true;
}

/* A statement outside of check(). */
static bool read_outer(struct reader *r) {
    struct pgr_source *s = &r->s;
    const char *name;
    r->in_check = false;
    r->parameter[0] = '\0';
    if (pgr_source_word(s, "assert")) return !r->defined && read_assert(r);
    if (pgr_source_word(s, "def")) return read_definition(r);
    if (is_text(s)) return skip_text(s);
    size_t n = pgr_source_name(s, &name);
    if (is(name, n, "check") && r->defined && !r->called) {
        r->called = true;
        return pgr_source_take(s, "(") && pgr_source_name(s, &name) == r->n_name &&
               memcmp(name, r->name, r->n_name) == 0 && pgr_source_take(s, ")");
    }
    /* Only this name, so that none that matters is set. */
    if (!is(name, n, "METADATA") || !pgr_source_take(s, "=") || is(r->name, r->n_name, "METADATA")) return false;
    struct pgr_buf ignored = PGR_BUF_INIT;
    bool ok = pgr_literal(s, &ignored);
    s->has_set = false;
    pgr_buf_free(&ignored);
    return ok;
}

static bool read_inner(struct reader *r) {
    if (pgr_source_word(&r->s, "assert")) return read_assert(r);
    if (pgr_source_word(&r->s, "pass") || pgr_source_word(&r->s, "print")) return true; /* the name alone */
    return is_text(&r->s) && skip_text(&r->s);
}

static bool read_snippet(struct reader *r) {
    struct pgr_source *s = &r->s;
    size_t inner = 0; /* how far the lines of check() stand in */
    bool empty = false;
    r->defined = r->called = r->in_check = false;
    while (s->p < s->end) {
        const char *line = s->p;
        pgr_source_space(s);
        size_t indent = (size_t)(s->p - line);
        if (memchr(line, '\t', indent)) return false;
        struct pgr_source before = *s;
        if (end_of_line(s)) continue;
        *s = before;
        bool header = false;
        if (indent == 0) {
            if (empty) return false;
            if (!read_outer(r)) return false;
            header = r->in_check;
            inner = 0;
        } else {
            if (!r->in_check || (inner && indent != inner) || !read_inner(r)) return false;
            inner = indent;
        }
        empty = header;
        if (!end_of_line(s)) return false;
    }
    return !empty;
}

void pgr_plan_free(struct pgr_plan *p) {
    if (!p) return;
    pgr_buf_free(&p->callee);
    pgr_buf_free(&p->calls);
    pgr_buf_free(&p->values);
    pgr_free(p->check);
    pgr_free(p);
}

/* Values in the wire form, one after another: a text that is not UTF-8 breaks it. */
static bool well_formed(const struct pgr_buf *b, size_t from, size_t to) {
    struct pgr_wire_scan s;
    for (size_t at = from; at < to; at += s.n_bytes)
        if (pgr_wire_scan((const unsigned char *)b->data + at, to - at, 0, &s)) return false;
    return true;
}

static bool all_well_formed(const struct pgr_plan *p) {
    bool ok = well_formed(&p->calls, 0, p->calls.len);
    for (size_t i = 0; ok && i < p->n_checks; i++)
        ok = well_formed(&p->values, p->check[i].want, p->check[i].want + p->check[i].n_want);
    return ok;
}

/* The first identifier of Class().f. */
static size_t entry_name(struct pgr_span entry) {
    size_t n = 0;
    while (n < entry.n &&
           ((entry.data[n] >= 'a' && entry.data[n] <= 'z') || (entry.data[n] >= 'A' && entry.data[n] <= 'Z') ||
            entry.data[n] == '_' || (n > 0 && entry.data[n] >= '0' && entry.data[n] <= '9')))
        n++;
    return n < entry.n && entry.data[n] != '(' && entry.data[n] != '.' ? 0 : n;
}

struct pgr_plan *pgr_plan_new(const struct pgr_span *test, size_t stride, size_t n_tests, struct pgr_span entry,
                              struct pgr_span setup) {
    struct reader r = {.n_name = entry_name(entry), .name = entry.data, .n_tests = n_tests};
    r.own_abs = setup.n > 0 && memmem(setup.data, setup.n, "abs", 3);
    if (r.n_name == 0 || is(r.name, r.n_name, "check") || is(r.name, r.n_name, "abs")) return NULL;
    r.plan = pgr_alloc_zero(1, sizeof *r.plan);
    if (!r.plan) return NULL;
    bool ok = true;
    for (; ok && r.test < n_tests; r.test++) {
        const struct pgr_span *t = (const struct pgr_span *)((const char *)test + r.test * stride);
        r.s = (struct pgr_source){.p = t->data, .end = t->data + t->n};
        for (size_t i = 0; ok && i < t->n; i++)
            ok = (unsigned char)t->data[i] >= 0x20 || t->data[i] == '\n' || t->data[i] == '\t';
        ok = ok && read_snippet(&r);
    }
    ok = ok && r.plan->n_checks > 0 && pgr_buf_ok(&r.plan->callee) == PGR_OK && pgr_buf_ok(&r.plan->calls) == PGR_OK &&
         pgr_buf_ok(&r.plan->values) == PGR_OK;
    if (ok && all_well_formed(r.plan)) return r.plan;
    pgr_plan_free(r.plan);
    return NULL;
}
