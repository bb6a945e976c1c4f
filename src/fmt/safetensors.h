/* safetensors.h - tensors of a Hugging Face model: one safetensors file or several with an index, memory-mapped.
 *
 * A file: uint64 little-endian length n of the header (at most 100,000,000); n bytes of JSON, an object that maps each
 * tensor's name to {"dtype", "shape", "data_offsets": [begin, end]} and may hold "__metadata__"; the data, in which the
 * offsets count. The tensors tile the data: no gap, no overlap, nothing after the last one.
 * An index (model.safetensors.index.json): {"weight_map": {tensor: file name}}.
 * Source: the format description of the safetensors project.
 *
 * Opening checks all of that; afterwards no access can leave a mapping. An open set is immutable: any number of threads
 * may read. Everything returned is borrowed until pgr_st_close. */
#ifndef PGR_FMT_SAFETENSORS_H
#define PGR_FMT_SAFETENSORS_H

#include <stddef.h>

#include "base/err.h"
#include "base/num.h"

enum { PGR_ST_DIM_MAX = 8 };

struct pgr_st_tensor {
    const char *name;  /* NUL-terminated */
    const char *dtype; /* "F32", "BF16", ... */
    size_t n_dim, dim[PGR_ST_DIM_MAX];
    size_t n_elem, n_bytes;
    const unsigned char *data;
    const char *file; /* the path it is in */
};

struct pgr_st; /* a set of files */

/* A folder with model.safetensors or model.safetensors.index.json, or one such file. PGR_E_NOTFOUND names what is
 * missing; PGR_E_FORMAT, PGR_E_SHAPE name file, tensor and numbers. */
PGR_MUST_CHECK pgr_err pgr_st_open(const char *path, struct pgr_st **out);
/* One file's bytes, borrowed until close; `path` is for messages. */
PGR_MUST_CHECK pgr_err pgr_st_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_st **out);
void pgr_st_close(struct pgr_st *s);

size_t pgr_st_n_tensor(const struct pgr_st *s);
const struct pgr_st_tensor *pgr_st_tensor_at(const struct pgr_st *s, size_t i);           /* sorted by name */
const struct pgr_st_tensor *pgr_st_tensor_find(const struct pgr_st *s, const char *name); /* NULL if there is none */

/* PGR_E_UNSUPPORTED unless the dtype is F32, F16 or BF16, the ones pgr_st_read converts. */
PGR_MUST_CHECK pgr_err pgr_st_can_read(const struct pgr_st_tensor *t);
/* Elements [at, at + n) as float32. Runs on the pool. */
void pgr_st_read(const struct pgr_st_tensor *t, size_t at, size_t n, float *dst);

/* ---- writing ----------------------------------------------------------------------------------------------- */

struct pgr_st_out {
    const char *name;
    size_t n_dim, dim[2];
    const float *data; /* product of dim */
};

/* Writes one file, all tensors as `dtype` (bfloat16 rounds to nearest even), all or nothing. PGR_E_IO (a full disk). */
PGR_MUST_CHECK pgr_err pgr_st_write(const char *path, enum pgr_dtype dtype, const struct pgr_st_out *tensor, size_t n);

#endif
