/* calibration.c - see calibration.h. */
#include "reward/calibration.h"

#include <math.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

float pgr_calibrated(const struct pgr_calibration *c, float score) {
    return (float)(1 / (1 + exp(-((double)score - c->offset) / c->temperature)));
}

static pgr_err read_file(const char *path, struct pgr_calibration *out) {
    json_t *j;
    struct pgr_calibration c;
    PGR_TRY(pgr_json_load(path, &j));
    pgr_err err = json_is_object(j) ? PGR_OK : pgr_fail(PGR_E_FORMAT, "%s: must hold an object", path);
    if (err == PGR_OK) err = pgr_json_real(j, path, "temperature", &c.temperature);
    if (err == PGR_OK) err = pgr_json_real(j, path, "offset", &c.offset);
    json_decref(j);
    PGR_TRY(err);
    if (!(c.temperature >= 1e-6 && c.temperature <= 1e6))
        return pgr_fail(PGR_E_RANGE, "%s: key \"temperature\" is %g, must be 1e-6 to 1e6", path, c.temperature);
    if (!(fabs(c.offset) <= 1e6))
        return pgr_fail(PGR_E_RANGE, "%s: key \"offset\" is %g, must be -1e6 to 1e6", path, c.offset);
    *out = c;
    return PGR_OK;
}

pgr_err pgr_calibration_load(const char *dir, struct pgr_calibration *out) {
    const struct pgr_calibration none = PGR_CALIBRATION_NONE;
    char *path = pgr_path_join_dup(dir, "reward_calibration.json");
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_OK;
    if (pgr_is_dir(dir) && pgr_file_exists(path))
        err = read_file(path, out);
    else
        *out = none;
    pgr_free(path);
    return err;
}
