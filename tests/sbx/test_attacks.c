/* test_attacks.c - hostile and honest programs (tests/sbx/attacks) get the verdicts that are right.
 *
 * Each program runs in one cell in the order of the manifest, then again in a fresh cell, with a canary after each: an
 * honest program that must be accepted in the same cell. Started as root, all of it is repeated as an ordinary user.
 * `test_attacks FILE...` runs only these. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "sbx/sbx.h"

enum { MAX_ROWS = 400, N_FIELDS = 7, ORDINARY_USER = 65534 };

struct row {
    char *field[N_FIELDS]; /* file, category, mode, verdicts, absent, checks, why */
    struct pgr_buf program;
};
static struct row rows[MAX_ROWS];
static size_t n_rows;
static char hostname[256];

static const struct pgr_sbx_limits limits = {.cpu_s = 1,
                                             .wall_s = 3,
                                             .memory_bytes = (size_t)1 << 30,
                                             .output_bytes = 4u << 20,
                                             .n_threads = 32,
                                             .n_files = 64,
                                             .scratch_bytes = 16u << 20};

static const char stdio_tests[] =
    "[{\"stdin\":\"2 3\\n\",\"stdout\":\"5\\n\"},{\"stdin\":\"20 22\\n\",\"stdout\":\"42\\n\"},"
    "{\"stdin\":\"-7 7\\n\",\"stdout\":\"0\\n\"}]";
static const char call_tests[] = "[{\"args\":[2,3],\"expected\":5},{\"args\":[-1,1],\"expected\":0},"
                                 "{\"args\":[1000000000000,1],\"expected\":1000000000001}]";
static const char list_tests[] = "[{\"args\":[[3,1,2]],\"expected\":[1,2,3]},{\"args\":[[]],\"expected\":[]},"
                                 "{\"args\":[[5,5,-1]],\"expected\":[-1,5,5]}]";

/* Untouched modules, an empty scratch folder that can be written, no thread left over, and time that passes. */
static const char canary[] =
    "import os, random, threading, json, time, sys\n"
    "assert os.listdir('/tmp') == [] and os.getcwd() == '/tmp', os.listdir('/tmp')\n"
    "open('x', 'w').write('y' * 1000)\n"
    "assert threading.active_count() == 1 and json.loads('[1]') == [1] and 1 <= random.randint(1, 6) <= 6\n"
    "t = time.monotonic(); time.sleep(0.001); assert time.monotonic() > t\n"
    "assert sys.stdin.read() == 'in'\n"
    "print('canary', sum(range(10)))\n";

static json_t *parse(const char *text) {
    json_t *j = NULL;
    assert_ok(pgr_json_parse("tests", text, strlen(text), &j));
    return j;
}

/* ---- the manifest ---- */

static void load_rows(void) {
    const char *root = getenv("PGR_SOURCE_DIR");
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/sbx/attacks/manifest.tsv", root ? root : ".");
    struct pgr_lines *l;
    assert_ok(pgr_lines_open(path, 1 << 16, &l));
    const char *line;
    size_t n, number;
    bool head = true;
    for (;;) {
        assert_ok(pgr_lines_next(l, &line, &n, &number));
        if (!line) break;
        if (n == 0 || line[0] == '#') continue;
        if (head) {
            head = false;
            continue;
        }
        assert_true(n_rows < MAX_ROWS);
        struct row *r = &rows[n_rows++];
        char *at = pgr_strdup(line), *field;
        size_t k = 0;
        while (k < N_FIELDS && (field = strsep(&at, "\t"))) r->field[k++] = field;
        if (k != N_FIELDS || at) fail_msg("manifest.tsv:%zu: %zu fields, %d needed", number, k, N_FIELDS);
        snprintf(path, sizeof path, "%s/tests/sbx/attacks/%s", root ? root : ".", r->field[0]);
        assert_ok(pgr_file_read(path, 1 << 20, &r->program));
    }
    pgr_lines_close(l);
    assert_true(n_rows >= 50);
}

/* ---- one program ---- */

