/* tok_build.c - what reading a tokenizer needs whatever file it comes from. */
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "text/nfc.h"
#include "text/tok_impl.h"
#include "text/utf8.h"

bool pgr_tok_is_text(const char *s, size_t n) { return pgr_utf8_valid_prefix(s, n) == n; }

/* The bytes of a piece in the byte alphabet, into *b; false when it has other characters. */
static bool to_bytes(const char *piece, size_t n, struct pgr_buf *b) {
    pgr_buf_clear(b);
    pgr_buf_add(b, piece, n); /* room enough: the bytes are never more than the characters' */
    size_t len = 0;
    if (b->failed || (n > 0 && !pgr_byte_chars_decode(piece, n, b->data, &len))) return false;
    b->len = len;
    return true;
}

pgr_err pgr_tok_put_piece(struct pgr_tok *t, int64_t id, const char *piece, size_t n, struct pgr_buf *b) {
    if (to_bytes(piece, n, b)) return pgr_vocab_put(&t->vocab, id, pgr_buf_str(b), b->len, PGR_TOKEN_MODEL);
    PGR_TRY(pgr_buf_ok(b));
    return pgr_vocab_put(&t->vocab, id, piece, n, PGR_TOKEN_MODEL | PGR_TOKEN_RAW);
}

pgr_err pgr_tok_put_pair(struct pgr_tok *t, const char *where, size_t rank, const char *const part[2],
                         const size_t n[2], struct pgr_buf b[2]) {
    for (size_t k = 0; k < 2; k++)
        if (!to_bytes(part[k], n[k], &b[k])) {
            PGR_TRY(pgr_buf_ok(&b[k]));
            return pgr_fail(PGR_E_FORMAT, "%s: merge %zu: \"%.*s\" is not in the byte alphabet", where, rank,
                            (int)pgr_min(n[k], 64), part[k]);
        }
    pgr_err err = pgr_bpe_add(&t->bpe, (uint32_t)rank, pgr_buf_str(&b[0]), b[0].len, pgr_buf_str(&b[1]), b[1].len);
    return err == PGR_OK ? err : pgr_fail_prefix(err, "%s", where);
}

pgr_err pgr_tok_put_merge(struct pgr_tok *t, const char *where, size_t rank, const char *s, size_t n,
                          struct pgr_buf b[2]) {
    const char *space = memchr(s, ' ', n);
    size_t left = space ? (size_t)(space - s) : 0;
    if (left == 0 || left + 1 == n || memchr(space + 1, ' ', n - left - 1) || !pgr_tok_is_text(s, n))
        return pgr_fail(PGR_E_FORMAT, "%s: merge %zu must be two tokens with a space between", where, rank);
    const char *part[2] = {s, space + 1};
    size_t len[2] = {left, n - left - 1};
    return pgr_tok_put_pair(t, where, rank, part, len, b);
}

pgr_err pgr_tok_put_added(struct pgr_tok *t, int64_t id, const char *text, size_t n, struct pgr_added_token flags,
                          bool normalized) {
    PGR_TRY(
        pgr_vocab_put(&t->vocab, id, text, n, PGR_TOKEN_ADDED | (flags.special ? (unsigned)PGR_TOKEN_SPECIAL : 0u)));
    flags.id = (int32_t)id;
    flags.control = flags.special || (n > 4 && memcmp(text, "<|", 2) == 0 && memcmp(text + n - 2, "|>", 2) == 0);
    if (!normalized) return pgr_added_add(&t->added, &flags, text, n);
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    if (t->nfc) {
        err = pgr_nfc(text, n, &b);
        text = pgr_buf_str(&b);
        n = b.len;
    }
    if (err == PGR_OK) err = pgr_added_add(&t->normalized, &flags, text, n);
    pgr_buf_free(&b);
    return err;
}
