/* test_file.c - atomic writes, folders, line reading, JSON. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"

static char dir[256];

static int make_dir(void **state) {
    (void)state;
    test_tmpdir(dir);
    return 0;
}

static int drop_dir(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static char *path_of(const char *name) {
    static char p[512];
    snprintf(p, sizeof p, "%s/%s", dir, name);
    return p;
}

static void put(const char *path, const void *data, size_t n) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

static void assert_content(const char *path, const char *want) {
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 20, &b));
    assert_string_equal(pgr_buf_str(&b), want);
    pgr_buf_free(&b);
}

static void atomic_write_replaces_and_leaves_nothing_beside(void **state) {
    (void)state;
    char *p = path_of("a.txt");
    assert_ok(pgr_file_write_atomic(p, "one", 3));
    assert_ok(pgr_file_write_atomic(p, "second", 6));
    assert_content(p, "second");
    struct pgr_outfile o;
    assert_ok(pgr_outfile_open(p, &o));
    fputs("half", o.f);
    char *temp = strdup(o.temp_path);
    pgr_outfile_abandon(&o);
    assert_false(pgr_file_exists(temp));
    free(temp);
    assert_content(p, "second");
    assert_fails_with(pgr_file_write_atomic(path_of("none/b.txt"), "x", 1), PGR_E_NOTFOUND, "none/b.txt");
}

static void only_regular_files_are_replaced(void **state) {
    (void)state;
    char *link = strdup(path_of("link")), *fifo = strdup(path_of("fifo"));
    struct stat st;
    assert_ok(pgr_file_write_atomic(path_of("real"), "old", 3));
    assert_int_equal(symlink("real", link), 0);
    assert_ok(pgr_file_write_atomic(link, "new", 3));
    assert_content(path_of("real"), "new");
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_fails_with(pgr_file_write_atomic(fifo, "x", 1), PGR_E_IO, "fifo: is no regular file");
    assert_int_equal(stat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_fails_with(pgr_file_write_atomic(dir, "x", 1), PGR_E_IO, "is no regular file");
    free(link);
    free(fifo);
}

static void full_disk_keeps_the_old_file(void **state) {
    (void)state;
    char *p = path_of("full.txt");
    assert_ok(pgr_file_write_atomic(p, "old", 3));
    pid_t pid = fork(); /* RLIMIT_FSIZE stands for the full disk */
    if (pid == 0) {
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit r = {1000, 1000};
        setrlimit(RLIMIT_FSIZE, &r);
        char *big = calloc(1, 1 << 16);
        pgr_err e = big ? pgr_file_write_atomic(p, big, 1 << 16) : PGR_OK;
        free(big);
        _exit(e == PGR_E_IO ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_content(p, "old");
}

static void folder_is_put_in_place_whole(void **state) {
    (void)state;
    char *p = path_of("ckpt");
    for (int round = 0; round < 2; round++) { /* the second replaces the first */
        struct pgr_outdir d;
        assert_ok(pgr_outdir_open(p, &d));
        char *f = pgr_path_join_dup(d.temp_path, round ? "new.txt" : "old.txt");
        put(f, "x", 1);
        pgr_free(f);
        if (round == 0) assert_false(pgr_file_exists(p));
        char *temp = strdup(d.temp_path);
        assert_ok(pgr_outdir_commit(&d));
        assert_false(pgr_file_exists(temp));
        free(temp);
    }
    assert_true(pgr_file_exists(path_of("ckpt/new.txt")));
    assert_false(pgr_file_exists(path_of("ckpt/old.txt")));
    struct pgr_outdir d;
    assert_ok(pgr_outdir_open(p, &d));
    pgr_outdir_abandon(&d);
    assert_true(pgr_file_exists(path_of("ckpt/new.txt")));
}

static void remove_tree_does_not_follow_links(void **state) {
    (void)state;
    assert_ok(pgr_mkdirs(path_of("keep/x")));
    put(path_of("keep/x/f"), "1", 1);
    assert_ok(pgr_mkdirs(path_of("gone/deep/er")));
    char target[512];
    snprintf(target, sizeof target, "%s/keep", dir);
    assert_int_equal(symlink(target, path_of("gone/link")), 0);
    assert_ok(pgr_remove_tree(path_of("gone")));
    assert_false(pgr_file_exists(path_of("gone")));
    assert_true(pgr_file_exists(path_of("keep/x/f")));
    assert_ok(pgr_remove_tree(path_of("never-was")));
}

/* A text whose lines cross the reader's chunks. */
static char *long_text(size_t *n) {
    struct pgr_buf b = PGR_BUF_INIT;
    for (int i = 0; i < 5000; i++) {
        pgr_buf_addf(&b, "line %d ", i);
        for (int k = 0; k < i % 97; k++) pgr_buf_addc(&b, (char)('a' + k % 26));
        pgr_buf_adds(&b, i % 3 ? "\n" : "\r\n");
    }
    pgr_buf_adds(&b, "last without end");
    *n = b.len;
    return pgr_buf_steal(&b);
}

static void check_lines(const char *p) {
    struct pgr_lines *l;
    assert_ok(pgr_lines_open(p, 1000, &l));
    const char *line;
    size_t n, number, count = 0;
    for (;;) {
        assert_ok(pgr_lines_next(l, &line, &n, &number));
        if (!line) break;
        count++;
        assert_int_equal(number, count);
        assert_int_equal(strlen(line), n);
        if (count <= 5000) {
            char want[32];
            int len = snprintf(want, sizeof want, "line %zu ", count - 1);
            assert_memory_equal(line, want, (size_t)len);
            assert_int_equal(n, (size_t)len + (count - 1) % 97);
        } else {
            assert_string_equal(line, "last without end");
        }
    }
    assert_int_equal(count, 5001);
    pgr_lines_close(l);
}

static void lines_come_from_plain_gzip_and_zstd(void **state) {
    (void)state;
    size_t n;
    char *text = long_text(&n);
    put(path_of("t.txt"), text, n);
    check_lines(path_of("t.txt"));
    gzFile g = gzopen(path_of("t.gz"), "wb");
    assert_int_equal(gzwrite(g, text, 1000), 1000);
    gzclose(g);
    g = gzopen(path_of("t.gz"), "ab"); /* a second member */
    assert_int_equal(gzwrite(g, text + 1000, (unsigned)(n - 1000)), (int)(n - 1000));
    gzclose(g);
    check_lines(path_of("t.gz"));
    size_t cap = ZSTD_compressBound(n);
    void *z = malloc(cap);
    size_t zn = ZSTD_compress(z, cap, text, n, 3);
    put(path_of("t.zst"), z, zn);
    check_lines(path_of("t.zst"));
    /* Cut short at any of some places: an error, never a silent end. */
    for (size_t cut = zn - 1; cut > 10; cut -= cut / 3) {
        put(path_of("cut.zst"), z, cut);
        struct pgr_lines *l;
        assert_ok(pgr_lines_open(path_of("cut.zst"), 1000, &l));
        const char *line;
        size_t len, number;
        pgr_err e;
        do e = pgr_lines_next(l, &line, &len, &number);
        while (e == PGR_OK && line);
        assert_int_equal(e, PGR_E_FORMAT);
        pgr_lines_close(l);
    }
    free(z);
    pgr_free(text);
    struct pgr_lines *l;
    assert_fails_with(pgr_lines_open(path_of("none"), 10, &l), PGR_E_NOTFOUND, "none");
    assert_fails_with(pgr_lines_open(dir, 10, &l), PGR_E_IO, dir);
    put(path_of("long"), "0123456789ab\n", 13);
    const char *line;
    size_t len, number;
    assert_ok(pgr_lines_open(path_of("long"), 10, &l));
    assert_fails_with(pgr_lines_next(l, &line, &len, &number), PGR_E_FORMAT, "long:1: line longer");
    pgr_lines_close(l);
}

static pgr_err count_object(void *ctx, const char *where, json_t *obj) {
    const char *s = "";
    PGR_TRY(pgr_json_str(obj, where, "a", &s));
    *(size_t *)ctx += strlen(s);
    return PGR_OK;
}

static void json_errors_name_the_place(void **state) {
    (void)state;
    size_t total = 0;
    const char *good = "{\"a\":\"xy\"}\n\n {\"a\":\"z\"}";
    put(path_of("ok.jsonl"), good, strlen(good));
    assert_ok(pgr_jsonl_each(path_of("ok.jsonl"), count_object, &total));
    assert_int_equal(total, 3);
    static const struct {
        const char *text, *says;
    } bad[] = {{"{\"a\":\"x\"}\n{\"a\":", ":2: not valid JSON at column"},
               {"[1]", ":1: each line must be a JSON object, this is an array"},
               {"{\"a\":1}", ":1: key \"a\" must be a string, is an integer"},
               {"{\"b\":1}", ":1: missing key \"a\""},
               {"{\"a\":\"x\",\"a\":\"y\"}", ":1: not valid JSON"},
               {"{\"a\":\"\xff\"}", ":1: not valid JSON"}};
    for (size_t i = 0; i < PGR_COUNT(bad); i++) {
        put(path_of("bad.jsonl"), bad[i].text, strlen(bad[i].text));
        assert_fails_with(pgr_jsonl_each(path_of("bad.jsonl"), count_object, &total), PGR_E_FORMAT, bad[i].says);
    }
    json_t *j = NULL;
    assert_ok(pgr_json_parse("here", "{\"n\":-1,\"r\":0.1,\"t\":true}", 25, &j));
    size_t n = 5;
    double r = 0;
    assert_fails_with(pgr_json_size(j, "here", "n", 1, 9, &n), PGR_E_RANGE, "here: key \"n\" is -1, must be 1 to 9");
    assert_int_equal(n, 5);
    assert_ok(pgr_json_real(j, "here", "r", &r));
    assert_true(r == 0.1);
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_json_dump(j, &b));
    assert_string_equal(pgr_buf_str(&b), "{\"n\":-1,\"r\":0.10000000000000001,\"t\":true}");
    pgr_buf_free(&b);
    json_decref(j);
}

