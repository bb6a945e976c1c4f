/* test_text.c - the text of rollouts: stop strings and stop ids cut a completion where a run without them says, the
 * streamed pieces make up the text, ids without text and special tokens leave none. */
#include "test.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/size.h"
#include "gen/gen.h"
#include "gen/tiny.h"
#include "text/tok.h"

enum { N_BYTE = 256, N_PAIR = 26 * 26, SPECIAL = N_BYTE + N_PAIR, N_TOK = SPECIAL + 1 };

/* A byte-level tokenizer: 256 bytes, all pairs of small letters, and one special token. Ids from N_TOK to the model's
 * vocabulary have no text, as in models whose matrix is padded. */
static struct pgr_tok *letter_tok(void) {
    char dir[256];
    test_tmpdir(dir);
    json_t *vocab = json_object();
    uint32_t next = 256; /* GPT-2's alphabet: printable bytes stand for themselves, the others for U+0100 onward */
    for (uint32_t b = 0; b < N_BYTE; b++) {
        bool plain = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        uint32_t c = plain ? b : next++;
        char key[3] = {(char)c, 0, 0};
        if (c >= 128) key[0] = (char)(0xc0 | c >> 6), key[1] = (char)(0x80 | (c & 0x3f));
        json_object_set_new(vocab, key, json_integer((json_int_t)b));
    }
    for (int i = 0; i < N_PAIR; i++) {
        char key[3] = {(char)('a' + i / 26), (char)('a' + i % 26), 0};
        json_object_set_new(vocab, key, json_integer(N_BYTE + i));
    }
    json_t *root = json_pack("{s:[{s:i,s:s,s:b,s:b}],s:{s:s,s:b},s:{s:s},s:{s:s,s:o,s:[]}}", "added_tokens", "id",
                             (int)SPECIAL, "content", "<special>", "special", 1, "normalized", 0, "pre_tokenizer",
                             "type", "ByteLevel", "add_prefix_space", 0, "decoder", "type", "ByteLevel", "model",
                             "type", "BPE", "vocab", vocab, "merges");
    assert_non_null(root);
    char *path = pgr_path_join_dup(dir, "tokenizer.json");
    assert_ok(pgr_json_save(path, root));
    json_decref(root);
    pgr_free(path);
    struct pgr_tok *t = NULL;
    assert_ok(pgr_tok_open(dir, &t));
    assert_ok(pgr_remove_tree(dir));
    return t;
}

enum { N_PROMPT = 5, SAMPLES = 8, MAX_NEW = 40 };

struct result {
    struct pgr_completion done[N_PROMPT][SAMPLES];
    struct pgr_buf shown[N_PROMPT][SAMPLES];
    size_t n;
};

static pgr_err keep(void *ctx, struct pgr_completion *c) {
    struct result *r = ctx;
    r->done[c->prompt][c->sample] = *c;
    r->n++;
    return PGR_OK;
}

static void piece(void *ctx, size_t prompt, size_t sample, const char *bytes, size_t n) {
    struct result *r = ctx;
    pgr_buf_add(&r->shown[prompt][sample], bytes, n);
}

static void clear(struct result *r) {
    for (size_t i = 0; i < N_PROMPT; i++)
        for (size_t s = 0; s < SAMPLES; s++) {
            pgr_completion_free(&r->done[i][s]);
            pgr_buf_free(&r->shown[i][s]);
        }
    memset(r, 0, sizeof *r);
}

static void generate(struct pgr_model *m, const struct pgr_tok *t, const struct pgr_sampling *how, struct result *r) {
    static int32_t token[N_PROMPT][40];
    struct pgr_prompt prompt[N_PROMPT];
    for (size_t i = 0; i < N_PROMPT; i++) {
        for (size_t k = 0; k < 40; k++)
            token[i][k] = (int32_t)(pgr_rng_uniform(2, PGR_RNG_TEST, (uint32_t)i, (uint32_t)k, 0, 0) * N_TOK);
        prompt[i] = (struct pgr_prompt){token[i], 8 * i + 1, SAMPLES, (uint32_t)i};
    }
    struct pgr_gen_opts o = {.max_batch = 7, .piece = piece};
    assert_ok(pgr_generate(m, t, &o, how, prompt, N_PROMPT, keep, NULL, r));
    assert_int_equal(r->n, N_PROMPT * SAMPLES);
    for (size_t i = 0; i < N_PROMPT; i++)
        for (size_t s = 0; s < SAMPLES; s++) {
            const struct pgr_completion *c = &r->done[i][s];
            assert_int_equal(r->shown[i][s].len, c->text_bytes);
            if (c->text_bytes) assert_memory_equal(r->shown[i][s].data, c->text, c->text_bytes);
            assert_int_equal(c->text[c->text_bytes], 0);
        }
}

