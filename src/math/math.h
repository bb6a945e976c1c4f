/* math.h - judging math answers: finding the final answer in a completion, and whether two answers are the same.
 *
 * An answer is LaTeX (a subset: fractions, roots, powers, matrices, sets, intervals, \text, ...) or plain text ("3/4",
 * "sqrt(2)", "x^2"). Two answers are read into expression trees and compared
 *   1. as strings, after white space and markup that means nothing are dropped,
 *   2. exactly, where both are rational numbers (up to 4096 bits above and below the line),
 *   3. as rational functions over two prime fields at random points, where they have variables: a difference there is a
 *      proof, agreement errs with a probability below degree / 2^61 per point,
 *   4. in complex floating point with a bound on every error, for roots, logarithms, trigonometry: a difference beyond
 *      the bounds is a proof, agreement to the bounds (relative 1e-12 or better) counts as equal,
 * and part by part for lists, sets, tuples, intervals, unions, matrices, equations and inequalities. docs/math.md has
 * the rules in full.
 *
 * What can be neither proved nor refuted is UNDECIDED, with the reason: never silently different. A caller that needs a
 * yes or no takes UNDECIDED as no and counts it.
 *
 * Time and memory are bounded whatever the input: an answer has at most PGR_MATH_MAX_BYTES, nesting and nodes are
 * limited, and every comparison has a budget of work (some tens of milliseconds); past a limit the verdict is
 * UNDECIDED. All functions are free of state and safe to call from several threads. Random points come from fixed
 * seeds: the same input gives the same verdict. */
#ifndef PGR_MATH_MATH_H
#define PGR_MATH_MATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define PGR_MATH_MAX_BYTES 4096

typedef enum pgr_math_verdict { PGR_MATH_EQUAL, PGR_MATH_DIFFERENT, PGR_MATH_UNDECIDED } pgr_math_verdict;
/* "equal", "different", "undecided". */
const char *pgr_math_verdict_name(pgr_math_verdict v);

struct pgr_math_rules {
    /* Numbers of which one is written with a decimal point or a power "e3" are equal when they differ by no more than
     * this part of the larger one. 0: exact. Two numbers without a decimal point are always compared exactly. */
    double rel_tol;
    /* As Qwen2.5-Math's grader: rel_tol also holds between numbers without a decimal point, and a number also equals
     * 100 times and a hundredth of itself with no percent sign in sight. Off: only a written % makes that allowance. */
    bool qwen;
};
/* {1e-4, false}: what NULL means. */
extern const struct pgr_math_rules pgr_math_rules_default;
/* {1e-4, true}: to report figures beside those of Qwen2.5-Math's grader. */
extern const struct pgr_math_rules pgr_math_rules_qwen;

struct pgr_math_result {
    pgr_math_verdict verdict;
    char reason[160]; /* one line: how it was decided ("same rational number") or why not ("\\sum is not supported") */
};

/* Whether given[given_bytes] is the same answer as gold[gold_bytes], under rules (NULL: the default). Works on any
 * bytes. gold is trusted to be right and given is not: a unit, "x =" or a percent sign that only one of them has is
 * forgiven. PGR_E_NOMEM is the only failure. */
PGR_MUST_CHECK pgr_err pgr_math_equal(const char *gold, size_t gold_bytes, const char *given, size_t given_bytes,
                                      const struct pgr_math_rules *rules, struct pgr_math_result *out);

/* How an answer was found, in the order of preference. */
typedef enum pgr_math_how {
    PGR_MATH_NONE,         /* no answer */
    PGR_MATH_BOXED,        /* inside the last \boxed{...} (or \fbox) with balanced braces */
    PGR_MATH_FINAL_ANSWER, /* behind the last "final answer is" */
    PGR_MATH_HASHES,       /* behind the last "####" */
    PGR_MATH_ANSWER_IS,    /* behind the last "answer is", "answer:" or "answer =" */
    PGR_MATH_WHOLE,        /* all of an <answer> block that is one short line */
    PGR_MATH_LAST_NUMBER   /* the last number (or fraction of two) of the text */
} pgr_math_how;
/* "none", "boxed", "final answer", "####", "answer is", "answer block", "last number". */
const char *pgr_math_how_name(pgr_math_how h);

/* Finds the final answer in completion[n]: in the last <answer> block behind the last </think> where there is one, else
 * behind the last </think>, else in all of it. *at, *answer_bytes: the answer's place inside the completion (borrowed),
 * without surrounding white space, dollar signs and full stop; untouched when the result is PGR_MATH_NONE. A <think>
 * that stays open has no answer behind it. Linear in n; never fails. */
pgr_math_how pgr_math_extract(const char *completion, size_t n, const char **at, size_t *answer_bytes);

/* Extraction and comparison: DIFFERENT with reason "no answer found" where there is none. how: NULL or where to put how
 * the answer was found. */
PGR_MUST_CHECK pgr_err pgr_math_judge(const char *gold, const char *completion, size_t completion_bytes,
                                      const struct pgr_math_rules *rules, pgr_math_how *how,
                                      struct pgr_math_result *out);

#endif
