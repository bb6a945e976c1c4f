/* tok_save.c - writing a tokenizer into a model folder.
 *
 * From a folder the files are carried over as they are. From a GGUF file tokenizer.json and its neighbours are made
 * anew; `tokenizers` gives an added token the id of its text in the vocabulary or else the next free one, so added
 * tokens are left out of the vocabulary only where that comes to the same. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/tok_impl.h"
#include "text/utf8.h"

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "no memory to write a tokenizer"); }

/* ---- carried over ------------------------------------------------------------------------------------------ */

static pgr_err copy_if_there(const char *from_dir, const char *to_dir, const char *name) {
    enum { MAX_BYTES = 256 << 20 };
    struct pgr_buf b = PGR_BUF_INIT;
    char *from = pgr_path_join_dup(from_dir, name), *to = pgr_path_join_dup(to_dir, name);
    pgr_err err = from && to ? PGR_OK : no_memory();
    if (err == PGR_OK && pgr_file_exists(from)) {
        err = pgr_file_read(from, MAX_BYTES, &b);
        if (err == PGR_OK) err = pgr_file_write_atomic(to, pgr_buf_str(&b), b.len);
    }
    pgr_buf_free(&b);
    pgr_free(from);
    pgr_free(to);
    return err;
}

static pgr_err save_folder(const struct pgr_tok *t, const char *dir) {
    static const char *const names[] = {
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "merges.txt",     "chat_template.jinja",   "chat_template.json"};
    for (size_t i = 0; i < PGR_COUNT(names); i++) PGR_TRY(copy_if_there(t->path, dir, names[i]));
    return PGR_OK;
}

/* ---- made from a GGUF file --------------------------------------------------------------------------------- */

/* The text of a token as vocabulary files spell it. */
static void add_piece(const struct pgr_tok *t, const struct pgr_token *k, struct pgr_buf *b) {
    const char *s = t->vocab.bytes + k->at;
    if (k->flags & (PGR_TOKEN_RAW | PGR_TOKEN_ADDED)) {
        pgr_buf_add(b, s, k->len);
        return;
    }
    for (size_t i = 0; i < k->len; i++) {
        char out[4];
        pgr_buf_add(b, out, pgr_utf8_encode(pgr_byte_char((unsigned char)s[i]), out));
    }
}

/* The number of ids that the vocabulary must cover; added tokens from there on get their ids by counting. */
static size_t n_in_vocab(const struct pgr_tok *t) {
    size_t top = 0;
    for (size_t id = 0; id < t->vocab.n; id++)
        if (t->vocab.token[id].flags & PGR_TOKEN_MODEL) top = id + 1;
    for (size_t id = 0; id < t->vocab.n; id++)
        if (!t->vocab.token[id].flags) return t->vocab.n; /* a hole: counting would go wrong */
    return top;
}

static json_t *make_vocab(const struct pgr_tok *t) {
    json_t *vocab = json_object();
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n = n_in_vocab(t);
    bool ok = vocab != NULL;
    for (size_t id = 0; id < n && ok; id++) {
        const struct pgr_token *k = pgr_vocab_get(&t->vocab, (int64_t)id);
        if (!k) continue;
        pgr_buf_clear(&b);
        add_piece(t, k, &b);
        ok = !b.failed && json_object_set_new_nocheck(vocab, pgr_buf_str(&b), json_integer((json_int_t)id)) == 0;
    }
    pgr_buf_free(&b);
    if (ok) return vocab;
    json_decref(vocab);
    return NULL;
}

static json_t *make_merges(const struct pgr_tok *t) {
    const struct pgr_merge **by_rank = pgr_alloc_zero(t->bpe.n, sizeof(struct pgr_merge *));
    json_t *merges = json_array();
    struct pgr_buf b = PGR_BUF_INIT;
    bool ok = by_rank && merges;
    for (size_t i = 0; i <= t->bpe.mask && ok; i++)
        if (t->bpe.merge[i].pair != UINT64_MAX) by_rank[t->bpe.merge[i].rank] = &t->bpe.merge[i];
    for (size_t rank = 0; rank < t->bpe.n && ok; rank++) {
        if (!by_rank[rank]) continue; /* the same pair came again, with a later rank */
        pgr_buf_clear(&b);
        add_piece(t, &t->vocab.token[by_rank[rank]->pair >> 32], &b);
        pgr_buf_addc(&b, ' ');
        add_piece(t, &t->vocab.token[by_rank[rank]->pair & UINT32_MAX], &b);
        ok = !b.failed && json_array_append_new(merges, json_stringn_nocheck(pgr_buf_str(&b), b.len)) == 0;
    }
    pgr_buf_free(&b);
    pgr_free(by_rank);
    if (ok) return merges;
    json_decref(merges);
    return NULL;
}

