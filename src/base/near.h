/* near.h - "did you mean": the known word nearest to a misspelt one. */
#ifndef PGR_BASE_NEAR_H
#define PGR_BASE_NEAR_H

#include <stddef.h>

/* The known word with the smallest edit distance to `word`, at most 3 and less than its own length; NULL if none. */
const char *pgr_nearest(const char *word, const char *const *known, size_t n_known);

#endif
