/* file.c - mapping, reading and atomic writing of files. The line reader is in lines.c. */
#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static pgr_err fail_errno(const char *path, const char *what) {
    int e = errno;
    return pgr_fail(e == ENOENT   ? PGR_E_NOTFOUND
                    : e == ENOMEM ? PGR_E_NOMEM
                                  : PGR_E_IO,
                    "%s: %s: %s", path, what, strerror(e));
}

pgr_err pgr_map_open(const char *path, struct pgr_map *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_errno(path, "cannot open");
    struct stat st;
    pgr_err err = PGR_OK;
    if (fstat(fd, &st) != 0)
        err = fail_errno(path, "cannot stat");
    else if (!S_ISREG(st.st_mode))
        err = pgr_fail(PGR_E_IO, "%s: not a regular file", path);
    else if (st.st_size == 0)
        err = pgr_fail(PGR_E_FORMAT, "%s: empty file", path);
    else {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            err = fail_errno(path, "cannot map");
        else
            *out = (struct pgr_map){p, (size_t)st.st_size};
    }
    close(fd);
    return err;
}

void pgr_map_close(struct pgr_map *m) {
    if (m->data) munmap((void *)(uintptr_t)m->data, m->n_bytes);
    *m = (struct pgr_map){NULL, 0};
}

pgr_err pgr_file_read(const char *path, size_t max_bytes, struct pgr_buf *out) {
    FILE *f = fopen(path, "re");
    if (!f) return fail_errno(path, "cannot open");
    char chunk[65536];
    size_t n, total = 0;
    pgr_err err = PGR_OK;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        total += n;
        if (total > max_bytes) {
            err = pgr_fail(PGR_E_RANGE, "%s: larger than the %zu bytes allowed here", path, max_bytes);
            break;
        }
        pgr_buf_add(out, chunk, n);
    }
    if (err == PGR_OK && ferror(f)) err = fail_errno(path, "cannot read");
    if (err == PGR_OK) err = pgr_buf_ok(out);
    fclose(f);
    return err;
}

bool pgr_file_exists(const char *path) { return access(path, F_OK) == 0; }

bool pgr_is_dir(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

pgr_err pgr_mkdirs(const char *path) {
    char *p = pgr_strdup(path);
    if (!p) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_OK;
    for (char *s = p + 1;; s++) {
        if (*s != '/' && *s != '\0') continue;
        char end = *s;
        *s = '\0';
        if (mkdir(p, 0777) != 0 && (errno != EEXIST || !pgr_is_dir(p))) {
            err = fail_errno(p, "cannot create folder");
            break;
        }
        *s = end;
        if (end == '\0') break;
    }
    pgr_free(p);
    return err;
}

static int remove_at(int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM) return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return -1;
    }
    int rc = 0;
    for (struct dirent *e; rc == 0 && (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) rc = remove_at(dirfd(d), e->d_name);
    closedir(d);
    return rc == 0 ? unlinkat(parent, name, AT_REMOVEDIR) : rc;
}

pgr_err pgr_remove_tree(const char *path) {
    return remove_at(AT_FDCWD, path) == 0 ? PGR_OK : fail_errno(path, "cannot remove");
}

static pgr_err sync_dir(const char *dir) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno(dir, "cannot open folder");
    int rc = fsync(fd);
    int e = errno;
    close(fd);
    errno = e;
    /* Some file systems have no fsync for folders; their rename is as safe as it gets. */
    return rc == 0 || errno == EINVAL ? PGR_OK : fail_errno(dir, "cannot sync folder");
}

/* Without an allocation: by now the file is in place, and running out of memory must not call that a failure. */
static pgr_err sync_parent(const char *path) {
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (n >= sizeof dir) return pgr_fail(PGR_E_IO, "%s: the path is too long", path);
    memcpy(dir, slash ? path : ".", slash ? n : 1);
    dir[slash ? n : 1] = '\0';
    return sync_dir(dir);
}

pgr_err pgr_put_in_place(const char *from, const char *to) {
    if (rename(from, to) != 0) return fail_errno(to, "cannot put in place");
    return sync_parent(to);
}

static char *temp_name_dup(const char *path) {
    struct pgr_buf b = PGR_BUF_INIT;
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    pgr_buf_add(&b, path, n);
    pgr_buf_addf(&b, ".tmp-%ld", (long)getpid());
    return pgr_buf_steal(&b);
}

/* Where a file named `path` is: behind its links, for a rename would replace the first of them. */
static char *behind_links_dup(const char *path) {
    char real[PATH_MAX];
    return pgr_strdup(realpath(path, real) ? real : path);
}

