/* model.c - memory of a model: allocation, filling, packing, release. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "model/build.h"

enum { BUILD_CHUNK_BYTES = 8 << 20 };

struct pgr_config pgr_config_with_opts(const struct pgr_config *cfg, const struct pgr_model_opts *opts) {
    struct pgr_config c = *cfg;
    if (opts->tie) c.tie_embeddings = true;
    if (opts->add_score) c.has_score = true;
    return c;
}

float pgr_score_std(const struct pgr_config *cfg) { return 1.0f / sqrtf((float)cfg->d_model + 1.0f); }

bool pgr_param_is_vector(const struct pgr_param *p) {
    switch (p->kind) {
    case PGR_P_EMBED:
    case PGR_P_LM_HEAD:
    case PGR_P_WQ:
    case PGR_P_WK:
    case PGR_P_WV:
    case PGR_P_WO:
    case PGR_P_W_GATE:
    case PGR_P_W_UP:
    case PGR_P_W_DOWN: return false;
    default: return true;
    }
}

/* As transformers computes them, in float32 (the models were trained with these roundings).
 * Linear: all divided by the factor. Llama 3: long wavelengths divided, short ones kept, a linear blend between. */
static void set_rope_freq(const struct pgr_config *c, float *freq) {
    float factor = (float)c->rope.factor, low = (float)c->rope.low_freq_factor, high = (float)c->rope.high_freq_factor;
    float old_len = (float)c->rope.original_max_position;
    for (size_t i = 0; i < c->d_head / 2; i++) {
        float f = 1.0f / powf((float)c->rope.theta, (float)(2 * i) / (float)c->d_head);
        if (c->rope.kind == PGR_ROPE_LINEAR) {
            f /= factor;
        } else if (c->rope.kind == PGR_ROPE_LLAMA3) {
            float wavelength = 6.28318530717958647692f / f;
            if (wavelength > old_len / low) {
                f /= factor;
            } else if (wavelength >= old_len / high) {
                float smooth = (old_len / wavelength - low) / (high - low);
                f = (1.0f - smooth) * f / factor + smooth * f;
            }
        }
        freq[i] = f;
    }
}

/* Where a parameter lives: a matrix and its first row there, or a vector. */
struct place {
    struct pgr_wmat *w;
    size_t row;
};

static struct place place_of(const struct pgr_model *m, const struct pgr_param *p) {
    const struct pgr_config *c = &m->cfg;
    const struct pgr_layer_weights *l = p->layer == SIZE_MAX ? NULL : &m->layer[p->layer];
    size_t n_q = c->n_head * c->d_head, n_kv = c->n_kv_head * c->d_head;
    switch (p->kind) {
    case PGR_P_EMBED: return (struct place){m->embed, 0};
    case PGR_P_LM_HEAD: return (struct place){m->lm_head, 0};
    case PGR_P_WQ: return (struct place){l->qkv, 0};
    case PGR_P_WK: return (struct place){l->qkv, n_q};
    case PGR_P_WV: return (struct place){l->qkv, n_q + n_kv};
    case PGR_P_WO: return (struct place){l->o, 0};
    case PGR_P_W_GATE: return (struct place){l->gate_up, 0};
    case PGR_P_W_UP: return (struct place){l->gate_up, c->d_ff};
    case PGR_P_W_DOWN: return (struct place){l->down, 0};
    default: return (struct place){NULL, 0};
    }
}

/* Points the layers at the vectors. `at` of a vector counts in the block with a master, in `vectors` without. */
static void set_vector_pointer(struct pgr_model *m, const struct pgr_param *p, const float *v) {
    struct pgr_layer_weights *l = p->layer == SIZE_MAX ? NULL : &m->layer[p->layer];
    switch (p->kind) {
    case PGR_P_ATTN_NORM: l->attn_norm = v; break;
    case PGR_P_MLP_NORM: l->mlp_norm = v; break;
    case PGR_P_BQ: l->qkv_bias = v; break; /* bk and bv follow it */
    case PGR_P_Q_NORM: l->q_norm = v; break;
    case PGR_P_K_NORM: l->k_norm = v; break;
    case PGR_P_FINAL_NORM: m->final_norm = v; break;
    case PGR_P_SCORE: m->score = v; break;
    default: break;
    }
}

