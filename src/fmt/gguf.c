/* gguf.c - opening and checking GGUF files. Access to the metadata is in gguf_meta.c. */
#include "fmt/gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/size.h"
#include "fmt/gguf_int.h"

enum { KEY_BYTES_MAX = 65535, NAME_BYTES_MAX = 255, DIM_MAX = 4, ALIGNMENT_MAX = 1 << 20 };

/* The cursor. Every read says what it is for. */
struct reader {
    const struct pgr_gguf *g;
    size_t at;
};

static size_t left(const struct reader *r) { return r->g->n_bytes - r->at; }

static pgr_err take(struct reader *r, size_t n, const char *what, const unsigned char **p) {
    if (n > left(r))
        return pgr_fail(PGR_E_FORMAT, "%s: %s needs %zu bytes at %zu, the file has %zu", r->g->path, what, n, r->at,
                        r->g->n_bytes);
    *p = r->g->data + r->at;
    r->at += n;
    return PGR_OK;
}

static pgr_err take_u32(struct reader *r, const char *what, uint32_t *v) {
    const unsigned char *p = NULL;
    PGR_TRY(take(r, 4, what, &p));
    *v = pgr_gguf_load32(p);
    return PGR_OK;
}

static pgr_err take_u64(struct reader *r, const char *what, uint64_t *v) {
    const unsigned char *p = NULL;
    PGR_TRY(take(r, 8, what, &p));
    *v = pgr_gguf_load64(p);
    return PGR_OK;
}

static pgr_err take_str(struct reader *r, const char *what, const unsigned char **s, size_t *n) {
    uint64_t len;
    PGR_TRY(take_u64(r, what, &len));
    if (len > left(r))
        return pgr_fail(PGR_E_FORMAT, "%s: %s of %llu bytes at %zu, the file has %zu", r->g->path, what,
                        (unsigned long long)len, r->at, r->g->n_bytes);
    *n = (size_t)len;
    return take(r, *n, what, s);
}

static pgr_err unknown_type(const struct pgr_gguf *g, const struct pgr_gguf_entry *e, uint32_t type) {
    return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s has type %u, must be 0 to 12", g->path, e->key, (unsigned)type);
}

static pgr_err read_array(struct pgr_gguf *g, struct reader *r, struct pgr_gguf_entry *e) {
    uint64_t n;
    PGR_TRY(take_u32(r, e->key, &e->item_type));
    PGR_TRY(take_u64(r, e->key, &n));
    if (e->item_type == PGR_GGUF_T_ARRAY)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: metadata key %s is an array of arrays", g->path, e->key);
    size_t size = pgr_gguf_type_bytes(e->item_type), bytes;
    if (size == 0 && e->item_type != PGR_GGUF_T_STR) return unknown_type(g, e, e->item_type);
    size_t least = size ? size : 8;
    if (n > left(r) / least)
        return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s has %llu elements, only %zu bytes follow", g->path, e->key,
                        (unsigned long long)n, left(r));
    e->n = (size_t)n;
    if (size) {
        if (!pgr_mul(e->n, size, &bytes)) return pgr_fail(PGR_E_FORMAT, "%s: %s is too long", g->path, e->key);
        return take(r, bytes, e->key, &e->data);
    }
    e->data = g->data;
    e->at = pgr_alloc_array(e->n, sizeof *e->at);
    if (!e->at) return pgr_fail(PGR_E_NOMEM, "%s: out of memory for %zu strings", g->path, e->n);
    for (size_t i = 0; i < e->n; i++) {
        const unsigned char *s;
        size_t len;
        e->at[i] = r->at;
        PGR_TRY(take_str(r, e->key, &s, &len));
    }
    return PGR_OK;
}

static pgr_err read_entry(struct pgr_gguf *g, struct reader *r, struct pgr_gguf_entry *e) {
    const unsigned char *s;
    size_t n;
    PGR_TRY(take_str(r, "metadata key", &s, &n));
    if (n == 0 || n > KEY_BYTES_MAX || memchr(s, 0, n))
        return pgr_fail(PGR_E_FORMAT, "%s: a metadata key of %zu bytes at %zu; 1 to %d without NUL are allowed",
                        g->path, n, r->at - n, KEY_BYTES_MAX);
    e->key = pgr_strndup((const char *)s, n);
    if (!e->key) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", g->path);
    PGR_TRY(take_u32(r, e->key, &e->type));
    if (e->type == PGR_GGUF_T_ARRAY) return read_array(g, r, e);
    if (e->type == PGR_GGUF_T_STR) return take_str(r, e->key, &e->data, &e->n);
    size_t size = pgr_gguf_type_bytes(e->type);
    if (size == 0) return unknown_type(g, e, e->type);
    return take(r, size, e->key, &e->data);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct pgr_gguf_entry *)a)->key, ((const struct pgr_gguf_entry *)b)->key);
}

