/* gguf.h - GGUF files, versions 2 and 3, little-endian: metadata and tensors, memory-mapped.
 *
 * The file, in order (str = uint64 length + bytes, no NUL):
 *  1. "GGUF", uint32 version, uint64 number of tensors, uint64 number of metadata entries
 *  2. metadata: str key, uint32 type, value. Types: 0 uint8, 1 int8, 2 uint16, 3 int16, 4 uint32, 5 int32, 6 float32,
 *     7 bool, 8 str, 9 array (uint32 element type, uint64 count, elements), 10 uint64, 11 int64, 12 float64
 *  3. tensors: str name, uint32 number of dimensions (1..4), uint64 dimensions (fastest first), uint32 format
 *     (dequant.h), uint64 offset from the start of the data, a multiple of the alignment
 *  4. padding to general.alignment (32 when absent), then the data
 * Source: ggml's docs/gguf.md.
 *
 * Opening checks everything: lengths and counts against the file's size, duplicate names, dimensions, formats,
 * offsets, overlap. After that no access can leave the mapping. Arrays of arrays, big-endian files and files split in
 * parts are PGR_E_UNSUPPORTED.
 *
 * Open files are immutable: any number of threads may read. Everything returned is borrowed until pgr_gguf_close. */
#ifndef PGR_FMT_GGUF_H
#define PGR_FMT_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "fmt/dequant.h"

struct pgr_gguf;

PGR_MUST_CHECK pgr_err pgr_gguf_open(const char *path, struct pgr_gguf **out);
/* The same for bytes in memory, borrowed until close; `path` is for messages. */
PGR_MUST_CHECK pgr_err pgr_gguf_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_gguf **out);
void pgr_gguf_close(struct pgr_gguf *g);
const char *pgr_gguf_path(const struct pgr_gguf *g);
/* True if the file begins with "GGUF". */
bool pgr_is_gguf(const char *path);

/* ---- metadata ---------------------------------------------------------------------------------------------- */

/* The plain forms fail (PGR_E_FORMAT "PATH: missing key ..."/"... has type ...") when the key is absent; the _opt forms
 * leave *out alone then. Strings are bytes[*n] without NUL. Integers of any width are accepted where a size is wanted
 * (PGR_E_RANGE outside [min, max]); integers and floats where a real is. */
bool pgr_gguf_has(const struct pgr_gguf *g, const char *key);
PGR_MUST_CHECK pgr_err pgr_gguf_str(const struct pgr_gguf *g, const char *key, const char **s, size_t *n);
PGR_MUST_CHECK pgr_err pgr_gguf_str_opt(const struct pgr_gguf *g, const char *key, const char **s, size_t *n);
PGR_MUST_CHECK pgr_err pgr_gguf_size(const struct pgr_gguf *g, const char *key, size_t min, size_t max, size_t *out);
PGR_MUST_CHECK pgr_err pgr_gguf_size_opt(const struct pgr_gguf *g, const char *key, size_t min, size_t max,
                                         size_t *out);
PGR_MUST_CHECK pgr_err pgr_gguf_real(const struct pgr_gguf *g, const char *key, double *out);
PGR_MUST_CHECK pgr_err pgr_gguf_real_opt(const struct pgr_gguf *g, const char *key, double *out);
PGR_MUST_CHECK pgr_err pgr_gguf_bool_opt(const struct pgr_gguf *g, const char *key, bool *out);

enum pgr_gguf_kind { PGR_GGUF_INT, PGR_GGUF_REAL, PGR_GGUF_BOOL, PGR_GGUF_STR };

struct pgr_gguf_array {
    enum pgr_gguf_kind kind;
    size_t n;
    uint32_t type;             /* private: the file's element type */
    const unsigned char *data; /* private */
    const uint64_t *at;        /* private: places of strings */
};
/* An array whose elements are of this kind. */
PGR_MUST_CHECK pgr_err pgr_gguf_array(const struct pgr_gguf *g, const char *key, enum pgr_gguf_kind kind,
                                      struct pgr_gguf_array *out);
/* The same; out->n = 0 when absent. */
PGR_MUST_CHECK pgr_err pgr_gguf_array_opt(const struct pgr_gguf *g, const char *key, enum pgr_gguf_kind kind,
                                          struct pgr_gguf_array *out);
/* Element i < n, constant time. uint64 values above INT64_MAX read as INT64_MAX. */
const char *pgr_gguf_item_str(const struct pgr_gguf_array *a, size_t i, size_t *n);
int64_t pgr_gguf_item_int(const struct pgr_gguf_array *a, size_t i);
double pgr_gguf_item_real(const struct pgr_gguf_array *a, size_t i);

/* ---- tensors ----------------------------------------------------------------------------------------------- */

struct pgr_gguf_tensor {
    const char *name; /* NUL-terminated */
    const struct pgr_quant *quant;
    size_t n_dim, dim[4]; /* dim[0] is the row length; unused ones are 1 */
    size_t n_row, n_elem; /* n_elem = n_row * dim[0] */
    size_t row_bytes, n_bytes;
    const unsigned char *data;
};

size_t pgr_gguf_n_tensor(const struct pgr_gguf *g);
/* In the file's order. */
const struct pgr_gguf_tensor *pgr_gguf_tensor_at(const struct pgr_gguf *g, size_t i);
/* NULL if there is none. */
const struct pgr_gguf_tensor *pgr_gguf_tensor_find(const struct pgr_gguf *g, const char *name);

/* Rows [row, row + n) as float32 into dst[n, dim[0]]. Runs on the pool. */
void pgr_gguf_rows(const struct pgr_gguf_tensor *t, size_t row, size_t n, float *dst);

#endif
