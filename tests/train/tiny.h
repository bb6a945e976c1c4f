/* tiny.h - a model, tokenizer and tasks so small that training them is a matter of milliseconds.
 *
 * The vocabulary is the 256 bytes, three special tokens and a few whole answers ("<think>..</think><answer>..") as
 * single tokens. The model is random but for one trick: every embedding has the same large first element, so the output
 * matrix' first column acts as a bias, and it favours the answers; a second element marks answers and favours the end
 * after one. So a random model already writes answers of every kind, and reinforcement learning can find the right
 * one. */
#ifndef PGR_TESTS_TRAIN_TINY_H
#define PGR_TESTS_TRAIN_TINY_H

#include <jansson.h>

#include "base/file.h"
#include "base/json.h"
#include "model/model.h"

enum {
    TINY_IM_START = 256,
    TINY_IM_END,
    TINY_END_OF_TEXT,
    TINY_RIGHT,    /* passes, in the format */
    TINY_WRONG,    /* fails, in the format */
    TINY_FORMLESS, /* passes, without the format */
    TINY_RAMBLING, /* passes, in the format, another reasoning */
    TINY_N_VOCAB
};

static const char *const tiny_added[] = {
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<think>n plus one</think><answer>def f(n): return n + 1</answer>",
    "<think>n plus one</think><answer>def f(n): return n - 1</answer>",
    "def f(n): return n + 1",
    "<think>well, it could be this or that</think><answer>def f(n): return n + 1</answer>",
};

/* SmolLM2's template, a known family. */
static const char tiny_template[] =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou "
    "are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + "
    "message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt "
    "%}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/* The printable stand-in that byte-level tokenizers write for byte b, as UTF-8. */
PGR_UNUSED static inline void tiny_byte_name(unsigned b, char out[4]) {
    unsigned cp = b, n = 0;
    for (unsigned x = 0; x <= b; x++) {
        bool printable = (x >= 33 && x <= 126) || (x >= 161 && x <= 172) || x >= 174;
        if (!printable) {
            cp = 256 + n++;
            if (x == b) break;
        } else if (x == b) {
            cp = b;
        }
    }
    if (cp < 0x80) {
        out[0] = (char)cp, out[1] = '\0';
    } else {
        out[0] = (char)(0xc0 | cp >> 6), out[1] = (char)(0x80 | (cp & 0x3f)), out[2] = '\0';
    }
}

PGR_UNUSED static inline void tiny_put(const char *dir, const char *name, json_t *j) {
    char *path = pgr_path_join_dup(dir, name);
    assert_non_null(path);
    assert_non_null(j);
    assert_ok(pgr_json_save(path, j));
    json_decref(j);
    free(path);
}

PGR_UNUSED static inline void tiny_tokenizer(const char *dir) {
    json_t *vocab = json_object(), *added = json_array();
    for (unsigned b = 0; b < 256; b++) {
        char name[4];
        tiny_byte_name(b, name);
        json_object_set_new(vocab, name, json_integer(b));
    }
    for (int i = 0; i < TINY_N_VOCAB - 256; i++)
        json_array_append_new(added,
                              json_pack("{s:i, s:s, s:b, s:b, s:b, s:b, s:b}", "id", 256 + i, "content", tiny_added[i],
                                        "single_word", 0, "lstrip", 0, "rstrip", 0, "normalized", 0, "special", i < 3));
    tiny_put(dir, "tokenizer.json",
             json_pack("{s:s, s:n, s:n, s:o, s:n, s:{s:s, s:b, s:b, s:b}, s:n, s:{s:s, s:b, s:b, s:b}, s:{s:s, s:n, "
                       "s:n, s:n, s:n, s:b, s:b, s:o, s:[]}}",
                       "version", "1.0", "truncation", "padding", "added_tokens", added, "normalizer", "pre_tokenizer",
                       "type", "ByteLevel", "add_prefix_space", 0, "trim_offsets", 1, "use_regex", 1, "post_processor",
                       "decoder", "type", "ByteLevel", "add_prefix_space", 1, "trim_offsets", 1, "use_regex", 1,
                       "model", "type", "BPE", "dropout", "unk_token", "continuing_subword_prefix",
                       "end_of_word_suffix", "fuse_unk", 0, "byte_fallback", 0, "vocab", vocab, "merges"));
    tiny_put(dir, "tokenizer_config.json",
             json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "tokenizer_class", "GPT2Tokenizer", "eos_token", "<|im_end|>",
                       "pad_token", "<|endoftext|>", "chat_template", tiny_template, "add_prefix_space", 0,
                       "add_bos_token", 0));
}

