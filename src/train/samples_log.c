/* samples_log.c - see samples_log.h. */
#include "train/samples_log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

static json_t *number(float x) { return isfinite(x) ? json_real((double)x) : json_null(); }

static json_t *row_of(size_t step, const struct pgr_task *t, const struct pgr_sample *s) {
    const struct pgr_reward *w = &s->reward;
    const char *verdict = w->ran ? pgr_verdict_name(w->verdict) : "no_code";
    json_t *row =
        json_pack("{s:I, s:o, s:I, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:s, s:o, s:I, s:s}", "step", (json_int_t)step,
                  "id", pgr_json_bytes(t->id, strlen(t->id)), "sample", (json_int_t)s->c.sample, "prompt",
                  pgr_json_bytes(t->prompt, strlen(t->prompt)), "completion",
                  pgr_json_bytes(s->c.text, s->c.text_bytes), "reward", number(w->total), "rewards", "format",
                  number(w->format), "outcome", number(w->left_out ? NAN : w->outcome), "thinking", number(w->thinking),
                  "verdict", verdict, "advantage", number(s->advantage), "length", (json_int_t)s->c.n_tok, "finish",
                  s->c.finish == PGR_FINISH_LENGTH ? "length" : "stop");
    int bad = row == NULL;
    if (!isnan(s->thinking_seen) && isnan(w->thinking)) /* read for the metrics alone */
        bad |= json_object_set_new(row, "thinking_seen", number(s->thinking_seen));
    if (s->masked) bad |= json_object_set_new(row, "masked", json_true());
    if (w->ran) {
        bad |= json_object_set_new(row, "tests_passed", json_integer((json_int_t)s->n_passed));
        bad |= json_object_set_new(row, "tests", json_integer((json_int_t)s->n_tests));
    }
    if (s->think.why) bad |= json_object_set_new(row, "format_error", json_string(s->think.why));
    if (s->detail) bad |= json_object_set_new(row, "detail", pgr_json_bytes(s->detail, strlen(s->detail)));
    if (bad) {
        json_decref(row);
        return NULL;
    }
    return row;
}

pgr_err pgr_samples_log(const char *dir, size_t step, const struct pgr_prompts *prompts, const struct pgr_sample *s,
                        size_t n) {
    char name[48];
    snprintf(name, sizeof name, "step-%05zu.jsonl", step);
    char *path = pgr_path_join_dup(dir, name);
    struct pgr_outfile o = {NULL, NULL, NULL};
    struct pgr_buf line = PGR_BUF_INIT;
    pgr_err err = path ? pgr_outfile_open(path, &o) : pgr_fail(PGR_E_NOMEM, "out of memory");
    for (size_t i = 0; i < n && err == PGR_OK; i++) {
        json_t *row = row_of(step, &prompts->tasks.task[prompts->prompt[s[i].prompt].task], &s[i]);
        pgr_buf_clear(&line);
        err = row ? pgr_json_dump(row, &line) : pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_buf_addc(&line, '\n');
        if (err == PGR_OK) err = pgr_buf_ok(&line);
        if (err == PGR_OK && fwrite(line.data, 1, line.len, o.f) != line.len)
            err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", path, strerror(errno));
        json_decref(row);
    }
    if (err == PGR_OK)
        err = pgr_outfile_commit(&o);
    else
        pgr_outfile_abandon(&o);
    pgr_buf_free(&line);
    pgr_free(path);
    return err;
}
