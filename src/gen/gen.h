/* gen.h - rollouts: continuous batching over a paged cache, keyed sampling. */
#ifndef PGR_GEN_GEN_H
#define PGR_GEN_GEN_H

#include "model/infer.h"
#include "text/tok.h"

enum { PGR_GEN_DRAW_ROWS = 256 /* rows that draw together, at most */ };

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
    uint32_t step;         /* names this round of sampling in the random counter */
    uint32_t first_sample; /* what the samples of a prompt are numbered from in the random counter: so some of many can
                              be drawn later with the same result */
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
    int32_t *token;        /* [n_tok], up to and including the stop id, or the token that completed a stop string */
    float *logp; /* [n_tok] log softmax(logits / temperature), before repetition penalty, top-k, top-p and min-p: with
                    the same bits what pgr_head_logp computes for the token */
    size_t n_tok;
    char *text; /* decoded without special tokens, ends before the stop id or stop string; NUL-terminated, may hold any
                   bytes; "" without a tokenizer */
    size_t text_bytes;
    enum pgr_finish finish;
};
/* Frees what it points to, not *c. */
void pgr_completion_free(struct pgr_completion *c);

/* Called on the caller's thread as each completion finishes, in order of finishing; takes ownership of *c. */
typedef pgr_err (*pgr_completion_fn)(void *ctx, struct pgr_completion *c);
/* Called after each decoding step (progress): completions running and done, completion tokens so far. Returning false
 * stops all: what runs is delivered as PGR_FINISH_STOPPED_BY_CALLER, what has not started is not. May be NULL. */
typedef bool (*pgr_tick_fn)(void *ctx, size_t n_active, size_t n_done, size_t n_tokens);
/* Called with the next bytes of a completion's text as soon as no stop string can take them back, in whole UTF-8
 * characters where the text is UTF-8. All pieces of a completion make up its text. */
typedef void (*pgr_piece_fn)(void *ctx, size_t prompt, size_t sample, const char *bytes, size_t n);

/* What a run took. */
struct pgr_gen_stats {
    size_t n_step;           /* forward passes */
    size_t n_prompt_tok;     /* prompt tokens computed; a shared prompt counts once */
    size_t n_decode_tok;     /* completion tokens drawn */
    double total_s;          /* wall time */
    double logits_s, draw_s; /* of which in the output matrix, each block used up for the draw, and in the last draw */
    double prefill_s;        /* of which in steps that held no decoding rows */
    size_t peak_pages;       /* pages of the cache in use at most */
    size_t kv_bytes;         /* size of the cache */
};

struct pgr_gen_opts {
    size_t max_batch;   /* sequences decoded at once; 0 = 64 */
    size_t kv_bytes;    /* cache budget; 0 = as much as max_batch sequences of max_len need (touched only as used) */
    size_t max_len;     /* prompt + completion; 0 = the longest prompt + max_tokens, at most the model's positions */
    pgr_piece_fn piece; /* NULL: none */
    struct pgr_gen_stats *stats; /* NULL: not wanted; overwritten */
};

/* Runs all prompts. Randomness is keyed by (seed, step, prompt key, sample, position): the same tokens whatever
 * max_batch and kv_bytes are, because the kernels are batch-invariant (kern/gemm.h, kern/attn.h).
 *
 * Completions start in the order of prompts and samples; a finished one's place is taken at once, while the others go
 * on. A prompt of several samples is computed once. Long prompts are computed in pieces beside the decoding rows. A
 * completion starts only when its longest possible form fits into the cache beside those running, so none ever waits or
 * is computed twice for lack of memory.
 *
 * `tok` may be NULL: no text, and stop strings are refused.
 * PGR_E_RANGE   a sampling setting, a token id, a prompt that leaves no room within max_len, a budget too small for one
 *               completion; PGR_E_NOMEM; PGR_E_FINITE logits are not finite; the error of fn. After an error what was
 *               not delivered is lost. */
PGR_MUST_CHECK pgr_err pgr_generate(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_gen_opts *o,
                                    const struct pgr_sampling *s, const struct pgr_prompt *prompt, size_t n_prompt,
                                    pgr_completion_fn fn, pgr_tick_fn tick, void *ctx);

#endif