/* One added token; with_id where it stands in a list. */
static json_t *make_added(const struct pgr_tok *t, size_t id, bool with_id) {
    const struct pgr_token *k = &t->vocab.token[id];
    json_t *j =
        json_pack("{s:s%, s:b, s:b, s:b, s:b, s:b}", "content", t->vocab.bytes + k->at, (size_t)k->len, "single_word",
                  0, "lstrip", 0, "rstrip", 0, "normalized", 0, "special", (k->flags & PGR_TOKEN_SPECIAL) != 0);
    if (with_id && j && json_object_set_new(j, "id", json_integer((json_int_t)id)) != 0) {
        json_decref(j);
        return NULL;
    }
    return j;
}

/* Every added token, as a list or as an object by id. */
static json_t *make_all_added(const struct pgr_tok *t, bool as_list) {
    json_t *all = as_list ? json_array() : json_object();
    for (size_t id = 0; all && id < t->vocab.n; id++) {
        if (!(t->vocab.token[id].flags & PGR_TOKEN_ADDED)) continue;
        json_t *j = make_added(t, id, as_list);
        char key[24];
        snprintf(key, sizeof key, "%zu", id);
        if ((as_list ? json_array_append_new(all, j) : json_object_set_new(all, key, j)) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *make_byte_level(bool use_regex) {
    return json_pack("{s:s, s:b, s:b, s:b}", "type", "ByteLevel", "add_prefix_space", 0, "trim_offsets", 1, "use_regex",
                     use_regex);
}

static json_t *make_pre_tokenizer(const struct pgr_gguf_pre *pre) {
    if (pre->digits)
        return json_pack("{s:s, s:[{s:s, s:b}, o]}", "type", "Sequence", "pretokenizers", "type", "Digits",
                         "individual_digits", 1, make_byte_level(true));
    if (!pre->pattern) return make_byte_level(true);
    return json_pack("{s:s, s:[{s:s, s:{s:s}, s:s, s:b}, o]}", "type", "Sequence", "pretokenizers", "type", "Split",
                     "pattern", "Regex", pre->pattern, "behavior", "Isolated", "invert", 0, make_byte_level(false));
}

/* The text[*n] of a token with a role, without NUL; NULL if there is none. */
static const char *role_text(const struct pgr_tok *t, int32_t id, size_t *n) {
    const struct pgr_token *k = pgr_vocab_get(&t->vocab, id);
    *n = k ? k->len : 0;
    return k ? t->vocab.bytes + k->at : NULL;
}

/* A part of a template: {"SpecialToken": {...}} or {"Sequence": {...}}. */
static json_t *make_part(const char *kind, const char *id, size_t n, int type_id) {
    return json_pack("{s:{s:s%, s:i}}", kind, "id", id, n, "type_id", type_id);
}

/* BOS before a text, where the model expects it. */
static json_t *make_post_processor(const struct pgr_tok *t) {
    size_t n;
    const char *bos = role_text(t, t->roles.bos, &n);
    if (!t->add_bos || !bos) return make_byte_level(true);
    json_t *special = json_object();
    char *key = pgr_strndup(bos, n);
    if (special && key)
        json_object_set_new_nocheck(
            special, key, json_pack("{s:s%, s:[i], s:[s%]}", "id", bos, n, "ids", (int)t->roles.bos, "tokens", bos, n));
    pgr_free(key);
    return json_pack("{s:s, s:[o, {s:s, s:[o, o], s:[o, o, o, o], s:o}]}", "type", "Sequence", "processors",
                     make_byte_level(true), "type", "TemplateProcessing", "single",
                     make_part("SpecialToken", bos, n, 0), make_part("Sequence", "A", 1, 0), "pair",
                     make_part("SpecialToken", bos, n, 0), make_part("Sequence", "A", 1, 0),
                     make_part("SpecialToken", bos, n, 1), make_part("Sequence", "B", 1, 1), "special_tokens", special);
}

static pgr_err save_json(const char *dir, const char *name, json_t *j) {
    if (!j) return no_memory();
    char *path = pgr_path_join_dup(dir, name);
    pgr_err err = path ? pgr_json_save(path, j) : no_memory();
    pgr_free(path);
    return err;
}

static pgr_err save_tokenizer_json(const struct pgr_tok *t, const char *dir) {
    json_t *normalizer = t->pre->nfc ? json_pack("{s:s}", "type", "NFC") : json_null();
    json_t *model =
        json_pack("{s:s, s:n, s:n, s:n, s:n, s:b, s:b, s:b, s:o, s:o}", "type", "BPE", "dropout", "unk_token",
                  "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", 0, "byte_fallback", 0, "ignore_merges",
                  t->pre->ignore_merges, "vocab", make_vocab(t), "merges", make_merges(t));
    json_t *j = json_pack("{s:s, s:n, s:n, s:o, s:o, s:o, s:o, s:o, s:o}", "version", "1.0", "truncation", "padding",
                          "added_tokens", make_all_added(t, true), "normalizer", normalizer, "pre_tokenizer",
                          make_pre_tokenizer(t->pre), "post_processor", make_post_processor(t), "decoder",
                          make_byte_level(true), "model", model);
    pgr_err err = save_json(dir, "tokenizer.json", j);
    json_decref(j);
    return err;
}

/* bos_token and so on, of those that the model has. */
static bool set_roles(const struct pgr_tok *t, json_t *j) {
    const struct {
        const char *key;
        int32_t id;
    } roles[] = {{"bos_token", t->roles.bos},
                 {"eos_token", t->roles.eos},
                 {"pad_token", t->roles.pad},
                 {"unk_token", t->roles.unk}};
    for (size_t i = 0; i < PGR_COUNT(roles); i++) {
        size_t n;
        const char *s = role_text(t, roles[i].id, &n);
        if (s && json_object_set_new(j, roles[i].key, json_stringn_nocheck(s, n)) != 0) return false;
    }
    return true;
}

static pgr_err save_config(const struct pgr_tok *t, const char *dir) {
    json_t *j = json_pack("{s:b, s:b, s:o, s:b, s:s, s:I}", "add_bos_token", t->add_bos, "add_prefix_space", 0,
                          "added_tokens_decoder", make_all_added(t, false), "clean_up_tokenization_spaces", 0,
                          "tokenizer_class", "PreTrainedTokenizerFast", "model_max_length",
                          (json_int_t)pgr_min(t->n_context, INT32_MAX));
    bool ok = j && set_roles(t, j);
    if (ok && t->template_text) ok = json_object_set_new(j, "chat_template", json_string(t->template_text)) == 0;
    pgr_err err = ok ? save_json(dir, "tokenizer_config.json", j) : no_memory();
    json_decref(j);
    return err;
}

static pgr_err save_special_map(const struct pgr_tok *t, const char *dir) {
    json_t *j = json_object();
    pgr_err err = j && set_roles(t, j) ? save_json(dir, "special_tokens_map.json", j) : no_memory();
    json_decref(j);
    return err;
}

static pgr_err save_template(const struct pgr_tok *t, const char *dir) {
    if (!t->template_text) return PGR_OK;
    char *path = pgr_path_join_dup(dir, "chat_template.jinja");
    pgr_err err = path ? pgr_file_write_atomic(path, t->template_text, strlen(t->template_text)) : no_memory();
    pgr_free(path);
    return err;
}

pgr_err pgr_tok_save(const struct pgr_tok *t, const char *dir) {
    PGR_TRY(pgr_mkdirs(dir));
    if (!t->is_gguf) return save_folder(t, dir);
    PGR_TRY(save_tokenizer_json(t, dir));
    PGR_TRY(save_config(t, dir));
    PGR_TRY(save_special_map(t, dir));
    return save_template(t, dir);
}
