/* plan.c - memory from sizes; time from a trial. */
#include "train/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/ram.h"
#include "base/size.h"
#include "train/pack.h"

#define GB 1e9

static double model_bytes(const struct pgr_config *cfg, enum pgr_dtype dtype, bool train) {
    const struct pgr_model_opts o = {.dtype = dtype, .train = train};
    return (double)pgr_model_bytes(cfg, &o);
}

size_t pgr_param_count(const struct pgr_config *cfg) {
    struct pgr_layout l;
    if (pgr_layout_make(cfg, &l) != PGR_OK) return 0;
    size_t n = l.n_elem;
    pgr_layout_free(&l);
    return n;
}

/* ---- memory ---- */

static void add(struct pgr_train_plan *p, const char *name, double bytes) {
    if (p->n < PGR_TRAIN_PLAN_ITEMS && bytes > 0) p->item[p->n++] = (struct pgr_train_plan_item){name, bytes};
    p->total_bytes += bytes;
}

static struct pgr_work_opts work_opts(const struct pgr_trainer *t) {
    return (struct pgr_work_opts){
        .max_tok = t->max_tok, .max_seg = t->max_seg, .train = true, .checkpoint = t->checkpoint};
}

static double kv_bytes(const struct pgr_trainer *t, const struct pgr_config *m, enum pgr_dtype dtype) {
    if (t->cfg.kv_cache_mb > 0) return (double)t->cfg.kv_cache_mb * 1048576;
    size_t prompt = pgr_max(t->train.max_tok, t->eval.max_tok);
    size_t pages = pgr_div_up(prompt + t->cfg.max_completion_length, PGR_ATTN_BLOCK) + 1;
    return (double)pgr_kv_bytes(m, dtype, pages * t->cfg.rollout_batch_size);
}

void pgr_train_plan_make(const struct pgr_trainer *t, const struct pgr_config *model, const struct pgr_config *reward,
                         struct pgr_train_plan *out) {
    *out = (struct pgr_train_plan){.n = 0};
    enum pgr_dtype dtype = t->cfg.bf16 ? PGR_BF16 : PGR_F32;
    double block = 4 * (double)pgr_param_count(model);
    struct pgr_work_opts wo = work_opts(t);
    add(out, "float32 master weights", block);
    add(out, "gradients", block);
    add(out, "Adam moments", 2 * block);
    add(out, "compute weights", model_bytes(model, dtype, true) - block);
    add(out, t->checkpoint ? "activations, recomputed" : "activations", (double)pgr_work_bytes(model, dtype, &wo));
    add(out, "key/value cache", kv_bytes(t, model, dtype));
    size_t draw_rows = pgr_min(t->cfg.rollout_batch_size, PGR_GEN_DRAW_ROWS);
    add(out, "logits of a decoding step", 4.0 * (double)draw_rows * (double)model->n_vocab);
    if (t->cfg.beta != 0) add(out, "reference model", model_bytes(model, dtype, false));
    if (reward) {
        struct pgr_work_opts ro = {.max_tok = 4096, .max_seg = 4096};
        add(out, "reward model", model_bytes(reward, dtype, false) + (double)pgr_work_bytes(reward, dtype, &ro));
    }
    out->available_bytes = pgr_ram_available();
}

pgr_err pgr_train_plan_check(const struct pgr_train_plan *p) {
    if (p->available_bytes <= 0 || p->total_bytes <= p->available_bytes) return PGR_OK;
    struct pgr_buf b = PGR_BUF_INIT;
    for (size_t i = 0; i < p->n; i++)
        pgr_buf_addf(&b, "%s%s %.2f", i ? ", " : "", p->item[i].name, p->item[i].bytes / GB);
    pgr_err err = pgr_fail(PGR_E_RANGE,
                           "too little memory: the run needs %.2f GB and %.2f GB are available (%s); lower "
                           "per_device_train_batch_size, max_completion_length or rollout_batch_size",
                           p->total_bytes / GB, p->available_bytes / GB, pgr_buf_str(&b));
    pgr_buf_free(&b);
    return err;
}

