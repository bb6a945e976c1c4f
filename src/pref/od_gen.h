/* od_gen.h - what writes the texts of pairs: a model in memory, or anything else that answers questions.
 *
 * The builder keeps many questions open at once and takes the answers in any order. An answer must be a function of the
 * question's texts, key, round and sample alone (and of what the generator was made with), or runs are not repeatable.
 */
#ifndef PGR_PREF_OD_GEN_H
#define PGR_PREF_OD_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"
#include "net/client.h"
#include "text/tok.h"

struct pgr_od_question {
    size_t tag;                /* comes back with the answer */
    const char *system, *user; /* borrowed during the call */
    uint32_t key, round;       /* name the problem, and the text and attempt, for the random numbers */
    size_t n_samples;          /* answers wanted, >= 1; numbered first_sample, first_sample + 1, ... */
    size_t first_sample;
    const char *stop; /* an answer ends before this text; static; NULL: none */
};

struct pgr_od_answer {
    size_t tag, sample; /* of the question; which of its answers */
    const char *text;   /* [n_bytes], any bytes, and a NUL; borrowed during the call */
    size_t n_bytes;
    bool cut;     /* ended by the token limit */
    bool refused; /* the generator will not answer this question; there is no text, and others go on */
    size_t n_tokens;
};

/* May add questions. */
typedef pgr_err (*pgr_od_answer_fn)(void *ctx, const struct pgr_od_answer *a);

struct pgr_od_generator {
    void *ctx;
    const char *name; /* for the provenance of pairs */
    /* *fits = false, and nothing was added, when the question is too long for the generator. */
    pgr_err (*add)(void *ctx, const struct pgr_od_question *q, bool *fits);
    /* Works for a while, then hands over the answers that are there (maybe none). Not called when none is open. */
    pgr_err (*wait)(void *ctx, pgr_od_answer_fn fn, void *fn_ctx);
};

struct pgr_od_local_cfg {
    size_t max_batch;  /* texts written at once */
    size_t max_len;    /* question and answer in tokens; more than the model's positions count as those */
    size_t max_tokens; /* of an answer */
    double temperature, top_p;
    uint64_t seed;
};

/* A model in memory: continuous batching, the chat template of the model. Borrows the model, the tokenizer and the name
 * until freed. PGR_E_NOMEM; PGR_E_RANGE for max_tokens that leave no room within max_len. */
PGR_MUST_CHECK pgr_err pgr_od_local_new(const struct pgr_od_local_cfg *cfg, const char *name, struct pgr_model *m,
                                        const struct pgr_tok *tok, struct pgr_od_generator *out);
void pgr_od_local_free(struct pgr_od_generator *g); /* takes a zero one */

struct pgr_od_endpoint_cfg {
    const char *model, *token_key; /* token_key: see struct pgr_net_request */
    size_t max_tokens;
    double temperature, top_p;
    uint64_t seed; /* each answer is asked with a seed of its own made from it */
    bool thoughts; /* reasoning that the endpoint puts apart belongs to the text, as <think> block */
};

/* A model behind an endpoint. A request that the endpoint turns down is handed over as refused, once some were
 * answered; when it is gone, or turns down the first, waiting fails with PGR_E_IO. Whether answers are repeatable is
 * the endpoint's affair. Borrows net, and the names, until freed. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_od_endpoint_new(const struct pgr_od_endpoint_cfg *cfg, struct pgr_net *net,
                                           struct pgr_od_generator *out);
void pgr_od_endpoint_free(struct pgr_od_generator *g); /* takes a zero one */

#endif
