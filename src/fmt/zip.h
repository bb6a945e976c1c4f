/* zip.h - reading zip archives (Python wheels): stored and deflated members, CRC-checked.
 *
 * The file, from its end: the end record (22 bytes + a comment) says where the central directory lies and how many
 * members it lists; each entry of the directory gives a member's name, method, CRC-32, sizes and the place of its local
 * header, after which its bytes follow. Sizes come from the directory alone. Archives with 64-bit extensions,
 * encryption, several disks or other methods are PGR_E_UNSUPPORTED. Source: PKWARE, APPNOTE.TXT, sections 4.3 and 4.4.
 */
#ifndef PGR_FMT_ZIP_H
#define PGR_FMT_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_zip_member {
    const char *name; /* NUL-terminated */
    unsigned method;  /* 0 stored, 8 deflated */
    uint32_t crc;
    size_t packed_bytes, n_bytes;
    const unsigned char *packed;
};

struct pgr_zip;

/* Opens and checks the directory: every place and size lies in the file, no two members have one name. */
PGR_MUST_CHECK pgr_err pgr_zip_open(const char *path, struct pgr_zip **out);
/* The same for bytes in memory, borrowed until close; `path` is for messages. */
PGR_MUST_CHECK pgr_err pgr_zip_open_mem(const char *path, const void *data, size_t n_bytes, struct pgr_zip **out);
void pgr_zip_close(struct pgr_zip *z);

size_t pgr_zip_n_member(const struct pgr_zip *z);
const struct pgr_zip_member *pgr_zip_member_at(const struct pgr_zip *z, size_t i);
const struct pgr_zip_member *pgr_zip_find(const struct pgr_zip *z, const char *name); /* NULL if there is none */

/* Hands the member's bytes to `sink` piece by piece; a sink's error ends the call. PGR_E_FORMAT for damaged data, a
 * wrong length or CRC: then the pieces so far are worthless. */
typedef pgr_err (*pgr_zip_sink)(void *ctx, const void *bytes, size_t n);
PGR_MUST_CHECK pgr_err pgr_zip_extract(const struct pgr_zip *z, const struct pgr_zip_member *m, pgr_zip_sink sink,
                                       void *ctx);

#endif
