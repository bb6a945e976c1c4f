/* gguf_int.h - what gguf.c and gguf_meta.c share. */
#ifndef PGR_FMT_GGUF_INT_H
#define PGR_FMT_GGUF_INT_H

#include "base/file.h"
#include "fmt/gguf.h"

enum {
    PGR_GGUF_T_U8,
    PGR_GGUF_T_I8,
    PGR_GGUF_T_U16,
    PGR_GGUF_T_I16,
    PGR_GGUF_T_U32,
    PGR_GGUF_T_I32,
    PGR_GGUF_T_F32,
    PGR_GGUF_T_BOOL,
    PGR_GGUF_T_STR,
    PGR_GGUF_T_ARRAY,
    PGR_GGUF_T_U64,
    PGR_GGUF_T_I64,
    PGR_GGUF_T_F64
};

struct pgr_gguf_entry {
    char *key; /* owned */
    uint32_t type, item_type;
    size_t n;                  /* bytes of a string, elements of an array */
    const unsigned char *data; /* the value; for an array of strings the start of the file */
    uint64_t *at;              /* owned: for an array of strings where each (its length) begins */
};

struct pgr_gguf {
    char *path; /* owned */
    struct pgr_map map;
    const unsigned char *data;
    size_t n_bytes;
    struct pgr_gguf_entry *entry; /* sorted by key */
    size_t n_entry;
    struct pgr_gguf_tensor *tensor;  /* in the file's order */
    struct pgr_gguf_tensor **sorted; /* by name */
    size_t n_tensor;
};

static inline uint32_t pgr_gguf_load32(const unsigned char *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t pgr_gguf_load64(const unsigned char *p) {
    return pgr_gguf_load32(p) | (uint64_t)pgr_gguf_load32(p + 4) << 32;
}

/* Bytes of a value of this type; 0 for strings, arrays and unknown types. */
size_t pgr_gguf_type_bytes(uint32_t type);

#endif
