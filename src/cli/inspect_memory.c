/* inspect_memory.c - what inference and training of a model take.
 *
 *   weights      packed bfloat16 matrices and float32 vectors; training keeps the float32 block too
 *   gradients    4 bytes a parameter;  optimiser  AdamW's two moments, 8 bytes a parameter
 *   activations  work space of a packed batch (model.h: pgr_work), with and without recomputation
 *   cache        keys and values of the sequences in flight, whole pages */
#include <stdio.h>

#include "base/size.h"
#include "cli/inspect.h"
#include "model/infer.h"
#include "model/model.h"

static bool add_up(struct pgr_need *n) {
    size_t parts[] = {n->weights, n->gradients, n->optimiser, n->activations, n->cache};
    n->total = 0;
    for (size_t i = 0; i < PGR_COUNT(parts); i++)
        if (!pgr_add(n->total, parts[i], &n->total)) return false;
    return true;
}

static bool training_need(const struct pgr_config *c, const struct pgr_scale *s, bool checkpoint, size_t cache,
                          size_t n_elem, struct pgr_need *n) {
    struct pgr_model_opts train = {.dtype = PGR_BF16, .train = true};
    struct pgr_work_opts work = {s->batch_tokens, s->sequences + 1, true, checkpoint};
    n->weights = pgr_model_bytes(c, &train);
    n->activations = pgr_work_bytes(c, PGR_BF16, &work);
    n->cache = cache;
    return pgr_mul(n_elem, sizeof(float), &n->gradients) && pgr_mul(n_elem, 2 * sizeof(float), &n->optimiser) &&
           add_up(n);
}

pgr_err pgr_plan_memory(const struct pgr_config *c, const struct pgr_scale *s, struct pgr_plan *out) {
    struct pgr_config rm = *c;
    rm.has_score = true;
    struct pgr_layout l, l_rm;
    PGR_TRY(pgr_layout_make(c, &l));
    size_t n_elem = l.n_elem;
    pgr_layout_free(&l);
    PGR_TRY(pgr_layout_make(&rm, &l_rm));
    size_t n_elem_rm = l_rm.n_elem, pages, cache;
    pgr_layout_free(&l_rm);

    struct pgr_model_opts infer = {.dtype = PGR_BF16};
    struct pgr_work_opts score = {s->batch_tokens, s->sequences, false, false};
    struct pgr_plan p = {0};
    bool ok = pgr_mul(s->sequences, pgr_div_up(s->length, PGR_ATTN_BLOCK), &pages);
    cache = ok && !c->has_score ? pgr_kv_bytes(c, PGR_BF16, pages) : 0;
    p.inference.weights = pgr_model_bytes(c, &infer);
    p.inference.activations = pgr_work_bytes(c, PGR_BF16, &score);
    p.inference.cache = cache;
    ok = ok && add_up(&p.inference) && training_need(c, s, false, cache, n_elem, &p.training) &&
         training_need(c, s, true, cache, n_elem, &p.training_checkpointed) &&
         training_need(&rm, s, false, 0, n_elem_rm, &p.reward_training) &&
         training_need(&rm, s, true, 0, n_elem_rm, &p.reward_training_checkpointed);
    if (!ok)
        return pgr_fail(PGR_E_RANGE, "%zu sequences of %zu tokens and batches of %zu are beyond any memory",
                        s->sequences, s->length, s->batch_tokens);
    *out = p;
    return PGR_OK;
}

static void print_need(const char *what, const struct pgr_need *n) {
    printf("  %-36s %8.2f %10.2f %10.2f %12.2f %8.2f %8.2f\n", what, (double)n->weights / 1e9,
           (double)n->gradients / 1e9, (double)n->optimiser / 1e9, (double)n->activations / 1e9, (double)n->cache / 1e9,
           (double)n->total / 1e9);
}

void pgr_plan_print(const struct pgr_plan *p, const struct pgr_scale *s) {
    printf("memory, GB = 10^9 bytes, for %zu sequences of %zu tokens, batches of %zu tokens, bfloat16 compute\n",
           s->sequences, s->length, s->batch_tokens);
    printf("  %-36s %8s %10s %10s %12s %8s %8s\n", "", "weights", "gradients", "optimiser", "activations", "cache",
           "total");
    print_need("inference", &p->inference);
    print_need("training", &p->training);
    print_need("training, checkpointed", &p->training_checkpointed);
    print_need("reward-model training", &p->reward_training);
    print_need("reward-model training, checkpointed", &p->reward_training_checkpointed);
}

static json_t *need_json(const struct pgr_need *n) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "weights", (json_int_t)n->weights, "gradients",
                     (json_int_t)n->gradients, "optimiser", (json_int_t)n->optimiser, "activations",
                     (json_int_t)n->activations, "cache", (json_int_t)n->cache, "total", (json_int_t)n->total);
}

json_t *pgr_plan_json(const struct pgr_plan *p, const struct pgr_scale *s) {
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "sequences", (json_int_t)s->sequences, "length",
                     (json_int_t)s->length, "batch_tokens", (json_int_t)s->batch_tokens, "inference",
                     need_json(&p->inference), "training", need_json(&p->training), "training_checkpointed",
                     need_json(&p->training_checkpointed), "reward_training", need_json(&p->reward_training),
                     "reward_training_checkpointed", need_json(&p->reward_training_checkpointed));
}
