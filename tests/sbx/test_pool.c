/* test_pool.c - jobs of each kind and their results, and what the pool survives. */
#define _GNU_SOURCE
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/size.h"
#include "sbx/sbx.h"

static struct pgr_sbx *pool;

static json_t *parse(const char *text) {
    json_t *j = NULL;
    assert_ok(pgr_json_parse("tests", text, strlen(text), &j));
    return j;
}

static struct pgr_sbx *open_pool(size_t n_cells) {
    struct pgr_sbx_cfg cfg = {.n_cells = n_cells};
    struct pgr_sbx *s = NULL;
    pgr_err err = pgr_sbx_open(&cfg, &s);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        skip();
    }
    assert_int_equal(err, PGR_OK);
    return s;
}

static void take(struct pgr_sbx *s, struct pgr_sbx_result *r) {
    size_t n = 0;
    double end = pgr_now_s() + 60;
    while (n == 0 && pgr_now_s() < end) assert_ok(pgr_sbx_poll(s, r, 1, 1000, &n));
    assert_int_equal(n, 1);
}

static struct pgr_sbx_result run(enum pgr_sbx_kind kind, const char *program, const char *entry, const char *tests) {
    struct pgr_sbx_result r;
    json_t *t = tests ? parse(tests) : NULL;
    struct pgr_sbx_job job = {.kind = kind,
                              .program = program,
                              .program_bytes = strlen(program),
                              .entry_point = entry,
                              .tests = t,
                              .limits = {.cpu_s = 1, .wall_s = 3}};
    assert_ok(pgr_sbx_submit(pool, &job, 42));
    json_decref(t);
    take(pool, &r);
    assert_int_equal(r.tag, 42);
    return r;
}

static void expect(struct pgr_sbx_result r, pgr_verdict verdict, const char *detail) {
    if (r.verdict != verdict || (detail && (!r.detail || !strstr(r.detail, detail))))
        fail_msg("%s (%s), want %s (%s)\n%s%s", pgr_verdict_name(r.verdict), r.detail ? r.detail : "-",
                 pgr_verdict_name(verdict), detail ? detail : "-", r.out, r.err);
    pgr_sbx_result_free(&r);
}

static int open_shared(void **state) {
    (void)state;
    pool = NULL;
    struct pgr_sbx_cfg cfg = {.n_cells = 2};
    pgr_err err = pgr_sbx_open(&cfg, &pool);
    if (err == PGR_E_UNSUPPORTED || err == PGR_E_NOTFOUND) {
        print_message("skipped: %s\n", pgr_err_detail());
        exit(77);
    }
    return err;
}

static int close_shared(void **state) {
    (void)state;
    pgr_sbx_close(pool);
    return 0;
}

static void program_runs_and_its_output_comes_back(void **state) {
    (void)state;
    struct pgr_sbx_result r = run(PGR_SBX_RUN, "import sys\nprint(sys.stdin.read()[::-1])\nprint('e', file=sys.stderr)",
                                  NULL, "{\"stdin\":\"abc\"}");
    assert_int_equal(r.verdict, PGR_V_ACCEPTED);
    assert_string_equal(r.out, "cba\n");
    assert_string_equal(r.err, "e\n");
    assert_true(r.cpu_s > 0 && r.cpu_s < 1 && r.wall_s > 0 && r.peak_bytes > 1 << 20);
    assert_int_equal(r.n_passed, 1);
    pgr_sbx_result_free(&r);
    r = run(PGR_SBX_RUN, "import sys\nsys.stdout.buffer.write(bytes(range(256)))", NULL, NULL);
    assert_int_equal(r.out_bytes, 256); /* any bytes, also NUL */
    for (int i = 0; i < 256; i++) assert_int_equal((unsigned char)r.out[i], i);
    pgr_sbx_result_free(&r);
}

