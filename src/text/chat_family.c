/* chat_family.c - recognising a chat template.
 *
 * The template is brought to a form without layout: one entry for each tag, B (block) or O (output) and its code
 * without white space, string literals in single quotes with escapes resolved and joined ('a' + 'b' is 'ab'), a['x'] as
 * a.x. Branches and loops that only tools take are left out. The result must be, entry by entry, that of a template
 * whose rendering we have compared with Jinja's; "\1" in a known entry stands for a default system message. Text
 * between tags must vanish under trim_blocks and lstrip_blocks, which transformers sets. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/chat.h"

enum { MAX_DEPTH = 32, MAX_TEMPLATE_BYTES = 1 << 20 };

/* ---- templates without layout ------------------------------------------------------------------------------ */

struct reader {
    const char *s;
    size_t n, at;
    struct pgr_buf *out; /* entries, each with a NUL at its end */
    char before;         /* the tag before the text at hand: 0 none, '%', '{' or '#' */
    bool before_strips;  /* it ended with "-" */
    int depth;
    /* Of each open block: it is an "if"; its branch at hand is left out; a branch was put out; it lies in a left-out
     * one. */
    struct {
        bool is_if, skipped, shown, hidden;
    } open[MAX_DEPTH];
};

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether text[n] between two tags leaves nothing in the output. next: '%', '{', '#', or 0 at the end. */
static bool vanishes(const struct reader *r, const char *text, size_t n, char next, bool next_strips) {
    for (size_t i = 0; i < n; i++)
        if (!is_space(text[i])) return false;
    if (n == 0 || r->before_strips || next_strips) return true;
    bool at_line_start = r->before == 0;
    if ((r->before == '%' || r->before == '#') && text[0] == '\n') text++, n--, at_line_start = true;
    if (n == 0) return true;
    if (next == 0) return n == 1 && text[0] == '\n';
    return next != '{' && at_line_start && memchr(text, '\n', n) == NULL;
}

