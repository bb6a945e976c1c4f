/* unicode.h - what the `tokenizers` library takes characters for, whatever Unicode version our own libraries have.
 *
 * Its parts carry tables of different ages (regular expressions: 16, Digits: 17, NFC: 9 in release 0.23), and newly
 * assigned characters change class between them. unicode_tables.c holds what was asked from the library itself. */
#ifndef PGR_TEXT_UNICODE_H
#define PGR_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Classes that split patterns can tell apart. */
enum pgr_cp_class { PGR_CP_NONE, PGR_CP_LETTER, PGR_CP_NUMBER, PGR_CP_SPACE, PGR_CP_OTHER };

/* The class of a code point on which PCRE2 (of Unicode 14 or newer) may disagree with `tokenizers`; PGR_CP_NONE for
 * all the others. */
enum pgr_cp_class pgr_cp_split_class(uint32_t cp);

bool pgr_cp_is_numeric(uint32_t cp); /* for the Digits pre-tokenizer */
bool pgr_cp_is_word(uint32_t cp);    /* \w around added tokens */
bool pgr_cp_is_space(uint32_t cp);   /* \s, everywhere */

/* NFC acts on active code points only: it may change or move them, or compose them with what stands before. A joining
 * one is left alone by itself but may compose with an active one right after it. */
enum pgr_nfc_class { PGR_NFC_INERT, PGR_NFC_ACTIVE, PGR_NFC_JOINS };
enum pgr_nfc_class pgr_cp_nfc_class(uint32_t cp);

/* The tables: ascending, disjoint runs of code points. */
struct pgr_cp_run {
    uint32_t first, last, cls;
};
extern const struct pgr_cp_run pgr_split_runs[], pgr_numeric_runs[], pgr_word_runs[], pgr_nfc_runs[];
extern const size_t pgr_split_runs_n, pgr_numeric_runs_n, pgr_word_runs_n, pgr_nfc_runs_n;

#endif
