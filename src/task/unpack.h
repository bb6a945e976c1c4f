/* unpack.h - LiveCodeBench's packing of hidden tests: base64 of zlib of a Python pickle of one text. */
#ifndef PGR_TASK_UNPACK_H
#define PGR_TASK_UNPACK_H

#include "base/buf.h"

/* Appends the text. Never makes more than max_bytes of it. Pickles are not run: the opcodes are read, and only those
 * that a pickled str has are known. PGR_E_FORMAT saying which layer is damaged, PGR_E_RANGE beyond max_bytes,
 * PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_unpack_tests(const char *base64, size_t n, size_t max_bytes, struct pgr_buf *out);

/* The layers, for tests. `text` is borrowed from `bytes`. */
PGR_MUST_CHECK pgr_err pgr_base64_decode(const char *s, size_t n, struct pgr_buf *out);
PGR_MUST_CHECK pgr_err pgr_inflate(const char *bytes, size_t n, size_t max_bytes, struct pgr_buf *out);
PGR_MUST_CHECK pgr_err pgr_pickled_text(const char *bytes, size_t n, const char **text, size_t *n_text);

#endif
