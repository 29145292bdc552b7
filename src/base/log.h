/* log.h — messages for the person who started the profiler: one line each, to stderr or a file,
 * never to the host's stdout. Any thread; not in signal context, not inside a fork()ed child. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/atomics.h"
#include "base/attrs.h"
#include "base/err.h"

enum log_level { LOG_ERROR = 0, LOG_WARN = 1, LOG_INFO = 2, LOG_DEBUG = 3 };

/* "error", "warn", "info", "debug"; the name's level, or -1. */
int log_level_parse(const char *name);

/* Messages beyond this level are dropped. LOG_INFO until it is set. */
void log_set_level(enum log_level level);
/* Append to the file at path from now on (it is created if need be); NULL: back to stderr. 0 or
 * -errno, and then everything stays as it was. */
int log_open(const char *path, struct err *e);

/* "jfrprof: text", "jfrprof: warning: text", "jfrprof: error: text", "jfrprof: debug: text" and a
 * newline, in one write(). Cut at about 1000 bytes; control characters become '?'. errno is kept.
 */
PRINTF_LIKE(2, 3) void log_line(enum log_level level, const char *fmt, ...);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* For warnings that would repeat: true the first time only. once is static and zero at first:
 *     static atomic_u32 once;
 *     if (log_first(&once)) log_warn(...); */
static inline bool log_first(atomic_u32 *once)
{
    return exchange_acq_rel(once, 1) == 0;
}
/* The same in one line; a static flag per place. */
#define log_once(level, ...)                \
    do {                                    \
        static atomic_u32 log_once_flag;    \
        if (log_first(&log_once_flag))      \
            log_line((level), __VA_ARGS__); \
    } while (0)

#endif
