/* od_build.c - see od_build.h. */
#include "pref/od_build.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "pref/od_state.h"
#include "task/task.h"

enum { MAX_RUNNING = 64 };       /* programs in the sandbox before the generator waits for them */
static const double STOP_S = 10; /* how long a run that is stopped waits for programs that run */

/* ---- the problems ---- */

/* The first n hexadecimal digits, n <= 12, of the text's SHA-256. */
static void digest(const char *text, size_t n, char out[13]) {
    struct pgr_sha256 sha;
    char hex[65];
    pgr_sha256_init(&sha);
    pgr_sha256_add(&sha, text, strlen(text));
    pgr_sha256_hex(&sha, hex);
    memcpy(out, hex, n);
    out[n] = '\0';
}

static uint32_t key_of(const char *id) {
    char hex[13];
    unsigned key = 0;
    digest(id, 8, hex);
    (void)sscanf(hex, "%x", &key);
    return key;
}

static pgr_err take_task(void *ctx, const char *where, struct pgr_task *t, pgr_err err) {
    struct pgr_od_state *s = ctx;
    if (!t) return err;
    if (s->cfg->limit && s->n == s->cfg->limit) {
        pgr_task_free(t);
        return PGR_OK;
    }
    err = PGR_OK;
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 64;
        struct pgr_od_problem *grown = pgr_realloc(s->problem, cap * sizeof *grown);
        if (!grown) err = pgr_fail(PGR_E_NOMEM, "out of memory for %zu problems", cap);
        if (grown) s->problem = grown, s->cap = cap;
    }
    if (err == PGR_OK) {
        struct pgr_od_problem *p = &s->problem[s->n];
        *p = (struct pgr_od_problem){.task = *t};
        *t = (struct pgr_task){.kind = PGR_TASK_CODE};
        digest(p->task.prompt, 12, p->digest);
        p->key = key_of(p->task.id);
        if (s->cfg->n_verify && p->task.kind != PGR_TASK_CODE)
            err =
                pgr_fail(PGR_E_FORMAT, "%s: task %.100s has no tests of code, which --verify needs", where, p->task.id);
        if (!s->cfg->n_verify) {
            json_decref(p->task.tests);
            p->task.tests = NULL;
        }
        if (json_object_set_new(s->index, p->task.id, json_integer((json_int_t)s->n)) != 0)
            err = pgr_fail(PGR_E_NOMEM, "out of memory");
        s->n++;
    }
    pgr_task_free(t);
    return err;
}

/* ---- the journal ---- */

static json_t *head_of(const struct pgr_od_cfg *cfg, const struct pgr_od_generator *g) {
    const struct pgr_od_bounds *b = &cfg->bounds;
    return json_pack("{s:i, s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:f, s:O?}", "od", 1, "generator", g->name, "prompts",
                     cfg->prompts->version, "seed", (json_int_t)cfg->seed, "min_words", (json_int_t)b->min_words,
                     "length_band", b->length_band, "max_similarity", b->max_similarity, "max_script", b->max_script,
                     "max_problem", b->max_problem, "settings", cfg->settings);
}

/* Counts an answer and keeps it if it is good. */
static pgr_err settle(struct pgr_od_state *s, struct pgr_od_slot *slot, enum pgr_od_reason reason, const char *text) {
    slot->n_tried++;
    s->tally->n_text++;
    if (reason == PGR_OD_NONE) {
        slot->text = pgr_strdup(text);
        if (!slot->text) return pgr_fail(PGR_E_NOMEM, "out of memory");
        s->tally->n_good++;
    } else {
        s->tally->refused[reason]++;
        s->tally->n_given_up += slot->n_tried == s->cfg->n_attempts;
    }
    return PGR_OK;
}

static pgr_err read_text(void *ctx, const char *where, json_t *obj) {
    struct pgr_od_state *s = ctx;
    const char *task, *problem, *name, *text, *reason_name = NULL;
    size_t attempt, k = 0;
    enum pgr_od_reason reason = PGR_OD_NONE;
    PGR_TRY(pgr_json_str(obj, where, "task", &task));
    PGR_TRY(pgr_json_str(obj, where, "problem", &problem));
    PGR_TRY(pgr_json_str(obj, where, "slot", &name));
    while (k < PGR_OD_N_SLOT && strcmp(name, pgr_od_slot_name(k)) != 0) k++;
    if (k == PGR_OD_N_SLOT) return pgr_fail(PGR_E_FORMAT, "%s: unknown slot \"%s\"", where, name);
    const json_t *at = json_object_get(s->index, task);
    if (!at) return PGR_OK; /* of a problem that this run leaves out */
    struct pgr_od_problem *p = &s->problem[json_integer_value(at)];
    struct pgr_od_slot *slot = &p->slot[k];
    if (strcmp(problem, p->digest) != 0)
        return pgr_fail(PGR_E_FORMAT,
                        "%s: the problem of task %.100s has changed since; name another file with --output", where,
                        task);
    if (json_object_get(obj, "solution")) return pgr_od_replay_solution(s, slot, obj, where);
    PGR_TRY(pgr_json_size(obj, where, "attempt", 0, PGR_OD_MAX_ATTEMPTS - 1, &attempt));
    PGR_TRY(pgr_json_str(obj, where, "text", &text));
    PGR_TRY(pgr_json_str_opt(obj, where, "refused", &reason_name));
    if (reason_name && !pgr_od_reason_find(reason_name, &reason))
        return pgr_fail(PGR_E_FORMAT, "%s: unknown reason \"%s\"", where, reason_name);
    if (slot->text || attempt != slot->n_tried)
        return pgr_fail(PGR_E_FORMAT, "%s: attempt %zu of %s for task %.100s does not follow from the lines before",
                        where, attempt, name, task);
    if (attempt >= s->cfg->n_attempts) return PGR_OK;
    s->tally->n_resumed++;
    return settle(s, slot, reason, text);
}

