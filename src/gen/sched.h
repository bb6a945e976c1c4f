/* sched.h - continuous batching: which sequences exist, what each step feeds, and who may start.
 *
 * A group is one prompt with its samples. With more than one sample, the prompt without its last token is computed in a
 * sequence of its own, the root; each sample forks the root and begins with the prompt's last token. So every sample is
 * the same kind of sequence from its first step on, and one that starts late needs nothing kept from the prompt's own
 * step (price: one row more per sample).
 *
 * Admission. Samples start in order of groups, then samples; none overtakes. A sample reserves the pages of its longest
 * form beyond the full pages it shares; a root's pages are reserved until its group is done. One starts when a slot is
 * free and its reservation fits, so pages never run out.
 *
 * A step feeds one token of every decoding sample and fills the rest of the rows with prompt tokens, oldest first. */
#ifndef PGR_GEN_SCHED_H
#define PGR_GEN_SCHED_H

#include "gen/gen.h"

struct pgr_sched;

/* max_len and max_batch are not 0 here. Borrows model and tokenizer until freed. */
PGR_MUST_CHECK pgr_err pgr_sched_new(struct pgr_model *m, const struct pgr_tok *tok, const struct pgr_gen_opts *o,
                                     struct pgr_sched **out);
void pgr_sched_free(struct pgr_sched *sc);

/* Queues a prompt; `index` goes into the completions. Borrows both until its completions are delivered. Errors as in
 * pgr_generate; nothing is queued then. */
PGR_MUST_CHECK pgr_err pgr_sched_add(struct pgr_sched *sc, const struct pgr_prompt *prompt,
                                     const struct pgr_sampling *how, size_t index);
bool pgr_sched_idle(const struct pgr_sched *sc);

/* One forward pass and one token for each decoding sample. fn gets what finished. */
PGR_MUST_CHECK pgr_err pgr_sched_step(struct pgr_sched *sc, pgr_completion_fn fn, void *ctx);
/* Delivers all that run as stopped by the caller and forgets what has not started. */
PGR_MUST_CHECK pgr_err pgr_sched_stop(struct pgr_sched *sc, pgr_completion_fn fn, void *ctx);

size_t pgr_sched_n_active(const struct pgr_sched *sc);
size_t pgr_sched_n_done(const struct pgr_sched *sc);
const struct pgr_gen_stats *pgr_sched_stats(const struct pgr_sched *sc);

#endif
