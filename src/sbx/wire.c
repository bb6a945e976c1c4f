/* wire.c - checking the wire form, and writing it. */
#include "sbx/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"

struct cursor {
    const unsigned char *p, *start, *end;
    unsigned allow;
    size_t n_nodes, opaque;
};

/* Digits then `stop`. NULL when fine. */
static const char *take_count(struct cursor *c, unsigned char stop, size_t *out) {
    size_t v = 0;
    const unsigned char *first = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9') {
        if (c->p - first >= 10) return "a count of more than ten digits";
        v = v * 10 + (size_t)(*c->p - '0');
        c->p++;
    }
    if (c->p == first) return "a count without digits";
    if (*first == '0' && c->p - first > 1) return "a count with a leading zero";
    if (c->p == c->end || *c->p != stop) return "a count without its end mark";
    c->p++;
    *out = v;
    return NULL;
}

static bool is_hex(unsigned char ch) { return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f'); }

static const char *scan_hex(struct cursor *c, size_t n) {
    if ((size_t)(c->end - c->p) < n) return "a float cut short";
    for (size_t i = 0; i < n; i++)
        if (!is_hex(c->p[i])) return "a float that is not lower-case hex";
    c->p += n;
    return NULL;
}

static const char *scan_int(struct cursor *c) {
    bool negative = c->p < c->end && *c->p == '-';
    if (negative) c->p++;
    const unsigned char *first = c->p;
    uint64_t v = 0, top = negative ? (uint64_t)1 << 63 : INT64_MAX;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9') {
        uint64_t digit = (uint64_t)(*c->p - '0');
        if (v > (top - digit) / 10) return "an int of more than 64 bits in decimal";
        v = v * 10 + digit;
        c->p++;
    }
    if (c->p == first) return "an int without digits";
    if (*first == '0' && (negative || c->p - first > 1)) return "an int with a leading zero";
    if (c->p == c->end || *c->p != ';') return "an int without its end mark";
    c->p++;
    return NULL;
}

static const char *scan_big(struct cursor *c) {
    bool negative = c->p < c->end && *c->p == '-';
    if (negative) c->p++;
    const unsigned char *first = c->p;
    while (c->p < c->end && is_hex(*c->p)) {
        if (c->p - first >= PGR_WIRE_MAX_HEX) return "an int of too many digits";
        c->p++;
    }
    size_t n = (size_t)(c->p - first);
    if (n < 16 || *first == '0') return "a large int that is not large";
    if (n == 16) {
        const char *limit = negative ? "8000000000000000" : "7fffffffffffffff";
        if (memcmp(first, limit, 16) <= 0) return "a large int that is not large";
    }
    if (c->p == c->end || *c->p != ';') return "an int without its end mark";
    c->p++;
    return NULL;
}

/* UTF-8 as Python's "surrogatepass" writes it: the usual table, with U+D800..DFFF as three bytes. */
static bool is_utf8(const unsigned char *s, size_t n) {
    size_t i = 0;
    while (i < n) {
        unsigned char a = s[i];
        size_t len = a < 0x80 ? 1 : a < 0xc2 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 0;
        if (len == 0 || n - i < len) return false;
        for (size_t k = 1; k < len; k++)
            if ((s[i + k] & 0xc0) != 0x80) return false;
        if (a == 0xe0 && s[i + 1] < 0xa0) return false;
        if (a == 0xf0 && s[i + 1] < 0x90) return false;
        if (a == 0xf4 && s[i + 1] > 0x8f) return false;
        i += len;
    }
    return true;
}

static const char *scan_bytes(struct cursor *c, bool text, size_t max) {
    size_t n;
    const char *bad = take_count(c, ':', &n);
    if (bad) return bad;
    if (n > max) return "a name that is too long";
    if ((size_t)(c->end - c->p) < n) return "a string cut short";
    if (text && !is_utf8(c->p, n)) return "a str that is not UTF-8";
    c->p += n;
    return NULL;
}

static const char *scan_value(struct cursor *c, int depth);

static const char *scan_items(struct cursor *c, int depth, size_t per_item) {
    size_t n;
    const char *bad = take_count(c, ':', &n);
    /* Each value takes at least one byte: a larger count is a lie. */
    if (!bad && n * per_item > (size_t)(c->end - c->p)) bad = "a container cut short";
    for (size_t i = 0; !bad && i < n * per_item; i++) bad = scan_value(c, depth + 1);
    return bad;
}

static const char *scan_object(struct cursor *c, unsigned char kind, int depth) {
    size_t id;
    const char *bad;
    if (kind == 'o') {
        if (!(c->allow & PGR_WIRE_OPAQUE)) return "a value without a wire form";
        return scan_bytes(c, true, PGR_WIRE_MAX_NAME);
    }
    if (!(c->allow & PGR_WIRE_OBJECTS)) return "an object where only plain values are allowed";
    if (kind == 'e') {
        bad = scan_bytes(c, true, PGR_WIRE_MAX_NAME);
        return bad ? bad : scan_value(c, depth + 1);
    }
    bad = take_count(c, ';', &id);
    return bad || kind != 'h' ? bad : scan_bytes(c, true, PGR_WIRE_MAX_NAME);
}

