/* cache.c - paths in the cache, and what names stand for. */
#include "cli/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"

const struct pgr_fetch_item *pgr_fetch_find(const char *name) {
    size_t n = strlen(name);
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name; i++) {
        if (strcmp(i->name, name) == 0) return i;
        if (n && name[n - 1] == '+' && strncmp(i->name, name, n - 1) == 0 && strcmp(i->name + n - 1, "plus") == 0)
            return i;
    }
    return NULL;
}

const char *pgr_fetch_check_text(const struct pgr_fetch_item *item) {
    const char *text = "pinned";
    for (size_t k = 0; k < item->n_files; k++) {
        if (item->files[k].sha256) continue;
        if (strncmp(item->files[k].address, "hub:", 4) != 0) return "recorded at the first fetch";
        text = "announced by the hub";
    }
    return text;
}

pgr_err pgr_cache_path_dup(const char *rest, char **out) {
    const char *cache = getenv("PGRPO_CACHE"), *home = getenv("HOME");
    struct pgr_buf b = PGR_BUF_INIT;
    if (cache && cache[0])
        pgr_buf_addf(&b, "%s/%s", cache, rest);
    else if (home && home[0])
        pgr_buf_addf(&b, "%s/.cache/pgrpo/%s", home, rest);
    else
        return pgr_fail(PGR_E_NOTFOUND, "no place for the cache: set PGRPO_CACHE or HOME");
    char *path = pgr_buf_steal(&b);
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    *out = path;
    return PGR_OK;
}

static bool is_model(const struct pgr_fetch_item *item) { return strncmp(item->file, "models/", 7) == 0; }

static pgr_err copy_path(const char *arg, char **path) {
    char *copy = pgr_strdup(arg);
    if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
    *path = copy;
    return PGR_OK;
}

static pgr_err unknown_model(const char *arg) {
    const char *names[64];
    size_t n = 0;
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name && n < PGR_COUNT(names); i++)
        if (is_model(i)) names[n++] = i->name;
    const char *near = pgr_nearest(arg, names, n);
    return pgr_fail(PGR_E_NOTFOUND, "%s: no such file or folder, and no model of that name%s%s%s; see pgrpo fetch", arg,
                    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

pgr_err pgr_model_path_resolve(const char *arg, char **path) {
    if (pgr_file_exists(arg)) return copy_path(arg, path);
    const struct pgr_fetch_item *item = pgr_fetch_find(arg);
    if (!item || !is_model(item)) return unknown_model(arg);
    char rest[256], *found;
    snprintf(rest, sizeof rest, "models/%s", item->name);
    for (int i = 0; i < 2; i++) {
        PGR_TRY(pgr_cache_path_dup(i == 0 ? rest : item->file, &found));
        if (pgr_file_exists(found)) {
            *path = found;
            return PGR_OK;
        }
        pgr_free(found);
    }
    return pgr_fail(PGR_E_NOTFOUND, "%s is not in the cache; run: pgrpo fetch %s", arg, arg);
}

/* The data set whose place in the cache is `rest`, or NULL. */
static const struct pgr_fetch_item *item_at(const char *rest) {
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name; i++)
        if (strcmp(i->file, rest) == 0) return i;
    return NULL;
}

pgr_err pgr_data_path_resolve(const char *benchmark, const char *file, const char *arg, char **path) {
    char rest[256], *found;
    if (arg && pgr_file_exists(arg)) return copy_path(arg, path);
    const struct pgr_fetch_item *item = arg ? pgr_fetch_find(arg) : NULL;
    if (arg && (!item || is_model(item)))
        return pgr_fail(PGR_E_NOTFOUND, "%s: no such file, and no data set of that name; see pgrpo fetch", arg);
    snprintf(rest, sizeof rest, "data/%s", file);
    if (!item) item = item_at(rest);
    PGR_TRY(pgr_cache_path_dup(item ? item->file : rest, &found));
    if (pgr_file_exists(found)) {
        *path = found;
        return PGR_OK;
    }
    pgr_err err =
        item ? pgr_fail(PGR_E_NOTFOUND, "no file %s; run: pgrpo fetch %s, or give it: --benchmark %s=PATH", found,
                        item->name, benchmark)
             : pgr_fail(PGR_E_NOTFOUND, "no file %s; give the benchmark's file: --benchmark %s=PATH", found, benchmark);
    pgr_free(found);
    return err;
}
