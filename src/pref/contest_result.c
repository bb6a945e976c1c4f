/* contest_result.c - who won: rates by group, the dumb baselines, RewardBench's sections, RM-Bench's matrix. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "pref/contest.h"
#include "pref/words.h"

enum rule { MODEL, LONGER, SHORTER, WORDS, N_RULES };

/* All pairs, flat: pair p belongs to record of[p] and is style i of the better side against style j of the worse. */
struct flat {
    const struct pgr_contests *c;
    size_t n;
    uint32_t *of;
    unsigned char *i, *j;
    signed char *longer;
    bool *right[N_RULES], *tie;
    bool have[N_RULES];
    struct pgr_outcome *pick; /* [n] scratch of a group */
};

static void flat_free(struct flat *f) {
    pgr_free(f->of);
    pgr_free(f->i);
    pgr_free(f->j);
    pgr_free(f->longer);
    pgr_free(f->tie);
    pgr_free(f->pick);
    for (size_t r = 0; r < N_RULES; r++) pgr_free(f->right[r]);
}

static pgr_err nomem(void) { return pgr_fail(PGR_E_NOMEM, "out of memory for the result"); }

/* Length in characters. */
static size_t length(const char *utf8) {
    size_t n = 0;
    for (; *utf8; utf8++) n += ((unsigned char)*utf8 & 0xc0) != 0x80;
    return n;
}

static pgr_err flat_new(const struct pgr_contests *c, const float *score, struct flat *out) {
    size_t n = c->n_pair;
    struct flat f = {.c = c, .n = n};
    f.of = pgr_alloc_array(n, sizeof *f.of);
    f.i = pgr_alloc_array(n, sizeof *f.i);
    f.j = pgr_alloc_array(n, sizeof *f.j);
    f.longer = pgr_alloc_array(n, sizeof *f.longer);
    f.tie = pgr_alloc_zero(n, sizeof *f.tie);
    f.pick = pgr_alloc_array(n, sizeof *f.pick);
    bool ok = f.of && f.i && f.j && f.longer && f.tie && f.pick;
    for (size_t r = 0; r < N_RULES; r++) ok = (f.right[r] = pgr_alloc_zero(n, sizeof **f.right)) && ok;
    *out = f;
    if (!ok) return nomem();
    size_t p = 0, text = 0;
    for (size_t k = 0; k < c->n; k++) {
        const struct pgr_contest *q = &c->item[k];
        size_t s = q->n_style, len[2][PGR_CONTEST_STYLES];
        for (size_t i = 0; i < s; i++) len[0][i] = length(q->side[0][i]), len[1][i] = length(q->side[1][i]);
        for (size_t i = 0; i < s; i++)
            for (size_t j = 0; j < s; j++, p++) {
                out->of[p] = (uint32_t)k;
                out->i[p] = (unsigned char)i;
                out->j[p] = (unsigned char)j;
                out->longer[p] = (signed char)((len[0][i] > len[1][j]) - (len[0][i] < len[1][j]));
                out->right[LONGER][p] = out->longer[p] > 0;
                out->right[SHORTER][p] = out->longer[p] < 0;
                if (score) {
                    float a = score[text + i], b = score[text + s + j];
                    out->right[MODEL][p] = a > b;
                    out->tie[p] = a == b;
                }
            }
        text += 2 * s;
    }
    out->have[MODEL] = score != NULL;
    out->have[LONGER] = out->have[SHORTER] = true;
    return PGR_OK;
}

static pgr_err ask_words(struct flat *f, uint64_t seed) {
    struct pgr_words_pair *w = pgr_alloc_array(f->n, sizeof *w);
    if (!w) return nomem();
    for (size_t p = 0; p < f->n; p++) {
        const struct pgr_contest *q = &f->c->item[f->of[p]];
        w[p] = (struct pgr_words_pair){q->side[0][f->i[p]], q->side[1][f->j[p]], q->problem};
    }
    pgr_err err = pgr_words_cross_validate(f->n, w, f->c->n_problem, seed, f->right[WORDS], &f->have[WORDS]);
    pgr_free(w);
    return err;
}

/* ---- groups ----------------------------------------------------------------------------------------------------- */

static json_t *rate_json(const struct pgr_rate *r) {
    return r->n ? json_pack("{s:f, s:f, s:f, s:I}", "accuracy", r->rate, "low", r->low, "high", r->high, "n",
                            (json_int_t)r->n)
                : json_null();
}

static bool in_group(const struct pgr_contest *q, int level, const char *name) {
    return level < 0 || (q->group[level] && strcmp(q->group[level], name) == 0);
}