static void every_way_to_end_has_its_verdict(void **state) {
    (void)state;
    static const struct {
        const char *program;
        pgr_verdict verdict;
        const char *detail;
    } cases[] = {
        {"pass", PGR_V_ACCEPTED, NULL},
        {"raise SystemExit", PGR_V_ACCEPTED, NULL},
        {"exit()", PGR_V_ACCEPTED, NULL},
        {"import sys; sys.exit(3)", PGR_V_RUNTIME_ERROR, "exit status 3"},
        {"import sys; sys.exit('no')", PGR_V_RUNTIME_ERROR, "exit status 1"},
        {"import os; os._exit(256 + 5)", PGR_V_RUNTIME_ERROR, "exit status 5"},
        {"\n1/0", PGR_V_RUNTIME_ERROR, "ZeroDivisionError: division by zero (line 2)"},
        {"def f(:", PGR_V_COMPILE_ERROR, "SyntaxError"},
        {"x = '\xff'", PGR_V_COMPILE_ERROR, "UnicodeDecodeError"},
        {"eval('1+')", PGR_V_RUNTIME_ERROR, "SyntaxError"},
        {"while 1: pass", PGR_V_TIME_LIMIT, "more than"},
        {"import threading\nfor i in range(4): threading.Thread(target=lambda: exec('while 1: pass')).start()",
         PGR_V_TIME_LIMIT, NULL},
        {"import time; time.sleep(60)", PGR_V_TIME_LIMIT, "more than 3 s"},
        {"x = bytearray(2 << 30)", PGR_V_MEMORY_LIMIT, "MemoryError"},
        {"x = []\nwhile 1: x.append(bytes(50 << 20))", PGR_V_MEMORY_LIMIT, "MemoryError"},
        {"while 1: print('x' * 1000)", PGR_V_OUTPUT_LIMIT, "bytes of output"},
        {"import sys\nwhile 1: sys.stderr.write('x' * 1000)", PGR_V_TIME_LIMIT, NULL},
        {"import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", PGR_V_RUNTIME_ERROR, "signal 11 (SIGSEGV)"},
        {"import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)", PGR_V_VIOLATION, "forbidden system call"},
        {"import os; os.fork()", PGR_V_RUNTIME_ERROR, "PermissionError"},
        {"import socket; socket.socket()", PGR_V_RUNTIME_ERROR, "PermissionError"},
        {"import subprocess; subprocess.run(['true'])", PGR_V_RUNTIME_ERROR, "Error"},
        {"import threading\nprint(1)\nthreading.Thread(target=print).start()", PGR_V_ACCEPTED, NULL},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_sbx_result r = run(PGR_SBX_RUN, cases[i].program, NULL, NULL);
        print_message("    %-14s %s\n", pgr_verdict_name(r.verdict), r.detail ? r.detail : "");
        expect(r, cases[i].verdict, cases[i].detail);
    }
}

