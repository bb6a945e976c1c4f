/* od_prompts.c - see od_prompts.h. */
#include "pref/od_prompts.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "pref/od_check.h"
#include "pref/od_embed.h"

enum { VERSION, SYSTEM, BASE, REWRITE, CHANGE, N_FILE = CHANGE + PGR_OD_N_SLOT - 1 };

const char *pgr_od_dimension_name(size_t d) {
    static const char *const names[PGR_OD_N_DIMENSION] = {
#define X(name) #name,
        PGR_OD_DIMENSION_LIST(X)
#undef X
    };
    return names[d];
}

const char *pgr_od_slot_name(size_t slot) {
    static const char *const names[PGR_OD_N_SLOT] = {"base",
#define X(name) #name "/optimized", #name "/degraded",
                                                     PGR_OD_DIMENSION_LIST(X)
#undef X
    };
    return names[slot];
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* A file's text without white space at its ends. */
static pgr_err take(const char *where, struct pgr_buf *b, char **out) {
    PGR_TRY(pgr_buf_ok(b));
    const char *s = pgr_buf_str(b);
    size_t n = b->len;
    if (memchr(s, '\0', n)) return pgr_fail(PGR_E_FORMAT, "%s: holds a NUL byte, must be text", where);
    while (n > 0 && is_space(s[n - 1])) n--;
    while (n > 0 && is_space(*s)) s++, n--;
    if (n == 0) return pgr_fail(PGR_E_FORMAT, "%s: is empty", where);
    *out = pgr_strndup(s, n);
    return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err load_one(const char *dir, const char *name, const unsigned char *own, size_t own_bytes, char **out) {
    struct pgr_buf b = PGR_BUF_INIT;
    char file[64];
    snprintf(file, sizeof file, "%s.txt", name);
    char *path = dir ? pgr_path_join_dup(dir, file) : pgr_strdup(file);
    pgr_err err = path ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && dir)
        err = pgr_file_read(path, 1 << 20, &b);
    else if (err == PGR_OK)
        pgr_buf_add(&b, own, own_bytes);
    if (err == PGR_OK) err = take(path, &b, out);
    pgr_free(path);
    pgr_buf_free(&b);
    return err;
}

static pgr_err need(const char *dir, const char *file, const char *text, const char *place) {
    if (strstr(text, place)) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT, "%s/%s: has no %s", dir ? dir : "built-in prompts", file, place);
}

pgr_err pgr_od_prompts_load(const char *dir, struct pgr_od_prompts *out) {
    static const struct {
        const char *name;
        const unsigned char *own;
        const size_t *own_bytes;
    } files[N_FILE] = {
#define X(symbol) {#symbol, pgr_od_##symbol, &pgr_od_##symbol##_bytes},
        PGR_OD_FILE_LIST(X)
#undef X
    };
    char *text[N_FILE] = {NULL}, hex[65];
    struct pgr_buf version = PGR_BUF_INIT;
    struct pgr_od_prompts p = {0};
    struct pgr_sha256 sha;
    pgr_err err = PGR_OK;
    pgr_sha256_init(&sha);
    for (size_t i = 0; err == PGR_OK && i < N_FILE; i++) {
        err = load_one(dir, files[i].name, files[i].own, *files[i].own_bytes, &text[i]);
        if (err == PGR_OK && i != VERSION) pgr_sha256_add(&sha, text[i], strlen(text[i]) + 1);
    }
    if (err == PGR_OK) err = need(dir, "base.txt", text[BASE], "{problem}");
    if (err == PGR_OK) err = need(dir, "rewrite.txt", text[REWRITE], "{reasoning}");
    if (err == PGR_OK) err = need(dir, "rewrite.txt", text[REWRITE], "{change}");
    if (err == PGR_OK) {
        pgr_sha256_hex(&sha, hex);
        pgr_buf_add(&version, text[VERSION], strcspn(text[VERSION], "\r\n"));
        pgr_buf_addf(&version, ":%.12s", hex);
        p.version = pgr_buf_steal(&version);
        if (!p.version) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_free(text[VERSION]);
    p.system = text[SYSTEM];
    p.base = text[BASE];
    p.rewrite = text[REWRITE];
    for (size_t i = CHANGE; i < N_FILE; i++) p.change[i - CHANGE] = text[i];
    if (err != PGR_OK) {
        pgr_od_prompts_free(&p);
        return err;
    }
    *out = p;
    return PGR_OK;
}

void pgr_od_prompts_free(struct pgr_od_prompts *p) {
    pgr_free(p->version);
    pgr_free(p->system);
    pgr_free(p->base);
    pgr_free(p->rewrite);
    for (size_t i = 0; i < PGR_OD_N_SLOT - 1; i++) pgr_free(p->change[i]);
    *p = (struct pgr_od_prompts){0};
}

void pgr_od_prompts_render(const struct pgr_od_prompts *p, size_t slot, const char *problem, const char *base,
                           struct pgr_buf *out) {
    char words[24] = "";
    if (base) snprintf(words, sizeof words, "%zu", pgr_od_count_words(base));
    const struct {
        const char *name, *text;
    } place[] = {{"{problem}", problem},
                 {"{reasoning}", base ? base : ""},
                 {"{change}", slot > 0 ? p->change[slot - 1] : ""},
                 {"{words}", words}};
    for (const char *s = slot > 0 ? p->rewrite : p->base; *s;) {
        size_t i = 0;
        while (i < PGR_COUNT(place) && strncmp(s, place[i].name, strlen(place[i].name)) != 0) i++;
        if (i < PGR_COUNT(place)) {
            pgr_buf_adds(out, place[i].text);
            s += strlen(place[i].name);
        } else {
            pgr_buf_addc(out, *s++);
        }
    }
}
