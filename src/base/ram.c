/* ram.c - see ram.h. */
#include "base/ram.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/size.h"

static const double GB = 1e9;

/* The number in a small file ("max" and errors: 0). */
static double number_in(const char *path) {
    struct pgr_buf b = PGR_BUF_INIT;
    double v = 0;
    if (pgr_file_read(path, 4096, &b) == PGR_OK && b.data) v = strtod(b.data, NULL);
    pgr_buf_free(&b);
    return v;
}

static double mem_available(void) {
    struct pgr_buf b = PGR_BUF_INIT;
    double v = 0;
    if (pgr_file_read("/proc/meminfo", 65536, &b) == PGR_OK && b.data) {
        const char *line = strstr(b.data, "MemAvailable:");
        if (line) v = strtod(line + strlen("MemAvailable:"), NULL) * 1024;
    }
    pgr_buf_free(&b);
    return v;
}

double pgr_ram_available(void) {
    double free_now = mem_available();
    static const char *const groups[][2] = {
        {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"}};
    for (size_t i = 0; i < PGR_COUNT(groups); i++) {
        double limit = number_in(groups[i][0]), used = number_in(groups[i][1]);
        /* Usage counts page cache, which gives way: only a limit below the machine's memory says something. */
        if (limit > 0 && limit < 1e15 && limit - used < free_now && limit < free_now) free_now = limit;
    }
    const char *asked = getenv("PGR_MEMORY_GB");
    double most = asked ? strtod(asked, NULL) * GB : 0;
    return most > 0 && (free_now <= 0 || most < free_now) ? most : free_now;
}

pgr_err pgr_ram_check(const char *where, const char *what, double need_bytes, const char *hint) {
    double available = pgr_ram_available();
    if (available <= 0 || need_bytes <= available) return PGR_OK;
    return pgr_fail(PGR_E_RANGE, "%s: too little memory: %s needs %.2f GB and %.2f GB are available%s", where, what,
                    need_bytes / GB, available / GB, hint);
}
