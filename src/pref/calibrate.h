/* calibrate.h - fitting the sigmoid of a reward model on held-out pairs (reward/calibration.h).
 *
 *   spread       offset = mean of all scores, temperature = sqrt(3) / pi times their deviation: for scores that are
 *                logistically distributed R_t is then uniform on [0, 1]; always the middle is 0.5 and the whole range
 * is used. What a reward needs, whose differences count probability  R_t is the chance that a text with this score is
 * the better one of a pair: logistic regression of better (1) and worse (0) on the score (Platt 1999), with his
 * smoothed targets. A model that hardly tells the texts apart gives values near 0.5 */
#ifndef PGR_PREF_CALIBRATE_H
#define PGR_PREF_CALIBRATE_H

#include <stddef.h>

#include "base/err.h"
#include "reward/calibration.h"

typedef enum pgr_calibrate_method {
    PGR_CALIBRATE_SPREAD,
    PGR_CALIBRATE_PROBABILITY,
    PGR_CALIBRATE_OFF
} pgr_calibrate_method;

enum { PGR_CALIBRATE_MIN_PAIRS = 10 };

/* "spread", "probability", "none". PGR_E_RANGE names the known ones. */
PGR_MUST_CHECK pgr_err pgr_calibrate_parse(const char *name, pgr_calibrate_method *out);
const char *pgr_calibrate_name(pgr_calibrate_method m);

/* chosen[n], rejected[n]: raw scores. PGR_E_RANGE with the reason where nothing can be fitted: fewer than
 * PGR_CALIBRATE_MIN_PAIRS pairs, all scores equal, or (probability) worse texts that score higher. */
PGR_MUST_CHECK pgr_err pgr_calibrate_fit(pgr_calibrate_method m, size_t n, const float *chosen, const float *rejected,
                                         struct pgr_calibration *out);

/* Writes dir/reward_calibration.json. */
PGR_MUST_CHECK pgr_err pgr_calibration_save(const char *dir, pgr_calibrate_method m, size_t n_pairs,
                                            const struct pgr_calibration *c);
/* Removes it, if it is there. */
PGR_MUST_CHECK pgr_err pgr_calibration_remove(const char *dir);

#endif
