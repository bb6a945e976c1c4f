/* reply.h - the JSON of an endpoint's replies; internal to net/. */
#ifndef PGR_NET_REPLY_H
#define PGR_NET_REPLY_H

#include "base/buf.h"
#include "net/client.h"

/* Reads the body of a reply of status 200: choices[0].message.content of a chat, choices[0].text of a text to continue,
 * finish_reason and usage. Fills text, n_bytes, reasoning, finish and the numbers of *out, the rest is left alone.
 * PGR_E_FORMAT with a message that says what is wrong (also for {"error": ...}); PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_net_reply_parse(const char *body, size_t n, bool chat, struct pgr_net_reply *out);

/* Appends what a body of another status says: error.message, error, message or detail of JSON, else its first words.
 * One line of at most 300 bytes of UTF-8; nothing for an empty body. `secret` (NULL: none) becomes "***". */
void pgr_net_error_text(const char *body, size_t n, const char *secret, struct pgr_buf *out);

/* Overwrites every occurrence of a secret in text[n] with asterisks. Takes NULL. */
void pgr_net_blot(char *text, size_t n, const char *secret);

#endif
