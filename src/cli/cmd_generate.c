/* cmd_generate.c - pgrpo generate: completions of one prompt or of a file of prompts. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/model_arg.h"
#include "gen/gen.h"
#include "model/model.h"
#include "text/tok.h"

static const char help[] =
    "pgrpo generate - completions of one prompt, or of a file of prompts\n\n"
    "  pgrpo generate --model M --prompt TEXT [OPTION ...]\n"
    "  pgrpo generate --model M --file PROMPTS.jsonl [OPTION ...]\n\n"
    "M is a Hugging Face folder, a GGUF file or a fetched name. One prompt and one sample: the text\n"
    "streams to stdout. Otherwise stdout has a JSON line for each completion, as it finishes:\n"
    "  {\"index\",\"sample\",\"text\",\"finish\",\"tokens\",\"logp_sum\"}\n"
    "where finish is stop, length or interrupted, tokens is their number and logp_sum is in nats,\n"
    "under the softmax at the given temperature. A line of PROMPTS.jsonl is {\"prompt\":\"...\"} or\n"
    "{\"messages\":[{\"role\":\"...\",\"content\":\"...\"}, ...]}.\n\n"
    "  --system TEXT            system message\n"
    "  --raw                    no chat template: the prompt as it is, special tokens in it count\n"
    "  --samples N              completions of each prompt (1)\n"
    "  --max-tokens N           of a completion (512)\n"
    "  --temperature T          0 = the most probable token (1)\n"
    "  --top-p P  --top-k K  --min-p P  --repetition-penalty R     as in transformers (all off)\n"
    "  --stop TEXT              end before this text; may be given often\n"
    "  --seed N                 same seed, same completions, whatever the batch (0)\n"
    "  --batch N                completions computed at once (64)\n"
    "  --kv-gb G                memory for keys and values (as much as the batch can need)\n"
    "  --dtype bf16|f32         number format of the computation (bf16)\n"
    "  --json                   last line: {\"completions\",\"tokens\",\"seconds\",\"tokens_per_second\",...}\n";

struct args {
    const char *model, *prompt, *file, *system, *dtype;
    bool raw, json;
    size_t samples, max_tokens, top_k, seed, batch;
    double temperature, top_p, min_p, repetition_penalty, kv_gb;
    struct pgr_str_list stop;
};

struct prompts {
    const struct args *a;
    const struct pgr_tok *tok;
    size_t max_len;
    struct pgr_ids ids; /* of all prompts, one after another */
    size_t *end;        /* [n] */
    size_t n, cap;
};

static pgr_err add_end(struct prompts *p, const char *where) {
    size_t from = p->n ? p->end[p->n - 1] : 0;
    if (p->ids.n - from >= p->max_len)
        return pgr_fail(PGR_E_RANGE, "%s: the prompt has %zu tokens, the model takes %zu with the completion", where,
                        p->ids.n - from, p->max_len);
    if (p->ids.n == from) return pgr_fail(PGR_E_RANGE, "%s: the prompt is empty", where);
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 64;
        size_t *end = pgr_realloc(p->end, cap * sizeof *end);
        if (!end) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu prompts", cap);
        p->end = end;
        p->cap = cap;
    }
    p->end[p->n++] = p->ids.n;
    return PGR_OK;
}

static pgr_err add_text(struct prompts *p, const char *where, const char *text) {
    if (p->a->raw) {
        PGR_TRY(pgr_tok_encode(p->tok, text, strlen(text), true, &p->ids));
    } else {
        struct pgr_msg msg[2] = {{"system", p->a->system}, {"user", text}};
        size_t skip = p->a->system ? 0 : 1;
        pgr_err err = pgr_chat_encode(p->tok, msg + skip, 2 - skip, true, &p->ids);
        if (err == PGR_E_UNSUPPORTED) return pgr_fail_prefix(err, "%s: use --raw for plain text", where);
        PGR_TRY(err);
    }
    return add_end(p, where);
}

