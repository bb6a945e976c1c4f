/* sandbox_bench.c - pgrpo sandbox bench. */
#include <stdio.h>

#include "cli/sandbox.h"
#include "sbx/measure.h"

pgr_err pgr_sandbox_bench(const struct pgr_sandbox_opts *o) {
    struct pgr_sbx_cfg cfg;
    struct pgr_sbx_speed v;
    PGR_TRY(pgr_sandbox_opts_cfg(o, &cfg));
    PGR_TRY(pgr_sbx_measure(&cfg, o->runs, &v));
    if (o->json) return pgr_sandbox_print_json(pgr_sbx_speed_json(&v));
    printf("%zu cells: %.0f trivial programs/s; one at a time %.2f ms median, %.2f ms p90; ten typed calls %.2f ms;\n"
           "%.2f ms CPU each; ready %.0f ms after the start, a cell takes %.0f ms of it; supervisor %.0f MiB, a cell "
           "%.0f MiB\n",
           v.n_cells, v.programs_per_second, v.median_ms, v.p90_ms, v.ten_calls_ms, v.cpu_ms, v.open_ms,
           v.cell_start_ms, v.supervisor_mib, v.cell_mib);
    return PGR_OK;
}
