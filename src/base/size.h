/* size.h - checked arithmetic for sizes that come from a file, a configuration or a request. */
#ifndef PGR_BASE_SIZE_H
#define PGR_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PGR_COUNT(array) (sizeof(array) / sizeof *(array))

/* *out = a * b (a + b); false, and *out untouched, if that does not fit. */
static inline bool pgr_mul(size_t a, size_t b, size_t *out) {
    if (b != 0 && a > SIZE_MAX / b) return false;
    *out = a * b;
    return true;
}

static inline bool pgr_add(size_t a, size_t b, size_t *out) {
    if (a > SIZE_MAX - b) return false;
    *out = a + b;
    return true;
}

static inline size_t pgr_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t pgr_max(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t pgr_div_up(size_t a, size_t b) { return a / b + (a % b != 0); }
/* The next multiple of `to` (a power of two). */
static inline size_t pgr_round_up(size_t a, size_t to) { return (a + to - 1) & ~(to - 1); }

#endif
