/* lex.c - an answer in LaTeX or plain text as tokens. Markup without meaning (\left, \,, $, ...) is dropped here. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "math/expr.h"

struct lexer {
    struct pgr_math *m;
    const char *s, *end, *begin;
    bool space;
    unsigned reading, *ambiguous;
    size_t depth; /* of brackets, for the comma in numbers */
};

struct name {
    const char *name;
    int kind, value;
};

/* Commands; those of `plain` may also stand without a backslash. */
static const struct name commands[] = {
    {"frac", PGR_T_FRAC, 0},
    {"dfrac", PGR_T_FRAC, 0},
    {"tfrac", PGR_T_FRAC, 0},
    {"cfrac", PGR_T_FRAC, 0},
    {"binom", PGR_T_BINOM, 0},
    {"dbinom", PGR_T_BINOM, 0},
    {"tbinom", PGR_T_BINOM, 0},
    {"begin", PGR_T_BEGIN, 0},
    {"end", PGR_T_FINISH, 0},
    {"cdot", '*', 0},
    {"times", '*', 0},
    {"ast", '*', 0},
    {"div", '/', 0},
    {"slash", '/', 0},
    {"pm", PGR_T_PM, 1},
    {"mp", PGR_T_PM, -1},
    {"le", PGR_T_REL, PGR_R_LE},
    {"leq", PGR_T_REL, PGR_R_LE},
    {"leqslant", PGR_T_REL, PGR_R_LE},
    {"lt", PGR_T_REL, PGR_R_LT},
    {"ge", PGR_T_REL, PGR_R_GE},
    {"geq", PGR_T_REL, PGR_R_GE},
    {"geqslant", PGR_T_REL, PGR_R_GE},
    {"gt", PGR_T_REL, PGR_R_GT},
    {"ne", PGR_T_REL, PGR_R_NE},
    {"neq", PGR_T_REL, PGR_R_NE},
    {"approx", PGR_T_REL, PGR_R_EQ},
    {"equiv", PGR_T_REL, PGR_R_EQ},
    {"in", PGR_T_IN, 0},
    {"cup", PGR_T_CUP, 0},
    {"bigcup", PGR_T_CUP, 0},
    {"cap", PGR_T_CAP, 0},
    {"setminus", PGR_T_WITHOUT, 0},
    {"backslash", PGR_T_WITHOUT, 0},
    {"emptyset", PGR_T_NODE, PGR_N_SET},
    {"varnothing", PGR_T_NODE, PGR_N_SET},
    {"R", PGR_T_NODE, PGR_N_REALS},
    {"reals", PGR_T_NODE, PGR_N_REALS},
    {"circ", PGR_T_DEGREE, 0},
    {"degree", PGR_T_DEGREE, 0},
    {"prime", PGR_T_PRIME, 0},
    {"lbrace", PGR_T_SET_OPEN, 0},
    {"rbrace", PGR_T_SET_CLOSE, 0},
    {"langle", '(', 0},
    {"rangle", ')', 0},
    {"lparen", '(', 0},
    {"rparen", ')', 0},
    {"lbrack", '[', 0},
    {"rbrack", ']', 0},
    {"lfloor", PGR_T_FLOOR_OPEN, PGR_F_FLOOR},
    {"rfloor", PGR_T_FLOOR_CLOSE, PGR_F_FLOOR},
    {"lceil", PGR_T_FLOOR_OPEN, PGR_F_CEIL},
    {"rceil", PGR_T_FLOOR_CLOSE, PGR_F_CEIL},
    {"lvert", '|', 0},
    {"rvert", '|', 0},
    {"vert", '|', 0},
    {"mid", '|', 0},
    {"colon", ':', 0},
    {"dot", PGR_T_ACCENT, 0},
    {"ddot", PGR_T_ACCENT, 0},
    {"hat", PGR_T_ACCENT, 0},
    {"bar", PGR_T_ACCENT, 0},
    {"tilde", PGR_T_ACCENT, 0},
    {"overline", PGR_T_OVERLINE, 0},
    {"land", ',', 0},
    {"lor", ',', 0},
};
static const struct name plain[] = {
    {"sqrt", PGR_T_SQRT, 0},
    {"cbrt", PGR_T_CBRT, 0},
    {"pi", PGR_T_NODE, PGR_N_PI},
    {"infty", PGR_T_NODE, PGR_N_INF},
    {"infinity", PGR_T_NODE, PGR_N_INF},
    {"inf", PGR_T_NODE, PGR_N_INF},
    {"oo", PGR_T_NODE, PGR_N_INF},
    {"sin", PGR_T_FUNC, PGR_F_SIN},
    {"cos", PGR_T_FUNC, PGR_F_COS},
    {"tan", PGR_T_FUNC, PGR_F_TAN},
    {"cot", PGR_T_FUNC, PGR_F_COT},
    {"sec", PGR_T_FUNC, PGR_F_SEC},
    {"csc", PGR_T_FUNC, PGR_F_CSC},
    {"arcsin", PGR_T_FUNC, PGR_F_ASIN},
    {"arccos", PGR_T_FUNC, PGR_F_ACOS},
    {"arctan", PGR_T_FUNC, PGR_F_ATAN},
    {"asin", PGR_T_FUNC, PGR_F_ASIN},
    {"acos", PGR_T_FUNC, PGR_F_ACOS},
    {"atan", PGR_T_FUNC, PGR_F_ATAN},
    {"sinh", PGR_T_FUNC, PGR_F_SINH},
    {"cosh", PGR_T_FUNC, PGR_F_COSH},
    {"tanh", PGR_T_FUNC, PGR_F_TANH},
    {"exp", PGR_T_FUNC, PGR_F_EXP},
    {"ln", PGR_T_FUNC, PGR_F_LN},
    {"log", PGR_T_FUNC, PGR_F_LOG},
    {"lg", PGR_T_FUNC, PGR_F_LOG},
    {"abs", PGR_T_FUNC, PGR_F_ABS},
    {"floor", PGR_T_FUNC, PGR_F_FLOOR},
    {"ceil", PGR_T_FUNC, PGR_F_CEIL},
    {"min", PGR_T_FUNC, PGR_F_MIN},
    {"max", PGR_T_FUNC, PGR_F_MAX},
    {"gcd", PGR_T_FUNC, PGR_F_GCD},
    {"lcm", PGR_T_FUNC, PGR_F_LCM},
    {"degrees", PGR_T_DEGREE, 0},
    {"degree", PGR_T_DEGREE, 0},
    {"deg", PGR_T_DEGREE, 0},
};
static const char *const greek[] = {
    "alpha",    "beta",     "gamma", "delta",   "epsilon", "varepsilon", "zeta",    "eta", "theta",
    "vartheta", "iota",     "kappa", "lambda",  "mu",      "nu",         "xi",      "rho", "varrho",
    "sigma",    "varsigma", "tau",   "upsilon", "phi",     "varphi",     "chi",     "psi", "omega",
    "Gamma",    "Delta",    "Theta", "Lambda",  "Xi",      "Sigma",      "Upsilon", "Phi", "Psi",
    "Omega",    "hbar",     "ell",   "odot",    "oplus",   "partial",    "nabla",   "star"};
