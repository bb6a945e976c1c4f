/* test_metrics.c - windows, rows, and a history that a resumed run continues exactly. */
#include "test.h"

#include <math.h>

#include "base/file.h"
#include "base/json.h"
#include "train/metrics.h"

static char dir[256], path[300];

static int make_dir(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(path, sizeof path, "%s/metrics.jsonl", dir);
    return 0;
}

static int drop_dir(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static char *content(void) {
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(path, 1 << 20, &b));
    pgr_buf_addc(&b, '\0');
    return pgr_buf_steal(&b);
}

static void rows_hold_means_without_nan(void **state) {
    (void)state;
    struct pgr_metrics m;
    assert_ok(pgr_metrics_init(&m, path, NULL));
    assert_ok(pgr_metrics_add(&m, "b", 1));
    assert_ok(pgr_metrics_add(&m, "a", NAN));
    assert_ok(pgr_metrics_add(&m, "b", 2));
    assert_ok(pgr_metrics_add(&m, "c", 5));
    assert_ok(pgr_metrics_add(&m, "c", NAN));
    assert_ok(pgr_metrics_flush(&m, 2, 0.25));
    assert_ok(pgr_metrics_row(&m, 2, 0.25, json_pack("{s:f}", "eval_pass@1", 0.5)));
    char *text = content();
    assert_string_equal(text, "{\"step\":2,\"epoch\":0.25,\"b\":1.5,\"a\":null,\"c\":5.0}\n"
                              "{\"step\":2,\"epoch\":0.25,\"eval_pass@1\":0.5}\n");
    free(text);
    pgr_metrics_free(&m);
}

static void a_restored_state_writes_what_the_unbroken_run_writes(void **state) {
    (void)state;
    char *texts[2];
    for (int broken = 0; broken < 2; broken++) {
        struct pgr_metrics m;
        assert_ok(pgr_metrics_init(&m, path, NULL));
        for (size_t step = 1; step <= 9; step++) {
            assert_ok(pgr_metrics_add(&m, "x", 1.0 / (double)step));
            assert_ok(pgr_metrics_add(&m, "y", step % 2 ? NAN : 0.1 * (double)step));
            if (step % 3 == 0) assert_ok(pgr_metrics_flush(&m, step, 0.1 * (double)step));
            if (broken && step == 5) {
                json_t *saved = pgr_metrics_state(&m), *loaded;
                struct pgr_buf b = PGR_BUF_INIT;
                assert_ok(pgr_json_dump(saved, &b));
                json_decref(saved);
                assert_ok(pgr_json_parse("state", b.data, b.len, &loaded));
                pgr_buf_free(&b);
                /* The broken run went on for a while and was cut in the middle of a line. */
                assert_ok(pgr_metrics_flush(&m, 6, 0.6));
                pgr_metrics_free(&m);
                FILE *f = fopen(path, "a");
                fputs("{\"step\":7,\"ep", f);
                fclose(f);
                assert_ok(pgr_metrics_init(&m, path, loaded));
                json_decref(loaded);
            }
        }
        pgr_metrics_free(&m);
        texts[broken] = content();
    }
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
}

static void a_damaged_state_is_an_error(void **state) {
    (void)state;
    static const char *const bad[] = {"{}", "{\"window\":{}}", "{\"window\":{},\"log_history\":3}",
                                      "{\"window\":[],\"log_history\":[]}"};
    for (size_t i = 0; i < 4; i++) {
        json_t *j;
        struct pgr_metrics m;
        assert_ok(pgr_json_parse("s", bad[i], strlen(bad[i]), &j));
        assert_fails_with(pgr_metrics_init(&m, path, j), PGR_E_FORMAT, "key");
        json_decref(j);
    }
    json_t *j;
    struct pgr_metrics m;
    const char *text = "{\"window\":{\"x\":[1]},\"log_history\":[]}";
    assert_ok(pgr_json_parse("s", text, strlen(text), &j));
    assert_ok(pgr_metrics_init(&m, path, j));
    assert_fails_with(pgr_metrics_add(&m, "x", 1), PGR_E_FORMAT, "metric x");
    json_decref(j);
    pgr_metrics_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_means_without_nan),
        cmocka_unit_test(a_restored_state_writes_what_the_unbroken_run_writes),
        cmocka_unit_test(a_damaged_state_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
