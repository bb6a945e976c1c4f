/* fuzz_tok_json.c - any bytes as tokenizer.json: refused, or a tokenizer that encodes and decodes without harm.
 *     fuzz_tok_json -max_len=20000 CORPUS tests/golden/tok/unk */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/tok_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const texts[] = {"", "a ab", "it's 12\n\n  x\xc3\xa9\xff", "<x> <|im_end|>",
                                        "e\xcc\x81 \xe4\xbd\xa0"};
    struct pgr_tok *t;
    if (pgr_tok_new("fuzz", &t) != PGR_OK) return 0;
    if (pgr_tok_load_json_text(t, "fuzz", (const char *)data, size) == PGR_OK) {
        struct pgr_ids ids = {NULL, 0, 0};
        struct pgr_buf b = PGR_BUF_INIT;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            ids.n = 0;
            /* A hostile pattern may need more steps than the matcher allows. */
            if (pgr_tok_encode(t, texts[i], strlen(texts[i]), i % 2 == 0, &ids) != PGR_OK) continue;
            if (pgr_tok_decode(t, ids.id, ids.n, false, &b) != PGR_OK) abort();
        }
        pgr_ids_free(&ids);
        pgr_buf_free(&b);
    }
    pgr_tok_close(t);
    return 0;
}