/* No meaning of their own; a brace group behind them stays. */
static const char *const dropped[] = {"left",
                                      "right",
                                      "big",
                                      "Big",
                                      "bigg",
                                      "Bigg",
                                      "bigl",
                                      "bigr",
                                      "Bigl",
                                      "Bigr",
                                      "biggl",
                                      "biggr",
                                      "Biggl",
                                      "Biggr",
                                      "middle",
                                      "displaystyle",
                                      "textstyle",
                                      "scriptstyle",
                                      "limits",
                                      "nolimits",
                                      "quad",
                                      "qquad",
                                      "mathstrut",
                                      "hfill",
                                      "boxed",
                                      "fbox",
                                      "mathbf",
                                      "boldsymbol",
                                      "bm",
                                      "vec",
                                      "mathit",
                                      "mathcal",
                                      "overrightarrow",
                                      "displaylimits",
                                      "hspace",
                                      "thinspace",
                                      "enspace",
                                      "nonumber",
                                      "bf",
                                      "it",
                                      "rm",
                                      "Large",
                                      "large"};
static const char *const texts[] = {"text",   "textbf",       "textit", "textrm", "mbox", "hbox",   "textnormal",
                                    "mathrm", "operatorname", "mathsf", "mathbb", "Bbb",  "texttt", "emph"};