static pgr_err add_messages(struct prompts *p, const char *where, json_t *list) {
    enum { MAX_MSG = 256 };
    struct pgr_msg msg[MAX_MSG];
    size_t n = json_array_size(list), k = 0;
    if (p->a->raw)
        return pgr_fail(PGR_E_USAGE, "%s: \"messages\" need the chat template, --raw is for \"prompt\"", where);
    if (n == 0 || n >= MAX_MSG)
        return pgr_fail(PGR_E_RANGE, "%s: %zu messages, must be 1 to %d", where, n, (int)MAX_MSG - 1);
    if (p->a->system) msg[k++] = (struct pgr_msg){"system", p->a->system};
    for (size_t i = 0; i < n; i++) {
        json_t *m = json_array_get(list, i);
        if (!json_is_object(m)) return pgr_fail(PGR_E_FORMAT, "%s: message %zu must be an object", where, i + 1);
        PGR_TRY(pgr_json_str(m, where, "role", &msg[k].role));
        PGR_TRY(pgr_json_str(m, where, "content", &msg[k].content));
        k++;
    }
    PGR_TRY(pgr_chat_encode(p->tok, msg, k, true, &p->ids));
    return add_end(p, where);
}

static pgr_err add_line(void *ctx, const char *where, json_t *obj) {
    struct prompts *p = ctx;
    if (json_object_get(obj, "messages")) {
        json_t *list;
        PGR_TRY(pgr_json_array(obj, where, "messages", &list));
        return add_messages(p, where, list);
    }
    const char *text;
    PGR_TRY(pgr_json_str(obj, where, "prompt", &text));
    return add_text(p, where, text);
}

/* ---- output ---- */

struct output {
    bool stream, progress; /* progress: a line on the terminal that is rewritten */
    size_t n_total, n_tok;
    double t0, shown_s;
    bool lost; /* stdout refused */
    char last; /* byte streamed */
    size_t n_stop, n_length;
    struct pgr_buf line;
};

static void show_piece(void *ctx, size_t prompt, size_t sample, const char *bytes, size_t n) {
    struct output *o = ctx;
    (void)prompt, (void)sample;
    if (!o->stream || n == 0) return;
    o->last = bytes[n - 1];
    if (fwrite(bytes, 1, n, stdout) != n || fflush(stdout) != 0) o->lost = true;
}

static const char *finish_name(enum pgr_finish f) {
    return f == PGR_FINISH_STOP ? "stop" : f == PGR_FINISH_LENGTH ? "length" : "interrupted";
}

static pgr_err write_line(struct output *o, json_t *j) {
    if (!j) return pgr_fail(PGR_E_NOMEM, "out of memory for a line of output");
    pgr_buf_clear(&o->line);
    pgr_err err = pgr_json_dump(j, &o->line);
    json_decref(j);
    PGR_TRY(err);
    pgr_buf_addc(&o->line, '\n');
    PGR_TRY(pgr_buf_ok(&o->line));
    if (fwrite(o->line.data, 1, o->line.len, stdout) != o->line.len || fflush(stdout) != 0)
        return pgr_fail(PGR_E_IO, "cannot write to standard output");
    return PGR_OK;
}

static pgr_err take_completion(void *ctx, struct pgr_completion *c) {
    struct output *o = ctx;
    double sum = 0;
    for (size_t i = 0; i < c->n_tok; i++) sum += (double)c->logp[i];
    o->n_stop += c->finish == PGR_FINISH_STOP;
    o->n_length += c->finish == PGR_FINISH_LENGTH;
    pgr_err err = PGR_OK;
    if (!o->stream) {
        json_t *text = pgr_json_bytes(c->text, c->text_bytes);
        err = write_line(o, json_pack("{s:I,s:I,s:o,s:s,s:I,s:f}", "index", (json_int_t)c->prompt, "sample",
                                      (json_int_t)c->sample, "text", text, "finish", finish_name(c->finish), "tokens",
                                      (json_int_t)c->n_tok, "logp_sum", sum));
    }
    pgr_completion_free(c);
    return err;
}

