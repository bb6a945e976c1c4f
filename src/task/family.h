/* family.h - the layouts of data files that are recognised, one per file read_NAME.c; internal to task/.
 *
 * A layout is told by the keys of a record. A reader turns one record into a task; it owns nothing of the record. */
#ifndef PGR_TASK_FAMILY_H
#define PGR_TASK_FAMILY_H

#include <jansson.h>

#include "base/buf.h"
#include "task/task.h"

struct pgr_record {
    const char *where; /* "path:line" */
    size_t index;      /* in the file, from 0 */
    const json_t *obj;
    const struct pgr_task_filter *filter; /* never NULL */
};

struct pgr_family {
    const char *name, *summary;
    bool (*is)(const json_t *obj);
    /* Fills *t, which is zero but for family. On error the caller frees what is there. Sets *wanted to false, and may
     * stop early, when the filter refuses the task by what only the reader knows how to find early. */
    pgr_err (*read)(const struct pgr_record *r, struct pgr_task *t, bool *wanted);
};

/* The first that recognises the record; NULL if none. */
const struct pgr_family *pgr_family_of(const json_t *obj);
/* All, ended by a NULL name, for messages. */
extern const struct pgr_family *const pgr_families[];

#define PGR_FAMILY_LIST(X)                                                                                             \
    X(evalplus)                                                                                                        \
    X(humaneval)                                                                                                       \
    X(bigcodebench)                                                                                                    \
    X(leetcode) X(livecodebench) X(mbpp) X(verl) X(apps) X(deepcoder) X(gsm8k) X(math) X(aime) X(tasks) X(rows)
#define X(name) extern const struct pgr_family pgr_family_##name;
PGR_FAMILY_LIST(X)
#undef X
/* Not among the families: a problem alone, {"id", "prompt"}; the keys that tasks of the own form may have count. */
extern const struct pgr_family pgr_family_plain;
bool pgr_is_plain(const json_t *o);

/* ---- for the readers ---- */

static inline bool pgr_has(const json_t *o, const char *key) {
    const json_t *v = json_object_get(o, key);
    return v && !json_is_null(v);
}
static inline bool pgr_has_text(const json_t *o, const char *key) { return json_is_string(json_object_get(o, key)); }

/* *dst = a copy of s; NULL stays NULL. */
PGR_MUST_CHECK pgr_err pgr_take_text(const char *s, char **dst);
/* A required, and an optional, text of the record. */
PGR_MUST_CHECK pgr_err pgr_take(const struct pgr_record *r, const char *key, char **dst);
PGR_MUST_CHECK pgr_err pgr_take_opt(const struct pgr_record *r, const char *key, char **dst);
/* "NAME/number" from an integer (or text) key. */
PGR_MUST_CHECK pgr_err pgr_take_numbered(const struct pgr_record *r, const char *key, const char *name, char **dst);
/* A value that some releases store as JSON and others as JSON within a text. New reference. */
PGR_MUST_CHECK pgr_err pgr_take_packed(const struct pgr_record *r, const char *key, json_t **out);
/* The source joined from buffer b, which is emptied. */
PGR_MUST_CHECK pgr_err pgr_take_buf(struct pgr_buf *b, char **dst);

/* {"inputs","outputs","fn_name"} or a list of {"input","output"} as programming contests' data sets have them: fills
 * tests and test_kind. Inputs of functions are JSON. entry: a function's name that the tests do not bring, or NULL. */
PGR_MUST_CHECK pgr_err pgr_take_contest_tests(const struct pgr_record *r, const json_t *tests, const char *entry,
                                              struct pgr_task *t);
/* A test of a function: args (JSON text, a list) and expected (JSON text), compared with ==. The first brings the
 * helper code. */
PGR_MUST_CHECK pgr_err pgr_add_call_test(struct pgr_task *t, const char *function, const char *args,
                                         const char *expected, bool unwrap);
/* Base and plus suites of EvalPlus: two snippets that run the reference beside the solution. name: "humaneval:f" or
 * "mbpp:f". */
PGR_MUST_CHECK pgr_err pgr_set_evalplus_tests(struct pgr_task *t, const char *name, const char *reference, double atol);
/* The inputs of an MBPP+ problem, whose file stores tuples, sets and complex numbers as lists and texts: repaired, by
 * the number of the problem. New reference; NULL when memory runs out. */
json_t *pgr_mbpp_repair(size_t number, const json_t *inputs);
/* A test program of EvalPlus on the Hub wants numpy for one function: takes its place. */
PGR_MUST_CHECK pgr_err pgr_without_numpy(const char *test, char **out);

/* A prompt that is source (HumanEval's) may define helpers before the function that is asked for, and tests may use
 * them: that part becomes the setup, so that the judge has helpers of its own and a solution that redefines one changes
 * nothing. Such a prompt is also what a completion continues (prefix). */
PGR_MUST_CHECK pgr_err pgr_setup_of_prompt(struct pgr_task *t);

/* Appends a Python literal of a text. */
void pgr_put_literal(struct pgr_buf *b, const char *s, size_t n);
/* The last \boxed{...} of a solution, without the box; false if there is none. */
bool pgr_last_boxed(const char *s, const char **from, size_t *n);
/* Python's helper modules that the build puts into the library. */
extern const unsigned char pgr_py_typed[], pgr_py_evalplus[], pgr_py_calls[], pgr_py_lcb_stdin[], pgr_py_lcb_guard[];
extern const size_t pgr_py_typed_bytes, pgr_py_evalplus_bytes, pgr_py_calls_bytes, pgr_py_lcb_stdin_bytes,
    pgr_py_lcb_guard_bytes;

#endif