static pgr_err alloc_vectors(struct pgr_model *m, bool train) {
    if (train) {
        size_t bytes;
        if (!pgr_mul(m->layout.n_elem, sizeof(float), &bytes) || !(m->master = pgr_block_new(bytes)))
            return pgr_fail(PGR_E_NOMEM, "out of memory for %zu float32 parameters (%.2f GB)", m->layout.n_elem,
                            (double)m->layout.n_elem * 4e-9);
    } else {
        for (size_t i = 0; i < m->layout.n_param; i++)
            if (pgr_param_is_vector(&m->layout.param[i])) m->n_vectors += m->layout.param[i].n;
        if (!(m->vectors = pgr_block_new(m->n_vectors * sizeof(float))))
            return pgr_fail(PGR_E_NOMEM, "out of memory for %zu norm and bias values", m->n_vectors);
    }
    size_t at = 0;
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        if (!pgr_param_is_vector(p)) continue;
        set_vector_pointer(m, p, train ? m->master + p->at : m->vectors + at);
        at += p->n;
    }
    return PGR_OK;
}

/* The output matrix is the embedding. */
static bool is_tied(const struct pgr_config *c) { return c->tie_embeddings && !c->has_score; }

/* An embedding that is no output matrix is only looked up. */
static unsigned embed_uses(const struct pgr_config *c, unsigned uses) { return is_tied(c) ? uses : PGR_WMAT_FORWARD; }

static unsigned uses_of(const struct pgr_model_opts *o) {
    return o->train ? PGR_WMAT_FORWARD | PGR_WMAT_BACKWARD : PGR_WMAT_FORWARD;
}

static pgr_err alloc_matrices(struct pgr_model *m) {
    const struct pgr_config *c = &m->cfg;
    size_t n_q = c->n_head * c->d_head, n_kv = c->n_kv_head * c->d_head;
    PGR_TRY(pgr_wmat_new(c->n_vocab, c->d_model, m->dtype, embed_uses(c, m->uses), &m->embed));
    if (is_tied(c))
        m->lm_head = m->embed;
    else if (!c->has_score)
        PGR_TRY(pgr_wmat_new(c->n_vocab, c->d_model, m->dtype, m->uses, &m->lm_head));
    for (size_t i = 0; i < c->n_layer; i++) {
        struct pgr_layer_weights *l = &m->layer[i];
        PGR_TRY(pgr_wmat_new(n_q + 2 * n_kv, c->d_model, m->dtype, m->uses, &l->qkv));
        PGR_TRY(pgr_wmat_new(c->d_model, n_q, m->dtype, m->uses, &l->o));
        PGR_TRY(pgr_wmat_new(2 * c->d_ff, c->d_model, m->dtype, m->uses, &l->gate_up));
        PGR_TRY(pgr_wmat_new(c->d_model, c->d_ff, m->dtype, m->uses, &l->down));
    }
    return PGR_OK;
}

