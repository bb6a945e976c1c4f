/* sample.h - the next token from a row of logits.
 *
 * Order and meaning are those of Hugging Face transformers:
 *   1. repetition penalty r: the logit x of each different token of prompt and completion becomes x / r (x r if x < 0)
 *   2. temperature: l = x / temperature
 *   3. top-k: tokens below the k-th largest l go; equals of the k-th stay
 *   4. top-p: of what is left, renormalised, those tokens stay whose more probable ones sum to less than top_p (of
 *      equals at the cut the lower ids; transformers leaves that to torch.sort)
 *   5. min-p: tokens less probable than min_p times the most probable one go
 * and the first token in every order always stays. Temperature 0 takes the largest logit after step 1, the lowest id of
 * equals.
 *
 * The draw inverts the cumulative distribution at uniform numbers keyed by (seed, step, prompt key, sample, position).
 * Without penalty and cut-offs, logits are looked at once, block after block of PGR_OPS_VOCAB columns, and never kept:
 * each block draws a token of its own, then the row draws a block by the blocks' sums. Rows with a penalty or cut-offs
 * are kept whole until all blocks are there. Either way the token depends on the row and the key alone.
 *
 * The log-probability of the drawn token is log softmax(x / temperature): without penalty and cut-offs, temperature 1
 * when greedy. It comes from pgr_ops_vocab_block and _finish, as the trainer's does, and has the same bits. */
#ifndef PGR_GEN_SAMPLE_H
#define PGR_GEN_SAMPLE_H

#include "gen/gen.h"

/* PGR_E_RANGE naming the setting: temperature >= 0, 0 <= top_p <= 1, 0 <= min_p <= 1, repetition_penalty > 0,
 * max_tokens >= 1, stop strings not empty. */
PGR_MUST_CHECK pgr_err pgr_sampling_check(const struct pgr_sampling *s);

struct pgr_draw {
    const struct pgr_sampling *how;
    const int32_t *seen; /* [n_seen] prompt and completion so far; read only with a repetition penalty */
    size_t n_seen;
    uint32_t key, sample, position; /* of the prompt, within the prompt, within the completion */
    int32_t token;                  /* out */
    float logp; /* out, nats; NaN when the row holds a NaN or an infinity that leaves no distribution */
};

/* For rows of n_vocab logits, max_rows at most at a time. Memory for whole rows is touched only when a row needs it. */
struct pgr_sampler;
PGR_MUST_CHECK pgr_err pgr_sampler_new(size_t n_vocab, size_t max_rows, struct pgr_sampler **out);
void pgr_sampler_free(struct pgr_sampler *sm);

/* Draws one token for each of n rows: begin, then the logits of all rows and columns in any number of pieces, each once,
 * on any threads at the same time, then end. A piece starts at a column that is a multiple of PGR_OPS_VOCAB and ends at
 * one or at n_vocab; logits[i * ld + j] is row row0 + i, column col0 + j. `draw` is borrowed from begin to end. */
void pgr_sampler_begin(struct pgr_sampler *sm, size_t n, struct pgr_draw *draw);
void pgr_sampler_add(struct pgr_sampler *sm, size_t row0, size_t n_row, size_t col0, size_t n_col, const float *logits,
                     size_t ld);
void pgr_sampler_end(struct pgr_sampler *sm); /* runs on the pool */
/* The three for rows that lie there as a whole. */
void pgr_sampler_draw(struct pgr_sampler *sm, size_t n, const float *logits, size_t ld, struct pgr_draw *draw);

/* For tests: the distribution that the draw inverts, p[n_vocab] (0 = cut off; float64). */
void pgr_sampler_dist(struct pgr_sampler *sm, const float *logits, const struct pgr_draw *draw, double *p);

#endif
