/* gc_ring.h — the JVM's pauses for garbage collection, from its callbacks to the recorder.
 *
 * JVMTI's GarbageCollectionStart and Finish run on the VM thread at a safepoint, one pair at a
 * time; there only memory is read and one record written. The recorder makes the events of it
 * (gc_events.c). One producer, one consumer: head is the producer's, tail the consumer's, a record
 * belongs to the consumer while tail <= its number < head. A full ring loses the newest record. */
#ifndef RECORD_GC_RING_H
#define RECORD_GC_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vm/heap.h"
#include "vm/perf_data.h"

enum { GC_COLLECTORS = 3, GC_CAUSE_MAX = 48, GC_RING_RECORDS = 512 };

/* Bits of gc_pause.collectors: whose counters went up during the pause; bit i is collector[i]. */
enum { GC_RAN_YOUNG = 1, GC_RAN_FULL = 2, GC_RAN_CONCURRENT = 4 };

struct gc_pause {
    uint64_t start_ns, end_ns; /* clock_ticks_ns() */
    pid_t tid;                 /* of the VM thread */
    uint8_t collectors;
    struct {
        int64_t entry, exit; /* of its last run, on HotSpot's clock: ns since the JVM's start */
    } collector[GC_COLLECTORS];
    uint64_t user_ns, system_ns;      /* CPU time of the process during the pause */
    uint64_t used_before, used_after; /* of the heap, bytes; 0 unknown */
    uint64_t committed_before, committed_after;
    int64_t tenuring_threshold;
    struct {
        uint64_t used, committed, reserved;
    } metaspace, class_space; /* after; metaspace includes class_space */
    char cause[GC_CAUSE_MAX]; /* GCCause::to_string(); "" unknown */
};

/* Where the callbacks look. Both are static data of the caller, good for ever. perf may be NULL. */
struct gc_sources {
    const struct vm_heap *heap;
    const struct perf_data *perf;
};

/* Consumer: from here on pauses are noted; what was in the ring is forgotten. */
void gc_ring_open(const struct gc_sources *sources);
void gc_ring_close(void);
/* Consumer: the oldest record; false if there is none. */
bool gc_ring_take(struct gc_pause *out);
/* Pauses that found the ring full, since it was opened. */
uint64_t gc_ring_lost(void);

/* Producer: the callbacks. Nothing happens while the ring is closed. */
void gc_ring_pause_begins(void);
void gc_ring_pause_ends(void);

#endif
