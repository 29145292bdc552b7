/* procfs.c — reading /proc and /sys; the texts are taken apart in procfs_parse.c. Normal side. */
#include "os/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "os/clock.h"

enum {
    SMALL = 4096,          /* stat, status */
    CPUINFO_MAX = 4 << 20, /* about 1.5 KiB for each processor */
};

static ssize_t read_some(int fd, char *buf, size_t n)
{
    ssize_t got;
    do
        got = read(fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t procfs_read(const char *path, char *buf, size_t cap)
{
    size_t n = 0;
    ssize_t got = 0;
    buf[0] = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while (n + 1 < cap && (got = read_some(fd, buf + n, cap - 1 - n)) > 0)
        n += (size_t)got;
    close(fd);
    buf[got < 0 ? 0 : n] = 0;
    return got < 0 ? got : (ssize_t)n;
}

/* For the texts that fit a page. */
#define READ_AND_PARSE(path, parse, out)                \
    char text[SMALL];                                   \
    ssize_t n = procfs_read((path), text, sizeof text); \
    if (n < 0)                                          \
        return (int)n;                                  \
    return parse(text, (size_t)n, (out)) ? 0 : -EBADMSG

int procfs_process(struct procfs_process *out)
{
    READ_AND_PARSE("/proc/self/stat", procfs_parse_process, out);
}

int procfs_memory(struct procfs_memory *out)
{
    READ_AND_PARSE("/proc/meminfo", procfs_parse_memory, out);
}

int procfs_status(struct procfs_status *out)
{
    READ_AND_PARSE("/proc/self/status", procfs_parse_status, out);
}

int procfs_thread_status(pid_t tid, struct procfs_status *out)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
    READ_AND_PARSE(path, procfs_parse_status, out);
}

/* A text of any size up to max, malloc()ed and terminated; NULL with *rc = -errno. */
static char *read_whole(const char *path, size_t max, size_t *n, int *rc)
{
    char *text = NULL;
    for (size_t cap = 1 << 16; cap <= max; cap *= 2) {
        char *grown = realloc(text, cap);
        if (!grown) {
            *rc = -ENOMEM;
            break;
        }
        text = grown;
        ssize_t got = procfs_read(path, text, cap);
        if (got < 0) {
            *rc = (int)got;
            break;
        }
        *n = (size_t)got;
        if (*n + 1 < cap || cap * 2 > max) /* all of it, or as much as may be */
            return text;
    }
    free(text);
    return NULL;
}

/* Grows with the number of CPUs and interrupts; what is wanted lies between. */
int procfs_machine(struct procfs_machine *out)
{
    int rc = 0;
    size_t n;
    *out = (struct procfs_machine){0};
    char *text = read_whole("/proc/stat", CPUINFO_MAX, &n, &rc);
    if (!text)
        return rc;
    rc = procfs_parse_machine(text, n, out) ? 0 : -EBADMSG;
    free(text);
    return rc;
}

/* --- processors ------------------------------------------------------------------------------- */

static bool read_topology(uint32_t cpu, const char *what, unsigned *value)
{
    char path[128], text[32];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/topology/%s", cpu, what);
    return procfs_read(path, text, sizeof text) > 0 && sscanf(text, "%u", value) == 1;
}

/* The topology written as cpuinfo would, so that there is one way of counting. */
static void count_from_sysfs(struct procfs_cpu *out)
{
    enum { LINE = 64, CPUS_MAX = 4096 };
    uint32_t n_cpus = out->n_threads < CPUS_MAX ? out->n_threads : CPUS_MAX;
    char *text = malloc((size_t)n_cpus * LINE + 1);
    size_t n = 0;
    for (uint32_t cpu = 0; text && cpu < n_cpus; cpu++) {
        unsigned socket, core;
        if (read_topology(cpu, "physical_package_id", &socket) &&
            read_topology(cpu, "core_id", &core))
            n += (size_t)snprintf(text + n, LINE, "processor:0\nphysical id:%u\ncore id:%u\n",
                                  socket, core);
    }
    struct procfs_cpu counted = {0};
    if (text)
        procfs_parse_cpu(text, n, &counted);
    out->n_cores = counted.n_cores;
    out->n_sockets = counted.n_sockets;
    free(text);
}

int procfs_cpu(struct procfs_cpu *out)
{
    int rc = 0;
    size_t n;
    *out = (struct procfs_cpu){.family = -1, .model_number = -1, .stepping = -1};
    char *text = read_whole("/proc/cpuinfo", CPUINFO_MAX, &n, &rc);
    if (text)
        rc = procfs_parse_cpu(text, n, out) ? 0 : -EBADMSG;
    free(text);
    if (out->n_threads == 0)
        out->n_threads = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (out->n_cores == 0)
        count_from_sysfs(out);
    if (out->n_cores == 0)
        out->n_cores = out->n_threads;
    if (out->n_sockets == 0)
        out->n_sockets = 1;
    return rc;
}

/* --- time and name ---------------------------------------------------------------------------- */

int64_t procfs_start_epoch_ms(void)
{
    struct procfs_process p;
    if (procfs_process(&p) != 0)
        return 0;
    uint64_t ticks_per_s = (uint64_t)sysconf(_SC_CLK_TCK);
    int64_t since_boot_ms = (int64_t)(p.start_ticks / ticks_per_s * 1000 +
                                      p.start_ticks % ticks_per_s * 1000 / ticks_per_s);
    int64_t boot_ms =
        (int64_t)(clock_epoch_ns() / 1000000) - (int64_t)(clock_ns_of(CLOCK_BOOTTIME) / 1000000);
    return boot_ms + since_boot_ms;
}

struct out_text {
    char *buf;
    size_t cap, n;
};

static void append(struct out_text *out, const char *text)
{
    size_t n = strlen(text);
    if (n > out->cap - 1 - out->n)
        n = out->cap - 1 - out->n;
    memcpy(out->buf + out->n, text, n);
    out->n += n;
    out->buf[out->n] = 0;
}

static void append_libc(struct out_text *out)
{
#ifdef _CS_GNU_LIBC_VERSION
    static const int names[] = {_CS_GNU_LIBC_VERSION, _CS_GNU_LIBPTHREAD_VERSION};
    append(out, "libc: ");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char version[64] = "";
        confstr(names[i], version, sizeof version);
        append(out, version);
        append(out, " ");
    }
    append(out, "\n");
#else
    append(out, "libc: unknown\n");
#endif
}

