/* gguf_meta.c - typed access to GGUF metadata. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "fmt/gguf_int.h"

size_t pgr_gguf_type_bytes(uint32_t type) {
    static const unsigned char bytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return type < sizeof bytes ? bytes[type] : 0;
}

static const char *type_name(uint32_t type) {
    static const char *const names[] = {"uint8", "int8",   "uint16", "int16",  "uint32", "int32",  "float32",
                                        "bool",  "string", "array",  "uint64", "int64",  "float64"};
    return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

static const char *kind_name(enum pgr_gguf_kind kind) {
    static const char *const names[] = {"integer", "real", "bool", "string"};
    return names[kind];
}

/* The kind of a type; false for arrays. */
static bool kind_of(uint32_t type, enum pgr_gguf_kind *kind) {
    switch (type) {
    case PGR_GGUF_T_F32:
    case PGR_GGUF_T_F64: *kind = PGR_GGUF_REAL; return true;
    case PGR_GGUF_T_BOOL: *kind = PGR_GGUF_BOOL; return true;
    case PGR_GGUF_T_STR: *kind = PGR_GGUF_STR; return true;
    case PGR_GGUF_T_ARRAY: return false;
    default: *kind = PGR_GGUF_INT; return true;
    }
}

static int64_t load_int(uint32_t type, const unsigned char *p) {
    switch (type) {
    case PGR_GGUF_T_U8:
    case PGR_GGUF_T_BOOL: return p[0];
    case PGR_GGUF_T_I8: return (int8_t)p[0];
    case PGR_GGUF_T_U16: return p[0] | p[1] << 8;
    case PGR_GGUF_T_I16: return (int16_t)(p[0] | p[1] << 8);
    case PGR_GGUF_T_U32: return pgr_gguf_load32(p);
    case PGR_GGUF_T_I32: return (int32_t)pgr_gguf_load32(p);
    case PGR_GGUF_T_U64: {
        uint64_t v = pgr_gguf_load64(p);
        return v > INT64_MAX ? INT64_MAX : (int64_t)v;
    }
    case PGR_GGUF_T_I64: return (int64_t)pgr_gguf_load64(p);
    default: return 0;
    }
}

