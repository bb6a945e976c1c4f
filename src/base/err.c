/* err.c - the thread's last error message. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char detail[2048];

static void make_one_line(char *s) {
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
}

pgr_err(pgr_fail)(pgr_err e, const char *fmt, ...) {
    /* An argument may be the previous message itself, so format aside first. */
    char text[sizeof detail];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    make_one_line(text);
    memcpy(detail, text, sizeof detail);
    return e;
}

pgr_err pgr_fail_prefix(pgr_err e, const char *fmt, ...) {
    char prefix[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    return pgr_fail(e, "%s: %s", prefix, detail);
}

const char *pgr_err_detail(void) { return detail; }

const char *pgr_err_text(pgr_err e) {
    switch (e) {
#define X(name, value, text, exit_code)                                                                                \
    case PGR_##name: return text;
        PGR_ERR_LIST(X)
#undef X
    }
    return "unknown error";
}

int pgr_err_exit_code(pgr_err e) {
    switch (e) {
#define X(name, value, text, exit_code)                                                                                \
    case PGR_##name: return exit_code;
        PGR_ERR_LIST(X)
#undef X
    }
    return 1;
}
