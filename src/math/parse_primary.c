/* parse_primary.c - what stands without a sign: fractions, roots, brackets, matrices, functions. */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "math/parse.h"

typedef struct pgr_node node;

/* Between the braces of an argument, or a single token; split: of a number only the first digit (\frac12). */
node *pgr_parse_argument(struct pgr_parser *p, bool split) {
    if (pgr_parse_take(p, '{')) {
        node *n = pgr_parse_sum(p);
        if (n && !pgr_parse_take(p, '}')) return pgr_parse_fail(p, "} is missing");
        return n;
    }
    if (pgr_parse_is(p, PGR_T_NUM)) {
        const struct pgr_tok *t = p->t++;
        char *s = p->m->text + t->sym;
        size_t len = strlen(s);
        if (len == 1 || !split) return pgr_parse_number(p, t);
        /* The first digit is the argument, the rest stays: \frac12 is 1/2. */
        for (size_t i = 0; i < len; i++)
            if (s[i] < '0' || s[i] > '9') return pgr_parse_number(p, t);
        node *n = pgr_parse_new_node(p, PGR_N_NUM, NULL);
        if (!n) return NULL;
        n->digits = s;
        n->n_digits = 1;
        n->base = 10;
        p->t--;
        struct pgr_tok *rest = &p->m->tok[p->t - p->m->tok];
        rest->sym = (pgr_sym)(rest->sym + 1);
        return n;
    }
    if (pgr_parse_is(p, PGR_T_WORD)) { /* \frac ab: one letter each is not worth the trouble */
        return pgr_parse_fail(p, "braces are missing");
    }
    return pgr_parse_factor(p);
}

static node *fraction(struct pgr_parser *p) {
    /* \frac{dx}{dt} is a name, not a quotient. */
    if (pgr_parse_is(p, '{')) {
        const struct pgr_tok *a = pgr_parse_close_brace(p->t),
                             *b = a && a[1].kind == '{' ? pgr_parse_close_brace(a + 1) : NULL;
        char buf[200] = "D:";
        if (b && pgr_parse_differential(p, p->t + 1, a, buf + 2, 98)) {
            size_t n = strlen(buf);
            buf[n++] = '/';
            if (pgr_parse_differential(p, a + 2, b, buf + n, 98)) {
                p->t = b + 1;
                return pgr_parse_symbol(p, buf);
            }
        }
    }
    node *a = pgr_parse_argument(p, true);
    node *b = a ? pgr_parse_argument(p, true) : NULL;
    return pgr_parse_pair(p, PGR_N_DIV, a, b);
}

static node *root(struct pgr_parser *p, bool cube) {
    node *degree = NULL;
    if (cube) {
        degree = pgr_parse_integer(p, "3");
    } else if (pgr_parse_is(p, '[')) {
        p->t++;
        degree = pgr_parse_sum(p);
        if (degree && !pgr_parse_take(p, ']')) return pgr_parse_fail(p, "] is missing");
    } else {
        degree = pgr_parse_integer(p, "2");
    }
    if (!degree) return NULL;
    node *x;
    if (pgr_parse_take(p, '(')) { /* sqrt(2) */
        x = pgr_parse_sum(p);
        if (x && !pgr_parse_take(p, ')')) return pgr_parse_fail(p, ") is missing");
    } else {
        x = pgr_parse_argument(p, false);
    }
    return pgr_parse_pair(p, PGR_N_ROOT, x, degree);
}

