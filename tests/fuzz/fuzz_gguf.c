/* fuzz_gguf.c - any bytes as a GGUF file: refused, or all metadata that a model needs and every tensor can be read. */
#include <stdint.h>
#include <stdlib.h>

#include "fmt/gguf.h"
#include "model/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t read_arrays(const struct pgr_gguf *g) {
    static const char *const keys[] = {"tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"};
    static const enum pgr_gguf_kind kinds[] = {PGR_GGUF_STR, PGR_GGUF_REAL, PGR_GGUF_INT};
    size_t sum = 0;
    for (size_t k = 0; k < 3; k++) {
        struct pgr_gguf_array a;
        if (pgr_gguf_array_opt(g, keys[k], kinds[k], &a) != PGR_OK) continue;
        for (size_t i = 0; i < a.n; i++) {
            size_t len = 0;
            if (a.kind == PGR_GGUF_STR) {
                const char *s = pgr_gguf_item_str(&a, i, &len);
                for (size_t c = 0; c < len; c++) sum += (unsigned char)s[c];
            } else if (a.kind == PGR_GGUF_INT) {
                sum += (size_t)pgr_gguf_item_int(&a, i);
            } else {
                sum += pgr_gguf_item_real(&a, i) > 0;
            }
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct pgr_gguf *g;
    struct pgr_config cfg;
    if (pgr_gguf_open_mem("fuzz", data, n, &g) != PGR_OK) return 0;
    if (pgr_config_from_gguf(g, &cfg) == PGR_OK && pgr_config_check(&cfg, "fuzz") != PGR_OK) abort();
    volatile size_t sum = read_arrays(g); /* the bytes are really read */
    (void)sum;
    for (size_t i = 0; i < pgr_gguf_n_tensor(g); i++) {
        const struct pgr_gguf_tensor *t = pgr_gguf_tensor_at(g, i);
        if (pgr_gguf_tensor_find(g, t->name) != t) abort();
        float *row = malloc(t->dim[0] * sizeof *row);
        if (!row) abort(); /* a row is in the file, so at most a few times its size */
        pgr_gguf_rows(t, t->n_row - 1, 1, row);
        free(row);
    }
    pgr_gguf_close(g);
    return 0;
}
