/* model_arg.c - opening a model argument. */
#include "cli/model_arg.h"

#include "base/mem.h"
#include "cli/cache.h"

pgr_err pgr_tokenizer_fits(const char *path, const struct pgr_config *cfg, const struct pgr_tok *tok) {
    if (pgr_tok_n_vocab(tok) <= cfg->n_vocab) return PGR_OK;
    return pgr_fail(PGR_E_SHAPE, "%s: the tokenizer has %zu ids, the model only %zu embeddings", path,
                    pgr_tok_n_vocab(tok), cfg->n_vocab);
}

pgr_err pgr_model_arg_open(const char *arg, struct pgr_model_arg *out) {
    struct pgr_model_arg a = {0};
    PGR_TRY(pgr_model_path_resolve(arg, &a.path));
    /* The configuration first: its refusals say best what is wrong with a path. */
    pgr_err err = pgr_config_load(a.path, &a.cfg);
    if (err == PGR_OK) err = pgr_tok_open(a.path, &a.tok);
    if (err == PGR_OK) err = pgr_tokenizer_fits(a.path, &a.cfg, a.tok);
    if (err == PGR_OK)
        *out = a;
    else
        pgr_model_arg_close(&a);
    return err;
}

void pgr_model_arg_close(struct pgr_model_arg *a) {
    pgr_free(a->path);
    pgr_tok_close(a->tok);
    *a = (struct pgr_model_arg){0};
}
