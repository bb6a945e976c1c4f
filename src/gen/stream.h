/* stream.h - the text of one completion as its tokens arrive: stop strings and pieces that can be shown.
 *
 * Bytes are appended token by token; a token may end inside a UTF-8 character and a stop string may run over several
 * tokens. The text ends before the stop string that starts first among those completed by the same token. */
#ifndef PGR_GEN_STREAM_H
#define PGR_GEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct pgr_stream {
    struct pgr_buf text;
    const char *const *stop; /* [n_stop], borrowed, none empty */
    size_t n_stop;
    size_t n_seen;  /* bytes already searched for stop strings */
    size_t n_shown; /* bytes handed out by pgr_stream_piece */
    bool stopped;   /* a stop string was found; text ends before it */
};

/* Empties it and keeps the memory of the text. */
void pgr_stream_reset(struct pgr_stream *s, const char *const *stop, size_t n_stop);
/* Call after bytes were appended to s->text: true if a stop string is there now; the text has been cut then. */
bool pgr_stream_check(struct pgr_stream *s);
/* The next bytes that may be shown: whole UTF-8 characters (bytes that are none pass as they are) that no stop string
 * can take back. At the end (last) all that is left. *n may be 0. Borrowed until the next append. */
const char *pgr_stream_piece(struct pgr_stream *s, bool last, size_t *n);

#endif
