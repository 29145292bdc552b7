/* perf_data.h — the JVM's own counters, the memory that jstat reads (hsperfdata).
 *
 * Every HotSpot from JDK 8 to 26 has it, unless started with -XX:-UsePerfData. It is untrusted
 * input all the same: other processes of the user may write to it. The index is made of a copy,
 * with all bounds checked; values are read in place, by fault-safe loads, since they change.
 * Format: HotSpot runtime/perfMemory.hpp, perfData.hpp; sun.jvmstat.perfdata.monitor.v2_0.
 * Making the index: normal side. Reading: any context. */
#ifndef VM_PERF_DATA_H
#define VM_PERF_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(NAME, counter): 64-bit numbers and, at the end, texts. */
#define PERF_COUNTERS(X)                                               \
    X(CLASSES_LOADED, "java.cls.loadedClasses")                        \
    X(CLASSES_UNLOADED, "java.cls.unloadedClasses")                    \
    X(SHARED_LOADED, "java.cls.sharedLoadedClasses")                   \
    X(SHARED_UNLOADED, "java.cls.sharedUnloadedClasses")               \
    X(THREADS_LIVE, "java.threads.live")                               \
    X(THREADS_DAEMON, "java.threads.daemon")                           \
    X(THREADS_STARTED, "java.threads.started")                         \
    X(THREADS_PEAK, "java.threads.livePeak")                           \
    X(YOUNG_COUNT, "sun.gc.collector.0.invocations")                   \
    X(FULL_COUNT, "sun.gc.collector.1.invocations")                    \
    X(CONCURRENT_COUNT, "sun.gc.collector.2.invocations")              \
    X(YOUNG_ENTRY, "sun.gc.collector.0.lastEntryTime")                 \
    X(FULL_ENTRY, "sun.gc.collector.1.lastEntryTime")                  \
    X(CONCURRENT_ENTRY, "sun.gc.collector.2.lastEntryTime")            \
    X(YOUNG_EXIT, "sun.gc.collector.0.lastExitTime")                   \
    X(FULL_EXIT, "sun.gc.collector.1.lastExitTime")                    \
    X(CONCURRENT_EXIT, "sun.gc.collector.2.lastExitTime")              \
    X(YOUNG_CAPACITY, "sun.gc.generation.0.capacity")                  \
    X(OLD_CAPACITY, "sun.gc.generation.1.capacity")                    \
    X(YOUNG_0_USED, "sun.gc.generation.0.space.0.used")                \
    X(YOUNG_1_USED, "sun.gc.generation.0.space.1.used")                \
    X(YOUNG_2_USED, "sun.gc.generation.0.space.2.used")                \
    X(OLD_USED, "sun.gc.generation.1.space.0.used")                    \
    X(TENURING_THRESHOLD, "sun.gc.policy.tenuringThreshold")           \
    X(METASPACE_COMMITTED, "sun.gc.metaspace.capacity")                \
    X(METASPACE_RESERVED, "sun.gc.metaspace.maxCapacity")              \
    X(METASPACE_USED, "sun.gc.metaspace.used")                         \
    X(CLASS_SPACE_COMMITTED, "sun.gc.compressedclassspace.capacity")   \
    X(CLASS_SPACE_RESERVED, "sun.gc.compressedclassspace.maxCapacity") \
    X(CLASS_SPACE_USED, "sun.gc.compressedclassspace.used")            \
    X(GC_CAUSE, "sun.gc.cause")                                        \
    X(GC_LAST_CAUSE, "sun.gc.lastCause")                               \
    X(YOUNG_NAME, "sun.gc.collector.0.name")                           \
    X(FULL_NAME, "sun.gc.collector.1.name")                            \
    X(CONCURRENT_NAME, "sun.gc.collector.2.name")

enum perf_counter {
#define PERF_ENUM(NAME, text) PERF_##NAME,
    PERF_COUNTERS(PERF_ENUM)
#undef PERF_ENUM
        PERF_N
};

struct perf_data {
    uintptr_t start;
    struct {
        uint32_t at; /* offset of the value; 0: there is no such counter */
        uint32_t n_bytes;
    } counters[PERF_N];
};

/* Index the n bytes of a copy. True if it is such memory; counters it lacks stay 0. out->start is
 * not touched. */
bool perf_data_index(const void *bytes, size_t n, struct perf_data *out);
/* Find the memory of this process's JVM and index it. False: there is none. */
bool perf_data_open(struct perf_data *out);

static inline bool perf_data_has(const struct perf_data *p, enum perf_counter c)
{
    return p->counters[c].at != 0;
}
/* The number; 0 if there is no such counter, or on a fault. */
int64_t perf_data_get(const struct perf_data *p, enum perf_counter c);
/* The text, cut at cap - 1 and terminated. Returns its length. */
size_t perf_data_text(const struct perf_data *p, enum perf_counter c, char *buf, size_t cap);

#endif
