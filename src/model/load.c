/* load.c - models from Hugging Face folders and GGUF files.
 *
 * Tensors are converted to float32 row by row on their way into the model (build.h): beside the mapped file and the
 * model there is only one small buffer. Before anything is allocated every tensor is looked up and its shape compared
 * with the configuration's, and a tensor that the architecture does not know is an error: it would change the result.
 *
 * GGUF names are translated. llama.cpp rotates neighbouring pairs (2j, 2j+1) of a llama model's heads where
 * transformers rotates (j, j + d_head/2), and stores the rows of q and k in that order; here they return to
 * transformers' order. Models of the qwen families are stored as they are. */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/par.h"
#include "base/ram.h"
#include "base/size.h"
#include "fmt/gguf.h"
#include "fmt/safetensors.h"
#include "model/build.h"

struct source {
    const char *path;
    struct pgr_config cfg; /* of the model to be built */
    const struct pgr_model_opts *opts;
    bool draw_score;
    struct pgr_st *st; /* one of the two */
    struct pgr_gguf *gguf;
};

/* ---- Hugging Face ------------------------------------------------------------------------------------------ */

static bool has_shape(const struct pgr_param *p, size_t n_dim, const size_t *dim) {
    /* Vectors have one dimension; score.weight is a matrix of one row. */
    if (pgr_param_is_vector(p) && p->kind != PGR_P_SCORE) return n_dim == 1 && dim[0] == p->cols;
    return n_dim == 2 && dim[0] == p->rows && dim[1] == p->cols;
}

static pgr_err check_hf(const struct source *s, const struct pgr_param *p) {
    const struct pgr_st_tensor *t = pgr_st_tensor_find(s->st, p->name);
    if (!t) {
        const char *hint = p->kind == PGR_P_LM_HEAD ? " (config.json says that it is not tied to the embedding)" : "";
        return pgr_fail(PGR_E_FORMAT, "%s: tensor %s is missing%s", s->path, p->name, hint);
    }
    if (!has_shape(p, t->n_dim, t->dim))
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has %zu dimensions [%zu, %zu], config.json needs [%zu, %zu]",
                        t->file, t->name, t->n_dim, t->n_dim > 0 ? t->dim[0] : 0, t->n_dim > 1 ? t->dim[1] : 0, p->rows,
                        p->cols);
    return pgr_st_can_read(t);
}

/* Tensors that a folder may hold beside the model's own. */
static bool may_ignore_hf(const struct source *s, const char *name) {
    if (strcmp(name, "lm_head.weight") == 0) return s->cfg.tie_embeddings || s->cfg.has_score;
    size_t n = strlen(name);
    static const char inv_freq[] = ".rotary_emb.inv_freq"; /* old llama folders; follows from the configuration */
    return n > sizeof inv_freq && strcmp(name + n - (sizeof inv_freq - 1), inv_freq) == 0;
}

/* ---- GGUF -------------------------------------------------------------------------------------------------- */

static const char *const gguf_layer_names[] = {[PGR_P_ATTN_NORM] = "attn_norm.weight",
                                               [PGR_P_WQ] = "attn_q.weight",
                                               [PGR_P_WK] = "attn_k.weight",
                                               [PGR_P_WV] = "attn_v.weight",
                                               [PGR_P_BQ] = "attn_q.bias",
                                               [PGR_P_BK] = "attn_k.bias",
                                               [PGR_P_BV] = "attn_v.bias",
                                               [PGR_P_Q_NORM] = "attn_q_norm.weight",
                                               [PGR_P_K_NORM] = "attn_k_norm.weight",
                                               [PGR_P_WO] = "attn_output.weight",
                                               [PGR_P_MLP_NORM] = "ffn_norm.weight",
                                               [PGR_P_W_GATE] = "ffn_gate.weight",
                                               [PGR_P_W_UP] = "ffn_up.weight",
                                               [PGR_P_W_DOWN] = "ffn_down.weight"};

enum { GGUF_NAME_BYTES = 64 };

