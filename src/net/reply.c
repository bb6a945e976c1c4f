/* reply.c - see reply.h. */
#include "net/reply.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"

enum { ERROR_BYTES = 300 };

void pgr_net_reply_free(struct pgr_net_reply *r) {
    pgr_free(r->why);
    pgr_free(r->text);
    pgr_free(r->reasoning);
    *r = (struct pgr_net_reply){.tag = 0};
}

static pgr_err copy(const json_t *s, char **out, size_t *n) {
    *out = pgr_strndup(json_string_value(s), json_string_length(s));
    if (n) *n = json_string_length(s);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for a reply");
}

static void read_usage(const json_t *usage, struct pgr_net_reply *out) {
    const json_t *in = json_object_get(usage, "prompt_tokens"), *done = json_object_get(usage, "completion_tokens");
    if (!json_is_integer(in) || !json_is_integer(done)) return;
    if (json_integer_value(in) < 0 || json_integer_value(done) < 0) return;
    out->has_usage = true;
    out->n_prompt_tok = (size_t)json_integer_value(in);
    out->n_tok = (size_t)json_integer_value(done);
}

static pgr_err read_choice(const json_t *root, bool chat, struct pgr_net_reply *out) {
    const json_t *error = json_object_get(root, "error"), *choices = json_object_get(root, "choices");
    if (error && !json_is_null(error)) {
        const json_t *text = json_is_object(error) ? json_object_get(error, "message") : error;
        return pgr_fail(PGR_E_FORMAT, "status 200 with an error: %.200s",
                        json_is_string(text) ? json_string_value(text) : "without a message");
    }
    if (!json_is_array(choices) || json_array_size(choices) == 0)
        return pgr_fail(PGR_E_FORMAT, "the reply has no \"choices\"");
    const json_t *c = json_array_get(choices, 0), *finish = json_object_get(c, "finish_reason");
    const json_t *message = json_object_get(c, "message");
    const json_t *text = chat ? json_object_get(message, "content") : json_object_get(c, "text");
    const json_t *apart = chat ? json_object_get(message, "reasoning_content") : NULL;
    const char *key = chat ? "choices[0].message.content" : "choices[0].text";
    bool apart_only = chat && json_is_null(text) && json_is_string(apart); /* cut off before the answer began */
    if (!json_is_string(text) && !apart_only) return pgr_fail(PGR_E_FORMAT, "%s of the reply must be text", key);
    const char *reason = json_is_string(finish) ? json_string_value(finish) : "";
    out->finish = strcmp(reason, "stop") == 0     ? PGR_NET_FINISH_STOP
                  : strcmp(reason, "length") == 0 ? PGR_NET_FINISH_LENGTH
                                                  : PGR_NET_FINISH_OTHER;
    if (json_is_string(apart) && json_string_length(apart)) PGR_TRY(copy(apart, &out->reasoning, NULL));
    if (apart_only) {
        out->text = pgr_strdup("");
        out->n_bytes = 0;
        return out->text ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for a reply");
    }
    return copy(text, &out->text, &out->n_bytes);
}

pgr_err pgr_net_reply_parse(const char *body, size_t n, bool chat, struct pgr_net_reply *out) {
    json_t *root = NULL;
    struct pgr_net_reply r = {.tag = 0};
    PGR_TRY(pgr_json_parse("the reply", body, n, &root));
    pgr_err err =
        json_is_object(root) ? read_choice(root, chat, &r) : pgr_fail(PGR_E_FORMAT, "the reply must be a JSON object");
    if (err == PGR_OK) read_usage(json_object_get(root, "usage"), &r);
    json_decref(root);
    if (err != PGR_OK) {
        pgr_net_reply_free(&r);
        return err;
    }
    out->text = r.text;
    out->n_bytes = r.n_bytes;
    out->reasoning = r.reasoning;
    out->finish = r.finish;
    out->has_usage = r.has_usage;
    out->n_prompt_tok = r.n_prompt_tok;
    out->n_tok = r.n_tok;
    return PGR_OK;
}

void pgr_net_blot(char *text, size_t n, const char *secret) {
    size_t len = secret ? strlen(secret) : 0;
    for (size_t i = 0; len > 0 && i + len <= n; i++)
        if (text[i] == secret[0] && memcmp(text + i, secret, len) == 0) memset(text + i, '*', len);
}

/* The first bytes of a text as one line, never half a character. The secret goes before the cut, which could leave a
 * part of it. */
static void add_line(struct pgr_buf *out, const char *s, size_t n, const char *secret, bool is_utf8) {
    char *line = pgr_strndup(s, n);
    if (!line) {
        out->failed = true;
        return;
    }
    pgr_net_blot(line, n, secret);
    size_t take = pgr_min(n, ERROR_BYTES);
    while (take < n && take > 0 && ((unsigned char)line[take] & 0xc0) == 0x80) take--;
    for (size_t i = 0; i < take; i++) {
        unsigned char c = (unsigned char)line[i];
        pgr_buf_addc(out, c < ' ' || c == 0x7f ? ' ' : c >= 0x80 && !is_utf8 ? '?' : line[i]);
    }
    pgr_free(line);
}

void pgr_net_error_text(const char *body, size_t n, const char *secret, struct pgr_buf *out) {
    json_t *root = NULL;
    const json_t *s = NULL;
    if (n == 0) return;
    if (pgr_json_parse("reply", body, n, &root) == PGR_OK && json_is_object(root)) {
        s = json_object_get(root, "error");
        if (json_is_object(s)) s = json_object_get(s, "message");
        if (!json_is_string(s)) s = json_object_get(root, "message");
        if (!json_is_string(s)) s = json_object_get(root, "detail");
    }
    if (json_is_string(s))
        add_line(out, json_string_value(s), json_string_length(s), secret, true);
    else
        add_line(out, body, n, secret, false);
    json_decref(root);
}
