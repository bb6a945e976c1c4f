/* lora.h - a low-rank change of a matrix and its gradient.
 *
 *     W = W0 + scale B A      W, W0 [out, in], A [rank, in], B [out, rank], all float32, row by row
 *
 * Runs on the pool; the same bits for any number of threads. */
#ifndef PGR_KERN_LORA_H
#define PGR_KERN_LORA_H

#include <stddef.h>

struct pgr_lora_dim {
    size_t out, in, rank;
    float scale;
};

/* w = w0 + scale b a. w may be w0. */
void pgr_lora_merge(const struct pgr_lora_dim *d, const float *w0, const float *a, const float *b, float *w);

/* From dw = d loss / d W:  da += scale b^T dw,  db += scale dw a^T. */
void pgr_lora_backward(const struct pgr_lora_dim *d, const float *dw, const float *a, const float *b, float *da,
                       float *db);

#endif
