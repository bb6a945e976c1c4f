/* extract.c - where the final answer stands in a completion. */
#include <string.h>

#include "math/math.h"

struct span {
    const char *at;
    size_t n;
};

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool begins(const char *s, const char *end, const char *word) {
    for (; *word; s++, word++)
        if (s == end || lower(*s) != *word) return false;
    return true;
}

/* The last place of word (lower case) in t; NULL if none. */
static const char *find_last(struct span t, const char *word) {
    size_t n = strlen(word);
    for (const char *s = t.at + t.n; s > t.at;)
        if (begins(--s, t.at + t.n, word) && (size_t)(t.at + t.n - s) >= n) return s;
    return NULL;
}

static const char *find_first(struct span t, const char *word) {
    for (const char *s = t.at; s < t.at + t.n; s++)
        if (begins(s, t.at + t.n, word)) return s;
    return NULL;
}

static struct span trim(struct span s) {
    while (s.n && is_space(s.at[0])) s.at++, s.n--;
    while (s.n && is_space(s.at[s.n - 1])) s.n--;
    return s;
}

/* Without white space, a full stop, emphasis and the signs of math mode around it. */
static struct span tidy(struct span s) {
    static const char *const open[] = {"$", "\\(", "\\[", "**", "`"}, *const close[] = {"$", "\\)", "\\]", "**", "`"};
    for (size_t before = s.n + 1; before != s.n;) {
        before = s.n;
        s = trim(s);
        if (s.n && s.at[s.n - 1] == '.' && !(s.n > 6 && memcmp(s.at + s.n - 7, "\\right.", 7) == 0)) s.n--;
        for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
            size_t a = strlen(open[i]), b = strlen(close[i]);
            if (s.n < a + b || memcmp(s.at, open[i], a) != 0 || memcmp(s.at + s.n - b, close[i], b) != 0) continue;
            if (open[i][0] == '$' && s.n > 2 && memchr(s.at + 1, '$', s.n - 2) && s.at[1] != '$') continue;
            s.at += a, s.n -= a + b;
        }
    }
    return s;
}

/* The part of a completion that may hold the answer; *block says that it is an <answer> block. */
static bool answer_region(struct span text, struct span *out, bool *block) {
    const char *end = text.at + text.n, *think = find_last(text, "</think>");
    struct span t = text;
    if (think) {
        t = (struct span){think + 8, (size_t)(end - think - 8)};
    } else if (find_first(text, "<think>")) {
        return false;
    }
    *block = false;
    const char *close = find_last(t, "</answer>");
    struct span before = {t.at, close ? (size_t)(close - t.at) : t.n};
    const char *open = find_last(before, "<answer>");
    if (open) {
        *block = true;
        t = (struct span){open + 8, (size_t)(before.at + before.n - open - 8)};
    }
    *out = t;
    return true;
}

/* Inside of the last \boxed or \fbox whose braces balance. */
static bool find_boxed(struct span t, struct span *out) {
    const char *end = t.at + t.n;
    const char *scan_end = end; /* a box that starts before an unbalanced one ends before it too */
    for (const char *s = end; s > t.at;) {
        s--;
        size_t head = begins(s, end, "\\boxed") ? 6 : begins(s, end, "\\fbox") ? 5 : 0;
        if (!head) continue;
        const char *p = s + head;
        while (p < end && is_space(*p)) p++;
        if (p < end && *p != '{' && !is_letter(*p) && *p != '\\') { /* \boxed 5 */
            const char *q = p;
            while (q < end && !is_space(*q) && *q != '$' && *q != '}') q++;
            if (q == p) continue;
            *out = (struct span){p, (size_t)(q - p)};
            return true;
        }
        if (p == end || *p != '{') continue;
        size_t depth = 0;
        for (const char *q = p; q < scan_end; q++) {
            if (*q == '\\' && q + 1 < end) {
                q++;
            } else if (*q == '{') {
                depth++;
            } else if (*q == '}' && --depth == 0) {
                *out = (struct span){p + 1, (size_t)(q - p - 1)};
                return true;
            }
        }
        scan_end = s;
    }
    return false;
}

