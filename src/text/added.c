/* added.c - a trie of added tokens. */
#include "text/added.h"

#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "text/unicode.h"
#include "text/utf8.h"

void pgr_added_init(struct pgr_added *a) {
    memset(a, 0, sizeof *a);
    memset(a->first, 0xff, sizeof a->first);
}

void pgr_added_free(struct pgr_added *a) {
    for (size_t i = 0; i < a->n; i++) pgr_free(a->token[i].text);
    pgr_free(a->token);
    pgr_free(a->node);
    pgr_added_init(a);
}

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "no memory for added tokens"); }

static int32_t find_child(const struct pgr_added *a, int32_t child, unsigned char byte) {
    while (child >= 0 && a->node[child].byte != byte) child = a->node[child].sibling;
    return child;
}

/* A new node at the head of the list *link. The nodes may move. */
static pgr_err new_node(struct pgr_added *a, unsigned char byte, int32_t sibling, int32_t *out) {
    if (a->n_node == a->cap_node) {
        size_t cap = pgr_max(64, a->cap_node * 2);
        if (cap > INT32_MAX) return no_memory();
        struct pgr_added_node *p = pgr_realloc(a->node, cap * sizeof *p);
        if (!p) return no_memory();
        a->node = p;
        a->cap_node = cap;
    }
    *out = (int32_t)a->n_node++;
    a->node[*out] = (struct pgr_added_node){-1, -1, sibling, byte};
    return PGR_OK;
}

pgr_err pgr_added_add(struct pgr_added *a, const struct pgr_added_token *t, const char *text, size_t n) {
    if (a->n == a->cap) {
        size_t cap = pgr_max(32, a->cap * 2);
        struct pgr_added_token *p = pgr_realloc(a->token, cap * sizeof *p);
        if (!p) return no_memory();
        a->token = p;
        a->cap = cap;
    }
    char *copy = pgr_strndup(text, n);
    if (!copy) return no_memory();
    a->token[a->n] = *t;
    a->token[a->n].text = copy;
    a->token[a->n].n = n;
    a->n++;

    int32_t at = a->first[(unsigned char)text[0]];
    if (at < 0) {
        PGR_TRY(new_node(a, (unsigned char)text[0], -1, &at));
        a->first[(unsigned char)text[0]] = at;
    }
    for (size_t i = 1; i < n; i++) {
        int32_t child = find_child(a, a->node[at].child, (unsigned char)text[i]);
        if (child < 0) {
            PGR_TRY(new_node(a, (unsigned char)text[i], a->node[at].child, &child));
            a->node[at].child = child;
        }
        at = child;
    }
    if (a->node[at].token < 0) a->node[at].token = (int32_t)a->n - 1;
    return PGR_OK;
}

/* The longest token that starts at text[0], text[n]; NULL if none does. */
static const struct pgr_added_token *longest(const struct pgr_added *a, enum pgr_added_which which, const char *text,
                                             size_t n) {
    const struct pgr_added_token *best = NULL;
    int32_t at = a->first[(unsigned char)text[0]];
    for (size_t i = 1; at >= 0; i++) {
        int32_t t = a->node[at].token;
        if (t >= 0 && (which == PGR_ADDED_ALL || !a->token[t].control)) best = &a->token[t];
        if (i == n) break;
        at = find_child(a, a->node[at].child, (unsigned char)text[i]);
    }
    return best;
}

/* The code point that ends text[n], and where it starts; false if that is no well-formed sequence. */
static bool last_code_point(const char *text, size_t n, uint32_t *cp, size_t *start) {
    for (size_t back = 1; back <= 4 && back <= n; back++)
        if (((unsigned char)text[n - back] & 0xc0) != 0x80) {
            size_t len = pgr_utf8_len(text + n - back, back);
            if (len != back) return false;
            *cp = pgr_utf8_decode(text + n - back, &len);
            *start = n - back;
            return true;
        }
    return false;
}

static bool first_code_point(const char *text, size_t n, uint32_t *cp, size_t *len) {
    if (n == 0 || pgr_utf8_len(text, n) == 0) return false;
    *cp = pgr_utf8_decode(text, len);
    return true;
}

bool pgr_added_next(const struct pgr_added *a, enum pgr_added_which which, const char *text, size_t n, size_t *at,
                    size_t *done, struct pgr_added_match *m) {
    if (which == PGR_ADDED_NONE || a->n == 0) return false;
    for (size_t i = *at; i < n; i++) {
        if (a->first[(unsigned char)text[i]] < 0) continue;
        const struct pgr_added_token *t = longest(a, which, text + i, n - i);
        if (!t) continue;
        size_t begin = i, end = i + t->n, pos;
        uint32_t cp;
        if (t->single_word && ((last_code_point(text, begin, &cp, &pos) && pgr_cp_is_word(cp)) ||
                               (first_code_point(text + end, n - end, &cp, &pos) && pgr_cp_is_word(cp)))) {
            i = end - 1;
            continue;
        }
        *at = end;
        if (t->lstrip) {
            while (begin > *done && last_code_point(text, begin, &cp, &pos) && pgr_cp_is_space(cp)) begin = pos;
            /* White space that the token before has taken stays taken. */
            begin = pgr_max(begin, *done);
        }
        if (t->rstrip)
            while (first_code_point(text + end, n - end, &cp, &pos) && pgr_cp_is_space(cp)) end += pos;
        *done = end;
        *m = (struct pgr_added_match){begin, end, t->id};
        return true;
    }
    return false;
}
