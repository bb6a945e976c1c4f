/* safetensors.c - opening, checking and reading. Writing is in st_write.c. */
#include "fmt/safetensors.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/size.h"

enum { HEADER_BYTES_MAX = 100000000, FILES_MAX = 4096, READ_CHUNK = 32768 };

/* One shard. Its tensors are sorted by name. */
struct st_file {
    char *path;
    struct pgr_map map; /* zero for bytes of the caller */
    const unsigned char *data;
    size_t n_bytes;
    struct pgr_st_tensor *tensor;
    size_t n_tensor;
};

struct pgr_st {
    struct st_file *file;
    size_t n_file;
    const struct pgr_st_tensor **tensor; /* all, sorted by name */
    size_t n_tensor;
};

static const struct dtype {
    const char *name;
    size_t bytes;
} dtypes[] = {{"F32", 4},  {"F16", 2},     {"BF16", 2},    {"F64", 8},     {"I64", 8}, {"U64", 8},
              {"I32", 4},  {"U32", 4},     {"I16", 2},     {"U16", 2},     {"I8", 1},  {"U8", 1},
              {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"F8_E8M0", 1}, {"C64", 8}};

static const struct dtype *find_dtype(const char *name) {
    for (size_t i = 0; i < PGR_COUNT(dtypes); i++)
        if (strcmp(dtypes[i].name, name) == 0) return &dtypes[i];
    return NULL;
}

/* The sub-object's values, checked: an array of whole numbers from 0 to SIZE_MAX. */
static pgr_err take_sizes(const char *path, const char *tensor, const json_t *obj, const char *key, size_t max,
                          size_t *n, size_t *out) {
    json_t *a = json_object_get(obj, key);
    if (!json_is_array(a) || json_array_size(a) > max)
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s: \"%s\" must be an array of at most %zu numbers", path, tensor,
                        key, max);
    *n = json_array_size(a);
    for (size_t i = 0; i < *n; i++) {
        json_t *v = json_array_get(a, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return pgr_fail(PGR_E_FORMAT, "%s: tensor %s: \"%s\" entry %zu is no whole number from 0", path, tensor,
                            key, i);
        out[i] = (size_t)json_integer_value(v);
    }
    return PGR_OK;
}

static pgr_err read_tensor(const struct st_file *f, const unsigned char *data, size_t data_bytes, const char *name,
                           const json_t *obj, struct pgr_st_tensor *t) {
    if (!json_is_object(obj))
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s must be described by an object", f->path, name);
    const char *dtype = json_string_value(json_object_get(obj, "dtype"));
    if (!dtype) return pgr_fail(PGR_E_FORMAT, "%s: tensor %s has no \"dtype\" string", f->path, name);
    const struct dtype *d = find_dtype(dtype);
    if (!d) return pgr_fail(PGR_E_UNSUPPORTED, "%s: tensor %s has the unknown dtype %s", f->path, name, dtype);
    size_t offset[2], n_offset, want;
    PGR_TRY(take_sizes(f->path, name, obj, "shape", PGR_ST_DIM_MAX, &t->n_dim, t->dim));
    PGR_TRY(take_sizes(f->path, name, obj, "data_offsets", 2, &n_offset, offset));
    t->n_elem = 1;
    for (size_t i = 0; i < t->n_dim; i++)
        if (!pgr_mul(t->n_elem, t->dim[i], &t->n_elem))
            return pgr_fail(PGR_E_SHAPE, "%s: tensor %s is too large to address", f->path, name);
    if (!pgr_mul(t->n_elem, d->bytes, &want))
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s is too large to address", f->path, name);
    if (n_offset != 2 || offset[0] > offset[1] || offset[1] > data_bytes)
        return pgr_fail(PGR_E_FORMAT,
                        "%s: tensor %s: data_offsets must be begin <= end <= %zu (the data's bytes), are %zu "
                        "and %zu",
                        f->path, name, data_bytes, n_offset > 0 ? offset[0] : 0, n_offset > 1 ? offset[1] : 0);
    if (offset[1] - offset[0] != want)
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has %zu elements of %s, %zu bytes, but its data_offsets span %zu",
                        f->path, name, t->n_elem, d->name, want, offset[1] - offset[0]);
    t->dtype = d->name;
    t->n_bytes = want;
    t->data = data + offset[0];
    t->file = f->path;
    t->name = pgr_strdup(name);
    return t->name ? PGR_OK : pgr_fail(PGR_E_NOMEM, "%s: out of memory", f->path);
}

