/* progress.c - see progress.h. */
#include "train/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { WIDTH = 24 };

void pgr_progress_init(struct pgr_progress *p) { *p = (struct pgr_progress){isatty(STDERR_FILENO) == 1, false, 0}; }

void pgr_progress_show(struct pgr_progress *p, double done, double total, const char *fmt, ...) {
    double now = pgr_now_s();
    if (!p->tty || now - p->last_s < 0.1) return;
    p->last_s = now;
    p->shown = true;
    char bar[WIDTH + 1], text[160];
    int full = total > 0 ? (int)(WIDTH * (done < total ? done / total : 1)) : 0;
    for (int i = 0; i < WIDTH; i++) bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\r\033[K[%s] %s", bar, text);
    fflush(stderr);
}

void pgr_progress_clear(struct pgr_progress *p) {
    if (!p->shown) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    p->shown = false;
}
