/* parse.c - tokens as a tree, by recursive descent with a limit on depth.
 *
 *   list   = item (("," | ";") item)*
 *   item   = set (relation set)*  |  set "in" set
 *   set    = sum (("cup" | "cap" | "\") sum)*
 *   sum    = [sign] term ((sign) term)*
 *   term   = factor (["*" | "/"] factor)* [unit]            a factor may follow without a sign between
 *   factor = primary ("!" | "^" factor | "_" name | "'" | "%" | degree)*
 *
 * A product without a sign binds as one with a sign: a/bc is (a/b)c; the other reading is PGR_READ_DIVIDE. */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "math/expr.h"

struct parser {
    struct pgr_math *m;
    const struct pgr_tok *t; /* the next token */
    const char *s;           /* the answer */
    unsigned reading, *ambiguous;
    size_t depth;
    size_t bars; /* open |, so that the next one closes */
};
typedef struct pgr_node node;

static node *list(struct parser *p);
static node *item(struct parser *p);
static node *sum(struct parser *p);
static node *factor(struct parser *p);

static node *fail(struct parser *p, const char *what) {
    pgr_math_cannot(p->m, p->t->at, "%s", what);
    return NULL;
}

static node *new_node(struct parser *p, int kind, node *kids) {
    if (p->m->n_node == PGR_EXPR_MAX_NODES) return fail(p, "the answer has too many parts");
    node *n = &p->m->node[p->m->n_node++];
    *n = (node){.kind = (uint8_t)kind, .kid = kids};
    return n;
}

static node *pair(struct parser *p, int kind, node *a, node *b) {
    if (!a || !b) return NULL;
    /* A node that has a sibling already is wrapped by its user; a and b are fresh here. */
    a->next = b;
    b->next = NULL;
    return new_node(p, kind, a);
}

static node *single(struct parser *p, int kind, node *a) {
    if (!a) return NULL;
    a->next = NULL;
    return new_node(p, kind, a);
}

/* Sums, products and unions have all their parts as children: a tree is never deeper than the brackets make it. */
struct chain {
    node *head, *tail;
    size_t n;
};

