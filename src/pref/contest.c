/* contest.c - reading the files that reward models are measured on. */
#include "pref/contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"

struct reader {
    struct pgr_contests *c;
    size_t cap;
    const char *split;
};

static void free_item(struct pgr_contest *q) {
    pgr_free(q->id);
    pgr_free(q->prompt);
    for (size_t k = 0; k < PGR_COUNT(q->group); k++) pgr_free(q->group[k]);
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < PGR_CONTEST_STYLES; k++) pgr_free(q->side[s][k]);
}

void pgr_contests_free(struct pgr_contests *c) {
    for (size_t i = 0; i < c->n; i++) free_item(&c->item[i]);
    pgr_free(c->item);
    *c = (struct pgr_contests){0};
}

static pgr_err copy(char **to, const char *from) {
    *to = pgr_strdup(from);
    return *to ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

/* The steps of a process, joined by newlines. */
static pgr_err join_steps(const json_t *obj, const char *where, const char *key, char **out) {
    json_t *list;
    PGR_TRY(pgr_json_array(obj, where, key, &list));
    struct pgr_buf b = PGR_BUF_INIT;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *step = json_array_get(list, i);
        if (!json_is_string(step)) {
            pgr_buf_free(&b);
            return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be a list of texts", where, key);
        }
        if (i) pgr_buf_addc(&b, '\n');
        pgr_buf_adds(&b, json_string_value(step));
    }
    pgr_err err = copy(out, pgr_buf_str(&b));
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    pgr_buf_free(&b);
    return err;
}

static pgr_err read_processes(struct pgr_contest *q, const char *where, const json_t *obj) {
    const char *prompt = NULL;
    PGR_TRY(pgr_json_str_opt(obj, where, "original_question", &prompt));
    PGR_TRY(pgr_json_str_opt(obj, where, "modified_question", &prompt));
    PGR_TRY(pgr_json_str_opt(obj, where, "question", &prompt));
    if (!prompt) return pgr_fail(PGR_E_FORMAT, "%s: missing key \"question\"", where);
    q->n_style = 1;
    PGR_TRY(copy(&q->prompt, prompt));
    PGR_TRY(join_steps(obj, where, "original_process", &q->side[0][0]));
    return join_steps(obj, where, "modified_process", &q->side[1][0]);
}

static pgr_err read_side(struct pgr_contest *q, size_t s, const char *where, const json_t *obj) {
    static const char *const key[2] = {"chosen", "rejected"};
    const json_t *j = json_object_get(obj, key[s]);
    if (q->n_style == 1) {
        const char *text;
        PGR_TRY(pgr_json_str(obj, where, key[s], &text));
        return copy(&q->side[s][0], text);
    }
    if (!json_is_array(j) || json_array_size(j) != PGR_CONTEST_STYLES)
        return pgr_fail(PGR_E_FORMAT, "%s: \"chosen\" and \"rejected\" must be two texts or two lists of %d", where,
                        PGR_CONTEST_STYLES);
    for (size_t k = 0; k < PGR_CONTEST_STYLES; k++) {
        const char *text = json_string_value(json_array_get(j, k));
        if (!text) return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be a list of texts", where, key[s]);
        PGR_TRY(copy(&q->side[s][k], text));
    }
    return PGR_OK;
}

static pgr_err read_texts(struct pgr_contest *q, const char *where, const json_t *obj) {
    const char *prompt;
    PGR_TRY(pgr_json_str(obj, where, "prompt", &prompt));
    PGR_TRY(copy(&q->prompt, prompt));
    q->n_style = json_is_array(json_object_get(obj, "chosen")) ? PGR_CONTEST_STYLES : 1;
    PGR_TRY(read_side(q, 0, where, obj));
    return read_side(q, 1, where, obj);
}

static pgr_err read_groups(struct pgr_contest *q, const char *where, const json_t *obj) {
    static const char *const subset[] = {"subset", "domain", "classification", "source"};
    const char *name = NULL, *dimension = NULL, *type = NULL;
    for (size_t k = 0; !name && k < PGR_COUNT(subset); k++) PGR_TRY(pgr_json_str_opt(obj, where, subset[k], &name));
    PGR_TRY(pgr_json_str_opt(obj, where, "dimension", &dimension));
    PGR_TRY(pgr_json_str_opt(obj, where, "type", &type));
    if (name) PGR_TRY(copy(&q->group[0], name));
    if (dimension) PGR_TRY(copy(&q->group[1], dimension));
    return type ? copy(&q->group[2], type) : PGR_OK;
}

