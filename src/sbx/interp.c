/* interp.c - finding the interpreter's files. */
#define _GNU_SOURCE
#include "sbx/interp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

enum { OLDEST = 9, NEWEST = 30, PROBE_S = 60, MAX_SO = 3000 };

/* What a program prints, with an environment of our own. stderr is dropped. */
static pgr_err capture(char *const argv[], char *const envp[], struct pgr_buf *out) {
    int pipe_fd[2];
    if (pipe2(pipe_fd, O_CLOEXEC) != 0) return pgr_fail(PGR_E_SYS, "pipe: %s", strerror(errno));
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, pipe_fd[1], 1);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int rc = posix_spawn(&pid, argv[0], &fa, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&fa);
    close(pipe_fd[1]);
    if (rc != 0) {
        close(pipe_fd[0]);
        return pgr_fail(rc == ENOENT ? PGR_E_NOTFOUND : PGR_E_SYS, "cannot run %s: %s", argv[0], strerror(rc));
    }
    double end = pgr_now_s() + PROBE_S;
    char chunk[8192];
    ssize_t n = -1;
    for (;;) {
        struct pollfd p = {pipe_fd[0], POLLIN, 0};
        int ready = poll(&p, 1, (int)((end - pgr_now_s()) * 1000) + 1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0 || pgr_now_s() > end) break;
        n = read(pipe_fd[0], chunk, sizeof chunk);
        if (n <= 0) break;
        pgr_buf_add(out, chunk, (size_t)n);
    }
    close(pipe_fd[0]);
    if (n != 0) kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (n != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s does not answer as a Python 3 interpreter does", argv[0]);
    return pgr_buf_ok(out);
}

static pgr_err add_bind(struct pgr_interp *in, const char *dst) {
    size_t len = strlen(dst);
    for (size_t i = 0; i < in->n_bind; i++) {
        size_t n = strlen(in->bind[i].dst);
        if (in->bind[i].is_dir ? strncmp(dst, in->bind[i].dst, n) == 0 && (len == n || dst[n] == '/')
                               : strcmp(dst, in->bind[i].dst) == 0)
            return PGR_OK; /* there already */
    }
    char *src = realpath(dst, NULL);
    struct stat st;
    if (!src || stat(src, &st) != 0) {
        free(src);
        return PGR_OK; /* named but not there, as sys.path's zip file */
    }
    struct pgr_bind *grown = pgr_realloc(in->bind, (in->n_bind + 1) * sizeof *grown);
    char *copy = pgr_strdup(src), *name = pgr_strdup(dst);
    free(src);
    if (grown) in->bind = grown;
    if (!grown || !copy || !name) {
        pgr_free(copy);
        pgr_free(name);
        return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    in->bind[in->n_bind++] = (struct pgr_bind){copy, name, S_ISDIR(st.st_mode)};
    return PGR_OK;
}

/* Extension modules below `dir`, joined by ':' for the loader. */
static void list_extensions(const char *dir, bool deep, struct pgr_buf *list, size_t *n) {
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)) && *n < MAX_SO) {
        if (e->d_name[0] == '.') continue;
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path) continue;
        struct stat st;
        if (lstat(path, &st) != 0) continue;
        size_t len = strlen(path);
        if (S_ISDIR(st.st_mode) && deep) {
            list_extensions(path, true, list, n);
        } else if (S_ISREG(st.st_mode) && len > 3 && strcmp(path + len - 3, ".so") == 0 && !strpbrk(path, ": ")) {
            pgr_buf_addf(list, "%s%s", list->len ? ":" : "", path);
            ++*n;
        }
    }
    if (d) closedir(d);
}

/* Folders the loader searches without being told. */
static bool is_default_folder(const char *dir, size_t n) {
    if (n >= 4 && strncmp(dir, "/usr", 4) == 0) dir += 4, n -= 4;
    if (n == 4 && strncmp(dir, "/lib", 4) == 0) return true;
    if (n == 6 && strncmp(dir, "/lib64", 6) == 0) return true;
    if (n <= 5 || strncmp(dir, "/lib/", 5) != 0) return false;
    const char *rest = dir + 5;
    return !memchr(rest, '/', n - 5) && memmem(rest, n - 5, "-linux-gnu", 10) != NULL;
}

