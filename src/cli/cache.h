/* cache.h - what `pgrpo fetch` knows, and where it keeps it.
 *
 * The cache is $PGRPO_CACHE, or ~/.cache/pgrpo:
 *     models/NAME/            a Hugging Face folder that came from the hub, with fetched.json (repository, revision,
 * sums) models/NAME.gguf        a GGUF file that came in Python packages data/FILE               a data set
 *     downloads/NAME/         parts of an unfinished fetch
 * What stands under models/ and data/ is complete and was checked; files are put there by a rename. */
#ifndef PGR_CLI_CACHE_H
#define PGR_CLI_CACHE_H

#include <stddef.h>

#include "base/err.h"

struct pgr_fetch_item {
    const char *name, *summary;
    const char *hub_repo; /* NULL: not on the hub */
    const char *file;     /* "models/NAME.gguf": where the packages' file goes */
    const char *sha256;   /* of that file */
    size_t n_bytes;
    /* Package k = 1..n_part is PACKAGE, or PACKAGE with k at its %zu; so is its member, with k once or twice. The file
     * is the concatenation of the members. */
    size_t n_part;
    const char *package, *member;
};

/* The end of the list is a NULL name. */
extern const struct pgr_fetch_item pgr_fetch_items[];
const struct pgr_fetch_item *pgr_fetch_find(const char *name); /* NULL if unknown */

/* CACHE/rest; owned by the caller. PGR_E_NOTFOUND when neither PGRPO_CACHE nor HOME is set. */
PGR_MUST_CHECK pgr_err pgr_cache_path_dup(const char *rest, char **out);

/* What a --model argument means: a path that exists, or else the name of a fetched model. *path is owned by the caller.
 * PGR_E_NOTFOUND says how to fetch a known model and suggests the nearest name for an unknown one. */
PGR_MUST_CHECK pgr_err pgr_model_path_resolve(const char *arg, char **path);

#endif
