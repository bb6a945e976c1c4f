/* fetch_hub.c - a model's folder from the Hugging Face hub.
 *
 * ENDPOINT/REPO/resolve/REVISION/FILE answers with the file, by way of a redirect for large ones. Its headers name the
 * commit (x-repo-commit) and, for files in large-file storage, their SHA-256 and length (x-linked-etag, x-linked-size).
 * The commit of the first answer is the revision of all further requests, so the files belong together. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/fetch.h"
#include "net/download.h"

static const struct wanted {
    const char *name;
    bool optional;
} wanted[] = {{"config.json", false},           {"generation_config.json", true},  {"tokenizer.json", false},
              {"tokenizer_config.json", false}, {"special_tokens_map.json", true}, {"chat_template.jinja", true},
              {"model.safetensors", false}};

/* REVISION's file to `path`; the part stays for the next try when it fails. */
static pgr_err download(const struct pgr_fetch_item *item, const char *revision, const char *file, const char *path,
                        struct pgr_download_said *said) {
    struct pgr_buf url = PGR_BUF_INIT;
    pgr_fetch_hub_add(&url);
    pgr_buf_addf(&url, "%s/resolve/%s/%s", item->hub_repo, revision, file);
    pgr_err err = pgr_buf_ok(&url);
    const struct pgr_download d = {
        .url = pgr_buf_str(&url), .path = path, .fixed = strcmp(revision, "main") != 0, .stop = pgr_stop_asked};
    if (err == PGR_OK) err = pgr_download(&d, said);
    pgr_buf_free(&url);
    return err;
}

static pgr_err check_file(const struct pgr_fetch_item *item, const char *file, const char *path,
                          const struct pgr_download_said *said, json_t *sums) {
    char hex[65];
    PGR_TRY(pgr_sha256_file(path, hex));
    if (said->sha256[0] && strcmp(hex, said->sha256) != 0) {
        PGR_TRY(pgr_download_forget(path));
        return pgr_fail(PGR_E_FORMAT, "%s/%s: the downloaded file has SHA-256 %s, the hub announced %s; it was removed",
                        item->hub_repo, file, hex, said->sha256);
    }
    if (json_object_set_new(sums, file, json_string(hex)) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory");
    return PGR_OK;
}

static pgr_err get_file(const struct pgr_fetch_item *item, const char *revision, const struct wanted *w,
                        const char *dir, json_t *sums) {
    struct pgr_download_said said;
    char *path = pgr_path_join_dup(dir, w->name);
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = download(item, revision, w->name, path, &said);
    if (err != PGR_OK && w->optional && said.status == 404)
        err = pgr_download_forget(path);
    else if (err == PGR_OK)
        err = check_file(item, w->name, path, &said, sums);
    pgr_free(path);
    return err;
}

static pgr_err drop_validators(const char *dir) {
    for (size_t i = 0; i < PGR_COUNT(wanted); i++) {
        struct pgr_buf path = PGR_BUF_INIT;
        pgr_buf_addf(&path, "%s/%s.etag", dir, wanted[i].name);
        pgr_err err = pgr_buf_ok(&path);
        if (err == PGR_OK) err = pgr_remove_tree(pgr_buf_str(&path));
        pgr_buf_free(&path);
        PGR_TRY(err);
    }
    return PGR_OK;
}

/* Everything into CACHE/downloads/NAME/COMMIT, which then becomes the target. */
static pgr_err get_all(const struct pgr_fetch_item *item, const char *revision, const char *work, const char *target) {
    char *dir = pgr_path_join_dup(work, revision), *record = dir ? pgr_path_join_dup(dir, "fetched.json") : NULL;
    json_t *sums = json_object();
    json_t *j = json_pack("{s:s, s:s, s:O}", "repository", item->hub_repo, "revision", revision, "sha256", sums);
    pgr_err err = record && j ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err != PGR_OK) goto out;
    PGR_TRY_GOTO(pgr_mkdirs(dir));
    for (size_t i = 0; i < PGR_COUNT(wanted); i++) PGR_TRY_GOTO(get_file(item, revision, &wanted[i], dir, sums));
    PGR_TRY_GOTO(drop_validators(dir));
    PGR_TRY_GOTO(pgr_json_save(record, j));
    PGR_TRY_GOTO(pgr_put_in_place(dir, target));
    err = pgr_remove_tree(work);
out:
    json_decref(j);
    json_decref(sums);
    pgr_free(dir);
    pgr_free(record);
    return err;
}

pgr_err pgr_fetch_hub(const struct pgr_fetch_item *item, const char *work, const char *target, bool *answers) {
    struct pgr_download_said said;
    *answers = false;
    PGR_TRY(pgr_mkdirs(work));
    char *path = pgr_path_join_dup(work, "first");
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = pgr_download_forget(path);
    if (err == PGR_OK) err = download(item, "main", wanted[0].name, path, &said);
    if (err == PGR_OK && !said.commit[0])
        err = pgr_fail(PGR_E_IO, "%s: %s names no revision, so it is no hub", item->hub_repo, pgr_fetch_hub_endpoint());
    if (err == PGR_OK) err = pgr_download_forget(path);
    pgr_free(path);
    PGR_TRY(err);
    *answers = true;
    pgr_log(PGR_LOG_INFO, "fetch", "hub", "repository=%s revision=%s", item->hub_repo, said.commit);
    return get_all(item, said.commit, work, target);
}
