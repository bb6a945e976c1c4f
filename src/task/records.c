/* records.c - see records.h. */
#define _GNU_SOURCE
#include "task/records.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
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
static pgr_err each_of_array(const char *path, struct pgr_lines *lines, struct pgr_buf *text, size_t *index,
                             pgr_record_fn fn, void *ctx) {
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
        err = give(fn, ctx, where, (*index)++, json_array_get(array, i), PGR_OK);
    }
    json_decref(array);
    return err;
}

/* *index: of the first record, then behind the last. */
static pgr_err each_of_file(const char *path, size_t *index, pgr_record_fn fn, void *ctx) {
    struct pgr_lines *lines;
    PGR_TRY(pgr_lines_open(path, MAX_LINE_BYTES, &lines));
    struct pgr_buf text = PGR_BUF_INIT;
    size_t first = *index;
    pgr_err err;
    for (;;) {
        const char *line;
        size_t n, number;
        err = pgr_lines_next(lines, &line, &n, &number);
        if (err != PGR_OK || !line) break;
        size_t blank = strspn(line, " \t");
        if (blank == n) continue;
        if (*index == first && line[blank] == '[') {
            pgr_buf_add(&text, line, n);
            err = each_of_array(path, lines, &text, index, fn, ctx);
            break;
        }
        char where[1024];
        snprintf(where, sizeof where, "%s:%zu", path, number);
        json_t *obj = NULL;
        err = pgr_json_parse_wide(where, line, n, &obj);
        err = give(fn, ctx, where, (*index)++, obj, err);
        json_decref(obj);
        if (err != PGR_OK) break;
    }
    pgr_buf_free(&text);
    pgr_lines_close(lines);
    return err;
}

static int is_data_file(const struct dirent *e) {
    static const char *const ends[] = {".jsonl", ".jsonl.gz", ".jsonl.zst"};
    size_t n = strlen(e->d_name);
    for (size_t i = 0; i < PGR_COUNT(ends); i++) {
        size_t k = strlen(ends[i]);
        if (n > k && strcmp(e->d_name + n - k, ends[i]) == 0) return 1;
    }
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

pgr_err pgr_records_each(const char *path, pgr_record_fn fn, void *ctx) {
    size_t index = 0;
    if (!pgr_is_dir(path)) return each_of_file(path, &index, fn, ctx);
    struct dirent **names = NULL;
    int n = scandir(path, &names, is_data_file, by_name);
    if (n < 0) return pgr_fail(PGR_E_IO, "%s: cannot read folder: %s", path, strerror(errno));
    pgr_err err = n ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: a folder without a .jsonl file", path);
    for (int i = 0; i < n; i++) {
        char *file = err == PGR_OK ? pgr_path_join_dup(path, names[i]->d_name) : NULL;
        if (err == PGR_OK) err = file ? each_of_file(file, &index, fn, ctx) : pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_free(file);
        free(names[i]);
    }
    free(names);
    return err;
}
