/* calibration.h - from a reward model's raw score to R_t = sigmoid((score - offset) / temperature).
 *
 * Bradley-Terry training leaves open where scores lie and how far apart: a model whose scores are all between 3 and 4
 * would pay everybody nearly 1. `pgrpo rm train` fits the two numbers on held-out pairs and writes them beside the
 * model as
 *
 *     reward_calibration.json   {"method": "spread"|"probability", "temperature": t, "offset": b, "pairs": n, ...}
 *
 * A folder without the file has temperature 1 and offset 0. */
#ifndef PGR_REWARD_CALIBRATION_H
#define PGR_REWARD_CALIBRATION_H

#include "base/err.h"

struct pgr_calibration {
    double temperature, offset; /* temperature > 0; both finite */
};

#define PGR_CALIBRATION_NONE                                                                                           \
    { 1.0, 0.0 }

/* R_t, in [0, 1]. */
float pgr_calibrated(const struct pgr_calibration *c, float score);

/* Of a model's folder. A missing file, and a `dir` that is a file (GGUF), give PGR_CALIBRATION_NONE. PGR_E_FORMAT and
 * PGR_E_RANGE name file and key. */
PGR_MUST_CHECK pgr_err pgr_calibration_load(const char *dir, struct pgr_calibration *out);

#endif
