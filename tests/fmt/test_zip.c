/* test_zip.c - archives made by Python's zipfile (tools/make_zip_golden.py), cut and damaged ones. */
#include "test.h"

#include "base/buf.h"
#include "base/file.h"
#include "fmt/zip.h"

#define GOLDEN "tests/golden/zip/small.zip"

static pgr_err collect(void *ctx, const void *bytes, size_t n) {
    pgr_buf_add(ctx, bytes, n);
    return PGR_OK;
}

static pgr_err refuse_sink(void *ctx, const void *bytes, size_t n) {
    (void)ctx;
    (void)bytes;
    (void)n;
    return pgr_fail(PGR_E_IO, "disk full");
}

static void members_are_extracted(void **state) {
    (void)state;
    struct pgr_zip *z;
    assert_ok(pgr_zip_open(GOLDEN, &z));
    assert_int_equal(pgr_zip_n_member(z), 3);
    assert_null(pgr_zip_find(z, "pkg"));
    struct pgr_buf b = PGR_BUF_INIT;
    const struct pgr_zip_member *m = pgr_zip_find(z, "pkg/stored.bin");
    assert_non_null(m);
    assert_ok(pgr_zip_extract(z, m, collect, &b));
    assert_int_equal(b.len, 256);
    for (size_t i = 0; i < 256; i++) assert_int_equal((unsigned char)b.data[i], i);
    pgr_buf_clear(&b);
    m = pgr_zip_find(z, "pkg/data/deflated.txt");
    assert_ok(pgr_zip_extract(z, m, collect, &b));
    assert_int_equal(b.len, 400000);
    for (size_t i = 0; i < b.len; i++) assert_int_equal(b.data[i], "line\n"[i % 5]);
    assert_fails_with(pgr_zip_extract(z, m, refuse_sink, NULL), PGR_E_IO, "disk full");
    pgr_buf_clear(&b);
    assert_ok(pgr_zip_extract(z, pgr_zip_find(z, "pkg/empty"), collect, &b));
    assert_int_equal(b.len, 0);
    pgr_buf_free(&b);
    pgr_zip_close(z);
}

/* Opens an exact copy and extracts all. */
static pgr_err try_all(const char *data, size_t n) {
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    struct pgr_zip *z;
    pgr_err err = pgr_zip_open_mem("copy.zip", copy, n, &z);
    if (err == PGR_OK) {
        struct pgr_buf b = PGR_BUF_INIT;
        for (size_t i = 0; err == PGR_OK && i < pgr_zip_n_member(z); i++)
            err = pgr_zip_extract(z, pgr_zip_member_at(z, i), collect, &b);
        pgr_buf_free(&b);
        pgr_zip_close(z);
    }
    free(copy);
    return err;
}

static void an_archive_cut_anywhere_is_refused(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(GOLDEN, 1 << 20, &b));
    assert_ok(try_all(b.data, b.len));
    for (size_t n = 0; n < b.len; n++)
        if (try_all(b.data, n) == PGR_OK) fail_msg("accepted with %zu of %zu bytes", n, b.len);
    pgr_buf_free(&b);
}

static size_t find(const struct pgr_buf *b, const char *mark, size_t n, size_t from) {
    for (size_t i = from; i + n <= b->len; i++)
        if (memcmp(b->data + i, mark, n) == 0) return i;
    fail_msg("mark not found");
    return 0;
}

static void damage_is_found(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(GOLDEN, 1 << 20, &b));
    size_t directory = find(&b, "PK\1\2", 4, 0);
    size_t text = find(&b, "deflated.txt", 12, 0) + 12 + 40;
    struct {
        size_t at;
        unsigned char value;
        pgr_err code;
        const char *want;
    } cases[] = {
        {35 + 30, 0xff, PGR_E_FORMAT, "member pkg/stored.bin has 256 bytes and CRC"},
        {text, 0x5a, PGR_E_FORMAT, "pkg/data/deflated.txt"},
        {directory + 8, 1, PGR_E_UNSUPPORTED, "encrypted"},
        {directory + 10, 12, PGR_E_UNSUPPORTED, "a method other than deflate"},
        {directory + 20, 7, PGR_E_FORMAT, "has the sizes 256 and"},
        {directory + 44, 9, PGR_E_FORMAT, "no local header"},
        {directory, 'Q', PGR_E_FORMAT, "no directory entry"},
        {directory + 29, 0xff, PGR_E_FORMAT, "bad directory entry"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char keep = b.data[cases[i].at];
        b.data[cases[i].at] = (char)cases[i].value;
        assert_fails_with(try_all(b.data, b.len), cases[i].code, cases[i].want);
        b.data[cases[i].at] = keep;
    }
    /* The deflated member claims to be shorter than it is. */
    size_t entry = find(&b, "PK\1\2", 4, directory + 1);
    b.data[entry + 24] = 1, b.data[entry + 25] = 0, b.data[entry + 26] = 0;
    assert_fails_with(try_all(b.data, b.len), PGR_E_FORMAT, "longer than its 1 bytes");
    pgr_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_extracted),
        cmocka_unit_test(an_archive_cut_anywhere_is_refused),
        cmocka_unit_test(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