static void note_folder(struct pgr_buf *lib_path, const char *lib) {
    const char *slash = strrchr(lib, '/');
    size_t n = (size_t)(slash - lib);
    if (n == 0 || is_default_folder(lib, n)) return;
    const char *have = pgr_buf_str(lib_path);
    for (const char *p = have; (p = memmem(p, strlen(p), lib, n)); p += n)
        if ((p == have || p[-1] == ':') && (p[n] == ':' || p[n] == '\0')) return;
    pgr_buf_addf(lib_path, "%s%.*s", lib_path->len ? ":" : "", (int)n, lib);
}

/* The loader's own list of what one process with these objects would map: lines "name => /path (0x...)". */
static pgr_err trace(struct pgr_interp *in, const char *preload, struct pgr_buf *lib_path) {
    struct pgr_buf env = PGR_BUF_INIT, out = PGR_BUF_INIT;
    pgr_buf_addf(&env, "LD_PRELOAD=%s", preload);
    pgr_err err = pgr_buf_ok(&env);
    char *argv[] = {in->exe, NULL};
    char mode[] = "LD_TRACE_LOADED_OBJECTS=1";
    char *envp[] = {mode, env.data, NULL};
    if (err == PGR_OK) err = capture(argv, envp, &out);
    char *save = NULL;
    for (char *line = err == PGR_OK ? strtok_r(out.data, "\n", &save) : NULL; line && err == PGR_OK;
         line = strtok_r(NULL, "\n", &save)) {
        char *arrow = strstr(line, "=> ");
        char *path = arrow ? arrow + 3 : line + strspn(line, " \t");
        char *end = strstr(path, " (0x");
        if (path[0] != '/' || !end) continue;
        *end = '\0';
        size_t before = in->n_bind;
        err = add_bind(in, path);
        if (in->n_bind > before) note_folder(lib_path, path);
    }
    pgr_buf_free(&env);
    pgr_buf_free(&out);
    return err;
}

static pgr_err find_libraries(struct pgr_interp *in, const char *const *folders, size_t n_folders) {
    struct pgr_buf list = PGR_BUF_INIT, lib_path = PGR_BUF_INIT;
    size_t n = 0;
    for (size_t i = 0; i < n_folders; i++)
        list_extensions(folders[i], in->site && strcmp(folders[i], in->site) == 0, &list, &n);
    pgr_err err = pgr_buf_ok(&list);
    /* The kernel takes at most 128 KB in one variable. */
    char *p = list.data;
    if (err == PGR_OK && !p) err = trace(in, "", &lib_path);
    while (err == PGR_OK && p && *p) {
        size_t len = strlen(p), cut = len;
        if (len > 100000) {
            for (cut = 100000; cut > 0 && p[cut] != ':'; cut--) {
            }
            p[cut] = '\0';
        }
        err = trace(in, p, &lib_path);
        p += cut < len ? cut + 1 : cut;
    }
    if (err == PGR_OK) err = pgr_buf_ok(&lib_path);
    if (err == PGR_OK && in->n_bind == 0) err = pgr_fail(PGR_E_UNSUPPORTED, "%s is not dynamically linked", in->exe);
    if (err == PGR_OK) {
        in->lib_path = lib_path.data ? pgr_buf_steal(&lib_path) : pgr_strdup("");
        if (!in->lib_path) err = pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    pgr_buf_free(&list);
    pgr_buf_free(&lib_path);
    return err;
}

static char *newest_python(void) {
    static const char *const folders[] = {"/usr/bin", "/usr/local/bin"};
    char path[64];
    for (int minor = NEWEST; minor >= OLDEST; minor--)
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "%s/python3.%d", folders[k], minor);
            if (access(path, X_OK) == 0) return pgr_strdup(path);
        }
    return NULL;
}

