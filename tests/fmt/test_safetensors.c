/* test_safetensors.c - reading, writing, and damaged or hostile files. */
#include "test.h"

#include <math.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "fmt/safetensors.h"

/* A file: header text and n_data bytes 0, 1, 2 ... */
static void make(struct pgr_buf *b, const char *header, size_t n_data) {
    pgr_buf_clear(b);
    uint64_t n = strlen(header);
    pgr_buf_add(b, &n, 8);
    pgr_buf_adds(b, header);
    for (size_t i = 0; i < n_data; i++) pgr_buf_addc(b, (char)i);
    assert_ok(pgr_buf_ok(b));
}

/* The copy has exactly n bytes, so the sanitizer sees any read past them. */
static pgr_err open_copy(const void *data, size_t n) {
    void *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    struct pgr_st *s;
    pgr_err err = pgr_st_open_mem("copy.safetensors", copy, n, &s);
    if (err == PGR_OK) {
        for (size_t i = 0; i < pgr_st_n_tensor(s); i++) {
            const struct pgr_st_tensor *t = pgr_st_tensor_at(s, i);
            if (pgr_st_can_read(t) != PGR_OK) continue;
            float *v = malloc(t->n_elem * sizeof *v + 1);
            assert_non_null(v);
            pgr_st_read(t, 0, t->n_elem, v);
            free(v);
        }
        pgr_st_close(s);
    }
    free(copy);
    return err;
}

static const char good[] = "{\"__metadata__\":{\"format\":\"pt\"},"
                           "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[8,20]},"
                           "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                           "\"h\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[20,22]},"
                           "\"z\":{\"dtype\":\"I64\",\"shape\":[0,4],\"data_offsets\":[22,22]}} ";

static void values_and_shapes_are_read(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    make(&b, good, 22);
    struct pgr_st *s;
    assert_ok(pgr_st_open_mem("x", b.data, b.len, &s));
    assert_int_equal(pgr_st_n_tensor(s), 4);
    const struct pgr_st_tensor *t = pgr_st_tensor_find(s, "b");
    assert_non_null(t);
    assert_int_equal(t->n_dim, 2);
    assert_int_equal(t->dim[0], 2);
    assert_int_equal(t->dim[1], 3);
    float v[2];
    pgr_st_read(t, 1, 2, v); /* bytes 10 to 13 of the data */
    assert_true(v[0] == pgr_bf16_to_f32(0x0b0a) && v[1] == pgr_bf16_to_f32(0x0d0c));
    t = pgr_st_tensor_find(s, "h");
    pgr_st_read(t, 0, t->n_elem, v);
    assert_true(v[0] == pgr_f16_to_f32(0x1514));
    t = pgr_st_tensor_find(s, "a");
    uint32_t bits = 0x07060504;
    float want;
    memcpy(&want, &bits, 4);
    pgr_st_read(t, 1, 1, v);
    assert_true(v[0] == want);
    assert_fails_with(pgr_st_can_read(pgr_st_tensor_find(s, "z")), PGR_E_UNSUPPORTED, "tensor z is I64");
    assert_null(pgr_st_tensor_find(s, "c"));
    pgr_st_close(s);
    pgr_buf_free(&b);
}

static void a_file_cut_or_grown_anywhere_is_refused(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    make(&b, good, 22);
    assert_ok(open_copy(b.data, b.len));
    for (size_t n = 0; n < b.len; n++)
        if (open_copy(b.data, n) == PGR_OK) fail_msg("accepted with %zu of %zu bytes", n, b.len);
    pgr_buf_addc(&b, 0);
    assert_fails_with(open_copy(b.data, b.len), PGR_E_FORMAT, "end at byte 22 of the data, the file at 23");
    pgr_buf_free(&b);
}

