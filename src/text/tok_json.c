/* tok_json.c - tokenizer.json and its neighbours in a Hugging Face folder.
 *
 * Read is what a byte-level BPE needs; anything else that would change ids (another model, normaliser, pre-tokenizer or
 * decoder, dropout, prefixes) is PGR_E_UNSUPPORTED and named. Truncation, padding and the post-processor do not concern
 * single texts encoded without added BOS and are passed over, as transformers does with the first two. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/tok_impl.h"

static pgr_err type_of(const json_t *obj, const char *where, const char *what, const char **type) {
    if (!json_is_object(obj)) return pgr_fail(PGR_E_FORMAT, "%s: %s must be an object", where, what);
    return pgr_json_str(obj, where, "type", type);
}

static pgr_err unsupported(const char *where, const char *what, const char *name) {
    return pgr_fail(PGR_E_UNSUPPORTED, "%s: %s \"%s\" is not supported", where, what, name);
}

/* The object's own member if it is an array of that name. */
static const json_t *list_in(const json_t *obj, const char *key) {
    const json_t *l = json_object_get(obj, key);
    return json_is_array(l) ? l : NULL;
}

enum { MAX_NESTING = 4 };

static pgr_err load_normalizer(struct pgr_tok *t, const char *where, const json_t *j, int depth) {
    const char *type;
    if (!j || json_is_null(j)) return PGR_OK;
    PGR_TRY(type_of(j, where, "normalizer", &type));
    if (strcmp(type, "NFC") == 0) {
        t->nfc = true;
        return PGR_OK;
    }
    const json_t *list = list_in(j, "normalizers"), *item;
    if (strcmp(type, "Sequence") != 0 || !list || depth == MAX_NESTING) return unsupported(where, "normalizer", type);
    size_t i;
    json_array_foreach(list, i, item) PGR_TRY(load_normalizer(t, where, item, depth + 1));
    return PGR_OK;
}

static pgr_err load_split(struct pgr_tok *t, const char *where, const json_t *j) {
    json_t *pattern;
    const char *regex = NULL, *behavior;
    bool invert = false;
    PGR_TRY(pgr_json_object(j, where, "pattern", &pattern));
    PGR_TRY(pgr_json_str_opt(pattern, where, "Regex", &regex));
    if (!regex) return unsupported(where, "pre_tokenizer Split with pattern", "String");
    PGR_TRY(pgr_json_str(j, where, "behavior", &behavior));
    PGR_TRY(pgr_json_bool_opt(j, where, "invert", &invert));
    if (strlen(regex) != json_string_length(json_object_get(pattern, "Regex")))
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: a NUL in a split pattern", where);
    enum pgr_split_keep keep;
    if (strcmp(behavior, "Isolated") == 0)
        keep = PGR_SPLIT_ALL;
    else if (strcmp(behavior, "Removed") == 0)
        keep = invert ? PGR_SPLIT_MATCHES : PGR_SPLIT_GAPS;
    else
        return unsupported(where, "pre_tokenizer Split with behavior", behavior);
    return pgr_split_add_regex(t->split, where, regex, keep);
}

static pgr_err load_byte_level(struct pgr_tok *t, const char *where, const json_t *j) {
    bool prefix = true, use_regex = true;
    PGR_TRY(pgr_json_bool_opt(j, where, "add_prefix_space", &prefix));
    PGR_TRY(pgr_json_bool_opt(j, where, "use_regex", &use_regex));
    if (prefix) return unsupported(where, "pre_tokenizer ByteLevel with", "add_prefix_space");
    return use_regex ? pgr_split_add_regex(t->split, where, pgr_pattern_gpt2, PGR_SPLIT_ALL) : PGR_OK;
}

static pgr_err load_pre_tokenizer(struct pgr_tok *t, const char *where, const json_t *j, int depth, bool *byte_level) {
    const char *type;
    PGR_TRY(type_of(j, where, "pre_tokenizer", &type));
    if (*byte_level)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: pre_tokenizer \"%s\" after ByteLevel is not supported", where, type);
    if (strcmp(type, "ByteLevel") == 0) {
        *byte_level = true;
        return load_byte_level(t, where, j);
    }
    if (strcmp(type, "Split") == 0) return load_split(t, where, j);
    if (strcmp(type, "Digits") == 0) {
        bool individual = false;
        PGR_TRY(pgr_json_bool_opt(j, where, "individual_digits", &individual));
        return pgr_split_add_digits(t->split, where, individual);
    }
    const json_t *list = list_in(j, "pretokenizers"), *item;
    if (strcmp(type, "Sequence") != 0 || !list || depth == MAX_NESTING)
        return unsupported(where, "pre_tokenizer", type);
    size_t i;
    json_array_foreach(list, i, item) PGR_TRY(load_pre_tokenizer(t, where, item, depth + 1, byte_level));
    return PGR_OK;
}

