/* bench_soak.c - the sandbox under a long mix of honest and hostile programs.
 *
 *   bench_soak [--runs N] [--cells C] [--attacks FOLDER] [--slow PER_THOUSAND]
 *
 * Takes every program of the attack suite's manifest, each with its own kind of tests. Each runs once; those that take
 * more than 4 ms of CPU or 0.3 s make --slow in a thousand of the runs that follow, the others the rest. Every 20,000
 * runs and at the end a JSON line: runs a second, verdicts, and what could leak: resident memory and descriptors of
 * this process and of the supervisor, the bytes that this process has allocated and not freed (a heap whose free parts
 * lie scattered stays resident, so the resident figure alone does not tell a leak), the supervisor's children, and the
 * host's mounts. Exit code 1 when a verdict was internal_error, when a program that must fail passed, or when a figure
 * at the end (of this process the bytes allocated) is more than a fifth above its value at the first report. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "../tests/sbx/attack_modes.h"
#include "sbx/sbx.h"

enum { MAX_PROGRAMS = 500, REPORT = 20000, N_VERDICTS = PGR_V_INTERNAL_ERROR + 1 };

struct program {
    struct pgr_buf source;
    char name[64];
    const struct attack_mode *mode;
    json_t *tests;
    bool benign;
};
static struct program programs[MAX_PROGRAMS];
static size_t n_programs, fast[MAX_PROGRAMS], n_fast, slow[MAX_PROGRAMS], n_slow;

static const struct pgr_sbx_limits limits = {.cpu_s = 0.4, .wall_s = 0.8, .memory_bytes = (size_t)512 << 20};

static void load(const char *folder) {
    char path[1024];
    snprintf(path, sizeof path, "%s/manifest.tsv", folder);
    struct pgr_lines *l = NULL;
    const char *line;
    size_t n, number;
    if (pgr_lines_open(path, 1 << 16, &l) != PGR_OK) return;
    while (pgr_lines_next(l, &line, &n, &number) == PGR_OK && line && n_programs < MAX_PROGRAMS) {
        char file[64], category[64], mode[16];
        if (line[0] == '#' || sscanf(line, "%63[^\t]\t%63[^\t]\t%15[^\t]", file, category, mode) != 3) continue;
        struct program *p = &programs[n_programs];
        snprintf(path, sizeof path, "%s/%s", folder, file);
        if (pgr_file_read(path, 1 << 20, &p->source) != PGR_OK) continue; /* the heading, too */
        snprintf(p->name, sizeof p->name, "%s", file);
        p->mode = find_attack_mode(mode);
        if (!p->mode || pgr_json_parse(path, p->mode->tests, strlen(p->mode->tests), &p->tests) != PGR_OK) continue;
        p->benign = strcmp(category, "benign") == 0;
        n_programs++;
    }
    pgr_lines_close(l);
}

/* ---- what could leak ---- */

struct figures {
    double client_mib, client_heap_mib, supervisor_mib;
    size_t client_fds, supervisor_fds, children, mounts;
};

static size_t count_entries(const char *path) {
    size_t n = 0;
    DIR *d = opendir(path);
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n;
}

static double resident_mib(pid_t pid) {
    char path[64];
    unsigned long size, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%lu %lu", &size, &resident) != 2) resident = 0;
    if (f) fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static size_t children(pid_t parent, pid_t *one) {
    size_t n = 0;
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[300], text[512];
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        FILE *f = isdigit((unsigned char)e->d_name[0]) ? fopen(path, "r") : NULL;
        if (!f) continue;
        size_t got = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        text[got] = '\0';
        int ppid = 0;
        const char *close_paren = strrchr(text, ')');
        if (close_paren && sscanf(close_paren + 1, " %*c %d", &ppid) == 1 && ppid == parent) {
            n++;
            if (one) *one = (pid_t)strtol(e->d_name, NULL, 10);
        }
    }
    if (d) closedir(d);
    return n;
}

static size_t count_lines(const char *path) {
    size_t n = 0;
    int c;
    FILE *f = fopen(path, "r");
    while (f && (c = fgetc(f)) != EOF) n += c == '\n';
    if (f) fclose(f);
    return n;
}

static struct figures measure(void) {
    struct figures f;
    char path[64];
    pid_t supervisor = -1;
    children(getpid(), &supervisor);
    f.client_mib = resident_mib(getpid());
    struct mallinfo2 heap = mallinfo2();
    f.client_heap_mib = (double)(heap.uordblks + heap.hblkhd) / 1048576;
    f.supervisor_mib = resident_mib(supervisor);
    f.client_fds = count_entries("/proc/self/fd");
    snprintf(path, sizeof path, "/proc/%d/fd", (int)supervisor);
    f.supervisor_fds = count_entries(path);
    f.children = children(supervisor, NULL);
    f.mounts = count_lines("/proc/self/mounts");
    return f;
}

