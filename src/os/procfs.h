/* procfs.h — what /proc and /sys say of process and machine. Normal side (recorder thread).
 *
 * Two halves: parsers of text buffers (procfs_parse.c: pure, no allocation, any input is safe) and
 * readers of the real files (procfs.c). A parser returns false and leaves *out zeroed when the text
 * lacks what it needs; unknown lines are passed over. Sources: proc(5), kernel
 * Documentation/filesystems/proc.rst. */
#ifndef OS_PROCFS_H
#define OS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* --- /proc/PID/stat --- */
struct procfs_process {
    uint64_t user_ticks, system_ticks; /* of sysconf(_SC_CLK_TCK) per second, all threads */
    uint64_t n_threads;
    uint64_t start_ticks; /* since boot */
    uint64_t rss_pages;
};
bool procfs_parse_process(const char *text, size_t n, struct procfs_process *out);

/* --- /proc/stat --- */
struct procfs_machine {
    uint64_t busy_ticks, all_ticks; /* all CPUs since boot; idle and iowait are not busy */
    uint64_t n_switches;            /* context switches since boot; 0 if not said */
};
bool procfs_parse_machine(const char *text, size_t n, struct procfs_machine *out);

/* --- /proc/meminfo --- */
struct procfs_memory {
    uint64_t total_bytes;
    uint64_t used_bytes; /* total - available; before Linux 3.14 - (free + buffers + cached) */
};
bool procfs_parse_memory(const char *text, size_t n, struct procfs_memory *out);

/* --- /proc/PID/status, /proc/PID/task/TID/status --- */
struct procfs_status {
    uint64_t rss_bytes, rss_peak_bytes;
    uint64_t n_voluntary, n_involuntary; /* context switches of that one thread */
};
bool procfs_parse_status(const char *text, size_t n, struct procfs_status *out);

/* --- /proc/cpuinfo, x86 and arm64 --- */
struct procfs_cpu {
    char model[128], vendor[64];            /* "" if not said */
    int64_t family, model_number, stepping; /* -1 if not said */
    uint32_t n_threads;                     /* logical processors */
    uint32_t n_cores, n_sockets;            /* 0 if the text does not say (arm64) */
};
bool procfs_parse_cpu(const char *text, size_t n, struct procfs_cpu *out);

/* --- /proc/PID/maps --- */
struct procfs_map {
    uintptr_t start, end;
    bool is_readable, is_writable, is_executable, is_shared;
    uint64_t offset, inode;
    uint32_t dev_major, dev_minor;
    const char *path; /* in the line, not terminated; "" for anonymous memory, "[stack]", ... */
    size_t n_path;
};
/* One line without its newline. */
bool procfs_parse_map(const char *line, size_t n, struct procfs_map *out);

/* --- readers --- */

/* The file's beginning, at most cap - 1 bytes and a 0. Returns the length, or -errno and buf is "".
 */
ssize_t procfs_read(const char *path, char *buf, size_t cap);

/* Of this process / the machine. 0, -errno, or -EBADMSG when the text made no sense. */
int procfs_process(struct procfs_process *out);
int procfs_machine(struct procfs_machine *out);
int procfs_memory(struct procfs_memory *out);
int procfs_status(struct procfs_status *out);
int procfs_thread_status(pid_t tid, struct procfs_status *out);
/* Cores and sockets from sysfs where cpuinfo does not say; both at least 1. */
int procfs_cpu(struct procfs_cpu *out);

/* When this process started, in milliseconds since 1970. 0 if unknown. Exact to a clock tick (10
 * ms). */
int64_t procfs_start_epoch_ms(void);

/* The text of jdk.OSInformation.osVersion as HotSpot makes it: /etc/os-release, "uname: ...",
 * "libc: ..." (os::print_os_info_brief). Always terminated; cut at cap. Returns its length. */
size_t procfs_os_description(char *buf, size_t cap);

/* Call fn for each mapping in a file like /proc/self/maps, whose text is never held whole. Lines
 * that are malformed or longer than a path may be are left out and counted in *n_bad (may be NULL).
 * map->path is valid during the call. Returns the number of mappings given, or -errno. */
int procfs_each_map(const char *path, void (*fn)(void *ctx, const struct procfs_map *map),
                    void *ctx, size_t *n_bad);

#endif