static int by_place(const void *a, const void *b) {
    const struct pgr_st_tensor *x = a, *y = b;
    if (x->data != y->data) return x->data < y->data ? -1 : 1;
    return x->n_bytes < y->n_bytes ? -1 : x->n_bytes > y->n_bytes; /* empty ones first */
}

/* The tensors must tile the data. */
static pgr_err check_tiling(const struct st_file *f, const unsigned char *data, size_t data_bytes) {
    size_t at = 0;
    for (size_t i = 0; i < f->n_tensor; i++) {
        const struct pgr_st_tensor *t = &f->tensor[i];
        size_t begin = (size_t)(t->data - data);
        if (begin < at)
            return pgr_fail(PGR_E_FORMAT, "%s: tensors %s and %s overlap at byte %zu of the data", f->path,
                            f->tensor[i - 1].name, t->name, begin);
        if (begin > at)
            return pgr_fail(PGR_E_FORMAT, "%s: no tensor owns the data bytes %zu to %zu before tensor %s", f->path, at,
                            begin, t->name);
        at = begin + t->n_bytes;
    }
    if (at != data_bytes)
        return pgr_fail(PGR_E_FORMAT, "%s: the tensors end at byte %zu of the data, the file at %zu", f->path, at,
                        data_bytes);
    return PGR_OK;
}

static pgr_err parse_file(struct st_file *f) {
    uint64_t header = 0;
    if (f->n_bytes < 8) return pgr_fail(PGR_E_FORMAT, "%s: %zu bytes are no safetensors file", f->path, f->n_bytes);
    for (size_t i = 0; i < 8; i++) header |= (uint64_t)f->data[i] << 8 * i;
    if (header > HEADER_BYTES_MAX || header > f->n_bytes - 8)
        return pgr_fail(PGR_E_FORMAT, "%s: header of %llu bytes in a file of %zu (at most %d are allowed)", f->path,
                        (unsigned long long)header, f->n_bytes, HEADER_BYTES_MAX);
    const unsigned char *data = f->data + 8 + header;
    size_t data_bytes = f->n_bytes - 8 - (size_t)header;
    json_t *root = NULL, *value;
    PGR_TRY(pgr_json_parse(f->path, (const char *)f->data + 8, (size_t)header, &root));
    pgr_err err = PGR_OK;
    if (!json_is_object(root)) {
        err = pgr_fail(PGR_E_FORMAT, "%s: the header must be a JSON object", f->path);
        goto out;
    }
    f->tensor = pgr_alloc_zero(json_object_size(root), sizeof *f->tensor);
    if (!f->tensor) {
        err = pgr_fail(PGR_E_NOMEM, "%s: out of memory", f->path);
        goto out;
    }
    const char *name;
    json_object_foreach(root, name, value) {
        if (strcmp(name, "__metadata__") == 0) continue;
        PGR_TRY_GOTO(read_tensor(f, data, data_bytes, name, value, &f->tensor[f->n_tensor]));
        f->n_tensor++;
    }
    qsort(f->tensor, f->n_tensor, sizeof *f->tensor, by_place);
    err = check_tiling(f, data, data_bytes);
out:
    json_decref(root);
    return err;
}

static pgr_err open_file(struct st_file *f, const char *path) {
    f->path = pgr_strdup(path);
    if (!f->path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    PGR_TRY(pgr_map_open(path, &f->map));
    f->data = f->map.data;
    f->n_bytes = f->map.n_bytes;
    return parse_file(f);
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const struct pgr_st_tensor *const *)a)->name, (*(const struct pgr_st_tensor *const *)b)->name);
}

