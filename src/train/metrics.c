/* metrics.c - see metrics.h. */
#include "train/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory for metrics"); }

static pgr_err rewrite(const struct pgr_metrics *m) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    size_t i;
    json_t *row;
    json_array_foreach(m->history, i, row) {
        PGR_TRY_GOTO(pgr_json_dump(row, &b));
        pgr_buf_addc(&b, '\n');
    }
    PGR_TRY_GOTO(pgr_buf_ok(&b));
    err = pgr_file_write_atomic(m->path, pgr_buf_str(&b), b.len);
out:
    pgr_buf_free(&b);
    return err;
}

pgr_err pgr_metrics_init(struct pgr_metrics *m, const char *path, const json_t *state) {
    json_t *window = NULL, *history = NULL;
    if (state) {
        PGR_TRY(pgr_json_object(state, path, "window", &window));
        PGR_TRY(pgr_json_array(state, path, "log_history", &history));
    }
    *m = (struct pgr_metrics){window ? json_deep_copy(window) : json_object(),
                              history ? json_deep_copy(history) : json_array(), pgr_strdup(path)};
    pgr_err err = m->window && m->history && m->path ? rewrite(m) : no_memory();
    if (err != PGR_OK) pgr_metrics_free(m);
    return err;
}

void pgr_metrics_free(struct pgr_metrics *m) {
    json_decref(m->window);
    json_decref(m->history);
    pgr_free(m->path);
    *m = (struct pgr_metrics){NULL, NULL, NULL};
}

pgr_err pgr_metrics_add(struct pgr_metrics *m, const char *name, double value) {
    json_t *pair = json_object_get(m->window, name);
    if (!pair) {
        pair = json_pack("[f, f]", 0.0, 0.0);
        if (!pair || json_object_set_new(m->window, name, pair) != 0) return no_memory();
    }
    if (!isfinite(value)) return PGR_OK;
    json_t *sum = json_array_get(pair, 0), *n = json_array_get(pair, 1);
    if (json_real_set(sum, json_real_value(sum) + value) != 0 || json_real_set(n, json_real_value(n) + 1) != 0)
        return pgr_fail(PGR_E_FORMAT, "metric %s: the saved window is not a pair of numbers", name);
    return PGR_OK;
}

static pgr_err append(const struct pgr_metrics *m, const json_t *row) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_err err = pgr_json_dump(row, &b);
    pgr_buf_addc(&b, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&b);
    FILE *f = err == PGR_OK ? fopen(m->path, "ae") : NULL;
    if (err == PGR_OK && (!f || fwrite(b.data, 1, b.len, f) != b.len || fflush(f) != 0))
        err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", m->path, strerror(errno));
    if (f && fclose(f) != 0 && err == PGR_OK)
        err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", m->path, strerror(errno));
    pgr_buf_free(&b);
    return err;
}

static pgr_err put_row(struct pgr_metrics *m, json_t *row) {
    if (!row || json_array_append_new(m->history, row) != 0) return no_memory();
    return append(m, row);
}

static json_t *head(size_t step, double epoch) {
    return json_pack("{s:I, s:f}", "step", (json_int_t)step, "epoch", epoch);
}

pgr_err pgr_metrics_flush(struct pgr_metrics *m, size_t step, double epoch) {
    json_t *row = head(step, epoch), *pair;
    const char *name;
    json_object_foreach(m->window, name, pair) {
        double n = json_real_value(json_array_get(pair, 1));
        json_t *mean = n > 0 ? json_real(json_real_value(json_array_get(pair, 0)) / n) : json_null();
        if (json_object_set_new(row, name, mean) != 0) {
            json_decref(row);
            return no_memory();
        }
    }
    json_object_clear(m->window);
    return put_row(m, row);
}

pgr_err pgr_metrics_row(struct pgr_metrics *m, size_t step, double epoch, json_t *row) {
    json_t *whole = head(step, epoch);
    bool ok = whole && json_object_update(whole, row) == 0;
    json_decref(row);
    if (!ok) {
        json_decref(whole);
        return no_memory();
    }
    return put_row(m, whole);
}

json_t *pgr_metrics_state(const struct pgr_metrics *m) {
    return json_pack("{s:O, s:O}", "log_history", m->history, "window", m->window);
}
