/* train.h - `pgrpo train` as one call. */
#ifndef PGR_TRAIN_TRAIN_H
#define PGR_TRAIN_TRAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct pgr_train_opts {
    bool dry_run;       /* check everything, run the longest pass once, print the plan to stdout */
    bool resume;        /* go on from the newest checkpoint in output_dir (from the beginning if there is none) */
    bool json;          /* the last line of stdout is one JSON object */
    bool (*stop)(void); /* polled; true asks for an orderly end. NULL: never */
    /* Turns a model's name into a path (owned by the caller); NULL: names are paths. */
    pgr_err (*resolve)(const char *name, char **path);
};

/* Trains as the configuration file says, with `set` ("key=value") over it. The process must not have started a parallel
 * region yet (the sandbox forks). Every refusal of the input comes before the model is loaded.
 * report: text for people, a line per fact, is appended; result: the same as a JSON object (new reference), on success.
 * PGR_E_INTERRUPTED: stopped as asked; a checkpoint was written unless there was nothing new to save. */
PGR_MUST_CHECK pgr_err pgr_train(const char *config_path, const char *const *set, size_t n_set,
                                 const struct pgr_train_opts *opts, struct pgr_buf *report, json_t **result);

#endif