static pgr_err check_decoder(const char *where, const json_t *j, int depth) {
    const char *type;
    if (!j || json_is_null(j)) return PGR_OK;
    PGR_TRY(type_of(j, where, "decoder", &type));
    if (strcmp(type, "ByteLevel") == 0) return PGR_OK;
    const json_t *list = list_in(j, "decoders"), *item;
    if (strcmp(type, "Sequence") != 0 || !list || depth == MAX_NESTING) return unsupported(where, "decoder", type);
    size_t i;
    json_array_foreach(list, i, item) PGR_TRY(check_decoder(where, item, depth + 1));
    return PGR_OK;
}

static pgr_err load_vocab(struct pgr_tok *t, const char *where, json_t *vocab, struct pgr_buf *b) {
    const char *piece;
    json_t *id;
    json_object_foreach(vocab, piece, id) {
        if (!json_is_integer(id)) return pgr_fail(PGR_E_FORMAT, "%s: vocab: \"%s\" has no whole id", where, piece);
        pgr_err err = pgr_tok_put_piece(t, json_integer_value(id), piece, strlen(piece), b);
        if (err != PGR_OK) return pgr_fail_prefix(err, "%s: vocab", where);
    }
    if (json_object_size(vocab) == 0) return pgr_fail(PGR_E_FORMAT, "%s: the vocabulary is empty", where);
    pgr_err err = pgr_vocab_index(&t->vocab);
    return err == PGR_OK ? err : pgr_fail_prefix(err, "%s: vocab", where);
}

/* Each is "left right" or ["left", "right"]. */
static pgr_err load_merges(struct pgr_tok *t, const char *where, const json_t *merges, struct pgr_buf b[2]) {
    size_t i;
    const json_t *m;
    PGR_TRY(pgr_bpe_init(&t->bpe, &t->vocab, json_array_size(merges)));
    json_array_foreach(merges, i, m) {
        const json_t *left = json_array_get(m, 0), *right = json_array_get(m, 1);
        if (json_is_string(m)) {
            PGR_TRY(pgr_tok_put_merge(t, where, i, json_string_value(m), json_string_length(m), b));
        } else if (json_array_size(m) == 2 && json_is_string(left) && json_is_string(right)) {
            const char *part[2] = {json_string_value(left), json_string_value(right)};
            size_t n[2] = {json_string_length(left), json_string_length(right)};
            PGR_TRY(pgr_tok_put_pair(t, where, i, part, n, b));
        } else {
            return pgr_fail(PGR_E_FORMAT, "%s: merge %zu must be \"a b\" or [\"a\", \"b\"]", where, i);
        }
    }
    return PGR_OK;
}

static pgr_err load_model(struct pgr_tok *t, const char *where, const json_t *j) {
    static const char *const affixes[] = {"continuing_subword_prefix", "end_of_word_suffix"};
    const char *type = "BPE", *unk = NULL;
    json_t *vocab, *merges;
    bool byte_fallback = false, fuse_unk = false, ignore_merges = false;
    double dropout = 0;
    PGR_TRY(pgr_json_str_opt(j, where, "type", &type));
    if (strcmp(type, "BPE") != 0) return unsupported(where, "model", type);
    for (size_t i = 0; i < PGR_COUNT(affixes); i++) {
        const char *s = "";
        PGR_TRY(pgr_json_str_opt(j, where, affixes[i], &s));
        if (*s) return unsupported(where, "model with", affixes[i]);
    }
    PGR_TRY(pgr_json_real_opt(j, where, "dropout", &dropout));
    if (dropout != 0) return unsupported(where, "model with", "dropout");
    PGR_TRY(pgr_json_bool_opt(j, where, "byte_fallback", &byte_fallback));
    if (byte_fallback) return unsupported(where, "model with", "byte_fallback");
    PGR_TRY(pgr_json_bool_opt(j, where, "fuse_unk", &fuse_unk));
    PGR_TRY(pgr_json_bool_opt(j, where, "ignore_merges", &ignore_merges));
    PGR_TRY(pgr_json_str_opt(j, where, "unk_token", &unk));
    PGR_TRY(pgr_json_object(j, where, "vocab", &vocab));
    PGR_TRY(pgr_json_array(j, where, "merges", &merges));

    struct pgr_buf b[2] = {PGR_BUF_INIT, PGR_BUF_INIT};
    pgr_err err;
    PGR_TRY_GOTO(load_vocab(t, where, vocab, &b[0]));
    PGR_TRY_GOTO(load_merges(t, where, merges, b));
    t->bpe.ignore_merges = ignore_merges;
    t->bpe.fuse_unk = fuse_unk;
    if (unk) {
        const json_t *id = json_object_get(vocab, unk);
        if (!json_is_integer(id))
            err = pgr_fail(PGR_E_FORMAT, "%s: unk_token \"%s\" is not in the vocabulary", where, unk);
        else
            t->bpe.unk = (int32_t)json_integer_value(id);
    }
out:
    pgr_buf_free(&b[0]);
    pgr_buf_free(&b[1]);
    return err;
}

