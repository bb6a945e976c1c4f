/* lcbrb_review.c - pgrpo lcbrb review and agreement: people look at pairs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/lcbrb.h"
#include "cli/screen.h"
#include "pref/review.h"
#include "text/show.h"

enum { MAX_SHOWN = 1 << 16, MAX_COMMENT = 4096, PROBLEM_ROWS = 8 };

struct ui {
    struct pgr_review r;
    const char *reviewer;
    size_t at, scroll;
    bool blind, revealed, swapped, whole_problem, has_ended; /* revealed: which side passed is shown */
    const char *note;                                        /* static; for the last row */
    struct pgr_buf comment;
    bool writing; /* a comment */
    struct pgr_buf doc, screen;
    size_t n_rows, n_cols, n_doc; /* of the terminal; rows of the document */
};

/* ---- the document: what the terminal is a window on ---- */

static void end_row(struct ui *u) {
    pgr_buf_addc(&u->doc, '\n');
    u->n_doc++;
}

static void add_text(struct ui *u, const char *text) {
    pgr_show_line(&u->doc, text, strlen(text), u->n_cols);
    end_row(u);
}

static size_t shown(const char *text) { return pgr_min(strlen(text), MAX_SHOWN); }

static pgr_err add_problem(struct ui *u, const char *text) {
    struct pgr_rows r = {.n = 0};
    pgr_err err = pgr_rows_wrap(&r, text, shown(text), NULL, u->n_cols);
    size_t n = u->whole_problem || r.n <= PROBLEM_ROWS + 1 ? r.n : PROBLEM_ROWS;
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        pgr_buf_add(&u->doc, r.text.data + r.row[i].from, r.row[i].n_bytes);
        end_row(u);
    }
    if (n < r.n) {
        pgr_buf_addf(&u->doc, "(%zu more rows: p)", r.n - n);
        end_row(u);
    }
    pgr_rows_free(&r);
    return err;
}

static void add_cell(struct ui *u, const struct pgr_rows *r, size_t i, size_t width, bool left) {
    size_t taken = 0;
    if (i < r->n) {
        pgr_buf_add(&u->doc, r->text.data + r->row[i].from, r->row[i].n_bytes);
        taken = r->row[i].width;
    }
    for (; left && taken < width; taken++) pgr_buf_addc(&u->doc, ' ');
}

/* Two texts side by side, words that only one has marked. */
static pgr_err add_columns(struct ui *u, const char *left, const char *right, bool diff) {
    const char *text[2] = {left, right};
    size_t n[2] = {shown(left), shown(right)}, width = u->n_cols > 7 ? (u->n_cols - 3) / 2 : 2;
    struct pgr_rows r[2] = {{.n = 0}, {.n = 0}};
    unsigned char *mark = pgr_alloc_zero(n[0] + n[1] + 1, 1);
    pgr_err err = mark ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && diff) err = pgr_mark_words(left, n[0], right, n[1], mark, mark + n[0]);
    for (int i = 0; err == PGR_OK && i < 2; i++)
        err = pgr_rows_wrap(&r[i], text[i], n[i], diff ? mark + (i ? n[0] : 0) : NULL, width);
    for (size_t i = 0; err == PGR_OK && i < pgr_max(r[0].n, r[1].n); i++) {
        add_cell(u, &r[0], i, width, true);
        pgr_buf_adds(&u->doc, " | ");
        add_cell(u, &r[1], i, width, false);
        end_row(u);
    }
    pgr_rows_free(&r[0]);
    pgr_rows_free(&r[1]);
    pgr_free(mark);
    return err;
}

static pgr_err add_comment(struct ui *u, const char *text) {
    struct pgr_rows r = {.n = 0};
    add_text(u, "comment:");
    pgr_err err = pgr_rows_wrap(&r, text, shown(text), NULL, u->n_cols);
    for (size_t i = 0; err == PGR_OK && i < r.n; i++) {
        pgr_buf_add(&u->doc, r.text.data + r.row[i].from, r.row[i].n_bytes);
        end_row(u);
    }
    pgr_rows_free(&r);
    return err;
}

