/* split.c - running the stages of a splitter. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/split.h"

#include <assert.h>
#include <pcre2.h>
#include <string.h>

#include "base/mem.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { MAX_STAGE = 8, JIT_STACK_START = 32 << 10, JIT_STACK_MAX = 8 << 20, MATCH_LIMIT = 10000000 };

#define WORDS_BY_CASE "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
#define MARKS_AND_SPACE "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const char pgr_pattern_gpt2[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const char pgr_pattern_qwen2[] = WORDS_BY_CASE "\\p{N}" MARKS_AND_SPACE;
const char pgr_pattern_llama3[] = WORDS_BY_CASE "\\p{N}{1,3}" MARKS_AND_SPACE;

struct stage {
    pcre2_code *code; /* NULL: Digits */
    bool jit;
    enum pgr_split_keep keep;
    bool individual;
};

struct pgr_split {
    struct stage stage[MAX_STAGE];
    size_t n;
};

pgr_err pgr_split_new(struct pgr_split **out) {
    *out = pgr_alloc_zero(1, sizeof **out);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "no memory for a splitter");
}

void pgr_split_free(struct pgr_split *s) {
    if (!s) return;
    for (size_t i = 0; i < s->n; i++) pcre2_code_free(s->stage[i].code);
    pgr_free(s);
}

void pgr_split_scratch_free(struct pgr_split_scratch *x) {
    pcre2_match_data_free(x->match);
    pcre2_match_context_free(x->context);
    pcre2_jit_stack_free(x->stack);
    pgr_buf_free(&x->shadow);
    memset(x, 0, sizeof *x);
}

static pgr_err next_stage(struct pgr_split *s, const char *where, struct stage **out) {
    if (s->n == MAX_STAGE)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: more than %d pre-tokenizers in a row", where, MAX_STAGE);
    *out = &s->stage[s->n];
    return PGR_OK;
}

pgr_err pgr_split_add_digits(struct pgr_split *s, const char *where, bool individual) {
    struct stage *t = NULL;
    PGR_TRY(next_stage(s, where, &t));
    *t = (struct stage){.individual = individual};
    s->n++;
    return PGR_OK;
}

pgr_err pgr_split_add_regex(struct pgr_split *s, const char *where, const char *pattern, enum pgr_split_keep keep) {
    struct stage *t = NULL;
    PGR_TRY(next_stage(s, where, &t));
    PGR_TRY(pgr_split_check_pattern(where, pattern));
    int code;
    PCRE2_SIZE at;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                   PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!re) {
        PCRE2_UCHAR text[128];
        pcre2_get_error_message(code, text, sizeof text);
        return pgr_fail(PGR_E_FORMAT, "%s: split pattern does not compile at byte %zu: %s", where, (size_t)at,
                        (const char *)text);
    }
    uint32_t match_empty;
    if (pcre2_pattern_info(re, PCRE2_INFO_MATCHEMPTY, &match_empty) != 0 || match_empty) {
        pcre2_code_free(re);
        return pgr_fail(PGR_E_UNSUPPORTED, "%s: split pattern can match the empty text", where);
    }
    bool jit = pcre2_jit_compile(re, PCRE2_JIT_COMPLETE) == 0; /* without it matching is only slower */
    *t = (struct stage){.code = re, .jit = jit, .keep = keep};
    s->n++;
    return PGR_OK;
}

static pgr_err prepare(struct pgr_split_scratch *x) {
    if (!x->match) x->match = pcre2_match_data_create(1, NULL);
    if (!x->context) {
        x->context = pcre2_match_context_create(NULL);
        if (x->context) pcre2_set_match_limit(x->context, MATCH_LIMIT);
    }
    if (!x->stack) {
        x->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL); /* NULL where there is no JIT */
        if (x->stack && x->context) pcre2_jit_stack_assign(x->context, NULL, x->stack);
    }
    return x->match && x->context ? PGR_OK : pgr_fail(PGR_E_NOMEM, "no memory to match a pattern");
}

/* An old character of the class and length. There is no white space of four bytes, and none is doubtful. */
static const char *stand_in(enum pgr_cp_class cls, size_t len) {
    static const char *const by_class[][3] = {
        [PGR_CP_LETTER] = {"\xd7\x90", "\xe4\xb8\x80", "\xf0\xa0\x80\x80"}, /* U+05D0 U+4E00 U+20000 */
        [PGR_CP_NUMBER] = {"\xd9\xa0", "\xe0\xa5\xa6", "\xf0\x90\x84\x87"}, /* U+0660 U+0966 U+10107 */
        [PGR_CP_OTHER] = {"\xc2\xa1", "\xe2\x80\x90", "\xf0\x9f\x98\x80"},  /* U+00A1 U+2010 U+1F600 */
    };
    assert(len >= 2 && len <= 4 && by_class[cls][len - 2]);
    return by_class[cls][len - 2];
}