/* Characters beyond ASCII, as what they mean. */
static const struct {
    const char *utf8, *means;
} unicode[] = {{"\xc2\xb0", "\\degree "}, {"\xc2\xb1", "\\pm "},       {"\xc2\xb2", "^2"},
               {"\xc2\xb3", "^3"},        {"\xc2\xb7", "*"},           {"\xc3\x97", "*"},
               {"\xc3\xb7", "/"},         {"\xe2\x88\x92", "-"},       {"\xe2\x80\x93", "-"},
               {"\xe2\x80\x92", "-"},     {"\xe2\x88\x9a", "\\sqrt "}, {"\xe2\x88\x9e", "\\infty "},
               {"\xe2\x89\xa4", "\\le "}, {"\xe2\x89\xa5", "\\ge "},   {"\xe2\x89\xa0", "\\ne "},
               {"\xe2\x89\x88", "="},     {"\xe2\x88\xaa", "\\cup "},  {"\xe2\x88\xa9", "\\cap "},
               {"\xe2\x88\x88", "\\in "}, {"\xe2\x84\x9d", "\\R "},    {"\xe2\x88\x85", "\\emptyset "},
               {"\xe2\x80\xb2", "'"},     {"\xe2\x80\x99", "'"},       {"\xc2\xa0", " "},
               {"\xe2\x80\x89", " "},     {"\xe2\x80\xaf", " "},       {"\xe2\x82\xac", "\\$"},
               {"\xc2\xa3", "\\$"},       {"\xcf\x80", "\\pi "},       {"\xce\xb1", "\\alpha "},
               {"\xce\xb2", "\\beta "},   {"\xce\xb3", "\\gamma "},    {"\xce\xb4", "\\delta "},
               {"\xce\xb8", "\\theta "},  {"\xce\xbb", "\\lambda "},   {"\xce\xbc", "\\mu "},
               {"\xcf\x81", "\\rho "},    {"\xcf\x83", "\\sigma "},    {"\xcf\x84", "\\tau "},
               {"\xcf\x86", "\\phi "},    {"\xcf\x89", "\\omega "},    {"\xce\x94", "\\Delta "},
               {"\xce\xa9", "\\Omega "},  {"\xc2\xbd", "\\frac12"},    {"\xc2\xbc", "\\frac14"},
               {"\xc2\xbe", "\\frac34"}};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool pgr_math_cannot(struct pgr_math *m, size_t at, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(m->why, sizeof m->why, fmt, args);
    va_end(args);
    for (char *c = m->why; *c; c++)
        if ((unsigned char)*c < 32 || (unsigned char)*c >= 127) *c = '?';
    m->why_at = at;
    return false;
}

const char *pgr_sym_name(const struct pgr_math *m, pgr_sym s) { return m->text + m->name[s]; }

/* Room for n bytes of text and a zero. */
static char *take_text(struct pgr_math *m, size_t n) {
    if (n >= PGR_EXPR_MAX_TEXT - m->n_text) {
        pgr_math_cannot(m, 0, "too much text");
        return NULL;
    }
    char *t = m->text + m->n_text;
    m->n_text += n + 1;
    t[n] = 0;
    return t;
}

