/* tasks.c — the threads of this process, from /proc/self/task. Normal side. */
#include "os/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* The folder entry's number, 0 when it is none ("." and ".."). */
static pid_t parse_tid(const char *name)
{
    char *end;
    errno = 0;
    long tid = strtol(name, &end, 10);
    return errno == 0 && end != name && *end == 0 && tid > 0 && tid <= INT_MAX ? (pid_t)tid : 0;
}

int tasks_each_in(const char *task_dir, void (*fn)(void *ctx, pid_t tid), void *ctx)
{
    DIR *dir = opendir(task_dir);
    if (!dir)
        return -errno;
    int n = 0;
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        pid_t tid = parse_tid(entry->d_name);
        if (tid == 0)
            continue;
        fn(ctx, tid);
        n++;
    }
    int rc = errno ? -errno : n;
    closedir(dir);
    return rc;
}

int tasks_each(void (*fn)(void *ctx, pid_t tid), void *ctx)
{
    return tasks_each_in("/proc/self/task", fn, ctx);
}

int tasks_name(pid_t tid, char name[TASKS_NAME_MAX])
{
    name[0] = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    ssize_t n = read(fd, name, TASKS_NAME_MAX - 1);
    int rc = n < 0 ? -errno : 0;
    close(fd);
    name[n > 0 ? n : 0] = 0;
    text_make_line(name);
    return rc ? rc : (int)strlen(name);
}
