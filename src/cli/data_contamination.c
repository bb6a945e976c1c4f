/* data_contamination.c - pgrpo data contamination: which problems of a benchmark a training file has seen. */
#include <stdio.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/data.h"
#include "eval/overlap.h"

static const char *const part_name[PGR_OVERLAP_PARTS] = {"prompt", "solution"};

static bool go_on(void) { return !pgr_stop_asked(); }

static double share(const struct pgr_overlap_problem *p, int part) {
    return p->n_gram[part] ? (double)p->n_found[part] / (double)p->n_gram[part] : 0;
}

static pgr_err add(json_t *o, const char *key, json_t *v) {
    return v && json_object_set_new(o, key, v) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for a report");
}

static pgr_err make(const struct pgr_overlap *o, const char *train, const char *bench, json_t **out) {
    json_t *r =
        json_pack("{s:s,s:s,s:I,s:I,s:I,s:I}", "training", train, "benchmark", bench, "n", (json_int_t)o->n_words,
                  "records", (json_int_t)o->n_records, "problems", (json_int_t)o->n, "faulty", (json_int_t)o->n_faulty);
    json_t *per = json_object();
    pgr_err err = r && per ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for a report");
    for (int k = 0; k < PGR_OVERLAP_PARTS && err == PGR_OK; k++) {
        size_t n_any = 0, n_half = 0, n_all = 0, n_none = 0;
        for (size_t i = 0; i < o->n; i++) {
            n_any += o->problem[i].n_found[k] > 0;
            n_half += share(&o->problem[i], k) >= 0.5;
            n_all += share(&o->problem[i], k) >= 1;
            n_none += o->problem[i].n_gram[k] == 0;
        }
        err = add(r, part_name[k],
                  json_pack("{s:I,s:I,s:I,s:I}", "any", (json_int_t)n_any, "half", (json_int_t)n_half, "all",
                            (json_int_t)n_all, "not_compared", (json_int_t)n_none));
    }
    for (size_t i = 0; i < o->n && err == PGR_OK; i++) {
        const struct pgr_overlap_problem *p = &o->problem[i];
        json_t *one = NULL;
        for (int k = 0; k < PGR_OVERLAP_PARTS && err == PGR_OK; k++) {
            if (!p->n_found[k]) continue;
            if (!one) err = add(per, p->id, one = json_object());
            if (err == PGR_OK)
                err = add(one, part_name[k], json_pack("{s:f,s:s}", "share", share(p, k), "first", p->where[k]));
        }
    }
    if (err == PGR_OK)
        err = json_object_set(r, "per_problem", per) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(per);
    if (err != PGR_OK) json_decref(r);
    if (err == PGR_OK) *out = r;
    return err;
}

static void print(const struct pgr_overlap *o, const json_t *r, size_t n_shown) {
    printf("%-12s %zu, %zu training records, grams of %zu words\n", "problems", o->n, o->n_records, o->n_words);
    for (int k = 0; k < PGR_OVERLAP_PARTS; k++) {
        const json_t *p = json_object_get(r, part_name[k]);
        printf(
            "%-12s %lld with a gram in the training file, %lld with half of theirs, %lld with all; %lld too short or "
            "without one\n",
            part_name[k], (long long)json_integer_value(json_object_get(p, "any")),
            (long long)json_integer_value(json_object_get(p, "half")),
            (long long)json_integer_value(json_object_get(p, "all")),
            (long long)json_integer_value(json_object_get(p, "not_compared")));
    }
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < o->n; i++) {
        const struct pgr_overlap_problem *p = &o->problem[i];
        for (int k = 0; k < PGR_OVERLAP_PARTS; k++) {
            if (!p->n_found[k]) continue;
            if (shown++ < n_shown)
                printf("%-24s %-9s %5.1f %% of %zu grams, first in %s\n", p->id, part_name[k], 100 * share(p, k),
                       p->n_gram[k], p->where[k]);
            else
                left++;
        }
    }
    if (left) printf("... and %zu more\n", left);
}

pgr_err pgr_data_contamination(int argc, char **argv, int *exit_code) {
    struct pgr_task_filter f = {.split = NULL};
    struct pgr_str_list ops;
    struct pgr_overlap o = {.n_words = 0};
    const char *report = NULL;
    size_t n = PGR_OVERLAP_N, n_shown = 20;
    bool json = false;
    json_t *r = NULL;
    struct pgr_buf line = PGR_BUF_INIT;
    (void)exit_code;
    const struct pgr_opt opts[] = {
        {"n", PGR_OPT_SIZE, &n, PGR_OVERLAP_MIN, PGR_OVERLAP_N_MAX},
        {"split", PGR_OPT_STR, &f.split, 0, 0},
        {"from", PGR_OPT_STR, &f.from, 0, 0},
        {"to", PGR_OPT_STR, &f.to, 0, 0},
        {"show", PGR_OPT_SIZE, &n_shown, 0, 1000000},
        {"report", PGR_OPT_STR, &report, 0, 0},
        {"json", PGR_OPT_FLAG, &json, 0, 0},
    };
    PGR_TRY(pgr_opts_parse(argc, argv, opts, sizeof opts / sizeof *opts, 2, 2, &ops));
    pgr_catch_signals();
    pgr_err err;
    PGR_TRY_GOTO(pgr_overlap_init(&o, n));
    PGR_TRY_GOTO(pgr_overlap_bench(&o, ops.item[1], &f));
    if (o.n_faulty)
        fprintf(stderr, "%zu faulty %s of the benchmark left out, first %s\n", o.n_faulty,
                o.n_faulty == 1 ? "record" : "records", o.first_fault);
    PGR_TRY_GOTO(pgr_overlap_train(&o, ops.item[0], go_on));
    PGR_TRY_GOTO(make(&o, ops.item[0], ops.item[1], &r));
    print(&o, r, n_shown);
    if (report) PGR_TRY_GOTO(pgr_json_save(report, r));
    if (json) {
        PGR_TRY_GOTO(pgr_json_dump(r, &line));
        puts(pgr_buf_str(&line));
    }
out:
    json_decref(r);
    pgr_buf_free(&line);
    pgr_overlap_free(&o);
    return err;
}
