/* pairs.c - reading preference pairs. */
#include "pref/pairs.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"

struct reader {
    struct pgr_pairs *pairs;
    size_t cap;
};

static pgr_err copy(char **to, const char *from) {
    *to = pgr_strdup(from);
    return *to ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err read_pair(void *ctx, const char *where, json_t *obj) {
    struct reader *r = ctx;
    const char *id = NULL, *dimension = NULL, *type = NULL, *prompt, *chosen, *rejected, *split = "train";
    double margin = 0.0;
    PGR_TRY(pgr_json_str(obj, where, "prompt", &prompt));
    PGR_TRY(pgr_json_str(obj, where, "chosen", &chosen));
    PGR_TRY(pgr_json_str(obj, where, "rejected", &rejected));
    PGR_TRY(pgr_json_str_opt(obj, where, "id", &id));
    PGR_TRY(pgr_json_str_opt(obj, where, "dimension", &dimension));
    PGR_TRY(pgr_json_str_opt(obj, where, "type", &type));
    PGR_TRY(pgr_json_str_opt(obj, where, "split", &split));
    PGR_TRY(pgr_json_real_opt(obj, where, "margin", &margin));
    bool validation = strcmp(split, "validation") == 0;
    if (!validation && strcmp(split, "train") != 0)
        return pgr_fail(PGR_E_RANGE, "%s: key \"split\" is \"%s\", must be \"train\" or \"validation\"", where, split);
    if (!*chosen || !*rejected)
        return pgr_fail(PGR_E_FORMAT, "%s: \"chosen\" and \"rejected\" must not be empty", where);
    if (strcmp(chosen, rejected) == 0)
        return pgr_fail(PGR_E_FORMAT, "%s: \"chosen\" and \"rejected\" are the same text", where);

    struct pgr_pairs *p = r->pairs;
    if (p->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct pgr_pair *grown = pgr_realloc(p->pair, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
        p->pair = grown;
        r->cap = cap;
    }
    struct pgr_pair *q = &p->pair[p->n++];
    *q = (struct pgr_pair){.margin = margin, .validation = validation};
    char number[32];
    snprintf(number, sizeof number, "%zu", p->n);
    PGR_TRY(copy(&q->id, id ? id : number));
    if (dimension) PGR_TRY(copy(&q->dimension, dimension));
    if (type) PGR_TRY(copy(&q->type, type));
    PGR_TRY(copy(&q->prompt, prompt));
    PGR_TRY(copy(&q->chosen, chosen));
    return copy(&q->rejected, rejected);
}

pgr_err pgr_pairs_load(const char *path, struct pgr_pairs *out) {
    struct pgr_pairs p = {NULL, 0};
    struct reader r = {&p, 0};
    pgr_err err = pgr_jsonl_each(path, read_pair, &r);
    if (err == PGR_OK && p.n == 0) err = pgr_fail(PGR_E_FORMAT, "%s: holds no pairs", path);
    if (err != PGR_OK) {
        pgr_pairs_free(&p);
        return err;
    }
    *out = p;
    return PGR_OK;
}

static void pair_free(struct pgr_pair *q) {
    pgr_free(q->id);
    pgr_free(q->prompt);
    pgr_free(q->chosen);
    pgr_free(q->rejected);
    pgr_free(q->dimension);
    pgr_free(q->type);
}

/* One number, alone in a list. */
static pgr_err read_grade(json_t *obj, const char *where, const char *key, double *out) {
    const json_t *list = json_object_get(obj, key), *g = json_array_get(list, 0);
    if (json_array_size(list) != 1 || !json_is_number(g) || !(json_number_value(g) >= 0 && json_number_value(g) <= 1e6))
        return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be a list of one grade from 0 on", where, key);
    *out = json_number_value(g);
    return PGR_OK;
}

struct grader {
    struct pgr_pairs *pairs;
    json_t *place; /* id: number of the pair, or null when it has its grades */
};

static pgr_err read_grades(void *ctx, const char *where, json_t *obj) {
    struct grader *g = ctx;
    const char *id;
    double grade[2];
    PGR_TRY(pgr_json_str(obj, where, "id", &id));
    PGR_TRY(read_grade(obj, where, "chosen", &grade[0]));
    PGR_TRY(read_grade(obj, where, "rejected", &grade[1]));
    const json_t *place = json_object_get(g->place, id);
    if (!place) return PGR_OK; /* of another file, or a part of this one */
    if (!json_is_integer(place)) return pgr_fail(PGR_E_FORMAT, "%s: a second record of \"%s\"", where, id);
    memcpy(g->pairs->pair[json_integer_value(place)].grade, grade, sizeof grade);
    return json_object_set_new(g->place, id, json_null()) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

pgr_err pgr_pairs_grade(struct pgr_pairs *p, const char *path, size_t *n_left_out) {
    struct grader g = {p, json_object()};
    pgr_err err = g.place ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; err == PGR_OK && i < p->n; i++) {
        if (json_object_get(g.place, p->pair[i].id))
            err = pgr_fail(PGR_E_FORMAT, "two pairs have the id \"%s\": grades are found by id", p->pair[i].id);
        else if (json_object_set_new(g.place, p->pair[i].id, json_integer((json_int_t)i)) != 0)
            err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    if (err == PGR_OK) err = pgr_jsonl_each(path, read_grades, &g);
    json_decref(g.place);
    PGR_TRY(err);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct pgr_pair *q = &p->pair[i];
        if (q->grade[0] > 0 && q->grade[1] > 0)
            p->pair[n++] = *q;
        else
            pair_free(q);
    }
    *n_left_out = p->n - n;
    p->n = n;
    return n > 0 ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: no pair has two grades", path);
}

void pgr_pairs_free(struct pgr_pairs *p) {
    for (size_t i = 0; i < p->n; i++) pair_free(&p->pair[i]);
    pgr_free(p->pair);
    *p = (struct pgr_pairs){NULL, 0};
}

void pgr_pairs_split(struct pgr_pairs *p, double fraction, uint64_t seed) {
    for (size_t i = 0; i < p->n; i++)
        if (p->pair[i].validation) return;
    for (size_t i = 0; i < p->n; i++) {
        struct pgr_sha256 s;
        char hex[65];
        unsigned first;
        pgr_sha256_init(&s);
        pgr_sha256_add(&s, &seed, sizeof seed);
        pgr_sha256_add(&s, p->pair[i].prompt, strlen(p->pair[i].prompt));
        pgr_sha256_hex(&s, hex);
        p->pair[i].validation = sscanf(hex, "%7x", &first) == 1 && first < fraction * 0x10000000;
    }
}
