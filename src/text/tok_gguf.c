/* tok_gguf.c - the tokenizer in the metadata of a GGUF file.
 *
 * Such a file holds tokens, their types and merges, and only the name of its pre-tokenizer (tokenizer.ggml.pre). Types:
 * 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused (padding of the embedding matrix: no token), 6 byte. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "text/tok_impl.h"

const struct pgr_gguf_pre *pgr_gguf_pre_find(const char *name, size_t n) {
    static const struct pgr_gguf_pre known[] = {
        {"qwen2", pgr_pattern_qwen2, false, true, false},
        {"deepseek-r1-qwen", pgr_pattern_qwen2, false, true, false},
        {"llama-bpe", pgr_pattern_llama3, false, false, true},
        {"llama-v3", pgr_pattern_llama3, false, false, true},
        {"llama3", pgr_pattern_llama3, false, false, true},
        {"smollm", NULL, true, false, false},
        {"starcoder", NULL, true, false, false},
        {"gpt-2", NULL, false, false, false},
        {"gpt2", NULL, false, false, false},
    };
    for (size_t i = 0; i < PGR_COUNT(known); i++)
        if (strlen(known[i].name) == n && memcmp(known[i].name, name, n) == 0) return &known[i];
    return NULL;
}

enum { TYPE_NORMAL = 1, TYPE_UNKNOWN, TYPE_CONTROL, TYPE_USER, TYPE_UNUSED, TYPE_BYTE, N_TYPE };

static pgr_err load_tokens(struct pgr_tok *t, const struct pgr_gguf *g, const struct pgr_gguf_array *tokens,
                           const struct pgr_gguf_array *types) {
    const char *path = pgr_gguf_path(g);
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    for (size_t id = 0; id < tokens->n && err == PGR_OK; id++) {
        size_t n;
        const char *s = pgr_gguf_item_str(tokens, id, &n);
        int64_t type = types->n ? pgr_gguf_item_int(types, id) : TYPE_NORMAL;
        if (type < TYPE_NORMAL || type >= N_TYPE)
            err = pgr_fail(PGR_E_FORMAT, "%s: token %zu has type %lld, must be 1 to 6", path, id, (long long)type);
        else if (type != TYPE_UNUSED && (n == 0 || memchr(s, '\0', n) || !pgr_tok_is_text(s, n)))
            err = pgr_fail(PGR_E_FORMAT, "%s: token %zu is empty, has a NUL or is not UTF-8", path, id);
        if (err != PGR_OK || type == TYPE_UNUSED) continue;
        if (type == TYPE_CONTROL || type == TYPE_USER || type == TYPE_UNKNOWN) {
            struct pgr_added_token f = {.special = type != TYPE_USER};
            err = pgr_tok_put_added(t, (int64_t)id, s, n, f, false);
        } else {
            err = pgr_tok_put_piece(t, (int64_t)id, s, n, &b);
        }
        if (err != PGR_OK) err = pgr_fail_prefix(err, "%s", path);
    }
    pgr_buf_free(&b);
    if (err == PGR_OK) err = pgr_vocab_index(&t->vocab);
    return err;
}

static pgr_err load_role(const struct pgr_tok *t, const struct pgr_gguf *g, const char *key, int32_t *role) {
    size_t id = SIZE_MAX;
    PGR_TRY(pgr_gguf_size_opt(g, key, 0, UINT32_MAX, &id));
    if (id == SIZE_MAX || id == UINT32_MAX) return PGR_OK;
    if (!pgr_vocab_get(&t->vocab, (int64_t)id))
        return pgr_fail(PGR_E_RANGE, "%s: %s is %zu, which is no token", pgr_gguf_path(g), key, id);
    *role = (int32_t)id;
    return PGR_OK;
}

static pgr_err load_template(struct pgr_tok *t, const struct pgr_gguf *g) {
    const char *s = NULL;
    size_t n = 0;
    PGR_TRY(pgr_gguf_str_opt(g, "tokenizer.chat_template", &s, &n));
    if (!s || n == 0 || memchr(s, '\0', n)) return PGR_OK;
    t->template_text = pgr_strndup(s, n);
    if (!t->template_text) return pgr_fail(PGR_E_NOMEM, "no memory for a chat template");
    char *bos = NULL;
    const struct pgr_token *k = pgr_vocab_get(&t->vocab, t->roles.bos);
    if (k && !(bos = pgr_strndup(t->vocab.bytes + k->at, k->len))) return pgr_fail(PGR_E_NOMEM, "no memory");
    pgr_err err = pgr_chat_recognise(&t->chat, s, n, bos);
    pgr_free(bos);
    return err;
}

/* ARCHITECTURE.context_length */
static pgr_err load_context(struct pgr_tok *t, const struct pgr_gguf *g) {
    const char *arch;
    size_t n;
    char key[96];
    PGR_TRY(pgr_gguf_str(g, "general.architecture", &arch, &n));
    snprintf(key, sizeof key, "%.*s.context_length", (int)pgr_min(n, 64), arch);
    t->n_context = INT32_MAX;
    return pgr_gguf_size_opt(g, key, 1, INT32_MAX, &t->n_context);
}

