/* run_report.h - one HTML page about training runs: curves, and a browser of what was written and how it was judged.
 *
 * The page needs nothing but itself: curves are inline SVG, completions are data inside it, shown by a script that is
 * in it too and that only ever sets text. Everything from a run is escaped; a content security policy forbids the page
 * to fetch anything. */
#ifndef PGR_EVAL_RUN_REPORT_H
#define PGR_EVAL_RUN_REPORT_H

#include <stddef.h>

#include "base/err.h"

enum { PGR_REPORT_MAX_RUNS = 32 };

struct pgr_report_opts {
    size_t max_completions; /* of each run, spread over its steps; 0: none */
    const char *svg_dir;    /* NULL, or a folder that gets each of the first curves as a file of its own: the metric's
                               name with _ for what is no letter, digit, dot or dash, and ".svg" */
};

/* dir[n_run]: output folders of `pgrpo train` (metrics.jsonl, completions/) or folders of reward models
 * (rm_metrics.jsonl). A folder with neither is PGR_E_NOTFOUND. Writes the file `output`, all or nothing. */
PGR_MUST_CHECK pgr_err pgr_run_report(size_t n_run, const char *const *dir, const struct pgr_report_opts *opts,
                                      const char *output);

#endif
