/* progress.h - one live line on a terminal, nothing elsewhere. */
#ifndef PGR_TRAIN_PROGRESS_H
#define PGR_TRAIN_PROGRESS_H

#include <stdbool.h>

#include "base/err.h"

struct pgr_progress {
    bool tty;      /* stderr is a terminal */
    bool shown;    /* a line stands there now */
    double last_s; /* when it was last drawn */
};

void pgr_progress_init(struct pgr_progress *p);
/* Draws `done` of `total` as a bar with text after it, at most ten times a second. */
void pgr_progress_show(struct pgr_progress *p, double done, double total, const char *fmt, ...) PGR_PRINTF(4, 5);
/* Takes the line away; before anything else is written to the terminal. */
void pgr_progress_clear(struct pgr_progress *p);

#endif
