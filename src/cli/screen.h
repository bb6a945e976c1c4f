/* screen.h - the whole terminal, in raw mode: keys in, rows out. One at a time in a process.
 *
 * The terminal is put back by pgr_screen_close and by every way to end that can be caught: signals that ask for an end
 * are reported as PGR_KEY_END, and faults of the program put it back before they end it. */
#ifndef PGR_CLI_SCREEN_H
#define PGR_CLI_SCREEN_H

#include <stddef.h>

#include "base/err.h"

/* What pgr_screen_key returns beside bytes: printable characters and bytes of UTF-8 as they are. */
enum pgr_key {
    PGR_KEY_ENTER = '\r',
    PGR_KEY_ESCAPE = 27,
    PGR_KEY_BACKSPACE = 127,
    PGR_KEY_END = 256, /* Ctrl-C, Ctrl-D, a signal, or the terminal is gone */
    PGR_KEY_RESIZE,    /* the terminal has another size */
    PGR_KEY_UP,
    PGR_KEY_DOWN,
    PGR_KEY_LEFT,
    PGR_KEY_RIGHT,
    PGR_KEY_PAGE_UP,
    PGR_KEY_PAGE_DOWN,
    PGR_KEY_OTHER
};

/* PGR_E_USAGE unless standard input and output are a terminal. */
PGR_MUST_CHECK pgr_err pgr_screen_open(void);
void pgr_screen_close(void); /* also when none is open */
void pgr_screen_size(size_t *n_rows, size_t *n_cols);
/* PGR_E_IO when the terminal is gone. */
PGR_MUST_CHECK pgr_err pgr_screen_write(const char *bytes, size_t n);
/* Waits for the next one. */
int pgr_screen_key(void);

#endif