static void calls_are_compared_outside_and_the_first_failure_is_reported(void **state) {
    (void)state;
    static const char tests[] =
        "[{\"args\":[2,3],\"expected\":5},{\"args\":[1],\"kwargs\":{\"b\":[7]},\"expected\":8.5}]";
    struct pgr_sbx_result r =
        run(PGR_SBX_CALLS, "def f(a, b): return a + (b if type(b) is int else b[0] + 0.5)", "f", tests);
    expect(r, PGR_V_ACCEPTED, NULL);
    r = run(PGR_SBX_CALLS, "def f(a, b): return 5", "f", tests);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_int_equal(r.n_passed, 1);
    assert_int_equal(r.n_tests, 2);
    assert_int_equal(r.failed_test, 1);
    assert_string_equal(r.input, "f(1,) with {'b': [7]}");
    assert_string_equal(r.expected, "8.5");
    assert_string_equal(r.got, "5");
    pgr_sbx_result_free(&r);
    expect(run(PGR_SBX_CALLS, "def f(a, b): raise ValueError(a)", "f", tests), PGR_V_RUNTIME_ERROR, "ValueError: 2");
    expect(run(PGR_SBX_CALLS, "def g(): pass", "f", tests), PGR_V_RUNTIME_ERROR, "name 'f' is not defined");
    expect(
        run(PGR_SBX_CALLS, "class S:\n def f(self, a, b): return a + b", "S().f", "[{\"args\":[2,3],\"expected\":5}]"),
        PGR_V_ACCEPTED, NULL);
    expect(run(PGR_SBX_CALLS, "if __name__ == '__main__': input()\ndef f(): return ()", "f",
               "[{\"expected\":{\"__tuple__\":[]}}]"),
           PGR_V_ACCEPTED, NULL);
    /* An answer is a claim for the next index; any other is malformed, also when it comes after all were right. */
    expect(run(PGR_SBX_CALLS, "import os\ndef f(a, b):\n os.write(3, b'a4:1;i8;')\n return 5", "f", tests),
           PGR_V_RUNTIME_ERROR, "malformed answer");
    expect(run(PGR_SBX_CALLS, "import os, atexit\natexit.register(lambda: os.write(3, b'a4:2;i8;'))\ndef f(): return 1",
               "f", "[{\"expected\":1}]"),
           PGR_V_RUNTIME_ERROR, "malformed answer");
    expect(run(PGR_SBX_CALLS, "import os\nos.write(3, b'a9999999:')\ndef f(): return 1", "f", "[{\"expected\":1}]"),
           PGR_V_RUNTIME_ERROR, "malformed answer");
    expect(run(PGR_SBX_CALLS, "import sys\ndef f(): sys.exit(0)", "f", "[{\"expected\":1}]"), PGR_V_RUNTIME_ERROR,
           NULL);
    expect(run(PGR_SBX_CALLS, "import os\ndef f(): os._exit(0)", "f", "[{\"expected\":1}]"), PGR_V_RUNTIME_ERROR,
           "ended after 0 of 1 answers");
}

/* What Python encodes is what C expects, for every type; and arguments arrive as they were sent. */
static void every_wire_type_makes_the_round_trip(void **state) {
    (void)state;
    static const char *const values[] = {
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "0.1",
        "-0.0",
        "1e308",
        "5e-324",
        "\"\"",
        "\"a\\u0000\\u00e9\\ud83d\\ude00\"",
        "[]",
        "[[],[[]]]",
        "[1,2,3,4,5,6,7,8,9,10,11,12]",
        "[1,2,3,4,5,6,7,8,9,10.5]",
        "{\"a\":{\"b\":[]},\"\":null}",
        "{\"__tuple__\":[1,{\"__tuple__\":[]}]}",
        "{\"__set__\":[1,\"a\",null,{\"__tuple__\":[1]}]}",
        "{\"__frozenset__\":[{\"__frozenset__\":[]}]}",
        "{\"__dict__\":[[1,2],[{\"__tuple__\":[1,2]},{}]]}",
        "{\"__bytes__\":\"00ff0a\"}",
        "{\"__float__\":\"nan\"}",
        "{\"__float__\":\"inf\"}",
        "{\"__complex__\":[1.5,\"-inf\"]}",
        "{\"__int__\":\"123456789012345678901234567890\"}",
        "{\"__int__\":\"-9223372036854775809\"}",
        "{\"__int__\":\"18446744073709551616\"}",
        "{\"__tuple__\":[[1,2,3,4,5,6,7,8,9],10,11,[12,13,14,15,16,17,18,19,20,\"x\"]]}"};
    struct pgr_buf tests = PGR_BUF_INIT;
    for (size_t i = 0; i < PGR_COUNT(values); i++)
        pgr_buf_addf(&tests, "%s{\"args\":[%s],\"expected\":%s}", i ? "," : "[", values[i], values[i]);
    pgr_buf_addc(&tests, ']');
    struct pgr_sbx_result r = run(PGR_SBX_CALLS, "def f(x): return x", "f", pgr_buf_str(&tests));
    if (r.verdict != PGR_V_ACCEPTED)
        fail_msg("value %zu: %s, expected %s, got %s", r.failed_test, pgr_verdict_name(r.verdict), r.expected, r.got);
    pgr_sbx_result_free(&r);
    pgr_buf_free(&tests);
}

