/* cgroup.c — limits of a container. Contract: cgroup.h. */
#include "os/cgroup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/procfs.h"

enum { PATH_CAP = 1024, TEXT_CAP = 4096, PER_CPU_SHARES = 1024, DEFAULT_WEIGHT = 100 };

/* What version 1 says when there is no limit. */
#define UNLIMITED_BYTES INT64_C(0x7ffffffffffff000)

/* Whether the comma-separated list names it; version 2 has the empty list. */
static bool lists(const char *list, size_t n, const char *controller)
{
    size_t len = strlen(controller);
    if (len == 0)
        return n == 0;
    for (const char *p = list; p < list + n;) {
        size_t word = strcspn(p, ",:");
        if (word == len && memcmp(p, controller, len) == 0)
            return true;
        p += word + 1;
    }
    return false;
}

bool cgroup_parse_path(const char *text, const char *controller, char *buf, size_t cap)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        const char *list = memchr(line, ':', n);
        const char *path = list ? memchr(list + 1, ':', n - (size_t)(list + 1 - line)) : NULL;
        if (path && lists(list + 1, (size_t)(path - list - 1), controller)) {
            size_t len = (size_t)(line + n - path - 1);
            if (len >= cap)
                return false;
            memcpy(buf, path + 1, len);
            buf[len] = 0;
            return true;
        }
        line += n + (line[n] == '\n');
    }
    return false;
}

int64_t cgroup_parse_limit(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -1;
    unsigned long long v = strtoull(text, &end, 10);
    if (*end != 0 && *end != '\n' && *end != ' ')
        return -1;
    return v >= (unsigned long long)UNLIMITED_BYTES ? -1 : (int64_t)v;
}

int64_t cgroup_shares_of_weight(int64_t weight)
{
    if (weight <= 0 || weight > 10000 || weight == DEFAULT_WEIGHT)
        return -1;
    int64_t shares = (262142 * weight - 1) / 9999 + 2;
    if (shares <= PER_CPU_SHARES)
        return shares;
    return (shares + PER_CPU_SHARES / 2) / PER_CPU_SHARES * PER_CPU_SHARES; /* of whole CPUs */
}

/* --- files ------------------------------------------------------------------------------------ */

struct group {
    char dir[PATH_CAP * 2];
};

/* The group's folder, or the hierarchy's root where the path is not visible (in a container). */
static bool find_group(const char *root, const char *text, const char *controller, struct group *g)
{
    char path[PATH_CAP], probe[PATH_CAP * 2 + 32], content[8];
    if (!cgroup_parse_path(text, controller, path, sizeof path))
        return false;
    int n = snprintf(g->dir, sizeof g->dir, "%s/sys/fs/cgroup%s%s%s", root, *controller ? "/" : "",
                     controller, path);
    if (n < 0 || (size_t)n >= sizeof g->dir)
        return false;
    snprintf(probe, sizeof probe, "%s/cgroup.procs", g->dir);
    if (procfs_read(probe, content, sizeof content) < 0)
        snprintf(g->dir, sizeof g->dir, "%s/sys/fs/cgroup%s%s", root, *controller ? "/" : "",
                 controller);
    return true;
}

static const char *read_text(const struct group *g, const char *name, char text[TEXT_CAP])
{
    char path[PATH_CAP * 2 + 64];
    snprintf(path, sizeof path, "%s/%s", g->dir, name);
    if (procfs_read(path, text, TEXT_CAP) < 0)
        text[0] = 0;
    return text;
}

static int64_t read_limit(const struct group *g, const char *name)
{
    char text[TEXT_CAP];
    return cgroup_parse_limit(read_text(g, name, text));
}

static void read_v2(const struct group *g, struct cgroup_limits *out)
{
    char text[TEXT_CAP];
    const char *blank = strchr(read_text(g, "cpu.max", text), ' '); /* "max 100000" */
    out->cpu_quota_us = cgroup_parse_limit(text);
    out->cpu_period_us = blank ? cgroup_parse_limit(blank + 1) : -1;
    out->cpu_shares = cgroup_shares_of_weight(read_limit(g, "cpu.weight"));
    out->memory_soft = read_limit(g, "memory.low");
    out->memory_limit = read_limit(g, "memory.max");
    int64_t swap = read_limit(g, "memory.swap.max");
    out->memory_swap_limit = swap >= 0 && out->memory_limit >= 0 ? out->memory_limit + swap : -1;
}

static void read_v1_cpu(const struct group *g, struct cgroup_limits *out)
{
    int64_t shares = read_limit(g, "cpu.shares");
    out->cpu_quota_us = read_limit(g, "cpu.cfs_quota_us");
    out->cpu_period_us = read_limit(g, "cpu.cfs_period_us");
    out->cpu_shares = shares == PER_CPU_SHARES ? -1 : shares; /* the default */
}

static void read_v1_memory(const struct group *g, struct cgroup_limits *out)
{
    out->memory_soft = read_limit(g, "memory.soft_limit_in_bytes");
    out->memory_limit = read_limit(g, "memory.limit_in_bytes");
    out->memory_swap_limit = read_limit(g, "memory.memsw.limit_in_bytes");
}

bool cgroup_read_in(const char *root, struct cgroup_limits *out)
{
    char path[PATH_CAP], text[TEXT_CAP];
    struct group g;
    *out = (struct cgroup_limits){.cpu_period_us = -1,
                                  .cpu_quota_us = -1,
                                  .cpu_shares = -1,
                                  .memory_soft = -1,
                                  .memory_limit = -1,
                                  .memory_swap_limit = -1};
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (procfs_read(path, text, sizeof text) <= 0)
        return false;
    bool has_cpu = find_group(root, text, "cpu", &g);
    if (has_cpu)
        read_v1_cpu(&g, out);
    bool has_memory = find_group(root, text, "memory", &g);
    if (has_memory)
        read_v1_memory(&g, out);
    if (has_cpu || has_memory)
        return true;
    if (!find_group(root, text, "", &g))
        return false;
    out->is_v2 = true;
    read_v2(&g, out);
    return true;
}

bool cgroup_read(struct cgroup_limits *out)
{
    return cgroup_read_in("", out);
}