void pgr_train_plan_print(const struct pgr_train_plan *p, struct pgr_buf *out) {
    pgr_buf_addf(out, "memory: %.2f GB of %.2f GB available\n", p->total_bytes / GB, p->available_bytes / GB);
    for (size_t i = 0; i < p->n; i++) pgr_buf_addf(out, "  %-26s %8.2f GB\n", p->item[i].name, p->item[i].bytes / GB);
}

/* ---- trial ---- */

struct trial {
    size_t pass_tok, pass_row;
    double pass_s;   /* forward, head and backward of the fullest pass */
    double decode_s; /* of decode_tok tokens at full width */
    size_t decode_tok;
    double prefill_s;
    size_t prefill_tok;
};

static void flat_loss(void *ctx, size_t i0, size_t n, const float *logp, const float *entropy, float *dlogp,
                      float *dentropy) {
    (void)ctx, (void)i0, (void)logp, (void)entropy, (void)dentropy;
    for (size_t i = 0; i < n; i++) dlogp[i] = 1e-3f;
}

static const struct pgr_task_prompt *longest(const struct pgr_prompts *p) {
    const struct pgr_task_prompt *best = &p->prompt[0];
    for (size_t i = 1; i < p->n; i++)
        if (p->prompt[i].n_tok > best->n_tok) best = &p->prompt[i];
    return best;
}

/* per_device_train_batch_size completions of full length with their prompts: as much as a pass may hold. */
static pgr_err try_pass(struct pgr_trainer *t, struct trial *r) {
    size_t n = t->cfg.per_device_train_batch_size, len = t->cfg.max_completion_length;
    const struct pgr_task_prompt *p = longest(&t->train);
    struct pgr_seq *seq = pgr_alloc_array(n, sizeof *seq);
    int32_t *token = pgr_alloc_array(len, sizeof *token);
    struct pgr_passes passes = {NULL, 0, 0, 0, 0};
    float *logp = NULL, *entropy = NULL;
    pgr_err err = seq && token ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < len && err == PGR_OK; i++) token[i] = p->token[i % p->n_tok];
    for (size_t i = 0; i < n && err == PGR_OK; i++)
        seq[i] = (struct pgr_seq){i / t->cfg.num_generations, p->token, p->n_tok, token, len};
    if (err == PGR_OK) err = pgr_pack(seq, n, t->max_tok, &passes);
    if (err == PGR_OK) {
        const struct pgr_pass *pass = &passes.pass[0];
        logp = pgr_alloc_array(pass->n_row, sizeof *logp);
        entropy = pgr_alloc_array(pass->n_row, sizeof *entropy);
        double t0 = pgr_now_s();
        err = logp && entropy ? pgr_forward(t->model, t->work, &pass->batch) : pgr_fail(PGR_E_NOMEM, "out of memory");
        if (err == PGR_OK)
            err = pgr_head_logp(t->model, t->work, pass->n_row, pass->row, pass->target, (float)t->cfg.temperature,
                                logp, entropy, flat_loss, NULL, t->grad);
        if (err == PGR_OK) err = pgr_backward(t->model, t->work, t->grad);
        r->pass_s = pgr_now_s() - t0;
        r->pass_tok = pass->batch.n_tok;
        r->pass_row = pass->n_row;
    }
    pgr_free(logp);
    pgr_free(entropy);
    pgr_passes_free(&passes);
    pgr_free(seq);
    pgr_free(token);
    return err;
}

static pgr_err drop(void *ctx, struct pgr_completion *c) {
    (void)ctx;
    pgr_completion_free(c);
    return PGR_OK;
}

static bool go_on(void *ctx, size_t n_active, size_t n_done, size_t n_tokens) {
    struct pgr_trainer *t = ctx;
    (void)n_active, (void)n_done, (void)n_tokens;
    return !pgr_trainer_stop_asked(t);
}