static void the_same_job_gives_the_same_result(void **state) {
    (void)state;
    static const char program[] = "import random\nprint(random.random(), {'a', 'b', 'c', 'd'}, hash('x'))";
    struct pgr_sbx_result a = run(PGR_SBX_RUN, program, NULL, NULL), b = run(PGR_SBX_RUN, program, NULL, NULL);
    assert_int_equal(a.verdict, PGR_V_ACCEPTED);
    assert_string_equal(a.out, b.out);
    pgr_sbx_result_free(&a);
    pgr_sbx_result_free(&b);
}

static void what_is_no_plain_value_is_wrong_by_name(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"import collections\ndef f(): return collections.Counter()", "<collections.Counter>"},
        {"def f(): return iter([])", "<list_iterator>"},
        {"class A(int): pass\ndef f(): return A(1)", "<solution.A>"},
        {"def f(): return 1 << 5000000", "<int of 5000001 bits>"},
        {"def f():\n x = []\n x.append(x)\n return x", "[["},
        {"def f():\n x = []\n for i in range(60): x = [x, x]\n return x", "larger than"},
        {"def f(): return 'x' * (5 << 20)", "larger than"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_sbx_result r = run(PGR_SBX_CALLS, cases[i][0], "f", "[{\"expected\":1}]");
        if (r.verdict != PGR_V_WRONG_ANSWER || !strstr(r.got, cases[i][1]))
            fail_msg("%s: %s, got %s, %s", cases[i][0], pgr_verdict_name(r.verdict), r.got, r.detail);
        pgr_sbx_result_free(&r);
    }
}

static void stdio_tests_stop_at_the_first_failure(void **state) {
    (void)state;
    static const char tests[] = "[{\"stdin\":\"1 2\",\"stdout\":\"3\"},{\"stdin\":\"2 2\",\"stdout\":\"4\\n\"},"
                                "{\"stdin\":\"3 3\",\"stdout\":\"6\"}]";
    struct pgr_sbx_result r =
        run(PGR_SBX_STDIO, "a, b = map(int, input().split())\nprint(a + b if a < 2 else 'no')", NULL, tests);
    assert_int_equal(r.verdict, PGR_V_WRONG_ANSWER);
    assert_int_equal(r.n_passed, 1);
    assert_int_equal(r.failed_test, 1);
    assert_string_equal(r.input, "2 2");
    assert_string_equal(r.expected, "4\n");
    assert_string_equal(r.got, "no\n");
    pgr_sbx_result_free(&r);
    r = run(PGR_SBX_STDIO, "print(sum(map(int, input().split())))", NULL, tests);
    assert_int_equal(r.n_passed, 3);
    expect(r, PGR_V_ACCEPTED, NULL);
}

static void malformed_jobs_are_refused(void **state) {
    (void)state;
    static const struct {
        enum pgr_sbx_kind kind;
        const char *entry, *tests, *message;
    } cases[] = {{PGR_SBX_STDIO, NULL, "[]", "at least one"},
                 {PGR_SBX_STDIO, NULL, "{}", "must be a list"},
                 {PGR_SBX_STDIO, NULL, "[{\"stdin\":1}]", "test 0 needs \"stdin\""},
                 {PGR_SBX_CALLS, NULL, "[{\"expected\":1}]", "need an entry point"},
                 {PGR_SBX_CALLS, "f", "[{\"args\":[]}]", "\"expected\""},
                 {PGR_SBX_CALLS, "f", "[{\"expected\":{\"__int__\":\"x\"}}]", "call 0"},
                 {PGR_SBX_RUN, NULL, "{\"stdin\":1}", "must be text"}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        json_t *t = parse(cases[i].tests);
        struct pgr_sbx_job job = {.kind = cases[i].kind, .program = "", .entry_point = cases[i].entry, .tests = t};
        assert_fails_with(pgr_sbx_submit(pool, &job, 0), PGR_E_FORMAT, cases[i].message);
        json_decref(t);
    }
    struct pgr_sbx_job job = {.kind = PGR_SBX_RUN, .program = "", .limits = {.cpu_s = -1}};
    assert_fails_with(pgr_sbx_submit(pool, &job, 0), PGR_E_RANGE, "limits");
    assert_int_equal(pgr_sbx_pending(pool), 0);
}

