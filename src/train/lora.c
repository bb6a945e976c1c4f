/* lora.c - see lora.h. */
#include "train/lora.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/size.h"
#include "fmt/safetensors.h"
#include "kern/lora.h"
#include "kern/optim.h"

static const struct {
    enum pgr_param_kind kind;
    const char *name;
} targets[] = {{PGR_P_WQ, "q_proj"},        {PGR_P_WK, "k_proj"},    {PGR_P_WV, "v_proj"},       {PGR_P_WO, "o_proj"},
               {PGR_P_W_GATE, "gate_proj"}, {PGR_P_W_UP, "up_proj"}, {PGR_P_W_DOWN, "down_proj"}};

static bool is_target(const struct pgr_param *p) {
    for (size_t i = 0; i < PGR_COUNT(targets); i++)
        if (targets[i].kind == p->kind) return true;
    return false;
}

static double alpha_of(const struct pgr_lora_cfg *c) { return c->alpha > 0 ? c->alpha : 2.0 * (double)c->rank; }

static struct pgr_lora_dim dim_of(const struct pgr_lora *l, const struct pgr_param *w) {
    return (struct pgr_lora_dim){w->rows, w->cols, l->cfg.rank, (float)(alpha_of(&l->cfg) / (double)l->cfg.rank)};
}

/* "model.layers.0.self_attn.q_proj.weight" with part ".lora_A.weight" as PEFT names it; false if it is too long. */
static bool name_of(const struct pgr_param *w, const char *part, char out[sizeof w->name]) {
    size_t n = strlen(w->name) - strlen(".weight");
    char stem[sizeof w->name];
    memcpy(stem, w->name, n);
    stem[n] = '\0';
    int len = snprintf(out, sizeof w->name, "base_model.model.%s%s", stem, part);
    return len > 0 && (size_t)len < sizeof w->name;
}

static void append(struct pgr_layout *l, const struct pgr_param *p) {
    struct pgr_param *q = &l->param[l->n_param++];
    *q = *p;
    q->n = q->rows * q->cols;
    q->at = l->n_elem;
    l->n_elem += q->n;
}

static pgr_err make_layout(struct pgr_lora *l, const struct pgr_layout *model) {
    size_t n = 0;
    for (size_t i = 0; i < model->n_param; i++) n += is_target(&model->param[i]);
    l->target = pgr_alloc_array(n + 1, sizeof *l->target);
    l->layout.param = pgr_alloc_array(2 * n + 1, sizeof *l->layout.param);
    if (!l->target || !l->layout.param) return pgr_fail(PGR_E_NOMEM, "out of memory for adapters");
    for (size_t i = 0; i < model->n_param; i++) {
        const struct pgr_param *w = &model->param[i];
        if (!is_target(w)) continue;
        struct pgr_param a = {.kind = w->kind, .layer = w->layer, .rows = l->cfg.rank, .cols = w->cols};
        struct pgr_param b = {.kind = w->kind, .layer = w->layer, .rows = w->rows, .cols = l->cfg.rank};
        if (!name_of(w, ".lora_A.weight", a.name) || !name_of(w, ".lora_B.weight", b.name))
            return pgr_fail(PGR_E_UNSUPPORTED, "%s: too long a name for an adapter", w->name);
        append(&l->layout, &a);
        append(&l->layout, &b);
        l->target[l->n_target++] = i;
        l->n_base += w->n;
    }
    for (size_t i = 0; i < model->n_param; i++) {
        if (model->param[i].kind != PGR_P_SCORE) continue;
        struct pgr_param s = model->param[i];
        if (!name_of(&s, ".weight", s.name)) return pgr_fail(PGR_E_UNSUPPORTED, "%s: too long a name", s.name);
        append(&l->layout, &s);
    }
    return PGR_OK;
}

/* The head's place in the adapters' block; NULL for a model without one. */
static const struct pgr_param *head_of(const struct pgr_lora *l) {
    return l->layout.n_param > 2 * l->n_target ? &l->layout.param[2 * l->n_target] : NULL;
}

static void init_values(struct pgr_lora *l, const struct pgr_model *m) {
    float *base = l->base;
    for (size_t t = 0; t < l->n_target; t++) {
        const struct pgr_param *w = &m->layout.param[l->target[t]], *a = &l->layout.param[2 * t];
        memcpy(base, m->master + w->at, w->n * sizeof *base);
        base += w->n;
        double bound = 1 / sqrt((double)w->cols); /* kaiming_uniform(a = sqrt 5) */
        for (size_t i = 0; i < a->n; i++) {
            double u = pgr_rng_uniform(l->cfg.seed, PGR_RNG_INIT, (uint32_t)l->target[t], (uint32_t)i, 0, 1);
            l->param[a->at + i] = (float)((2 * u - 1) * bound);
        }
    }
    const struct pgr_param *head = head_of(l),
                           *score = head ? pgr_layout_find(&m->layout, PGR_P_SCORE, SIZE_MAX) : NULL;
    if (head) memcpy(l->param + head->at, m->master + score->at, head->n * sizeof *l->param);
}