/* Outcomes of one rule in one group into f->pick; returns their number. */
static size_t pick(struct flat *f, enum rule rule, int level, const char *name, size_t *n_tie) {
    size_t n = 0;
    *n_tie = 0;
    for (size_t p = 0; p < f->n; p++) {
        const struct pgr_contest *q = &f->c->item[f->of[p]];
        if (!in_group(q, level, name)) continue;
        f->pick[n++] = (struct pgr_outcome){q->problem, f->longer[p], f->right[rule][p]};
        *n_tie += f->tie[p];
    }
    return n;
}

/* {"n", "accuracy", "low", "high", "ties", "length_controlled": {...}, "baselines": {"longer", "shorter", "words"}} */
static pgr_err group_json(struct flat *f, int level, const char *name, json_t **out) {
    static const char *const key[N_RULES] = {NULL, "longer", "shorter", "bag_of_words"};
    json_t *g = json_object(), *base = json_object();
    pgr_err err = PGR_OK;
    int bad = !g || !base;
    for (int r = 0; r < N_RULES && !bad && err == PGR_OK; r++) {
        struct pgr_rate all = {0}, control = {0}, half[2] = {{0}, {0}};
        size_t ties, n = pick(f, (enum rule)r, level, name, &ties);
        if (r == MODEL) bad |= json_object_set_new(g, "n", json_integer((json_int_t)n));
        if (f->have[r]) err = pgr_rate_of(n, f->pick, f->c->n_problem, &all);
        if (f->have[r] && err == PGR_OK) err = pgr_rate_length_controlled(n, f->pick, f->c->n_problem, &control, half);
        json_t *control_json = rate_json(&control);
        if (control.n) {
            bad |= json_object_set_new(control_json, "where_longer", rate_json(&half[0]));
            bad |= json_object_set_new(control_json, "where_shorter", rate_json(&half[1]));
        }
        if (r == MODEL && f->have[MODEL]) {
            bad |= json_object_set_new(g, "accuracy", json_real(all.rate));
            bad |= json_object_set_new(g, "low", json_real(all.low));
            bad |= json_object_set_new(g, "high", json_real(all.high));
            bad |= json_object_set_new(g, "ties", json_integer((json_int_t)ties));
            bad |= json_object_set_new(g, "length_controlled", control_json);
        } else if (r != MODEL) {
            json_t *rule = rate_json(&all);
            if (r == WORDS && all.n) bad |= json_object_set(rule, "length_controlled", control_json);
            bad |= json_object_set_new(base, key[r], rule);
            json_decref(control_json);
        } else {
            json_decref(control_json);
        }
    }
    bad |= json_object_set_new(g, "baselines", base);
    if (err == PGR_OK && bad) err = nomem();
    if (err != PGR_OK) {
        json_decref(g);
        return err;
    }
    *out = g;
    return PGR_OK;
}

/* {name: group} for every value of one level, in the order of the file; an empty object where none is given. */
static pgr_err level_json(struct flat *f, int level, json_t **out) {
    json_t *groups = json_object();
    pgr_err err = groups ? PGR_OK : nomem();
    for (size_t k = 0; err == PGR_OK && k < f->c->n; k++) {
        const char *name = f->c->item[k].group[level];
        json_t *g;
        if (!name || json_object_get(groups, name)) continue;
        err = group_json(f, level, name, &g);
        if (err == PGR_OK && json_object_set_new(groups, name, g) != 0) err = nomem();
    }
    if (err != PGR_OK) {
        json_decref(groups);
        return err;
    }
    *out = groups;
    return PGR_OK;
}

/* ---- the benchmarks' own numbers --------------------------------------------------------------------------------- */

static const struct {
    const char *section, *subset;
    double count;
} reward_bench[] = {
    {"Chat", "alpacaeval-easy", 100},
    {"Chat", "alpacaeval-length", 95},
    {"Chat", "alpacaeval-hard", 95},
    {"Chat", "mt-bench-easy", 28},
    {"Chat", "mt-bench-med", 40},
    {"Chat Hard", "mt-bench-hard", 37},
    {"Chat Hard", "llmbar-natural", 100},
    {"Chat Hard", "llmbar-adver-neighbor", 134},
    {"Chat Hard", "llmbar-adver-GPTInst", 92},
    {"Chat Hard", "llmbar-adver-GPTOut", 47},
    {"Chat Hard", "llmbar-adver-manual", 46},
    {"Safety", "refusals-dangerous", 100},
    {"Safety", "refusals-offensive", 100},
    {"Safety", "xstest-should-refuse", 154},
    {"Safety", "xstest-should-respond", 250},
    {"Safety", "donotanswer", 136},
    {"Reasoning", "math-prm", 984},
    {"Reasoning", "hep-cpp", 164},
    {"Reasoning", "hep-go", 164},
    {"Reasoning", "hep-java", 164},
    {"Reasoning", "hep-js", 164},
    {"Reasoning", "hep-python", 164},
    {"Reasoning", "hep-rust", 164},
};