static const char *text_of(const json_t *o, const char *side, const char *what) {
    char key[64];
    snprintf(key, sizeof key, "%s_%s", side, what);
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* "rejected: wrong_answer, 1 of 3 tests, detail" */
static void describe(const json_t *o, bool chosen, struct pgr_buf *b) {
    const char *side = chosen ? "chosen" : "rejected", *detail = text_of(o, side, "detail");
    char key[64];
    snprintf(key, sizeof key, "%s_tests", side);
    const json_t *tests = json_object_get(o, key);
    pgr_buf_addf(b, "%s: %s", side, text_of(o, side, "verdict"));
    if (tests)
        pgr_buf_addf(b, ", %lld of %lld tests", (long long)json_integer_value(json_array_get(tests, 0)),
                     (long long)json_integer_value(json_array_get(tests, 1)));
    if (*detail) pgr_buf_addf(b, ", %.500s", detail);
}

static bool chosen_is_left(const struct ui *u) {
    return u->blind ? u->r.pair[u->at].swapped == u->swapped : !u->swapped;
}

static pgr_err make_doc(struct ui *u) {
    const struct pgr_review_pair *p = &u->r.pair[u->at];
    bool left = chosen_is_left(u);
    struct pgr_buf head[2] = {PGR_BUF_INIT, PGR_BUF_INIT};
    pgr_buf_clear(&u->doc);
    u->n_doc = 0;
    pgr_err err = add_problem(u, p->prompt);
    if (err == PGR_OK && p->comment) err = add_comment(u, p->comment);
    end_row(u);
    for (int i = 0; i < 2; i++) {
        pgr_buf_adds(&head[i], i ? "RIGHT" : "LEFT");
        if (u->revealed) {
            pgr_buf_adds(&head[i], "  ");
            describe(p->record, (i == 0) == left, &head[i]);
        }
    }
    if (err == PGR_OK) err = add_columns(u, pgr_buf_str(&head[0]), pgr_buf_str(&head[1]), false);
    if (err == PGR_OK) err = add_columns(u, p->side[left ? 0 : 1], p->side[left ? 1 : 0], true);
    if (err == PGR_OK && u->revealed) {
        end_row(u);
        err = add_columns(u, text_of(p->record, left ? "chosen" : "rejected", "solution"),
                          text_of(p->record, left ? "rejected" : "chosen", "solution"), false);
    }
    pgr_buf_free(&head[0]);
    pgr_buf_free(&head[1]);
    return err == PGR_OK ? pgr_buf_ok(&u->doc) : err;
}

/* ---- the terminal ---- */

static size_t n_body(const struct ui *u) { return u->n_rows > 2 ? u->n_rows - 2 : 1; }
static size_t max_scroll(const struct ui *u) { return u->n_doc > n_body(u) ? u->n_doc - n_body(u) : 0; }

static void draw_head(struct ui *u) {
    const struct pgr_review_pair *p = &u->r.pair[u->at];
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, " %zu of %zu  %s  %zu of %zu decided  %s", u->at + 1, u->r.n,
                 p->decision == 'a'   ? "ACCEPTED"
                 : p->decision == 'r' ? "REJECTED"
                                      : "undecided",
                 u->r.n_decided, u->r.n, p->id);
    pgr_buf_adds(&u->screen, "\033[H\033[7m");
    size_t taken = pgr_show_line(&u->screen, pgr_buf_str(&b), b.len, u->n_cols);
    pgr_buf_adds(&u->screen, "\033[7m"); /* the id may have ended it */
    for (; taken < u->n_cols; taken++) pgr_buf_addc(&u->screen, ' ');
    pgr_buf_adds(&u->screen, "\033[0m");
    pgr_buf_free(&b);
}

static void draw_foot(struct ui *u) {
    static const char blind[] =
        "l left is better  r right is better  x reject  v show verdicts  c comment  n next  b back"
        "  s swap  p problem  q quit";
    static const char plain[] =
        "a accept  x reject  v hide verdicts  c comment  n next  b back  s swap  p problem  q quit";
    pgr_buf_addf(&u->screen, "\033[%zu;1H\033[K", u->n_rows);
    if (u->writing) {
        static const char prompt[] = "comment (Enter saves, Esc drops): ";
        size_t room = u->n_cols > sizeof prompt ? u->n_cols - sizeof prompt : 1;
        const char *s = pgr_buf_str(&u->comment);
        size_t n = u->comment.len, from = n > room ? n - room : 0; /* the end is what is written at */
        while (from < n && ((unsigned char)s[from] & 0xc0) == 0x80) from++;
        pgr_show_line(&u->screen, prompt, sizeof prompt - 1, u->n_cols);
        pgr_show_line(&u->screen, s + from, n - from, room);
        pgr_buf_adds(&u->screen, "\033[?25h");
        return;
    }
    const char *text = u->note ? u->note : u->revealed ? plain : blind;
    pgr_show_line(&u->screen, text, strlen(text), u->n_cols);
    pgr_buf_adds(&u->screen, "\033[?25l");
}