/* An "id" may be a number (RewardBench). */
static pgr_err read_id(struct pgr_contest *q, const json_t *obj, size_t number) {
    const json_t *id = json_object_get(obj, "id");
    char text[32];
    if (json_is_integer(id))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(id));
    else
        snprintf(text, sizeof text, "%zu", number);
    return copy(&q->id, json_is_string(id) ? json_string_value(id) : text);
}

static pgr_err read_contest(void *ctx, const char *where, json_t *obj) {
    struct reader *r = ctx;
    struct pgr_contests *c = r->c;
    const char *split = "";
    if (r->split) {
        PGR_TRY(pgr_json_str_opt(obj, where, "split", &split));
        if (strcmp(split, r->split) != 0) return PGR_OK;
    }
    if (c->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct pgr_contest *grown = pgr_realloc(c->item, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
        c->item = grown;
        r->cap = cap;
    }
    struct pgr_contest *q = &c->item[c->n++];
    *q = (struct pgr_contest){0};
    PGR_TRY(read_id(q, obj, c->n));
    PGR_TRY(json_object_get(obj, "original_process") ? read_processes(q, where, obj) : read_texts(q, where, obj));
    c->n_pair += q->n_style * q->n_style;
    return read_groups(q, where, obj);
}

struct named {
    const char *prompt;
    uint32_t item;
};

static int by_prompt(const void *a, const void *b) {
    return strcmp(((const struct named *)a)->prompt, ((const struct named *)b)->prompt);
}

static pgr_err number_problems(struct pgr_contests *c) {
    struct named *by = pgr_alloc_array(c->n + 1, sizeof *by);
    if (!by) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu records", c->n);
    for (size_t i = 0; i < c->n; i++) by[i] = (struct named){c->item[i].prompt, (uint32_t)i};
    qsort(by, c->n, sizeof *by, by_prompt);
    c->n_problem = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (i == 0 || strcmp(by[i].prompt, by[i - 1].prompt) != 0) c->n_problem++;
        c->item[by[i].item].problem = (uint32_t)c->n_problem - 1;
    }
    pgr_free(by);
    return PGR_OK;
}

pgr_err pgr_contests_load(const char *path, const char *split, struct pgr_contests *out) {
    struct pgr_contests c = {0};
    struct reader r = {&c, 0, split};
    pgr_err err = pgr_jsonl_each(path, read_contest, &r);
    if (err == PGR_OK && c.n == 0)
        err = split ? pgr_fail(PGR_E_FORMAT, "%s: holds no pair with split \"%s\"", path, split)
                    : pgr_fail(PGR_E_FORMAT, "%s: holds no pairs", path);
    if (err == PGR_OK) err = number_problems(&c);
    if (err != PGR_OK) {
        pgr_contests_free(&c);
        return err;
    }
    *out = c;
    return PGR_OK;
}

pgr_err pgr_contests_sample(struct pgr_contests *c, size_t n, uint64_t seed) {
    size_t kept = 0, left = c->n, want = n;
    if (n >= c->n) return PGR_OK;
    c->n_pair = 0;
    for (size_t i = 0; i < c->n; i++, left--) {
        /* Selection sampling: each record with probability wanted / left (Knuth, volume 2, algorithm S). */
        double u = pgr_rng_uniform(seed, PGR_RNG_SHUFFLE, (uint32_t)i, 0x73616d70u, 0, 0);
        if (u * (double)left < (double)want) {
            want--;
            c->n_pair += c->item[i].n_style * c->item[i].n_style;
            c->item[kept++] = c->item[i];
        } else {
            free_item(&c->item[i]);
        }
    }
    c->n = kept;
    return number_problems(c);
}

size_t pgr_contests_texts(const struct pgr_contests *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) n += 2 * c->item[i].n_style;
    return n;
}