static void report(size_t runs, double start_s, const size_t *verdicts, const struct figures *f, size_t restarts) {
    json_t *v = json_object();
    for (size_t i = 0; i < N_VERDICTS; i++)
        json_object_set_new(v, pgr_verdict_name((pgr_verdict)i), json_integer((json_int_t)verdicts[i]));
    json_t *o =
        json_pack("{s:I,s:f,s:o,s:f,s:f,s:f,s:I,s:I,s:I,s:I,s:I}", "runs", (json_int_t)runs, "runs_per_second",
                  (double)runs / (pgr_now_s() - start_s), "verdicts", v, "client_mib", f->client_mib, "client_heap_mib",
                  f->client_heap_mib, "supervisor_mib", f->supervisor_mib, "client_fds", (json_int_t)f->client_fds,
                  "supervisor_fds", (json_int_t)f->supervisor_fds, "cells", (json_int_t)f->children, "mounts",
                  (json_int_t)f->mounts, "supervisor_restarts", (json_int_t)restarts);
    struct pgr_buf b = PGR_BUF_INIT;
    if (o && pgr_json_dump(o, &b) == PGR_OK) puts(pgr_buf_str(&b));
    fflush(stdout);
    pgr_buf_free(&b);
    json_decref(o);
}

int main(int argc, char **argv) {
    size_t runs = 1000000, per_thousand = 5, sent = 0, done = 0, verdicts[N_VERDICTS] = {0}, wrong = 0;
    const char *folder = "tests/sbx/attacks";
    struct pgr_sbx_cfg cfg = {.n_cells = 0};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--runs") == 0) runs = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--cells") == 0) cfg.n_cells = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--attacks") == 0) folder = argv[i + 1];
        if (strcmp(argv[i], "--slow") == 0) per_thousand = strtoul(argv[i + 1], NULL, 10);
    }
    load(folder);
    if (n_programs == 0) {
        fprintf(stderr, "bench_soak: no programs in %s\n", folder);
        return 1;
    }
    struct pgr_sbx *s;
    struct pgr_sbx_info info;
    if (pgr_sbx_open(&cfg, &s) != PGR_OK) {
        fprintf(stderr, "bench_soak: %s\n", pgr_err_detail());
        return 1;
    }
    struct figures first = {0}, now = {0};
    double start_s = pgr_now_s();
    while (done < runs) {
        for (; sent < runs && sent - done < 64; sent++) {
            uint32_t bits[4];
            const uint32_t at[4] = {(uint32_t)sent, 0, 0, 0};
            pgr_rng_bits(1, PGR_RNG_TEST, at, bits);
            if (sent >= n_programs && done < n_programs) break; /* until it is known who is slow */
            bool pick_slow = n_fast == 0 || (n_slow && bits[0] % 1000 < per_thousand);
            size_t pick = sent < n_programs ? sent : pick_slow ? slow[bits[1] % n_slow] : fast[bits[1] % n_fast];
            const struct program *p = &programs[pick];
            struct pgr_sbx_job job = {.kind = p->mode->kind,
                                      .program = pgr_buf_str(&p->source),
                                      .program_bytes = p->source.len,
                                      .setup = p->mode->setup,
                                      .entry_point = "solve",
                                      .tests = p->tests,
                                      .same_process = p->mode->same_process,
                                      .atol = p->mode->atol,
                                      .rtol = p->mode->rtol,
                                      .limits = limits};
            if (pgr_sbx_submit(s, &job, pick) != PGR_OK) goto broken;
        }
        struct pgr_sbx_result r[32];
        size_t n;
        if (pgr_sbx_poll(s, r, 32, -1, &n) != PGR_OK) goto broken;
        for (size_t i = 0; i < n; i++) {
            const struct program *p = &programs[r[i].tag];
            verdicts[r[i].verdict]++;
            bool bad = r[i].verdict == PGR_V_INTERNAL_ERROR ||
                       (!p->benign && p->mode->kind != PGR_SBX_RUN && r[i].verdict == PGR_V_ACCEPTED) ||
                       (p->benign && r[i].verdict != PGR_V_ACCEPTED);
            if (done < n_programs) {
                if (r[i].cpu_s > 0.004 || r[i].wall_s > 0.3)
                    slow[n_slow++] = r[i].tag;
                else
                    fast[n_fast++] = r[i].tag;
            }
            if (bad && wrong++ < 20)
                fprintf(stderr, "%s: %s, %s\n", p->name, pgr_verdict_name(r[i].verdict),
                        r[i].detail ? r[i].detail : "");
            pgr_sbx_result_free(&r[i]);
            if (++done % REPORT == 0 || done == runs) {
                now = measure();
                if (first.children == 0) first = now;
                pgr_sbx_info(s, &info);
                report(done, start_s, verdicts, &now, info.n_restarts);
            }
        }
    }
    pgr_sbx_close(s);
    bool grew = now.client_heap_mib > 1.2 * first.client_heap_mib || now.supervisor_mib > 1.2 * first.supervisor_mib ||
                now.client_fds > first.client_fds || now.mounts > first.mounts || children(getpid(), NULL) > 0;
    if (grew || wrong) fprintf(stderr, "bench_soak: %zu wrong verdicts%s\n", wrong, grew ? ", and a figure grew" : "");
    for (size_t i = 0; i < n_programs; i++) pgr_buf_free(&programs[i].source);
    return grew || wrong;
broken:
    fprintf(stderr, "bench_soak: %s\n", pgr_err_detail());
    return 1;
}
