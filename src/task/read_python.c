/* read_python.c - data sets whose tests are programs: BigCodeBench ("complete_prompt", unittest classes) and
 * LeetCodeDataset ("task_id", "completion", "test" with check(candidate)). */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"

static pgr_err set_test(const struct pgr_record *r, const char *then, struct pgr_task *t) {
    const char *test;
    struct pgr_buf b = PGR_BUF_INIT;
    PGR_TRY(pgr_json_str(r->obj, r->where, "test", &test));
    pgr_buf_addf(&b, "%s%s", test, then);
    pgr_err err = pgr_buf_ok(&b);
    if (err == PGR_OK) t->tests = json_pack("[s]", pgr_buf_str(&b));
    pgr_buf_free(&b);
    t->test_kind = PGR_SBX_ASSERTS;
    return err == PGR_OK && !t->tests ? pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where) : err;
}

/* ---- BigCodeBench ---- */

static bool is_bcb(const json_t *o) {
    return pgr_has_text(o, "task_id") && pgr_has_text(o, "complete_prompt") && pgr_has_text(o, "test");
}

/* Programs are judged "calibrated": an empty function of the prompt's signature first, so that the imports of the
 * prompt are there. */
static pgr_err read_bcb(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    const char *body = NULL, *head = NULL;
    PGR_TRY(pgr_take(r, "task_id", &t->id));
    PGR_TRY(pgr_take(r, "complete_prompt", &t->prompt));
    PGR_TRY(pgr_take_text(t->prompt, &t->prefix));
    PGR_TRY(pgr_take(r, "entry_point", &t->entry_point));
    PGR_TRY(pgr_json_str_opt(r->obj, r->where, "canonical_solution", &body));
    PGR_TRY(pgr_json_str_opt(r->obj, r->where, "code_prompt", &head));
    struct pgr_buf b = PGR_BUF_INIT;
    if (body) {
        pgr_buf_adds(&b, t->prompt);
        pgr_buf_adds(&b, body);
        PGR_TRY(pgr_take_buf(&b, &t->solution));
    }
    if (head) {
        pgr_buf_adds(&b, head);
        pgr_buf_adds(&b, "\n    pass\n");
        PGR_TRY(pgr_take_buf(&b, &t->starter_code));
    }
    PGR_TRY(set_test(r, "", t));
    t->same_process = true;
    t->limits.cpu_s = 240;
    t->limits.memory_bytes = (size_t)30 << 30;
    t->limits.scratch_bytes = (size_t)256 << 20;
    t->limits.output_bytes = 64u << 20;
    return PGR_OK;
}

/* ---- LeetCodeDataset ---- */

static bool is_leetcode(const json_t *o) {
    return pgr_has_text(o, "task_id") && pgr_has_text(o, "test") && pgr_has_text(o, "entry_point") &&
           pgr_has_text(o, "completion");
}

static pgr_err read_leetcode(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    PGR_TRY(pgr_take(r, "task_id", &t->id));
    PGR_TRY(pgr_take_opt(r, "query", &t->prompt));
    if (!t->prompt) PGR_TRY(pgr_take(r, "problem_description", &t->prompt));
    PGR_TRY(pgr_take(r, "entry_point", &t->entry_point));
    PGR_TRY(pgr_take_opt(r, "prompt", &t->setup)); /* its "prompt" is what goes before every solution */
    PGR_TRY(pgr_take_opt(r, "starter_code", &t->starter_code));
    PGR_TRY(pgr_take_opt(r, "completion", &t->solution));
    PGR_TRY(pgr_take_opt(r, "difficulty", &t->difficulty));
    PGR_TRY(pgr_take_opt(r, "estimated_date", &t->date));
    PGR_TRY(pgr_take_text("leetcode", &t->platform));
    char call[300]; /* the entry point is an expression: Solution().twoSum */
    snprintf(call, sizeof call, "\n\ncheck(%.200s)\n", t->entry_point);
    PGR_TRY(set_test(r, call, t));
    t->limits.cpu_s = 15;
    t->limits.memory_bytes = (size_t)4 << 30;
    t->limits.output_bytes = 64u << 20;
    return PGR_OK;
}

const struct pgr_family pgr_family_bigcodebench = {"bigcodebench", "BigCodeBench", is_bcb, read_bcb};
const struct pgr_family pgr_family_leetcode = {"leetcode", "LeetCodeDataset", is_leetcode, read_leetcode};
