/* svg.c - see svg.h. */
#include "eval/svg.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

enum { WIDTH = 420, HEIGHT = 200, LEFT = 56, RIGHT = 10, TOP = 10, BOTTOM = 24, TITLE = 22, KEY = 16 };

void pgr_html_escape(struct pgr_buf *out, const char *text, size_t n) {
    json_t *j = pgr_json_bytes(text, n); /* valid UTF-8 from here on */
    if (!j) {
        out->failed = true;
        return;
    }
    const char *s = json_string_value(j);
    for (size_t i = 0; i < json_string_length(j); i++) {
        unsigned char c = (unsigned char)s[i];
        switch (c) {
        case '&': pgr_buf_adds(out, "&amp;"); break;
        case '<': pgr_buf_adds(out, "&lt;"); break;
        case '>': pgr_buf_adds(out, "&gt;"); break;
        case '"': pgr_buf_adds(out, "&quot;"); break;
        case '\'': pgr_buf_adds(out, "&#39;"); break;
        default:
            if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
                pgr_buf_adds(out, "\xef\xbf\xbd");
            else
                pgr_buf_addc(out, (char)c);
        }
    }
    json_decref(j);
}

struct frame {
    double x0, x1, y0, y1;
};

static bool frame_of(const struct pgr_series *s, size_t n_series, struct frame *f) {
    bool any = false;
    for (size_t k = 0; k < n_series; k++)
        for (size_t i = 0; i < s[k].n; i++) {
            double x = s[k].x[i], y = s[k].y[i];
            if (!isfinite(x) || !isfinite(y)) continue;
            if (!any) *f = (struct frame){x, x, y, y};
            any = true;
            f->x0 = fmin(f->x0, x), f->x1 = fmax(f->x1, x);
            f->y0 = fmin(f->y0, y), f->y1 = fmax(f->y1, y);
        }
    if (!any) return false;
    double range = f->y1 - f->y0, size = fmax(fabs(f->y0), fabs(f->y1));
    double pad = range > 1e-9 * size && range > 1e-100 ? 0.04 * range : (size > 0 ? fmax(size * 0.1, 1e-300) : 1);
    f->y0 -= pad, f->y1 += pad;
    if (f->x1 <= f->x0) f->x0 -= 0.5, f->x1 += 0.5;
    return isfinite(f->y1 - f->y0) && isfinite(f->x1 - f->x0) && f->x1 > f->x0;
}

static double at_x(const struct frame *f, double x) {
    return LEFT + (x - f->x0) / (f->x1 - f->x0) * (WIDTH - LEFT - RIGHT);
}
static double at_y(const struct frame *f, double y) {
    return HEIGHT - BOTTOM - (y - f->y0) / (f->y1 - f->y0) * (HEIGHT - TOP - BOTTOM);
}

