/* cmd_inspect.c - pgrpo inspect: what is in a model, and what it will cost. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/inspect.h"
#include "cli/model_arg.h"
#include "fmt/gguf.h"
#include "fmt/safetensors.h"
#include "model/model.h"
#include "text/tok.h"

static const char help[] =
    "Usage: pgrpo inspect MODEL [--tensors] [--sequences N] [--length N] [--batch-tokens N] [--json]\n\n"
    "Shows a model (a Hugging Face folder, a GGUF file or a fetched name): architecture, sizes, tensors and their "
    "number\n"
    "formats, chat template, special tokens, and the memory that inference and training take. Loads no weights, but "
    "fails\n"
    "if they could not be loaded.\n\n"
    "  --tensors          one line for each tensor instead of one for all layers\n"
    "  --sequences N      completions generated at once (default 64)\n"
    "  --length N         their length with the prompt, tokens (default 1024)\n"
    "  --batch-tokens N   packed tokens of a training batch (default 8192)\n"
    "  --json             the last line is one JSON object with all of it\n";

enum { SPECIAL_SHOWN = 16 };

struct model_file {
    const char *path;
    struct pgr_config cfg;
    struct pgr_inventory inventory;
    struct pgr_tok *tok; /* NULL: there is none, tok_error says why */
    char tok_error[256];
    size_t n_param, n_bytes;
    bool own_output; /* the file stores an output matrix */
};

static pgr_err read_model(const char *path, struct model_file *f) {
    *f = (struct model_file){.path = path};
    PGR_TRY(pgr_config_load(path, &f->cfg));
    PGR_TRY(pgr_inventory_open(path, &f->inventory));
    for (size_t i = 0; i < f->inventory.n_tensor; i++) {
        const struct pgr_stored *t = &f->inventory.tensor[i];
        f->n_bytes += t->n_bytes;
        f->own_output =
            f->own_output || strcmp(t->name, "output.weight") == 0 || strcmp(t->name, "lm_head.weight") == 0;
    }
    struct pgr_layout l;
    PGR_TRY(pgr_layout_make(&f->cfg, &l));
    f->n_param = l.n_elem;
    pgr_layout_free(&l);
    pgr_err err = pgr_tok_open(path, &f->tok);
    if (err == PGR_E_NOMEM) return err;
    if (err != PGR_OK) snprintf(f->tok_error, sizeof f->tok_error, "%s", pgr_err_detail());
    return PGR_OK;
}

static void close_model(struct model_file *f) {
    pgr_inventory_close(&f->inventory);
    pgr_tok_close(f->tok);
}

/* What becomes of the output matrix when this model is loaded. */
static const char *output_words(const struct model_file *f) {
    if (f->cfg.has_score) return "a score head (reward model)";
    if (!f->cfg.tie_embeddings) return "a matrix of its own, kept; the option tie makes it the embedding";
    return f->own_output ? "tied to the embedding; the file's own output matrix is ignored" : "tied to the embedding";
}

static const char *rope_words(const struct pgr_config *c, char *buf, size_t cap) {
    if (c->rope.kind == PGR_ROPE_PLAIN)
        snprintf(buf, cap, "theta %g", c->rope.theta);
    else if (c->rope.kind == PGR_ROPE_LINEAR)
        snprintf(buf, cap, "theta %g, linear scaling by %g", c->rope.theta, c->rope.factor);
    else
        snprintf(buf, cap, "theta %g, Llama 3 scaling by %g of %g positions", c->rope.theta, c->rope.factor,
                 c->rope.original_max_position);
    return buf;
}

/* Appends the text of a token, for people: control characters as '?'. */
static void add_piece(const struct pgr_tok *tok, int32_t id, struct pgr_buf *out) {
    size_t from = out->len;
    if (pgr_tok_decode(tok, &id, 1, false, out) != PGR_OK) pgr_buf_adds(out, "?");
    for (size_t i = from; i < out->len; i++)
        if ((unsigned char)out->data[i] < 0x20 || out->data[i] == 0x7f) out->data[i] = '?';
}

static void print_id(const struct model_file *f, const char *what, int32_t id) {
    struct pgr_buf b = PGR_BUF_INIT;
    if (f->tok && id >= 0) add_piece(f->tok, id, &b);
    if (id < 0)
        printf("  %s none", what);
    else
        printf("  %s %d %s", what, (int)id, pgr_buf_str(&b));
    pgr_buf_free(&b);
}

static void print_tokenizer(const struct model_file *f) {
    if (!f->tok) {
        printf("tokenizer     none: %s\n", f->tok_error);
        return;
    }
    const char *family = pgr_chat_family(f->tok);
    printf("tokenizer     %zu tokens; chat template: %s\n", pgr_tok_n_vocab(f->tok),
           family ? family : "none that is known");
    printf("ids         ");
    print_id(f, "bos", f->cfg.bos_id);
    print_id(f, "pad", f->cfg.pad_id);
    for (size_t i = 0; i < f->cfg.n_eos; i++) print_id(f, "eos", f->cfg.eos_id[i]);
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n = 0;
    for (size_t id = 0; id < pgr_tok_n_vocab(f->tok); id++) {
        if (!pgr_tok_is_special(f->tok, (int32_t)id)) continue;
        if (n++ >= SPECIAL_SHOWN) continue;
        pgr_buf_addc(&b, ' ');
        add_piece(f->tok, (int32_t)id, &b);
    }
    printf("\nspecial       %zu:%s%s\n", n, pgr_buf_str(&b), n > SPECIAL_SHOWN ? " ..." : "");
    pgr_buf_free(&b);
}

