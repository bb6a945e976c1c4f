/* wire.h - Python values as bytes: the form in which arguments, results and expected values travel.
 *
 * One value, no white space, every count in decimal without leading zeros:
 *   N                         None
 *   T  F                      True, False
 *   i<decimal>;               int within 64 bits, e.g. i-12;
 *   x<hex>;                   any other int, e.g. x-10000000000000000;   lower case, no leading zero
 *   r<16 hex>                 float, IEEE 754 bits, big endian
 *   c<32 hex>                 complex, real then imaginary
 *   s<n>:<n bytes>            str, UTF-8 (lone surrogates as their three bytes)
 *   b<n>:<n bytes>            bytes
 *   l<n>:<n values>           list;   t tuple, u set, z frozenset likewise
 *   d<n>:<n keys and values>  dict, in its order
 * Only with PGR_WIRE_OBJECTS (tests that are Python code):
 *   e<n>:<name><value>        an object of a known library type and the plain value to rebuild it from
 *   p<index>;                 node of the message's table of instances
 *   h<id>;<n>:<name>          an object that stays with the tested program, and its type's name
 *   j<id>;                    an object that stays with the judge
 * Only with PGR_WIRE_OPAQUE (results of calls):
 *   o<n>:<name>               a value that has no wire form, by its type's name; equal to nothing
 *
 * One value has exactly one encoding, but for the order within sets and dicts. Decoders are fed by programs that want
 * to break them: bounds are PGR_WIRE_MAX_DEPTH, PGR_WIRE_MAX_HEX and the size of the frame. */
#ifndef PGR_SBX_WIRE_H
#define PGR_SBX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    PGR_WIRE_MAX_DEPTH = 100,
    PGR_WIRE_MAX_HEX = 1 << 20,     /* digits of an int */
    PGR_WIRE_MAX_DECIMAL = 1 << 14, /* of one that is given in decimal: the conversion takes n * n steps */
    PGR_WIRE_MAX_NAME = 200
};
enum { PGR_WIRE_OBJECTS = 1, PGR_WIRE_OPAQUE = 2 };

struct pgr_wire_scan {
    size_t n_bytes; /* length of the value */
    size_t n_nodes; /* values in it, itself included */
    size_t opaque;  /* offset of the first 'o', 'h' or 'e'; SIZE_MAX if none */
};

/* Checks one value at the start of p[n], without allocating. NULL and *out filled, or what is wrong (static text). */
const char *pgr_wire_scan(const unsigned char *p, size_t n, unsigned allow, struct pgr_wire_scan *out);

/* A value taken apart: nodes in the order of the bytes, a node's children right after it. */
struct pgr_wire_node {
    const unsigned char *at; /* s, b: the bytes; others: the first byte of the encoding */
    uint32_t n;              /* l t u z: values; d: pairs; s b: bytes; others: bytes of the encoding */
    uint32_t n_nodes;        /* nodes of this subtree, itself included */
    uint64_t hash;           /* equal values of equal type have equal hashes, whatever the order in sets and dicts */
    unsigned char kind;      /* the letter */
};
struct pgr_wire_value {
    struct pgr_wire_node *node; /* owned; bytes borrowed */
    size_t n_nodes;
};

/* Takes apart a value that pgr_wire_scan has accepted. PGR_E_NOMEM. `bytes` must stay. */
PGR_MUST_CHECK pgr_err pgr_wire_parse(const unsigned char *bytes, size_t n, struct pgr_wire_value *out);
void pgr_wire_free(struct pgr_wire_value *v);

/* Exact type and value everywhere: an int equals no float and no bool, a list no tuple. Floats: equal bits or equal
 * numbers (0.0 and -0.0), NaN equals NaN; where atol or rtol is set and the expected float is finite,
 * |got - expected| <= atol + rtol * |expected| with a finite got. Elements of sets and keys of dicts are always exact.
 * Order in sets and dicts does not matter. Time is n log n in the nodes. Returns whether they are equal; PGR_E_NOMEM.
 */
PGR_MUST_CHECK pgr_err pgr_wire_equal(const struct pgr_wire_value *got, const struct pgr_wire_value *expected,
                                      double atol, double rtol, bool *equal);

/* Appends the value in Python's notation, at most about max_bytes of it ("..." marks the cut). Any bytes are safe. */
void pgr_wire_show(const unsigned char *p, size_t n, size_t max_bytes, struct pgr_buf *out);

/* The number in an 'r' (or half of a 'c') at p: 16 hex digits. */
double pgr_wire_real(const unsigned char *p);

/* Encoders. */
void pgr_wire_put_int(struct pgr_buf *b, int64_t v);
void pgr_wire_put_real(struct pgr_buf *b, double v);
void pgr_wire_put_complex(struct pgr_buf *b, double re, double im);
void pgr_wire_put_text(struct pgr_buf *b, char kind, const void *bytes, size_t n);
void pgr_wire_put_head(struct pgr_buf *b, char kind, size_t n);
/* An int of any size from its decimal digits (with an optional '-'). PGR_E_FORMAT. */
PGR_MUST_CHECK pgr_err pgr_wire_put_decimal(struct pgr_buf *b, const char *decimal);

#endif
