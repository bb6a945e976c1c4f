/* utf8.c - UTF-8. */
#include "text/utf8.h"

/* Length by first byte, and the range of the second; table 3-7 of the Unicode standard. 0: cannot start a sequence. */
static size_t lead(unsigned char c, unsigned char *low, unsigned char *high) {
    *low = 0x80;
    *high = 0xbf;
    if (c < 0x80) return 1;
    if (c < 0xc2 || c > 0xf4) return 0;
    if (c == 0xe0) *low = 0xa0;
    if (c == 0xed) *high = 0x9f;
    if (c == 0xf0) *low = 0x90;
    if (c == 0xf4) *high = 0x8f;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Length of the sequence at s, 0 if malformed; *missing = bytes that a so far good sequence lacks at the end of s. */
static size_t measure(const unsigned char *s, size_t n, size_t *missing) {
    unsigned char low, high;
    size_t len = lead(s[0], &low, &high);
    *missing = 0;
    if (len < 2) return len;
    for (size_t i = 1; i < len; i++) {
        if (i == n) {
            *missing = len - n;
            return 0;
        }
        if (s[i] < low || s[i] > high) return 0;
        low = 0x80;
        high = 0xbf;
    }
    return len;
}

size_t pgr_utf8_len(const char *s, size_t n) {
    size_t missing;
    return measure((const unsigned char *)s, n, &missing);
}

size_t pgr_utf8_valid_prefix(const char *s, size_t n) {
    size_t i = 0;
    while (i < n) {
        i += pgr_ascii_prefix(s + i, n - i);
        if (i == n) break;
        size_t len = pgr_utf8_len(s + i, n - i);
        if (len == 0) break;
        i += len;
    }
    return i;
}

size_t pgr_utf8_complete_prefix(const char *s, size_t n) {
    /* An unfinished sequence starts within the last three bytes. */
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        size_t missing;
        measure((const unsigned char *)s + n - back, back, &missing);
        if (missing > 0) return n - back;
    }
    return n;
}

size_t pgr_utf8_encode(uint32_t cp, char out[4]) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}