static void many_jobs_come_back_with_their_tags(void **state) {
    (void)state;
    enum { N = 200 };
    bool seen[N] = {false};
    for (size_t i = 0; i < N; i++) {
        char program[64];
        snprintf(program, sizeof program, "print(%zu * 7)", i);
        struct pgr_sbx_job job = {.kind = PGR_SBX_RUN, .program = program, .program_bytes = strlen(program)};
        assert_ok(pgr_sbx_submit(pool, &job, i));
    }
    assert_int_equal(pgr_sbx_pending(pool), N);
    for (size_t done = 0; done < N;) {
        struct pgr_sbx_result r[16];
        size_t n;
        assert_ok(pgr_sbx_poll(pool, r, 16, 60000, &n));
        for (size_t i = 0; i < n; i++) {
            assert_false(seen[r[i].tag]);
            seen[r[i].tag] = true;
            assert_int_equal(strtoul(r[i].out, NULL, 10), r[i].tag * 7);
            pgr_sbx_result_free(&r[i]);
        }
        done += n;
    }
    struct pgr_sbx_result r;
    size_t n = 5;
    assert_ok(pgr_sbx_poll(pool, &r, 1, -1, &n)); /* nothing pending: no wait */
    assert_int_equal(n, 0);
}

/* ---- deaths ---- */

/* The only child of this process, or of another. */
static pid_t child_of(pid_t parent) {
    DIR *d = opendir("/proc");
    struct dirent *e;
    pid_t found = -1;
    while ((e = readdir(d)) && found < 0) {
        char path[300], text[512];
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        FILE *f = e->d_name[0] >= '1' && e->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        if (!f) continue;
        size_t n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        text[n] = '\0';
        int ppid = 0;
        char *close_paren = strrchr(text, ')');
        if (close_paren && sscanf(close_paren + 1, " %*c %d", &ppid) == 1 && ppid == parent)
            found = (pid_t)atoi(e->d_name);
    }
    closedir(d);
    return found;
}

static void submit_program(struct pgr_sbx *s, const char *program, uint64_t tag) {
    struct pgr_sbx_job job = {.kind = PGR_SBX_RUN, .program = program, .program_bytes = strlen(program)};
    assert_ok(pgr_sbx_submit(s, &job, tag));
}

static void jobs_survive_the_death_of_a_cell_and_of_the_supervisor(void **state) {
    (void)state;
    struct pgr_sbx *s = open_pool(1);
    struct pgr_sbx_result r;
    size_t n;
    submit_program(s, "import time; time.sleep(0.5); print('slept')", 1);
    assert_ok(pgr_sbx_poll(s, &r, 1, 100, &n)); /* lets it start */
    assert_int_equal(n, 0);
    pid_t supervisor = child_of(getpid()), cell = child_of(supervisor);
    assert_true(supervisor > 0 && cell > 0);
    assert_int_equal(kill(cell, SIGKILL), 0);
    take(s, &r);
    assert_string_equal(r.out, "slept\n");
    pgr_sbx_result_free(&r);
    for (uint64_t i = 0; i < 5; i++) submit_program(s, "import time; time.sleep(0.3); print('slept')", i);
    assert_ok(pgr_sbx_poll(s, &r, 1, 100, &n));
    assert_int_equal(n, 0);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    uint64_t tags = 0;
    for (int i = 0; i < 5; i++) {
        take(s, &r);
        assert_int_equal(r.verdict, PGR_V_ACCEPTED);
        tags |= 1u << r.tag;
        pgr_sbx_result_free(&r);
    }
    assert_int_equal(tags, 31);
    assert_int_not_equal(child_of(getpid()), supervisor);
    pgr_sbx_close(s);
    assert_int_equal(child_of(getpid()), -1);
}

