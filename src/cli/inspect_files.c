/* inspect_files.c - the tensors of a model's files. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/inspect.h"
#include "fmt/gguf.h"
#include "fmt/safetensors.h"

static void from_st(const struct pgr_st *s, struct pgr_stored *out) {
    for (size_t i = 0; i < pgr_st_n_tensor(s); i++) {
        const struct pgr_st_tensor *t = pgr_st_tensor_at(s, i);
        out[i] = (struct pgr_stored){t->name, t->dtype, t->n_dim, {0}, t->n_elem, t->n_bytes};
        memcpy(out[i].dim, t->dim, sizeof t->dim);
    }
}

static void from_gguf(const struct pgr_gguf *g, struct pgr_stored *out) {
    for (size_t i = 0; i < pgr_gguf_n_tensor(g); i++) {
        const struct pgr_gguf_tensor *t = pgr_gguf_tensor_at(g, i);
        out[i] = (struct pgr_stored){t->name, t->quant->name, t->n_dim, {0}, t->n_elem, t->n_bytes};
        for (size_t k = 0; k < t->n_dim; k++) out[i].dim[k] = t->dim[t->n_dim - 1 - k]; /* slowest first */
    }
}

pgr_err pgr_inventory_open(const char *path, struct pgr_inventory *out) {
    struct pgr_inventory v = {0};
    if (pgr_is_dir(path))
        PGR_TRY(pgr_st_open(path, &v.st));
    else
        PGR_TRY(pgr_gguf_open(path, &v.gguf));
    v.n_tensor = v.st ? pgr_st_n_tensor(v.st) : pgr_gguf_n_tensor(v.gguf);
    v.tensor = pgr_alloc_array(v.n_tensor, sizeof *v.tensor);
    if (!v.tensor) {
        pgr_inventory_close(&v);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    if (v.st)
        from_st(v.st, v.tensor);
    else
        from_gguf(v.gguf, v.tensor);
    *out = v;
    return PGR_OK;
}

void pgr_inventory_close(struct pgr_inventory *v) {
    pgr_free(v->tensor);
    pgr_st_close(v->st);
    pgr_gguf_close(v->gguf);
    *v = (struct pgr_inventory){0};
}

/* The name with each number between dots replaced by '*': equal for all layers. */
static void pattern_of(const char *name, char *out, size_t cap) {
    size_t n = 0;
    for (const char *s = name; *s && n + 1 < cap;) {
        bool starts = s == name || s[-1] == '.';
        size_t digits = strspn(s, "0123456789");
        if (starts && digits && s[digits] == '.') {
            out[n++] = '*';
            s += digits;
        } else {
            out[n++] = *s++;
        }
    }
    out[n] = '\0';
}

/* Names come from the file: what could move the cursor becomes '?'. */
static void print_name(const char *s, int width) {
    int n = 0;
    for (; *s; s++, n++) putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
    for (; n < width; n++) putchar(' ');
}

static void print_shape(const struct pgr_stored *t) {
    char text[128] = "[";
    size_t n = 1;
    for (size_t i = 0; i < t->n_dim && n + 24 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu", i ? ", " : "", t->dim[i]);
    snprintf(text + n, sizeof text - n, "]");
    printf(" %-18s", text);
}

/* Tensors of one pattern, shape and format. */
struct group {
    char pattern[256];
    const struct pgr_stored *first;
    size_t count, n_bytes;
};

static bool same_group(const struct group *g, const char *pattern, const struct pgr_stored *t) {
    return strcmp(g->pattern, pattern) == 0 && strcmp(g->first->format, t->format) == 0 &&
           g->first->n_dim == t->n_dim && memcmp(g->first->dim, t->dim, sizeof t->dim) == 0;
}

static int by_pattern(const void *a, const void *b) {
    return strcmp(((const struct group *)a)->pattern, ((const struct group *)b)->pattern);
}

static pgr_err print_groups(const struct pgr_inventory *v) {
    enum { MAX = 256 }; /* a model has some 20; the rest would be shown one by one */
    struct group *g = pgr_alloc_array(MAX, sizeof *g);
    size_t n = 0, more = 0;
    if (!g) return pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < v->n_tensor; i++) {
        const struct pgr_stored *t = &v->tensor[i];
        char pattern[sizeof g->pattern];
        pattern_of(t->name, pattern, sizeof pattern);
        size_t k = 0;
        while (k < n && !same_group(&g[k], pattern, t)) k++;
        if (k == MAX) {
            more++;
            continue;
        }
        if (k == n) {
            g[n] = (struct group){.first = t};
            memcpy(g[n++].pattern, pattern, sizeof pattern);
        }
        g[k].count++;
        g[k].n_bytes += t->n_bytes;
    }
    qsort(g, n, sizeof *g, by_pattern);
    for (size_t k = 0; k < n; k++) {
        printf("  %4zu x ", g[k].count);
        print_name(g[k].pattern, 50);
        print_shape(g[k].first);
        printf(" %-5s %10.1f MB\n", g[k].first->format, (double)g[k].n_bytes / 1e6);
    }
    if (more) printf("  and %zu more; see --tensors\n", more);
    pgr_free(g);
    return PGR_OK;
}

pgr_err pgr_inventory_print(const struct pgr_inventory *v, bool each) {
    if (!each) return print_groups(v);
    for (size_t i = 0; i < v->n_tensor; i++) {
        const struct pgr_stored *t = &v->tensor[i];
        printf("  ");
        print_name(t->name, 52);
        print_shape(t);
        printf(" %-5s %12zu bytes\n", t->format, t->n_bytes);
    }
    return PGR_OK;
}

json_t *pgr_inventory_json(const struct pgr_inventory *v) {
    json_t *all = json_array();
    for (size_t i = 0; all && i < v->n_tensor; i++) {
        const struct pgr_stored *t = &v->tensor[i];
        json_t *shape = json_array();
        for (size_t k = 0; k < t->n_dim; k++) json_array_append_new(shape, json_integer((json_int_t)t->dim[k]));
        json_t *name = json_string(t->name); /* NULL if the file's name is no UTF-8 */
        json_t *j = json_pack("{s:o*, s:s, s:o, s:I}", "name", name, "format", t->format, "shape", shape, "bytes",
                              (json_int_t)t->n_bytes);
        if (json_array_append_new(all, j) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}
