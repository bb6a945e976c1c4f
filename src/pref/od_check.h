/* od_check.h - whether a text that a model wrote can stand in a pair of reasonings.
 *
 * A pair teaches what its two sides differ in. So a rewrite must differ from its original in what it says, and in
 * nothing that gives the answer away: a refusal, an echo of the instruction, a code block, another language, another
 * length. The checks know no model and no problem beyond the texts they are given. */
#ifndef PGR_PREF_OD_CHECK_H
#define PGR_PREF_OD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Why a text is refused: symbol, name in files and reports. Checked in this order. */
#define PGR_OD_REASON_LIST(X)                                                                                          \
    X(NONE, "none")       /* it is good */                                                                             \
    X(CUT, "cut")         /* ended by the token limit */                                                               \
    X(SHORT, "short")     /* fewer words than bounds.min_words */                                                      \
    X(MARKUP, "markup")   /* tags of the answer's form or of a chat, control characters, bytes that are no UTF-8 */    \
    X(REFUSAL, "refusal") /* "I'm sorry, but ...", "As an AI ..." */                                                   \
    X(INSTRUCTION, "instruction") /* "Here is the improved reasoning", "the original text", ... */                     \
    X(CODE, "code")               /* more code than the original has: fences, lines of definitions and imports */      \
    X(FORM, "form")               /* lists or headings where the original has none, or the other way round */          \
    X(LANGUAGE, "language")       /* another mix of scripts */                                                         \
    X(RESTATED, "restated")       /* mostly words of the problem */                                                    \
    X(LENGTH, "length")           /* outside the band around the original's length */                                  \
    X(COPY, "copy")               /* too similar to the original */
enum pgr_od_reason {
#define X(symbol, name) PGR_OD_##symbol,
    PGR_OD_REASON_LIST(X)
#undef X
        PGR_OD_N_REASON
};
const char *pgr_od_reason_name(enum pgr_od_reason r);
/* false for a name that is none. */
bool pgr_od_reason_find(const char *name, enum pgr_od_reason *out);

struct pgr_od_bounds {
    size_t min_words;      /* words that a text has at least */
    double length_band;    /* >= 1: the longer of two texts has at most this many times the bytes of the shorter */
    double max_similarity; /* 0..1, pgr_od_similarity of a text and its original */
    double max_problem;    /* 0..1, pgr_od_share_of a text's words that are the problem's */
    double max_script;     /* 0..1, pgr_od_script_distance of a text and its original */
};
extern const struct pgr_od_bounds pgr_od_default_bounds;

/* Checks text against `original`: the reasoning it rewrites (is_rewrite), or the problem it reasons about; length is
 * compared with a rewritten reasoning only. directions: what the text was asked for with, without problem and original
 * ("" if unknown). Words that look like an echo of the instruction, or six in a row of the directions, are none where
 * the problem or the original has them too. cut: the generator stopped at its token limit. n_bytes counts text, which
 * may hold NUL bytes; all other texts are NUL-terminated. *similarity (may be NULL) is set when it got that far, else
 * -1. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_od_check(const struct pgr_od_bounds *b, const char *text, size_t n_bytes, bool cut,
                                    const char *problem, const char *original, const char *directions, bool is_rewrite,
                                    enum pgr_od_reason *reason, double *similarity);

/* 2 * (words of the longest common subsequence) / (words of a + words of b), 0..1; 1 for two texts without words. A
 * word is a run of letters, digits and underscores, case ignored, or one other sign. Only the first 2,000 words of each
 * count. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_od_similarity(const char *a, const char *b, double *out);

/* Share of the words of text that stand in runs of eight that `source` has, too, 0..1. Words as in pgr_od_similarity,
 * the first 2,000 of each. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_od_share_of(const char *text, const char *source, double *out);

/* Half the sum of the differences between the shares of letters of each script: 0 the same mix, 1 no script in common.
 * Latin, Greek, Cyrillic, Arabic, Hebrew, Indic scripts, Thai, Han, Kana, Hangul and "other" are told apart, so
 * languages of one script are not. A text without letters is like any other: 0. */
double pgr_od_script_distance(const char *a, const char *b);

/* Some line is a heading (#) or an item of a list (-, *, +, a number with a dot or bracket). */
bool pgr_od_has_lists(const char *text);

/* Fence lines and lines that start as Python definitions or imports do. */
size_t pgr_od_code_lines(const char *text);

/* The bytes of a and b are within the band. */
bool pgr_od_length_fits(double band, const char *a, const char *b);

/* White-space separated words. */
size_t pgr_od_count_words(const char *text);

#endif
