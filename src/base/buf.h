/* buf.h - a growable byte string. A failed append sets a sticky flag and later appends do nothing,
 * so a builder checks once, at its end, with pgr_buf_ok. Always NUL-terminated when data != NULL. */
#ifndef PGR_BASE_BUF_H
#define PGR_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pgr_buf {
    char *data; /* owned; NULL while empty and never grown */
    size_t len, cap;
    bool failed;
};

#define PGR_BUF_INIT                                                                                                   \
    { NULL, 0, 0, false }

void pgr_buf_add(struct pgr_buf *b, const void *bytes, size_t n);
void pgr_buf_adds(struct pgr_buf *b, const char *s);
void pgr_buf_addc(struct pgr_buf *b, char c);
void pgr_buf_addf(struct pgr_buf *b, const char *fmt, ...) PGR_PRINTF(2, 3);
/* Empties it, keeps the memory, clears the failure. */
void pgr_buf_clear(struct pgr_buf *b);
void pgr_buf_free(struct pgr_buf *b);
/* "" when nothing was ever added. Borrowed until the next append. */
const char *pgr_buf_str(const struct pgr_buf *b);
/* PGR_E_NOMEM if any append failed. */
PGR_MUST_CHECK pgr_err pgr_buf_ok(const struct pgr_buf *b);
/* Hands the bytes to the caller (free with pgr_free) and leaves the buffer empty. NULL if an append failed: the bytes are freed. */
char *pgr_buf_steal(struct pgr_buf *b);

#endif
