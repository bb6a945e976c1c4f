/* test_gguf.c - GGUF files: formats against the `gguf` package (tools/make_gguf_golden.py), damaged and hostile files.
 *
 * Dequantisation must be bit-exact: both sides round each product and sum to float32 in the same order. */
#include "test.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/size.h"
#include "fmt/gguf.h"

#define GOLDEN "tests/golden/gguf/quants.gguf"

static void every_format_equals_the_reference(void **state) {
    (void)state;
    struct pgr_gguf *g;
    assert_ok(pgr_gguf_open(GOLDEN, &g));
    size_t seen = 0;
    for (size_t i = 0; i < pgr_gguf_n_tensor(g); i++) {
        const struct pgr_gguf_tensor *t = pgr_gguf_tensor_at(g, i);
        if (strstr(t->name, ".want")) continue;
        char name[64];
        snprintf(name, sizeof name, "%s.want", t->name);
        const struct pgr_gguf_tensor *want = pgr_gguf_tensor_find(g, name);
        assert_non_null(want);
        assert_int_equal(want->n_elem, t->n_elem);
        for (size_t k = 0; t->name[k]; k++) assert_int_equal(toupper(t->name[k]), t->quant->name[k]);
        for (size_t first = 0; first < t->n_row; first++) { /* a middle row alone, and all rows from `first` on */
            size_t n = (t->n_row - first) * t->dim[0];
            float *got = malloc(n * sizeof *got), *ref = malloc(n * sizeof *ref);
            assert_non_null(got);
            assert_non_null(ref);
            pgr_gguf_rows(t, first, t->n_row - first, got);
            pgr_gguf_rows(want, first, t->n_row - first, ref);
            for (size_t k = 0; k < n; k++)
                if (memcmp(&got[k], &ref[k], sizeof *got) != 0)
                    fail_msg("%s element %zu: got %.9g, want %.9g", t->name, k, (double)got[k], (double)ref[k]);
            free(got);
            free(ref);
        }
        seen++;
    }
    assert_int_equal(seen, 11);
    pgr_gguf_close(g);
}

static void metadata_of_every_type_is_read(void **state) {
    (void)state;
    struct pgr_gguf *g;
    assert_ok(pgr_gguf_open(GOLDEN, &g));
    size_t v = 0;
    double d = 0;
    bool b = false;
    const char *s = NULL;
    size_t n = 0;
    assert_ok(pgr_gguf_size(g, "t.u8", 0, SIZE_MAX, &v));
    assert_int_equal(v, 200);
    assert_ok(pgr_gguf_size(g, "t.u16", 0, SIZE_MAX, &v));
    assert_int_equal(v, 60000);
    assert_ok(pgr_gguf_size(g, "t.u32", 0, SIZE_MAX, &v));
    assert_int_equal(v, 4000000000u);
    static const char *const negative[] = {"t.i8", "t.i16", "t.i32", "t.i64"};
    static const double values[] = {-100, -30000, -2000000000, -0x1p62};
    for (size_t i = 0; i < PGR_COUNT(negative); i++) {
        assert_fails_with(pgr_gguf_size(g, negative[i], 0, SIZE_MAX, &v), PGR_E_RANGE, negative[i]);
        assert_ok(pgr_gguf_real(g, negative[i], &d));
        assert_true(d == values[i]);
    }
    assert_ok(pgr_gguf_real(g, "t.f32", &d));
    assert_true(d == (double)0.1f);
    assert_ok(pgr_gguf_real(g, "t.f64", &d));
    assert_true(d == 0.1);
    assert_ok(pgr_gguf_bool_opt(g, "t.bool", &b));
    assert_true(b);
    assert_ok(pgr_gguf_str(g, "t.str", &s, &n));
    assert_int_equal(n, 6);
    assert_memory_equal(s, "h\xc3\xa9llo", 6);

    struct pgr_gguf_array a;
    assert_ok(pgr_gguf_array(g, "t.a_str", PGR_GGUF_STR, &a));
    assert_int_equal(a.n, 4);
    static const char *const strings[] = {"", "a", "\xc3\xa9\xc3\xa9", "last"};
    for (size_t i = 0; i < 4; i++) {
        s = pgr_gguf_item_str(&a, i, &n);
        assert_int_equal(n, strlen(strings[i]));
        assert_memory_equal(s, strings[i], n);
    }
    assert_ok(pgr_gguf_array(g, "t.a_int", PGR_GGUF_INT, &a));
    assert_int_equal(pgr_gguf_item_int(&a, 1), -2);
    assert_ok(pgr_gguf_array(g, "t.a_real", PGR_GGUF_REAL, &a));
    assert_true(pgr_gguf_item_real(&a, 1) == -0.25);

    assert_fails_with(pgr_gguf_size(g, "t.nothing", 0, 1, &v), PGR_E_FORMAT, "missing metadata key t.nothing");
    v = 77;
    assert_ok(pgr_gguf_size_opt(g, "t.nothing", 0, 1, &v));
    assert_int_equal(v, 77);
    assert_fails_with(pgr_gguf_size(g, "t.str", 0, 1, &v), PGR_E_FORMAT, "has type string, must be an integer");
    assert_fails_with(pgr_gguf_size(g, "t.u16", 0, 100, &v), PGR_E_RANGE, "t.u16 is 60000, must be 0 to 100");
    assert_fails_with(pgr_gguf_array(g, "t.a_int", PGR_GGUF_STR, &a), PGR_E_FORMAT, "array of int32");
    pgr_gguf_close(g);
}