/* The text as the matcher may see it: text itself, or a copy in x->shadow of the same length. */
static pgr_err make_shadow(struct pgr_split_scratch *x, const char *text, size_t n, const char **shadow) {
    *shadow = text;
    for (size_t i = 0; i < n;) {
        i += pgr_ascii_prefix(text + i, n - i);
        if (i == n) break;
        size_t len;
        enum pgr_cp_class cls = pgr_cp_split_class(pgr_utf8_decode(text + i, &len));
        if (cls != PGR_CP_NONE) {
            if (*shadow == text) {
                pgr_buf_clear(&x->shadow);
                pgr_buf_add(&x->shadow, text, n);
                PGR_TRY(pgr_buf_ok(&x->shadow));
                *shadow = x->shadow.data;
            }
            memcpy(x->shadow.data + i, stand_in(cls, len), len);
        }
        i += len;
    }
    return PGR_OK;
}

struct run {
    const struct pgr_split *split;
    struct pgr_split_scratch *x;
    const char *text, *shadow;
    pgr_piece_fn fn;
    void *ctx;
};

static pgr_err run_stage(const struct run *r, size_t i, size_t begin, size_t end);

/* A piece of stage i goes to the next one, or out. */
static inline pgr_err pass_on(const struct run *r, size_t i, size_t begin, size_t end) {
    if (begin == end) return PGR_OK;
    if (i + 1 < r->split->n) return run_stage(r, i + 1, begin, end);
    return r->fn(r->ctx, r->text + begin, end - begin);
}

static pgr_err run_digits(const struct run *r, size_t i, size_t begin, size_t end) {
    bool individual = r->split->stage[i].individual;
    size_t from = begin;
    bool in_number = false;
    for (size_t at = begin; at < end;) {
        size_t len;
        bool number = pgr_cp_is_numeric(pgr_utf8_decode(r->text + at, &len));
        if (number != in_number || (number && individual)) {
            PGR_TRY(pass_on(r, i, from, at));
            from = at;
            in_number = number;
        }
        at += len;
    }
    return pass_on(r, i, from, end);
}

static pgr_err run_regex(const struct run *r, size_t i, size_t begin, size_t end) {
    const struct stage *t = &r->split->stage[i];
    struct pgr_split_scratch *x = r->x;
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(x->match);
    PCRE2_SPTR subject = (PCRE2_SPTR)(r->shadow + begin);
    size_t n = end - begin, done = 0;
    while (done < n) {
        int rc = t->jit ? pcre2_jit_match(t->code, subject, n, done, 0, x->match, x->context)
                        : pcre2_match(t->code, subject, n, done, PCRE2_NO_UTF_CHECK, x->match, x->context);
        if (rc == PCRE2_ERROR_NOMATCH) break;
        if (rc < 0) {
            PCRE2_UCHAR text[128];
            pcre2_get_error_message(rc, text, sizeof text);
            return pgr_fail(rc == PCRE2_ERROR_NOMEMORY ? PGR_E_NOMEM : PGR_E_RANGE,
                            "the split pattern fails on this text: %s", (const char *)text);
        }
        size_t from = span[0], to = span[1];
        /* More captures than the one slot: rc is 0, the span is right all the same. Nested spans overwrite *span. */
        if (t->keep != PGR_SPLIT_MATCHES) PGR_TRY(pass_on(r, i, begin + done, begin + from));
        if (t->keep != PGR_SPLIT_GAPS) PGR_TRY(pass_on(r, i, begin + from, begin + to));
        done = to;
    }
    return t->keep == PGR_SPLIT_MATCHES ? PGR_OK : pass_on(r, i, begin + done, end);
}

static pgr_err run_stage(const struct run *r, size_t i, size_t begin, size_t end) {
    return r->split->stage[i].code ? run_regex(r, i, begin, end) : run_digits(r, i, begin, end);
}

pgr_err pgr_split_run(const struct pgr_split *s, struct pgr_split_scratch *x, const char *text, size_t n,
                      pgr_piece_fn fn, void *ctx) {
    if (n == 0) return PGR_OK;
    struct run r = {s, x, text, text, fn, ctx};
    if (s->n == 0) return fn(ctx, text, n);
    PGR_TRY(prepare(x));
    PGR_TRY(make_shadow(x, text, n, &r.shadow));
    return run_stage(&r, 0, 0, n);
}
