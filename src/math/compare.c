/* compare.c - whether two answers are the same: their structure; values, equations and sets have files of their own. */
#include "math/compare.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "math/text.h"

enum { MAX_ITEMS = 64 };

const struct pgr_math_rules pgr_math_rules_default = {1e-4, false};
const struct pgr_math_rules pgr_math_rules_qwen = {1e-4, true};

typedef struct pgr_val val;
typedef struct pgr_node node;

static pgr_math_verdict compare(struct pgr_compare *c, val a, val b);

static bool has_sym(const node *n, pgr_sym s) {
    if (n->kind == PGR_N_SYM && n->sym == s) return true;
    for (const node *k = n->kid; k; k = k->next)
        if (has_sym(k, s)) return true;
    return false;
}

static bool constant(const node *n) { return !pgr_val_has(n, PGR_N_SYM); }
static bool is_equation(const node *n) { return n->kind == PGR_N_REL && n->op == PGR_R_EQ && !n->kid->next->next; }

/* Names, or letters beside one another: "x", "f(x)", "Area". */
static bool is_label(const node *n) {
    if (n->kind == PGR_N_SYM || n->kind == PGR_N_E || n->kind == PGR_N_I) return true;
    if (n->kind == PGR_N_TUPLE && n->kid) {
        for (const node *k = n->kid; k; k = k->next)
            if (k->kind != PGR_N_SYM) return false;
        return true;
    }
    if (n->kind != PGR_N_MUL) return false;
    for (const node *k = n->kid; k; k = k->next)
        if (!is_label(k)) return false;
    return true;
}

/* The value of "x = value"; NULL if n is no such equation. */
static const node *assigned(const node *n) {
    if (!is_equation(n)) return NULL;
    const node *l = n->kid, *r = l->next;
    if (is_label(l) && !(l->kind == PGR_N_SYM && has_sym(r, l->sym))) return r;
    if (r->kind == PGR_N_SYM && constant(l)) return l;
    return NULL;
}

/* "=" on one side only is a label; on both with the same name, the values are compared. */
static void resolve(val *a, val *b) {
    const node *va = assigned(a->n), *vb = assigned(b->n);
    bool eq_a = is_equation(a->n), eq_b = is_equation(b->n);
    if (va && !eq_b && a->n->kid->kind != PGR_N_REL)
        a->n = va;
    else if (vb && !eq_a)
        b->n = vb;
    else if (va && vb && va == a->n->kid->next && vb == b->n->kid->next && a->n->kid->kind == PGR_N_SYM &&
             b->n->kid->kind == PGR_N_SYM && a->n->kid->sym == b->n->kid->sym)
        a->n = va, b->n = vb;
}

/* The items of a list or set, or of plus-or-minus; one item for all else. 0: too many. */
static size_t items(val v, val out[MAX_ITEMS]) {
    size_t n = 0;
    bool many = v.n->kind == PGR_N_LIST || v.n->kind == PGR_N_SET;
    for (const node *k = many ? v.n->kid : v.n; k; k = many ? k->next : NULL) {
        bool pm = v.sign == 0 && pgr_val_has(k, PGR_N_PM);
        if (n + 2 > MAX_ITEMS) return 0;
        out[n++] = (val){k, v.sign ? v.sign : 1};
        if (pm) out[n++] = (val){k, -1};
    }
    return n;
}

static bool is_list(val v) {
    return v.n->kind == PGR_N_LIST || v.n->kind == PGR_N_SET || (v.sign == 0 && pgr_val_has(v.n, PGR_N_PM));
}

