/* samples.c - see samples.h. */
#include "eval/samples.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "task/records.h"

void pgr_eval_samples_free(struct pgr_eval_samples *s) {
    for (size_t i = 0; i < s->n; i++) {
        json_decref(s->sample[i].obj);
        pgr_free(s->sample[i].id);
        pgr_free(s->sample[i].clean);
        pgr_free(s->sample[i].base.detail);
        pgr_free(s->sample[i].plus.detail);
    }
    pgr_free(s->sample);
    *s = (struct pgr_eval_samples){NULL, 0, 0};
}

static pgr_err add(struct pgr_eval_samples *s, const char *id, size_t line, enum pgr_sample_kind kind,
                   const json_t *obj, const json_t *text) {
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 256;
        struct pgr_eval_sample *grown = pgr_realloc(s->sample, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu completions", cap);
        s->sample = grown;
        s->cap = cap;
    }
    char *copy = pgr_strdup(id);
    if (!copy) return pgr_fail(PGR_E_NOMEM, "out of memory");
    struct pgr_eval_sample *x = &s->sample[s->n++];
    *x = (struct pgr_eval_sample){.obj = json_incref((json_t *)(uintptr_t)obj),
                                  .id = copy,
                                  .line = line,
                                  .text = json_string_value(text),
                                  .n_bytes = json_string_length(text),
                                  .kind = kind,
                                  .task = SIZE_MAX};
    return PGR_OK;
}

static pgr_err take(void *ctx, const char *where, size_t index, const json_t *obj) {
    static const char *const ids[] = {"task_id", "id", "question_id"};
    static const struct {
        const char *key;
        enum pgr_sample_kind kind;
    } texts[] = {{"solution", PGR_SAMPLE_SOLUTION},
                 {"completion", PGR_SAMPLE_COMPLETION},
                 {"code", PGR_SAMPLE_SOLUTION},
                 {"response", PGR_SAMPLE_RESPONSE}};
    struct pgr_eval_samples *s = ctx;
    if (!obj) return PGR_E_FORMAT;
    const char *id = NULL;
    char number[40];
    for (size_t i = 0; i < PGR_COUNT(ids) && !id; i++) {
        const json_t *v = json_object_get(obj, ids[i]);
        if (json_is_string(v)) id = json_string_value(v);
        if (json_is_integer(v)) {
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
            id = number;
        }
    }
    if (!id) return pgr_fail(PGR_E_FORMAT, "%s: missing key \"task_id\" (or \"id\", \"question_id\")", where);
    const json_t *list = json_object_get(obj, "code_list");
    if (json_is_array(list)) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            if (!json_is_string(json_array_get(list, i)))
                return pgr_fail(PGR_E_FORMAT, "%s: entry %zu of \"code_list\" must be text", where, i);
            PGR_TRY(add(s, id, index + 1, PGR_SAMPLE_SOLUTION, obj, json_array_get(list, i)));
        }
        return PGR_OK;
    }
    for (size_t i = 0; i < PGR_COUNT(texts); i++) {
        const json_t *v = json_object_get(obj, texts[i].key);
        if (!v || json_is_null(v)) continue;
        if (!json_is_string(v)) return pgr_fail(PGR_E_FORMAT, "%s: key \"%s\" must be text", where, texts[i].key);
        return add(s, id, index + 1, texts[i].kind, obj, v);
    }
    return pgr_fail(PGR_E_FORMAT, "%s: missing key \"solution\" (or \"completion\", \"code\", \"response\")", where);
}

pgr_err pgr_eval_samples_read(const char *path, struct pgr_eval_samples *out) {
    struct pgr_eval_samples s = {NULL, 0, 0};
    pgr_err err = pgr_records_each(path, take, &s);
    if (err == PGR_OK && s.n == 0) err = pgr_fail(PGR_E_FORMAT, "%s: no completion", path);
    if (err != PGR_OK) {
        pgr_eval_samples_free(&s);
        return err;
    }
    *out = s;
    return PGR_OK;
}
