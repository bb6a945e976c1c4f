/* st_write.c - writing one safetensors file, a few megabytes at a time. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/size.h"
#include "fmt/safetensors.h"

enum { CHUNK = 1 << 20, PIECE = 1 << 15 };

static size_t n_elem(const struct pgr_st_out *t) {
    size_t n = 1;
    for (size_t i = 0; i < t->n_dim; i++) n *= t->dim[i];
    return n;
}

/* The header, padded with spaces so that the data begin at a multiple of 8. */
static pgr_err make_header(const struct pgr_st_out *tensor, size_t n, enum pgr_dtype dtype, struct pgr_buf *out) {
    json_t *root = json_pack("{s:{s:s}}", "__metadata__", "format", "pt");
    size_t at = 0;
    bool ok = root != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        const struct pgr_st_out *t = &tensor[i];
        size_t end = at + n_elem(t) * pgr_dtype_bytes(dtype);
        json_t *shape = json_array();
        for (size_t k = 0; k < t->n_dim; k++)
            ok = json_array_append_new(shape, json_integer((json_int_t)t->dim[k])) == 0 && ok;
        json_t *j = json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype == PGR_F32 ? "F32" : "BF16", "shape", shape,
                              "data_offsets", (json_int_t)at, (json_int_t)end);
        ok = json_object_set_new(root, t->name, j) == 0 && ok;
        at = end;
    }
    pgr_err err = ok ? pgr_json_dump(root, out) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(root);
    while (!out->failed && out->len % 8) pgr_buf_addc(out, ' ');
    return err == PGR_OK ? pgr_buf_ok(out) : err;
}

struct narrowing {
    const float *src;
    pgr_bf16 *dst;
    size_t n;
};

static void narrow(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct narrowing *w = ctx;
    for (size_t k = i * PIECE; k < pgr_min((i + 1) * PIECE, w->n); k++) w->dst[k] = pgr_f32_to_bf16(w->src[k]);
}

static pgr_err put(struct pgr_outfile *o, const void *p, size_t n_bytes) {
    if (n_bytes == 0 || fwrite(p, 1, n_bytes, o->f) == n_bytes) return PGR_OK;
    return pgr_fail(PGR_E_IO, "%s: cannot write %zu bytes: %s", o->path, n_bytes, strerror(errno));
}

static pgr_err put_tensor(struct pgr_outfile *o, const struct pgr_st_out *t, enum pgr_dtype dtype, pgr_bf16 *buf) {
    size_t n = n_elem(t);
    if (dtype == PGR_F32) return put(o, t->data, n * sizeof(float));
    for (size_t at = 0; at < n; at += CHUNK) {
        struct narrowing w = {t->data + at, buf, pgr_min(CHUNK, n - at)};
        pgr_par(pgr_div_up(w.n, PIECE), narrow, &w);
        PGR_TRY(put(o, buf, w.n * sizeof *buf));
    }
    return PGR_OK;
}

pgr_err pgr_st_write(const char *path, enum pgr_dtype dtype, const struct pgr_st_out *tensor, size_t n) {
    struct pgr_buf header = PGR_BUF_INIT;
    struct pgr_outfile o = {NULL, NULL, NULL};
    pgr_bf16 *buf = pgr_alloc_array(CHUNK, sizeof *buf);
    pgr_err err;
    if (!buf) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    PGR_TRY_GOTO(make_header(tensor, n, dtype, &header));
    PGR_TRY_GOTO(pgr_outfile_open(path, &o));
    unsigned char length[8];
    for (size_t i = 0; i < 8; i++) length[i] = (unsigned char)(header.len >> 8 * i & 0xff);
    PGR_TRY_GOTO(put(&o, length, sizeof length));
    PGR_TRY_GOTO(put(&o, header.data, header.len));
    for (size_t i = 0; i < n; i++) PGR_TRY_GOTO(put_tensor(&o, &tensor[i], dtype, buf));
    err = pgr_outfile_commit(&o);
out:
    if (err != PGR_OK) pgr_outfile_abandon(&o);
    pgr_buf_free(&header);
    pgr_free(buf);
    return err;
}
