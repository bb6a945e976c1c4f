/* bench.h - what the parts of `pgrpo bench` share. */
#ifndef PGR_CLI_BENCH_H
#define PGR_CLI_BENCH_H

#include <jansson.h>

#include "cli/cli.h"

enum { PGR_BENCH_MAX_RUNS = 100 };

struct pgr_bench_opts {
    const char *model;
    size_t runs;
    struct pgr_str_list set;   /* of `step`: configuration keys */
    struct pgr_str_list files; /* of `tokenizer` */
};

/* A benchmark fills rate[o->runs], tokens (or programs) per second of each run, and adds numbers of its own to `more`.
 */
struct pgr_bench {
    const char *name, *unit;
    bool needs_model;
    size_t default_runs;
    pgr_err (*run)(const struct pgr_bench_opts *o, double *rate, json_t *more);
};

PGR_MUST_CHECK pgr_err pgr_bench_step(const struct pgr_bench_opts *o, double *rate, json_t *more);
PGR_MUST_CHECK pgr_err pgr_bench_tokenizer(const struct pgr_bench_opts *o, double *rate, json_t *more);

/* Adds a number; PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_bench_add(json_t *more, const char *key, double value);

#endif
