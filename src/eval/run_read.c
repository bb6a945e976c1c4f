/* run_read.c - see run_read.h. */
#include "eval/run_read.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/think.h"

static pgr_err nomem(void) { return pgr_fail(PGR_E_NOMEM, "out of memory for the report"); }

/* ---- metrics ---------------------------------------------------------------------------------------------------- */

/* {"eval_types": {"t": {"accuracy": a}}} becomes "eval_types/t": a. */
static pgr_err flatten(json_t *row) {
    static const char *const nested[] = {"eval_types", "eval_dimensions"};
    for (size_t k = 0; k < PGR_COUNT(nested); k++) {
        json_t *groups = json_object_get(row, nested[k]), *g;
        const char *name;
        json_object_foreach(groups, name, g) {
            struct pgr_buf key = PGR_BUF_INIT;
            pgr_buf_addf(&key, "%s/%s", nested[k], name);
            json_t *a = json_object_get(g, "accuracy");
            bool ok = !key.failed && (!a || json_object_set(row, pgr_buf_str(&key), a) == 0);
            pgr_buf_free(&key);
            if (!ok) return nomem();
        }
        json_object_del(row, nested[k]);
    }
    return PGR_OK;
}

static pgr_err add_row(void *ctx, const char *where, json_t *row) {
    struct pgr_run *r = ctx;
    size_t step;
    PGR_TRY(pgr_json_size(row, where, "step", 0, SIZE_MAX, &step));
    PGR_TRY(flatten(row));
    return json_array_append(r->rows, row) == 0 ? PGR_OK : nomem();
}

static pgr_err read_metrics(struct pgr_run *r) {
    static const char *const names[] = {"metrics.jsonl", "rm_metrics.jsonl"};
    for (size_t k = 0; k < PGR_COUNT(names); k++) {
        char *path = pgr_path_join_dup(r->dir, names[k]);
        if (!path) return nomem();
        bool there = pgr_file_exists(path);
        pgr_err err = there ? pgr_jsonl_each(path, add_row, r) : PGR_OK;
        pgr_free(path);
        if (there) return err;
    }
    return pgr_fail(PGR_E_NOTFOUND,
                    "%s: holds neither metrics.jsonl (pgrpo train) nor rm_metrics.jsonl (pgrpo rm train)", r->dir);
}

/* ---- completions ------------------------------------------------------------------------------------------------ */

/* Text as a JSON string, cut where it is too long. */
static json_t *text(const char *at, size_t n) {
    if (n <= PGR_RUN_TEXT_BYTES) return pgr_json_bytes(at, n);
    size_t keep = PGR_RUN_TEXT_BYTES;
    while (keep > 0 && ((unsigned char)at[keep] & 0xc0) == 0x80) keep--; /* not within a character */
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_add(&b, at, keep);
    pgr_buf_addf(&b, "\n[%zu more bytes are left out]", n - keep);
    json_t *j = b.failed ? NULL : pgr_json_bytes(b.data, b.len);
    pgr_buf_free(&b);
    return j;
}

static bool set_text(json_t *to, const char *key, const char *at, size_t n) {
    return json_object_set_new(to, key, text(at, n)) == 0;
}

/* The members of a completion's line that the page shows; whatever else the line holds is left out. */
static bool copy_members(json_t *to, const json_t *row) {
    static const char *const plain[] = {"step",   "sample",       "reward", "advantage",    "length",
                                        "masked", "tests_passed", "tests",  "thinking_seen"};
    static const char *const strings[] = {"id", "prompt", "verdict", "finish", "format_error", "detail"};
    static const char *const parts[] = {"format", "outcome", "thinking"};
    bool ok = true;
    for (size_t i = 0; ok && i < PGR_COUNT(plain); i++) {
        json_t *v = json_object_get(row, plain[i]);
        if (json_is_number(v) || json_is_boolean(v)) ok = json_object_set(to, plain[i], v) == 0;
    }
    for (size_t i = 0; ok && i < PGR_COUNT(strings); i++) {
        const json_t *v = json_object_get(row, strings[i]);
        if (json_is_string(v)) ok = set_text(to, strings[i], json_string_value(v), json_string_length(v));
    }
    const json_t *rewards = json_object_get(row, "rewards");
    for (size_t i = 0; ok && i < PGR_COUNT(parts); i++) {
        json_t *v = json_object_get(rewards, parts[i]);
        if (json_is_number(v)) ok = json_object_set(to, parts[i], v) == 0;
    }
    return ok;
}

