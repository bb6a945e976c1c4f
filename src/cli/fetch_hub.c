/* fetch_hub.c - a model's folder from the Hugging Face hub.
 *
 * ENDPOINT/REPO/resolve/REVISION/FILE answers with the file, by way of a redirect for large ones. Its headers name the
 * commit (x-repo-commit) and, for files in large-file storage, their SHA-256 and length (x-linked-etag, x-linked-size).
 * The commit of the first answer is the revision of all further requests, so the files belong together. An interrupted
 * file goes on where it stopped. */
#define _GNU_SOURCE
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/fetch.h"

enum { CONNECT_S = 5, TRIES = 4, REPORT_S = 5, SHA_HEX = 64, COMMIT_MAX = 64 };

static const struct wanted {
    const char *name;
    bool optional;
} wanted[] = {{"config.json", false},           {"generation_config.json", true},  {"tokenizer.json", false},
              {"tokenizer_config.json", false}, {"special_tokens_map.json", true}, {"chat_template.jinja", true},
              {"model.safetensors", false}};

struct answer {
    long status;
    char commit[COMMIT_MAX + 1]; /* "" if not said */
    char sha256[SHA_HEX + 1];    /* "" for small files */
    curl_off_t n_bytes;          /* -1 if not said */
};

struct hub {
    CURL *curl;
    const struct pgr_fetch_item *item;
    char commit[COMMIT_MAX + 1];
    bool plain_http; /* the endpoint is http:, as in tests */
    FILE *f;
    double reported_s;
    const char *file;
    size_t offset_bytes;
};

static bool is_hex(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)s[i])) return false;
    return true;
}

/* The value of header `name` without quotes, or NULL. */
static const char *header_value(const char *line, size_t n, const char *name, size_t *len) {
    size_t k = strlen(name);
    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':') return NULL;
    const char *s = line + k + 1, *end = line + n;
    while (s < end && (isspace((unsigned char)*s) || *s == '"')) s++;
    while (end > s && (isspace((unsigned char)end[-1]) || end[-1] == '"')) end--;
    *len = (size_t)(end - s);
    return s;
}

static size_t on_header(char *line, size_t size, size_t n_item, void *ctx) {
    struct answer *a = ctx;
    size_t n = size * n_item, len;
    const char *v = header_value(line, n, "x-repo-commit", &len);
    if (v && len > 0 && len <= COMMIT_MAX && is_hex(v, len) && !a->commit[0]) {
        memcpy(a->commit, v, len);
        a->commit[len] = '\0';
    }
    v = header_value(line, n, "x-linked-etag", &len);
    if (v && len == SHA_HEX && is_hex(v, len)) {
        for (size_t i = 0; i < len; i++) a->sha256[i] = (char)tolower((unsigned char)v[i]);
        a->sha256[len] = '\0';
    }
    v = header_value(line, n, "x-linked-size", &len);
    if (v && len > 0 && len < 20) a->n_bytes = strtoll(v, NULL, 10);
    return n;
}

static size_t on_data(char *bytes, size_t size, size_t n_item, void *ctx) {
    struct hub *h = ctx;
    return fwrite(bytes, size, n_item, h->f);
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    (void)up_total;
    (void)up_now;
    struct hub *h = ctx;
    if (h->f && total > 0 && pgr_now_s() - h->reported_s >= REPORT_S) {
        h->reported_s = pgr_now_s();
        double done = (double)h->offset_bytes + (double)now, all = (double)h->offset_bytes + (double)total;
        pgr_log(PGR_LOG_INFO, "fetch", "progress", "file=%s megabytes=%.0f of=%.0f", h->file, done / 1e6, all / 1e6);
    }
    return pgr_stop_asked();
}

