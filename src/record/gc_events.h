/* gc_events.h — a pause for garbage collection as the JDK's events. Recorder thread. */
#ifndef RECORD_GC_EVENTS_H
#define RECORD_GC_EVENTS_H

#include "jfr/writer.h"
#include "record/gc_config.h"
#include "record/gc_ring.h"

enum { GC_NAME_MAX = 64, GC_RECENT = 64 };

struct gc_events {
    const struct gc_config *config;
    uint64_t reserved_start, reserved_bytes;          /* of the heap; 0 unknown */
    char collector_names[GC_COLLECTORS][GC_NAME_MAX]; /* the JVM's; "" unknown */
    int32_t next_id;                                  /* gcId: ours, one for each pause */
    /* between HotSpot's clock and ours, the smallest seen: that it runs late is only the way from
     * the collector's end to the callback. 0: none yet */
    int64_t clock_offset_ns;
    struct {
        uint64_t start_ns, end_ns;
    } recent[GC_RECENT]; /* pauses, for jdk.G1MMU; a ring */
};

/* GarbageCollection, Young- or OldGarbageCollection, GCPhasePause, GCPhasePauseLevel1 (the time in
 * each collector that ran, by HotSpot's own clock readings), GCHeapSummary before and after,
 * MetaspaceSummary after, ExecuteVMOperation, GCCPUTime, G1MMU. A concurrent collector's cycle is
 * as many collections as it has pauses: nothing tells us of the rest. thread: the VM thread's id in
 * the thread pool, 0 unknown. */
void gc_events_write(struct gc_events *g, struct jfr_writer *w, const struct gc_pause *p,
                     uint32_t thread);

/* How much of this time lies in the recent pauses. */
uint64_t gc_events_paused_ns(const struct gc_events *g, uint64_t from_ns, uint64_t to_ns);
/* Id in the pool GCCause of HotSpot's text; that of "unknown GCCause" for any other. */
uint32_t gc_events_cause(const char *text);

#endif
