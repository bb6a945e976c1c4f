/* fetch_web.c - data sets from where they are published.
 *
 * Each file is downloaded to WORK/NAME.part, checked, and put in place by a rename; several files are gathered in
 * WORK/files, which becomes the data set's folder. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cli/cli.h"
#include "cli/fetch.h"
#include "net/download.h"

const char *pgr_fetch_file_name(const struct pgr_fetch_file *f) { return strrchr(f->address, '/') + 1; }

const char *pgr_fetch_hub_endpoint(void) {
    const char *end = getenv("HF_ENDPOINT");
    return end && end[0] ? end : "https://huggingface.co";
}

void pgr_fetch_hub_add(struct pgr_buf *out) {
    const char *end = pgr_fetch_hub_endpoint();
    size_t n = strlen(end);
    while (n > 0 && end[n - 1] == '/') n--;
    pgr_buf_add(out, end, n);
    pgr_buf_addc(out, '/');
}

/* ---- the record ---- */

/* *out = its "files", an empty object when there is no record; the caller's reference. */
static pgr_err load_record(const char *record, json_t **out) {
    json_t *j = NULL, *files = NULL;
    if (!pgr_file_exists(record)) {
        *out = json_object();
        return *out ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_err err = pgr_json_load(record, &j);
    if (err == PGR_OK) err = pgr_json_object(j, record, "files", &files);
    if (err == PGR_OK) *out = json_incref(files);
    json_decref(j);
    if (err != PGR_E_FORMAT) return err;
    char *why = pgr_strdup(pgr_err_detail());
    err = pgr_fail(PGR_E_IO, "%s; remove that record to fetch anew", why ? why : record);
    pgr_free(why);
    return err;
}

/* The sum that an earlier fetch found, or NULL. */
static const char *recorded_sum(const json_t *files, const char *name) {
    return json_string_value(json_object_get(json_object_get(files, name), "sha256"));
}

static pgr_err add_record(json_t *files, const char *name, const char *url, const char *sha256, uint64_t n_bytes,
                          const char *checked) {
    /* what stands behind "?" may be secret */
    json_t *j = json_pack("{s:s%, s:s, s:I, s:s}", "address", url, strcspn(url, "?#"), "sha256", sha256, "bytes",
                          (json_int_t)n_bytes, "checked", checked);
    if (json_object_set_new(files, name, j) == 0) return PGR_OK;
    return pgr_fail(PGR_E_NOMEM, "out of memory");
}

static pgr_err save_record(const char *record, const struct pgr_fetch_item *item, json_t *files) {
    json_t *j = json_pack("{s:s, s:s, s:O}", "name", item->name, "licence", item->licence, "files", files);
    pgr_err err = j ? pgr_json_save(record, j) : pgr_fail(PGR_E_NOMEM, "out of memory");
    json_decref(j);
    return err;
}

pgr_err pgr_fetch_record_packages(const struct pgr_fetch_item *item, const char *record) {
    json_t *files = json_object();
    struct pgr_buf from = PGR_BUF_INIT;
    pgr_buf_addf(&from, "package %s", item->package);
    pgr_err err = files ? pgr_buf_ok(&from) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK)
        err = add_record(files, pgr_fetch_file_name(&item->files[0]), pgr_buf_str(&from), item->sha256, item->n_bytes,
                         "pinned");
    if (err == PGR_OK) err = save_record(record, item, files);
    json_decref(files);
    pgr_buf_free(&from);
    return err;
}

/* ---- one file ---- */

struct job {
    const struct pgr_fetch_item *item;
    const struct pgr_fetch_file *file;
    const char *name, *url, *record; /* borrowed */
    bool fixed;                      /* url is a fixed revision on the hub */
    char *part, *place;              /* owned; place: where the checked file goes */
    json_t *files;                   /* of the record */
};

static pgr_err file_bytes(const char *path, uint64_t *n) {
    struct stat st;
    if (stat(path, &st) != 0) return pgr_fail(PGR_E_IO, "%s: cannot look at it", path);
    *n = (uint64_t)st.st_size;
    return PGR_OK;
}

/* Why the file is believed in: *must = the sum it must have, NULL when nothing tells. */
static const char *basis(const struct job *j, const struct pgr_download_said *said, const char **must) {
    const char *before = recorded_sum(j->files, j->name);
    if (j->file->sha256) {
        *must = j->file->sha256;
        return "pinned";
    }
    if (before) {
        *must = before;
        return "recorded at the first fetch";
    }
    *must = said->sha256[0] ? said->sha256 : NULL;
    return said->sha256[0] ? "announced by the hub" : "recorded at the first fetch";
}