static pgr_err prepare(struct hub *h, const char *file) {
    const char *end = getenv("HF_ENDPOINT");
    if (!end || !end[0]) end = "https://huggingface.co";
    h->plain_http = strncmp(end, "http://", 7) == 0;
    struct pgr_buf url = PGR_BUF_INIT;
    pgr_buf_addf(&url, "%s/%s/resolve/%s/%s", end, h->item->hub_repo, h->commit[0] ? h->commit : "main", file);
    curl_easy_reset(h->curl);
    CURLcode rc = url.failed ? CURLE_OUT_OF_MEMORY : curl_easy_setopt(h->curl, CURLOPT_URL, pgr_buf_str(&url));
    pgr_buf_free(&url);
    const char *protocols = h->plain_http ? "http,https" : "https";
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, protocols);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_FOLLOWLOCATION, 1L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_MAXREDIRS, 8L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_LOW_SPEED_LIMIT, 1000L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_LOW_SPEED_TIME, 60L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "pgrpo");
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_NOPROGRESS, 0L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_XFERINFODATA, h);
    return rc == CURLE_OK ? PGR_OK : pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_easy_strerror(rc));
}

static pgr_err transfer_failed(const struct hub *h, const char *file, CURLcode rc) {
    if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted; the next fetch goes on from here");
    return pgr_fail(PGR_E_IO, "%s/%s from the hub: %s", h->item->hub_repo, file, curl_easy_strerror(rc));
}

static pgr_err ask(struct hub *h, const char *file, struct answer *a) {
    *a = (struct answer){.n_bytes = -1};
    PGR_TRY(prepare(h, file));
    CURLcode rc = curl_easy_setopt(h->curl, CURLOPT_NOBODY, 1L);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, on_header);
    rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, a);
    rc = rc ? rc : curl_easy_perform(h->curl);
    if (rc != CURLE_OK) return transfer_failed(h, file, rc);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &a->status);
    if (a->n_bytes < 0) curl_easy_getinfo(h->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &a->n_bytes);
    return PGR_OK;
}

/* Appends what `path` still lacks. */
static pgr_err download_rest(struct hub *h, const char *file, const char *path, curl_off_t want) {
    if (!(h->f = fopen(path, "ae"))) return pgr_fail(PGR_E_IO, "%s: cannot open: %s", path, strerror(errno));
    pgr_err err = PGR_OK;
    off_t have = fseeko(h->f, 0, SEEK_END) == 0 ? ftello(h->f) : -1;
    if (have < 0) err = pgr_fail(PGR_E_IO, "%s: cannot seek: %s", path, strerror(errno));
    if (err == PGR_OK && (want < 0 || have < want)) {
        h->file = file;
        h->offset_bytes = (size_t)have;
        h->reported_s = pgr_now_s();
        err = prepare(h, file);
        CURLcode rc = CURLE_OK;
        if (err == PGR_OK) {
            rc = curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, on_data);
            rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
            rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_FAILONERROR, 1L);
            rc = rc ? rc : curl_easy_setopt(h->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)have);
            rc = rc ? rc : curl_easy_perform(h->curl);
        }
        if (err == PGR_OK && rc != CURLE_OK) err = transfer_failed(h, file, rc);
    }
    if (err == PGR_OK && (fflush(h->f) != 0 || fsync(fileno(h->f)) != 0))
        err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", path, strerror(errno));
    fclose(h->f);
    h->f = NULL;
    return err;
}

