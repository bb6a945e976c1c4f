/* measure.h - how fast this machine decodes: many sequences with a prompt each, all decoded together. */
#ifndef PGR_GEN_MEASURE_H
#define PGR_GEN_MEASURE_H

#include "model/model.h"

struct pgr_decode_setup {
    size_t n_seq, n_prompt, n_new; /* prompts are random tokens, of one length, nothing shared */
};

struct pgr_decode_time {
    double prefill_s; /* all prompts */
    double total_s;   /* n_new steps of one token a sequence, and of it: */
    double layers_s, logits_s,
        draw_s;   /* logits_s has the part of the drawing that takes blocks of logits as they come */
    double cpu_s; /* of all threads during total_s: on a busy machine total_s * threads exceeds it */
};

/* Runs it n_run times into out[n_run]. Draws at temperature 1; nothing ends early. PGR_E_RANGE: more positions than the
 * model has; PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_decode_measure(struct pgr_model *m, const struct pgr_decode_setup *s, size_t n_run,
                                          struct pgr_decode_time *out);

#endif
