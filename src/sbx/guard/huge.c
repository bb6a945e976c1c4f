/* huge.c - see huge.h. Whatever the kernel refuses stays as it is. */
#define _GNU_SOURCE
#include "sbx/guard/huge.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE ((size_t)2 << 20)
#define ARENA ((size_t)1 << 20) /* of Python's allocator */
#define POOL (8 * HUGE)

static char *pool;
static size_t used, pool_bytes;

static void *plain_mmap(void *addr, size_t n, int prot, int flags, int fd, off_t offset) {
    return (void *)syscall(SYS_mmap, addr, n, prot, flags, fd, offset);
}

/* n bytes at a multiple of HUGE, in large pages as they are touched; NULL if there are none. */
static char *huge_new(size_t n) {
    char *p = plain_mmap(NULL, n + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    size_t before = (HUGE - ((uintptr_t)p & (HUGE - 1))) & (HUGE - 1);
    if (before) munmap(p, before);
    munmap(p + before + n, HUGE - before);
    madvise(p + before, n, MADV_HUGEPAGE);
    return p + before;
}

void sbx_huge_begin(void) {
    pool = huge_new(POOL);
    pool_bytes = pool ? POOL : 0;
}

void *mmap(void *addr, size_t n, int prot, int flags, int fd, off_t offset) {
    if (!addr && n == ARENA && fd == -1 && flags == (MAP_PRIVATE | MAP_ANONYMOUS) && prot == (PROT_READ | PROT_WRITE) &&
        used + n <= pool_bytes) {
        used += n;
        return pool + used - n;
    }
    return plain_mmap(addr, n, prot, flags, fd, offset);
}

void *mmap64(void *addr, size_t n, int prot, int flags, int fd, off_t offset) __attribute__((alias("mmap")));

/* Puts a copy in large pages where the code was. */
static void move_code(char *from, size_t n) {
    char *copy = huge_new(n);
    if (!copy) return;
    memcpy(copy, from, n);
    if (madvise(copy, n, MADV_COLLAPSE) != 0 || mprotect(copy, n, PROT_READ | PROT_EXEC) != 0 ||
        mremap(copy, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, from) == MAP_FAILED)
        munmap(copy, n);
}

/* The segments of an object that are only read follow one another. */
static int each_object(struct dl_phdr_info *info, size_t size, void *ctx) {
    (void)size, (void)ctx;
    uintptr_t from = 0, to = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || (h->p_flags & PF_W)) continue;
        uintptr_t start = (info->dlpi_addr + h->p_vaddr) & ~(uintptr_t)4095;
        if (to != start) from = start;
        to = (info->dlpi_addr + h->p_vaddr + h->p_filesz + 4095) & ~(uintptr_t)4095;
    }
    from = (from + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
    to &= ~(uintptr_t)(HUGE - 1);
    if (to > from) move_code((char *)from, to - from);
    return 0;
}

void sbx_huge_end(void) {
    dl_iterate_phdr(each_object, NULL);
    size_t kept = (used + HUGE - 1) & ~(HUGE - 1);
    if (kept < pool_bytes) munmap(pool + kept, pool_bytes - kept);
    pool_bytes = 0;
}
