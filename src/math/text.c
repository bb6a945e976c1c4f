/* text.c - answers as words, and as strings without markup. */
#include "math/text.h"

#include <string.h>

#include "base/size.h"
#include "math/expr.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '~'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Length of markup at s that can go, 0 if there is none. */
static size_t markup(const char *s, size_t n) {
    static const char *const commands[] = {"\\left", "\\right", "\\displaystyle", "\\quad", "\\qquad"};
    static const char spacing[] = ",!;: ";
    if (*s == '$' || is_space(*s)) return 1;
    if (n >= 2 && *s == '\\' && s[1] && strchr(spacing, s[1])) return 2;
    for (size_t i = 0; i < PGR_COUNT(commands); i++) {
        size_t k = strlen(commands[i]);
        if (n > k && memcmp(s, commands[i], k) == 0 && !is_letter(s[k])) return k;
    }
    return 0;
}

size_t pgr_text_canonical(const char *s, size_t n, char *to) {
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        size_t k = markup(s + i, n - i);
        if (k == 0) {
            if (n - i > 5 && s[i] == '\\' && (s[i + 1] == 'd' || s[i + 1] == 't') &&
                memcmp(s + i + 2, "frac", 4) == 0) {
                to[len++] = '\\';
                i += 2;
                continue;
            }
            to[len++] = s[i];
            k = 1;
        } else if (i > 0 && i + k < n && is_letter(s[i + k]) && len && is_letter(to[len - 1]) &&
                   memchr(to, '\\', len)) {
            to[len++] = ' '; /* "\pi r" is not "\pir" */
        }
        i += k;
    }
    to[len] = 0;
    return len;
}

static bool known_name(const char *w, size_t n) {
    static const char *const names[] = {
        "sqrt", "sin",   "cos",   "tan",   "cot",    "sec",   "csc",   "arcsin", "arccos",   "arctan", "asin",
        "acos", "atan",  "sinh",  "cosh",  "tanh",   "exp",   "log",   "infty",  "infinity", "inf",    "alpha",
        "beta", "gamma", "delta", "theta", "lambda", "sigma", "omega", "abs",    "floor",    "ceil",   "min",
        "max",  "gcd",   "lcm",   "np",    "and",    "math",  "phi",   "rho",    "tau"};
    for (size_t i = 0; i < PGR_COUNT(names); i++)
        if (strlen(names[i]) == n && memcmp(names[i], w, n) == 0) return true;
    return false;
}

static bool short_word(const char *w, size_t n) {
    static const char *const words[] = {"no", "yes", "odd", "one", "two", "six", "ten", "all", "red", "dne"};
    for (size_t i = 0; i < PGR_COUNT(words); i++) {
        bool same = strlen(words[i]) == n;
        for (size_t k = 0; same && k < n; k++) same = words[i][k] == lower(w[k]);
        if (same) return true;
    }
    return false;
}

void pgr_text_words(const char *s, size_t n, struct pgr_words *out) {
    static const char *const wrappers[] = {"\\text", "\\textbf", "\\textit", "\\textrm",
                                           "\\mbox", "\\mathrm", "\\mathbf", "\\operatorname"};
    size_t len = 0;
    bool text = false, sign = false;
    *out = (struct pgr_words){.only_words = true};
    for (size_t i = 0; i < n && out->only_words;) {
        size_t k = 0;
        for (size_t w = 0; w < PGR_COUNT(wrappers) && s[i] == '\\'; w++) {
            size_t l = strlen(wrappers[w]);
            if (n - i > l && memcmp(s + i, wrappers[w], l) == 0 && !is_letter(s[i + l])) k = l;
        }
        if (k) {
            text = true;
        } else if ((k = markup(s + i, n - i)) > 0) {
            if (len && out->text[len - 1] != ' ') out->text[len++] = ' ';
        } else if (s[i] == '{' || s[i] == '}') {
            k = 1;
        } else if (is_letter(s[i])) {
            size_t end = i;
            while (end < n && is_letter(s[end])) end++;
            size_t w = end - i;
            if ((w >= 4 && !known_name(s + i, w)) || short_word(s + i, w) ||
                (w == 3 && !known_name(s + i, w) && s[i] < 'a' && s[i + 1] >= 'a'))
                out->wordy = true;
            for (k = 0; k < w && len + 2 < PGR_TEXT_MAX; k++) out->text[len++] = lower(s[i + k]);
            if (k < w) out->only_words = false;
        } else if (strchr("-'.(),:", s[i]) && s[i]) {
            sign |= s[i] == '(';
            if (s[i] != '.' && s[i] != '(' && s[i] != ')' && s[i] != ':') out->text[len++] = s[i];
            k = 1;
        } else {
            out->only_words = false;
        }
        if (len + 2 >= PGR_TEXT_MAX) out->only_words = false;
        i += k;
    }
    while (len && out->text[len - 1] == ' ') len--;
    out->text[len] = 0;
    /* \text{cm} behind nothing is a text too; a lone letter is a choice only when it is marked as one. */
    if (text && len) out->wordy = true;
    if (len == 1 && sign && is_letter(out->text[0])) out->wordy = true;
    if (len == 0 || !out->only_words) out->only_words = out->wordy = false;
}

int pgr_text_number(const char *word) {
    static const char *const words[] = {"zero",     "one",      "two",      "three",   "four",    "five",
                                        "six",      "seven",    "eight",    "nine",    "ten",     "eleven",
                                        "twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
                                        "eighteen", "nineteen", "twenty"};
    for (size_t i = 0; i < PGR_COUNT(words); i++)
        if (strcmp(words[i], word) == 0) return (int)i;
    return -1;
}

bool pgr_text_contains(const char *outer, const char *inner) {
    size_t n = strlen(inner);
    for (const char *s = outer; (s = strstr(s, inner)); s++)
        if ((s == outer || !is_letter(s[-1])) && !is_letter(s[n])) return true;
    return false;
}

bool pgr_text_anagram(const char *a, const char *b) {
    int count[256] = {0};
    for (; *a; a++) count[(unsigned char)*a]++;
    for (; *b; b++) count[(unsigned char)*b]--;
    for (int i = 0; i < 256; i++)
        if (count[i] && i != ' ') return false;
    return true;
}
