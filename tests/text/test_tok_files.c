/* test_tok_files.c - tokenizer files that are damaged, hostile or ask for what is not implemented: each is refused with
 * a message that names the file and the thing. */
#include "golden.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/nfc.h"
#include "text/split.h"
#include "text/tok_impl.h"
#include "text/utf8.h"

static char dir[256];

static int make_dir(void **state) {
    (void)state;
    test_tmpdir(dir);
    return 0;
}
static int remove_dir(void **state) {
    (void)state;
    return pgr_remove_tree(dir) == PGR_OK ? 0 : -1;
}

static void write_text(const char *name, const char *text, size_t n) {
    char *path = pgr_path_join_dup(dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    pgr_free(path);
}

static pgr_err open_json(const char *text) {
    struct pgr_tok *t;
    write_text("tokenizer.json", text, strlen(text));
    pgr_err err = pgr_tok_open(dir, &t);
    if (err == PGR_OK) pgr_tok_close(t);
    return err;
}

#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"
#define MODEL "\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]"
/* A whole file from its parts; each may be empty. */
#define FILE_OF(extra, pre, model) "{" extra "\"pre_tokenizer\":" pre ",\"model\":{" model "}}"

static void a_small_file_is_read(void **state) {
    (void)state;
    assert_ok(open_json(FILE_OF("", BYTE_LEVEL, MODEL)));
    assert_ok(open_json(
        FILE_OF("\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"}]},", BYTE_LEVEL, MODEL)));
    assert_ok(open_json(FILE_OF("\"added_tokens\":[{\"id\":3,\"content\":\"<x>\"},{\"id\":1,\"content\":\"b\"},"
                                "{\"id\":9,\"content\":\"\"}],",
                                BYTE_LEVEL, MODEL)));
    assert_ok(open_json(FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[[\"a\",\"b\"]]")));
}

static void what_is_not_implemented_is_named(void **state) {
    (void)state;
    static const struct {
        const char *text, *what;
    } cases[] = {
        {FILE_OF("", BYTE_LEVEL, "\"type\":\"Unigram\",\"vocab\":[]"), "model \"Unigram\""},
        {FILE_OF("", BYTE_LEVEL, MODEL ",\"dropout\":0.1"), "dropout"},
        {FILE_OF("", BYTE_LEVEL, MODEL ",\"byte_fallback\":true"), "byte_fallback"},
        {FILE_OF("", BYTE_LEVEL, MODEL ",\"end_of_word_suffix\":\"</w>\""), "end_of_word_suffix"},
        {FILE_OF("", BYTE_LEVEL, MODEL ",\"continuing_subword_prefix\":\"##\""), "continuing_subword_prefix"},
        {FILE_OF("\"normalizer\":{\"type\":\"Lowercase\"},", BYTE_LEVEL, MODEL), "normalizer \"Lowercase\""},
        {FILE_OF("\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"}]},", BYTE_LEVEL, MODEL),
         "normalizer \"NFKC\""},
        {FILE_OF("\"decoder\":{\"type\":\"Metaspace\"},", BYTE_LEVEL, MODEL), "decoder \"Metaspace\""},
        {FILE_OF("", "{\"type\":\"Whitespace\"}", MODEL), "pre_tokenizer \"Whitespace\""},
        {FILE_OF("", "null", MODEL), "not a byte-level tokenizer"},
        {FILE_OF("", "{\"type\":\"Digits\"}", MODEL), "not a byte-level tokenizer"},
        {FILE_OF("", "{\"type\":\"ByteLevel\"}", MODEL), "add_prefix_space"},
        {FILE_OF("", "{\"type\":\"Sequence\",\"pretokenizers\":[" BYTE_LEVEL ",{\"type\":\"Digits\"}]}", MODEL),
         "after ByteLevel"},
        {FILE_OF("", "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},\"behavior\":\"Isolated\",\"invert\":false}",
                 MODEL),
         "pattern \"String\""},
        {FILE_OF("",
                 "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"MergedWithNext\",\"invert\":false}",
                 MODEL),
         "behavior \"MergedWithNext\""},
        {FILE_OF("", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\w+\"},\"behavior\":\"Isolated\"}", MODEL),
         "\"\\w\" at byte 0"},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        assert_fails_with(open_json(cases[i].text), PGR_E_UNSUPPORTED, cases[i].what);
        assert_non_null(strstr(pgr_err_detail(), "tokenizer.json"));
    }
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *what;
        pgr_err code;
    } cases[] = {
        {"", "tokenizer.json", PGR_E_FORMAT},
        {"[]", "must be a JSON object", PGR_E_FORMAT},
        {"{}", "missing key \"model\"", PGR_E_FORMAT},
        {FILE_OF("", "7", MODEL), "pre_tokenizer must be an object", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"merges\":[]"), "missing key \"vocab\"", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0}"), "missing key \"merges\"", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{},\"merges\":[]"), "the vocabulary is empty", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":\"0\"},\"merges\":[]"), "\"a\" has no whole id", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":-1},\"merges\":[]"), "has id -1", PGR_E_RANGE},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":4194304},\"merges\":[]"), "has id 4194304", PGR_E_RANGE},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]"), "id 0 stands for both", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0,\"b\":1},\"merges\":[\"a b\"]"),
         "its result is not in the vocabulary", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0,\"ab\":1},\"merges\":[\"a b\"]"), "its right part", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"b\":0,\"ab\":1},\"merges\":[[\"a\",\"b\"]]"), "its left part",
         PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0},\"merges\":[\"a\"]"), "merge 0 must be", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0},\"merges\":[\"a b c\"]"), "merge 0 must be", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]"), "merge 0 must be", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, "\"vocab\":{\"a\":0},\"merges\":[\"\\u4f60 a\"]"), "byte alphabet", PGR_E_FORMAT},
        {FILE_OF("", BYTE_LEVEL, MODEL ",\"unk_token\":\"<unk>\""), "unk_token \"<unk>\"", PGR_E_FORMAT},
        {FILE_OF("\"added_tokens\":{},", BYTE_LEVEL, MODEL), "must be an array", PGR_E_FORMAT},
        {FILE_OF("\"added_tokens\":[7],", BYTE_LEVEL, MODEL), "added_tokens[0] must be an object", PGR_E_FORMAT},
        {FILE_OF("\"added_tokens\":[{\"id\":7,\"content\":\"<x>\"}],", BYTE_LEVEL, MODEL), "3 is the next free one",
         PGR_E_FORMAT},
        {FILE_OF("\"added_tokens\":[{\"id\":7,\"content\":\"a\"}],", BYTE_LEVEL, MODEL), "0 is the id of that text",
         PGR_E_FORMAT},
        {FILE_OF("\"added_tokens\":[{\"content\":\"a\"}],", BYTE_LEVEL, MODEL), "has no whole id", PGR_E_FORMAT},
        {FILE_OF("", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a\"},\"behavior\":\"Isolated\"}", MODEL),
         "does not compile", PGR_E_FORMAT},
    };
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        assert_fails_with(open_json(cases[i].text), cases[i].code, cases[i].what);
        assert_non_null(strstr(pgr_err_detail(), "tokenizer.json"));
    }
    struct pgr_tok *t;
    assert_fails_with(pgr_tok_open("/nonexistent/model", &t), PGR_E_NOTFOUND, "/nonexistent/model");
    assert_fails_with(pgr_tok_open("tests/text/golden.h", &t), PGR_E_FORMAT, "neither a folder");
    assert_fails_with(pgr_tok_open("tests/golden", &t), PGR_E_NOTFOUND, "needs its tokenizer");
}

