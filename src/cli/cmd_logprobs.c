/* cmd_logprobs.c - `pgrpo logprobs`: log-probabilities of given completions, the numbers that training uses.
 *
 * Lines are gathered into packed batches; neighbouring lines with the same prompt share it (one parent segment). A
 * token's log-probability does not depend on the batch, so neither does the output. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "model/model.h"
#include "text/tok.h"

enum { BATCH_TOKENS = 4096, BATCH_LINES = 512 };

struct line {
    size_t first, n;     /* completion tokens in run.token */
    size_t head, n_head; /* their rows in run.row; one less than n when nothing stands before the first */
};

struct run {
    struct pgr_tok *tok;
    struct pgr_model *m;
    struct pgr_work *work;
    size_t work_tok;
    /* the batch being gathered */
    struct pgr_ids token;
    size_t start[2 * BATCH_LINES + 1], n_seg;
    int32_t parent[2 * BATCH_LINES];
    size_t prompt_seg; /* of the last line's prompt, SIZE_MAX if none */
    struct line line[BATCH_LINES];
    size_t n_line;
    uint32_t *row;
    int32_t *target;
    float *logp;
    size_t n_row, cap_row;
    struct pgr_buf out;
};

static pgr_err grow_rows(struct run *r, size_t want) {
    if (want <= r->cap_row) return PGR_OK;
    size_t cap = pgr_max(want, 2 * r->cap_row);
    void *row = pgr_realloc(r->row, cap * sizeof *r->row);
    if (row) r->row = row;
    void *target = pgr_realloc(r->target, cap * sizeof *r->target);
    if (target) r->target = target;
    void *logp = pgr_realloc(r->logp, cap * sizeof *r->logp);
    if (logp) r->logp = logp;
    if (!row || !target || !logp) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu log-probabilities", cap);
    r->cap_row = cap;
    return PGR_OK;
}

static pgr_err print_line(struct run *r, const struct line *l) {
    double sum = 0.0;
    pgr_buf_clear(&r->out);
    pgr_buf_adds(&r->out, "{\"ids\":[");
    for (size_t i = 0; i < l->n; i++) pgr_buf_addf(&r->out, i ? ",%d" : "%d", (int)r->token.id[l->first + i]);
    pgr_buf_adds(&r->out, "],\"logprobs\":[");
    for (size_t i = l->n_head; i < l->n; i++) pgr_buf_adds(&r->out, l->n_head ? "null," : "null");
    for (size_t i = 0; i < l->n_head; i++) {
        float logp = r->logp[l->head + i];
        if (!isfinite(logp)) return pgr_fail(PGR_E_FINITE, "the model gives a log-probability that is not finite");
        sum += (double)logp;
        pgr_buf_addf(&r->out, i ? ",%.9g" : "%.9g", (double)logp);
    }
    pgr_buf_addf(&r->out, "],\"sum\":%.12g}\n", sum);
    PGR_TRY(pgr_buf_ok(&r->out));
    if (fwrite(r->out.data, 1, r->out.len, stdout) != r->out.len)
        return pgr_fail(PGR_E_IO, "cannot write to standard output");
    return PGR_OK;
}

static pgr_err flush(struct run *r) {
    if (r->n_row > 0) {
        if (r->token.n > r->work_tok) {
            pgr_work_free(r->work);
            r->work = NULL;
            r->work_tok = pgr_max(r->token.n, BATCH_TOKENS);
            struct pgr_work_opts o = {.max_tok = r->work_tok, .max_seg = 2 * BATCH_LINES};
            PGR_TRY(pgr_work_new(r->m, &o, &r->work));
        }
        struct pgr_batch b = {r->token.n, r->token.id, {r->n_seg, r->start, r->parent}};
        PGR_TRY(pgr_forward(r->m, r->work, &b));
        PGR_TRY(pgr_head_logp(r->m, r->work, r->n_row, r->row, r->target, 1.0f, r->logp, NULL, NULL, NULL, NULL));
    }
    for (size_t i = 0; i < r->n_line; i++) PGR_TRY(print_line(r, &r->line[i]));
    r->token.n = r->n_seg = r->n_line = r->n_row = 0;
    r->prompt_seg = SIZE_MAX;
    return PGR_OK;
}

static pgr_err append(struct run *r, const struct pgr_ids *ids, int32_t parent, size_t *seg) {
    for (size_t i = 0; i < ids->n; i++) PGR_TRY(pgr_ids_add(&r->token, ids->id[i]));
    r->parent[r->n_seg] = parent;
    r->start[r->n_seg + 1] = r->token.n;
    *seg = r->n_seg++;
    return PGR_OK;
}

static bool same_prompt(const struct run *r, const struct pgr_ids *prompt) {
    if (r->prompt_seg == SIZE_MAX) return false;
    size_t at = r->start[r->prompt_seg], n = r->start[r->prompt_seg + 1] - at;
    return n == prompt->n && memcmp(r->token.id + at, prompt->id, n * sizeof *prompt->id) == 0;
}

