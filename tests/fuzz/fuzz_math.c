/* fuzz_math.c - any bytes as a completion, and as two answers (parted by a line feed). What must hold: the call ends,
 * an answer is not different from itself, and what is equal one way round is not different the other way round. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "math/math.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int ok) {
    if (!ok) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *at = NULL;
    size_t n = 0;
    if (pgr_math_extract(text, size, &at, &n) != PGR_MATH_NONE) need(n > 0 && at >= text && at + n <= text + size);
    struct pgr_math_result r;
    const char *cut = size ? memchr(text, '\n', size) : NULL;
    size_t n_gold = cut ? (size_t)(cut - text) : size;
    if (pgr_math_equal(text, n_gold, cut ? cut + 1 : text, cut ? size - n_gold - 1 : size, NULL, &r) != PGR_OK)
        return 0;
    need(r.reason[0] != 0);
    /* With the sides changed over, forgiveness differs, truth does not. */
    if (cut && r.verdict == PGR_MATH_EQUAL) {
        if (pgr_math_equal(cut + 1, size - n_gold - 1, text, n_gold, NULL, &r) != PGR_OK) return 0;
        need(r.verdict != PGR_MATH_DIFFERENT);
    }
    /* \mathstrut means nothing, but makes another text: the trees are compared. */
    static const char strut[] = "\\mathstrut";
    char *same = malloc(n_gold + sizeof strut);
    if (!same) return 0;
    memcpy(same, text, n_gold);
    memcpy(same + n_gold, strut, sizeof strut);
    bool formula = false; /* a text of words alone is no formula, with markup it is */
    for (size_t i = 0; i < n_gold; i++) formula |= text[i] && strchr("0123456789+*/=^_|[]<>!%", text[i]);
    if (formula && pgr_math_equal(text, n_gold, same, n_gold + sizeof strut - 1, NULL, &r) == PGR_OK)
        need(r.verdict != PGR_MATH_DIFFERENT || strcmp(r.reason, "words and a formula") == 0 ||
             strcmp(r.reason, "an answer is empty") == 0);
    free(same);
    return 0;
}
