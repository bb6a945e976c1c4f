/* fuzz_safetensors.c - any bytes as a safetensors file: refused, or every tensor can be read. */
#include <stdint.h>
#include <stdlib.h>

#include "fmt/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct pgr_st *s;
    if (pgr_st_open_mem("fuzz", data, n, &s) != PGR_OK) return 0;
    for (size_t i = 0; i < pgr_st_n_tensor(s); i++) {
        const struct pgr_st_tensor *t = pgr_st_tensor_at(s, i);
        if (pgr_st_tensor_find(s, t->name) != t) abort();
        if (pgr_st_can_read(t) != PGR_OK) continue;
        float *v = malloc(t->n_elem * sizeof *v + 1);
        if (!v) abort(); /* the data are as long as the file, so this fits */
        pgr_st_read(t, 0, t->n_elem, v);
        free(v);
    }
    pgr_st_close(s);
    return 0;
}
