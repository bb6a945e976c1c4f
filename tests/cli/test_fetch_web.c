/* test_fetch_web.c - data sets of several files whose sums are known, from a server on this machine (file_server.py).
 * The list of pgrpo fetch has such data sets, but of gigabytes; here is one of its own. */
#define _GNU_SOURCE
#include "test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/size.h"
#include "cli/fetch_web.c"

static pid_t server;
static char dir[256], web[64], work[300], target[300], record[300];
static char sums[2][65];
static struct pgr_fetch_file files[2] = {{.address = "hub:datasets/o/n/resolve/1/one.jsonl", .sha256 = sums[0]},
                                         {.address = "hub:datasets/o/n/resolve/1/two.jsonl", .sha256 = sums[1]}};
static const struct pgr_fetch_item item = {.name = "pair", .licence = "MIT", .files = files, .n_files = 2};

bool pgr_stop_asked(void) { return false; }

static const char *in_dir(const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const char *text) {
    assert_ok(pgr_file_write_atomic(in_dir(name), text, strlen(text)));
}

static size_t n_requests(const char *of) {
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n = 0;
    assert_ok(pgr_file_read(in_dir("requests.log"), 1 << 20, &b));
    for (const char *s = pgr_buf_str(&b); (s = strstr(s, of)); s++) n++;
    pgr_buf_free(&b);
    return n;
}

static int start(void **state) {
    static const char *const texts[] = {"{\"a\": 1}\n", "{\"b\": 2}\n"};
    int pipe_fd[2];
    char port[16] = "";
    (void)state;
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    test_tmpdir(dir);
    snprintf(work, sizeof work, "%s/work", dir);
    snprintf(target, sizeof target, "%s/pair", dir);
    snprintf(record, sizeof record, "%s/pair.fetched.json", dir);
    for (size_t i = 0; i < 2; i++) {
        struct pgr_sha256 s;
        pgr_sha256_init(&s);
        pgr_sha256_add(&s, texts[i], strlen(texts[i]));
        pgr_sha256_hex(&s, sums[i]);
        files[i].n_bytes = strlen(texts[i]);
    }
    put("one.jsonl", texts[0]);
    if (pipe(pipe_fd) != 0) return -1;
    server = fork();
    if (server == 0) {
        dup2(pipe_fd[1], 1);
        execlp("python3", "python3", "tests/cli/file_server.py", dir, (char *)NULL);
        _exit(127);
    }
    close(pipe_fd[1]);
    for (size_t n = 0; n + 1 < sizeof port && read(pipe_fd[0], port + n, 1) == 1 && port[n] != '\n';) n++;
    close(pipe_fd[0]);
    if (atoi(port) <= 0) return -1;
    snprintf(web, sizeof web, "http://127.0.0.1:%d", atoi(port));
    setenv("HF_ENDPOINT", web, 1);
    return 0;
}

static int stop(void **state) {
    (void)state;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static void a_folder_is_there_when_all_its_files_are(void **state) {
    (void)state;
    bool known;
    assert_fails_with(pgr_fetch_web(&item, NULL, work, target, record), PGR_E_IO, "two.jsonl: HTTP status 404");
    assert_false(pgr_file_exists(target));
    assert_false(pgr_file_exists(record));
    assert_int_equal(n_requests("/datasets/o/n/resolve/1/one.jsonl"), 1);
    put("two.jsonl", "{\"b\": 3}\n");
    assert_fails_with(pgr_fetch_web(&item, NULL, work, target, record), PGR_E_FORMAT, "(pinned)");
    assert_false(pgr_file_exists(target));
    put("two.jsonl", "{\"b\": 2}\n");
    assert_ok(pgr_fetch_web(&item, NULL, work, target, record));
    assert_int_equal(n_requests("/datasets/o/n/resolve/1/one.jsonl"), 1); /* fetched once in three calls */
    assert_true(pgr_file_exists(in_dir("pair/one.jsonl")) && pgr_file_exists(in_dir("pair/two.jsonl")));
    assert_false(pgr_file_exists(work));
    assert_ok(pgr_fetch_web_check(&item, target, record, &known));
    assert_true(known);
    json_t *j = NULL;
    assert_ok(pgr_json_load(record, &j));
    const json_t *one = json_object_get(json_object_get(j, "files"), "one.jsonl");
    assert_string_equal(json_string_value(json_object_get(one, "sha256")), sums[0]);
    assert_string_equal(json_string_value(json_object_get(one, "checked")), "pinned");
    assert_int_equal(json_integer_value(json_object_get(one, "bytes")), 9);
    json_decref(j);
}

static void a_damaged_or_missing_file_is_noticed(void **state) {
    (void)state;
    bool known;
    put("pair/two.jsonl", "{\"b\": 9}\n");
    assert_fails_with(pgr_fetch_web_check(&item, target, record, &known), PGR_E_FORMAT, "pair/two.jsonl: SHA-256 is");
    put("pair/notes.txt", "the user's");
    unlink(in_dir("pair/two.jsonl"));
    assert_fails_with(pgr_fetch_web_check(&item, target, record, &known), PGR_E_FORMAT, "pair/two.jsonl is missing");
    size_t before = n_requests("/datasets/o/n/resolve/1/two.jsonl");
    assert_ok(pgr_fetch_web(&item, NULL, work, target, record)); /* that file alone */
    assert_int_equal(n_requests("/datasets/o/n/resolve/1/one.jsonl"), 1);
    assert_int_equal(n_requests("/datasets/o/n/resolve/1/two.jsonl"), before + 1);
    assert_true(pgr_file_exists(in_dir("pair/notes.txt")));
    assert_ok(pgr_fetch_web_check(&item, target, record, &known));
}

static void a_mirror_is_the_address_of_a_folder(void **state) {
    (void)state;
    char url[100];
    snprintf(url, sizeof url, "%s/ok", web);
    assert_ok(pgr_remove_tree(target));
    assert_ok(pgr_fetch_web(&item, url, work, target, record));
    assert_int_equal(n_requests("/ok/one.jsonl") + n_requests("/ok/two.jsonl"), 4 + 2); /* four redirects before */
}

int main(void) {
    if (system("python3 -c '' 2>/dev/null") != 0) {
        printf("skipped: python3 is not installed\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_there_when_all_its_files_are),
        cmocka_unit_test(a_damaged_or_missing_file_is_noticed),
        cmocka_unit_test(a_mirror_is_the_address_of_a_folder),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
