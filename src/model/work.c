/* work.c - sizes and allocation of the work space. One walk over the buffers both counts and hands out, so that the
 * memory plan and the memory agree. */
#include "model/work.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/ram.h"
#include "base/size.h"

enum {
    HEAD_BYTES = 320 << 20, /* of exponentials kept for the gradient of the head */
    BLOCK_ROWS = 256,       /* of logits: a block is to stay in the second-level cache */
    ALIGN = 64,
    GAP = 64
};

struct walk {
    struct pgr_arena *arena; /* NULL: count only */
    size_t bytes;
    bool failed;
};

static void *take(struct walk *k, size_t rows, size_t cols, size_t elem_bytes) {
    size_t n, bytes;
    if (!pgr_mul(rows, cols, &n) || !pgr_mul(n, elem_bytes, &bytes) || bytes > SIZE_MAX / 2 ||
        !pgr_add(k->bytes, pgr_round_up(bytes, ALIGN) + GAP, &k->bytes)) {
        k->failed = true;
        return NULL;
    }
    if (!k->arena) return NULL;
    void *p = pgr_arena_take(k->arena, n, elem_bytes);
    if (!p) k->failed = true;
    return p;
}

static size_t head_rows(const struct pgr_config *c, enum pgr_dtype dtype, const struct pgr_work_opts *o) {
    size_t n = pgr_min(PGR_HEAD_ROWS, pgr_round_up(pgr_max(o->max_tok, 1), 64));
    if (!o->train || c->has_score) return n;
    size_t fit = (size_t)HEAD_BYTES / pgr_max(c->n_vocab * pgr_dtype_bytes(dtype), 1) / 64 * 64;
    return pgr_min(n, pgr_max(fit, 64));
}

static void walk_head(struct walk *k, const struct pgr_config *c, enum pgr_dtype dtype, const struct pgr_work_opts *o,
                      struct pgr_head_space *h) {
    size_t elem = pgr_dtype_bytes(dtype), f = sizeof(float), n = head_rows(c, dtype, o);
    h->n_row = n;
    h->norm = take(k, n, c->d_model, elem);
    h->rstd = take(k, n, 1, f);
    if (c->has_score) {
        h->score_norm = take(k, n, c->d_model, f);
    } else {
        h->block_rows = pgr_min(n, BLOCK_ROWS);
        h->n_block_buffer = pgr_par_threads();
        h->logits = take(k, h->n_block_buffer * h->block_rows, PGR_OPS_VOCAB, f);
        h->state = take(k, n, pgr_div_up(c->n_vocab, PGR_OPS_VOCAB), sizeof *h->state);
        h->lse = take(k, n, 1, f);
        h->entropy = take(k, n, 1, f);
    }
    if (!o->train) return;
    if (!c->has_score) {
        h->e = take(k, n, c->n_vocab, elem);
        h->dlogp = take(k, n, 1, f);
        h->dentropy = take(k, n, 1, f);
    }
    h->dnorm = take(k, n, c->d_model, f);
    h->dx = take(k, n, c->d_model, f);
    h->norm_scratch = take(k, pgr_ops_norm_scratch(n, c->d_model), 1, f);
}

/* What one layer needs beside its input. */
static void walk_layer(struct walk *k, const struct pgr_config *c, enum pgr_dtype dtype, const struct pgr_work_opts *o,
                       struct pgr_layer_keep *l) {
    size_t elem = pgr_dtype_bytes(dtype), f = sizeof(float), n = o->max_tok, width = pgr_qkv_width(c);
    l->qkv = take(k, n, width, elem);
    l->qkv_raw = o->train && c->qk_norm ? take(k, n, width, elem) : l->qkv;
    l->attn = take(k, n, c->n_head * c->d_head, elem);
    l->gate_up = take(k, n, 2 * c->d_ff, elem);
    if (!o->train) return;
    l->x_mid = take(k, n, c->d_model, f);
    l->rstd_in = take(k, n, 1, f);
    l->rstd_mid = take(k, n, 1, f);
    l->lse = take(k, n, c->n_head, f);
}

