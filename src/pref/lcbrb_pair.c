/* lcbrb_pair.c - the records of pairs and of the journal. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "pref/lcbrb_state.h"

static int set(json_t *o, const char *key, json_t *v) { return json_object_set_new(o, key, v); }
static int set_text(json_t *o, const char *key, const char *text) {
    return text ? set(o, key, pgr_json_bytes(text, strlen(text))) : 0;
}
static int set_size(json_t *o, const char *key, size_t n) { return set(o, key, json_integer((json_int_t)n)); }

static json_t *whole(json_t *o, int bad) {
    if (o && !bad) return o;
    json_decref(o);
    return NULL;
}

/* [votes for yes, all votes] */
static json_t *votes(const struct pgr_lcbrb *s, const struct pgr_lcbrb_sample *x, enum pgr_lcbrb_check c) {
    size_t yes = 0;
    for (size_t i = 0; i < s->cfg->n_votes; i++) yes += x->vote[c][i] == 'y';
    return json_pack("[I, I]", (json_int_t)yes, (json_int_t)s->cfg->n_votes);
}

static int set_side(json_t *o, const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, const char *side,
                    size_t sample) {
    const struct pgr_lcbrb_sample *x = &p->sample[sample];
    char key[32];
    int bad = 0;
#define KEY(what) (snprintf(key, sizeof key, "%s_%s", side, what), key)
    bad |= set_size(o, KEY("sample"), sample);
    bad |= set_text(o, KEY("solution"), x->code);
    bad |= set_text(o, KEY("verdict"), pgr_verdict_name(x->verdict));
    bad |= set_text(o, KEY("detail"), x->detail);
    if (p->task.kind == PGR_TASK_CODE)
        bad |= set(o, KEY("tests"), json_pack("[I, I]", (json_int_t)x->n_passed, (json_int_t)x->n_tests));
    if (s->cfg->n_votes) bad |= set(o, KEY("agree"), votes(s, x, PGR_LCBRB_AGREE));
    if (s->cfg->n_votes && x->state == PGR_LCBRB_PASSED) bad |= set(o, KEY("sound"), votes(s, x, PGR_LCBRB_SOUND));
#undef KEY
    return bad;
}

json_t *pgr_lcbrb_pair(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t chosen, size_t rejected) {
    const struct pgr_task *t = &p->task;
    json_t *o = json_object();
    size_t n_passed = 0, n_failed = 0;
    for (size_t i = 0; i < p->n_asked; i++) {
        n_passed += p->sample[i].verdict == PGR_V_ACCEPTED && p->sample[i].code;
        n_failed +=
            p->sample[i].verdict != PGR_V_ACCEPTED && p->sample[i].code && p->sample[i].state != PGR_LCBRB_UNDECIDED;
    }
    int bad = !o;
    bad |= set_text(o, "id", t->id);
    bad |= set_text(o, "prompt", t->prompt);
    bad |= set_text(o, "chosen", p->sample[chosen].reasoning);
    bad |= set_text(o, "rejected", p->sample[rejected].reasoning);
    bad |= set_text(o, "task", t->id);
    bad |= set_text(o, "subset", t->difficulty);
    bad |= set_text(o, "difficulty", t->difficulty);
    bad |= set_text(o, "topic", t->topic);
    bad |= set_text(o, "platform", t->platform);
    bad |= set_text(o, "date", t->date);
    if (t->split && (strcmp(t->split, "train") == 0 || strcmp(t->split, "validation") == 0))
        bad |= set_text(o, "split", t->split);
    if (t->kind == PGR_TASK_MATH) bad |= set_text(o, "answer", t->answer);
    bad |= set_text(o, "generator", s->gen->name);
    if (s->cfg->n_votes) bad |= set_text(o, "judge", s->judge->name);
    bad |= set_size(o, "votes", s->cfg->n_votes);
    bad |= set_text(o, "prompts", s->cfg->prompts->version);
    bad |= set_size(o, "seed", s->cfg->seed);
    bad |= set_size(o, "samples", p->n_asked);
    bad |= set_size(o, "samples_passed", n_passed);
    bad |= set_size(o, "samples_failed", n_failed);
    bad |= set_side(o, s, p, "chosen", chosen);
    bad |= set_side(o, s, p, "rejected", rejected);
    return whole(o, bad);
}

json_t *pgr_lcbrb_sample_line(const struct pgr_lcbrb_problem *p, size_t sample) {
    const struct pgr_lcbrb_sample *x = &p->sample[sample];
    json_t *o = json_object();
    int bad = !o;
    bad |= set_text(o, "task", p->task.id);
    bad |= set_text(o, "problem", p->digest);
    bad |= set_size(o, "sample", sample);
    bad |= json_object_set(o, "text", x->text);
    bad |= set(o, "cut", json_boolean(x->cut));
    bad |= set_size(o, "tokens", x->n_tokens);
    bad |= set_text(o, "state", pgr_lcbrb_state_name(x->state));
    if (x->code) {
        bad |= set_text(o, "verdict", pgr_verdict_name(x->verdict));
        bad |= set_text(o, "detail", x->detail);
        if (p->task.kind == PGR_TASK_CODE) {
            bad |= set_size(o, "passed", x->n_passed);
            bad |= set_size(o, "tests", x->n_tests);
        }
    }
    return whole(o, bad);
}

json_t *pgr_lcbrb_vote_line(const struct pgr_lcbrb *s, const struct pgr_lcbrb_problem *p, size_t sample,
                            enum pgr_lcbrb_check c, size_t vote, char said, json_t *text) {
    json_t *o = json_object();
    int bad = !o || !text;
    bad |= set_text(o, "task", p->task.id);
    bad |= set_text(o, "problem", p->digest);
    bad |= set_text(o, "judge", s->judge_id);
    bad |= set_size(o, "sample", sample);
    bad |= set_text(o, "check", pgr_lcbrb_check_name(c));
    bad |= set_size(o, "vote", vote);
    bad |= set_text(o, "said", said == 'y' ? "yes" : said == 'n' ? "no" : "none");
    if (text) bad |= set(o, "text", text);
    return whole(o, bad);
}

pgr_err pgr_lcbrb_write(struct pgr_lcbrb *s) {
    struct pgr_outfile out;
    struct pgr_buf line = PGR_BUF_INIT;
    PGR_TRY(pgr_outfile_open(s->cfg->out_path, &out));
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < s->n; i++) {
        if (!s->problem[i]->pair) continue;
        pgr_buf_clear(&line);
        err = pgr_json_dump(s->problem[i]->pair, &line);
        pgr_buf_addc(&line, '\n');
        if (err == PGR_OK) err = pgr_buf_ok(&line);
        if (err == PGR_OK && fwrite(line.data, 1, line.len, out.f) != line.len)
            err = pgr_fail(PGR_E_IO, "%s: cannot write", s->cfg->out_path);
    }
    pgr_buf_free(&line);
    if (err == PGR_OK) return pgr_outfile_commit(&out);
    pgr_outfile_abandon(&out);
    return err;
}
