/* od_verify.c - whether reasonings lead to solutions: each is solved from n_verify times, and the programs run. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "pref/od_state.h"
#include "pref/run_code.h"
#include "text/think.h"

bool pgr_od_is_verified(const struct pgr_od_state *s, const struct pgr_od_slot *x) {
    for (size_t i = 0; i < s->cfg->n_verify; i++)
        if (!x->outcome[i]) return false;
    return true;
}

size_t pgr_od_n_passed(const struct pgr_od_state *s, const struct pgr_od_slot *x) {
    size_t n = 0;
    for (size_t i = 0; i < s->cfg->n_verify; i++) n += x->outcome[i] == 'p';
    return n;
}

pgr_err pgr_od_ask_solutions(struct pgr_od_state *s, size_t problem, size_t slot) {
    struct pgr_od_problem *p = &s->problem[problem];
    struct pgr_od_slot *x = &p->slot[slot];
    struct pgr_buf user = PGR_BUF_INIT;
    bool fits = true;
    pgr_od_prompts_render_solve(s->cfg->prompts, &p->task, x->text, &user);
    pgr_err err = pgr_buf_ok(&user);
    for (size_t i = 0, n; err == PGR_OK && fits && i < s->cfg->n_verify; i += n) {
        for (n = 0; i + n < s->cfg->n_verify && !x->outcome[i + n]; n++) continue;
        if (!n) {
            n = 1;
            continue;
        }
        const struct pgr_od_question q = {.tag = 2 * (problem * PGR_OD_N_SLOT + slot) + 1,
                                          .system = s->cfg->prompts->solve_system,
                                          .user = pgr_buf_str(&user),
                                          .key = p->key,
                                          .round = (uint32_t)(PGR_OD_N_SLOT * PGR_OD_MAX_ATTEMPTS + slot),
                                          .n_samples = n,
                                          .first_sample = i};
        err = s->gen->add(s->gen->ctx, &q, &fits);
        if (err == PGR_OK && fits) {
            x->n_solving += n;
            p->n_open += n;
            s->n_gen_open += n;
        }
    }
    pgr_buf_free(&user);
    if (!fits) memset(x->outcome, 'f', s->cfg->n_verify);
    return err;
}

/* ---- answers and verdicts ---- */

static pgr_err settle(struct pgr_od_state *s, size_t problem, size_t slot, size_t solution, json_t *text,
                      const char *verdict, bool keep) {
    struct pgr_od_problem *p = &s->problem[problem];
    struct pgr_od_slot *x = &p->slot[slot];
    x->n_solving--;
    p->n_open--;
    s->tally->n_solution++;
    x->outcome[solution] = strcmp(verdict, "accepted") == 0 ? 'p' : 'f';
    s->tally->n_solution_passed += x->outcome[solution] == 'p';
    json_t *o =
        !keep ? NULL
              : json_pack("{s:s, s:s, s:s, s:I, s:O, s:s}", "task", p->task.id, "problem", p->digest, "slot",
                          pgr_od_slot_name(slot), "solution", (json_int_t)solution, "text", text, "verdict", verdict);
    pgr_err err = keep ? pgr_od_journal_add(&s->journal, o) : PGR_OK;
    json_decref(text);
    return err == PGR_OK ? pgr_od_advance(s, problem) : err;
}

/* A program under way. */
static pgr_err hold(struct pgr_od_state *s, size_t place, json_t *text, size_t *at) {
    for (*at = 0; *at < s->n_running_cap && s->running[*at].text; ++*at) continue;
    if (*at == s->n_running_cap) {
        size_t cap = s->n_running_cap ? 2 * s->n_running_cap : 64;
        struct pgr_od_running *grown = pgr_realloc(s->running, cap * sizeof *grown);
        if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu programs", cap);
        for (size_t i = s->n_running_cap; i < cap; i++) grown[i].text = NULL;
        s->running = grown;
        s->n_running_cap = cap;
    }
    s->running[*at] = (struct pgr_od_running){place, text};
    return PGR_OK;
}

pgr_err pgr_od_take_solution(struct pgr_od_state *s, const struct pgr_od_answer *a) {
    size_t place = a->tag / 2, problem = place / PGR_OD_N_SLOT, slot = place % PGR_OD_N_SLOT, at;
    struct pgr_think t;
    json_t *text = pgr_json_bytes(a->text, a->n_bytes);
    if (!text) return pgr_fail(PGR_E_NOMEM, "out of memory");
    s->n_gen_open--;
    s->tally->n_token += a->n_tokens;
    if (a->refused) return settle(s, problem, slot, a->sample, text, "refused", false);
    pgr_think_parse(json_string_value(text), json_string_length(text), &t);
    struct pgr_span code = t.has_answer ? pgr_answer_code(t.answer) : (struct pgr_span){"", 0};
    if (a->cut || code.n == 0 || memchr(code.at, '\0', code.n))
        return settle(s, problem, slot, a->sample, text, a->cut ? "cut" : "no_code", true);
    char *program = pgr_strndup(code.at, code.n);
    pgr_err err =
        program ? hold(s, place * PGR_OD_MAX_VERIFY + a->sample, text, &at) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) {
        s->n_run++; /* freed with the run if it cannot be queued */
        err = pgr_run_code(s->cfg->sbx, &s->problem[problem].task, program, s->cfg->cpu_s, 0, at);
    } else {
        json_decref(text);
    }
    pgr_free(program);
    return err;
}

pgr_err pgr_od_collect(struct pgr_od_state *s, int timeout_ms) {
    struct pgr_sbx_result r[16];
    size_t n = sizeof r / sizeof *r;
    while (n == sizeof r / sizeof *r && s->n_run > 0) {
        PGR_TRY(pgr_sbx_poll(s->cfg->sbx, r, sizeof r / sizeof *r, timeout_ms, &n));
        pgr_err err = PGR_OK;
        for (size_t i = 0; i < n; i++) {
            if (err == PGR_OK) {
                struct pgr_od_running x = s->running[r[i].tag];
                s->running[r[i].tag].text = NULL;
                s->n_run--;
                size_t place = x.place / PGR_OD_MAX_VERIFY;
                err = settle(s, place / PGR_OD_N_SLOT, place % PGR_OD_N_SLOT, x.place % PGR_OD_MAX_VERIFY, x.text,
                             pgr_verdict_name(r[i].verdict), r[i].verdict != PGR_V_INTERNAL_ERROR);
            }
            pgr_sbx_result_free(&r[i]);
        }
        PGR_TRY(err);
    }
    return PGR_OK;
}

pgr_err pgr_od_replay_solution(struct pgr_od_state *s, struct pgr_od_slot *x, const json_t *obj, const char *where) {
    size_t solution;
    const char *verdict;
    PGR_TRY(pgr_json_size(obj, where, "solution", 0, PGR_OD_MAX_VERIFY - 1, &solution));
    PGR_TRY(pgr_json_str(obj, where, "verdict", &verdict));
    if (!x->text) return pgr_fail(PGR_E_FORMAT, "%s: a solution from a text that was not accepted", where);
    if (solution >= s->cfg->n_verify) return PGR_OK;
    if (x->outcome[solution]) return pgr_fail(PGR_E_FORMAT, "%s: solution %zu stands twice", where, solution);
    x->outcome[solution] = strcmp(verdict, "accepted") == 0 ? 'p' : 'f';
    s->tally->n_solution++;
    s->tally->n_solution_passed += x->outcome[solution] == 'p';
    return PGR_OK;
}
