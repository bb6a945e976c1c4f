/* log.h - one line per event on stderr: `level time module event key=value ...`.
 * stdout belongs to results. PGR_LOG=debug|info|warn|error sets the lowest level shown (default info). */
#ifndef PGR_BASE_LOG_H
#define PGR_BASE_LOG_H

#include "base/err.h"

enum pgr_log_level { PGR_LOG_DEBUG, PGR_LOG_INFO, PGR_LOG_WARN, PGR_LOG_ERROR };

/* `fmt` renders the key=value part; may be "". Thread-safe: a line is written with one write(). */
void pgr_log(enum pgr_log_level level, const char *module, const char *event, const char *fmt, ...) PGR_PRINTF(4, 5);

#endif
