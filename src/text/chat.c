/* chat.c - rendering a chat.
 *
 * What differs from Jinja: Llama 3.2 asks for today's date; here it is always 26 Jul 2024, the date that Llama 3.1 and
 * 3.2 themselves fall back to, so that the same chat gives the same tokens tomorrow. */
#include "text/chat.h"

#include <string.h>

#include "text/think.h"
#include "text/unicode.h"
#include "text/utf8.h"

struct sink {
    const struct pgr_chat *chat;
    pgr_chat_fn fn;
    void *ctx;
    pgr_err err;
};

static void own(struct sink *s, const char *text) {
    if (s->err == PGR_OK && *text) s->err = s->fn(s->ctx, text, strlen(text), true);
}

static void content(struct sink *s, struct pgr_span c) {
    if (s->err == PGR_OK && c.n > 0) s->err = s->fn(s->ctx, c.at, c.n, false);
}

static struct pgr_span span(const char *s) { return (struct pgr_span){s, strlen(s)}; }

/* Python's lstrip("\n") and rstrip("\n"). */
static struct pgr_span strip_newlines(struct pgr_span s, bool left, bool right) {
    while (left && s.n > 0 && s.at[0] == '\n') s.at++, s.n--;
    while (right && s.n > 0 && s.at[s.n - 1] == '\n') s.n--;
    return s;
}

/* Python's strip(): its white space has four control characters more. */
static bool is_python_space(uint32_t c) { return pgr_cp_is_space(c) || (c >= 0x1c && c <= 0x1f); }

static struct pgr_span strip(struct pgr_span s) {
    size_t len;
    while (s.n > 0 && pgr_utf8_len(s.at, s.n) > 0 && is_python_space(pgr_utf8_decode(s.at, &len)))
        s.at += len, s.n -= len;
    while (s.n > 0) {
        size_t back = 1;
        while (back < 4 && back < s.n && ((unsigned char)s.at[s.n - back] & 0xc0) == 0x80) back++;
        if (pgr_utf8_len(s.at + s.n - back, back) != back || !is_python_space(pgr_utf8_decode(s.at + s.n - back, &len)))
            break;
        s.n -= back;
    }
    return s;
}

static void chatml_turn(struct sink *s, const char *role, struct pgr_span text) {
    own(s, "<|im_start|>");
    own(s, role);
    own(s, "\n");
    content(s, text);
    own(s, "<|im_end|>\n");
}

/* The last place of `part` in s, NULL if there is none. */
static const char *find_last(struct pgr_span s, const char *part) {
    size_t n = strlen(part);
    for (size_t i = s.n; i-- > 0;)
        if (s.n - i >= n && memcmp(s.at + i, part, n) == 0) return s.at + i;
    return NULL;
}

static const char *find_first(struct pgr_span s, const char *part) {
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.at + i, part, n) == 0) return s.at + i;
    return NULL;
}

static bool is_tool_response(struct pgr_span s) {
    static const char head[] = "<tool_response>", tail[] = "</tool_response>";
    return s.n >= sizeof tail - 1 && memcmp(s.at, head, sizeof head - 1) == 0 &&
           memcmp(s.at + s.n - (sizeof tail - 1), tail, sizeof tail - 1) == 0;
}

/* Qwen3: what stands before the last </think> of an assistant turn is left out, unless no question follows it; then the
 * part before the first one (from its last <think> on) is given as the reasoning. */
static void qwen3_assistant(struct sink *s, struct pgr_span text, bool after_query, bool last) {
    static const char open[] = "<think>", close[] = "</think>";
    struct pgr_span reasoning = {"", 0};
    const char *end = find_last(text, close);
    if (end) {
        const char *first_end = find_first(text, close);
        reasoning = strip_newlines((struct pgr_span){text.at, (size_t)(first_end - text.at)}, false, true);
        const char *begin = find_last(reasoning, open);
        if (begin) {
            begin += sizeof open - 1;
            reasoning.n -= (size_t)(begin - reasoning.at);
            reasoning.at = begin;
        }
        reasoning = strip_newlines(reasoning, true, false);
        end += sizeof close - 1;
        text.n -= (size_t)(end - text.at);
        text.at = end;
        text = strip_newlines(text, true, false);
    }
    own(s, "<|im_start|>assistant\n");
    if (after_query && (last || reasoning.n > 0)) {
        own(s, "<think>\n");
        content(s, strip_newlines(reasoning, true, true));
        own(s, "\n</think>\n\n");
        text = strip_newlines(text, true, false);
    }
    content(s, text);
    own(s, "<|im_end|>\n");
}

static void chatml(struct sink *s, const struct pgr_msg *msg, size_t n) {
    size_t last_query = n - 1;
    for (size_t i = n; i-- > 0;)
        if (strcmp(msg[i].role, "user") == 0 && !is_tool_response(span(msg[i].content))) {
            last_query = i;
            break;
        }
    if (s->chat->system && strcmp(msg[0].role, "system") != 0) {
        own(s, "<|im_start|>system\n");
        own(s, s->chat->system);
        own(s, "<|im_end|>\n");
    }
    for (size_t i = 0; i < n; i++) {
        if (s->chat->kind == PGR_CHAT_QWEN3 && strcmp(msg[i].role, "assistant") == 0)
            qwen3_assistant(s, span(msg[i].content), i > last_query, i + 1 == n);
        else
            chatml_turn(s, msg[i].role, span(msg[i].content));
    }
}

static void llama3_turn(struct sink *s, const char *role, struct pgr_span text) {
    own(s, "<|start_header_id|>");
    own(s, role);
    own(s, "<|end_header_id|>\n\n");
    content(s, strip(text));
    own(s, "<|eot_id|>");
}

static void llama3(struct sink *s, const struct pgr_msg *msg, size_t n) {
    size_t i = 0;
    own(s, s->chat->bos);
    if (s->chat->kind == PGR_CHAT_LLAMA31) {
        own(s, "<|start_header_id|>system<|end_header_id|>\n\n"
               "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n");
        if (strcmp(msg[0].role, "system") == 0) content(s, strip(span(msg[i++].content)));
        own(s, "<|eot_id|>");
    }
    for (; i < n; i++) llama3_turn(s, msg[i].role, span(msg[i].content));
}

pgr_err pgr_chat_each(const struct pgr_chat *c, const struct pgr_msg *msg, size_t n, bool add_generation_prompt,
                      pgr_chat_fn fn, void *ctx) {
    if (n == 0) return pgr_fail(PGR_E_RANGE, "a chat without messages");
    for (size_t i = 0; i < n; i++)
        if (strcmp(msg[i].role, "system") != 0 && strcmp(msg[i].role, "user") != 0 &&
            strcmp(msg[i].role, "assistant") != 0)
            return pgr_fail(PGR_E_UNSUPPORTED, "message %zu has role \"%s\"; known are system, user, assistant", i,
                            msg[i].role);
    struct sink s = {c, fn, ctx, PGR_OK};
    bool is_llama = c->kind == PGR_CHAT_LLAMA3 || c->kind == PGR_CHAT_LLAMA31;
    if (is_llama)
        llama3(&s, msg, n);
    else
        chatml(&s, msg, n);
    if (add_generation_prompt) {
        own(&s, is_llama ? "<|start_header_id|>assistant<|end_header_id|>\n\n" : "<|im_start|>assistant\n");
        if (c->opens_think) own(&s, "<think>\n");
    }
    return s.err;
}