/* This process adopts what outlives its parent, so a survivor would show as a child. */
static void nothing_outlives_a_killed_client(void **state) {
    (void)state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    pid_t client = fork();
    if (client == 0) {
        struct pgr_sbx *s = open_pool(2);
        for (uint64_t i = 0; i < 4; i++) submit_program(s, "while 1: pass", i);
        struct pgr_sbx_result r;
        size_t n;
        pgr_err err = pgr_sbx_poll(s, &r, 1, 300, &n);
        if (write(ready[1], err == PGR_OK && n == 0 ? "y" : "n", 1) != 1) _exit(1);
        pause();
        _exit(1);
    }
    char c = 0;
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    pid_t supervisor = child_of(client), cell = child_of(supervisor);
    assert_true(supervisor > 0 && cell > 0);
    kill(client, SIGKILL);
    double end = pgr_now_s() + 10;
    int left = 1;
    while (left > 0 && pgr_now_s() < end) {
        pid_t p;
        while ((p = waitpid(-1, NULL, WNOHANG)) > 0) {
        }
        left = p == 0;
        usleep(10000);
    }
    assert_int_equal(left, 0);
    assert_int_equal(kill(supervisor, 0), -1);
    assert_int_equal(kill(cell, 0), -1);
    close(ready[0]);
    close(ready[1]);
}

static void nothing_outlives_a_killed_supervisor(void **state) {
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    struct pgr_sbx *s = open_pool(1);
    submit_program(s, "while 1: pass", 0);
    struct pgr_sbx_result r;
    size_t n;
    assert_ok(pgr_sbx_poll(s, &r, 1, 200, &n));
    pid_t supervisor = child_of(getpid()), cell = child_of(supervisor);
    assert_true(supervisor > 0 && cell > 0);
    kill(supervisor, SIGKILL);
    double end = pgr_now_s() + 10;
    while (kill(cell, 0) == 0 && pgr_now_s() < end) {
        waitpid(cell, NULL, WNOHANG);
        usleep(1000);
    }
    assert_int_equal(kill(cell, 0), -1);
    pgr_sbx_close(s);
}

static void wrong_configurations_are_named(void **state) {
    (void)state;
    struct pgr_sbx *s;
    struct pgr_sbx_cfg cfg = {.python = "/nonexistent/python3"};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_NOTFOUND, "/nonexistent/python3");
    cfg = (struct pgr_sbx_cfg){.python = "python3"};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_RANGE, "absolute path");
    cfg = (struct pgr_sbx_cfg){.python = "/bin/sh"};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_UNSUPPORTED, "/bin");
    const char *const missing[] = {"no_such_module", NULL}, *const evil[] = {"os; print(1)", NULL};
    cfg = (struct pgr_sbx_cfg){.preload = missing};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_NOTFOUND, "cannot import no_such_module");
    cfg = (struct pgr_sbx_cfg){.preload = evil};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_RANGE, "not the name of a Python module");
    cfg = (struct pgr_sbx_cfg){.n_cells = 100000};
    assert_fails_with(pgr_sbx_open(&cfg, &s), PGR_E_RANGE, "cells");
}

