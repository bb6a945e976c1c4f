/* tok_impl.h - what the files of a tokenizer share; nobody else includes it. */
#ifndef PGR_TEXT_TOK_IMPL_H
#define PGR_TEXT_TOK_IMPL_H

#include <pthread.h>

#include "fmt/gguf.h"
#include "text/added.h"
#include "text/bpe.h"
#include "text/chat.h"
#include "text/split.h"
#include "text/tok.h"
#include "text/vocab.h"

/* What one encoding call needs for itself. Calls take one from the pool and put it back, so that a thread that calls
 * often meets a warm cache of words. */
struct pgr_tok_scratch {
    struct pgr_split_scratch split;
    struct pgr_bpe_scratch bpe;
    struct pgr_buf normal; /* normalised text */
    struct pgr_tok_scratch *next;
};

struct pgr_tok_pool {
    pthread_mutex_t lock;
    struct pgr_tok_scratch *free;
};

/* Ids that have a role in files; -1 = none. */
struct pgr_tok_roles {
    int32_t bos, eos, pad, unk;
};

struct pgr_gguf_pre;

struct pgr_tok {
    char *path; /* of the folder or GGUF file */
    bool is_gguf;
    struct pgr_vocab vocab;
    struct pgr_bpe bpe;
    struct pgr_split *split;
    bool nfc;
    struct pgr_added added;      /* looked for in the text as it is */
    struct pgr_added normalized; /* looked for in the normalised text */
    struct pgr_tok_roles roles;
    bool add_bos;                   /* of a GGUF file: its model expects BOS before a text */
    size_t n_context;               /* of a GGUF file: the longest text of its model, tokens */
    const struct pgr_gguf_pre *pre; /* of a GGUF file */
    struct pgr_chat chat;
    char *template_text; /* the chat template, NULL if there is none */
    struct pgr_tok_pool *pool;
};

/* An empty one; `path` is for messages. Closed with pgr_tok_close. */
PGR_MUST_CHECK pgr_err pgr_tok_new(const char *path, struct pgr_tok **out);

/* Fill an empty tokenizer. Errors name the file. The text[n] of a tokenizer.json alone; the whole of a folder; the
 * metadata of a GGUF file. */
PGR_MUST_CHECK pgr_err pgr_tok_load_json_text(struct pgr_tok *t, const char *where, const char *text, size_t n);
PGR_MUST_CHECK pgr_err pgr_tok_load_folder(struct pgr_tok *t, const char *dir);
PGR_MUST_CHECK pgr_err pgr_tok_load_gguf(struct pgr_tok *t, const struct pgr_gguf *g);

/* Building one; the texts are well-formed UTF-8, *b is room to work in. */
bool pgr_tok_is_text(const char *s, size_t n);
/* A token of the model's vocabulary, in the byte alphabet. */
PGR_MUST_CHECK pgr_err pgr_tok_put_piece(struct pgr_tok *t, int64_t id, const char *piece, size_t n, struct pgr_buf *b);
/* A merge of two such tokens, apart or with one space between; the vocabulary must be indexed. */
PGR_MUST_CHECK pgr_err pgr_tok_put_pair(struct pgr_tok *t, const char *where, size_t rank, const char *const part[2],
                                        const size_t n[2], struct pgr_buf b[2]);
PGR_MUST_CHECK pgr_err pgr_tok_put_merge(struct pgr_tok *t, const char *where, size_t rank, const char *s, size_t n,
                                         struct pgr_buf b[2]);
/* An added token, n > 0, into the vocabulary and its table. */
PGR_MUST_CHECK pgr_err pgr_tok_put_added(struct pgr_tok *t, int64_t id, const char *text, size_t n,
                                         struct pgr_added_token flags, bool normalized);

/* The pre-tokenizer that a GGUF file names; used for reading such a file and for writing tokenizer.json from it. */
struct pgr_gguf_pre {
    const char *name;    /* tokenizer.ggml.pre */
    const char *pattern; /* of a Split before ByteLevel; NULL: ByteLevel's own */
    bool digits;         /* Digits (individual) first */
    bool nfc, ignore_merges;
};
/* NULL for an unknown name. */
const struct pgr_gguf_pre *pgr_gguf_pre_find(const char *name, size_t n);

#endif
