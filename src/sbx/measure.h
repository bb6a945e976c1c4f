/* measure.h - the sandbox's speed. */
#ifndef PGR_SBX_MEASURE_H
#define PGR_SBX_MEASURE_H

#include <jansson.h>

#include "sbx/sbx.h"

struct pgr_sbx_speed {
    size_t n_cells;
    double open_ms;                  /* pgr_sbx_open, until programs can be submitted */
    double cell_start_ms;            /* of it, building the first cell */
    double supervisor_mib, cell_mib; /* resident memory of the supervisor and of the largest cell; 0 if unknown */
    double median_ms, p90_ms;        /* one trivial program at a time */
    double ten_calls_ms;             /* ten typed calls in one run, median */
    double programs_per_second;      /* trivial programs, all cells busy */
    double cpu_ms;                   /* CPU time of one trivial program as reported */
};

/* Runs n_runs trivial programs on all cells, and fewer one by one. */
PGR_MUST_CHECK pgr_err pgr_sbx_measure(const struct pgr_sbx_cfg *cfg, size_t n_runs, struct pgr_sbx_speed *out);

/* New reference; NULL when out of memory. */
json_t *pgr_sbx_speed_json(const struct pgr_sbx_speed *v);

#endif
