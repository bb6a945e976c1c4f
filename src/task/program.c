/* program.c - see program.h. */
#include "task/program.h"

#include <string.h>

#include "task/family.h"

static bool find(const char *text, size_t n, const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(text + i, word, len) == 0) return true;
    return false;
}

/* Literals of Python hold no NUL as it is, and text that is not UTF-8 compiles nowhere. */
static pgr_err wrap_stdin(const struct pgr_task *t, const char *code, size_t n, struct pgr_buf *out) {
    pgr_buf_add(out, pgr_py_lcb_guard, pgr_py_lcb_guard_bytes);
    pgr_buf_add(out, pgr_py_lcb_stdin, pgr_py_lcb_stdin_bytes);
    pgr_buf_adds(out, "\n\nmain(");
    pgr_put_literal(out, code, n);
    pgr_buf_adds(out, ", ");
    pgr_put_literal(out, t->setup ? t->setup : "", t->setup ? strlen(t->setup) : 0);
    pgr_buf_adds(out, ")\n");
    return pgr_buf_ok(out);
}

pgr_err pgr_task_program(const struct pgr_task *t, const char *code, size_t n, bool is_completion, struct pgr_buf *out,
                         const char **setup) {
    const char *family = t->family ? t->family : "";
    *setup = t->setup;
    if (strcmp(family, "livecodebench") == 0 && t->test_kind == PGR_SBX_STDIO) {
        *setup = NULL;
        return wrap_stdin(t, code, n, out);
    }
    /* There the imports stand in front of the program, where `from __future__` is an error. */
    if (strcmp(family, "livecodebench") == 0 && find(code, n, "__future__")) pgr_buf_adds(out, "0\n");
    if (strcmp(family, "bigcodebench") == 0 && t->starter_code) {
        pgr_buf_adds(out, t->starter_code);
        pgr_buf_addc(out, '\n');
    }
    if (is_completion && t->prefix) pgr_buf_adds(out, t->prefix);
    pgr_buf_add(out, code, n);
    if (strcmp(family, "humaneval") == 0) pgr_buf_addc(out, '\n');
    return pgr_buf_ok(out);
}
