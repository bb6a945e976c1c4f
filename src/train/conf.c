/* conf.c - see conf.h. */
#include "train/conf.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/near.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_KEYS = 256 };

static void *field(const struct pgr_conf_key *k, void *conf) { return (char *)conf + k->offset; }

static const void *field_const(const struct pgr_conf_key *k, const void *conf) {
    return (const char *)conf + k->offset;
}

static const struct pgr_conf_key *find(const struct pgr_conf_key *key, size_t n_key, const char *name) {
    for (size_t i = 0; i < n_key; i++)
        if (strcmp(key[i].name, name) == 0) return &key[i];
    return NULL;
}

static pgr_err unknown_key(const char *where, const struct pgr_conf_key *key, size_t n_key, const char *name) {
    const char *names[MAX_KEYS];
    size_t n = n_key < MAX_KEYS ? n_key : MAX_KEYS;
    for (size_t i = 0; i < n; i++) names[i] = key[i].name;
    const char *near = pgr_nearest(name, names, n);
    return near ? pgr_fail(PGR_E_FORMAT, "%s: unknown key \"%s\"; did you mean \"%s\"?", where, name, near)
                : pgr_fail(PGR_E_FORMAT, "%s: unknown key \"%s\"; docs/config.md lists the known ones", where, name);
}

static bool is_null(const char *text, bool plain) {
    return plain && (text[0] == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0 ||
                     strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0);
}

static pgr_err set_null(const char *where, const struct pgr_conf_key *k, void *conf) {
    if (!k->nullable) return pgr_fail(PGR_E_RANGE, "%s: %s needs a value", where, k->name);
    if (k->kind == PGR_CONF_STR) {
        pgr_free(*(char **)field(k, conf));
        *(char **)field(k, conf) = NULL;
    } else if (k->kind == PGR_CONF_SIZE) {
        *(size_t *)field(k, conf) = 0;
    } else {
        *(double *)field(k, conf) = NAN;
    }
    return PGR_OK;
}

/* "a whole number, at least 2 and at most 1024, or null" */
static void range_text(const struct pgr_conf_key *k, char text[160]) {
    int n = snprintf(text, 160, "%s, %s %.15g", k->kind == PGR_CONF_SIZE ? "a whole number" : "a number",
                     k->min_open ? "above" : "at least", k->min);
    if (n > 0 && n < 160)
        snprintf(text + n, 160 - (size_t)n, " and %s %.15g%s", k->max_open ? "below" : "at most", k->max,
                 k->nullable ? ", or null" : "");
}

static pgr_err bad_number(const char *where, const struct pgr_conf_key *k, const char *text) {
    char range[160];
    range_text(k, range);
    return pgr_fail(PGR_E_RANGE, "%s: %s is %s; it must be %s", where, k->name, text, range);
}

static pgr_err set_size(const char *where, const struct pgr_conf_key *k, const char *text, void *conf) {
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno || v > SIZE_MAX || (double)v < k->min || (double)v > k->max)
        return bad_number(where, k, text);
    *(size_t *)field(k, conf) = (size_t)v;
    return PGR_OK;
}

static pgr_err set_real(const char *where, const struct pgr_conf_key *k, const char *text, void *conf) {
    char *end;
    double v = strtod(text, &end);
    bool looks_like = isdigit((unsigned char)text[0]) || text[0] == '.' || text[0] == '-' || text[0] == '+';
    if (!looks_like || end == text || *end || !isfinite(v) || v < k->min || v > k->max ||
        (k->min_open && v <= k->min) || (k->max_open && v >= k->max))
        return bad_number(where, k, text);
    *(double *)field(k, conf) = v;
    return PGR_OK;
}

static pgr_err set_bool(const char *where, const struct pgr_conf_key *k, const char *text, void *conf) {
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "on"}, *const no[] = {"false", "False", "FALSE",
                                                                                           "no", "off"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        bool is_yes = strcmp(text, yes[i]) == 0;
        if (!is_yes && strcmp(text, no[i]) != 0) continue;
        *(bool *)field(k, conf) = is_yes;
        return PGR_OK;
    }
    return pgr_fail(PGR_E_RANGE, "%s: %s must be true or false, is \"%s\"", where, k->name, text);
}