/* From s to the end of the sentence: a $...$ or \(...\) if the text starts with one. */
static struct span sentence(const char *s, const char *end) {
    while (s < end && (is_space(*s) || *s == ':' || *s == '=' || *s == '*')) s++;
    if (end - s > 2 && s[0] == '$' && s[1] != '$') {
        const char *q = s + 1;
        while (q < end && *q != '$' && *q != '\n') q += 1 + (*q == '\\' && q + 1 < end);
        /* "$5 and $6" is money, "$5$" is math. */
        if (q < end && *q == '$' && !is_space(q[-1]) && !(q + 1 < end && is_digit(q[1])))
            return (struct span){s + 1, (size_t)(q - s - 1)};
    }
    if (end - s > 4 && s[0] == '\\' && s[1] == '(')
        for (const char *q = s + 2; q + 1 < end; q++)
            if (q[0] == '\\' && q[1] == ')') return (struct span){s + 2, (size_t)(q - s - 2)};
    const char *q = s;
    while (q < end && *q != '\n' && !(*q == '.' && (q + 1 == end || is_space(q[1])))) q++;
    return (struct span){s, (size_t)(q - s)};
}

static bool find_phrase(struct span t, const char *phrase, struct span *out) {
    const char *end = t.at + t.n, *s = find_last(t, phrase);
    if (!s) return false;
    *out = tidy(sentence(s + strlen(phrase), end));
    return out->n > 0;
}

/* Digits with commas and a decimal part that end at q (exclusive); NULL if there is no number there. */
static const char *number_before(const char *begin, const char *q) {
    const char *s = q;
    bool digit = false;
    while (s > begin && (is_digit(s[-1]) || ((s[-1] == '.' || s[-1] == ',') && digit && s - 1 > begin &&
                                             (is_digit(s[-2]) || s[-1] == '.')))) {
        digit |= is_digit(s[-1]);
        s--;
    }
    return digit ? s : NULL;
}

static bool find_number(struct span t, struct span *out) {
    const char *end = t.at + t.n, *q = end;
    while (q > t.at && !is_digit(q[-1])) q--;
    if (q == t.at) return false;
    const char *s = number_before(t.at, q);
    if (!s) return false;
    if (s - t.at >= 2 && s[-1] == '/' && is_digit(s[-2])) {
        const char *num = number_before(t.at, s - 1);
        if (num) s = num;
    }
    if (s > t.at && s[-1] == '-' && (s - 1 == t.at || is_space(s[-2]) || strchr("$(=:,{[", s[-2]))) s--;
    if (q < end && *q == '%') q++;
    *out = (struct span){s, (size_t)(q - s)};
    return true;
}

pgr_math_how pgr_math_extract(const char *completion, size_t n, const char **at, size_t *answer_bytes) {
    struct span t, got = {NULL, 0};
    bool block = false;
    if (!completion || !answer_region((struct span){completion, n}, &t, &block)) return PGR_MATH_NONE;
    pgr_math_how how = PGR_MATH_NONE;
    struct span all = tidy(t);
    if (find_boxed(t, &got)) {
        how = PGR_MATH_BOXED;
    } else if (find_phrase(t, "final answer is", &got)) {
        how = PGR_MATH_FINAL_ANSWER;
    } else if (find_phrase(t, "####", &got)) {
        how = PGR_MATH_HASHES;
    } else if (find_phrase(t, "answer is", &got) || find_phrase(t, "answer:", &got) ||
               find_phrase(t, "answer =", &got)) {
        how = PGR_MATH_ANSWER_IS;
    } else if (block && all.n && all.n <= 200 && !memchr(all.at, '\n', all.n)) {
        got = all;
        how = PGR_MATH_WHOLE;
    } else if (find_number(t, &got)) {
        how = PGR_MATH_LAST_NUMBER;
    }
    if (how == PGR_MATH_NONE) return how;
    got = how == PGR_MATH_LAST_NUMBER ? got : tidy(got);
    if (got.n == 0) return PGR_MATH_NONE;
    *at = got.at;
    *answer_bytes = got.n;
    return how;
}

const char *pgr_math_how_name(pgr_math_how h) {
    static const char *const names[] = {"none",      "boxed",        "final answer", "####",
                                        "answer is", "answer block", "last number"};
    return names[h];
}
