/* parse_word.c - the parser's small parts: nodes, numbers, names, units. */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "math/parse.h"

typedef struct pgr_node node;

node *pgr_parse_fail(struct pgr_parser *p, const char *what) {
    pgr_math_cannot(p->m, p->t->at, "%s", what);
    return NULL;
}

node *pgr_parse_new_node(struct pgr_parser *p, int kind, node *kids) {
    if (p->m->n_node == PGR_EXPR_MAX_NODES) return pgr_parse_fail(p, "the answer has too many parts");
    node *n = &p->m->node[p->m->n_node++];
    *n = (node){.kind = (uint8_t)kind, .kid = kids};
    return n;
}

node *pgr_parse_pair(struct pgr_parser *p, int kind, node *a, node *b) {
    if (!a || !b) return NULL;
    /* A node that has a sibling already is wrapped by its user; a and b are fresh here. */
    a->next = b;
    b->next = NULL;
    return pgr_parse_new_node(p, kind, a);
}

node *pgr_parse_single(struct pgr_parser *p, int kind, node *a) {
    if (!a) return NULL;
    a->next = NULL;
    return pgr_parse_new_node(p, kind, a);
}

bool pgr_parse_link_up(struct pgr_chain *c, node *x) {
    if (!x) return false;
    x->next = NULL;
    if (c->tail)
        c->tail->next = x;
    else
        c->head = x;
    c->tail = x;
    c->n++;
    return true;
}

node *pgr_parse_chain_node(struct pgr_parser *p, const struct pgr_chain *c, int kind) {
    return c->n == 1 ? c->head : pgr_parse_new_node(p, kind, c->head);
}

node *pgr_parse_integer(struct pgr_parser *p, const char *digits) {
    node *n = pgr_parse_new_node(p, PGR_N_NUM, NULL);
    if (n) n->digits = digits, n->n_digits = (uint32_t)strlen(digits), n->base = 10;
    return n;
}

bool pgr_parse_enter(struct pgr_parser *p) {
    if (++p->depth <= PGR_EXPR_MAX_DEPTH) return true;
    pgr_parse_fail(p, "nested too deeply");
    return false;
}

/* The number of a token: "12.50e-3" as digits 1250 and exponent -5. */
node *pgr_parse_number(struct pgr_parser *p, const struct pgr_tok *t) {
    char *s = p->m->text + t->sym, *out = s;
    node *n = pgr_parse_new_node(p, PGR_N_NUM, NULL);
    if (!n) return NULL;
    n->digits = s;
    n->base = 10;
    bool point = false;
    for (; *s && *s != 'e'; s++) {
        if (*s == '.') {
            n->decimal = s[1] != 0 || n->decimal; /* "3." is an integer */
            point = true;
        } else {
            *out++ = *s;
            n->exp10 -= point;
        }
    }
    if (*s == 'e') {
        bool neg = s[1] == '-';
        int64_t e = 0;
        for (s += 1 + (s[1] == '-' || s[1] == '+'); *s; s++) e = e < 100000000 ? e * 10 + (*s - '0') : e;
        n->exp10 += neg ? -e : e;
        n->decimal = true;
    }
    n->n_digits = (uint32_t)(out - n->digits);
    return n;
}

/* Reads { ... } or one token as the text of a subscript, without white space and markup. */
bool pgr_parse_subscript(struct pgr_parser *p, char *to, size_t cap) {
    size_t n = 0, depth = 0;
    do {
        char one[2] = {0, 0};
        const char *s = one;
        const struct pgr_tok *t = p->t;
        switch (t->kind) {
        case PGR_T_END: pgr_parse_fail(p, "a subscript is not closed"); return false;
        case '{':
            depth++;
            s = "";
            break;
        case '}':
            if (!depth) {
                pgr_parse_fail(p, "a subscript is missing");
                return false;
            }
            depth--;
            s = "";
            break;
        case PGR_T_NUM: s = p->m->text + t->sym; break;
        case PGR_T_SYM:
        case PGR_T_WORD:
        case PGR_T_TEXT:
        case PGR_T_ACCENT: s = pgr_sym_name(p->m, t->sym); break;
        case PGR_T_NODE:
            one[0] = t->value == PGR_N_E ? 'e' : t->value == PGR_N_I ? 'i' : t->value == PGR_N_INF ? '8' : '?';
            break;
        default: one[0] = t->kind < 128 ? (char)t->kind : '?'; break;
        }
        p->t++;
        size_t k = strlen(s);
        if (k >= cap - n) {
            pgr_parse_fail(p, "a subscript is too long");
            return false;
        }
        memcpy(to + n, s, k);
        n += k;
    } while (depth);
    to[n] = 0;
    return true;
}

node *pgr_parse_symbol(struct pgr_parser *p, const char *name) {
    pgr_sym s;
    if (!pgr_sym_intern(p->m, name, strlen(name), &s)) return NULL;
    node *n = pgr_parse_new_node(p, PGR_N_SYM, NULL);
    if (n) n->sym = s;
    return n;
}