static pgr_err read_metadata(struct pgr_gguf *g, struct reader *r, uint64_t n) {
    /* An entry takes at least 13 bytes, so the count cannot ask for more memory than the file's size justifies. */
    if (n > left(r) / 13)
        return pgr_fail(PGR_E_FORMAT, "%s: %llu metadata entries announced, only %zu bytes follow", g->path,
                        (unsigned long long)n, left(r));
    g->entry = pgr_alloc_zero((size_t)n, sizeof *g->entry);
    if (!g->entry)
        return pgr_fail(PGR_E_NOMEM, "%s: out of memory for %llu metadata entries", g->path, (unsigned long long)n);
    for (uint64_t i = 0; i < n; i++) {
        g->n_entry++;
        PGR_TRY(read_entry(g, r, &g->entry[i]));
    }
    qsort(g->entry, g->n_entry, sizeof *g->entry, by_key);
    for (size_t i = 1; i < g->n_entry; i++)
        if (strcmp(g->entry[i - 1].key, g->entry[i].key) == 0)
            return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s occurs twice", g->path, g->entry[i].key);
    return PGR_OK;
}

/* Sizes of a tensor from its dimensions and format. */
static pgr_err size_tensor(const struct pgr_gguf *g, struct pgr_gguf_tensor *t, uint32_t type) {
    t->quant = pgr_quant_find(type);
    if (!t->quant)
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s has the unknown format %u", g->path, t->name, (unsigned)type);
    if (!t->quant->to_f32)
        return pgr_fail(PGR_E_UNSUPPORTED,
                        "%s: tensor %s is %s; supported are F32 F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 "
                        "Q4_K Q5_K Q6_K",
                        g->path, t->name, t->quant->name);
    if (t->dim[0] % t->quant->block != 0)
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has rows of %zu elements, %s needs a multiple of %zu", g->path,
                        t->name, t->dim[0], t->quant->name, t->quant->block);
    t->n_row = 1;
    bool ok = true;
    for (size_t i = 1; ok && i < DIM_MAX; i++) ok = pgr_mul(t->n_row, t->dim[i], &t->n_row);
    ok = ok && pgr_mul(t->n_row, t->dim[0], &t->n_elem) &&
         pgr_mul(t->dim[0] / t->quant->block, t->quant->block_bytes, &t->row_bytes) &&
         pgr_mul(t->n_row, t->row_bytes, &t->n_bytes);
    if (!ok) return pgr_fail(PGR_E_SHAPE, "%s: tensor %s is too large to address", g->path, t->name);
    return PGR_OK;
}

static pgr_err read_tensor(struct pgr_gguf *g, struct reader *r, struct pgr_gguf_tensor *t, uint64_t *offset) {
    const unsigned char *s;
    size_t n;
    uint32_t n_dim, type;
    PGR_TRY(take_str(r, "tensor name", &s, &n));
    if (n == 0 || n > NAME_BYTES_MAX || memchr(s, 0, n))
        return pgr_fail(PGR_E_FORMAT, "%s: a tensor name of %zu bytes at %zu; 1 to %d without NUL are allowed", g->path,
                        n, r->at - n, NAME_BYTES_MAX);
    t->name = pgr_strndup((const char *)s, n);
    if (!t->name) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", g->path);
    PGR_TRY(take_u32(r, t->name, &n_dim));
    if (n_dim < 1 || n_dim > DIM_MAX)
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has %u dimensions, must be 1 to %d", g->path, t->name,
                        (unsigned)n_dim, DIM_MAX);
    t->n_dim = n_dim;
    for (size_t i = 0; i < DIM_MAX; i++) {
        uint64_t d = 1;
        if (i < n_dim) PGR_TRY(take_u64(r, t->name, &d));
        if (d == 0 || d > SIZE_MAX)
            return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has dimension %zu of %llu", g->path, t->name, i,
                            (unsigned long long)d);
        t->dim[i] = (size_t)d;
    }
    PGR_TRY(take_u32(r, t->name, &type));
    PGR_TRY(take_u64(r, t->name, offset));
    return size_tensor(g, t, type);
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const struct pgr_gguf_tensor *const *)a)->name, (*(const struct pgr_gguf_tensor *const *)b)->name);
}

