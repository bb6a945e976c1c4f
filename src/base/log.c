/* log.c - log lines. */
#define _GNU_SOURCE
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum pgr_log_level lowest = PGR_LOG_INFO;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *const names[] = {"debug", "info", "warn", "error"};

static void read_env(void) {
    const char *s = getenv("PGR_LOG");
    for (int i = 0; s && i < 4; i++)
        if (strcmp(s, names[i]) == 0) lowest = (enum pgr_log_level)i;
}

void pgr_log(enum pgr_log_level level, const char *module, const char *event, const char *fmt, ...) {
    pthread_once(&once, read_env);
    if (level < lowest) return;
    char line[4096];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    int n = snprintf(line, sizeof line, "%s %02d:%02d:%02d.%03d %s %s ", names[level], tm.tm_hour, tm.tm_min, tm.tm_sec,
                     (int)(now.tv_nsec / 1000000), module, event);
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
    if (len > sizeof line - 2) len = sizeof line - 2;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20) line[i] = '?';
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
