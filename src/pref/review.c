/* review.c - see review.h. */
#include "pref/review.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory"); }

/* ---- pairs ---- */

static void digest_pair(struct pgr_review_pair *p) {
    struct pgr_sha256 sha;
    char hex[65];
    pgr_sha256_init(&sha);
    pgr_sha256_add(&sha, p->id, strlen(p->id) + 1);
    for (int i = 0; i < 2; i++) pgr_sha256_add(&sha, p->side[i], strlen(p->side[i]) + 1);
    pgr_sha256_hex(&sha, hex);
    memcpy(p->digest, hex, 12);
    p->digest[12] = '\0';
    p->swapped = strchr("13579bdf", hex[20]) != NULL;
}

static pgr_err read_pair(void *ctx, const char *where, json_t *obj) {
    struct pgr_review *r = ctx;
    struct pgr_review_pair p = {.record = obj};
    PGR_TRY(pgr_json_str(obj, where, "id", &p.id));
    PGR_TRY(pgr_json_str(obj, where, "prompt", &p.prompt));
    PGR_TRY(pgr_json_str(obj, where, "chosen", &p.side[0]));
    PGR_TRY(pgr_json_str(obj, where, "rejected", &p.side[1]));
    digest_pair(&p);
    if (json_object_get(r->index, p.digest))
        return pgr_fail(PGR_E_FORMAT, "%s: pair \"%.100s\" stands twice", where, p.id);
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct pgr_review_pair *grown = pgr_realloc(r->pair, cap * sizeof *grown);
        if (!grown) return no_memory();
        r->pair = grown;
        r->cap = cap;
    }
    if (json_object_set_new(r->index, p.digest, json_integer((json_int_t)r->n)) != 0) return no_memory();
    json_incref(p.record);
    r->pair[r->n++] = p;
    return PGR_OK;
}

/* ---- the file ---- */

static pgr_err decision_of(const json_t *obj, const char *where, char *out) {
    const char *said = NULL;
    PGR_TRY(pgr_json_str_opt(obj, where, "decision", &said));
    *out = 0;
    if (!said) return PGR_OK;
    if (strcmp(said, "accept") != 0 && strcmp(said, "reject") != 0)
        return pgr_fail(PGR_E_FORMAT, "%s: key \"decision\" must be \"accept\" or \"reject\"", where);
    *out = *said;
    return PGR_OK;
}

static pgr_err set_comment(struct pgr_review_pair *p, const char *text) {
    char *copy = *text ? pgr_strdup(text) : NULL;
    if (*text && !copy) return no_memory();
    pgr_free(p->comment);
    p->comment = copy;
    return PGR_OK;
}

static pgr_err read_line(void *ctx, const char *where, json_t *obj) {
    struct pgr_review *r = ctx;
    const char *digest, *comment = NULL;
    char decision;
    PGR_TRY(pgr_json_str(obj, where, "pair", &digest));
    PGR_TRY(decision_of(obj, where, &decision));
    PGR_TRY(pgr_json_str_opt(obj, where, "comment", &comment));
    const json_t *at = json_object_get(r->index, digest);
    if (!at) return PGR_OK; /* of other pairs */
    struct pgr_review_pair *p = &r->pair[json_integer_value(at)];
    PGR_TRY(pgr_json_bool_opt(obj, where, "revealed", &p->revealed));
    if (decision) {
        r->n_decided += !p->decision;
        p->decision = decision;
    }
    return comment ? set_comment(p, comment) : PGR_OK;
}

pgr_err pgr_review_load(const char *pairs_path, struct pgr_review *out) {
    *out = (struct pgr_review){.index = json_object(), .journal = {.fd = -1}};
    pgr_err err = out->index ? pgr_jsonl_each(pairs_path, read_pair, out) : no_memory();
    if (err == PGR_OK && out->n == 0) err = pgr_fail(PGR_E_FORMAT, "%s: holds no pair", pairs_path);
    return err;
}

pgr_err pgr_review_open(const char *pairs_path, const char *path, const char *reviewer, struct pgr_review *out) {
    json_t *head = json_pack("{s:i, s:o}", "review", 1, "reviewer", pgr_json_bytes(reviewer, strlen(reviewer)));
    pgr_err err = pgr_review_load(pairs_path, out);
    if (err == PGR_OK && !head) err = no_memory();
    if (err == PGR_OK) err = pgr_od_journal_open(path, head, read_line, out, &out->journal);
    json_decref(head);
    return err;
}

static pgr_err read_any(void *ctx, const char *where, json_t *obj) {
    struct pgr_review *r = ctx;
    const char *name;
    size_t version;
    if (r->reviewer) return read_line(ctx, where, obj);
    PGR_TRY(pgr_json_size(obj, where, "review", 1, 1, &version));
    PGR_TRY(pgr_json_str(obj, where, "reviewer", &name));
    r->reviewer = pgr_strdup(name);
    return r->reviewer ? PGR_OK : no_memory();
}