/* The items of both, in any order, each with a partner of its own. */
static pgr_math_verdict unordered(struct pgr_compare *c, const val *a, size_t n_a, const val *b, size_t n_b) {
    bool used[MAX_ITEMS] = {false}, vague = false;
    if (n_a != n_b) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "%zu and %zu items", n_a, n_b);
    for (size_t i = 0; i < n_a; i++) {
        bool found = false;
        for (size_t j = 0; j < n_b && !found; j++) {
            if (used[j]) continue;
            pgr_math_verdict v = compare(c, a[i], b[j]);
            if (v == PGR_MATH_EQUAL) found = used[j] = true;
            if (v == PGR_MATH_UNDECIDED) vague = true;
        }
        if (!found)
            return vague ? pgr_cmp_say(c, PGR_MATH_UNDECIDED, "item %zu may or may not have a partner", i + 1)
                         : pgr_cmp_say(c, PGR_MATH_DIFFERENT, "item %zu has no partner", i + 1);
    }
    return pgr_cmp_say(c, PGR_MATH_EQUAL, "the same %zu items", n_a);
}

static pgr_math_verdict in_order(struct pgr_compare *c, const node *a, const node *b, int sign_a, int sign_b) {
    pgr_math_verdict worst = PGR_MATH_EQUAL;
    size_t i = 0;
    for (; a && b; a = a->next, b = b->next, i++) {
        pgr_math_verdict v = compare(c, (val){a, sign_a}, (val){b, sign_b});
        if (v == PGR_MATH_DIFFERENT) return v;
        if (v == PGR_MATH_UNDECIDED) worst = v;
    }
    if (a || b) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different numbers of items");
    return worst == PGR_MATH_EQUAL ? pgr_cmp_say(c, worst, "the same %zu items", i) : worst;
}

/* (a, b) and [a, b]: point or interval? */
static pgr_math_verdict tuples(struct pgr_compare *c, val a, val b) {
    pgr_math_verdict v = in_order(c, a.n->kid, b.n->kid, a.sign, b.sign);
    if (v != PGR_MATH_EQUAL) return v;
    const node *second = a.n->kid->next;
    bool two = second && !second->next;
    if (!two || (a.n->open == b.n->open && a.n->close == b.n->close)) return v;
    bool interval = a.n->open != (a.n->close == ')' ? '(' : '[') || b.n->open != (b.n->close == ')' ? '(' : '[') ||
                    pgr_val_infinite((val){a.n->kid, 1}) || pgr_val_infinite((val){second, 1});
    return interval ? pgr_cmp_say(c, PGR_MATH_DIFFERENT, "an end of the interval is open in one, closed in the other")
                    : pgr_cmp_say(c, PGR_MATH_UNDECIDED, "round and square brackets");
}

static pgr_math_verdict matrices(struct pgr_compare *c, val a, val b) {
    size_t n_a = 0, n_b = 0;
    for (const node *k = a.n->kid; k; k = k->next) n_a++;
    for (const node *k = b.n->kid; k; k = k->next) n_b++;
    bool matrix_a = a.n->kind == PGR_N_MATRIX, matrix_b = b.n->kind == PGR_N_MATRIX;
    bool vector_a = !matrix_a || a.n->n_col == 1 || a.n->n_col == n_a;
    bool vector_b = !matrix_b || b.n->n_col == 1 || b.n->n_col == n_b;
    if (n_a != n_b || (matrix_a && matrix_b && a.n->n_col != b.n->n_col && !(vector_a && vector_b)) ||
        vector_a != vector_b)
        return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different shapes");
    pgr_math_verdict v = in_order(c, a.n->kid, b.n->kid, a.sign, b.sign);
    if (v == PGR_MATH_EQUAL && matrix_a && matrix_b && a.n->n_col != b.n->n_col)
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "a row and a column");
    return v;
}

