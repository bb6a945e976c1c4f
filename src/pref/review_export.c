/* review_export.c - see review.h: the pairs that all reviewers accept. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "pref/review.h"

static pgr_err no_memory(void) { return pgr_fail(PGR_E_NOMEM, "out of memory"); }

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static pgr_err check_paths(const char *pairs_path, size_t n, const char *const *path, const char *out_path) {
    bool same = same_file(pairs_path, out_path);
    for (size_t i = 0; i < n; i++) same |= same_file(path[i], out_path);
    return same ? pgr_fail(PGR_E_USAGE, "--output %s is a file that is read; name another one", out_path) : PGR_OK;
}

/* The worst decision on a pair. */
enum { ACCEPTED, UNDECIDED, REJECTED };
struct work {
    struct pgr_review r; /* records gather what their reviewers say */
    json_t *seen;        /* names of reviewers */
    unsigned char *state;
};

static json_t *said_by(const struct pgr_review_pair *p, const char *reviewer) {
    json_t *o = json_pack("{s:s, s:b}", "reviewer", reviewer, "revealed", p->revealed);
    if (o && p->comment && json_object_set_new(o, "comment", json_string(p->comment)) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static pgr_err take_review(struct work *w, const char *path) {
    PGR_TRY(pgr_review_read(&w->r, path));
    if (json_object_get(w->seen, w->r.reviewer))
        return pgr_fail(PGR_E_FORMAT, "%s: is a second file of reviewer \"%.100s\"", path, w->r.reviewer);
    if (json_object_set_new(w->seen, w->r.reviewer, json_true()) != 0) return no_memory();
    for (size_t i = 0; i < w->r.n; i++) {
        const struct pgr_review_pair *p = &w->r.pair[i];
        unsigned char state = p->decision == 'a' ? ACCEPTED : p->decision == 'r' ? REJECTED : UNDECIDED;
        if (state > w->state[i]) w->state[i] = state;
        if (json_array_append_new(json_object_get(p->record, "reviews"), said_by(p, w->r.reviewer)) != 0)
            return no_memory();
    }
    return PGR_OK;
}

static pgr_err write_accepted(const struct work *w, const char *path) {
    struct pgr_outfile out;
    struct pgr_buf line = PGR_BUF_INIT;
    PGR_TRY(pgr_outfile_open(path, &out));
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < w->r.n; i++) {
        if (w->state[i] != ACCEPTED) continue;
        pgr_buf_clear(&line);
        err = pgr_json_dump(w->r.pair[i].record, &line);
        pgr_buf_addc(&line, '\n');
        if (err == PGR_OK) err = pgr_buf_ok(&line);
        if (err == PGR_OK && fwrite(line.data, 1, line.len, out.f) != line.len)
            err = pgr_fail(PGR_E_IO, "%s: cannot write", path);
    }
    pgr_buf_free(&line);
    if (err == PGR_OK) return pgr_outfile_commit(&out);
    pgr_outfile_abandon(&out);
    return err;
}

static pgr_err run(struct work *w, const char *pairs_path, size_t n, const char *const *path, const char *out_path,
                   struct pgr_review_counts *c) {
    w->seen = json_object();
    PGR_TRY(pgr_review_load(pairs_path, &w->r));
    w->state = pgr_alloc_zero(w->r.n, sizeof *w->state);
    if (!w->seen || !w->state) return no_memory();
    for (size_t i = 0; i < w->r.n; i++)
        if (json_object_set_new(w->r.pair[i].record, "reviews", json_array()) != 0) return no_memory();
    for (size_t i = 0; i < n; i++) PGR_TRY(take_review(w, path[i]));
    c->n_pair = w->r.n;
    for (size_t i = 0; i < w->r.n; i++) {
        c->n_accepted += w->state[i] == ACCEPTED;
        c->n_undecided += w->state[i] == UNDECIDED;
        c->n_rejected += w->state[i] == REJECTED;
    }
    if (c->n_accepted == 0)
        return pgr_fail(PGR_E_FORMAT, "%s: no pair is accepted by all reviews (%zu rejected, %zu undecided)",
                        pairs_path, c->n_rejected, c->n_undecided);
    return write_accepted(w, out_path);
}

pgr_err pgr_review_export(const char *pairs_path, size_t n, const char *const *path, const char *out_path,
                          struct pgr_review_counts *out) {
    struct work w = {.state = NULL};
    *out = (struct pgr_review_counts){0};
    PGR_TRY(check_paths(pairs_path, n, path, out_path));
    pgr_err err = run(&w, pairs_path, n, path, out_path, out);
    pgr_review_close(&w.r);
    json_decref(w.seen);
    pgr_free(w.state);
    return err;
}
