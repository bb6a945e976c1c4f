/* golden.h - opening what tools/make_tok_golden.py wrote. */
#ifndef PGR_TESTS_TEXT_GOLDEN_H
#define PGR_TESTS_TEXT_GOLDEN_H

#include "test.h"

#include "base/json.h"
#include "text/tok.h"

PGR_UNUSED static const char *golden_path(const char *name, const char *file) {
    static char path[512];
    snprintf(path, sizeof path, "tests/golden/tok/%s%s%s", name, *file ? "/" : "", file);
    return path;
}

PGR_UNUSED static struct pgr_tok *golden_tok(const char *name) {
    struct pgr_tok *t;
    assert_ok(pgr_tok_open(golden_path(name, ""), &t));
    return t;
}

PGR_UNUSED static json_t *golden_json(const char *name, const char *file) {
    json_t *j;
    assert_ok(pgr_json_load(golden_path(name, file), &j));
    return j;
}

/* Fails with the text and both rows of ids. */
PGR_UNUSED static void assert_ids(const struct pgr_ids *got, const json_t *want, const char *what) {
    bool same = got->n == json_array_size(want);
    for (size_t i = 0; same && i < got->n; i++) same = got->id[i] == json_integer_value(json_array_get(want, i));
    if (same) return;
    char *w = json_dumps(want, JSON_COMPACT);
    fprintf(stderr, "got ");
    for (size_t i = 0; i < got->n; i++) fprintf(stderr, "%d,", (int)got->id[i]);
    fail_msg("\n\"%s\": want %s", what, w);
}

#endif
