/* rm_text.c - see rm_text.h. */
#include "reward/rm_text.h"

#include <string.h>

#include "base/mem.h"

pgr_err pgr_rm_encode(const struct pgr_tok *tok, const char *prompt, const char *reasoning, size_t n_bytes,
                      size_t max_len, struct pgr_ids *out) {
    char *text = pgr_alloc(n_bytes + 1);
    if (!text) return pgr_fail(PGR_E_NOMEM, "out of memory for a text of %zu bytes", n_bytes);
    for (size_t i = 0; i < n_bytes; i++) text[i] = reasoning[i] ? reasoning[i] : ' ';
    text[n_bytes] = '\0';
    const struct pgr_msg msg[2] = {{"user", prompt}, {"assistant", text}};
    size_t before = out->n;
    pgr_err err = pgr_chat_encode(tok, msg, 2, false, out);
    pgr_free(text);
    if (err != PGR_OK) return err;
    size_t n = out->n - before;
    if (n > max_len) {
        memmove(out->id + before, out->id + before + n - max_len, max_len * sizeof *out->id);
        out->n = before + max_len;
    }
    return PGR_OK;
}
