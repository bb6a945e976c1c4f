/* utf8.h - UTF-8 as Unicode defines it (table 3-7): no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef PGR_TEXT_UTF8_H
#define PGR_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of the well-formed sequence at s[n], n >= 1; 0 if there is none. */
size_t pgr_utf8_len(const char *s, size_t n);

/* Bytes of the longest well-formed prefix of s[n]. */
size_t pgr_utf8_valid_prefix(const char *s, size_t n);

/* For printing a stream piece by piece: the length of s[n] without a sequence at its end that later bytes could still
 * complete (at most 3 bytes are held back). Bytes that can never become well-formed are not held back. */
size_t pgr_utf8_complete_prefix(const char *s, size_t n);

/* The code point at s, which must be well-formed there; its length goes to *len. */
static inline uint32_t pgr_utf8_decode(const char *s, size_t *len) {
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80) {
        *len = 1;
        return u[0];
    }
    if (u[0] < 0xe0) {
        *len = 2;
        return (uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3fu);
    }
    if (u[0] < 0xf0) {
        *len = 3;
        return (uint32_t)(u[0] & 0x0f) << 12 | (uint32_t)(u[1] & 0x3f) << 6 | (u[2] & 0x3fu);
    }
    *len = 4;
    return (uint32_t)(u[0] & 0x07) << 18 | (uint32_t)(u[1] & 0x3f) << 12 | (uint32_t)(u[2] & 0x3f) << 6 |
           (u[3] & 0x3fu);
}

/* Writes a code point (no surrogate, at most U+10FFFF) and returns its length, 1 to 4. */
size_t pgr_utf8_encode(uint32_t cp, char out[4]);

/* The number of ASCII bytes at the start of s[n], counted in steps of 8 where that is faster: never too many, maybe too
 * few by the last 7. */
static inline size_t pgr_ascii_prefix(const char *s, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, s + i, 8);
        if (w & 0x8080808080808080u) return i;
    }
    return i;
}

#endif
