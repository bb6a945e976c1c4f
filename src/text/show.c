/* show.c - see show.h. */
#include "text/show.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/size.h"
#include "text/utf8.h"

/* What stands for one character of the text. */
struct glyph {
    char text[16]; /* NUL-terminated; empty for a new line */
    size_t n_bytes, width;
    bool space, strange, marked;
};

static bool is_strange(uint32_t c) {
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return false;
    }
}

/* The glyph at text[0..n), n >= 1; returns the bytes it stands for. column: where it will be, for tabs. */
static size_t take(const char *text, size_t n, size_t column, struct glyph *g) {
    size_t len = pgr_utf8_len(text, n);
    *g = (struct glyph){.width = 1};
    if (len == 0) {
        g->strange = true;
        g->n_bytes = (size_t)snprintf(g->text, sizeof g->text, "<%02X>", (unsigned)(unsigned char)*text);
        g->width = g->n_bytes;
        return 1;
    }
    uint32_t c = pgr_utf8_decode(text, &len);
    if (c == '\n') {
        g->width = 0;
    } else if (c == ' ' || c == '\t') {
        g->space = true;
        g->width = g->n_bytes = c == ' ' ? 1 : 4 - column % 4;
        memset(g->text, ' ', g->n_bytes);
    } else if (is_strange(c)) {
        g->strange = true;
        g->n_bytes = (size_t)snprintf(g->text, sizeof g->text, c < 0x100 ? "<%02X>" : "<U+%04X>", (unsigned)c);
        g->width = g->n_bytes;
    } else {
        int w = utf8proc_charwidth((utf8proc_int32_t)c);
        memcpy(g->text, text, len);
        g->n_bytes = len;
        g->width = w > 0 ? (size_t)w : 0;
    }
    return len;
}

static void put(struct pgr_buf *out, const struct glyph *g, const char **style) {
    const char *want = g->strange ? "\033[7m" : g->marked ? "\033[1;4m" : "";
    if (strcmp(want, *style) != 0) {
        if (**style) pgr_buf_adds(out, "\033[0m");
        pgr_buf_adds(out, want);
        *style = want;
    }
    pgr_buf_add(out, g->text, g->n_bytes);
}

void pgr_rows_free(struct pgr_rows *r) {
    pgr_buf_free(&r->text);
    pgr_free(r->row);
    *r = (struct pgr_rows){.n = 0};
}

static pgr_err add_row(struct pgr_rows *r, const struct glyph *g, size_t n) {
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct pgr_row *grown = pgr_realloc(r->row, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu rows", cap);
        r->row = grown;
        r->cap = cap;
    }
    struct pgr_row row = {.from = r->text.len};
    const char *style = "";
    for (size_t i = 0; i < n; i++) {
        put(&r->text, &g[i], &style);
        row.width += g[i].width;
    }
    if (*style) pgr_buf_adds(&r->text, "\033[0m");
    row.n_bytes = r->text.len - row.from;
    r->row[r->n++] = row;
    return pgr_buf_ok(&r->text);
}

/* Rows of one line, which holds no new line. */
static pgr_err wrap_line(struct pgr_rows *r, const struct glyph *g, size_t n, size_t width) {
    size_t from = 0;
    do {
        size_t to = from, taken = 0, at = from; /* at: where the row may end: behind a space that follows a word */
        bool word = false;
        while (to < n && (taken + g[to].width <= width || to == from)) {
            taken += g[to].width;
            if (g[to].space && word) at = to;
            word |= !g[to].space;
            to++;
        }
        while (to < n && g[to].width == 0) to++; /* marks stay with what they stand on */
        if (to < n && !g[to].space && at > from) to = at;
        size_t end = to;
        while (to < n && word && end > from && g[end - 1].space) end--;
        PGR_TRY(add_row(r, g + from, end - from));
        from = to;
        while (from < n && g[from].space) from++;
    } while (from < n);
    return PGR_OK;
}

