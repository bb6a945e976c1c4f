/* text.h - answers as words, and as strings without markup. */
#ifndef PGR_MATH_TEXT_H
#define PGR_MATH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PGR_TEXT_MAX 256

/* The answer without white space and without markup that never means anything ($, \left, \right, \!, \, and the like);
 * to[] has room for n + 1 bytes. Returns the length. */
size_t pgr_text_canonical(const char *s, size_t n, char *to);

struct pgr_words {
    bool only_words;         /* letters, blanks and a few signs, nothing else */
    bool wordy;              /* and no formula: a word of length, a \text, a lettered choice */
    char text[PGR_TEXT_MAX]; /* in lower case, one blank between words; of a choice "(C)" only the letter */
};
void pgr_text_words(const char *s, size_t n, struct pgr_words *out);
/* "twelve" as 12; -1 if it is none of zero to twenty. */
int pgr_text_number(const char *word);
/* Whether all words of `inner` stand in `outer`, one behind the other. */
bool pgr_text_contains(const char *outer, const char *inner);
/* The same letters in another order. */
bool pgr_text_anagram(const char *a, const char *b);

#endif
