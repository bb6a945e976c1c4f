/* tok.h - byte-level BPE tokenizers of Hugging Face folders and GGUF files. */
#ifndef PGR_TEXT_TOK_H
#define PGR_TEXT_TOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct pgr_tok; /* immutable after opening: any number of threads may use it */

struct pgr_ids {
    int32_t *id; /* owned, pgr_ids_free */
    size_t n, cap;
};
void pgr_ids_free(struct pgr_ids *ids);
PGR_MUST_CHECK pgr_err pgr_ids_add(struct pgr_ids *ids, int32_t id);

/* `path`: a Hugging Face folder (tokenizer.json, chat template) or a GGUF file. */
PGR_MUST_CHECK pgr_err pgr_tok_open(const char *path, struct pgr_tok **out);
void pgr_tok_close(struct pgr_tok *t);

/* Appends the ids of text[n] (any bytes). With parse_special the text of added tokens becomes their ids, as in
 * `tokenizers`; without, it is ordinary text (use for untrusted text inside a template). No BOS is added. */
PGR_MUST_CHECK pgr_err pgr_tok_encode(const struct pgr_tok *t, const char *text, size_t n, bool parse_special,
                                      struct pgr_ids *out);
/* Appends the bytes of ids; unknown ids are PGR_E_RANGE. skip_special leaves out special tokens. The bytes of one token
 * may be part of a UTF-8 sequence: concatenated pieces are exact. */
PGR_MUST_CHECK pgr_err pgr_tok_decode(const struct pgr_tok *t, const int32_t *id, size_t n, bool skip_special,
                                      struct pgr_buf *out);
/* The id of exactly this token text ("<|im_end|>"), or -1. */
int32_t pgr_tok_find(const struct pgr_tok *t, const char *piece);
size_t pgr_tok_n_vocab(const struct pgr_tok *t); /* largest id + 1 */
bool pgr_tok_is_special(const struct pgr_tok *t, int32_t id);

struct pgr_msg {
    const char *role, *content; /* NUL-terminated UTF-8 */
};
/* Appends the chat rendering of the model's own template (known families; others are PGR_E_UNSUPPORTED and say so). */
PGR_MUST_CHECK pgr_err pgr_chat_render(const struct pgr_tok *t, const struct pgr_msg *msg, size_t n,
                                       bool add_generation_prompt, struct pgr_buf *out);
/* The ids of that rendering; message contents cannot inject special tokens. */
PGR_MUST_CHECK pgr_err pgr_chat_encode(const struct pgr_tok *t, const struct pgr_msg *msg, size_t n,
                                       bool add_generation_prompt, struct pgr_ids *out);
/* "chatml-qwen2.5", "llama3", ... ; NULL when the model has no template we know. */
const char *pgr_chat_family(const struct pgr_tok *t);

/* Writes tokenizer.json, tokenizer_config.json, chat_template.jinja, special_tokens_map.json into dir: carried over
 * from a folder, or made anew from a GGUF file. */
PGR_MUST_CHECK pgr_err pgr_tok_save(const struct pgr_tok *t, const char *dir);

#endif
