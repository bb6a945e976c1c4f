/* optim.h - the optimiser's passes over parameter blocks. Memory-bound: each element is touched once.
 *
 * Runs on the pool; the same bits for any number of threads. */
#ifndef PGR_KERN_OPTIM_H
#define PGR_KERN_OPTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* sqrt(sum g^2) over n elements. Sums of 4096 elements in float32, sums of those in double, in a fixed order. */
double pgr_grad_norm(size_t n, const float *g);

struct pgr_adamw {
    double lr, beta1, beta2, eps, weight_decay;
    double grad_scale; /* g is multiplied by it first: min(1, max_norm / norm) for clipping, 1 for none */
    uint64_t step;     /* counts from 1, for the bias correction */
    bool zero_grad;    /* leave g zeroed */
};

/* AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101), as torch.optim.AdamW:
 *     p -= lr weight_decay p
 *     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
 *     p -= lr / (1 - beta1^step) * m / (sqrt(v / (1 - beta2^step)) + eps)
 * p, g, m, v [n]. */
void pgr_adamw(const struct pgr_adamw *o, size_t n, float *p, float *g, float *m, float *v);

/* g[n] = 0 on all threads. */
void pgr_zero(size_t n, float *g);

#endif