/* Collects the tensors of all files. */
static pgr_err index_tensors(struct pgr_st *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_file; i++) n += s->file[i].n_tensor;
    s->tensor = pgr_alloc_array(n, sizeof *s->tensor);
    if (!s->tensor) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu tensors", n);
    for (size_t i = 0; i < s->n_file; i++)
        for (size_t k = 0; k < s->file[i].n_tensor; k++) s->tensor[s->n_tensor++] = &s->file[i].tensor[k];
    qsort(s->tensor, s->n_tensor, sizeof *s->tensor, by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(s->tensor[i - 1]->name, s->tensor[i]->name) == 0)
            return pgr_fail(PGR_E_FORMAT, "tensor %s is both in %s and in %s", s->tensor[i]->name,
                            s->tensor[i - 1]->file, s->tensor[i]->file);
    return PGR_OK;
}

/* A file name of an index must stay in its folder. */
static pgr_err check_shard_name(const char *index, const char *name) {
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') || strlen(name) > NAME_MAX)
        return pgr_fail(PGR_E_FORMAT, "%s: \"%s\" is no plain file name", index, name);
    return PGR_OK;
}

static struct st_file *find_file(struct pgr_st *s, const char *path) {
    for (size_t i = 0; i < s->n_file; i++)
        if (strcmp(s->file[i].path, path) == 0) return &s->file[i];
    return NULL;
}

/* Opens each shard that the map names. */
static pgr_err open_shards(struct pgr_st *s, const char *dir, const char *index, const json_t *map) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map, name, value) {
        const char *shard = json_string_value(value);
        if (!shard) return pgr_fail(PGR_E_FORMAT, "%s: the file of tensor %s must be a string", index, name);
        PGR_TRY(check_shard_name(index, shard));
        char *path = pgr_path_join_dup(dir, shard);
        if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_err err = PGR_OK;
        if (!find_file(s, path)) {
            if (s->n_file == FILES_MAX)
                err = pgr_fail(PGR_E_FORMAT, "%s: more than %d files", index, FILES_MAX);
            else
                err = open_file(&s->file[s->n_file++], path);
            if (err == PGR_E_NOTFOUND) err = pgr_fail_prefix(err, "%s names a file that is missing", index);
        }
        pgr_free(path);
        PGR_TRY(err);
    }
    return PGR_OK;
}

/* Every tensor the map names is in the file it says, and the other way round. */
static pgr_err check_map(const struct pgr_st *s, const char *index, const json_t *map) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map, name, value) {
        const struct pgr_st_tensor *t = pgr_st_tensor_find(s, name);
        const char *shard = json_string_value(value);
        const char *base = t ? strrchr(t->file, '/') : NULL;
        if (!t || !shard || strcmp(base ? base + 1 : t->file, shard) != 0)
            return pgr_fail(PGR_E_FORMAT, "%s: tensor %s is not in %s", index, name, shard ? shard : "a file");
    }
    for (size_t i = 0; i < s->n_tensor; i++)
        if (!json_object_get(map, s->tensor[i]->name))
            return pgr_fail(PGR_E_FORMAT, "%s: tensor %s of %s is not in the weight_map", index, s->tensor[i]->name,
                            s->tensor[i]->file);
    return PGR_OK;
}

static pgr_err open_index(struct pgr_st *s, const char *dir, const char *index) {
    json_t *root = NULL, *map = NULL;
    PGR_TRY(pgr_json_load(index, &root));
    pgr_err err;
    PGR_TRY_GOTO(pgr_json_object(root, index, "weight_map", &map));
    s->file = pgr_alloc_zero(pgr_min(json_object_size(map), FILES_MAX), sizeof *s->file);
    if (!s->file) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    PGR_TRY_GOTO(open_shards(s, dir, index, map));
    PGR_TRY_GOTO(index_tensors(s));
    err = check_map(s, index, map);
out:
    json_decref(root);
    return err;
}

static pgr_err open_single(struct pgr_st *s, const char *path) {
    s->file = pgr_alloc_zero(1, sizeof *s->file);
    if (!s->file) return pgr_fail(PGR_E_NOMEM, "out of memory");
    s->n_file = 1;
    PGR_TRY(open_file(&s->file[0], path));
    return index_tensors(s);
}

