/* near.h - "did you mean": the known word nearest to a misspelt one. */
#ifndef PGR_BASE_NEAR_H
#define PGR_BASE_NEAR_H

#include <stddef.h>

/* The known word with the smallest edit distance to `word`: at most 3, and at most a third (rounded up) of the letters
 * of the shorter, so that short words are not taken for any other; NULL if none. */
const char *pgr_nearest(const char *word, const char *const *known, size_t n_known);

#endif
