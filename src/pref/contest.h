/* contest.h - what reward models are measured on: problems with better and worse texts, and the counting of who won.
 *
 * Files are JSON lines. Three forms are told apart by their keys:
 *
 *   pairs      "prompt", "chosen", "rejected": texts. Also RewardBench's own rows
 *   RM-Bench   the same with "chosen" and "rejected" lists of three texts, from the plainest style to the fanciest;
 *              each better text meets each worse one, nine pairs a record
 *   PRMBench   "original_process" and "modified_process": lists of steps (joined by newlines), "question" or
 *              "modified_question" or "original_question" the prompt
 *
 * The subset is the first that is there of "subset", "domain", "classification", "source"; "dimension" and "type" are
 * read where present, "split" too. A tie is never right. */
#ifndef PGR_PREF_CONTEST_H
#define PGR_PREF_CONTEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pref/rate.h"

enum { PGR_CONTEST_STYLES = 3 };

struct pgr_contest {
    char *id, *prompt;
    char *group[3];                    /* subset, dimension, type; NULL where not given */
    char *side[2][PGR_CONTEST_STYLES]; /* [0] chosen, [1] rejected */
    size_t n_style;                    /* 1 or PGR_CONTEST_STYLES */
    uint32_t problem;                  /* equal for equal prompts */
};

struct pgr_contests {
    struct pgr_contest *item; /* owned */
    size_t n, n_problem, n_pair;
};

/* split: NULL, or only the records with this "split". PGR_E_FORMAT names file, line and key; no record is an error. */
PGR_MUST_CHECK pgr_err pgr_contests_load(const char *path, const char *split, struct pgr_contests *out);
void pgr_contests_free(struct pgr_contests *c);
/* Keeps `n` records (all, if there are fewer) chosen by the seed, in the file's order. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_contests_sample(struct pgr_contests *c, size_t n, uint64_t seed);

/* Numbers of the texts in scoring order: record by record, its chosen texts, then its rejected ones. */
size_t pgr_contests_texts(const struct pgr_contests *c);

/* The whole result as JSON (docs/reward_models.md, "rm eval"). score[pgr_contests_texts()]: the model's scores, or NULL
 * for the dumb baselines alone. New reference. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_contests_result(const struct pgr_contests *c, const float *score, uint64_t seed,
                                           json_t **out);

/* RewardBench's sections (allenai/reward-bench, rewardbench/constants.py): accuracy of subsets weighted by the counts
 * that the benchmark fixes, whatever the number of rows. accuracy(ctx, subset, &a) says false for a subset that was not
 * measured. Returns a new object {section: share} with the sections of which some subset was measured; NULL when out of
 * memory. */
json_t *pgr_rewardbench_sections(bool (*accuracy)(void *ctx, const char *subset, double *a), void *ctx);

#endif
