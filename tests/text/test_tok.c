/* test_tok.c - encoding and decoding against `tokenizers`: golden ids of small tokenizers of every family, on folders
 * and GGUF files; every code point by a hash; what is our own: stray bytes, plain text, threads, saving. */
#include "golden.h"

#include "base/file.h"
#include "base/par.h"
#include "base/rng.h"
#include "base/size.h"
#include "text/utf8.h"

static const char *const folders[] = {"qwen2", "smollm", "llama3", "flags", "unk", "unk_fused"};

static void check_cases(const struct pgr_tok *t, const json_t *cases) {
    struct pgr_ids ids = {NULL, 0, 0};
    size_t i;
    const json_t *c;
    assert_true(json_array_size(cases) > 50);
    json_array_foreach(cases, i, c) {
        const json_t *text = json_object_get(c, "text");
        ids.n = 0;
        assert_ok(pgr_tok_encode(t, json_string_value(text), json_string_length(text), true, &ids));
        assert_ids(&ids, json_object_get(c, "ids"), json_string_value(text));
    }
    pgr_ids_free(&ids);
}

static void folders_give_the_ids_of_tokenizers(void **state) {
    (void)state;
    for (size_t i = 0; i < PGR_COUNT(folders); i++) {
        struct pgr_tok *t = golden_tok(folders[i]);
        json_t *j = golden_json(folders[i], "cases.json");
        check_cases(t, json_object_get(j, "cases"));
        json_decref(j);
        pgr_tok_close(t);
    }
}

static void gguf_files_give_the_same_ids(void **state) {
    (void)state;
    static const char *const names[] = {"qwen2", "smollm", "llama3"};
    for (size_t i = 0; i < PGR_COUNT(names); i++) {
        struct pgr_tok *t;
        char path[256];
        snprintf(path, sizeof path, "tests/golden/tok/%s.gguf", names[i]);
        assert_ok(pgr_tok_open(path, &t));
        json_t *j = golden_json(names[i], "cases.json");
        check_cases(t, json_object_get(j, "cases"));
        json_decref(j);
        pgr_tok_close(t);
    }
}

/* The text that make_tok_golden.py encodes for code point x. */
static size_t code_point_text(uint32_t x, char *out) {
    static const char shape[] = "a@ @b@@1@\n@  @'@"; /* @ is x */
    size_t n = 0;
    for (const char *s = shape; *s; s++) {
        if (*s == '@')
            n += pgr_utf8_encode(x, out + n);
        else
            out[n++] = *s;
    }
    return n;
}

static void every_code_point_gives_the_ids_of_tokenizers(void **state) {
    (void)state;
    static const char *const names[] = {"qwen2", "smollm", "llama3"};
    for (size_t k = 0; k < PGR_COUNT(names); k++) {
        struct pgr_tok *t = golden_tok(names[k]);
        json_t *j = golden_json(names[k], "cases.json");
        const json_t *blocks = json_object_get(json_object_get(j, "rest"), "blocks"), *b;
        struct pgr_ids ids = {NULL, 0, 0};
        size_t i;
        assert_int_equal(json_array_size(blocks), 272); /* 0x110000 / 4096; the block of surrogates only is not there */
        json_array_foreach(blocks, i, b) {
            uint32_t start = (uint32_t)json_integer_value(json_array_get(b, 0));
            uint64_t h = 0;
            char hex[24];
            for (uint32_t x = start; x < start + 4096; x++) {
                if (x >= 0xd800 && x < 0xe000) continue;
                char text[128];
                ids.n = 0;
                assert_ok(pgr_tok_encode(t, text, code_point_text(x, text), true, &ids));
                for (size_t m = 0; m < ids.n; m++) h = h * 1099511628211u + (uint64_t)ids.id[m] + 2;
                h = h * 1099511628211u + 1;
            }
            snprintf(hex, sizeof hex, "%016llx", (unsigned long long)h);
            if (strcmp(hex, json_string_value(json_array_get(b, 1))) != 0)
                fail_msg("%s: U+%04X to U+%04X differ", names[k], (unsigned)start, (unsigned)start + 4095);
        }
        pgr_ids_free(&ids);
        json_decref(j);
        pgr_tok_close(t);
    }
}