PGR_UNUSED static inline struct pgr_config tiny_config(void) {
    struct pgr_config c = {.arch = PGR_ARCH_LLAMA,
                           .n_layer = 2,
                           .d_model = 32,
                           .d_ff = 48,
                           .n_head = 2,
                           .n_kv_head = 1,
                           .d_head = 16,
                           .n_vocab = TINY_N_VOCAB,
                           .max_position = 512,
                           .norm_eps = 1e-6f,
                           .bos_id = -1,
                           .pad_id = TINY_END_OF_TEXT,
                           .eos_id = {TINY_IM_END},
                           .n_eos = 1};
    c.rope.theta = 10000;
    c.rope.kind = PGR_ROPE_PLAIN;
    c.rope.factor = 1;
    return c;
}

/* dir/policy: the model described above. */
PGR_UNUSED static inline void tiny_policy(const char *dir) {
    struct pgr_config c = tiny_config();
    const struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .seed = 3};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    const struct pgr_param *e = pgr_layout_find(&m->layout, PGR_P_EMBED, SIZE_MAX);
    const struct pgr_param *h = pgr_layout_find(&m->layout, PGR_P_LM_HEAD, SIZE_MAX);
    for (size_t v = 0; v < c.n_vocab; v++) {
        float *in = m->master + e->at + v * c.d_model, *out = m->master + h->at + v * c.d_model;
        /* After the last norm the two are some 3: biases of about 9. */
        in[0] = 4, out[0] = v >= TINY_RIGHT ? 2.8f : 0;
        in[1] = v >= TINY_RIGHT ? 4 : 0, out[1] = v == TINY_IM_END ? 5 : 0;
    }
    assert_ok(pgr_mkdirs(dir));
    assert_ok(pgr_model_save(m, dir, PGR_F32, (size_t)1 << 30));
    pgr_model_free(m);
    tiny_tokenizer(dir);
}

/* A random reward model. */
PGR_UNUSED static inline void tiny_reward_model(const char *dir) {
    struct pgr_config c = tiny_config();
    const struct pgr_model_opts o = {.dtype = PGR_F32, .train = true, .add_score = true, .seed = 4};
    struct pgr_model *m;
    assert_ok(pgr_model_random(&c, &o, &m));
    assert_ok(pgr_mkdirs(dir));
    assert_ok(pgr_model_save(m, dir, PGR_F32, (size_t)1 << 30));
    pgr_model_free(m);
    tiny_tokenizer(dir);
}

/* n tasks that one function solves; tests that show it. */
PGR_UNUSED static inline void tiny_tasks(const char *path, int n) {
    struct pgr_buf b = PGR_BUF_INIT;
    for (int i = 0; i < n; i++) {
        json_t *j = json_pack("{s:o, s:o, s:s, s:[{s:[i], s:i}, {s:[i], s:i}], s:s}", "id", json_sprintf("t%d", i),
                              "prompt", json_sprintf("Task %d: add one.", i), "entry_point", "f", "calls", "args", 1,
                              "expected", 2, "args", -1, "expected", 0, "split", i % 4 == 3 ? "validation" : "train");
        assert_non_null(j);
        assert_ok(pgr_json_dump(j, &b));
        pgr_buf_addc(&b, '\n');
        json_decref(j);
    }
    assert_ok(pgr_file_write_atomic(path, b.data, b.len));
    pgr_buf_free(&b);
}

#endif
