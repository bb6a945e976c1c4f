/* judge.c - see judge.h. */
#include "pref/judge.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/size.h"
#include "pref/judge_embed.h"

pgr_err pgr_judge_mode_parse(const char *name, enum pgr_judge_mode *out) {
    if (strcmp(name, "compare") == 0)
        *out = PGR_JUDGE_COMPARE;
    else if (strcmp(name, "grade") == 0)
        *out = PGR_JUDGE_GRADE;
    else
        return pgr_fail(PGR_E_USAGE, "--judge-mode is \"%s\", must be compare or grade", name);
    return PGR_OK;
}

pgr_err pgr_judge_prompts_load(const char *dir, struct pgr_judge_prompts *out) {
    struct pgr_judge_prompts p = {0};
#define FILE_OF(symbol, place) #symbol, pgr_judge_##symbol, &pgr_judge_##symbol##_bytes, place
    const struct pgr_prompt_file files[] = {
        {FILE_OF(version, NULL), {NULL}},
        {FILE_OF(system, &p.system), {NULL}},
        {FILE_OF(compare, &p.compare), {"{problem}", "{first}", "{second}"}},
        {FILE_OF(grade, &p.grade), {"{problem}", "{reasoning}"}},
    };
#undef FILE_OF
    PGR_TRY(pgr_prompt_set_load(dir, PGR_COUNT(files), files, &p.version));
    *out = p;
    return PGR_OK;
}

void pgr_judge_prompts_free(struct pgr_judge_prompts *p) {
    pgr_free(p->version);
    pgr_free(p->system);
    pgr_free(p->compare);
    pgr_free(p->grade);
    *p = (struct pgr_judge_prompts){0};
}

/* ---- answers ---- */

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* The first word of s[n]; *alone: nothing but signs follows. */
static size_t first_word(const char *s, size_t n, const char **word, bool *alone) {
    size_t at = 0, len = 0;
    while (at < n && !is_word(s[at])) at++;
    while (at + len < n && is_word(s[at + len])) len++;
    *word = s + at;
    *alone = true;
    for (size_t i = at + len; i < n; i++) *alone = *alone && !is_word(s[i]);
    return len;
}

static int read_word(enum pgr_judge_mode mode, const char *w, size_t len) {
    if (mode == PGR_JUDGE_COMPARE) {
        if (len != 1) return 0;
        return *w == 'A' || *w == 'a' ? 'A' : *w == 'B' || *w == 'b' ? 'B' : 0;
    }
    if (len == 2 && w[0] == '1' && w[1] == '0') return 10;
    return len == 1 && *w >= '1' && *w <= '9' ? *w - '0' : 0;
}

int pgr_judge_read(enum pgr_judge_mode mode, const char *text, size_t n) {
    static const char key[] = "verdict";
    const size_t len = sizeof key - 1;
    const char *word;
    bool alone;
    for (size_t i = n; i-- > 0;)
        if (n - i >= len && strncasecmp(text + i, key, len) == 0) {
            size_t word_len = first_word(text + i + len, n - i - len, &word, &alone);
            return read_word(mode, word, word_len);
        }
    size_t word_len = first_word(text, n, &word, &alone);
    return alone ? read_word(mode, word, word_len) : 0;
}

/* ---- questions ---- */

/* Question 2 i + place compares pair i, its better text in place A or B; when grading, question i is about text i. */
struct judge {
    const struct pgr_judge_cfg *cfg;
    const struct pgr_contests *c;
    const struct pgr_contest **item; /* [n_question] the record; owned */
    const char **text;               /* [n_question] grading: the text; owned */
    int *said;                       /* [n_question] owned */
    size_t n_question, n_done;
    struct pgr_judge_tally tally;
};