static pgr_err wrong_sum(const struct job *j, const char *hex, const char *must, const char *why) {
    bool first = strcmp(why, "recorded at the first fetch") == 0;
    PGR_TRY(pgr_download_forget(j->part));
    return pgr_fail(PGR_E_FORMAT, "%s: %s from %.*s has SHA-256 %s, must have %s (%s%s%s); the download was removed%s",
                    j->item->name, j->name, (int)strcspn(j->url, "?#"), j->url, hex, must, why, first ? ", " : "",
                    first ? j->record : "", first ? "; to take the new file, remove that record" : "");
}

static pgr_err get_file(const struct job *j) {
    struct pgr_download_said said;
    const struct pgr_download d = {.url = j->url,
                                   .path = j->part,
                                   .n_bytes = j->file->n_bytes,
                                   .knows_sum = j->file->sha256 || recorded_sum(j->files, j->name),
                                   .fixed = j->fixed,
                                   .stop = pgr_stop_asked};
    char hex[65];
    const char *must;
    uint64_t n;
    pgr_log(PGR_LOG_INFO, "fetch", "download", "name=%s file=%s", j->item->name, j->name);
    pgr_err err = pgr_download(&d, &said);
    if (err == PGR_E_FORMAT) { /* longer than it can be: not this file */
        char *why = pgr_strdup(pgr_err_detail());
        pgr_err removed = pgr_download_forget(j->part);
        err = removed != PGR_OK ? removed : pgr_fail(PGR_E_FORMAT, "%s; the download was removed", why ? why : j->name);
        pgr_free(why);
    }
    PGR_TRY(err);
    PGR_TRY(pgr_sha256_file(j->part, hex));
    const char *why = basis(j, &said, &must);
    if (must && strcmp(hex, must) != 0) return wrong_sum(j, hex, must, why);
    PGR_TRY(file_bytes(j->part, &n));
    PGR_TRY(add_record(j->files, j->name, j->url, hex, n, why));
    pgr_log(PGR_LOG_INFO, "fetch", "checked", "file=%s sha256=%s how=\"%s\"", j->name, hex, why);
    if (j->item->n_files == 1) PGR_TRY(save_record(j->record, j->item, j->files));
    PGR_TRY(pgr_put_in_place(j->part, j->place));
    return pgr_download_forget(j->part);
}

static char *address_dup(const struct pgr_fetch_item *item, const struct pgr_fetch_file *f, const char *url) {
    struct pgr_buf b = PGR_BUF_INIT;
    if (url && item->n_files > 1)
        pgr_buf_addf(&b, "%s%s%s", url, url[strlen(url) - 1] == '/' ? "" : "/", pgr_fetch_file_name(f));
    else if (url)
        pgr_buf_adds(&b, url);
    else if (strncmp(f->address, "hub:", 4) == 0) {
        pgr_fetch_hub_add(&b);
        pgr_buf_adds(&b, f->address + 4);
    } else
        pgr_buf_adds(&b, f->address);
    return pgr_buf_steal(&b);
}

static char *part_dup(const char *work, const char *name) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, "%s/%s.part", work, name);
    return pgr_buf_steal(&b);
}

/* The file k into the folder `into`, or to the path `into` of a data set of one file. */
static pgr_err get_nth(const struct pgr_fetch_item *item, size_t k, const char *url, const char *work, const char *into,
                       const char *record, json_t *files) {
    struct job j = {.item = item, .file = &item->files[k], .record = record, .files = files};
    j.fixed = !url && strncmp(j.file->address, "hub:", 4) == 0;
    j.name = pgr_fetch_file_name(j.file);
    char *address = address_dup(item, j.file, url);
    j.part = part_dup(work, j.name);
    j.place = item->n_files > 1 ? pgr_path_join_dup(into, j.name) : pgr_strdup(into);
    j.url = address;
    pgr_err err = address && j.part && j.place ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && !(item->n_files > 1 && pgr_file_exists(j.place))) err = get_file(&j);
    pgr_free(address);
    pgr_free(j.part);
    pgr_free(j.place);
    return err;
}

/* ---- a data set ---- */

/* What an interrupted fetch of several files found out stands in WORK/files.json. */
static pgr_err get_folder(const struct pgr_fetch_item *item, const char *url, const char *work, const char *target,
                          const char *record, json_t *files) {
    char *gathered = pgr_path_join_dup(work, "files"), *so_far = pgr_path_join_dup(work, "files.json");
    json_t *before = NULL;
    pgr_err err = gathered && so_far ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err != PGR_OK) goto out;
    PGR_TRY_GOTO(pgr_mkdirs(gathered));
    PGR_TRY_GOTO(load_record(so_far, &before));
    if (json_object_update(files, before) != 0) {
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
        goto out;
    }
    for (size_t k = 0; k < item->n_files; k++) {
        PGR_TRY_GOTO(get_nth(item, k, url, work, gathered, record, files));
        PGR_TRY_GOTO(save_record(so_far, item, files));
    }
    PGR_TRY_GOTO(save_record(record, item, files));
    PGR_TRY_GOTO(pgr_put_in_place(gathered, target));
