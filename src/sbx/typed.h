/* typed.h - JSON as it stands in task files, to wire values (docs/sandbox.md, "Values"). */
#ifndef PGR_SBX_TYPED_H
#define PGR_SBX_TYPED_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the value. Plain JSON stands for None, bool, int, float, str, list and dict with str keys; an object with the
 * single key "__tuple__", "__set__", "__frozenset__", "__dict__", "__bytes__", "__float__", "__int__" or "__complex__"
 * for what JSON lacks. PGR_E_FORMAT names `where` and the fault. */
PGR_MUST_CHECK pgr_err pgr_typed_encode(const json_t *j, const char *where, struct pgr_buf *out);

#endif
