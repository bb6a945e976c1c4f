/* lora.h - training low-rank adapters instead of all weights (Hu et al., arXiv:2106.09685).
 *
 *     W = W0 + alpha / rank  B A    for every linear layer: q, k, v, o, gate, up, down
 *
 * A starts uniform in +-1/sqrt(in), B at 0, as in PEFT; the score head is trained whole (PEFT's modules_to_save), all
 * else is frozen. No dropout.
 *
 * The model computes with W itself, so forward and backward are those of full training and the adapters' gradients
 * follow from dW:  dA = alpha/rank B^T dW,  dB = alpha/rank dW A^T.  Beside the model and its gradient block that takes
 * W0 and the small blocks of the adapters, instead of two moments for every weight. */
#ifndef PGR_TRAIN_LORA_H
#define PGR_TRAIN_LORA_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

struct pgr_lora_cfg {
    size_t rank;  /* 0: no adapters, all weights are trained */
    double alpha; /* 0: 2 * rank */
    uint64_t seed;
};

struct pgr_lora {
    struct pgr_lora_cfg cfg;
    struct pgr_layout layout; /* owned: A and B of each matrix by PEFT's names, then the score head if there is one */
    size_t *target;           /* owned [n_target]: the matrix's number in the model's layout */
    size_t n_target;
    float *param, *grad, *moment1, *moment2; /* owned [layout.n_elem] */
    float *base;                             /* owned: the W0, one after another */
    size_t n_base;
};

/* Adapters for m (loaded for training) as it is now. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_lora_new(const struct pgr_model *m, const struct pgr_lora_cfg *cfg, struct pgr_lora **out);
void pgr_lora_free(struct pgr_lora *l); /* takes NULL */

/* Bytes that training takes less than with all weights: two moments for each less what adapters take; at least 0. */
size_t pgr_lora_saved_bytes(const struct pgr_config *cfg, size_t rank);

/* Adds to l->grad what the model's gradient block grad[m->layout.n_elem] says, and zeroes that. */
void pgr_lora_collect(struct pgr_lora *l, const struct pgr_model *m, float *grad);

/* Makes m's weights from W0 and l->param, compute weights too. */
void pgr_lora_apply(const struct pgr_lora *l, struct pgr_model *m);

/* Writes adapter_config.json and adapter_model.safetensors (float32) into the folder `dir`, made if it is not there:
 * PEFT's format. base: what the adapters belong to, for base_model_name_or_path. */
PGR_MUST_CHECK pgr_err pgr_lora_save(const struct pgr_lora *l, const char *dir, const char *base);

#endif