size_t procfs_os_description(char *buf, size_t cap)
{
    struct out_text out = {.buf = buf, .cap = cap};
    char release[SMALL];
    struct utsname u;
    if (cap == 0)
        return 0;
    buf[0] = 0;
    ssize_t n = procfs_read("/etc/os-release", release, sizeof release);
    if (n > 0) {
        append(&out, release);
        append(&out, release[n - 1] == '\n' ? "" : "\n");
    }
    if (uname(&u) == 0) {
        const char *const words[] = {"uname: ", u.sysname, " ",       u.release, " ",
                                     u.version, " ",       u.machine, "\n"};
        for (size_t i = 0; i < COUNT_OF(words); i++)
            append(&out, words[i]);
    }
    append_libc(&out);
    return out.n;
}

/* --- maps ------------------------------------------------------------------------------------- */

/* Lines out of a file by way of a buffer that holds the longest good one. */
struct line_reader {
    int fd;
    size_t pos, n;
    bool is_skipping; /* inside a line that was too long */
    char buf[PATH_MAX + 256];
};

/* More bytes behind the unread ones; 0 at the end, -errno on failure. */
static ssize_t fill(struct line_reader *r)
{
    memmove(r->buf, r->buf + r->pos, r->n - r->pos);
    r->n -= r->pos;
    r->pos = 0;
    ssize_t got = read_some(r->fd, r->buf + r->n, sizeof r->buf - r->n);
    if (got > 0)
        r->n += (size_t)got;
    return got;
}

/* The next line that fits; too long ones are counted in *n_bad. 1, 0 at the end, -errno. */
static int next_line(struct line_reader *r, const char **line, size_t *n, size_t *n_bad)
{
    for (;;) {
        const char *start = r->buf + r->pos;
        const char *newline = memchr(start, '\n', r->n - r->pos);
        if (newline) {
            r->pos = (size_t)(newline + 1 - r->buf);
            if (!r->is_skipping) {
                *line = start;
                *n = (size_t)(newline - start);
                return 1;
            }
            r->is_skipping = false;
            continue;
        }
        if (r->pos == 0 && r->n == sizeof r->buf) {
            *n_bad += !r->is_skipping;
            r->is_skipping = true;
            r->pos = r->n;
        }
        ssize_t got = fill(r);
        if (got <= 0) {
            *n_bad += got == 0 && r->n > 0 && !r->is_skipping; /* the kernel ends every line */
            return (int)got;
        }
    }
}

int procfs_each_map(const char *path, void (*fn)(void *ctx, const struct procfs_map *map),
                    void *ctx, size_t *n_bad)
{
    struct line_reader r = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    size_t bad = 0, n;
    int n_maps = 0, rc;
    const char *line;
    if (r.fd < 0)
        return -errno;
    while ((rc = next_line(&r, &line, &n, &bad)) > 0) {
        struct procfs_map map;
        if (procfs_parse_map(line, n, &map)) {
            fn(ctx, &map);
            n_maps++;
        } else {
            bad++;
        }
    }
    close(r.fd);
    if (n_bad)
        *n_bad = bad;
    return rc < 0 ? rc : n_maps;
}