bool pgr_sym_intern(struct pgr_math *m, const char *name, size_t n, pgr_sym *out) {
    for (size_t i = 0; i < m->n_sym; i++) {
        const char *old = pgr_sym_name(m, (pgr_sym)i);
        if (strncmp(old, name, n) != 0 || old[n]) continue;
        *out = (pgr_sym)i;
        return true;
    }
    if (m->n_sym == PGR_EXPR_MAX_SYMS) return pgr_math_cannot(m, 0, "more than %d names", PGR_EXPR_MAX_SYMS);
    char *t = take_text(m, n);
    if (!t) return false;
    memcpy(t, name, n);
    m->name[m->n_sym] = (uint32_t)(t - m->text);
    *out = (pgr_sym)m->n_sym++;
    return true;
}

static size_t place(const struct lexer *l) { return (size_t)(l->s - l->begin); }

static struct pgr_tok *emit(struct lexer *l, int kind, int value) {
    if (l->m->n_tok + 1 >= PGR_EXPR_MAX_TOKENS) return NULL; /* cannot be: a token has a byte at least */
    struct pgr_tok *t = &l->m->tok[l->m->n_tok++];
    *t = (struct pgr_tok){(uint16_t)kind, (int16_t)value, 0, l->space, (uint16_t)place(l)};
    l->space = false;
    return t;
}

static bool emit_named(struct lexer *l, int kind, const char *name, size_t n) {
    pgr_sym sym;
    if (!pgr_sym_intern(l->m, name, n, &sym)) return false;
    struct pgr_tok *t = emit(l, kind, 0);
    if (t) t->sym = sym;
    return t != NULL;
}

static const struct name *find(const struct name *list, size_t n_list, const char *s, size_t n) {
    for (size_t i = 0; i < n_list; i++)
        if (strlen(list[i].name) == n && memcmp(list[i].name, s, n) == 0) return &list[i];
    return NULL;
}

static bool one_of(const char *const *list, size_t n_list, const char *s, size_t n) {
    for (size_t i = 0; i < n_list; i++)
        if (strlen(list[i]) == n && memcmp(list[i], s, n) == 0) return true;
    return false;
}

static bool emit_letter(struct lexer *l, const char *c) {
    if (*c == 'e') return emit(l, PGR_T_NODE, PGR_N_E) != NULL;
    if (*c == 'i') return emit(l, PGR_T_NODE, PGR_N_I) != NULL;
    return emit_named(l, PGR_T_SYM, c, 1);
}

/* A name that is known in plain text; *known says whether it was. */
static bool lex_name(struct lexer *l, const char *s, size_t n, bool *known) {
    const struct name *p = find(plain, PGR_COUNT(plain), s, n);
    *known = true;
    if (p) return emit(l, p->kind, p->value) != NULL;
    if (n == 1 && is_letter(*s)) return emit_letter(l, s);
    if (one_of(greek, PGR_COUNT(greek), s, n)) return emit_named(l, PGR_T_SYM, s, n);
    if ((n == 3 && memcmp(s, "and", 3) == 0) || (n == 2 && memcmp(s, "or", 2) == 0)) return emit(l, ',', 0) != NULL;
    if (n == 5 && memcmp(s, "union", 5) == 0) return emit(l, PGR_T_CUP, 0) != NULL;
    *known = false;
    return true;
}