static pgr_err set_enum(const char *where, const struct pgr_conf_key *k, const char *text, void *conf) {
    struct pgr_buf list = PGR_BUF_INIT;
    size_t n = 0;
    for (; k->names[n]; n++) {
        if (strcmp(k->names[n], text) == 0) {
            *(int *)field(k, conf) = (int)n;
            pgr_buf_free(&list);
            return PGR_OK;
        }
        pgr_buf_addf(&list, "%s%s", n ? ", " : "", k->names[n]);
    }
    const char *near = pgr_nearest(text, k->names, n);
    pgr_err err = pgr_fail(PGR_E_RANGE, "%s: %s must be one of %s, is \"%s\"%s%s%s", where, k->name, pgr_buf_str(&list),
                           text, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    pgr_buf_free(&list);
    return err;
}

/* `plain`: written without quotes, so that null means null. */
static pgr_err set_text(const char *where, const struct pgr_conf_key *k, const char *text, bool plain, void *conf) {
    if (is_null(text, plain)) return set_null(where, k, conf);
    switch (k->kind) {
    case PGR_CONF_STR: {
        char *copy = pgr_strdup(text);
        if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_free(*(char **)field(k, conf));
        *(char **)field(k, conf) = copy;
        return PGR_OK;
    }
    case PGR_CONF_SIZE: return set_size(where, k, text, conf);
    case PGR_CONF_REAL: return set_real(where, k, text, conf);
    case PGR_CONF_BOOL: return set_bool(where, k, text, conf);
    case PGR_CONF_ENUM: return set_enum(where, k, text, conf);
    }
    return pgr_fail(PGR_E_INTERNAL, "%s: key of unknown kind", k->name);
}

pgr_err pgr_conf_defaults(const struct pgr_conf_key *key, size_t n_key, void *out) {
    for (size_t i = 0; i < n_key; i++)
        if (key[i].kind == PGR_CONF_STR) *(char **)field(&key[i], out) = NULL;
    for (size_t i = 0; i < n_key; i++) {
        pgr_err err = set_text("default", &key[i], key[i].initial, strcmp(key[i].initial, "null") == 0, out);
        if (err != PGR_OK) {
            pgr_conf_free(key, n_key, out);
            return err;
        }
    }
    return PGR_OK;
}

/* ---- YAML ---- */

struct reader {
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event; /* current */
    bool has_event;
};

static pgr_err next_event(struct reader *r) {
    if (r->has_event) yaml_event_delete(&r->event);
    r->has_event = false;
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        const yaml_parser_t *p = &r->parser;
        return pgr_fail(PGR_E_FORMAT, "%s:%zu:%zu: not valid YAML: %s%s%s", r->path, p->problem_mark.line + 1,
                        p->problem_mark.column + 1, p->problem ? p->problem : "unreadable", p->context ? " " : "",
                        p->context ? p->context : "");
    }
    r->has_event = true;
    return PGR_OK;
}

static void where_of(const struct reader *r, char where[512]) {
    snprintf(where, 512, "%s:%zu:%zu", r->path, r->event.start_mark.line + 1, r->event.start_mark.column + 1);
}

static pgr_err scalar_text(const struct reader *r, const char *where, const char *what, const char **text) {
    if (r->event.type == YAML_ALIAS_EVENT || (r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.anchor))
        return pgr_fail(PGR_E_FORMAT, "%s: anchors and aliases are not used here", where);
    if (r->event.type != YAML_SCALAR_EVENT)
        return pgr_fail(PGR_E_FORMAT, "%s: %s must be a single value, not a list or a mapping", where, what);
    const char *s = (const char *)r->event.data.scalar.value;
    if (strlen(s) != r->event.data.scalar.length)
        return pgr_fail(PGR_E_FORMAT, "%s: %s holds a NUL character", where, what);
    *text = s;
    return PGR_OK;
}

static pgr_err read_pairs(struct reader *r, const struct pgr_conf_key *key, size_t n_key, void *out) {
    size_t line_of[MAX_KEYS] = {0};
    for (;;) {
        PGR_TRY(next_event(r));
        if (r->event.type == YAML_MAPPING_END_EVENT) return PGR_OK;
        char where[512];
        where_of(r, where);
        const char *name, *text;
        PGR_TRY(scalar_text(r, where, "a key", &name));
        const struct pgr_conf_key *k = find(key, n_key, name);
        if (!k) return unknown_key(where, key, n_key, name);
        size_t *line = &line_of[k - key];
        if (*line)
            return pgr_fail(PGR_E_FORMAT, "%s: %s is set twice, first on line %zu; keep one", where, name, *line);
        *line = r->event.start_mark.line + 1;
        PGR_TRY(next_event(r));
        where_of(r, where);
        PGR_TRY(scalar_text(r, where, k->name, &text));
        PGR_TRY(set_text(where, k, text, r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE, out));
    }
}

