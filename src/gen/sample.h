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
 * The draw inverts the cumulative distribution at a uniform number keyed by (seed, step, prompt key, sample, position):
 * over the tokens that stay, in order of their ids. It depends on the row and the key alone.
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

/* Scratch for rows of n_vocab logits; max_rows rows at most per call. */
struct pgr_sampler;
PGR_MUST_CHECK pgr_err pgr_sampler_new(size_t n_vocab, size_t max_rows, struct pgr_sampler **out);
void pgr_sampler_free(struct pgr_sampler *sm);

/* Draws from rows logits[i * ld], i < n. The rows are changed in place and restored. Runs on the pool, one row a task.
 */
void pgr_sampler_draw(struct pgr_sampler *sm, size_t n, float *logits, size_t ld, struct pgr_draw *draw);

/* For tests: the distribution that the draw inverts, p[n_vocab] (0 = cut off; float64). */
void pgr_sampler_dist(struct pgr_sampler *sm, float *logits, const struct pgr_draw *draw, double *p);

#endif