static pgr_err print_text(const struct model_file *f, const struct pgr_plan *p, const struct pgr_scale *s, bool each) {
    const struct pgr_config *c = &f->cfg;
    char rope[128];
    printf("model         %s (%s)\n", f->path, f->inventory.gguf ? "GGUF file" : "Hugging Face folder");
    printf(
        "architecture  %s: %zu layers, hidden size %zu, intermediate size %zu, %zu heads of %zu, %zu key/value heads\n",
        pgr_arch_name(c->arch), c->n_layer, c->d_model, c->d_ff, c->n_head, c->d_head, c->n_kv_head);
    printf("              vocabulary %zu, %zu positions, rotary %s, norm epsilon %g%s%s\n", c->n_vocab, c->max_position,
           rope_words(c, rope, sizeof rope), (double)c->norm_eps, c->qkv_bias ? ", biases on q, k and v" : "",
           c->qk_norm ? ", norms on q and k" : "");
    printf("output        %s\n", output_words(f));
    printf("parameters    %zu (%.1f million)\n", f->n_param, (double)f->n_param / 1e6);
    print_tokenizer(f);
    printf("tensors       %zu, %.1f MB\n", f->inventory.n_tensor, (double)f->n_bytes / 1e6);
    PGR_TRY(pgr_inventory_print(&f->inventory, each));
    pgr_plan_print(p, s);
    return PGR_OK;
}

static json_t *config_json(const struct pgr_config *c) {
    json_t *eos = json_array();
    for (size_t i = 0; i < c->n_eos; i++) json_array_append_new(eos, json_integer(c->eos_id[i]));
    char rope[128];
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:f, s:b, s:b, s:i, s:i, s:o}", "architecture",
                     pgr_arch_name(c->arch), "layers", (json_int_t)c->n_layer, "hidden_size", (json_int_t)c->d_model,
                     "intermediate_size", (json_int_t)c->d_ff, "heads", (json_int_t)c->n_head, "key_value_heads",
                     (json_int_t)c->n_kv_head, "head_size", (json_int_t)c->d_head, "vocabulary", (json_int_t)c->n_vocab,
                     "positions", (json_int_t)c->max_position, "rotary", rope_words(c, rope, sizeof rope),
                     "norm_epsilon", (double)c->norm_eps, "tied", c->tie_embeddings, "score_head", c->has_score, "bos",
                     (int)c->bos_id, "pad", (int)c->pad_id, "eos", eos);
}

static json_t *tokenizer_json(const struct model_file *f) {
    if (!f->tok) return json_null();
    json_t *special = json_array();
    for (size_t id = 0; id < pgr_tok_n_vocab(f->tok); id++) {
        if (!pgr_tok_is_special(f->tok, (int32_t)id)) continue;
        struct pgr_buf b = PGR_BUF_INIT;
        add_piece(f->tok, (int32_t)id, &b);
        json_array_append_new(
            special, json_pack("{s:I, s:o}", "id", (json_int_t)id, "text", pgr_json_bytes(pgr_buf_str(&b), b.len)));
        pgr_buf_free(&b);
    }
    return json_pack("{s:I, s:s?, s:o}", "tokens", (json_int_t)pgr_tok_n_vocab(f->tok), "chat_template",
                     pgr_chat_family(f->tok), "special", special);
}

static pgr_err print_json(const struct model_file *f, const struct pgr_plan *p, const struct pgr_scale *s) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *j =
        json_pack("{s:o, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "path", pgr_json_bytes(f->path, strlen(f->path)),
                  "format", f->inventory.gguf ? "gguf" : "huggingface", "config", config_json(&f->cfg), "output",
                  output_words(f), "parameters", (json_int_t)f->n_param, "bytes", (json_int_t)f->n_bytes, "tokenizer",
                  tokenizer_json(f), "tensors", pgr_inventory_json(&f->inventory), "memory", pgr_plan_json(p, s));
    pgr_err err = j ? pgr_json_dump(j, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    json_decref(j);
    pgr_buf_free(&b);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    bool each = false, as_json = false;
    struct pgr_scale s = {64, 1024, 8192};
    struct pgr_str_list ops;
    const struct pgr_opt opts[] = {{"tensors", PGR_OPT_FLAG, &each, 0, 0},
                                   {"json", PGR_OPT_FLAG, &as_json, 0, 0},
                                   {"sequences", PGR_OPT_SIZE, &s.sequences, 1, 1e6},
                                   {"length", PGR_OPT_SIZE, &s.length, 1, 1e9},
                                   {"batch-tokens", PGR_OPT_SIZE, &s.batch_tokens, 1, 1e9}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &ops));
    char *path = NULL;
    PGR_TRY(pgr_model_path_resolve(ops.item[0], &path));
    struct model_file f;
    struct pgr_plan plan;
    pgr_err err = read_model(path, &f);
    if (err == PGR_OK) err = pgr_plan_memory(&f.cfg, &s, &plan);
    if (err == PGR_OK) err = print_text(&f, &plan, &s, each);
    if (err == PGR_OK) err = pgr_model_check(path, &(struct pgr_model_opts){.dtype = PGR_BF16});
    if (err == PGR_OK && f.tok) err = pgr_tokenizer_fits(path, &f.cfg, f.tok);
    if (err == PGR_OK && as_json) err = print_json(&f, &plan, &s);
    close_model(&f);
    pgr_free(path);
    return err;
}

const struct pgr_command pgr_cmd_inspect = {"inspect", "what is in a model, and what it will cost", help, run};