static pgr_err read_document(struct reader *r, const struct pgr_conf_key *key, size_t n_key, void *out) {
    char where[512];
    PGR_TRY(next_event(r)); /* stream start */
    PGR_TRY(next_event(r));
    if (r->event.type == YAML_STREAM_END_EVENT) return PGR_OK;
    PGR_TRY(next_event(r));
    where_of(r, where);
    if (r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0) return PGR_OK;
    if (r->event.type != YAML_MAPPING_START_EVENT)
        return pgr_fail(PGR_E_FORMAT, "%s: the file must be a list of \"key: value\" lines", where);
    PGR_TRY(read_pairs(r, key, n_key, out));
    PGR_TRY(next_event(r)); /* document end */
    PGR_TRY(next_event(r));
    if (r->event.type != YAML_STREAM_END_EVENT) {
        where_of(r, where);
        return pgr_fail(PGR_E_FORMAT, "%s: a second YAML document; one is read", where);
    }
    return PGR_OK;
}

pgr_err pgr_conf_load(const char *path, const struct pgr_conf_key *key, size_t n_key, void *out) {
    if (n_key > MAX_KEYS) return pgr_fail(PGR_E_INTERNAL, "more than %d configuration keys", MAX_KEYS);
    struct pgr_buf text = PGR_BUF_INIT;
    struct reader r = {.path = path};
    pgr_err err = pgr_file_read(path, MAX_FILE_BYTES, &text);
    if (err != PGR_OK) {
        pgr_buf_free(&text);
        return err;
    }
    if (!yaml_parser_initialize(&r.parser)) {
        pgr_buf_free(&text);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)pgr_buf_str(&text), text.len);
    err = read_document(&r, key, n_key, out);
    if (r.has_event) yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    pgr_buf_free(&text);
    return err;
}

pgr_err pgr_conf_set(const char *assignment, const struct pgr_conf_key *key, size_t n_key, void *out) {
    char name[64];
    const char *eq = strchr(assignment, '=');
    if (!eq || eq == assignment || (size_t)(eq - assignment) >= sizeof name)
        return pgr_fail(PGR_E_USAGE, "--set needs key=value, got \"%s\"", assignment);
    memcpy(name, assignment, (size_t)(eq - assignment));
    name[eq - assignment] = '\0';
    const struct pgr_conf_key *k = find(key, n_key, name);
    if (!k) return unknown_key("--set", key, n_key, name);
    return set_text("--set", k, eq + 1, true, out);
}

void pgr_conf_free(const struct pgr_conf_key *key, size_t n_key, void *out) {
    for (size_t i = 0; i < n_key; i++) {
        if (key[i].kind != PGR_CONF_STR) continue;
        pgr_free(*(char **)field(&key[i], out));
        *(char **)field(&key[i], out) = NULL;
    }
}

static void add_quoted(struct pgr_buf *out, const char *s) {
    pgr_buf_addc(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            pgr_buf_addf(out, "\\%c", c);
        else if (c == '\n')
            pgr_buf_adds(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            pgr_buf_addf(out, "\\x%02x", c);
        else
            pgr_buf_addc(out, (char)c);
    }
    pgr_buf_addc(out, '"');
}

/* The shortest text that reads back to the same number. */
static void add_real(struct pgr_buf *out, double v) {
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) break;
    }
    pgr_buf_adds(out, text);
}

void pgr_conf_value(const struct pgr_conf_key *k, const void *conf, struct pgr_buf *out) {
    const void *f = field_const(k, conf);
    switch (k->kind) {
    case PGR_CONF_STR: {
        const char *s = *(char *const *)f;
        if (s)
            add_quoted(out, s);
        else
            pgr_buf_adds(out, "null");
        return;
    }
    case PGR_CONF_SIZE: {
        size_t v = *(const size_t *)f;
        if (v == 0 && k->min > 0)
            pgr_buf_adds(out, "null");
        else
            pgr_buf_addf(out, "%zu", v);
        return;
    }
    case PGR_CONF_REAL: {
        double v = *(const double *)f;
        if (isnan(v))
            pgr_buf_adds(out, "null");
        else
            add_real(out, v);
        return;
    }
    case PGR_CONF_BOOL: pgr_buf_adds(out, *(const bool *)f ? "true" : "false"); return;
    case PGR_CONF_ENUM: pgr_buf_adds(out, k->names[*(const int *)f]); return;
    }
}

void pgr_conf_dump(const struct pgr_conf_key *key, size_t n_key, const void *conf, struct pgr_buf *out) {
    for (size_t i = 0; i < n_key; i++) {
        pgr_buf_addf(out, "%s: ", key[i].name);
        pgr_conf_value(&key[i], conf, out);
        pgr_buf_addc(out, '\n');
    }
}
