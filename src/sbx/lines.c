/* lines.c - LiveCodeBench's comparison of outputs. */
#include <string.h>

#include "base/size.h"
#include "sbx/verdict.h"

/* How many bytes of what Python's str.strip() takes for white space begin here; 0 for none. */
static size_t blank_at(const char *p, size_t n) {
    static const char *const wide[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                       "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    if (n == 0) return 0;
    if (*p == ' ' || (*p >= '\t' && *p <= '\r') || (*p >= 0x1c && *p <= 0x1f)) return 1;
    for (size_t i = 0; i < PGR_COUNT(wide); i++)
        if (n >= strlen(wide[i]) && memcmp(p, wide[i], strlen(wide[i])) == 0) return strlen(wide[i]);
    bool is_space =
        n >= 3 && memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8a;
    return is_space ? 3 : 0; /* U+2000 to U+200A */
}

/* The same for white space that ends at end; n bytes are before it. */
static size_t blank_before(const char *end, size_t n) {
    for (size_t k = 1; k <= 3 && k <= n; k++)
        if (blank_at(end - k, k) == k) return k;
    return 0;
}

static struct pgr_span strip(struct pgr_span s) {
    for (size_t k; (k = blank_at(s.data, s.n)) != 0; s.n -= k) s.data += k;
    for (size_t k; (k = blank_before(s.data + s.n, s.n)) != 0;) s.n -= k;
    return s;
}

/* Takes the first line off *rest. */
static struct pgr_span next_line(struct pgr_span *rest) {
    const char *nl = memchr(rest->data, '\n', rest->n);
    struct pgr_span line = {rest->data, nl ? (size_t)(nl - rest->data) : rest->n};
    size_t used = line.n + (nl != NULL);
    rest->data += used;
    rest->n -= used;
    return strip(line);
}

static size_t n_lines(struct pgr_span s) {
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++) n += s.data[i] == '\n';
    return n;
}

static bool next_token(struct pgr_span *rest, struct pgr_span *token) {
    for (size_t k; (k = blank_at(rest->data, rest->n)) != 0; rest->n -= k) rest->data += k;
    if (rest->n == 0) return false;
    token->data = rest->data;
    while (rest->n && blank_at(rest->data, rest->n) == 0) rest->data++, rest->n--;
    token->n = (size_t)(rest->data - token->data);
    return true;
}

/* A number as Python's Decimal reads it: sign, digits first[n] without zeros at either end (dots and
 * underscores skipped), scale. */
struct decimal {
    enum { FINITE, INFINITE, NOT_A_NUMBER } kind;
    bool negative;
    const char *digit, *end; /* from the first digit that is not 0 to behind the last; digit == end for 0 */
    long long exponent;      /* of the last digit kept */
};

static bool is_word(const char *p, const char *end, const char *word) {
    if ((size_t)(end - p) != strlen(word)) return false;
    for (; p < end; p++, word++)
        if ((*p | 0x20) != *word) return false;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_skipped(char c) { return c == '.' || c == '_'; }

static bool read_exponent(const char *p, const char *end, long long *out) {
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    long long v = 0;
    bool any = false;
    for (; p < end; p++) {
        if (*p == '_') continue;
        if (!is_digit(*p) || v > 99999999999999999) return false; /* beyond Decimal's own limit */
        v = v * 10 + (*p - '0');
        any = true;
    }
    if (!any) return false;
    *out = negative ? -v : v;
    return true;
}

static bool read_decimal(struct pgr_span s, struct decimal *d) {
    const char *p = s.data, *end = p + s.n;
    *d = (struct decimal){.kind = FINITE};
    if (p < end && (*p == '-' || *p == '+')) d->negative = *p++ == '-';
    if (is_word(p, end, "inf") || is_word(p, end, "infinity")) {
        d->kind = INFINITE;
        return true;
    }
    if (is_word(p, end, "nan") || is_word(p, end, "snan")) {
        d->kind = NOT_A_NUMBER;
        return true;
    }
    const char *from = p, *dot = NULL;
    size_t n_digits = 0, n_behind = 0;
    for (; p < end && (is_digit(*p) || *p == '_' || (*p == '.' && !dot)); p++) {
        if (*p == '.') dot = p;
        n_digits += is_digit(*p);
        n_behind += dot && is_digit(*p);
    }
    if (n_digits == 0) return false;
    const char *to = p;
    if (p < end && (*p | 0x20) != 'e') return false;
    if (p < end && !read_exponent(p + 1, end, &d->exponent)) return false;
    d->exponent -= (long long)n_behind;
    while (from < to && (*from == '0' || is_skipped(*from))) from++;
    while (from < to && (to[-1] == '0' || is_skipped(to[-1]))) d->exponent += *--to == '0';
    d->digit = from;
    d->end = to;
    return true;
}

static bool same_decimal(const struct decimal *a, const struct decimal *b) {
    if (a->kind != b->kind || a->kind == NOT_A_NUMBER) return false;
    if (a->kind == INFINITE) return a->negative == b->negative;
    const char *p = a->digit, *q = b->digit;
    if (p == a->end || q == b->end) return p == a->end && q == b->end;
    if (a->negative != b->negative || a->exponent != b->exponent) return false;
    for (;; p++, q++) {
        while (p < a->end && is_skipped(*p)) p++;
        while (q < b->end && is_skipped(*q)) q++;
        if (p == a->end || q == b->end) return p == a->end && q == b->end;
        if (*p != *q) return false;
    }
}

static bool same_numbers(struct pgr_span got, struct pgr_span want) {
    struct pgr_span g, w;
    for (;;) {
        bool more = next_token(&got, &g);
        if (more != next_token(&want, &w)) return false;
        if (!more) return true;
        struct decimal a, b;
        if (!read_decimal(g, &a) || !read_decimal(w, &b) || !same_decimal(&a, &b)) return false;
    }
}

bool pgr_output_equal_lines(struct pgr_span got, struct pgr_span expected) {
    got = strip(got);
    expected = strip(expected);
    size_t n = n_lines(got);
    if (n != n_lines(expected)) return false;
    for (size_t i = 0; i < n; i++) {
        struct pgr_span g = next_line(&got), w = next_line(&expected);
        bool same = g.n == w.n && memcmp(g.data, w.data, g.n) == 0;
        if (!same && !same_numbers(g, w)) return false;
    }
    return true;
}
