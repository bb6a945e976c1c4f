/* tok.c - opening, encoding, decoding.
 *
 * A text goes through: added tokens; well-formed stretches and stray bytes; the normaliser; added tokens spelled
 * normalised; the pre-tokenizers; byte-pair encoding. `tokenizers` takes only well-formed text; here a stretch of bytes
 * that are not UTF-8 is a piece of its own, and the text on each side of it is encoded as if it stood alone. */
#include "text/tok.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/nfc.h"
#include "text/tok_impl.h"
#include "text/utf8.h"

pgr_err pgr_tok_new(const char *path, struct pgr_tok **out) {
    struct pgr_tok *t = pgr_alloc_zero(1, sizeof *t);
    if (!t) return pgr_fail(PGR_E_NOMEM, "no memory for a tokenizer");
    t->bpe.unk = -1;
    t->roles = (struct pgr_tok_roles){-1, -1, -1, -1};
    pgr_added_init(&t->added);
    pgr_added_init(&t->normalized);
    t->path = pgr_strdup(path);
    t->pool = pgr_alloc_zero(1, sizeof *t->pool);
    if (t->pool && pthread_mutex_init(&t->pool->lock, NULL) != 0) {
        pgr_free(t->pool);
        t->pool = NULL;
    }
    if (!t->path || !t->pool) {
        pgr_tok_close(t);
        return pgr_fail(PGR_E_NOMEM, "no memory for a tokenizer");
    }
    *out = t;
    return PGR_OK;
}

static void scratch_free(struct pgr_tok_scratch *x) {
    pgr_split_scratch_free(&x->split);
    pgr_bpe_scratch_free(&x->bpe);
    pgr_buf_free(&x->normal);
    pgr_free(x);
}

void pgr_tok_close(struct pgr_tok *t) {
    if (!t) return;
    if (t->pool) {
        while (t->pool->free) {
            struct pgr_tok_scratch *x = t->pool->free;
            t->pool->free = x->next;
            scratch_free(x);
        }
        pthread_mutex_destroy(&t->pool->lock);
        pgr_free(t->pool);
    }
    pgr_vocab_free(&t->vocab);
    pgr_bpe_free(&t->bpe);
    pgr_split_free(t->split);
    pgr_added_free(&t->added);
    pgr_added_free(&t->normalized);
    pgr_chat_free(&t->chat);
    pgr_free(t->template_text);
    pgr_free(t->path);
    pgr_free(t);
}

static pgr_err load_gguf_file(struct pgr_tok *t, const char *path) {
    struct pgr_gguf *g;
    PGR_TRY(pgr_gguf_open(path, &g));
    pgr_err err = pgr_tok_load_gguf(t, g);
    pgr_gguf_close(g);
    return err;
}

pgr_err pgr_tok_open(const char *path, struct pgr_tok **out) {
    struct pgr_tok *t = NULL;
    pgr_err err = PGR_OK;
    if (!pgr_file_exists(path)) return pgr_fail(PGR_E_NOTFOUND, "%s: no such file or folder", path);
    PGR_TRY(pgr_tok_new(path, &t));
    if (pgr_is_dir(path))
        err = pgr_tok_load_folder(t, path);
    else if (pgr_is_gguf(path))
        err = load_gguf_file(t, path);
    else
        err = pgr_fail(PGR_E_FORMAT, "%s: neither a folder with tokenizer.json nor a GGUF file", path);
    if (err != PGR_OK) {
        pgr_tok_close(t);
        return err;
    }
    *out = t;
    return PGR_OK;
}

/* ---- encoding ---------------------------------------------------------------------------------------------- */

struct encoding {
    const struct pgr_tok *tok;
    struct pgr_tok_scratch *x;
    enum pgr_added_which which;
    struct pgr_ids *out;
};

static pgr_err encode_piece(void *ctx, const char *piece, size_t n) {
    struct encoding *e = ctx;
    return pgr_bpe_encode(&e->tok->bpe, &e->x->bpe, piece, n, e->out);
}

