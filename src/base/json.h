/* json.h - jansson with the errors of err.h: every message names the file, the line and the key.
 *
 * `where` arguments are a ready-made place such as "tasks.jsonl:12"; it comes first in the message. */
#ifndef PGR_BASE_JSON_H
#define PGR_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Whole file, at most 256 MiB. The result is owned by the caller (json_decref). NUL bytes in strings are allowed. */
PGR_MUST_CHECK pgr_err pgr_json_load(const char *path, json_t **out);
/* One text. PGR_E_FORMAT with line and column. */
PGR_MUST_CHECK pgr_err pgr_json_parse(const char *where, const char *text, size_t n_bytes, json_t **out);
/* Appends compact JSON (keys in the order they were set, reals with 17 digits, UTF-8 as it is). */
PGR_MUST_CHECK pgr_err pgr_json_dump(const json_t *j, struct pgr_buf *out);
/* For people: indented by two, written atomically with a newline at the end. */
PGR_MUST_CHECK pgr_err pgr_json_save(const char *path, const json_t *j);

/* A string from bytes that may not be UTF-8: bad bytes become U+FFFD. New reference, NULL when out of memory. */
json_t *pgr_json_bytes(const char *bytes, size_t n);

/* Typed members of an object. The plain forms need the key (PGR_E_FORMAT "WHERE: missing key \"k\"" or "... must
 * be a string, is a number"); the _opt forms leave *out alone when the key is absent or null. Results are borrowed. */
PGR_MUST_CHECK pgr_err pgr_json_str(const json_t *obj, const char *where, const char *key, const char **out);
PGR_MUST_CHECK pgr_err pgr_json_str_opt(const json_t *obj, const char *where, const char *key, const char **out);
PGR_MUST_CHECK pgr_err pgr_json_size(const json_t *obj, const char *where, const char *key, size_t min, size_t max,
                                     size_t *out);
PGR_MUST_CHECK pgr_err pgr_json_size_opt(const json_t *obj, const char *where, const char *key, size_t min, size_t max,
                                         size_t *out);
PGR_MUST_CHECK pgr_err pgr_json_real(const json_t *obj, const char *where, const char *key, double *out);
PGR_MUST_CHECK pgr_err pgr_json_real_opt(const json_t *obj, const char *where, const char *key, double *out);
PGR_MUST_CHECK pgr_err pgr_json_bool_opt(const json_t *obj, const char *where, const char *key, bool *out);
PGR_MUST_CHECK pgr_err pgr_json_array(const json_t *obj, const char *where, const char *key, json_t **out);
PGR_MUST_CHECK pgr_err pgr_json_object(const json_t *obj, const char *where, const char *key, json_t **out);

/* Calls fn for each non-blank line of a JSONL file (plain, .gz, .zst); every line must be an object. `where` is
 * "path:line". Stops at the first error. The object is borrowed during the call. */
typedef pgr_err (*pgr_jsonl_fn)(void *ctx, const char *where, json_t *obj);
PGR_MUST_CHECK pgr_err pgr_jsonl_each(const char *path, pgr_jsonl_fn fn, void *ctx);

#endif