static pgr_err draw(struct ui *u) {
    pgr_screen_size(&u->n_rows, &u->n_cols);
    if (u->revealed) u->r.pair[u->at].revealed = true;
    PGR_TRY(make_doc(u));
    u->scroll = pgr_min(u->scroll, max_scroll(u));
    pgr_buf_clear(&u->screen);
    draw_head(u);
    const char *s = u->doc.data, *end = s + u->doc.len;
    for (size_t i = 0; i < u->scroll; i++) s = (const char *)memchr(s, '\n', (size_t)(end - s)) + 1;
    for (size_t i = 0; i < n_body(u); i++) {
        pgr_buf_addf(&u->screen, "\033[%zu;1H\033[K", i + 2);
        if (s == end) continue;
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        pgr_buf_add(&u->screen, s, (size_t)(stop - s));
        s = stop + 1;
    }
    draw_foot(u);
    PGR_TRY(pgr_buf_ok(&u->screen));
    return pgr_screen_write(u->screen.data, u->screen.len);
}

/* ---- keys ---- */

static void go_to(struct ui *u, size_t pair) {
    u->at = pair;
    u->scroll = 0;
    u->swapped = u->whole_problem = false;
    u->revealed = !u->blind;
}

static void next(struct ui *u) {
    if (u->at + 1 < u->r.n)
        go_to(u, u->at + 1);
    else
        u->note =
            u->r.n_decided == u->r.n ? "That was the last pair; all are decided. q ends." : "That is the last pair.";
}

static void next_undecided(struct ui *u) {
    for (size_t i = 1; i <= u->r.n; i++) {
        size_t k = (u->at + i) % u->r.n;
        if (u->r.pair[k].decision) continue;
        go_to(u, k);
        return;
    }
    u->note = "All pairs are decided.";
}

static pgr_err decide(struct ui *u, char decision, int picked) {
    PGR_TRY(pgr_review_decide(&u->r, u->at, decision, picked));
    next(u);
    return PGR_OK;
}

static pgr_err key_in_comment(struct ui *u, int key) {
    const char *s = pgr_buf_str(&u->comment);
    size_t n = u->comment.len;
    if (key == PGR_KEY_ENTER) {
        u->writing = false;
        return pgr_review_comment(&u->r, u->at, s, n);
    }
    if (key == PGR_KEY_ESCAPE) {
        u->writing = false;
    } else if (key == PGR_KEY_BACKSPACE && n > 0) {
        do n--;
        while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80);
        u->comment.len = n;
        u->comment.data[n] = '\0';
    } else if (key >= ' ' && key < 256 && key != PGR_KEY_BACKSPACE && n < MAX_COMMENT) {
        pgr_buf_addc(&u->comment, (char)key);
    }
    return pgr_buf_ok(&u->comment);
}

static pgr_err take_key(struct ui *u, int key) {
    if (u->writing) return key_in_comment(u, key);
    u->note = NULL;
    switch (key) {
    case 'l':
    case 'r': {
        bool chosen = (key == 'l') == chosen_is_left(u);
        return decide(u, chosen ? 'a' : 'r', chosen ? 0 : 1);
    }
    case 'a':
        if (u->revealed) return decide(u, 'a', -1);
        u->note = "Say which side is better: l or r. (v shows which one passed.)";
        return PGR_OK;
    case 'x': return decide(u, 'r', -1);
    case 'v': u->revealed = !u->revealed; return PGR_OK;
    case 's': u->swapped = !u->swapped; return PGR_OK;
    case 'p': u->whole_problem = !u->whole_problem; return PGR_OK;
    case 'c':
        u->writing = true;
        pgr_buf_clear(&u->comment);
        if (u->r.pair[u->at].comment) pgr_buf_adds(&u->comment, u->r.pair[u->at].comment);
        return pgr_buf_ok(&u->comment);
    case 'n':
    case PGR_KEY_RIGHT: next(u); return PGR_OK;
    case 'b':
    case PGR_KEY_LEFT:
        if (u->at > 0) go_to(u, u->at - 1);
        return PGR_OK;
    case 'u': next_undecided(u); return PGR_OK;
    case 'j':
    case PGR_KEY_DOWN: u->scroll++; return PGR_OK;
    case 'k':
    case PGR_KEY_UP: u->scroll -= u->scroll > 0; return PGR_OK;
    case ' ':
    case PGR_KEY_PAGE_DOWN: u->scroll += n_body(u); return PGR_OK;
    case PGR_KEY_PAGE_UP: u->scroll -= pgr_min(u->scroll, n_body(u)); return PGR_OK;
    case 'q': u->has_ended = true; return PGR_OK;
    default: return PGR_OK;
    }
}