static void a_chosen_site_packages_folder_is_visible_and_read_only(void **state) {
    (void)state;
    char dir[256], path[300];
    test_tmpdir(dir);
    chmod(dir, 0755);
    snprintf(path, sizeof path, "%s/extra_module.py", dir);
    FILE *f = fopen(path, "w");
    fputs("value = 99\n", f);
    fclose(f);
    const char *const preload[] = {"extra_module", NULL};
    struct pgr_sbx_cfg cfg = {.n_cells = 1, .site_packages = dir, .preload = preload};
    struct pgr_sbx *saved = pool;
    assert_ok(pgr_sbx_open(&cfg, &pool));
    assert_int_equal(pgr_sbx_tier(pool), pgr_sbx_tier(saved));
    expect(run(PGR_SBX_CALLS,
               "import extra_module, sys\ndef f():\n try: open(extra_module.__file__, 'a')\n except OSError: return "
               "extra_module.value",
               "f", "[{\"expected\":99}]"),
           PGR_V_ACCEPTED, NULL);
    pgr_sbx_close(pool);
    pool = saved;
    unlink(path);
    rmdir(dir);
}

static void weaker_tier_still_holds_and_says_so(void **state) {
    (void)state;
    setenv("PGR_SBX_TIER", "2", 1);
    struct pgr_sbx_cfg cfg = {.n_cells = 1};
    struct pgr_sbx *saved = pool;
    pgr_err err = pgr_sbx_open(&cfg, &pool);
    unsetenv("PGR_SBX_TIER");
    if (err == PGR_E_UNSUPPORTED) {
        pool = saved;
        print_message("skipped: %s\n", pgr_err_detail());
        skip();
    }
    assert_int_equal(err, PGR_OK);
    assert_int_equal(pgr_sbx_tier(pool), 2);
    expect(run(PGR_SBX_RUN, "print(sum(range(10)))", NULL, NULL), PGR_V_ACCEPTED, NULL);
    static const char *const refused[] = {
        "open('/etc/passwd')", "open('/proc/self/status')", "open('/tmp/x', 'w')", "import os; os.listdir('/')",
        "import os; os.kill(os.getppid(), 0)", "import os; os.fork()", "import socket; socket.socket()",
        /* An ordinary user's own files lie where Landlock watches no change of modes and times. */
        "import os; os.chmod('/dev/null', 0)", "import os; os.utime('/dev/null')",
        "import os; os.truncate('/dev/null', 0)",
        "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"};
    for (size_t i = 0; i < PGR_COUNT(refused); i++)
        expect(run(PGR_SBX_RUN, refused[i], NULL, NULL), PGR_V_RUNTIME_ERROR, "PermissionError");
    expect(run(PGR_SBX_RUN, "while 1: pass", NULL, NULL), PGR_V_TIME_LIMIT, NULL);
    pgr_sbx_close(pool);
    pool = saved;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(program_runs_and_its_output_comes_back),
        cmocka_unit_test(every_way_to_end_has_its_verdict),
        cmocka_unit_test(calls_are_compared_outside_and_the_first_failure_is_reported),
        cmocka_unit_test(every_wire_type_makes_the_round_trip),
        cmocka_unit_test(the_same_job_gives_the_same_result),
        cmocka_unit_test(what_is_no_plain_value_is_wrong_by_name),
        cmocka_unit_test(stdio_tests_stop_at_the_first_failure),
        cmocka_unit_test(malformed_jobs_are_refused),
        cmocka_unit_test(many_jobs_come_back_with_their_tags),
        cmocka_unit_test(a_chosen_site_packages_folder_is_visible_and_read_only),
        cmocka_unit_test(weaker_tier_still_holds_and_says_so),
    };
    const struct CMUnitTest deaths[] = {
        cmocka_unit_test(jobs_survive_the_death_of_a_cell_and_of_the_supervisor),
        cmocka_unit_test(nothing_outlives_a_killed_client),
        cmocka_unit_test(nothing_outlives_a_killed_supervisor),
        cmocka_unit_test(wrong_configurations_are_named),
    };
    int failed = cmocka_run_group_tests_name("jobs", tests, open_shared, close_shared);
    return failed + cmocka_run_group_tests_name("deaths", deaths, NULL, NULL);
}
