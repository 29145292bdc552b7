/* gc_ring.c — pauses for garbage collection as they happen. VM thread at a safepoint (begins,
 * ends); recorder thread (the rest). Protocol: gc_ring.h. */
#include "record/gc_ring.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/atomics.h"
#include "os/clock.h"

struct counts {
    int64_t young, full, concurrent;
};

/* One per process, as the JVM is. A record costs memory when it is used for the first time. */
static struct {
    atomic_ptr sources; /* NULL: closed */
    atomic_u64 head, tail, lost;
    struct gc_pause records[GC_RING_RECORDS];
    /* the producer's, between begin and end */
    bool is_paused;
    struct gc_pause now;
    struct counts counts;
    struct rusage usage;
} g;

static struct counts read_counts(const struct perf_data *perf)
{
    struct counts c = {0};
    if (perf) {
        c.young = perf_data_get(perf, PERF_YOUNG_COUNT);
        c.full = perf_data_get(perf, PERF_FULL_COUNT);
        c.concurrent = perf_data_get(perf, PERF_CONCURRENT_COUNT);
    }
    return c;
}

void gc_ring_pause_begins(void)
{
    const struct gc_sources *s = load_acquire(&g.sources);
    g.is_paused = s != NULL;
    if (!s)
        return;
    g.now = (struct gc_pause){.start_ns = clock_ticks_ns(), .tid = gettid()};
    g.now.used_before = vm_heap_used(s->heap);
    g.now.committed_before = vm_heap_committed(s->heap);
    g.counts = read_counts(s->perf);
    getrusage(RUSAGE_SELF, &g.usage); /* as HotSpot does for the same event */
}

/* G1 is still in the collection when the callback comes and has its cause in `cause`; the others
 * have left it and have it in `lastCause`. */
static void read_cause(const struct perf_data *perf, char cause[GC_CAUSE_MAX])
{
    perf_data_text(perf, PERF_GC_CAUSE, cause, GC_CAUSE_MAX);
    if (strcmp(cause, "No GC") == 0)
        perf_data_text(perf, PERF_GC_LAST_CAUSE, cause, GC_CAUSE_MAX);
}

static void read_counters(struct gc_pause *p, const struct perf_data *perf)
{
    struct counts c = read_counts(perf);
    p->collectors = (uint8_t)((c.young != g.counts.young ? GC_RAN_YOUNG : 0) |
                              (c.full != g.counts.full ? GC_RAN_FULL : 0) |
                              (c.concurrent != g.counts.concurrent ? GC_RAN_CONCURRENT : 0));
    for (int i = 0; i < GC_COLLECTORS; i++) {
        p->collector[i].entry = perf_data_get(perf, (enum perf_counter)(PERF_YOUNG_ENTRY + i));
        p->collector[i].exit = perf_data_get(perf, (enum perf_counter)(PERF_YOUNG_EXIT + i));
    }
    p->tenuring_threshold = perf_data_get(perf, PERF_TENURING_THRESHOLD);
    p->metaspace.used = (uint64_t)perf_data_get(perf, PERF_METASPACE_USED);
    p->metaspace.committed = (uint64_t)perf_data_get(perf, PERF_METASPACE_COMMITTED);
    p->metaspace.reserved = (uint64_t)perf_data_get(perf, PERF_METASPACE_RESERVED);
    p->class_space.used = (uint64_t)perf_data_get(perf, PERF_CLASS_SPACE_USED);
    p->class_space.committed = (uint64_t)perf_data_get(perf, PERF_CLASS_SPACE_COMMITTED);
    p->class_space.reserved = (uint64_t)perf_data_get(perf, PERF_CLASS_SPACE_RESERVED);
    read_cause(perf, p->cause);
}

static uint64_t elapsed_ns(struct timeval from, struct timeval to)
{
    int64_t us = (to.tv_sec - from.tv_sec) * INT64_C(1000000) + (to.tv_usec - from.tv_usec);
    return us > 0 ? (uint64_t)us * 1000 : 0;
}

static void read_usage(struct gc_pause *p)
{
    struct rusage now;
    getrusage(RUSAGE_SELF, &now);
    p->user_ns = elapsed_ns(g.usage.ru_utime, now.ru_utime);
    p->system_ns = elapsed_ns(g.usage.ru_stime, now.ru_stime);
}

void gc_ring_pause_ends(void)
{
    const struct gc_sources *s = load_acquire(&g.sources);
    if (!s || !g.is_paused) /* opened in the middle of a pause */
        return;
    g.is_paused = false;
    g.now.end_ns = clock_ticks_ns();
    read_usage(&g.now);
    g.now.used_after = vm_heap_used(s->heap);
    g.now.committed_after = vm_heap_committed(s->heap);
    if (s->perf)
        read_counters(&g.now, s->perf);
    uint64_t head = load_relaxed(&g.head);
    if (head - load_acquire(&g.tail) == GC_RING_RECORDS) {
        add_relaxed(&g.lost, 1);
        return;
    }
    g.records[head % GC_RING_RECORDS] = g.now;
    store_release(&g.head, head + 1); /* PAIRS gc_ring_take: load_acquire */
}

/* --- the recorder ----------------------------------------------------------------------------- */

void gc_ring_open(const struct gc_sources *sources)
{
    store_release(&g.tail, load_acquire(&g.head));
    store_relaxed(&g.lost, 0);
    store_release(&g.sources, (void *)(uintptr_t)sources);
}

void gc_ring_close(void)
{
    store_release(&g.sources, NULL);
}

bool gc_ring_take(struct gc_pause *out)
{
    uint64_t tail = load_relaxed(&g.tail);
    if (tail == load_acquire(&g.head))
        return false;
    *out = g.records[tail % GC_RING_RECORDS];
    store_release(&g.tail, tail + 1);
    return true;
}

uint64_t gc_ring_lost(void)
{
    return load_relaxed(&g.lost);
}