/* A name with its subscripts and primes. */
node *pgr_parse_name(struct pgr_parser *p, const char *base) {
    char buf[96];
    int n = snprintf(buf, sizeof buf, "%s", base);
    if (n < 0 || (size_t)n >= sizeof buf - 4) return pgr_parse_fail(p, "a name is too long");
    size_t len = (size_t)n;
    while (true) {
        if (pgr_parse_is(p, '_')) {
            p->t++;
            buf[len++] = '_';
            if (!pgr_parse_subscript(p, buf + len, sizeof buf - len)) return NULL;
            len = strlen(buf);
        } else if (pgr_parse_is(p, PGR_T_PRIME)) {
            p->t++;
            buf[len++] = '\'';
        } else if (pgr_parse_is(p, '^') &&
                   (p->t[1].kind == PGR_T_PRIME || (p->t[1].kind == '{' && p->t[2].kind == PGR_T_PRIME))) {
            bool brace = p->t[1].kind == '{';
            p->t += 1 + brace;
            while (len < sizeof buf - 4 && pgr_parse_take(p, PGR_T_PRIME)) buf[len++] = '\'';
            if (brace && !pgr_parse_take(p, '}')) return pgr_parse_fail(p, "} is missing");
        } else {
            break;
        }
        if (len >= sizeof buf - 4) return pgr_parse_fail(p, "a name is too long");
        buf[len] = 0;
    }
    buf[len] = 0;
    return pgr_parse_symbol(p, buf);
}

/* Up to the closing bracket at the same level: is there any name (a variable)? */
static bool group_is_constant(const struct pgr_tok *t, int open, int close) {
    size_t depth = 0;
    for (; t->kind != PGR_T_END; t++) {
        if (t->kind == open) depth++;
        if (t->kind == close && --depth == 0) return true;
        if (t->kind == PGR_T_SYM || t->kind == PGR_T_WORD || t->kind == PGR_T_TEXT || t->kind == ',') return false;
        if (t->kind == PGR_T_NODE && t->value == PGR_N_I) return false;
    }
    return false;
}

/* "I(0)": a name directly before brackets that hold a constant is a function's value, not a product. */
node *pgr_parse_applied(struct pgr_parser *p, node *f) {
    if (!f || !pgr_parse_is(p, '(') || !group_is_constant(p->t, '(', ')')) return f;
    /* "I(0)" is never meant as a product. */
    bool zero = p->t[1].kind == PGR_T_NUM && strcmp(p->m->text + p->t[1].sym, "0") == 0 && p->t[2].kind == ')';
    if (!zero) *p->ambiguous |= PGR_READ_PRODUCT;
    if (!zero && (p->reading & PGR_READ_PRODUCT)) return f;
    char buf[160];
    size_t n = (size_t)snprintf(buf, sizeof buf, "%s(", pgr_sym_name(p->m, f->sym));
    const struct pgr_tok *t = p->t;
    size_t depth = 0;
    do {
        depth += t->kind == '(';
        depth -= t->kind == ')';
        t++;
    } while (depth);
    for (size_t i = p->t->at + 1u; i < t[-1].at; i++) {
        if (p->s[i] == ' ') continue;
        if (n > sizeof buf - 4) return pgr_parse_fail(p, "a name is too long");
        buf[n++] = p->s[i];
    }
    buf[n++] = ')';
    buf[n] = 0;
    p->t = t;
    return pgr_parse_symbol(p, buf);
}

/* The letters of a word, as a product. */
node *pgr_parse_letters(struct pgr_parser *p, pgr_sym word) {
    node *first = NULL, **tail = &first;
    char w[96];
    if (strlen(pgr_sym_name(p->m, word)) >= sizeof w) return pgr_parse_fail(p, "a word is too long");
    strcpy(w, pgr_sym_name(p->m, word));
    for (const char *c = w; *c; c++) {
        node *n = *c == 'e'   ? pgr_parse_new_node(p, PGR_N_E, NULL)
                  : *c == 'i' ? pgr_parse_new_node(p, PGR_N_I, NULL)
                              : NULL;
        if (!n && *c != 'e' && *c != 'i') {
            char one[2] = {*c, 0};
            n = c[1] ? pgr_parse_symbol(p, one) : pgr_parse_applied(p, pgr_parse_name(p, one));
        }
        if (!n) return NULL;
        *tail = n;
        tail = &n->next;
    }
    return pgr_parse_new_node(p, PGR_N_MUL, first);
}

const struct pgr_tok *pgr_parse_close_brace(const struct pgr_tok *t) {
    size_t depth = 0;
    for (; t->kind != PGR_T_END; t++) {
        if (t->kind == '{') depth++;
        if (t->kind == '}' && --depth == 0) return t;
    }
    return NULL;
}