size_t pgr_model_bytes(const struct pgr_config *cfg, const struct pgr_model_opts *opts) {
    struct pgr_config c = pgr_config_with_opts(cfg, opts);
    size_t n_q = c.n_head * c.d_head, n_kv = c.n_kv_head * c.d_head, d = c.d_model;
    size_t n_output = is_tied(&c) || c.has_score ? 0 : 1; /* output matrices beside the embedding */
    size_t vectors = c.n_layer * (2 * d + (c.qkv_bias ? n_q + 2 * n_kv : 0) + (c.qk_norm ? 2 * c.d_head : 0)) + d +
                     (c.has_score ? d : 0);
    size_t matrices = (1 + n_output) * c.n_vocab * d + c.n_layer * ((2 * n_q + 2 * n_kv) * d + 3 * d * c.d_ff);
    size_t bytes = (vectors + (opts->train ? matrices : 0)) * sizeof(float);
    if (opts->save_only) return bytes;
    enum pgr_dtype t = opts->dtype;
    unsigned uses = uses_of(opts);
    bytes += pgr_wmat_bytes(c.n_vocab, d, t, embed_uses(&c, uses)) + n_output * pgr_wmat_bytes(c.n_vocab, d, t, uses);
    return bytes + c.n_layer * (pgr_wmat_bytes(n_q + 2 * n_kv, d, t, uses) + pgr_wmat_bytes(d, n_q, t, uses) +
                                pgr_wmat_bytes(2 * c.d_ff, d, t, uses) + pgr_wmat_bytes(d, c.d_ff, t, uses));
}

static pgr_err model_alloc(const struct pgr_config *cfg, const struct pgr_model_opts *opts, struct pgr_model **out) {
    struct pgr_config c = pgr_config_with_opts(cfg, opts);
    PGR_TRY(pgr_config_check(&c, "model"));
    if (opts->save_only && !opts->train) return pgr_fail(PGR_E_RANGE, "a model to be saved needs its float32 block");
    struct pgr_model *m = pgr_alloc_zero(1, sizeof *m);
    if (!m) return pgr_fail(PGR_E_NOMEM, "out of memory");
    m->cfg = c;
    m->dtype = opts->dtype;
    m->uses = uses_of(opts);
    pgr_err err;
    PGR_TRY_GOTO(pgr_layout_make(&c, &m->layout));
    m->layer = pgr_alloc_zero(c.n_layer, sizeof *m->layer);
    m->rope_freq = pgr_alloc_array(c.d_head / 2, sizeof *m->rope_freq);
    if (!m->layer || !m->rope_freq) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    set_rope_freq(&c, m->rope_freq);
    PGR_TRY_GOTO(alloc_vectors(m, opts->train));
    if (!opts->save_only) PGR_TRY_GOTO(alloc_matrices(m));
    *out = m;
    return PGR_OK;
out:
    pgr_model_free(m);
    return err;
}

void pgr_model_free(struct pgr_model *m) {
    if (!m) return;
    for (size_t i = 0; m->layer && i < m->cfg.n_layer; i++) {
        pgr_wmat_free(m->layer[i].qkv);
        pgr_wmat_free(m->layer[i].o);
        pgr_wmat_free(m->layer[i].gate_up);
        pgr_wmat_free(m->layer[i].down);
    }
    if (m->lm_head != m->embed) pgr_wmat_free(m->lm_head);
    pgr_wmat_free(m->embed);
    pgr_block_free(m->master, m->layout.n_elem * sizeof(float));
    pgr_block_free(m->vectors, m->n_vectors * sizeof(float));
    pgr_layout_free(&m->layout);
    pgr_free(m->layer);
    pgr_free(m->rope_freq);
    pgr_free(m->generation);
    pgr_free(m);
}

void pgr_model_repack(struct pgr_model *m) {
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        struct place to = place_of(m, p);
        if (to.w) pgr_wmat_set(to.w, to.row, p->rows, m->master + p->at);
    }
}

