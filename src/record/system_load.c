/* system_load.c — CPU load and memory of process and machine. Recorder thread only. */
#include "record/system_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/clock.h"

size_t system_read_file(const char *path, char *buf, size_t cap)
{
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n + 1 < cap) {
        ssize_t got = read(fd, buf + n, cap - 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    buf[n] = 0;
    return n;
}

/* "cpu  user nice system idle iowait irq softirq steal ..." (guest time is part of user). */
bool system_parse_stat(const char *text, struct load_sample *out)
{
    unsigned long long v[8] = {0};
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
               &v[4], &v[5], &v[6], &v[7]) < 4)
        return false;
    uint64_t all = 0;
    for (int i = 0; i < 8; i++)
        all += v[i];
    out->machine_all = all;
    out->machine_busy = all - v[3] - v[4];
    return true;
}

static uint64_t timeval_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
}

bool system_load_sample(struct load_sample *out)
{
    char text[512];
    struct rusage ru = {0};
    *out = (struct load_sample){.now_ns = clock_ticks_ns()};
    getrusage(RUSAGE_SELF, &ru);
    out->process_user_ns = timeval_ns(ru.ru_utime);
    out->process_system_ns = timeval_ns(ru.ru_stime);
    return system_read_file("/proc/stat", text, sizeof text) > 0 && system_parse_stat(text, out);
}

static float share(uint64_t from, uint64_t to, double of)
{
    double v = to > from && of > 0 ? (double)(to - from) / of : 0;
    return v > 1 ? 1.0f : (float)v;
}

struct load_shares system_load_between(const struct load_sample *from, const struct load_sample *to,
                                       int n_cpus)
{
    double capacity_ns = (double)(to->now_ns - from->now_ns) * n_cpus;
    double machine = (double)(to->machine_all - from->machine_all);
    struct load_shares s = {
        .jvm_user = share(from->process_user_ns, to->process_user_ns, capacity_ns),
        .jvm_system = share(from->process_system_ns, to->process_system_ns, capacity_ns),
        .machine_total = share(from->machine_busy, to->machine_busy, machine),
    };
    if (s.jvm_user + s.jvm_system > 1)
        s.jvm_system = 1 - s.jvm_user;
    if (s.machine_total < s.jvm_user + s.jvm_system) /* two clocks, read one after the other */
        s.machine_total = s.jvm_user + s.jvm_system;
    return s;
}

static bool find_kib(const char *text, const char *name, int64_t *bytes)
{
    const char *line = strstr(text, name);
    long long kib;
    if (!line || sscanf(line + strlen(name), " %lld kB", &kib) != 1 || kib < 0 ||
        kib > INT64_MAX / 1024)
        return false;
    *bytes = kib * 1024;
    return true;
}

bool system_parse_meminfo(const char *text, struct memory_use *out)
{
    int64_t available;
    if (!find_kib(text, "MemTotal:", &out->total_bytes) ||
        !find_kib(text, "MemAvailable:", &available))
        return false;
    out->used_bytes = available < out->total_bytes ? out->total_bytes - available : 0;
    return true;
}

bool system_memory(struct memory_use *out)
{
    char text[4096];
    return system_read_file("/proc/meminfo", text, sizeof text) > 0 &&
           system_parse_meminfo(text, out);
}