static pgr_math_verdict lists(struct pgr_compare *c, val a, val b) {
    val x[MAX_ITEMS], y[MAX_ITEMS];
    bool tuple = a.n->kind == PGR_N_TUPLE || b.n->kind == PGR_N_TUPLE;
    if (tuple && (is_list(a) != is_list(b)) && (a.n->kind == PGR_N_LIST || b.n->kind == PGR_N_LIST)) {
        pgr_math_verdict v = in_order(c, a.n->kid, b.n->kid, a.sign ? a.sign : 1, b.sign ? b.sign : 1);
        if (v != PGR_MATH_DIFFERENT) return v;
    }
    val ta = a, tb = b;
    size_t n_a, n_b;
    node la, lb; /* a tuple beside a set, as a list */
    if (tuple && a.n->kind == PGR_N_TUPLE && b.n->kind != PGR_N_TUPLE) {
        la = *a.n;
        la.kind = PGR_N_LIST;
        ta.n = &la;
    }
    if (tuple && b.n->kind == PGR_N_TUPLE && a.n->kind != PGR_N_TUPLE) {
        lb = *b.n;
        lb.kind = PGR_N_LIST;
        tb.n = &lb;
    }
    n_a = items(ta, x);
    n_b = items(tb, y);
    if ((!n_a && ta.n->kid) || (!n_b && tb.n->kid))
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "more than %d items", MAX_ITEMS);
    pgr_math_verdict v = unordered(c, x, n_a, y, n_b);
    bool mixed = ta.n == &la || tb.n == &lb;
    if (v == PGR_MATH_EQUAL && mixed) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "an ordered and an unordered list");
    return v;
}

/* What is left of "9.6 m" without letters that can be units; NULL if that is not its form. */
static bool without_letters(const node *n, node *product) {
    if (n->kind != PGR_N_MUL || !constant(n->kid)) return false;
    const node *k = n->kid;
    size_t n_const = 0;
    while (k && constant(k)) k = k->next, n_const++;
    for (; k; k = k->next) {
        const node *x = k->kind == PGR_N_DIV && !k->kid->next ? k->kid : k;
        if (x->kind == PGR_N_POW && constant(x->kid->next)) x = x->kid;
        if (x->kind != PGR_N_SYM) return false;
    }
    if (n_const != 1) return false;
    *product = *n->kid;
    product->next = NULL;
    return true;
}

static bool unit_letters(const struct pgr_math *m, const node *n) {
    for (const node *k = n; k; k = k->next) {
        if (k->kind == PGR_N_SYM) {
            const char *s = pgr_sym_name(m, k->sym);
            if (s[1] || !strchr("mgsNJWVAKCFLhTHP", s[0])) return false;
        } else if (k->kid && !unit_letters(m, k->kid)) {
            return false;
        }
    }
    return true;
}

static pgr_math_verdict scaled(struct pgr_compare *c, val a, val b) {
    pgr_math_verdict v = pgr_cmp_scalar(c, a, b, 1);
    if (v == PGR_MATH_EQUAL || !c->rules.qwen || !constant(a.n) || !constant(b.n)) return v;
    struct pgr_math_result kept = *c->out;
    if (pgr_cmp_scalar(c, a, b, 100) == PGR_MATH_EQUAL || pgr_cmp_scalar(c, a, b, 0.01) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal but for a factor of 100");
    *c->out = kept;
    return v;
}

static uint32_t base_of(const node *n) { return n->kind == PGR_N_NUM ? n->base : 10; }

static pgr_math_verdict values(struct pgr_compare *c, val a, val b) {
    const char *ua = NULL, *ub = NULL;
    val whole_a = a, whole_b = b;
    if (a.n->kind == PGR_N_UNIT) ua = pgr_sym_name(c->m, a.n->sym), a.n = a.n->kid;
    if (b.n->kind == PGR_N_UNIT) ub = pgr_sym_name(c->m, b.n->sym), b.n = b.n->kid;
    double ratio = 1;
    if (ua && ub) {
        if (pgr_unit_ratio(ub, ua, &ratio)) return ratio == 1 ? scaled(c, a, b) : pgr_cmp_scalar(c, a, b, ratio);
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the units \"%.40s\" and \"%.40s\" are not comparable", ua, ub);
    }
    pgr_math_verdict v = scaled(c, a, b);
    if (v == PGR_MATH_EQUAL) return v;
    struct pgr_math_result kept = *c->out;
    if (base_of(a.n) != base_of(b.n)) { /* 52_8 and 52: is the base left out, or is it another number? */
        node same = *b.n;
        same.base = base_of(a.n);
        val v_same = {&same, b.sign};
        if (b.n->kind == PGR_N_NUM && b.n->op == 0 && pgr_cmp_scalar(c, a, v_same, 1) == PGR_MATH_EQUAL)
            return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "equal if the base is left out");
        *c->out = kept;
    }
    const char *u = ua ? ua : ub;
    bool percent = u && (strcmp(u, "percent") == 0 || strcmp(u, "\\%") == 0), degree = u && strcmp(u, "degree") == 0;
    if (percent && pgr_cmp_scalar(c, a, b, ua ? 100 : 0.01) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal as a percentage");
    if (degree && pgr_cmp_scalar(c, whole_a, whole_b, 1) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal in radians");
    node bare;
    if (!u && constant(a.n) && without_letters(b.n, &bare) && unit_letters(c->m, b.n) &&
        pgr_cmp_scalar(c, a, (val){&bare, b.sign}, 1) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_EQUAL, "equal but for a unit");
    if (!u && constant(b.n) && without_letters(a.n, &bare) && unit_letters(c->m, a.n) &&
        pgr_cmp_scalar(c, (val){&bare, a.sign}, b, 1) == PGR_MATH_EQUAL)
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "equal if the letters are a unit");
    *c->out = kept;
    return v;
}

