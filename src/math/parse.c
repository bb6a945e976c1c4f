/* parse.c - tokens as a tree, by recursive descent with a limit on depth.
 *
 *   list   = item (("," | ";") item)*
 *   item   = set (relation set)*  |  set "in" set  |  set ":" set
 *   set    = sum (("cup" | "cap" | "\") sum)*
 *   sum    = [sign] term ((sign) term)*
 *   term   = factor (["*" | "/"] factor)* [unit]            a factor may follow without a sign between
 *   factor = primary ("!" | "^" factor | "_" name | "'" | "%" | degree)*
 *
 * A product without a sign binds as one with a sign: a/bc is (a/b)c; the other reading is PGR_READ_DIVIDE. */
#include "math/parse.h"

typedef struct pgr_node node;

node *pgr_parse_factor(struct pgr_parser *p) {
    if (!pgr_parse_enter(p)) return NULL;
    node *x = pgr_parse_primary(p);
    for (size_t n = 0; x; n++) {
        if (n == 8) return pgr_parse_fail(p, "too many signs behind one another");
        if (pgr_parse_take(p, '!')) {
            x = pgr_parse_single(p, PGR_N_FUNC, x);
            if (x) x->op = PGR_F_FACT;
        } else if (pgr_parse_take(p, PGR_T_DEGREE)) {
            x = pgr_parse_with_unit(p, x, "degree");
        } else if (pgr_parse_take(p, '%')) {
            x = pgr_parse_with_unit(p, x, "percent");
        } else if (pgr_parse_is(p, '^')) {
            p->t++;
            bool brace = pgr_parse_is(p, '{');
            if (p->t[brace].kind == PGR_T_DEGREE && (!brace || p->t[2].kind == '}')) {
                const char *unit = "degree";
                p->t += brace ? 3 : 1;
                x = pgr_parse_with_unit(p, x, unit);
            } else if (brace) {
                x = pgr_parse_pair(p, PGR_N_POW, x, pgr_parse_argument(p, false));
            } else if (pgr_parse_is(p, '-') || pgr_parse_is(p, '+')) {
                bool neg = pgr_parse_is(p, '-');
                p->t++;
                node *e = pgr_parse_factor(p);
                x = pgr_parse_pair(p, PGR_N_POW, x, neg ? pgr_parse_single(p, PGR_N_NEG, e) : e);
            } else {
                x = pgr_parse_pair(p, PGR_N_POW, x, pgr_parse_factor(p));
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
static node *mixed(struct pgr_parser *p, node *whole) {
    node *f;
    if (pgr_parse_is(p, PGR_T_FRAC)) {
        f = pgr_parse_factor(p);
        if (!f) return NULL;
        bool plain = f->kind == PGR_N_DIV && whole_number(f->kid) && whole_number(f->kid->next);
        return pgr_parse_pair(p, plain ? PGR_N_ADD : PGR_N_MUL, whole, f);
    }
    node *a = pgr_parse_factor(p);
    p->t++;
    f = pgr_parse_pair(p, PGR_N_DIV, a, pgr_parse_factor(p));
    return pgr_parse_pair(p, PGR_N_ADD, whole, f);
}

static node *signed_factor(struct pgr_parser *p) {
    bool neg = pgr_parse_is(p, '-');
    if (neg || pgr_parse_is(p, '+')) p->t++;
    node *f = pgr_parse_factor(p);
    return neg ? pgr_parse_single(p, PGR_N_NEG, f) : f;
}

/* What a division takes: a factor, or in the other reading all that follows it without a sign. Only "2/3 x" and
 * "2/3(x)" cannot be meant that way (2/3x can). */
static node *divisor(struct pgr_parser *p, const node *of) {
    struct pgr_chain c = {NULL, NULL, 0};
    if (!pgr_parse_link_up(&c, signed_factor(p))) return NULL;
    bool letter =
        p->t->kind == PGR_T_SYM || p->t->kind == PGR_T_WORD || (p->t->kind == PGR_T_NODE && p->t->value != PGR_N_PI);
    if (of && whole_number(of) && whole_number(c.head) && (p->t->space || !letter))
        return pgr_parse_single(p, PGR_N_DIV, c.head);
    while (pgr_parse_starts_factor(p) && !pgr_parse_unit_run(p, p->t)) {
        *p->ambiguous |= PGR_READ_DIVIDE;
        if (!(p->reading & PGR_READ_DIVIDE)) break;
        if (!pgr_parse_link_up(&c, pgr_parse_factor(p))) return NULL;
    }
    return pgr_parse_single(p, PGR_N_DIV, pgr_parse_chain_node(p, &c, PGR_N_MUL));
}

static node *term(struct pgr_parser *p) {
    const struct pgr_tok *first = p->t;
    struct pgr_chain c = {NULL, NULL, 0};
    if (!pgr_parse_link_up(&c, pgr_parse_factor(p))) return NULL;
    while (true) {
        if (pgr_parse_take(p, '*')) {
            if (!pgr_parse_link_up(&c, signed_factor(p))) return NULL;
        } else if (pgr_parse_take(p, '/')) {
            if (!pgr_parse_link_up(&c, divisor(p, c.n == 1 ? c.head : NULL))) return NULL;
        } else {
            if (!pgr_parse_starts_factor(p)) break;
            const struct pgr_tok *end = pgr_parse_unit_run(p, p->t);
            if (end) return pgr_parse_unit_suffix(p, pgr_parse_chain_node(p, &c, PGR_N_MUL), end);
            bool lone = p->t == first + 1 && whole_number(c.head);
            if (lone && (pgr_parse_is(p, PGR_T_FRAC) ||
                         (pgr_parse_is(p, PGR_T_NUM) && p->t[1].kind == '/' && p->t[2].kind == PGR_T_NUM))) {
                node *m = mixed(p, c.head);
                if (!m) return NULL;
                c = (struct pgr_chain){m, m, 1};
            } else if (!pgr_parse_link_up(&c, pgr_parse_factor(p))) {
                return NULL;
            }
        }
    }
    return pgr_parse_chain_node(p, &c, PGR_N_MUL);
}

/* -5 cm: the unit stays outside. */
static node *negative(struct pgr_parser *p, node *x) {
    if (!x || x->kind != PGR_N_UNIT) return pgr_parse_single(p, PGR_N_NEG, x);
    x->kid = pgr_parse_single(p, PGR_N_NEG, x->kid);
    return x->kid ? x : NULL;
}

node *pgr_parse_sum(struct pgr_parser *p) {
    if (!pgr_parse_enter(p)) return NULL;
    struct pgr_chain c = {NULL, NULL, 0};
    while (true) {
        node *x;
        if (pgr_parse_take(p, '-')) {
            x = negative(p, term(p));
        } else if (pgr_parse_is(p, PGR_T_PM)) {
            int8_t op = (int8_t)p->t++->value;
            x = pgr_parse_single(p, PGR_N_PM, term(p));
            if (x) x->op = op;
        } else if (pgr_parse_take(p, '+') || c.n == 0) {
            x = term(p);
        } else {
            break;
        }
        if (!pgr_parse_link_up(&c, x)) return NULL;
    }
    p->depth--;
    return pgr_parse_chain_node(p, &c, PGR_N_ADD);
}

static node *set(struct pgr_parser *p) {
    node *x = pgr_parse_sum(p);
    for (size_t n = 0; x; n++) {
        int kind = pgr_parse_is(p, PGR_T_CUP)       ? PGR_N_UNION
                   : pgr_parse_is(p, PGR_T_CAP)     ? PGR_N_INTERSECT
                   : pgr_parse_is(p, PGR_T_WITHOUT) ? PGR_N_WITHOUT
                                                    : -1;
        if (kind < 0) break;
        if (n == PGR_EXPR_MAX_DEPTH) return pgr_parse_fail(p, "the union has too many parts");
        p->t++;
        x = pgr_parse_pair(p, kind, x, pgr_parse_sum(p));
    }
    return x;
}

static node *item(struct pgr_parser *p) {
    node *a = set(p);
    if (!a) return NULL;
    if (pgr_parse_take(p, PGR_T_IN)) return pgr_parse_pair(p, PGR_N_IN, a, set(p));
    if (pgr_parse_take(p, ':')) return pgr_parse_pair(p, PGR_N_DIV, a, set(p)); /* the ratio 3:1 */
    if (!pgr_parse_is(p, PGR_T_REL)) return a;
    int8_t op = (int8_t)p->t++->value;
    node *b = set(p);
    if (!b) return NULL;
    node *rel = pgr_parse_pair(p, PGR_N_REL, a, b);
    if (!rel) return NULL;
    rel->op = op;
    while (pgr_parse_is(p, PGR_T_REL)) { /* a < b < c; of a = b = c the ends */
        int8_t op2 = (int8_t)p->t++->value;
        node *c = set(p);
        if (!c) return NULL;
        if (op2 == PGR_R_EQ && rel->op == PGR_R_EQ) {
            a->next = c;
        } else if (b->next || op2 == PGR_R_EQ || rel->op == PGR_R_EQ) {
            return pgr_parse_fail(p, "the chain of relations is not understood");
        } else {
            rel->op2 = op2;
            b->next = c;
        }
    }
    return rel;
}

node *pgr_parse_list(struct pgr_parser *p) {
    if (!pgr_parse_enter(p)) return NULL;
    node *x = item(p);
    if (x && (pgr_parse_is(p, ',') || pgr_parse_is(p, ';'))) {
        node *l = pgr_parse_new_node(p, PGR_N_LIST, x);
        node *tail = x;
        x->next = NULL;
        while (l && (pgr_parse_take(p, ',') || pgr_parse_take(p, ';'))) {
            while (pgr_parse_take(p, ',')) {
            }                                           /* "1, and 2" */
            if (pgr_parse_ends_item(p->t->kind)) break; /* a comma at the end */
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
    struct pgr_parser p = {m, m->tok, s, reading, ambiguous, 0, 0};
    if (!pgr_math_lex(m, s, n, reading, ambiguous)) return NULL;
    if (pgr_parse_is(&p, PGR_T_REL) && p.t->value == PGR_R_EQ) p.t++; /* "= 5", "\approx 5" */
    if (pgr_parse_is(&p, PGR_T_END)) return pgr_parse_fail(&p, "it is empty");
    node *x = pgr_parse_list(&p);
    if (!x) return NULL;
    while (pgr_parse_take(&p, ',') || pgr_parse_take(&p, ';')) {
    }
    if (!pgr_parse_is(&p, PGR_T_END)) return pgr_parse_fail(&p, "this part is not understood");
    x->next = NULL;
    return x;
}
