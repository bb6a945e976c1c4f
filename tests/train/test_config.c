/* test_config.c - configuration: defaults, overrides, and the one-line answer to each kind of mistake. */
#include "test.h"

#include <ctype.h>
#include <math.h>

#include "base/file.h"
#include "train/config.h"

static char dir[256], path[300];

static int make_dir(void **state) {
    (void)state;
    test_tmpdir(dir);
    snprintf(path, sizeof path, "%s/t.yaml", dir);
    return 0;
}

static int drop_dir(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

#define NEEDED "model_name_or_path: m\noutput_dir: o\ntrain_file: t.jsonl\nreward_mode: grpo\n"

static pgr_err load(const char *text, struct pgr_train_config *c) {
    assert_ok(pgr_file_write_atomic(path, text, strlen(text)));
    return pgr_train_config_load(path, NULL, 0, c);
}

static pgr_err load_set(const char *set, struct pgr_train_config *c) {
    assert_ok(pgr_file_write_atomic(path, NEEDED, strlen(NEEDED)));
    return pgr_train_config_load(path, &set, 1, c);
}

static void defaults_are_the_documented_ones(void **state) {
    (void)state;
    struct pgr_train_config c;
    assert_ok(load(NEEDED "# a comment\n", &c));
    assert_string_equal(c.model_name_or_path, "m");
    assert_int_equal(c.num_generations, 8);
    assert_true(c.learning_rate == 1e-6);
    assert_true(c.epsilon == 0.2 && c.epsilon_high == 0.28);
    assert_true(isnan(c.delta) && isnan(c.min_p));
    assert_int_equal(c.loss_type, PGR_LOSS_DAPO);
    assert_int_equal(c.max_steps, 0);
    assert_int_equal(c.generation_batch_size, 64);
    assert_int_equal(pgr_train_update_batch(&c), 64);
    assert_null(c.eval_file);
    assert_non_null(strstr(c.prompt_template, "{prompt}"));
    pgr_train_config_free(&c);
}

static void values_of_every_kind_are_read(void **state) {
    (void)state;
    struct pgr_train_config c;
    assert_ok(load(NEEDED "learning_rate: 2.5e-5\nloss_type: dr_grpo\nbf16: false\nepsilon_high: null\nseed: 7\n"
                          "system_prompt: ~\nprompt_template: |\n  Do: {prompt}\n  Now.\ntrain_split: \"null\"\n"
                          "delta: 3\n",
                   &c));
    assert_true(c.learning_rate == 2.5e-5);
    assert_int_equal(c.loss_type, PGR_LOSS_DR_GRPO);
    assert_false(c.bf16);
    assert_true(c.epsilon_high == c.epsilon);
    assert_int_equal(c.seed, 7);
    assert_null(c.system_prompt);
    assert_string_equal(c.prompt_template, "Do: {prompt}\nNow.\n");
    assert_string_equal(c.train_split, "null"); /* quoted: a name, not nothing */
    assert_true(c.delta == 3.0);
    pgr_train_config_free(&c);
}

static void overrides_win_and_are_checked_alike(void **state) {
    (void)state;
    struct pgr_train_config c;
    const char *set[] = {"num_generations=4", "max_steps=3", "output_dir=a=b"};
    assert_ok(pgr_file_write_atomic(path, NEEDED, strlen(NEEDED)));
    assert_ok(pgr_train_config_load(path, set, 3, &c));
    assert_int_equal(c.num_generations, 4);
    assert_int_equal(c.max_steps, 3);
    assert_string_equal(c.output_dir, "a=b");
    pgr_train_config_free(&c);
    assert_fails_with(load_set("num_generation=4", &c), PGR_E_FORMAT, "did you mean \"num_generations\"?");
    assert_fails_with(load_set("num_generations=1", &c), PGR_E_RANGE, "at least 2");
    assert_fails_with(load_set("seed", &c), PGR_E_USAGE, "key=value");
    assert_fails_with(load_set("=1", &c), PGR_E_USAGE, "key=value");
}

static void each_mistake_is_named_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        pgr_err err;
        const char *says;
    } wrong[] = {
        {NEEDED "lerning_rate: 1\n", PGR_E_FORMAT,
         "t.yaml:5:1: unknown key \"lerning_rate\"; did you mean \"learning_rate\"?"},
        {NEEDED "frobnicate_the_thing: 1\n", PGR_E_FORMAT, "docs/config.md"},
        {NEEDED "num_generations: 1\n", PGR_E_RANGE,
         "t.yaml:5:18: num_generations is 1; it must be a whole number, at least 2"},
        {NEEDED "num_generations: 2.5\n", PGR_E_RANGE, "num_generations is 2.5"},
        {NEEDED "num_generations: -3\n", PGR_E_RANGE, "num_generations is -3"},
        {NEEDED "num_generations: 99999999999999999999999\n", PGR_E_RANGE, "num_generations is 9999"},
        {NEEDED "num_generations:\n", PGR_E_RANGE, "num_generations needs a value"},
        {NEEDED "num_generations: [1, 2]\n", PGR_E_FORMAT, "not a list or a mapping"},
        {NEEDED "learning_rate: fast\n", PGR_E_RANGE,
         "learning_rate is fast; it must be a number, at least 0 and at most 1"},
        {NEEDED "learning_rate: .nan\n", PGR_E_RANGE, "learning_rate is .nan"},
        {NEEDED "learning_rate: nan\n", PGR_E_RANGE, "learning_rate is nan"},
        {NEEDED "temperature: 0\n", PGR_E_RANGE, "above 0"},
        {NEEDED "adam_beta1: 1\n", PGR_E_RANGE, "below 1"},
        {NEEDED "loss_type: drgrpo\n", PGR_E_RANGE,
         "one of grpo, bnpo, dr_grpo, dapo, is \"drgrpo\"; did you mean \"dr_grpo\"?"},
        {NEEDED "bf16: maybe\n", PGR_E_RANGE, "must be true or false"},
        {NEEDED "seed: 1\nseed: 2\n", PGR_E_FORMAT, "t.yaml:6:1: seed is set twice, first on line 5"},
        {NEEDED "seed: &a 1\n", PGR_E_FORMAT, "anchors"},
        {NEEDED "seed: *a\n", PGR_E_FORMAT, ""},
        {NEEDED "seed: {a: 1}\n", PGR_E_FORMAT, "not a list or a mapping"},
        {NEEDED "system_prompt: \"a\\0b\"\n", PGR_E_FORMAT, "NUL"},
        {NEEDED "---\nseed: 1\n", PGR_E_FORMAT, "second YAML document"},
        {NEEDED "\tseed: 1\n", PGR_E_FORMAT, "not valid YAML"},
        {NEEDED "system_prompt: \"open\n", PGR_E_FORMAT, "not valid YAML"},
        {"- a\n- b\n", PGR_E_FORMAT, "key: value"},
        {"just text\n", PGR_E_FORMAT, "key: value"},
        {"", PGR_E_FORMAT, "model_name_or_path is missing"},
        {"model_name_or_path: m\noutput_dir: o\n", PGR_E_FORMAT, "train_file is missing"},
        {"model_name_or_path: m\noutput_dir: o\ntrain_file: t\n", PGR_E_FORMAT, "reward_model_name_or_path is missing"},
        {NEEDED "num_generations: 6\n", PGR_E_RANGE, "= 64 must be a multiple of num_generations = 6"},
        {NEEDED "generation_batch_size: 96\n", PGR_E_RANGE, "generation_batch_size is 96"},
        {NEEDED "warmup_steps: 3\nwarmup_ratio: 0.1\n", PGR_E_RANGE, "not both"},
        {NEEDED "eval_steps: 5\n", PGR_E_FORMAT, "eval_file is missing"},
        {NEEDED "prompt_template: hello\n", PGR_E_RANGE, "must contain {prompt}"},
        {NEEDED "generation_batch_size: 128\nrepetition_penalty: 1.1\n", PGR_E_RANGE, "repetition_penalty must be 1"},
    };
    struct pgr_train_config c;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pgr_err err = load(wrong[i].text, &c);
        if (err != wrong[i].err || !strstr(pgr_err_detail(), wrong[i].says))
            fail_msg("case %zu: %d \"%s\", want %d \"%s\"", i, (int)err, pgr_err_detail(), (int)wrong[i].err,
                     wrong[i].says);
        assert_null(strchr(pgr_err_detail(), '\n'));
        assert_int_equal(pgr_err_exit_code(err), 2);
    }
    assert_fails_with(pgr_train_config_load("/nonexistent/x.yaml", NULL, 0, &c), PGR_E_NOTFOUND, "/nonexistent/x.yaml");
}

