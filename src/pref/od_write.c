/* od_write.c - the file of pairs, made from the texts that were accepted. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/size.h"
#include "pref/od_state.h"

struct pair_kind {
    const char *type;
    size_t chosen, rejected; /* 0: base, 1: optimised, 2: degraded */
};

static const struct pair_kind kinds[] = {
    {"optimized>degraded", 1, 2}, {"optimized>base", 1, 0}, {"base>degraded", 0, 2}};

static size_t slot_of(size_t dimension, size_t part) { return part == 0 ? 0 : 2 * dimension + part; }

/* "TASK/factual_accuracy/optimized#0": the text of a slot in the journal, by its attempt. */
static json_t *text_id(const struct pgr_od_problem *p, size_t slot) {
    return json_sprintf("%s/%s#%zu", p->task.id, pgr_od_slot_name(slot), p->slot[slot].n_tried - 1);
}

/* [solutions that passed, all] */
static json_t *passed(const struct pgr_od_state *s, const struct pgr_od_slot *x) {
    return json_pack("[I, I]", (json_int_t)pgr_od_n_passed(s, x), (json_int_t)s->cfg->n_verify);
}

static json_t *record(const struct pgr_od_state *s, const struct pgr_od_problem *p, size_t dimension,
                      const struct pair_kind *k) {
    const char *name = pgr_od_dimension_name(dimension);
    size_t c = slot_of(dimension, k->chosen), r = slot_of(dimension, k->rejected);
    json_t *o =
        json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s}", "id", json_sprintf("%s/%s/%s", p->task.id, name, k->type),
                  "prompt", p->task.prompt, "chosen", p->slot[c].text, "rejected", p->slot[r].text, "task", p->task.id,
                  "dimension", name, "type", k->type);
    int bad = 0;
    const char *split = p->task.split;
    if (split && (strcmp(split, "train") == 0 || strcmp(split, "validation") == 0))
        bad |= json_object_set_new(o, "split", json_string(split));
    bad |= json_object_set_new(o, "generator", json_string(s->gen->name));
    bad |= json_object_set_new(o, "prompts", json_string(s->cfg->prompts->version));
    bad |= json_object_set_new(o, "seed", json_integer((json_int_t)s->cfg->seed));
    bad |= json_object_set_new(o, "parent", text_id(p, 0));
    bad |= json_object_set_new(o, "chosen_text", text_id(p, c));
    bad |= json_object_set_new(o, "rejected_text", text_id(p, r));
    if (s->cfg->n_verify) {
        bad |= json_object_set_new(o, "chosen_passed", passed(s, &p->slot[c]));
        bad |= json_object_set_new(o, "rejected_passed", passed(s, &p->slot[r]));
    }
    if (!o || !bad) return o;
    json_decref(o);
    return NULL;
}

static pgr_err write_pair(struct pgr_od_state *s, const struct pgr_od_problem *p, size_t dimension,
                          const struct pair_kind *k, FILE *f) {
    const struct pgr_od_slot *c = &p->slot[slot_of(dimension, k->chosen)],
                             *r = &p->slot[slot_of(dimension, k->rejected)];
    const char *chosen = c->text, *rejected = r->text;
    const struct pgr_od_bounds *b = &s->cfg->bounds;
    double alike;
    if (!chosen || !rejected) return PGR_OK;
    if (!pgr_od_length_fits(b->length_band, chosen, rejected)) {
        s->tally->n_uneven++;
        return PGR_OK;
    }
    PGR_TRY(pgr_od_similarity(chosen, rejected, &alike));
    if (alike > b->max_similarity) {
        s->tally->n_alike++;
        return PGR_OK;
    }
    if (s->cfg->n_verify &&
        !(pgr_od_is_verified(s, c) && pgr_od_is_verified(s, r) && pgr_od_n_passed(s, c) > pgr_od_n_passed(s, r))) {
        s->tally->n_unproved++;
        return PGR_OK;
    }
    struct pgr_buf line = PGR_BUF_INIT;
    json_t *o = record(s, p, dimension, k);
    pgr_err err = o ? pgr_json_dump(o, &line) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(o);
    pgr_buf_addc(&line, '\n');
    if (err == PGR_OK) err = pgr_buf_ok(&line);
    if (err == PGR_OK && fwrite(line.data, 1, line.len, f) != line.len)
        err = pgr_fail(PGR_E_IO, "%s: cannot write", s->cfg->out_path);
    pgr_buf_free(&line);
    if (err == PGR_OK) s->tally->n_pair++;
    return err;
}

pgr_err pgr_od_write_pairs(struct pgr_od_state *s) {
    struct pgr_outfile out;
    s->tally->n_pair = s->tally->n_uneven = s->tally->n_alike = s->tally->n_unproved = 0;
    PGR_TRY(pgr_outfile_open(s->cfg->out_path, &out));
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < s->n; i++)
        for (size_t d = 0; err == PGR_OK && d < PGR_OD_N_DIMENSION; d++)
            for (size_t k = 0; err == PGR_OK && k < PGR_COUNT(kinds); k++)
                err = write_pair(s, &s->problem[i], d, &kinds[k], out.f);
    if (err == PGR_OK) return pgr_outfile_commit(&out);
    pgr_outfile_abandon(&out);
    return err;
}