static void real_models_give_the_ids_of_tokenizers(void **state) {
    (void)state;
    static const struct {
        const char *golden, *cached;
    } models[] = {{"qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "qwen2.5-coder-0.5b-instruct.gguf"},
                  {"smollm2-135m-instruct-q4_1.gguf", "smollm2-135m-instruct.gguf"}};
    const char *cache = getenv("PGRPO_CACHE"), *home = getenv("HOME");
    json_t *j = golden_json("real.json", "");
    size_t n_done = 0;
    for (size_t i = 0; i < PGR_COUNT(models); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s%s/models/%s",
                 cache  ? cache
                 : home ? home
                        : "",
                 cache ? "" : "/.cache/pgrpo", models[i].cached);
        if (!pgr_file_exists(path)) continue;
        struct pgr_tok *t;
        assert_ok(pgr_tok_open(path, &t));
        check_cases(t, json_object_get(j, models[i].golden));
        pgr_tok_close(t);
        n_done++;
    }
    json_decref(j);
    if (n_done == 0) {
        fprintf(stderr, "skipped: no model in the cache; run pgrpo fetch\n");
        skip();
    }
}

/* ---- what tokenizers does not define ----------------------------------------------------------------------- */

/* decode(encode(x)), and x as NFC would leave it is not asked for: only x without active marks is given here. */
static void assert_round_trip(const struct pgr_tok *t, const char *text, size_t n, bool parse_special) {
    struct pgr_ids ids = {NULL, 0, 0};
    struct pgr_buf b = PGR_BUF_INIT;
    assert_ok(pgr_tok_encode(t, text, n, parse_special, &ids));
    assert_ok(pgr_tok_decode(t, ids.id, ids.n, false, &b));
    if (b.len != n || memcmp(pgr_buf_str(&b), text, n) != 0) {
        for (size_t i = 0; i < n; i++) fprintf(stderr, "%02x ", (unsigned char)text[i]);
        fail_msg("\n%zu bytes came back as %zu", n, b.len);
    }
    pgr_ids_free(&ids);
    pgr_buf_free(&b);
}

static void any_bytes_come_back(void **state) {
    (void)state;
    struct pgr_tok *t = golden_tok("llama3"); /* all 256 bytes, no normaliser */
    static const char *const texts[] = {"\xff",
                                        "a\xff\xfe z",
                                        "\xc3",
                                        "\xc3\xc3\xa9",
                                        "\xed\xa0\x80",
                                        "\xf4\x90\x80\x80",
                                        "x\xf0\x9f\x98",
                                        "\xf0\x9f\x98\x80\x80",
                                        "\xc0\x80",
                                        "\xe2\x28\xa1",
                                        "<|im_start|>\xff<|im_end|>\x80"};
    for (size_t i = 0; i < PGR_COUNT(texts); i++) {
        assert_round_trip(t, texts[i], strlen(texts[i]), true);
        assert_round_trip(t, texts[i], strlen(texts[i]), false);
    }
    assert_round_trip(t, "a\0b\0", 4, true);
    for (uint32_t k = 0; k < 300; k++) { /* random bytes, and the same with only few values */
        char text[64];
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t c[4] = {k, i, 0, 0}, out[4];
            pgr_rng_bits(5, PGR_RNG_TEST, c, out);
            memcpy(text + 16 * i, out, 16);
        }
        if (k % 2)
            for (size_t i = 0; i < sizeof text; i++) text[i] = "a \n\xc3\xa9\xff<|"[(unsigned char)text[i] % 8];
        assert_round_trip(t, text, sizeof text, k % 3 == 0);
    }
    pgr_tok_close(t);
}

/* A stretch of stray bytes is a piece of its own; what stands on its sides is encoded as if alone. */
static void stray_bytes_cut_the_text(void **state) {
    (void)state;
    struct pgr_tok *t = golden_tok("qwen2");
    struct pgr_ids whole = {NULL, 0, 0}, parts = {NULL, 0, 0};
    assert_ok(pgr_tok_encode(t, "  ab\xff\xff  e\xcc\x81", 11, true, &whole));
    assert_ok(pgr_tok_encode(t, "  ab", 4, true, &parts));
    assert_ok(pgr_tok_encode(t, "\xff\xff", 2, true, &parts));
    assert_ok(pgr_tok_encode(t, "  e\xcc\x81", 5, true, &parts));
    assert_int_equal(whole.n, parts.n);
    assert_memory_equal(whole.id, parts.id, whole.n * sizeof *whole.id);
    pgr_ids_free(&whole);
    pgr_ids_free(&parts);
    pgr_tok_close(t);
}