/* The copy has exactly n bytes, so the sanitizer sees any read past them. */
static pgr_err open_copy(const void *data, size_t n, struct pgr_gguf **g) {
    void *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    pgr_err err = pgr_gguf_open_mem("copy.gguf", copy, n, g);
    if (err == PGR_OK) {
        for (size_t i = 0; i < pgr_gguf_n_tensor(*g); i++) {
            const struct pgr_gguf_tensor *t = pgr_gguf_tensor_at(*g, i);
            float *row = malloc(t->dim[0] * sizeof *row);
            assert_non_null(row);
            pgr_gguf_rows(t, t->n_row - 1, 1, row);
            free(row);
        }
        pgr_gguf_close(*g);
    }
    free(copy);
    return err;
}

static void a_file_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(GOLDEN, 1 << 20, &b));
    struct pgr_gguf *g;
    assert_ok(open_copy(b.data, b.len, &g));
    /* The last tensor may be followed by padding, which may be missing. */
    size_t end = 0;
    assert_ok(pgr_gguf_open_mem("whole.gguf", b.data, b.len, &g));
    for (size_t i = 0; i < pgr_gguf_n_tensor(g); i++) {
        const struct pgr_gguf_tensor *t = pgr_gguf_tensor_at(g, i);
        end = pgr_max(end, (size_t)(t->data - (const unsigned char *)b.data) + t->n_bytes);
    }
    pgr_gguf_close(g);
    for (size_t n = 0; n < end; n++)
        if (open_copy(b.data, n, &g) == PGR_OK) fail_msg("accepted with %zu of %zu bytes", n, end);
    pgr_buf_free(&b);
}

/* ---- files made by hand ------------------------------------------------------------------------------------ */