/* ---- asking ---- */

static pgr_err ask(struct pgr_od_state *s, size_t problem, size_t slot) {
    struct pgr_od_problem *p = &s->problem[problem];
    struct pgr_od_slot *x = &p->slot[slot];
    struct pgr_buf user = PGR_BUF_INIT;
    bool fits = false;
    pgr_od_prompts_render(s->cfg->prompts, slot, p->task.prompt, p->slot[0].text, &user);
    pgr_err err = pgr_buf_ok(&user);
    if (err == PGR_OK) {
        const struct pgr_od_question q = {.tag = 2 * (problem * PGR_OD_N_SLOT + slot),
                                          .system = s->cfg->prompts->system,
                                          .user = pgr_buf_str(&user),
                                          .key = p->key,
                                          .round = (uint32_t)(slot * PGR_OD_MAX_ATTEMPTS + x->n_tried),
                                          .n_samples = 1};
        err = s->gen->add(s->gen->ctx, &q, &fits);
    }
    pgr_buf_free(&user);
    if (err != PGR_OK) return err;
    if (fits) {
        x->open = true;
        p->n_open++;
        s->n_gen_open++;
    } else {
        x->n_tried = s->cfg->n_attempts;
        s->tally->n_too_long++;
    }
    return PGR_OK;
}

/* The next solution from a text, when its problem has nothing better to do. */
static pgr_err verify(struct pgr_od_state *s, size_t problem, size_t slot) {
    const struct pgr_od_slot *x = &s->problem[problem].slot[slot];
    if (!x->text || x->n_solving > 0 || pgr_od_is_verified(s, x)) return PGR_OK;
    return pgr_od_ask_solutions(s, problem, slot);
}

pgr_err pgr_od_advance(struct pgr_od_state *s, size_t problem) {
    struct pgr_od_problem *p = &s->problem[problem];
    size_t from = p->slot[0].text ? 1 : 0, to = p->slot[0].text ? PGR_OD_N_SLOT : 1;
    for (size_t k = from; k < to; k++) {
        const struct pgr_od_slot *x = &p->slot[k];
        if (!x->text && !x->open && x->n_tried < s->cfg->n_attempts) PGR_TRY(ask(s, problem, k));
    }
    for (size_t k = 0; k < PGR_OD_N_SLOT && s->cfg->n_verify; k++) PGR_TRY(verify(s, problem, k));
    if (p->n_open == 0 && !p->is_finished) {
        p->is_finished = true;
        s->n_working--;
        s->tally->n_finished++;
    }
    return PGR_OK;
}

static json_t *journal_line(const struct pgr_od_problem *p, size_t slot, json_t *text, bool cut, size_t n_tokens,
                            enum pgr_od_reason reason, double similarity) {
    json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:O, s:b, s:I}", "task", p->task.id, "problem", p->digest, "slot",
                          pgr_od_slot_name(slot), "attempt", (json_int_t)p->slot[slot].n_tried, "text", text, "cut",
                          (int)cut, "tokens", (json_int_t)n_tokens);
    int bad = 0;
    if (similarity >= 0) bad |= json_object_set_new(o, "similarity", json_real(similarity));
    if (reason != PGR_OD_NONE) bad |= json_object_set_new(o, "refused", json_string(pgr_od_reason_name(reason)));
    if (!o || !bad) return o;
    json_decref(o);
    return NULL;
}