static void plain_text_has_no_added_tokens(void **state) {
    (void)state;
    struct pgr_tok *t = golden_tok("qwen2");
    struct pgr_ids ids = {NULL, 0, 0};
    static const char text[] = "<|im_start|>user <think>";
    assert_ok(pgr_tok_encode(t, text, strlen(text), false, &ids));
    for (size_t i = 0; i < ids.n; i++) assert_true(ids.id[i] < pgr_tok_find(t, "<|endoftext|>"));
    assert_round_trip(t, text, strlen(text), false);
    pgr_ids_free(&ids);
    pgr_tok_close(t);
}

static void tokens_are_found_and_told_apart(void **state) {
    (void)state;
    struct pgr_tok *t = golden_tok("qwen2");
    int32_t end = pgr_tok_find(t, "<|im_end|>"), think = pgr_tok_find(t, "<think>");
    assert_int_equal(end, 1002);
    assert_int_equal(pgr_tok_find(t, "no such token"), -1);
    assert_int_equal(pgr_tok_find(t, ""), -1);
    assert_true(pgr_tok_find(t, "a") >= 0 && pgr_tok_find(t, "\n") >= 0);
    assert_true(pgr_tok_is_special(t, end));
    assert_false(pgr_tok_is_special(t, think));
    assert_false(pgr_tok_is_special(t, -1));
    assert_false(pgr_tok_is_special(t, 1 << 30));
    assert_int_equal(pgr_tok_n_vocab(t), 1011);

    struct pgr_buf b = PGR_BUF_INIT;
    int32_t ids[] = {end, pgr_tok_find(t, "a"), think, end};
    assert_ok(pgr_tok_decode(t, ids, 4, true, &b));
    assert_string_equal(pgr_buf_str(&b), "a<think>");
    pgr_buf_clear(&b);
    assert_ok(pgr_tok_decode(t, ids, 4, false, &b));
    assert_string_equal(pgr_buf_str(&b), "<|im_end|>a<think><|im_end|>");
    ids[1] = 1011;
    assert_fails_with(pgr_tok_decode(t, ids, 4, true, &b), PGR_E_RANGE, "token id 1011 at place 1");
    ids[1] = -1;
    assert_fails_with(pgr_tok_decode(t, ids, 4, true, &b), PGR_E_RANGE, "token id -1 at place 1");
    pgr_buf_free(&b);
    pgr_tok_close(t);
}

/* ---- saving, threads --------------------------------------------------------------------------------------- */

static void saved_gguf_tokenizers_read_the_same(void **state) {
    (void)state;
    static const char *const names[] = {"qwen2", "smollm", "llama3"};
    char dir[256];
    test_tmpdir(dir);
    for (size_t i = 0; i < PGR_COUNT(names); i++) {
        struct pgr_tok *t, *again, *third;
        char path[512], copy[600];
        snprintf(path, sizeof path, "tests/golden/tok/%s.gguf", names[i]);
        assert_ok(pgr_tok_open(path, &t));
        snprintf(path, sizeof path, "%s/%s/made", dir, names[i]);
        snprintf(copy, sizeof copy, "%s/%s/copied", dir, names[i]);
        assert_ok(pgr_tok_save(t, path));
        assert_ok(pgr_tok_open(path, &again));
        assert_ok(pgr_tok_save(again, copy));
        assert_ok(pgr_tok_open(copy, &third));
        json_t *j = golden_json(names[i], "cases.json");
        check_cases(again, json_object_get(j, "cases"));
        check_cases(third, json_object_get(j, "cases"));
        assert_non_null(pgr_chat_family(t));
        assert_string_equal(pgr_chat_family(again), pgr_chat_family(t));
        assert_string_equal(pgr_chat_family(third), pgr_chat_family(t));
        struct pgr_msg hi = {"user", "Hi"};
        struct pgr_buf a = PGR_BUF_INIT, b = PGR_BUF_INIT;
        assert_ok(pgr_chat_render(t, &hi, 1, true, &a));
        assert_ok(pgr_chat_render(third, &hi, 1, true, &b)); /* BOS, too, came through */
        assert_string_equal(pgr_buf_str(&a), pgr_buf_str(&b));
        pgr_buf_free(&a);
        pgr_buf_free(&b);
        for (int32_t id = 0; id < (int32_t)pgr_tok_n_vocab(t); id++)
            assert_int_equal(pgr_tok_is_special(t, id), pgr_tok_is_special(third, id));
        json_decref(j);
        pgr_tok_close(t);
        pgr_tok_close(again);
        pgr_tok_close(third);
    }
    assert_ok(pgr_remove_tree(dir));
}