static pgr_err list_questions(struct judge *j) {
    const struct pgr_contests *c = j->c;
    bool compare = j->cfg->mode == PGR_JUDGE_COMPARE;
    size_t n = compare ? 2 * c->n : pgr_contests_texts(c);
    j->item = pgr_alloc_array(n, sizeof *j->item);
    j->text = pgr_alloc_array(n, sizeof *j->text);
    j->said = pgr_alloc_zero(n, sizeof *j->said);
    if (!j->item || !j->text || !j->said) return pgr_fail(PGR_E_NOMEM, "out of memory for %zu questions", n);
    for (size_t i = 0; i < c->n; i++) {
        const struct pgr_contest *x = &c->item[i];
        if (compare && x->n_style != 1)
            return pgr_fail(PGR_E_UNSUPPORTED,
                            "record %s has %zu texts a side: a judge can only grade those "
                            "(--judge-mode grade)",
                            x->id, x->n_style);
        for (size_t side = 0; side < 2; side++)
            for (size_t k = 0; k < x->n_style; k++) {
                j->item[j->n_question] = x;
                j->text[j->n_question++] = x->side[side][k];
            }
    }
    return PGR_OK;
}

static void render(const struct judge *j, size_t q, struct pgr_buf *out) {
    const struct pgr_judge_prompts *p = j->cfg->prompts;
    const struct pgr_contest *x = j->item[q];
    if (j->cfg->mode == PGR_JUDGE_GRADE) {
        const struct pgr_prompt_place place[] = {{"{problem}", x->prompt}, {"{reasoning}", j->text[q]}};
        pgr_prompt_fill(p->grade, PGR_COUNT(place), place, out);
        return;
    }
    size_t first = q % 2; /* the side in place A */
    const struct pgr_prompt_place place[] = {
        {"{problem}", x->prompt}, {"{first}", x->side[first][0]}, {"{second}", x->side[1 - first][0]}};
    pgr_prompt_fill(p->compare, PGR_COUNT(place), place, out);
}

static pgr_err on_answer(void *ctx, const struct pgr_od_answer *a) {
    struct judge *j = ctx;
    j->said[a->tag] = a->refused ? 0 : pgr_judge_read(j->cfg->mode, a->text, a->n_bytes);
    j->tally.n_unread += j->said[a->tag] == 0;
    j->n_done++;
    return PGR_OK;
}

static pgr_err ask(struct judge *j, struct pgr_od_generator *gen) {
    for (size_t next = 0; j->n_done < j->n_question;) {
        while (next < j->n_question && next - j->n_done < j->cfg->n_open) {
            struct pgr_buf user = PGR_BUF_INIT;
            bool fits = false;
            render(j, next, &user);
            const struct pgr_od_question q = {.tag = next,
                                              .system = j->cfg->prompts->system,
                                              .user = pgr_buf_str(&user),
                                              .key = (uint32_t)next,
                                              .n_samples = 1};
            pgr_err err = pgr_buf_ok(&user);
            if (err == PGR_OK) err = gen->add(gen->ctx, &q, &fits);
            pgr_buf_free(&user);
            PGR_TRY(err);
            next++;
            j->tally.n_asked += fits;
            if (!fits) j->n_done++, j->tally.n_too_long++, j->tally.n_unread++;
        }
        if (j->n_done < next) PGR_TRY(gen->wait(gen->ctx, on_answer, j));
        if (j->cfg->tick && !j->cfg->tick(j->cfg->ctx, j->n_done, j->n_question))
            return pgr_fail(PGR_E_INTERRUPTED, "interrupted");
    }
    return PGR_OK;
}

static void to_scores(struct judge *j, float *score) {
    if (j->cfg->mode == PGR_JUDGE_GRADE) {
        for (size_t q = 0; q < j->n_question; q++) score[q] = (float)j->said[q];
        return;
    }
    for (size_t i = 0; i < j->c->n; i++) {
        int a = j->said[2 * i], b = j->said[2 * i + 1]; /* the better text in place A, in place B */
        score[2 * i] = a == 'A' && b == 'B';
        score[2 * i + 1] = a == 'B' && b == 'A';
        j->tally.n_pair++;
        j->tally.n_place += a != 0 && a == b;
    }
}

pgr_err pgr_judge(const struct pgr_judge_cfg *cfg, struct pgr_od_generator *gen, const struct pgr_contests *c,
                  float *score, struct pgr_judge_tally *out) {
    struct judge j = {.cfg = cfg, .c = c};
    pgr_err err = list_questions(&j);
    if (err == PGR_OK) err = ask(&j, gen);
    if (err == PGR_OK) to_scores(&j, score);
    *out = j.tally;
    pgr_free(j.item);
    pgr_free(j.text);
    pgr_free(j.said);
    return err;
}