static bool is_value(const node *n) { return n->kind <= PGR_N_UNIT; }

static pgr_math_verdict compare(struct pgr_compare *c, val a, val b) {
    if (c->m->work < 1000) {
        c->m->work = 0;
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the comparison takes too long");
    }
    c->m->work -= 1000;
    resolve(&a, &b);
    bool set_a = pgr_is_real_set(a), set_b = pgr_is_real_set(b);
    if (set_a || set_b) {
        if (a.sign == 0) a.sign = 1;
        if (b.sign == 0) b.sign = 1;
        /* "x > y" against another inequality in several names is no set. */
        bool rel_a = a.n->kind == PGR_N_REL && !set_a, rel_b = b.n->kind == PGR_N_REL && !set_b;
        if (!rel_a && !rel_b) return pgr_cmp_real_sets(c, a, b);
    }
    if (is_list(a) || is_list(b)) return lists(c, a, b);
    if (a.sign == 0) a.sign = 1;
    if (b.sign == 0) b.sign = 1;
    bool rel_a = a.n->kind == PGR_N_REL, rel_b = b.n->kind == PGR_N_REL;
    if (rel_a && rel_b) return pgr_cmp_relation(c, a, b);
    if (rel_a || rel_b) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "a relation and something else");
    bool many_a = a.n->kind == PGR_N_TUPLE || a.n->kind == PGR_N_MATRIX;
    bool many_b = b.n->kind == PGR_N_TUPLE || b.n->kind == PGR_N_MATRIX;
    if (many_a && many_b)
        return a.n->kind == PGR_N_TUPLE && b.n->kind == PGR_N_TUPLE ? tuples(c, a, b) : matrices(c, a, b);
    if (is_value(a.n) && is_value(b.n)) return values(c, a, b);
    if (many_a != many_b) return pgr_cmp_say(c, PGR_MATH_DIFFERENT, "one has several parts, the other one");
    return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "this kind of answer cannot be compared");
}

