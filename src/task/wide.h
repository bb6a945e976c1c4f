/* wide.h - JSON as Python's json module writes it: integers beyond 64 bits, NaN, Infinity, and reals too large for a
 * double, which jansson refuses. They become the escapes of typed JSON (docs/sandbox.md): {"__int__": "123..."} and
 * {"__float__": "nan"}. */
#ifndef PGR_TASK_WIDE_H
#define PGR_TASK_WIDE_H

#include <jansson.h>

#include "base/err.h"

/* Any JSON value. The result is owned by the caller. PGR_E_FORMAT "WHERE: not valid JSON at column ...". */
PGR_MUST_CHECK pgr_err pgr_json_parse_wide(const char *where, const char *text, size_t n, json_t **out);

#endif