static pgr_err take_text(struct pgr_od_state *s, const struct pgr_od_answer *a) {
    size_t place = a->tag / 2, problem = place / PGR_OD_N_SLOT, k = place % PGR_OD_N_SLOT, n_bytes = a->n_bytes;
    const char *text = a->text;
    struct pgr_od_problem *p = &s->problem[problem];
    struct pgr_od_slot *x = &p->slot[k];
    enum pgr_od_reason reason = PGR_OD_NONE;
    double similarity = -1;
    s->n_gen_open--;
    if (a->refused) {
        x->open = false;
        p->n_open--;
        x->n_tried = s->cfg->n_attempts;
        s->tally->n_too_long++;
        return pgr_od_advance(s, problem);
    }
    while (n_bytes > 0 && strchr(" \t\n\v\f\r", text[n_bytes - 1]) && text[n_bytes - 1]) n_bytes--;
    while (n_bytes > 0 && strchr(" \t\n\v\f\r", *text) && *text) text++, n_bytes--;
    /* What the journal can hold is what is checked, so that a resumed run sees the same text. */
    json_t *kept = pgr_json_bytes(text, n_bytes);
    if (!kept) return pgr_fail(PGR_E_NOMEM, "out of memory");
    x->open = false;
    p->n_open--;
    s->tally->n_token += a->n_tokens;
    struct pgr_buf directions = PGR_BUF_INIT;
    pgr_od_prompts_render(s->cfg->prompts, k, "", "", &directions);
    pgr_err err = pgr_buf_ok(&directions);
    if (err == PGR_OK)
        err = pgr_od_check(&s->cfg->bounds, json_string_value(kept), json_string_length(kept), a->cut, p->task.prompt,
                           k > 0 ? p->slot[0].text : p->task.prompt, pgr_buf_str(&directions), k > 0, &reason,
                           &similarity);
    pgr_buf_free(&directions);
    if (err == PGR_OK)
        err = pgr_od_journal_add(&s->journal, journal_line(p, k, kept, a->cut, a->n_tokens, reason, similarity));
    if (err == PGR_OK) err = settle(s, x, reason, json_string_value(kept));
    json_decref(kept);
    if (err == PGR_OK) err = pgr_od_advance(s, problem);
    return err;
}

static pgr_err take_answer(void *ctx, const struct pgr_od_answer *a) {
    return a->tag % 2 ? pgr_od_take_solution(ctx, a) : take_text(ctx, a);
}

static pgr_err work(struct pgr_od_state *s) {
    size_t next = 0;
    for (;;) {
        while (next < s->n && s->n_working < s->cfg->n_open) {
            s->n_working++;
            PGR_TRY(pgr_od_advance(s, next++));
        }
        if (s->n_working == 0) return PGR_OK;
        if (s->n_gen_open > 0 && s->n_run < MAX_RUNNING) PGR_TRY(s->gen->wait(s->gen->ctx, take_answer, s));
        if (s->n_run > 0) PGR_TRY(pgr_od_collect(s, s->n_gen_open > 0 && s->n_run < MAX_RUNNING ? 0 : 100));
        if (s->cfg->tick && !s->cfg->tick(s->cfg->ctx, s->tally))
            return pgr_fail(PGR_E_INTERRUPTED,
                            "interrupted; %s holds %zu texts, and the same command goes on from there", s->journal.path,
                            s->tally->n_text);
    }
}

static pgr_err open_journal(struct pgr_od_state *s) {
    struct pgr_buf path = PGR_BUF_INIT;
    json_t *head = head_of(s->cfg, s->gen);
    pgr_buf_addf(&path, "%s.texts.jsonl", s->cfg->out_path);
    pgr_err err = head ? pgr_buf_ok(&path) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_od_journal_open(pgr_buf_str(&path), head, read_text, s, &s->journal);
    json_decref(head);
    pgr_buf_free(&path);
    return err;
}

/* Their answers would be lost else. */
static pgr_err wait_for_programs(struct pgr_od_state *s) {
    double end_s = pgr_now_s() + STOP_S;
    while (s->n_run > 0 && pgr_now_s() < end_s) PGR_TRY(pgr_od_collect(s, 100));
    return PGR_OK;
}

pgr_err pgr_od_build(const struct pgr_od_cfg *cfg, const struct pgr_od_generator *g, struct pgr_od_tally *tally) {
    struct pgr_od_state s = {.cfg = cfg, .gen = g, .tally = tally, .index = json_object(), .journal = {.fd = -1}};
    const struct pgr_task_filter filter = {.split = cfg->split, .plain = true};
    *tally = (struct pgr_od_tally){0};
    pgr_err err = s.index ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = pgr_tasks_each(cfg->tasks_path, &filter, take_task, &s);
    if (err == PGR_OK && s.n == 0) err = pgr_fail(PGR_E_FORMAT, "%s: holds no task of this split", cfg->tasks_path);
    tally->n_problem = s.n;
    if (err == PGR_OK) err = open_journal(&s);
    if (err == PGR_OK) {
        err = work(&s);
        if (err == PGR_OK) {
            err = pgr_od_write_pairs(&s);
        } else if (err == PGR_E_INTERRUPTED) {
            pgr_err written = wait_for_programs(&s);
            if (written == PGR_OK) written = pgr_od_write_pairs(&s);
            if (written != PGR_OK) err = written;
        }
    }
    pgr_od_journal_close(&s.journal);
    for (size_t i = 0; i < s.n; i++) {
        pgr_task_free(&s.problem[i].task);
        for (size_t k = 0; k < PGR_OD_N_SLOT; k++) pgr_free(s.problem[i].slot[k].text);
    }
    for (size_t i = 0; i < s.n_running_cap; i++) json_decref(s.running[i].text);
    pgr_free(s.running);
    pgr_free(s.problem);
    json_decref(s.index);
    return err;
}
