/* proto.h - messages between the library and its supervisor process.
 *
 * A stream socket; each message is a header (length, type) and a payload of fixed-width integers in this machine's
 * order and of length-prefixed byte strings. Both ends come from the same binary. */
#ifndef PGR_SBX_PROTO_H
#define PGR_SBX_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sbx/sbx.h"

enum { PGR_SBX_CLIENT_FD = 3 }; /* the supervisor's end, at its start */
/* argv[0] by which a binary that links this library knows that it was started as a supervisor. */
#define PGR_SBX_DAEMON_NAME "pgrpo-sandbox-supervisor"

enum pgr_msg_type { PGR_MSG_HELLO = 1, PGR_MSG_READY, PGR_MSG_FAILED, PGR_MSG_JOB, PGR_MSG_RESULT };

/* ---- packing ---- */

void pgr_put_u32(struct pgr_buf *b, uint32_t v);
void pgr_put_u64(struct pgr_buf *b, uint64_t v);
void pgr_put_f64(struct pgr_buf *b, double v);
/* NULL is told apart from an empty string. */
void pgr_put_blob(struct pgr_buf *b, const void *bytes, size_t n);
void pgr_put_str(struct pgr_buf *b, const char *s);

/* Starts a message; pgr_msg_end fills its length in. */
size_t pgr_msg_begin(struct pgr_buf *b, uint32_t type);
void pgr_msg_end(struct pgr_buf *b, size_t at);

struct pgr_span { /* borrowed; data NULL = absent */
    const char *data;
    size_t n;
};

/* Reading sets `bad` on truncation and then returns zeros. */
struct pgr_reader {
    const char *p, *end;
    bool bad;
};
uint32_t pgr_get_u32(struct pgr_reader *r);
uint64_t pgr_get_u64(struct pgr_reader *r);
double pgr_get_f64(struct pgr_reader *r);
struct pgr_span pgr_get_blob(struct pgr_reader *r);
char *pgr_span_dup(struct pgr_span s); /* NUL-terminated copy; NULL if absent or out of memory */

/* ---- a buffered, non-blocking end of the socket ---- */

struct pgr_link {
    int fd;
    struct pgr_buf in, out;
    size_t in_done, out_done;
};

void pgr_link_init(struct pgr_link *l, int fd);
void pgr_link_close(struct pgr_link *l);
/* Moves what can be moved now. PGR_E_IO when the other end is gone. */
PGR_MUST_CHECK pgr_err pgr_link_write(struct pgr_link *l);
PGR_MUST_CHECK pgr_err pgr_link_read(struct pgr_link *l);
bool pgr_link_wants_write(const struct pgr_link *l);
/* The next whole message in the buffer: its type and a reader (valid until the next call or read); false if none. */
bool pgr_link_next(struct pgr_link *l, uint32_t *type, struct pgr_reader *r);

#endif
