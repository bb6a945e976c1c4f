/* test_review.c - export: which pairs several reviewers leave, and what is said of them. */
#include "file_test.h"

#include <jansson.h>

#include "base/json.h"
#include "pref/review.h"

static char out[512], review[2][512]; /* path has the pairs */

/* Pairs p0 to p5, and two files of decisions: a accept, r reject, . none. */
static void write_all(const char *ann, const char *bob) {
    const char *said[2] = {ann, bob}, *name[2] = {"ann", "bob"};
    snprintf(out, sizeof out, "%s/out.jsonl", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 6; i++)
        fprintf(f, "{\"id\":\"p%d\",\"prompt\":\"q\",\"chosen\":\"c%d\",\"rejected\":\"r%d\",\"kept\":[1]}\n", i, i, i);
    assert_int_equal(fclose(f), 0);
    for (int k = 0; k < 2; k++) {
        struct pgr_review r;
        snprintf(review[k], sizeof review[k], "%s/%s.jsonl", dir, name[k]);
        (void)remove(review[k]);
        assert_ok(pgr_review_open(path, review[k], name[k], &r));
        for (size_t i = 0; i < 6; i++) {
            if (said[k][i] == '.') continue;
            r.pair[i].revealed = i == 4;
            /* the last one counts */
            assert_ok(pgr_review_decide(&r, i, said[k][i] == 'a' ? 'r' : 'a', -1));
            assert_ok(pgr_review_decide(&r, i, said[k][i], -1));
        }
        assert_ok(pgr_review_comment(&r, (size_t)k, "hm \"so\"", 7));
        pgr_review_close(&r);
    }
}

static pgr_err collect(void *ctx, const char *where, json_t *obj) {
    (void)where;
    return json_array_append(ctx, obj) == 0 ? PGR_OK : PGR_E_NOMEM;
}

static pgr_err export(size_t n, struct pgr_review_counts *c) {
    const char *const said[] = {review[0], review[1]};
    return pgr_review_export(path, n, said, out, c);
}

static void only_pairs_that_all_accept_are_written(void **state) {
    (void)state;
    struct pgr_review_counts c;
    json_t *got = json_array();
    write_all("aara.a", "a.aaar");
    assert_ok(export(2, &c));
    assert_int_equal(c.n_pair, 6);
    assert_int_equal(c.n_accepted, 2); /* p0, p3 */
    assert_int_equal(c.n_rejected, 2); /* p2, p5 */
    assert_int_equal(c.n_undecided, 2);
    assert_ok(pgr_jsonl_each(out, collect, got));
    json_t *want = json_pack("[{s:s, s:s, s:s, s:s, s:[i], s:[{s:s, s:b, s:s}, {s:s, s:b}]}, "
                             "{s:s, s:s, s:s, s:s, s:[i], s:[{s:s, s:b}, {s:s, s:b}]}]",
                             "id", "p0", "prompt", "q", "chosen", "c0", "rejected", "r0", "kept", 1, "reviews",
                             "reviewer", "ann", "revealed", 0, "comment", "hm \"so\"", "reviewer", "bob", "revealed", 0,
                             "id", "p3", "prompt", "q", "chosen", "c3", "rejected", "r3", "kept", 1, "reviews",
                             "reviewer", "ann", "revealed", 0, "reviewer", "bob", "revealed", 0);
    assert_non_null(want);
    assert_true(json_equal(got, want));
    json_decref(want);
    json_decref(got);
}

static void one_review_is_enough_and_tells_what_was_revealed(void **state) {
    (void)state;
    struct pgr_review_counts c;
    json_t *got = json_array();
    write_all("rr.rar", "aaaaaa");
    assert_ok(export(1, &c));
    assert_int_equal(c.n_accepted, 1);
    assert_ok(pgr_jsonl_each(out, collect, got));
    const json_t *reviews = json_object_get(json_array_get(got, 0), "reviews");
    assert_int_equal(json_array_size(reviews), 1);
    assert_true(json_is_true(json_object_get(json_array_get(reviews, 0), "revealed")));
    json_decref(got);
}

static void pairs_that_have_changed_are_not_accepted(void **state) {
    (void)state;
    struct pgr_review_counts c;
    write_all("aaaaaa", "aaaaaa");
    put("{\"id\":\"p0\",\"prompt\":\"q\",\"chosen\":\"other\",\"rejected\":\"r0\"}\n"
        "{\"id\":\"p1\",\"prompt\":\"q\",\"chosen\":\"c1\",\"rejected\":\"r1\"}\n");
    assert_ok(export(2, &c));
    assert_int_equal(c.n_accepted, 1);
    assert_int_equal(c.n_undecided, 1);
}

static void what_cannot_be_exported_leaves_the_output_alone(void **state) {
    (void)state;
    struct pgr_review_counts c;
    write_all("a.....", ".a....");
    assert_ok(pgr_file_write_atomic(out, "kept\n", 5));
    assert_fails_with(export(2, &c), PGR_E_FORMAT, "no pair is accepted by all reviews (0 rejected, 6 undecided)");
    const char *twice[] = {review[0], review[0]};
    assert_fails_with(pgr_review_export(path, 2, twice, out, &c), PGR_E_FORMAT, "second file of reviewer \"ann\"");
    const char *none[] = {path};
    assert_fails_with(pgr_review_export(path, 1, none, out, &c), PGR_E_FORMAT, "missing key \"review\"");
    const char *one[] = {review[0]};
    assert_fails_with(pgr_review_export(path, 1, one, path, &c), PGR_E_USAGE, "is a file that is read");
    assert_fails_with(pgr_review_export(path, 1, one, review[0], &c), PGR_E_USAGE, "is a file that is read");
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(out, 100, &b));
    assert_string_equal(pgr_buf_str(&b), "kept\n");
    pgr_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_pairs_that_all_accept_are_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_review_is_enough_and_tells_what_was_revealed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pairs_that_have_changed_are_not_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_exported_leaves_the_output_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
