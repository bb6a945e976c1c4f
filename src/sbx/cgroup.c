/* cgroup.c - control groups of cells. */
#define _GNU_SOURCE
#include "sbx/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base(void) {
    const char *b = getenv("PGR_SBX_CGROUP");
    return b && b[0] == '/' ? b : NULL;
}

static void name(char *path, size_t n, size_t index, const char *file) {
    snprintf(path, n, "%s/pgrpo-%d-%zu%s%s", base(), (int)getpid(), index, file ? "/" : "", file ? file : "");
}

static bool write_value(const char *path, uint64_t v) {
    char text[32];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, (size_t)n) == n;
    int e = errno;
    if (fd >= 0) close(fd);
    errno = e;
    return ok;
}

void pgr_cgroup_sweep(void) {
    DIR *d = base() ? opendir(base()) : NULL;
    struct dirent *e;
    while (d && (e = readdir(d))) {
        int pid;
        size_t index;
        if (sscanf(e->d_name, "pgrpo-%d-%zu", &pid, &index) == 2 && kill(pid, 0) != 0 && errno == ESRCH)
            unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
    }
    if (d) closedir(d);
}

pgr_err pgr_cgroup_enter(size_t index, pid_t pid) {
    char path[4096];
    if (!base()) return PGR_OK;
    name(path, sizeof path, index, NULL);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return pgr_fail(PGR_E_SYS, "making %s: %s", path, strerror(errno));
    name(path, sizeof path, index, "cgroup.procs");
    if (!write_value(path, (uint64_t)pid)) {
        pgr_err err = pgr_fail(PGR_E_SYS, "writing %s: %s", path, strerror(errno));
        pgr_cgroup_remove(index);
        return err;
    }
    return PGR_OK;
}

void pgr_cgroup_limit(size_t index, uint64_t memory_bytes, uint64_t n_tasks) {
    static const char *const memory[] = {"memory.max", "memory.limit_in_bytes"}; /* v2, v1 */
    char path[4096];
    if (!base()) return;
    for (int i = 0; i < 2; i++) {
        name(path, sizeof path, index, memory[i]);
        write_value(path, memory_bytes); /* one of the two is not there */
    }
    name(path, sizeof path, index, "pids.max");
    write_value(path, n_tasks);
}

uint64_t pgr_cgroup_oom_kills(size_t index) {
    static const char *const files[] = {"memory.events", "memory.oom_control"};
    char path[4096], text[1024];
    for (int i = 0; base() && i < 2; i++) {
        name(path, sizeof path, index, files[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
        if (fd >= 0) close(fd);
        if (n <= 0) continue;
        text[n] = '\0';
        const char *at = strstr(text, "oom_kill ");
        if (at) return strtoull(at + 9, NULL, 10);
    }
    return 0;
}

void pgr_cgroup_remove(size_t index) {
    char path[4096];
    if (!base()) return;
    name(path, sizeof path, index, NULL);
    /* The last process may have left a moment ago. */
    for (int i = 0; i < 50 && rmdir(path) != 0 && errno == EBUSY; i++) usleep(1000);
}