static pgr_err add_line(struct run *r, const char *where, const struct pgr_ids *prompt,
                        const struct pgr_ids *completion) {
    size_t n = prompt->n + completion->n;
    if (n > r->m->cfg.max_position)
        return pgr_fail(PGR_E_RANGE, "%s: prompt and completion are %zu tokens, the model's context is %zu", where, n,
                        r->m->cfg.max_position);
    for (size_t i = 0; i < n; i++) {
        int32_t id = i < prompt->n ? prompt->id[i] : completion->id[i - prompt->n];
        if (id < 0 || (size_t)id >= r->m->cfg.n_vocab)
            return pgr_fail(PGR_E_RANGE, "%s: token id %d, but the model's vocabulary has %zu", where, (int)id,
                            r->m->cfg.n_vocab);
    }
    if (r->n_line == BATCH_LINES || (r->n_line > 0 && r->token.n + n > BATCH_TOKENS)) PGR_TRY(flush(r));
    struct line *l = &r->line[r->n_line++];
    *l = (struct line){r->token.n, 0, r->n_row, 0};
    if (completion->n == 0) return PGR_OK;
    if (prompt->n > 0 && !same_prompt(r, prompt)) PGR_TRY(append(r, prompt, -1, &r->prompt_seg));
    size_t seg;
    l->first = r->token.n;
    l->n = completion->n;
    l->n_head = completion->n - (prompt->n == 0);
    PGR_TRY(append(r, completion, prompt->n ? (int32_t)r->prompt_seg : -1, &seg));
    PGR_TRY(grow_rows(r, r->n_row + l->n_head));
    for (size_t i = l->n - l->n_head; i < l->n; i++) {
        size_t before = i > 0 ? l->first + i - 1 : r->start[r->prompt_seg + 1] - 1;
        r->row[r->n_row] = (uint32_t)before;
        r->target[r->n_row++] = completion->id[i];
    }
    return PGR_OK;
}

static pgr_err encode(const struct run *r, json_t *obj, const char *where, const char *key, struct pgr_ids *ids) {
    const char *text;
    PGR_TRY(pgr_json_str(obj, where, key, &text));
    ids->n = 0;
    pgr_err err = pgr_tok_encode(r->tok, text, json_string_length(json_object_get(obj, key)), true, ids);
    return err == PGR_OK ? err : pgr_fail_prefix(err, "%s: %s", where, key);
}

static pgr_err on_line(void *ctx, const char *where, json_t *obj) {
    struct run *r = ctx;
    struct pgr_ids prompt = {NULL, 0, 0}, completion = {NULL, 0, 0};
    if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    pgr_err err = encode(r, obj, where, "prompt", &prompt);
    if (err == PGR_OK) err = encode(r, obj, where, "completion", &completion);
    if (err == PGR_OK) err = add_line(r, where, &prompt, &completion);
    pgr_ids_free(&prompt);
    pgr_ids_free(&completion);
    return err;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    const char *model = NULL, *dtype = "bf16";
    const struct pgr_opt opts[] = {{"model", PGR_OPT_STR, &model, 0, 0}, {"dtype", PGR_OPT_STR, &dtype, 0, 0}};
    struct pgr_str_list file;
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 1, 1, &file));
    if (!model) return pgr_fail(PGR_E_USAGE, "--model is missing; see --help");
    if (strcmp(dtype, "f32") != 0 && strcmp(dtype, "bf16") != 0)
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be f32 or bf16", dtype);
    struct pgr_model_opts o = {.dtype = strcmp(dtype, "f32") == 0 ? PGR_F32 : PGR_BF16};
    struct run *r = pgr_alloc_zero(1, sizeof *r);
    if (!r) return pgr_fail(PGR_E_NOMEM, "out of memory");
    r->prompt_seg = SIZE_MAX;
    pgr_catch_signals();
    char *path = NULL;
    pgr_err err;
    PGR_TRY_GOTO(pgr_model_path_resolve(model, &path));
    PGR_TRY_GOTO(pgr_tok_open(path, &r->tok));
    PGR_TRY_GOTO(pgr_model_load(path, &o, &r->m));
    if (!r->m->lm_head) {
        err = pgr_fail(PGR_E_UNSUPPORTED, "%s: a reward model, it has no output matrix for tokens", model);
        goto out;
    }
    PGR_TRY_GOTO(pgr_jsonl_each(file.item[0], on_line, r));
    err = flush(r);
out:
    pgr_work_free(r->work);
    pgr_model_free(r->m);
    pgr_tok_close(r->tok);
    pgr_ids_free(&r->token);
    pgr_buf_free(&r->out);
    pgr_free(r->row);
    pgr_free(r->target);
    pgr_free(r->logp);
    pgr_free(r);
    pgr_free(path);
    return err;
}

const struct pgr_command pgr_cmd_logprobs = {
    "logprobs", "log-probabilities of given completions",
    "Usage: pgrpo logprobs --model MODEL [--dtype f32|bf16] FILE.jsonl\n\n"
    "For each line {\"prompt\": s, \"completion\": s} of FILE (plain, .gz or .zst) writes a line\n"
    "{\"ids\": [...], \"logprobs\": [...], \"sum\": x}: the token ids of the completion, the natural logarithm of each "
    "one's\n"
    "probability given the prompt and the completion's tokens before it, and their sum.\n\n"
    "Prompt and completion are encoded one by one; no template and no special token is added, but the text of special\n"
    "tokens, such as <|im_end|>, becomes their ids. With an empty prompt nothing stands before the completion's first\n"
    "token: its log-probability is null and the sum leaves it out.\n\n"
    "  --model MODEL  a Hugging Face folder, a GGUF file or the name of a fetched model\n"
    "  --dtype TYPE   numbers to compute with: bf16 (default, as in training) or f32 (slow, for comparisons)\n",
    run};
