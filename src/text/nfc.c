/* nfc.c - normalisation form C.
 *
 * Only stretches around "active" code points (unicode.h) are worked on: an optional starter that may compose, then
 * active code points up to the next inert one. A stretch is decomposed by utf8proc, its marks are put into canonical
 * order here (utf8proc's own ordering is quadratic in the number of marks, a gift to hostile text), then utf8proc
 * composes it. Every code point of a stretch is old, so the version of utf8proc makes no difference. */
#include "text/nfc.h"

#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { MAX_DECOMPOSED = 4 /* code points of one canonical decomposition */, N_SMALL = 256 };

bool pgr_nfc_is_inert(const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        i += pgr_ascii_prefix(text + i, n - i);
        if (i == n) return true;
        size_t len;
        uint32_t cp = pgr_utf8_decode(text + i, &len);
        if (cp >= 0x300 && pgr_cp_nfc_class(cp) == PGR_NFC_ACTIVE) return false;
        i += len;
    }
    return true;
}

static unsigned combining_class(utf8proc_int32_t cp) { return (unsigned)utf8proc_get_property(cp)->combining_class; }

/* Sorts cp[n] by combining class, keeping the order of equals; tmp[n]. */
static void sort_marks(utf8proc_int32_t *cp, size_t n, utf8proc_int32_t *tmp) {
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++) start[combining_class(cp[i]) + 1]++;
    for (size_t c = 0; c < 256; c++) start[c + 1] += start[c];
    for (size_t i = 0; i < n; i++) tmp[start[combining_class(cp[i])]++] = cp[i];
    memcpy(cp, tmp, n * sizeof *cp);
}

static void canonical_order(utf8proc_int32_t *cp, size_t n, utf8proc_int32_t *tmp) {
    for (size_t i = 0; i < n;) {
        if (combining_class(cp[i]) == 0) {
            i++;
            continue;
        }
        size_t end = i + 1;
        bool sorted = true;
        for (; end < n && combining_class(cp[end]) != 0; end++)
            if (combining_class(cp[end]) < combining_class(cp[end - 1])) sorted = false;
        if (!sorted) sort_marks(cp + i, end - i, tmp);
        i = end;
    }
}

/* One stretch: text[n] holds n_cp code points. */
static pgr_err normalise(const char *text, size_t n, size_t n_cp, struct pgr_buf *out) {
    utf8proc_int32_t small[2 * N_SMALL], *cp = small, *heap = NULL;
    size_t cap = n_cp * MAX_DECOMPOSED; /* n_cp <= n, a length in memory */
    if (cap > N_SMALL) {
        cp = heap = pgr_alloc_array(cap, 2 * sizeof *heap);
        if (!heap) return pgr_fail(PGR_E_NOMEM, "no memory to normalise %zu characters", n_cp);
    }
    size_t k = 0;
    for (size_t i = 0; i < n;) {
        size_t len;
        int boundary = UTF8PROC_BOUNDCLASS_START;
        uint32_t c = pgr_utf8_decode(text + i, &len);
        utf8proc_ssize_t m = utf8proc_decompose_char((utf8proc_int32_t)c, cp + k, MAX_DECOMPOSED,
                                                     UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &boundary);
        if (m < 1 || m > MAX_DECOMPOSED) {
            pgr_free(heap);
            return pgr_fail(PGR_E_INTERNAL, "U+%04X decomposes into %ld code points", (unsigned)c, (long)m);
        }
        k += (size_t)m;
        i += len;
    }
    canonical_order(cp, k, cp + (heap ? cap : N_SMALL));
    utf8proc_ssize_t composed = utf8proc_normalize_utf32(cp, (utf8proc_ssize_t)k, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    for (utf8proc_ssize_t i = 0; i < composed; i++) {
        char bytes[4];
        pgr_buf_add(out, bytes, pgr_utf8_encode((uint32_t)cp[i], bytes));
    }
    pgr_free(heap);
    return pgr_buf_ok(out);
}

pgr_err pgr_nfc(const char *text, size_t n, struct pgr_buf *out) {
    size_t done = 0;           /* text[done..] is not yet in out */
    size_t before = 0;         /* start of the code point before i */
    bool before_joins = false; /* that code point may compose with what follows */
    for (size_t i = 0; i < n;) {
        size_t ascii = pgr_ascii_prefix(text + i, n - i);
        if (ascii > 0) {
            i += ascii;
            before = i - 1;
            before_joins = pgr_cp_nfc_class((unsigned char)text[before]) == PGR_NFC_JOINS;
            continue;
        }
        size_t len;
        enum pgr_nfc_class cls = pgr_cp_nfc_class(pgr_utf8_decode(text + i, &len));
        if (cls != PGR_NFC_ACTIVE) {
            before = i;
            before_joins = cls == PGR_NFC_JOINS;
            i += len;
            continue;
        }
        size_t from = before_joins ? before : i, n_cp = before_joins ? 1 : 0;
        while (cls == PGR_NFC_ACTIVE) {
            i += len;
            n_cp++;
            if (i == n) break;
            cls = pgr_cp_nfc_class(pgr_utf8_decode(text + i, &len));
        }
        pgr_buf_add(out, text + done, from - done);
        PGR_TRY(normalise(text + from, i - from, n_cp, out));
        done = i;
        before_joins = false;
    }
    pgr_buf_add(out, text + done, n - done);
    return pgr_buf_ok(out);
}
