/* cgroup.h — the limits that a container puts on this process. Normal side (recorder thread).
 * Sources: kernel Documentation/admin-guide/cgroup-v1/, cgroup-v2.rst; meaning of the numbers as in
 * the JDK's jdk.internal.platform.cgroupv{1,2}. */
#ifndef OS_CGROUP_H
#define OS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -1: no limit, or not said. Times in microseconds, sizes in bytes. */
struct cgroup_limits {
    bool is_v2;
    int64_t cpu_period_us, cpu_quota_us, cpu_shares;
    int64_t memory_soft, memory_limit, memory_swap_limit;
};

/* False: no cgroups here. */
bool cgroup_read(struct cgroup_limits *out);
/* The same of a folder that holds proc/self/cgroup and sys/fs/cgroup ("" is the root), for tests.
 */
bool cgroup_read_in(const char *root, struct cgroup_limits *out);

/* The path of a controller ("memory", "cpu"; "" for version 2) in the text of /proc/self/cgroup.
 * False: it is not there, or longer than cap. */
bool cgroup_parse_path(const char *text, const char *controller, char *buf, size_t cap);
/* A number, "max" and HotSpot's "unlimited" sizes as -1. Anything else: -1. */
int64_t cgroup_parse_limit(const char *text);
/* cpu.weight (1..10000) as cpu.shares; the default of 100 is -1. */
int64_t cgroup_shares_of_weight(int64_t weight);

#endif
