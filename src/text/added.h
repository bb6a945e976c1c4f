/* added.h - added tokens: texts that become one token wherever they stand, before anything else looks at the text.
 *
 * Matching is that of `tokenizers`: leftmost, then longest; a match that single_word refuses is passed over whole;
 * lstrip and rstrip swallow the white space beside a match. Tokens with `normalized` are looked for in the normalised
 * text, spelled as the normaliser leaves them. */
#ifndef PGR_TEXT_ADDED_H
#define PGR_TEXT_ADDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_added_token {
    int32_t id;
    char *text; /* owned, what is looked for */
    size_t n;
    bool single_word, lstrip, rstrip, special;
    bool control; /* special, or spelled <|...|>: never taken from untrusted text */
};

struct pgr_added_node {
    int32_t token; /* index that ends here, -1 = none */
    int32_t child, sibling;
    unsigned char byte;
};

struct pgr_added {
    struct pgr_added_token *token;
    size_t n, cap;
    struct pgr_added_node *node; /* a trie; node 0 is the root */
    size_t n_node, cap_node;
    int32_t first[256]; /* root's child by first byte, -1 = none */
};

void pgr_added_init(struct pgr_added *a);
void pgr_added_free(struct pgr_added *a);
/* Takes a copy of text[n], n > 0. The first of two tokens with the same text is the one found. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_added_add(struct pgr_added *a, const struct pgr_added_token *t, const char *text, size_t n);

/* Whether a token may be matched. */
enum pgr_added_which { PGR_ADDED_NONE, PGR_ADDED_HARMLESS /* not control */, PGR_ADDED_ALL };

struct pgr_added_match {
    size_t begin, end; /* the text it stands for, white space included */
    int32_t id;
};

/* A walk over text[n]: *at and *done start at 0. Finds the next match at or after *at; false at the end. The text
 * between the old *done and m->begin (if that is not before it) is no token. */
bool pgr_added_next(const struct pgr_added *a, enum pgr_added_which which, const char *text, size_t n, size_t *at,
                    size_t *done, struct pgr_added_match *m);

#endif
