/* proto.c - packing and moving messages. */
#include "sbx/proto.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum { HEADER_BYTES = 8, CHUNK = 65536 };
static const uint32_t absent = UINT32_MAX;

void pgr_put_u32(struct pgr_buf *b, uint32_t v) { pgr_buf_add(b, &v, sizeof v); }
void pgr_put_u64(struct pgr_buf *b, uint64_t v) { pgr_buf_add(b, &v, sizeof v); }
void pgr_put_f64(struct pgr_buf *b, double v) { pgr_buf_add(b, &v, sizeof v); }

void pgr_put_blob(struct pgr_buf *b, const void *bytes, size_t n) {
    if (n >= absent) {
        b->failed = true;
        return;
    }
    pgr_put_u32(b, bytes ? (uint32_t)n : absent);
    if (bytes) pgr_buf_add(b, bytes, n);
}

void pgr_put_str(struct pgr_buf *b, const char *s) { pgr_put_blob(b, s, s ? strlen(s) : 0); }

size_t pgr_msg_begin(struct pgr_buf *b, uint32_t type) {
    size_t at = b->len;
    pgr_put_u32(b, 0);
    pgr_put_u32(b, type);
    return at;
}

void pgr_msg_end(struct pgr_buf *b, size_t at) {
    if (b->failed) return;
    size_t n = b->len - at - HEADER_BYTES;
    if (n >= absent) {
        b->failed = true;
        return;
    }
    uint32_t len = (uint32_t)n;
    memcpy(b->data + at, &len, sizeof len);
}

static bool take(struct pgr_reader *r, void *out, size_t n) {
    if (r->bad || (size_t)(r->end - r->p) < n) {
        r->bad = true;
        memset(out, 0, n);
        return false;
    }
    memcpy(out, r->p, n);
    r->p += n;
    return true;
}

uint32_t pgr_get_u32(struct pgr_reader *r) {
    uint32_t v;
    take(r, &v, sizeof v);
    return v;
}

uint64_t pgr_get_u64(struct pgr_reader *r) {
    uint64_t v;
    take(r, &v, sizeof v);
    return v;
}

double pgr_get_f64(struct pgr_reader *r) {
    double v;
    take(r, &v, sizeof v);
    return v;
}

struct pgr_span pgr_get_blob(struct pgr_reader *r) {
    struct pgr_span s = {NULL, 0};
    uint32_t n = pgr_get_u32(r);
    if (r->bad || n == absent) return s;
    if ((size_t)(r->end - r->p) < n) {
        r->bad = true;
        return s;
    }
    s = (struct pgr_span){r->p, n};
    r->p += n;
    return s;
}

char *pgr_span_dup(struct pgr_span s) { return s.data ? pgr_strndup(s.data, s.n) : NULL; }

void pgr_link_init(struct pgr_link *l, int fd) {
    memset(l, 0, sizeof *l);
    l->fd = fd;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void pgr_link_close(struct pgr_link *l) {
    if (l->fd >= 0) close(l->fd);
    pgr_buf_free(&l->in);
    pgr_buf_free(&l->out);
    memset(l, 0, sizeof *l);
    l->fd = -1;
}

bool pgr_link_wants_write(const struct pgr_link *l) { return l->out_done < l->out.len; }

pgr_err pgr_link_write(struct pgr_link *l) {
    PGR_TRY(pgr_buf_ok(&l->out));
    while (l->out_done < l->out.len) {
        ssize_t n = send(l->fd, l->out.data + l->out_done, l->out.len - l->out_done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (n < 0) return pgr_fail(PGR_E_IO, "sandbox supervisor: %s", strerror(errno));
        l->out_done += (size_t)n;
    }
    if (l->out_done == l->out.len) {
        pgr_buf_clear(&l->out);
        l->out_done = 0;
    }
    return PGR_OK;
}

pgr_err pgr_link_read(struct pgr_link *l) {
    static char chunk[CHUNK];
    if (l->in_done > 0) { /* what pgr_link_next has handed out is done with */
        memmove(l->in.data, l->in.data + l->in_done, l->in.len - l->in_done);
        l->in.len -= l->in_done;
        l->in_done = 0;
    }
    for (;;) {
        ssize_t n = recv(l->fd, chunk, sizeof chunk, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return PGR_OK;
        if (n <= 0) return pgr_fail(PGR_E_IO, "sandbox supervisor: the connection is closed");
        pgr_buf_add(&l->in, chunk, (size_t)n);
        PGR_TRY(pgr_buf_ok(&l->in));
        if (n < CHUNK) return PGR_OK;
    }
}

bool pgr_link_next(struct pgr_link *l, uint32_t *type, struct pgr_reader *r) {
    size_t left = l->in.len - l->in_done;
    if (left < HEADER_BYTES) return false;
    uint32_t head[2];
    memcpy(head, l->in.data + l->in_done, sizeof head);
    if (left - HEADER_BYTES < head[0]) return false;
    const char *start = l->in.data + l->in_done + HEADER_BYTES;
    *type = head[1];
    *r = (struct pgr_reader){start, start + head[0], false};
    l->in_done += HEADER_BYTES + head[0];
    return true;
}