/* keep: [n_layer], or one element when only counting. */
static void walk(struct walk *k, const struct pgr_config *c, enum pgr_dtype dtype, const struct pgr_work_opts *o,
                 struct pgr_work *w, struct pgr_layer_keep *keep) {
    size_t elem = pgr_dtype_bytes(dtype), f = sizeof(float), n = o->max_tok, d = c->d_model;
    bool own = o->train && !o->checkpoint; /* each layer has its own rows */
    for (size_t i = 0; i < c->n_layer; i++) {
        struct pgr_layer_keep *l = k->arena ? &keep[i] : keep;
        if (own || i == 0)
            walk_layer(k, c, dtype, o, l);
        else
            *l = keep[0];
        if (o->train || i == 0) l->x_in = take(k, n, d, f);
        if (!o->train) l->x_mid = l->x_in;
    }
    w->x_out = o->train ? take(k, n, d, f) : keep[0].x_in;
    w->pos = take(k, n, 1, sizeof(int32_t));
    w->table = take(k, n, c->d_head, f);
    w->add = take(k, n, d, elem);
    w->norm = take(k, n, d, elem);
    w->act = take(k, n, c->d_ff, elem);
    walk_head(k, c, dtype, o, &w->head);
    if (!o->train) return;
    w->dres = take(k, n, d, f);
    w->low = take(k, n, d, elem);
    w->dattn = take(k, n, c->n_head * c->d_head, elem);
    w->dqkv = take(k, n, pgr_qkv_width(c), elem);
    w->dnorm = take(k, n, d, elem);
    size_t qk = c->qk_norm ? pgr_ops_qk_scratch(c->d_head, n) : 0;
    w->ops_scratch = take(k, pgr_max(pgr_ops_norm_scratch(n, d), qk), 1, f);
}

size_t pgr_work_bytes(const struct pgr_config *cfg, enum pgr_dtype dtype, const struct pgr_work_opts *o) {
    struct walk k = {NULL, 0, false};
    struct pgr_work w = {.arena = {0}};
    struct pgr_layer_keep keep = {0};
    walk(&k, cfg, dtype, o, &w, &keep);
    return k.failed ? SIZE_MAX : k.bytes;
}

pgr_err pgr_work_new(const struct pgr_model *m, const struct pgr_work_opts *o, struct pgr_work **out) {
    const struct pgr_config *c = &m->cfg;
    if (o->max_tok == 0 || o->max_seg == 0) return pgr_fail(PGR_E_RANGE, "work space for no tokens or no segments");
    size_t bytes = pgr_work_bytes(c, m->dtype, o);
    struct pgr_work *w = pgr_alloc_zero(1, sizeof *w);
    if (!w) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err;
    w->opts = *o;
    w->dtype = m->dtype;
    w->n_layer = c->n_layer, w->d_model = c->d_model, w->d_ff = c->d_ff, w->n_vocab = c->n_vocab;
    w->qkv_width = pgr_qkv_width(c);
    w->keep = pgr_alloc_zero(c->n_layer, sizeof *w->keep);
    if (bytes == SIZE_MAX || !w->keep) {
        err = pgr_fail(PGR_E_NOMEM, "work space for %zu tokens does not fit into memory", o->max_tok);
        goto out;
    }
    char pass[64];
    snprintf(pass, sizeof pass, "a pass over %zu tokens", o->max_tok);
    PGR_TRY_GOTO(pgr_ram_check(pass, "its work space", (double)bytes, ""));
    err = pgr_arena_init(&w->arena, bytes);
    if (err != PGR_OK) {
        err = pgr_fail_prefix(err, "work space for %zu tokens", o->max_tok);
        goto out;
    }
    struct walk k = {&w->arena, 0, false};
    walk(&k, c, m->dtype, o, w, w->keep);
    if (k.failed) {
        err = pgr_fail(PGR_E_INTERNAL, "work space of %zu bytes is too small for %zu tokens", bytes, o->max_tok);
        goto out;
    }
    *out = w;
    return PGR_OK;
out:
    pgr_work_free(w);
    return err;
}

void pgr_work_free(struct pgr_work *w) {
    if (!w) return;
    pgr_arena_free(&w->arena);
    pgr_block_free(w->attn_scratch, w->attn_scratch_n * sizeof *w->attn_scratch);
    pgr_free(w->keep);
    pgr_free(w);
}

pgr_err pgr_work_fits(const struct pgr_work *w, const struct pgr_model *m) {
    const struct pgr_config *c = &m->cfg;
    if (w->dtype != m->dtype || w->n_layer != c->n_layer || w->d_model != c->d_model || w->d_ff != c->d_ff ||
        w->n_vocab != c->n_vocab || w->qkv_width != pgr_qkv_width(c))
        return pgr_fail(PGR_E_INTERNAL, "work space was made for another model");
    return PGR_OK;
}

struct pgr_rows pgr_work_rows(const struct pgr_work *w, size_t layer) {
    const struct pgr_layer_keep *k = &w->keep[layer];
    return (struct pgr_rows){.n = w->batch->n_tok,
                             .table = w->table,
                             .x_in = k->x_in,
                             .x_mid = k->x_mid,
                             .add = w->add,
                             .norm = w->norm,
                             .qkv_raw = k->qkv_raw,
                             .qkv = k->qkv,
                             .attn = k->attn,
                             .gate_up = k->gate_up,
                             .act = w->act,
                             .rstd_in = k->rstd_in,
                             .rstd_mid = k->rstd_mid};
}
