/* nfc.h - Unicode normalisation form C as the `tokenizers` library does it (see unicode.h for the version it knows). */
#ifndef PGR_TEXT_NFC_H
#define PGR_TEXT_NFC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* True if NFC certainly leaves text[n] (well-formed UTF-8) as it is. False says nothing. */
bool pgr_nfc_is_inert(const char *text, size_t n);

/* Appends the normal form of text[n] (well-formed UTF-8). Time is linear in n. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_nfc(const char *text, size_t n, struct pgr_buf *out);

#endif
