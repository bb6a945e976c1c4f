/* literal.h - literals in Python source, read without Python. */
#ifndef PGR_SBX_LITERAL_H
#define PGR_SBX_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A place in Python source (UTF-8). A reader that returns false leaves it anywhere. */
struct pgr_source {
    const char *p, *end;
    unsigned open; /* brackets that are open: line ends are white space */
    unsigned depth;
    bool has_set; /* a set was read */
};

/* Skips blanks, and within brackets line ends and comments. */
void pgr_source_space(struct pgr_source *s);
/* Takes these characters and the white space behind them; false, at the same place, if others are there. */
bool pgr_source_take(struct pgr_source *s, const char *text);
/* Takes an identifier (ASCII) and the white space behind it: its bytes, or 0. */
size_t pgr_source_name(struct pgr_source *s, const char **name);
/* Takes the word, which no letter or digit may follow. */
bool pgr_source_word(struct pgr_source *s, const char *word);

/* Reads an expression of literals and appends its value in the wire form. It knows None, bools, decimal ints, floats,
 * plain texts, lists, tuples, sets, dicts, and arithmetic with numbers and + of texts. False for anything else, and
 * wherever Python's result might be another one than what this would make of it. */
bool pgr_literal(struct pgr_source *s, struct pgr_buf *out);
/* A text alone, possibly in several pieces: appends its bytes. */
bool pgr_literal_text(struct pgr_source *s, struct pgr_buf *out);
/* Skips any expression up to the end of its line; false if brackets or texts do not close. */
bool pgr_source_skip(struct pgr_source *s);

#endif
