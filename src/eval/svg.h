/* svg.h - line charts as SVG, and text made safe for HTML. */
#ifndef PGR_EVAL_SVG_H
#define PGR_EVAL_SVG_H

#include <stddef.h>

#include "base/buf.h"

enum {
    PGR_SVG_COLORS = 8,
    PGR_SVG_POINTS = 400 /* of a line; longer series become the means of runs of equally many points */
};

struct pgr_series {
    const char *name;    /* any text */
    size_t color;        /* modulo PGR_SVG_COLORS */
    const double *x, *y; /* [n] in rising x; what is not finite is left out */
    size_t n;
};

/* Appends text[n] with & < > " ' as references; control characters other than tab and newline, and bytes that are not
 * UTF-8, become U+FFFD. */
void pgr_html_escape(struct pgr_buf *out, const char *text, size_t n);

/* Whether there is anything to draw: a finite point, and a range that a double can hold. */
bool pgr_svg_drawable(const struct pgr_series *series, size_t n_series);

/* Appends one <figure> of an HTML page that has styles for the classes g, a, l and cN; nothing when there is nothing to
 * draw. A single point becomes a dot. */
void pgr_svg_figure(struct pgr_buf *out, const char *title, const struct pgr_series *series, size_t n_series);

/* Appends a whole SVG document: title, chart, and a line with colour and name for each series that has a point. */
void pgr_svg_document(struct pgr_buf *out, const char *title, const struct pgr_series *series, size_t n_series);

#endif