/* A run of letters in plain text. */
static bool lex_word(struct lexer *l) {
    const char *s = l->s;
    size_t n = 0;
    while (s + n < l->end && is_letter(s[n])) n++;
    bool known;
    /* np.sqrt, math.pi */
    if (((n == 2 && memcmp(s, "np", 2) == 0) || (n == 4 && memcmp(s, "math", 4) == 0)) && s + n + 1 < l->end &&
        s[n] == '.' && is_letter(s[n + 1])) {
        l->s += n + 1;
        return true;
    }
    if (n == 1 && *s == 'U' && l->m->n_tok && l->m->tok[l->m->n_tok - 1].kind < 128 &&
        strchr(")]}", l->m->tok[l->m->n_tok - 1].kind)) {
        bool ok = emit(l, PGR_T_CUP, 0) != NULL;
        l->s++;
        return ok;
    }
    if (!lex_name(l, s, n, &known)) return false;
    if (known) {
        l->s += n;
        return true;
    }
    /* "sinx" and "pir": a function or pi runs into what follows. */
    char word[16];
    snprintf(word, sizeof word, "%.*s", (int)(n < 16 ? n : 15), s);
    for (size_t k = pgr_unit_known(word) ? 0 : n - 1; k >= 2; k--) {
        const struct name *p = find(plain, PGR_COUNT(plain), s, k);
        if (!p || n - k > 2 || p->kind == PGR_T_DEGREE || (p->kind == PGR_T_NODE && p->value != PGR_N_PI)) continue;
        bool ok = emit(l, p->kind, p->value) != NULL;
        l->s += k;
        return ok;
    }
    bool ok = emit_named(l, PGR_T_WORD, s, n);
    l->s += n;
    return ok;
}

/* At a separator between groups of three digits? Its length in bytes, 0 if not. `mark` gets whether it is one that
 * only numbers have ("{,}", ",\!"), a plain comma is not. */
static size_t separator(const struct lexer *l, const char *s, bool *mark) {
    static const char *const seps[] = {"{,}", ",\\!", "\\,", "\\!", ","};
    for (size_t i = 0; i < PGR_COUNT(seps); i++) {
        size_t n = strlen(seps[i]);
        if ((size_t)(l->end - s) < n || memcmp(s, seps[i], n) != 0) continue;
        const char *d = s + n;
        while (i == 1 && d < l->end && *d == ' ') d++;
        size_t k = 0;
        while (d + k < l->end && k < 4 && is_digit(d[k])) k++;
        if (k != 3) return 0;
        *mark = i != 4;
        return (size_t)(d - s);
    }
    return 0;
}

static bool lex_number(struct lexer *l) {
    size_t left = (size_t)(l->end - l->s), n = 0;
    char *t = take_text(l->m, left + 1);
    if (!t) return false;
    const char *s = l->s;
    size_t group = 0;
    while (s < l->end && is_digit(*s)) t[n++] = *s++, group++;
    bool one = group >= 1 && group <= 3 && !(group == 1 && t[0] == '0');
    while (one && s < l->end) {
        bool mark;
        size_t skip = separator(l, s, &mark);
        if (!skip) break;
        if (!mark) {
            /* In brackets a comma parts items, outside it groups digits; either may be meant. */
            *l->ambiguous |= PGR_READ_COMMA;
            if ((l->depth > 0) != ((l->reading & PGR_READ_COMMA) != 0)) break;
        }
        s += skip;
        for (int i = 0; i < 3; i++) t[n++] = *s++;
    }
    if (s < l->end && *s == '.' && !(s + 1 < l->end && s[1] == '.')) {
        t[n++] = *s++;
        while (s < l->end && is_digit(*s)) t[n++] = *s++;
    }
    /* 1.5e-3, but not the e of 2e or 2e^x */
    if (s + 1 < l->end && (*s == 'e' || *s == 'E')) {
        const char *d = s + 1 + (s[1] == '-' || s[1] == '+');
        if (d < l->end && is_digit(*d)) {
            t[n++] = 'e';
            for (s++; s < d; s++) t[n++] = *s;
            while (s < l->end && is_digit(*s)) t[n++] = *s++;
        }
    }
    t[n] = 0;
    struct pgr_tok *tok = emit(l, PGR_T_NUM, 0);
    if (!tok) return false;
    /* Numbers are not interned: the token names the place of its text. */
    uint32_t at = (uint32_t)(t - l->m->text);
    tok->sym = (pgr_sym)at;
    l->m->n_text = at + n + 1;
    l->s = s;
    return true;
}

