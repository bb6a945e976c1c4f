/* measure.c - the sandbox's speed. */
#include "sbx/measure.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

static const char trivial[] = "print(1)";

static pgr_err submit_trivial(struct pgr_sbx *s) {
    struct pgr_sbx_job job = {.kind = PGR_SBX_RUN, .program = trivial, .program_bytes = sizeof trivial - 1};
    return pgr_sbx_submit(s, &job, 0);
}

static pgr_err take(struct pgr_sbx *s, size_t *n_done, double *cpu_s) {
    struct pgr_sbx_result r[16];
    size_t n;
    pgr_err err = pgr_sbx_poll(s, r, 16, -1, &n);
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        if (r[i].verdict != PGR_V_ACCEPTED)
            err = pgr_fail(PGR_E_INTERNAL, "a trivial program got %s", pgr_verdict_name(r[i].verdict));
        *cpu_s += r[i].cpu_s;
        pgr_sbx_result_free(&r[i]);
    }
    *n_done += n;
    return err;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Sorted times of n jobs, one after another. */
static pgr_err one_by_one(struct pgr_sbx *s, const struct pgr_sbx_job *job, size_t n, double *ms) {
    for (size_t i = 0; i < n; i++) {
        double start = pgr_now_s(), cpu = 0;
        size_t done = 0;
        PGR_TRY(pgr_sbx_submit(s, job, 0));
        while (done == 0) PGR_TRY(take(s, &done, &cpu));
        ms[i] = (pgr_now_s() - start) * 1e3;
    }
    qsort(ms, n, sizeof *ms, by_value);
    return PGR_OK;
}

static pgr_err all_at_once(struct pgr_sbx *s, size_t n_cells, size_t n, struct pgr_sbx_speed *out) {
    size_t sent = 0, done = 0;
    double start = pgr_now_s(), cpu = 0;
    while (done < n) {
        while (sent < n && sent - done < 4 * n_cells) {
            PGR_TRY(submit_trivial(s));
            sent++;
        }
        PGR_TRY(take(s, &done, &cpu));
    }
    out->programs_per_second = (double)n / (pgr_now_s() - start);
    out->cpu_ms = cpu * 1e3 / (double)n;
    return PGR_OK;
}

static pgr_err measure(struct pgr_sbx *s, size_t n_runs, struct pgr_sbx_speed *out) {
    size_t n = n_runs / 10 < 200 ? n_runs / 10 + 1 : 200;
    static const char ten[] =
        "[{\"args\":[1,2],\"expected\":3},{\"args\":[2,2],\"expected\":4},{\"args\":[3,2],\"expected\":5},"
        "{\"args\":[4,2],\"expected\":6},{\"args\":[5,2],\"expected\":7},{\"args\":[6,2],\"expected\":8},"
        "{\"args\":[7,2],\"expected\":9},{\"args\":[8,2],\"expected\":10},{\"args\":[9,2],\"expected\":11},"
        "{\"args\":[10,2],\"expected\":12}]";
    static const char add[] = "def add(a, b):\n    return a + b\n";
    json_t *tests = NULL;
    double *ms = pgr_alloc_array(n, sizeof *ms);
    if (!ms) return pgr_fail(PGR_E_NOMEM, "out of memory");
    struct pgr_sbx_job run = {.kind = PGR_SBX_RUN, .program = trivial, .program_bytes = sizeof trivial - 1};
    struct pgr_sbx_job calls = {
        .kind = PGR_SBX_CALLS, .program = add, .program_bytes = sizeof add - 1, .entry_point = "add"};
    pgr_err err = pgr_json_parse("ten calls", ten, sizeof ten - 1, &tests);
    calls.tests = tests;
    if (err == PGR_OK) err = all_at_once(s, out->n_cells, n_runs, out); /* also warms every cell */
    if (err == PGR_OK) err = one_by_one(s, &run, n, ms);
    if (err == PGR_OK) {
        out->median_ms = ms[n / 2];
        out->p90_ms = ms[n * 9 / 10];
        err = one_by_one(s, &calls, n, ms);
    }
    if (err == PGR_OK) out->ten_calls_ms = ms[n / 2];
    json_decref(tests);
    pgr_free(ms);
    return err;
}

/* Resident MiB of the largest child of a process, and the pid of one. */
static double children_mib(pid_t parent, pid_t *one) {
    double most = 0;
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        struct pgr_buf b = PGR_BUF_INIT;
        char path[300];
        const char *close_paren = NULL;
        int ppid = 0;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        if (isdigit((unsigned char)e->d_name[0]) && pgr_file_read(path, 4096, &b) == PGR_OK)
            close_paren = strrchr(pgr_buf_str(&b), ')');
        if (close_paren && sscanf(close_paren + 1, " %*c %d", &ppid) == 1 && ppid == parent) {
            unsigned long size, resident = 0;
            snprintf(path, sizeof path, "/proc/%s/statm", e->d_name);
            pgr_buf_clear(&b);
            if (pgr_file_read(path, 4096, &b) != PGR_OK || sscanf(pgr_buf_str(&b), "%lu %lu", &size, &resident) != 2)
                resident = 0;
            double mib = (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
            if (mib > most) most = mib;
            if (one) *one = (pid_t)strtol(e->d_name, NULL, 10);
        }
        pgr_buf_free(&b);
    }
    if (d) closedir(d);
    return most;
}

pgr_err pgr_sbx_measure(const struct pgr_sbx_cfg *cfg, size_t n_runs, struct pgr_sbx_speed *out) {
    struct pgr_sbx *s;
    struct pgr_sbx_info info;
    pid_t supervisor = 0;
    memset(out, 0, sizeof *out);
    double start = pgr_now_s();
    PGR_TRY(pgr_sbx_open(cfg, &s));
    out->open_ms = (pgr_now_s() - start) * 1e3;
    pgr_sbx_info(s, &info);
    out->n_cells = info.n_cells;
    out->cell_start_ms = info.cell_start_s * 1e3;
    pgr_err err = measure(s, n_runs, out);
    out->supervisor_mib = children_mib(getpid(), &supervisor);
    out->cell_mib = supervisor > 0 ? children_mib(supervisor, NULL) : 0;
    pgr_sbx_close(s);
    return err;
}

json_t *pgr_sbx_speed_json(const struct pgr_sbx_speed *v) {
    return json_pack("{s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "cells", (json_int_t)v->n_cells,
                     "programs_per_second", v->programs_per_second, "median_ms", v->median_ms, "p90_ms", v->p90_ms,
                     "ten_calls_ms", v->ten_calls_ms, "cpu_ms", v->cpu_ms, "open_ms", v->open_ms, "cell_start_ms",
                     v->cell_start_ms, "supervisor_mib", v->supervisor_mib, "cell_mib", v->cell_mib);
}