/* The tokenizer.json made from GGUF metadata has the vocabulary, merges and added tokens of the one it was made from.
 */
static void saved_tokenizer_json_is_that_of_the_source(void **state) {
    (void)state;
    static const char *const names[] = {"qwen2", "smollm", "llama3"};
    char dir[256], path[512];
    test_tmpdir(dir);
    for (size_t i = 0; i < PGR_COUNT(names); i++) {
        struct pgr_tok *t;
        json_t *got, *want = golden_json(names[i], "tokenizer.json");
        snprintf(path, sizeof path, "tests/golden/tok/%s.gguf", names[i]);
        assert_ok(pgr_tok_open(path, &t));
        assert_ok(pgr_tok_save(t, dir));
        snprintf(path, sizeof path, "%s/tokenizer.json", dir);
        assert_ok(pgr_json_load(path, &got));
        json_t *gm = json_object_get(got, "model"), *wm = json_object_get(want, "model");
        assert_true(json_equal(json_object_get(gm, "vocab"), json_object_get(wm, "vocab")));
        assert_true(json_equal(json_object_get(got, "added_tokens"), json_object_get(want, "added_tokens")));
        assert_true(json_equal(json_object_get(got, "normalizer"), json_object_get(want, "normalizer")));
        assert_true(json_equal(json_object_get(gm, "ignore_merges"), json_object_get(wm, "ignore_merges")));
        const json_t *m = json_object_get(wm, "merges"), *pair;
        size_t k;
        assert_int_equal(json_array_size(json_object_get(gm, "merges")), json_array_size(m));
        json_array_foreach(m, k, pair) {
            char both[512];
            snprintf(both, sizeof both, "%s %s", json_string_value(json_array_get(pair, 0)),
                     json_string_value(json_array_get(pair, 1)));
            assert_string_equal(json_string_value(json_array_get(json_object_get(gm, "merges"), k)), both);
        }
        json_decref(got);
        json_decref(want);
        pgr_tok_close(t);
    }
    assert_ok(pgr_remove_tree(dir));
}

struct parallel {
    const struct pgr_tok *tok;
    const json_t *cases;
    size_t n_wrong[256];
};

static void encode_in_parallel(void *ctx, size_t i, size_t thread) {
    struct parallel *p = ctx;
    struct pgr_ids ids = {NULL, 0, 0};
    const json_t *c = json_array_get(p->cases, i % json_array_size(p->cases)), *text = json_object_get(c, "text"),
                 *want = json_object_get(c, "ids");
    bool ok = pgr_tok_encode(p->tok, json_string_value(text), json_string_length(text), true, &ids) == PGR_OK &&
              ids.n == json_array_size(want);
    for (size_t k = 0; ok && k < ids.n; k++) ok = ids.id[k] == json_integer_value(json_array_get(want, k));
    p->n_wrong[thread] += !ok;
    pgr_ids_free(&ids);
}

static void many_threads_share_a_tokenizer(void **state) {
    (void)state;
    pgr_par_set_threads(4);
    struct parallel p = {.tok = golden_tok("qwen2")};
    json_t *j = golden_json("qwen2", "cases.json");
    p.cases = json_object_get(j, "cases");
    pgr_par(4000, encode_in_parallel, &p);
    for (size_t i = 0; i < PGR_COUNT(p.n_wrong); i++) assert_int_equal(p.n_wrong[i], 0);
    json_decref(j);
    pgr_tok_close((struct pgr_tok *)p.tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_give_the_ids_of_tokenizers),
        cmocka_unit_test(gguf_files_give_the_same_ids),
        cmocka_unit_test(every_code_point_gives_the_ids_of_tokenizers),
        cmocka_unit_test(real_models_give_the_ids_of_tokenizers),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(stray_bytes_cut_the_text),
        cmocka_unit_test(plain_text_has_no_added_tokens),
        cmocka_unit_test(tokens_are_found_and_told_apart),
        cmocka_unit_test(saved_gguf_tokenizers_read_the_same),
        cmocka_unit_test(saved_tokenizer_json_is_that_of_the_source),
        cmocka_unit_test(many_threads_share_a_tokenizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
