/* unicode.c - look-ups in the tables of unicode_tables.c.
 *
 * Most text never meets a listed code point, so each table has a map of its pages of 256 code points (bit c: the page
 * holds code points of class c), made once, that answers before any search. */
#include "text/unicode.h"

#include <pthread.h>

enum { N_PAGE = 0x110000 >> 8 };

static unsigned char split_page[N_PAGE], nfc_page[N_PAGE];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void mark(unsigned char *page, const struct pgr_cp_run *run, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (uint32_t p = run[i].first >> 8; p <= run[i].last >> 8; p++)
            page[p] = (unsigned char)(page[p] | 1u << run[i].cls);
}

static void make_pages(void) {
    mark(split_page, pgr_split_runs, pgr_split_runs_n);
    mark(nfc_page, pgr_nfc_runs, pgr_nfc_runs_n);
}

/* The class of the run that holds cp, 0 if none does. */
static uint32_t find(const struct pgr_cp_run *run, size_t n, uint32_t cp) {
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        if (run[low + half].last < cp) {
            low += half + 1;
            n -= half + 1;
        } else if (run[low + half].first > cp) {
            n = half;
        } else {
            return run[low + half].cls;
        }
    }
    return 0;
}

enum pgr_cp_class pgr_cp_split_class(uint32_t cp) {
    pthread_once(&once, make_pages);
    if (cp >= 0x110000 || split_page[cp >> 8] == 0) return PGR_CP_NONE;
    return (enum pgr_cp_class)find(pgr_split_runs, pgr_split_runs_n, cp);
}

bool pgr_cp_is_numeric(uint32_t cp) {
    if (cp < 0x80) return cp >= '0' && cp <= '9';
    return find(pgr_numeric_runs, pgr_numeric_runs_n, cp) != 0;
}

bool pgr_cp_is_word(uint32_t cp) { return find(pgr_word_runs, pgr_word_runs_n, cp) != 0; }

bool pgr_cp_is_space(uint32_t cp) {
    return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
           cp == 0x3000;
}

enum pgr_nfc_class pgr_cp_nfc_class(uint32_t cp) {
    pthread_once(&once, make_pages);
    if (cp >= 0x110000 || nfc_page[cp >> 8] == 0) return PGR_NFC_INERT;
    return (enum pgr_nfc_class)find(pgr_nfc_runs, pgr_nfc_runs_n, cp);
}
