/* generate.h - completions of a benchmark's problems, by a model in memory or behind an endpoint, written as they
 * finish.
 *
 * The file has a line for each completion, {"task_id", "sample", "solution" (code only), "response", "finish",
 * "tokens", "temperature", "top_p", "seed", "max_tokens", "asked", "model" (endpoints only)}, where "asked" tells
 * system text, question and stop texts apart by 16 digits of their SHA-256, and is what pgr_judge_run judges. A run
 * that finds the file goes on where it stopped; a last line that was cut off is dropped. The same seed gives the same
 * completions, also across a stop. */
#ifndef PGR_EVAL_GENERATE_H
#define PGR_EVAL_GENERATE_H

#include "eval/bench.h"
#include "gen/gen.h"
#include "net/client.h"

struct pgr_eval_gen {
    const struct pgr_bench *bench;
    const char *path;              /* the benchmark's file */
    struct pgr_task_filter filter; /* wants and ctx are not used */
    const char *out_path;
    const char *system,
        *format;             /* in place of the benchmark's own; with format nothing is put into the answer's mouth */
    bool raw;                /* no chat: the model continues the prompt itself, as a base model does */
    size_t n_samples, limit; /* limit: the first problems only; 0 = all */
    size_t max_batch;
    const char *model;       /* endpoints: the name that is sent; NULL for a model in memory */
    const char *token_key;   /* endpoints: see struct pgr_net_request */
    struct pgr_sampling how; /* stop strings and max_tokens 0: the benchmark's */
    const char *const *stop; /* more stop texts; may be NULL */
    size_t n_stop;
    bool (*tick)(void *ctx, size_t n_done, size_t n_total, size_t n_tokens); /* false stops; may be NULL */
    void *ctx;
    size_t n_total, n_done, n_resumed; /* out */
};

/* PGR_E_INTERRUPTED after a stop: what is finished is in the file. PGR_E_FORMAT for a file of other settings. */
PGR_MUST_CHECK pgr_err pgr_eval_generate(struct pgr_eval_gen *g, struct pgr_model *m, const struct pgr_tok *tok);

/* The same from an endpoint. A chat has nothing put into the answer's mouth, so the code is sought in the answer's
 * blocks; of the stop texts four are sent, and all end the answer. how.seed above 0 is sent, plus the sample's number;
 * how.top_p below 1.
 *
 * PGR_E_IO when requests failed for good: the message has the first reason. An endpoint that is gone, or that refuses
 * the first request, gets no more; one that refuses single requests is asked all others. What was answered is in the
 * file. */
PGR_MUST_CHECK pgr_err pgr_eval_ask(struct pgr_eval_gen *g, struct pgr_net *net);

#endif