pgr_err pgr_review_read(struct pgr_review *r, const char *path) {
    pgr_free(r->reviewer);
    r->reviewer = NULL;
    r->n_decided = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct pgr_review_pair *p = &r->pair[i];
        pgr_free(p->comment);
        p->comment = NULL;
        p->decision = 0;
        p->revealed = false;
    }
    PGR_TRY(pgr_jsonl_each(path, read_any, r));
    return r->reviewer ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: is empty, must be a file of lcbrb review", path);
}

void pgr_review_close(struct pgr_review *r) {
    for (size_t i = 0; i < r->n; i++) {
        json_decref(r->pair[i].record);
        pgr_free(r->pair[i].comment);
    }
    pgr_free(r->pair);
    pgr_free(r->reviewer);
    json_decref(r->index);
    pgr_od_journal_close(&r->journal);
    *r = (struct pgr_review){.journal = {.fd = -1}};
}

static json_t *line_of(const struct pgr_review_pair *p) {
    char now[32];
    time_t t = time(NULL);
    struct tm tm;
    if (!gmtime_r(&t, &tm) || strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) now[0] = '\0';
    return json_pack("{s:s, s:s, s:s}", "id", p->id, "pair", p->digest, "time", now);
}

static pgr_err add(struct pgr_review *r, json_t *o, int bad) {
    if (!o || bad) {
        json_decref(o);
        return no_memory();
    }
    return pgr_od_journal_add(&r->journal, o);
}

pgr_err pgr_review_decide(struct pgr_review *r, size_t pair, char decision, int picked) {
    struct pgr_review_pair *p = &r->pair[pair];
    json_t *o = line_of(p);
    int bad = json_object_set_new(o, "decision", json_string(decision == 'a' ? "accept" : "reject"));
    if (picked >= 0) bad |= json_object_set_new(o, "picked", json_string(picked ? "rejected" : "chosen"));
    bad |= json_object_set_new(o, "revealed", json_boolean(p->revealed));
    PGR_TRY(add(r, o, bad));
    r->n_decided += !p->decision;
    p->decision = decision;
    return PGR_OK;
}

pgr_err pgr_review_comment(struct pgr_review *r, size_t pair, const char *text, size_t n_bytes) {
    struct pgr_review_pair *p = &r->pair[pair];
    json_t *o = line_of(p), *kept = pgr_json_bytes(text, n_bytes);
    if (!kept) return add(r, o, 1);
    pgr_err err = add(r, o, json_object_set(o, "comment", kept));
    if (err == PGR_OK) err = set_comment(p, json_string_value(kept));
    json_decref(kept);
    return err;
}

/* ---- agreement ---- */

static pgr_err read_decision(void *ctx, const char *where, json_t *obj) {
    const char *digest = NULL;
    char decision;
    PGR_TRY(decision_of(obj, where, &decision));
    if (!decision) return PGR_OK;
    PGR_TRY(pgr_json_str(obj, where, "pair", &digest));
    return json_object_set_new(ctx, digest, json_boolean(decision == 'a')) == 0 ? PGR_OK : no_memory();
}

static double ratio(size_t a, size_t b) { return (double)a / (double)b; }

pgr_err pgr_review_agreement(const char *path_a, const char *path_b, struct pgr_agreement *out) {
    json_t *a = json_object(), *b = json_object(), *v;
    const char *key;
    struct pgr_agreement g = {.n_both = 0};
    pgr_err err = a && b ? PGR_OK : no_memory();
    if (err == PGR_OK) err = pgr_jsonl_each(path_a, read_decision, a);
    if (err == PGR_OK) err = pgr_jsonl_each(path_b, read_decision, b);
    if (err == PGR_OK) {
        json_object_foreach(a, key, v) {
            const json_t *w = json_object_get(b, key);
            if (w)
                g.n[json_is_true(v) ? 0 : 1][json_is_true(w) ? 0 : 1]++, g.n_both++;
            else
                g.only_a++;
        }
        g.only_b = json_object_size(b) - g.n_both;
        if (g.n_both == 0) err = pgr_fail(PGR_E_FORMAT, "%s and %s decide no pair in common", path_a, path_b);
    }
    json_decref(a);
    json_decref(b);
    PGR_TRY(err);
    double yes = ratio(g.n[0][0] + g.n[0][1], g.n_both) * ratio(g.n[0][0] + g.n[1][0], g.n_both);
    double no = ratio(g.n[1][0] + g.n[1][1], g.n_both) * ratio(g.n[0][1] + g.n[1][1], g.n_both);
    g.observed = ratio(g.n[0][0] + g.n[1][1], g.n_both);
    g.kappa = yes + no < 1 ? (g.observed - (yes + no)) / (1 - (yes + no)) : (double)NAN;
    *out = g;
    return PGR_OK;
}
