/* rng.h - a counter-based random generator: a pure function of a key and a counter.
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Nothing is stored, so a draw is the same whatever order, thread or batch asks for it, and a resumed
 * run draws what the unbroken one would have drawn. The key names the run (seed) and the use; the
 * counter names the place: step, prompt, sample, position. */
#ifndef PGR_BASE_RNG_H
#define PGR_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are for; keeps the streams of different parts apart. Values are part of the
 * reproducibility promise: add at the end, never renumber. */
enum pgr_rng_use {
    PGR_RNG_SAMPLE = 1,  /* next-token sampling: counter = step, prompt, sample, position */
    PGR_RNG_SHUFFLE = 2, /* data order: counter = epoch */
    PGR_RNG_INIT = 3,    /* weight initialisation: counter = tensor, element */
    PGR_RNG_TEST = 4,
    PGR_RNG_BOOTSTRAP = 5, /* resampling for intervals: counter = resample, element / 4 */
    PGR_RNG_PAUSE = 6,     /* pauses between tries of a request: counter = request, try */
    PGR_RNG_PAIRS = 7      /* which samples make a pair: counter = problem, sample */
};

/* 128 random bits for (seed, use) at counter c. */
void pgr_rng_bits(uint64_t seed, enum pgr_rng_use use, const uint32_t c[4], uint32_t out[4]);

/* Uniform in [0, 1) with 53 bits. */
double pgr_rng_uniform(uint64_t seed, enum pgr_rng_use use, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3);

/* Standard normal (Box-Muller on one 128-bit draw). */
double pgr_rng_normal(uint64_t seed, enum pgr_rng_use use, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3);

/* Fisher-Yates: a permutation of 0..n-1 into perm[n], a function of (seed, epoch) alone. n < 2^32. */
void pgr_rng_shuffle(uint64_t seed, uint32_t epoch, size_t n, uint32_t *perm);

#endif
