/* rng.c - Philox4x32-10. */
#include "base/rng.h"

#include <math.h>

void pgr_rng_bits(uint64_t seed, enum pgr_rng_use use, const uint32_t c[4], uint32_t out[4]) {
    /* The use is mixed into the key by a 64-bit finaliser (splitmix64) so that seeds 1, 2, 3 ... of
     * different uses do not meet. */
    uint64_t k = seed + 0x9e3779b97f4a7c15u * (uint64_t)use;
    k = (k ^ (k >> 30)) * 0xbf58476d1ce4e5b9u;
    k = (k ^ (k >> 27)) * 0x94d049bb133111ebu;
    k ^= k >> 31;
    uint32_t k0 = (uint32_t)k, k1 = (uint32_t)(k >> 32);
    uint32_t x0 = c[0], x1 = c[1], x2 = c[2], x3 = c[3];
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xd2511f53u * x0, b = (uint64_t)0xcd9e8d57u * x2;
        uint32_t y0 = (uint32_t)(b >> 32) ^ x1 ^ k0, y1 = (uint32_t)b;
        uint32_t y2 = (uint32_t)(a >> 32) ^ x3 ^ k1, y3 = (uint32_t)a;
        x0 = y0, x1 = y1, x2 = y2, x3 = y3;
        k0 += 0x9e3779b9u, k1 += 0xbb67ae85u;
    }
    out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

static double unit(uint32_t hi, uint32_t lo) {
    uint64_t bits = ((uint64_t)hi << 32 | lo) >> 11;
    return (double)bits * 0x1p-53;
}

double pgr_rng_uniform(uint64_t seed, enum pgr_rng_use use, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) {
    const uint32_t c[4] = {c0, c1, c2, c3};
    uint32_t r[4];
    pgr_rng_bits(seed, use, c, r);
    return unit(r[0], r[1]);
}

double pgr_rng_normal(uint64_t seed, enum pgr_rng_use use, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) {
    const uint32_t c[4] = {c0, c1, c2, c3};
    uint32_t r[4];
    pgr_rng_bits(seed, use, c, r);
    double u = 1.0 - unit(r[0], r[1]); /* (0, 1]: the logarithm is finite */
    double v = unit(r[2], r[3]);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586477 * v);
}

void pgr_rng_shuffle(uint64_t seed, uint32_t epoch, size_t n, uint32_t *perm) {
    for (size_t i = 0; i < n; i++) perm[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        const uint32_t c[4] = {epoch, (uint32_t)i, 0, 0};
        uint32_t r[4];
        pgr_rng_bits(seed, PGR_RNG_SHUFFLE, c, r);
        /* A 64-bit draw modulo i: the bias is below 2^-32. */
        size_t j = (size_t)(((uint64_t)r[0] << 32 | r[1]) % i);
        uint32_t t = perm[i - 1];
        perm[i - 1] = perm[j];
        perm[j] = t;
    }
}