static const char *gguf_name(const struct pgr_param *p, char buf[GGUF_NAME_BYTES]) {
    switch (p->kind) {
    case PGR_P_EMBED: return "token_embd.weight";
    case PGR_P_FINAL_NORM: return "output_norm.weight";
    case PGR_P_LM_HEAD: return "output.weight";
    case PGR_P_SCORE: return "score.weight";
    default: snprintf(buf, GGUF_NAME_BYTES, "blk.%zu.%s", p->layer, gguf_layer_names[p->kind]); return buf;
    }
}

static const struct pgr_gguf_tensor *find_gguf(const struct source *s, const struct pgr_param *p) {
    char buf[GGUF_NAME_BYTES];
    return pgr_gguf_tensor_find(s->gguf, gguf_name(p, buf));
}

static pgr_err check_gguf(const struct source *s, const struct pgr_param *p) {
    char buf[GGUF_NAME_BYTES];
    const struct pgr_gguf_tensor *t = find_gguf(s, p);
    if (!t) return pgr_fail(PGR_E_FORMAT, "%s: tensor %s is missing", s->path, gguf_name(p, buf));
    if (t->dim[0] != p->cols || t->n_row != p->rows || t->n_dim > 2)
        return pgr_fail(PGR_E_SHAPE, "%s: tensor %s has %zu dimensions [%zu, %zu], the metadata need [%zu, %zu]",
                        s->path, t->name, t->n_dim, t->dim[1], t->dim[0], p->rows, p->cols);
    return PGR_OK;
}

static bool may_ignore_gguf(const struct source *s, const char *name) {
    if (strcmp(name, "output.weight") == 0) return s->cfg.tie_embeddings || s->cfg.has_score;
    return strcmp(name, "rope_freqs.weight") == 0; /* read with the configuration */
}

/* Row of the file that holds row r of q or k: within a head, transformers' row j + s * d_head/2 lies at 2j + s. */
static size_t permuted_row(const struct pgr_config *c, size_t r) {
    size_t head = r / c->d_head, in = r % c->d_head, half = c->d_head / 2;
    return head * c->d_head + 2 * (in % half) + in / half;
}

static void gguf_rows(const struct source *s, const struct pgr_param *p, size_t row, size_t n_row, float *dst) {
    const struct pgr_gguf_tensor *t = find_gguf(s, p);
    bool permuted = s->cfg.arch == PGR_ARCH_LLAMA && (p->kind == PGR_P_WQ || p->kind == PGR_P_WK);
    if (!permuted) {
        pgr_gguf_rows(t, row, n_row, dst);
        return;
    }
    for (size_t r = 0; r < n_row; r++) pgr_gguf_rows(t, permuted_row(&s->cfg, row + r), 1, dst + r * p->cols);
}

/* ---- both -------------------------------------------------------------------------------------------------- */

static const char *name_at(const struct source *s, size_t i) {
    return s->st ? pgr_st_tensor_at(s->st, i)->name : pgr_gguf_tensor_at(s->gguf, i)->name;
}

/* An error for the first tensor that is neither in the layout nor ignorable. */
static pgr_err check_unknown(const struct source *s, const struct pgr_layout *l) {
    size_t n = s->st ? pgr_st_n_tensor(s->st) : pgr_gguf_n_tensor(s->gguf);
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(s, i);
        bool known = s->st ? may_ignore_hf(s, name) : may_ignore_gguf(s, name);
        for (size_t k = 0; !known && k < l->n_param; k++) {
            char buf[GGUF_NAME_BYTES];
            known = strcmp(name, s->st ? l->param[k].name : gguf_name(&l->param[k], buf)) == 0;
        }
        if (!known)
            return pgr_fail(PGR_E_UNSUPPORTED, "%s: tensor %s is not part of a %s model of %zu layers", s->path, name,
                            pgr_arch_name(s->cfg.arch), s->cfg.n_layer);
    }
    return PGR_OK;
}

