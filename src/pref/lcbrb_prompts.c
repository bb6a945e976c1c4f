/* lcbrb_prompts.c - see lcbrb_prompts.h. */
#include "pref/lcbrb_prompts.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/size.h"
#include "pref/lcbrb_embed.h"

const char *pgr_lcbrb_check_name(enum pgr_lcbrb_check c) { return c == PGR_LCBRB_AGREE ? "agree" : "sound"; }

pgr_err pgr_lcbrb_prompts_load(const char *dir, struct pgr_lcbrb_prompts *out) {
    struct pgr_lcbrb_prompts p = {0};
#define FILE_OF(symbol, place) #symbol, pgr_lcbrb_##symbol, &pgr_lcbrb_##symbol##_bytes, place
    const struct pgr_prompt_file files[] = {
        {FILE_OF(version, NULL), {NULL}},
        {FILE_OF(system, &p.system), {NULL}},
        {FILE_OF(solve, &p.solve), {"{problem}", "{form}"}},
        {FILE_OF(form_starter, &p.form_starter), {"{starter}"}},
        {FILE_OF(form_stdin, &p.form_stdin), {NULL}},
        {FILE_OF(judge_system, &p.judge_system), {NULL}},
        {FILE_OF(agree, &p.check[PGR_LCBRB_AGREE]), {"{problem}", "{reasoning}", "{solution}"}},
        {FILE_OF(sound, &p.check[PGR_LCBRB_SOUND]), {"{problem}", "{reasoning}"}},
        {FILE_OF(math_system, &p.math_system), {NULL}},
        {FILE_OF(math_solve, &p.math_solve), {"{problem}"}},
        {FILE_OF(math_agree, &p.math_check[PGR_LCBRB_AGREE]), {"{problem}", "{reasoning}", "{solution}"}},
        {FILE_OF(math_sound, &p.math_check[PGR_LCBRB_SOUND]), {"{problem}", "{reasoning}"}},
    };
#undef FILE_OF
    PGR_TRY(pgr_prompt_set_load(dir, PGR_COUNT(files), files, &p.version));
    *out = p;
    return PGR_OK;
}

void pgr_lcbrb_prompts_free(struct pgr_lcbrb_prompts *p) {
    pgr_free(p->version);
    pgr_free(p->system);
    pgr_free(p->solve);
    pgr_free(p->form_starter);
    pgr_free(p->form_stdin);
    pgr_free(p->judge_system);
    pgr_free(p->math_system);
    pgr_free(p->math_solve);
    for (size_t i = 0; i < PGR_LCBRB_N_CHECK; i++) {
        pgr_free(p->check[i]);
        pgr_free(p->math_check[i]);
    }
    *p = (struct pgr_lcbrb_prompts){0};
}

const char *pgr_lcbrb_solve_system(const struct pgr_lcbrb_prompts *p, const struct pgr_task *t) {
    return t->kind == PGR_TASK_MATH ? p->math_system : p->system;
}

pgr_err pgr_lcbrb_render_solve(const struct pgr_lcbrb_prompts *p, const struct pgr_task *t, struct pgr_buf *out) {
    struct pgr_buf form = PGR_BUF_INIT;
    if (t->starter_code && t->starter_code[strspn(t->starter_code, " \t\r\n")]) {
        const struct pgr_prompt_place starter[] = {{"{starter}", t->starter_code}};
        pgr_prompt_fill(p->form_starter, PGR_COUNT(starter), starter, &form);
    } else if (t->test_kind == PGR_SBX_STDIO) {
        pgr_buf_adds(&form, p->form_stdin);
    }
    pgr_err err = pgr_buf_ok(&form);
    const struct pgr_prompt_place place[] = {{"{problem}", t->prompt}, {"{form}", pgr_buf_str(&form)}};
    pgr_prompt_fill(t->kind == PGR_TASK_MATH ? p->math_solve : p->solve, PGR_COUNT(place), place, out);
    pgr_buf_free(&form);
    return err == PGR_OK ? pgr_buf_ok(out) : err;
}

void pgr_lcbrb_render_check(const struct pgr_lcbrb_prompts *p, enum pgr_lcbrb_check c, const struct pgr_task *t,
                            const char *reasoning, const char *solution, struct pgr_buf *out) {
    const struct pgr_prompt_place place[] = {
        {"{problem}", t->prompt}, {"{reasoning}", reasoning}, {"{solution}", solution}};
    pgr_prompt_fill(t->kind == PGR_TASK_MATH ? p->math_check[c] : p->check[c], PGR_COUNT(place), place, out);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80); }

/* The first word of text[n], if it is yes or no. */
static char yes_or_no(const char *s, size_t n) {
    size_t at = 0, len = 0;
    while (at < n && !is_letter(s[at])) at++;
    while (at + len < n && is_letter(s[at + len])) len++;
    if (len == 3 && strncasecmp(s + at, "yes", 3) == 0) return 'y';
    if (len == 2 && strncasecmp(s + at, "no", 2) == 0) return 'n';
    return '?';
}

char pgr_lcbrb_vote(const char *text, size_t n) {
    static const char word[] = "verdict";
    size_t len = sizeof word - 1;
    for (size_t i = n; i-- > 0;)
        if (n - i >= len && strncasecmp(text + i, word, len) == 0) return yes_or_no(text + i + len, n - i - len);
    size_t letters = 0;
    for (size_t i = 0; i < n; i++) letters += is_letter(text[i]);
    return letters <= 3 ? yes_or_no(text, n) : '?';
}
