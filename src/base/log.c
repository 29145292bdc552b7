/* log.c — messages, one line each. Any thread, not signal context.
 * One mutex: it keeps lines whole while the file is exchanged. Nothing is called while it is held
 * but write() and close(). */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const struct {
    const char *name;
    const char *prefix;
} g_levels[] = {
    [LOG_ERROR] = {"error", "jfrprof: error: "},
    [LOG_WARN] = {"warn", "jfrprof: warning: "},
    [LOG_INFO] = {"info", "jfrprof: "},
    [LOG_DEBUG] = {"debug", "jfrprof: debug: "},
};

static struct {
    pthread_mutex_t lock; /* fd */
    int fd;
    atomic_u32 level;
} g_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO, .level = LOG_INFO};

int log_level_parse(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(g_levels); i++)
        if (strcmp(name, g_levels[i].name) == 0)
            return (int)i;
    return -1;
}

void log_set_level(enum log_level level)
{
    store_relaxed(&g_log.level, (uint32_t)level);
}

int log_open(const char *path, struct err *e)
{
    int fd = STDERR_FILENO;
    if (path) {
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
        if (fd < 0)
            return err_set(e, -errno, "log file %s: %s", path, strerror(errno));
    }
    pthread_mutex_lock(&g_log.lock);
    int old = g_log.fd;
    g_log.fd = fd;
    if (old != STDERR_FILENO)
        close(old);
    pthread_mutex_unlock(&g_log.lock);
    return 0;
}

/* A short write or an error loses the line: there is nobody left to tell. */
static void write_line(const char *line, size_t n)
{
    pthread_mutex_lock(&g_log.lock);
    ssize_t written;
    do
        written = write(g_log.fd, line, n);
    while (written < 0 && errno == EINTR);
    pthread_mutex_unlock(&g_log.lock);
}

void log_line(enum log_level level, const char *fmt, ...)
{
    if ((uint32_t)level >= COUNT_OF(g_levels) || (uint32_t)level > load_relaxed(&g_log.level))
        return;
    int saved_errno = errno;
    char line[1024];
    size_t n = strlen(g_levels[level].prefix);
    memcpy(line, g_levels[level].prefix, n);
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(line + n, sizeof line - n - 1, fmt, args) < 0) /* -1: room for the newline */
        line[n] = 0;
    va_end(args);
    text_make_line(line);
    n = strlen(line);
    line[n++] = '\n';
    write_line(line, n);
    errno = saved_errno;
}
