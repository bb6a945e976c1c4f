/* root.c - a root that holds the interpreter's files and nothing else.
 *
 * A tmpfs over /tmp becomes the root by pivot_root; the old root is then at /old, from where the interpreter's files
 * are bound read-only to where they were; then /old goes away and the root becomes read-only. No /proc, no /sys; in
 * /dev only null, zero and urandom. */
#define _GNU_SOURCE
#include "sbx/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/size.h"

static char failed_at[512];

static const char *fail_at(const char *what, const char *path) {
    int e = errno;
    snprintf(failed_at, sizeof failed_at, "%s %s", what, path);
    errno = e;
    return failed_at;
}

/* All folders above the last component. */
static bool make_parents(const char *path) {
    char part[4096];
    size_t n = strlen(path);
    if (n >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i < n; i++) {
        if (path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST) return false;
    }
    return true;
}

static bool make_target(const char *path, bool is_dir) {
    if (!make_parents(path)) return false;
    if (is_dir) return mkdir(path, 0755) == 0 || errno == EEXIST;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    close(fd);
    return true;
}

/* mount_setattr only adds flags, so those that the host's mounts carry (and a user namespace may not drop) stay. */
static bool bind_path(const char *src, const char *dst, bool is_dir, uint64_t flags) {
    char from[4096];
    if (snprintf(from, sizeof from, "/old%s", src) >= (int)sizeof from) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!make_target(dst, is_dir) || mount(from, dst, NULL, MS_BIND | MS_REC, NULL) != 0) return false;
    struct mount_attr attr = {.attr_set = flags};
    return syscall(SYS_mount_setattr, AT_FDCWD, dst, AT_RECURSIVE, &attr, sizeof attr) == 0;
}

static bool copy_file(int from, const char *to) {
    char chunk[16384];
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0) return false;
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, chunk, sizeof chunk, at)) > 0) {
        if (write(fd, chunk, (size_t)n) != n) break;
        at += n;
    }
    close(fd);
    return n == 0;
}

static const char *fill(const struct pgr_interp *interp, int guard_fd, int player_fd) {
    for (size_t i = 0; i < interp->n_bind; i++) {
        const struct pgr_bind *b = &interp->bind[i];
        if (!bind_path(b->src, b->dst, b->is_dir, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV))
            return fail_at("binding", b->src);
    }
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/urandom"};
    for (size_t i = 0; i < PGR_COUNT(devices); i++)
        /* Read-only is for the inode, which is the host's: its times and mode. A device still takes writes. */
        if (!bind_path(devices[i], devices[i], false, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC))
            return fail_at("binding", devices[i]);
    if ((mkdir("/sbx", 0755) != 0 && errno != EEXIST) || mkdir("/tmp", 0755) != 0) return "making folders";
    if (!copy_file(guard_fd, "/sbx/guard.so")) return "writing /sbx/guard.so";
    if (!copy_file(player_fd, "/sbx/player.py")) return "writing /sbx/player.py";
    return NULL;
}

const char *pgr_root_build(const struct pgr_interp *interp, int guard_fd, int player_fd) {
    umask(022);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return "making mounts private";
    if (mount("root", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m,nr_inodes=2000") != 0)
        return "mounting a tmpfs";
    if (chdir("/tmp") != 0 || mkdir("old", 0755) != 0) return "making folders";
    if (syscall(SYS_pivot_root, ".", "old") != 0) return "pivot_root";
    if (chdir("/") != 0) return "chdir";
    const char *bad = fill(interp, guard_fd, player_fd);
    if (bad) return bad;
    if (umount2("/old", MNT_DETACH) != 0) return "letting go of the old root";
    if (rmdir("/old") != 0) return "removing /old";
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0)
        return "making the root read-only";
    return NULL;
}
