/* split.h - pre-tokenizers: cut a text into the pieces that byte-pair encoding then works on, one by one.
 *
 * A splitter is a row of stages; each cuts every piece of the one before it. The regular expressions of tokenizer files
 * are written for Oniguruma and run here in PCRE2, so only constructs that mean the same in both are accepted (see
 * split_pattern.c), and characters that the two know from different Unicode versions are replaced, in a copy of the
 * text that only the matcher sees, by an old character of the class that `tokenizers` takes them for. */
#ifndef PGR_TEXT_SPLIT_H
#define PGR_TEXT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum pgr_split_keep {
    PGR_SPLIT_ALL,     /* matches and what lies between them are pieces ("Isolated") */
    PGR_SPLIT_MATCHES, /* matches are pieces, the rest is dropped ("Removed", inverted) */
    PGR_SPLIT_GAPS     /* the rest are pieces, matches are dropped ("Removed") */
};

/* The pattern of GPT-2, which the ByteLevel pre-tokenizer has built in; of Qwen2 to Qwen3; of Llama 3. */
extern const char pgr_pattern_gpt2[], pgr_pattern_qwen2[], pgr_pattern_llama3[];

struct pgr_split; /* immutable once built: any number of threads may use it, each with its own scratch */

/* PGR_E_NOMEM. An empty splitter leaves a text in one piece. */
PGR_MUST_CHECK pgr_err pgr_split_new(struct pgr_split **out);
void pgr_split_free(struct pgr_split *s);

/* Adds a stage. `where` names the file in messages. PGR_E_UNSUPPORTED names a construct that is not accepted,
 * PGR_E_FORMAT says why a pattern does not compile. */
PGR_MUST_CHECK pgr_err pgr_split_add_regex(struct pgr_split *s, const char *where, const char *pattern,
                                           enum pgr_split_keep keep);
/* Digits: each number character alone, or runs of them. */
PGR_MUST_CHECK pgr_err pgr_split_add_digits(struct pgr_split *s, const char *where, bool individual);

struct pgr_split_scratch {
    void *match, *stack, *context; /* private */
    struct pgr_buf shadow;
};
void pgr_split_scratch_free(struct pgr_split_scratch *x); /* takes a zero *x */

/* Called with each piece in order, none empty; borrowed from the text. */
typedef pgr_err (*pgr_piece_fn)(void *ctx, const char *piece, size_t n);

/* Cuts text[n], well-formed UTF-8. A zero *x is ready for use. PGR_E_NOMEM; PGR_E_RANGE when a pattern needs more
 * steps than the matcher allows; or what fn returns. */
PGR_MUST_CHECK pgr_err pgr_split_run(const struct pgr_split *s, struct pgr_split_scratch *x, const char *text, size_t n,
                                     pgr_piece_fn fn, void *ctx);

/* PGR_E_UNSUPPORTED unless every construct of the pattern means the same in Oniguruma and PCRE2. */
PGR_MUST_CHECK pgr_err pgr_split_check_pattern(const char *where, const char *pattern);

#endif
