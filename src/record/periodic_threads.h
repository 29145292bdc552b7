/* periodic_threads.h — CPU time and allocations of each thread. Recorder thread only. */
#ifndef RECORD_PERIODIC_THREADS_H
#define RECORD_PERIODIC_THREADS_H

#include <stddef.h>
#include <stdint.h>

#include "jfr/writer.h"
#include "record/load.h"
#include "store/thread_table.h"

struct thread_load {
    thread_id id;
    struct load_thread last; /* what the last event was up to */
};

/* The threads as of the last event of each; zeroed = none. Memory: 48 bytes a thread. */
struct periodic_threads {
    struct thread_load *loads; /* owned, sorted by id */
    size_t n_loads;
    uint64_t last_ns; /* of the last pass; threads that began since have used no time at it */
};

void periodic_threads_fini(struct periodic_threads *t);
/* jdk.ThreadCPULoad of each thread that has used a millisecond since its last one. w NULL: only
 * take the readings. A thread's file in /proc is read only if its clock moved. */
void periodic_threads_load(struct periodic_threads *t, struct thread_table *threads, int n_cpus,
                           struct jfr_writer *w, uint64_t now_ns);
/* jdk.ThreadAllocationStatistics of each Java thread. offset: vm_allocated_bytes_offset(). */
void periodic_threads_allocated(struct thread_table *threads, uint32_t offset, struct jfr_writer *w,
                                uint64_t now_ns);

#endif