/* Text of the first n tokens, by hand. */
static void text_of(const struct pgr_tok *t, const int32_t *token, size_t n, struct pgr_buf *out) {
    pgr_buf_clear(out);
    for (size_t i = 0; i < n; i++)
        if (token[i] < SPECIAL) assert_ok(pgr_tok_decode(t, &token[i], 1, false, out));
}

static const char *find_bytes(const struct pgr_buf *b, const char *what) {
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= b->len; i++)
        if (memcmp(b->data + i, what, n) == 0) return b->data + i;
    return NULL;
}

static void stops_cut_where_the_plain_run_says(void **state) {
    (void)state;
    static const char *const stop[] = {"qu", "xz", "ab", "cd", "ef", "gh", "\x01"};
    struct pgr_tok *t = letter_tok();
    struct pgr_model *m = tiny_model(PGR_ARCH_QWEN2, PGR_BF16);
    int32_t stop_id[20]; /* pairs, so that they do have a text that must not show */
    for (int i = 0; i < 10; i++) stop_id[i] = N_BYTE + 60 * i + 7, stop_id[10 + i] = SPECIAL + i;
    struct pgr_sampling how = {
        .temperature = 1.0f, .top_p = 1.0f, .repetition_penalty = 1.0f, .max_tokens = MAX_NEW, .seed = 3};
    static struct result plain, cut;
    generate(m, t, &how, &plain);
    how.stop = stop;
    how.n_stop = PGR_COUNT(stop);
    size_t n_string = 0, n_id = 0, n_length = 0;
    for (int with_ids = 0; with_ids < 2; with_ids++) {
        how.stop_id = stop_id;
        how.n_stop_id = with_ids ? PGR_COUNT(stop_id) : 0;
        generate(m, t, &how, &cut);
        struct pgr_buf text = PGR_BUF_INIT;
        for (size_t i = 0; i < N_PROMPT; i++)
            for (size_t s = 0; s < SAMPLES; s++) {
                const struct pgr_completion *c = &cut.done[i][s], *full = &plain.done[i][s];
                size_t n = 0, text_bytes = 0;
                enum pgr_finish finish = PGR_FINISH_LENGTH;
                while (n < full->n_tok && finish == PGR_FINISH_LENGTH) {
                    text_of(t, full->token, n, &text);
                    text_bytes = text.len;
                    bool is_id = false;
                    for (size_t k = 0; k < how.n_stop_id; k++) is_id |= stop_id[k] == full->token[n];
                    n++;
                    if (is_id) {
                        finish = PGR_FINISH_STOP;
                        n_id++;
                        break;
                    }
                    text_of(t, full->token, n, &text);
                    text_bytes = text.len;
                    for (size_t k = 0; k < how.n_stop; k++) {
                        const char *at = find_bytes(&text, stop[k]);
                        if (!at) continue;
                        text_bytes = pgr_min(text_bytes, (size_t)(at - text.data));
                        finish = PGR_FINISH_STOP;
                    }
                    n_string += finish == PGR_FINISH_STOP;
                }
                n_length += finish == PGR_FINISH_LENGTH;
                assert_int_equal(c->n_tok, n);
                assert_int_equal(c->finish, finish);
                assert_memory_equal(c->token, full->token, n * sizeof *c->token);
                assert_memory_equal(c->logp, full->logp, n * sizeof *c->logp);
                text_of(t, full->token, n, &text);
                assert_int_equal(c->text_bytes, text_bytes);
                assert_memory_equal(c->text, text.data, text_bytes);
            }
        pgr_buf_free(&text);
        clear(&cut);
    }
    print_message("%zu ended by a string, %zu by an id, %zu by length\n", n_string, n_id, n_length);
    assert_true(n_string > 5 && n_id > 5 && n_length > 5); /* every way of ending was seen */
    clear(&plain);
    pgr_model_free(m);
    pgr_tok_close(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stops_cut_where_the_plain_run_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