static pgr_err check_file(const struct hub *h, const char *file, const char *path, const struct answer *a,
                          json_t *sums) {
    char hex[SHA_HEX + 1];
    PGR_TRY(pgr_sha256_file(path, hex));
    if (a->sha256[0] && strcmp(hex, a->sha256) != 0) {
        if (unlink(path) != 0) pgr_log(PGR_LOG_WARN, "fetch", "cannot remove", "file=%s", path);
        return pgr_fail(PGR_E_FORMAT, "%s/%s: the downloaded file has SHA-256 %s, the hub announced %s; it was removed",
                        h->item->hub_repo, file, hex, a->sha256);
    }
    if (json_object_set_new(sums, file, json_string(hex)) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory");
    return PGR_OK;
}

static pgr_err check_length(const struct hub *h, const char *file, const char *path, const struct answer *a) {
    FILE *f = fopen(path, "re");
    off_t n = f && fseeko(f, 0, SEEK_END) == 0 ? ftello(f) : -1;
    if (f) fclose(f);
    if (a->n_bytes < 0 || n == a->n_bytes) return PGR_OK;
    if (n > a->n_bytes && unlink(path) != 0) pgr_log(PGR_LOG_WARN, "fetch", "cannot remove", "file=%s", path);
    return pgr_fail(PGR_E_FORMAT, "%s/%s: got %lld bytes, the hub announced %lld", h->item->hub_repo, file,
                    (long long)n, (long long)a->n_bytes);
}

static pgr_err get_file(struct hub *h, const struct wanted *w, const char *dir, json_t *sums) {
    struct answer a;
    PGR_TRY(ask(h, w->name, &a));
    if (w->optional && a.status == 404) return PGR_OK;
    if (a.status != 200)
        return pgr_fail(PGR_E_IO, "%s/%s from the hub: HTTP status %ld", h->item->hub_repo, w->name, a.status);
    char *path = pgr_path_join_dup(dir, w->name);
    if (!path) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_E_IO;
    for (int i = 0; err == PGR_E_IO && !pgr_stop_asked() && i < TRIES; i++) {
        if (i > 0) pgr_log(PGR_LOG_WARN, "fetch", "again", "file=%s reason=\"%s\"", w->name, pgr_err_detail());
        err = download_rest(h, w->name, path, a.n_bytes);
    }
    if (err == PGR_OK) err = check_length(h, w->name, path, &a);
    if (err == PGR_OK) err = check_file(h, w->name, path, &a, sums);
    pgr_free(path);
    return err;
}

/* Everything into CACHE/downloads/NAME/COMMIT, which then becomes the target. */
static pgr_err get_all(struct hub *h, const char *work, const char *target) {
    char *dir = pgr_path_join_dup(work, h->commit), *record = dir ? pgr_path_join_dup(dir, "fetched.json") : NULL;
    json_t *sums = json_object();
    json_t *j = json_pack("{s:s, s:s, s:O}", "repository", h->item->hub_repo, "revision", h->commit, "sha256", sums);
    pgr_err err = record && j ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err != PGR_OK) goto out;
    PGR_TRY_GOTO(pgr_mkdirs(dir));
    for (size_t i = 0; i < PGR_COUNT(wanted); i++) PGR_TRY_GOTO(get_file(h, &wanted[i], dir, sums));
    PGR_TRY_GOTO(pgr_json_save(record, j));
    if (rename(dir, target) != 0) err = pgr_fail(PGR_E_IO, "%s: cannot put in place: %s", target, strerror(errno));
    if (err == PGR_OK) err = pgr_remove_tree(work);
out:
    json_decref(j);
    json_decref(sums);
    pgr_free(dir);
    pgr_free(record);
    return err;
}

pgr_err pgr_fetch_hub(const struct pgr_fetch_item *item, const char *work, const char *target, bool *answers) {
    struct hub h = {.item = item};
    struct answer a;
    *answers = false;
    if (!(h.curl = curl_easy_init())) return pgr_fail(PGR_E_NOMEM, "libcurl cannot start");
    pgr_err err = ask(&h, wanted[0].name, &a);
    if (err == PGR_OK && (a.status != 200 || !a.commit[0]))
        err = pgr_fail(PGR_E_IO, "%s: the hub answered with HTTP status %ld%s", item->hub_repo, a.status,
                       a.commit[0] ? "" : " and no revision");
    if (err == PGR_OK) {
        *answers = true;
        memcpy(h.commit, a.commit, sizeof h.commit);
        pgr_log(PGR_LOG_INFO, "fetch", "hub", "repository=%s revision=%s", item->hub_repo, h.commit);
        err = get_all(&h, work, target);
    }
    curl_easy_cleanup(h.curl);
    return err;
}