static pgr_err check_tensors(const struct source *s) {
    struct pgr_layout l;
    PGR_TRY(pgr_layout_make(&s->cfg, &l));
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < l.n_param; i++) {
        const struct pgr_param *p = &l.param[i];
        if (p->kind == PGR_P_SCORE && s->draw_score) continue;
        err = s->st ? check_hf(s, p) : check_gguf(s, p);
    }
    if (err == PGR_OK) err = check_unknown(s, &l);
    pgr_layout_free(&l);
    return err;
}

enum { SCAN = 1 << 16 };

struct scan {
    const float *v;
    size_t n;
    atomic_size_t bad; /* the first non-finite element found by any thread, SIZE_MAX: none */
};

static void scan_piece(void *ctx, size_t i, size_t thread) {
    (void)thread;
    struct scan *s = ctx;
    for (size_t k = i * SCAN; k < pgr_min((i + 1) * SCAN, s->n); k++)
        if (!isfinite(s->v[k])) {
            atomic_store(&s->bad, k);
            return;
        }
}

static pgr_err check_finite(const struct source *s, const struct pgr_param *p, size_t row, size_t n_row,
                            const float *v) {
    struct scan scan = {v, n_row * p->cols, SIZE_MAX};
    pgr_par(pgr_div_up(scan.n, SCAN), scan_piece, &scan);
    size_t bad = atomic_load(&scan.bad);
    if (bad == SIZE_MAX) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT, "%s: tensor %s holds %g at row %zu, column %zu", s->path, p->name, (double)v[bad],
                    row + bad / p->cols, bad % p->cols);
}

static pgr_err rows(void *ctx, const struct pgr_param *p, size_t index, size_t row, size_t n_row, float *dst) {
    const struct source *s = ctx;
    if (p->kind == PGR_P_SCORE && s->draw_score) {
        pgr_draw_normal(s->opts->seed, index, row * p->cols, n_row * p->cols, 0.0f, pgr_score_std(&s->cfg), dst);
        return PGR_OK;
    }
    if (s->st)
        pgr_st_read(pgr_st_tensor_find(s->st, p->name), row * p->cols, n_row * p->cols, dst);
    else
        gguf_rows(s, p, row, n_row, dst);
    return check_finite(s, p, row, n_row, dst);
}

static pgr_err open_source(struct source *s, struct pgr_config *cfg) {
    if (pgr_is_dir(s->path)) {
        PGR_TRY(pgr_config_load_hf(s->path, cfg));
        return pgr_st_open(s->path, &s->st);
    }
    if (pgr_file_exists(s->path) && pgr_is_gguf(s->path)) {
        PGR_TRY(pgr_gguf_open(s->path, &s->gguf));
        return pgr_config_from_gguf(s->gguf, cfg);
    }
    return pgr_config_load(s->path, cfg); /* says why not */
}

/* Opens and checks; s->path and s->opts are set. */
static pgr_err prepare(struct source *s, struct pgr_config *cfg) {
    PGR_TRY(open_source(s, cfg));
    s->cfg = pgr_config_with_opts(cfg, s->opts);
    s->draw_score = s->opts->add_score && !cfg->has_score;
    return check_tensors(s);
}

static void close_source(struct source *s) {
    pgr_st_close(s->st);
    pgr_gguf_close(s->gguf);
}

pgr_err pgr_model_check(const char *path, const struct pgr_model_opts *opts) {
    struct source s = {.path = path, .opts = opts};
    struct pgr_config cfg;
    pgr_err err = prepare(&s, &cfg);
    close_source(&s);
    return err;
}

pgr_err pgr_model_load(const char *path, const struct pgr_model_opts *opts, struct pgr_model **out) {
    struct source s = {.path = path, .opts = opts};
    struct pgr_config cfg;
    pgr_err err = prepare(&s, &cfg);
    if (err == PGR_OK) err = pgr_ram_check(path, "the model", (double)pgr_model_bytes(&cfg, opts), "");
    if (err == PGR_OK) err = pgr_model_build(&cfg, opts, rows, &s, out);
    if (err == PGR_OK && opts->train && (err = pgr_config_read_generation(path, &(*out)->generation)) != PGR_OK) {
        pgr_model_free(*out);
        *out = NULL;
    }
    close_source(&s);
    return err;
}
