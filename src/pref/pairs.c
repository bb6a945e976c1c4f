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

void pgr_pairs_free(struct pgr_pairs *p) {
    for (size_t i = 0; i < p->n; i++) {
        pgr_free(p->pair[i].id);
        pgr_free(p->pair[i].prompt);
        pgr_free(p->pair[i].chosen);
        pgr_free(p->pair[i].rejected);
        pgr_free(p->pair[i].dimension);
        pgr_free(p->pair[i].type);
    }
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
