/* stream.c - stop strings and showable pieces of a growing text. */
#include "gen/stream.h"

#include <string.h>

#include "base/size.h"

void pgr_stream_reset(struct pgr_stream *s, const char *const *stop, size_t n_stop) {
    pgr_buf_clear(&s->text);
    s->stop = stop;
    s->n_stop = n_stop;
    s->n_seen = s->n_shown = 0;
    s->stopped = false;
}

/* First occurrence of what[n] in text[from, len), or len. */
static size_t find(const char *text, size_t from, size_t len, const char *what, size_t n) {
    for (size_t i = from; i + n <= len; i++) {
        const char *hit = memchr(text + i, what[0], len - i - n + 1);
        if (!hit) return len;
        i = (size_t)(hit - text);
        if (memcmp(hit, what, n) == 0) return i;
    }
    return len;
}

bool pgr_stream_check(struct pgr_stream *s) {
    size_t len = s->text.len, cut = len;
    for (size_t k = 0; k < s->n_stop; k++) {
        size_t n = strlen(s->stop[k]);
        size_t from = s->n_seen >= n ? s->n_seen - (n - 1) : 0; /* a match must reach into the new bytes */
        cut = pgr_min(cut, find(s->text.data, from, len, s->stop[k], n));
    }
    s->n_seen = len;
    if (cut == len) return false;
    s->text.len = cut;
    s->text.data[cut] = '\0';
    s->stopped = true;
    return true;
}

/* Bytes at the end of text[n] that could become one UTF-8 character with more bytes: 0..3. */
static size_t open_utf8(const unsigned char *text, size_t n) {
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = text[n - back];
        if ((c & 0xc0) == 0x80) continue;
        size_t want = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
        return c < 0xf5 && want > back ? back : 0;
    }
    return 0;
}

/* The longest end of text[n] that is a proper beginning of a stop string. */
static size_t open_stop(const struct pgr_stream *s, const char *text, size_t n) {
    size_t held = 0;
    for (size_t k = 0; k < s->n_stop; k++) {
        size_t len = strlen(s->stop[k]);
        for (size_t m = pgr_min(len - 1, n); m > held; m--)
            if (memcmp(text + n - m, s->stop[k], m) == 0) {
                held = m;
                break;
            }
    }
    return held;
}

const char *pgr_stream_piece(struct pgr_stream *s, bool last, size_t *n) {
    const char *text = pgr_buf_str(&s->text) + s->n_shown;
    size_t len = s->text.len - s->n_shown;
    if (!last && !s->stopped) {
        len -= open_stop(s, text, len);
        len -= open_utf8((const unsigned char *)text, len);
    }
    s->n_shown += len;
    *n = len;
    return text;
}
