/* measure.h - the sandbox's speed. */
#ifndef PGR_SBX_MEASURE_H
#define PGR_SBX_MEASURE_H

#include "sbx/sbx.h"

struct pgr_sbx_speed {
    size_t n_cells;
    double open_ms;             /* pgr_sbx_open, until programs can be submitted */
    double median_ms, p90_ms;   /* one trivial program at a time */
    double ten_calls_ms;        /* ten typed calls in one run, median */
    double programs_per_second; /* trivial programs, all cells busy */
    double cpu_ms;              /* CPU time of one trivial program as reported */
};

/* Runs n_runs trivial programs on all cells, and fewer one by one. */
PGR_MUST_CHECK pgr_err pgr_sbx_measure(const struct pgr_sbx_cfg *cfg, size_t n_runs, struct pgr_sbx_speed *out);

#endif