static void u32(struct pgr_buf *b, uint32_t v) { pgr_buf_add(b, &v, 4); }
static void u64(struct pgr_buf *b, uint64_t v) { pgr_buf_add(b, &v, 8); }
static void str(struct pgr_buf *b, const char *s) {
    u64(b, strlen(s));
    pgr_buf_adds(b, s);
}
static void head(struct pgr_buf *b, uint32_t version, uint64_t n_tensor, uint64_t n_entry) {
    pgr_buf_clear(b);
    pgr_buf_adds(b, "GGUF");
    u32(b, version);
    u64(b, n_tensor);
    u64(b, n_entry);
}
static void tensor(struct pgr_buf *b, const char *name, size_t n_dim, uint64_t d0, uint64_t d1, uint32_t type,
                   uint64_t offset) {
    str(b, name);
    u32(b, (uint32_t)n_dim);
    if (n_dim > 0) u64(b, d0);
    for (size_t i = 1; i < n_dim; i++) u64(b, d1);
    u32(b, type);
    u64(b, offset);
}
static void pad(struct pgr_buf *b, size_t more) {
    while (b->len % 32) pgr_buf_addc(b, 0);
    for (size_t i = 0; i < more; i++) pgr_buf_addc(b, 1);
}

#define refuse(code, text)                                                                                             \
    do {                                                                                                               \
        struct pgr_gguf *refused_;                                                                                     \
        assert_ok(pgr_buf_ok(&b));                                                                                     \
        assert_fails_with(open_copy(b.data, b.len, &refused_), code, text);                                            \
    } while (0)

static void hostile_headers_are_refused_with_the_reason(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    head(&b, 1, 0, 0);
    refuse(PGR_E_UNSUPPORTED, "version 1");
    head(&b, 0x03000000, 0, 0);
    refuse(PGR_E_UNSUPPORTED, "big-endian");
    head(&b, 3, UINT64_MAX, 0);
    refuse(PGR_E_FORMAT, "18446744073709551615 tensors announced");
    head(&b, 3, 0, UINT64_MAX / 2);
    refuse(PGR_E_FORMAT, "metadata entries announced");
    head(&b, 3, 0, 1);
    u64(&b, UINT64_MAX - 3); /* a key whose end wraps around */
    pad(&b, 64);
    refuse(PGR_E_FORMAT, "metadata key of 18446744073709551612 bytes");
    head(&b, 3, 0, 1), str(&b, "k"), u32(&b, 99), pad(&b, 64);
    refuse(PGR_E_FORMAT, "key k has type 99");
    head(&b, 3, 0, 1), str(&b, "k"), u32(&b, 9), u32(&b, 9), u64(&b, 1), pad(&b, 64);
    refuse(PGR_E_UNSUPPORTED, "array of arrays");
    head(&b, 3, 0, 1), str(&b, "k"), u32(&b, 9), u32(&b, 4), u64(&b, UINT64_MAX / 4 + 2), pad(&b, 64);
    refuse(PGR_E_FORMAT, "key k has 4611686018427387905 elements");
    head(&b, 3, 0, 1), str(&b, "k"), u32(&b, 9), u32(&b, 8), u64(&b, 1u << 30), pad(&b, 64);
    refuse(PGR_E_FORMAT, "key k has 1073741824 elements");
    head(&b, 3, 0, 2), str(&b, "k"), u32(&b, 0), pgr_buf_addc(&b, 1), str(&b, "k"), u32(&b, 0), pgr_buf_addc(&b, 1);
    refuse(PGR_E_FORMAT, "key k occurs twice");
    head(&b, 3, 0, 1), str(&b, "general.alignment"), u32(&b, 4), u32(&b, 48);
    refuse(PGR_E_FORMAT, "general.alignment is 48");
    head(&b, 3, 0, 1), str(&b, "general.alignment"), u32(&b, 4), u32(&b, 0);
    refuse(PGR_E_RANGE, "general.alignment is 0");
    head(&b, 3, 0, 1), str(&b, "split.count"), u32(&b, 2), pgr_buf_add(&b, "\x04\0", 2);
    refuse(PGR_E_UNSUPPORTED, "one of 4 parts");
    pgr_buf_free(&b);
}

