/* load.h — CPU load as the JDK's events tell it: shares of the whole machine, 0..1, between two
 * readings of counters. Pure. */
#ifndef RECORD_LOAD_H
#define RECORD_LOAD_H

#include <stdint.h>

#include "os/procfs.h"

/* Counters since boot or process start, to take differences of. */
struct load_sample {
    uint64_t now_ns;
    uint64_t process_user_ns, process_system_ns;
    struct procfs_machine machine;
};

struct load_shares {
    float jvm_user, jvm_system, machine_total;
};

/* n_cpus > 0; the result is clamped to 0..1, machine_total at least user + system. */
struct load_shares load_between(const struct load_sample *from, const struct load_sample *to,
                                int n_cpus);
/* Context switches per second, of the whole machine. */
float load_switch_rate(const struct load_sample *from, const struct load_sample *to);

/* A thread's CPU time: how much of one reading's total went to user mode is known to a clock tick
 * only. */
struct load_thread {
    uint64_t now_ns, cpu_ns;
    uint64_t user_ticks, system_ticks;
};
/* Shares of the whole machine; machine_total is not used. */
struct load_shares load_of_thread(const struct load_thread *from, const struct load_thread *to,
                                  int n_cpus);

#endif
