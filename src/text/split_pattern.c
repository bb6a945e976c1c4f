/* split_pattern.c - which regular expressions are accepted.
 *
 * Oniguruma (Ruby syntax), which the patterns are written for, and PCRE2 differ in many constructs (\h, \w, {n}?, ^,
 * [[, &&, ...). Accepted is what both read alike, given PCRE2_UTF and PCRE2_UCP and the replacement of doubtful
 * characters:
 *
 *   pattern = ASCII characters, | , groups (...) (?:...) (?=...) (?!...), and (?i:...) around letters, ' and | only
 *   escapes   \p{L} \p{N} \P{L} \P{N} \s \S \r \n \t, and \ before ASCII punctuation
 *   classes   [...] and [^...] of the same escapes, characters and ranges
 *   counts    ? * + each alone, lazy (?) or possessive (+); {n} {n,} {n,m} alone */
#include <string.h>

#include "text/split.h"

enum { MAX_PATTERN_BYTES = 8192 };

struct scan {
    const char *where, *pattern;
    size_t at;
};

static pgr_err refuse(const struct scan *s, size_t n, const char *why) {
    return pgr_fail(PGR_E_UNSUPPORTED, "%s: split pattern has \"%.*s\" at byte %zu: %s", s->where, (int)n,
                    s->pattern + s->at, s->at, why);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static pgr_err scan_escape(struct scan *s) {
    const char *p = s->pattern + s->at;
    static const char *const properties[] = {"\\p{L}", "\\p{N}", "\\P{L}", "\\P{N}"};
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strncmp(p, properties[i], 5) == 0) {
            s->at += 5;
            return PGR_OK;
        }
    if (p[1] == '\0') return refuse(s, 1, "a backslash at the end");
    bool known = strchr("sSrnt", p[1]) != NULL;
    bool punctuation = (unsigned char)p[1] >= 0x20 && (unsigned char)p[1] < 0x7f && !is_letter(p[1]) && !is_digit(p[1]);
    if (!known && !punctuation) {
        size_t n = 2;
        if ((p[1] == 'p' || p[1] == 'P') && p[2] == '{')
            while (p[n] && n < 24 && p[n - 1] != '}') n++;
        return refuse(s, n, "not supported (known: \\p{L} \\p{N} \\s \\S \\r \\n \\t)");
    }
    s->at += 2;
    return PGR_OK;
}

static pgr_err scan_class(struct scan *s) {
    size_t start = s->at++;
    if (s->pattern[s->at] == '^') s->at++;
    if (s->pattern[s->at] == ']') return refuse(s, 1, "\"]\" first in a class");
    for (;;) {
        const char *p = s->pattern + s->at;
        if (*p == '\0') {
            s->at = start;
            return refuse(s, 1, "the class does not end");
        }
        if (*p == ']') break;
        if (*p == '[') return refuse(s, 1, "a class within a class");
        if (p[0] == '&' && p[1] == '&') return refuse(s, 2, "intersection of classes");
        if ((unsigned char)*p >= 0x80) return refuse(s, 1, "a character that is not ASCII");
        if (*p == '\\') {
            PGR_TRY(scan_escape(s));
        } else {
            s->at++;
        }
    }
    s->at++;
    return PGR_OK;
}

/* (?i:...): without letters that fold together with others (ss, st, ff, fi, fl are also one character each). */
static pgr_err scan_caseless(struct scan *s) {
    size_t n = strspn(s->pattern + s->at + 4, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'|") + 4;
    const char *p = s->pattern + s->at;
    if (p[n] != ')') return refuse(s, n, "only letters, ' and | are implemented within (?i:...)");
    for (size_t i = 4; i + 1 < n; i++) {
        char a = (char)(p[i] | 0x20), b = (char)(p[i + 1] | 0x20);
        if ((a == 's' && (b == 's' || b == 't')) || (a == 'f' && (b == 'f' || b == 'i' || b == 'l')))
            return refuse(s, n, "letters that are also one character together");
    }
    s->at += n + 1;
    return PGR_OK;
}

static pgr_err scan_count(struct scan *s) {
    const char *p = s->pattern + s->at;
    if (*p != '{') {
        s->at++;
        if (s->pattern[s->at] == '?' || s->pattern[s->at] == '+') s->at++;
    } else {
        size_t n = 1;
        while (is_digit(p[n])) n++;
        if (n > 1 && p[n] == ',')
            for (n++; is_digit(p[n]);) n++;
        if (n == 1 || p[n] != '}') return refuse(s, n, "a count must be {n}, {n,} or {n,m}");
        s->at += n + 1;
    }
    char next = s->pattern[s->at];
    if (next == '?' || next == '*' || next == '+' || next == '{') return refuse(s, 1, "a count after a count");
    return PGR_OK;
}

pgr_err pgr_split_check_pattern(const char *where, const char *pattern) {
    struct scan s = {where, pattern, 0};
    if (strlen(pattern) > MAX_PATTERN_BYTES)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: split pattern of %zu bytes, at most %d are allowed", where,
                        strlen(pattern), MAX_PATTERN_BYTES);
    while (pattern[s.at]) {
        const char *p = pattern + s.at;
        if ((unsigned char)*p >= 0x80) return refuse(&s, 1, "a character that is not ASCII");
        switch (*p) {
        case '\\': PGR_TRY(scan_escape(&s)); break;
        case '[': PGR_TRY(scan_class(&s)); break;
        case '?':
        case '*':
        case '+':
        case '{': PGR_TRY(scan_count(&s)); break;
        case '(':
            if (p[1] != '?') {
                s.at += 1;
            } else if (p[2] == 'i' && p[3] == ':') {
                PGR_TRY(scan_caseless(&s));
            } else if (p[2] == ':' || p[2] == '=' || p[2] == '!') {
                s.at += 3;
            } else {
                return refuse(&s, p[2] ? 3 : 2, "this kind of group is not supported");
            }
            break;
        case '^':
        case '$':
        case '.': return refuse(&s, 1, "not supported outside a class");
        default: s.at++; break;
        }
    }
    return PGR_OK;
}
