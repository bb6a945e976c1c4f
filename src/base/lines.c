/* lines.c - reading text files line by line, plain or compressed. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "base/mem.h"

enum { CHUNK_BYTES = 1 << 16 };

struct pgr_lines {
    char *path;
    FILE *f;
    enum { PLAIN, GZIP, ZSTD } kind;
    z_stream z;
    bool z_open, z_frame_ended;
    ZSTD_DStream *zs;
    size_t zs_want; /* 0: at a frame's end */
    unsigned char in[CHUNK_BYTES];
    size_t in_at, in_len;
    char out[CHUNK_BYTES];
    size_t out_at, out_len;
    struct pgr_buf line;
    size_t number, max_line_bytes;
};

static pgr_err read_chunk(struct pgr_lines *l) {
    l->in_at = 0;
    l->in_len = fread(l->in, 1, sizeof l->in, l->f);
    if (l->in_len == 0 && ferror(l->f)) return pgr_fail(PGR_E_IO, "%s: cannot read: %s", l->path, strerror(errno));
    return PGR_OK;
}

pgr_err pgr_lines_open(const char *path, size_t max_line_bytes, struct pgr_lines **out) {
    struct pgr_lines *l = pgr_alloc_zero(1, sizeof *l);
    if (!l) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", path);
    pgr_err err = PGR_OK;
    l->max_line_bytes = max_line_bytes;
    l->path = pgr_strdup(path);
    if (!l->path) {
        err = pgr_fail(PGR_E_NOMEM, "%s: out of memory", path);
        goto fail;
    }
    l->f = pgr_is_dir(path) ? (errno = EISDIR, NULL) : fopen(path, "re");
    if (!l->f) {
        err = pgr_fail(errno == ENOENT ? PGR_E_NOTFOUND : PGR_E_IO, "%s: cannot open: %s", path, strerror(errno));
        goto fail;
    }
    err = read_chunk(l);
    if (err != PGR_OK) goto fail;
    if (l->in_len >= 2 && l->in[0] == 0x1f && l->in[1] == 0x8b) {
        l->kind = GZIP;
        if (inflateInit2(&l->z, 15 + 16) != Z_OK) {
            err = pgr_fail(PGR_E_NOMEM, "%s: cannot start zlib", path);
            goto fail;
        }
        l->z_open = true;
    } else if (l->in_len >= 4 && memcmp(l->in, "\x28\xb5\x2f\xfd", 4) == 0) {
        l->kind = ZSTD;
        l->zs = ZSTD_createDStream();
        if (!l->zs) {
            err = pgr_fail(PGR_E_NOMEM, "%s: cannot start zstd", path);
            goto fail;
        }
        l->zs_want = ZSTD_initDStream(l->zs);
    }
    *out = l;
    return PGR_OK;
fail:
    pgr_lines_close(l);
    return err;
}

void pgr_lines_close(struct pgr_lines *l) {
    if (!l) return;
    if (l->f) fclose(l->f);
    if (l->z_open) inflateEnd(&l->z);
    ZSTD_freeDStream(l->zs);
    pgr_buf_free(&l->line);
    pgr_free(l->path);
    pgr_free(l);
}

static pgr_err fill_gzip(struct pgr_lines *l) {
    while (l->out_len == 0) {
        if (l->in_at == l->in_len) PGR_TRY(read_chunk(l));
        if (l->in_len == 0)
            return l->z_frame_ended ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: gzip stream cut short", l->path);
        if (l->z_frame_ended) { /* concatenated members */
            if (inflateReset(&l->z) != Z_OK) return pgr_fail(PGR_E_FORMAT, "%s: damaged gzip stream", l->path);
            l->z_frame_ended = false;
        }
        l->z.next_in = l->in + l->in_at;
        l->z.avail_in = (uInt)(l->in_len - l->in_at);
        l->z.next_out = (unsigned char *)l->out;
        l->z.avail_out = sizeof l->out;
        int rc = inflate(&l->z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return pgr_fail(PGR_E_FORMAT, "%s: damaged gzip stream after line %zu", l->path, l->number);
        l->z_frame_ended = rc == Z_STREAM_END;
        l->in_at = l->in_len - l->z.avail_in;
        l->out_len = sizeof l->out - l->z.avail_out;
    }
    return PGR_OK;
}

static pgr_err fill_zstd(struct pgr_lines *l) {
    while (l->out_len == 0) {
        if (l->in_at == l->in_len) PGR_TRY(read_chunk(l));
        if (l->in_len == 0)
            return l->zs_want == 0 ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: zstd stream cut short", l->path);
        ZSTD_inBuffer in = {l->in, l->in_len, l->in_at};
        ZSTD_outBuffer out = {l->out, sizeof l->out, 0};
        l->zs_want = ZSTD_decompressStream(l->zs, &out, &in);
        if (ZSTD_isError(l->zs_want))
            return pgr_fail(PGR_E_FORMAT, "%s: damaged zstd stream after line %zu: %s", l->path, l->number,
                            ZSTD_getErrorName(l->zs_want));
        l->in_at = in.pos;
        l->out_len = out.pos;
    }
    return PGR_OK;
}

/* More decoded bytes into out; out_len stays 0 at the end. */
static pgr_err fill(struct pgr_lines *l) {
    l->out_at = l->out_len = 0;
    if (l->kind == GZIP) return fill_gzip(l);
    if (l->kind == ZSTD) return fill_zstd(l);
    if (l->in_at == l->in_len) PGR_TRY(read_chunk(l));
    memcpy(l->out, l->in + l->in_at, l->in_len - l->in_at);
    l->out_len = l->in_len - l->in_at;
    l->in_at = l->in_len;
    return PGR_OK;
}

pgr_err pgr_lines_next(struct pgr_lines *l, const char **line, size_t *n_bytes, size_t *number) {
    pgr_buf_clear(&l->line);
    bool any = false, ended = false;
    while (!ended) {
        if (l->out_at == l->out_len) PGR_TRY(fill(l));
        if (l->out_len == 0) break;
        any = true;
        const char *from = l->out + l->out_at, *nl = memchr(from, '\n', l->out_len - l->out_at);
        size_t n = nl ? (size_t)(nl - from) : l->out_len - l->out_at;
        if (l->line.len + n > l->max_line_bytes)
            return pgr_fail(PGR_E_FORMAT, "%s:%zu: line longer than the %zu bytes allowed", l->path, l->number + 1,
                            l->max_line_bytes);
        pgr_buf_add(&l->line, from, n);
        l->out_at += n + (nl != NULL);
        ended = nl != NULL;
    }
    PGR_TRY(pgr_buf_ok(&l->line));
    if (!any) {
        *line = NULL;
        *n_bytes = 0;
        *number = l->number;
        return PGR_OK;
    }
    l->number++;
    if (l->line.len && l->line.data[l->line.len - 1] == '\r') l->line.data[--l->line.len] = '\0';
    *line = pgr_buf_str(&l->line);
    *n_bytes = l->line.len;
    *number = l->number;
    return PGR_OK;
}
