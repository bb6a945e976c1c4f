/* samples_log.h - every completion of a round, one JSON object a line: completions/step-NNNNN.jsonl.
 *
 *   {"step", "id", "sample", "prompt", "completion", "reward", "rewards": {"format", "outcome", "thinking"}, "verdict",
 *    "advantage", "length", "finish", ...}
 * reward is null for a sample that was left out, thinking null where it was not scored, verdict "no_code" where there
 * was nothing to run. "format_error" says why the structure was refused, "detail" what the sandbox saw. */
#ifndef PGR_TRAIN_SAMPLES_LOG_H
#define PGR_TRAIN_SAMPLES_LOG_H

#include "train/rollout.h"

/* Writes dir/step-NNNNN.jsonl, all or nothing. */
PGR_MUST_CHECK pgr_err pgr_samples_log(const char *dir, size_t step, const struct pgr_prompts *prompts,
                                       const struct pgr_sample *s, size_t n);

#endif