static const char *scan_value(struct cursor *c, int depth) {
    if (depth > PGR_WIRE_MAX_DEPTH) return "a value nested too deeply";
    if (c->p == c->end) return "a value cut short";
    c->n_nodes++;
    unsigned char kind = *c->p++;
    switch (kind) {
    case 'N':
    case 'T':
    case 'F': return NULL;
    case 'i': return scan_int(c);
    case 'x': return scan_big(c);
    case 'r': return scan_hex(c, 16);
    case 'c': return scan_hex(c, 32);
    case 's': return scan_bytes(c, true, SIZE_MAX);
    case 'b': return scan_bytes(c, false, SIZE_MAX);
    case 'l':
    case 't':
    case 'u':
    case 'z': return scan_items(c, depth, 1);
    case 'd': return scan_items(c, depth, 2);
    case 'e':
    case 'p':
    case 'h':
    case 'j':
    case 'o':
        if (c->opaque == SIZE_MAX) c->opaque = (size_t)(c->p - 1 - c->start);
        return scan_object(c, kind, depth);
    default: return "an unknown kind of value";
    }
}

const char *pgr_wire_scan(const unsigned char *p, size_t n, unsigned allow, struct pgr_wire_scan *out) {
    if (n > UINT32_MAX) return "a value of more than 4 GB";
    struct cursor c = {p, p, p + n, allow, 0, SIZE_MAX};
    const char *bad = scan_value(&c, 0);
    if (bad) return bad;
    *out = (struct pgr_wire_scan){(size_t)(c.p - p), c.n_nodes, c.opaque};
    return NULL;
}

double pgr_wire_real(const unsigned char *p) {
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++) bits = bits << 4 | (uint64_t)(p[i] <= '9' ? p[i] - '0' : p[i] - 'a' + 10);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* ---- writing ---- */

void pgr_wire_put_int(struct pgr_buf *b, int64_t v) { pgr_buf_addf(b, "i%" PRId64 ";", v); }

static uint64_t bits_of(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

void pgr_wire_put_real(struct pgr_buf *b, double v) { pgr_buf_addf(b, "r%016" PRIx64, bits_of(v)); }

void pgr_wire_put_complex(struct pgr_buf *b, double re, double im) {
    pgr_buf_addf(b, "c%016" PRIx64 "%016" PRIx64, bits_of(re), bits_of(im));
}

void pgr_wire_put_head(struct pgr_buf *b, char kind, size_t n) { pgr_buf_addf(b, "%c%zu:", kind, n); }

void pgr_wire_put_text(struct pgr_buf *b, char kind, const void *bytes, size_t n) {
    pgr_wire_put_head(b, kind, n);
    pgr_buf_add(b, bytes, n);
}

pgr_err pgr_wire_put_decimal(struct pgr_buf *b, const char *decimal) {
    bool negative = decimal[0] == '-';
    const char *d = decimal + negative;
    size_t n = strlen(d);
    if (n == 0 || strspn(d, "0123456789") != n || (d[0] == '0' && (n > 1 || negative)))
        return pgr_fail(PGR_E_FORMAT, "\"%.40s\" is not a decimal integer", decimal);
    /* 19 digits always fit into uint64_t; |v| < 2^63 has the short form. */
    uint64_t small = 0;
    for (size_t i = 0; n <= 19 && i < n; i++) small = small * 10 + (uint64_t)(d[i] - '0');
    if (n <= 19 && (small <= INT64_MAX || (negative && small == (uint64_t)1 << 63))) {
        pgr_buf_addf(b, "i%s;", decimal);
        return PGR_OK;
    }
    /* Each decimal digit is less than four bits. Limbs are little endian, base 2^32. */
    if (n > (size_t)PGR_WIRE_MAX_DECIMAL)
        return pgr_fail(PGR_E_FORMAT, "an integer of %zu digits, at most %d", n, PGR_WIRE_MAX_DECIMAL);
    size_t n_limbs = n / 8 + 1, used = 0;
    uint32_t *limb = pgr_alloc_zero(n_limbs, sizeof *limb);
    if (!limb) return pgr_fail(PGR_E_NOMEM, "out of memory for an integer of %zu digits", n);
    for (size_t i = 0; i < n; i++) {
        uint64_t carry = (uint64_t)(d[i] - '0');
        for (size_t k = 0; k < used; k++) {
            carry += (uint64_t)limb[k] * 10;
            limb[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry) limb[used++] = (uint32_t)carry;
    }
    pgr_buf_addf(b, "x%s%" PRIx32, negative ? "-" : "", limb[used - 1]);
    for (size_t k = used - 1; k-- > 0;) pgr_buf_addf(b, "%08" PRIx32, limb[k]);
    pgr_buf_addc(b, ';');
    pgr_free(limb);
    return PGR_OK;
}