static node *matrix(struct pgr_parser *p, const char *env) {
    static const char *const known[] = {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array"};
    bool ok = false;
    for (size_t i = 0; i < PGR_COUNT(known); i++) ok |= strcmp(env, known[i]) == 0;
    if (!ok) {
        pgr_math_cannot(p->m, p->t->at, "\\begin{%.40s} is not supported", env);
        return NULL;
    }
    bool determinant = env[0] == 'v';
    if (strcmp(env, "array") == 0 && pgr_parse_is(p, '{')) { /* the columns' alignment */
        const struct pgr_tok *end = pgr_parse_close_brace(p->t);
        if (!end) return pgr_parse_fail(p, "} is missing");
        p->t = end + 1;
    }
    node *m = pgr_parse_new_node(p, PGR_N_MATRIX, NULL);
    if (!m) return NULL;
    node **tail = &m->kid;
    size_t n_col = 0, n_row = 0;
    while (!pgr_parse_is(p, PGR_T_FINISH)) {
        size_t col = 0;
        do {
            node *x = pgr_parse_sum(p);
            if (!x) return NULL;
            *tail = x;
            tail = &x->next;
            col++;
        } while (pgr_parse_take(p, '&'));
        if (n_row++ == 0) n_col = col;
        if (col != n_col) return pgr_parse_fail(p, "the rows of the matrix differ in length");
        if (!pgr_parse_take(p, PGR_T_ROW)) break;
    }
    if (!pgr_parse_take(p, PGR_T_FINISH)) return pgr_parse_fail(p, "the matrix is not closed");
    if (determinant) return pgr_parse_fail(p, "determinants are not supported");
    m->n_col = (uint16_t)n_col;
    return n_row ? m : pgr_parse_fail(p, "the matrix is empty");
}

/* ( ... ) and its like: a group, or a tuple or interval. */
static node *bracketed(struct pgr_parser *p) {
    char open = (char)p->t->kind;
    p->t++;
    size_t bars = p->bars;
    p->bars = 0;
    node *n = pgr_parse_list(p);
    p->bars = bars;
    if (!n) return NULL;
    char close = pgr_parse_is(p, ')') ? ')' : pgr_parse_is(p, ']') ? ']' : 0;
    if (!close) return pgr_parse_fail(p, open == '(' ? ") is missing" : "] is missing");
    p->t++;
    if (n->kind == PGR_N_LIST) {
        n->kind = PGR_N_TUPLE;
        n->open = open;
        n->close = close;
        return n;
    }
    if ((open == '(') != (close == ')')) return pgr_parse_fail(p, "brackets do not match");
    return n;
}

/* As pgr_parse_list() gives it, with a list in braces as a set. */
static node *braced_set(struct pgr_parser *p, int closer) {
    if (pgr_parse_take(p, closer)) return pgr_parse_new_node(p, PGR_N_SET, NULL);
    node *n = pgr_parse_list(p);
    if (!n) return NULL;
    if (!pgr_parse_take(p, closer)) return pgr_parse_fail(p, closer == '}' ? "} is missing" : "\\} is missing");
    if (n->kind == PGR_N_LIST) {
        n->kind = PGR_N_SET;
        return n;
    }
    return closer == '}' ? n : pgr_parse_single(p, PGR_N_SET, n);
}

static node *function(struct pgr_parser *p, int f) {
    node *power = NULL, *base = NULL;
    bool inverse = false;
    if (f == PGR_F_LOG && pgr_parse_take(p, '_')) {
        base = pgr_parse_argument(p, false);
        if (!base) return NULL;
    }
    if (pgr_parse_is(p, '^')) {
        p->t++;
        const struct pgr_tok *t = p->t;
        const char *one = t[0].kind == '{' && t[1].kind == '-' && t[2].kind == PGR_T_NUM ? p->m->text + t[2].sym : "";
        if (strcmp(one, "1") == 0 && t[3].kind == '}' && f <= PGR_F_TAN) {
            p->t += 4;
            inverse = true;
        } else {
            power = pgr_parse_argument(p, false);
            if (!power) return NULL;
        }
    }
    if (inverse) f = PGR_F_ASIN + f;
    node *x = NULL;
    if (pgr_parse_is(p, '(') || pgr_parse_is(p, '[')) {
        p->t++;
        size_t bars = p->bars;
        p->bars = 0;
        x = pgr_parse_list(p);
        p->bars = bars;
        if (x && !pgr_parse_take(p, ')') && !pgr_parse_take(p, ']')) return pgr_parse_fail(p, ") is missing");
    } else if (pgr_parse_is(p, '{')) {
        p->t++;
        x = pgr_parse_list(p);
        if (x && !pgr_parse_take(p, '}')) return pgr_parse_fail(p, "} is missing");
    } else {
        if (pgr_parse_is(p, '-')) {
            p->t++;
            x = pgr_parse_single(p, PGR_N_NEG, pgr_parse_factor(p));
        } else {
            if (!pgr_parse_starts_factor(p)) return pgr_parse_fail(p, "a function has no argument");
            x = pgr_parse_factor(p);
        }
        /* \sin 2x, \cos \pi t: names and numbers belong to the argument. */
        struct pgr_chain c = {NULL, NULL, 0};
        if (!pgr_parse_link_up(&c, x)) return NULL;
        while ((pgr_parse_is(p, PGR_T_NUM) || pgr_parse_is(p, PGR_T_SYM) || pgr_parse_is(p, PGR_T_SQRT) ||
                pgr_parse_is(p, PGR_T_FRAC) || pgr_parse_is(p, PGR_T_NODE) ||
                (pgr_parse_is(p, PGR_T_WORD) && !pgr_parse_unit_run(p, p->t))))
            if (!pgr_parse_link_up(&c, pgr_parse_factor(p))) return NULL;
        x = pgr_parse_chain_node(p, &c, PGR_N_MUL);
    }
    if (!x) return NULL;
    node *kids = x->kind == PGR_N_LIST ? x->kid : x;
    if (f == PGR_F_LOG && !base && !(kids->next)) {
        *p->ambiguous |= PGR_READ_LOG;
        if (p->reading & PGR_READ_LOG)
            f = PGR_F_LN;
        else if (!(base = pgr_parse_integer(p, "10")))
            return NULL;
    }
    if (base) kids->next = base;
    size_t n_arg = 0;
    for (node *k = kids; k; k = k->next) n_arg++;
    bool many = f == PGR_F_MIN || f == PGR_F_MAX || f == PGR_F_GCD || f == PGR_F_LCM;
    if (!many && n_arg != (f == PGR_F_LOG ? 2u : 1u))
        return pgr_parse_fail(p, "a function has the wrong number of arguments");
    node *n = pgr_parse_new_node(p, PGR_N_FUNC, kids);
    if (!n) return NULL;
    n->op = (int8_t)f;
    return power ? pgr_parse_pair(p, PGR_N_POW, n, power) : n;
}

static node *recurring(struct pgr_parser *p, node *x, const char *digits) {
    /* 0.1\overline{6}: x + digits / (10^k - 1) * 10^exp */
    size_t k = strlen(digits);
    if (k == 0 || k > 17) return pgr_parse_fail(p, "recurring digits are not readable");
    char *nines = p->m->text + p->m->n_text;
    if (PGR_EXPR_MAX_TEXT - p->m->n_text < k + 1) return pgr_parse_fail(p, "too much text");
    memset(nines, '9', k);
    nines[k] = 0;
    p->m->n_text += k + 1;
    node *num = pgr_parse_integer(p, digits), *den = pgr_parse_integer(p, nines);
    if (!num || !den) return NULL;
    num->exp10 = x->exp10;
    x->decimal = false;
    return pgr_parse_pair(p, PGR_N_ADD, x, pgr_parse_pair(p, PGR_N_DIV, num, den));
}

node *pgr_parse_primary(struct pgr_parser *p) {
    const struct pgr_tok *t = p->t;
    node *n;
    switch (t->kind) {
    case PGR_T_NUM: {
        bool point = strchr(p->m->text + t->sym, '.') != NULL; /* before number() drops it */
        p->t++;
        n = pgr_parse_number(p, t);
        if (n && pgr_parse_is(p, '_')) { /* 52_8: in base 8 */
            char buf[32];
            p->t++;
            if (!pgr_parse_subscript(p, buf, sizeof buf)) return NULL;
            unsigned base = 0;
            for (const char *c = buf; *c; c++)
                base = *c >= '0' && *c <= '9' && base < 100 ? base * 10 + (unsigned)(*c - '0') : 100;
            if (base < 2 || base > 36 || n->exp10 || n->decimal)
                return pgr_parse_fail(p, "the base of a number must be 2 to 36");
            n->base = base;
            n->op = 1;
        }
        if (n && pgr_parse_is(p, PGR_T_OVERLINE) && p->t[1].kind == '{' && p->t[2].kind == PGR_T_NUM &&
            p->t[3].kind == '}' && point) {
            const char *digits = p->m->text + p->t[2].sym;
            p->t += 4;
            return recurring(p, n, digits);
        }
        return n;
    }
    case PGR_T_SYM: p->t++; return pgr_parse_applied(p, pgr_parse_name(p, pgr_sym_name(p->m, t->sym)));
    case PGR_T_WORD: p->t++; return pgr_parse_letters(p, t->sym);
    case PGR_T_TEXT: p->t++; return pgr_parse_name(p, pgr_sym_name(p->m, t->sym));
    case PGR_T_NODE:
        p->t++;
        if ((t->value == PGR_N_E || t->value == PGR_N_I) && (pgr_parse_is(p, '_') || pgr_parse_is(p, PGR_T_PRIME)))
            return pgr_parse_name(p, t->value == PGR_N_E ? "e" : "i");
        return pgr_parse_new_node(p, t->value, NULL);
    case PGR_T_FUNC: p->t++; return function(p, t->value);
    case PGR_T_FRAC: p->t++; return fraction(p);
    case PGR_T_SQRT: p->t++; return root(p, false);
    case PGR_T_CBRT: p->t++; return root(p, true);
    case PGR_T_BINOM: {
        p->t++;
        node *a = pgr_parse_argument(p, true), *b = a ? pgr_parse_argument(p, true) : NULL;
        n = pgr_parse_pair(p, PGR_N_FUNC, a, b);
        if (n) n->op = PGR_F_BINOM;
        return n;
    }
    case PGR_T_BEGIN: p->t++; return matrix(p, pgr_sym_name(p->m, t->sym));
    case PGR_T_FLOOR_OPEN:
        p->t++;
        n = pgr_parse_single(p, PGR_N_FUNC, pgr_parse_sum(p));
        if (!n) return NULL;
        n->op = (int8_t)t->value;
        return pgr_parse_is(p, PGR_T_FLOOR_CLOSE) && p->t->value == t->value
                   ? (p->t++, n)
                   : pgr_parse_fail(p, "a floor is not closed");
    case PGR_T_ACCENT:
    case PGR_T_OVERLINE: {
        char buf[96];
        int k = snprintf(buf, sizeof buf, "%s ", t->kind == PGR_T_ACCENT ? pgr_sym_name(p->m, t->sym) : "overline");
        p->t++;
        if (k < 0 || !pgr_parse_subscript(p, buf + k, sizeof buf - 8 - (size_t)k)) return NULL;
        return pgr_parse_applied(p, pgr_parse_name(p, buf));
    }
    case '(':
    case '[': return bracketed(p);
    case '{': p->t++; return braced_set(p, '}');
    case PGR_T_SET_OPEN: p->t++; return braced_set(p, PGR_T_SET_CLOSE);
    case '|':
        p->t++;
        p->bars++;
        n = pgr_parse_single(p, PGR_N_FUNC, pgr_parse_sum(p));
        p->bars--;
        if (!n) return NULL;
        n->op = PGR_F_ABS;
        return pgr_parse_take(p, '|') ? n : pgr_parse_fail(p, "| is not closed");
    case PGR_T_DOLLAR: p->t++; return pgr_parse_with_unit(p, pgr_parse_factor(p), "dollar");
    default: return pgr_parse_fail(p, t->kind == PGR_T_END ? "it ends too early" : "this part is not understood");
    }
}
