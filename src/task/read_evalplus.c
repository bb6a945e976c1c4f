/* read_evalplus.c - HumanEval+ and MBPP+ as EvalPlus releases them (HumanEvalPlus.jsonl.gz, MbppPlus.jsonl.gz):
 * {"task_id","prompt","entry_point","canonical_solution","base_input","plus_input","atol","contract"}. Expected results
 * are those of the reference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "task/family.h"

static bool is_evalplus(const json_t *o) {
    return pgr_has_text(o, "task_id") && pgr_has(o, "base_input") && pgr_has(o, "plus_input");
}

/* [[argument, ...], ...]; a plus suite may be stored as {} when it is empty. New reference. */
static pgr_err take_inputs(const struct pgr_record *r, const char *key, json_t **out) {
    json_t *v = json_object_get(r->obj, key);
    if (json_is_object(v) && json_object_size(v) == 0) {
        *out = json_array();
        return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
    }
    if (!json_is_array(v)) return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be a list", r->where, key);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!json_is_array(json_array_get(v, i)))
            return pgr_fail(PGR_E_FORMAT, "%s: entry %zu of \"%s\" must be a list of arguments", r->where, i, key);
    *out = json_incref(v);
    return PGR_OK;
}

static pgr_err repair(const struct pgr_record *r, size_t number, json_t **inputs) {
    json_t *repaired = pgr_mbpp_repair(number, *inputs);
    if (!repaired) return pgr_fail(PGR_E_NOMEM, "%s: out of memory, or inputs that do not fit the problem", r->where);
    json_decref(*inputs);
    *inputs = repaired;
    return PGR_OK;
}

static pgr_err read_evalplus(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const char *body;
    double atol = 0;
    PGR_TRY(pgr_take(r, "task_id", &t->id));
    PGR_TRY(pgr_take(r, "prompt", &t->prompt));
    PGR_TRY(pgr_take_text(t->prompt, &t->prefix));
    PGR_TRY(pgr_take(r, "entry_point", &t->entry_point));
    PGR_TRY(pgr_json_str(r->obj, r->where, "canonical_solution", &body));
    PGR_TRY(pgr_json_real_opt(r->obj, r->where, "atol", &atol));
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_adds(&b, t->prompt);
    pgr_buf_adds(&b, body);
    PGR_TRY(pgr_take_buf(&b, &t->solution));
    PGR_TRY(take_inputs(r, "base_input", &t->base_input));
    PGR_TRY(take_inputs(r, "plus_input", &t->plus_input));
    if (json_array_size(t->base_input) == 0) return pgr_fail(PGR_E_FORMAT, "%s: \"base_input\" is empty", r->where);
    bool mbpp = strncmp(t->id, "Mbpp/", 5) == 0;
    if (mbpp) {
        PGR_TRY(repair(r, (size_t)strtoul(t->id + 5, NULL, 10), &t->base_input));
        PGR_TRY(repair(r, (size_t)strtoul(t->id + 5, NULL, 10), &t->plus_input));
    }
    char name[300];
    snprintf(name, sizeof name, "%s:%.200s", mbpp ? "mbpp" : "humaneval", t->entry_point);
    pgr_err err = pgr_set_evalplus_tests(t, name, t->solution, atol);
    if (err != PGR_OK) return pgr_fail_prefix(err, "%s", r->where);
    t->limits.cpu_s = 60;
    t->limits.call_cpu_s = 4;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 64u << 20;
    t->limits.answer_bytes = 64u << 20;
    return PGR_OK;
}

const struct pgr_family pgr_family_evalplus = {"evalplus", "HumanEval+ or MBPP+ as EvalPlus releases them", is_evalplus,
                                               read_evalplus};
