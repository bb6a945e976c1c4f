/* zip.c - the directory of a zip archive and its members. */
#include "fmt/zip.h"

#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"

enum { END_BYTES = 22, ENTRY_BYTES = 46, LOCAL_BYTES = 30, COMMENT_MAX = 65535, PIECE = 1 << 18 };

struct pgr_zip {
    char *path; /* owned */
    struct pgr_map map;
    const unsigned char *data;
    size_t n_bytes;
    struct pgr_zip_member *member;
    size_t n_member;
};

static size_t load16(const unsigned char *p) { return (size_t)(p[0] | p[1] << 8); }
static uint32_t load32(const unsigned char *p) { return (uint32_t)load16(p) | (uint32_t)load16(p + 2) << 16; }

/* The end record: the last place where its mark stands and its comment reaches exactly to the end of the file. */
static const unsigned char *find_end(const struct pgr_zip *z) {
    if (z->n_bytes < END_BYTES) return NULL;
    size_t first = z->n_bytes - END_BYTES, last = first > COMMENT_MAX ? first - COMMENT_MAX : 0;
    for (size_t at = first;; at--) {
        const unsigned char *p = z->data + at;
        if (memcmp(p, "PK\5\6", 4) == 0 && at + END_BYTES + load16(p + 20) == z->n_bytes) return p;
        if (at == last) return NULL;
    }
}

static pgr_err read_entry(const struct pgr_zip *z, const unsigned char *p, size_t left, struct pgr_zip_member *m,
                          size_t *used) {
    if (left < ENTRY_BYTES || memcmp(p, "PK\1\2", 4) != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: no directory entry at byte %zu", z->path, (size_t)(p - z->data));
    size_t flags = load16(p + 8), n_name = load16(p + 28);
    *used = ENTRY_BYTES + n_name + load16(p + 30) + load16(p + 32);
    if (*used > left || n_name == 0 || memchr(p + ENTRY_BYTES, 0, n_name))
        return pgr_fail(PGR_E_FORMAT, "%s: bad directory entry at byte %zu", z->path, (size_t)(p - z->data));
    m->method = (unsigned)load16(p + 10);
    m->crc = load32(p + 16);
    m->packed_bytes = load32(p + 20);
    m->n_bytes = load32(p + 24);
    size_t local = load32(p + 42);
    m->name = pgr_strndup((const char *)p + ENTRY_BYTES, n_name);
    if (!m->name) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", z->path);
    if (m->packed_bytes == UINT32_MAX || m->n_bytes == UINT32_MAX || local == UINT32_MAX)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: member %s uses 64-bit extensions", z->path, m->name);
    if ((flags & 1) || (m->method != 0 && m->method != 8))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: member %s is %s", z->path, m->name,
                        flags & 1 ? "encrypted" : "compressed by a method other than deflate");
    if (local > z->n_bytes || z->n_bytes - local < LOCAL_BYTES || memcmp(z->data + local, "PK\3\4", 4) != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: member %s has no local header at byte %zu of %zu", z->path, m->name, local,
                        z->n_bytes);
    size_t skip = LOCAL_BYTES + load16(z->data + local + 26) + load16(z->data + local + 28);
    if (skip > z->n_bytes - local || m->packed_bytes > z->n_bytes - local - skip)
        return pgr_fail(PGR_E_FORMAT, "%s: member %s of %zu bytes at %zu does not fit the file of %zu", z->path,
                        m->name, m->packed_bytes, local + skip, z->n_bytes);
    if (m->method == 0 && m->n_bytes != m->packed_bytes)
        return pgr_fail(PGR_E_FORMAT, "%s: stored member %s has the sizes %zu and %zu", z->path, m->name, m->n_bytes,
                        m->packed_bytes);
    m->packed = z->data + local + skip;
    return PGR_OK;
}

static pgr_err parse(struct pgr_zip *z) {
    const unsigned char *end = find_end(z);
    if (!end) return pgr_fail(PGR_E_FORMAT, "%s: no zip archive (no end record)", z->path);
    size_t n = load16(end + 10), bytes = load32(end + 12), at = load32(end + 16), end_at = (size_t)(end - z->data);
    if (n == 0xffff || at == UINT32_MAX)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: an archive with 64-bit extensions", z->path);
    if (load16(end + 4) != 0 || load16(end + 6) != 0 || load16(end + 8) != n)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: an archive on several disks", z->path);
    if (at > end_at || bytes > end_at - at || n > bytes / ENTRY_BYTES)
        return pgr_fail(PGR_E_FORMAT, "%s: directory of %zu entries in %zu bytes at %zu does not fit before byte %zu",
                        z->path, n, bytes, at, end_at);
    z->member = pgr_alloc_zero(n, sizeof *z->member);
    if (!z->member) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", z->path);
    const unsigned char *p = z->data + at;
    for (size_t i = 0; i < n; i++) {
        size_t used = 0;
        z->n_member++;
        PGR_TRY(read_entry(z, p, (size_t)(z->data + at + bytes - p), &z->member[i], &used));
        if (pgr_zip_find(z, z->member[i].name) != &z->member[i])
            return pgr_fail(PGR_E_FORMAT, "%s: member %s occurs twice", z->path, z->member[i].name);
        p += used;
    }
    return PGR_OK;
}

