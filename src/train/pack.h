/* pack.h - packing prompts and completions into passes over the model.
 *
 * A pass is a packed batch (model/model.h): a segment for a prompt, then one for each of its completions that names it
 * as parent, so a group's prompt is computed once. There is no padding: what a pass costs is its tokens. Groups are put
 * into as few passes as first-fit-decreasing finds; a group that does not fit is split, its prompt repeated. */
#ifndef PGR_TRAIN_PACK_H
#define PGR_TRAIN_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"

/* One completion to pack. Sequences of one prompt lie one after another and have equal `group`. */
struct pgr_seq {
    size_t group;
    const int32_t *prompt; /* [n_prompt], n_prompt >= 1; borrowed as long as the passes live */
    size_t n_prompt;
    const int32_t *completion; /* [n_completion], >= 1; likewise */
    size_t n_completion;
};

/* One pass. The last token of a completion is only a target: it is not fed. */
struct pgr_pass {
    struct pgr_batch batch; /* its arrays are owned by the pass */
    size_t n_row;           /* completion tokens: rows of the head */
    uint32_t *row;          /* [n_row] token index whose hidden state predicts the row's target */
    int32_t *target;        /* [n_row] */
    size_t n_seq;
    size_t *seq;       /* [n_seq] indices into the packed sequences, ascending within a group */
    size_t *row_start; /* [n_seq + 1] rows of seq[i] are [row_start[i], row_start[i + 1]) */
};

struct pgr_passes {
    struct pgr_pass *pass; /* owned */
    size_t n;
    size_t max_tok, max_seg, max_row; /* largest of any pass */
};

/* PGR_E_SHAPE if a prompt with one completion has more than max_tok tokens. n may be 0. */
PGR_MUST_CHECK pgr_err pgr_pack(const struct pgr_seq *seq, size_t n, size_t max_tok, struct pgr_passes *out);
void pgr_passes_free(struct pgr_passes *p);

#endif
