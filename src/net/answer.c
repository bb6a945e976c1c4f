/* answer.c - see answer.h. */
#define _GNU_SOURCE
#include "net/answer.h"

#include <string.h>

pgr_err pgr_net_answer(const struct pgr_net_reply *r, bool thoughts, const char *const *stop, size_t n_stop,
                       struct pgr_buf *out, bool *stopped) {
    size_t n = r->n_bytes;
    *stopped = false;
    for (size_t i = 0; i < n_stop; i++) {
        const char *at = stop[i][0] ? memmem(r->text, n, stop[i], strlen(stop[i])) : NULL;
        if (at) n = (size_t)(at - r->text), *stopped = true;
    }
    if (thoughts && r->reasoning) pgr_buf_addf(out, "<think>\n%s\n</think>\n", r->reasoning);
    pgr_buf_add(out, r->text, n);
    return pgr_buf_ok(out);
}

bool pgr_net_is_of_one(pgr_net_fault f) {
    return f == PGR_NET_REFUSED || f == PGR_NET_TOO_LARGE || f == PGR_NET_BAD_REPLY;
}