/* A few tokens at the width of a real round. */
static pgr_err try_decode(struct pgr_trainer *t, struct trial *r) {
    enum { STEPS = 16 };
    const struct pgr_task_prompt *p = longest(&t->train);
    struct pgr_rollout ro = pgr_trainer_rollout(t, &t->train, "trial");
    struct pgr_gen_stats gs;
    size_t width = pgr_min(t->cfg.rollout_batch_size, t->cfg.generation_batch_size);
    struct pgr_prompt prompt = {p->token, p->n_tok, width, 0};
    ro.sampling.max_tokens = pgr_min(STEPS, t->cfg.max_completion_length);
    ro.sampling.n_stop_id = 0;
    ro.gen.stats = &gs;
    PGR_TRY(pgr_generate(t->model, t->tok, &ro.gen, &ro.sampling, &prompt, 1, drop, go_on, t));
    r->decode_tok = gs.n_decode_tok;
    r->prefill_tok = gs.n_prompt_tok;
    r->prefill_s = gs.prefill_s;
    r->decode_s = gs.total_s - gs.prefill_s;
    return PGR_OK;
}

pgr_err pgr_train_trial(struct pgr_trainer *t, struct pgr_buf *out, json_t **result) {
    struct trial r = {0};
    const struct pgr_train_config *c = &t->cfg;
    PGR_TRY(try_decode(t, &r));
    PGR_TRY(try_pass(t, &r));
    if (pgr_trainer_stop_asked(t)) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    double n_seq = (double)c->generation_batch_size, prompts = (double)t->prompts_per_round;
    double new_tok = n_seq * (double)c->max_completion_length, prompt_tok = prompts * (double)t->train.max_tok;
    double ctx = (double)t->train.max_tok + 0.5 * (double)c->max_completion_length;
    double iterations = (double)c->num_iterations;
    double gen_flops = pgr_forward_flops(&t->model->cfg, new_tok + prompt_tok, ctx, new_tok);
    double train_flops =
        (t->checkpoint ? 4 : 3) * iterations * pgr_forward_flops(&t->model->cfg, new_tok + prompt_tok, ctx, new_tok);
    double gen_s = new_tok * r.decode_s / (double)pgr_max(r.decode_tok, 1) +
                   prompt_tok * r.prefill_s / (double)pgr_max(r.prefill_tok, 1);
    double train_s = iterations * (new_tok + prompt_tok) * r.pass_s / (double)r.pass_tok;
    double rounds = (double)t->total_steps / (double)t->steps_per_round;
    pgr_buf_addf(
        out,
        "round: at most %.0f prompt and %.0f completion tokens; forward %.3g TFLOP for sampling, %.3g TFLOP for "
        "training\n",
        prompt_tok, new_tok, gen_flops / 1e12, train_flops / 1e12);
    pgr_buf_addf(
        out, "trial: fullest pass of %zu tokens in %.2f s (%.0f tokens/s), decoding %zu sequences at %.0f tokens/s\n",
        r.pass_tok, r.pass_s, (double)r.pass_tok / r.pass_s, pgr_min(c->rollout_batch_size, c->generation_batch_size),
        (double)r.decode_tok / r.decode_s);
    pgr_buf_addf(
        out,
        "expected: at most %.1f s a round (%zu update%s) if every completion has full length: %.1f s sampling, %.1f s "
        "training; %.2f h for %zu updates\n",
        gen_s + train_s, t->steps_per_round, t->steps_per_round == 1 ? "" : "s", gen_s, train_s,
        rounds * (gen_s + train_s) / 3600, t->total_steps);
    pgr_buf_addf(out, "peak memory so far: %.2f GB\n", pgr_peak_rss_bytes() / GB);
    *result = json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "steps", (json_int_t)t->total_steps, "pass_s", r.pass_s,
                        "train_tokens_per_second", (double)r.pass_tok / r.pass_s, "decode_tokens_per_second",
                        (double)r.decode_tok / r.decode_s, "seconds_per_round", gen_s + train_s, "train_flops",
                        train_flops, "peak_bytes", pgr_peak_rss_bytes());
    return *result ? pgr_buf_ok(out) : pgr_fail(PGR_E_NOMEM, "out of memory");
}
