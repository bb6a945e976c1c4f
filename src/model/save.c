/* save.c - a model as a Hugging Face folder: configuration and weights. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <dirent.h>

#include "base/file.h"
#include "base/json.h"
#include "base/size.h"
#include "fmt/safetensors.h"
#include "model/build.h"

static const char single_name[] = "model.safetensors", index_name[] = "model.safetensors.index.json";

/* Weights of an earlier save under other names would be read instead of the new ones, or lie there for nothing. */
static pgr_err remove_old_weights(const char *dir) {
    DIR *d = opendir(dir);
    if (!d) return pgr_fail(PGR_E_NOTFOUND, "%s: no such folder", dir);
    pgr_err err = PGR_OK;
    for (struct dirent *e; err == PGR_OK && (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        bool shard = strncmp(e->d_name, "model-", 6) == 0 && n > 12 && strcmp(e->d_name + n - 12, ".safetensors") == 0;
        if (!shard && strcmp(e->d_name, single_name) != 0 && strcmp(e->d_name, index_name) != 0) continue;
        if (unlinkat(dirfd(d), e->d_name, 0) != 0)
            err = pgr_fail(PGR_E_IO, "%s/%s: cannot remove the older file", dir, e->d_name);
    }
    closedir(d);
    return err;
}

static size_t param_bytes(const struct pgr_param *p, enum pgr_dtype dtype) { return p->n * pgr_dtype_bytes(dtype); }

/* The end of the shard that begins at parameter i: as many as fit, at least one. */
static size_t shard_end(const struct pgr_layout *l, enum pgr_dtype dtype, size_t max_bytes, size_t i) {
    size_t bytes = 0, end = i;
    while (end < l->n_param && (end == i || bytes + param_bytes(&l->param[end], dtype) <= max_bytes))
        bytes += param_bytes(&l->param[end++], dtype);
    return end;
}

/* score.weight is a matrix of one row; the other vectors have one dimension. */
static struct pgr_st_out out_of(const struct pgr_model *m, const struct pgr_param *p) {
    struct pgr_st_out t = {.name = p->name, .n_dim = 2, .dim = {p->rows, p->cols}, .data = m->master + p->at};
    if (pgr_param_is_vector(p) && p->kind != PGR_P_SCORE) t.n_dim = 1, t.dim[0] = p->cols;
    return t;
}

static pgr_err write_shard(const struct pgr_model *m, const char *dir, const char *name, enum pgr_dtype dtype,
                           size_t from, size_t to) {
    struct pgr_st_out *t = pgr_alloc_array(to - from, sizeof *t);
    char *path = pgr_path_join_dup(dir, name);
    pgr_err err = PGR_OK;
    if (!t || !path) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
    } else {
        for (size_t i = from; i < to; i++) t[i - from] = out_of(m, &m->layout.param[i]);
        err = pgr_st_write(path, dtype, t, to - from);
    }
    pgr_free(t);
    pgr_free(path);
    return err;
}

static pgr_err write_index(const struct pgr_model *m, const char *dir, enum pgr_dtype dtype, json_t *map) {
    json_int_t bytes = (json_int_t)(m->layout.n_elem * pgr_dtype_bytes(dtype));
    json_t *j = json_pack("{s:{s:I}, s:O}", "metadata", "total_size", bytes, "weight_map", map);
    char *path = pgr_path_join_dup(dir, index_name);
    pgr_err err = j && path ? pgr_json_save(path, j) : pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_free(path);
    json_decref(j);
    return err;
}

static pgr_err write_shards(const struct pgr_model *m, const char *dir, enum pgr_dtype dtype, size_t max_bytes,
                            size_t n_shard) {
    json_t *map = json_object();
    pgr_err err = PGR_OK;
    size_t from = 0;
    for (size_t s = 1; err == PGR_OK && s <= n_shard; s++) {
        char name[64];
        snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", s, n_shard);
        size_t to = shard_end(&m->layout, dtype, max_bytes, from);
        for (size_t i = from; err == PGR_OK && i < to; i++)
            if (json_object_set_new(map, m->layout.param[i].name, json_string(name)) != 0)
                err = pgr_fail(PGR_E_NOMEM, "out of memory");
        if (err == PGR_OK) err = write_shard(m, dir, name, dtype, from, to);
        from = to;
    }
    if (err == PGR_OK) err = write_index(m, dir, dtype, map);
    json_decref(map);
    return err;
}

pgr_err pgr_model_save(const struct pgr_model *m, const char *dir, enum pgr_dtype dtype, size_t max_shard_bytes) {
    if (!m->master) return pgr_fail(PGR_E_RANGE, "%s: a model loaded for inference only cannot be saved", dir);
    PGR_TRY(remove_old_weights(dir));
    PGR_TRY(pgr_config_save(&m->cfg, m->generation, dir, dtype));
    size_t n_shard = 0, max_bytes = max_shard_bytes ? max_shard_bytes : SIZE_MAX;
    for (size_t at = 0; at < m->layout.n_param; n_shard++) at = shard_end(&m->layout, dtype, max_bytes, at);
    if (n_shard == 1) return write_shard(m, dir, single_name, dtype, 0, m->layout.n_param);
    return write_shards(m, dir, dtype, max_bytes, n_shard);
}
