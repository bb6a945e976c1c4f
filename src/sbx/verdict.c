/* verdict.c - verdicts. */
#define _GNU_SOURCE
#include "sbx/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/size.h"
#include "sbx/wire.h"

const char *pgr_verdict_name(pgr_verdict v) {
    static const char *const names[] = {
#define X(name, text) text,
        PGR_VERDICT_LIST(X)
#undef X
    };
    return (size_t)v < PGR_COUNT(names) ? names[v] : "unknown";
}

static void copy_line(char *to, size_t room, const struct pgr_wire_node *from) {
    size_t n = pgr_min(from->n, room - 1);
    for (size_t i = 0; i < n; i++) to[i] = from->at[i] < 0x20 || from->at[i] == 0x7f ? ' ' : (char)from->at[i];
    to[n] = '\0';
}

void pgr_claim_read(struct pgr_span payload, struct pgr_claim *out) {
    struct pgr_wire_scan s;
    struct pgr_wire_value v;
    const unsigned char *p = (const unsigned char *)payload.data;
    if (out->have || payload.n > 8192 || pgr_wire_scan(p, payload.n, 0, &s) || s.n_bytes != payload.n) return;
    if (s.n_nodes != 4 || p[0] != 't' || pgr_wire_parse(p, payload.n, &v) != PGR_OK) return;
    if (v.node[0].n == 3 && v.node[1].kind == 's' && v.node[2].kind == 's' && v.node[3].kind == 's') {
        copy_line(out->where, sizeof out->where, &v.node[1]);
        copy_line(out->type, sizeof out->type, &v.node[2]);
        copy_line(out->text, sizeof out->text, &v.node[3]);
        out->have = true;
    }
    pgr_wire_free(&v);
}

static pgr_verdict of_signal(const struct pgr_run *r, int sig, char *detail, size_t n) {
    if (sig == SIGSYS) {
        snprintf(detail, n, "killed for a forbidden system call");
        return PGR_V_VIOLATION;
    }
    if (sig == SIGXCPU) {
        snprintf(detail, n, "more than %g s of CPU", r->limits.cpu_s);
        return PGR_V_TIME_LIMIT;
    }
    const char *name = sigabbrev_np(sig);
    snprintf(detail, n, "killed by signal %d (SIG%s)", sig, name ? name : "?");
    /* The kernel's memory killer, or a crash where the address space had run out. */
    bool full = r->no_memory || r->peak_bytes >= r->limits.memory_bytes / 10 * 9;
    return full ? PGR_V_MEMORY_LIMIT : PGR_V_RUNTIME_ERROR;
}

static pgr_verdict of_claim(const struct pgr_claim *c, char *detail, size_t n) {
    snprintf(detail, n, "%s%s%s%s%s", strcmp(c->where, "setup") == 0 ? "in the setup: " : "", c->type,
             c->text[0] ? ": " : "", c->text, "");
    if (strcmp(c->type, "MemoryError") == 0) return PGR_V_MEMORY_LIMIT;
    return strcmp(c->where, "compile") == 0 ? PGR_V_COMPILE_ERROR : PGR_V_RUNTIME_ERROR;
}

pgr_verdict pgr_verdict_of_run(const struct pgr_run *r, const struct pgr_claim *claim, char *detail, size_t n) {
    switch (r->end) {
    case PGR_END_CPU: snprintf(detail, n, "more than %g s of CPU", r->limits.cpu_s); return PGR_V_TIME_LIMIT;
    case PGR_END_CALL:
        snprintf(detail, n, "more than %g s of CPU in one call", r->limits.call_cpu_s);
        return PGR_V_TIME_LIMIT;
    case PGR_END_WALL: snprintf(detail, n, "more than %g s", r->limits.wall_s); return PGR_V_TIME_LIMIT;
    case PGR_END_OUTPUT:
        snprintf(detail, n, "more than %zu bytes of output", r->limits.output_bytes);
        return PGR_V_OUTPUT_LIMIT;
    case PGR_END_FRAMES:
        if (r->frames_total > PGR_RUN_ANSWERS * r->limits.answer_bytes) {
            snprintf(detail, n, "answers of more than %zu bytes", PGR_RUN_ANSWERS * r->limits.answer_bytes);
            return PGR_V_OUTPUT_LIMIT;
        }
        snprintf(detail, n, "malformed answer");
        return PGR_V_RUNTIME_ERROR;
    default: break;
    }
    if (WIFSIGNALED(r->status)) return of_signal(r, WTERMSIG(r->status), detail, n);
    if (claim->have) return of_claim(claim, detail, n);
    int code = WEXITSTATUS(r->status);
    if (code == 0) return PGR_V_ACCEPTED;
    snprintf(detail, n, "exit status %d", code);
    return PGR_V_RUNTIME_ERROR;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool pgr_output_equal(struct pgr_span got, struct pgr_span expected, bool exact) {
    if (exact) return got.n == expected.n && memcmp(got.data, expected.data, got.n) == 0;
    const char *g = got.data, *g_end = g + got.n, *e = expected.data, *e_end = e + expected.n;
    for (;;) {
        while (g < g_end && is_space(*g)) g++;
        while (e < e_end && is_space(*e)) e++;
        if (g == g_end || e == e_end) return g == g_end && e == e_end;
        while (g < g_end && e < e_end && !is_space(*g) && *g == *e) g++, e++;
        bool g_stops = g == g_end || is_space(*g), e_stops = e == e_end || is_space(*e);
        if (!g_stops || !e_stops) return false;
    }
}