pgr_err pgr_rows_wrap(struct pgr_rows *r, const char *text, size_t n_bytes, const unsigned char *mark, size_t width) {
    struct glyph *g = pgr_alloc_array(pgr_max(n_bytes, 1), sizeof *g);
    if (!g) return pgr_fail(PGR_E_NOMEM, "out of memory for a text of %zu bytes", n_bytes);
    pgr_err err = PGR_OK;
    size_t at = 0;
    do {
        size_t n = 0, column = 0;
        bool more = false;
        while (at < n_bytes && !more) {
            size_t len = take(text + at, n_bytes - at, column, &g[n]);
            g[n].marked = mark && mark[at];
            at += len;
            more = g[n].n_bytes == 0;
            column += g[n].width;
            n += !more;
        }
        err = wrap_line(r, g, n, width);
    } while (err == PGR_OK && at < n_bytes);
    pgr_free(g);
    return err;
}

size_t pgr_show_line(struct pgr_buf *out, const char *text, size_t n_bytes, size_t width) {
    const char *style = "";
    size_t taken = 0;
    for (size_t at = 0; at < n_bytes;) {
        struct glyph g;
        at += take(text + at, n_bytes - at, taken, &g);
        if (g.n_bytes == 0) g = (struct glyph){.text = "<0A>", .n_bytes = 4, .width = 4, .strange = true};
        if (taken + g.width > width) break;
        put(out, &g, &style);
        taken += g.width;
    }
    if (*style) pgr_buf_adds(out, "\033[0m");
    return taken;
}

/* ---- what differs ---- */

enum { MAX_WORDS = 2000 };

struct word {
    uint32_t from, n;
};

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The number of words, MAX_WORDS + 1 when there are more. */
static size_t split(const char *s, size_t n, struct word *w) {
    size_t n_word = 0;
    for (size_t i = 0; i < n; n_word++) {
        while (i < n && is_space(s[i])) i++;
        if (i == n) break;
        if (n_word == MAX_WORDS) return MAX_WORDS + 1;
        w[n_word].from = (uint32_t)i;
        while (i < n && !is_space(s[i])) i++;
        w[n_word].n = (uint32_t)i - w[n_word].from;
    }
    return n_word;
}

static bool same(const char *a, struct word x, const char *b, struct word y) {
    return x.n == y.n && memcmp(a + x.from, b + y.from, x.n) == 0;
}

pgr_err pgr_mark_words(const char *a, size_t n_a, const char *b, size_t n_b, unsigned char *mark_a,
                       unsigned char *mark_b) {
    memset(mark_a, 0, n_a);
    memset(mark_b, 0, n_b);
    if (n_a > UINT32_MAX || n_b > UINT32_MAX) return PGR_OK;
    struct word *w = pgr_alloc_array(2 * MAX_WORDS, sizeof *w);
    if (!w) return pgr_fail(PGR_E_NOMEM, "out of memory");
    struct word *x = w, *y = w + MAX_WORDS;
    size_t n = split(a, n_a, x), m = split(b, n_b, y), i = 0, j = 0;
    uint16_t *rest = NULL; /* [n + 1][m + 1] longest common subsequence of what is behind i and j */
    if (n <= MAX_WORDS && m <= MAX_WORDS) {
        rest = pgr_alloc_zero((n + 1) * (m + 1), sizeof *rest);
        if (!rest) {
            pgr_free(w);
            return pgr_fail(PGR_E_NOMEM, "out of memory to compare two texts");
        }
    }
#define AT(p, q) rest[(p) * (m + 1) + (q)]
    for (size_t p = n; rest && p-- > 0;)
        for (size_t q = m; q-- > 0;) {
            if (same(a, x[p], b, y[q]))
                AT(p, q) = (uint16_t)(AT(p + 1, q + 1) + 1);
            else
                AT(p, q) = AT(p + 1, q) > AT(p, q + 1) ? AT(p + 1, q) : AT(p, q + 1);
        }
    while (rest && (i < n || j < m)) {
        if (i < n && j < m && same(a, x[i], b, y[j])) {
            i++, j++;
        } else if (i < n && (j == m || AT(i + 1, j) >= AT(i, j + 1))) {
            memset(mark_a + x[i].from, 1, x[i].n);
            i++;
        } else {
            memset(mark_b + y[j].from, 1, y[j].n);
            j++;
        }
    }
#undef AT
    pgr_free(rest);
    pgr_free(w);
    return PGR_OK;
}
