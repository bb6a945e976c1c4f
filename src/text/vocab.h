/* vocab.h - the tokens of a tokenizer: bytes by id, id by bytes. */
#ifndef PGR_TEXT_VOCAB_H
#define PGR_TEXT_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Ids are below this: far above any real vocabulary, and small enough for tables by id. */
enum { PGR_VOCAB_MAX = 1 << 22 };

enum pgr_token_flag {
    PGR_TOKEN_PRESENT = 1,
    PGR_TOKEN_MODEL = 2,   /* of the model's vocabulary: merges may make it */
    PGR_TOKEN_ADDED = 4,   /* an added token: found in a text before anything else */
    PGR_TOKEN_SPECIAL = 8, /* an added token flagged special */
    PGR_TOKEN_RAW = 16     /* its text has characters outside the byte alphabet, so no text is ever encoded to it */
};

struct pgr_token {
    size_t at; /* in pgr_vocab.bytes */
    uint32_t len;
    uint32_t flags;
};

struct pgr_vocab {
    struct pgr_token *token; /* [n], n = largest id + 1; ids may be missing in between */
    size_t n, cap;
    char *bytes; /* of all tokens, one after another */
    size_t n_bytes, cap_bytes;
    uint32_t *slot; /* [mask + 1] hash table of the model's tokens: id + 1, 0 = free */
    size_t mask;
};

void pgr_vocab_free(struct pgr_vocab *v);

/* Sets a token that is not there yet, or adds flags to one with the same bytes. PGR_E_FORMAT when the id is taken by
 * another text, PGR_E_RANGE for an id outside 0..PGR_VOCAB_MAX-1. */
PGR_MUST_CHECK pgr_err pgr_vocab_put(struct pgr_vocab *v, int64_t id, const char *bytes, size_t n, uint32_t flags);

/* Makes the hash table, after the last put. PGR_E_FORMAT when two of the model's tokens have the same bytes. */
PGR_MUST_CHECK pgr_err pgr_vocab_index(struct pgr_vocab *v);

/* The id of the model's token with exactly these bytes, or -1. */
int32_t pgr_vocab_find(const struct pgr_vocab *v, const char *bytes, size_t n);

/* Borrowed; NULL if there is no such id. */
const struct pgr_token *pgr_vocab_get(const struct pgr_vocab *v, int64_t id);

/* A hash of short byte strings; not for hostile keys without a limit on their number. */
uint64_t pgr_hash_bytes(const char *s, size_t n);

/* The byte alphabet of GPT-2: in vocabulary files each byte stands as one printable character, the 188 printable
 * Latin-1 ones as themselves, the others as U+0100 and up in order. */
uint32_t pgr_byte_char(unsigned char byte);
/* Turns piece[n] (well-formed UTF-8 in that alphabet) into its bytes, out[n] large enough; false when a character is
 * not of the alphabet. */
bool pgr_byte_chars_decode(const char *piece, size_t n, char *out, size_t *n_out);

#endif