static int by_place(const void *a, const void *b) {
    const struct pgr_gguf_tensor *x = *(const struct pgr_gguf_tensor *const *)a;
    const struct pgr_gguf_tensor *y = *(const struct pgr_gguf_tensor *const *)b;
    return x->data < y->data ? -1 : x->data > y->data;
}

static pgr_err check_tensors(struct pgr_gguf *g) {
    size_t n = g->n_tensor;
    qsort(g->sorted, n, sizeof *g->sorted, by_place);
    for (size_t i = 1; i < n; i++)
        if (g->sorted[i - 1]->n_bytes > (size_t)(g->sorted[i]->data - g->sorted[i - 1]->data))
            return pgr_fail(PGR_E_FORMAT, "%s: tensors %s and %s overlap", g->path, g->sorted[i - 1]->name,
                            g->sorted[i]->name);
    qsort(g->sorted, n, sizeof *g->sorted, by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(g->sorted[i - 1]->name, g->sorted[i]->name) == 0)
            return pgr_fail(PGR_E_FORMAT, "%s: tensor %s occurs twice", g->path, g->sorted[i]->name);
    return PGR_OK;
}

static pgr_err place_tensor(const struct pgr_gguf *g, struct pgr_gguf_tensor *t, size_t start, size_t alignment,
                            uint64_t offset) {
    if (offset % alignment != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s is at offset %llu, no multiple of the alignment %zu", g->path,
                        t->name, (unsigned long long)offset, alignment);
    size_t begin, end;
    if (offset > SIZE_MAX || !pgr_add(start, (size_t)offset, &begin) || !pgr_add(begin, t->n_bytes, &end) ||
        end > g->n_bytes)
        return pgr_fail(PGR_E_FORMAT,
                        "%s: tensor %s of %zu bytes at offset %llu of the data (which starts at %zu) does "
                        "not fit the file of %zu bytes",
                        g->path, t->name, t->n_bytes, (unsigned long long)offset, start, g->n_bytes);
    t->data = g->data + begin;
    return PGR_OK;
}

