/* checkpoint.c - see checkpoint.h. */
#include "train/checkpoint.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "fmt/safetensors.h"

enum { N_BLOCK = 3 };
static const char *const block_names[N_BLOCK] = {"master", "exp_avg", "exp_avg_sq"};
static const size_t max_shard_bytes = (size_t)4 << 30;

static void blocks_of(const struct pgr_checkpoint *c, float *block[N_BLOCK]) {
    block[0] = c->model->master;
    block[1] = c->exp_avg;
    block[2] = c->exp_avg_sq;
}

static pgr_err join(const char *dir, const char *name, char **out) {
    *out = pgr_path_join_dup(dir, name);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

double pgr_checkpoint_bytes(const struct pgr_layout *l) { return (double)l->n_elem * (N_BLOCK * 4 + 2); }

pgr_err pgr_save_hf_folder(const struct pgr_model *m, const struct pgr_tok *tok, const char *dir) {
    PGR_TRY(pgr_model_save(m, dir, PGR_BF16, max_shard_bytes));
    return pgr_tok_save(tok, dir);
}

/* ---- training_state.safetensors ---- */

struct tensor_name {
    char text[128];
};

static void name_tensor(struct tensor_name *n, size_t block, const struct pgr_param *p) {
    snprintf(n->text, sizeof n->text, "%s.%s", block_names[block], p->name);
}

static pgr_err write_state(const struct pgr_checkpoint *c, const char *path) {
    const struct pgr_layout *l = &c->model->layout;
    float *block[N_BLOCK];
    blocks_of(c, block);
    size_t n = l->n_param * N_BLOCK;
    struct tensor_name *name = pgr_alloc_array(n, sizeof *name);
    struct pgr_st_out *t = pgr_alloc_array(n, sizeof *t);
    pgr_err err = name && t ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < n && err == PGR_OK; i++) {
        const struct pgr_param *p = &l->param[i % l->n_param];
        name_tensor(&name[i], i / l->n_param, p);
        t[i] = (struct pgr_st_out){name[i].text, 2, {p->rows, p->cols}, block[i / l->n_param] + p->at};
    }
    if (err == PGR_OK) err = pgr_st_write(path, PGR_F32, t, n);
    pgr_free(name);
    pgr_free(t);
    return err;
}

static pgr_err read_tensor(const struct pgr_st *st, const char *path, const char *name, const struct pgr_param *p,
                           float *dst) {
    const struct pgr_st_tensor *t = pgr_st_tensor_find(st, name);
    if (!t) return pgr_fail(PGR_E_FORMAT, "%s: no tensor %s: the checkpoint is of another model", path, name);
    if (strcmp(t->dtype, "F32") != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s is %s, must be F32", path, name, t->dtype);
    if (t->n_dim != 2 || t->dim[0] != p->rows || t->dim[1] != p->cols)
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has %zu elements, the model's is [%zu, %zu]", path, name, t->n_elem,
                        p->rows, p->cols);
    pgr_st_read(t, 0, t->n_elem, dst + p->at);
    return PGR_OK;
}

static pgr_err read_state(const struct pgr_checkpoint *c, const char *path) {
    const struct pgr_layout *l = &c->model->layout;
    float *block[N_BLOCK];
    blocks_of(c, block);
    struct pgr_st *st;
    PGR_TRY(pgr_st_open(path, &st));
    pgr_err err = PGR_OK;
    if (pgr_st_n_tensor(st) != l->n_param * N_BLOCK)
        err = pgr_fail(PGR_E_FORMAT, "%s: %zu tensors, the model needs %zu: the checkpoint is of another model", path,
                       pgr_st_n_tensor(st), l->n_param * N_BLOCK);
    for (size_t i = 0; i < l->n_param * N_BLOCK && err == PGR_OK; i++) {
        const struct pgr_param *p = &l->param[i % l->n_param];
        struct tensor_name name;
        name_tensor(&name, i / l->n_param, p);
        err = read_tensor(st, path, name.text, p, block[i / l->n_param]);
    }
    pgr_st_close(st);
    return err;
}

/* ---- folders ---- */

static pgr_err fill_folder(const struct pgr_checkpoint *c, const char *dir, const json_t *state, const char *config) {
    char *state_path = NULL, *json_path = NULL, *config_path = NULL;
    pgr_err err;
    PGR_TRY_GOTO(join(dir, "training_state.safetensors", &state_path));
    PGR_TRY_GOTO(join(dir, "trainer_state.json", &json_path));
    PGR_TRY_GOTO(join(dir, "train_config.yaml", &config_path));
    PGR_TRY_GOTO(pgr_save_hf_folder(c->model, c->tok, dir));
    PGR_TRY_GOTO(write_state(c, state_path));
    PGR_TRY_GOTO(pgr_file_write_atomic(config_path, config, strlen(config)));
    err = pgr_json_save(json_path, state);
out:
    pgr_free(state_path);
    pgr_free(json_path);
    pgr_free(config_path);
    return err;
}

