/* cut.h - which tokens of one row the cut-offs leave; internal to gen/ (meaning: sample.h). */
#ifndef PGR_GEN_CUT_H
#define PGR_GEN_CUT_H

#include "gen/gen.h"
#include "kern/ops.h"

struct pgr_cand {
    float l; /* logit / temperature */
    float e; /* exp(l - peak of the row) */
    int32_t id;
};

/* A row of logits with the state of each of its blocks of PGR_OPS_VOCAB. */
struct pgr_row {
    size_t n_vocab, n_block;
    const float *x; /* [n_vocab]; l = scale * x */
    float scale;
    const struct pgr_vocab_state *state; /* [n_block] */
};

/* The largest l. */
float pgr_row_peak(const struct pgr_row *r);
/* Sum of exp(l - peak) over the row. */
double pgr_row_mass(const struct pgr_row *r, float peak);
double pgr_cand_mass(const struct pgr_cand *c, size_t n);

/* The tokens that stay, ids rising, in cand; returns their number, at least 1. cand and part are [n_vocab]. */
size_t pgr_row_cut(const struct pgr_row *r, const struct pgr_sampling *how, struct pgr_cand *cand,
                   struct pgr_cand *part);

#endif
