/* gen.h - rollouts: continuous batching over a paged cache, keyed sampling. */
#ifndef PGR_GEN_GEN_H
#define PGR_GEN_GEN_H

#include "model/infer.h"
#include "text/tok.h"

struct pgr_sampling {
    float temperature;        /* 0 = greedy; logp is then under temperature 1 */
    size_t top_k;             /* 0 = off */
    float top_p, min_p;       /* 1 and 0 = off */
    float repetition_penalty; /* 1 = off */
    size_t max_tokens;        /* completion tokens, stop token included */
    const int32_t *stop_id;   /* [n_stop_id]; usually the model's eos ids */
    size_t n_stop_id;
    const char *const *stop; /* [n_stop] stop strings; the completion ends before one */
    size_t n_stop;
    uint64_t seed;
    uint32_t step; /* names this round of sampling in the random counter */
};

struct pgr_prompt {
    const int32_t *token; /* [n_tok], 1 <= n_tok; borrowed until done */
    size_t n_tok;
    size_t n_samples; /* completions wanted; they share the prompt's pages */
    uint32_t key;     /* names the prompt in the random counter (its index in the data set) */
};

enum pgr_finish { PGR_FINISH_STOP, PGR_FINISH_LENGTH, PGR_FINISH_STOPPED_BY_CALLER };

struct pgr_completion {
    size_t prompt, sample; /* indices */
    int32_t *token;        /* [n_tok], the stop id included when it ended one */
    float *logp; /* [n_tok] log-probability under the sampling policy: after temperature, before top-k/top-p/min-p
                    cut-offs */
    size_t n_tok;
    char *text; /* decoded, without the stop id or stop string; NUL-terminated, may hold any bytes */
    size_t text_bytes;
    enum pgr_finish finish;
};
void pgr_completion_free(struct pgr_completion *c);

/* Called on the caller's thread as each completion finishes, in order of finishing; takes ownership of *c. */
typedef pgr_err (*pgr_completion_fn)(void *ctx, struct pgr_completion *c);
/* Called after each decoding step (progress; streaming of new tokens of the only sequence); returning false stops all.
 * May be NULL. */
typedef bool (*pgr_tick_fn)(void *ctx, size_t n_active, size_t n_done, size_t n_tokens);

struct pgr_gen_opts {
    size_t max_batch; /* sequences decoded at once; 0 = 64 */
    size_t kv_bytes;  /* cache budget; 0 = as much as max_batch full sequences need */
    size_t max_len;   /* prompt + completion */
};

/* Runs all prompts. Randomness is keyed by (seed, step, prompt key, sample, position): the same tokens whatever the
 * batch width, because the kernels are batch-invariant (kern/gemm.h). */
PGR_MUST_CHECK pgr_err pgr_generate(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_gen_opts *o,
                                    const struct pgr_sampling *s, const struct pgr_prompt *prompt, size_t n_prompt,
                                    pgr_completion_fn fn, pgr_tick_fn tick, void *ctx);

#endif