static bool on_tick(void *ctx, size_t n_active, size_t n_done, size_t n_tok) {
    struct output *o = ctx;
    double now = pgr_now_s();
    o->n_tok = n_tok;
    if (o->progress && now - o->shown_s > 0.2) {
        fprintf(stderr, "\r%zu of %zu done, %zu running, %zu tokens, %.0f tokens/s ", n_done, o->n_total, n_active,
                n_tok, (double)n_tok / (now - o->t0));
        o->shown_s = now;
    }
    return !pgr_stop_asked() && !o->lost;
}

static pgr_err summary(struct output *o, const struct args *a, const struct pgr_gen_stats *st, double load_s) {
    double speed = (double)st->n_decode_tok / fmax(st->total_s, 1e-9);
    if (o->progress) fputs("\r\033[K", stderr);
    fprintf(
        stderr,
        "%zu prompt tokens, %zu completion tokens in %.2f s: %.1f tokens/s; %zu ended, %zu at the limit; model loaded "
        "in %.2f s\n",
        st->n_prompt_tok, st->n_decode_tok, st->total_s, speed, o->n_stop, o->n_length, load_s);
    if (!a->json) return PGR_OK;
    return write_line(o, json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:f}", "completions", (json_int_t)o->n_total,
                                   "stopped", (json_int_t)o->n_stop, "at_limit", (json_int_t)o->n_length,
                                   "prompt_tokens", (json_int_t)st->n_prompt_tok, "tokens",
                                   (json_int_t)st->n_decode_tok, "seconds", st->total_s, "tokens_per_second", speed,
                                   "load_seconds", load_s, "peak_gb", pgr_peak_rss_bytes() * 1e-9));
}

/* ---- the command ---- */