out:
    json_decref(before);
    pgr_free(gathered);
    pgr_free(so_far);
    return err;
}

static pgr_err check_one(const struct pgr_fetch_item *item, size_t k, const char *target, const json_t *files,
                         bool *known) {
    const char *name = pgr_fetch_file_name(&item->files[k]);
    const char *must = item->files[k].sha256 ? item->files[k].sha256 : recorded_sum(files, name);
    char hex[65], *path = item->n_files > 1 ? pgr_path_join_dup(target, name) : pgr_strdup(target);
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_OK;
    if (!must)
        *known = false;
    else if (!pgr_file_exists(path))
        err = pgr_fail(PGR_E_FORMAT, "%s is missing", path);
    else
        err = pgr_sha256_file(path, hex);
    if (must && err == PGR_OK && strcmp(hex, must) != 0)
        err = pgr_fail(PGR_E_FORMAT, "%s: SHA-256 is %s, must be %s", path, hex, must);
    pgr_free(path);
    return err;
}

/* Whether `name` is a file of the data set that is not what it must be. */
static bool is_bad(const struct pgr_fetch_item *item, const char *name, const char *target, const json_t *files) {
    for (size_t k = 0; k < item->n_files; k++) {
        bool known = true;
        if (strcmp(name, pgr_fetch_file_name(&item->files[k])) == 0)
            return check_one(item, k, target, files, &known) != PGR_OK || !known;
    }
    return false;
}

static pgr_err save_entry(const struct pgr_fetch_item *item, const char *name, const char *target, const char *gathered,
                          const json_t *files) {
    char *from = pgr_path_join_dup(target, name), *to = pgr_path_join_dup(gathered, name);
    pgr_err err = from && to ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = is_bad(item, name, target, files) ? pgr_remove_tree(from) : pgr_put_in_place(from, to);
    pgr_free(from);
    pgr_free(to);
    return err;
}

/* Of a folder with a damaged file the others are good for the next fetch; what else lies there goes along. */
static pgr_err save_good_files(const struct pgr_fetch_item *item, const char *target, const char *work,
                               const json_t *files) {
    char *gathered = pgr_path_join_dup(work, "files");
    pgr_err err = gathered ? pgr_mkdirs(gathered) : pgr_fail(PGR_E_NOMEM, "out of memory");
    struct dirent **name = NULL;
    int n = err == PGR_OK ? scandir(target, &name, NULL, alphasort) : 0;
    if (n < 0) err = pgr_fail(PGR_E_IO, "%s: cannot read folder: %s", target, strerror(errno));
    for (int i = 0; i < n; i++) {
        bool dots = strcmp(name[i]->d_name, ".") == 0 || strcmp(name[i]->d_name, "..") == 0;
        if (err == PGR_OK && !dots) err = save_entry(item, name[i]->d_name, target, gathered, files);
        free(name[i]);
    }
    free(name);
    pgr_free(gathered);
    if (err == PGR_OK && rmdir(target) != 0) err = pgr_fail(PGR_E_IO, "%s: cannot remove: %s", target, strerror(errno));
    return err;
}

pgr_err pgr_fetch_web(const struct pgr_fetch_item *item, const char *url, const char *work, const char *target,
                      const char *record) {
    json_t *files = NULL;
    PGR_TRY(pgr_mkdirs(work));
    PGR_TRY(load_record(record, &files));
    pgr_err err = PGR_OK;
    if (item->n_files > 1 && pgr_is_dir(target)) err = save_good_files(item, target, work, files);
    if (err == PGR_OK)
        err = item->n_files > 1 ? get_folder(item, url, work, target, record, files)
                                : get_nth(item, 0, url, work, target, record, files);
    json_decref(files);
    PGR_TRY(err);
    return pgr_remove_tree(work);
}

pgr_err pgr_fetch_web_check(const struct pgr_fetch_item *item, const char *target, const char *record, bool *known) {
    json_t *files = NULL;
    *known = true;
    PGR_TRY(load_record(record, &files));
    pgr_err err = PGR_OK;
    for (size_t k = 0; k < item->n_files && err == PGR_OK; k++) err = check_one(item, k, target, files, known);
    json_decref(files);
    return err;
}