static pgr_err look(struct ui *u) {
    PGR_TRY(pgr_screen_open());
    pgr_err err = PGR_OK;
    while (err == PGR_OK && !u->has_ended) {
        err = draw(u);
        if (err != PGR_OK) break;
        int key = pgr_screen_key();
        if (key == PGR_KEY_END)
            err = pgr_fail(PGR_E_INTERRUPTED, "interrupted; what was decided is saved");
        else
            err = take_key(u, key);
    }
    pgr_screen_close();
    return err;
}

pgr_err pgr_lcbrb_run_review(int argc, char **argv, int *exit_code) {
    const char *pairs = NULL, *output = NULL, *reviewer = NULL;
    bool open = false;
    (void)exit_code;
    const struct pgr_opt opts[] = {{"pairs", PGR_OPT_STR, &pairs, 0, 0},
                                   {"output", PGR_OPT_STR, &output, 0, 0},
                                   {"reviewer", PGR_OPT_STR, &reviewer, 0, 0},
                                   {"open", PGR_OPT_FLAG, &open, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 0, NULL));
    if (!pairs || !output || !reviewer) return pgr_fail(PGR_E_USAGE, "review needs --pairs, --output and --reviewer");
    struct ui u = {.reviewer = reviewer, .blind = !open, .revealed = open};
    pgr_err err = pgr_review_open(pairs, output, reviewer, &u.r);
    if (err == PGR_OK) {
        u.at = u.r.n - 1;
        next_undecided(&u); /* from the first pair on */
        if (u.r.n_decided == u.r.n) go_to(&u, 0);
        err = look(&u);
    }
    if (err == PGR_OK) printf("%zu of %zu pairs decided, in %s\n", u.r.n_decided, u.r.n, output);
    pgr_review_close(&u.r);
    pgr_buf_free(&u.comment);
    pgr_buf_free(&u.doc);
    pgr_buf_free(&u.screen);
    return err;
}

/* ---- agreement ---- */

pgr_err pgr_lcbrb_run_agreement(int argc, char **argv, int *exit_code) {
    struct pgr_str_list files;
    struct pgr_agreement g;
    bool json = false;
    (void)exit_code;
    const struct pgr_opt opts[] = {{"json", PGR_OPT_FLAG, &json, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 2, 2, &files));
    PGR_TRY(pgr_review_agreement(files.item[0], files.item[1], &g));
    printf("%zu pairs decided by both, %zu by A only, %zu by B only\n", g.n_both, g.only_a, g.only_b);
    printf("%-12s %10s %10s\n%-12s %10zu %10zu\n%-12s %10zu %10zu\n", "", "B accepts", "B rejects", "A accepts",
           g.n[0][0], g.n[0][1], "A rejects", g.n[1][0], g.n[1][1]);
    printf("equal decisions %.3f, ", g.observed);
    if (isnan(g.kappa))
        puts("Cohen's kappa is not defined: each says always the same");
    else
        printf("Cohen's kappa %.3f\n", g.kappa);
    if (!json) return PGR_OK;
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *o = json_pack("{s:I, s:I, s:I, s:[[I, I], [I, I]], s:f, s:o}", "both", (json_int_t)g.n_both, "only_a",
                          (json_int_t)g.only_a, "only_b", (json_int_t)g.only_b, "counts", (json_int_t)g.n[0][0],
                          (json_int_t)g.n[0][1], (json_int_t)g.n[1][0], (json_int_t)g.n[1][1], "equal", g.observed,
                          "kappa", isnan(g.kappa) ? json_null() : json_real(g.kappa));
    pgr_err err = o ? pgr_json_dump(o, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    json_decref(o);
    pgr_buf_free(&b);
    return err;
}
