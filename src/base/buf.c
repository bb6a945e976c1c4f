/* buf.c - a growable byte string. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"

static bool grow(struct pgr_buf *b, size_t extra) {
    size_t need;
    if (b->failed) return false;
    if (!pgr_add(b->len, extra, &need) || !pgr_add(need, 1, &need)) goto fail;
    if (need <= b->cap) return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need) {
        size_t next;
        if (!pgr_add(cap, cap / 2 + 64, &next)) goto fail;
        cap = next;
    }
    char *p = pgr_realloc(b->data, cap);
    if (!p) goto fail;
    b->data = p;
    b->cap = cap;
    return true;
fail:
    b->failed = true;
    return false;
}

void pgr_buf_add(struct pgr_buf *b, const void *bytes, size_t n) {
    if (!grow(b, n)) return;
    if (n) memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void pgr_buf_adds(struct pgr_buf *b, const char *s) { pgr_buf_add(b, s, strlen(s)); }
void pgr_buf_addc(struct pgr_buf *b, char c) { pgr_buf_add(b, &c, 1); }

void pgr_buf_addf(struct pgr_buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !grow(b, (size_t)n)) {
        b->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void pgr_buf_clear(struct pgr_buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->data) b->data[0] = '\0';
}

void pgr_buf_free(struct pgr_buf *b) {
    pgr_free(b->data);
    *b = (struct pgr_buf)PGR_BUF_INIT;
}

const char *pgr_buf_str(const struct pgr_buf *b) { return b->data ? b->data : ""; }

pgr_err pgr_buf_ok(const struct pgr_buf *b) {
    return b->failed ? pgr_fail(PGR_E_NOMEM, "out of memory while building a text of %zu bytes", b->len) : PGR_OK;
}

char *pgr_buf_steal(struct pgr_buf *b) {
    if (b->failed || !grow(b, 0)) {
        pgr_buf_free(b);
        return NULL;
    }
    char *p = b->data;
    p[b->len] = '\0';
    *b = (struct pgr_buf)PGR_BUF_INIT;
    return p;
}