/* A literal at s[at] (its quote): appends its value and moves on. */
static bool read_literal(struct reader *r) {
    char quote = r->s[r->at++];
    size_t start = r->out->len;
    pgr_buf_addc(r->out, '\'');
    for (;;) {
        if (r->at == r->n) return false;
        char c = r->s[r->at++];
        if (c == quote) break;
        if (c == '\\') {
            if (r->at == r->n) return false;
            c = r->s[r->at++];
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
        if (c == '\0') return false;
        pgr_buf_addc(r->out, c);
    }
    /* a['x'] reads as a.x */
    struct pgr_buf *o = r->out;
    if (o->failed) return false;
    if (start > 2 && o->data[start - 1] == '+' && o->data[start - 2] == '\'') {
        memmove(o->data + start - 2, o->data + start + 1, o->len - start - 1);
        o->len -= 3;
        pgr_buf_addc(o, '\'');
        return true;
    }
    bool plain = o->len > start + 1;
    for (size_t i = start + 1; i < o->len; i++) plain = plain && is_word(o->data[i]);
    if (plain && start > 1 && o->data[start - 1] == '[' && (is_word(o->data[start - 2]) || o->data[start - 2] == ']') &&
        r->at < r->n && r->s[r->at] == ']') {
        o->data[start - 1] = '.';
        memmove(o->data + start, o->data + start + 1, o->len - start - 1);
        o->len--;
        r->at++;
        return true;
    }
    pgr_buf_addc(o, '\'');
    return true;
}

/* The code of a tag up to its end ("%}" or "}}"), as one entry of kind 'B' or 'O'. */
static bool read_code(struct reader *r, char kind, bool *strips) {
    char close = kind == 'B' ? '%' : '}';
    pgr_buf_addc(r->out, kind);
    while (r->at + 1 < r->n) {
        const char *p = r->s + r->at;
        bool minus = p[0] == '-' && r->at + 2 < r->n && p[1] == close && p[2] == '}';
        if (minus || (p[0] == close && p[1] == '}')) {
            *strips = minus;
            r->at += minus ? 3 : 2;
            pgr_buf_addc(r->out, '\0');
            return !r->out->failed;
        }
        if (*p == '\0') return false;
        if (*p == '\'' || *p == '"') {
            if (!read_literal(r)) return false;
        } else {
            if (!is_space(*p)) pgr_buf_addc(r->out, *p);
            r->at++;
        }
    }
    return false;
}

/* A condition that only a chat with tools meets. The exceptions hold for chats without. */
static bool asks_for_tools(const char *entry) {
    static const char *const exceptions[] = {"andnotmessage.tool_calls", "ns.multi_step_toolandmessage.role=='user'",
                                             "ifnot(message.role=='ipython'"};
    for (size_t i = 0; i < PGR_COUNT(exceptions); i++)
        if (strstr(entry, exceptions[i])) return false;
    return strstr(entry, "tool") != NULL;
}

static bool starts(const char *entry, const char *word) { return strncmp(entry, word, strlen(word)) == 0; }

/* Takes the entry at out->data + start off again where it does not count, and follows the nesting. */
static bool follow(struct reader *r, size_t start) {
    const char *entry = r->out->data + start;
    bool hidden = r->depth > 0 && (r->open[r->depth - 1].hidden || r->open[r->depth - 1].skipped);
    bool keep = !hidden;
    if (starts(entry, "Bif") || starts(entry, "Bfor")) {
        if (r->depth == MAX_DEPTH) return false;
        bool is_if = starts(entry, "Bif"), skip = asks_for_tools(entry);
        r->open[r->depth].is_if = is_if;
        r->open[r->depth].hidden = hidden;
        r->open[r->depth].skipped = skip;
        r->open[r->depth].shown = !skip;
        r->depth++;
        keep = !hidden && !skip;
    } else if (starts(entry, "Belif") || strcmp(entry, "Belse") == 0) {
        if (r->depth == 0 || !r->open[r->depth - 1].is_if) return false;
        bool is_else = entry[3] == 's', hide = r->open[r->depth - 1].hidden;
        bool skip = !is_else && asks_for_tools(entry);
        r->open[r->depth - 1].skipped = skip;
        /* The "else" of nothing but left-out branches is no branch. */
        keep = !hide && !skip && (!is_else || r->open[r->depth - 1].shown);
        if (!is_else && !skip) r->open[r->depth - 1].shown = true;
    } else if (starts(entry, "Bendif") || starts(entry, "Bendfor")) {
        if (r->depth == 0 || r->open[r->depth - 1].is_if != (entry[4] == 'i')) return false;
        r->depth--;
        keep = !r->open[r->depth].hidden && r->open[r->depth].shown;
    }
    if (!keep) r->out->len = start;
    return true;
}

static bool read_tag(struct reader *r) {
    const char *p = r->s + r->at;
    char kind = p[1];
    r->at += 2;
    if (r->at < r->n && (r->s[r->at] == '-' || r->s[r->at] == '+')) r->at++;
    bool strips = false;
    if (kind == '#') {
        while (r->at + 1 < r->n && !(r->s[r->at] == '#' && r->s[r->at + 1] == '}')) r->at++;
        if (r->at + 1 >= r->n) return false;
        strips = r->s[r->at - 1] == '-';
        r->at += 2;
    } else {
        size_t start = r->out->len;
        if (!read_code(r, kind == '%' ? 'B' : 'O', &strips) || !follow(r, start)) return false;
    }
    r->before = kind;
    r->before_strips = strips;
    return true;
}

/* Appends the entries of a template; false when it cannot be read that way. */
static bool read_template(const char *text, size_t n, struct pgr_buf *out) {
    struct reader r = {.s = text, .n = n, .out = out};
    if (n > MAX_TEMPLATE_BYTES) return false;
    for (;;) {
        size_t start = r.at;
        while (r.at < n && !(r.at + 1 < n && text[r.at] == '{' && memchr("{%#", text[r.at + 1], 3))) r.at++;
        bool end = r.at == n, strips = !end && r.at + 2 < n && text[r.at + 2] == '-';
        if (!vanishes(&r, text + start, r.at - start, end ? '\0' : text[r.at + 1], strips)) return false;
        if (end) return r.depth == 0 && !out->failed;
        if (!read_tag(&r)) return false;
    }
}

/* ---- the known ones ---------------------------------------------------------------------------------------- */

#define GENERATE(text) "Bifadd_generation_prompt", "O'" text "'", "Bendif"
#define GENERATE_DEFAULT "Bifnotadd_generation_promptisdefined", "Bsetadd_generation_prompt=false", "Bendif"
#define CHATML_START "<|im_start|>assistant\n"
#define CHATML_TURN "O'<|im_start|>'+message.role+'\n'+message.content+'<|im_end|>\n'"
#define CHATML_LOOP "Bformessageinmessages", CHATML_TURN, "Bendfor"
#define CHATML_DEFAULT_LOOP                                                                                            \
    "Bformessageinmessages", "Bifloop.firstandmessages[0].role!='system'", "O'<|im_start|>system\n\1<|im_end|>\n'",    \
        "Bendif", CHATML_TURN, "Bendfor"
#define FIRST_SYSTEM "Bifmessages[0].role=='system'", "O'<|im_start|>system\n'+messages[0].content+'<|im_end|>\n'"
#define USER_OR_SYSTEM "(message.role=='user')or(message.role=='system'andnotloop.first)"
#define CONTENT_IS_TEXT "Bifmessage.contentisstring", "Bsetcontent=message.content", "Belse", "Bsetcontent=''", "Bendif"
#define TURN_OF(content) "O'<|im_start|>'+message.role+'\n'+" content "+'<|im_end|>\n'"
#define OPEN_TURN "O'<|im_start|>'+message.role+'\n'+content"
#define CLOSE_TURN "O'<|im_end|>\n'"

static const char *const chatml[] = {CHATML_LOOP, GENERATE(CHATML_START), NULL};
static const char *const chatml_set[] = {GENERATE_DEFAULT, CHATML_LOOP, GENERATE(CHATML_START), NULL};
static const char *const chatml_system[] = {CHATML_DEFAULT_LOOP, GENERATE(CHATML_START), NULL};
static const char *const qwen2_5[] = {
    FIRST_SYSTEM, "Belse", "O'<|im_start|>system\n\1<|im_end|>\n'", "Bendif", "Bformessageinmessages",
    "Bif" USER_OR_SYSTEM "or(message.role=='assistant'andnotmessage.tool_calls)", CHATML_TURN,
    /* only an assistant with tool calls comes here */
    "Belifmessage.role=='assistant'", "O'<|im_start|>'+message.role", "Bifmessage.content", "O'\n'+message.content",
    "Bendif", CLOSE_TURN, "Bendif", "Bendfor", GENERATE(CHATML_START), NULL};
static const char *const qwen3_instruct[] = {FIRST_SYSTEM,
                                             "Bendif",
                                             "Bformessageinmessages",
                                             CONTENT_IS_TEXT,
                                             "Bif" USER_OR_SYSTEM,
                                             TURN_OF("content"),
                                             "Belifmessage.role=='assistant'",
                                             OPEN_TURN,
                                             CLOSE_TURN,
                                             "Bendif",
                                             "Bendfor",
                                             GENERATE(CHATML_START),
                                             NULL};

#define LAST_QUERY(extra)                                                                                              \
    "Bsetns=namespace(multi_step_tool=true,last_query_index=messages|length-1)", "Bformessageinmessages[::-1]",        \
        "Bsetindex=(messages|length-1)-loop.index0",                                                                   \
        "Bifns.multi_step_toolandmessage.role=='user'and" extra                                                        \
        "not(message.content.startswith('<tool_response>')andmessage.content.endswith('</tool_response>'))",           \
        "Bsetns.multi_step_tool=false", "Bsetns.last_query_index=index", "Bendif", "Bendfor"
#define SPLIT_THINK(from) from ".split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n')"
#define QWEN3_ASSISTANT                                                                                                \
    "Bifloop.index0>ns.last_query_index", "Bifloop.lastor(notloop.lastandreasoning_content)",                          \
        "O'<|im_start|>'+message.role+'\n<think>\n'+reasoning_content.strip('\n')+'\n</think>\n\n'+content."           \
        "lstrip('\n')",                                                                                                \
        "Belse", OPEN_TURN, "Bendif", "Belse", OPEN_TURN, "Bendif", CLOSE_TURN, "Bendif", "Bendfor"
#define QWEN3_BODY                                                                                                     \
    FIRST_SYSTEM, "Bendif", LAST_QUERY("message.contentisstringand"), "Bformessageinmessages", CONTENT_IS_TEXT,        \
        "Bif" USER_OR_SYSTEM, TURN_OF("content"), "Belifmessage.role=='assistant'", "Bsetreasoning_content=''",        \
        "Bifmessage.reasoning_contentisstring", "Bsetreasoning_content=message.reasoning_content", "Belse",            \
        "Bif'</think>'incontent", "Bsetreasoning_content=" SPLIT_THINK("content"),                                     \
        "Bsetcontent=content.split('</think>')[-1].lstrip('\n')", "Bendif", "Bendif", QWEN3_ASSISTANT
#define QWEN3_GENERATE                                                                                                 \
    "Bifadd_generation_prompt", "O'" CHATML_START "'", "Bifenable_thinkingisdefinedandenable_thinkingisfalse",         \
        "O'<think>\n\n</think>\n\n'", "Bendif", "Bendif"

static const char *const qwen3[] = {QWEN3_BODY, QWEN3_GENERATE, NULL};
static const char *const qwen3_thinking[] = {QWEN3_BODY, GENERATE(CHATML_START "<think>\n"), NULL};
/* As first published. */
static const char *const qwen3_first[] = {FIRST_SYSTEM,
                                          "Bendif",
                                          LAST_QUERY(""),
                                          "Bformessageinmessages",
                                          "Bif" USER_OR_SYSTEM,
                                          CHATML_TURN,
                                          "Belifmessage.role=='assistant'",
                                          "Bsetcontent=message.content",
                                          "Bsetreasoning_content=''",
                                          "Bifmessage.reasoning_contentisdefinedandmessage.reasoning_contentisnotnone",
                                          "Bsetreasoning_content=message.reasoning_content",
                                          "Belse",
                                          "Bif'</think>'inmessage.content",
                                          "Bsetcontent=message.content.split('</think>')[-1].lstrip('\n')",
                                          "Bsetreasoning_content=" SPLIT_THINK("message.content"),
                                          "Bendif",
                                          "Bendif",
                                          QWEN3_ASSISTANT,
                                          QWEN3_GENERATE,
                                          NULL};

#define LLAMA_START "<|start_header_id|>assistant<|end_header_id|>\n\n"
#define LLAMA_TURN "'<|start_header_id|>'+message.role+'<|end_header_id|>\n\n'+message.content|trim+'<|eot_id|>'"
#define LLAMA31_DATE "Bsetdate_string='26 Jul 2024'"
#define LLAMA31_BODY                                                                                                   \
    "Bifmessages[0].role=='system'", "Bsetsystem_message=messages[0].content|trim", "Bsetmessages=messages[1:]",       \
        "Belse", "Bsetsystem_message=''", "Bendif", "O'<|start_header_id|>system<|end_header_id|>\n\n'",               \
        "O'Cutting Knowledge Date: December 2023\n'", "O'Today Date: '+date_string+'\n\n'", "Osystem_message",         \
        "O'<|eot_id|>'", "Bformessageinmessages",                                                                      \
        "Bifnot(message.role=='ipython'ormessage.role=='tool'or'tool_calls'inmessage)", "O" LLAMA_TURN, "Bendif",      \
        "Bendfor", GENERATE(LLAMA_START)

static const char *const llama3[] = {"Bsetloop_messages=messages",
                                     "Bformessageinloop_messages",
                                     "Bsetcontent=" LLAMA_TURN,
                                     "Bifloop.index0==0",
                                     "Bsetcontent=bos_token+content",
                                     "Bendif",
                                     "Ocontent",
                                     "Bendfor",
                                     GENERATE(LLAMA_START),
                                     NULL};
static const char *const llama3_1[] = {"Obos_token", "Bifnotdate_stringisdefined", LLAMA31_DATE, "Bendif", LLAMA31_BODY,
                                       NULL};
static const char *const llama3_2[] = {"Obos_token",
                                       "Bifnotdate_stringisdefined",
                                       "Bifstrftime_nowisdefined",
                                       "Bsetdate_string=strftime_now('%d %b %Y')",
                                       "Belse",
                                       LLAMA31_DATE,
                                       "Bendif",
                                       "Bendif",
                                       LLAMA31_BODY,
                                       NULL};

static const struct {
    const char *name;
    enum pgr_chat_kind kind;
    bool opens_think;
    const char *const *entry;
} families[] = {
    {"chatml", PGR_CHAT_CHATML, false, chatml},
    {"chatml", PGR_CHAT_CHATML, false, chatml_set},
    {"chatml", PGR_CHAT_CHATML, false, chatml_system},
    {"chatml-qwen2.5", PGR_CHAT_CHATML, false, qwen2_5},
    {"chatml-qwen3-instruct", PGR_CHAT_CHATML, false, qwen3_instruct},
    {"chatml-qwen3", PGR_CHAT_QWEN3, false, qwen3},
    {"chatml-qwen3", PGR_CHAT_QWEN3, false, qwen3_first},
    {"chatml-qwen3-thinking", PGR_CHAT_QWEN3, true, qwen3_thinking},
    {"llama3", PGR_CHAT_LLAMA3, false, llama3},
    {"llama3.1", PGR_CHAT_LLAMA31, false, llama3_1},
    {"llama3.2", PGR_CHAT_LLAMA31, false, llama3_2},
};

/* Whether an entry is the known one; what stands for "\1" in it goes to *hole. */
static bool same_entry(const char *got, const char *known, const char **hole, size_t *n_hole) {
    const char *mark = strchr(known, '\1');
    if (!mark) return strcmp(got, known) == 0;
    size_t head = (size_t)(mark - known), tail = strlen(mark + 1), n = strlen(got);
    if (n < head + tail || memcmp(got, known, head) != 0 || strcmp(got + n - tail, mark + 1) != 0) return false;
    *hole = got + head;
    *n_hole = n - head - tail;
    return memchr(*hole, '\'', *n_hole) == NULL || memchr(*hole, '+', *n_hole) == NULL; /* one literal, no sum */
}

static bool is_family(const struct pgr_buf *entries, const char *const *known, const char **hole, size_t *n_hole) {
    size_t at = 0;
    *hole = NULL;
    for (; *known && at < entries->len; known++) {
        const char *got = entries->data + at;
        if (!same_entry(got, *known, hole, n_hole)) return false;
        at += strlen(got) + 1;
    }
    return !*known && at == entries->len;
}

pgr_err pgr_chat_recognise(struct pgr_chat *c, const char *text, size_t n, const char *bos) {
    struct pgr_buf entries = PGR_BUF_INIT;
    *c = (struct pgr_chat){0};
    bool ok = read_template(text, n, &entries);
    pgr_err err = pgr_buf_ok(&entries);
    for (size_t i = 0; ok && err == PGR_OK && i < PGR_COUNT(families); i++) {
        const char *hole;
        size_t n_hole = 0;
        if (!is_family(&entries, families[i].entry, &hole, &n_hole)) continue;
        c->system = hole ? pgr_strndup(hole, n_hole) : NULL;
        c->bos = pgr_strdup(bos ? bos : "");
        if ((hole && !c->system) || !c->bos) {
            pgr_chat_free(c);
            err = pgr_fail(PGR_E_NOMEM, "no memory for a chat template");
            break;
        }
        c->kind = families[i].kind;
        c->family = families[i].name;
        c->opens_think = families[i].opens_think;
        break;
    }
    pgr_buf_free(&entries);
    return err;
}

void pgr_chat_free(struct pgr_chat *c) {
    pgr_free(c->system);
    pgr_free(c->bos);
    *c = (struct pgr_chat){0};
}
