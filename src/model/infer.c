/* infer.c - a forward pass over rows of many sequences, keys and values from the paged cache. */
#include <assert.h>
#include <string.h>

#include "base/par.h"
#include "base/size.h"
#include "model/kv.h"
#include "model/layer.h"

struct pgr_infer {
    struct pgr_model *m;
    struct pgr_kv *kv;
    size_t max_rows, n_feed; /* n_feed: of the last step */
    struct pgr_arena arena;  /* all buffers below */
    struct pgr_rows rows;
    int32_t *token, *pos;      /* [max_rows] */
    float *table;              /* [max_rows, d_head] */
    struct pgr_attn_row *attn; /* [max_rows] */
    struct place *place;       /* [max_rows] */
    uint32_t *last;            /* [max_rows] row of each feed's last token */
    void *hidden;              /* [n_feed, d_model] final norm */
    float *block;              /* [n_block_buffer][block_rows, PGR_OPS_VOCAB] logits */
    size_t n_block_buffer, block_rows, block_bytes;
};

struct place { /* where a row's keys and values go */
    uint32_t page, slot;
};

enum { N_BUFFER = 14, ALIGN = 128 /* what the arena may put between neighbours */ };

static pgr_err take_buffers(struct pgr_infer *inf) {
    const struct pgr_config *c = &inf->m->cfg;
    size_t n = inf->max_rows, e = pgr_dtype_bytes(inf->m->dtype), width = pgr_qkv_width(c);
    struct pgr_rows *r = &inf->rows;
    const struct {
        void *out; /* where the pointer goes */
        size_t per_row, size;
    } buffer[N_BUFFER] = {
        {&inf->token, 1, sizeof *inf->token},
        {&inf->pos, 1, sizeof *inf->pos},
        {&inf->table, c->d_head, sizeof *inf->table},
        {&inf->attn, 1, sizeof *inf->attn},
        {&inf->place, 1, sizeof *inf->place},
        {&inf->last, 1, sizeof *inf->last},
        {&inf->hidden, c->d_model, e},
        {&r->x_in, c->d_model, sizeof *r->x_in},
        {&r->add, c->d_model, e},
        {&r->norm, c->d_model, e},
        {&r->qkv, width, e},
        {&r->attn, c->n_head * c->d_head, e},
        {&r->gate_up, 2 * c->d_ff, e},
        {&r->act, c->d_ff, e},
    };
    size_t total = 0, bytes;
    for (size_t i = 0; i < N_BUFFER; i++)
        if (!pgr_mul(n, buffer[i].per_row * buffer[i].size, &bytes) || !pgr_add(total, bytes + ALIGN, &total))
            return pgr_fail(PGR_E_RANGE, "inference with %zu rows is beyond this machine", n);
    PGR_TRY(pgr_arena_init(&inf->arena, total));
    for (size_t i = 0; i < N_BUFFER; i++) {
        void *p = pgr_arena_take(&inf->arena, n * buffer[i].per_row, buffer[i].size);
        if (!p) return pgr_fail(PGR_E_INTERNAL, "inference buffers do not fit their block");
        memcpy(buffer[i].out, &p, sizeof p);
    }
    r->x_mid = r->x_in;
    r->qkv_raw = r->qkv;
    r->table = inf->table;
    return PGR_OK;
}

/* A block of a thread shares the second-level cache with rows and weights. */
static pgr_err take_block(struct pgr_infer *inf) {
    enum { MOST_ROWS = 256 };
    inf->block_rows = pgr_min(inf->max_rows, MOST_ROWS);
    inf->n_block_buffer = pgr_par_threads();
    inf->block_bytes = inf->n_block_buffer * inf->block_rows * PGR_OPS_VOCAB * sizeof *inf->block;
    inf->block = pgr_block_new(inf->block_bytes);
    if (!inf->block) return pgr_fail(PGR_E_NOMEM, "out of memory for logits of %zu rows", inf->block_rows);
    return PGR_OK;
}

pgr_err pgr_infer_new(struct pgr_model *m, struct pgr_kv *kv, size_t max_rows, struct pgr_infer **out) {
    assert(max_rows > 0 && m->dtype == kv->dtype);
    struct pgr_infer *inf = pgr_alloc_zero(1, sizeof *inf);
    if (!inf) return pgr_fail(PGR_E_NOMEM, "out of memory for inference");
    inf->m = m;
    inf->kv = kv;
    inf->max_rows = max_rows;
    pgr_err err = take_buffers(inf);
    if (err == PGR_OK) err = take_block(inf);
    if (err != PGR_OK) {
        pgr_infer_free(inf);
        return err;
    }
    *out = inf;
    return PGR_OK;
}

void pgr_infer_free(struct pgr_infer *inf) {
    if (!inf) return;
    pgr_arena_free(&inf->arena);
    pgr_block_free(inf->block, inf->block_bytes);
    pgr_free(inf);
}

