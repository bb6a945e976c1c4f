/* conf.h - a flat YAML file read straight into a struct by a table of keys.
 *
 * The file is one mapping of names to single values (no nesting, anchors or lists). Every message names
 * the file, line and column and says what would be right; a misspelt key is answered with the nearest
 * known one. `--set key=value` overrides go through the same checks and are named as such. (libyaml's
 * event parser rather than libcyaml: the schema of libcyaml neither suggests near keys nor knows ranges.) */
#ifndef PGR_TRAIN_CONF_H
#define PGR_TRAIN_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum pgr_conf_kind {
    PGR_CONF_STR,  /* char *, owned by the struct, NULL for null */
    PGR_CONF_SIZE, /* size_t; null is 0 */
    PGR_CONF_REAL, /* double; null is NAN */
    PGR_CONF_BOOL, /* bool */
    PGR_CONF_ENUM  /* int: index into `names` */
};

struct pgr_conf_key {
    const char *name;
    enum pgr_conf_kind kind;
    size_t offset;           /* of the field in the struct */
    const char *initial;     /* the default, as it would be written in the file; "null" allowed if nullable */
    double min, max;         /* SIZE and REAL: the range, ends included */
    bool min_open, max_open; /* REAL: the end itself is excluded */
    bool nullable;
    const char *const *names; /* ENUM: NULL-terminated */
    const char *help;         /* one line for the documentation */
};

/* Fills the struct with the defaults. The struct's memory may be anything before. */
PGR_MUST_CHECK pgr_err pgr_conf_defaults(const struct pgr_conf_key *key, size_t n_key, void *out);
/* Reads a file over what is there. PGR_E_FORMAT (not such a YAML file, unknown or repeated key), PGR_E_RANGE (value).
 */
PGR_MUST_CHECK pgr_err pgr_conf_load(const char *path, const struct pgr_conf_key *key, size_t n_key, void *out);
/* One "key=value". */
PGR_MUST_CHECK pgr_err pgr_conf_set(const char *assignment, const struct pgr_conf_key *key, size_t n_key, void *out);
/* Frees the strings. */
void pgr_conf_free(const struct pgr_conf_key *key, size_t n_key, void *out);
/* Appends the value of one key as it would be written in the file (strings in double quotes). */
void pgr_conf_value(const struct pgr_conf_key *key, const void *conf, struct pgr_buf *out);
/* Appends "key: value" lines, readable by pgr_conf_load to the same struct. */
void pgr_conf_dump(const struct pgr_conf_key *key, size_t n_key, const void *conf, struct pgr_buf *out);

#endif
