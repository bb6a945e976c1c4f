/* answers.h - what a benchmark's problems ask, and the file of the answers; internal to eval/ (generate.h has the
 * form).
 *
 * The file is a log: a line for each answer, written and flushed as it comes, so that nothing is lost when a run ends
 * early, and the next run knows what is missing. */
#ifndef PGR_EVAL_ANSWERS_H
#define PGR_EVAL_ANSWERS_H

#include <stdio.h>

#include "eval/generate.h"

struct pgr_ask {
    char *id, *text; /* owned; text: the user's turn, or with raw what the model continues */
    bool math;
    size_t n_have;  /* samples that the file holds */
    char asked[17]; /* the first digits of the SHA-256 of what makes the answer: system text, question, stop texts */
};

struct pgr_answers {
    struct pgr_eval_gen *g;
    struct pgr_bench bench; /* the benchmark as it is asked: without a prefill where none is put there */
    struct pgr_ask *ask;    /* owned, [n] */
    size_t n, cap;
    json_t *done; /* "id#sample": the digits of what was asked */
    FILE *f;
    struct pgr_buf line;
};

/* Reads the problems and the file, cuts off a last line without its end, opens it for more; sets g's numbers and
 * how.max_tokens. has_prefill: the beginning of the answer can be given. PGR_E_FORMAT for no problem at all, and for a
 * file of other settings or another model. Call pgr_answers_close also after an error. */
PGR_MUST_CHECK pgr_err pgr_answers_open(struct pgr_eval_gen *g, bool has_prefill, struct pgr_answers *out);
bool pgr_answers_have(const struct pgr_answers *a, size_t ask, size_t sample);
/* One line; counts it. n_tok SIZE_MAX: not known. */
PGR_MUST_CHECK pgr_err pgr_answers_add(struct pgr_answers *a, size_t ask, size_t sample, const char *text,
                                       size_t n_bytes, const char *finish, size_t n_tok);
PGR_MUST_CHECK pgr_err pgr_answers_close(struct pgr_answers *a);

enum { PGR_EVAL_MAX_STOP = 32 };
/* The texts that end an answer, the benchmark's and those of g; returns how many. Borrowed. */
size_t pgr_answers_stops(const struct pgr_answers *a, const char *out[PGR_EVAL_MAX_STOP]);

#endif