static void hostile_headers_are_refused_with_name_and_numbers(void **state) {
    (void)state;
#define T(body) "{\"w\":{" body "}}"
    static const struct {
        const char *header;
        size_t n_data;
        pgr_err code;
        const char *text;
    } cases[] = {
        {"[1]", 0, PGR_E_FORMAT, "must be a JSON object"},
        {"{\"w\":", 0, PGR_E_FORMAT, "not valid JSON"},
        {"{\"w\":3}", 0, PGR_E_FORMAT, "tensor w must be described by an object"},
        {T("\"shape\":[1],\"data_offsets\":[0,4]"), 4, PGR_E_FORMAT, "tensor w has no \"dtype\""},
        {T("\"dtype\":\"F5\",\"shape\":[1],\"data_offsets\":[0,4]"), 4, PGR_E_UNSUPPORTED, "unknown dtype F5"},
        {T("\"dtype\":\"F32\",\"data_offsets\":[0,4]"), 4, PGR_E_FORMAT, "tensor w: \"shape\" must be an array"},
        {T("\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]"), 4, PGR_E_FORMAT, "\"shape\" entry 0"},
        {T("\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]"), 4, PGR_E_FORMAT, "\"shape\" entry 0"},
        {T("\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]"), 4, PGR_E_FORMAT, "at most 8"},
        {T("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]"), 4, PGR_E_FORMAT, "data_offsets must be"},
        {T("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]"), 4, PGR_E_FORMAT, "are 4 and 0"},
        {T("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]"), 4, PGR_E_FORMAT,
         "<= 4 (the data's bytes), are 0 and 8"},
        {T("\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]"), 8, PGR_E_SHAPE, "3 elements of F32, 12 bytes"},
        {T("\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]"), 0, PGR_E_SHAPE, "too large"},
        {T("\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]"), 0, PGR_E_SHAPE, "too large"},
        {T("\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]"), 0, PGR_E_FORMAT,
         "\"shape\" entry 0"},
        {T("\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]"), 4, PGR_E_FORMAT,
         "no tensor owns the data bytes 0 to 2"},
        {"{\"v\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
         "\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
         4, PGR_E_FORMAT, "tensors v and w overlap at byte 2"},
        {"{\"v\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
         "\"v\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
         4, PGR_E_FORMAT, "duplicate"},
        {"{\"bad\\u001bname\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,9]}}", 2, PGR_E_FORMAT, "bad?name"},
    };
#undef T
    struct pgr_buf b = PGR_BUF_INIT;
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        make(&b, cases[i].header, cases[i].n_data);
        assert_fails_with(open_copy(b.data, b.len), cases[i].code, cases[i].text);
    }
    uint64_t n = UINT64_MAX - 3; /* 8 + n wraps around */
    make(&b, good, 22);
    memcpy(b.data, &n, 8);
    assert_fails_with(open_copy(b.data, b.len), PGR_E_FORMAT, "header of 18446744073709551612 bytes");
    pgr_buf_free(&b);
}

static void what_was_written_is_read_back(void **state) {
    (void)state;
    char dir[256];
    test_tmpdir(dir);
    char *path = pgr_path_join_dup(dir, "model.safetensors");
    enum { ROWS = 700, COLS = 1601 }; /* more than one piece, no multiple of it */
    float *w = malloc(ROWS * COLS * sizeof *w), *got = malloc(ROWS * COLS * sizeof *got);
    assert_non_null(w);
    assert_non_null(got);
    for (size_t i = 0; i < ROWS * COLS; i++) w[i] = sinf((float)i) * 3.0f;
    w[0] = 1.00390625f; /* halfway between two bfloat16 values: goes to the even one, 1 */
    w[1] = NAN, w[2] = INFINITY, w[3] = 3.4e38f;
    const struct pgr_st_out out[] = {{"m.w", 2, {ROWS, COLS}, w}, {"m.norm", 1, {5}, w + 10}};
    for (int bf16 = 0; bf16 < 2; bf16++) {
        assert_ok(pgr_st_write(path, bf16 ? PGR_BF16 : PGR_F32, out, 2));
        struct pgr_st *s;
        assert_ok(pgr_st_open(dir, &s));
        const struct pgr_st_tensor *t = pgr_st_tensor_find(s, "m.w");
        assert_int_equal(t->dim[1], COLS);
        assert_int_equal((uintptr_t)t->data % 8, 0);
        pgr_st_read(t, 0, t->n_elem, got);
        for (size_t i = 0; i < ROWS * COLS; i++) {
            float want = bf16 ? pgr_bf16_to_f32(pgr_f32_to_bf16(w[i])) : w[i];
            if (memcmp(&got[i], &want, sizeof want) != 0)
                fail_msg("element %zu: got %g, want %g", i, (double)got[i], (double)want);
        }
        if (bf16) assert_true(got[0] == 1.0f);
        t = pgr_st_tensor_find(s, "m.norm");
        assert_int_equal(t->n_dim, 1);
        assert_int_equal(t->n_elem, 5);
        pgr_st_close(s);
    }
    free(w);
    free(got);
    pgr_free(path);
    assert_ok(pgr_remove_tree(dir));
}

