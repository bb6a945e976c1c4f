/* prompt_set.c - see prompt_set.h. */
#include "pref/prompt_set.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"

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

static pgr_err load_one(const char *dir, const struct pgr_prompt_file *f, char **out) {
    struct pgr_buf b = PGR_BUF_INIT;
    char file[64];
    snprintf(file, sizeof file, "%s.txt", f->name);
    char *path = dir ? pgr_path_join_dup(dir, file) : pgr_strdup(file);
    pgr_err err = path ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && dir)
        err = pgr_file_read(path, 1 << 20, &b);
    else if (err == PGR_OK)
        pgr_buf_add(&b, f->own, *f->own_bytes);
    if (err == PGR_OK) err = take(path, &b, out);
    for (size_t i = 0; err == PGR_OK && i < PGR_COUNT(f->needs) && f->needs[i]; i++)
        if (!strstr(*out, f->needs[i]))
            err = pgr_fail(PGR_E_FORMAT, "%s/%s: has no %s", dir ? dir : "built-in prompts", file, f->needs[i]);
    pgr_free(path);
    pgr_buf_free(&b);
    return err;
}

pgr_err pgr_prompt_set_load(const char *dir, size_t n, const struct pgr_prompt_file *file, char **version) {
    char hex[65], **text = pgr_alloc_zero(n, sizeof *text);
    struct pgr_buf v = PGR_BUF_INIT;
    struct pgr_sha256 sha;
    pgr_err err = text ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_sha256_init(&sha);
    for (size_t i = 0; err == PGR_OK && i < n; i++) {
        err = load_one(dir, &file[i], &text[i]);
        if (err == PGR_OK && i > 0) pgr_sha256_add(&sha, text[i], strlen(text[i]) + 1);
    }
    if (err == PGR_OK) {
        pgr_sha256_hex(&sha, hex);
        pgr_buf_add(&v, text[0], strcspn(text[0], "\r\n"));
        pgr_buf_addf(&v, ":%.12s", hex);
        err = pgr_buf_ok(&v);
    }
    if (err == PGR_OK) *version = pgr_buf_steal(&v);
    for (size_t i = 0; text && i < n; i++) {
        if (err == PGR_OK && i > 0)
            *file[i].out = text[i];
        else
            pgr_free(text[i]);
    }
    pgr_free(text);
    pgr_buf_free(&v);
    return err;
}

void pgr_prompt_fill(const char *text, size_t n, const struct pgr_prompt_place *place, struct pgr_buf *out) {
    for (const char *s = text; *s;) {
        size_t i = 0;
        while (i < n && strncmp(s, place[i].name, strlen(place[i].name)) != 0) i++;
        if (i < n) {
            pgr_buf_adds(out, place[i].text);
            s += strlen(place[i].name);
        } else {
            pgr_buf_addc(out, *s++);
        }
    }
}