/* Lengthens the sequences and notes each row's position and place. */
static pgr_err append(struct pgr_infer *inf, size_t n_feed, const struct pgr_feed *feed) {
    struct pgr_kv *kv = inf->kv;
    size_t n_row = 0, need = 0;
    for (size_t i = 0; i < n_feed; i++) {
        const struct pgr_feed *f = &feed[i];
        assert(f->n_tok > 0);
        if (f->n_tok > kv->max_len - pgr_kv_len(kv, f->seq))
            return pgr_fail(PGR_E_RANGE, "a sequence of %zu tokens and %zu more is beyond the cache's %zu",
                            pgr_kv_len(kv, f->seq), f->n_tok, kv->max_len);
        n_row += f->n_tok;
        need += pgr_kv_append_needs(kv, f->seq, f->n_tok);
    }
    assert(n_row <= inf->max_rows);
    if (need > kv->n_free)
        return pgr_fail(PGR_E_NOMEM, "key/value cache: %zu pages needed, %zu of %zu are free", need, kv->n_free,
                        kv->n_page);
    size_t row = 0;
    for (size_t i = 0; i < n_feed; i++) {
        const struct pgr_feed *f = &feed[i];
        size_t from = pgr_kv_len(kv, f->seq);
        pgr_kv_append(kv, f->seq, f->n_tok);
        const uint32_t *page = kv->seq[f->seq].page;
        for (size_t k = 0; k < f->n_tok; k++, row++) {
            size_t pos = from + k;
            assert(f->token[k] >= 0 && (size_t)f->token[k] < inf->m->cfg.n_vocab);
            inf->token[row] = f->token[k];
            inf->pos[row] = (int32_t)pos;
            inf->attn[row] = (struct pgr_attn_row){.page = page, .n_key = pos + 1};
            inf->place[row] = (struct place){page[pos / PGR_ATTN_BLOCK], (uint32_t)(pos % PGR_ATTN_BLOCK)};
        }
        inf->last[i] = (uint32_t)(row - 1);
    }
    inf->rows.n = n_row;
    inf->n_feed = n_feed;
    return PGR_OK;
}

struct write_job {
    const struct pgr_infer *inf;
    unsigned char *pool;
};

enum { WRITE_ROWS = 16 }; /* a task; neighbours of a sequence share a page but never a slot */

static void write_rows(void *ctx, size_t task, size_t thread) {
    (void)thread;
    const struct write_job *j = ctx;
    const struct pgr_infer *inf = j->inf;
    const struct pgr_kv *kv = inf->kv;
    const struct pgr_config *c = &inf->m->cfg;
    size_t e = pgr_dtype_bytes(kv->dtype), width = pgr_qkv_width(c) * e, q = c->n_head * c->d_head * e,
           k = c->n_kv_head * c->d_head * e, end = pgr_min((task + 1) * WRITE_ROWS, inf->rows.n);
    for (size_t i = task * WRITE_ROWS; i < end; i++) {
        const unsigned char *row = (const unsigned char *)inf->rows.qkv + i * width;
        pgr_attn_page_write(&kv->shape, kv->dtype, j->pool + inf->place[i].page * kv->page_elems * e,
                            inf->place[i].slot, row + q, row + q + k);
    }
}

/* Beyond the last layer's keys and values only each feed's last row matters: those rows move to the front. */
static void keep_last(struct pgr_infer *inf) {
    const struct pgr_config *c = &inf->m->cfg;
    struct pgr_rows *r = &inf->rows;
    size_t width = pgr_qkv_width(c) * pgr_dtype_bytes(inf->m->dtype);
    unsigned char *qkv = r->qkv;
    for (size_t i = 0; i < inf->n_feed; i++) {
        size_t from = inf->last[i];
        if (from == i) continue;
        memcpy(r->x_in + i * c->d_model, r->x_in + from * c->d_model, c->d_model * sizeof *r->x_in);
        memcpy(qkv + i * width, qkv + from * width, width);
        inf->attn[i] = inf->attn[from];
    }
    r->n = inf->n_feed;
}

pgr_err pgr_infer_step(struct pgr_infer *inf, size_t n_feed, const struct pgr_feed *feed) {
    struct pgr_model *m = inf->m;
    const struct pgr_config *c = &m->cfg;
    struct pgr_kv *kv = inf->kv;
    struct pgr_rows *r = &inf->rows;
    PGR_TRY(append(inf, n_feed, feed));
    pgr_ops_embed(m->embed, r->n, inf->token, r->x_in);
    pgr_ops_rope_table(r->n, inf->pos, c->d_head, m->rope_freq, inf->table);
    struct pgr_attn_shape shape = pgr_layer_attn_shape(c);
    size_t width = pgr_qkv_width(c);
    for (size_t l = 0; l < c->n_layer; l++) {
        pgr_layer_before(m, l, r, r->x_mid, l > 0);
        struct write_job job = {inf, pgr_kv_layer(kv, l)};
        pgr_par(pgr_div_up(r->n, WRITE_ROWS), write_rows, &job);
        if (l + 1 == c->n_layer) keep_last(inf);
        pgr_attn_paged(&shape, kv->dtype, r->n, inf->attn, job.pool, kv->page_elems, r->qkv, width, r->attn,
                       c->n_head * c->d_head);
        pgr_layer_after(m, l, r, false);
    }
    pgr_layer_end(m, r, r->x_mid, r->x_in);
    pgr_ops_add_norm(r->n, c->d_model, r->x_in, NULL, m->final_norm, c->norm_eps, m->dtype, NULL, inf->hidden, NULL);
    return PGR_OK;
}

static const void *hidden(const struct pgr_infer *inf, size_t i0, size_t n) {
    assert(i0 + n <= inf->n_feed);
    return (const unsigned char *)inf->hidden + i0 * inf->m->cfg.d_model * pgr_dtype_bytes(inf->m->dtype);
}

void pgr_infer_logits(struct pgr_infer *inf, size_t i0, size_t n, float *out) {
    const struct pgr_config *c = &inf->m->cfg;
    pgr_gemm_forward(inf->m->lm_head, 0, c->n_vocab, n, hidden(inf, i0, n), c->d_model, NULL, false, out, c->n_vocab,
                     PGR_F32);
}

void pgr_infer_logits_each(struct pgr_infer *inf, size_t i0, size_t n, pgr_gemm_block_fn fn, void *ctx) {
    pgr_gemm_blocks(inf->m->lm_head, n, hidden(inf, i0, n), inf->m->cfg.d_model, inf->block_rows, PGR_OPS_VOCAB,
                    inf->n_block_buffer, inf->block, fn, ctx);
}