static pgr_err open_common(const char *path, struct pgr_map map, const void *data, size_t n_bytes,
                           struct pgr_zip **out) {
    struct pgr_zip *z = pgr_alloc_zero(1, sizeof *z);
    char *copy = pgr_strdup(path);
    if (!z || !copy) {
        pgr_free(z);
        pgr_free(copy);
        pgr_map_close(&map);
        return pgr_fail(PGR_E_NOMEM, "%s: out of memory", path);
    }
    *z = (struct pgr_zip){.path = copy, .map = map, .data = data, .n_bytes = n_bytes};
    pgr_err err = parse(z);
    if (err == PGR_OK)
        *out = z;
    else
        pgr_zip_close(z);
    return err;
}

pgr_err pgr_zip_open(const char *path, struct pgr_zip **out) {
    struct pgr_map map;
    PGR_TRY(pgr_map_open(path, &map));
    return open_common(path, map, map.data, map.n_bytes, out);
}

pgr_err pgr_zip_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_zip **out) {
    return open_common(path, (struct pgr_map){NULL, 0}, data, n_bytes, out);
}

void pgr_zip_close(struct pgr_zip *z) {
    if (!z) return;
    for (size_t i = 0; i < z->n_member; i++) pgr_free((void *)(uintptr_t)z->member[i].name);
    pgr_free(z->member);
    pgr_free(z->path);
    pgr_map_close(&z->map);
    pgr_free(z);
}

size_t pgr_zip_n_member(const struct pgr_zip *z) { return z->n_member; }
const struct pgr_zip_member *pgr_zip_member_at(const struct pgr_zip *z, size_t i) { return &z->member[i]; }

const struct pgr_zip_member *pgr_zip_find(const struct pgr_zip *z, const char *name) {
    for (size_t i = 0; i < z->n_member; i++)
        if (z->member[i].name && strcmp(z->member[i].name, name) == 0) return &z->member[i];
    return NULL;
}

/* What came out so far. */
struct output {
    pgr_zip_sink sink;
    void *ctx;
    size_t n_bytes;
    uLong crc;
};

static pgr_err put(struct output *o, const unsigned char *bytes, size_t n) {
    o->crc = crc32(o->crc, bytes, (uInt)n);
    o->n_bytes += n;
    return o->sink(o->ctx, bytes, n);
}

static pgr_err copy_stored(const struct pgr_zip_member *m, struct output *o) {
    for (size_t at = 0; at < m->n_bytes; at += PIECE) PGR_TRY(put(o, m->packed + at, pgr_min(PIECE, m->n_bytes - at)));
    return PGR_OK;
}

static pgr_err inflate_all(const struct pgr_zip *z, const struct pgr_zip_member *m, unsigned char *buf,
                           struct output *o) {
    z_stream s = {.next_in = (Bytef *)(uintptr_t)m->packed, .avail_in = (uInt)m->packed_bytes};
    if (inflateInit2(&s, -MAX_WBITS) != Z_OK) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", z->path);
    pgr_err err = PGR_OK;
    int rc = Z_OK;
    while (err == PGR_OK && rc == Z_OK) {
        s.next_out = buf;
        s.avail_out = PIECE;
        rc = inflate(&s, Z_NO_FLUSH);
        size_t n = PIECE - s.avail_out;
        /* A small archive can name a small size and unpack to gigabytes: stop at the first byte too many. */
        if ((rc != Z_OK && rc != Z_STREAM_END) || n > m->n_bytes - o->n_bytes)
            err = pgr_fail(PGR_E_FORMAT, "%s: member %s is damaged or longer than its %zu bytes", z->path, m->name,
                           m->n_bytes);
        else
            err = put(o, buf, n);
    }
    inflateEnd(&s);
    return err;
}

pgr_err pgr_zip_extract(const struct pgr_zip *z, const struct pgr_zip_member *m, pgr_zip_sink sink, void *ctx) {
    struct output o = {sink, ctx, 0, crc32(0, NULL, 0)};
    if (m->method == 0) {
        PGR_TRY(copy_stored(m, &o));
    } else {
        unsigned char *buf = pgr_alloc(PIECE);
        if (!buf) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", z->path);
        pgr_err err = inflate_all(z, m, buf, &o);
        pgr_free(buf);
        PGR_TRY(err);
    }
    if (o.n_bytes != m->n_bytes || (uint32_t)o.crc != m->crc)
        return pgr_fail(PGR_E_FORMAT, "%s: member %s has %zu bytes and CRC %08lx, the directory says %zu and %08lx",
                        z->path, m->name, o.n_bytes, o.crc, m->n_bytes, (unsigned long)m->crc);
    return PGR_OK;
}
