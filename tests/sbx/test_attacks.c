/* test_attacks.c - hostile and honest programs (tests/sbx/attacks) get the verdicts that are right.
 *
 * Each program runs in one cell in the order of the manifest, then again in a fresh cell, with a canary after each: an
 * honest program that must be accepted in the same cell. Started as root, all of it runs at the same time as an
 * ordinary user, too. `test_attacks FILE...` runs only these. */
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
#include "base/size.h"
#include "sbx/attack_modes.h"
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

/* An empty scratch folder that can be written (tier 1), untouched modules, no thread left over, and time that passes.
 */
static const char canary[] =
    "import os, random, threading, json, time, sys\n"
    "if sys.stdin.readline() == 'tier 1\\n':\n"
    "    assert os.listdir('/tmp') == [] and os.getcwd() == '/tmp', os.listdir('/tmp')\n"
    "    open('x', 'w').write('y' * 1000)\n"
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

/* set_NAME=VALUE among the checks changes a limit. */
static void set_limits(const char *checks, struct pgr_sbx_limits *l) {
    for (const char *p = checks; (p = strstr(p, "set_")); p += 4) {
        double v = strtod(strchr(p, '=') + 1, NULL);
        if (strncmp(p, "set_cpu=", 8) == 0)
            l->cpu_s = v;
        else if (strncmp(p, "set_wall=", 9) == 0)
            l->wall_s = v;
        else if (strncmp(p, "set_memory=", 11) == 0)
            l->memory_bytes = (size_t)v << 20;
        else if (strncmp(p, "set_output=", 11) == 0)
            l->output_bytes = (size_t)v;
        else
            fail_msg("unknown limit %s", p);
    }
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
    else if (strcmp(name, "err_max") == 0)
        ok = (double)r->err_bytes <= v;
    else if (strncmp(name, "set_", 4) == 0 || strcmp(name, "tier") == 0)
        return;
    else {
        for (char *p = text; *p; p++)
            if (*p == '~') *p = ' ';
        const char *in = strcmp(name, "detail") == 0     ? r->detail
                         : strcmp(name, "got") == 0      ? r->got
                         : strcmp(name, "expected") == 0 ? r->expected
                         : strcmp(name, "out_has") == 0  ? r->out
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
    const struct attack_mode *m = find_attack_mode(row->field[2]);
    if (!m) fail_msg("%s: unknown mode %s", row->field[0], row->field[2]);
    if (pgr_sbx_tier(s) > 1 && strstr(row->field[5], "tier=1")) return; /* about what only namespaces give */
    json_t *tests = parse(m->tests);
    struct pgr_sbx_job job = {.kind = m->kind,
                              .program = pgr_buf_str(&row->program),
                              .program_bytes = row->program.len,
                              .setup = m->setup,
                              .entry_point = "solve",
                              .tests = tests,
                              .same_process = m->same_process,
                              .atol = m->atol,
                              .rtol = m->rtol,
                              .limits = limits};
    set_limits(row->field[5], &job.limits);
    struct pgr_sbx_result r = run_one(s, &job);
    json_decref(tests);
    bool ok_mode = m->kind == PGR_SBX_RUN;
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
    json_t *in = parse(pgr_sbx_tier(s) == 1 ? "{\"stdin\":\"tier 1\\nin\"}" : "{\"stdin\":\"weaker\\nin\"}");
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

/* This process adopts what outlives its parent (see run_half): after close there must be nothing. */
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

/* In a process of its own, whose output goes to a file, so that two of them do not mix theirs. */
static pid_t run_half(const char *name, bool as_ordinary_user, FILE *told) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_in_one_cell), cmocka_unit_test(each_in_a_fresh_cell)};
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (as_ordinary_user && (setgroups(0, NULL) != 0 || setresgid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) != 0 ||
                             setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER) != 0))
        _exit(99);
    if (dup2(fileno(told), 1) < 0 || dup2(fileno(told), 2) < 0) _exit(99);
    int rc = cmocka_run_group_tests_name(name, tests, NULL, NULL);
    fflush(stdout);
    fflush(stderr);
    _exit(rc);
}

/* Keeps the rows named on the command line. */
static void select_rows(int argc, char **argv) {
    size_t kept = 0;
    for (size_t i = 0; argc > 1 && i < n_rows; i++) {
        bool named = false;
        for (int k = 1; k < argc; k++) named |= strncmp(rows[i].field[0], argv[k], strlen(argv[k])) == 0;
        if (named) {
            rows[kept++] = rows[i];
        } else {
            pgr_free(rows[i].field[0]);
            pgr_buf_free(&rows[i].program);
        }
    }
    if (argc > 1) n_rows = kept;
}

int main(int argc, char **argv) {
    setenv("SBX_CANARY", "canary-7f3a", 1);
    gethostname(hostname, sizeof hostname - 1);
    load_rows();
    select_rows(argc, argv);
    bool root = geteuid() == 0;
    FILE *told[2] = {tmpfile(), tmpfile()};
    pid_t pid[2] = {-1, -1};
    int failed = 0;
    if (!told[0] || !told[1]) return 99;
    pid[0] = run_half(root ? "as root" : "as this user", false, told[0]);
    if (root) pid[1] = run_half("as an ordinary user", true, told[1]);
    for (int i = 0; i < (root ? 2 : 1); i++) {
        int status = -1, c;
        while (pid[i] > 0 && waitpid(pid[i], &status, 0) < 0 && errno == EINTR) {
        }
        failed += status != 0;
        rewind(told[i]);
        while ((c = fgetc(told[i])) != EOF) putchar(c);
    }
    return failed;
}