static pgr_err read_tensors(struct pgr_gguf *g, struct reader *r, uint64_t n, size_t alignment) {
    /* A tensor entry takes at least 33 bytes. */
    if (n > left(r) / 33)
        return pgr_fail(PGR_E_FORMAT, "%s: %llu tensors announced, only %zu bytes follow", g->path,
                        (unsigned long long)n, left(r));
    g->tensor = pgr_alloc_zero((size_t)n, sizeof *g->tensor);
    g->sorted = pgr_alloc_array((size_t)n, sizeof *g->sorted);
    uint64_t *offset = pgr_alloc_array((size_t)n, sizeof *offset);
    pgr_err err = PGR_OK;
    if (!g->tensor || !g->sorted || !offset) {
        err = pgr_fail(PGR_E_NOMEM, "%s: out of memory for %llu tensors", g->path, (unsigned long long)n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        g->n_tensor++;
        g->sorted[i] = &g->tensor[i];
        PGR_TRY_GOTO(read_tensor(g, r, &g->tensor[i], &offset[i]));
    }
    size_t start;
    if (!pgr_add(r->at, alignment - 1, &start)) start = SIZE_MAX; /* no file is that long */
    start -= start % alignment;
    for (size_t i = 0; i < n; i++) PGR_TRY_GOTO(place_tensor(g, &g->tensor[i], start, alignment, offset[i]));
    err = check_tensors(g);
out:
    pgr_free(offset);
    return err;
}

static pgr_err parse(struct pgr_gguf *g) {
    struct reader r = {g, 0};
    const unsigned char *magic = NULL;
    uint32_t version;
    uint64_t n_tensor, n_entry;
    PGR_TRY(take(&r, 4, "the mark \"GGUF\"", &magic));
    if (memcmp(magic, "GGUF", 4) != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: no GGUF file (it does not begin with GGUF)", g->path);
    PGR_TRY(take_u32(&r, "the version", &version));
    if (version == 0x02000000u || version == 0x03000000u)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: a big-endian GGUF file", g->path);
    if (version != 2 && version != 3)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: GGUF version %u; supported are 2 and 3", g->path, (unsigned)version);
    PGR_TRY(take_u64(&r, "the number of tensors", &n_tensor));
    PGR_TRY(take_u64(&r, "the number of metadata entries", &n_entry));
    PGR_TRY(read_metadata(g, &r, n_entry));
    size_t alignment = 32, parts = 1;
    PGR_TRY(pgr_gguf_size_opt(g, "general.alignment", 1, ALIGNMENT_MAX, &alignment));
    if (alignment & (alignment - 1))
        return pgr_fail(PGR_E_FORMAT, "%s: general.alignment is %zu, must be a power of two", g->path, alignment);
    PGR_TRY(pgr_gguf_size_opt(g, "split.count", 0, SIZE_MAX, &parts));
    if (parts > 1)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: one of %zu parts of a split model; merge them first", g->path, parts);
    return read_tensors(g, &r, n_tensor, alignment);
}

static pgr_err open_common(const char *path, struct pgr_map map, const void *data, size_t n_bytes,
                           struct pgr_gguf **out) {
    struct pgr_gguf *g = pgr_alloc_zero(1, sizeof *g);
    char *copy = pgr_strdup(path);
    if (!g || !copy) {
        pgr_free(g);
        pgr_free(copy);
        pgr_map_close(&map);
        return pgr_fail(PGR_E_NOMEM, "%s: out of memory", path);
    }
    *g = (struct pgr_gguf){.path = copy, .map = map, .data = data, .n_bytes = n_bytes};
    pgr_err err = parse(g);
    if (err != PGR_OK) {
        pgr_gguf_close(g);
        return err;
    }
    *out = g;
    return PGR_OK;
}

pgr_err pgr_gguf_open(const char *path, struct pgr_gguf **out) {
    struct pgr_map map;
    PGR_TRY(pgr_map_open(path, &map));
    return open_common(path, map, map.data, map.n_bytes, out);
}

pgr_err pgr_gguf_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_gguf **out) {
    return open_common(path, (struct pgr_map){NULL, 0}, data, n_bytes, out);
}

void pgr_gguf_close(struct pgr_gguf *g) {
    if (!g) return;
    for (size_t i = 0; i < g->n_entry; i++) {
        pgr_free(g->entry[i].key);
        pgr_free(g->entry[i].at);
    }
    for (size_t i = 0; i < g->n_tensor; i++) pgr_free((void *)(uintptr_t)g->tensor[i].name);
    pgr_free(g->entry);
    pgr_free(g->tensor);
    pgr_free(g->sorted);
    pgr_free(g->path);
    pgr_map_close(&g->map);
    pgr_free(g);
}

const char *pgr_gguf_path(const struct pgr_gguf *g) { return g->path; }

bool pgr_is_gguf(const char *path) {
    char magic[4];
    FILE *f = pgr_is_dir(path) ? NULL : fopen(path, "re");
    if (!f) return false;
    bool yes = fread(magic, 1, 4, f) == 4 && memcmp(magic, "GGUF", 4) == 0;
    fclose(f);
    return yes;
}

/* ---- tensors ----------------------------------------------------------------------------------------------- */

size_t pgr_gguf_n_tensor(const struct pgr_gguf *g) { return g->n_tensor; }

const struct pgr_gguf_tensor *pgr_gguf_tensor_at(const struct pgr_gguf *g, size_t i) { return &g->tensor[i]; }

const struct pgr_gguf_tensor *pgr_gguf_tensor_find(const struct pgr_gguf *g, const char *name) {
    size_t lo = 0, hi = g->n_tensor;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(name, g->sorted[mid]->name);
        if (order == 0) return g->sorted[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

struct rows {
    const struct pgr_gguf_tensor *t;
    size_t row, n, step;
    float *dst;
};

static void rows_chunk(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct rows *w = ctx;
    size_t r = i * w->step, n = pgr_min(w->step, w->n - r);
    /* Rows are whole blocks and lie one after another. */
    w->t->quant->to_f32(w->t->data + (w->row + r) * w->t->row_bytes, n * (w->t->dim[0] / w->t->quant->block),
                        w->dst + r * w->t->dim[0]);
}

void pgr_gguf_rows(const struct pgr_gguf_tensor *t, size_t row, size_t n, float *dst) {
    struct rows w = {t, row, n, pgr_max(1, 32768 / t->dim[0]), dst};
    pgr_par(pgr_div_up(n, w.step), rows_chunk, &w);
}