/* The id that `tokenizers` gives an added token: the one its text has already, or the next free one. The file's must be
 * that, for the model's rows follow the file. */
static pgr_err check_added_id(const struct pgr_tok *t, const char *where, const char *text, json_int_t id,
                              json_int_t *next) {
    json_int_t known = pgr_tok_find(t, text), want = known >= 0 ? known : *next;
    if (id != want)
        return pgr_fail(PGR_E_FORMAT, "%s: added token \"%s\" has id %lld, but %lld is %s", where, text, (long long)id,
                        (long long)want, known >= 0 ? "the id of that text" : "the next free one");
    if (id >= *next) *next = id + 1;
    return PGR_OK;
}

static pgr_err load_added(struct pgr_tok *t, const char *where, const json_t *list, size_t n_vocab) {
    json_int_t next = (json_int_t)n_vocab;
    size_t i;
    const json_t *j;
    json_array_foreach(list, i, j) {
        struct pgr_added_token f = {0};
        const char *text;
        bool normalized = true;
        if (!json_is_object(j)) return pgr_fail(PGR_E_FORMAT, "%s: added_tokens[%zu] must be an object", where, i);
        PGR_TRY(pgr_json_str(j, where, "content", &text));
        PGR_TRY(pgr_json_bool_opt(j, where, "single_word", &f.single_word));
        PGR_TRY(pgr_json_bool_opt(j, where, "lstrip", &f.lstrip));
        PGR_TRY(pgr_json_bool_opt(j, where, "rstrip", &f.rstrip));
        PGR_TRY(pgr_json_bool_opt(j, where, "special", &f.special));
        PGR_TRY(pgr_json_bool_opt(j, where, "normalized", &normalized));
        const json_t *id = json_object_get(j, "id");
        if (!json_is_integer(id))
            return pgr_fail(PGR_E_FORMAT, "%s: added_tokens[%zu] \"%s\" has no whole id", where, i, text);
        size_t n = json_string_length(json_object_get(j, "content"));
        if (n == 0) continue; /* as tokenizers does */
        if (n != strlen(text)) return pgr_fail(PGR_E_UNSUPPORTED, "%s: a NUL in added token %zu", where, i);
        PGR_TRY(check_added_id(t, where, text, json_integer_value(id), &next));
        pgr_err err = pgr_tok_put_added(t, json_integer_value(id), text, n, f, normalized);
        if (err != PGR_OK) return pgr_fail_prefix(err, "%s: added_tokens[%zu]", where, i);
    }
    return PGR_OK;
}

static pgr_err load_tokenizer(struct pgr_tok *t, const char *where, const json_t *root) {
    json_t *model, *pre = NULL;
    bool byte_level = false;
    if (!json_is_object(root)) return pgr_fail(PGR_E_FORMAT, "%s: must be a JSON object", where);
    PGR_TRY(pgr_json_object(root, where, "model", &model));
    PGR_TRY(pgr_split_new(&t->split));
    PGR_TRY(load_normalizer(t, where, json_object_get(root, "normalizer"), 0));
    pre = json_object_get(root, "pre_tokenizer");
    if (pre && !json_is_null(pre)) PGR_TRY(load_pre_tokenizer(t, where, pre, 0, &byte_level));
    if (!byte_level)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: not a byte-level tokenizer (no ByteLevel pre_tokenizer)", where);
    PGR_TRY(check_decoder(where, json_object_get(root, "decoder"), 0));
    PGR_TRY(load_model(t, where, model));
    const json_t *added = json_object_get(root, "added_tokens");
    if (!added || json_is_null(added)) return PGR_OK;
    if (!json_is_array(added)) return pgr_fail(PGR_E_FORMAT, "%s: added_tokens must be an array", where);
    return load_added(t, where, added, json_object_size(json_object_get(model, "vocab")));
}