/* Words against words or a formula. False: neither is made of words. */
static bool words(struct pgr_compare *c, const char *gold, size_t gold_bytes, const char *given, size_t given_bytes) {
    struct pgr_words a, b;
    pgr_text_words(gold, gold_bytes, &a);
    pgr_text_words(given, given_bytes, &b);
    if (!a.wordy && !b.wordy) return false;
    if (a.only_words && b.only_words && strcmp(a.text, b.text) == 0) {
        pgr_cmp_say(c, PGR_MATH_EQUAL, "same text");
    } else if (a.only_words && b.only_words) {
        bool part = pgr_text_contains(a.text, b.text) || pgr_text_contains(b.text, a.text);
        if (part || pgr_text_anagram(a.text, b.text))
            pgr_cmp_say(c, PGR_MATH_UNDECIDED, part ? "one text is part of the other" : "letters in another order");
        else
            pgr_cmp_say(c, PGR_MATH_DIFFERENT, "different texts");
    } else if (a.wordy ? pgr_text_number(a.text) >= 0 : pgr_text_number(b.text) >= 0) {
        return false; /* "twelve": the caller reads it as a number */
    } else {
        /* A formula beside words: a sentence may hold them, as may a set without elements. */
        char low[PGR_TEXT_MAX];
        size_t n = pgr_min(a.wordy ? given_bytes : gold_bytes, sizeof low - 1);
        const char *other = a.wordy ? given : gold;
        for (size_t i = 0; i < n; i++) low[i] = (char)(other[i] >= 'A' && other[i] <= 'Z' ? other[i] + 32 : other[i]);
        low[n] = 0;
        bool vague = pgr_text_contains(low, a.wordy ? a.text : b.text) || strstr(low, "emptyset") ||
                     strstr(low, "varnothing") || strstr(low, "\\text") || strstr(low, "\\mathrm");
        pgr_cmp_say(c, vague ? PGR_MATH_UNDECIDED : PGR_MATH_DIFFERENT, "words and a formula");
    }
    return true;
}

/* One way to read both. */
static pgr_math_verdict attempt(struct pgr_compare *c, const char *gold, size_t gold_bytes, const char *given,
                                size_t given_bytes, unsigned read_gold, unsigned read_given, unsigned *ambiguous) {
    struct pgr_math *m = c->m;
    m->n_node = m->n_text = m->n_sym = 0;
    node *a = pgr_math_parse(m, gold, gold_bytes, read_gold, &ambiguous[0]);
    if (!a)
        return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the right answer cannot be read, byte %zu: %.90s", m->why_at,
                           m->why);
    node *b = pgr_math_parse(m, given, given_bytes, read_given, &ambiguous[1]);
    if (!b) return pgr_cmp_say(c, PGR_MATH_UNDECIDED, "the answer cannot be read, byte %zu: %.100s", m->why_at, m->why);
    return compare(c, (val){a, 0}, (val){b, 0});
}

static void by_trees(struct pgr_compare *c, const char *gold, size_t gold_bytes, const char *given,
                     size_t given_bytes) {
    unsigned ambiguous[2] = {0, 0};
    pgr_math_verdict v = attempt(c, gold, gold_bytes, given, given_bytes, 0, 0, ambiguous);
    struct pgr_math_result first = *c->out;
    if (v == PGR_MATH_EQUAL) {
        unsigned ra = ambiguous[0] & PGR_READ_DIVIDE, rb = ambiguous[1] & PGR_READ_DIVIDE;
        if ((ra | rb) == 0 || attempt(c, gold, gold_bytes, given, given_bytes, ra, rb, ambiguous) == PGR_MATH_EQUAL)
            *c->out = first;
        else
            pgr_cmp_say(c, PGR_MATH_UNDECIDED, "equal only if a/bc is (a/b)c");
        return;
    }
    unsigned known[2] = {ambiguous[0], ambiguous[1]};
    for (unsigned bit = 1; bit < PGR_READ_ALL; bit <<= 1)
        for (unsigned side = 1; side < 4; side++) {
            unsigned ra = side & 1 ? bit : 0, rb = side & 2 ? bit : 0;
            if ((ra & ~known[0]) || (rb & ~known[1]) || c->m->work == 0) continue;
            if (attempt(c, gold, gold_bytes, given, given_bytes, ra, rb, ambiguous) != PGR_MATH_EQUAL) continue;
            pgr_cmp_say(c, PGR_MATH_UNDECIDED, "equal only if %s",
                        bit == PGR_READ_COMMA     ? "the comma of 1,234 is read otherwise"
                        : bit == PGR_READ_PRODUCT ? "f(2) is a product"
                        : bit == PGR_READ_DIVIDE  ? "a/bc is a/(bc)"
                                                  : "log is the natural logarithm");
            return;
        }
    *c->out = first;
}