pgr_err pgr_lora_new(const struct pgr_model *m, const struct pgr_lora_cfg *cfg, struct pgr_lora **out) {
    struct pgr_lora *l = pgr_alloc_zero(1, sizeof *l);
    if (!l) return pgr_fail(PGR_E_NOMEM, "out of memory for adapters");
    l->cfg = *cfg;
    pgr_err err = make_layout(l, &m->layout);
    if (err == PGR_OK) {
        size_t bytes = l->layout.n_elem * sizeof(float);
        l->param = pgr_block_new(bytes);
        l->grad = pgr_block_new(bytes);
        l->moment1 = pgr_block_new(bytes);
        l->moment2 = pgr_block_new(bytes);
        l->base = pgr_block_new(l->n_base * sizeof(float));
        if (!l->param || !l->grad || !l->moment1 || !l->moment2 || !l->base)
            err = pgr_fail(PGR_E_NOMEM,
                           "out of memory for adapters of rank %zu, 4 times %zu bytes, and %zu bytes of weights",
                           cfg->rank, bytes, l->n_base * sizeof(float));
    }
    if (err != PGR_OK) {
        pgr_lora_free(l);
        return err;
    }
    init_values(l, m);
    *out = l;
    return PGR_OK;
}

void pgr_lora_free(struct pgr_lora *l) {
    if (!l) return;
    size_t bytes = l->layout.n_elem * sizeof(float);
    pgr_block_free(l->param, bytes);
    pgr_block_free(l->grad, bytes);
    pgr_block_free(l->moment1, bytes);
    pgr_block_free(l->moment2, bytes);
    pgr_block_free(l->base, l->n_base * sizeof(float));
    pgr_layout_free(&l->layout);
    pgr_free(l->target);
    pgr_free(l);
}

size_t pgr_lora_saved_bytes(const struct pgr_config *cfg, size_t rank) {
    struct pgr_layout l;
    if (pgr_layout_make(cfg, &l) != PGR_OK) return 0;
    size_t base = 0, adapters = 0;
    for (size_t i = 0; i < l.n_param; i++)
        if (is_target(&l.param[i])) base += l.param[i].n, adapters += rank * (l.param[i].rows + l.param[i].cols);
    size_t all = 2 * l.n_elem, small = base + 4 * adapters;
    pgr_layout_free(&l);
    return all > small ? (all - small) * sizeof(float) : 0;
}

void pgr_lora_collect(struct pgr_lora *l, const struct pgr_model *m, float *grad) {
    for (size_t t = 0; t < l->n_target; t++) {
        const struct pgr_param *w = &m->layout.param[l->target[t]], *a = &l->layout.param[2 * t], *b = a + 1;
        struct pgr_lora_dim d = dim_of(l, w);
        pgr_lora_backward(&d, grad + w->at, l->param + a->at, l->param + b->at, l->grad + a->at, l->grad + b->at);
    }
    const struct pgr_param *head = head_of(l),
                           *score = head ? pgr_layout_find(&m->layout, PGR_P_SCORE, SIZE_MAX) : NULL;
    for (size_t i = 0; head && i < head->n; i++) l->grad[head->at + i] += grad[score->at + i];
    pgr_zero(m->layout.n_elem, grad);
}

void pgr_lora_apply(const struct pgr_lora *l, struct pgr_model *m) {
    const float *base = l->base;
    for (size_t t = 0; t < l->n_target; t++) {
        const struct pgr_param *w = &m->layout.param[l->target[t]], *a = &l->layout.param[2 * t], *b = a + 1;
        struct pgr_lora_dim d = dim_of(l, w);
        pgr_lora_merge(&d, base, l->param + a->at, l->param + b->at, m->master + w->at);
        base += w->n;
    }
    const struct pgr_param *head = head_of(l),
                           *score = head ? pgr_layout_find(&m->layout, PGR_P_SCORE, SIZE_MAX) : NULL;
    if (head) memcpy(m->master + score->at, l->param + head->at, head->n * sizeof *l->param);
    pgr_model_repack(m);
}

static pgr_err save_config(const struct pgr_lora *l, const char *dir, const char *base) {
    json_t *modules = json_array();
    for (size_t i = 0; i < PGR_COUNT(targets); i++)
        if (json_array_append_new(modules, json_string(targets[i].name)) != 0) {
            json_decref(modules);
            return pgr_fail(PGR_E_NOMEM, "out of memory");
        }
    json_t *j = json_pack("{s:s, s:s, s:o, s:I, s:f, s:f, s:o, s:o, s:s, s:b, s:b, s:b, s:b, s:b}", "peft_type", "LORA",
                          "task_type", head_of(l) ? "SEQ_CLS" : "CAUSAL_LM", "base_model_name_or_path",
                          pgr_json_bytes(base, strlen(base)), "r", (json_int_t)l->cfg.rank, "lora_alpha",
                          alpha_of(&l->cfg), "lora_dropout", 0.0, "target_modules", modules, "modules_to_save",
                          head_of(l) ? json_pack("[s]", "score") : json_null(), "bias", "none", "fan_in_fan_out", 0,
                          "init_lora_weights", 1, "inference_mode", 1, "use_rslora", 0, "use_dora", 0);
    char *path = pgr_path_join_dup(dir, "adapter_config.json");
    pgr_err err = j && path ? pgr_json_save(path, j) : pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_free(path);
    json_decref(j);
    return err;
}

pgr_err pgr_lora_save(const struct pgr_lora *l, const char *dir, const char *base) {
    PGR_TRY(pgr_mkdirs(dir));
    PGR_TRY(save_config(l, dir, base));
    struct pgr_st_out *t = pgr_alloc_array(l->layout.n_param, sizeof *t);
    char *path = pgr_path_join_dup(dir, "adapter_model.safetensors");
    pgr_err err = t && path ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; err == PGR_OK && i < l->layout.n_param; i++) {
        const struct pgr_param *p = &l->layout.param[i];
        t[i] = (struct pgr_st_out){.name = p->name, .n_dim = 2, .dim = {p->rows, p->cols}, .data = l->param + p->at};
    }
    if (err == PGR_OK) err = pgr_st_write(path, PGR_F32, t, l->layout.n_param);
    pgr_free(t);
    pgr_free(path);
    return err;
}
