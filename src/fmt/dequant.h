/* dequant.h - the number formats of GGUF tensors and their conversion to float32.
 *
 * A tensor is stored as blocks of `block` elements in `block_bytes` bytes; a row is a whole number of blocks. With d
 * and m half-precision scales of the block and q the stored integer: F32 F16 BF16          the number itself Q8_0 d q
 * q 8 bits, signed Q4_0  Q5_0            d (q - 8)  d (q - 16)   q 4 or 5 bits Q4_1  Q5_1            d q + m Q4_K  Q5_K
 * (d s) q - (dmin t)      super-block of 8 x 32; s, t 6-bit scale and minimum of 32 elements Q6_K                  (d
 * s) (q - 32)          super-block of 16 x 16; s 8-bit signed scale of 16 elements Each product and sum is rounded to
 * float32 in the order written, as the reference implementation does. Source of the layouts: ggml's ggml-common.h and
 * the `gguf` Python package (MIT). */
#ifndef PGR_FMT_DEQUANT_H
#define PGR_FMT_DEQUANT_H

#include <stddef.h>
#include <stdint.h>

struct pgr_quant {
    uint32_t id; /* the file format's number */
    const char *name;
    size_t block, block_bytes;
    /* n_block blocks to dst[n_block * block]; src needs no alignment. NULL: known by name only. */
    void (*to_f32)(const unsigned char *src, size_t n_block, float *dst);
};

/* NULL for a number that is no known type; to_f32 is NULL for types that are known but not supported. */
const struct pgr_quant *pgr_quant_find(uint32_t id);

#endif
