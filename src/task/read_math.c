/* read_math.c - GSM8K ("question", "answer" that ends in "#### 18"), MATH and MATH-500 ("problem", "solution" with
 * \boxed{}; MATH-500 with "answer"), Minerva ("problem", "solution"), AIME ("problem" or "Problem", "answer" or
 * "Answer"). */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "task/family.h"

static pgr_err take_index(const struct pgr_record *r, const char *name, struct pgr_task *t) {
    char text[64];
    snprintf(text, sizeof text, "%s/%zu", name, r->index);
    return pgr_take_text(text, &t->id);
}

/* ---- GSM8K ---- */

static bool is_gsm8k(const json_t *o) {
    const char *answer = json_string_value(json_object_get(o, "answer"));
    return pgr_has_text(o, "question") && answer && strstr(answer, "####");
}

static pgr_err read_gsm8k(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    t->kind = PGR_TASK_MATH;
    PGR_TRY(take_index(r, "gsm8k", t));
    PGR_TRY(pgr_take(r, "question", &t->prompt));
    PGR_TRY(pgr_take(r, "answer", &t->solution));
    const char *at = t->solution, *next;
    while ((next = strstr(at, "####"))) at = next + 4;
    if (at == t->solution) return pgr_fail(PGR_E_FORMAT, "%s: key \"answer\" has no \"####\"", r->where);
    struct pgr_buf b = PGR_BUF_INIT;
    for (at += strspn(at, " "); *at && *at != '\n'; at++)
        if (*at != ',') pgr_buf_addc(&b, *at);
    while (b.len && b.data[b.len - 1] == ' ') b.data[--b.len] = '\0';
    return pgr_take_buf(&b, &t->answer);
}

/* ---- MATH, MATH-500, Minerva ---- */

static bool is_math(const json_t *o) {
    const char *solution = json_string_value(json_object_get(o, "solution"));
    const char *from;
    size_t n;
    return pgr_has_text(o, "problem") && solution && !pgr_has(o, "tests") && !pgr_has(o, "id") && !pgr_has(o, "ID") &&
           (pgr_has(o, "unique_id") || pgr_has(o, "level") || pgr_has(o, "type") || pgr_has(o, "idx") ||
            pgr_last_boxed(solution, &from, &n));
}

static pgr_err read_math(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    t->kind = PGR_TASK_MATH;
    if (pgr_has_text(r->obj, "unique_id"))
        PGR_TRY(pgr_take(r, "unique_id", &t->id));
    else if (pgr_has(r->obj, "idx"))
        PGR_TRY(pgr_take_numbered(r, "idx", "minerva", &t->id));
    else
        PGR_TRY(take_index(r, "math", t));
    PGR_TRY(pgr_take(r, "problem", &t->prompt));
    PGR_TRY(pgr_take(r, "solution", &t->solution));
    PGR_TRY(pgr_take_opt(r, "subject", &t->topic));
    if (!t->topic) PGR_TRY(pgr_take_opt(r, "type", &t->topic));
    const json_t *level = json_object_get(r->obj, "level");
    if (json_is_integer(level)) {
        char text[40];
        snprintf(text, sizeof text, "Level %lld", (long long)json_integer_value(level));
        PGR_TRY(pgr_take_text(text, &t->difficulty));
    } else {
        PGR_TRY(pgr_take_opt(r, "level", &t->difficulty));
    }
    PGR_TRY(pgr_take_opt(r, "answer", &t->answer));
    if (t->answer) return PGR_OK;
    const char *from;
    size_t n;
    if (!pgr_last_boxed(t->solution, &from, &n))
        return pgr_fail(PGR_E_FORMAT, "%s: key \"solution\" has no \\boxed{...} and there is no \"answer\"", r->where);
    t->answer = pgr_strndup(from, n);
    return t->answer ? PGR_OK : pgr_fail(PGR_E_NOMEM, "%s: out of memory", r->where);
}

/* ---- AIME ---- */

static const char *capital(const json_t *o, const char *lower, const char *upper) {
    return pgr_has(o, lower) ? lower : upper;
}

static bool is_aime(const json_t *o) {
    const json_t *a = json_object_get(o, capital(o, "answer", "Answer")), *id = json_object_get(o, "id");
    return pgr_has_text(o, capital(o, "problem", "Problem")) && (json_is_string(a) || json_is_integer(a)) &&
           (pgr_has(o, "ID") || json_is_integer(id) || pgr_has(o, "problem_idx") || (!id && pgr_has(o, "year")) ||
            (!id && json_is_integer(a)));
}

static pgr_err read_aime(const struct pgr_record *r, struct pgr_task *t, bool *wanted) {
    (void)wanted;
    t->kind = PGR_TASK_MATH;
    const char *id = pgr_has(r->obj, "ID") ? "ID" : pgr_has(r->obj, "id") ? "id" : "problem_idx";
    PGR_TRY(pgr_has(r->obj, id) ? pgr_take_numbered(r, id, "aime", &t->id) : take_index(r, "aime", t));
    PGR_TRY(pgr_take(r, capital(r->obj, "problem", "Problem"), &t->prompt));
    const char *solution = capital(r->obj, "solution", "Solution");
    if (pgr_has(r->obj, solution)) PGR_TRY(pgr_take(r, solution, &t->solution));
    const char *key = capital(r->obj, "answer", "Answer");
    const json_t *a = json_object_get(r->obj, key);
    if (!json_is_integer(a)) return pgr_take(r, key, &t->answer);
    char text[40];
    snprintf(text, sizeof text, "%lld", (long long)json_integer_value(a));
    return pgr_take_text(text, &t->answer);
}

const struct pgr_family pgr_family_gsm8k = {"gsm8k", "GSM8K", is_gsm8k, read_gsm8k};
const struct pgr_family pgr_family_math = {"math", "MATH, MATH-500 or Minerva", is_math, read_math};
const struct pgr_family pgr_family_aime = {"aime", "AIME", is_aime, read_aime};
