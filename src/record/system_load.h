/* system_load.h — the periodic events: jdk.CPULoad and jdk.PhysicalMemory. Recorder thread only.
 * Sources: getrusage(2), /proc/stat, /proc/meminfo (proc(5)); shares are of the whole machine,
 * 0..1, as the JDK's are. */
#ifndef RECORD_SYSTEM_LOAD_H
#define RECORD_SYSTEM_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counters since boot or process start, to take differences of. */
struct load_sample {
    uint64_t now_ns;
    uint64_t process_user_ns, process_system_ns;
    uint64_t machine_busy, machine_all; /* in clock ticks, all CPUs */
};

struct load_shares {
    float jvm_user, jvm_system, machine_total;
};

struct memory_use {
    int64_t total_bytes, used_bytes;
};

/* False when /proc could not be read (the machine's part is 0 then). */
bool system_load_sample(struct load_sample *out);
/* Pure. n_cpus > 0; the result is clamped to 0..1, machine_total at least user + system. */
struct load_shares system_load_between(const struct load_sample *from, const struct load_sample *to,
                                       int n_cpus);
bool system_memory(struct memory_use *out);

/* The parsers, on the files' texts. False when a line is missing. */
bool system_parse_stat(const char *text, struct load_sample *out);
bool system_parse_meminfo(const char *text, struct memory_use *out);

/* Read a (small) file whole: at most cap - 1 bytes and a 0. Returns the length, 0 on any failure.
 */
size_t system_read_file(const char *path, char *buf, size_t cap);

#endif