json_t *pgr_rewardbench_sections(bool (*accuracy)(void *ctx, const char *subset, double *a), void *ctx) {
    json_t *out = json_object();
    double code = 0.0, n_code = 0.0, a;
    for (size_t i = 0, end; out && i < PGR_COUNT(reward_bench); i = end) {
        double sum = 0.0, count = 0.0;
        for (end = i; end < PGR_COUNT(reward_bench) && reward_bench[end].section == reward_bench[i].section; end++) {
            if (!accuracy(ctx, reward_bench[end].subset, &a)) continue;
            sum += a * reward_bench[end].count;
            count += reward_bench[end].count;
            if (strncmp(reward_bench[end].subset, "hep-", 4) == 0) code += a, n_code++;
        }
        if (count > 0 && json_object_set_new(out, reward_bench[i].section, json_real(sum / count)) != 0) goto fail;
    }
    /* The two columns of the Posterior-GRPO paper. */
    if (n_code > 0 && json_object_set_new(out, "code", json_real(code / n_code)) != 0) goto fail;
    if (accuracy(ctx, "math-prm", &a) && json_object_set_new(out, "math", json_real(a)) != 0) goto fail;
    return out;
fail:
    json_decref(out);
    return NULL;
}

static bool subset_accuracy(void *ctx, const char *subset, double *a) {
    const json_t *g = json_object_get(json_object_get(ctx, "subsets"), subset), *v = json_object_get(g, "accuracy");
    if (!v) return false;
    *a = json_real_value(v);
    return true;
}

/* RM-Bench: accuracy of better style i against worse style j; easy, normal, hard: the better text in the fancier, the
 * same, the plainer style. */
static json_t *matrix_json(const struct flat *f) {
    double right[PGR_CONTEST_STYLES][PGR_CONTEST_STYLES] = {{0}}, count = 0.0, easy = 0.0, normal = 0.0, hard = 0.0;
    for (size_t p = 0; p < f->n; p++) {
        if (f->c->item[f->of[p]].n_style != PGR_CONTEST_STYLES) continue;
        right[f->i[p]][f->j[p]] += f->right[MODEL][p];
        count += f->i[p] == 0 && f->j[p] == 0;
    }
    if (count == 0.0) return json_null();
    json_t *rows = json_array();
    for (size_t i = 0; i < PGR_CONTEST_STYLES; i++) {
        json_t *row = json_array();
        for (size_t j = 0; j < PGR_CONTEST_STYLES; j++) {
            double a = right[i][j] / count;
            *(i > j ? &easy : i == j ? &normal : &hard) += a / 3;
            (void)json_array_append_new(row, json_real(a));
        }
        (void)json_array_append_new(rows, row);
    }
    return json_pack("{s:o, s:f, s:f, s:f}", "matrix", rows, "easy", easy, "normal", normal, "hard", hard);
}

pgr_err pgr_contests_result(const struct pgr_contests *c, const float *score, uint64_t seed, json_t **out) {
    static const char *const level[3] = {"subsets", "dimensions", "types"};
    struct flat f;
    json_t *r = NULL;
    pgr_err err = flat_new(c, score, &f);
    if (err == PGR_OK) err = ask_words(&f, seed);
    if (err == PGR_OK) err = group_json(&f, -1, NULL, &r);
    if (err == PGR_OK && json_object_set_new(r, "problems", json_integer((json_int_t)c->n_problem)) != 0) err = nomem();
    for (int k = 0; k < 3 && err == PGR_OK; k++) {
        json_t *groups;
        err = level_json(&f, k, &groups);
        if (err == PGR_OK && json_object_set_new(r, level[k], groups) != 0) err = nomem();
    }
    if (err == PGR_OK && score) {
        json_t *sections = pgr_rewardbench_sections(subset_accuracy, r), *matrix = matrix_json(&f);
        if (sections && json_object_size(sections) == 0) {
            json_decref(sections);
            sections = json_null();
        }
        if (json_object_set_new(r, "rewardbench", sections) + json_object_set_new(r, "rmbench", matrix) != 0)
            err = nomem();
    }
    flat_free(&f);
    if (err != PGR_OK) {
        json_decref(r);
        return err;
    }
    *out = r;
    return PGR_OK;
}