static pgr_err probe(struct pgr_interp *in, struct pgr_buf *out) {
    char script[] = "import sys\nprint(*sys.version_info[:2])\nprint('\\n'.join(sys.path))";
    char a1[] = "-I", a2[] = "-S", a3[] = "-c", home[] = "HOME=/", utf8[] = "PYTHONUTF8=1";
    char *argv[] = {in->exe, a1, a2, a3, script, NULL};
    char *envp[] = {home, utf8, NULL};
    PGR_TRY(capture(argv, envp, out));
    int major = 0, minor = 0;
    if (sscanf(out->data ? out->data : "", "%d %d", &major, &minor) != 2 || major != 3 || minor < OLDEST)
        return pgr_fail(PGR_E_UNSUPPORTED, "%s is Python %d.%d; 3.%d or newer is needed", in->exe, major, minor,
                        OLDEST);
    return PGR_OK;
}

static pgr_err find(const char *python, const char *site_packages, struct pgr_interp *in) {
    char *named = python ? pgr_strdup(python) : newest_python();
    if (!named)
        return pgr_fail(PGR_E_NOTFOUND, "no /usr/bin/python3.N or /usr/local/bin/python3.N; name one with --python");
    if (named[0] != '/') {
        pgr_err bad = pgr_fail(PGR_E_RANGE, "interpreter \"%s\" must be an absolute path", named);
        pgr_free(named);
        return bad;
    }
    in->exe = realpath(named, NULL);
    pgr_err err = in->exe ? PGR_OK : pgr_fail(PGR_E_NOTFOUND, "%s: %s", named, strerror(errno));
    pgr_free(named);
    PGR_TRY(err);
    struct stat st;
    if (site_packages) {
        if (site_packages[0] != '/' || stat(site_packages, &st) != 0 || !S_ISDIR(st.st_mode))
            return pgr_fail(PGR_E_NOTFOUND, "site-packages \"%s\" is not an absolute path of a folder", site_packages);
        in->site = realpath(site_packages, NULL);
        if (!in->site) return pgr_fail(PGR_E_SYS, "%s: %s", site_packages, strerror(errno));
    }
    struct pgr_buf out = PGR_BUF_INIT;
    const char *folder[32];
    size_t n = 0;
    err = probe(in, &out);
    char *save = NULL;
    char *line = err == PGR_OK ? strtok_r(out.data, "\n", &save) : NULL;
    while (err == PGR_OK && n < 31 && (line = strtok_r(NULL, "\n", &save)))
        if (line[0] == '/') folder[n++] = line;
    if (err == PGR_OK && in->site) folder[n++] = in->site;
    for (size_t i = 0; err == PGR_OK && i < n; i++) err = add_bind(in, folder[i]);
    if (err == PGR_OK) err = find_libraries(in, folder, n);
    if (err == PGR_OK) err = add_bind(in, in->exe);
    if (err == PGR_OK) err = add_bind(in, "/usr/share/zoneinfo");
    for (size_t i = 0; err == PGR_OK && i < in->n_bind; i++) {
        struct pgr_bind *b = &in->bind[i];
        if (in->site && strcmp(b->src, in->site) == 0) {
            pgr_free(b->dst);
            b->dst = pgr_strdup(PGR_SITE_IN_CELL);
            if (!b->dst) err = pgr_fail(PGR_E_NOMEM, "out of memory");
        } else if (strncmp(b->dst, "/tmp/", 5) == 0) {
            err = pgr_fail(PGR_E_UNSUPPORTED, "%s: an interpreter below /tmp is hidden by the cells' scratch folder",
                           b->dst);
        }
    }
    pgr_buf_free(&out);
    return err;
}

pgr_err pgr_interp_find(const char *python, const char *site_packages, struct pgr_interp *out) {
    struct pgr_interp in = {NULL, NULL, NULL, NULL, 0};
    pgr_err err = find(python, site_packages, &in);
    if (err == PGR_OK)
        *out = in;
    else
        pgr_interp_free(&in);
    return err;
}

void pgr_interp_free(struct pgr_interp *in) {
    for (size_t i = 0; i < in->n_bind; i++) {
        pgr_free(in->bind[i].src);
        pgr_free(in->bind[i].dst);
    }
    pgr_free(in->bind);
    free(in->exe);
    free(in->site);
    pgr_free(in->lib_path);
    *in = (struct pgr_interp){NULL, NULL, NULL, NULL, 0};
}