static void put(const char *dir, const char *name, const char *text) {
    char *p = pgr_path_join_dup(dir, name);
    assert_ok(pgr_file_write_atomic(p, text, strlen(text)));
    pgr_free(p);
}

static void shards_are_joined_and_a_wrong_index_is_refused(void **state) {
    (void)state;
    char dir[256];
    test_tmpdir(dir);
    struct pgr_st *s;
    assert_fails_with(pgr_st_open(dir, &s), PGR_E_NOTFOUND, "neither model.safetensors nor");
    put(dir, "pytorch_model.bin", "x");
    assert_fails_with(pgr_st_open(dir, &s), PGR_E_NOTFOUND, "convert it");
    const float v[] = {1, 2, 3, 4};
    const struct pgr_st_out a[] = {{"a", 1, {2}, v}}, b[] = {{"b", 1, {3}, v + 1}, {"c", 2, {1, 1}, v}};
    char *pa = pgr_path_join_dup(dir, "x-1.safetensors"), *pb = pgr_path_join_dup(dir, "x-2.safetensors");
    assert_ok(pgr_st_write(pa, PGR_F32, a, 1));
    assert_ok(pgr_st_write(pb, PGR_F32, b, 2));
#define INDEX "model.safetensors.index.json"
    put(dir, INDEX, "{\"weight_map\":{\"a\":\"x-1.safetensors\",\"b\":\"x-2.safetensors\",\"c\":\"x-2.safetensors\"}}");
    assert_ok(pgr_st_open(dir, &s));
    assert_int_equal(pgr_st_n_tensor(s), 3);
    float got[3];
    pgr_st_read(pgr_st_tensor_find(s, "b"), 0, 3, got);
    assert_memory_equal(got, v + 1, sizeof got);
    pgr_st_close(s);
    static const struct {
        const char *index, *text;
        pgr_err code;
    } bad[] = {
        {"{}", "missing key \"weight_map\"", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"../x-1.safetensors\"}}", "no plain file name", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "no plain file name", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"\"}}", "no plain file name", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":7}}", "file of tensor a must be a string", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"x-9.safetensors\"}}", "names a file that is missing", PGR_E_NOTFOUND},
        {"{\"weight_map\":{\"a\":\"x-1.safetensors\",\"b\":\"x-2.safetensors\"}}", "tensor c of", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"x-2.safetensors\",\"b\":\"x-2.safetensors\",\"c\":\"x-2.safetensors\"}}",
         "tensor a is not in x-2.safetensors", PGR_E_FORMAT},
        {"{\"weight_map\":{\"a\":\"x-1.safetensors\",\"d\":\"x-1.safetensors\"}}", "tensor d is not in", PGR_E_FORMAT},
    };
    for (size_t i = 0; i < PGR_COUNT(bad); i++) {
        put(dir, INDEX, bad[i].index);
        assert_fails_with(pgr_st_open(dir, &s), bad[i].code, bad[i].text);
    }
    assert_ok(pgr_st_write(pb, PGR_F32, a, 1)); /* now both hold "a" */
    put(dir, INDEX, "{\"weight_map\":{\"a\":\"x-1.safetensors\",\"b\":\"x-2.safetensors\"}}");
    assert_fails_with(pgr_st_open(dir, &s), PGR_E_FORMAT, "tensor a is both in");
    pgr_free(pa);
    pgr_free(pb);
    assert_ok(pgr_remove_tree(dir));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_shapes_are_read),
        cmocka_unit_test(a_file_cut_or_grown_anywhere_is_refused),
        cmocka_unit_test(hostile_headers_are_refused_with_name_and_numbers),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(shards_are_joined_and_a_wrong_index_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
