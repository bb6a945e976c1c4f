/* chat.h - the chat templates we know, rendered in C instead of Jinja.
 *
 * A template is recognised by its own text (chat_family.c), whatever its layout; one that is not known is refused,
 * never guessed. Messages have the roles system, user and assistant; tools are not rendered. */
#ifndef PGR_TEXT_CHAT_H
#define PGR_TEXT_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "text/tok.h"

enum pgr_chat_kind {
    PGR_CHAT_NONE,
    PGR_CHAT_CHATML, /* <|im_start|>role\n ... <|im_end|>\n */
    PGR_CHAT_QWEN3,  /* the same, and reasoning of earlier turns is left out */
    PGR_CHAT_LLAMA3, /* <|start_header_id|>role<|end_header_id|>\n\n ... <|eot_id|> */
    PGR_CHAT_LLAMA31 /* the same, and a system turn with two dates always comes first */
};

struct pgr_chat {
    enum pgr_chat_kind kind;
    const char *family; /* static; NULL when the template is not known */
    char *system;       /* owned: the system message when the chat starts without one; NULL: none */
    char *bos;          /* owned: what bos_token stands for */
    bool opens_think;   /* the generation prompt ends with <think>\n */
};

/* Recognises template[n] and fills *c (kind PGR_CHAT_NONE when it is not known). bos: the tokenizer's bos token, may be
 * NULL. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_chat_recognise(struct pgr_chat *c, const char *text, size_t n, const char *bos);
void pgr_chat_free(struct pgr_chat *c);

/* The rendering, piece by piece: own = text of the template, else text of a message. */
typedef pgr_err (*pgr_chat_fn)(void *ctx, const char *s, size_t n, bool own);
PGR_MUST_CHECK pgr_err pgr_chat_each(const struct pgr_chat *c, const struct pgr_msg *msg, size_t n,
                                     bool add_generation_prompt, pgr_chat_fn fn, void *ctx);

#endif
