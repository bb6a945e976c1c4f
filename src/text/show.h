/* show.h - any text as rows for a terminal: wrapped to a width, and unable to do anything there but stand.
 *
 * Control characters, bytes that are no UTF-8, and characters that steer text or cannot be seen (direction marks,
 * joiners, private use, unassigned) are written out, "<1B>", "<U+202E>", in reverse video. Tabs become spaces up to the
 * next multiple of four. Widths are those of utf8proc: 0 for combining marks, 2 for wide characters. */
#ifndef PGR_TEXT_SHOW_H
#define PGR_TEXT_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct pgr_row {
    size_t from, n_bytes; /* its text within pgr_rows.text, style codes included; it ends in plain style */
    size_t width;         /* columns that it takes */
};

struct pgr_rows {
    struct pgr_buf text;
    struct pgr_row *row; /* owned, [n] */
    size_t n, cap;
};
void pgr_rows_free(struct pgr_rows *r);

/* Appends the rows of text[n_bytes], at least one. mark: NULL, or [n_bytes]: where not 0, the character is shown bold
 * and underlined. width >= 1; a character that is wider stands in a row of its own. Breaks at spaces where it can; the
 * indentation of a line is kept, spaces at a break are not. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_rows_wrap(struct pgr_rows *r, const char *text, size_t n_bytes, const unsigned char *mark,
                                     size_t width);
/* Appends the text as one row's worth of safe characters to a buffer, cut to width columns; new lines are written out.
 * Returns the columns it takes. */
size_t pgr_show_line(struct pgr_buf *out, const char *text, size_t n_bytes, size_t width);

/* Marks the words of a and b (runs without white space) that are not in their longest common subsequence of words:
 * mark_a[n_a] and mark_b[n_b] are set to 0 or 1. Texts of more than 2,000 words get no marks. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_mark_words(const char *a, size_t n_a, const char *b, size_t n_b, unsigned char *mark_a,
                                      unsigned char *mark_b);

#endif