/* A step of 1, 2 or 5 times a power of ten that gives about `want` ticks. */
static double tick_step(double range, double want) {
    double raw = range / want, ten = pow(10, floor(log10(raw))), m = raw / ten;
    return (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * ten;
}

static void axes(struct pgr_buf *out, const struct frame *f) {
    double sy = tick_step(f->y1 - f->y0, 4), sx = fmax(tick_step(f->x1 - f->x0, 6), 1.0);
    for (int i = 0; i < 20; i++) {
        double v = (ceil(f->y0 / sy) + i) * sy, y = at_y(f, v);
        if (v > f->y1) break;
        if (fabs(v) < sy * 1e-6) v = 0;
        pgr_buf_addf(out,
                     "<path class=\"g\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>",
                     LEFT, y, WIDTH - RIGHT, LEFT - 5, y + 4, v);
    }
    for (int i = 0; i < 20; i++) {
        double v = (ceil(f->x0 / sx) + i) * sx;
        if (v > f->x1) break;
        pgr_buf_addf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.6g</text>", at_x(f, v), HEIGHT - 6, v);
    }
    pgr_buf_addf(out, "<path class=\"a\" d=\"M%d %dV%dH%d\"/>", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
}

static size_t count_finite(const struct pgr_series *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n += isfinite(s->x[i]) && isfinite(s->y[i]);
    return n;
}

static void line(struct pgr_buf *out, const struct frame *f, const struct pgr_series *s) {
    size_t per_point = count_finite(s) / PGR_SVG_POINTS + 1, n = 0, m = 0;
    double x = 0, y = 0, last_x = 0, last_y = 0;
    pgr_buf_addf(out, "<g class=\"c%zu\"><title>", s->color % PGR_SVG_COLORS);
    pgr_html_escape(out, s->name, strlen(s->name));
    pgr_buf_adds(out, "</title><path class=\"l\" d=\"");
    for (size_t i = 0; i < s->n; i++) {
        bool ok = isfinite(s->x[i]) && isfinite(s->y[i]);
        if (ok) x += at_x(f, s->x[i]), y += at_y(f, s->y[i]), m++;
        if (m == 0 || (m < per_point && i + 1 < s->n)) continue;
        last_x = x / (double)m, last_y = y / (double)m;
        pgr_buf_addf(out, "%c%.1f %.1f", n++ ? 'L' : 'M', last_x, last_y);
        x = y = 0, m = 0;
    }
    pgr_buf_adds(out, "\"/>");
    if (n == 1) pgr_buf_addf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", last_x, last_y);
    pgr_buf_adds(out, "</g>");
}

bool pgr_svg_drawable(const struct pgr_series *series, size_t n_series) {
    struct frame f;
    return frame_of(series, n_series, &f);
}

void pgr_svg_figure(struct pgr_buf *out, const char *title, const struct pgr_series *series, size_t n_series) {
    struct frame f;
    if (!frame_of(series, n_series, &f)) return;
    pgr_buf_adds(out, "<figure><figcaption>");
    pgr_html_escape(out, title, strlen(title));
    pgr_buf_addf(out, "</figcaption><svg viewBox=\"0 0 %d %d\" role=img>", WIDTH, HEIGHT);
    axes(out, &f);
    for (size_t k = 0; k < n_series; k++) line(out, &f, &series[k]);
    pgr_buf_adds(out, "</svg></figure>\n");
}

void pgr_svg_document(struct pgr_buf *out, const char *title, const struct pgr_series *series, size_t n_series) {
    static const char style[] =
        "<style>text{font:11px "
        "sans-serif;fill:#555}.t{font-weight:bold;fill:#222}.g{stroke:#ddd}.a{stroke:#777;fill:none}"
        ".l{stroke:currentColor;stroke-width:1.6;fill:none}circle,rect.k{fill:currentColor}.c0{color:#1f77b4}.c1{color:"
        "#d62728}"
        ".c2{color:#2ca02c}.c3{color:#ff7f0e}.c4{color:#9467bd}.c5{color:#17becf}.c6{color:#8c564b}.c7{color:#e377c2}</"
        "style>";
    struct frame f;
    if (!frame_of(series, n_series, &f)) return;
    size_t n_key = 0;
    for (size_t k = 0; k < n_series; k++) n_key += count_finite(&series[k]) > 0;
    pgr_buf_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" width=\"%d\">", WIDTH,
                 (size_t)(TITLE + HEIGHT) + n_key * KEY + 6, WIDTH);
    pgr_buf_addf(out, "%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/><text class=\"t\" x=\"%d\" y=\"16\">",
                 style, LEFT);
    pgr_html_escape(out, title, strlen(title));
    pgr_buf_addf(out, "</text><g transform=\"translate(0 %d)\">", TITLE);
    axes(out, &f);
    for (size_t k = 0; k < n_series; k++) line(out, &f, &series[k]);
    pgr_buf_adds(out, "</g>");
    size_t y = TITLE + HEIGHT + 4;
    for (size_t k = 0; k < n_series; k++) {
        if (count_finite(&series[k]) == 0) continue;
        pgr_buf_addf(out,
                     "<rect class=\"k c%zu\" x=\"%d\" y=\"%zu\" width=\"14\" height=\"3\"/><text x=\"%d\" y=\"%zu\">",
                     series[k].color % PGR_SVG_COLORS, LEFT, y + 4, LEFT + 20, y + 10);
        pgr_html_escape(out, series[k].name, strlen(series[k].name));
        pgr_buf_adds(out, "</text>");
        y += KEY;
    }
    pgr_buf_adds(out, "</svg>\n");
}