static void bad_bytes_become_replacement_characters(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {{"plain", "plain"},
                 {"\xc3\xa9", "\xc3\xa9"},
                 {"a\xff"
                  "b",
                  "a\xef\xbf\xbd"
                  "b"},
                 {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
                 {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        json_t *j = pgr_json_bytes(cases[i].in, strlen(cases[i].in));
        assert_non_null(j);
        assert_string_equal(json_string_value(j), cases[i].out);
        json_decref(j);
    }
}

static void map_refuses_what_is_no_file(void **state) {
    (void)state;
    struct pgr_map m;
    put(path_of("empty"), "", 0);
    assert_fails_with(pgr_map_open(path_of("empty"), &m), PGR_E_FORMAT, "empty file");
    assert_fails_with(pgr_map_open(dir, &m), PGR_E_IO, "not a regular file");
    put(path_of("m"), "hello", 5);
    assert_ok(pgr_map_open(path_of("m"), &m));
    assert_int_equal(m.n_bytes, 5);
    assert_memory_equal(m.data, "hello", 5);
    pgr_map_close(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(atomic_write_replaces_and_leaves_nothing_beside),
        cmocka_unit_test(only_regular_files_are_replaced),
        cmocka_unit_test(full_disk_keeps_the_old_file),
        cmocka_unit_test(folder_is_put_in_place_whole),
        cmocka_unit_test(remove_tree_does_not_follow_links),
        cmocka_unit_test(lines_come_from_plain_gzip_and_zstd),
        cmocka_unit_test(json_errors_name_the_place),
        cmocka_unit_test(bad_bytes_become_replacement_characters),
        cmocka_unit_test(map_refuses_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