/* d, d^2, dx, d^2 x, dx^2: the token run up to `end` as the name of a differential. */
bool pgr_parse_differential(struct pgr_parser *p, const struct pgr_tok *from, const struct pgr_tok *end, char *buf,
                            size_t cap) {
    bool d = (from->kind == PGR_T_SYM || from->kind == PGR_T_TEXT) && strcmp(pgr_sym_name(p->m, from->sym), "d") == 0;
    bool dx = from->kind == PGR_T_WORD && pgr_sym_name(p->m, from->sym)[0] == 'd' &&
              strlen(pgr_sym_name(p->m, from->sym)) <= 3;
    d = d || (from->kind == PGR_T_SYM && strcmp(pgr_sym_name(p->m, from->sym), "partial") == 0);
    if ((!d && !dx) || end - from > 16) return false;
    const struct pgr_tok *back = p->t;
    size_t n = 0;
    for (p->t = from; p->t < end;) {
        if (pgr_parse_is(p, '+') || pgr_parse_is(p, '-') || pgr_parse_is(p, '*') || pgr_parse_is(p, '/') ||
            pgr_parse_is(p, '(') || n + 80 > cap) {
            p->t = back;
            return false;
        }
        if (!pgr_parse_subscript(p, buf + n, 64)) {
            p->t = back;
            return false;
        }
        n = strlen(buf);
    }
    p->t = back;
    return true;
}

bool pgr_parse_starts_factor(const struct pgr_parser *p) {
    switch (p->t->kind) {
    case PGR_T_NUM:
    case PGR_T_SYM:
    case PGR_T_WORD:
    case PGR_T_TEXT:
    case PGR_T_FUNC:
    case PGR_T_NODE:
    case PGR_T_FRAC:
    case PGR_T_SQRT:
    case PGR_T_CBRT:
    case PGR_T_BINOM:
    case PGR_T_BEGIN:
    case PGR_T_FLOOR_OPEN:
    case PGR_T_ACCENT:
    case PGR_T_OVERLINE:
    case '(':
    case '[':
    case '{':
    case PGR_T_SET_OPEN:
    case PGR_T_DOLLAR: return true;
    case '|': return p->bars == 0;
    default: return false;
    }
}

bool pgr_parse_ends_item(int kind) {
    switch (kind) {
    case PGR_T_END:
    case ',':
    case ';':
    case ')':
    case ']':
    case '}':
    case '&':
    case PGR_T_ROW:
    case PGR_T_FINISH:
    case PGR_T_SET_CLOSE:
    case PGR_T_REL:
    case PGR_T_IN: return true;
    default: return false;
    }
}

/* A run of unit words up to the end of the item ("cm^2", "\text{ m}/\text{s}", "miles per hour"); NULL if it is none.
 */
const struct pgr_tok *pgr_parse_unit_run(const struct pgr_parser *p, const struct pgr_tok *t) {
    bool sure = false, first = true;
    size_t depth = 0;
    for (;; t++) {
        bool minutes = t->kind == PGR_T_FUNC && (t->value == PGR_F_MIN || t->value == PGR_F_SEC);
        if (t->kind == '}' && depth > 0) {
            depth--;
            continue;
        }
        if (pgr_parse_ends_item(t->kind)) break;
        if (t->kind == PGR_T_TEXT || minutes) {
            sure = true;
        } else if (t->kind == PGR_T_WORD) {
            const char *w = pgr_sym_name(p->m, t->sym);
            if (pgr_unit_known(w) || (t->space && strlen(w) >= 4))
                sure = true;
            else if (!sure)
                return NULL;
        } else if (t->kind == PGR_T_SYM || t->kind == PGR_T_DEGREE) {
            if (first && t->kind == PGR_T_SYM && !(t[1].kind == '/' || t[1].kind == '*' || t[1].kind == PGR_T_TEXT))
                return NULL;
        } else if (t->kind == '{') {
            depth++;
        } else if (first ||
                   (t->kind != '^' && t->kind != '/' && t->kind != '*' && t->kind != '-' && t->kind != PGR_T_NUM)) {
            return NULL;
        }
        first = false;
    }
    return sure ? t : NULL;
}

node *pgr_parse_with_unit(struct pgr_parser *p, node *x, const char *unit) {
    node *u = pgr_parse_single(p, PGR_N_UNIT, x);
    pgr_sym s;
    if (!u || !pgr_sym_intern(p->m, unit, strlen(unit), &s)) return NULL;
    u->sym = s;
    return u;
}

node *pgr_parse_unit_suffix(struct pgr_parser *p, node *x, const struct pgr_tok *end) {
    char buf[64] = "";
    size_t n = 0;
    for (; p->t < end; p->t++) {
        char one[2] = {p->t->kind < 128 ? (char)p->t->kind : '?', 0};
        const char *s = one;
        if (p->t->kind == PGR_T_TEXT || p->t->kind == PGR_T_WORD || p->t->kind == PGR_T_SYM)
            s = pgr_sym_name(p->m, p->t->sym);
        if (p->t->kind == PGR_T_NUM) s = p->m->text + p->t->sym;
        if (p->t->kind == PGR_T_FUNC) s = p->t->value == PGR_F_MIN ? "min" : "sec";
        if (p->t->kind == '{' || p->t->kind == '}') s = "";
        size_t k = strlen(s);
        if (n + k >= sizeof buf) return pgr_parse_fail(p, "a unit is too long");
        memcpy(buf + n, s, k + 1);
        n += k;
    }
    return pgr_parse_with_unit(p, x, buf);
}