/* Fills a model without master: vectors in place, matrices through a buffer of a few rows. */
static pgr_err fill_packed(struct pgr_model *m, pgr_rows_fn rows, void *ctx) {
    size_t cap = 0;
    for (size_t i = 0; i < m->layout.n_param; i++) cap = pgr_max(cap, m->layout.param[i].cols);
    cap = pgr_max(cap, BUILD_CHUNK_BYTES / sizeof(float));
    float *buf = pgr_alloc_array(cap, sizeof *buf);
    if (!buf) return pgr_fail(PGR_E_NOMEM, "out of memory for a buffer of %zu rows", cap);
    pgr_err err = PGR_OK;
    size_t at = 0;
    for (size_t i = 0; i < m->layout.n_param; i++) {
        const struct pgr_param *p = &m->layout.param[i];
        struct place to = place_of(m, p);
        if (!to.w) {
            PGR_TRY_GOTO(rows(ctx, p, i, 0, 1, m->vectors + at));
            at += p->n;
            continue;
        }
        size_t step = cap / p->cols;
        for (size_t r = 0; r < p->rows; r += step) {
            size_t n = pgr_min(step, p->rows - r);
            PGR_TRY_GOTO(rows(ctx, p, i, r, n, buf));
            pgr_wmat_set(to.w, to.row + r, n, buf);
        }
    }
out:
    pgr_free(buf);
    return err;
}

pgr_err pgr_model_build(const struct pgr_config *cfg, const struct pgr_model_opts *opts, pgr_rows_fn rows, void *ctx,
                        struct pgr_model **out) {
    struct pgr_model *m = NULL;
    PGR_TRY(model_alloc(cfg, opts, &m));
    pgr_err err = PGR_OK;
    if (m->master) {
        for (size_t i = 0; i < m->layout.n_param; i++) {
            const struct pgr_param *p = &m->layout.param[i];
            PGR_TRY_GOTO(rows(ctx, p, i, 0, p->rows, m->master + p->at));
        }
        if (m->embed) pgr_model_repack(m);
    } else {
        PGR_TRY_GOTO(fill_packed(m, rows, ctx));
    }
    *out = m;
    return PGR_OK;
out:
    pgr_model_free(m);
    return err;
}

/* ---- parameters from a seed -------------------------------------------------------------------------------- */

enum { DRAW_CHUNK = 4096 };

struct draw {
    uint64_t seed;
    uint32_t tensor;
    size_t at, n;
    float mean, std;
    float *dst;
};

static void draw_chunk(void *ctx, size_t i, size_t thread) {
    (void)thread;
    const struct draw *d = ctx;
    for (size_t k = i * DRAW_CHUNK; k < pgr_min((i + 1) * DRAW_CHUNK, d->n); k++) {
        uint64_t e = d->at + k;
        double z = pgr_rng_normal(d->seed, PGR_RNG_INIT, d->tensor, (uint32_t)e, (uint32_t)(e >> 32), 0);
        d->dst[k] = (float)(d->mean + d->std * z);
    }
}

void pgr_draw_normal(uint64_t seed, size_t index, size_t at, size_t n, float mean, float std, float *dst) {
    struct draw d = {seed, (uint32_t)index, at, n, mean, std, dst};
    pgr_par(pgr_div_up(n, DRAW_CHUNK), draw_chunk, &d);
}

/* Norms near one, biases near zero but not on it, so that a test sees each of them. */
static pgr_err random_rows(void *ctx, const struct pgr_param *p, size_t index, size_t row, size_t n_row, float *dst) {
    const struct pgr_model_opts *o = ctx;
    float mean = 0.0f, std = 1.0f / sqrtf((float)p->cols);
    switch (p->kind) {
    case PGR_P_ATTN_NORM:
    case PGR_P_MLP_NORM:
    case PGR_P_Q_NORM:
    case PGR_P_K_NORM:
    case PGR_P_FINAL_NORM: mean = 1.0f, std = 0.1f; break;
    case PGR_P_BQ:
    case PGR_P_BK:
    case PGR_P_BV: std = 0.1f; break;
    case PGR_P_SCORE: std = 1.0f / sqrtf((float)p->cols + 1.0f); break;
    default: break;
    }
    pgr_draw_normal(o->seed, index, row * p->cols, n_row * p->cols, mean, std, dst);
    return PGR_OK;
}

pgr_err pgr_model_random(const struct pgr_config *cfg, const struct pgr_model_opts *opts, struct pgr_model **out) {
    struct pgr_model_opts o = *opts;
    return pgr_model_build(cfg, &o, random_rows, &o, out);
}
