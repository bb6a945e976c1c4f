/* task.c - task files. */
#include "task/task.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "sbx/encode.h"

struct loader {
    const char *split;
    struct pgr_tasks *out;
    size_t cap;
    json_t *ids; /* a set */
};

static pgr_err dup(const char *s, char **out) {
    if (!s) return PGR_OK;
    *out = pgr_strdup(s);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

/* {"stdin": [...], "stdout": [...]} to [{"stdin", "stdout"}, ...]. */
static pgr_err pair_up(const json_t *tests, const char *where, json_t **out) {
    json_t *in = json_object_get(tests, "stdin"), *want = json_object_get(tests, "stdout");
    size_t n = json_array_size(in);
    if (!json_is_array(in) || !json_is_array(want) || json_array_size(want) != n)
        return pgr_fail(PGR_E_FORMAT, "%s: \"tests\" needs \"stdin\" and \"stdout\", two lists of equal length", where);
    json_t *list = json_array();
    for (size_t i = 0; list && i < n; i++) {
        json_t *pair = json_object();
        if (json_object_set(pair, "stdin", json_array_get(in, i)) != 0 ||
            json_object_set(pair, "stdout", json_array_get(want, i)) != 0 || json_array_append_new(list, pair) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    if (!list) return pgr_fail(PGR_E_NOMEM, "%s: out of memory", where);
    *out = list;
    return PGR_OK;
}

static pgr_err read_tests(const json_t *obj, const char *where, struct pgr_task *t) {
    json_t *tests = json_object_get(obj, "tests"), *calls = json_object_get(obj, "calls");
    if (json_is_null(tests)) tests = NULL;
    if (json_is_null(calls)) calls = NULL;
    if (tests && calls) return pgr_fail(PGR_E_FORMAT, "%s: has both \"tests\" and \"calls\"", where);
    if (calls) {
        t->test_kind = PGR_SBX_CALLS;
        t->tests = json_incref(calls);
    } else if (json_is_object(tests)) {
        t->test_kind = PGR_SBX_STDIO;
        PGR_TRY(pair_up(tests, where, &t->tests));
    } else if (json_is_array(tests)) {
        t->test_kind = json_is_object(json_array_get(tests, 0)) ? PGR_SBX_STDIO : PGR_SBX_ASSERTS;
        t->tests = json_incref(tests);
    } else {
        return pgr_fail(PGR_E_FORMAT, "%s: needs \"tests\" or \"calls\" (or \"answer\" for a math problem)", where);
    }
    /* The sandbox's own check, with an empty program. */
    struct pgr_sbx_job job;
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_task_job(t, "", 0, &job);
    pgr_err err = pgr_job_encode(&job, 0, &b);
    pgr_buf_free(&b);
    return err == PGR_OK ? PGR_OK : pgr_fail_prefix(err, "%s", where);
}

static pgr_err read_limits(const json_t *obj, const char *where, struct pgr_sbx_limits *l) {
    json_t *o = json_object_get(obj, "limits");
    if (!o || json_is_null(o)) return PGR_OK;
    if (!json_is_object(o)) return pgr_fail(PGR_E_FORMAT, "%s: \"limits\" must be an object", where);
    PGR_TRY(pgr_json_real_opt(o, where, "cpu_s", &l->cpu_s));
    PGR_TRY(pgr_json_real_opt(o, where, "wall_s", &l->wall_s));
    PGR_TRY(pgr_json_size_opt(o, where, "memory_bytes", 1, (size_t)1 << 40, &l->memory_bytes));
    PGR_TRY(pgr_json_size_opt(o, where, "output_bytes", 1, (size_t)1 << 28, &l->output_bytes));
    PGR_TRY(pgr_json_size_opt(o, where, "n_threads", 1, 4096, &l->n_threads));
    PGR_TRY(pgr_json_size_opt(o, where, "n_files", 8, 4096, &l->n_files));
    return pgr_json_size_opt(o, where, "scratch_bytes", 1, (size_t)1 << 32, &l->scratch_bytes);
}

/* A line that can stand at the left margin of Python source before a function. */
static bool is_source_line(const char *line, size_t n) {
    static const char *const starts[] = {"def ", "class ", "from ", "import ", "@", "#", "async def "};
    if (n == 0 || line[0] == ' ' || line[0] == '\t') return true;
    for (size_t i = 0; i < PGR_COUNT(starts); i++)
        if (n >= strlen(starts[i]) && strncmp(line, starts[i], strlen(starts[i])) == 0) return true;
    return false;
}

/* A prompt that is source (HumanEval's) may define helpers before the function that is asked for, and tests may use
 * them: that part is the setup, so that the judge has helpers of its own and a solution that redefines one changes
 * nothing. */
static pgr_err setup_of_prompt(struct pgr_task *t) {
    char head[200];
    bool helper = false;
    if (snprintf(head, sizeof head, "def %s(", t->entry_point) >= (int)sizeof head) return PGR_OK;
    for (const char *line = t->prompt; *line;) {
        size_t n = strcspn(line, "\n");
        if (strncmp(line, head, strlen(head)) == 0) {
            if (!helper) return PGR_OK;
            t->setup = pgr_strndup(t->prompt, (size_t)(line - t->prompt));
            return t->setup ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
        }
        if (!is_source_line(line, n)) return PGR_OK;
        helper |= strncmp(line, "def ", 4) == 0 || strncmp(line, "class ", 6) == 0;
        line += n + (line[n] == '\n');
    }
    return PGR_OK;
}

static pgr_err read_code(const json_t *obj, const char *where, struct pgr_task *t) {
    const char *entry = NULL, *setup = NULL, *solution = NULL;
    PGR_TRY(pgr_json_str_opt(obj, where, "entry_point", &entry));
    PGR_TRY(pgr_json_str_opt(obj, where, "setup", &setup));
    PGR_TRY(pgr_json_str_opt(obj, where, "canonical_solution", &solution));
    PGR_TRY(pgr_json_str_opt(obj, where, "solution", &solution));
    PGR_TRY(dup(entry, &t->entry_point));
    PGR_TRY(dup(setup && setup[0] ? setup : NULL, &t->setup));
    if (!t->setup && t->entry_point) PGR_TRY(setup_of_prompt(t));
    PGR_TRY(dup(solution, &t->solution));
    PGR_TRY(pgr_json_bool_opt(obj, where, "exact_output", &t->exact_output));
    PGR_TRY(pgr_json_bool_opt(obj, where, "same_process", &t->same_process));
    PGR_TRY(pgr_json_real_opt(obj, where, "atol", &t->atol));
    PGR_TRY(pgr_json_real_opt(obj, where, "rtol", &t->rtol));
    PGR_TRY(read_limits(obj, where, &t->limits));
    return read_tests(obj, where, t);
}

static pgr_err read_task(const json_t *obj, const char *where, struct pgr_task *t) {
    const char *id = NULL, *prompt = NULL, *answer = NULL, *split = NULL, *topic = NULL;
    PGR_TRY(pgr_json_str(obj, where, "id", &id));
    PGR_TRY(pgr_json_str_opt(obj, where, "problem", &prompt));
    if (prompt)
        PGR_TRY(pgr_json_str_opt(obj, where, "prompt", &prompt));
    else
        PGR_TRY(pgr_json_str(obj, where, "prompt", &prompt));
    PGR_TRY(pgr_json_str_opt(obj, where, "answer", &answer));
    PGR_TRY(pgr_json_str_opt(obj, where, "split", &split));
    PGR_TRY(pgr_json_str_opt(obj, where, "topic", &topic));
    PGR_TRY(dup(id, &t->id));
    PGR_TRY(dup(prompt, &t->prompt));
    PGR_TRY(dup(answer, &t->answer));
    PGR_TRY(dup(split, &t->split));
    PGR_TRY(dup(topic, &t->topic));
    if (answer && !json_object_get(obj, "tests") && !json_object_get(obj, "calls")) {
        const char *solution = NULL;
        t->kind = PGR_TASK_MATH;
        PGR_TRY(pgr_json_str_opt(obj, where, "solution", &solution));
        return dup(solution, &t->solution);
    }
    t->kind = PGR_TASK_CODE;
    return read_code(obj, where, t);
}

static void free_task(struct pgr_task *t) {
    pgr_free(t->id);
    pgr_free(t->prompt);
    pgr_free(t->entry_point);
    pgr_free(t->setup);
    pgr_free(t->solution);
    pgr_free(t->answer);
    pgr_free(t->split);
    pgr_free(t->topic);
    json_decref(t->tests);
}

static pgr_err note_id(struct loader *l, const char *where, const char *id) {
    if (json_object_get(l->ids, id)) return pgr_fail(PGR_E_FORMAT, "%s: id \"%s\" stands twice", where, id);
    return json_object_set_new(l->ids, id, json_true()) == 0 ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err take_line(void *ctx, const char *where, json_t *obj) {
    struct loader *l = ctx;
    struct pgr_task t = {.kind = PGR_TASK_CODE};
    pgr_err err = read_task(obj, where, &t);
    if (err == PGR_OK) err = note_id(l, where, t.id);
    if (err != PGR_OK || (l->split && (!t.split || strcmp(t.split, l->split) != 0))) {
        free_task(&t);
        return err;
    }
    if (l->out->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct pgr_task *grown = pgr_realloc(l->out->task, cap * sizeof *grown);
        if (!grown) {
            free_task(&t);
            return pgr_fail(PGR_E_NOMEM, "out of memory for %zu tasks", cap);
        }
        l->out->task = grown;
        l->cap = cap;
    }
    l->out->task[l->out->n++] = t;
    return PGR_OK;
}

pgr_err pgr_tasks_load(const char *path, const char *split, struct pgr_tasks *out) {
    struct pgr_tasks tasks = {NULL, 0};
    struct loader l = {split, &tasks, 0, json_object()};
    pgr_err err = l.ids ? pgr_jsonl_each(path, take_line, &l) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(l.ids);
    if (err == PGR_OK && tasks.n == 0)
        err = split ? pgr_fail(PGR_E_FORMAT, "%s: no task with split \"%s\"", path, split)
                    : pgr_fail(PGR_E_FORMAT, "%s: no task", path);
    if (err != PGR_OK) {
        pgr_tasks_free(&tasks);
        return err;
    }
    *out = tasks;
    return PGR_OK;
}

void pgr_tasks_free(struct pgr_tasks *t) {
    for (size_t i = 0; i < t->n; i++) free_task(&t->task[i]);
    pgr_free(t->task);
    *t = (struct pgr_tasks){NULL, 0};
}

void pgr_task_job(const struct pgr_task *t, const char *code, size_t code_bytes, struct pgr_sbx_job *job) {
    *job = (struct pgr_sbx_job){.kind = t->test_kind,
                                .program = code,
                                .program_bytes = code_bytes,
                                .setup = t->setup,
                                .entry_point = t->entry_point,
                                .tests = t->tests,
                                .exact_output = t->exact_output,
                                .same_process = t->same_process,
                                .atol = t->atol,
                                .rtol = t->rtol,
                                .limits = t->limits};
}