static pgr_err encode_words(struct encoding *e, const char *text, size_t n) {
    return pgr_split_run(e->tok->split, &e->x->split, text, n, encode_piece, e);
}

typedef pgr_err (*text_fn)(struct encoding *e, const char *text, size_t n);

/* Cuts the text at added tokens; `rest` gets what lies between. */
static pgr_err encode_added(struct encoding *e, const struct pgr_added *a, const char *text, size_t n, text_fn rest) {
    size_t at = 0, done = 0, before = 0;
    struct pgr_added_match m;
    while (pgr_added_next(a, e->which, text, n, &at, &done, &m)) {
        if (before < m.begin) PGR_TRY(rest(e, text + before, m.begin - before));
        PGR_TRY(pgr_ids_add(e->out, m.id));
        before = m.end;
    }
    return before < n ? rest(e, text + before, n - before) : PGR_OK;
}

static pgr_err encode_valid(struct encoding *e, const char *text, size_t n) {
    if (e->tok->nfc && !pgr_nfc_is_inert(text, n)) {
        pgr_buf_clear(&e->x->normal);
        PGR_TRY(pgr_nfc(text, n, &e->x->normal));
        text = pgr_buf_str(&e->x->normal);
        n = e->x->normal.len;
    }
    return encode_added(e, &e->tok->normalized, text, n, encode_words);
}

static pgr_err encode_any(struct encoding *e, const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t valid = pgr_utf8_valid_prefix(text + i, n - i);
        if (valid > 0) PGR_TRY(encode_valid(e, text + i, valid));
        i += valid;
        size_t stray = i;
        while (i < n && pgr_utf8_len(text + i, n - i) == 0) i++;
        if (i > stray) PGR_TRY(encode_piece(e, text + stray, i - stray));
    }
    return PGR_OK;
}

static pgr_err take_scratch(struct pgr_tok_pool *pool, struct pgr_tok_scratch **out) {
    pthread_mutex_lock(&pool->lock);
    *out = pool->free;
    if (*out) pool->free = (*out)->next;
    pthread_mutex_unlock(&pool->lock);
    if (*out) return PGR_OK;
    *out = pgr_alloc_zero(1, sizeof **out);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "no memory to encode a text");
}

static void give_back(struct pgr_tok_pool *pool, struct pgr_tok_scratch *x) {
    pthread_mutex_lock(&pool->lock);
    x->next = pool->free;
    pool->free = x;
    pthread_mutex_unlock(&pool->lock);
}

static pgr_err encode(const struct pgr_tok *t, enum pgr_added_which which, const char *text, size_t n,
                      struct pgr_ids *out) {
    struct encoding e = {t, NULL, which, out};
    if (n > INT32_MAX) return pgr_fail(PGR_E_RANGE, "a text of %zu bytes; at most 2 GiB can be encoded at once", n);
    PGR_TRY(take_scratch(t->pool, &e.x));
    size_t before = out->n;
    pgr_err err = encode_added(&e, &t->added, text, n, encode_any);
    give_back(t->pool, e.x);
    if (err != PGR_OK) out->n = before;
    return err;
}

pgr_err pgr_tok_encode(const struct pgr_tok *t, const char *text, size_t n, bool parse_special, struct pgr_ids *out) {
    return encode(t, parse_special ? PGR_ADDED_ALL : PGR_ADDED_NONE, text, n, out);
}

/* ---- decoding and look-up ---------------------------------------------------------------------------------- */

pgr_err pgr_tok_decode(const struct pgr_tok *t, const int32_t *id, size_t n, bool skip_special, struct pgr_buf *out) {
    for (size_t i = 0; i < n; i++) {
        const struct pgr_token *k = pgr_vocab_get(&t->vocab, id[i]);
        if (!k)
            return pgr_fail(PGR_E_RANGE, "%s: token id %d at place %zu is not in the vocabulary (0..%zu)", t->path,
                            (int)id[i], i, t->vocab.n ? t->vocab.n - 1 : 0);
        if (skip_special && k->flags & PGR_TOKEN_SPECIAL) continue;
        pgr_buf_add(out, t->vocab.bytes + k->at, k->len);
    }
    return pgr_buf_ok(out);
}

