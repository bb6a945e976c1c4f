/* parse.h - what the files of the parser share: the state, making nodes, names and units. All functions that return a
 * node return NULL after a failure, which m->why tells. */
#ifndef PGR_MATH_PARSE_H
#define PGR_MATH_PARSE_H

#include "math/expr.h"

struct pgr_parser {
    struct pgr_math *m;
    const struct pgr_tok *t; /* the next token */
    const char *s;           /* the answer */
    unsigned reading, *ambiguous;
    size_t depth;
    size_t bars; /* open |, so that the next one closes */
};

/* Sums, products and unions have all their parts as children: a tree is never deeper than the brackets make it. */
struct pgr_chain {
    struct pgr_node *head, *tail;
    size_t n;
};

static inline bool pgr_parse_is(const struct pgr_parser *p, int kind) { return p->t->kind == kind; }
static inline bool pgr_parse_take(struct pgr_parser *p, int kind) {
    if (p->t->kind != kind) return false;
    p->t++;
    return true;
}

/* parse_word.c */
struct pgr_node *pgr_parse_fail(struct pgr_parser *p, const char *what);
bool pgr_parse_enter(struct pgr_parser *p); /* one level deeper; false at the limit */
struct pgr_node *pgr_parse_new_node(struct pgr_parser *p, int kind, struct pgr_node *kids);
struct pgr_node *pgr_parse_pair(struct pgr_parser *p, int kind, struct pgr_node *a,
                                struct pgr_node *b); /* a and b become siblings */
struct pgr_node *pgr_parse_single(struct pgr_parser *p, int kind, struct pgr_node *a);
bool pgr_parse_link_up(struct pgr_chain *c, struct pgr_node *x); /* false for NULL */
struct pgr_node *pgr_parse_chain_node(struct pgr_parser *p, const struct pgr_chain *c, int kind);
struct pgr_node *pgr_parse_integer(struct pgr_parser *p, const char *digits);
struct pgr_node *pgr_parse_number(struct pgr_parser *p, const struct pgr_tok *t);
/* Reads { ... } or one token as the text of a subscript, without white space and markup. */
bool pgr_parse_subscript(struct pgr_parser *p, char *to, size_t cap);
struct pgr_node *pgr_parse_symbol(struct pgr_parser *p, const char *text);
/* A name with its subscripts and primes. */
struct pgr_node *pgr_parse_name(struct pgr_parser *p, const char *base);
struct pgr_node *pgr_parse_applied(struct pgr_parser *p, struct pgr_node *f);
struct pgr_node *pgr_parse_letters(struct pgr_parser *p, pgr_sym word);
const struct pgr_tok *pgr_parse_close_brace(const struct pgr_tok *t);
bool pgr_parse_differential(struct pgr_parser *p, const struct pgr_tok *from, const struct pgr_tok *end, char *buf,
                            size_t cap);
bool pgr_parse_starts_factor(const struct pgr_parser *p);
bool pgr_parse_ends_item(int kind);
const struct pgr_tok *pgr_parse_unit_run(const struct pgr_parser *p, const struct pgr_tok *t);
struct pgr_node *pgr_parse_with_unit(struct pgr_parser *p, struct pgr_node *x, const char *unit);
struct pgr_node *pgr_parse_unit_suffix(struct pgr_parser *p, struct pgr_node *x, const struct pgr_tok *end);

/* parse_primary.c */
struct pgr_node *pgr_parse_argument(struct pgr_parser *p, bool split);
struct pgr_node *pgr_parse_primary(struct pgr_parser *p);

/* parse.c */
struct pgr_node *pgr_parse_list(struct pgr_parser *p);
struct pgr_node *pgr_parse_sum(struct pgr_parser *p);
struct pgr_node *pgr_parse_factor(struct pgr_parser *p);

#endif
