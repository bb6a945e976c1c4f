/* records.c - see records.h. */
#include "task/records.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "task/wide.h"

enum { MAX_LINE_BYTES = 1 << 30, MAX_ARRAY_BYTES = 256 << 20 };

static pgr_err give(pgr_record_fn fn, void *ctx, const char *where, size_t index, const json_t *j, pgr_err err) {
    if (err == PGR_OK && !json_is_object(j)) {
        (void)pgr_fail(PGR_E_FORMAT, "%s: each record must be a JSON object", where);
        j = NULL;
    }
    if (err == PGR_E_NOMEM) return err;
    return fn(ctx, where, index, err == PGR_OK ? j : NULL);
}

/* The rest of a file that begins with '['. */
static pgr_err each_of_array(const char *path, struct pgr_lines *lines, struct pgr_buf *text, pgr_record_fn fn,
                             void *ctx) {
    const char *line;
    size_t n, number;
    for (;;) {
        PGR_TRY(pgr_lines_next(lines, &line, &n, &number));
        if (!line) break;
        if (text->len + n > MAX_ARRAY_BYTES)
            return pgr_fail(PGR_E_RANGE, "%s: a JSON array of more than %d MiB; use JSON lines", path,
                            MAX_ARRAY_BYTES >> 20);
        pgr_buf_addc(text, '\n');
        pgr_buf_add(text, line, n);
    }
    PGR_TRY(pgr_buf_ok(text));
    json_t *array;
    PGR_TRY(pgr_json_parse_wide(path, text->data, text->len, &array));
    pgr_err err = PGR_OK;
    for (size_t i = 0; i < json_array_size(array) && err == PGR_OK; i++) {
        char where[1024];
        snprintf(where, sizeof where, "%s[%zu]", path, i);
        err = give(fn, ctx, where, i, json_array_get(array, i), PGR_OK);
    }
    json_decref(array);
    return err;
}

pgr_err pgr_records_each(const char *path, pgr_record_fn fn, void *ctx) {
    struct pgr_lines *lines;
    PGR_TRY(pgr_lines_open(path, MAX_LINE_BYTES, &lines));
    struct pgr_buf text = PGR_BUF_INIT;
    size_t index = 0;
    pgr_err err;
    for (;;) {
        const char *line;
        size_t n, number;
        err = pgr_lines_next(lines, &line, &n, &number);
        if (err != PGR_OK || !line) break;
        size_t blank = strspn(line, " \t");
        if (blank == n) continue;
        if (index == 0 && line[blank] == '[') {
            pgr_buf_add(&text, line, n);
            err = each_of_array(path, lines, &text, fn, ctx);
            break;
        }
        char where[1024];
        snprintf(where, sizeof where, "%s:%zu", path, number);
        json_t *obj = NULL;
        err = pgr_json_parse_wide(where, line, n, &obj);
        err = give(fn, ctx, where, index++, obj, err);
        json_decref(obj);
        if (err != PGR_OK) break;
    }
    pgr_buf_free(&text);
    pgr_lines_close(lines);
    return err;
}
