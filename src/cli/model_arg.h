/* model_arg.h - what a command opens when it is given a model: path, configuration and tokenizer, before any weights.
 */
#ifndef PGR_CLI_MODEL_ARG_H
#define PGR_CLI_MODEL_ARG_H

#include "base/err.h"
#include "model/config.h"
#include "text/tok.h"

struct pgr_model_arg {
    char *path; /* owned */
    struct pgr_config cfg;
    struct pgr_tok *tok; /* owned */
};

/* `arg` is a path or a fetched name. PGR_E_NOTFOUND, PGR_E_FORMAT, PGR_E_UNSUPPORTED say what is wrong with it;
 * PGR_E_SHAPE: the tokenizer has ids that the model has no embedding for. Afterwards every id of the tokenizer is below
 * cfg.n_vocab. */
PGR_MUST_CHECK pgr_err pgr_model_arg_open(const char *arg, struct pgr_model_arg *out);
void pgr_model_arg_close(struct pgr_model_arg *a); /* takes a zero one */

/* The last of these checks alone. */
PGR_MUST_CHECK pgr_err pgr_tokenizer_fits(const char *path, const struct pgr_config *cfg, const struct pgr_tok *tok);

#endif
