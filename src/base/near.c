/* near.c - edit distance (Levenshtein) over one row. */
#include "base/near.h"

#include <string.h>

#include "base/size.h"

static size_t edit_distance(const char *a, const char *b) {
    enum { MAX = 64 };
    size_t n = strlen(a), m = strlen(b), row[MAX + 1];
    if (n > MAX || m > MAX) return MAX;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t up = row[j];
            size_t best = pgr_min(pgr_min(up, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = up;
            row[j] = best;
        }
    }
    return row[m];
}

const char *pgr_nearest(const char *word, const char *const *known, size_t n_known) {
    const char *best = NULL;
    size_t best_d = 4;
    for (size_t i = 0; i < n_known; i++) {
        size_t d = edit_distance(word, known[i]);
        size_t shorter = pgr_min(strlen(word), strlen(known[i]));
        if (d < best_d && d <= (shorter + 2) / 3) best = known[i], best_d = d;
    }
    return best;
}
