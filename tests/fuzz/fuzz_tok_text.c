/* fuzz_tok_text.c - any bytes as text for the tokenizers of tests/golden/tok (run in the source root): what comes back
 * is the text, its well-formed stretches normalised where the tokenizer does so, and encodes to the same ids again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/nfc.h"
#include "text/tok_impl.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "%s: %s\n", what, pgr_err_detail());
    abort();
}

/* What encoding and decoding makes of text[n] when no added token is looked for. */
static void expected(const struct pgr_tok *t, const char *text, size_t n, struct pgr_buf *out) {
    for (size_t i = 0; i < n;) {
        size_t valid = pgr_utf8_valid_prefix(text + i, n - i);
        if (t->nfc)
            need(pgr_nfc(text + i, valid, out) == PGR_OK, "nfc");
        else
            pgr_buf_add(out, text + i, valid);
        i += valid;
        if (i < n) pgr_buf_add(out, text + i++, 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pgr_tok *tok[2];
    static const char *const paths[] = {"tests/golden/tok/qwen2", "tests/golden/tok/llama3"};
    for (int i = 0; i < 2; i++)
        if (!tok[i]) need(pgr_tok_open(paths[i], &tok[i]) == PGR_OK, "open");
    if (size == 0) return 0;
    const struct pgr_tok *t = tok[data[0] & 1];
    const char *text = (const char *)data + 1;
    size_t n = size - 1;
    struct pgr_ids ids = {NULL, 0, 0}, again = {NULL, 0, 0};
    struct pgr_buf got = PGR_BUF_INIT, want = PGR_BUF_INIT;
    need(pgr_tok_encode(t, text, n, true, &ids) == PGR_OK, "encode");
    need(pgr_tok_decode(t, ids.id, ids.n, false, &got) == PGR_OK, "decode");
    if (!t->nfc) need(got.len == n && memcmp(pgr_buf_str(&got), text, n) == 0, "round trip with added tokens");

    ids.n = 0;
    pgr_buf_clear(&got);
    need(pgr_tok_encode(t, text, n, false, &ids) == PGR_OK, "encode");
    need(pgr_tok_decode(t, ids.id, ids.n, false, &got) == PGR_OK, "decode");
    expected(t, text, n, &want);
    need(got.len == want.len && memcmp(pgr_buf_str(&got), pgr_buf_str(&want), got.len) == 0, "round trip");
    need(pgr_tok_encode(t, pgr_buf_str(&got), got.len, false, &again) == PGR_OK, "encode again");
    need(ids.n == again.n && (ids.n == 0 || memcmp(ids.id, again.id, ids.n * sizeof *ids.id) == 0), "same ids again");
    pgr_ids_free(&ids);
    pgr_ids_free(&again);
    pgr_buf_free(&got);
    pgr_buf_free(&want);
    return 0;
}