static void truncated_files_are_refused(void **state) {
    (void)state;
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_file_read(golden_path("flags", "tokenizer.json"), 1 << 20, &b));
    while (b.len > 0 && b.data[b.len - 1] != '}') b.len--; /* all of it up to its last brace is a good file */
    for (size_t n = 0; n < b.len; n += n < 3000 ? 1 : 37) {
        struct pgr_tok *t;
        write_text("tokenizer.json", pgr_buf_str(&b), n);
        assert_true(pgr_tok_open(dir, &t) != PGR_OK);
    }
    pgr_buf_free(&b);
}

static pgr_err open_gguf(const char *path) {
    struct pgr_tok *t;
    pgr_err err = pgr_tok_open(path, &t);
    if (err == PGR_OK) pgr_tok_close(t);
    return err;
}

/* Replaces the first `old` in a GGUF file by a text of the same length. */
static void patch(struct pgr_buf *b, const char *old, const char *new_text) {
    assert_int_equal(strlen(old), strlen(new_text));
    for (size_t i = 0; i + strlen(old) <= b->len; i++)
        if (memcmp(b->data + i, old, strlen(old)) == 0) {
            memcpy(b->data + i, new_text, strlen(old));
            return;
        }
    fail_msg("no \"%s\"", old);
}

static void unknown_gguf_tokenizers_are_named(void **state) {
    (void)state;
    static const struct {
        const char *old, *new_text, *what;
        pgr_err code;
    } cases[] = {
        {"qwen2", "qwen9", "pre-tokenizer \"qwen9\"", PGR_E_UNSUPPORTED},
        {"gpt2", "bert", "tokenizer.ggml.model \"bert\"", PGR_E_UNSUPPORTED},
        {"tokenizer.ggml.pre", "tokenizer.ggml.prX", "tokenizer.ggml.pre", PGR_E_FORMAT},
        {"tokenizer.ggml.merges", "tokenizer.ggml.mergeX", "tokenizer.ggml.merges", PGR_E_FORMAT},
        {"e n", "e-n", "must be two tokens", PGR_E_FORMAT},
        {"e n", "e ~", "merge", PGR_E_FORMAT},
    };
    struct pgr_buf b = PGR_BUF_INIT;
    char *path = pgr_path_join_dup(dir, "x.gguf");
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        pgr_buf_clear(&b);
        assert_ok(pgr_file_read("tests/golden/tok/qwen2.gguf", 1 << 20, &b));
        patch(&b, cases[i].old, cases[i].new_text);
        write_text("x.gguf", b.data, b.len);
        assert_fails_with(open_gguf(path), cases[i].code, cases[i].what);
        assert_non_null(strstr(pgr_err_detail(), "x.gguf"));
    }
    pgr_free(path);
    pgr_buf_free(&b);
}

