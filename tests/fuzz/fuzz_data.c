/* fuzz_data.c - any bytes as a record of a data set, and as packed hidden tests: read or refused, within bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "task/family.h"
#include "task/unpack.h"
#include "task/wide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void as_record(const char *text, size_t n) {
    static const struct pgr_task_filter all = {.split = NULL};
    json_t *j;
    if (pgr_json_parse_wide("fuzz", text, n, &j) != PGR_OK) return;
    const struct pgr_family *own = pgr_family_of(j);
    for (size_t i = 0; json_is_object(j) && pgr_families[i]; i++) {
        /* Only a reader that recognises a record is given it at first; later ones of the file may lack anything. */
        struct pgr_task t = {.family = pgr_families[i]->name};
        struct pgr_record r = {"fuzz:1", 0, j, &all};
        bool wanted = true;
        pgr_err err = pgr_families[i]->read(&r, &t, &wanted);
        if (err == PGR_OK && own == pgr_families[i] && (!t.id || !t.prompt)) abort();
        pgr_task_free(&t);
    }
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    enum { LIMIT = 1 << 16 };
    const char *text;
    size_t n_text;
    struct pgr_buf b = PGR_BUF_INIT;
    as_record((const char *)data, n);
    if (pgr_unpack_tests((const char *)data, n, LIMIT, &b) == PGR_OK && b.len > LIMIT) abort();
    pgr_buf_clear(&b);
    if (pgr_inflate((const char *)data, n, LIMIT, &b) == PGR_OK && b.len > LIMIT) abort();
    pgr_buf_free(&b);
    if (pgr_pickled_text((const char *)data, n, &text, &n_text) == PGR_OK) {
        const char *end = (const char *)data + n;
        if (text < (const char *)data || n_text > (size_t)(end - text)) abort();
    }
    return 0;
}