static pgr_err add_completion(void *ctx, const char *where, json_t *row) {
    json_t *list = ctx, *c = json_object();
    const char *whole;
    struct pgr_think t;
    if (!c) return nomem();
    pgr_err err = pgr_json_str(row, where, "completion", &whole);
    if (err == PGR_OK) {
        size_t n = json_string_length(json_object_get(row, "completion")); /* it may hold NUL */
        pgr_think_parse(whole, n, &t);
        bool ok = copy_members(c, row) && (!t.has_think || set_text(c, "think", t.think.at, t.think.n)) &&
                  (!t.has_answer || set_text(c, "answer", t.answer.at, t.answer.n)) &&
                  (t.strict || set_text(c, "completion", whole, n));
        err = ok && json_array_append(list, c) == 0 ? PGR_OK : nomem();
    }
    json_decref(c);
    return err;
}

/* By number: longer names are later. */
static int by_step(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    size_t n = strlen(x), m = strlen(y);
    return n != m ? (n < m ? -1 : 1) : strcmp(x, y);
}

static bool is_step(const char *name) {
    size_t n = strlen(name);
    return strncmp(name, "step-", 5) == 0 && n > 11 && strcmp(name + n - 6, ".jsonl") == 0;
}

/* Names of the files step-*.jsonl of a folder in order; none if there is no folder. */
static pgr_err list_steps(const char *path, char ***out, size_t *n) {
    DIR *d = opendir(path);
    char **name = NULL;
    size_t cap = 0;
    *n = 0;
    *out = NULL;
    if (!d) return errno == ENOENT ? PGR_OK : pgr_fail(PGR_E_IO, "%s: cannot list: %s", path, strerror(errno));
    pgr_err err = PGR_OK;
    for (struct dirent *e; err == PGR_OK && (e = readdir(d));) {
        if (!is_step(e->d_name)) continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 64;
            char **grown = pgr_realloc(name, cap * sizeof *grown);
            if (!grown) {
                err = nomem();
                break;
            }
            name = grown;
        }
        name[*n] = pgr_strdup(e->d_name);
        err = name[*n] ? PGR_OK : nomem();
        *n += name[*n] != NULL;
    }
    closedir(d);
    if (err == PGR_OK && *n) qsort(name, *n, sizeof *name, by_step);
    *out = name;
    return err;
}

/* `want` of a file's completions, spread over it. */
static pgr_err read_step(struct pgr_run *r, const char *path, size_t want) {
    json_t *all = json_array();
    pgr_err err = all ? pgr_jsonl_each(path, add_completion, all) : nomem();
    size_t n = json_array_size(all);
    if (want < n) r->all = false;
    for (size_t i = 0; err == PGR_OK && i < n; i++)
        if (want >= n || i * want / n != (i + 1) * want / n)
            if (json_array_append(r->completions, json_array_get(all, i)) != 0) err = nomem();
    json_decref(all);
    return err;
}

static pgr_err read_completions(struct pgr_run *r, size_t max) {
    char *dir = pgr_path_join_dup(r->dir, "completions"), **name = NULL;
    size_t n = 0;
    pgr_err err = dir ? list_steps(dir, &name, &n) : nomem();
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        size_t want = (i + 1) * max / n - i * max / n; /* together max */
        if (!want) r->all = false;
        char *path = want ? pgr_path_join_dup(dir, name[i]) : NULL;
        if (want) err = path ? read_step(r, path, want) : nomem();
        pgr_free(path);
    }
    for (size_t i = 0; i < n; i++) pgr_free(name[i]);
    pgr_free(name);
    pgr_free(dir);
    return err;
}

pgr_err pgr_run_read(const char *dir, size_t max_completions, struct pgr_run *out) {
    *out = (struct pgr_run){dir, json_array(), json_array(), true};
    if (!out->rows || !out->completions) return nomem();
    PGR_TRY(read_metrics(out));
    return max_completions ? read_completions(out, max_completions) : PGR_OK;
}

void pgr_run_free(struct pgr_run *r) {
    json_decref(r->rows);
    json_decref(r->completions);
    *r = (struct pgr_run){0};
}