static struct pgr_sbx_result run_one(struct pgr_sbx *s, const struct pgr_sbx_job *job) {
    struct pgr_sbx_result r;
    size_t n;
    assert_ok(pgr_sbx_submit(s, job, 7));
    do assert_ok(pgr_sbx_poll(s, &r, 1, 60000, &n));
    while (n == 0 && errno == EINTR);
    assert_int_equal(n, 1);
    assert_int_equal(r.tag, 7);
    return r;
}

static bool listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)); p += n)
        if ((p == list || p[-1] == ',') && (p[n] == ',' || p[n] == '\0')) return true;
    return false;
}

/* Where a forbidden text may be found: all that comes back, but for the program's own source in a traceback. */
static bool appears(const struct pgr_sbx_result *r, const char *text) {
    size_t n = strlen(text);
    for (const char *line = r->err, *end = r->err + r->err_bytes; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((stop ? stop : end) - line);
        if (strncmp(line, "    ", 4) != 0 && memmem(line, len, text, n)) return true;
        line += len + 1;
    }
    return memmem(r->out, r->out_bytes, text, n) || (r->got && strstr(r->got, text)) ||
           (r->detail && strstr(r->detail, text));
}

static void check_one(const struct row *row, const struct pgr_sbx_result *r, const char *check) {
    char name[32], text[256];
    const char *eq = strchr(check, '=');
    assert_non_null(eq);
    snprintf(name, sizeof name, "%.*s", (int)(eq - check), check);
    snprintf(text, sizeof text, "%s", eq + 1);
    double v = strtod(text, NULL);
    bool ok = false;
    if (strcmp(name, "cpu_min") == 0)
        ok = r->cpu_s >= v;
    else if (strcmp(name, "cpu_max") == 0)
        ok = r->cpu_s <= v;
    else if (strcmp(name, "wall_min") == 0)
        ok = r->wall_s >= v;
    else if (strcmp(name, "wall_max") == 0)
        ok = r->wall_s <= v;
    else if (strcmp(name, "peak_max") == 0)
        ok = (double)r->peak_bytes <= v * 1048576;
    else if (strcmp(name, "out_bytes") == 0)
        ok = (double)r->out_bytes == v;
    else {
        for (char *p = text; *p; p++)
            if (*p == '~') *p = ' ';
        const char *in = strcmp(name, "detail") == 0    ? r->detail
                         : strcmp(name, "got") == 0     ? r->got
                         : strcmp(name, "out_has") == 0 ? r->out
                                                        : NULL;
        ok = in != NULL;
        char *rest = text, *part;
        while ((part = strsep(&rest, "|"))) ok = ok && strstr(in, part);
    }
    if (!ok)
        fail_msg("%s: %s does not hold: cpu %.3f s, wall %.3f s, peak %zu, %zu bytes of output, detail %s, got %s",
                 row->field[0], check, r->cpu_s, r->wall_s, r->peak_bytes, r->out_bytes, r->detail ? r->detail : "-",
                 r->got ? r->got : "-");
}

static void check_row(struct pgr_sbx *s, const struct row *row, const char *how) {
    const char *mode = row->field[2];
    bool ok_mode = strcmp(mode, "ok") == 0, stdio = strcmp(mode, "stdio") == 0;
    struct pgr_sbx_job job = {
        .program = pgr_buf_str(&row->program), .program_bytes = row->program.len, .limits = limits};
    json_t *tests = ok_mode ? json_object()
                            : parse(stdio                       ? stdio_tests
                                    : strcmp(mode, "call") == 0 ? call_tests
                                                                : list_tests);
    job.kind = ok_mode ? PGR_SBX_RUN : stdio ? PGR_SBX_STDIO : PGR_SBX_CALLS;
    job.entry_point = "solve";
    job.tests = tests;
    struct pgr_sbx_result r = run_one(s, &job);
    json_decref(tests);
    pgr_verdict v = r.verdict;
    if (ok_mode && v == PGR_V_ACCEPTED && !(r.out_bytes >= 3 && strcmp(r.out + r.out_bytes - 3, "OK\n") == 0))
        v = PGR_V_WRONG_ANSWER;
    if (!listed(row->field[3], pgr_verdict_name(v)))
        fail_msg("%s (%s): verdict %s, allowed %s; %s\n%s%s", row->field[0], how, pgr_verdict_name(v), row->field[3],
                 r.detail ? r.detail : "", r.out, r.err);
    char *list = pgr_strdup(row->field[4]), *rest = list, *text;
    while (strcmp(list, "-") != 0 && (text = strsep(&rest, "|")))
        if (appears(&r, strcmp(text, "@hostname") == 0 ? hostname : text))
            fail_msg("%s (%s): \"%s\" appears in its output", row->field[0], how, text);
    pgr_free(list);
    if (appears(&r, "canary-7f3a")) fail_msg("%s (%s): sees the supervisor's environment", row->field[0], how);
    list = rest = pgr_strdup(row->field[5]);
    while (strcmp(list, "-") != 0 && (text = strsep(&rest, " "))) check_one(row, &r, text);
    pgr_free(list);
    pgr_sbx_result_free(&r);
}