static pgr_err parse(int argc, char **argv, struct args *a) {
    *a = (struct args){.dtype = "bf16",
                       .samples = 1,
                       .max_tokens = 512,
                       .batch = 64,
                       .temperature = 1,
                       .top_p = 1,
                       .repetition_penalty = 1};
    const struct pgr_opt opts[] = {
        {"model", PGR_OPT_STR, &a->model, 0, 0},
        {"prompt", PGR_OPT_STR, &a->prompt, 0, 0},
        {"file", PGR_OPT_STR, &a->file, 0, 0},
        {"system", PGR_OPT_STR, &a->system, 0, 0},
        {"raw", PGR_OPT_FLAG, &a->raw, 0, 0},
        {"samples", PGR_OPT_SIZE, &a->samples, 1, 1e6},
        {"temperature", PGR_OPT_REAL, &a->temperature, 0, 1e6},
        {"top-p", PGR_OPT_REAL, &a->top_p, 0, 1},
        {"top-k", PGR_OPT_SIZE, &a->top_k, 0, 0},
        {"min-p", PGR_OPT_REAL, &a->min_p, 0, 1},
        {"repetition-penalty", PGR_OPT_REAL, &a->repetition_penalty, 0.01, 100},
        {"max-tokens", PGR_OPT_SIZE, &a->max_tokens, 1, 1e9},
        {"stop", PGR_OPT_LIST, &a->stop, 0, 0},
        {"seed", PGR_OPT_SIZE, &a->seed, 0, 0},
        {"batch", PGR_OPT_SIZE, &a->batch, 1, 65536},
        {"kv-gb", PGR_OPT_REAL, &a->kv_gb, 0, 1e6},
        {"dtype", PGR_OPT_STR, &a->dtype, 0, 0},
        {"json", PGR_OPT_FLAG, &a->json, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!a->model)
        return pgr_fail(PGR_E_USAGE, "--model is needed: a Hugging Face folder, a GGUF file or a fetched name");
    if (!a->prompt == !a->file) return pgr_fail(PGR_E_USAGE, "give either --prompt TEXT or --file PROMPTS.jsonl");
    if (strcmp(a->dtype, "bf16") != 0 && strcmp(a->dtype, "f32") != 0)
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be bf16 or f32", a->dtype);
    if (a->raw && a->system) return pgr_fail(PGR_E_USAGE, "--system has no place in plain text (--raw)");
    return PGR_OK;
}

static pgr_err generate(struct pgr_model *m, const struct pgr_tok *tok, const struct args *a, const struct prompts *p,
                        struct output *o, double load_s) {
    struct pgr_prompt *list = pgr_alloc_array(p->n, sizeof *list);
    if (!list) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu prompts", p->n);
    for (size_t i = 0; i < p->n; i++) {
        size_t from = i ? p->end[i - 1] : 0;
        list[i] = (struct pgr_prompt){p->ids.id + from, p->end[i] - from, a->samples, (uint32_t)i};
    }
    struct pgr_sampling how = {.temperature = (float)a->temperature,
                               .top_k = a->top_k,
                               .top_p = (float)a->top_p,
                               .min_p = (float)a->min_p,
                               .repetition_penalty = (float)a->repetition_penalty,
                               .max_tokens = a->max_tokens,
                               .stop_id = m->cfg.eos_id,
                               .n_stop_id = m->cfg.n_eos,
                               .stop = a->stop.item,
                               .n_stop = a->stop.n,
                               .seed = a->seed};
    struct pgr_gen_stats st = {0};
    struct pgr_gen_opts opts = {.max_batch = a->batch,
                                .kv_bytes = (size_t)(a->kv_gb * 1e9),
                                .piece = o->stream ? show_piece : NULL,
                                .stats = &st};
    o->n_total = p->n * a->samples;
    o->t0 = pgr_now_s();
    pgr_err err = pgr_generate(m, tok, &opts, &how, list, p->n, take_completion, on_tick, o);
    pgr_free(list);
    if (o->stream && o->last != '\n' && o->last != 0) putchar('\n');
    PGR_TRY(err);
    if (o->lost) return pgr_fail(PGR_E_IO, "cannot write to standard output");
    PGR_TRY(summary(o, a, &st, load_s));
    if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    return PGR_OK;
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    struct args a;
    PGR_TRY(parse(argc, argv, &a));
    pgr_catch_signals();
    double t0 = pgr_now_s();
    struct pgr_model_arg in = {0};
    struct pgr_model *m = NULL;
    struct prompts p = {.a = &a};
    struct output o = {.line = PGR_BUF_INIT};
    pgr_err err;
    PGR_TRY_GOTO(pgr_model_arg_open(a.model, &in));
    p.tok = in.tok;
    if (in.cfg.has_score) {
        err = pgr_fail(PGR_E_UNSUPPORTED, "%s is a reward model: it scores text, it does not write any", a.model);
        goto out;
    }
    p.max_len = in.cfg.max_position;
    /* Bad prompts are found before the weights are read. */
    if (a.file)
        PGR_TRY_GOTO(pgr_jsonl_each(a.file, add_line, &p));
    else
        PGR_TRY_GOTO(add_text(&p, "--prompt", a.prompt));
    if (p.n == 0) {
        err = pgr_fail(PGR_E_RANGE, "%s has no prompt", a.file);
        goto out;
    }
    struct pgr_model_opts mo = {.dtype = strcmp(a.dtype, "f32") == 0 ? PGR_F32 : PGR_BF16};
    PGR_TRY_GOTO(pgr_model_load(in.path, &mo, &m));
    double load_s = pgr_now_s() - t0;
    o.stream = a.prompt && a.samples == 1 && !a.json;
    o.progress = !o.stream && isatty(STDERR_FILENO);
    err = generate(m, in.tok, &a, &p, &o, load_s);
out:
    pgr_buf_free(&o.line);
    pgr_ids_free(&p.ids);
    pgr_free(p.end);
    pgr_model_free(m);
    pgr_model_arg_close(&in);
    return err;
}

const struct pgr_command pgr_cmd_generate = {"generate", "completions of one prompt or of a file of prompts", help,
                                             run};
