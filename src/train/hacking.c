/* hacking.c - see hacking.h. */
#include "train/hacking.h"

#include <math.h>
#include <stdint.h>

static double real_of(const json_t *row, const char *key) {
    const json_t *v = json_object_get(row, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool is_eval(const json_t *row) { return json_object_get(row, "eval_runtime") != NULL; }

static double pass_of(const json_t *row) {
    double sampled = real_of(row, "eval_pass@1");
    return isnan(sampled) ? real_of(row, "eval_pass@1_greedy") : sampled;
}

/* Mean R_t of the rows before `end`, back to the evaluation before; if there are none, of those after it. */
static double thinking_at(const json_t *history, size_t end) {
    size_t n = json_array_size(history), from = end, rows = 0;
    double sum = 0.0;
    while (from > 0 && !is_eval(json_array_get(history, from - 1))) from--;
    if (from == end) {
        from = end + 1;
        for (end = from; end < n && !is_eval(json_array_get(history, end));) end++;
    }
    for (size_t i = from; i < end; i++) {
        double v = real_of(json_array_get(history, i), "rewards/thinking/mean");
        if (!isnan(v)) sum += v, rows++;
    }
    return rows ? sum / (double)rows : NAN;
}

void pgr_hacking_check(const json_t *history, double pass, size_t n_samples, struct pgr_hacking *out) {
    *out = (struct pgr_hacking){.pass_fall = NAN, .thinking_rise = NAN};
    size_t best = SIZE_MAX, n = json_array_size(history);
    double best_pass = -1.0;
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(history, i);
        if (is_eval(row) && pass_of(row) > best_pass) best_pass = pass_of(row), best = i;
    }
    if (best == SIZE_MAX || isnan(pass)) return;
    const json_t *row = json_array_get(history, best);
    double n_best = real_of(row, "eval_samples"), n_now = (double)n_samples;
    if (!(n_best > 0)) n_best = n_now;
    out->best_step = (size_t)json_integer_value(json_object_get(row, "step"));
    out->pass_fall = best_pass - pass;
    out->thinking_rise = thinking_at(history, n) - thinking_at(history, best);
    double variance = best_pass * (1 - best_pass) / n_best + pass * (1 - pass) / n_now;
    out->alarm = out->pass_fall > 2 * sqrt(variance) && out->pass_fall > 0 && out->thinking_rise >= PGR_HACKING_RISE;
}
