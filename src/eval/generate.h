/* generate.h - completions of a benchmark's problems by a model in memory, written as they finish.
 *
 * The file has a line for each completion, {"task_id", "sample", "solution" (code only), "response", "finish",
 * "tokens", "temperature", "max_tokens"}, and is what pgr_judge_run judges. A run that finds the file goes on where it
 * stopped; a last line that was cut off is dropped. The same seed gives the same completions, also across a stop. */
#ifndef PGR_EVAL_GENERATE_H
#define PGR_EVAL_GENERATE_H

#include "eval/bench.h"
#include "gen/gen.h"

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
    struct pgr_sampling how; /* stop strings and max_tokens 0: the benchmark's */
    const char *const *stop; /* more stop texts; may be NULL */
    size_t n_stop;
    bool (*tick)(void *ctx, size_t n_done, size_t n_total, size_t n_tokens); /* false stops; may be NULL */
    void *ctx;
    size_t n_total, n_done, n_resumed; /* out */
};

/* PGR_E_INTERRUPTED after a stop: what is finished is in the file. PGR_E_FORMAT for a file of other settings. */
PGR_MUST_CHECK pgr_err pgr_eval_generate(struct pgr_eval_gen *g, struct pgr_model *m, const struct pgr_tok *tok);

#endif
