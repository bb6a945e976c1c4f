/* rm_curve.c - see rm_curve.h. */
#include "pref/rm_curve.h"

#include <math.h>

#include "base/json.h"

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* {name: {"accuracy", "pairs"}} of the held-out pairs by dimension or type. */
static json_t *by_group(const struct pgr_rm_held *h, const struct pgr_pairs *pairs, bool by_type) {
    json_t *out = json_object(), *g;
    const char *name;
    for (size_t i = 0; i < h->n; i++) {
        const struct pgr_pair *p = &pairs->pair[h->pair[i]];
        name = by_type ? p->type : p->dimension;
        if (!name) continue;
        if (!(g = json_object_get(out, name))) {
            g = json_pack("{s:f, s:i}", "accuracy", 0.0, "pairs", 0);
            if (json_object_set_new(out, name, g) != 0) goto fail;
        }
        json_t *right = json_object_get(g, "accuracy"), *n = json_object_get(g, "pairs");
        json_real_set(right, json_real_value(right) + (h->chosen[i] > h->rejected[i]));
        json_integer_set(n, json_integer_value(n) + 1);
    }
    json_object_foreach(out, name, g) {
        json_t *right = json_object_get(g, "accuracy");
        json_real_set(right, json_real_value(right) / (double)json_integer_value(json_object_get(g, "pairs")));
    }
    return out;
fail:
    json_decref(out);
    return NULL;
}

json_t *pgr_rm_curve_row(const struct pgr_rm_report *r, const struct pgr_pairs *pairs, double seconds) {
    if (!r->eval)
        return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", (json_int_t)r->epoch, "step",
                         (json_int_t)r->step, "loss", number(r->loss), "accuracy", number(r->accuracy), "grad_norm",
                         number(r->grad_norm), "learning_rate", number(r->learning_rate), "tokens_per_second",
                         number(r->tokens_per_s), "seconds", number(seconds));
    const struct pgr_rm_eval *e = r->eval;
    if (e->n == 0)
        return json_pack("{s:I, s:I, s:i, s:o}", "epoch", (json_int_t)r->epoch, "step", (json_int_t)r->step,
                         "eval_pairs", 0, "seconds", number(seconds));
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "epoch", (json_int_t)r->epoch,
                     "step", (json_int_t)r->step, "eval_pairs", (json_int_t)e->n, "eval_accuracy", number(e->accuracy),
                     "eval_loss", number(e->loss), "eval_margin", number(e->margin), "eval_mean_reward",
                     number(e->mean_score), "eval_std_reward", number(e->std_score), "eval_dimensions",
                     by_group(r->held, pairs, false), "eval_types", by_group(r->held, pairs, true), "best",
                     (int)r->improved, "seconds", number(seconds));
}