static char *folder_dup(const char *output_dir, size_t step) {
    char name[48];
    snprintf(name, sizeof name, "checkpoint-%zu", step);
    return pgr_path_join_dup(output_dir, name);
}

pgr_err pgr_checkpoint_save(const struct pgr_checkpoint *c, const char *output_dir, size_t step, const json_t *state,
                            const char *config) {
    char *path = folder_dup(output_dir, step);
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    struct pgr_outdir d;
    pgr_err err = pgr_outdir_open(path, &d);
    pgr_free(path);
    if (err != PGR_OK) return err;
    err = fill_folder(c, d.temp_path, state, config);
    if (err == PGR_OK) return pgr_outdir_commit(&d);
    pgr_outdir_abandon(&d);
    return err;
}

/* "checkpoint-12" -> 12; false for any other name. */
static bool step_of(const char *name, size_t *step) {
    static const char prefix[] = "checkpoint-";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
    const char *digits = name + sizeof prefix - 1;
    char *end;
    errno = 0;
    unsigned long long v = strtoull(digits, &end, 10);
    if (!isdigit((unsigned char)*digits) || *end || errno || v > SIZE_MAX) return false;
    *step = (size_t)v;
    return true;
}

static bool is_leftover(const char *name) {
    return strncmp(name, "checkpoint-", 11) == 0 && strstr(name, ".tmp-") != NULL;
}

struct found {
    size_t *step;
    size_t n, cap;
};

/* Steps of all checkpoints, in no order. */
static pgr_err list(const char *output_dir, struct found *out) {
    *out = (struct found){NULL, 0, 0};
    DIR *d = opendir(output_dir);
    if (!d) return errno == ENOENT ? PGR_OK : pgr_fail(PGR_E_IO, "%s: cannot open: %s", output_dir, strerror(errno));
    pgr_err err = PGR_OK;
    for (struct dirent *e; err == PGR_OK && (e = readdir(d)) != NULL;) {
        size_t step;
        if (!step_of(e->d_name, &step)) continue;
        if (out->n == out->cap) {
            size_t cap = out->cap ? 2 * out->cap : 16;
            size_t *p = pgr_realloc(out->step, cap * sizeof *p);
            if (!p) {
                err = pgr_fail(PGR_E_NOMEM, "out of memory");
                break;
            }
            out->step = p;
            out->cap = cap;
        }
        out->step[out->n++] = step;
    }
    closedir(d);
    if (err != PGR_OK) pgr_free(out->step);
    return err;
}

static int descending(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

pgr_err pgr_checkpoint_prune(const char *output_dir, size_t limit, size_t step) {
    if (limit == 0) return PGR_OK;
    struct found f;
    PGR_TRY(list(output_dir, &f));
    qsort(f.step, f.n, sizeof *f.step, descending);
    pgr_err err = PGR_OK;
    for (size_t i = limit; i < f.n && err == PGR_OK; i++) {
        if (f.step[i] == step) continue;
        char *path = folder_dup(output_dir, f.step[i]);
        err = path ? pgr_remove_tree(path) : pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_free(path);
    }
    pgr_free(f.step);
    return err;
}

pgr_err pgr_checkpoint_clean(const char *output_dir) {
    DIR *d = opendir(output_dir);
    if (!d) return errno == ENOENT ? PGR_OK : pgr_fail(PGR_E_IO, "%s: cannot open: %s", output_dir, strerror(errno));
    pgr_err err = PGR_OK;
    for (struct dirent *e; err == PGR_OK && (e = readdir(d)) != NULL;) {
        if (!is_leftover(e->d_name)) continue;
        char *path = pgr_path_join_dup(output_dir, e->d_name);
        err = path ? pgr_remove_tree(path) : pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_free(path);
    }
    closedir(d);
    return err;
}

pgr_err pgr_checkpoint_latest_dup(const char *output_dir, char **path, size_t *step) {
    struct found f;
    PGR_TRY(list(output_dir, &f));
    char *p = NULL;
    size_t best = 0;
    for (size_t i = 0; i < f.n; i++) best = pgr_max(best, f.step[i]);
    if (f.n > 0 && !(p = folder_dup(output_dir, best))) {
        pgr_free(f.step);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_free(f.step);
    *path = p;
    *step = best;
    return PGR_OK;
}

pgr_err pgr_checkpoint_load(const char *path, const struct pgr_checkpoint *c, json_t **state) {
    char *state_path = NULL, *json_path = NULL;
    json_t *j = NULL;
    pgr_err err;
    PGR_TRY_GOTO(join(path, "training_state.safetensors", &state_path));
    PGR_TRY_GOTO(join(path, "trainer_state.json", &json_path));
    PGR_TRY_GOTO(pgr_json_load(json_path, &j));
    PGR_TRY_GOTO(read_state(c, state_path));
    pgr_model_repack(c->model);
    *state = j;
    j = NULL;
out:
    json_decref(j);
    pgr_free(state_path);
    pgr_free(json_path);
    return err;
}