static void trim(const char **s, size_t *n) {
    while (*n && ((unsigned char)**s <= ' ' || **s == '$')) (*s)++, (*n)--;
    while (*n && ((unsigned char)(*s)[*n - 1] <= ' ' || ((*s)[*n - 1] == '$' && !(*n > 1 && (*s)[*n - 2] == '\\')) ||
                  ((*s)[*n - 1] == '.' && !(*n > 6 && memcmp(*s + *n - 7, "\\right.", 7) == 0))))
        (*n)--;
}

pgr_err pgr_math_equal(const char *gold, size_t gold_bytes, const char *given, size_t given_bytes,
                       const struct pgr_math_rules *rules, struct pgr_math_result *out) {
    struct pgr_compare c = {NULL, rules ? *rules : pgr_math_rules_default, out};
    trim(&gold, &gold_bytes);
    trim(&given, &given_bytes);
    if (gold_bytes == 0 || given_bytes == 0) {
        pgr_cmp_say(&c, gold_bytes == given_bytes ? PGR_MATH_UNDECIDED : PGR_MATH_DIFFERENT, "an answer is empty");
        return PGR_OK;
    }
    if (gold_bytes > PGR_MATH_MAX_BYTES || given_bytes > PGR_MATH_MAX_BYTES) {
        bool same = gold_bytes == given_bytes && memcmp(gold, given, gold_bytes) == 0;
        pgr_cmp_say(&c, same ? PGR_MATH_EQUAL : PGR_MATH_UNDECIDED,
                    same ? "same text" : "an answer of more than %d bytes", PGR_MATH_MAX_BYTES);
        return PGR_OK;
    }
    char *plain = pgr_alloc(2 * (PGR_MATH_MAX_BYTES + 1));
    if (!plain) return pgr_fail(PGR_E_NOMEM, "out of memory for a math answer");
    char *other = plain + PGR_MATH_MAX_BYTES + 1;
    size_t n = pgr_text_canonical(gold, gold_bytes, plain);
    bool same = pgr_text_canonical(given, given_bytes, other) == n && memcmp(plain, other, n) == 0;
    pgr_free(plain);
    if (same) {
        pgr_cmp_say(&c, PGR_MATH_EQUAL, "same text");
        return PGR_OK;
    }
    if (words(&c, gold, gold_bytes, given, given_bytes)) return PGR_OK;
    struct pgr_words w;
    char digits[2][8];
    for (int side = 0; side < 2; side++) {
        const char **s = side ? &given : &gold;
        size_t *len = side ? &given_bytes : &gold_bytes;
        pgr_text_words(*s, *len, &w);
        if (!w.wordy || pgr_text_number(w.text) < 0) continue;
        snprintf(digits[side], sizeof digits[side], "%d", pgr_text_number(w.text));
        *s = digits[side];
        *len = strlen(digits[side]);
    }
    c.m = pgr_alloc(sizeof *c.m);
    if (!c.m) return pgr_fail(PGR_E_NOMEM, "out of memory for a math answer");
    c.m->work = PGR_EXPR_WORK;
    by_trees(&c, gold, gold_bytes, given, given_bytes);
    pgr_free(c.m);
    return PGR_OK;
}

pgr_err pgr_math_judge(const char *gold, const char *completion, size_t completion_bytes,
                       const struct pgr_math_rules *rules, pgr_math_how *how, struct pgr_math_result *out) {
    const char *at = NULL;
    size_t n = 0;
    pgr_math_how found = pgr_math_extract(completion, completion_bytes, &at, &n);
    if (how) *how = found;
    if (found == PGR_MATH_NONE) {
        *out = (struct pgr_math_result){PGR_MATH_DIFFERENT, "no answer found"};
        return PGR_OK;
    }
    return pgr_math_equal(gold, strlen(gold), at, n, rules, out);
}

const char *pgr_math_verdict_name(pgr_math_verdict v) {
    static const char *const names[] = {"equal", "different", "undecided"};
    return names[v];
}