static void check_canary(struct pgr_sbx *s, const char *after) {
    json_t *in = parse("{\"stdin\":\"in\"}");
    struct pgr_sbx_job job = {
        .kind = PGR_SBX_RUN, .program = canary, .program_bytes = sizeof canary - 1, .limits = limits, .tests = in};
    struct pgr_sbx_result r = run_one(s, &job);
    json_decref(in);
    if (r.verdict != PGR_V_ACCEPTED || strcmp(r.out, "canary 45\n") != 0)
        fail_msg("the canary after %s: %s, %s\n%s%s", after, pgr_verdict_name(r.verdict), r.detail ? r.detail : "",
                 r.out, r.err);
    pgr_sbx_result_free(&r);
}

static struct pgr_sbx *open_pool(void) {
    struct pgr_sbx_cfg cfg = {.n_cells = 1};
    struct pgr_sbx *s = NULL;
    pgr_err err = pgr_sbx_open(&cfg, &s);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        skip();
    }
    assert_int_equal(err, PGR_OK);
    return s;
}

/* This process adopts what outlives its parent (see main): after close there must be nothing. */
static void no_process_is_left(void) {
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void all_in_one_cell(void **state) {
    (void)state;
    struct pgr_sbx *s = open_pool();
    for (size_t i = 0; i < n_rows; i++) {
        check_row(s, &rows[i], "one cell");
        check_canary(s, rows[i].field[0]);
    }
    pgr_sbx_close(s);
    no_process_is_left();
}

static void each_in_a_fresh_cell(void **state) {
    (void)state;
    for (size_t i = 0; i < n_rows; i++) {
        struct pgr_sbx *s = open_pool();
        check_row(s, &rows[i], "fresh cell");
        check_canary(s, rows[i].field[0]);
        pgr_sbx_close(s);
        no_process_is_left();
    }
}

static int run_group(const char *name) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_in_one_cell), cmocka_unit_test(each_in_a_fresh_cell)};
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

/* Keeps the rows named on the command line. */
static void select_rows(int argc, char **argv) {
    size_t kept = 0;
    for (size_t i = 0; argc > 1 && i < n_rows; i++)
        for (int k = 1; k < argc; k++)
            if (strncmp(rows[i].field[0], argv[k], strlen(argv[k])) == 0) {
                rows[kept++] = rows[i];
                break;
            }
    if (argc > 1) n_rows = kept;
}

int main(int argc, char **argv) {
    setenv("SBX_CANARY", "canary-7f3a", 1);
    gethostname(hostname, sizeof hostname - 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    load_rows();
    select_rows(argc, argv);
    int failed = 0;
    if (geteuid() == 0) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
            if (setgroups(0, NULL) != 0 || setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) != 0 ||
                setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) != 0)
                _exit(99);
            int rc = run_group("as an ordinary user");
            fflush(stdout);
            fflush(stderr);
            _exit(rc);
        }
        int status = 0;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        failed += status != 0;
    }
    return failed + run_group(geteuid() == 0 ? "as root" : "as this user");
}