/* \text{...} and its like: names and separators count, all else is a text. */
static bool lex_text(struct lexer *l, bool operator_like) {
    while (l->s < l->end && is_space(*l->s)) l->s++;
    if (l->s == l->end || *l->s != '{') return true; /* \mathrm d */
    const char *s = l->s + 1, *q = s;
    while (q < l->end && *q != '{' && *q != '}') q++;
    if (q == l->end || *q == '{') return true; /* nested: the braces group */
    size_t n = (size_t)(q - s);
    bool math = false, word = false;
    for (size_t i = 0; i < n; i++) {
        math |= is_digit(s[i]) || s[i] == '\\' || s[i] == '$' || s[i] == '^' || s[i] == '=';
        word |= is_letter(s[i]);
    }
    if (math) return true; /* its inside is read as the rest */
    while (n && (is_space(*s) || *s == '~')) s++, n--;
    while (n && (is_space(s[n - 1]) || s[n - 1] == '~')) n--;
    l->space = true;
    bool known = n == 0;
    if (n == 1 && *s == 'R' && operator_like) {
        if (!emit(l, PGR_T_NODE, PGR_N_REALS)) return false;
        known = true;
    } else if (n && (operator_like ? n != 1 || strchr("eidD", *s) != NULL : n != 1)) {
        if (!lex_name(l, s, n, &known)) return false;
    } else if (n && !word) {
        return true; /* \text{,} */
    }
    if (!known && !emit_named(l, PGR_T_TEXT, s, n)) return false;
    l->s = q + 1;
    return true;
}

static bool lex_command(struct lexer *l) {
    const char *s = l->s + 1;
    size_t n = 0;
    while (s + n < l->end && is_letter(s[n])) n++;
    if (n == 0) {
        char c = s < l->end ? *s : 0;
        l->s = c ? s + 1 : s;
        switch (c) {
        case '\\': return emit(l, PGR_T_ROW, 0) != NULL;
        case '{': l->depth++; return emit(l, PGR_T_SET_OPEN, 0) != NULL;
        case '}': l->depth -= l->depth > 0; return emit(l, PGR_T_SET_CLOSE, 0) != NULL;
        case '%': return emit(l, '%', 0) != NULL;
        case '$': return emit(l, PGR_T_DOLLAR, 0) != NULL;
        case '|': return emit(l, '|', 0) != NULL;
        case '&':
        case '#':
        case '_': return pgr_math_cannot(l->m, place(l), "\\%c is not supported", c);
        default: l->space = true; return true; /* spacing: \, \! \; \: and a blank; \( \[ \) \] */
        }
    }
    l->s = s + n;
    while (n > 1 && l->s < l->end && *l->s == '*' && one_of(texts, PGR_COUNT(texts), s, n)) l->s++;
    if (one_of(dropped, PGR_COUNT(dropped), s, n)) {
        if (((n == 4 && *s == 'l') || (n == 5 && *s == 'r')) && l->s < l->end && *l->s == '.') l->s++; /* \left. */
        l->space = true;
        return true;
    }
    if (one_of(texts, PGR_COUNT(texts), s, n)) return lex_text(l, *s == 'm' || *s == 'o' || *s == 'B');
    const struct name *p = find(commands, PGR_COUNT(commands), s, n);
    if (!p) p = find(plain, PGR_COUNT(plain), s, n);
    l->s = s; /* for the place in messages */
    bool ok;
    if (p && p->kind == PGR_T_ACCENT) {
        ok = emit_named(l, PGR_T_ACCENT, s, n);
    } else if (p && (p->kind == PGR_T_BEGIN || p->kind == PGR_T_FINISH)) {
        const char *q = s + n, *e;
        while (q < l->end && is_space(*q)) q++;
        if (q == l->end || *q != '{' || !(e = memchr(q, '}', (size_t)(l->end - q))))
            return pgr_math_cannot(l->m, place(l), "\\%.*s without {name}", (int)n, s);
        ok = emit_named(l, p->kind, q + 1, (size_t)(e - q - 1));
        l->s = e + 1;
        return ok;
    } else if (p) {
        ok = emit(l, p->kind, p->value) != NULL;
    } else if (one_of(greek, PGR_COUNT(greek), s, n)) {
        size_t var = n > 3 && memcmp(s, "var", 3) == 0 ? 3 : 0; /* \varepsilon is \epsilon */
        ok = emit_named(l, PGR_T_SYM, s + var, n - var);
    } else {
        return pgr_math_cannot(l->m, place(l), "\\%.*s is not supported", (int)(n > 40 ? 40 : n), s);
    }
    l->s = s + n;
    return ok;
}

