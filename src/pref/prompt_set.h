/* prompt_set.h - a set of texts that models are asked with: files of data/prompts/NAME that the build puts into the
 * library, or a folder's files of the same names in their place.
 *
 * One of them is version.txt. The version of a set is its first line with the first 12 digits of the SHA-256 of all the
 * other texts, "od-2:0123456789ab": it tells any two sets apart. */
#ifndef PGR_PREF_PROMPT_SET_H
#define PGR_PREF_PROMPT_SET_H

#include <stddef.h>

#include "base/buf.h"

struct pgr_prompt_file {
    const char *name; /* without ".txt" */
    const unsigned char *own;
    const size_t *own_bytes;
    char **out;           /* NULL for the version, which is file[0] */
    const char *needs[3]; /* places that the text must hold; NULL at the end */
};

/* Reads file[n]; *version and each *out are owned by the caller (pgr_free), NUL-terminated, without white space at
 * their ends. dir NULL: the built-in ones; else all must be there. PGR_E_NOTFOUND, PGR_E_FORMAT for an empty file, for
 * text with NUL bytes and for one that lacks a place it needs; nothing is set then. */
PGR_MUST_CHECK pgr_err pgr_prompt_set_load(const char *dir, size_t n, const struct pgr_prompt_file *file,
                                           char **version);

struct pgr_prompt_place {
    const char *name, *text; /* "{problem}" */
};
/* Appends a text with its places filled; other braces stay, and what is put in is not looked at again. */
void pgr_prompt_fill(const char *text, size_t n, const struct pgr_prompt_place *place, struct pgr_buf *out);

#endif
