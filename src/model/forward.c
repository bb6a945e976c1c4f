/* forward.c - the layers over a packed batch; equations in MODEL.md section 2. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "model/work.h"

static pgr_err check_batch(const struct pgr_work *w, const struct pgr_batch *b) {
    const struct pgr_segments *s = &b->seg;
    if (b->n_tok == 0 || s->n_seg == 0 || b->n_tok > w->opts.max_tok || s->n_seg > w->opts.max_seg)
        return pgr_fail(PGR_E_SHAPE, "batch of %zu tokens in %zu segments; the work space holds 1 to %zu in 1 to %zu",
                        b->n_tok, s->n_seg, w->opts.max_tok, w->opts.max_seg);
    if (s->start[0] != 0 || s->start[s->n_seg] != b->n_tok)
        return pgr_fail(PGR_E_SHAPE, "segments cover tokens %zu to %zu of 0 to %zu", s->start[0], s->start[s->n_seg],
                        b->n_tok);
    for (size_t i = 0; i < s->n_seg; i++) {
        int32_t p = s->parent ? s->parent[i] : -1;
        if (s->start[i] > s->start[i + 1]) return pgr_fail(PGR_E_SHAPE, "segment %zu ends before it starts", i);
        if (p < -1 || (p >= 0 && ((size_t)p >= i || s->parent[p] != -1)))
            return pgr_fail(PGR_E_SHAPE, "segment %zu has parent %d, must be -1 or an earlier segment without parent",
                            i, (int)p);
    }
    for (size_t i = 0; i < b->n_tok; i++)
        if (b->token[i] < 0 || (size_t)b->token[i] >= w->n_vocab)
            return pgr_fail(PGR_E_RANGE, "token %d at %zu, the vocabulary has %zu", (int)b->token[i], i, w->n_vocab);
    return PGR_OK;
}

static void set_positions(const struct pgr_segments *s, int32_t *pos) {
    for (size_t i = 0; i < s->n_seg; i++) {
        int32_t p = s->parent ? s->parent[i] : -1;
        size_t first = p < 0 ? 0 : s->start[p + 1] - s->start[p];
        for (size_t t = s->start[i]; t < s->start[i + 1]; t++) pos[t] = (int32_t)(first + t - s->start[i]);
    }
}

/* The scratch of attention depends on the segments; it grows here, where failure can be reported. */
static pgr_err grow_attn_scratch(struct pgr_work *w, const struct pgr_model *m, const struct pgr_batch *b) {
    struct pgr_attn_shape sh = pgr_layer_attn_shape(&m->cfg);
    size_t need = pgr_attn_backward_scratch(&sh, &b->seg);
    if (need <= w->attn_scratch_n) return PGR_OK;
    pgr_block_free(w->attn_scratch, w->attn_scratch_n * sizeof *w->attn_scratch);
    w->attn_scratch_n = 0;
    w->attn_scratch = pgr_block_new(need * sizeof *w->attn_scratch);
    if (!w->attn_scratch)
        return pgr_fail(PGR_E_NOMEM, "out of memory for %zu bytes of attention scratch", need * sizeof(float));
    w->attn_scratch_n = need;
    return PGR_OK;
}

pgr_err pgr_forward(struct pgr_model *m, struct pgr_work *w, const struct pgr_batch *b) {
    PGR_TRY(pgr_work_fits(w, m));
    PGR_TRY(check_batch(w, b));
    w->batch = NULL;
    if (w->opts.train) PGR_TRY(grow_attn_scratch(w, m, b));
    w->last = *b;
    w->batch = &w->last;
    struct pgr_attn_shape sh = pgr_layer_attn_shape(&m->cfg);
    size_t width = w->qkv_width, n_attn = m->cfg.n_head * m->cfg.d_head;
    set_positions(&b->seg, w->pos);
    pgr_ops_rope_table(b->n_tok, w->pos, m->cfg.d_head, m->rope_freq, w->table);
    const float *x = w->keep[0].x_in;
    pgr_ops_embed(m->embed, b->n_tok, b->token, w->keep[0].x_in);
    struct pgr_rows r = pgr_work_rows(w, 0);
    for (size_t i = 0; i < w->n_layer; i++) {
        r = pgr_work_rows(w, i);
        pgr_layer_before(m, i, &r, x, i > 0);
        pgr_attn_forward(&sh, &b->seg, m->dtype, r.qkv, width, r.attn, n_attn, w->keep[i].lse);
        pgr_layer_after(m, i, &r, w->opts.train && !w->opts.checkpoint);
        x = r.x_mid;
    }
    pgr_layer_end(m, &r, x, w->x_out);
    if (w->opts.train) pgr_zero(b->n_tok * w->d_model, w->dres);
    return PGR_OK;
}

double pgr_forward_flops(const struct pgr_config *cfg, double n_tok, double ctx, double n_rows) {
    double d = (double)cfg->d_model, q = (double)(cfg->n_head * cfg->d_head), width = (double)pgr_qkv_width(cfg);
    double products = d * width + q * d + 3 * d * (double)cfg->d_ff;
    double layer = 2 * products + 4 * q * ctx;
    double head = 2 * d * (cfg->has_score ? 1 : (double)cfg->n_vocab);
    return n_tok * layer * (double)cfg->n_layer + n_rows * head;
}