static pgr_err open_dir(struct pgr_st *s, const char *dir) {
    char *single = pgr_path_join_dup(dir, "model.safetensors");
    char *index = pgr_path_join_dup(dir, "model.safetensors.index.json");
    char *torch = pgr_path_join_dup(dir, "pytorch_model.bin");
    pgr_err err;
    if (!single || !index || !torch)
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
    else if (pgr_file_exists(single))
        err = open_single(s, single);
    else if (pgr_file_exists(index))
        err = open_index(s, dir, index);
    else
        err = pgr_fail(PGR_E_NOTFOUND, "%s: neither model.safetensors nor model.safetensors.index.json is there%s", dir,
                       pgr_file_exists(torch) ? " (pytorch_model.bin is not read: convert it to safetensors)" : "");
    pgr_free(single);
    pgr_free(index);
    pgr_free(torch);
    return err;
}

static pgr_err finish(pgr_err err, struct pgr_st *s, struct pgr_st **out) {
    if (err == PGR_OK)
        *out = s;
    else
        pgr_st_close(s);
    return err;
}

pgr_err pgr_st_open(const char *path, struct pgr_st **out) {
    struct pgr_st *s = pgr_alloc_zero(1, sizeof *s);
    if (!s) return pgr_fail(PGR_E_NOMEM, "out of memory");
    return finish(pgr_is_dir(path) ? open_dir(s, path) : open_single(s, path), s, out);
}

pgr_err pgr_st_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_st **out) {
    struct pgr_st *s = pgr_alloc_zero(1, sizeof *s);
    struct st_file *f = pgr_alloc_zero(1, sizeof *f);
    char *copy = pgr_strdup(path);
    if (!s || !f || !copy) {
        pgr_free(s);
        pgr_free(f);
        pgr_free(copy);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    *f = (struct st_file){.path = copy, .data = data, .n_bytes = n_bytes};
    *s = (struct pgr_st){.file = f, .n_file = 1};
    pgr_err err = parse_file(f);
    if (err == PGR_OK) err = index_tensors(s);
    return finish(err, s, out);
}

void pgr_st_close(struct pgr_st *s) {
    if (!s) return;
    for (size_t i = 0; i < s->n_file; i++) {
        struct st_file *f = &s->file[i];
        for (size_t k = 0; k < f->n_tensor; k++) pgr_free((void *)(uintptr_t)f->tensor[k].name);
        pgr_free(f->tensor);
        pgr_free(f->path);
        pgr_map_close(&f->map);
    }
    pgr_free(s->file);
    pgr_free(s->tensor);
    pgr_free(s);
}

size_t pgr_st_n_tensor(const struct pgr_st *s) { return s->n_tensor; }

const struct pgr_st_tensor *pgr_st_tensor_at(const struct pgr_st *s, size_t i) { return s->tensor[i]; }

const struct pgr_st_tensor *pgr_st_tensor_find(const struct pgr_st *s, const char *name) {
    size_t lo = 0, hi = s->n_tensor;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(name, s->tensor[mid]->name);
        if (order == 0) return s->tensor[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------ */

pgr_err pgr_st_can_read(const struct pgr_st_tensor *t) {
    if (strcmp(t->dtype, "F32") == 0 || strcmp(t->dtype, "F16") == 0 || strcmp(t->dtype, "BF16") == 0) return PGR_OK;
    return pgr_fail(PGR_E_UNSUPPORTED, "%s: tensor %s is %s; supported are F32, F16 and BF16", t->file, t->name,
                    t->dtype);
}

struct reading {
    const struct pgr_st_tensor *t;
    size_t at, n;
    float *dst;
};

static void read_chunk(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct reading *r = ctx;
    size_t from = i * READ_CHUNK, n = pgr_min(READ_CHUNK, r->n - from);
    float *dst = r->dst + from;
    if (r->t->dtype[0] == 'F' && r->t->dtype[1] == '3') {
        memcpy(dst, r->t->data + 4 * (r->at + from), n * sizeof *dst);
        return;
    }
    const unsigned char *src = r->t->data + 2 * (r->at + from);
    bool half = r->t->dtype[0] == 'F';
    for (size_t k = 0; k < n; k++) {
        uint16_t bits = (uint16_t)(src[2 * k] | src[2 * k + 1] << 8);
        dst[k] = half ? pgr_f16_to_f32(bits) : pgr_bf16_to_f32(bits);
    }
}

void pgr_st_read(const struct pgr_st_tensor *t, size_t at, size_t n, float *dst) {
    struct reading r = {t, at, n, dst};
    pgr_par(pgr_div_up(n, READ_CHUNK), read_chunk, &r);
}
