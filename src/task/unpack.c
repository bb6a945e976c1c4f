/* unpack.c - see unpack.h. */
#include "task/unpack.h"

#include <string.h>
#include <zlib.h>

#include "base/size.h"

static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

pgr_err pgr_base64_decode(const char *s, size_t n, struct pgr_buf *out) {
    unsigned bits = 0;
    size_t n_bits = 0, i = 0, n_chars = 0;
    for (; i < n && s[i] != '='; i++) {
        if (s[i] == '\n' || s[i] == '\r') continue;
        int v = sextet(s[i]);
        if (v < 0) return pgr_fail(PGR_E_FORMAT, "byte %zu is not base64", i);
        bits = (bits << 6 | (unsigned)v) & 0xffff;
        n_bits += 6;
        n_chars++;
        if (n_bits >= 8) {
            n_bits -= 8;
            pgr_buf_addc(out, (char)(bits >> n_bits & 0xff));
        }
    }
    size_t n_pad = 0;
    for (; i < n; i++) {
        if (s[i] == '=')
            n_pad++;
        else if (s[i] != '\n' && s[i] != '\r')
            return pgr_fail(PGR_E_FORMAT, "base64 goes on after its end at byte %zu", i);
    }
    if ((n_chars + n_pad) % 4 != 0 || n_pad > 2) return pgr_fail(PGR_E_FORMAT, "base64 is cut short");
    return pgr_buf_ok(out);
}

pgr_err pgr_inflate(const char *bytes, size_t n, size_t max_bytes, struct pgr_buf *out) {
    z_stream z = {0};
    if (inflateInit(&z) != Z_OK) return pgr_fail(PGR_E_NOMEM, "cannot start zlib");
    size_t from = out->len;
    int rc = Z_OK;
    pgr_err err = PGR_OK;
    while (rc == Z_OK) {
        char chunk[1 << 14];
        if (z.avail_in == 0 && n) {
            size_t part = pgr_min(n, 1u << 30);
            z.next_in = (unsigned char *)(uintptr_t)bytes; /* zlib's old interface lacks const */
            z.avail_in = (uInt)part;
            bytes += part;
            n -= part;
        }
        z.next_out = (unsigned char *)chunk;
        z.avail_out = sizeof chunk;
        rc = inflate(&z, Z_NO_FLUSH);
        size_t got = sizeof chunk - z.avail_out;
        if (out->len - from + got > max_bytes) {
            err = pgr_fail(PGR_E_RANGE, "unpacks to more than %zu bytes", max_bytes);
            break;
        }
        pgr_buf_add(out, chunk, got);
        if (rc == Z_OK && got == 0 && z.avail_in == 0 && n == 0) rc = Z_BUF_ERROR;
    }
    if (err == PGR_OK && rc == Z_MEM_ERROR) err = pgr_fail(PGR_E_NOMEM, "out of memory in zlib");
    if (err == PGR_OK && rc != Z_STREAM_END)
        err = pgr_fail(PGR_E_FORMAT, "the zlib stream is %s", rc == Z_BUF_ERROR ? "cut short" : "damaged");
    inflateEnd(&z);
    return err == PGR_OK ? pgr_buf_ok(out) : err;
}

static size_t little_endian(const unsigned char *p, size_t n_bytes) {
    size_t v = 0;
    while (n_bytes--) v = v << 8 | p[n_bytes];
    return v;
}

/* Opcodes of the pickle module's protocols 2 to 5 that a lone str has. */
pgr_err pgr_pickled_text(const char *bytes, size_t n, const char **text, size_t *n_text) {
    const unsigned char *p = (const unsigned char *)bytes, *end = p + n;
    const char *found = NULL;
    size_t n_found = 0;
    while (p < end) {
        unsigned char op = *p++;
        size_t left = (size_t)(end - p), head = 0;
        switch (op) {
        case 0x80: head = 1; break; /* PROTO */
        case 0x95: head = 8; break; /* FRAME */
        case 'q': head = 1; break;  /* BINPUT */
        case 'r': head = 4; break;  /* LONG_BINPUT */
        case 0x94: head = 0; break; /* MEMOIZE */
        case 0x8c: head = 1; break; /* SHORT_BINUNICODE */
        case 'X': head = 4; break;  /* BINUNICODE */
        case 0x8d: head = 8; break; /* BINUNICODE8 */
        case '.':
            if (!found) return pgr_fail(PGR_E_FORMAT, "the pickle holds no text");
            if (p != end) return pgr_fail(PGR_E_FORMAT, "the pickle goes on after its end");
            *text = found;
            *n_text = n_found;
            return PGR_OK;
        default: return pgr_fail(PGR_E_FORMAT, "the pickle holds more than a text (opcode 0x%02x)", op);
        }
        if (left < head) return pgr_fail(PGR_E_FORMAT, "the pickle is cut short");
        if (op == 0x8c || op == 'X' || op == 0x8d) {
            if (found) return pgr_fail(PGR_E_FORMAT, "the pickle holds more than one text");
            n_found = little_endian(p, head);
            if (n_found > left - head) return pgr_fail(PGR_E_FORMAT, "the pickle is cut short");
            found = (const char *)p + head;
            p += n_found;
        }
        p += head;
    }
    return pgr_fail(PGR_E_FORMAT, "the pickle is cut short");
}

pgr_err pgr_unpack_tests(const char *base64, size_t n, size_t max_bytes, struct pgr_buf *out) {
    struct pgr_buf packed = PGR_BUF_INIT, pickle = PGR_BUF_INIT;
    const char *text;
    size_t n_text;
    pgr_err err;
    PGR_TRY_GOTO(pgr_base64_decode(base64, n, &packed));
    PGR_TRY_GOTO(pgr_inflate(packed.data ? packed.data : "", packed.len, max_bytes, &pickle));
    PGR_TRY_GOTO(pgr_pickled_text(pickle.data ? pickle.data : "", pickle.len, &text, &n_text));
    pgr_buf_add(out, text, n_text);
    err = pgr_buf_ok(out);
out:
    pgr_buf_free(&packed);
    pgr_buf_free(&pickle);
    return err;
}
