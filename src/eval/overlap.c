/* overlap.c - see overlap.h. */
#include "eval/overlap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "task/records.h"

enum { MAYBE_BITS = 24, TICK_RECORDS = 256 };

struct pgr_overlap_gram {
    uint64_t hash;
    uint32_t problem;
    uint8_t part;
    bool found;
};

/* ---- words and grams ---- */

static bool in_word(unsigned char c) {
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* FNV-1a of the next word from *at on; false at the end. */
static bool next_word(const char *s, size_t n, size_t *at, uint64_t *hash) {
    size_t i = *at;
    while (i < n && !in_word((unsigned char)s[i])) i++;
    uint64_t h = 0xcbf29ce484222325u;
    size_t first = i;
    for (; i < n && in_word((unsigned char)s[i]); i++) {
        unsigned char c = (unsigned char)s[i];
        h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 0x100000001b3u;
    }
    *at = i;
    *hash = h;
    return i > first;
}

/* The finishing step of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Of the last `len` of n words; ring holds the last PGR_OVERLAP_N_MAX. Words are mixed first, so that the sums of
 * different orders and words differ as random numbers do. */
static uint64_t gram_hash(const uint64_t *ring, size_t n, size_t len) {
    uint64_t h = len;
    for (size_t i = n - len; i < n; i++) h = mix(h + ring[i % PGR_OVERLAP_N_MAX]);
    return h;
}

static size_t maybe_slot(uint64_t hash) { return (size_t)(hash >> (64 - MAYBE_BITS)); }

/* ---- the benchmark ---- */

pgr_err pgr_overlap_init(struct pgr_overlap *o, size_t n_words) {
    *o = (struct pgr_overlap){.n_words = n_words};
    if (n_words < PGR_OVERLAP_MIN || n_words > PGR_OVERLAP_N_MAX)
        return pgr_fail(PGR_E_RANGE, "grams of %zu words, must be %d to %d", n_words, PGR_OVERLAP_MIN,
                        PGR_OVERLAP_N_MAX);
    o->maybe = pgr_alloc_zero((size_t)1 << (MAYBE_BITS - 3), 1);
    return o->maybe ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

void pgr_overlap_free(struct pgr_overlap *o) {
    for (size_t i = 0; i < o->n; i++) {
        pgr_free(o->problem[i].id);
        for (int k = 0; k < PGR_OVERLAP_PARTS; k++) pgr_free(o->problem[i].where[k]);
    }
    pgr_free(o->problem);
    pgr_free(o->gram);
    pgr_free(o->maybe);
    pgr_free(o->first_fault);
    *o = (struct pgr_overlap){.n_words = 0};
}

static pgr_err add_gram(struct pgr_overlap *o, uint64_t hash, uint8_t part) {
    if (o->n_gram == o->gram_cap) {
        size_t cap = o->gram_cap ? 2 * o->gram_cap : 4096;
        struct pgr_overlap_gram *grown = pgr_realloc(o->gram, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu grams", cap);
        o->gram = grown;
        o->gram_cap = cap;
    }
    o->gram[o->n_gram++] = (struct pgr_overlap_gram){hash, (uint32_t)(o->n - 1), part, false};
    o->maybe[maybe_slot(hash) / 8] |= (unsigned char)(1u << maybe_slot(hash) % 8);
    o->problem[o->n - 1].n_gram[part]++;
    return PGR_OK;
}

static pgr_err add_part(struct pgr_overlap *o, const char *text, uint8_t part) {
    uint64_t ring[PGR_OVERLAP_N_MAX], hash;
    size_t n = 0, at = 0, len = o->n_words, bytes = text ? strlen(text) : 0;
    while (next_word(text, bytes, &at, &hash)) {
        ring[n++ % PGR_OVERLAP_N_MAX] = hash;
        if (n >= len) PGR_TRY(add_gram(o, gram_hash(ring, n, len), part));
    }
    if (n >= PGR_OVERLAP_MIN && n < len) PGR_TRY(add_gram(o, gram_hash(ring, n, len = n), part));
    if (n >= PGR_OVERLAP_MIN) o->used[len] = 1;
    if (n >= PGR_OVERLAP_MIN && len > o->longest) o->longest = len;
    return PGR_OK;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct pgr_overlap *o = ctx;
    if (!t) {
        if (err != PGR_E_FORMAT && err != PGR_E_RANGE) return err;
        if (o->n_faulty++ == 0 && !(o->first_fault = pgr_strdup(pgr_err_detail())))
            return pgr_fail(PGR_E_NOMEM, "out of memory");
        return PGR_OK;
    }
    if (o->n == o->cap) {
        size_t cap = o->cap ? 2 * o->cap : 256;
        struct pgr_overlap_problem *grown = pgr_realloc(o->problem, cap * sizeof *grown);
        if (grown) o->problem = grown, o->cap = cap;
        if (!grown) err = pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
    }
    char *id = err == PGR_OK ? pgr_strdup(t->id ? t->id : where) : NULL;
    if (err == PGR_OK && !id) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) {
        o->problem[o->n++] = (struct pgr_overlap_problem){.id = id};
        err = add_part(o, t->prompt, PGR_OVERLAP_PROMPT);
        if (err == PGR_OK) err = add_part(o, t->solution, PGR_OVERLAP_SOLUTION);
    }
    pgr_task_free(t);
    return err;
}

pgr_err pgr_overlap_bench(struct pgr_overlap *o, const char *path, const struct pgr_task_filter *filter) {
    PGR_TRY(pgr_tasks_each(path, filter, take_task, o));
    if (o->n) return PGR_OK;
    return o->first_fault ? pgr_fail(PGR_E_FORMAT, "%s", o->first_fault)
                          : pgr_fail(PGR_E_FORMAT, "%s: no problem", path);
}

/* ---- the training file ---- */

struct reader {
    struct pgr_overlap *o;
    const char *where;
    bool (*tick)(void);
};

static pgr_err mark(struct reader *r, uint64_t hash) {
    struct pgr_overlap *o = r->o;
    size_t slot = maybe_slot(hash);
    if (!(o->maybe[slot / 8] >> slot % 8 & 1)) return PGR_OK;
    size_t lo = 0, hi = o->n_gram;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (o->gram[mid].hash < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < o->n_gram && o->gram[lo].hash == hash && !o->gram[lo].found; lo++) {
        struct pgr_overlap_gram *g = &o->gram[lo];
        struct pgr_overlap_problem *p = &o->problem[g->problem];
        g->found = true;
        p->n_found[g->part]++;
        if (!p->where[g->part] && !(p->where[g->part] = pgr_strdup(r->where)))
            return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    return PGR_OK;
}

static pgr_err read_text(struct reader *r, const char *s, size_t bytes) {
    const struct pgr_overlap *o = r->o;
    uint64_t ring[PGR_OVERLAP_N_MAX], hash;
    size_t n = 0, at = 0;
    while (next_word(s, bytes, &at, &hash)) {
        ring[n++ % PGR_OVERLAP_N_MAX] = hash;
        for (size_t len = PGR_OVERLAP_MIN; len <= o->longest && len <= n; len++)
            if (o->used[len]) PGR_TRY(mark(r, gram_hash(ring, n, len)));
    }
    return PGR_OK;
}

/* All texts below a value. jansson's reader bounds the depth. */
static pgr_err read_value(struct reader *r, const json_t *v) {
    const char *key;
    json_t *member;
    if (json_is_string(v)) return read_text(r, json_string_value(v), json_string_length(v));
    for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++) PGR_TRY(read_value(r, json_array_get(v, i)));
    if (json_is_object(v)) json_object_foreach((json_t *)(uintptr_t)v, key, member) PGR_TRY(read_value(r, member));
    return PGR_OK;
}

static pgr_err take_record(void *ctx, const char *where, size_t index, const json_t *obj) {
    struct reader *r = ctx;
    if (!obj) return PGR_E_FORMAT;
    if (r->tick && index % TICK_RECORDS == 0 && !r->tick())
        return pgr_fail(PGR_E_INTERRUPTED, "interrupted at %s", where);
    r->where = where;
    r->o->n_records++;
    return read_value(r, obj);
}

static int by_hash(const void *a, const void *b) {
    const struct pgr_overlap_gram *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

pgr_err pgr_overlap_train(struct pgr_overlap *o, const char *path, bool (*tick)(void)) {
    struct reader r = {o, NULL, tick};
    if (o->n_gram) qsort(o->gram, o->n_gram, sizeof *o->gram, by_hash);
    PGR_TRY(pgr_records_each(path, take_record, &r));
    return o->n_records ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: no record", path);
}
