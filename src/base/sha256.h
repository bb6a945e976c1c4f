/* sha256.h - SHA-256 (FIPS 180-4), for checking downloads and naming cache entries. */
#ifndef PGR_BASE_SHA256_H
#define PGR_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_sha256 {
    uint32_t h[8];
    uint64_t n_bytes;
    unsigned char block[64];
};

void pgr_sha256_init(struct pgr_sha256 *s);
void pgr_sha256_add(struct pgr_sha256 *s, const void *data, size_t n_bytes);
/* 64 hexadecimal digits and a NUL. */
void pgr_sha256_hex(struct pgr_sha256 *s, char out[65]);
PGR_MUST_CHECK pgr_err pgr_sha256_file(const char *path, char out[65]);

#endif