static void a_file_cut_anywhere_is_an_error_or_a_configuration(void **state) {
    (void)state;
    const char *whole = NEEDED "learning_rate: 2.5e-5\nsystem_prompt: \"a \\n b\"\nprompt_template: >\n  x {prompt}\n";
    for (size_t n = 0; n <= strlen(whole); n++) {
        assert_ok(pgr_file_write_atomic(path, whole, n));
        struct pgr_train_config c;
        if (pgr_train_config_load(path, NULL, 0, &c) == PGR_OK) pgr_train_config_free(&c);
    }
}

static void a_dump_reads_back_to_the_same(void **state) {
    (void)state;
    struct pgr_train_config c, d;
    assert_ok(load(NEEDED "learning_rate: 0.1\nmin_p: 0.3333333333333333\nmax_steps: 5\nloss_type: bnpo\n"
                          "system_prompt: \"a\\\"b\\\\c\\nd\\te\"\n",
                   &c));
    struct pgr_buf a = PGR_BUF_INIT, b = PGR_BUF_INIT;
    pgr_conf_dump(pgr_train_keys, pgr_train_n_keys, &c, &a);
    assert_ok(pgr_buf_ok(&a));
    assert_ok(load(pgr_buf_str(&a), &d));
    pgr_conf_dump(pgr_train_keys, pgr_train_n_keys, &d, &b);
    assert_string_equal(pgr_buf_str(&a), pgr_buf_str(&b));
    assert_string_equal(d.system_prompt, "a\"b\\c\nd\te");
    assert_true(d.min_p == 0.3333333333333333);
    pgr_buf_free(&a);
    pgr_buf_free(&b);
    pgr_train_config_free(&c);
    pgr_train_config_free(&d);
}

