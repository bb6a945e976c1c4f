/* od_journal.c - see od_journal.h. */
#define _GNU_SOURCE
#include "pref/od_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

struct reader {
    const char *path;
    const json_t *head;
    pgr_jsonl_fn fn;
    void *ctx;
    bool seen_head;
};

static pgr_err check_head(const struct reader *r, const char *where, const json_t *obj) {
    const char *key;
    json_t *want;
    json_object_foreach((json_t *)(uintptr_t)r->head, key, want) {
        json_t *have = json_object_get(obj, key);
        if (have && json_equal(have, want)) continue;
        char *a = have ? json_dumps(have, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        char *b = json_dumps(want, JSON_COMPACT | JSON_ENCODE_ANY);
        pgr_err err = pgr_fail(PGR_E_FORMAT, "%s: begun with \"%s\" %s, now it is %s; name another file with --output",
                               where, key, a ? a : "absent", b ? b : "?");
        free(a);
        free(b);
        return err;
    }
    return PGR_OK;
}

static pgr_err read_line(void *ctx, const char *where, json_t *obj) {
    struct reader *r = ctx;
    if (r->seen_head) return r->fn(r->ctx, where, obj);
    r->seen_head = true;
    return check_head(r, where, obj);
}

/* Cuts off a last line without its end; *n_bytes is what stays. */
static pgr_err mend(const struct pgr_od_journal *j, off_t *n_bytes) {
    struct stat st;
    char block[4096];
    if (fstat(j->fd, &st) != 0) return pgr_fail(PGR_E_IO, "%s: %s", j->path, strerror(errno));
    off_t n = st.st_size, end = 0;
    while (n > 0 && end == 0) {
        off_t from = n > (off_t)sizeof block ? n - (off_t)sizeof block : 0;
        ssize_t got = pread(j->fd, block, (size_t)(n - from), from);
        if (got != n - from) return pgr_fail(PGR_E_IO, "%s: cannot read: %s", j->path, strerror(errno));
        const char *p = memrchr(block, '\n', (size_t)got);
        if (p) end = from + (p - block) + 1;
        n = from;
    }
    if (end < st.st_size && ftruncate(j->fd, end) != 0)
        return pgr_fail(PGR_E_IO, "%s: cannot cut off its last line: %s", j->path, strerror(errno));
    *n_bytes = end;
    return PGR_OK;
}

pgr_err pgr_od_journal_open(const char *path, const json_t *head, pgr_jsonl_fn fn, void *ctx,
                            struct pgr_od_journal *out) {
    struct pgr_od_journal j = {.fd = -1, .path = pgr_strdup(path), .line = PGR_BUF_INIT};
    struct reader r = {path, head, fn, ctx, false};
    off_t n_bytes = 0;
    pgr_err err = j.path ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) j.fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (err == PGR_OK && j.fd < 0) err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", path, strerror(errno));
    if (err == PGR_OK && flock(j.fd, LOCK_EX | LOCK_NB) != 0)
        err = errno == EWOULDBLOCK ? pgr_fail(PGR_E_IO, "%s: another run is writing it", path)
                                   : pgr_fail(PGR_E_IO, "%s: cannot lock: %s", path, strerror(errno));
    if (err == PGR_OK) err = mend(&j, &n_bytes);
    if (err == PGR_OK && n_bytes > 0) err = pgr_jsonl_each(path, read_line, &r);
    if (err == PGR_OK && !r.seen_head) err = pgr_od_journal_add(&j, json_incref((json_t *)(uintptr_t)head));
    if (err != PGR_OK) {
        pgr_od_journal_close(&j);
        return err;
    }
    *out = j;
    return PGR_OK;
}

pgr_err pgr_od_journal_add(struct pgr_od_journal *j, json_t *o) {
    pgr_buf_clear(&j->line);
    pgr_err err = o ? pgr_json_dump(o, &j->line) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(o);
    pgr_buf_addc(&j->line, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&j->line);
    if (err != PGR_OK) return err;
    for (size_t at = 0; at < j->line.len;) {
        ssize_t n = write(j->fd, j->line.data + at, j->line.len - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return pgr_fail(PGR_E_IO, "%s: cannot write: %s", j->path, strerror(errno));
        at += (size_t)n;
    }
    if (fdatasync(j->fd) != 0) return pgr_fail(PGR_E_IO, "%s: cannot write to the disk: %s", j->path, strerror(errno));
    return PGR_OK;
}

void pgr_od_journal_close(struct pgr_od_journal *j) {
    if (j->fd >= 0) close(j->fd);
    pgr_free(j->path);
    pgr_buf_free(&j->line);
    *j = (struct pgr_od_journal){.fd = -1};
}