pgr_err pgr_tok_load_gguf(struct pgr_tok *t, const struct pgr_gguf *g) {
    const char *path = pgr_gguf_path(g), *s;
    size_t n;
    struct pgr_gguf_array tokens, types, merges;
    bool prefix = false;
    t->is_gguf = true;
    PGR_TRY(pgr_gguf_str(g, "tokenizer.ggml.model", &s, &n));
    if (n != 4 || memcmp(s, "gpt2", 4) != 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: tokenizer.ggml.model \"%.*s\" is not supported, only \"gpt2\"", path,
                        (int)pgr_min(n, 64), s);
    PGR_TRY(pgr_gguf_str(g, "tokenizer.ggml.pre", &s, &n));
    t->pre = pgr_gguf_pre_find(s, n);
    if (!t->pre)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: pre-tokenizer \"%.*s\" (tokenizer.ggml.pre) is not supported", path,
                        (int)pgr_min(n, 64), s);
    PGR_TRY(pgr_gguf_bool_opt(g, "tokenizer.ggml.add_space_prefix", &prefix));
    if (prefix) return pgr_fail(PGR_E_UNSUPPORTED, "%s: tokenizer.ggml.add_space_prefix is not supported", path);
    PGR_TRY(pgr_gguf_bool_opt(g, "tokenizer.ggml.add_bos_token", &t->add_bos));
    PGR_TRY(pgr_gguf_array(g, "tokenizer.ggml.tokens", PGR_GGUF_STR, &tokens));
    PGR_TRY(pgr_gguf_array_opt(g, "tokenizer.ggml.token_type", PGR_GGUF_INT, &types));
    PGR_TRY(pgr_gguf_array(g, "tokenizer.ggml.merges", PGR_GGUF_STR, &merges));
    if (tokens.n == 0) return pgr_fail(PGR_E_FORMAT, "%s: the vocabulary is empty", path);
    if (types.n != 0 && types.n != tokens.n)
        return pgr_fail(PGR_E_FORMAT, "%s: %zu token types for %zu tokens", path, types.n, tokens.n);

    PGR_TRY(pgr_split_new(&t->split));
    t->nfc = t->pre->nfc;
    if (t->pre->digits) PGR_TRY(pgr_split_add_digits(t->split, path, true));
    PGR_TRY(pgr_split_add_regex(t->split, path, t->pre->pattern ? t->pre->pattern : pgr_pattern_gpt2, PGR_SPLIT_ALL));
    PGR_TRY(load_tokens(t, g, &tokens, &types));

    PGR_TRY(pgr_bpe_init(&t->bpe, &t->vocab, merges.n));
    t->bpe.ignore_merges = t->pre->ignore_merges;
    struct pgr_buf b[2] = {PGR_BUF_INIT, PGR_BUF_INIT};
    pgr_err err = PGR_OK;
    for (size_t i = 0; i < merges.n && err == PGR_OK; i++) {
        s = pgr_gguf_item_str(&merges, i, &n);
        err = pgr_tok_put_merge(t, path, i, s, n, b);
    }
    pgr_buf_free(&b[0]);
    pgr_buf_free(&b[1]);
    PGR_TRY(err);
    PGR_TRY(load_context(t, g));
    PGR_TRY(load_role(t, g, "tokenizer.ggml.bos_token_id", &t->roles.bos));
    PGR_TRY(load_role(t, g, "tokenizer.ggml.eos_token_id", &t->roles.eos));
    PGR_TRY(load_role(t, g, "tokenizer.ggml.padding_token_id", &t->roles.pad));
    PGR_TRY(load_role(t, g, "tokenizer.ggml.unknown_token_id", &t->roles.unk));
    return load_template(t, g);
}