static void hostile_tensors_are_refused_with_name_and_numbers(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    struct pgr_gguf *g;
    head(&b, 2, 1, 0), tensor(&b, "w", 2, 8, 2, 0, 0), pad(&b, 64);
    assert_ok(open_copy(b.data, b.len, &g)); /* the good one */
    head(&b, 3, 1, 0), tensor(&b, "w", 2, 8, 2, 0, 0), pad(&b, 63);
    refuse(PGR_E_FORMAT, "tensor w of 64 bytes at offset 0");
    head(&b, 3, 1, 0), tensor(&b, "w", 2, 8, 2, 0, UINT64_MAX - 31), pad(&b, 64);
    refuse(PGR_E_FORMAT, "offset 18446744073709551584");
    head(&b, 3, 1, 0), tensor(&b, "w", 2, 8, 2, 0, 16), pad(&b, 128);
    refuse(PGR_E_FORMAT, "no multiple of the alignment 32");
    head(&b, 3, 1, 0), tensor(&b, "w", 2, 8, 0, 0, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "tensor w has dimension 1 of 0");
    head(&b, 3, 1, 0), tensor(&b, "w", 2, (uint64_t)1 << 33, (uint64_t)1 << 33, 0, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "tensor w is too large");
    head(&b, 3, 1, 0), tensor(&b, "w", 1, (uint64_t)1 << 62, 0, 0, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "tensor w is too large");
    head(&b, 3, 1, 0), tensor(&b, "w", 0, 0, 0, 0, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "tensor w has 0 dimensions");
    head(&b, 3, 1, 0), tensor(&b, "w", 5, 1, 1, 0, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "tensor w has 5 dimensions");
    head(&b, 3, 1, 0), tensor(&b, "w", 1, 48, 0, 8, 0), pad(&b, 64);
    refuse(PGR_E_SHAPE, "rows of 48 elements, Q8_0 needs a multiple of 32");
    head(&b, 3, 1, 0), tensor(&b, "w", 1, 256, 0, 10, 0), pad(&b, 128);
    refuse(PGR_E_UNSUPPORTED, "tensor w is Q2_K; supported are F32");
    head(&b, 3, 1, 0), tensor(&b, "w", 1, 256, 0, 1000, 0), pad(&b, 128);
    refuse(PGR_E_FORMAT, "unknown format 1000");
    head(&b, 3, 2, 0), tensor(&b, "v", 1, 8, 0, 0, 32), tensor(&b, "w", 1, 16, 0, 0, 0), pad(&b, 128);
    refuse(PGR_E_FORMAT, "tensors w and v overlap");
    head(&b, 3, 2, 0), tensor(&b, "v", 1, 8, 0, 0, 0), tensor(&b, "v", 1, 8, 0, 0, 32), pad(&b, 128);
    refuse(PGR_E_FORMAT, "tensor v occurs twice");
    head(&b, 3, 1, 0), tensor(&b, "", 1, 8, 0, 0, 0), pad(&b, 64);
    refuse(PGR_E_FORMAT, "tensor name of 0 bytes");
    pgr_buf_free(&b);
}

static void what_is_no_gguf_file_is_told_apart(void **state) {
    (void)state;
    struct pgr_gguf *g;
    assert_true(pgr_is_gguf(GOLDEN));
    assert_false(pgr_is_gguf("tests"));
    assert_false(pgr_is_gguf("CMakeLists.txt"));
    assert_fails_with(pgr_gguf_open("CMakeLists.txt", &g), PGR_E_FORMAT, "CMakeLists.txt: no GGUF file");
    assert_fails_with(pgr_gguf_open("no/such.gguf", &g), PGR_E_NOTFOUND, "no/such.gguf");
    assert_fails_with(pgr_gguf_open("tests", &g), PGR_E_IO, "tests");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_equals_the_reference),
        cmocka_unit_test(metadata_of_every_type_is_read),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(hostile_headers_are_refused_with_the_reason),
        cmocka_unit_test(hostile_tensors_are_refused_with_name_and_numbers),
        cmocka_unit_test(what_is_no_gguf_file_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
