/* wide.c - see wide.h. */
#include "task/wide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_INT_DIGITS = 100000, FLAGS = JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES };

static size_t string_end(const char *s, size_t n, size_t i) {
    for (i++; i < n && s[i] != '"'; i++)
        if (s[i] == '\\') i++;
    return i < n ? i + 1 : n;
}

static bool is_number_byte(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* A run of number bytes, or a word; copied, or replaced by its escape. */
static void put_number(const char *s, size_t n, struct pgr_buf *b) {
    size_t sign = s[0] == '-', digits = 0;
    while (sign + digits < n && s[sign + digits] >= '0' && s[sign + digits] <= '9') digits++;
    if (digits && sign + digits == n) {
        if (digits >= 19 && digits <= MAX_INT_DIGITS && s[sign] != '0') {
            pgr_buf_adds(b, "{\"__int__\":\"");
            pgr_buf_add(b, s, n);
            pgr_buf_adds(b, "\"}");
            return;
        }
    } else if (n < 400 && digits) {
        char text[400], *end;
        memcpy(text, s, n);
        text[n] = '\0';
        double v = strtod(text, &end);
        if (*end == '\0' && isinf(v)) {
            pgr_buf_adds(b, v > 0 ? "{\"__float__\":\"inf\"}" : "{\"__float__\":\"-inf\"}");
            return;
        }
    }
    pgr_buf_add(b, s, n);
}

static void rewrite(const char *s, size_t n, struct pgr_buf *b) {
    static const char *const words[][2] = {{"NaN", "{\"__float__\":\"nan\"}"},
                                           {"Infinity", "{\"__float__\":\"inf\"}"},
                                           {"-Infinity", "{\"__float__\":\"-inf\"}"}};
    for (size_t i = 0; i < n;) {
        size_t to = i + 1;
        if (s[i] == '"') {
            to = string_end(s, n, i);
            pgr_buf_add(b, s + i, to - i);
        } else if (s[i] == 'N' || s[i] == 'I' || (s[i] == '-' && i + 1 < n && s[i + 1] == 'I')) {
            const char *with = NULL;
            for (size_t k = 0; k < 3 && !with; k++) {
                size_t len = strlen(words[k][0]);
                if (n - i >= len && memcmp(s + i, words[k][0], len) == 0) {
                    with = words[k][1];
                    to = i + len;
                }
            }
            if (with)
                pgr_buf_adds(b, with);
            else
                pgr_buf_addc(b, s[i]);
        } else if (s[i] == '-' || (s[i] >= '0' && s[i] <= '9')) {
            while (to < n && is_number_byte(s[to])) to++;
            put_number(s + i, to - i, b);
        } else {
            while (to < n && s[to] != '"' && s[to] != '-' && s[to] != 'N' && s[to] != 'I' &&
                   (s[to] < '0' || s[to] > '9'))
                to++;
            pgr_buf_add(b, s + i, to - i);
        }
        i = to;
    }
}

pgr_err pgr_json_parse_wide(const char *where, const char *text, size_t n, json_t **out) {
    json_error_t e;
    json_t *j = json_loadb(text, n, FLAGS, &e);
    if (!j && json_error_code(&e) != json_error_out_of_memory) {
        struct pgr_buf b = PGR_BUF_INIT;
        json_error_t again;
        rewrite(text, n, &b);
        if (pgr_buf_ok(&b) == PGR_OK) j = json_loadb(pgr_buf_str(&b), b.len, FLAGS, &again);
        pgr_buf_free(&b);
    }
    if (!j && json_error_code(&e) == json_error_out_of_memory)
        return pgr_fail(PGR_E_NOMEM, "%s: out of memory for JSON", where);
    if (!j) return pgr_fail(PGR_E_FORMAT, "%s: not valid JSON at column %d: %s", where, e.column, e.text);
    *out = j;
    return PGR_OK;
}
