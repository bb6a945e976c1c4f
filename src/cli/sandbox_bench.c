/* sandbox_bench.c - pgrpo sandbox bench. */
#include <stdio.h>

#include "cli/sandbox.h"
#include "sbx/measure.h"

pgr_err pgr_sandbox_bench(const struct pgr_sandbox_opts *o) {
    struct pgr_sbx_cfg cfg;
    struct pgr_sbx_speed v;
    PGR_TRY(pgr_sandbox_opts_cfg(o, &cfg));
    PGR_TRY(pgr_sbx_measure(&cfg, o->runs, &v));
    if (o->json)
        return pgr_sandbox_print_json(json_pack("{s:I,s:f,s:f,s:f,s:f,s:f,s:f}", "cells", (json_int_t)v.n_cells,
                                                "programs_per_second", v.programs_per_second, "median_ms", v.median_ms,
                                                "p90_ms", v.p90_ms, "ten_calls_ms", v.ten_calls_ms, "cpu_ms", v.cpu_ms,
                                                "open_ms", v.open_ms));
    printf("%zu cells: %.0f trivial programs/s; one at a time %.2f ms median, %.2f ms p90; ten typed calls %.2f ms;\n"
           "%.2f ms CPU each; ready %.0f ms after the start\n",
           v.n_cells, v.programs_per_second, v.median_ms, v.p90_ms, v.ten_calls_ms, v.cpu_ms, v.open_ms);
    return PGR_OK;
}
