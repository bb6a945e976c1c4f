/* sanitize.h - EvalPlus' `sanitize`: of a program only the imports and what the tested function needs stay
 * (py/sanitize.py has the rules). The program is parsed in a sandbox cell, as hostile as it is, and not run. */
#ifndef PGR_EVAL_SANITIZE_H
#define PGR_EVAL_SANITIZE_H

#include "sbx/sbx.h"

extern const unsigned char pgr_py_sanitize[]; /* made by the build */
extern const size_t pgr_py_sanitize_bytes;

/* Queues it; the result's `out` is the cleaned program when its verdict is accepted, else the program stays as it is.
 * entry_point NULL: every definition stays. *queued false: the text is not UTF-8, so there is nothing to wait for. */
PGR_MUST_CHECK pgr_err pgr_sanitize_submit(struct pgr_sbx *s, const char *entry_point, const char *program, size_t n,
                                           uint64_t tag, bool *queued);

#endif