/* One token at l->s; s..end may be the meaning of a character beyond ASCII. */
static bool lex_one(struct lexer *l) {
    char c = *l->s;
    bool has_next = l->s + 1 < l->end;
    char next = has_next ? l->s[1] : 0;
    if (is_space(c) || c == '~') {
        l->space = true;
        l->s++;
        return true;
    }
    if (is_digit(c) || (c == '.' && is_digit(next))) return lex_number(l);
    if (is_letter(c)) return lex_word(l);
    if (c == '\\') return lex_command(l);
    int kind = c, value = 0;
    size_t n = 1;
    switch (c) {
    case '$':
        l->s++;
        l->space = true;
        return true;
    case '(':
    case '[': l->depth++; break;
    case ')':
    case ']': l->depth -= l->depth > 0; break;
    case '*':
        n = next == '*' ? 2 : 1;
        kind = n == 2 ? '^' : '*';
        break;
    case '<':
        kind = PGR_T_REL;
        value = next == '=' ? PGR_R_LE : PGR_R_LT;
        n = next == '=' ? 2 : 1;
        break;
    case '>':
        kind = PGR_T_REL;
        value = next == '=' ? PGR_R_GE : PGR_R_GT;
        n = next == '=' ? 2 : 1;
        break;
    case '=':
        kind = PGR_T_REL;
        value = PGR_R_EQ;
        n = next == '=' ? 2 : 1;
        break;
    case '!':
        if (next == '=') kind = PGR_T_REL, value = PGR_R_NE, n = 2;
        break;
    case '\'': kind = PGR_T_PRIME; break;
    case '+':
        if (next == '/' && l->s + 2 < l->end && l->s[2] == '-') kind = PGR_T_PM, value = 1, n = 3;
        break;
    case '{':
    case '}':
    case '-':
    case '/':
    case '^':
    case '_':
    case ',':
    case ';':
    case '|':
    case '%':
    case '&':
    case ':': break;
    default: return pgr_math_cannot(l->m, place(l), "the character '%c' is not expected", c);
    }
    if (!emit(l, kind, value)) return false;
    l->s += n;
    return true;
}

static bool lex_unicode(struct lexer *l) {
    for (size_t i = 0; i < PGR_COUNT(unicode); i++) {
        size_t n = strlen(unicode[i].utf8);
        if ((size_t)(l->end - l->s) < n || memcmp(l->s, unicode[i].utf8, n) != 0) continue;
        struct lexer inner = *l;
        inner.s = inner.begin = unicode[i].means;
        inner.end = inner.s + strlen(inner.s);
        size_t first = l->m->n_tok;
        while (inner.s < inner.end)
            if (!lex_one(&inner)) return false;
        for (size_t k = first; k < l->m->n_tok; k++) l->m->tok[k].at = (uint16_t)place(l);
        l->space = inner.space;
        l->s += n;
        return true;
    }
    return pgr_math_cannot(l->m, place(l), "a character is not expected");
}

bool pgr_math_lex(struct pgr_math *m, const char *s, size_t n, unsigned reading, unsigned *ambiguous) {
    struct lexer l = {m, s, s + n, s, false, reading, ambiguous, 0};
    m->n_tok = 0;
    while (l.s < l.end)
        if (!((unsigned char)*l.s < 128 ? lex_one(&l) : lex_unicode(&l))) return false;
    m->tok[m->n_tok++] = (struct pgr_tok){PGR_T_END, 0, 0, l.space, (uint16_t)n};
    return true;
}
