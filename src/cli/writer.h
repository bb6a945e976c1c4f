/* writer.h - who writes texts for od build and lcbrb build: a model in memory or one behind an endpoint. */
#ifndef PGR_CLI_WRITER_H
#define PGR_CLI_WRITER_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/model_arg.h"
#include "net/client.h"
#include "pref/od_gen.h"

struct pgr_writer_opts {
    const char *model, *dtype;                  /* in memory: dtype NULL: bf16 */
    const char *endpoint, *key_env, *token_key; /* endpoint NULL: in memory */
    size_t batch, max_length, in_flight, tries; /* 0: 64, 4096, 16, 6; the first two in memory, the others not */
    double timeout_s;                           /* endpoint; 0: 600 */
    size_t max_tokens;
    double temperature, top_p;
    uint64_t seed;
    bool thoughts; /* reasoning that an endpoint puts apart belongs to the text */
};

/* Options of the endpoint that both commands have. */
enum { PGR_WRITER_N_OPTS = 6 };
void pgr_writer_opts_list(struct pgr_writer_opts *o, struct pgr_opt *opts);
#define PGR_WRITER_OPTS_HELP                                                                                           \
    "  --endpoint URL        ask an OpenAI-compatible server instead, such as http://127.0.0.1:8000/v1; --model is "   \
    "the\n"                                                                                                            \
    "                        name it knows\n"                                                                          \
    "  --token-key KEY       how the limit of tokens is sent: max_tokens (so without it) or max_completion_tokens\n"   \
    "  --key-env NAME        the environment variable that holds its key (OPENAI_API_KEY)\n"                           \
    "  --in-flight N  --tries N  --timeout S    requests at a time (16), tries of each (6), seconds for an answer "    \
    "(600)\n"
/* PGR_E_USAGE for options that do not go together. */
PGR_MUST_CHECK pgr_err pgr_writer_opts_check(const struct pgr_writer_opts *o);

struct pgr_writer {
    struct pgr_model_arg in;
    struct pgr_model *model; /* owned; NULL: behind an endpoint, or another writer's */
    struct pgr_net *net;     /* owned; NULL: in memory */
    struct pgr_od_generator gen;
};
/* same: NULL, or a writer in memory whose model this one uses and which outlives it. Keeps what o points to. Call
 * pgr_writer_close also after an error. */
PGR_MUST_CHECK pgr_err pgr_writer_open(const struct pgr_writer_opts *o, const struct pgr_writer *same,
                                       struct pgr_writer *out);
void pgr_writer_close(struct pgr_writer *w);
/* For a journal's first line; NULL when memory runs out. */
json_t *pgr_writer_settings(const struct pgr_writer_opts *o);
/* Questions worth having open at once. */
size_t pgr_writer_width(const struct pgr_writer_opts *o);

#endif
