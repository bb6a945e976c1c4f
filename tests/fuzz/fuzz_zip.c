/* fuzz_zip.c - any bytes as a zip archive: refused, or every member extracts or is refused. */
#include <stdint.h>
#include <stdlib.h>

#include "fmt/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static pgr_err count(void *ctx, const void *bytes, size_t n) {
    size_t *sum = ctx;
    for (size_t i = 0; i < n; i++) *sum += ((const unsigned char *)bytes)[i];
    return PGR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct pgr_zip *z;
    size_t sum = 0;
    if (pgr_zip_open_mem("fuzz", data, n, &z) != PGR_OK) return 0;
    for (size_t i = 0; i < pgr_zip_n_member(z); i++) {
        pgr_err err = pgr_zip_extract(z, pgr_zip_member_at(z, i), count, &sum);
        if (err != PGR_OK && err != PGR_E_FORMAT && err != PGR_E_NOMEM) abort();
    }
    pgr_zip_close(z);
    return 0;
}
