/* inspect.h - the two halves of `pgrpo inspect`: what a file holds, and what running the model takes. */
#ifndef PGR_CLI_INSPECT_H
#define PGR_CLI_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "model/config.h"

/* One tensor as the file has it: rows first. */
struct pgr_stored {
    const char *name, *format; /* borrowed from the file */
    size_t n_dim, dim[8];
    size_t n_elem, n_bytes;
};

/* All tensors of a Hugging Face folder or a GGUF file. */
struct pgr_inventory {
    struct pgr_stored *tensor; /* owned */
    size_t n_tensor;
    struct pgr_st *st;     /* owned; one of the two */
    struct pgr_gguf *gguf; /* owned */
};
PGR_MUST_CHECK pgr_err pgr_inventory_open(const char *path, struct pgr_inventory *out);
void pgr_inventory_close(struct pgr_inventory *v); /* takes a zero one */

/* Prints one line per kind of tensor, layers taken together, or one per tensor. */
PGR_MUST_CHECK pgr_err pgr_inventory_print(const struct pgr_inventory *v, bool each);
/* [{"name","format","shape","bytes"}]; NULL when out of memory. */
json_t *pgr_inventory_json(const struct pgr_inventory *v);

/* The sizes that memory is planned for. */
struct pgr_scale {
    size_t sequences, length; /* rollouts in flight, tokens of each (prompt and completion) */
    size_t batch_tokens;      /* packed tokens of a training batch */
};

/* What memory goes to, in bytes. */
struct pgr_need {
    size_t weights, gradients, optimiser, activations, cache, total;
};
struct pgr_plan {
    struct pgr_need inference, training, training_checkpointed, reward_training, reward_training_checkpointed;
};
/* bfloat16 compute. Training counts the rollouts' cache too, which stays allocated; reward-model training needs none.
 * PGR_E_RANGE when a size does not fit 64 bits. */
PGR_MUST_CHECK pgr_err pgr_plan_memory(const struct pgr_config *c, const struct pgr_scale *s, struct pgr_plan *out);
void pgr_plan_print(const struct pgr_plan *p, const struct pgr_scale *s);
json_t *pgr_plan_json(const struct pgr_plan *p, const struct pgr_scale *s);

#endif
