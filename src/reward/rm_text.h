/* rm_text.h - the text a reward model reads, the same in training and in scoring.
 *
 * It is the model's own chat template applied to two messages,
 *     user:       the task's statement, as in the data (no instructions, no system message of ours)
 *     assistant:  the reasoning, without its <think> tags and surrounding white space
 * with no generation prompt: what transformers gives for apply_chat_template([...], add_generation_prompt=False). A
 * template that adds a system message of its own (Qwen2.5) does so here too. The score is read at the last token, which
 * is also the rightmost one that is not padding, so AutoModelForSequenceClassification pools at the same place.
 *
 * A text of more than max_len tokens loses its first ones (truncation_side = "left"). NUL bytes, which no template
 * carries, become spaces. */
#ifndef PGR_REWARD_RM_TEXT_H
#define PGR_REWARD_RM_TEXT_H

#include "text/tok.h"

/* Appends the ids. reasoning[n_bytes]: any bytes. max_len >= 1. PGR_E_UNSUPPORTED: a model without a known template. */
PGR_MUST_CHECK pgr_err pgr_rm_encode(const struct pgr_tok *tok, const char *prompt, const char *reasoning,
                                     size_t n_bytes, size_t max_len, struct pgr_ids *out);

#endif