pgr_err pgr_outfile_open(const char *path, struct pgr_outfile *out) {
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a device, say, that would be lost */
        return pgr_fail(PGR_E_IO, "%s: is no regular file, so no file can take its place", path);
    bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    struct pgr_outfile o = {NULL, link ? behind_links_dup(path) : pgr_strdup(path), NULL};
    o.temp_path = o.path ? temp_name_dup(o.path) : NULL;
    pgr_err err = PGR_OK;
    if (!o.path || !o.temp_path)
        err = pgr_fail(PGR_E_NOMEM, "out of memory");
    else if (!(o.f = fopen(o.temp_path, "we")))
        err = fail_errno(o.temp_path, "cannot create");
    if (err != PGR_OK) {
        pgr_free(o.path);
        pgr_free(o.temp_path);
        return err;
    }
    *out = o;
    return PGR_OK;
}

void pgr_outfile_abandon(struct pgr_outfile *o) {
    if (o->f) fclose(o->f);
    if (o->temp_path) unlink(o->temp_path);
    pgr_free(o->path);
    pgr_free(o->temp_path);
    *o = (struct pgr_outfile){NULL, NULL, NULL};
}

pgr_err pgr_outfile_commit(struct pgr_outfile *o) {
    pgr_err err = PGR_OK;
    if (ferror(o->f) || fflush(o->f) != 0 || fsync(fileno(o->f)) != 0) err = fail_errno(o->path, "cannot write");
    if (fclose(o->f) != 0 && err == PGR_OK) err = fail_errno(o->path, "cannot write");
    o->f = NULL;
    if (err == PGR_OK && rename(o->temp_path, o->path) != 0) err = fail_errno(o->path, "cannot put in place");
    if (err == PGR_OK) {
        pgr_free(o->temp_path);
        o->temp_path = NULL;
        err = sync_parent(o->path);
    }
    pgr_outfile_abandon(o);
    return err;
}

pgr_err pgr_file_write_atomic(const char *path, const void *data, size_t n_bytes) {
    struct pgr_outfile o;
    PGR_TRY(pgr_outfile_open(path, &o));
    if (n_bytes && fwrite(data, 1, n_bytes, o.f) != n_bytes) {
        pgr_err err = fail_errno(path, "cannot write");
        pgr_outfile_abandon(&o);
        return err;
    }
    return pgr_outfile_commit(&o);
}

static void outdir_release(struct pgr_outdir *d) {
    pgr_free(d->path);
    pgr_free(d->temp_path);
    *d = (struct pgr_outdir){NULL, NULL};
}

pgr_err pgr_outdir_open(const char *path, struct pgr_outdir *out) {
    struct pgr_outdir d = {pgr_strdup(path), temp_name_dup(path)};
    if (!d.path || !d.temp_path) {
        outdir_release(&d);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    for (size_t n = strlen(d.path); n > 1 && d.path[n - 1] == '/'; n--) d.path[n - 1] = '\0';
    pgr_err err = pgr_remove_tree(d.temp_path);
    if (err == PGR_OK) err = pgr_mkdirs(d.temp_path);
    if (err != PGR_OK) {
        outdir_release(&d);
        return err;
    }
    *out = d;
    return PGR_OK;
}

static pgr_err sync_tree(const char *dir) {
    DIR *d = opendir(dir);
    if (!d) return fail_errno(dir, "cannot open folder");
    pgr_err err = PGR_OK;
    for (struct dirent *e; err == PGR_OK && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        char *p = pgr_path_join_dup(dir, e->d_name);
        if (!p) {
            err = pgr_fail(PGR_E_NOMEM, "out of memory");
        } else if (pgr_is_dir(p)) {
            err = sync_tree(p);
        } else {
            int fd = open(p, O_RDONLY | O_CLOEXEC);
            if (fd < 0 || fsync(fd) != 0) err = fail_errno(p, "cannot sync");
            if (fd >= 0) close(fd);
        }
        pgr_free(p);
    }
    closedir(d);
    return err == PGR_OK ? sync_dir(dir) : err;
}

pgr_err pgr_outdir_commit(struct pgr_outdir *d) {
    pgr_err err = sync_tree(d->temp_path);
    if (err == PGR_OK && rename(d->temp_path, d->path) != 0) {
        /* rename() replaces only an empty folder: exchange the two, then drop the old one. */
        if ((errno == ENOTEMPTY || errno == EEXIST) &&
            renameat2(AT_FDCWD, d->temp_path, AT_FDCWD, d->path, RENAME_EXCHANGE) == 0)
            err = pgr_remove_tree(d->temp_path);
        else
            err = fail_errno(d->path, "cannot put in place");
    }
    if (err == PGR_OK) err = sync_parent(d->path);
    if (err != PGR_OK) {
        pgr_outdir_abandon(d);
        return err;
    }
    outdir_release(d);
    return PGR_OK;
}

void pgr_outdir_abandon(struct pgr_outdir *d) {
    if (d->temp_path && remove_at(AT_FDCWD, d->temp_path) != 0) { /* nothing more can be done */
    }
    outdir_release(d);
}

char *pgr_path_join_dup(const char *dir, const char *name) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_adds(&b, dir);
    if (b.len && b.data && b.data[b.len - 1] != '/') pgr_buf_addc(&b, '/');
    pgr_buf_adds(&b, name);
    return pgr_buf_steal(&b);
}