int32_t pgr_tok_find(const struct pgr_tok *t, const char *piece) {
    size_t n = strlen(piece);
    const struct pgr_added *tables[] = {&t->added, &t->normalized};
    for (size_t k = 0; k < PGR_COUNT(tables); k++)
        for (size_t i = 0; i < tables[k]->n; i++)
            if (tables[k]->token[i].n == n && memcmp(tables[k]->token[i].text, piece, n) == 0)
                return tables[k]->token[i].id;
    return pgr_vocab_find(&t->vocab, piece, n);
}

size_t pgr_tok_n_vocab(const struct pgr_tok *t) { return t->vocab.n; }

bool pgr_tok_is_special(const struct pgr_tok *t, int32_t id) {
    const struct pgr_token *k = pgr_vocab_get(&t->vocab, id);
    return k && k->flags & PGR_TOKEN_SPECIAL;
}

/* ---- chat -------------------------------------------------------------------------------------------------- */

const char *pgr_chat_family(const struct pgr_tok *t) { return t->chat.family; }

static pgr_err check_chat(const struct pgr_tok *t) {
    if (t->chat.kind != PGR_CHAT_NONE) return PGR_OK;
    if (!t->template_text) return pgr_fail(PGR_E_UNSUPPORTED, "%s: the model has no chat template", t->path);
    return pgr_fail(PGR_E_UNSUPPORTED,
                    "%s: the chat template is none of the known families (ChatML, Qwen2, Qwen2.5, Qwen3, SmolLM2, "
                    "Llama 3 to 3.3); give prompts as plain text",
                    t->path);
}

static pgr_err render_piece(void *ctx, const char *s, size_t n, bool own) {
    (void)own;
    pgr_buf_add(ctx, s, n);
    return PGR_OK;
}

pgr_err pgr_chat_render(const struct pgr_tok *t, const struct pgr_msg *msg, size_t n, bool add_generation_prompt,
                        struct pgr_buf *out) {
    PGR_TRY(check_chat(t));
    PGR_TRY(pgr_chat_each(&t->chat, msg, n, add_generation_prompt, render_piece, out));
    return pgr_buf_ok(out);
}

/* Text between two control tokens of the template is encoded as a whole, as it would be in the rendered text. */
struct chat_encoding {
    const struct pgr_tok *tok;
    struct pgr_buf text;
    struct pgr_ids *out;
};

static pgr_err flush(struct chat_encoding *e) {
    PGR_TRY(pgr_buf_ok(&e->text));
    PGR_TRY(encode(e->tok, PGR_ADDED_HARMLESS, pgr_buf_str(&e->text), e->text.len, e->out));
    pgr_buf_clear(&e->text);
    return PGR_OK;
}

static pgr_err encode_chat_piece(void *ctx, const char *s, size_t n, bool own) {
    struct chat_encoding *e = ctx;
    size_t at = 0, done = 0, before = 0;
    struct pgr_added_match m;
    while (own && pgr_added_next(&e->tok->added, PGR_ADDED_ALL, s, n, &at, &done, &m)) {
        if (!pgr_tok_is_special(e->tok, m.id)) continue; /* found again as a harmless one */
        pgr_buf_add(&e->text, s + before, m.begin - before);
        PGR_TRY(flush(e));
        PGR_TRY(pgr_ids_add(e->out, m.id));
        before = m.end;
    }
    pgr_buf_add(&e->text, s + before, n - before);
    return PGR_OK;
}

pgr_err pgr_chat_encode(const struct pgr_tok *t, const struct pgr_msg *msg, size_t n, bool add_generation_prompt,
                        struct pgr_ids *out) {
    struct chat_encoding e = {t, PGR_BUF_INIT, out};
    size_t before = out->n;
    PGR_TRY(check_chat(t));
    pgr_err err = pgr_chat_each(&t->chat, msg, n, add_generation_prompt, encode_chat_piece, &e);
    if (err == PGR_OK) err = flush(&e);
    pgr_buf_free(&e.text);
    if (err != PGR_OK) out->n = before;
    return err;
}