/* docs/config.md has one row per key: | `key` | default | text |, equal to the table. */
static void the_documentation_lists_every_key_with_its_default(void **state) {
    (void)state;
    struct pgr_buf doc = PGR_BUF_INIT;
    assert_ok(pgr_file_read("docs/config.md", 1 << 20, &doc));
    size_t n_rows = 0;
    for (const char *p = doc.data; (p = strstr(p, "\n| `")); p++) n_rows++;
    assert_int_equal(n_rows, pgr_train_n_keys);
    for (size_t i = 0; i < pgr_train_n_keys; i++) {
        const struct pgr_conf_key *k = &pgr_train_keys[i];
        char row[600];
        bool is_long = strlen(k->initial) > 30;
        snprintf(row, sizeof row, "\n| `%s` | %s | %s", k->name, is_long ? "see below" : k->initial, k->help);
        if (!strstr(doc.data, row)) fail_msg("docs/config.md lacks the row %s", row + 1);
        if (!is_long) continue;
        /* Long texts stand in the document indented, line by line. */
        for (const char *line = k->initial; *line;) {
            size_t n = strcspn(line, "\n");
            snprintf(row, sizeof row, "\n    %.*s\n", (int)n, line);
            if (n > 0 && !strstr(doc.data, row)) fail_msg("docs/config.md lacks a line of %s: %s", k->name, row);
            line += n + (line[n] == '\n');
        }
    }
    pgr_buf_free(&doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_documented_ones),
        cmocka_unit_test(values_of_every_kind_are_read),
        cmocka_unit_test(overrides_win_and_are_checked_alike),
        cmocka_unit_test(each_mistake_is_named_with_its_place),
        cmocka_unit_test(a_file_cut_anywhere_is_an_error_or_a_configuration),
        cmocka_unit_test(a_dump_reads_back_to_the_same),
        cmocka_unit_test(the_documentation_lists_every_key_with_its_default),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
