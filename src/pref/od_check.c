/* od_check.c - see od_check.h. */
#include "pref/od_check.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/size.h"
#include "text/utf8.h"

const struct pgr_od_bounds pgr_od_default_bounds = {
    .min_words = 20, .length_band = 1.4, .max_similarity = 0.95, .max_problem = 0.5, .max_script = 0.2};

static const char *const reason_names[PGR_OD_N_REASON] = {
#define X(symbol, name) name,
    PGR_OD_REASON_LIST(X)
#undef X
};

const char *pgr_od_reason_name(enum pgr_od_reason r) { return reason_names[r]; }

bool pgr_od_reason_find(const char *name, enum pgr_od_reason *out) {
    for (int i = 0; i < PGR_OD_N_REASON; i++)
        if (strcmp(reason_names[i], name) == 0) {
            *out = (enum pgr_od_reason)i;
            return true;
        }
    return false;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_word_byte(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

size_t pgr_od_count_words(const char *text) {
    size_t n = 0;
    for (const char *s = text; *s; s++) n += !is_space(*s) && (s == text || is_space(s[-1]));
    return n;
}

bool pgr_od_length_fits(double band, const char *a, const char *b) {
    double x = (double)strlen(a), y = (double)strlen(b);
    return fmax(x, y) <= band * fmin(x, y);
}

/* ---- similarity ---- */

enum { MAX_WORDS = 2000 };

struct word_hashes {
    uint64_t hash[MAX_WORDS];
    size_t n;
};

static void read_words(const char *s, struct word_hashes *w) {
    w->n = 0;
    while (*s && w->n < MAX_WORDS) {
        if (is_space(*s)) {
            s++;
            continue;
        }
        uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
        bool word = is_word_byte((unsigned char)*s);
        do h = (h ^ (unsigned char)lower(*s++)) * 0x100000001b3u;
        while (word && is_word_byte((unsigned char)*s));
        w->hash[w->n++] = h;
    }
}

pgr_err pgr_od_similarity(const char *a, const char *b, double *out) {
    struct word_hashes *w = pgr_alloc_array(2, sizeof *w);
    if (!w) return pgr_fail(PGR_E_NOMEM, "out of memory for the words of two texts");
    uint16_t row[MAX_WORDS + 1] = {0}; /* longest common subsequence of a's words so far and b's first j */
    read_words(a, &w[0]);
    read_words(b, &w[1]);
    for (size_t i = 0; i < w[0].n; i++) {
        uint16_t diagonal = 0;
        for (size_t j = 0; j < w[1].n; j++) {
            uint16_t above = row[j + 1];
            if (w[0].hash[i] == w[1].hash[j])
                row[j + 1] = (uint16_t)(diagonal + 1);
            else if (row[j] > above)
                row[j + 1] = row[j];
            diagonal = above;
        }
    }
    size_t total = w[0].n + w[1].n;
    *out = total ? 2.0 * row[w[1].n] / (double)total : 1.0;
    pgr_free(w);
    return PGR_OK;
}

pgr_err pgr_od_share_of(const char *text, const char *source, double *out) {
    enum { RUN = 8 };
    struct word_hashes *w = pgr_alloc_array(2, sizeof *w);
    if (!w) return pgr_fail(PGR_E_NOMEM, "out of memory for the words of two texts");
    read_words(text, &w[0]);
    read_words(source, &w[1]);
    size_t n_shared = 0, end = 0; /* end: words before it are counted */
    for (size_t i = 0; i + RUN <= w[0].n; i++) {
        bool found = false;
        for (size_t j = 0; j + RUN <= w[1].n && !found; j++)
            found = memcmp(w[0].hash + i, w[1].hash + j, RUN * sizeof *w[0].hash) == 0;
        if (!found) continue;
        n_shared += i + RUN - (end > i ? end : i);
        end = i + RUN;
    }
    *out = w[0].n ? (double)n_shared / (double)w[0].n : 0.0;
    pgr_free(w);
    return PGR_OK;
}

/* ---- language ---- */

enum { N_SCRIPT = 11, SCRIPT_NONE = -1, SCRIPT_LATIN = 0, SCRIPT_OTHER = 10 };

static int script_of(uint32_t c) {
    static const struct {
        uint32_t first, last;
        int script;
    } runs[] = {{0x41, 0x5a, 0},      {0x61, 0x7a, 0},     {0xc0, 0x24f, 0},    {0x1e00, 0x1eff, 0},
                {0x370, 0x3ff, 1},    {0x1f00, 0x1fff, 1}, {0x400, 0x52f, 2},   {0x590, 0x5ff, 3},
                {0x600, 0x77f, 4},    {0x900, 0xdff, 5},   {0xe00, 0xe7f, 6},   {0x3040, 0x30ff, 7},
                {0x1100, 0x11ff, 8},  {0xac00, 0xd7af, 8}, {0x3400, 0x4dbf, 9}, {0x4e00, 0x9fff, 9},
                {0x20000, 0x323af, 9}};
    if (c < 0xc0 && !(lower((char)c) >= 'a' && lower((char)c) <= 'z')) return SCRIPT_NONE;
    for (size_t i = 0; i < PGR_COUNT(runs); i++)
        if (c >= runs[i].first && c <= runs[i].last) return runs[i].script;
    /* General punctuation, mathematical signs, arrows, full-width signs, emoji: no letters. */
    if ((c >= 0x2000 && c <= 0x2bff) || (c >= 0x3000 && c <= 0x303f) || (c >= 0xfe00 && c <= 0xffff) ||
        (c >= 0x1d400 && c <= 0x1faff) || (c >= 0x2b0 && c <= 0x36f))
        return SCRIPT_NONE;
    return SCRIPT_OTHER;
}

static double script_shares(const char *s, double share[N_SCRIPT]) {
    size_t n = strlen(s), len;
    double total = 0;
    for (size_t i = 0; i < N_SCRIPT; i++) share[i] = 0;
    for (; n > 0; s += len, n -= len) {
        len = pgr_utf8_len(s, n);
        if (len == 0) {
            len = 1;
            continue;
        }
        int k = script_of(pgr_utf8_decode(s, &len));
        if (k != SCRIPT_NONE) share[k]++, total++;
    }
    for (size_t i = 0; i < N_SCRIPT && total > 0; i++) share[i] /= total;
    return total;
}

double pgr_od_script_distance(const char *a, const char *b) {
    double x[N_SCRIPT], y[N_SCRIPT], sum = 0;
    if (script_shares(a, x) <= 0 || script_shares(b, y) <= 0) return 0;
    for (size_t i = 0; i < N_SCRIPT; i++) sum += fabs(x[i] - y[i]);
    return sum / 2;
}

/* ---- code ---- */

static bool starts(const char *s, const char *with) { return strncmp(s, with, strlen(with)) == 0; }

/* A line of Python that prose does not begin with. */
static bool is_code_line(const char *s) {
    static const char *const names[] = {"def ", "class ", "async def "};
    while (*s == ' ' || *s == '\t') s++;
    if (starts(s, "```") || starts(s, "~~~")) return true;
    size_t n = strcspn(s, "\n");
    while (n > 0 && is_space(s[n - 1])) n--;
    for (size_t i = 0; i < PGR_COUNT(names); i++)
        if (starts(s, names[i]) && n > 0 && s[n - 1] == ':') return true;
    if (starts(s, "import ") && n > 7 && !memchr(s + 7, ' ', n - 7)) return true;
    if (starts(s, "from ")) { /* from NAME import ... */
        size_t name = strcspn(s + 5, " \t\n");
        return name > 0 && starts(s + 5 + name, " import ");
    }
    return starts(s, "#include") || starts(s, "#!");
}

static bool is_list_line(const char *s) {
    while (*s == ' ' || *s == '\t') s++;
    if (*s == '#') return true;
    if (*s == '-' || *s == '*' || *s == '+') return s[1] == ' ';
    size_t digits = strspn(s, "0123456789");
    return digits > 0 && (s[digits] == '.' || s[digits] == ')') && s[digits + 1] == ' ';
}

bool pgr_od_has_lists(const char *text) {
    for (const char *s = text; s; s = strchr(s, '\n')) {
        if (*s == '\n') s++;
        if (is_list_line(s)) return true;
    }
    return false;
}

size_t pgr_od_code_lines(const char *text) {
    size_t n = 0;
    for (const char *s = text; s; s = strchr(s, '\n')) {
        if (*s == '\n') s++;
        n += is_code_line(s);
    }
    return n;
}

/* ---- what gives a rewrite away ---- */

/* Sought where the text begins. */
static const char *const refusal_start[] = {
    "i'm sorry",  "i am sorry",  "sorry,",   "sorry but",   "i cannot ",          "i can't ",    "i can not ",
    "i'm unable", "i am unable", "i won't ", "i will not ", "unfortunately, i c", "i apologize", "my apologies"};
/* Sought everywhere. */
static const char *const refusal_any[] = {
    "as an ai",        "language model",   "ai assistant",    "cannot assist with", "can't assist with",
    "can't help with", "cannot help with", "cannot fulfill",  "can't fulfill",      "cannot comply",
    "can't comply",    "unable to assist", "i'm sorry, but i"};
static const char *const echo_start[] = {
    "here is",  "here's",           "here are",   "sure",      "certainly", "of course", "absolutely",
    "below is", "the following is", "reasoning:", "rewritten", "revised",   "problem:",  "answer:"};
static const char *const echo_any[] = {"degraded version",
                                       "degraded reasoning",
                                       "optimized version",
                                       "optimised version",
                                       "optimized reasoning",
                                       "optimised reasoning",
                                       "improved version",
                                       "improved reasoning",
                                       "revised version",
                                       "revised reasoning",
                                       "modified version",
                                       "modified reasoning",
                                       "rewritten",
                                       "rewrite",
                                       "reworded",
                                       "original reasoning",
                                       "original text",
                                       "original draft",
                                       "original version",
                                       "this version",
                                       "the reasoning above",
                                       "previous reasoning",
                                       "given reasoning",
                                       "flawed reasoning",
                                       "faulty reasoning",
                                       "as requested",
                                       "as instructed",
                                       "per your request",
                                       "you asked me",
                                       "these directions",
                                       "the instructions",
                                       "the directions",
                                       "factual accuracy",
                                       "logical rigor",
                                       "logical rigour",
                                       "logical coherence",
                                       "false statement",
                                       "deliberate error",
                                       "deliberate mistake",
                                       "deliberately wrong",
                                       "intentional error",
                                       "intentional mistake",
                                       "intentionally wrong",
                                       "intentionally incorrect",
                                       "introduced an error",
                                       "subtle error",
                                       "subtle mistake",
                                       "necessary taken as sufficient"};
static const char *const markup[] = {"<think",      "</think",     "<answer",        "</answer",    "<|im_",
                                     "<|endoftext", "<|eot_id",    "<|start_header", "<reasoning>", "</reasoning>",
                                     "{problem}",   "{reasoning}", "{change}",       "\xef\xbf\xbd" /* U+FFFD */};

/* Lower case, runs of white space as one blank, typographic apostrophes as plain ones, asterisks left out (bold). */
static pgr_err plain(const char *text, struct pgr_buf *out) {
    while (is_space(*text)) text++;
    for (const char *s = text; *s; s++) {
        if (starts(s, "\xe2\x80\x99"))
            pgr_buf_addc(out, '\''), s += 2;
        else if (is_space(*s)) {
            if (!is_space(s[1])) pgr_buf_addc(out, ' ');
        } else if (*s != '*')
            pgr_buf_addc(out, lower(*s));
    }
    return pgr_buf_ok(out);
}

/* The phrase stands in the text and is not the middle of longer words. */
static bool has_phrase(const char *text, const char *phrase) {
    size_t n = strlen(phrase);
    for (const char *s = text; (s = strstr(s, phrase)); s++) {
        bool before = s == text || !is_word_byte((unsigned char)phrase[0]) || !is_word_byte((unsigned char)s[-1]);
        bool after = !is_word_byte((unsigned char)phrase[n - 1]) || !is_word_byte((unsigned char)s[n]);
        if (before && after) return true;
    }
    return false;
}

static bool begins_with(const char *text, const char *phrase) {
    size_t n = strlen(phrase);
    while (*text && (strchr("\"'#-> ", *text))) text++;
    return starts(text, phrase) &&
           (!is_word_byte((unsigned char)phrase[n - 1]) || !is_word_byte((unsigned char)text[n]));
}

static bool is_refusal(const char *text) {
    for (size_t i = 0; i < PGR_COUNT(refusal_start); i++)
        if (begins_with(text, refusal_start[i])) return true;
    for (size_t i = 0; i < PGR_COUNT(refusal_any); i++)
        if (has_phrase(text, refusal_any[i])) return true;
    return false;
}

static bool is_echo(const char *text, const char *problem, const char *original) {
    for (size_t i = 0; i < PGR_COUNT(echo_start); i++)
        if (begins_with(text, echo_start[i]) && !begins_with(original, echo_start[i])) return true;
    for (size_t i = 0; i < PGR_COUNT(echo_any); i++)
        if (has_phrase(text, echo_any[i]) && !has_phrase(problem, echo_any[i]) && !has_phrase(original, echo_any[i]))
            return true;
    return false;
}

/* A run of words of the directions, found in neither problem nor original. All texts are plain. */
static bool repeats(const char *text, const char *directions, const char *problem, const char *original) {
    enum { RUN = 6 /* words: shorter runs come by chance */, MAX_BYTES = 256 };
    char run[MAX_BYTES];
    for (const char *s = text; s; s = strchr(s, ' ')) {
        while (*s == ' ') s++;
        size_t n = 0, words = 0;
        for (; s[n] && words < RUN; n++) words += s[n] == ' ';
        if (!s[n] && words < RUN - 1) return false;
        if (n && s[n - 1] == ' ') n--;
        if (n >= MAX_BYTES) continue;
        memcpy(run, s, n);
        run[n] = '\0';
        if (strstr(directions, run) && !strstr(problem, run) && !strstr(original, run)) return true;
    }
    return false;
}

static bool has_markup(const char *text, size_t n_bytes) {
    if (strlen(text) != n_bytes || pgr_utf8_valid_prefix(text, n_bytes) != n_bytes) return true;
    for (size_t i = 0; i < n_bytes; i++)
        if (((unsigned char)text[i] < ' ' && !is_space(text[i])) || text[i] == 0x7f) return true;
    for (size_t i = 0; i < PGR_COUNT(markup); i++)
        if (strstr(text, markup[i])) return true;
    return false;
}

pgr_err pgr_od_check(const struct pgr_od_bounds *b, const char *text, size_t n_bytes, bool cut, const char *problem,
                     const char *original, const char *directions, bool is_rewrite, enum pgr_od_reason *reason,
                     double *similarity) {
    struct pgr_buf t = PGR_BUF_INIT, p = PGR_BUF_INIT, o = PGR_BUF_INIT, d = PGR_BUF_INIT;
    double alike = -1;
    enum pgr_od_reason r = PGR_OD_NONE;
    pgr_err err = plain(text, &t);
    if (err == PGR_OK) err = plain(problem, &p);
    if (err == PGR_OK) err = plain(original, &o);
    if (err == PGR_OK) err = plain(directions, &d);
    if (err != PGR_OK) goto out;
    if (cut)
        r = PGR_OD_CUT;
    else if (pgr_od_count_words(text) < b->min_words)
        r = PGR_OD_SHORT;
    else if (has_markup(text, n_bytes))
        r = PGR_OD_MARKUP;
    else if (is_refusal(pgr_buf_str(&t)))
        r = PGR_OD_REFUSAL;
    else if (is_echo(pgr_buf_str(&t), pgr_buf_str(&p), pgr_buf_str(&o)) ||
             repeats(pgr_buf_str(&t), pgr_buf_str(&d), pgr_buf_str(&p), pgr_buf_str(&o)))
        r = PGR_OD_INSTRUCTION;
    else if (pgr_od_code_lines(text) > (is_rewrite ? pgr_od_code_lines(original) : 0))
        r = PGR_OD_CODE;
    else if (is_rewrite && pgr_od_has_lists(text) != pgr_od_has_lists(original))
        r = PGR_OD_FORM;
    else if (pgr_od_script_distance(text, original) > b->max_script)
        r = PGR_OD_LANGUAGE;
    else if (is_rewrite && !pgr_od_length_fits(b->length_band, text, original))
        r = PGR_OD_LENGTH;
    else {
        double restated;
        err = pgr_od_share_of(text, problem, &restated);
        if (err == PGR_OK) err = pgr_od_similarity(text, original, &alike);
        if (err == PGR_OK && alike > b->max_similarity) r = PGR_OD_COPY;
        if (err == PGR_OK && restated > b->max_problem) r = PGR_OD_RESTATED;
    }
    if (err != PGR_OK) goto out;
    *reason = r;
    if (similarity) *similarity = alike;
out:
    pgr_buf_free(&t);
    pgr_buf_free(&p);
    pgr_buf_free(&o);
    pgr_buf_free(&d);
    return err;
}
