/* read_humaneval.c - HumanEval as OpenAI publishes it (HumanEval.jsonl.gz), and HumanEval+ as EvalPlus publishes it on
 * the Hub: {"task_id","prompt","entry_point","canonical_solution","test"}, where test defines check(candidate). */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"

static bool is_humaneval(const json_t *o) {
    return pgr_has_text(o, "task_id") && pgr_has_text(o, "prompt") && pgr_has_text(o, "entry_point") &&
           pgr_has_text(o, "canonical_solution") && pgr_has_text(o, "test");
}

static pgr_err read_humaneval(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const char *test, *body;
    PGR_TRY(pgr_take(r, "task_id", &t->id));
    PGR_TRY(pgr_take(r, "prompt", &t->prompt));
    PGR_TRY(pgr_take_text(t->prompt, &t->prefix));
    PGR_TRY(pgr_take(r, "entry_point", &t->entry_point));
    PGR_TRY(pgr_json_str(r->obj, r->where, "canonical_solution", &body));
    PGR_TRY(pgr_json_str(r->obj, r->where, "test", &test));
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_adds(&b, t->prompt);
    pgr_buf_adds(&b, body);
    PGR_TRY(pgr_take_buf(&b, &t->solution));
    PGR_TRY(pgr_setup_of_prompt(t));
    char *text = NULL;
    PGR_TRY(pgr_without_numpy(test, &text));
    t->tests = json_pack("[s]", text);
    pgr_free(text);
    if (!t->tests) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
    t->test_kind = PGR_SBX_ASSERTS;
    bool plus = strstr(test, "def is_floats") != NULL;
    t->limits.cpu_s = plus ? 60 : 3;
    t->limits.call_cpu_s = plus ? 4 : 0;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 64u << 20;
    t->limits.answer_bytes = 64u << 20;
    return PGR_OK;
}

const struct pgr_family pgr_family_humaneval = {"humaneval", "HumanEval, or HumanEval+ with its tests as a program",
                                                is_humaneval, read_humaneval};