static void patterns_that_may_mean_something_else_are_refused(void **state) {
    (void)state;
    static const char *const good[] = {"a",          "\\p{L}+",     "[^\\s\\p{L}\\p{N}]+", "\\s+(?!\\S)", "(?:a|b)?c",
                                       "(?i:'s|'t)", "\\p{N}{1,3}", "x{2,}y{3}",           "a?+b*?c+?",   "\\.\\-\\'",
                                       "[a-z\\-]+",  "(?=a)b",      "[\\r\\n/]*x",         "\\P{N}(a)(b)"};
    static const char *const bad[] = {
        "\\w",      "\\d",        "\\b",     "\\h",      "\\p{Lu}", "\\p{Han}",    "\\pL",  "\\u0041", "\\x41",
        "^a",       "a$",         ".",       "[[a]]",    "[a&&b]",  "[]a]",        "[a",    "(?<=a)b", "(?>a)",
        "(?m)a",    "(?i)a",      "(?#x)",   "(?",       "a**",     "a{2}?",       "a{,3}", "a{2}{3}", "a{b",
        "\xc3\xa9", "[\xc3\xa9]", "(?i:ss)", "(?i:'st)", "(?i:fi)", "(?i:\\p{L})", "(?i:a", "a\\",     "\\p{"};
    for (size_t i = 0; i < PGR_COUNT(good); i++) assert_ok(pgr_split_check_pattern("p", good[i]));
    for (size_t i = 0; i < PGR_COUNT(bad); i++)
        if (pgr_split_check_pattern("p", bad[i]) != PGR_E_UNSUPPORTED) fail_msg("accepted: %s", bad[i]);
    struct pgr_split *s;
    assert_ok(pgr_split_new(&s));
    assert_fails_with(pgr_split_add_regex(s, "p", "a*", PGR_SPLIT_ALL), PGR_E_UNSUPPORTED, "empty");
    assert_fails_with(pgr_split_add_regex(s, "p", "a)", PGR_SPLIT_ALL), PGR_E_FORMAT, "does not compile");
    pgr_split_free(s);
}

/* ---- pieces: what each stage keeps ------------------------------------------------------------------------- */

static pgr_err add_piece(void *ctx, const char *piece, size_t n) {
    pgr_buf_addc(ctx, '|');
    pgr_buf_add(ctx, piece, n);
    return PGR_OK;
}

static void assert_pieces(const struct pgr_split *s, const char *text, const char *want) {
    struct pgr_split_scratch x = {0};
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_split_run(s, &x, text, strlen(text), add_piece, &b));
    assert_string_equal(pgr_buf_str(&b), want);
    pgr_split_scratch_free(&x);
    pgr_buf_free(&b);
}

static void stages_keep_what_they_should(void **state) {
    (void)state;
    static const struct {
        enum pgr_split_keep keep;
        const char *want;
    } cases[] = {{PGR_SPLIT_ALL, "|ab| |1|2| |cd"}, {PGR_SPLIT_MATCHES, "|ab|cd"}, {PGR_SPLIT_GAPS, "| |1|2| "}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        struct pgr_split *s;
        assert_ok(pgr_split_new(&s));
        assert_pieces(s, "ab 12 cd", "|ab 12 cd");
        assert_ok(pgr_split_add_digits(s, "p", true));
        assert_ok(pgr_split_add_regex(s, "p", "[a-z]+", cases[i].keep));
        assert_pieces(s, "ab 12 cd", cases[i].want);
        assert_pieces(s, "", "");
        pgr_split_free(s);
    }
    struct pgr_split *s;
    assert_ok(pgr_split_new(&s));
    assert_ok(pgr_split_add_digits(s, "p", false));
    assert_pieces(s, "12ab3", "|12|ab|3");
    assert_pieces(s, "\xd9\xa1\xd9\xa2x", "|\xd9\xa1\xd9\xa2|x"); /* Arabic digits */
    pgr_split_free(s);
}

/* ---- UTF-8 and NFC ----------------------------------------------------------------------------------------- */

