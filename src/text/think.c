/* think.c - the think/answer structure, and code fences. */
#include "text/think.h"

#include <string.h>

#include "base/size.h"

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static struct pgr_span trim(struct pgr_span s) {
    while (s.n > 0 && is_blank(s.at[0])) s.at++, s.n--;
    while (s.n > 0 && is_blank(s.at[s.n - 1])) s.n--;
    return s;
}

enum tag { THINK, END_THINK, ANSWER, END_ANSWER, N_TAG, NO_TAG = N_TAG };
static const struct {
    const char *text;
    size_t n;
} tags[N_TAG] = {{"<think>", 7}, {"</think>", 8}, {"<answer>", 8}, {"</answer>", 9}};

static enum tag tag_at(const char *s, size_t n) {
    for (int t = 0; t < N_TAG; t++)
        if (n >= tags[t].n && memcmp(s, tags[t].text, tags[t].n) == 0) return (enum tag)t;
    return NO_TAG;
}

/* The next tag at or after *at; its place goes to *at. */
static enum tag next_tag(const char *text, size_t n, size_t *at) {
    while (*at < n) {
        const char *p = memchr(text + *at, '<', n - *at);
        if (!p) break;
        *at = (size_t)(p - text);
        enum tag t = tag_at(p, n - *at);
        if (t != NO_TAG) return t;
        ++*at;
    }
    return NO_TAG;
}

static struct pgr_span between(const char *text, size_t from, size_t to) {
    return trim((struct pgr_span){text + from, to - from});
}

/* NULL if text[n] has exactly the structure, else why not. */
static const char *check(const char *text, size_t n) {
    static const char *const missing[] = {"no <think>", "no </think>", "no <answer>", "no </answer>"};
    static const char *const second[] = {"a second <think>", "a second </think>", "a second <answer>",
                                         "a second </answer>"};
    size_t place[N_TAG], count[N_TAG] = {0}, at = 0;
    for (enum tag t; (t = next_tag(text, n, &at)) != NO_TAG; at += tags[t].n)
        if (count[t]++ == 0) place[t] = at;
    for (int t = 0; t < N_TAG; t++)
        if (count[t] == 0) return missing[t];
    for (int t = 0; t < N_TAG; t++)
        if (count[t] > 1) return second[t];
    for (int t = 0; t + 1 < N_TAG; t++)
        if (place[t] > place[t + 1]) return "tags in the wrong order";
    if (between(text, 0, place[THINK]).n > 0) return "text before <think>";
    if (between(text, place[END_THINK] + tags[END_THINK].n, place[ANSWER]).n > 0)
        return "text between </think> and <answer>";
    if (between(text, place[END_ANSWER] + tags[END_ANSWER].n, n).n > 0) return "text after </answer>";
    if (between(text, place[THINK] + tags[THINK].n, place[END_THINK]).n == 0) return "nothing inside <think>";
    if (between(text, place[ANSWER] + tags[ANSWER].n, place[END_ANSWER]).n == 0) return "nothing inside <answer>";
    return NULL;
}

/* The answer within text[from..n], trimmed. */
static struct pgr_span find_answer(const char *text, size_t from, size_t n) {
    struct pgr_span closed = {NULL, 0}, all = between(text, from, n);
    size_t at = from, open = SIZE_MAX; /* where the inside of the latest <answer> starts */
    for (enum tag t; (t = next_tag(text, n, &at)) != NO_TAG; at += tags[t].n) {
        if (t == ANSWER) open = at + tags[t].n;
        if (t == END_ANSWER && open != SIZE_MAX) {
            closed = between(text, open, at);
            open = SIZE_MAX;
        }
    }
    if (closed.at) return closed;
    return open != SIZE_MAX ? between(text, open, n) : all;
}

void pgr_think_parse(const char *text, size_t n, struct pgr_think *out) {
    *out = (struct pgr_think){.why = check(text, n)};
    out->strict = !out->why;
    size_t at = 0, inside = SIZE_MAX, after = SIZE_MAX; /* first <think>, last </think> */
    bool open = false;
    for (enum tag t; (t = next_tag(text, n, &at)) != NO_TAG; at += tags[t].n) {
        if (t == THINK) {
            if (inside == SIZE_MAX) inside = at + tags[t].n;
            open = true;
        }
        if (t == END_THINK) {
            if (inside != SIZE_MAX && !out->has_think) {
                out->has_think = true;
                out->think = between(text, inside, at);
            }
            after = at + tags[t].n;
            open = false;
        }
    }
    if (open) return;
    out->answer = find_answer(text, after == SIZE_MAX ? 0 : after, n);
    out->has_answer = out->answer.n > 0;
    if (!out->has_answer) out->answer = (struct pgr_span){NULL, 0};
}

/* The line that starts at s[at]: its end goes to *end (of the text without \n), the next line's start to *next. */
static void get_line(struct pgr_span s, size_t at, size_t *end, size_t *next) {
    const char *p = memchr(s.at + at, '\n', s.n - at);
    *end = p ? (size_t)(p - s.at) : s.n;
    *next = p ? *end + 1 : s.n;
}

/* The number of backticks that open a fence in line[n], 0 if none; what follows them, trimmed, goes to *info. */
static size_t fence(const char *line, size_t n, struct pgr_span *info) {
    size_t indent = 0, ticks = 0;
    while (indent < n && line[indent] == ' ') indent++;
    if (indent > 3) return 0;
    while (indent + ticks < n && line[indent + ticks] == '`') ticks++;
    *info = trim((struct pgr_span){line + indent + ticks, n - indent - ticks});
    if (ticks < 3 || memchr(info->at, '`', info->n)) return 0;
    return ticks;
}

static bool is_python(struct pgr_span info) {
    static const char *const names[] = {"python", "py", "python3"};
    for (size_t k = 0; k < PGR_COUNT(names); k++) {
        size_t n = strlen(names[k]), i = 0;
        if (info.n < n || (info.n > n && !is_blank(info.at[n]))) continue;
        while (i < n && (info.at[i] | 0x20) == (names[k][i] | 0x20)) i++;
        if (i == n) return true;
    }
    return false;
}

struct pgr_span pgr_answer_code(struct pgr_span answer) {
    struct pgr_span python = {NULL, 0}, untagged = {NULL, 0};
    for (size_t at = 0, end, next; at < answer.n; at = next) {
        struct pgr_span info, ignored;
        get_line(answer, at, &end, &next);
        size_t ticks = fence(answer.at + at, end - at, &info);
        if (ticks == 0) continue;
        size_t from = next, to = answer.n;
        for (size_t line = from; line < answer.n; line = next) {
            get_line(answer, line, &end, &next);
            if (fence(answer.at + line, end - line, &ignored) >= ticks && ignored.n == 0) {
                to = line;
                break;
            }
        }
        struct pgr_span code = {answer.at + from, to - from};
        if (is_python(info)) python = code;
        if (info.n == 0) untagged = code;
    }
    return python.at ? python : untagged.at ? untagged : answer;
}