pgr_err pgr_tok_load_json_text(struct pgr_tok *t, const char *where, const char *text, size_t n) {
    json_t *root;
    PGR_TRY(pgr_json_parse(where, text, n, &root));
    pgr_err err = load_tokenizer(t, where, root);
    json_decref(root);
    return err;
}

/* ---- the files beside it ----------------------------------------------------------------------------------- */

/* A token in tokenizer_config.json: its text, or an object with "content". */
static const char *token_text(const json_t *config, const char *key) {
    const json_t *j = json_object_get(config, key);
    if (json_is_object(j)) j = json_object_get(j, "content");
    return json_string_value(j);
}

/* chat_template: a text, or a list of {"name", "template"} where "default" counts. */
static const char *template_in(const json_t *config) {
    const json_t *j = json_object_get(config, "chat_template"), *item;
    if (json_is_string(j)) return json_string_value(j);
    size_t i;
    json_array_foreach(j, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        if (name && strcmp(name, "default") == 0) return json_string_value(json_object_get(item, "template"));
    }
    return NULL;
}

/* Loads DIR/NAME if it is there; *out stays NULL if it is not. */
static pgr_err load_if_there(const char *dir, const char *name, json_t **out) {
    char *path = pgr_path_join_dup(dir, name);
    if (!path) return pgr_fail(PGR_E_NOMEM, "no memory");
    pgr_err err = pgr_file_exists(path) ? pgr_json_load(path, out) : PGR_OK;
    pgr_free(path);
    return err;
}

/* The template: chat_template.jinja comes first, then tokenizer_config.json, then chat_template.json. */
static pgr_err load_template(struct pgr_tok *t, const char *dir, const json_t *config, const json_t *other) {
    enum { MAX_TEMPLATE_BYTES = 1 << 20 };
    char *path = pgr_path_join_dup(dir, "chat_template.jinja");
    if (!path) return pgr_fail(PGR_E_NOMEM, "no memory");
    pgr_err err = PGR_OK;
    if (pgr_file_exists(path)) {
        struct pgr_buf b = PGR_BUF_INIT;
        err = pgr_file_read(path, MAX_TEMPLATE_BYTES, &b);
        if (err == PGR_OK) {
            t->template_text = pgr_strndup(pgr_buf_str(&b), b.len);
            if (!t->template_text) err = pgr_fail(PGR_E_NOMEM, "no memory");
        }
        pgr_buf_free(&b);
    } else {
        const char *text = template_in(config);
        if (!text) text = template_in(other);
        if (text && !(t->template_text = pgr_strdup(text))) err = pgr_fail(PGR_E_NOMEM, "no memory");
    }
    pgr_free(path);
    return err;
}

static void set_role(const struct pgr_tok *t, const json_t *config, const char *key, int32_t *role) {
    const char *text = token_text(config, key);
    if (text) *role = pgr_tok_find(t, text);
}

pgr_err pgr_tok_load_folder(struct pgr_tok *t, const char *dir) {
    enum { MAX_BYTES = 256 << 20 };
    json_t *config = NULL, *other = NULL;
    struct pgr_buf b = PGR_BUF_INIT;
    char *path = pgr_path_join_dup(dir, "tokenizer.json");
    if (!path) return pgr_fail(PGR_E_NOMEM, "no memory");
    pgr_err err = PGR_OK;
    if (!pgr_file_exists(path)) {
        err = pgr_fail(PGR_E_NOTFOUND, "%s: no such file; a model folder needs its tokenizer", path);
        goto out;
    }
    PGR_TRY_GOTO(pgr_file_read(path, MAX_BYTES, &b));
    PGR_TRY_GOTO(pgr_tok_load_json_text(t, path, pgr_buf_str(&b), b.len));
    PGR_TRY_GOTO(load_if_there(dir, "tokenizer_config.json", &config));
    PGR_TRY_GOTO(load_if_there(dir, "chat_template.json", &other));
    set_role(t, config, "bos_token", &t->roles.bos);
    set_role(t, config, "eos_token", &t->roles.eos);
    set_role(t, config, "pad_token", &t->roles.pad);
    set_role(t, config, "unk_token", &t->roles.unk);
    PGR_TRY_GOTO(load_template(t, dir, config, other));
    if (t->template_text)
        err = pgr_chat_recognise(&t->chat, t->template_text, strlen(t->template_text), token_text(config, "bos_token"));
out:
    pgr_buf_free(&b);
    json_decref(config);
    json_decref(other);
    pgr_free(path);
    return err;
}