static double load_real(uint32_t type, const unsigned char *p) {
    if (type == PGR_GGUF_T_F32) {
        uint32_t bits = pgr_gguf_load32(p);
        float f;
        memcpy(&f, &bits, sizeof f);
        return f;
    }
    if (type == PGR_GGUF_T_F64) {
        uint64_t bits = pgr_gguf_load64(p);
        double d;
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    return (double)load_int(type, p);
}

static const struct pgr_gguf_entry *find(const struct pgr_gguf *g, const char *key) {
    size_t lo = 0, hi = g->n_entry;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(key, g->entry[mid].key);
        if (order == 0) return &g->entry[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

bool pgr_gguf_has(const struct pgr_gguf *g, const char *key) { return find(g, key) != NULL; }

static pgr_err missing(const struct pgr_gguf *g, const char *key) {
    return pgr_fail(PGR_E_FORMAT, "%s: missing metadata key %s", g->path, key);
}

static pgr_err wrong_type(const struct pgr_gguf *g, const struct pgr_gguf_entry *e, const char *want) {
    return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s has type %s, must be %s", g->path, e->key, type_name(e->type),
                    want);
}

pgr_err pgr_gguf_str_opt(const struct pgr_gguf *g, const char *key, const char **s, size_t *n) {
    const struct pgr_gguf_entry *e = find(g, key);
    if (!e) return PGR_OK;
    if (e->type != PGR_GGUF_T_STR) return wrong_type(g, e, "string");
    *s = (const char *)e->data;
    *n = e->n;
    return PGR_OK;
}

pgr_err pgr_gguf_str(const struct pgr_gguf *g, const char *key, const char **s, size_t *n) {
    return pgr_gguf_has(g, key) ? pgr_gguf_str_opt(g, key, s, n) : missing(g, key);
}

pgr_err pgr_gguf_size_opt(const struct pgr_gguf *g, const char *key, size_t min, size_t max, size_t *out) {
    const struct pgr_gguf_entry *e = find(g, key);
    enum pgr_gguf_kind kind;
    if (!e) return PGR_OK;
    if (!kind_of(e->type, &kind) || kind != PGR_GGUF_INT) return wrong_type(g, e, "an integer");
    int64_t v = load_int(e->type, e->data);
    if (v < 0 || (uint64_t)v < min || (uint64_t)v > max)
        return pgr_fail(PGR_E_RANGE, "%s: metadata key %s is %lld, must be %zu to %zu", g->path, key, (long long)v, min,
                        max);
    *out = (size_t)v;
    return PGR_OK;
}

pgr_err pgr_gguf_size(const struct pgr_gguf *g, const char *key, size_t min, size_t max, size_t *out) {
    return pgr_gguf_has(g, key) ? pgr_gguf_size_opt(g, key, min, max, out) : missing(g, key);
}

pgr_err pgr_gguf_real_opt(const struct pgr_gguf *g, const char *key, double *out) {
    const struct pgr_gguf_entry *e = find(g, key);
    enum pgr_gguf_kind kind;
    if (!e) return PGR_OK;
    if (!kind_of(e->type, &kind) || (kind != PGR_GGUF_INT && kind != PGR_GGUF_REAL))
        return wrong_type(g, e, "a number");
    double v = load_real(e->type, e->data);
    if (!isfinite(v)) return pgr_fail(PGR_E_RANGE, "%s: metadata key %s is not finite", g->path, key);
    *out = v;
    return PGR_OK;
}

pgr_err pgr_gguf_real(const struct pgr_gguf *g, const char *key, double *out) {
    return pgr_gguf_has(g, key) ? pgr_gguf_real_opt(g, key, out) : missing(g, key);
}

pgr_err pgr_gguf_bool_opt(const struct pgr_gguf *g, const char *key, bool *out) {
    const struct pgr_gguf_entry *e = find(g, key);
    if (!e) return PGR_OK;
    if (e->type != PGR_GGUF_T_BOOL) return wrong_type(g, e, "bool");
    if (e->data[0] > 1)
        return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s is the boolean %d, must be 0 or 1", g->path, key,
                        e->data[0]);
    *out = e->data[0];
    return PGR_OK;
}

pgr_err pgr_gguf_array_opt(const struct pgr_gguf *g, const char *key, enum pgr_gguf_kind kind,
                           struct pgr_gguf_array *out) {
    const struct pgr_gguf_entry *e = find(g, key);
    enum pgr_gguf_kind got;
    *out = (struct pgr_gguf_array){.kind = kind};
    if (!e) return PGR_OK;
    if (e->type != PGR_GGUF_T_ARRAY) return wrong_type(g, e, "array");
    if (!kind_of(e->item_type, &got) || got != kind)
        return pgr_fail(PGR_E_FORMAT, "%s: metadata key %s is an array of %s, must be of kind %s", g->path, key,
                        type_name(e->item_type), kind_name(kind));
    *out = (struct pgr_gguf_array){kind, e->n, e->item_type, e->data, e->at};
    return PGR_OK;
}

pgr_err pgr_gguf_array(const struct pgr_gguf *g, const char *key, enum pgr_gguf_kind kind, struct pgr_gguf_array *out) {
    return pgr_gguf_has(g, key) ? pgr_gguf_array_opt(g, key, kind, out) : missing(g, key);
}

const char *pgr_gguf_item_str(const struct pgr_gguf_array *a, size_t i, size_t *n) {
    assert(a->kind == PGR_GGUF_STR && i < a->n);
    const unsigned char *p = a->data + a->at[i];
    *n = (size_t)pgr_gguf_load64(p);
    return (const char *)p + 8;
}

int64_t pgr_gguf_item_int(const struct pgr_gguf_array *a, size_t i) {
    assert((a->kind == PGR_GGUF_INT || a->kind == PGR_GGUF_BOOL) && i < a->n);
    return load_int(a->type, a->data + i * pgr_gguf_type_bytes(a->type));
}

double pgr_gguf_item_real(const struct pgr_gguf_array *a, size_t i) {
    assert(a->kind == PGR_GGUF_REAL && i < a->n);
    return load_real(a->type, a->data + i * pgr_gguf_type_bytes(a->type));
}