static void utf8_is_told_from_other_bytes(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t len, complete;
    } cases[] = {{"a", 1, 1},
                 {"\xc3\xa9", 2, 2},
                 {"\xc3", 0, 0},
                 {"\xe4\xbd\xa0", 3, 3},
                 {"\xe4\xbd", 0, 0},
                 {"\xf0\x9f\x98\x80", 4, 4},
                 {"\xf0\x9f\x98", 0, 0},
                 {"\xf4\x8f\xbf\xbf", 4, 4},
                 {"\xf4\x90\x80\x80", 0, 4}, /* above U+10FFFF: never completes */
                 {"\xf4\x90", 0, 2},
                 {"\xed\xa0\x80", 0, 3}, /* a surrogate */
                 {"\xed\xa0", 0, 2},
                 {"\xed\x9f", 0, 0},
                 {"\xe0\x80\x80", 0, 3}, /* overlong */
                 {"\xc0\x80", 0, 2},
                 {"\xc1", 0, 1},
                 {"\xf5", 0, 1},
                 {"\xff", 0, 1},
                 {"\x80", 0, 1},
                 {"\xf0\x80", 0, 2},
                 {"\xf0\x90", 0, 0}};
    for (size_t i = 0; i < PGR_COUNT(cases); i++) {
        size_t n = strlen(cases[i].s);
        if (pgr_utf8_len(cases[i].s, n) != cases[i].len || pgr_utf8_complete_prefix(cases[i].s, n) != cases[i].complete)
            fail_msg("case %zu: length %zu, complete %zu", i, pgr_utf8_len(cases[i].s, n),
                     pgr_utf8_complete_prefix(cases[i].s, n));
    }
    assert_int_equal(pgr_utf8_complete_prefix("", 0), 0);
    assert_int_equal(pgr_utf8_complete_prefix("abc\xf0\x9f", 5), 3);
    assert_int_equal(pgr_utf8_complete_prefix("\xc3\xa9\xc3", 3), 2);
    assert_int_equal(pgr_utf8_valid_prefix("12345678\xc3\xa9zz\xff", 13), 12);
    for (uint32_t cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 97) {
        if (cp >= 0xd800 && cp < 0xe000) continue;
        char s[4];
        size_t n = pgr_utf8_encode(cp, s), len;
        assert_int_equal(pgr_utf8_len(s, n), n);
        assert_int_equal(pgr_utf8_decode(s, &len), cp);
        assert_int_equal(len, n);
    }
}

/* Streaming piece by piece shows exactly the text, however it is cut. */
static void held_back_bytes_come_out(void **state) {
    (void)state;
    static const char text[] = "a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80\xff\xe4\xbd z\xf0";
    for (size_t step = 1; step < sizeof text; step++) {
        struct pgr_buf out = PGR_BUF_INIT;
        size_t shown = 0;
        for (size_t n = step; n < sizeof text - 1 + step; n += step) {
            size_t have = pgr_min(n, sizeof text - 1),
                   upto = shown + pgr_utf8_complete_prefix(text + shown, have - shown);
            pgr_buf_add(&out, text + shown, upto - shown);
            shown = upto;
        }
        pgr_buf_add(&out, text + shown, sizeof text - 1 - shown); /* the end of the stream shows what is left */
        assert_string_equal(pgr_buf_str(&out), text);
        assert_true(sizeof text - 1 - shown <= 3);
        pgr_buf_free(&out);
    }
}

/* Marks of two classes by turns: quadratic ordering would take minutes. */
static void nfc_of_many_marks_is_fast(void **state) {
    (void)state;
    enum { N = 300000 };
    char *text = pgr_alloc(4 * (size_t)N + 1);
    assert_non_null(text);
    text[0] = 'q';
    for (size_t i = 0; i < N; i++) memcpy(text + 1 + 4 * i, "\xcc\x81\xcc\xa3", 4); /* U+0301 U+0323 */
    struct pgr_buf b = PGR_BUF_INIT;
    assert_false(pgr_nfc_is_inert(text, 4 * (size_t)N + 1));
    assert_ok(pgr_nfc(text, 4 * (size_t)N + 1, &b));
    assert_int_equal(b.len, 4 * (size_t)N + 1);
    assert_memory_equal(b.data, "q\xcc\xa3\xcc\xa3", 5);
    assert_memory_equal(b.data + b.len - 4, "\xcc\x81\xcc\x81", 4);
    pgr_free(text);
    pgr_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_file_is_read, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_is_not_implemented_is_named, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(truncated_files_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(unknown_gguf_tokenizers_are_named, make_dir, remove_dir),
        cmocka_unit_test(patterns_that_may_mean_something_else_are_refused),
        cmocka_unit_test(stages_keep_what_they_should),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(held_back_bytes_come_out),
        cmocka_unit_test(nfc_of_many_marks_is_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
