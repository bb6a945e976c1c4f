/* file_test.h - a folder for each test and one file in it. */
#ifndef PGR_TESTS_FILE_TEST_H
#define PGR_TESTS_FILE_TEST_H

#include "test.h"

#include "base/file.h"

static char dir[256], path[512]; /* path: dir/f.jsonl */

static int set_up(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(path, sizeof path, "%s/f.jsonl", dir);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static void put(const char *text) { assert_ok(pgr_file_write_atomic(path, text, strlen(text))); }

#endif
