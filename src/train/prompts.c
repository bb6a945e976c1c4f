/* prompts.c - see prompts.h. */
#include "train/prompts.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"
#include "task/prompt.h"

static pgr_err check_ids(const struct pgr_task *t, const struct pgr_ids *ids, size_t n_vocab) {
    if (ids->n == 0) return pgr_fail(PGR_E_RANGE, "%s: task %s gives an empty prompt", t->where, t->id);
    for (size_t i = 0; i < ids->n; i++)
        if (ids->id[i] < 0 || (size_t)ids->id[i] >= n_vocab)
            return pgr_fail(PGR_E_RANGE, "%s: task %s: the tokenizer gives id %d, the model has %zu", t->where, t->id,
                            ids->id[i], n_vocab);
    return PGR_OK;
}

static pgr_err add_task(const struct pgr_tok *tok, const struct pgr_prompts_opts *o, size_t task,
                        struct pgr_prompts *p) {
    const struct pgr_task *t = &p->tasks.task[task];
    bool math = t->kind == PGR_TASK_MATH;
    struct pgr_ids ids = {NULL, 0, 0};
    pgr_err err =
        pgr_prompt_encode(tok, math ? o->math_system : o->system, math ? o->math_template : o->template, t, &ids);
    if (err == PGR_OK) err = check_ids(t, &ids, o->n_vocab);
    if (err != PGR_OK) {
        pgr_ids_free(&ids);
        return err;
    }
    if (ids.n > o->max_tok) {
        size_t n = ids.n;
        pgr_ids_free(&ids);
        if (!o->drop_long)
            return pgr_fail(PGR_E_RANGE,
                            "%s: task %s has a prompt of %zu tokens, max_prompt_length is %zu; raise it or set "
                            "drop_long_prompts: true",
                            t->where, t->id, n, o->max_tok);
        p->n_dropped++;
        return PGR_OK;
    }
    p->prompt[p->n++] = (struct pgr_task_prompt){task, ids.id, ids.n};
    p->max_tok = pgr_max(p->max_tok, ids.n);
    return PGR_OK;
}

pgr_err pgr_prompts_load(const char *path, const struct pgr_tok *tok, const struct pgr_prompts_opts *o,
                         struct pgr_prompts *out) {
    struct pgr_prompts p = {.n = 0};
    PGR_TRY(pgr_tasks_load(path, o->split, &p.tasks));
    p.prompt = pgr_alloc_zero(pgr_max(p.tasks.n, 1), sizeof *p.prompt);
    pgr_err err = p.prompt ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory for %zu tasks", p.tasks.n);
    for (size_t i = 0; i < p.tasks.n && err == PGR_OK && (o->max_tasks == 0 || p.n < o->max_tasks); i++)
        err = add_task(tok, o, i, &p);
    if (err == PGR_OK && p.n == 0)
        err = pgr_fail(PGR_E_RANGE, "%s: no task to use%s%s%s (%zu left out as too long)", path,
                       o->split ? " with split \"" : "", o->split ? o->split : "", o->split ? "\"" : "", p.n_dropped);
    if (err != PGR_OK) {
        pgr_prompts_free(&p);
        return err;
    }
    *out = p;
    return PGR_OK;
}

void pgr_prompts_free(struct pgr_prompts *p) {
    for (size_t i = 0; i < p->n; i++) pgr_free(p->prompt[i].token);
    pgr_free(p->prompt);
    pgr_tasks_free(&p->tasks);
    *p = (struct pgr_prompts){.n = 0};
}

pgr_err pgr_round_prompts(uint64_t seed, size_t n_prompt, size_t round, size_t n, size_t *index) {
    uint32_t *perm = pgr_alloc_array(n_prompt, sizeof *perm);
    if (!perm) return pgr_fail(PGR_E_NOMEM, "out of memory for the order of %zu tasks", n_prompt);
    size_t per_epoch = n_prompt / n, at = round % per_epoch * n;
    pgr_rng_shuffle(seed, (uint32_t)(round / per_epoch), n_prompt, perm);
    for (size_t i = 0; i < n; i++) index[i] = perm[at + i];
    pgr_free(perm);
    return PGR_OK;
}
