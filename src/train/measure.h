/* measure.h - how fast this machine scores and trains: whole passes over packed sequences. */
#ifndef PGR_TRAIN_MEASURE_H
#define PGR_TRAIN_MEASURE_H

#include "model/model.h"

struct pgr_pass_setup {
    size_t n_tok, length;  /* n_tok tokens in sequences of `length` >= 2 */
    size_t micro;          /* tokens of one pass; a multiple of length, and n_tok a multiple of it */
    bool train;            /* forward, backward, clipping, AdamW, repacking; else forward and log-probabilities */
    bool checkpoint;       /* recompute the layers in the backward pass */
    void (*warm)(void);    /* called after the first run, which is not counted; NULL: nothing */
    double (*now_s)(void); /* the clock; NULL: wall time */
};

struct pgr_pass_time {
    double total_s;
    double layers_s; /* of it in the layers' forward passes */
    double loss;     /* mean -log p of the next token, when training */
};

/* n_run runs after a warm-up into out[n_run]; out_warm: of the warm-up, or NULL. Training needs a model with its
 * float32 block, and changes it. The text has structure (the next token is a function of the last), so that the loss
 * falls. PGR_E_RANGE: sizes that do not divide; PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_pass_measure(struct pgr_model *m, const struct pgr_pass_setup *s, size_t n_run,
                                        struct pgr_pass_time *out_warm, struct pgr_pass_time *out);

#endif
