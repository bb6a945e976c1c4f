/* err.h - how failure is reported.
 *
 * Everything that can fail returns a pgr_err and is marked PGR_MUST_CHECK. The point that knows
 * what is wrong records one line of text for this thread with pgr_fail(); callers pass the code
 * on with PGR_TRY. The library never exits and never prints; the command line turns a code and
 * its text into one line on stderr and an exit code (see pgr_err_exit_code). */
#ifndef PGR_BASE_ERR_H
#define PGR_BASE_ERR_H

/* code, value, text, exit code of the command line: 2 = the user's input is at fault,
 * 1 = the machine or the program is, 130 = interrupted. */
#define PGR_ERR_LIST(X)                                                                                                \
    X(OK, 0, "ok", 0)                                                                                                  \
    X(E_NOMEM, -1, "out of memory", 1)                                                                                 \
    X(E_IO, -2, "input/output error", 2)                                                                               \
    X(E_FORMAT, -3, "malformed file or message", 2)                                                                    \
    X(E_SHAPE, -4, "shapes or offsets do not fit together", 2)                                                         \
    X(E_RANGE, -5, "argument outside its documented range", 2)                                                         \
    X(E_FINITE, -6, "result is not finite", 1)                                                                         \
    X(E_USAGE, -7, "wrong use of the command line", 2)                                                                 \
    X(E_UNSUPPORTED, -8, "not supported", 2)                                                                           \
    X(E_NOTFOUND, -9, "not found", 2)                                                                                  \
    X(E_SYS, -10, "the operating system refused", 1)                                                                   \
    X(E_INTERRUPTED, -11, "interrupted", 130)                                                                          \
    X(E_INTERNAL, -12, "internal error", 1)

typedef enum pgr_err {
#define X(name, value, text, exit_code) PGR_##name = value,
    PGR_ERR_LIST(X)
#undef X
} pgr_err;

#define PGR_MUST_CHECK __attribute__((warn_unused_result))
#define PGR_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define PGR_UNUSED __attribute__((unused))

/* Records a one-line message for this thread and returns `e`, so that every failure reads
 * `return pgr_fail(PGR_E_FORMAT, "%s: header of %zu bytes in a file of %zu", path, h, n);`
 * Control characters in the result become '?', so that a hostile file cannot write to a terminal. */
pgr_err pgr_fail(pgr_err e, const char *fmt, ...) PGR_PRINTF(2, 3);
/* The macro shows the compiler that the result is `e`, so that it sees which results a failed call leaves unset. */
#define pgr_fail(e, ...) ((void)pgr_fail(e, __VA_ARGS__), (e))

/* Puts "prefix: " before the message of this thread's last failure and returns `e` unchanged. */
pgr_err pgr_fail_prefix(pgr_err e, const char *fmt, ...) PGR_PRINTF(2, 3);

/* The message of this thread's last pgr_fail; valid until the next one. Never NULL. */
const char *pgr_err_detail(void);
const char *pgr_err_text(pgr_err e);
int pgr_err_exit_code(pgr_err e);

#define PGR_TRY(expr)                                                                                                  \
    do {                                                                                                               \
        pgr_err pgr_try_e_ = (expr);                                                                                   \
        if (pgr_try_e_ != PGR_OK) return pgr_try_e_;                                                                   \
    } while (0)
/* For functions with `pgr_err err` and one exit label `out`. */
#define PGR_TRY_GOTO(expr)                                                                                             \
    do {                                                                                                               \
        err = (expr);                                                                                                  \
        if (err != PGR_OK) goto out;                                                                                   \
    } while (0)

#endif