static bool link_up(struct chain *c, node *x) {
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

static node *chain_node(struct parser *p, const struct chain *c, int kind) {
    return c->n == 1 ? c->head : new_node(p, kind, c->head);
}

static node *integer(struct parser *p, const char *digits) {
    node *n = new_node(p, PGR_N_NUM, NULL);
    if (n) n->digits = digits, n->n_digits = (uint32_t)strlen(digits), n->base = 10;
    return n;
}

static bool is(const struct parser *p, int kind) { return p->t->kind == kind; }
static bool take(struct parser *p, int kind) {
    if (p->t->kind != kind) return false;
    p->t++;
    return true;
}
static bool enter(struct parser *p) {
    if (++p->depth <= PGR_EXPR_MAX_DEPTH) return true;
    fail(p, "nested too deeply");
    return false;
}

/* The number of a token: "12.50e-3" as digits 1250 and exponent -5. */
static node *number(struct parser *p, const struct pgr_tok *t) {
    char *s = p->m->text + t->sym, *out = s;
    node *n = new_node(p, PGR_N_NUM, NULL);
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
static bool subscript(struct parser *p, char *to, size_t cap) {
    size_t n = 0, depth = 0;
    do {
        char one[2] = {0, 0};
        const char *s = one;
        const struct pgr_tok *t = p->t;
        switch (t->kind) {
        case PGR_T_END: fail(p, "a subscript is not closed"); return false;
        case '{':
            depth++;
            s = "";
            break;
        case '}':
            if (!depth) {
                fail(p, "a subscript is missing");
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
            fail(p, "a subscript is too long");
            return false;
        }
        memcpy(to + n, s, k);
        n += k;
    } while (depth);
    to[n] = 0;
    return true;
}

static node *symbol(struct parser *p, const char *name) {
    pgr_sym s;
    if (!pgr_sym_intern(p->m, name, strlen(name), &s)) return NULL;
    node *n = new_node(p, PGR_N_SYM, NULL);
    if (n) n->sym = s;
    return n;
}

/* A name with its subscripts and primes. */
static node *name(struct parser *p, const char *base) {
    char buf[96];
    int n = snprintf(buf, sizeof buf, "%s", base);
    if (n < 0 || (size_t)n >= sizeof buf - 4) return fail(p, "a name is too long");
    size_t len = (size_t)n;
    while (true) {
        if (is(p, '_')) {
            p->t++;
            buf[len++] = '_';
            if (!subscript(p, buf + len, sizeof buf - len)) return NULL;
            len = strlen(buf);
        } else if (is(p, PGR_T_PRIME)) {
            p->t++;
            buf[len++] = '\'';
        } else if (is(p, '^') &&
                   (p->t[1].kind == PGR_T_PRIME || (p->t[1].kind == '{' && p->t[2].kind == PGR_T_PRIME))) {
            bool brace = p->t[1].kind == '{';
            p->t += 1 + brace;
            while (len < sizeof buf - 4 && take(p, PGR_T_PRIME)) buf[len++] = '\'';
            if (brace && !take(p, '}')) return fail(p, "} is missing");
        } else {
            break;
        }
        if (len >= sizeof buf - 4) return fail(p, "a name is too long");
        buf[len] = 0;
    }
    buf[len] = 0;
    return symbol(p, buf);
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
static node *applied(struct parser *p, node *f) {
    if (!f || !is(p, '(') || !group_is_constant(p->t, '(', ')')) return f;
    *p->ambiguous |= PGR_READ_PRODUCT;
    if (p->reading & PGR_READ_PRODUCT) return f;
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
        if (n > sizeof buf - 4) return fail(p, "a name is too long");
        buf[n++] = p->s[i];
    }
    buf[n++] = ')';
    buf[n] = 0;
    p->t = t;
    return symbol(p, buf);
}

/* The letters of a word, as a product. */
static node *letters(struct parser *p, pgr_sym word) {
    node *first = NULL, **tail = &first;
    char w[96];
    if (strlen(pgr_sym_name(p->m, word)) >= sizeof w) return fail(p, "a word is too long");
    strcpy(w, pgr_sym_name(p->m, word));
    for (const char *c = w; *c; c++) {
        node *n = *c == 'e' ? new_node(p, PGR_N_E, NULL) : *c == 'i' ? new_node(p, PGR_N_I, NULL) : NULL;
        if (!n && *c != 'e' && *c != 'i') {
            char one[2] = {*c, 0};
            n = c[1] ? symbol(p, one) : applied(p, name(p, one));
        }
        if (!n) return NULL;
        *tail = n;
        tail = &n->next;
    }
    return new_node(p, PGR_N_MUL, first);
}

/* Between the braces of an argument, or a single token; split: of a number only the first digit (\frac12). */
static node *argument(struct parser *p, bool split) {
    if (take(p, '{')) {
        node *n = sum(p);
        if (n && !take(p, '}')) return fail(p, "} is missing");
        return n;
    }
    if (is(p, PGR_T_NUM)) {
        const struct pgr_tok *t = p->t++;
        char *s = p->m->text + t->sym;
        size_t len = strlen(s);
        if (len == 1 || !split) return number(p, t);
        /* The first digit is the argument, the rest stays: \frac12 is 1/2. */
        for (size_t i = 0; i < len; i++)
            if (s[i] < '0' || s[i] > '9') return number(p, t);
        node *n = new_node(p, PGR_N_NUM, NULL);
        if (!n) return NULL;
        n->digits = s;
        n->n_digits = 1;
        n->base = 10;
        p->t--;
        struct pgr_tok *rest = &p->m->tok[p->t - p->m->tok];
        rest->sym = (pgr_sym)(rest->sym + 1);
        return n;
    }
    if (is(p, PGR_T_WORD)) { /* \frac ab: one letter each is not worth the trouble */
        return fail(p, "braces are missing");
    }
    return factor(p);
}

/* d, d^2, dx, d^2 x, dx^2: the token run up to `end` as the name of a differential. */
static bool differential(struct parser *p, const struct pgr_tok *from, const struct pgr_tok *end, char *buf,
                         size_t cap) {
    bool d = (from->kind == PGR_T_SYM || from->kind == PGR_T_TEXT) && strcmp(pgr_sym_name(p->m, from->sym), "d") == 0;
    bool dx = from->kind == PGR_T_WORD && pgr_sym_name(p->m, from->sym)[0] == 'd' &&
              strlen(pgr_sym_name(p->m, from->sym)) <= 3;
    d = d || (from->kind == PGR_T_SYM && strcmp(pgr_sym_name(p->m, from->sym), "partial") == 0);
    if ((!d && !dx) || end - from > 16) return false;
    const struct pgr_tok *back = p->t;
    size_t n = 0;
    for (p->t = from; p->t < end;) {
        if (is(p, '+') || is(p, '-') || is(p, '*') || is(p, '/') || is(p, '(') || n + 80 > cap) {
            p->t = back;
            return false;
        }
        if (!subscript(p, buf + n, 64)) {
            p->t = back;
            return false;
        }
        n = strlen(buf);
    }
    p->t = back;
    return true;
}

static const struct pgr_tok *close_brace(const struct pgr_tok *t) {
    size_t depth = 0;
    for (; t->kind != PGR_T_END; t++) {
        if (t->kind == '{') depth++;
        if (t->kind == '}' && --depth == 0) return t;
    }
    return NULL;
}

static node *fraction(struct parser *p) {
    /* \frac{dx}{dt} is a name, not a quotient. */
    if (is(p, '{')) {
        const struct pgr_tok *a = close_brace(p->t), *b = a && a[1].kind == '{' ? close_brace(a + 1) : NULL;
        char buf[200] = "D:";
        if (b && differential(p, p->t + 1, a, buf + 2, 98)) {
            size_t n = strlen(buf);
            buf[n++] = '/';
            if (differential(p, a + 2, b, buf + n, 98)) {
                p->t = b + 1;
                return symbol(p, buf);
            }
        }
    }
    node *a = argument(p, true);
    node *b = a ? argument(p, true) : NULL;
    return pair(p, PGR_N_DIV, a, b);
}

static node *root(struct parser *p, bool cube) {
    node *degree = NULL;
    if (cube) {
        degree = integer(p, "3");
    } else if (is(p, '[')) {
        p->t++;
        degree = sum(p);
        if (degree && !take(p, ']')) return fail(p, "] is missing");
    } else {
        degree = integer(p, "2");
    }
    if (!degree) return NULL;
    node *x;
    if (take(p, '(')) { /* sqrt(2) */
        x = sum(p);
        if (x && !take(p, ')')) return fail(p, ") is missing");
    } else {
        x = argument(p, false);
    }
    return pair(p, PGR_N_ROOT, x, degree);
}

static bool starts_factor(const struct parser *p) {
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

static bool ends_item(int kind) {
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
static const struct pgr_tok *unit_run(const struct parser *p, const struct pgr_tok *t) {
    bool sure = false, first = true;
    size_t depth = 0;
    for (;; t++) {
        bool minutes = t->kind == PGR_T_FUNC && (t->value == PGR_F_MIN || t->value == PGR_F_SEC);
        if (t->kind == '}' && depth > 0) {
            depth--;
            continue;
        }
        if (ends_item(t->kind)) break;
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

static node *with_unit(struct parser *p, node *x, const char *unit) {
    node *u = single(p, PGR_N_UNIT, x);
    pgr_sym s;
    if (!u || !pgr_sym_intern(p->m, unit, strlen(unit), &s)) return NULL;
    u->sym = s;
    return u;
}

static node *unit_suffix(struct parser *p, node *x, const struct pgr_tok *end) {
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
        if (n + k >= sizeof buf) return fail(p, "a unit is too long");
        memcpy(buf + n, s, k + 1);
        n += k;
    }
    return with_unit(p, x, buf);
}

static node *matrix(struct parser *p, const char *env) {
    static const char *const known[] = {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array"};
    bool ok = false;
    for (size_t i = 0; i < PGR_COUNT(known); i++) ok |= strcmp(env, known[i]) == 0;
    if (!ok) {
        pgr_math_cannot(p->m, p->t->at, "\\begin{%.40s} is not supported", env);
        return NULL;
    }
    bool determinant = env[0] == 'v';
    if (strcmp(env, "array") == 0 && is(p, '{')) { /* the columns' alignment */
        const struct pgr_tok *end = close_brace(p->t);
        if (!end) return fail(p, "} is missing");
        p->t = end + 1;
    }
    node *m = new_node(p, PGR_N_MATRIX, NULL);
    if (!m) return NULL;
    node **tail = &m->kid;
    size_t n_col = 0, n_row = 0;
    while (!is(p, PGR_T_FINISH)) {
        size_t col = 0;
        do {
            node *x = sum(p);
            if (!x) return NULL;
            *tail = x;
            tail = &x->next;
            col++;
        } while (take(p, '&'));
        if (n_row++ == 0) n_col = col;
        if (col != n_col) return fail(p, "the rows of the matrix differ in length");
        if (!take(p, PGR_T_ROW)) break;
    }
    if (!take(p, PGR_T_FINISH)) return fail(p, "the matrix is not closed");
    if (determinant) return fail(p, "determinants are not supported");
    m->n_col = (uint16_t)n_col;
    return n_row ? m : fail(p, "the matrix is empty");
}

/* ( ... ) and its like: a group, or a tuple or interval. */
static node *bracketed(struct parser *p) {
    char open = (char)p->t->kind;
    p->t++;
    size_t bars = p->bars;
    p->bars = 0;
    node *n = list(p);
    p->bars = bars;
    if (!n) return NULL;
    char close = is(p, ')') ? ')' : is(p, ']') ? ']' : 0;
    if (!close) return fail(p, open == '(' ? ") is missing" : "] is missing");
    p->t++;
    if (n->kind == PGR_N_LIST) {
        n->kind = PGR_N_TUPLE;
        n->open = open;
        n->close = close;
        return n;
    }
    if ((open == '(') != (close == ')')) return fail(p, "brackets do not match");
    return n;
}

/* As list() gives it, with a list in braces as a set. */
static node *braced_set(struct parser *p, int closer) {
    if (take(p, closer)) return new_node(p, PGR_N_SET, NULL);
    node *n = list(p);
    if (!n) return NULL;
    if (!take(p, closer)) return fail(p, closer == '}' ? "} is missing" : "\\} is missing");
    if (n->kind == PGR_N_LIST) {
        n->kind = PGR_N_SET;
        return n;
    }
    return closer == '}' ? n : single(p, PGR_N_SET, n);
}

static node *function(struct parser *p, int f) {
    node *power = NULL, *base = NULL;
    bool inverse = false;
    if (f == PGR_F_LOG && take(p, '_')) {
        base = argument(p, false);
        if (!base) return NULL;
    }
    if (is(p, '^')) {
        p->t++;
        const struct pgr_tok *t = p->t;
        const char *one = t[0].kind == '{' && t[1].kind == '-' && t[2].kind == PGR_T_NUM ? p->m->text + t[2].sym : "";
        if (strcmp(one, "1") == 0 && t[3].kind == '}' && f <= PGR_F_TAN) {
            p->t += 4;
            inverse = true;
        } else {
            power = argument(p, false);
            if (!power) return NULL;
        }
    }
    if (inverse) f = PGR_F_ASIN + f;
    node *x = NULL;
    if (is(p, '(') || is(p, '[')) {
        p->t++;
        size_t bars = p->bars;
        p->bars = 0;
        x = list(p);
        p->bars = bars;
        if (x && !take(p, ')') && !take(p, ']')) return fail(p, ") is missing");
    } else if (is(p, '{')) {
        p->t++;
        x = list(p);
        if (x && !take(p, '}')) return fail(p, "} is missing");
    } else {
        if (is(p, '-')) {
            p->t++;
            x = single(p, PGR_N_NEG, factor(p));
        } else {
            if (!starts_factor(p)) return fail(p, "a function has no argument");
            x = factor(p);
        }
        /* \sin 2x, \cos \pi t: names and numbers belong to the argument. */
        struct chain c = {NULL, NULL, 0};
        if (!link_up(&c, x)) return NULL;
        while ((is(p, PGR_T_NUM) || is(p, PGR_T_SYM) || is(p, PGR_T_SQRT) || is(p, PGR_T_FRAC) || is(p, PGR_T_NODE) ||
                (is(p, PGR_T_WORD) && !unit_run(p, p->t))))
            if (!link_up(&c, factor(p))) return NULL;
        x = chain_node(p, &c, PGR_N_MUL);
    }
    if (!x) return NULL;
    node *kids = x->kind == PGR_N_LIST ? x->kid : x;
    if (f == PGR_F_LOG && !base && !(kids->next)) {
        *p->ambiguous |= PGR_READ_LOG;
        if (p->reading & PGR_READ_LOG)
            f = PGR_F_LN;
        else if (!(base = integer(p, "10")))
            return NULL;
    }
    if (base) kids->next = base;
    size_t n_arg = 0;
    for (node *k = kids; k; k = k->next) n_arg++;
    bool many = f == PGR_F_MIN || f == PGR_F_MAX || f == PGR_F_GCD || f == PGR_F_LCM;
    if (!many && n_arg != (f == PGR_F_LOG ? 2u : 1u)) return fail(p, "a function has the wrong number of arguments");
    node *n = new_node(p, PGR_N_FUNC, kids);
    if (!n) return NULL;
    n->op = (int8_t)f;
    return power ? pair(p, PGR_N_POW, n, power) : n;
}

static node *recurring(struct parser *p, node *x, const char *digits) {
    /* 0.1\overline{6}: x + digits / (10^k - 1) * 10^exp */
    size_t k = strlen(digits);
    if (k == 0 || k > 17) return fail(p, "recurring digits are not readable");
    char *nines = p->m->text + p->m->n_text;
    if (PGR_EXPR_MAX_TEXT - p->m->n_text < k + 1) return fail(p, "too much text");
    memset(nines, '9', k);
    nines[k] = 0;
    p->m->n_text += k + 1;
    node *num = integer(p, digits), *den = integer(p, nines);
    if (!num || !den) return NULL;
    num->exp10 = x->exp10;
    x->decimal = false;
    return pair(p, PGR_N_ADD, x, pair(p, PGR_N_DIV, num, den));
}

static node *primary(struct parser *p) {
    const struct pgr_tok *t = p->t;
    node *n;
    switch (t->kind) {
    case PGR_T_NUM:
        p->t++;
        n = number(p, t);
        if (n && is(p, '_')) { /* 52_8: in base 8 */
            char buf[32];
            p->t++;
            if (!subscript(p, buf, sizeof buf)) return NULL;
            unsigned base = 0;
            for (const char *c = buf; *c; c++)
                base = *c >= '0' && *c <= '9' && base < 100 ? base * 10 + (unsigned)(*c - '0') : 100;
            if (base < 2 || base > 36 || n->exp10 || n->decimal) return fail(p, "the base of a number must be 2 to 36");
            n->base = base;
        }
        if (n && is(p, PGR_T_OVERLINE) && p->t[1].kind == '{' && p->t[2].kind == PGR_T_NUM && p->t[3].kind == '}' &&
            strchr(p->s + t->at, '.')) {
            const char *digits = p->m->text + p->t[2].sym;
            p->t += 4;
            return recurring(p, n, digits);
        }
        return n;
    case PGR_T_SYM: p->t++; return applied(p, name(p, pgr_sym_name(p->m, t->sym)));
    case PGR_T_WORD: p->t++; return letters(p, t->sym);
    case PGR_T_TEXT: p->t++; return name(p, pgr_sym_name(p->m, t->sym));
    case PGR_T_NODE:
        p->t++;
        if ((t->value == PGR_N_E || t->value == PGR_N_I) && (is(p, '_') || is(p, PGR_T_PRIME)))
            return name(p, t->value == PGR_N_E ? "e" : "i");
        return new_node(p, t->value, NULL);
    case PGR_T_FUNC: p->t++; return function(p, t->value);
    case PGR_T_FRAC: p->t++; return fraction(p);
    case PGR_T_SQRT: p->t++; return root(p, false);
    case PGR_T_CBRT: p->t++; return root(p, true);
    case PGR_T_BINOM: {
        p->t++;
        node *a = argument(p, true), *b = a ? argument(p, true) : NULL;
        n = pair(p, PGR_N_FUNC, a, b);
        if (n) n->op = PGR_F_BINOM;
        return n;
    }
    case PGR_T_BEGIN: p->t++; return matrix(p, pgr_sym_name(p->m, t->sym));
    case PGR_T_FLOOR_OPEN:
        p->t++;
        n = single(p, PGR_N_FUNC, sum(p));
        if (!n) return NULL;
        n->op = (int8_t)t->value;
        return is(p, PGR_T_FLOOR_CLOSE) && p->t->value == t->value ? (p->t++, n) : fail(p, "a floor is not closed");
    case PGR_T_ACCENT:
    case PGR_T_OVERLINE: {
        char buf[96];
        int k = snprintf(buf, sizeof buf, "%s ", t->kind == PGR_T_ACCENT ? pgr_sym_name(p->m, t->sym) : "overline");
        p->t++;
        if (k < 0 || !subscript(p, buf + k, sizeof buf - 8 - (size_t)k)) return NULL;
        return applied(p, name(p, buf));
    }
    case '(':
    case '[': return bracketed(p);
    case '{': p->t++; return braced_set(p, '}');
    case PGR_T_SET_OPEN: p->t++; return braced_set(p, PGR_T_SET_CLOSE);
    case '|':
        p->t++;
        p->bars++;
        n = single(p, PGR_N_FUNC, sum(p));
        p->bars--;
        if (!n) return NULL;
        n->op = PGR_F_ABS;
        return take(p, '|') ? n : fail(p, "| is not closed");
    case PGR_T_DOLLAR: p->t++; return with_unit(p, factor(p), "dollar");
    default: return fail(p, t->kind == PGR_T_END ? "it ends too early" : "this part is not understood");
    }
}

static node *factor(struct parser *p) {
    if (!enter(p)) return NULL;
    node *x = primary(p);
    for (size_t n = 0; x; n++) {
        if (n == 8) return fail(p, "too many signs behind one another");
        if (take(p, '!')) {
            x = single(p, PGR_N_FUNC, x);
            if (x) x->op = PGR_F_FACT;
        } else if (take(p, PGR_T_DEGREE)) {
            x = with_unit(p, x, "degree");
        } else if (take(p, '%')) {
            x = with_unit(p, x, "percent");
        } else if (is(p, '^')) {
            p->t++;
            bool brace = is(p, '{');
            if (p->t[brace].kind == PGR_T_DEGREE && (!brace || p->t[2].kind == '}')) {
                const char *unit = "degree";
                p->t += brace ? 3 : 1;
                x = with_unit(p, x, unit);
            } else if (brace) {
                x = pair(p, PGR_N_POW, x, argument(p, false));
            } else if (is(p, '-') || is(p, '+')) {
                bool neg = is(p, '-');
                p->t++;
                node *e = factor(p);
                x = pair(p, PGR_N_POW, x, neg ? single(p, PGR_N_NEG, e) : e);
            } else {
                x = pair(p, PGR_N_POW, x, factor(p));
            }
        } else {
            break;
        }
    }
    p->depth--;
    return x;
}

static bool whole_number(const node *n) {
    return n->kind == PGR_N_NUM && !n->decimal && n->exp10 == 0 && n->base == 10;
}

/* "4/5" or \frac{4}{5} behind a whole number at the start of a term: a mixed number. */
static node *mixed(struct parser *p, node *whole) {
    node *f;
    if (is(p, PGR_T_FRAC)) {
        f = factor(p);
        if (!f) return NULL;
        bool plain = f->kind == PGR_N_DIV && whole_number(f->kid) && whole_number(f->kid->next);
        return pair(p, plain ? PGR_N_ADD : PGR_N_MUL, whole, f);
    }
    node *a = factor(p);
    p->t++;
    f = pair(p, PGR_N_DIV, a, factor(p));
    return pair(p, PGR_N_ADD, whole, f);
}

static node *signed_factor(struct parser *p) {
    bool neg = is(p, '-');
    if (neg || is(p, '+')) p->t++;
    node *f = factor(p);
    return neg ? single(p, PGR_N_NEG, f) : f;
}

/* What a division takes: a factor, or in the other reading all that follows it without a sign. */
static node *divisor(struct parser *p) {
    struct chain c = {NULL, NULL, 0};
    if (!link_up(&c, signed_factor(p))) return NULL;
    while (starts_factor(p) && !unit_run(p, p->t)) {
        *p->ambiguous |= PGR_READ_DIVIDE;
        if (!(p->reading & PGR_READ_DIVIDE)) break;
        if (!link_up(&c, factor(p))) return NULL;
    }
    return single(p, PGR_N_DIV, chain_node(p, &c, PGR_N_MUL));
}

static node *term(struct parser *p) {
    const struct pgr_tok *first = p->t;
    struct chain c = {NULL, NULL, 0};
    if (!link_up(&c, factor(p))) return NULL;
    while (true) {
        if (take(p, '*')) {
            if (!link_up(&c, signed_factor(p))) return NULL;
        } else if (take(p, '/')) {
            if (!link_up(&c, divisor(p))) return NULL;
        } else {
            if (!starts_factor(p)) break;
            const struct pgr_tok *end = unit_run(p, p->t);
            if (end) return unit_suffix(p, chain_node(p, &c, PGR_N_MUL), end);
            bool lone = p->t == first + 1 && whole_number(c.head);
            if (lone && (is(p, PGR_T_FRAC) || (is(p, PGR_T_NUM) && p->t[1].kind == '/' && p->t[2].kind == PGR_T_NUM))) {
                node *m = mixed(p, c.head);
                if (!m) return NULL;
                c = (struct chain){m, m, 1};
            } else if (!link_up(&c, factor(p))) {
                return NULL;
            }
        }
    }
    return chain_node(p, &c, PGR_N_MUL);
}

/* -5 cm: the unit stays outside. */
static node *negative(struct parser *p, node *x) {
    if (!x || x->kind != PGR_N_UNIT) return single(p, PGR_N_NEG, x);
    x->kid = single(p, PGR_N_NEG, x->kid);
    return x->kid ? x : NULL;
}

static node *sum(struct parser *p) {
    if (!enter(p)) return NULL;
    struct chain c = {NULL, NULL, 0};
    while (true) {
        node *x;
        if (take(p, '-')) {
            x = negative(p, term(p));
        } else if (is(p, PGR_T_PM)) {
            int8_t op = (int8_t)p->t++->value;
            x = single(p, PGR_N_PM, term(p));
            if (x) x->op = op;
        } else if (take(p, '+') || c.n == 0) {
            x = term(p);
        } else {
            break;
        }
        if (!link_up(&c, x)) return NULL;
    }
    p->depth--;
    return chain_node(p, &c, PGR_N_ADD);
}

static node *set(struct parser *p) {
    node *x = sum(p);
    for (size_t n = 0; x; n++) {
        int kind = is(p, PGR_T_CUP)       ? PGR_N_UNION
                   : is(p, PGR_T_CAP)     ? PGR_N_INTERSECT
                   : is(p, PGR_T_WITHOUT) ? PGR_N_WITHOUT
                                          : -1;
        if (kind < 0) break;
        if (n == PGR_EXPR_MAX_DEPTH) return fail(p, "the union has too many parts");
        p->t++;
        x = pair(p, kind, x, sum(p));
    }
    return x;
}

static node *item(struct parser *p) {
    node *a = set(p);
    if (!a) return NULL;
    if (take(p, PGR_T_IN)) return pair(p, PGR_N_IN, a, set(p));
    if (!is(p, PGR_T_REL)) return a;
    int8_t op = (int8_t)p->t++->value;
    node *b = set(p);
    if (!b) return NULL;
    node *rel = pair(p, PGR_N_REL, a, b);
    if (!rel) return NULL;
    rel->op = op;
    while (is(p, PGR_T_REL)) { /* a < b < c; of a = b = c the ends */
        int8_t op2 = (int8_t)p->t++->value;
        node *c = set(p);
        if (!c) return NULL;
        if (op2 == PGR_R_EQ && rel->op == PGR_R_EQ) {
            a->next = c;
        } else if (b->next || op2 == PGR_R_EQ || rel->op == PGR_R_EQ) {
            return fail(p, "the chain of relations is not understood");
        } else {
            rel->op2 = op2;
            b->next = c;
        }
    }
    return rel;
}

static node *list(struct parser *p) {
    if (!enter(p)) return NULL;
    node *x = item(p);
    if (x && (is(p, ',') || is(p, ';'))) {
        node *l = new_node(p, PGR_N_LIST, x);
        node *tail = x;
        x->next = NULL;
        while (l && (take(p, ',') || take(p, ';'))) {
            while (take(p, ',')) {
            }                                 /* "1, and 2" */
            if (ends_item(p->t->kind)) break; /* a comma at the end */
            node *y = item(p);
            if (!y) return NULL;
            y->next = NULL;
            tail->next = y;
            tail = y;
        }
        x = l;
    }
    p->depth--;
    return x;
}

struct pgr_node *pgr_math_parse(struct pgr_math *m, const char *s, size_t n, unsigned reading, unsigned *ambiguous) {
    struct parser p = {m, m->tok, s, reading, ambiguous, 0, 0};
    if (!pgr_math_lex(m, s, n, reading, ambiguous)) return NULL;
    if (is(&p, PGR_T_END)) return fail(&p, "it is empty");
    node *x = list(&p);
    if (!x) return NULL;
    while (take(&p, ',') || take(&p, ';')) {
    }
    if (!is(&p, PGR_T_END)) return fail(&p, "this part is not understood");
    x->next = NULL;
    return x;
}
