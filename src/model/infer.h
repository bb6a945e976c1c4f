/* infer.h - inference over a paged key/value cache: prefill and decoding in one call.
 *
 * Pages hold PGR_ATTN_BLOCK positions. Sequences are page tables; forking one shares its full pages and copies the
 * last, partly filled one, so a group's prompt is computed and stored once. */
#ifndef PGR_MODEL_INFER_H
#define PGR_MODEL_INFER_H

#include "model/model.h"

struct pgr_kv; /* the cache of all layers */

/* n_page pages of every layer; max_seq sequences of at most max_len positions. PGR_E_NOMEM says the bytes. */
PGR_MUST_CHECK pgr_err pgr_kv_new(const struct pgr_model *m, size_t n_page, size_t max_seq, size_t max_len,
                                  struct pgr_kv **out);
void pgr_kv_free(struct pgr_kv *kv);
size_t pgr_kv_bytes(const struct pgr_config *cfg, enum pgr_dtype dtype, size_t n_page);
size_t pgr_kv_pages_free(const struct pgr_kv *kv);

/* A new empty sequence / a copy-on-write copy. PGR_E_NOMEM when no sequence slot (or page for the partly filled one) is
 * free. */
PGR_MUST_CHECK pgr_err pgr_kv_open(struct pgr_kv *kv, size_t *seq);
PGR_MUST_CHECK pgr_err pgr_kv_fork(struct pgr_kv *kv, size_t seq, size_t *copy);
void pgr_kv_close(struct pgr_kv *kv, size_t seq); /* its pages go back unless shared */
size_t pgr_kv_len(const struct pgr_kv *kv, size_t seq);

struct pgr_feed {
    size_t seq;
    const int32_t *token; /* appended to the sequence */
    size_t n_tok;         /* >= 1 */
};

/* Appends the tokens of every feed and leaves the final-norm hidden state of each feed's last token for
 * pgr_infer_logits. PGR_E_NOMEM when pages run out: nothing was appended. Total tokens at most max_rows of
 * pgr_infer_new. */
struct pgr_infer;
PGR_MUST_CHECK pgr_err pgr_infer_new(struct pgr_model *m, struct pgr_kv *kv, size_t max_rows, struct pgr_infer **out);
void pgr_infer_free(struct pgr_infer *inf);
PGR_MUST_CHECK pgr_err pgr_infer_step(struct pgr_infer *inf, size_t n_feed, const struct pgr_feed *feed);

/* float32 logits of feeds [i0, i0 + n) of the last step into out[n, n_vocab]. */
void pgr_infer_logits(struct pgr_infer *inf, size_t i0, size_t n, float *out);

/* The same in blocks of PGR_OPS_VOCAB columns (kern/ops.h), each handed to fn by the thread that computed it, in whose
 * cache it lies: y[i * PGR_OPS_VOCAB + j] is feed i0 + row0 + i, column col0 + j. */
void pgr_infer_logits_each(struct pgr_infer *inf, size_t i0, size_t n, pgr_gemm_block_fn fn, void *ctx);

#endif
